//! Files and folders by their paths: which format they have, and reading them.

use std::path::Path;

use shapes::Document;

use crate::text::MAX_BYTES;
use crate::{FORMATS, Format, ReadError, Settings, Warning};

/// What was read.
#[derive(Debug)]
pub struct Opened {
    /// The format it was read in.
    pub format: &'static Format,
    /// What it holds.
    pub document: Document,
    /// What of it a document cannot hold.
    pub warnings: Vec<Warning>,
}

/// Reads a file, or a folder where a format has folders, in the format that is chosen or else the one that it has by its ending and
/// beginning. [`ReadError::Unknown`] where none has.
pub fn open(path: &Path, chosen: Option<&'static Format>, settings: &Settings) -> Result<Opened, ReadError> {
    let failed = |e: std::io::Error| ReadError::File(e.to_string());
    let meta = std::fs::metadata(path).map_err(failed)?;
    let (format, (document, warnings)) = if meta.is_dir() {
        let format = chosen.or_else(|| FORMATS.iter().find(|f| f.is_folder())).ok_or(ReadError::Unknown)?;
        (format, format.read_folder(path, settings)?)
    } else {
        within(meta.len())?;
        let bytes = std::fs::read(path).map_err(failed)?;
        let format = chosen.or_else(|| Format::of_file(ending(path), &bytes)).ok_or(ReadError::Unknown)?;
        (format, format.read(&bytes, settings)?)
    };
    Ok(Opened { format, document, warnings })
}

/// The one format that files with this path's ending are written in; else the several that they may have, or none.
pub fn written_as(path: &Path) -> Result<&'static Format, Vec<&'static Format>> {
    let found: Vec<_> = Format::of_extension(ending(path), true).collect();
    match found[..] {
        [format] => Ok(format),
        _ => Err(found),
    }
}

/// Refuses more bytes than readers take.
pub(crate) fn within(bytes: u64) -> Result<(), ReadError> {
    if bytes > MAX_BYTES as u64 {
        let (has, most) = (bytes >> 20, MAX_BYTES >> 20);
        return Err(ReadError::TooMuch(format!("the file has {has} MiB, and more than {most} are not read")));
    }
    Ok(())
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(|e| e.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_leads_to_one_format_or_to_a_question() {
        assert_eq!(written_as(Path::new("a/b.FXS")).unwrap().name, "silhouette");
        let several = written_as(Path::new("b.py")).unwrap_err();
        assert!(several.iter().any(|f| f.name == "blender") && several.len() > 1);
        for none in ["", "b", "b.png"] {
            assert!(written_as(Path::new(none)).unwrap_err().is_empty());
        }
    }

    #[test]
    fn what_cannot_be_opened_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::default();
        let says = |name: &str, chosen: &str| {
            open(&folder.path().join(name), Format::named(chosen), &settings).unwrap_err().to_string()
        };
        std::fs::write(folder.path().join("a.png"), "x").unwrap();
        assert!(says("none.nk", "").contains("No such file"));
        assert!(says("a.png", "").contains("no format that can be read has this ending"));
        assert!(says("a.png", "sir-lionel").contains("format of a folder"));
        assert!(says("", "nuke").contains("nuke is the format of a file"));
        assert!(says("", "").contains("there are no files of a shot in it"));
        let large = std::fs::File::create(folder.path().join("a.nk")).unwrap();
        large.set_len(MAX_BYTES as u64 + 1).unwrap();
        assert!(says("a.nk", "").contains("256 are not read"));
    }
}
