//! A face drawn in code, learned and found again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use shapes::{Document, Key, Point, Shape, Track, TrackKey};

use super::{Detected, Detector, Example, Face, FaceError, Options, analyse, wanted};
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
    drawn(frame, 0.0, 1.0)
}

/// With a head that reaches further up, and with a share of the speckles.
fn drawn(frame: i32, taller: f64, speckled: f64) -> Arc<Colours> {
    let ([cx, cy], (w, h)) = (middle(frame), SIZE);
    let data = (0..w * h).map(|i| {
        let (px, py) = ((i % w) as f64 + 0.5, (i / w) as f64 + 0.5);
        let (x, y) = (px - cx, py - cy);
        let y = if y > 10.0 { y - opened(frame) * ((y - 10.0) / 8.0).min(1.0) } else { y };
        let tall = if y < 0.0 { 46.0 + taller } else { 46.0 };
        let inside = (x / 40.0).powi(2) + (y / tall).powi(2) < 1.0;
        let dot = MARKS.iter().any(|(_, a, b)| (x - a).hypot(y - b) < 3.0);
        let v = match (dot, inside) {
            (true, _) => 0.1,
            (_, true) => 0.6 + speckled * speckle(3.0 * x, 3.0 * y),
            _ => 0.3 + 0.3 * speckled * speckle(0.4 * px + 40.0, 0.4 * py),
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

/// The shot, counting the pictures that are asked for.
#[derive(Default)]
struct Counted(AtomicUsize);

impl Frames for Counted {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Shot.plane(frame)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Shot.picture(frame)
    }
}

fn options() -> Options<'static> {
    Options { first: 1, last: 8, ..Options::default() }
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

/// A head of which no key shows how tall it is on the frames between.
struct Taller;

impl Frames for Taller {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Err(SolveError::NoFrame(frame))
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        Ok(Some(drawn(frame, if (2..=7).contains(&frame) { 6.0 } else { 0.0 }, 0.2)))
    }
}

#[test]
fn snapped_outlines_lie_on_edges_that_no_key_shows() {
    let mut given = document(&[1, 8]);
    let round = |&frame: &i32| {
        let ([cx, cy], bend) = (middle(frame), 0.5523);
        let point = |[x, y]: [f64; 2]| {
            let along = [-y * 40.0 / 46.0 * bend, x * 46.0 / 40.0 * bend];
            Point::new(cx + x, cy + y, along.map(|v| -v), along)
        };
        let points = [[0.0, -46.0], [40.0, 0.0], [0.0, 46.0], [-40.0, 0.0]].map(point);
        Key::new(f64::from(frame), points.to_vec())
    };
    given.shapes.push(Shape::new("head", true, [1, 8].iter().map(round).collect()));
    let off = |snap: f64| {
        let found = analyse(None, &given, &Taller, &Options { snap, ..options() }, &mut |_| true).unwrap();
        let head = found.document.shape("head").unwrap();
        let above = |f: i32| (head.key_at(f64::from(f)).unwrap().points[0].y - middle(f)[1] + 52.0).abs();
        assert_eq!(head.key_at(8.0).unwrap().points, given.shapes[1].keys[1].points);
        (2..=7).map(above).fold(0.0, f64::max)
    };
    let (left, snapped) = (off(0.0), off(10.0));
    assert!(snapped < 1.5 && snapped < 0.5 * left, "{snapped} px with snap, {left} without");
}

/// The shot with another print of the mouth on two frames: wide open.
struct Replaced;

impl Frames for Replaced {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Shot.plane(frame)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        let Some(picture) = Shot.picture(frame)? else { return Ok(None) };
        let (w, [cx, cy]) = (SIZE.0, middle(frame));
        let is_print = |i: usize| {
            let (x, y) = ((i % w) as f64 - cx, (i / w) as f64 - cy);
            (3..=4).contains(&frame) && (x / 14.0).hypot((y - 22.0) / 8.0) < 1.0
        };
        let pixel = |(i, c): (usize, &[u8; 3])| if is_print(i) { [15; 3] } else { *c };
        let data = picture.data().iter().enumerate().map(pixel).collect();
        Ok(Some(Arc::new(Colours::from_vec(SIZE.0, SIZE.1, data).unwrap())))
    }
}

#[test]
fn a_print_that_no_key_shows_is_asked_for_once() {
    let told = |keys: &[i32]| {
        let pieces = analyse(None, &document(keys), &Replaced, &options(), &mut |_| true).unwrap().pieces;
        let unkeyed = pieces.iter().filter(|p| !p.keyed).map(|p| (p.shape.clone(), p.frames.clone()));
        (unkeyed.collect::<Vec<_>>(), wanted(&pieces, keys).iter().map(|w| w.frame).collect::<Vec<_>>())
    };
    let (unkeyed, frames) = told(&[1, 8]);
    assert_eq!(unkeyed, [("mouth".to_owned(), vec![3, 4])]);
    assert!(frames == [3] || frames == [4], "{frames:?}");
    assert_eq!(told(&[1, frames[0], 8]), (vec![], vec![]));
}

#[test]
fn a_learned_face_is_found_without_help() {
    let found = analyse(Some(&face(4)), &Document::new(200, 160), &Shot, &options(), &mut |_| true).unwrap();
    assert!(worst(&found.document) < 1.0, "{}", worst(&found.document));
}

#[test]
fn more_keys_are_never_worse() {
    let mean = |keys: &[i32]| {
        let found = analyse(None, &document(keys), &Shot, &options(), &mut |_| true).unwrap().document;
        let off = |(i, (name, ..)): (usize, &(&str, f64, f64))| {
            let track = found.tracks.iter().find(|t| t.name == *name).unwrap();
            let off =
                |k: &TrackKey| (k.x - mark(i, k.frame as i32)[0]).hypot(k.y - mark(i, k.frame as i32)[1]);
            track.keys.iter().map(off).sum::<f64>()
        };
        MARKS.iter().enumerate().map(off).sum::<f64>() / (8 * MARKS.len()) as f64
    };
    let errors: Vec<f64> = [&[1][..], &[1, 8], &[1, 4, 8], &[1, 3, 4, 6, 8]].map(mean).to_vec();
    assert!(errors.windows(2).all(|e| e[1] <= e[0]), "{errors:?}");
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
    let read = Face::from_bytes(&face.to_bytes(), &|| false).unwrap();
    assert_eq!(read.shapes().len(), 1);

    let blank = Options { first: 20, last: 21, ..options() };
    let found = analyse(Some(&face), &Document::new(200, 160), &Shot, &blank, &mut |_| true).unwrap();
    assert!(found.frames.iter().all(|f| !f.found));
    assert!(found.document.shapes.is_empty());
}

/// The head on the left, unseen from frame 3 to 9, and on the right one like it that looks just as on a keyed picture.
struct Two;

impl Frames for Two {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Shot.plane(frame)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        let (left, right, (w, h)) = (picture(frame), picture(4), SIZE);
        let row = |y: usize| {
            let seen = if (3..=9).contains(&frame) { &[[40; 3]; SIZE.0] } else { &left.data()[y * w..][..w] };
            [seen, &right.data()[y * w..][..w]].concat()
        };
        Ok(Some(Arc::new(Colours::from_vec(2 * w, h, (0..h).flat_map(row).collect()).unwrap())))
    }
}

#[test]
fn a_head_is_looked_for_in_the_box_of_its_frame() {
    let learned = face(3);
    let around = |frame: i32| {
        let [x, y] = middle(frame);
        (frame, [x - 30.0, y - 30.0, x + 30.0, y + 30.0])
    };
    let is_left = |boxes: &[i32], first: i32, last: i32, frames: &[i32]| {
        let regions = boxes.iter().map(|f| around(*f)).collect();
        let options = Options { first, last, regions, ..Options::default() };
        let found = analyse(Some(&learned), &Document::new(400, 160), &Two, &options, &mut |_| true).unwrap();
        let nose = found.document.tracks.into_iter().find(|t| t.name == "nose").unwrap();
        frames.iter().map(|f| nose.key_at(f64::from(*f)).unwrap().x < 200.0).collect::<Vec<_>>()
    };
    // Unseen on the first frame, it is looked for on the next one, in the box of that.
    assert_eq!(is_left(&[9, 10, 11], 9, 11, &[10, 11]), [true; 2]);
    assert_eq!(is_left(&[9], 9, 11, &[10, 11]), [false; 2]);
    // Lost, it is found again where the box is by then.
    let all: Vec<i32> = (1..=12).collect();
    assert_eq!(is_left(&all, 1, 12, &[1, 2, 10, 12]), [true; 4]);
    assert_eq!(is_left(&[1], 1, 12, &[1, 10, 12]), [true, false, false]);
}

/// The shot lying on its side.
struct Lying;

fn lying([x, y]: [f64; 2]) -> [f64; 2] {
    [SIZE.1 as f64 - y, x]
}

impl Frames for Lying {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Shot.plane(frame)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        let (upright, (w, h)) = (picture(frame), SIZE);
        let data = (0..w).flat_map(|y| (0..h).map(move |x| (h - 1 - x) * w + y)).map(|i| upright.data()[i]);
        Ok(Some(Arc::new(Colours::from_vec(h, w, data.collect()).unwrap())))
    }
}

/// Sees the lying head of one frame, about; two places not at all, and one that no face has.
#[derive(Debug)]
struct Glance(i32);

impl Detector for Glance {
    fn places(&self, _: &Colours, near: Option<[f64; 4]>) -> Vec<Detected> {
        assert_eq!(near, None);
        let seen = |i: usize, far: f64| {
            let [x, y] = lying(mark(i, self.0));
            let at = [x + far * (i as f64).sin(), y + far * (i as f64).cos()];
            Detected { name: MARKS[i].0.to_owned(), at, confidence: 0.8 }
        };
        let ear = Detected { name: "ear".to_owned(), ..seen(0, 90.0) };
        (0..MARKS.len()).map(|i| seen(i, if i == 2 || i == 7 { 40.0 } else { 2.5 })).chain([ear]).collect()
    }
}

#[test]
fn a_head_that_no_search_finds_is_found_by_what_a_detector_sees() {
    let (learned, given) = (face(4), Document::new(160, 200));
    let alone = analyse(Some(&learned), &given, &Lying, &options(), &mut |_| true).unwrap();
    assert!(alone.frames.iter().all(|f| !f.found));
    let glance = Glance(1);
    let helped = Options { detector: Some(&glance), ..options() };
    let found = analyse(Some(&learned), &given, &Lying, &helped, &mut |_| true).unwrap();
    assert!(found.frames.iter().all(|f| f.found));
    for track in &found.document.tracks {
        let i = MARKS.iter().position(|m| m.0 == track.name).unwrap();
        for k in &track.keys {
            let [x, y] = lying(mark(i, k.frame as i32));
            assert!((k.x - x).hypot(k.y - y) < 1.5, "{} on {}", track.name, k.frame);
        }
    }
}

#[test]
fn an_analysis_ends_wherever_it_is_stopped() {
    let learned = face(3);
    for (face, given) in [(None, document(&[1, 8])), (Some(&learned), Document::new(200, 160))] {
        let mut asked = Vec::new();
        analyse(face, &given, &Shot, &options(), &mut |done| {
            asked.push(done);
            true
        })
        .unwrap();
        assert!(asked.is_sorted() && asked.last().is_some_and(|done| *done > 0.99), "{asked:?}");
        let before_frames = asked.iter().filter(|done| **done == 0.0).count();
        assert!(before_frames > 12, "learning and looking for the head ask {before_frames} times");
        for stop in (1..=asked.len()).step_by(5) {
            let frames = Counted::default();
            let (mut calls, mut fetched) = (0, 0);
            let stopped = analyse(face, &given, &frames, &options(), &mut |_| {
                calls += 1;
                fetched = frames.0.load(Ordering::Relaxed);
                calls < stop
            });
            assert_eq!(stopped, Err(FaceError::Cancelled), "at {stop}");
            assert_eq!(
                (calls, fetched),
                (stop, frames.0.into_inner()),
                "work goes on after a stop at {stop}"
            );
        }
    }
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
