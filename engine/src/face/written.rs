//! What was seen of the face as tracks and shapes, with what the artist keyed in it.

use std::collections::BTreeMap;

use nalgebra::Point2;
use shapes::{Document, Key, Track, TrackKey};

use super::layout::bounds;
use super::learned::Face;
use super::matching::Found;
use super::pieces::Piece;
use super::shot::{Analysis, FrameReport, Options, Seen};

/// Expected error of a place that was not found, px of the look.
const UNSEEN_PX: f64 = 4.0;

/// How far off a place is expected to be, px of the look, by how well it was found in keyed pictures, and how far from there the
/// face as a whole has it.
fn expected(found: Option<&Found>, place: &Point2<f64>) -> f64 {
    let Some(found) = found else { return UNSEEN_PX };
    let apart = (found.at - place).norm();
    0.4 + UNSEEN_PX * (1.0 - found.key_score).powi(2) + 0.7 * apart
}

/// The document and the reports of what was seen on frames of a shot, and the pieces that they show; `scale` px of the looks are one of
/// the pictures.
pub(super) fn written(
    face: &Face,
    given: &Document,
    options: &Options<'_>,
    seen: &BTreeMap<i32, Seen>,
    scale: f64,
    pieces: Vec<Piece>,
) -> Analysis {
    let model = &face.learned.model;
    let layout = &model.layout;
    let mut document = given.clone();
    for name in &layout.landmarks {
        if document.tracks.iter().all(|t| t.name != *name) {
            document.tracks.push(Track::new(name, Vec::new()));
        }
    }
    for shape in face.shapes() {
        if document.shape(&shape.name).is_none() {
            document.shapes.push(shape.clone());
        }
    }
    let in_range = |frame: f64| frame >= f64::from(options.first) && frame <= f64::from(options.last);
    for track in &mut document.tracks {
        track.keys.retain(|k| k.is_artists() || !in_range(k.frame));
        track.keys.iter_mut().filter(|k| k.is_artists()).for_each(|k| k.locked = true);
    }
    for shape in &mut document.shapes {
        shape.keys.retain(|k| k.is_artists() || !in_range(k.frame));
        shape.keys.iter_mut().filter(|k| k.is_artists()).for_each(|k| k.locked = true);
    }
    let mut reports = Vec::new();
    for frame in options.first..=options.last {
        let at = f64::from(frame);
        let Some(here) = seen.get(&frame) else {
            let lost = FrameReport {
                frame,
                bounds: None,
                expected_px: f64::INFINITY,
                held: false,
                keyed: false,
                found: false,
            };
            reports.push(lost);
            continue;
        };
        let mut places = model.places(&here.state);
        places.iter_mut().zip(&here.moves).for_each(|(place, by)| *place += by);
        places.iter_mut().for_each(|place| *place /= scale);
        let off = |i: usize| {
            if here.keyed { 0.0 } else { expected(here.found[i].as_ref(), &(places[i] * scale)) / scale }
        };
        let confidence = |px: f64| Some((1.0 / (1.0 + px)).min(0.999));
        for (i, name) in layout.landmarks.iter().enumerate() {
            let Some(track) = document.tracks.iter_mut().find(|t| t.name == *name) else { continue };
            if track.key_at(at).is_none() {
                track.set_key(TrackKey {
                    confidence: confidence(off(i)),
                    visible: face.learned.is_visible(i, &here.state),
                    ..TrackKey::new(at, places[i].x, places[i].y)
                });
            }
        }
        for (outline, knots) in layout.knots() {
            let count = outline.knots.max(1) as f64;
            let mean = |of: &dyn Fn(usize) -> f64| knots.clone().map(of).sum::<f64>() / count;
            let Some(shape) = document.shapes.iter_mut().find(|s| s.name == outline.shape.name) else {
                continue;
            };
            if shape.key_at(at).is_none() {
                let confidence = confidence(mean(&off));
                shape.set_key(Key { confidence, ..Key::new(at, layout.points(outline, &places)) });
            }
        }
        let core = layout.core.max(1) as f64;
        reports.push(FrameReport {
            frame,
            bounds: Some(bounds(&places, 0.0)),
            expected_px: (0..layout.core).map(off).sum::<f64>() / core,
            held: here.held,
            keyed: here.keyed,
            found: true,
        });
    }
    // A document has no shape without keys: one that was found nowhere is not in it.
    document.shapes.retain(|s| !s.keys.is_empty());
    Analysis { document, frames: reports, pieces, redrawn: face.redrawn().to_vec() }
}
