//! Analysing while the host renders, for hosts whose buttons cannot read other frames.
//!
//! Where the host gives other frames during a render, the range is analysed when its first frame is rendered. Elsewhere
//! frames are collected as they come; when all are there the range is analysed, and the next pass draws the result.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use ofx::{Error, Instance, Result, Severity};
use shapes::Document;

use super::SOURCE;
use super::analyse::{Settings, analyse};
use super::keys::{given, is_analysed};
use super::params::RESULT_FILE;
use super::report::Report;
use crate::plate::{Collected, Frame, Placement, Plate};
use crate::recent::Recent;
use crate::waiting::lock;

/// Frames that wait for the rest of the range may take this much.
const WAITING_BYTES: usize = 1 << 30;
/// Shots that are remembered.
const KEPT: usize = 4;

static SHOTS: Recent<Shot, Arc<Mutex<State>>> = Recent::new();

/// A shot, by all that its analysis depends on but the pictures.
#[derive(Clone, PartialEq)]
struct Shot {
    given: Arc<Document>,
    settings: Settings,
    placement: Placement,
}

/// What is known of a shot.
#[derive(Default)]
struct State {
    /// The analysis, once there is one. A failure is not remembered: the reason may go.
    found: Option<Arc<Document>>,
    saved_to: String,
    /// Frames that wait for the rest.
    waiting: BTreeMap<i32, Frame>,
    /// Fingerprints of pictures, to notice that the plate has changed.
    seen: BTreeMap<i32, u64>,
}

/// Forgets everything, for a host that is short of memory or a plate that has changed.
pub fn forget() {
    SHOTS.clear();
}

/// The document with the analysis of its range, as far as that can be had; `picture` is the whole picture of `frame` at full
/// resolution, absent for tiles and proxies.
pub fn document(
    instance: &Instance,
    document: &Arc<Document>,
    settings: Settings,
    (frame, picture): (i32, Option<Frame>),
    placement: Placement,
) -> Result<Arc<Document>> {
    if is_analysed(document, settings.span) {
        return Ok(Arc::clone(document));
    }
    let (first, last) = settings.span;
    let shot = Shot { given: Arc::new(given(document)), settings, placement };
    let state = SHOTS.get_or_put(shot.clone(), KEPT, Arc::default);
    let mut state = lock(&state, instance)?;
    let Some(picture) = picture else { return Ok(state.known(document)) };
    state.forget_if_changed(frame, &picture);
    if state.found.is_none() && (first..=last).contains(&frame) {
        let mut going = |_| !instance.aborted();
        let span = shot.settings.span;
        if instance.host().capabilities().temporal_access {
            let plate = Plate::new(instance.clip(SOURCE)?, f64::from(frame), shot.settings.encoding)?;
            let outcome = analyse(document, &shot.settings, span, (&plate, &placement), &mut going)?;
            state.take(instance, outcome)?;
        } else {
            state.waiting.insert(frame, picture);
            state.stay_small(instance)?;
            if (first..=last).all(|f| state.waiting.contains_key(&f)) {
                let frames = std::mem::take(&mut state.waiting);
                let collected = (&Collected(&frames) as _, &placement);
                let outcome = analyse(document, &shot.settings, span, collected, &mut going);
                if outcome.as_ref().is_err_and(|e| *e == Error::Aborted) {
                    state.waiting = frames;
                }
                state.take(instance, outcome?)?;
            }
        }
    }
    state.save(instance)?;
    Ok(state.known(document))
}

impl State {
    /// The analysis, or else what it starts from.
    fn known(&self, document: &Arc<Document>) -> Arc<Document> {
        Arc::clone(self.found.as_ref().unwrap_or(document))
    }

    /// Keeps an analysis, and says what the artist should know of it.
    fn take(&mut self, instance: &Instance, (found, report): (Document, Report)) -> Result<()> {
        self.found = Some(Arc::new(found));
        match report.detector {
            Some(sentence) => instance.message(Severity::Warning, &sentence),
            None => Ok(()),
        }
    }

    /// A picture that differs from what was there makes everything that was found from it worthless.
    fn forget_if_changed(&mut self, frame: i32, picture: &Frame) {
        let look = picture.luma.fingerprint();
        if self.seen.insert(frame, look).is_some_and(|before| before != look) {
            log::info!("frame {frame} has changed: analysing again");
            *self = State { seen: BTreeMap::from([(frame, look)]), ..State::default() };
        }
    }

    fn stay_small(&mut self, instance: &Instance) -> Result<()> {
        if self.waiting.values().map(Frame::bytes).sum::<usize>() <= WAITING_BYTES {
            return Ok(());
        }
        self.waiting.clear();
        instance.message(
            Severity::Warning,
            "the range is too long to analyse while rendering: use the command line, and load its document by Shapes file",
        )
    }

    /// Writes what is found, unless the file has it already.
    fn save(&mut self, instance: &Instance) -> Result<()> {
        let path = instance.get(&RESULT_FILE)?;
        let path = path.trim();
        let Some(found) = &self.found else { return Ok(()) };
        if path.is_empty() || self.saved_to == path {
            return Ok(());
        }
        // Noted also after a failure, so that the artist hears of it once and not with every frame.
        path.clone_into(&mut self.saved_to);
        match found.save(Path::new(path)) {
            Ok(()) => Ok(()),
            Err(e) => instance.message(Severity::Warning, &format!("the result file cannot be written: {e}")),
        }
    }
}
