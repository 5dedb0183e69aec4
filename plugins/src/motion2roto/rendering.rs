//! Solving while the host renders, for hosts whose buttons cannot read other frames.
//!
//! The range is cut where every shape has a key of the artist's: what happens on one side of such a frame does not
//! depend on the other, so each part is solved on its own and gives what the whole would give. Where the host gives other
//! frames during a render, a part is solved when its first frame is rendered. Elsewhere frames are collected
//! as they come, and a part is solved when it is complete; the next pass through it draws the result.
//!
//! What is known is kept for the process, because MLT makes a new instance for every frame.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use engine::image::Plane;
use engine::motion2roto::{Frames, Options, SolveError};
use ofx::{Instance, Result, Severity};
use shapes::{Document, Key, Point, Shape};

use super::SOURCE;
use super::solve::{Settings, cleared, solve};
use crate::plate::{Placement, Plate, fingerprint};

/// Shots that are remembered.
const KEPT: usize = 8;
/// Frames that wait for the rest of their part may take this much.
const WAITING_BYTES: usize = 1 << 30;

static SHOTS: Mutex<VecDeque<Arc<Shot>>> = Mutex::new(VecDeque::new());

/// A document on a plate, with all that its solve depends on.
struct Shot {
    keys: Arc<Document>,
    settings: Settings,
    placement: Placement,
    state: Mutex<State>,
}

struct State {
    solved: Arc<Document>,
    /// First frames of the parts that are solved.
    done: Vec<i32>,
    /// The result file that holds all of it; empty where none does.
    saved_to: String,
    /// Frames that wait for the rest of their part.
    waiting: BTreeMap<i32, Arc<Plane>>,
    /// What pictures looked like, to notice that the plate has changed.
    seen: BTreeMap<i32, u64>,
}

/// A frame being rendered.
pub struct Rendered<'r> {
    pub frame: i32,
    /// The whole picture at full resolution; absent for tiles and proxies, which show what is known.
    pub plane: Option<Plane>,
    pub placement: Placement,
    /// Where solved documents go.
    pub result_file: &'r str,
}

/// The document as far as it is solved, with the rendered frame's part if that can be had.
pub fn document(
    instance: &Instance,
    document: &Arc<Document>,
    settings: &Settings,
    rendered: Rendered<'_>,
) -> Result<Arc<Document>> {
    let shot = shot(document, settings, &rendered);
    let mut state = shot.lock(instance)?;
    let Some(plane) = rendered.plane else { return Ok(Arc::clone(&state.solved)) };
    shot.forget_if_changed(&mut state, rendered.frame, &plane);
    let can_fetch = instance.host().capabilities().temporal_access;
    if !can_fetch {
        state.waiting.insert(rendered.frame, Arc::new(plane));
    }
    let parts = parts(&shot.keys, settings);
    let touched = parts.iter().filter(|(a, b)| (*a..=*b).contains(&rendered.frame));
    for &(first, last) in touched {
        let complete = can_fetch || (first..=last).all(|f| state.waiting.contains_key(&f));
        if state.done.contains(&first) || !complete {
            continue;
        }
        let options = Options { first, last, ..settings.options() };
        let solved = if can_fetch {
            let plate = Plate::new(instance.clip(SOURCE)?, f64::from(rendered.frame), settings.encoding)?;
            shot.solve(instance, &state.solved, &options, &plate)?
        } else {
            shot.solve(instance, &state.solved, &options, &Collected(&state.waiting))?
        };
        state.solved = Arc::new(solved);
        state.done.push(first);
        state.saved_to.clear();
    }
    state.save(instance, rendered.result_file);
    state.drop_what_is_done(&parts, settings.last);
    if state.waiting.values().map(|p| size_of_val(p.data())).sum::<usize>() > WAITING_BYTES {
        state.waiting.clear();
        instance.message(
            Severity::Warning,
            "too many frames between keys to solve while rendering: add keys in between, or use the command line",
        )?;
    }
    Ok(Arc::clone(&state.solved))
}

/// The frames that solving while rendering reads around `frame`.
pub fn frames_around(document: &Document, settings: &Settings, frame: i32) -> (i32, i32) {
    let around = |(a, b): &&(i32, i32)| (*a..=*b).contains(&frame);
    let parts = parts(document, settings);
    let touched: Vec<&(i32, i32)> = parts.iter().filter(around).collect();
    match (touched.first(), touched.last()) {
        (Some(first), Some(last)) => (first.0, last.1),
        _ => (frame, frame),
    }
}

/// Forgets everything, for a host that is short of memory or a plate that has changed.
pub fn forget() {
    shots().clear();
}

fn shots() -> MutexGuard<'static, VecDeque<Arc<Shot>>> {
    // Entries are whole, whatever happened to a thread that held the lock.
    SHOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shot(document: &Arc<Document>, settings: &Settings, rendered: &Rendered<'_>) -> Arc<Shot> {
    let mut shots = shots();
    let same = |s: &&Arc<Shot>| {
        s.settings == *settings && s.placement == rendered.placement && same_start(&s.keys, document)
    };
    if let Some(known) = shots.iter().find(same) {
        return Arc::clone(known);
    }
    let solved = earlier_result(document, rendered.result_file).unwrap_or_else(|| Arc::clone(document));
    let parts = parts(document, settings);
    let mut state = State::new(solved);
    state.done =
        parts.iter().filter(|part| is_solved(&state.solved, **part)).map(|(first, _)| *first).collect();
    // After an edit by hand only what it touches is solved again. A shot that is busy just now has nothing to give.
    for earlier in shots.iter().rev() {
        if earlier.settings == *settings
            && earlier.placement == rendered.placement
            && let Ok(earlier_state) = earlier.state.try_lock()
        {
            state.take_over(document, &parts, &earlier.keys, &earlier_state);
        }
    }
    let shot = Arc::new(Shot {
        keys: Arc::clone(document),
        settings: settings.clone(),
        placement: rendered.placement,
        state: Mutex::new(state),
    });
    if shots.len() >= KEPT {
        shots.pop_front();
    }
    shots.push_back(Arc::clone(&shot));
    shot
}

impl Shot {
    /// Waits for other renders of the shot, as long as the host does not want to stop.
    fn lock(&self, instance: &Instance) -> Result<MutexGuard<'_, State>> {
        loop {
            match self.state.try_lock() {
                Ok(state) => return Ok(state),
                // A state is changed in whole steps.
                Err(TryLockError::Poisoned(state)) => return Ok(state.into_inner()),
                Err(TryLockError::WouldBlock) => {
                    instance.check_abort()?;
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        }
    }

    /// A picture that differs from what was there makes everything that was found from it worthless.
    fn forget_if_changed(&self, state: &mut State, frame: i32, plane: &Plane) {
        let look = fingerprint(plane);
        let before = state.seen.insert(frame, look);
        if before.is_some_and(|b| b != look) {
            log::info!("frame {frame} has changed: solving again");
            let seen = BTreeMap::from([(frame, look)]);
            *state = State { seen, ..State::new(Arc::clone(&self.keys)) };
        }
    }

    fn solve(
        &self,
        instance: &Instance,
        document: &Document,
        options: &Options,
        frames: &dyn Frames,
    ) -> Result<Document> {
        let mut going = |_| !instance.aborted();
        solve(instance, document, &self.settings, options, (frames, &self.placement), &mut going)
    }
}

impl State {
    fn new(solved: Arc<Document>) -> Self {
        State {
            solved,
            done: Vec::new(),
            saved_to: String::new(),
            waiting: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// Takes the parts of an earlier solve in which no key of the artist's has changed since.
    fn take_over(
        &mut self,
        document: &Document,
        parts: &[(i32, i32)],
        earlier_keys: &Document,
        earlier: &State,
    ) {
        if !same_shapes(document, earlier_keys) {
            return;
        }
        for &(first, last) in parts {
            let known = earlier.done.contains(&first) && !self.done.contains(&first);
            if !known || !same_artists_keys(document, earlier_keys, (first, last)) {
                continue;
            }
            let solved = Arc::make_mut(&mut self.solved);
            for (shape, from) in solved.shapes.iter_mut().zip(&earlier.solved.shapes) {
                let keys = from.keys.iter().filter(|k| within(k, (first, last)) && !k.is_artists());
                keys.cloned().for_each(|k| shape.set_key(k));
            }
            self.done.push(first);
        }
        for (frame, look) in &earlier.seen {
            self.seen.entry(*frame).or_insert(*look);
        }
    }

    /// Writes what is solved, unless the file has it already.
    fn save(&mut self, instance: &Instance, result_file: &str) {
        let path = result_file.trim();
        if path.is_empty() || self.done.is_empty() || self.saved_to == path {
            return;
        }
        if let Err(e) = self.solved.save(Path::new(path)) {
            let text = format!("the result file cannot be written: {e}");
            if let Err(e) = instance.message(Severity::Warning, &text) {
                log::warn!("{text} ({e})");
            }
        }
        // Also after a failure, so that the artist hears of it once and not with every frame.
        path.clone_into(&mut self.saved_to);
    }

    /// Frames that no unsolved part needs need not wait.
    fn drop_what_is_done(&mut self, parts: &[(i32, i32)], last_frame: i32) {
        let done = &self.done;
        self.waiting.retain(|frame, _| {
            *frame <= last_frame && parts.iter().any(|(a, b)| (*a..=*b).contains(frame) && !done.contains(a))
        });
    }
}

/// Frames that have been collected.
struct Collected<'a>(&'a BTreeMap<i32, Arc<Plane>>);

impl Frames for Collected<'_> {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        self.0.get(&frame).cloned().ok_or(SolveError::NoFrame(frame))
    }
}

/// First and last frames of the parts that can be solved on their own.
fn parts(document: &Document, settings: &Settings) -> Vec<(i32, i32)> {
    let (first, last) = (settings.first, settings.last);
    let mut cuts = vec![first];
    if let Some((one, others)) = document.shapes.split_first() {
        let common = one
            .artists_keys()
            .map(|k| k.frame)
            .filter(|f| f.fract() == 0.0 && others.iter().all(|s| s.key_at(*f).is_some_and(Key::is_artists)));
        cuts.extend(common.map(|f| f as i32).filter(|f| (first + 1..last).contains(f)));
    }
    cuts.push(last);
    cuts.windows(2).map(|w| (w[0], w[1])).collect()
}

/// Whether every shape has a solved key inside of a part, or the part has no inside.
fn is_solved(document: &Document, (first, last): (i32, i32)) -> bool {
    last - first < 2
        || document.shapes.iter().all(|s| s.keys.iter().any(|k| within(k, (first, last)) && !k.is_artists()))
}

/// Whether two documents say the same before solving.
fn same_start(a: &Arc<Document>, b: &Arc<Document>) -> bool {
    Arc::ptr_eq(a, b) || same_shapes(a, b) && same_artists_keys(a, b, (i32::MIN, i32::MAX))
}

fn same_shapes(a: &Document, b: &Document) -> bool {
    (a.shapes.len(), a.width, a.height) == (b.shapes.len(), b.width, b.height)
        && a.shapes.iter().zip(&b.shapes).all(|(s, t)| s.name == t.name && s.closed == t.closed)
}

/// Whether the artist's keys on these frames are the same.
fn same_artists_keys(a: &Document, b: &Document, frames: (i32, i32)) -> bool {
    fn keys(shape: &Shape, frames: (i32, i32)) -> impl Iterator<Item = (f64, &[Point])> {
        shape.artists_keys().filter(move |k| within(k, frames)).map(|k| (k.frame, k.points.as_slice()))
    }
    a.shapes.iter().zip(&b.shapes).all(|(s, t)| keys(s, frames).eq(keys(t, frames)))
}

fn within(key: &Key, (first, last): (i32, i32)) -> bool {
    key.frame >= f64::from(first) && key.frame <= f64::from(last)
}

/// What an earlier run has written for the same keys.
fn earlier_result(document: &Arc<Document>, result_file: &str) -> Option<Arc<Document>> {
    let path = Path::new(result_file.trim());
    if result_file.trim().is_empty() || !path.exists() {
        return None;
    }
    let found = crate::documents::from_file(path).inspect_err(|e| log::warn!("result file: {e}")).ok()?;
    same_start(&Arc::new(cleared(&found)), &Arc::new(cleared(document))).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion2roto::params::MotionSource;
    use engine::flow::Quality;
    use engine::image::Encoding;
    use engine::vectors::Convention;

    fn settings(first: i32, last: i32) -> Settings {
        Settings {
            first,
            last,
            tolerance_px: 0.0,
            interp: shapes::Interp::Linear,
            quality: Quality::Fast,
            motion_source: MotionSource::BuiltIn,
            convention: Convention::NUKE,
            encoding: Encoding::Display,
        }
    }

    fn document(frames: &[&[f64]]) -> Document {
        let mut d = Document::new(10, 10);
        for (i, frames) in frames.iter().enumerate() {
            let keys = frames.iter().map(|f| Key::new(*f, vec![Point::corner(*f, 0.0)])).collect();
            d.shapes.push(Shape::new(&i.to_string(), true, keys));
        }
        d
    }

    #[test]
    fn parts_end_where_all_shapes_have_keys() {
        let d = document(&[&[1.0, 5.0, 9.0, 20.0], &[1.0, 9.0, 14.0]]);
        assert_eq!(parts(&d, &settings(1, 20)), [(1, 9), (9, 20)]);
        assert_eq!(parts(&d, &settings(3, 7)), [(3, 7)]);
        assert_eq!(parts(&document(&[]), &settings(1, 4)), [(1, 4)]);
    }

    #[test]
    fn frames_around_a_key_reach_both_ways() {
        let d = document(&[&[1.0, 9.0, 20.0]]);
        assert_eq!(frames_around(&d, &settings(1, 20), 9), (1, 20));
        assert_eq!(frames_around(&d, &settings(1, 20), 4), (1, 9));
        assert_eq!(frames_around(&d, &settings(1, 20), 40), (40, 40));
    }

    #[test]
    fn solved_keys_do_not_change_where_a_solve_starts() {
        let plain = Arc::new(document(&[&[1.0, 9.0]]));
        let mut solved = (*plain).clone();
        solved.shapes[0]
            .set_key(Key { confidence: Some(0.5), ..Key::new(4.0, vec![Point::corner(7.0, 7.0)]) });
        assert!(is_solved(&solved, (1, 9)) && !is_solved(&plain, (1, 9)));
        assert!(same_start(&plain, &Arc::new(solved)));
        assert!(!same_start(&plain, &Arc::new(document(&[&[1.0, 8.0]]))));
    }

    #[test]
    fn an_edit_keeps_the_parts_that_it_does_not_touch() {
        let keys = document(&[&[1.0, 9.0, 20.0]]);
        let solver_key = |f: f64| Key { confidence: Some(0.5), ..Key::new(f, vec![Point::corner(f, 1.0)]) };
        let mut solved = keys.clone();
        solved.shapes[0].set_key(solver_key(4.0));
        solved.shapes[0].set_key(solver_key(15.0));
        let earlier = State { done: vec![1, 9], ..State::new(Arc::new(solved)) };
        let mut edited = keys.clone();
        edited.shapes[0].set_key(Key::new(5.0, vec![Point::corner(99.0, 0.0)]));
        let mut state = State::new(Arc::new(edited.clone()));
        state.take_over(&edited, &parts(&edited, &settings(1, 20)), &keys, &earlier);
        assert_eq!(state.done, [9]);
        assert!(state.solved.shapes[0].key_at(15.0).is_some());
        assert!(state.solved.shapes[0].key_at(4.0).is_none(), "solved with a key that has changed");
    }
}
