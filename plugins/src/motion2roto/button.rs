//! What the Solve buttons do: fetch, solve, store.

use std::sync::Arc;

use engine::motion2roto::{Direction, Frames, Options};
use ofx::{Instance, Result};
use shapes::Document;

use super::SOURCE;
use super::parts::{Part, parts};
use super::shots::{self, State};
use super::solve::{self, Settings};
use crate::plate::Plate;
use crate::range;
use crate::reporting::Reporting;
use crate::stored::{some_document, store};

/// Where a button's solve begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the range's first frame; parts that no edit has touched since the last solve stay.
    Range,
    /// At the viewer's frame, on from the keys before it.
    Forward,
    /// At the viewer's frame, which becomes a key.
    Here,
}

/// Solves, with the host's progress bar, and stores the result in the project.
pub fn solve(instance: &Instance, time: f64, start: Start) -> Result<()> {
    let mut document = (*some_document(instance)?).clone();
    let settings = Settings::read(instance)?;
    let mut options = settings.options();
    if start != Start::Range {
        options.first = range::here(time, (settings.first, settings.last))?;
    }
    if start == Start::Forward {
        options.direction = Direction::Forward;
    }
    if start == Start::Here {
        document = solve::locked_at(&document, f64::from(options.first));
    }
    let plate = Plate::new(instance.clip(SOURCE)?, time, settings.encoding)?;
    if document.width == 0 || document.height == 0 {
        let window = plate.placement().window;
        document.width = window.width() as u32;
        document.height = window.height() as u32;
    }
    let (solved, touched) = {
        let progress = Reporting::new(instance, "Motion2Roto", "Solving");
        let mut update = |done: f32| progress.update(done);
        if start == Start::Range {
            solve_touched(instance, document, &settings, &plate, &mut update)?
        } else {
            let frames = (&plate as &dyn Frames, plate.placement());
            let solved = solve::solve(instance, &document, &settings, &options, frames, &mut update)?;
            (Arc::new(solved), vec![(options.first, options.last)])
        }
    };
    store(instance, &solved, &solve::report(&solved, &options, &touched))
}

/// Solves the parts of the range that differ from what was solved last, or all of them if none does: who presses the
/// button again has a reason. Gives them too, as first and last frames.
fn solve_touched(
    instance: &Instance,
    document: Document,
    settings: &Settings,
    plate: &Plate<'_>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<(Arc<Document>, Vec<Part>)> {
    let document = Arc::new(document);
    let all = parts(&document, settings);
    let mut state = shots::begin(&document, settings, plate.placement());
    let touched = |state: &State| -> Vec<Part> {
        all.iter().filter(|(first, _)| !state.done.contains(first)).copied().collect()
    };
    let mut todo = touched(&state);
    // Their ends belong to untouched parts too. A picture there that has changed tells that the plate has.
    let changed = |frame: i32| match (state.seen.get(&frame), plate.plane(frame)) {
        (Some(before), Ok(plane)) => *before != plane.fingerprint(),
        _ => false,
    };
    if todo.is_empty() || todo.iter().any(|(first, last)| changed(*first) || changed(*last)) {
        state = State::new(Arc::clone(&document));
        todo = touched(&state);
    }
    let length = |(first, last): &Part| (i64::from(*last) - i64::from(*first) + 1) as f32;
    let total: f32 = todo.iter().map(length).sum();
    let mut before = 0.0;
    for part in &todo {
        let options = Options { first: part.0, last: part.1, ..settings.options() };
        let share = length(part) / total;
        let mut update = |done: f32| progress(before + share * done);
        let frames = (plate as &dyn Frames, plate.placement());
        state.solved =
            Arc::new(solve::solve(instance, &state.solved, settings, &options, frames, &mut update)?);
        state.done.push(part.0);
        before += share;
        for frame in [part.0, part.1] {
            if let Ok(plane) = plate.plane(frame) {
                state.seen.insert(frame, plane.fingerprint());
            }
        }
    }
    let solved = Arc::clone(&state.solved);
    shots::remember(&document, settings, plate.placement(), state);
    Ok((solved, todo))
}
