//! Folders with the layout of the data set, made here.

mod common;

use std::path::Path;

use common::{distance, named};
use interchange::{ReadError, Settings};
use proptest::prelude::*;
use serde_json::{Value, json};
use shapes::{Document, Key, Point, Shape};

fn put(folder: &Path, name: &str, value: &Value) {
    std::fs::write(folder.join(name), value.to_string()).unwrap();
}

/// The pieces of a shape's key.
fn pieces(closed: bool, points: &[Point]) -> Value {
    let count = points.len();
    let last = if closed { count } else { count - 1 };
    let piece = |i: usize| {
        let (a, b) = (&points[i], &points[(i + 1) % count]);
        json!([[a.x, a.tangent_out[0], b.x, b.tangent_in[0]], [a.y, a.tangent_out[1], b.y, b.tangent_in[1]]])
    };
    (0..last).map(piece).collect()
}

fn read(folder: &Path) -> (Document, Vec<String>) {
    let (document, warnings) = named("sir-lionel").read_folder(folder, &Settings::default()).unwrap();
    (document, warnings.iter().map(ToString::to_string).collect())
}

fn refused(folder: &Path, words: &str) {
    let error = named("sir-lionel").read_folder(folder, &Settings::default()).unwrap_err().to_string();
    assert!(error.contains(words) && error.len() < 500 && !error.contains('\n'), "{error}");
}

fn square(at: f64, size: f64) -> Vec<Point> {
    let t = size / 3.0;
    vec![
        Point::new(at, at, [0.0, t], [t, 0.0]),
        Point::new(at + size, at, [-t, 0.0], [0.0, t]),
        Point::new(at + size, at + size, [0.0, -t], [-t, 0.0]),
    ]
}

#[test]
fn a_shot() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for frame in 0..3u32 {
        let at = f64::from(frame) * 10.0;
        let mut seam = square(at, 30.0);
        // On the last frame the artist needed more points.
        if frame == 2 {
            let more = [(0.0, 200.0), (80.0, 210.0), (10.0, 260.0), (90.0, 280.0)];
            seam.extend(more.map(|(x, y)| Point::corner(at + x, y)));
        }
        let raw =
            json!({ "left_eye": pieces(true, &square(at + 500.0, 50.0)), "nose_seam": pieces(false, &seam) });
        put(folder, &format!("raw_shapes-shot9-frame{frame:03}.json"), &raw);
        let hidden = if frame == 1 { json!([0.0, 0.0]) } else { json!([at + 1.0, at + 2.0]) };
        let points = json!([[at, at], hidden, [0, 0]]);
        let revec = json!({ "left_eye": pieces(true, &square(at, 40.0)), "points": points });
        put(folder, &format!("revec_shapes-shot9-frame{frame:03}.json"), &revec);
    }
    std::fs::write(folder.join("image-shot9-frame000.png"), b"no picture").unwrap();
    let (document, warnings) = read(folder);
    assert_eq!((document.width, document.height), (800, 800));
    let told: Vec<_> = document.shapes.iter().map(|s| (s.name.as_str(), s.closed, s.keys.len())).collect();
    assert_eq!(told, [("left_eye", true, 3), ("nose_seam", false, 3)]);
    // Three points cannot follow what the artist drew with seven, but seven all of it.
    assert!(document.shapes[1].keys.iter().all(|k| k.points.len() == 7), "{warnings:?}");
    assert_eq!(document.shapes[1].keys[2].points[3].y, 200.0);
    // The points that correspond between frames go before the artist's own.
    let expected = Shape::new(
        "left_eye",
        true,
        (0..3).map(|i| Key::new(f64::from(i), square(f64::from(i) * 10.0, 40.0))).collect(),
    );
    assert!(distance(&document.shapes[0], &expected, [0.0, 1.0, 2.0].into_iter(), false) < 1e-9);
    let told: Vec<_> = document.tracks[1].keys.iter().map(|k| (k.frame, k.x, k.visible)).collect();
    assert_eq!(told, [(0.0, 1.0, true), (1.0, 1.0, false), (2.0, 21.0, true)]);
    assert_eq!(document.tracks.len(), 2);
    let told: Vec<_> = warnings.iter().map(|w| w.split(':').next().unwrap()).collect();
    assert_eq!(told, ["\"nose_seam\", points", "\"point 02\", visible"]);

    let settings = Settings { start_frame: Some(1001.0), ..Settings::default() };
    let (later, _) = named("sir-lionel").read_folder(folder, &settings).unwrap();
    assert_eq!(later.shapes[0].keys[2].frame, 1003.0);
    // JSON may round the last bit of what was drawn anew.
    let again = Document::from_json(&later.to_json().unwrap()).unwrap();
    assert_eq!((&again.shapes[0], &again.tracks), (&later.shapes[0], &later.tracks));
    assert!(distance(&again.shapes[1], &later.shapes[1], [1001.0, 1003.0].into_iter(), false) < 1e-9);
}

#[test]
fn hostile_folders() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    refused(&folder.join("missing"), "the folder cannot be read");
    refused(folder, "no files of a shot");
    let name = "shapes-test-frame000.json";
    let bad = [
        ("{", "frame000.json: EOF"),
        ("[]", "frame000.json: invalid"),
        ("{\"left_eye\": [[[1, 2, 3], [1, 2, 3]]]}", "frame000.json: invalid length 3"),
        ("{\"left_eye\": [[[1, 2, 3, 1e999], [1, 2, 3, 4]]]}", "frame000.json: number out of range"),
        ("{\"left_eye\": []}", "left_eye: a shape without pieces"),
        (
            "{\"left_eye\": [[[1, 2, 3, 4], [1, 2, 3, 4]], [[9, 2, 3, 4], [1, 2, 3, 4]]]}",
            "piece 1 does not begin",
        ),
        ("{\"points\": [[1]]}", "frame000.json: invalid length 1"),
    ];
    for (text, words) in bad {
        std::fs::write(folder.join(name), text).unwrap();
        refused(folder, words);
    }
    std::fs::write(folder.join(name), "[".repeat(1 << 20)).unwrap();
    refused(folder, "frame000.json: ");
    std::fs::write(folder.join(name), " ".repeat(5 << 20)).unwrap();
    refused(folder, "more than 4 MiB are not read");
    put(folder, name, &json!({}));
    put(folder, "shapes-other-frame000.json", &json!({}));
    refused(folder, "files of two shots");
    let error = named("sir-lionel").read(b"{}", &Settings::default()).unwrap_err();
    assert!(matches!(error, ReadError::Nothing(_)), "{error}");
    assert!(named("nuke").read_folder(folder, &Settings::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn shapes_come_in_as_they_are(
        numbers in prop::collection::vec(prop::collection::vec([0.0..800.0f64, 0.0..800.0, -60.0..60.0, -60.0..60.0], 3..6), 1..4),
        closed in any::<bool>(),
    ) {
        let count = numbers.iter().map(Vec::len).min().unwrap();
        let keys = numbers.iter().enumerate().map(|(frame, rows)| {
            let mut points: Vec<_> = rows[..count].iter().map(|n| Point::new(n[0], n[1], [n[2], n[3]], [n[3], -n[2]])).collect();
            if !closed {
                // The data set has no tangents beyond the ends of an open shape.
                points[0].tangent_in = [0.0; 2];
                points[count - 1].tangent_out = [0.0; 2];
            }
            Key::new(frame as f64, points)
        });
        let shape = Shape::new("s", closed, keys.collect());
        let folder = tempfile::tempdir().unwrap();
        for key in &shape.keys {
            let value = json!({ "s": pieces(closed, &key.points) });
            put(folder.path(), &format!("shapes-test-frame{:03}.json", key.frame), &value);
        }
        let (document, _) = read(folder.path());
        prop_assert_eq!(document.shapes[0].closed, closed);
        prop_assert!(distance(&shape, &document.shapes[0], shape.keys.iter().map(|k| k.frame), false) < 0.01);
    }
}
