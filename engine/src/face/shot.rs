//! The face on every frame of a shot.

use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::{Matrix2, Point2, Vector2};
use rayon::prelude::*;
use shapes::Document;

use super::detector::Detector;
use super::fit::State;
use super::frame::{Fitted, ROUNDS, fit, snapped};
use super::held::held;
use super::layout::{Layout, bounds};
use super::learned::{Example, FEWEST_PLACES, Face, FaceError, Learned, keyed_frames};
use super::look::Look;
use super::matching::{Found, Reference};
use super::pieces::{Part, Piece, Print, pieces};
use super::progress::Progress;
use super::smooth::smooth;
use super::solid::spread;
use super::start::{FOUND, search};
use super::structure::Redrawn;
use super::written::written;
use crate::image::Colours;
use crate::motion2roto::{Frames, SolveError};

/// What an analysis is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// First frame.
    pub first: i32,
    /// Last frame.
    pub last: i32,
    /// Where the middle of the head is, on frames for which that is known: x0, y0, x1, y1, px. What is followed out of its box
    /// is not the head. Where it has to be looked for it is looked for in the frame's box, or else in the whole picture.
    pub regions: BTreeMap<i32, [f64; 4]>,
    /// How much the head's path is smoothed where it moves smoothly, 0 to 1.
    pub smoothing: f64,
    /// How far outlines may be taken to edges in the picture, px; 0 leaves them where the face has them.
    pub snap: f64,
    /// Who helps where the head has to be looked for.
    pub detector: Option<&'a dyn Detector>,
}

/// What an analysis gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Landmarks as tracks and shapes, keyed on every frame on which the face was found. What the artist keyed is in it
    /// unchanged, and locked.
    pub document: Document,
    /// A report a frame.
    pub frames: Vec<FrameReport>,
    /// The replacement pieces that the shot shows.
    pub pieces: Vec<Piece>,
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
    /// An artist keyed it whole, or a frame that it holds the pose of.
    pub keyed: bool,
    /// Whether the head was found.
    pub found: bool,
}

/// How far a frame found before counts beside an artist's keys.
const TRUST_OF_NEIGHBOURS: f64 = 0.5;
/// Around the face where a frame is compared with the one before, px of the look.
const HELD_MARGIN: f64 = 10.0;
/// How far the middle of a face may be beside the box that it should be in, as a share of the face's size.
const BESIDE: f64 = 0.5;
/// Frames after a lost head on which it is looked for anew.
const SEARCH_EVERY: i32 = 8;
/// Mean correlation from which on a frame that was followed from a keyed one is not followed from the next key too.
const FOLLOWED: f64 = 0.5;
/// The most that looks of frames take up that come again: each is needed forwards, backwards, and forwards again.
const KEPT_BYTES: usize = 512 << 20;
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
    /// How far each place moves beyond the state, where outlines are taken to edges.
    pub moves: Vec<Vector2<f64>>,
}

/// Finds the face in a shot. `given` has the artist's keys on this shot: frames on which most places are keyed are learned from and taken
/// as they are; on others the keyed places are exact and the rest is found around them. Without a face at least one frame has to be keyed. `progress` gets 0 to 1 and says
/// whether to go on; it is asked at least once a frame, and while learning and looking for the head more often.
///
/// Pictures are asked for in order, on the calling thread: forwards, backwards, and forwards again. Frames are followed from the keyed
/// frame that is nearest; on a shot without keys each is followed from both sides.
pub fn analyse(
    face: Option<&Face>,
    given: &Document,
    frames: &dyn Frames,
    options: &Options<'_>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Analysis, FaceError> {
    let progress = &Progress::new(progress);
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
        progress.check()?;
        let Some(picture) = picture(frames, frame)? else { continue };
        let label = format!("this shot, frame {frame}");
        own.insert(frame, label.clone());
        let source = String::new();
        examples.push(Example { label, source, picture, document: given.clone(), frame: f64::from(frame) });
    }
    let mut face = match face {
        Some(face) if examples.is_empty() && given.shapes.is_empty() => face.clone(),
        Some(face) => face.on_shot(&examples, given, &|| progress.stopped())?,
        None => Face::of_shot(&examples, &|| progress.stopped())?,
    };
    Arc::make_mut(&mut face.learned).learn_borders(&|| progress.stopped())?;
    let own = own
        .into_iter()
        .filter_map(|(frame, label)| Some((frame, face.keyed.iter().position(|k| k.label == label)?)));
    let mut shot = Shot {
        own: own.collect(),
        face: &face,
        given,
        frames,
        options,
        progress,
        scale: 1.0,
        seen: BTreeMap::new(),
        looks: BTreeMap::new(),
        parts: Part::all(&face.learned.model),
        prints: BTreeMap::new(),
    };
    shot.run()?;
    smooth(&mut shot.seen, options.smoothing);
    let pieces = pieces(&face, given, &shot.parts, &shot.seen, &shot.prints, progress)?;
    Ok(written(&face, given, options, &shot.seen, shot.scale, pieces))
}

/// The picture of a frame, where there is one.
fn picture(frames: &dyn Frames, frame: i32) -> Result<Option<Arc<Colours>>, FaceError> {
    match frames.picture(frame) {
        Ok(picture) => Ok(picture),
        Err(SolveError::NoFrame(_)) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

struct Shot<'a> {
    face: &'a Face,
    given: &'a Document,
    frames: &'a dyn Frames,
    options: &'a Options<'a>,
    progress: &'a Progress<'a>,
    /// Frames of this shot that are keyed whole, and which keyed picture of the face each is.
    own: BTreeMap<i32, usize>,
    /// Px of the looks for one of the pictures.
    scale: f64,
    seen: BTreeMap<i32, Seen>,
    /// Of frames that come again soon.
    looks: BTreeMap<i32, Arc<Look>>,
    parts: Vec<Part>,
    /// Of frames that are no held ones, what each part looks like.
    prints: BTreeMap<i32, Vec<Print>>,
}

impl Shot<'_> {
    fn learned(&self) -> &Learned {
        &self.face.learned
    }

    fn run(&mut self) -> Result<(), FaceError> {
        let (first, last) = (self.options.first, self.options.last);
        self.scale = match self.own.values().next() {
            Some(&k) => self.learned().references[k].look.scale,
            None => self.find_start()?,
        };
        let frames: Vec<i32> = (first..=last).collect();
        let backwards: Vec<i32> = frames.iter().rev().copied().collect();
        let forwards: Vec<i32> = frames.iter().copied().filter(|&f| self.is_after_key(f)).collect();
        let step = 1.0 / (2 * frames.len() + forwards.len()) as f32;
        self.follow(&forwards, step)?;
        self.follow(&backwards, step)?;
        self.settle(&frames, step)
    }

    /// Whether a keyed frame before this one is at least as near as one behind it; with no keyed frame at all every frame counts.
    fn is_after_key(&self, frame: i32) -> bool {
        let before = self.own.range(..=frame).next_back().map(|(key, _)| frame - key);
        let behind = self.own.range(frame..).next().map(|(key, _)| key - frame);
        before.map_or(behind.is_none(), |before| behind.is_none_or(|behind| before <= behind))
    }

    /// What was found from the nearest keyed frame on, and well enough to be left so.
    fn followed_from_key(&self, frame: i32) -> Option<&Seen> {
        self.seen.get(&frame).filter(|seen| !self.own.is_empty() && seen.score >= FOLLOWED)
    }

    /// The look of a frame; of those that were asked for the nearest are kept.
    fn look(&mut self, frame: i32) -> Result<Option<Arc<Look>>, FaceError> {
        if let Some(look) = self.looks.get(&frame) {
            return Ok(Some(Arc::clone(look)));
        }
        let Some(picture) = picture(self.frames, frame)? else { return Ok(None) };
        let look = Arc::new(Look::new(&picture, self.scale));
        self.looks.insert(frame, Arc::clone(&look));
        while self.looks.len() > 2 && self.looks.len() * look.bytes() > KEPT_BYTES {
            let away = |end: Option<(&i32, &Arc<Look>)>| end.map_or(0, |(f, _)| f.abs_diff(frame));
            if away(self.looks.first_key_value()) > away(self.looks.last_key_value()) {
                self.looks.pop_first();
            } else {
                self.looks.pop_last();
            }
        }
        Ok(Some(look))
    }

    /// Looks for the head on the first frame, then on others; the scale that suits it.
    fn find_start(&mut self) -> Result<f64, FaceError> {
        let (first, last) = (self.options.first, self.options.last);
        let length = last - first;
        let mut likely = vec![first, first + length / 2, last, first + length / 4, first + 3 * length / 4];
        likely.dedup();
        for frame in likely {
            let Some(picture) = picture(self.frames, frame)? else { continue };
            if let Some((fitted, scale)) = self.search(frame, &picture)? {
                self.seen.insert(frame, Seen::from(fitted));
                return Ok(scale);
            }
        }
        Ok(1.0)
    }

    /// Whether the middle of the face is about where it should be on that frame.
    fn may_be(&self, frame: i32, state: &State) -> bool {
        let Some(&[x0, y0, x1, y1]) = self.options.regions.get(&frame) else { return true };
        let model = &self.learned().model;
        let places: Vec<_> = model.places(state).into_iter().take(model.layout.core).map(Some).collect();
        let (middle, radius) = spread(&places);
        let ([x, y], about) = ([middle.x / self.scale, middle.y / self.scale], BESIDE * radius / self.scale);
        x >= x0 - about && x <= x1 + about && y >= y0 - about && y <= y1 + about
    }

    /// Looks for the head where it should be on that frame; it is fitted to a look with the scale that is given with it.
    fn search(&self, frame: i32, picture: &Colours) -> Result<Option<(Fitted, f64)>, FaceError> {
        let region = self.options.regions.get(&frame).copied();
        search(self.face, picture, region, self.options.detector, self.progress)
    }

    /// From frame to frame, each starting where the one before ended. What is seen better than before stays.
    fn follow(&mut self, frames: &[i32], step: f32) -> Result<(), FaceError> {
        let mut before: Option<(Seen, Arc<Look>)> = None;
        let mut lost = 0;
        for (i, &frame) in frames.iter().enumerate() {
            self.progress.advance(step)?;
            let is_known = |frame: &i32| self.followed_from_key(*frame).is_some();
            if is_known(&frame) && frames.get(i + 1).is_none_or(is_known) {
                (before, lost) = (None, 0);
                continue;
            }
            let Some(look) = self.look(frame)? else {
                before = None;
                continue;
            };
            let here = if let Some(&key) = self.own.get(&frame) {
                let state = self.learned().state(key, &self.face.keyed[key], self.scale);
                let core = self.learned().model.layout.core;
                let (found, moves) = (vec![None; core], Vec::new());
                Some(Seen { state, found, score: f64::INFINITY, held: false, keyed: true, moves })
            } else if let Some(seen) = self.followed_from_key(frame) {
                Some(seen.clone())
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
            let here = here.filter(|s| s.score >= FOUND * 0.7 && (s.keyed || self.may_be(frame, &s.state)));
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
        let Some(picture) = picture(self.frames, frame)? else { return Ok(None) };
        let Some((fitted, scale)) = self.search(frame, &picture)? else { return Ok(None) };
        let mut seen = Seen::from(fitted);
        seen.state.pose = seen.state.pose.scaled(self.scale / scale);
        Ok(Some(seen))
    }

    /// Once more with what both neighbours show; a held frame is its predecessor exactly.
    fn settle(&mut self, frames: &[i32], step: f32) -> Result<(), FaceError> {
        let mut before: Option<(i32, Arc<Look>)> = None;
        for &frame in frames {
            self.progress.advance(step)?;
            let here = self.look(frame)?;
            let after =
                if frame < self.options.last { self.look(frame + 1)?.map(|l| (frame + 1, l)) } else { None };
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
                let pins = self.pins(frame);
                let fitted = fit(self.learned(), look, &seen.state, &others, &pins, rounds);
                let moves = self.snapped(look, &fitted.state, &pins);
                Seen { moves, ..Seen::from(fitted) }
            };
            if !settled.held {
                let print = |part: &Part| part.print(look, &settled.state.pose);
                self.prints.insert(frame, self.parts.par_iter().map(print).collect());
            }
            self.seen.insert(frame, settled);
            before = here.map(|l| (frame, l));
        }
        Ok(())
    }

    fn snapped(&self, look: &Look, state: &State, pins: &[(usize, Found)]) -> Vec<Vector2<f64>> {
        let reach = self.options.snap * self.scale;
        if reach > 0.0 { snapped(self.learned(), look, state, pins, reach) } else { Vec::new() }
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
        let (held, keyed, moves) = (false, false, Vec::new());
        Seen { state: fitted.state, found: fitted.found, score: fitted.score, held, keyed, moves }
    }
}
