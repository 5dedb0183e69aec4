//! The routes to an analysed face give the same landmarks and shapes: the button, rendering with and without neighbouring frames,
//! and the command line, from keys, from a face file, and from both.

use std::path::Path;
use std::process::Command;

use host::{Context, Node, RangeJob};
use shapes::Document;
use tests::{FACE_ROTO, FaceShot, assert_clean, bundle_path, node, splitline};

const LAST: i32 = 6;

/// What an analysis goes by.
struct Given<'g> {
    keys: Option<Document>,
    face: Option<&'g Path>,
}

fn set_up(profile: &str, given: &Given<'_>) -> (host::Host, Node) {
    let (host, mut node) = node(profile, FACE_ROTO, Context::Filter);
    node.connect("Source", FaceShot::new(LAST).source()).unwrap();
    if let Some(keys) = &given.keys {
        node.set("shapes", keys.to_json().unwrap()).unwrap();
    }
    if let Some(face) = given.face {
        node.set("faceFile", face.to_str().unwrap()).unwrap();
    }
    node.set("useClipRange", false).unwrap();
    node.set("firstFrame", 1).unwrap();
    node.set("lastFrame", LAST).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    (host, node)
}

fn by_button(profile: &str, given: &Given<'_>) -> Document {
    let (host, mut node) = set_up(profile, given);
    node.set_time(3.0);
    node.press("analyse").unwrap();
    let text = node.get("shapes").unwrap();
    drop(node);
    assert_clean(&host);
    Document::from_json(text.as_text().unwrap()).unwrap()
}

fn while_rendering(profile: &str, given: &Given<'_>, folder: &Path) -> Document {
    let file = folder.join(format!("{profile}.json"));
    let (host, mut node) = set_up(profile, given);
    node.set("analyseWhileRendering", true).unwrap();
    node.set("resultFile", file.to_str().unwrap()).unwrap();
    let mut frames = 0;
    node.render_range(&RangeJob::new(1.0, f64::from(LAST)), &mut |_, _| {
        frames += 1;
        true
    })
    .unwrap();
    assert_eq!(frames, LAST);
    drop(node);
    assert_clean(&host);
    Document::load(&file).unwrap()
}

fn by_command(folder: &Path, given: &Given<'_>) -> Document {
    let mut arguments =
        vec!["face-roto", "--plate", "plate.####.png", "--frames", "1-6", "--out-shapes", "out.json"];
    if let Some(keys) = &given.keys {
        keys.save(&folder.join("given.json")).unwrap();
        arguments.extend(["--keys", "given.json"]);
    }
    if let Some(face) = given.face {
        arguments.extend(["--face", face.to_str().unwrap()]);
    }
    splitline(folder, &arguments);
    Document::load(&folder.join("out.json")).unwrap()
}

/// The largest distance between landmarks, and between points of shapes, px.
fn distance(a: &Document, b: &Document) -> f64 {
    let names = |d: &Document| {
        let tracks = d.tracks.iter().map(|t| (t.name.clone(), t.keys.len()));
        tracks.chain(d.shapes.iter().map(|s| (s.name.clone(), s.keys.len()))).collect::<Vec<_>>()
    };
    assert_eq!(names(a), names(b));
    assert!(names(a).iter().all(|(_, keys)| *keys == LAST as usize), "a key on every frame");
    let tracks = a.tracks.iter().zip(&b.tracks).flat_map(|(t, u)| t.keys.iter().zip(&u.keys));
    let landmarks = tracks.map(|(k, l)| (k.x - l.x).hypot(k.y - l.y));
    let shapes = a.shapes.iter().zip(&b.shapes).flat_map(|(s, t)| s.keys.iter().zip(&t.keys));
    let points = shapes.flat_map(|(k, l)| k.points.iter().zip(&l.points));
    landmarks.chain(points.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y))).fold(0.0, f64::max)
}

#[test]
fn all_routes_give_the_same_face() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    FaceShot::new(LAST).write(folder, "plate");
    let keys = FaceShot::new(LAST).document(&[1, LAST]);
    keys.save(&folder.join("keys.json")).unwrap();
    splitline(folder, &["learn", "--shot", "plate.####.png", "--doc", "keys.json", "--out", "puppet.face"]);
    let face = folder.join("puppet.face");
    for given in [
        Given { keys: Some(keys.clone()), face: None },
        Given { keys: None, face: Some(&face) },
        Given { keys: Some(FaceShot::new(LAST).document(&[3])), face: Some(&face) },
    ] {
        let button = by_button("natron", &given);
        let routes = [
            ("button in nuke", by_button("nuke", &given)),
            ("while rendering in resolve", while_rendering("resolve", &given, folder)),
            ("while rendering in mlt", while_rendering("mlt", &given, folder)),
            ("command line", by_command(folder, &given)),
        ];
        let far = routes.map(|(name, other)| (name, distance(&button, &other)));
        assert!(far.iter().all(|(_, px)| *px < 1e-3), "px off: {far:?}");
    }
}

#[test]
fn the_button_and_the_command_learn_the_same_face() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    FaceShot::new(LAST).write(folder, "plate");
    let keys = FaceShot::new(LAST).document(&[1, LAST]);
    keys.save(&folder.join("keys.json")).unwrap();
    splitline(
        folder,
        &["learn", "--shot", "plate.####.png", "--doc", "keys.json", "--out", "command/puppet.face"],
    );
    let file = folder.join("puppet.face");
    let given = Given { keys: Some(keys), face: None };
    let (host, mut node) = set_up("nuke", &given);
    node.set("shapesFile", folder.join("keys.json").to_str().unwrap()).unwrap();
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    node.press("learn").unwrap();
    drop(node);
    assert_clean(&host);
    let command = std::fs::read(folder.join("command/puppet.face")).unwrap();
    assert!(std::fs::read(&file).unwrap() == command, "two ways to learn differ");
}

#[test]
fn the_command_tells_scripts_what_it_did_and_people_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    FaceShot::new(LAST).write(folder, "plate");
    FaceShot::new(LAST).document(&[1, LAST]).save(&folder.join("keys.json")).unwrap();
    FaceShot::new(99).document(&[50]).save(&folder.join("far.json")).unwrap();
    std::fs::write(folder.join("junk.face"), "no face").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(tests::command());
        command.args(["--json", "--bundle"]).arg(bundle_path()).args(arguments).current_dir(folder);
        command.output().unwrap()
    };
    let learn = ["learn", "--shot", "plate.####.png", "--out", "a.face"];
    let roto = ["face-roto", "--plate", "plate.####.png", "--out-shapes", "out.json"];

    let learned = run(&[&learn[..], &["--doc", "keys.json"]].concat());
    let answer: serde_json::Value = serde_json::from_slice(&learned.stdout).unwrap();
    assert!(answer["learned"].as_str().unwrap().starts_with("a: 14 landmarks, 4 shapes"), "{answer}");
    let options = ["--face", "a.face", "--smoothing", "0.3", "--tolerance", "20"];
    let moving = ["--region", "60,20,220,210@1", "--region", "70,25,230,215@6"];
    let found = run(&[&roto[..], &options, &moving].concat());
    let answer: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(answer["landmarks"].as_array().unwrap().len(), 14, "{answer}");
    assert_eq!(answer["frames"].as_array().unwrap().len(), LAST as usize);
    let keys = |shape: &serde_json::Value| shape["keys"].as_u64().unwrap();
    assert!(answer["shapes"].as_array().unwrap().iter().any(|s| keys(s) < LAST as u64), "{answer}");
    assert!(answer["to_do"].is_array() && answer["timing"].is_string(), "{answer}");

    let before = std::fs::read(folder.join("a.face")).unwrap();
    for (arguments, code, says) in [
        (
            &[&learn[..], &["--doc", "keys.json", "--doc", "far.json"]].concat()[..],
            2,
            "each --shot its own --doc",
        ),
        (&[&learn[..], &["--doc", "none.json"]].concat(), 2, "none.json"),
        (&[&learn[..], &["--doc", "far.json"]].concat(), 1, "far.json: "),
        (
            &[&learn[..], &["--doc", "keys.json", "--face", "junk.face"]].concat(),
            2,
            "cannot be used as a face",
        ),
        (&roto, 2, "--face"),
        (&[&roto[..], &["--face", "none.face"]].concat(), 2, "none.face: there is no such face file"),
        (&[&roto[..], &["--face", "junk.face"]].concat(), 2, "junk.face cannot be used as a face"),
        (&[&roto[..], &["--keys", "junk.face"]].concat(), 2, "junk.face"),
        (&[&roto[..], &["--face", "a.face", "--region", "9,9,1,1"]].concat(), 2, "LEFT,TOP,RIGHT,BOTTOM"),
        (&[&roto[..], &["--face", "a.face", "--frames", "1-60"]].concat(), 2, "there is no frame 7"),
        (
            &[&roto[..], &["--face", "a.face", "--detector", "none.onnx"]].concat(),
            2,
            "there is no such network",
        ),
    ] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    assert_eq!(std::fs::read(folder.join("a.face")).unwrap(), before, "a failure leaves the face as it was");
    assert!(
        std::fs::read_dir(folder).unwrap().all(|e| !e
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with('.'))
    );
}
