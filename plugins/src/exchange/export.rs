//! The document as a file of another application, or as text to copy.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::Path;

use interchange::{Format, Warning, file};
use ofx::{Clip, Error, Instance, Result};
use shapes::Document;
use shapes::reduce::exported;

use super::params::{EXPORT_FILE, EXPORT_OVERWRITE, EXPORT_TEXT, EXPORT_TOLERANCE, WRITABLE, export_format};
use super::{contents, shot, tell};
use crate::stored::STATUS;

/// The most that a host's field gets, bytes: larger ones make hosts slow.
const LONGEST_TEXT: usize = 512 << 10;

/// Writes a document into the export file, in one step, and tells the artist.
pub fn export(instance: &Instance, source: &Clip<'_>, document: &Document, time: f64) -> Result<()> {
    instance.clear_message();
    let named = instance.get(&EXPORT_FILE)?;
    let path = Path::new(named.trim());
    if path.as_os_str().is_empty() {
        return Err(Error::failed("choose an export file first"));
    }
    let format = match WRITABLE.format(instance.get(&export_format())?) {
        Some(format) => format,
        None => by_ending(path)?,
    };
    let (text, warnings) = written(instance, format, source, document, time)?;
    let put = if instance.get(&EXPORT_OVERWRITE)? { files::replace } else { files::create };
    put(path, text.as_bytes()).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => Error::failed(format!(
            "{} is there already: switch Overwrite on to write over it",
            path.display()
        )),
        _ => Error::failed(format!("{}: {e}", path.display())),
    })?;
    let done = format!("Exported {} to {}.", contents(document), path.display());
    instance.set(&STATUS, &done)?;
    tell(instance, &done, &warnings);
    Ok(())
}

/// Puts a document into the field to copy from, and tells the artist.
pub fn show_text(instance: &Instance, source: &Clip<'_>, document: &Document, time: f64) -> Result<()> {
    instance.clear_message();
    let format = match WRITABLE.format(instance.get(&export_format())?) {
        Some(format) => format,
        None => by_ending(Path::new(instance.get(&EXPORT_FILE)?.trim()))
            .map_err(|_| Error::failed("choose an export format first"))?,
    };
    let (text, warnings) = written(instance, format, source, document, time)?;
    if text.len() > LONGEST_TEXT {
        return Err(Error::failed(format!(
            "the text has {} KiB, and more than {} are not shown: export it to a file",
            text.len() >> 10,
            LONGEST_TEXT >> 10
        )));
    }
    instance.set(&EXPORT_TEXT, &text)?;
    let done = format!("{}: {} to copy.", format.title, contents(document));
    instance.set(&STATUS, &done)?;
    tell(instance, &done, &warnings);
    Ok(())
}

fn written(
    instance: &Instance,
    format: &Format,
    source: &Clip<'_>,
    document: &Document,
    time: f64,
) -> Result<(String, Vec<Warning>)> {
    let settings = shot(source, Some(document), time);
    // A shapes document knows which keys are solved, and can be reduced whenever it leaves.
    let reduced = match format.carries() {
        Some(_) => Cow::Owned(exported(document, instance.get(&EXPORT_TOLERANCE)?)),
        None => Cow::Borrowed(document),
    };
    format.write(&reduced, &settings).map_err(|e| Error::failed(format!("{}: {e}", format.title)))
}

/// The only format that files of this ending are written in.
fn by_ending(path: &Path) -> Result<&'static Format> {
    file::written_as(path).map_err(|several| match several[..] {
        [] => Error::failed(format!("{}: no format has this ending: choose one", path.display())),
        _ => {
            let titles = several.iter().map(|f| f.title).collect::<Vec<_>>().join("; ");
            Error::failed(format!("{}: choose which of these formats: {titles}", path.display()))
        }
    })
}
