//! A file of another application, added to the document.

use std::path::Path;

use interchange::file::{self, Opened};
use interchange::{ReadError, Warning};
use ofx::{Clip, Error, Instance, Result};
use shapes::Document;

use super::merge::merged;
use super::params::{IMPORT_FILE, IMPORT_NAMES, READABLE, import_format};
use super::{contents, shot, tell};

/// A document with what was imported, not stored yet.
pub struct Imported {
    /// All of it.
    pub document: Document,
    /// What was done, for the artist.
    pub status: String,
    warnings: Vec<Warning>,
}

impl Imported {
    /// Tells the artist what was left out.
    pub fn tell(&self, instance: &Instance) {
        tell(instance, &self.status, &self.warnings);
    }
}

/// Reads the import file and adds it to `document`.
pub fn import(
    instance: &Instance,
    source: &Clip<'_>,
    document: Option<&Document>,
    time: f64,
) -> Result<Imported> {
    instance.clear_message();
    let named = instance.get(&IMPORT_FILE)?;
    let path = Path::new(named.trim());
    if path.as_os_str().is_empty() {
        return Err(Error::failed("choose an import file first"));
    }
    let failed = |e: &dyn std::fmt::Display| Error::failed(format!("{}: {e}", path.display()));
    let chosen = READABLE.format(instance.get(&import_format())?);
    let Opened { document: found, warnings, .. } = file::open(path, chosen, &shot(source, document, time))
        .map_err(|e| match e {
            ReadError::Unknown => failed(&format!("{e}: choose one")),
            e => failed(&e),
        })?;
    let mut status = format!("Imported {}.", contents(&found));
    let (document, notes) = merged(document, found, instance.get(&IMPORT_NAMES)?);
    for note in &notes {
        log::info!("{note}");
    }
    status.extend(notes.iter().take(super::NAMED).map(|note| format!(" {note}")));
    Ok(Imported { document, status, warnings })
}
