//! The sample shot, whose truth is known: Motion2Roto's splines lie on the puppet.

use std::sync::Arc;

use host::{Context, io::Sequence};
use shapes::{Document, Shape};
use tests::{MOTION2ROTO, assert_clean, node, project};

#[test]
fn solved_splines_lie_on_the_puppet() {
    let folder = project().join("resources/sample");
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    let plate = Sequence::open(folder.join("plate.####.jpg").to_str().unwrap()).unwrap();
    node.connect("Source", Arc::new(plate)).unwrap();
    node.set("shapesFile", folder.join("keys.json").to_str().unwrap()).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.press("solve").unwrap();
    let text = node.get("shapes").unwrap();
    let solved = Document::from_json(text.as_text().unwrap()).unwrap();
    let truth = Document::load(&folder.join("truth.json")).unwrap();
    // Measured 0.3 to 0.5 px, and 1.1 px for the mouth, which is another print on every second frame.
    for (name, limit_px) in
        [("head", 0.8), ("eye_L", 0.8), ("eye_R", 0.8), ("seam", 0.6), ("mouth_outer", 1.8)]
    {
        let (shape, truth) = (solved.shape(name).unwrap(), truth.shape(name).unwrap());
        let miss = median_miss_px(shape, truth);
        assert!(miss < limit_px, "{name} is {miss:.2} px off");
    }
    drop(node);
    assert_clean(&host);
}

/// Median distance of control points from where the material is, on the frames that no artist keyed.
fn median_miss_px(shape: &Shape, truth: &Shape) -> f64 {
    let mut misses: Vec<f64> = shape
        .keys
        .iter()
        .filter(|k| !k.is_artists())
        .flat_map(|k| k.points.iter().zip(truth.points_at(k.frame)))
        .map(|(p, q)| (p.x - q.x).hypot(p.y - q.y))
        .collect();
    assert_eq!(misses.len(), 21 * shape.keys[0].points.len(), "21 frames lie between the keys");
    misses.sort_by(f64::total_cmp);
    misses[misses.len() / 2]
}
