//! Shots that were solved, remembered for the process: after an edit by hand only what it touches is solved again, and
//! MLT makes a new instance for every frame.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use engine::image::Plane;
use shapes::Document;

use super::parts::{parts, same_keys_by_hand, same_shapes, same_start, within};
use super::solve::Settings;
use crate::plate::{Frame, Placement};

/// Shots that are remembered.
const KEPT: usize = 8;

static SHOTS: Mutex<VecDeque<Arc<Shot>>> = Mutex::new(VecDeque::new());

/// A document on a plate, with all that its solve depends on.
pub struct Shot {
    pub keys: Arc<Document>,
    pub settings: Settings,
    pub placement: Placement,
    pub state: Mutex<State>,
}

/// What is known of a shot.
pub struct State {
    pub solved: Arc<Document>,
    /// First frames of the parts that were solved from these keys.
    pub done: Vec<i32>,
    /// First frames of the parts that the document brought solved, from whatever keys.
    pub brought: Vec<i32>,
    /// The result file that holds all of it; empty where none does.
    pub saved_to: String,
    /// Frames that wait for the rest of their part.
    pub waiting: BTreeMap<i32, Frame>,
    /// Fingerprints of pictures, to notice that the plate has changed.
    pub seen: BTreeMap<i32, u64>,
}

/// Forgets everything, for a host that is short of memory or a plate that has changed.
pub fn forget() {
    shots().clear();
}

fn shots() -> MutexGuard<'static, VecDeque<Arc<Shot>>> {
    // Entries are whole, whatever happened to a thread that held the lock.
    SHOTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The shot with these keys, settings and placement. If it is new it has what earlier shots can give, and `complete` adds
/// to that.
pub fn open(
    document: &Arc<Document>,
    settings: &Settings,
    placement: &Placement,
    complete: impl FnOnce(&mut State),
) -> Arc<Shot> {
    let mut shots = shots();
    if let Some(known) = shots.iter().find(|s| s.is(document, settings, placement)) {
        return Arc::clone(known);
    }
    let mut state = State::begin(&shots, document, settings, placement);
    complete(&mut state);
    put(&mut shots, document, settings, placement, state)
}

/// What earlier shots can give to this one.
pub fn begin(document: &Arc<Document>, settings: &Settings, placement: &Placement) -> State {
    State::begin(&shots(), document, settings, placement)
}

/// Remembers a shot, in place of what is known of the same one.
pub fn remember(document: &Arc<Document>, settings: &Settings, placement: &Placement, state: State) {
    put(&mut shots(), document, settings, placement, state);
}

fn put(
    shots: &mut VecDeque<Arc<Shot>>,
    document: &Arc<Document>,
    settings: &Settings,
    placement: &Placement,
    state: State,
) -> Arc<Shot> {
    let shot = Arc::new(Shot {
        keys: Arc::clone(document),
        settings: settings.clone(),
        placement: *placement,
        state: Mutex::new(state),
    });
    shots.retain(|s| !s.is(document, settings, placement));
    if shots.len() >= KEPT {
        shots.pop_front();
    }
    shots.push_back(Arc::clone(&shot));
    shot
}

impl Shot {
    fn is(&self, document: &Arc<Document>, settings: &Settings, placement: &Placement) -> bool {
        self.settings == *settings && self.placement == *placement && same_start(&self.keys, document)
    }

    /// A picture that differs from what was there makes everything that was found from it worthless.
    pub fn forget_if_changed(&self, state: &mut State, frame: i32, plane: &Plane) {
        let look = plane.fingerprint();
        let before = state.seen.insert(frame, look);
        if before.is_some_and(|b| b != look) {
            log::info!("frame {frame} has changed: solving again");
            let seen = BTreeMap::from([(frame, look)]);
            *state = State { seen, ..State::new(Arc::clone(&self.keys)) };
        }
    }
}

impl State {
    /// Nothing but a document.
    pub fn new(solved: Arc<Document>) -> Self {
        State {
            solved,
            done: Vec::new(),
            brought: Vec::new(),
            saved_to: String::new(),
            waiting: BTreeMap::new(),
            seen: BTreeMap::new(),
        }
    }

    /// The parts of earlier solves with these settings in which no key set by hand has changed since.
    fn begin(
        shots: &VecDeque<Arc<Shot>>,
        document: &Arc<Document>,
        settings: &Settings,
        placement: &Placement,
    ) -> Self {
        let parts = parts(document, settings);
        let mut state = State::new(Arc::clone(document));
        for earlier in shots.iter().rev() {
            // A shot that is busy just now has nothing to give.
            if earlier.settings == *settings
                && earlier.placement == *placement
                && let Ok(earlier_state) = earlier.state.try_lock()
            {
                state.take_over(document, &parts, &earlier.keys, &earlier_state);
            }
        }
        state
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
            if !known || !same_keys_by_hand(document, earlier_keys, (first, last)) {
                continue;
            }
            let solved = Arc::make_mut(&mut self.solved);
            for (shape, from) in solved.shapes.iter_mut().zip(&earlier.solved.shapes) {
                shape.keys.retain(|k| !within(k, (first, last)) || k.is_artists());
                let keys = from.keys.iter().filter(|k| within(k, (first, last)) && !k.is_artists());
                keys.cloned().for_each(|k| shape.set_key(k));
            }
            self.done.push(first);
        }
        for (frame, look) in &earlier.seen {
            self.seen.entry(*frame).or_insert(*look);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::motion2roto::parts::tests::{document, settings};
    use shapes::{Key, Point};

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
