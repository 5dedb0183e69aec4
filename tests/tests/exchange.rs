//! Import and export in the effects: the document leaves for other applications and comes back, in every host.

use std::path::Path;

use host::{Context, Error, Node, Profile};
use shapes::{Document, Key, Shape, Track, TrackKey};
use tests::{FACE_ROTO, MOTION2ROTO, Shot, assert_clean, document, node};

/// Effects with a document.
const EFFECTS: [&str; 2] = [MOTION2ROTO, FACE_ROTO];

fn with_shapes(profile: &str, effect: &str, document: &Document) -> (host::Host, Node) {
    let (host, mut node) = node(profile, effect, Context::Filter);
    node.connect("Source", Shot::new(5).source()).unwrap();
    node.set("shapes", document.to_json().unwrap()).unwrap();
    (host, node)
}

fn shapes_of(node: &Node) -> Document {
    Document::from_json(&text(node, "shapes")).unwrap()
}

fn text(node: &Node, name: &str) -> String {
    node.get(name).unwrap().as_text().unwrap().to_owned()
}

/// What the artist reads after a button.
fn said(node: &mut Node, button: &str) -> String {
    let failed = node.press(button).err().map(|e| e.to_string()).unwrap_or_default();
    node.persistent_message().map_or(failed, |m| m.text)
}

fn names(document: &Document) -> Vec<&str> {
    document.shapes.iter().map(|s| s.name.as_str()).collect()
}

/// The card, and a track on its corner.
fn tracked() -> Document {
    let mut document = document(&[1, 3, 5]);
    let key = |f: i32| TrackKey::new(f64::from(f), 40.5 + f64::from(f), 36.25);
    document.tracks.push(Track::new("corner", [1, 3, 5].map(key).to_vec()));
    document
}

fn assert_same_outlines(a: &Shape, b: &Shape, what: &str) {
    for frame in 1..=5 {
        for (p, q) in a.points_at(f64::from(frame)).iter().zip(b.points_at(f64::from(frame))) {
            assert!((p.x - q.x).hypot(p.y - q.y) < 0.01, "{what}, frame {frame}: {p:?} {q:?}");
        }
    }
}

#[test]
fn what_leaves_comes_back_in_every_host() {
    for profile in Profile::NAMES {
        for effect in EFFECTS {
            let what = format!("{effect} in {profile}");
            let folder = tempfile::tempdir().unwrap();
            let (host, mut node) = with_shapes(profile, effect, &tracked());
            for (ending, shapes, tracks) in [("nk", 1, 1), ("fxs", 1, 0), ("json", 1, 1)] {
                let file = folder.path().join("roto").with_extension(ending);
                node.set("exportFile", file.to_str().unwrap()).unwrap();
                match node.press("exportShapes") {
                    Err(Error::Unsupported { .. }) if profile == "mlt" => break,
                    other => other.unwrap_or_else(|e| panic!("{what}: {e}")),
                }
                assert!(text(&node, "status").starts_with("Exported 1 shape and 1 track to "), "{what}");
                let (other, mut second) = with_shapes(profile, effect, &Document::new(160, 120));
                second.set("importFile", file.to_str().unwrap()).unwrap();
                second.press("importShapes").unwrap();
                let back = shapes_of(&second);
                assert_eq!((back.shapes.len(), back.tracks.len()), (shapes, tracks), "{what}: {ending}");
                assert_eq!(back.shapes[0].name, "card");
                assert!(back.shapes[0].keys.iter().all(Key::is_artists));
                assert_same_outlines(&back.shapes[0], &tracked().shapes[0], &format!("{what}: {ending}"));
                drop(second);
                assert_clean(&other);
            }
            drop(node);
            assert_clean(&host);
        }
    }
}

#[test]
fn a_file_that_is_there_stays_until_overwriting_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roto.nk");
    std::fs::write(&file, "mine").unwrap();
    let (host, mut node) = with_shapes("full", MOTION2ROTO, &tracked());
    assert!(said(&mut node, "exportShapes").contains("choose an export file first"));
    node.set("exportFile", file.to_str().unwrap()).unwrap();
    assert!(said(&mut node, "exportShapes").contains("is there already: switch Overwrite on"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    node.set("exportOverwrite", true).unwrap();
    node.press("exportShapes").unwrap();
    assert!(node.persistent_message().is_none(), "the error of the first try is past");
    assert!(std::fs::read_to_string(&file).unwrap().contains("Roto {"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    node.set("exportFile", folder.path().join("none/roto.nk").to_str().unwrap()).unwrap();
    assert!(said(&mut node, "exportShapes").contains("none"), "a folder that is missing");
    drop(node);
    assert_clean(&host);
}

#[test]
fn the_format_is_chosen_where_the_ending_leaves_it_open() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roto.py");
    let (_host, mut node) = with_shapes("natron", MOTION2ROTO, &tracked());
    node.set("exportFile", file.to_str().unwrap()).unwrap();
    assert!(said(&mut node, "exportShapes").contains("choose which of these formats: Nuke Python"));
    node.set_text("exportFormat", None, "Blender Python script that makes a mask and markers").unwrap();
    node.press("exportShapes").unwrap();
    assert!(std::fs::read_to_string(&file).unwrap().contains("import bpy"));
}

#[test]
fn formats_that_no_ending_stands_for_are_written_where_they_are_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let mut document = tracked();
    document.tracks.extend([2.0, 3.0, 4.0].map(|i| {
        let keys = vec![TrackKey::new(1.0, 10.0 * i, 5.0 * i), TrackKey::new(5.0, 10.0 * i, 6.0 * i)];
        Track::new(&format!("corner {i}"), keys)
    }));
    let (host, mut node) = with_shapes("full", MOTION2ROTO, &document);
    for (ending, format, holds) in [
        ("nk", "Nuke script with a CornerPin2D node on four tracks", "CornerPin2D {"),
        ("nk", "Nuke script with Tracker3 nodes, as Silhouette and Nuke 6 have them", "Tracker3 {"),
        ("txt", "After Effects keyframe data with a corner pin on four tracks", "Corner Pin"),
        ("py", "Silhouette Python script that makes trackers", "import fx"),
    ] {
        let file = folder.path().join(holds).with_extension(ending);
        node.set("exportFile", file.to_str().unwrap()).unwrap();
        node.set_text("exportFormat", None, format).unwrap();
        node.press("exportShapes").unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(holds) && !text.contains("Roto {"), "{format}: {text}");
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn the_folder_of_a_shot_comes_in_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let shape =
        r#"{"eye": [[[1, 0, 9, 0], [2, 1, 2, 1]], [[9, 0, 1, 0], [2, -1, 2, -1]]], "points": [[3, 4]]}"#;
    for frame in ["000", "001"] {
        let file = folder.path().join(format!("revec_shapes-shot9-frame{frame}.json"));
        std::fs::write(file, shape).unwrap();
    }
    let (host, mut node) = with_shapes("full", FACE_ROTO, &Document::new(160, 120));
    node.set("importFile", folder.path().to_str().unwrap()).unwrap();
    node.press("importShapes").unwrap();
    let found = shapes_of(&node);
    assert_eq!((names(&found), found.tracks.len()), (vec!["eye"], 1));
    let frames: Vec<f64> = found.shapes[0].keys.iter().map(|k| k.frame).collect();
    assert_eq!(frames, [1.0, 2.0], "the shot begins with the source");
    node.set_text("importFormat", None, "Silhouette shapes").unwrap();
    assert!(said(&mut node, "importShapes").contains("silhouette is the format of a file"));
    drop(node);
    assert_clean(&host);
}

#[test]
fn what_a_format_cannot_hold_is_one_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roto.fxs");
    let mut document = tracked();
    document.shapes[0].feather = Some(3.0);
    let (host, mut node) = with_shapes("full", MOTION2ROTO, &document);
    node.set("exportFile", file.to_str().unwrap()).unwrap();
    node.press("exportShapes").unwrap();
    let message = node.persistent_message().unwrap();
    assert_eq!(message.kind, host::MessageKind::Warning);
    assert!(message.text.contains("\"card\", shape feather"), "{}", message.text);
    assert!(message.text.contains("Not all could be carried"), "{}", message.text);
    drop(node);
    assert_clean(&host);
}

#[test]
fn text_to_copy_is_what_a_file_would_have() {
    for effect in EFFECTS {
        let folder = tempfile::tempdir().unwrap();
        let (host, mut node) = with_shapes("nuke", effect, &tracked());
        assert!(said(&mut node, "exportAsText").contains("choose an export format first"));
        node.set_text("exportFormat", None, "Fusion and Resolve tools").unwrap();
        node.press("exportAsText").unwrap();
        let shown = text(&node, "exportText");
        let file = folder.path().join("roto.setting");
        node.set("exportFile", file.to_str().unwrap()).unwrap();
        node.press("exportShapes").unwrap();
        assert_eq!(shown, std::fs::read_to_string(&file).unwrap());
        assert!(shown.contains("PolylineMask"), "{shown}");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn text_that_no_field_can_take_goes_to_a_file() {
    let mut long = document(&[]);
    let key = |f: i32| {
        let points = (0..100).map(|i| shapes::Point::corner(f64::from(i) + 0.123, f64::from(f) / 7.0));
        Key::new(f64::from(f), points.collect())
    };
    long.shapes[0].keys = (0..300).map(key).collect();
    let (_host, mut node) = with_shapes("full", MOTION2ROTO, &long);
    node.set_text("exportFormat", None, "Silhouette shapes").unwrap();
    assert!(said(&mut node, "exportAsText").contains("export it to a file"));
    assert_eq!(text(&node, "exportText"), "");
}

#[test]
fn nothing_of_the_artists_is_lost_by_importing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.json");
    let mut other = document(&[2, 4]);
    other.shapes.push(Shape::new("wall", false, other.shapes[0].keys.clone()));
    other.save(&file).unwrap();
    for effect in EFFECTS {
        let (host, mut node) = with_shapes("full", effect, &tracked());
        assert!(said(&mut node, "importShapes").contains("choose an import file first"));
        node.set("importFile", file.to_str().unwrap()).unwrap();
        node.press("importShapes").unwrap();
        let both = shapes_of(&node);
        assert_eq!(names(&both), ["card", "card 2", "wall"]);
        assert_eq!(both.shapes[0], tracked().shapes[0]);
        assert_eq!(both.tracks, tracked().tracks);
        let status = text(&node, "status");
        assert!(status.contains("Imported 2 shapes. Shape card is called card 2"), "{status}");
        node.set("shapes", tracked().to_json().unwrap()).unwrap();
        node.set_text("importNames", None, "Replace").unwrap();
        node.press("importShapes").unwrap();
        let replaced = shapes_of(&node);
        assert_eq!(names(&replaced), ["card", "wall"]);
        assert_eq!(replaced.shapes[0].keys.len(), 2);
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn imported_tracks_are_landmarks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("corner.txt");
    std::fs::write(&file, "1\ncorner\n0\n2\n1 10.5 20.5\n2 11.5 20.5\n").unwrap();
    let (host, mut node) = node("natron", FACE_ROTO, Context::Filter);
    node.connect("Source", Shot::new(5).source()).unwrap();
    node.set("importFile", file.to_str().unwrap()).unwrap();
    node.press("importShapes").unwrap();
    let found = shapes_of(&node);
    assert_eq!((found.width, found.height), (160, 120), "of the source");
    assert_eq!(found.tracks[0].at(2.0).map(|k| (k.x, k.y)), Some((11.5, 99.5)));
    let slot = node.params().into_iter().find(|p| p.label == "corner" && !p.secret).unwrap().name;
    assert_eq!(node.get_at(&slot, 2.0).unwrap().to_doubles(), [11.5, 20.5]);
    drop(node);
    assert_clean(&host);
}

#[test]
fn files_that_cannot_be_read_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (host, mut node) = with_shapes("full", MOTION2ROTO, &tracked());
    let before = text(&node, "shapes");
    let try_file = |node: &mut Node, name: &str, bytes: &[u8]| {
        let file = folder.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        node.set("importFile", file.to_str().unwrap()).unwrap();
        said(node, "importShapes")
    };
    assert!(try_file(&mut node, "a.fxs", b"<Silhouette").contains("a.fxs"));
    assert!(try_file(&mut node, "a.json", b"{\"format\":\"mesh\",\"version\":1}").contains("mesh"));
    assert!(try_file(&mut node, "a.png", b"x").contains("choose one"));
    node.set("importFile", Path::new("/no/such/file.nk").to_str().unwrap()).unwrap();
    assert!(said(&mut node, "importShapes").contains("/no/such/file.nk"));
    assert_eq!(text(&node, "shapes"), before);
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_solved_shape_leaves_with_few_keys_unless_all_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("roto.fxs");
    let mut solved = document(&[1, 5]);
    let key = |f: i32| Key { confidence: Some(0.9), ..Key::new(f64::from(f), tests::outline(f)) };
    solved.shapes[0].keys = (1..=200).map(key).collect();
    // The artist's.
    solved.shapes[0].keys[77].confidence = None;
    let (host, mut node) = with_shapes("full", MOTION2ROTO, &solved);
    node.set("exportFile", file.to_str().unwrap()).unwrap();
    node.set("exportOverwrite", true).unwrap();
    let keys = |node: &mut Node| {
        node.press("exportShapes").unwrap();
        std::fs::read_to_string(&file).unwrap().matches("<Key ").count()
    };
    assert_eq!(keys(&mut node), 3, "straight motion needs its ends, and the artist's key stays");
    node.set("exportTolerance", 0.0).unwrap();
    assert_eq!(keys(&mut node), 200);
    drop(node);
    assert_clean(&host);
}
