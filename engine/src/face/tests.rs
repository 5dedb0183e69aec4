//! A face drawn in code, learned and found again.

use std::sync::Arc;

use shapes::{Document, Key, Point, Shape, Track, TrackKey};

use super::{Example, Face, FaceError, Options, analyse};
use crate::image::{Colours, Plane};
use crate::motion2roto::{Frames, SolveError};

const SIZE: (usize, usize) = (200, 160);
const MARKS: [(&str, f64, f64); 9] = [
    ("eye_L", 14.0, -10.0),
    ("eye_R", -14.0, -10.0),
    ("brow_L", 15.0, -22.0),
    ("brow_R", -15.0, -22.0),
    ("nose", 0.0, 4.0),
    ("mouth_L", 10.0, 18.0),
    ("mouth_R", -10.0, 18.0),
    ("chin", 0.0, 32.0),
    ("forehead", 0.0, -34.0),
];

/// The middle of the head.
fn middle(frame: i32) -> [f64; 2] {
    let t = f64::from(frame);
    [80.0 + 2.4 * t, 76.0 + 0.8 * t]
}

/// How far the mouth is down on the frames of the second print.
fn opened(frame: i32) -> f64 {
    if frame >= 5 { 5.0 } else { 0.0 }
}

fn mark(i: usize, frame: i32) -> [f64; 2] {
    let ([cx, cy], (name, x, y)) = (middle(frame), MARKS[i]);
    let down = if name.starts_with("mouth") || name == "chin" { opened(frame) } else { 0.0 };
    [cx + x, cy + y + down]
}

/// Speckles that look different everywhere.
fn speckle(x: f64, y: f64) -> f64 {
    let wave = |a: f64, b: f64, c: f64| (a * x + b * y + c).sin();
    0.25 * (wave(0.41, 0.13, 0.3) * wave(-0.17, 0.37, 1.0) + wave(0.61, -0.43, 2.0) * wave(0.29, 0.53, 0.7))
}

pub(super) fn picture(frame: i32) -> Arc<Colours> {
    let ([cx, cy], (w, h)) = (middle(frame), SIZE);
    let data = (0..w * h).map(|i| {
        let (px, py) = ((i % w) as f64 + 0.5, (i / w) as f64 + 0.5);
        let (x, y) = (px - cx, py - cy);
        let y = if y > 10.0 { y - opened(frame) * ((y - 10.0) / 8.0).min(1.0) } else { y };
        let inside = (x / 40.0).powi(2) + (y / 46.0).powi(2) < 1.0;
        let dot = MARKS.iter().any(|(_, a, b)| (x - a).hypot(y - b) < 3.0);
        let v = match (dot, inside) {
            (true, _) => 0.1,
            (_, true) => 0.6 + speckle(3.0 * x, 3.0 * y),
            _ => 0.3 + 0.3 * speckle(0.4 * px + 40.0, 0.4 * py),
        };
        [(v * 127.0) as u8; 3]
    });
    Arc::new(Colours::from_vec(w, h, data.collect()).unwrap())
}

fn document(frames: &[i32]) -> Document {
    let mut document = Document::new(SIZE.0 as u32, SIZE.1 as u32);
    for (i, (name, ..)) in MARKS.iter().enumerate() {
        let key = |&f: &i32| TrackKey::new(f64::from(f), mark(i, f)[0], mark(i, f)[1]);
        let keys = frames.iter().map(key).collect();
        document.tracks.push(Track::new(name, keys));
    }
    let outline = |&f: &i32| {
        let point = |i: usize| Point::new(mark(i, f)[0], mark(i, f)[1], [-3.0, 0.0], [3.0, 0.0]);
        Key::new(f64::from(f), [5, 7, 6].map(point).to_vec())
    };
    document.shapes.push(Shape::new("mouth", true, frames.iter().map(outline).collect()));
    document
}

pub(super) fn example(frame: i32, label: f64) -> Example {
    Example {
        label: format!("{label}"),
        source: String::new(),
        picture: picture(frame),
        document: document(&[frame]),
        frame: f64::from(frame),
    }
}

pub(super) fn face(count: i32) -> Face {
    let examples: Vec<Example> = (1..=count).map(|f| example(2 * f, f64::from(f))).collect();
    Face::learn("speckled", &examples, &|| false).unwrap()
}

struct Shot;

impl Frames for Shot {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Err(SolveError::NoFrame(frame))
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        if (1..=8).contains(&frame) { Ok(Some(picture(frame))) } else { Err(SolveError::NoFrame(frame)) }
    }
}

fn options() -> Options {
    Options { first: 1, last: 8, region: None, smoothing: 0.0 }
}

fn worst(document: &Document) -> f64 {
    let mut worst = 0.0f64;
    for (i, (name, ..)) in MARKS.iter().enumerate() {
        let track = document.tracks.iter().find(|t| t.name == *name).unwrap();
        assert_eq!(track.keys.len(), 8, "{name}");
        for k in &track.keys {
            let [x, y] = mark(i, k.frame as i32);
            worst = worst.max((k.x - x).hypot(k.y - y));
        }
    }
    worst
}

#[test]
fn two_keyed_frames_make_all_of_the_shot() {
    let found = analyse(None, &document(&[1, 8]), &Shot, &options(), &mut |_| true).unwrap();
    assert!(worst(&found.document) < 1.0, "{}", worst(&found.document));
    assert!(found.frames.iter().all(|f| f.found && !f.held));
    assert!(
        found.document.shapes[0].keys.iter().all(|k| (k.frame == 1.0 || k.frame == 8.0) == k.is_artists())
    );
}

#[test]
fn a_learned_face_is_found_without_help() {
    let found = analyse(Some(&face(4)), &Document::new(200, 160), &Shot, &options(), &mut |_| true).unwrap();
    assert!(worst(&found.document) < 1.0, "{}", worst(&found.document));
}

#[test]
fn a_place_set_by_hand_is_exact_and_locked() {
    let mut given = document(&[1, 8]);
    let moved = TrackKey { locked: true, ..TrackKey::new(4.0, mark(4, 4)[0] + 2.0, mark(4, 4)[1]) };
    given.tracks[4].keys.insert(1, moved.clone());
    let found = analyse(None, &given, &Shot, &options(), &mut |_| true).unwrap().document;
    assert_eq!(found.tracks[4].keys[3], moved);
    assert!(found.tracks[4].keys.iter().filter(|k| k.locked).count() == 3);
}

#[test]
fn a_frame_with_some_places_set_by_hand_is_found_around_them() {
    let mut given = document(&[1, 8]);
    for (i, track) in given.tracks.iter_mut().enumerate().take(6).filter(|(i, _)| *i != 5) {
        track.set_key(TrackKey { locked: true, ..TrackKey::new(6.0, mark(i, 6)[0], mark(i, 6)[1]) });
    }
    let forehead = MARKS.len() - 1;
    given.tracks[forehead].set_key(TrackKey::new(6.0, mark(forehead, 6)[0], mark(forehead, 6)[1]));
    let found = analyse(None, &given, &Shot, &options(), &mut |_| true).unwrap().document;
    assert!(worst(&found) < 1.0, "{}", worst(&found));
}

#[test]
fn a_shape_keyed_nowhere_stays_out_of_files() {
    let mut elsewhere = example(2, 1.0);
    let outline = elsewhere.document.shapes[0].keys[0].clone();
    let other = Shape::new("other", true, vec![Key { frame: 7.0, ..outline }]);
    elsewhere.document.shapes.push(other);
    let face = Face::learn("speckled", &[elsewhere, example(6, 2.0)], &|| false).unwrap();
    let read = Face::from_bytes(&face.to_bytes()).unwrap();
    assert_eq!(read.shapes().len(), 1);

    let blank = Options { first: 20, last: 21, ..options() };
    let found = analyse(Some(&face), &Document::new(200, 160), &Shot, &blank, &mut |_| true).unwrap();
    assert!(found.frames.iter().all(|f| !f.found));
    assert!(found.document.shapes.is_empty());
}

#[test]
fn what_cannot_be_is_said() {
    let none = analyse(None, &Document::new(200, 160), &Shot, &options(), &mut |_| true);
    assert_eq!(none, Err(FaceError::NoKeys));
    let stopped = analyse(None, &document(&[1]), &Shot, &options(), &mut |_| false);
    assert_eq!(stopped, Err(FaceError::Cancelled));
    let nowhere = Options { first: 100, last: 104, ..options() };
    let found = analyse(Some(&face(2)), &Document::new(200, 160), &Shot, &nowhere, &mut |_| true).unwrap();
    assert!(found.frames.len() == 5 && found.frames.iter().all(|f| !f.found));
}
