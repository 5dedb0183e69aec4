//! Solving while the host renders, for hosts whose buttons cannot read other frames.
//!
//! Where the host gives other frames during a render, a part ([`super::parts`]) is solved when its first frame is rendered.
//! Elsewhere frames are collected as they come, and a part is solved when it is complete; the next pass through it draws
//! the result.

use std::path::Path;
use std::sync::Arc;

use engine::motion2roto::{Frames, Options};
use ofx::{Instance, Result, Severity};
use shapes::Document;

use super::SOURCE;
use super::parts::{Part, is_solved, parts, same_start};
use super::shots::{self, Shot, State};
use super::solve::{Settings, cleared, solve};
use crate::plate::{Collected, Frame, Placement, Plate};
use crate::waiting::lock;

/// Frames that wait for the rest of their part may take this much.
const WAITING_BYTES: usize = 1 << 30;

/// A frame being rendered.
pub struct Rendered<'r> {
    pub frame: i32,
    /// The whole picture at full resolution; absent for tiles and proxies, which show what is known.
    pub picture: Option<Frame>,
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
    let mut state = lock(&shot.state, instance)?;
    let Some(picture) = rendered.picture else { return Ok(Arc::clone(&state.solved)) };
    shot.forget_if_changed(&mut state, rendered.frame, &picture.luma);
    let can_fetch = instance.host().capabilities().temporal_access;
    if !can_fetch {
        state.waiting.insert(rendered.frame, picture);
    }
    let parts = parts(&shot.keys, settings);
    let touched = parts.iter().filter(|(a, b)| (*a..=*b).contains(&rendered.frame));
    for &(first, last) in touched {
        let complete = can_fetch || (first..=last).all(|f| state.waiting.contains_key(&f));
        if state.is_done(first) || !complete {
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
    if state.waiting.values().map(Frame::bytes).sum::<usize>() > WAITING_BYTES {
        state.waiting.clear();
        instance.message(
            Severity::Warning,
            "too many frames between keys to solve while rendering: add keys in between, or use the command line",
        )?;
    }
    Ok(Arc::clone(&state.solved))
}

fn shot(document: &Arc<Document>, settings: &Settings, rendered: &Rendered<'_>) -> Arc<Shot> {
    shots::open(document, settings, &rendered.placement, |state| {
        if let Some(earlier) = earlier_result(document, rendered.result_file) {
            *state = State::new(earlier);
        }
        let solved = |p: &Part| !state.done.contains(&p.0) && is_solved(&state.solved, *p);
        state.brought = parts(document, settings).into_iter().filter(solved).map(|p| p.0).collect();
    })
}

impl Shot {
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
    fn is_done(&self, first: i32) -> bool {
        self.done.contains(&first) || self.brought.contains(&first)
    }

    /// Writes what is solved, unless the file has it already.
    fn save(&mut self, instance: &Instance, result_file: &str) {
        let path = result_file.trim();
        if path.is_empty() || self.done.is_empty() && self.brought.is_empty() || self.saved_to == path {
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
    fn drop_what_is_done(&mut self, parts: &[Part], last_frame: i32) {
        let open: Vec<_> = parts.iter().filter(|(first, _)| !self.is_done(*first)).copied().collect();
        self.waiting
            .retain(|frame, _| *frame <= last_frame && open.iter().any(|(a, b)| (*a..=*b).contains(frame)));
    }
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
