//! Face Roto with a landmark network: a head that what was keyed does not find, and networks that cannot be used.

use std::path::Path;

use host::{Context, Node, RenderJob};
use shapes::Document;
use tests::{FACE_ROTO, FaceShot, assert_clean, node, splitline};

#[path = "../../inference/tests/onnx/mod.rs"]
mod onnx;

const LAST: i32 = 3;
/// Landmarks of the shot's face, from the middle of the head, px, as the network knows them.
const KNOWN: [(&str, [f32; 2]); 7] = [
    ("brow_out_L", [42.0, -32.0]),
    ("brow_out_R", [-42.0, -32.0]),
    ("eye_in_L", [14.0, -16.0]),
    ("eye_in_R", [-14.0, -16.0]),
    ("nose_tip", [0.0, 14.0]),
    ("lip_up", [0.0, 36.0]),
    ("chin", [0.0, 80.0]),
];

/// A network for the drawn face: the middle of what is skin, the middle of what is mouth, which is at (0, 45) of the head, and
/// landmarks that turn and grow with the way from one to the other.
fn network(names: &[&str]) -> Vec<u8> {
    let n = onnx::SIZE as i64;
    let mut parts = onnx::colours();
    parts.set("character", "Drawn face");
    parts.set("landmarks", &names.join("\n"));
    let count = names.len() as i64;
    // Skin has more red than blue, and the mouth much more red than green.
    let filter = [4.0, 0.0, -4.0, 4.0, -4.0, 0.0];
    // Along the way down the face, and across it.
    let way = |along: usize| {
        KNOWN.iter().cycle().take(names.len()).flat_map(move |(_, [x, y])| {
            let (a, b) = (y / 45.0, x / 45.0);
            if along == 0 { [a, -b] } else { [b, a] }
        })
    };
    let ways: Vec<f32> = way(0).chain(way(1)).collect();
    let single = |name: &str, value: f32| onnx::floats(name, &[1], &[value]);
    let slice = |name: &str, row: usize| {
        let pick: [f32; 2] = std::array::from_fn(|k| if k == row { 1.0 } else { 0.0 });
        onnx::floats(name, &[1, 2], &pick)
    };
    parts.nodes = vec![
        onnx::node("Conv", &["picture", "filter", "thresholds"], "heat"),
        onnx::node("Relu", &["heat"], "mask"),
        onnx::node("Reshape", &["mask", "flat"], "rows"),
        onnx::node("ReduceMean", &["rows"], "mean")
            .bytes(5, onnx::attribute_list("axes", &[2]))
            .bytes(5, onnx::attribute("keepdims", 1)),
        onnx::node("Add", &["mean", "little"], "total"),
        onnx::node("Div", &["rows", "total"], "weights"),
        onnx::node("MatMul", &["weights", "places"], "middles"),
        onnx::node("MatMul", &["first", "middles"], "head"),
        onnx::node("MatMul", &["second", "middles"], "mouth"),
        onnx::node("Sub", &["mouth", "head"], "down"),
        onnx::node("MatMul", &["down", "ways"], "offsets"),
        onnx::node("Reshape", &["offsets", "pairs"], "around"),
        onnx::node("Add", &["around", "head"], "xy"),
        onnx::node("Concat", &["xy", "sure"], "landmarks").bytes(5, onnx::attribute("axis", 2)),
        onnx::node("ReduceMin", &["mean"], "least")
            .bytes(5, onnx::attribute_list("axes", &[1]))
            .bytes(5, onnx::attribute("keepdims", 0)),
        onnx::node("Mul", &["least", "steep"], "much"),
        onnx::node("Sigmoid", &["much"], "score"),
    ];
    let share = 1.0 / (n * n) as f32;
    let places: Vec<f32> =
        (0..n * n).flat_map(|i| [(i % n) as f32 + 0.5, (i / n) as f32 + 0.5].map(|v| v * share)).collect();
    parts.tensors = vec![
        onnx::floats("filter", &[2, 3, 1, 1], &filter),
        onnx::floats("thresholds", &[2], &[-0.2, -1.4]),
        onnx::integers("flat", &[1, 2, n * n]),
        single("little", 1e-6),
        onnx::floats("places", &[n * n, 2], &places),
        slice("first", 0),
        slice("second", 1),
        onnx::floats("ways", &[2, 2 * count], &ways),
        onnx::integers("pairs", &[1, count, 2]),
        onnx::floats("sure", &[1, count, 1], &vec![0.9; names.len()]),
        single("steep", 1e4),
    ];
    parts.outputs = vec![onnx::port("landmarks", &[1, count, 3]), onnx::port("score", &[1, 1])];
    parts.write()
}

fn names() -> Vec<&'static str> {
    KNOWN.iter().map(|(name, _)| *name).collect()
}

#[test]
fn a_network_finds_the_head_that_keys_do_not_find() {
    if onnx::runtime().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    FaceShot::new(LAST).write(folder, "keyed");
    FaceShot::new(LAST).document(&[1, LAST]).save(&folder.join("keys.json")).unwrap();
    splitline(folder, &["learn", "--shot", "keyed.####.png", "--doc", "keys.json", "--out", "puppet.face"]);
    let lying = FaceShot::lying(LAST);
    lying.write(folder, "lying");
    std::fs::write(folder.join("face.onnx"), network(&names())).unwrap();
    let roto =
        ["face-roto", "--plate", "lying.####.png", "--face", "puppet.face", "--out-shapes", "out.json"];
    let status = |answer: serde_json::Value| answer["status"].as_str().unwrap().to_owned();
    let without = status(splitline(folder, &roto));
    assert!(without.contains("No face on 1-3"), "the search by itself: {without}");
    let with = status(splitline(folder, &[&roto[..], &["--detector", "face.onnx"]].concat()));
    assert!(!with.contains("No face") && !with.contains("detector"), "{with}");
    let found = Document::load(&folder.join("out.json")).unwrap();
    for track in &found.tracks {
        for key in &track.keys {
            let [x, y] = lying.landmark(&track.name, key.frame as i32);
            let far = (key.x - x).hypot(key.y - y);
            assert!(far < 4.0, "{} is {far:.1} px off on frame {}", track.name, key.frame);
        }
        assert_eq!(track.keys.len(), LAST as usize, "{}", track.name);
    }

    let strangers: Vec<String> = (0..7).map(|k| format!("ear_{k}")).collect();
    let strangers: Vec<&str> = strangers.iter().map(String::as_str).collect();
    std::fs::write(folder.join("ears.onnx"), network(&strangers)).unwrap();
    let said = status(splitline(folder, &[&roto[..], &["--detector", "ears.onnx"]].concat()));
    assert!(said.contains("The detector was not used: it finds 0 of the face's landmarks"), "{said}");
    assert!(said.contains("ear_0, ear_1"), "{said}");
}

fn keyed(profile: &str, detector: &Path) -> (host::Host, Node) {
    let (host, mut node) = node(profile, FACE_ROTO, Context::Filter);
    node.set("shapes", FaceShot::new(LAST).document(&[1, LAST]).to_json().unwrap()).unwrap();
    node.set("detector", detector.to_str().unwrap()).unwrap();
    node.connect("Source", FaceShot::new(LAST).source()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.set_time(1.0);
    (host, node)
}

#[test]
fn a_network_that_cannot_be_used_is_told_and_the_analysis_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("junk.onnx"), "no network").unwrap();
    let whole = network(&names());
    std::fs::write(path("cut.onnx"), &whole[..whole.len() / 2]).unwrap();
    let mut other = onnx::colours();
    other.metadata.clear();
    std::fs::write(path("other.onnx"), other.write()).unwrap();
    std::fs::write(path("fine.onnx"), &whole).unwrap();
    for (name, says) in [
        ("none.onnx", "cannot read"),
        (".", "it is no file"),
        ("junk.onnx", "this model file is not taken"),
        ("cut.onnx", "this model file is not taken"),
        ("other.onnx", "no landmark model"),
        // A binary that is loaded from a place of its own has no library beside it.
        ("fine.onnx", "models need ONNX Runtime"),
    ] {
        let (host, mut node) = keyed("natron", &path(name));
        node.press("analyse").unwrap();
        let status = node.get("status").unwrap().as_text().unwrap().to_owned();
        let unset = name == "fine.onnx" && std::env::var_os(inference::runtime::VARIABLE).is_some();
        assert!(
            unset || status.contains("The detector was not used: ") && status.contains(says),
            "{name}: {status}"
        );
        let document = Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap();
        assert!(document.tracks.iter().all(|t| t.keys.len() == LAST as usize), "{name}");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn a_render_tells_it_too() {
    let folder = tempfile::tempdir().unwrap();
    let (host, mut node) = keyed("resolve", &folder.path().join("none.onnx"));
    node.set("analyseWhileRendering", true).unwrap();
    node.render(&RenderJob::at(1.0)).unwrap();
    let told = |m: &host::Message| m.text.contains("The detector was not used: cannot read");
    assert_eq!(host.messages().iter().filter(|m| told(m)).count(), 1, "{:?}", host.messages());
    node.render(&RenderJob::at(2.0)).unwrap();
    assert_eq!(host.messages().iter().filter(|m| told(m)).count(), 1, "once a shot");
    drop(node);
    assert_clean(&host);
}
