//! Scripts that are written for other applications run: under stubs of those applications, and in Blender's Python module. Where an
//! interpreter is not installed, the test says so and passes.

mod common;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{distance, named, sample};
use interchange::space::{
    AFTER_EFFECTS, BLENDER, BLENDER_CLIP, FUSION, Map, NATRON, NUKE, SILHOUETTE, Space,
};
use interchange::{Settings, Shot};
use serde_json::{Value, json};
use shapes::{Document, Interp, Point};

fn map(space: Space) -> Map {
    space.of(&Shot::of(&sample(), &Settings::default()).unwrap())
}

/// What a stub prints after running the script of a format; `None` where the interpreter is missing.
fn run(interpreter: &str, check: &str, stub: &str, format: &str, arguments: &[&str]) -> Option<String> {
    let installed = Command::new(interpreter).args(["-c", check]).output();
    let installed = installed.is_ok_and(|o| check.is_empty() || o.status.success());
    if !installed {
        let lacks = if check.is_empty() { "is not installed".to_owned() } else { format!("cannot {check}") };
        let _ = writeln!(std::io::stderr(), "{format}: not run; {interpreter} {lacks}");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let (text, _) = named(format).write(&sample(), &Settings::default()).unwrap();
    std::fs::write(&script, text).unwrap();
    let stub: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stubs").join(stub);
    let output = Command::new(interpreter).arg(stub).arg(&script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Six numbers: a point, its incoming handle, its outgoing handle.
fn six(map: &Map, point: &Point) -> Vec<f64> {
    let placed = map.placed(point);
    [placed.at, placed.handle_in, placed.handle_out].into_iter().flatten().collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().unwrap()],
    }
}

fn assert_near(found: &[f64], expected: &[f64], within: f64) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() < within, "{found:?} {expected:?}");
    }
}

#[test]
fn nuke() {
    let Some(said) = run("python3", "", "nuke.py", "nuke-python", &[]) else { return };
    let made: Value = serde_json::from_str(&said).unwrap();
    let map = map(NUKE);
    let document = sample();
    // The table is the one of a Tracker4 node's text.
    let node = format!("Tracker4 {{\n tracks {{{}}}\n}}\n", made["tables"][0].as_str().unwrap());
    let settings = Settings { width: Some(320), height: Some(240), par: Some(2.0), ..Settings::default() };
    let (tracks, _) = named("nuke").read(node.as_bytes(), &settings).unwrap();
    assert_eq!(tracks.tracks, document.tracks);
    let made = &made["shapes"];
    // The shape on top first.
    assert_eq!((&made[0]["name"], &made[1]["name"]), (&json!("brow"), &json!(document.shapes[0].name)));
    assert_eq!((&made[0]["open"], &made[1]["open"]), (&json!(true), &json!(false)));
    assert_eq!(made[1]["attributes"], json!({ "bm": 12, "inv": 1, "opc": 0.5, "ro": 1, "go": 0.5, "bo": 0 }));
    same_fade(&made[0]["attributes"]["opc"], 1.0);
    for frame in ["1001", "1005", "1009", "1010"] {
        let points = document.shapes[0].points_at(frame.parse().unwrap());
        for (i, point) in points.iter().enumerate() {
            let at = |part: &str| numbers(&made[1]["points"][i][part][frame]);
            let found = [at("center"), at("leftTangent"), at("rightTangent")].concat();
            assert_near(&found, &six(&map, point), 1e-3);
        }
    }
    assert_eq!(numbers(&made[1]["points"][1]["featherCenter"]["1001"]), [2.0, 3.0]);
}

#[test]
fn silhouette() {
    let Some(said) = run("python3", "", "silhouette.py", "silhouette-python", &[]) else { return };
    let made: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(made[0]["name"], json!("nose tip"));
    let map = map(SILHOUETTE);
    let keys = &sample().tracks[0].keys;
    assert_eq!(made[0]["keys"].as_object().unwrap().len(), keys.len());
    for key in keys {
        let frame = (key.frame - 1001.0).to_string();
        let [x, y] = map.point([key.x, key.y]);
        assert_near(&numbers(&made[0]["keys"][frame]), &[x, y, 0.0], 1e-6);
    }
}

#[test]
fn natron() {
    let Some(said) = run("python3", "", "natron.py", "natron", &[]) else { return };
    let said: Value = serde_json::from_str(&said).unwrap();
    let made = &said["shapes"];
    let map = map(NATRON);
    let document = sample();
    let field = |key: &str| [made[0][key].clone(), made[1][key].clone()];
    assert_eq!(field("name"), [json!(document.shapes[0].name), json!("brow")]);
    assert_eq!(field("closed"), [json!(true), json!(false)]);
    assert_eq!((&made[0]["opacity"], &made[0]["color"]), (&json!(0.5), &json!([1, 0.5, 0])));
    same_fade(&made[1]["opacity"], 1.0);
    for key in &document.shapes[0].keys {
        for (i, point) in key.points.iter().enumerate() {
            let at = |part: &str| numbers(&at_frame(&made[0][part], key.frame)[i.to_string()]);
            assert_near(&at("points"), &six(&map, point), 1e-3);
            let placed = map.placed_feather(point);
            let feather = [placed.at, placed.handle_in, placed.handle_out].concat();
            assert_near(&at("feather"), &feather, 1e-3);
        }
    }
    let track = &document.tracks[0];
    assert_eq!(said["tracks"]["nose_tip"].as_object().unwrap().len(), track.keys.len());
    for key in &track.keys {
        let found = numbers(at_frame(&said["tracks"]["nose_tip"], key.frame));
        assert_near(&found, &map.point([key.x, key.y]), 1e-3);
    }
}

/// Whether a key on each frame, with values of `whole` times the opacity, is how the sample's second shape fades.
fn same_fade(told: &Value, whole: f64) {
    let brow = &sample().shapes[1];
    let keys = told.as_object().unwrap();
    assert_eq!(keys.len(), 8, "{told}");
    for (frame, value) in keys {
        let opacity = brow.opacity_at(frame.parse().unwrap()).unwrap_or(0.0);
        assert_near(&[value.as_f64().unwrap()], &[opacity * whole], 1e-3);
    }
}

/// What is told of a frame, which may be written as a whole number or not.
fn at_frame(told: &Value, frame: f64) -> &Value {
    let mut frames = told.as_object().unwrap().iter();
    frames.find(|(name, _)| name.parse() == Ok(frame)).unwrap().1
}

#[test]
fn after_effects() {
    if Command::new("node").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stderr(), "after-effects-masks: not run; node is not installed");
        return;
    }
    let Some(said) = run("node", "", "after_effects.js", "after-effects-masks", &[]) else { return };
    let made: Value = serde_json::from_str(&said).unwrap();
    let map = map(AFTER_EFFECTS);
    let shape = &sample().shapes[0];
    assert_eq!((&made[0]["name"], &made[0]["maskMode"]), (&json!(shape.name), &json!("subtract")));
    assert_eq!([&made[0]["inverted"], &made[1]["inverted"]], [true, false]);
    assert_eq!((&made[0]["ADBE Mask Opacity"], &made[0]["color"]), (&json!(50), &json!([1, 0.5, 0])));
    for (k, key) in shape.keys.iter().enumerate() {
        assert_near(
            &numbers(&made[0]["times"]["ADBE Mask Shape"][k]),
            &[2.0 + (key.frame - 1001.0) / 25.0],
            1e-9,
        );
        let kind = if key.interp == Interp::Hold { "hold" } else { "linear" };
        assert_eq!(made[0]["kinds"]["ADBE Mask Shape"][k], json!([kind, kind]));
        let path = &made[0]["ADBE Mask Shape"][k];
        for (i, point) in key.points.iter().enumerate() {
            let at = |part: &str| numbers(&path[part][i]);
            let found = [at("vertices"), at("inTangents"), at("outTangents")].concat();
            assert_near(&found, &six(&map, point), 1e-3);
        }
    }
    assert_eq!(made[1]["ADBE Mask Shape"]["closed"], json!(false));
    let opacity = "ADBE Mask Opacity";
    assert_eq!(made[1][opacity], json!([0, 100, 50]));
    let start = sample().shapes[0].keys[0].frame;
    for (k, key) in sample().shapes[1].opacity_keys.iter().enumerate() {
        let time = made[1]["times"][opacity][k].as_f64().unwrap();
        assert_near(&[time], &[2.0 + (key.frame - start) / 25.0], 1e-9);
    }
    let kinds = ["hold", "linear", "linear"].map(|kind| [kind; 2]);
    assert_eq!(made[1]["kinds"][opacity], json!(kinds));
}

#[test]
fn fusion() {
    let lua = ["lua5.4", "lua"].into_iter().find(|l| Command::new(l).arg("-v").output().is_ok());
    let Some(lua) = lua else {
        let _ = writeln!(std::io::stderr(), "fusion: not run; lua5.4 is not installed");
        return;
    };
    let Some(said) = run(lua, "", "fusion.lua", "fusion", &[]) else { return };
    let map = map(FUSION);
    let (mut rows, mut fades) = (0, 0);
    for row in said.lines() {
        let words: Vec<&str> = row.split('\t').collect();
        let number = |i: usize| words[i].parse::<f64>().unwrap();
        if words[2] == "opacity" {
            let opacity = sample().shapes[1].opacity_at(number(1)).unwrap_or(0.0);
            assert_near(&[number(3)], &[opacity], 1e-6);
            assert_eq!((words[0], words[4]), ("brow", "true"));
            fades += 1;
            continue;
        }
        let shape = &sample().shapes[usize::from(words[0] == "brow")];
        let point = &shape.points_at(number(1))[number(2) as usize - 1];
        assert_near(&(3..9).map(number).collect::<Vec<_>>(), &six(&map, point), 1e-6);
        assert_eq!(words[9] == "true", shape.closed);
        rows += 1;
    }
    // Three points on four keys, as the hold takes one more, and on one.
    assert_eq!(rows, 3 * (4 + 1));
    assert_eq!(fades, 4, "the hold ends with a key of its own");
}

/// In Blender itself: a Python with the package `bpy`, named by the variable BPY_PYTHON or on the path.
#[test]
fn blender() {
    let python = std::env::var("BPY_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let export = concat!(env!("CARGO_MANIFEST_DIR"), "/../resources/blender/export.py");
    let frames = ["1001", "1003", "1005", "1007", "1010"];
    let arguments = [&[export], &frames[..]].concat();
    let Some(said) = run(&python, "import bpy", "blender.py", "blender", &arguments) else { return };
    let made: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    let rows = made["masks"].as_array().unwrap();
    assert_eq!(rows.len(), frames.len() * 2);
    masks_of_blender(rows);

    // Markers count from the clip's first frame, 1001; a second one where a track ends is Blender's own.
    let map = map(BLENDER_CLIP);
    let markers = made["tracks"]["nose tip"].as_array().unwrap();
    for key in &sample().tracks[0].keys {
        let marker = markers.iter().find(|m| m[0].as_f64() == Some(key.frame - 1000.0)).unwrap();
        assert_near(&numbers(&json!([marker[1], marker[2]])), &map.point([key.x, key.y]), 1e-5);
        assert_eq!(marker[3], json!(false));
    }

    // And back, by the script that writes documents.
    let document = Document::from_json(&made["document"].to_string()).unwrap();
    assert_eq!(
        (document.width, document.height, document.fps, document.par),
        (320, 240, Some(24.0), Some(2.0))
    );
    for (a, b) in sample().shapes.iter().zip(&document.shapes) {
        assert_eq!((a.closed, a.blend, a.opacity, a.invert), (b.closed, b.blend, b.opacity, b.invert));
        assert!((1001..=1012).map(f64::from).all(|f| a.opacity_at(f) == b.opacity_at(f)));
        assert!(distance(a, b, (1001..=1012).map(f64::from), false) < 0.01);
    }
    // The hold took a key more, and the scene begins before the second shape's only key.
    let keys: Vec<_> =
        document.shapes.iter().map(|s| s.keys.iter().map(|k| k.frame).collect::<Vec<_>>()).collect();
    assert_eq!(keys, [vec![1001.0, 1005.0, 1009.0, 1010.0, 1012.0], vec![1001.0]]);
    let (a, b) = (&sample().tracks[0], &document.tracks[0]);
    for key in &a.keys {
        let back = b.key_at(key.frame).unwrap();
        assert!((back.x - key.x).abs() < 0.01 && (back.y - key.y).abs() < 0.01, "{back:?}");
    }
}

fn masks_of_blender(rows: &[Value]) {
    let map = map(BLENDER);
    for row in rows {
        let eye = row[1] != json!("brow");
        let shape = &sample().shapes[usize::from(!eye)];
        let expected = if eye {
            json!(["MERGE_SUBTRACT", 0.5, true, true])
        } else {
            let opacity = shape.opacity_at(row[0].as_f64().unwrap()).unwrap_or(0.0);
            json!(["MERGE_ADD", opacity, false, false])
        };
        assert_eq!(json!([row[2], row[3], row[4], row[5]]), expected);
        let points = shape.points_at(row[0].as_f64().unwrap());
        let expected: Vec<f64> = points.iter().flat_map(|p| six(&map, p)).collect();
        // A hundredth of a pixel of the longer side, 640.
        assert_near(&numbers(&row[6]), &expected, 0.01 / 640.0);
    }
}
