//! Splines in the viewer, hand edits and solves together, and what a saved project keeps.

use host::{Components, Context, Depth, Node, Picture, PointD, Profile, RectI, RenderJob};
use shapes::{Document, Key, Point, Shape};
use tests::{MOTION2ROTO, Shot, assert_clean, document, node, outline};

fn solved(profile: &str) -> (host::Host, Node) {
    let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(5).source()).unwrap();
    node.set("shapes", document(&[1, 5]).to_json().unwrap()).unwrap();
    node.press("solve").unwrap();
    (host, node)
}

fn shapes_of(node: &Node) -> Document {
    Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap()
}

/// A corner of the card, canonical.
fn corner(frame: i32, i: usize) -> PointD {
    let p = &outline(frame)[i];
    PointD { x: p.x, y: 120.0 - p.y }
}

#[test]
fn the_overlay_draws_the_outline_where_it_is() {
    let (host, mut node) = solved("full");
    let bounds = RectI { x1: 0, y1: 0, x2: 160, y2: 120 };
    let mut picture = Picture::new(bounds, Components::Rgba, Depth::Float);
    node.overlay_draw(1.0, &mut picture).unwrap();
    let lit = |x: i32, y: i32| picture.pixel(x, y)[..3].iter().any(|v| *v > 0.2);
    let top = corner(1, 0);
    assert!((-1..=1).any(|d| lit(66, top.y as i32 + d)), "the card's top edge is not drawn");
    assert!(!lit(66, 60) && !lit(10, 10), "drawn where there is no spline");
    drop(node);
    assert_clean(&host);
}

#[test]
fn dragging_a_point_sets_a_key_that_a_solve_respects() {
    let (host, mut node) = solved("full");
    let (from, to) = (corner(3, 0), PointD { x: corner(3, 0).x - 4.0, y: corner(3, 0).y + 2.0 });
    assert!(node.pen_down(3.0, from).unwrap());
    assert!(node.pen_motion(3.0, to).unwrap());
    assert!(node.pen_up(3.0, to).unwrap());
    let edited = shapes_of(&node);
    let key = edited.shapes[0].key_at(3.0).unwrap().clone();
    assert!(key.locked);
    assert!((key.points[0].x - (outline(3)[0].x - 4.0)).abs() < 0.3, "{:?}", key.points[0]);
    node.press("solve").unwrap();
    assert_eq!(shapes_of(&node).shapes[0].key_at(3.0).unwrap().points, key.points);
    node.press("clear").unwrap();
    let frames: Vec<f64> = shapes_of(&node).shapes[0].keys.iter().map(|k| k.frame).collect();
    assert_eq!(frames, [1.0, 3.0, 5.0]);
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_second_solve_only_solves_what_an_edit_touches() {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(9).source()).unwrap();
    node.set("shapes", document(&[1, 5, 9]).to_json().unwrap()).unwrap();
    node.press("solve").unwrap();
    let first = shapes_of(&node);
    let to = PointD { x: corner(7, 0).x - 4.0, y: corner(7, 0).y + 2.0 };
    assert!(node.pen_down(7.0, corner(7, 0)).unwrap());
    assert!(node.pen_motion(7.0, to).unwrap() && node.pen_up(7.0, to).unwrap());
    node.press("solve").unwrap();
    let status = node.get("status").unwrap();
    assert!(status.as_text().unwrap().starts_with("Solved frames 5 to 9:"), "{status:?}");
    let part = shapes_of(&node);
    for frame in [1.0, 2.0, 3.0, 4.0, 5.0] {
        assert_eq!(part.shapes[0].key_at(frame), first.shapes[0].key_at(frame));
    }
    // As from nothing, but for the sampling of the outline, which goes by the longest key.
    node.press("clear").unwrap();
    node.press("solve").unwrap();
    assert!(node.get("status").unwrap().as_text().unwrap().starts_with("Solved frames 1 to 9:"));
    let whole = shapes_of(&node);
    for (a, b) in part.shapes[0].keys.iter().zip(&whole.shapes[0].keys) {
        let pairs = a.points.iter().zip(&b.points);
        let far = pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).fold(0.0, f64::max);
        assert!(far < 0.02, "frame {}: {far} px", a.frame);
    }
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_single_point_can_be_fixed() {
    let (host, mut node) = solved("full");
    node.set_text("editsFix", None, "Moved points").unwrap();
    let before = shapes_of(&node);
    let to = PointD { x: corner(3, 0).x - 4.0, y: corner(3, 0).y + 2.0 };
    assert!(node.pen_down(3.0, corner(3, 0)).unwrap());
    assert!(node.pen_motion(3.0, to).unwrap() && node.pen_up(3.0, to).unwrap());
    let fixed = shapes_of(&node).shapes[0].key_at(3.0).unwrap().points[0].clone();
    assert!(fixed.locked);
    node.press("solve").unwrap();
    let after = shapes_of(&node);
    let key = after.shapes[0].key_at(3.0).unwrap();
    assert!(key.has_pins() && key.points[0] == fixed, "{:?}", key.points[0]);
    let moved = |frame: f64, point: usize| {
        let at = |d: &Document| d.shapes[0].key_at(frame).unwrap().points[point].x;
        at(&after) - at(&before)
    };
    assert!((-3.0..-1.0).contains(&moved(2.0, 0)) && (-3.0..-1.0).contains(&moved(4.0, 0)));
    assert_eq!(
        [moved(3.0, 1), moved(2.0, 2), moved(5.0, 0)],
        [0.0; 3],
        "the other points and the artist's keys"
    );
    node.set_time(3.0);
    node.press("unlockFrame").unwrap();
    node.press("solve").unwrap();
    assert!(!shapes_of(&node).shapes[0].key_at(3.0).unwrap().has_pins());
    drop(node);
    assert_clean(&host);
}

/// The pen from one place to another.
fn stroke(node: &mut Node, frame: f64, from: PointD, to: PointD) {
    assert!(node.pen_down(frame, from).unwrap());
    assert!(node.pen_motion(frame, to).unwrap() && node.pen_up(frame, to).unwrap());
}

fn moved(place: PointD, x: f64, y: f64) -> PointD {
    PointD { x: place.x + x, y: place.y + y }
}

#[test]
fn feathers_are_dragged_where_hosts_have_viewers() {
    for profile in Profile::NAMES {
        let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
        node.connect("Source", Shot::new(5).source()).unwrap();
        node.set("shapes", document(&[1, 5]).to_json().unwrap()).unwrap();
        if !host.profile().supports.overlays {
            assert!(node.pen_down(3.0, corner(3, 0)).is_err(), "{profile}");
            continue;
        }
        // The handle stands 18 px out of the card's first corner, up and to the left, once the corner is selected.
        let (point, out) = (corner(3, 0), 18.0 * std::f64::consts::FRAC_1_SQRT_2);
        let handle = moved(point, -out, out);
        assert!(!node.pen_down(3.0, handle).unwrap(), "{profile}");
        stroke(&mut node, 3.0, point, point);
        assert_eq!(shapes_of(&node), document(&[1, 5]), "{profile}: a click sets nothing");
        stroke(&mut node, 3.0, handle, moved(handle, -20.0, 3.0));
        let key = |node: &Node| shapes_of(node).shapes[0].key_at(3.0).unwrap().clone();
        let offset = |node: &Node| key(node).points[0].feather.as_ref().map(|f| f.offset.map(f64::round));
        assert!(key(&node).locked && key(&node).points[1].feather.is_none(), "{profile}");
        assert_eq!(offset(&node), Some([-20.0, -3.0]), "{profile}");
        // It now stands on the feather contour, within reach of the pen.
        stroke(&mut node, 3.0, moved(point, -24.0, 3.0), moved(point, -24.0, 0.0));
        assert_eq!(offset(&node), Some([-20.0, 0.0]), "{profile}");
        let matte = node.render(&RenderJob::at(3.0)).unwrap();
        assert!(matte.to_rgba_f32().iter().all(|p| p.iter().all(|v| v.is_finite())), "{profile}");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn an_open_splines_feather_is_pulled_on_either_side() {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(5).source()).unwrap();
    let wire = [30.0, 120.0].map(|x| Point { width: Some(4.0), ..Point::corner(x, 60.0) }).to_vec();
    let mut d = Document::new(160, 120);
    d.shapes.push(Shape::new("wire", false, vec![Key::new(1.0, wire)]));
    node.set("shapes", d.to_json().unwrap()).unwrap();
    node.set_text("output", None, "Matte in RGB").unwrap();
    let at = |x: f64, y: f64| PointD { x, y };
    stroke(&mut node, 1.0, at(30.0, 60.0), at(30.0, 60.0));
    stroke(&mut node, 1.0, at(30.0, 78.0), at(47.0, 98.0));
    let offset = |node: &Node| shapes_of(node).shapes[0].keys[0].points[0].feather.clone().unwrap().offset;
    assert_eq!(offset(&node), [0.0, -20.0], "the way along the wire does not count");
    // It stands where the matte ends, 2 px of stroke and 20 of feather away, and can be pulled to nothing only.
    let picture = node.render(&RenderJob::at(1.0)).unwrap();
    let value = |x: i32, y: i32| picture.pixel(x, y)[0];
    assert!(value(31, 60) > 0.99 && value(31, 70) > 0.1 && value(31, 50) > 0.1);
    assert!(value(31, 83) == 0.0 && value(119, 70) == 0.0);
    stroke(&mut node, 1.0, at(30.0, 82.0), at(30.0, 40.0));
    assert_eq!(offset(&node), [0.0, 0.0]);
    drop(node);
    assert_clean(&host);
}

#[test]
fn feathers_are_taken_away_and_escape_lets_go_of_them() {
    const ALT: i32 = 0xFFE9;
    const ESCAPE: i32 = 0xFF1B;
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(5).source()).unwrap();
    node.set("shapes", document(&[1, 5]).to_json().unwrap()).unwrap();
    let point = corner(1, 0);
    let handle = moved(point, -13.0, 13.0);
    stroke(&mut node, 1.0, point, point);
    assert!(node.pen_down(1.0, handle).unwrap() && node.pen_motion(1.0, point).unwrap());
    assert!(node.key_down(1.0, ESCAPE, "").unwrap());
    assert_eq!(shapes_of(&node), document(&[1, 5]));
    stroke(&mut node, 1.0, handle, moved(handle, -20.0, 0.0));
    let feather = |node: &Node| shapes_of(node).shapes[0].keys[0].points[0].feather.clone();
    assert!(feather(&node).is_some());
    node.key_down(1.0, ALT, "").unwrap();
    assert!(node.pen_down(1.0, moved(point, -20.0, 0.0)).unwrap());
    assert_eq!(feather(&node), None);
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_click_beside_everything_is_left_to_others() {
    let (_host, mut node) = solved("full");
    let before = node.get("shapes").unwrap();
    let nowhere = PointD { x: 5.0, y: 5.0 };
    assert!(!node.pen_down(3.0, nowhere).unwrap());
    assert!(!node.pen_up(3.0, nowhere).unwrap());
    assert_eq!(node.get("shapes").unwrap(), before);
}

#[test]
fn solving_from_here_leaves_earlier_frames() {
    let (_host, mut node) = solved("full");
    let before = shapes_of(&node);
    node.set_time(3.0);
    node.press("solveFromHere").unwrap();
    let after = shapes_of(&node);
    for frame in [1.0, 2.0, 3.0] {
        let points = |d: &Document| d.shapes[0].key_at(frame).unwrap().points.clone();
        assert_eq!(points(&after), points(&before), "frame {frame}");
    }
    assert!(after.shapes[0].key_at(3.0).unwrap().locked);
}

#[test]
fn a_saved_project_keeps_the_shapes_in_every_host() {
    for profile in Profile::NAMES {
        let make = || node(profile, MOTION2ROTO, Context::Filter);
        let text = document(&[1, 4]).to_json().unwrap();
        let (host, mut first) = make();
        first.set("shapes", text.clone()).unwrap();
        first.set("tolerance", 0.75).unwrap();
        let state = first.save_state().unwrap();
        drop(first);
        assert_clean(&host);
        let (host, mut second) = make();
        second.restore_state(&state).unwrap();
        assert_eq!(second.get("shapes").unwrap().as_text(), Some(text.as_str()), "{profile}");
        assert_eq!(second.get("tolerance").unwrap().to_doubles(), [0.75], "{profile}");
        drop(second);
        assert_clean(&host);
    }
}
