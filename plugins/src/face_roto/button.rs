//! What the buttons do to the document: analyse, lock, add, and bring everything that shows it up to it.

use std::path::Path;

use ofx::{Error, Instance, Result};
use shapes::{Document, Track};

use super::analyse::{self, Settings, sized};
use super::landmarks::{self, NEW_NAME};
use super::params::{RESULT_FILE, TIMING, TO_DO};
use super::{SOURCE, keys, shape_params};
use crate::exchange;
use crate::plate::{Placement, Plate};
use crate::range;
use crate::reporting::Reporting;
use crate::splines::canonical_from_document;
use crate::stored::{self, STATUS};

/// Where an analysis begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the range's first frame.
    Range,
    /// At the viewer's frame.
    Here,
}

/// Analyses, with the host's progress bar, and stores the result in the project.
pub fn analyse(instance: &Instance, time: f64, start: Start) -> Result<()> {
    let document = stored::document_or_empty(instance)?;
    let (found, report) = {
        let progress = Reporting::new(instance, "Face Roto", "Analysing");
        let settings = Settings::read(instance, &|| !progress.update(0.0))?;
        let (first, last) = settings.span;
        let first = if start == Start::Here { range::here(time, settings.span)? } else { first };
        let plate = Plate::new(instance.clip(SOURCE)?, time, settings.encoding)?;
        let frames = (&plate as _, plate.placement());
        analyse::analyse(&document, &settings, (first, last), frames, &mut |done| progress.update(done))?
    };
    stored::store(instance, &found, &report.status)?;
    instance.set(&TIMING, &report.timing)?;
    instance.set(&TO_DO, &report.to_do)?;
    show(instance, &found, time)
}

/// Stores a document and brings everything up to it.
pub fn store(instance: &Instance, document: &Document, time: f64, status: &str) -> Result<()> {
    stored::store(instance, document, status)?;
    show(instance, document, time)
}

/// Brings landmark and shape params up to a document that is stored.
pub fn show(instance: &Instance, document: &Document, time: f64) -> Result<()> {
    shape_params::show(instance, document)?;
    landmarks::show(instance, document, &canonical_from_document(instance, document, time))
}

/// A landmark's param was changed by the artist.
pub fn landmark_moved(instance: &Instance, slot: usize, time: f64) -> Result<()> {
    let Some(document) = stored::document(instance)? else { return Ok(()) };
    let canonical = canonical_from_document(instance, &document, time);
    match landmarks::edited(instance, slot, time, &document, &canonical)? {
        Some(edited) => {
            stored::commit(instance, &edited, "Move landmark")?;
            landmarks::show(instance, &edited, &canonical)
        }
        None => Ok(()),
    }
}

/// Adds what a file has, and brings everything up to it, as one entry of the undo list.
pub fn import(instance: &Instance, time: f64) -> Result<()> {
    let before = stored::document(instance)?;
    let imported = exchange::import(instance, &instance.clip(SOURCE)?, before.as_deref(), time)?;
    instance.edit_block("Import", || store(instance, &imported.document, time, &imported.status))?;
    imported.tell(instance);
    Ok(())
}

/// Adds the landmark of the name that is typed, in the middle of the picture.
pub fn add_landmark(instance: &Instance, time: f64) -> Result<()> {
    let name = typed_name(instance)?;
    let placement = Placement::of(&instance.clip(SOURCE)?, time)?;
    let document = stored::document(instance)?.map_or_else(|| Document::new(0, 0), |d| (*d).clone());
    let mut document = sized(document, &placement);
    if document.tracks.iter().any(|t| t.name == name) {
        return Err(Error::failed(format!("there is a landmark {name} already: type another name")));
    }
    let middle = [f64::from(document.width) / 2.0, f64::from(document.height) / 2.0];
    document.tracks.push(Track::new(&name, Vec::new()));
    let document = keys::placed(&document, document.tracks.len() - 1, time.round(), middle);
    store(instance, &document, time, &format!("Added {name}: drag it to its place."))
}

/// Removes the landmark of the name that is typed.
pub fn remove_landmark(instance: &Instance, time: f64) -> Result<()> {
    let name = typed_name(instance)?;
    let mut document = (*stored::some_document(instance)?).clone();
    let before = document.tracks.len();
    document.tracks.retain(|t| t.name != name);
    if document.tracks.len() == before {
        return Err(Error::failed(format!("there is no landmark {name}: type the name of one")));
    }
    store(instance, &document, time, &format!("Removed {name}."))
}

fn typed_name(instance: &Instance) -> Result<String> {
    let name = instance.get(&NEW_NAME)?.trim().to_owned();
    if name.is_empty() {
        Err(Error::failed("type a landmark's name first, such as nose_tip"))
    } else {
        Ok(name)
    }
}

/// Writes the document into the result file.
pub fn write(instance: &Instance) -> Result<()> {
    let path = instance.get(&RESULT_FILE)?;
    if path.trim().is_empty() {
        return Err(Error::failed("choose a result file first"));
    }
    stored::some_document(instance)?.save(Path::new(path.trim())).map_err(Error::failed)?;
    instance.set(&STATUS, &format!("Written to {}.", path.trim()))
}
