//! The output page through the bundle: where mattes reach, what their channels hold, when fields are drawn, what applies.

use host::{Components, Context, Depth, Field, Node, Picture, Profile, RectI, RenderJob};
use shapes::{Document, Feather, Interp, Key, OpacityKey, Point, Track, TrackKey};
use tests::{MOTION2ROTO, Shot, WHOLE, assert_clean, document, node, outline};

fn matte_node(profile: &str, shot: Shot, document: &Document) -> (host::Host, Node) {
    let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
    node.connect("Source", shot.source()).unwrap();
    node.set("shapes", document.to_json().unwrap()).unwrap();
    (host, node)
}

/// The card, and a copy of it to the right that is blue.
fn two() -> Document {
    let mut two = document(&[1, 3]);
    let mut copy = two.shapes[0].clone();
    copy.name = "copy".to_owned();
    copy.color = Some([0.0, 0.2, 1.0]);
    copy.keys.iter_mut().flat_map(|k| &mut k.points).for_each(|p| p.x += 55.0);
    two.shapes[0].color = Some([0.9, 0.1, 0.0]);
    two.shapes.push(copy);
    two
}

fn pixels(picture: &Picture) -> Vec<[f32; 4]> {
    picture.to_rgba_f32()
}

#[test]
fn the_region_is_what_is_drawn() {
    for profile in Profile::NAMES {
        let (host, mut node) = matte_node(profile, Shot::new(3), &document(&[1, 3]));
        let region = |node: &Node| node.region_of_definition(2.0).unwrap();
        let whole = region(&node);
        assert_eq!((whole.x2, whole.y2), (160.0, 120.0), "{profile}: the source is all there");
        let same_size = !host.profile().supports.multi_resolution;
        for output in ["Matte in RGB", "Source x matte", "Multi-matte (RGBA)"] {
            node.set_text("output", None, output).unwrap();
            node.set("feather", 4.0).unwrap();
            let r = region(&node);
            // The card on frame 2 is at 43 to 95 and, y up, 41 to 83; its feather reaches 2 px, and a pixel is spared.
            let tight = [r.x1, r.y1, r.x2, r.y2].map(f64::round) == [40.0, 38.0, 98.0, 86.0];
            assert!(if same_size { r == whole } else { tight }, "{profile} {output}: {r:?}");
            node.assign("invert=1").unwrap();
            assert_eq!(region(&node), whole, "{profile} {output} inverted");
            node.assign("invert=0").unwrap();
        }
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn nothing_is_cut_off_at_the_region() {
    let mut d = two();
    let feather = Feather { offset: [-9.0, -7.0], ..Feather::default() };
    d.shapes[0].keys.iter_mut().for_each(|k| k.points[0].feather = Some(feather.clone()));
    let drawn = |output: &str| {
        let (_host, mut node) = matte_node("full", Shot::new(3), &d);
        node.set_text("output", None, output).unwrap();
        for setting in ["feather=6", "grow=3", "motionBlur=1", "shutterPhase=Start", "shutter=2"] {
            node.assign(setting).unwrap();
        }
        node.render(&RenderJob::at(1.0)).unwrap()
    };
    let (bounded, whole) = (drawn("Matte in RGB"), drawn("Matte in alpha"));
    assert!(bounded.bounds() != WHOLE && whole.bounds() == WHOLE);
    let same = pixels(&bounded.crop(WHOLE)).iter().zip(pixels(&whole)).all(|(a, b)| a[0] == b[3]);
    assert!(same);
}

#[test]
fn shapes_fade_and_come_and_go() {
    let mut d = document(&[1, 3]);
    d.shapes[0].opacity = Some(1.0);
    d.shapes[0].opacity_keys = vec![
        OpacityKey::new(1.0, 0.0, Interp::Hold),
        OpacityKey::new(2.0, 0.5, Interp::Linear),
        OpacityKey::new(3.0, 1.0, Interp::Linear),
    ];
    for profile in Profile::NAMES {
        let (host, mut node) = matte_node(profile, Shot::new(3), &d);
        node.set_text("output", None, "Matte in RGB").unwrap();
        for (frame, opacity) in [(1.0, 0.0), (2.0, 0.5), (3.0, 1.0)] {
            let picture = node.render(&RenderJob::at(frame)).unwrap();
            let most = pixels(&picture).iter().map(|p| p[0]).fold(0.0, f32::max);
            // Some hosts' pictures have eight bits.
            assert!((most - opacity).abs() < 0.005, "{profile}, frame {frame}: {most}");
        }
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn multi_mattes_have_a_channel_a_colour() {
    for (components, depth) in [
        (Components::Rgba, Depth::Byte),
        (Components::Rgba, Depth::Short),
        (Components::Rgba, Depth::Half),
        (Components::Rgba, Depth::Float),
        (Components::Rgb, Depth::Float),
        (Components::Alpha, Depth::Float),
    ] {
        let (host, mut node) = matte_node("full", Shot::new(3).stored(components, depth), &two());
        node.set_text("output", None, "Multi-matte (RGBA)").unwrap();
        let picture = node.render(&RenderJob::at(1.0)).unwrap().crop(WHOLE);
        let at = |x: i32| picture.pixel(x, 60);
        if components != Components::Alpha {
            assert_eq!(
                (at(60)[..3].to_vec(), at(120)[..3].to_vec()),
                (vec![1.0, 0.0, 0.0], vec![0.0, 0.0, 1.0])
            );
        }
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn pixel_aspect_keeps_the_matte_on_its_picture() {
    let d = document(&[1, 3]);
    let (_host, mut square) = matte_node("full", Shot::new(3), &d);
    let (_host, mut wide) = matte_node("full", Shot::new(3).stretched(2.0), &d);
    for node in [&mut square, &mut wide] {
        node.set_text("output", None, "Matte in RGB").unwrap();
        node.set("feather", 6.0).unwrap();
    }
    let half = RectI { x2: 80, ..WHOLE };
    let wanted = pixels(&square.render(&RenderJob::at(1.0)).unwrap().crop(WHOLE).scaled(0.5, 1.0));
    let got = pixels(&wide.render(&RenderJob::at(1.0)).unwrap().crop(half));
    let far = wanted.iter().zip(&got).map(|(a, b)| (a[0] - b[0]).abs()).fold(0.0, f32::max);
    assert!(far < 4e-3, "{far}");
}

#[test]
fn a_field_draws_its_own_rows() {
    let (_host, mut node) = matte_node("full", Shot::new(3), &document(&[1, 3]));
    node.set_text("output", None, "Matte in alpha").unwrap();
    let whole = node.render(&RenderJob::at(2.0)).unwrap();
    for (field, rest) in [(Field::Lower, 0), (Field::Upper, 1)] {
        let picture = node.render(&RenderJob { field, ..RenderJob::at(2.0) }).unwrap();
        for y in (0..120).filter(|y| y % 2 == rest) {
            assert!((0..160).all(|x| picture.pixel(x, y) == whole.pixel(x, y)), "{field:?} row {y}");
        }
        assert_ne!(
            picture.pixel(60, 60 + 1 - rest),
            whole.pixel(60, 60 + 1 - rest),
            "{field:?} leaves the other"
        );
    }
}

#[test]
fn held_frames_stay_sharp_and_jumps_do_not_smear() {
    let mut d = document(&[1, 3]);
    d.shapes[0].keys[0].interp = Interp::Hold;
    let (_host, mut node) = matte_node("full", Shot::new(3), &d);
    node.set_text("output", None, "Matte in RGB").unwrap();
    let sharp =
        |node: &Node| [1.0, 2.0, 3.0].map(|t| pixels(&node.render(&RenderJob::at(t)).unwrap().crop(WHOLE)));
    let wanted = sharp(&node);
    node.assign("motionBlur=1").unwrap();
    node.set("shutter", 1.0).unwrap();
    for phase in ["Centred", "Start", "End"] {
        node.set_text("shutterPhase", None, phase).unwrap();
        assert!(sharp(&node) == wanted, "{phase}");
    }
}

#[test]
fn replaced_parts_do_not_smear() {
    // The card, and from frame 3 on a smaller one elsewhere, without a hold.
    let mut d = document(&[1, 2]);
    for frame in [3.0, 4.0] {
        let mut points = outline(frame as i32);
        points.iter_mut().for_each(|p| (p.x, p.y) = (0.5 * p.x + 70.0, 0.6 * p.y));
        d.shapes[0].set_key(Key::new(frame, points));
    }
    let (_host, mut node) = matte_node("full", Shot::new(4), &d);
    node.set_text("output", None, "Matte in RGB").unwrap();
    node.assign("motionBlur=1").unwrap();
    node.set("shutter", 1.0).unwrap();
    let drawn = |node: &Node, frame: f64| pixels(&node.render(&RenderJob::at(frame)).unwrap().crop(WHOLE));
    // Of the frame before the jump nothing is seen after it, and no exposure shows what lies between.
    let area = |pixels: &[[f32; 4]]| pixels.iter().map(|p| p[0]).sum::<f32>();
    for (frame, size) in [(2.0, 52.0 * 42.0), (3.0, 0.5 * 0.6 * 52.0 * 42.0)] {
        let picture = drawn(&node, frame);
        assert!((area(&picture) - size).abs() < 1.0, "{frame}: {}", area(&picture));
        let soft = picture.iter().filter(|p| p[0] > 0.01 && p[0] < 0.99).count();
        assert!(soft < 600, "{frame}: {soft} pixels");
    }
}

#[test]
fn a_shutters_phase_moves_the_exposure() {
    let (_host, mut node) = matte_node("full", Shot::new(3), &document(&[1, 3]));
    node.set_text("output", None, "Matte in RGB").unwrap();
    node.assign("motionBlur=1").unwrap();
    let centre = |node: &Node| {
        let picture = node.render(&RenderJob::at(2.0)).unwrap().crop(WHOLE);
        let row: Vec<f32> = (0..160).map(|x| picture.pixel(x, 60)[0]).collect();
        let sum: f32 = row.iter().sum();
        row.iter().enumerate().map(|(x, v)| (x as f32 + 0.5) * v).sum::<f32>() / sum
    };
    // 3 px a frame, and half a frame of shutter.
    for (phase, x) in [("Centred", 69.0), ("Start", 69.75), ("End", 68.25), ("Custom", 70.5)] {
        node.set_text("shutterPhase", None, phase).unwrap();
        node.set("shutterOffset", 0.25).unwrap();
        assert!((centre(&node) - x).abs() < 0.01, "{phase}: {}", centre(&node));
    }
}

#[test]
fn overlays_of_nothing_are_the_source() {
    let (host, mut node) = matte_node("full", Shot::new(3), &Document::new(160, 120));
    node.set_text("output", None, "Overlay").unwrap();
    let picture = node.render(&RenderJob::at(2.0)).unwrap();
    assert!(pixels(&picture) == pixels(&Shot::new(3).frame(2)));

    // A shape that is not there yet, and a landmark alone.
    let mut d = document(&[2]);
    let hidden = vec![Point::corner(80.0, 60.0); d.shapes[0].keys[0].points.len()];
    d.shapes[0].keys.insert(0, Key { interp: Interp::Hold, ..Key::new(1.0, hidden) });
    node.set("shapes", d.to_json().unwrap()).unwrap();
    let same = |node: &mut Node, frame: i32| {
        let picture = node.render(&RenderJob::at(f64::from(frame))).unwrap();
        pixels(&picture) == pixels(&Shot::new(3).frame(frame))
    };
    assert!(same(&mut node, 1) && !same(&mut node, 2));
    d.shapes.clear();
    d.tracks.push(Track::new("nose", vec![TrackKey::new(1.0, 80.0, 60.0)]));
    node.set("shapes", d.to_json().unwrap()).unwrap();
    assert!(!same(&mut node, 1));
    drop(node);
    assert_clean(&host);
}

#[test]
fn feathers_of_no_sense_are_survived() {
    for setting in ["feather=1e30", "grow=-1e30", "falloffGamma=0"] {
        let mut d = document(&[1]);
        d.shapes[0].keys[0].points = [outline(1), vec![Point::corner(1e9, -1e9)]].concat();
        let (_host, mut node) = matte_node("full", Shot::new(3), &d);
        node.assign("falloff=Gamma").unwrap();
        let _ = node.assign(setting);
        let picture = node.render(&RenderJob::at(1.0)).unwrap();
        assert!(pixels(&picture).iter().all(|p| p.iter().all(|v| (0.0..=1.0).contains(v))), "{setting}");
    }
}
