//! How Motion2Roto behaves as a picture node: windows, tiles, scales, depths, and input that is missing or broken.

use host::{Components, Context, Depth, Error, Node, Picture, RectI, RenderJob};
use tests::{MOTION2ROTO, Shot, WHOLE, assert_clean, document, node};

fn matte_node(profile: &str, shot: Shot) -> (host::Host, Node) {
    let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
    node.connect("Source", shot.source()).unwrap();
    node.set("shapes", document(&[1, 3]).to_json().unwrap()).unwrap();
    (host, node)
}

fn pixels(picture: &Picture) -> Vec<[f32; 4]> {
    picture.to_rgba_f32()
}

#[test]
fn a_window_and_tiles_are_parts_of_the_whole() {
    for output in ["Matte in alpha", "Source x matte", "Overlay", "Multi-matte (RGBA)"] {
        let (host, mut node) = matte_node("full", Shot::new(3));
        node.set_text("output", None, output).unwrap();
        node.set("feather", 7.5).unwrap();
        node.set("grow", 2.0).unwrap();
        node.assign("motionBlur=1").unwrap();
        let whole = node.render(&RenderJob::at(2.0)).unwrap().crop(WHOLE);
        let window = RectI { x1: 31, y1: 17, x2: 97, y2: 88 };
        let part = node.render(&RenderJob::at(2.0).within(window)).unwrap();
        assert!(pixels(&part.crop(window)) == pixels(&whole.crop(window)), "{output}");
        let tiled = node.render(&RenderJob::at(2.0).tiled(33, 21)).unwrap();
        assert!(pixels(&tiled.crop(WHOLE)) == pixels(&whole), "{output}");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn half_scale_is_the_box_filtered_whole() {
    let (_host, mut node) = matte_node("full", Shot::new(3));
    node.set_text("output", None, "Matte in RGB").unwrap();
    for (feather, tolerance) in [(0.0, 1e-4), (9.0, 4e-3)] {
        node.set("feather", feather).unwrap();
        let whole = node.render(&RenderJob::at(2.0)).unwrap().crop(WHOLE).scaled(0.5, 0.5);
        let half = node.render(&RenderJob::at(2.0).scaled(0.5)).unwrap().crop(whole.bounds());
        for (a, b) in pixels(&whole).iter().zip(pixels(&half)) {
            assert!((a[0] - b[0]).abs() < tolerance, "{feather}: {a:?} {b:?}");
        }
    }
}

#[test]
fn every_depth_and_component_set_gives_the_same_matte() {
    let reference = {
        let (_host, node) = matte_node("full", Shot::new(3));
        pixels(&node.render(&RenderJob::at(2.0)).unwrap())
    };
    for components in [Components::Rgba, Components::Rgb] {
        for (depth, step) in
            [(Depth::Byte, 0.5 / 255.0), (Depth::Short, 1e-4), (Depth::Half, 5e-4), (Depth::Float, 1e-6)]
        {
            let (host, node) = matte_node("full", Shot::new(3).stored(components, depth));
            let picture = node.render(&RenderJob::at(2.0)).unwrap();
            for (a, b) in pixels(&picture).iter().zip(&reference) {
                let far = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(far <= step + 1e-6, "{components:?} {depth:?}: {a:?} {b:?}");
            }
            drop(node);
            assert_clean(&host);
        }
    }
}

#[test]
fn without_a_source_it_says_so() {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.set("shapes", document(&[1]).to_json().unwrap()).unwrap();
    let error = node.render(&RenderJob::at(1.0)).unwrap_err().to_string();
    assert!(error.contains("Source"), "{error}");
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_corrupt_document_fails_with_words_and_is_kept() {
    for (text, says) in
        [("{ not json", "not a shapes document"), (r#"{"format":"shapes","version":99}"#, "update Splitline")]
    {
        let (host, mut node) = matte_node("natron", Shot::new(3));
        // The artist hears of it at once, and the node shows it until it is mended; the text stays.
        let _ = node.set("shapes", text);
        assert!(node.render(&RenderJob::at(1.0)).is_err());
        assert_eq!(node.get("shapes").unwrap().as_text(), Some(text));
        assert!(node.persistent_message().is_some_and(|m| m.text.contains(says)));
        node.set("shapes", document(&[1]).to_json().unwrap()).unwrap();
        node.render(&RenderJob::at(1.0)).unwrap();
        assert!(node.persistent_message().is_none(), "the message goes when the reason has gone");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn a_missing_file_is_named() {
    let (_host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(3).source()).unwrap();
    let _ = node.set("shapesFile", "/no/such/shapes.json");
    assert!(node.render(&RenderJob::at(1.0)).is_err());
    let said = node.persistent_message().map(|m| m.text).unwrap_or_default();
    assert!(said.contains("/no/such/shapes.json"), "{said}");
}

#[test]
fn pixels_that_are_no_numbers_do_not_stop_a_solve() {
    let broken = Shot::new(5).changed(|x, y, rgba| match (x + y) % 7 {
        0 => [f32::NAN; 4],
        1 => [f32::INFINITY, -1e30, 1e30, 1.0],
        _ => rgba,
    });
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", broken.source()).unwrap();
    node.set("shapes", document(&[1, 5]).to_json().unwrap()).unwrap();
    node.press("solve").unwrap();
    let text = node.get("shapes").unwrap();
    let solved = shapes::Document::from_json(text.as_text().unwrap()).unwrap();
    assert_eq!(solved.shapes[0].keys.len(), 5);
    drop(node);
    assert_clean(&host);
}

#[test]
fn a_cancelled_solve_changes_nothing() {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(30).source()).unwrap();
    let before = document(&[1]).to_json().unwrap();
    node.set("shapes", before.clone()).unwrap();
    let token = node.cancel_token();
    host.on_progress(move |p| {
        if matches!(p, host::Progress::Update(done) if *done > 0.2) {
            token.cancel();
        }
        true
    });
    match node.press("solve") {
        Ok(()) | Err(Error::Cancelled) => {}
        Err(e) => panic!("{e}"),
    }
    assert_eq!(node.get("shapes").unwrap().as_text(), Some(before.as_str()));
    node.cancel_token().reset();
    drop(node);
    assert_clean(&host);
}

#[test]
fn buttons_without_shapes_say_what_to_do() {
    for button in ["solve", "solveForward", "solveFromHere", "clear", "loadFile"] {
        let (_host, mut node) = node("natron", MOTION2ROTO, Context::Filter);
        node.connect("Source", Shot::new(3).source()).unwrap();
        node.set_time(1.0);
        let said = node.press(button).map_or_else(|e| e.to_string(), |()| String::new());
        let said = node.persistent_message().map_or(said, |m| m.text);
        assert!(said.contains("shapes"), "{button}: \"{said}\"");
    }
}
