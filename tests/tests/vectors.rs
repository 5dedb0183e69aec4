//! Splines on motion that comes from elsewhere: a Motion clip, or the source's own motion planes.

use std::sync::Arc;

use host::picture::{Components, Depth, Picture};
use host::source::{FrameSource, SourceError, SourceFormat};
use host::{Context, Node, RenderJob};
use shapes::Document;
use tests::{MOTION_VECTORS, MOTION2ROTO, Shot, assert_clean, document, node, outline};

const LAST: i32 = 5;
const FORWARD: &str = "forward";
const BACKWARD: &str = "backward";

/// Frames that were rendered before.
struct Rendered(Vec<Arc<Picture>>);

impl FrameSource for Rendered {
    fn format(&self) -> SourceFormat {
        SourceFormat { bounds: self.0[0].bounds(), ..Shot::new(LAST).format() }
    }

    fn frame_range(&self) -> (f64, f64) {
        (1.0, f64::from(LAST))
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let i = (time.round() as usize).wrapping_sub(1);
        self.0.get(i).cloned().ok_or_else(|| SourceError::Missing(format!("no frame {time}")))
    }
}

/// A flat grey picture, on which no flow can be found, that carries the card's motion in its planes.
struct WithPlanes;

impl FrameSource for WithPlanes {
    fn format(&self) -> SourceFormat {
        let planes = [FORWARD, BACKWARD].map(str::to_owned).to_vec();
        SourceFormat { planes, ..Shot::new(LAST).format() }
    }

    fn frame_range(&self) -> (f64, f64) {
        (1.0, f64::from(LAST))
    }

    fn picture(&self, _: f64) -> Result<Arc<Picture>, SourceError> {
        Ok(Arc::new(Picture::from_fn(self.format().bounds, Components::Rgba, |_, _| [0.5, 0.5, 0.5, 1.0])))
    }

    fn plane(&self, _: f64, name: &str) -> Result<Option<Arc<Picture>>, SourceError> {
        // Pixels, y up: right by 3 and down by 1 a frame.
        let motion = match name {
            FORWARD => [3.0, -1.0, 0.0, 0.0],
            BACKWARD => [-3.0, 1.0, 0.0, 0.0],
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(Picture::from_fn(self.format().bounds, Components::Xy, |_, _| motion))))
    }
}

/// Motion Vectors' own pictures of the shot, in a convention.
fn vectors(convention: &str) -> Arc<dyn FrameSource> {
    let (host, mut node) = node("full", MOTION_VECTORS, Context::Filter);
    node.connect("Source", Shot::new(LAST).source()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.set_text("convention", None, convention).unwrap();
    let frames = (1..=LAST).map(|f| {
        let picture = node.render(&RenderJob::at(f64::from(f))).unwrap();
        Arc::new(picture.convert(Components::Rgba, Depth::Float))
    });
    let frames = Rendered(frames.collect());
    drop(node);
    assert_clean(&host);
    Arc::new(frames)
}

fn solved(node: &mut Node) -> Document {
    node.set("shapes", document(&[1]).to_json().unwrap()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.press("solve").unwrap();
    Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap()
}

/// The largest distance of a point from another document's, px.
fn distance(a: &Document, b: &Document) -> f64 {
    let pairs =
        a.shapes[0].keys.iter().zip(&b.shapes[0].keys).flat_map(|(k, l)| k.points.iter().zip(&l.points));
    pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).fold(0.0, f64::max)
}

fn assert_on_the_card(document: &Document, limit_px: f64) {
    assert_eq!(document.shapes[0].keys.len(), LAST as usize);
    for key in &document.shapes[0].keys {
        for (p, q) in key.points.iter().zip(outline(key.frame as i32)) {
            let far = (p.x - q.x).hypot(p.y - q.y);
            assert!(far < limit_px, "frame {}: {far} px off", key.frame);
        }
    }
}

#[test]
fn a_motion_clip_gives_what_the_built_in_flow_gives() {
    let built_in = {
        let (_host, mut node) = node("full", MOTION2ROTO, Context::General);
        node.connect("Source", Shot::new(LAST).source()).unwrap();
        solved(&mut node)
    };
    for convention in ["Nuke", "Blender", "0.5-centred", "Pixels"] {
        let (host, mut node) = node("nuke", MOTION2ROTO, Context::General);
        node.connect("Source", Shot::new(LAST).source()).unwrap();
        node.connect("Motion", vectors(convention)).unwrap();
        node.set_text("motionSource", None, "Motion clip").unwrap();
        node.set_text("convention", None, convention).unwrap();
        let by_clip = solved(&mut node);
        assert_on_the_card(&by_clip, 0.5);
        let far = distance(&by_clip, &built_in);
        assert!(far < 0.25, "{convention}: {far} px from the built-in flow's");
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn motion_planes_of_the_source_carry_splines() {
    for profile in ["nuke", "natron"] {
        let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
        node.connect("Source", Arc::new(WithPlanes)).unwrap();
        node.set_text("motionSource", None, "Host planes").unwrap();
        // What the vectors alone say.
        node.set("followOutline", false).unwrap();
        assert_on_the_card(&solved(&mut node), 0.01);
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn motion_vectors_are_planes_where_effects_name_planes() {
    let pixels = |picture: Picture| picture.to_rgba_f32();
    let (host, mut node) = node("natron", MOTION_VECTORS, Context::Filter);
    node.connect("Source", Shot::new(LAST).source()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    assert_eq!(node.planes(2.0).unwrap().len(), 1, "none are made unasked");
    let outputs = ["Forward and backward", "Confidence", "Occlusion"];
    let before = outputs.map(|output| {
        node.set_text("output", None, output).unwrap();
        pixels(node.render(&RenderJob::at(2.0)).unwrap())
    });
    node.set("motionPlanes", true).unwrap();
    assert_eq!(node.planes(2.0).unwrap().len(), 5);
    let [vectors, confidence, occlusion] = outputs.map(|output| {
        node.set_text("output", None, output).unwrap();
        pixels(node.render(&RenderJob::at(2.0)).unwrap())
    });
    assert_eq!([&vectors, &confidence, &occlusion], before.each_ref(), "the colour is as it was");
    let of = |node: &Node, name: &str| {
        let plane = node.render(&RenderJob::at(2.0).of_plane(name)).unwrap();
        assert_eq!((plane.components(), plane.depth()), (Components::Xy, Depth::Float), "{name}");
        pixels(plane)
    };
    let same = |plane: Vec<[f32; 4]>, wanted: &[[f32; 4]], first: usize| {
        plane.iter().zip(wanted).all(|(p, w)| p[..2] == w[first..first + 2])
    };
    assert!(same(of(&node, "forward"), &vectors, 0));
    assert!(same(of(&node, "backward"), &vectors, 2));
    assert!(same(of(&node, "confidence"), &confidence, 0));
    assert!(same(of(&node, "occlusion"), &occlusion, 0));
    // The planes do not follow the convention of the colour.
    node.set_text("output", None, outputs[0]).unwrap();
    node.set_text("convention", None, "0.5-centred").unwrap();
    assert!(same(of(&node, "forward"), &vectors, 0));
    drop(node);
    assert_clean(&host);
    for profile in host::Profile::NAMES {
        let (_host, node) = tests::node(profile, MOTION_VECTORS, Context::Filter);
        assert_eq!(node.param("motionPlanes").is_ok(), profile == "natron", "{profile}");
    }
}

#[test]
fn a_motion_source_that_is_not_there_is_named() {
    for (source, says) in [("Motion clip", "connect vectors"), ("Host planes", "no motion planes")] {
        let (_host, mut node) = node("natron", MOTION2ROTO, Context::General);
        node.connect("Source", Shot::new(3).source()).unwrap();
        node.set("shapes", document(&[1]).to_json().unwrap()).unwrap();
        node.set_text("motionSource", None, source).unwrap();
        let said = node.press("solve").map_or_else(|e| e.to_string(), |()| String::new());
        let said = node.persistent_message().map_or(said, |m| m.text);
        assert!(said.contains(says), "{source}: \"{said}\"");
    }
}
