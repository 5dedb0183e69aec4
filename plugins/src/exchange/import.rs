//! A file of another application, added to the document.

use std::path::Path;

use interchange::{Format, MAX_BYTES, Warning};
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
    let bytes = std::fs::metadata(path).map_err(|e| failed(&e))?.len();
    if bytes > MAX_BYTES as u64 {
        return Err(failed(&format!("files of more than {} MiB are not read", MAX_BYTES >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|e| failed(&e))?;
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let format = READABLE.format(instance.get(&import_format())?).or_else(|| Format::of_file(ending, &bytes));
    let format = format.ok_or_else(|| failed(&"no format that can be read has this ending: choose one"))?;
    let settings = shot(source, document, time);
    let (found, warnings) = format.read(&bytes, &settings).map_err(|e| failed(&e))?;
    let mut status = format!("Imported {}.", contents(&found));
    let (document, notes) = merged(document, found, instance.get(&IMPORT_NAMES)?);
    for note in &notes {
        log::info!("{note}");
    }
    status.extend(notes.iter().take(super::NAMED).map(|note| format!(" {note}")));
    Ok(Imported { document, status, warnings })
}
