//! Face Roto with the artist: learning, analysing, moving landmarks by hand, shapes with settings of their own.

use std::path::Path;

use host::{Components, Context, Depth, Node, Picture, PointD, Profile, RectI, RenderJob};
use shapes::{Document, Point, TrackKey};
use tests::{FACE_ROTO, FaceShot, assert_clean, node};

const LAST: i32 = 6;

fn with_keys(profile: &str, shot: FaceShot, keys: &[i32]) -> (host::Host, Node) {
    let (host, mut node) = node(profile, FACE_ROTO, Context::Filter);
    if !keys.is_empty() {
        node.set("shapes", shot.document(keys).to_json().unwrap()).unwrap();
    }
    node.connect("Source", shot.source()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.set_time(1.0);
    (host, node)
}

fn analysed(profile: &str) -> (host::Host, Node) {
    let (host, mut node) = with_keys(profile, FaceShot::new(LAST), &[1, LAST]);
    node.press("analyse").unwrap();
    (host, node)
}

fn document(node: &Node) -> Document {
    Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap()
}

fn text(node: &Node, name: &str) -> String {
    node.get(name).unwrap().as_text().unwrap().to_owned()
}

fn key(document: &Document, landmark: &str, frame: i32) -> TrackKey {
    let track = document.tracks.iter().find(|t| t.name == landmark).unwrap();
    track.key_at(f64::from(frame)).unwrap().clone()
}

/// The param that shows a landmark.
fn slot(node: &Node, landmark: &str) -> String {
    node.params().into_iter().find(|p| p.label == landmark && !p.secret).unwrap().name
}

/// Presses a button that has to fail, and gives what the artist reads.
fn complaint(node: &mut Node, button: &str) -> String {
    let said = node.press(button).map_or_else(|e| e.to_string(), |()| String::new());
    node.persistent_message().map_or(said, |m| m.text)
}

/// Learns the face from two keyed frames into a file.
fn learned(file: &Path) {
    let (host, mut node) = with_keys("full", FaceShot::new(LAST), &[1, LAST]);
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    node.press("learn").unwrap();
    assert!(text(&node, "learned").contains("puppet: 14 landmarks, 4 shapes"), "{}", text(&node, "learned"));
    drop(node);
    assert_clean(&host);
}

#[test]
fn every_landmark_and_shape_is_on_every_frame() {
    let (host, node) = analysed("natron");
    let found = document(&node);
    let shot = FaceShot::new(LAST);
    assert_eq!((found.tracks.len(), found.shapes.len()), (14, 4));
    for frame in 1..=LAST {
        assert!(found.shapes.iter().all(|s| s.key_at(f64::from(frame)).is_some()), "frame {frame}");
        for track in &found.tracks {
            let (is, truth) = (key(&found, &track.name, frame), shot.landmark(&track.name, frame));
            let far = (is.x - truth[0]).hypot(is.y - truth[1]);
            assert!(far < 4.0, "{} is {far:.1} px off on frame {frame}", track.name);
        }
    }
    assert!(text(&node, "status").starts_with("Analysed frames 1 to 6: 14 landmarks, 4 shapes."));
    drop(node);
    assert_clean(&host);
}

#[test]
fn what_was_keyed_is_exact_and_locked() {
    let (_host, node) = analysed("full");
    // As it is in the project: JSON may round the last bit.
    let text = FaceShot::new(LAST).document(&[1, LAST]).to_json().unwrap();
    let (found, keyed) = (document(&node), Document::from_json(&text).unwrap());
    for (after, before) in found.shapes.iter().zip(&keyed.shapes) {
        for k in &before.keys {
            let same = after.key_at(k.frame).unwrap();
            assert!(same.points == k.points && same.locked && same.is_artists(), "{}", before.name);
        }
    }
    for track in &keyed.tracks {
        for frame in [1, LAST] {
            let (after, before) = (key(&found, &track.name, frame), key(&keyed, &track.name, frame));
            assert!([after.x, after.y] == [before.x, before.y] && after.locked, "{}", track.name);
        }
        assert!(!key(&found, &track.name, 3).is_artists());
    }
}

#[test]
fn a_learned_face_is_found_in_a_shot_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("puppet.face");
    learned(&file);
    let (host, mut node) = with_keys("nuke", FaceShot::another(LAST), &[]);
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    assert!(text(&node, "learned").contains("14 landmarks"));
    node.press("analyse").unwrap();
    let found = document(&node);
    assert_eq!((found.tracks.len(), found.shapes.len()), (14, 4));
    assert!(found.tracks.iter().all(|t| t.keys.len() == LAST as usize && t.artists_keys().count() == 0));
    assert!(found.shapes.iter().all(|s| s.keys.len() == LAST as usize));
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_face_grows_by_learning_shot_after_shot() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("puppet.face");
    learned(&file);
    let before = std::fs::read(&file).unwrap();
    let (host, mut node) = with_keys("full", FaceShot::another(LAST), &[2]);
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    node.press("learn").unwrap();
    assert!(text(&node, "status").starts_with("Learned 1 keyed frame into "), "{}", text(&node, "status"));
    assert_ne!(std::fs::read(&file).unwrap(), before);
    drop(node);
    assert_clean(&host);
}

/// The same curves with twice as many points, from another first one and the other way round.
fn drawn_otherwise(mut document: Document) -> Document {
    for key in document.shapes.iter_mut().flat_map(|s| &mut s.keys) {
        let n = key.points.len();
        let half = |v: [f64; 2]| v.map(|v| v / 2.0);
        let pairs = (0..n).map(|i| (&key.points[i], &key.points[(i + 1) % n]));
        let mut points: Vec<Point> = pairs
            .flat_map(|(p, q)| {
                // De Casteljau's construction at a half.
                let axis = |p: f64, out: f64, into: f64, q: f64| {
                    let (a, b, c) = (p + out / 2.0, (p + out + q + into) / 2.0, q + into / 2.0);
                    let (l, r) = ((a + b) / 2.0, (b + c) / 2.0);
                    [(l + r) / 2.0, (l - r) / 2.0, (r - l) / 2.0]
                };
                let [x, into_x, out_x] = axis(p.x, p.tangent_out[0], q.tangent_in[0], q.x);
                let [y, into_y, out_y] = axis(p.y, p.tangent_out[1], q.tangent_in[1], q.y);
                let own = Point::new(p.x, p.y, half(p.tangent_in), half(p.tangent_out));
                [own, Point::new(x, y, [into_x, into_y], [out_x, out_y])]
            })
            .map(|p| Point { tangent_in: p.tangent_out, tangent_out: p.tangent_in, ..p })
            .collect();
        points.reverse();
        points.rotate_left(3);
        key.points = points;
    }
    document
}

#[test]
fn shots_may_draw_a_shape_with_other_points() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("puppet.face");
    learned(&file);
    let shot = FaceShot::another(LAST);
    let (host, mut node) = with_keys("full", shot.clone(), &[]);
    let keyed = drawn_otherwise(shot.document(&[2])).to_json().unwrap();
    node.set("shapes", keyed.clone()).unwrap();
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    node.press("learn").unwrap();
    let learned = text(&node, "learned");
    assert!(learned.contains("mouth has 4 points (8 in frame 2)"), "{learned}");
    assert!(!learned.contains("cannot follow"), "{learned}");
    // On the shot itself its own points count.
    node.press("analyse").unwrap();
    let (found, keyed) = (document(&node), Document::from_json(&keyed).unwrap());
    let truth = drawn_otherwise(shot.document(&(1..=LAST).collect::<Vec<_>>()));
    for shape in &found.shapes {
        assert_eq!(shape.keys.len(), LAST as usize, "{}", shape.name);
        assert_eq!(shape.key_at(2.0).unwrap().points, keyed.shape(&shape.name).unwrap().keys[0].points);
        for key in &shape.keys {
            let truth = truth.shape(&shape.name).unwrap().key_at(key.frame).unwrap();
            assert_eq!(key.points.len(), 8);
            for (p, q) in key.points.iter().zip(&truth.points) {
                let far = (p.x - q.x).hypot(p.y - q.y);
                assert!(far < 4.0, "{} is {far:.1} px off on frame {}", shape.name, key.frame);
            }
        }
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn landmarks_are_params_with_their_names() {
    let (host, mut node) = with_keys("nuke", FaceShot::new(LAST), &[1, LAST]);
    let shown =
        |node: &Node| node.params().into_iter().filter(|p| p.name.starts_with("landmark") && !p.secret);
    let slots = |node: &Node| shown(node).filter(|p| p.kind == host::ParamKind::Double2D).count();
    node.press("analyse").unwrap();
    assert_eq!(slots(&node), 14);
    let nose = slot(&node, "nose_tip");
    assert!(node.param(&nose).unwrap().enabled);
    assert_eq!(node.keys(&nose).unwrap(), (1..=LAST).map(f64::from).collect::<Vec<_>>());
    let [x, y] = FaceShot::new(LAST).landmark("nose_tip", 1);
    let at = node.get_at(&nose, 1.0).unwrap().to_doubles();
    assert!((at[0] - x).abs() < 1e-6 && (at[1] - (240.0 - y)).abs() < 1e-6, "{at:?}");
    // A saved project shows them again.
    let state = node.save_state().unwrap();
    let again = node.effect().restore(Context::Filter, &state).unwrap();
    assert_eq!((slots(&again), slot(&again, "nose_tip")), (14, nose.clone()));
    node.set("keyLandmarks", false).unwrap();
    node.set("landmarkName", "nose_tip").unwrap();
    node.press("removeLandmark").unwrap();
    assert_eq!(slots(&node), 13);
    assert!(node.param(&nose).unwrap().secret);
    drop((node, again));
    assert_clean(&host);
}

#[test]
fn a_landmark_moved_in_its_param_is_kept_by_the_next_analysis() {
    for profile in ["natron", "nuke", "resolve"] {
        let (host, mut node) = analysed(profile);
        let nose = slot(&node, "nose_tip");
        // On another frame than the viewer's, as a curve editor may.
        node.set_at(&nose, 3.0, [150.0, 100.0]).unwrap();
        let moved = document(&node);
        let placed = key(&moved, "nose_tip", 3);
        assert!(placed.locked && placed.is_artists(), "{profile}");
        assert_eq!([placed.x, placed.y], [150.0, 140.0], "{profile}");
        assert!(!key(&moved, "nose_tip", 2).is_artists() && !key(&moved, "chin", 3).is_artists());
        node.press("analyse").unwrap();
        let after = key(&document(&node), "nose_tip", 3);
        assert_eq!(([after.x, after.y], after.locked), ([150.0, 140.0], true), "{profile}");
        assert_eq!(node.get_at(&nose, 3.0).unwrap().to_doubles(), [150.0, 100.0]);
        // Its key deleted, it is the next analysis' again.
        node.delete_key(&nose, 3.0).unwrap();
        assert!(document(&node).tracks.iter().all(|t| t.name != "nose_tip" || t.key_at(3.0).is_none()));
        node.press("analyse").unwrap();
        assert!(!key(&document(&node), "nose_tip", 3).is_artists(), "{profile}");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn an_analysis_while_the_viewer_plays_is_like_any_other() {
    let (host, still) = analysed("natron");
    let (_, mut node) = with_keys("natron", FaceShot::new(LAST), &[1, LAST]);
    node.play(true);
    node.press("analyse").unwrap();
    node.play(false);
    assert_eq!(document(&node), document(&still));
    let nose = slot(&node, "nose_tip");
    assert_eq!(node.keys(&nose).unwrap().len(), LAST as usize);
    node.set_at(&nose, 3.0, [150.0, 100.0]).unwrap();
    let by_hand = |d: &Document| d.tracks.iter().map(|t| t.artists_keys().count()).sum::<usize>();
    assert_eq!(by_hand(&document(&node)), by_hand(&document(&still)) + 1);
    // Who takes all keys away has said nothing of where it is.
    node.delete_keys(&nose).unwrap();
    assert_eq!(by_hand(&document(&node)), by_hand(&document(&still)) + 1);
    drop(still);
    assert_clean(&host);
}

#[test]
fn params_that_are_behind_the_document_change_only_where_they_are_moved() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.json");
    FaceShot::new(LAST).document(&[1, 4, LAST]).save(&file).unwrap();
    let (host, mut node) = with_keys("natron", FaceShot::new(LAST), &[]);
    node.set("keyLandmarks", false).unwrap();
    node.set("shapesFile", file.to_str().unwrap()).unwrap();
    node.set_time(4.0);
    let chin = slot(&node, "chin");
    node.set_at(&chin, 4.0, [100.0, 50.0]).unwrap();
    let edited = document(&node);
    assert_eq!([key(&edited, "chin", 4).x, key(&edited, "chin", 4).y], [100.0, 190.0]);
    let track = edited.tracks.iter().find(|t| t.name == "chin").unwrap();
    assert_eq!(track.keys.len(), 3, "the other keys stay");
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_landmark_is_dragged_and_handed_back_in_the_viewer() {
    let (host, mut node) = analysed("full");
    let before = key(&document(&node), "chin", 3);
    let from = PointD { x: before.x, y: 240.0 - before.y };
    let to = PointD { x: from.x + 5.0, y: from.y - 3.0 };
    assert!(node.pen_down(3.0, from).unwrap());
    assert!(node.pen_motion(3.0, to).unwrap() && node.pen_up(3.0, to).unwrap());
    let placed = key(&document(&node), "chin", 3);
    assert!(
        placed.locked && (placed.x - before.x - 5.0).abs() < 1e-6 && (placed.y - before.y - 3.0).abs() < 1e-6
    );
    let chin = slot(&node, "chin");
    assert!((node.get_at(&chin, 3.0).unwrap().to_doubles()[0] - to.x).abs() < 1e-6);
    const ALT: i32 = 0xffe9;
    node.key_down(3.0, ALT, "").unwrap();
    assert!(node.pen_down(3.0, to).unwrap());
    node.pen_up(3.0, to).unwrap();
    node.key_up(3.0, ALT, "").unwrap();
    assert!(!key(&document(&node), "chin", 3).is_artists());
    // Beside landmarks, shapes are edited.
    let edge = document(&node).shape("head").unwrap().key_at(3.0).unwrap().points[2].clone();
    let at = PointD { x: edge.x, y: 240.0 - edge.y };
    assert!(node.pen_down(3.0, at).unwrap());
    let to = PointD { x: at.x - 4.0, ..at };
    assert!(node.pen_motion(3.0, to).unwrap() && node.pen_up(3.0, to).unwrap());
    assert!(document(&node).shape("head").unwrap().key_at(3.0).unwrap().is_artists());
    let mut picture = Picture::new(RectI { x1: 0, y1: 0, x2: 320, y2: 240 }, Components::Rgba, Depth::Float);
    node.overlay_draw(3.0, &mut picture).unwrap();
    let lit = |x: f64, y: f64| {
        let near = (-4..=4).flat_map(|dx| (-4..=4).map(move |dy| (x as i32 + dx, y as i32 + dy)));
        near.into_iter().any(|(x, y)| picture.pixel(x, y)[..3].iter().any(|v| *v > 0.2))
    };
    let nose = key(&document(&node), "nose_tip", 3);
    assert!(lit(nose.x, 240.0 - nose.y) && !lit(10.0, 10.0));
    drop(node);
    assert_clean(&host);
}

#[test]
fn frames_are_locked_unlocked_and_cleared() {
    let (host, mut node) = analysed("natron");
    node.set_time(3.0);
    node.press("lockFrame").unwrap();
    let locked = document(&node);
    assert!(locked.tracks.iter().all(|t| t.key_at(3.0).unwrap().is_artists()));
    assert!(locked.shapes.iter().all(|s| s.key_at(3.0).unwrap().is_artists()));
    node.press("clear").unwrap();
    let frames: Vec<f64> = document(&node).tracks[0].keys.iter().map(|k| k.frame).collect();
    assert_eq!(frames, [1.0, 3.0, f64::from(LAST)]);
    node.press("unlockFrame").unwrap();
    node.press("analyse").unwrap();
    assert!(document(&node).tracks.iter().all(|t| !t.key_at(3.0).unwrap().is_artists()));
    node.set_time(4.0);
    let before = document(&node);
    node.press("analyseFromHere").unwrap();
    assert!(text(&node, "status").starts_with("Analysed frames 4 to 6"));
    for frame in [1.0, 2.0, 3.0] {
        assert_eq!(document(&node).shapes[0].key_at(frame), before.shapes[0].key_at(frame));
        assert_eq!(document(&node).tracks[0].key_at(frame), before.tracks[0].key_at(frame));
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_landmark_can_be_added() {
    let (host, mut node) = with_keys("natron", FaceShot::new(LAST), &[]);
    node.set("landmarkName", "wart").unwrap();
    node.set_time(2.0);
    node.press("addLandmark").unwrap();
    let wart = key(&document(&node), "wart", 2);
    assert_eq!(([wart.x, wart.y], wart.locked), ([160.0, 120.0], true));
    assert!(complaint(&mut node, "addLandmark").contains("already"));
    drop(node);
    assert_clean(&host);
}

/// Sum of the matte on frame 2.
fn area(node: &Node) -> f32 {
    let matte = node.render(&RenderJob::at(2.0)).unwrap();
    matte.to_rgba_f32().iter().map(|p| p[0]).sum()
}

#[test]
fn shapes_have_settings_of_their_own() {
    for profile in ["full", "mlt"] {
        let (host, mut node) = with_keys(profile, FaceShot::new(LAST), &[1, LAST]);
        node.set_text("output", None, "Matte in RGB").unwrap();
        let whole = area(&node);
        node.set_text("shape02Op", None, "Subtract").unwrap();
        let one_eye_out = area(&node);
        let eye = std::f32::consts::PI * 14.0 * 8.0;
        assert!((whole - one_eye_out - eye).abs() < 20.0, "{profile}: {whole} {one_eye_out}");
        node.set("shape02On", false).unwrap();
        assert!((area(&node) - whole).abs() < 1.0, "{profile}");
        node.set("shape01Grow", 3.0).unwrap();
        let around = 2.0 * std::f32::consts::PI * 75.4 * 3.0;
        assert!((area(&node) - whole - around).abs() < 0.06 * around, "{profile}: {}", area(&node) - whole);
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn the_overlay_output_shows_landmarks_by_what_they_are() {
    let (host, mut node) = analysed("full");
    node.set_text("output", None, "Overlay").unwrap();
    let found = document(&node);
    let colour = |frame: i32, picture: &Picture| {
        let nose = key(&found, "nose_tip", frame);
        picture.pixel(nose.x as i32, 239 - nose.y as i32)
    };
    let whole = node.render(&RenderJob::at(1.0)).unwrap();
    let [r, _, b, _] = colour(1, &whole);
    assert!(b > 0.9 && r < 0.5, "set by hand is blue: {r} {b}");
    let solved = node.render(&RenderJob::at(3.0)).unwrap();
    let [_, g, b, _] = colour(3, &solved);
    assert!(g > 0.5 && b < 0.5, "found is red to green: {g} {b}");
    let bounds = RectI { x1: 0, y1: 0, x2: 320, y2: 240 };
    let tiled = node.render(&RenderJob::at(3.0).tiled(57, 31)).unwrap();
    assert!(tiled.crop(bounds).to_rgba_f32() == solved.crop(bounds).to_rgba_f32());
    drop(node);
    assert_clean(&host);
}

#[test]
fn the_box_is_seen_and_used_where_it_is_on_each_frame() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("puppet.face");
    learned(&file);
    let (host, mut node) = with_keys("full", FaceShot::another(LAST), &[]);
    node.set("faceFile", file.to_str().unwrap()).unwrap();
    node.set("useRegion", true).unwrap();
    // Outside of the picture until the last frame.
    for (frame, x) in [(1.0, 400.0), (5.0, 400.0), (6.0, 100.0)] {
        node.set_at("regionFrom", frame, [x, 40.0]).unwrap();
        node.set_at("regionTo", frame, [x + 150.0, 180.0]).unwrap();
    }
    let mut lit = |frame: f64| {
        let bounds = RectI { x1: 0, y1: 0, x2: 320, y2: 240 };
        let mut picture = Picture::new(bounds, Components::Rgba, Depth::Float);
        node.overlay_draw(frame, &mut picture).unwrap();
        (98..103).any(|x| picture.pixel(x, 100)[..3].iter().any(|v| *v > 0.2))
    };
    assert!(lit(6.0) && !lit(1.0));
    node.press("analyse").unwrap();
    assert!(text(&node, "status").contains("No face on 1-5."), "{}", text(&node, "status"));
    assert!(document(&node).tracks.iter().all(|t| t.key_at(6.0).is_some()));
    drop(node);
    assert_clean(&host);
}

#[test]
fn what_is_missing_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("junk.face"), b"no face").unwrap();
    let (_host, mut node) = with_keys("natron", FaceShot::new(LAST), &[]);
    assert!(complaint(&mut node, "analyse").contains("choose a face file, or key landmarks"));
    assert!(complaint(&mut node, "learn").contains("set Face file"));
    assert!(complaint(&mut node, "writeFile").contains("choose a result file"));
    assert!(complaint(&mut node, "loadFile").contains("choose a shapes file"));
    assert!(complaint(&mut node, "addLandmark").contains("type a landmark's name"));
    for button in ["clear", "lockFrame"] {
        assert!(complaint(&mut node, button).contains("there are no shapes"), "{button}");
    }
    node.set("faceFile", path("none.face")).unwrap();
    assert!(complaint(&mut node, "learn").contains("nothing to learn from"));
    assert!(complaint(&mut node, "analyse").contains("press Learn to make it"));
    let _ = node.set("faceFile", path("junk.face"));
    assert!(complaint(&mut node, "analyse").contains("junk.face cannot be used as a face"));
    node.set("shapes", FaceShot::new(LAST).document(&[1]).to_json().unwrap()).unwrap();
    assert!(complaint(&mut node, "learn").contains("junk.face cannot be used as a face"));
    assert_eq!(std::fs::read(path("junk.face")).unwrap(), b"no face", "no other file is written over");
    node.set("faceFile", "").unwrap();
    node.set("faceFile", path("far/away/a.face")).unwrap();
    assert!(complaint(&mut node, "learn").contains("cannot be written"));
    node.set("faceFile", "").unwrap();
    node.set("useRegion", true).unwrap();
    node.set("regionFrom", [500.0, 500.0]).unwrap();
    node.set("regionTo", [600.0, 600.0]).unwrap();
    assert!(complaint(&mut node, "analyse").contains("outside of the picture"));
    node.set("useRegion", false).unwrap();
    node.set("shapes", FaceShot::new(99).document(&[50]).to_json().unwrap()).unwrap();
    node.set("faceFile", path("new.face")).unwrap();
    assert!(complaint(&mut node, "learn").contains("no key is on a frame of the source"));
    let mut twice = FaceShot::new(LAST).document(&[1]);
    twice.tracks[1].name = twice.tracks[0].name.clone();
    node.set("shapes", twice.to_json().unwrap()).unwrap();
    node.set("faceFile", "").unwrap();
    assert!(complaint(&mut node, "analyse").contains("two shapes or landmarks are called brow_in_L"));
    node.disconnect("Source").unwrap();
    assert!(!complaint(&mut node, "analyse").is_empty());
}

#[test]
fn every_host_draws_and_saves_it() {
    for profile in Profile::NAMES {
        let (host, mut node) = with_keys(profile, FaceShot::new(LAST), &[1, LAST]);
        for output in ["Matte in alpha", "Multi-matte (RGBA)", "Source x matte", "Overlay"] {
            node.set_text("output", None, output).unwrap();
            node.render(&RenderJob::at(3.0)).unwrap();
        }
        let state = node.save_state().unwrap();
        let again = node.effect().restore(Context::Filter, &state).unwrap();
        assert_eq!(text(&again, "shapes"), text(&node, "shapes"), "{profile}");
        drop((node, again));
        assert_clean(&host);
    }
}

#[test]
fn the_document_is_written_where_it_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.json");
    let (host, mut node) = analysed("full");
    node.set("resultFile", file.to_str().unwrap()).unwrap();
    node.press("writeFile").unwrap();
    assert_eq!(Document::load(&file).unwrap(), document(&node));
    drop(node);
    assert_clean(&host);
}
