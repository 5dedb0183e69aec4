//! The document as a file of another application, or as text to copy.

use std::borrow::Cow;
use std::path::Path;

use interchange::{Format, Warning};
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
    if path.exists() && !instance.get(&EXPORT_OVERWRITE)? {
        let there = format!("{} is there already: switch Overwrite on to write over it", path.display());
        return Err(Error::failed(there));
    }
    let (text, warnings) = written(instance, format, source, document, time)?;
    shapes::json::write_atomically(path, text.as_bytes())
        .map_err(|e| Error::failed(format!("{}: {e}", path.display())))?;
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

/// The only format that files of this ending have.
fn by_ending(path: &Path) -> Result<&'static Format> {
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    let found: Vec<_> = Format::of_extension(ending, true).collect();
    match found[..] {
        [format] => Ok(format),
        [] => Err(Error::failed(format!("{}: no format has this ending: choose one", path.display()))),
        _ => {
            let titles = found.iter().map(|f| f.title).collect::<Vec<_>>().join("; ");
            Err(Error::failed(format!("{}: choose which of these formats: {titles}", path.display())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_leads_to_one_format_or_to_a_question() {
        assert_eq!(by_ending(Path::new("a/b.FXS")).unwrap().name, "silhouette");
        assert!(by_ending(Path::new("b.py")).unwrap_err().to_string().contains("Blender"));
        for none in ["", "b", "b.png"] {
            assert!(
                by_ending(Path::new(none)).unwrap_err().to_string().contains("no format has this ending")
            );
        }
    }
}
