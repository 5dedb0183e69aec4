//! The face on every frame of a shot.

use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Matrix2, Point2};
use shapes::{Document, Key, Track, TrackKey};

use super::fit::State;
use super::frame::{Fitted, ROUNDS, fit};
use super::held::held;
use super::layout::{Layout, bounds};
use super::learned::{Example, FEWEST_PLACES, Face, FaceError, Learned, keyed_frames};
use super::look::Look;
use super::matching::{Found, Reference};
use super::smooth::smooth;
use super::solid::RADIUS;
use super::start::{FOUND, search};
use super::structure::Redrawn;
use crate::motion2roto::{Frames, SolveError};

/// What an analysis is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// First frame.
    pub first: i32,
    /// Last frame.
    pub last: i32,
    /// Where the middle of the head is on the first frame: x0, y0, x1, y1, px.
    pub region: Option<[f64; 4]>,
    /// How much the head's path is smoothed where it moves smoothly, 0 to 1.
    pub smoothing: f64,
}

/// What an analysis gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Landmarks as tracks and shapes, keyed on every frame on which the face was found. What the artist keyed is in it
    /// unchanged, and locked.
    pub document: Document,
    /// A report a frame.
    pub frames: Vec<FrameReport>,
    /// Shapes of keyed pictures that were drawn with other points than here.
    pub redrawn: Vec<Redrawn>,
}

/// What is known of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameReport {
    /// Which.
    pub frame: i32,
    /// Where the places of the face are, px.
    pub bounds: Option<[f64; 4]>,
    /// How far off a place is expected to be, px.
    pub expected_px: f64,
    /// The same pose as on the frame before.
    pub held: bool,
    /// Whether the head was found.
    pub found: bool,
    /// Shapes of which no keyed picture shows what is seen here, on the first frame where that is so.
    pub new_pieces: Vec<String>,
}

/// How far a frame found before counts beside an artist's keys.
const TRUST_OF_NEIGHBOURS: f64 = 0.5;
/// Correlation of a shape's points with every keyed picture below which it is something new, and that with the frame
/// before above which it is the same again.
const NEW_PIECE: (f64, f64) = (0.5, 0.85);
/// Around the face where a frame is compared with the one before, px of the look.
const HELD_MARGIN: f64 = 0.1 * RADIUS;
/// Frames after a lost head on which it is looked for anew.
const SEARCH_EVERY: i32 = 8;
/// The last rounds: both neighbours are known by then.
const LAST_ROUNDS: usize = 3;

/// What is known of the face on one frame, px of the looks.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub state: State,
    pub found: Vec<Option<Found>>,
    pub score: f64,
    pub held: bool,
    /// An artist keyed it whole.
    pub keyed: bool,
}

/// Finds the face in a shot. `given` has the artist's keys on this shot: frames on which most places are keyed are learned from and taken
/// as they are; on others the keyed places are exact and the rest is found around them. Without a face at least one frame has to be keyed. `progress` gets 0 to 1 and says whether to go on.
///
/// Pictures are asked for in order, on the calling thread: forwards, backwards, and forwards again.
pub fn analyse(
    face: Option<&Face>,
    given: &Document,
    frames: &dyn Frames,
    options: &Options,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Analysis, FaceError> {
    let counts = keyed_frames(given);
    let places =
        Layout::of([given].into_iter().chain(face.iter().flat_map(|f| f.keyed.iter().map(|k| &k.document))))
            .core;
    let is_whole = |count: usize| count >= FEWEST_PLACES && 2 * count > places;
    // Without a face and without a frame that is keyed whole there is nothing better to start from.
    let any = face.is_none() && !counts.values().any(|&count| is_whole(count));
    let mut own: BTreeMap<i32, String> = BTreeMap::new();
    let mut examples = Vec::new();
    for (&frame, _) in counts.iter().filter(|&(_, &count)| is_whole(count) || any && count >= FEWEST_PLACES) {
        let picture = match frames.picture(frame) {
            Ok(Some(picture)) => picture,
            Ok(None) | Err(SolveError::NoFrame(_)) => continue,
            Err(e) => return Err(e.into()),
        };
        let label = format!("this shot, frame {frame}");
        own.insert(frame, label.clone());
        let source = String::new();
        examples.push(Example { label, source, picture, document: given.clone(), frame: f64::from(frame) });
    }
    let face = match face {
        Some(face) if examples.is_empty() && given.shapes.is_empty() => face.clone(),
        Some(face) => face.on_shot(&examples, given, &|| false)?,
        None => Face::learn("", &examples, &|| false)?,
    };
    let own = own
        .into_iter()
        .filter_map(|(frame, label)| Some((frame, face.keyed.iter().position(|k| k.label == label)?)));
    let mut shot =
        Shot { own: own.collect(), face: &face, given, frames, options, scale: 1.0, seen: BTreeMap::new() };
    shot.run(progress)?;
    smooth(&mut shot.seen, options.smoothing);
    Ok(written(&face, given, options, &shot.seen, shot.scale))
}

struct Shot<'a> {
    face: &'a Face,
    given: &'a Document,
    frames: &'a dyn Frames,
    options: &'a Options,
    /// Frames of this shot that are keyed whole, and which keyed picture of the face each is.
    own: BTreeMap<i32, usize>,
    /// Px of the looks for one of the pictures.
    scale: f64,
    seen: BTreeMap<i32, Seen>,
}

impl Shot<'_> {
    fn learned(&self) -> &Learned {
        &self.face.learned
    }

    fn run(&mut self, progress: &mut dyn FnMut(f32) -> bool) -> Result<(), FaceError> {
        let (first, last) = (self.options.first, self.options.last);
        self.scale = match self.own.values().next() {
            Some(&k) => self.learned().references[k].look.scale,
            None => self.find_start()?,
        };
        let frames: Vec<i32> = (first..=last).collect();
        let backwards: Vec<i32> = frames.iter().rev().copied().collect();
        let total = (3 * frames.len()).max(1) as f32;
        let mut done = 0.0;
        let mut step = || {
            done += 1.0;
            if progress(done / total) { Ok(()) } else { Err(FaceError::Cancelled) }
        };
        self.follow(&frames, &mut step)?;
        self.follow(&backwards, &mut step)?;
        self.settle(&frames, &mut step)
    }

    fn look(&self, frame: i32) -> Result<Option<Look>, FaceError> {
        match self.frames.picture(frame) {
            Ok(Some(picture)) => Ok(Some(Look::new(&picture, self.scale))),
            Ok(None) | Err(SolveError::NoFrame(_)) => Ok(None),
            Err(e) => Err(e.into()),
        }
    }

    /// Looks for the head on the first frame, then on others; the scale that suits it.
    fn find_start(&mut self) -> Result<f64, FaceError> {
        let (first, last) = (self.options.first, self.options.last);
        let length = last - first;
        let mut likely = vec![first, first + length / 2, last, first + length / 4, first + 3 * length / 4];
        likely.dedup();
        for frame in likely {
            let Ok(Some(picture)) = self.frames.picture(frame) else { continue };
            let region = self.options.region.filter(|_| frame == first);
            if let Some((fitted, scale)) = search(self.face, &picture, region) {
                self.seen.insert(frame, Seen::from(fitted));
                return Ok(scale);
            }
        }
        Ok(1.0)
    }

    /// From frame to frame, each starting where the one before ended. What is seen better than before stays.
    fn follow(
        &mut self,
        frames: &[i32],
        step: &mut dyn FnMut() -> Result<(), FaceError>,
    ) -> Result<(), FaceError> {
        let mut before: Option<(Seen, Arc<Look>)> = None;
        let mut lost = 0;
        for &frame in frames {
            step()?;
            let Some(look) = self.look(frame)?.map(Arc::new) else {
                before = None;
                continue;
            };
            let here = if let Some(&key) = self.own.get(&frame) {
                let state = self.learned().state(key, &self.face.keyed[key], self.scale);
                let core = self.learned().model.layout.core;
                Some(Seen { state, found: vec![None; core], score: f64::INFINITY, held: false, keyed: true })
            } else if let Some((seen, look_before)) = &before {
                let same = held(look_before, &look, self.bounds(&seen.state));
                Some(if same {
                    Seen { held: true, keyed: false, ..seen.clone() }
                } else {
                    let known = self.reference(&seen.state, look_before);
                    let pins = self.pins(frame);
                    Seen::from(fit(self.learned(), &look, &seen.state, &[known], &pins, &ROUNDS))
                })
            } else {
                self.seen.get(&frame).cloned()
            };
            let here = here.filter(|s| s.score >= FOUND * 0.7);
            let here = match here {
                None if lost % SEARCH_EVERY == SEARCH_EVERY - 1 => self.found_again(frame)?,
                here => here,
            };
            lost = if here.is_some() { 0 } else { lost + 1 };
            if let Some(here) = &here
                && self.seen.get(&frame).is_none_or(|s| s.score < here.score)
            {
                self.seen.insert(frame, Seen { held: false, ..here.clone() });
            }
            before = here.map(|s| (s, look));
        }
        Ok(())
    }

    fn found_again(&self, frame: i32) -> Result<Option<Seen>, FaceError> {
        let Ok(Some(picture)) = self.frames.picture(frame) else { return Ok(None) };
        let Some((fitted, scale)) = search(self.face, &picture, None) else { return Ok(None) };
        let larger = self.scale / scale;
        let mut seen = Seen::from(fitted);
        seen.state.pose.log_scale += larger.ln();
        seen.state.pose.shift *= larger;
        Ok(Some(seen))
    }

    /// Once more with what both neighbours show; a held frame is its predecessor exactly.
    fn settle(
        &mut self,
        frames: &[i32],
        step: &mut dyn FnMut() -> Result<(), FaceError>,
    ) -> Result<(), FaceError> {
        let mut before: Option<(i32, Arc<Look>)> = None;
        let mut after: Option<(i32, Arc<Look>)> = None;
        for &frame in frames {
            step()?;
            let here = match after.take().filter(|(f, _)| *f == frame) {
                Some((_, look)) => Some(look),
                None => self.look(frame)?.map(Arc::new),
            };
            after = if frame < self.options.last {
                self.look(frame + 1)?.map(|l| (frame + 1, Arc::new(l)))
            } else {
                None
            };
            let (Some(look), Some(seen)) = (&here, self.seen.get(&frame).cloned()) else {
                before = here.map(|l| (frame, l));
                continue;
            };
            let same = |other: &Option<(i32, Arc<Look>)>, matters: fn(&Seen) -> bool| {
                let (f, l) = other.as_ref()?;
                let known = self.seen.get(f).filter(|s| matters(s))?;
                held(l, look, self.bounds(&known.state)).then(|| known.clone())
            };
            let held_from = same(&before, |_| true);
            let settled = if seen.keyed {
                Seen { held: held_from.is_some(), ..seen }
            } else if let Some(known) = held_from {
                Seen { held: true, ..known }
            } else if let Some(keyed) = same(&after, |s| s.keyed) {
                Seen { held: false, ..keyed }
            } else {
                let others: Vec<Reference> = [&before, &after]
                    .into_iter()
                    .flatten()
                    .filter_map(|(f, l)| Some(self.reference(&self.seen.get(f)?.state, l)))
                    .collect();
                let rounds = &ROUNDS[ROUNDS.len() - LAST_ROUNDS..];
                Seen::from(fit(self.learned(), look, &seen.state, &others, &self.pins(frame), rounds))
            };
            self.seen.insert(frame, settled);
            before = here.map(|l| (frame, l));
        }
        Ok(())
    }

    fn reference(&self, state: &State, look: &Arc<Look>) -> Reference {
        let model = &self.learned().model;
        let places = model.places(state).into_iter().take(model.layout.core).map(Some).collect();
        Reference { look: Arc::clone(look), places, pose: state.pose, trust: TRUST_OF_NEIGHBOURS }
    }

    /// Around the places, px of the look.
    fn bounds(&self, state: &State) -> [f64; 4] {
        bounds(&self.learned().model.places(state), HELD_MARGIN)
    }

    /// The places that an artist has set on a frame that is not keyed whole.
    fn pins(&self, frame: i32) -> Vec<(usize, Found)> {
        let layout = &self.learned().model.layout;
        let frame = f64::from(frame);
        let pinned = layout.places(&self.given.artists_at(frame), frame);
        let certain = Matrix2::identity() / (0.05 * 0.05);
        let pin =
            |p: Point2<f64>| Found { at: p * self.scale, information: certain, score: 1.0, key_score: 1.0 };
        let places = pinned.into_iter().take(layout.core).enumerate();
        places.filter_map(|(i, p)| Some((i, pin(p?)))).collect()
    }
}

impl From<Fitted> for Seen {
    fn from(fitted: Fitted) -> Self {
        Seen { state: fitted.state, found: fitted.found, score: fitted.score, held: false, keyed: false }
    }
}

/// How far off a place is expected to be, px of the look, by how well it was found in keyed pictures, and how far from there the
/// face as a whole has it.
fn expected(found: Option<&Found>, place: &Point2<f64>) -> f64 {
    let Some(found) = found else { return UNSEEN_PX };
    let apart = (found.at - place).norm();
    0.4 + UNSEEN_PX * (1.0 - found.key_score).powi(2) + 0.7 * apart
}

/// Expected error of a place that was not found, px of the look.
const UNSEEN_PX: f64 = 4.0;

fn written(
    face: &Face,
    given: &Document,
    options: &Options,
    seen: &BTreeMap<i32, Seen>,
    scale: f64,
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
    let mut news: Vec<String> = Vec::new();
    for frame in options.first..=options.last {
        let at = f64::from(frame);
        let Some(here) = seen.get(&frame) else {
            let lost = FrameReport {
                frame,
                bounds: None,
                expected_px: f64::INFINITY,
                held: false,
                found: false,
                new_pieces: Vec::new(),
            };
            reports.push(lost);
            continue;
        };
        let places: Vec<Point2<f64>> = model.places(&here.state).into_iter().map(|p| p / scale).collect();
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
        let mut new_pieces = Vec::new();
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
            let score = |i: usize, of: &dyn Fn(&Found) -> f64| here.found[i].as_ref().map_or(0.0, of);
            let keyed = mean(&|i| score(i, &|f| f.key_score));
            let again = mean(&|i| score(i, &|f| f.score));
            if !here.keyed && keyed < NEW_PIECE.0 && !(news.contains(&shape.name) && again > NEW_PIECE.1) {
                new_pieces.push(shape.name.clone());
            }
        }
        news.extend(new_pieces.iter().cloned());
        let core = layout.core.max(1) as f64;
        reports.push(FrameReport {
            frame,
            bounds: Some(bounds(&places, 0.0)),
            expected_px: (0..layout.core).map(off).sum::<f64>() / core,
            held: here.held,
            found: true,
            new_pieces,
        });
    }
    // A document has no shape without keys: one that was found nowhere is not in it.
    document.shapes.retain(|s| !s.keys.is_empty());
    Analysis { document, frames: reports, redrawn: face.redrawn().to_vec() }
}
