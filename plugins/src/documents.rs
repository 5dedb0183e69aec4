//! Documents as the effects read them: from a param's text or from a file, parsed once per content.
//!
//! MLT makes a new instance for every frame, so parsed documents are kept for the process, the last few of them.

use std::path::Path;
use std::sync::Arc;

use shapes::{Document, DocumentError};

use crate::file_identity::FileIdentity;
use crate::recent::Recent;

/// Parsed documents that are kept.
const KEPT: usize = 16;

#[derive(Clone, PartialEq)]
enum Origin {
    Text(String),
    File(FileIdentity),
}

static PARSED: Recent<Origin, Arc<Document>> = Recent::new();

/// The document in this text.
pub fn from_text(text: &str) -> Result<Arc<Document>, DocumentError> {
    remember(Origin::Text(text.to_owned()), || Document::from_json(text))
}

/// The document in this file, read again when the file has changed.
pub fn from_file(path: &Path) -> Result<Arc<Document>, DocumentError> {
    let identity = FileIdentity::of(path)
        .map_err(|source| DocumentError::File { path: path.display().to_string(), source })?;
    remember(Origin::File(identity), || Document::load(path))
}

/// Text wins over the file; neither gives nothing.
pub fn from_text_or_file(text: &str, file: &str) -> Result<Option<Arc<Document>>, DocumentError> {
    if !text.trim().is_empty() {
        from_text(text).map(Some)
    } else if !file.trim().is_empty() {
        from_file(Path::new(file.trim())).map(Some)
    } else {
        Ok(None)
    }
}

fn remember(
    origin: Origin,
    parse: impl FnOnce() -> Result<Document, DocumentError>,
) -> Result<Arc<Document>, DocumentError> {
    if let Some(document) = PARSED.get(&origin) {
        return Ok(document);
    }
    let document = Arc::new(parse()?);
    PARSED.put(origin, Arc::clone(&document), KEPT);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"{"format":"shapes","version":1,"shapes":[]}"#;

    #[test]
    fn the_same_text_is_parsed_once() {
        let a = from_text(SMALL).unwrap();
        assert!(Arc::ptr_eq(&a, &from_text(SMALL).unwrap()));
    }

    #[test]
    fn text_wins_over_the_file_and_neither_is_nothing() {
        assert!(from_text_or_file(" \n", "").unwrap().is_none());
        assert!(from_text_or_file(SMALL, "/no/such/file").unwrap().is_some());
        let error = from_text_or_file("", "/no/such/file").unwrap_err().to_string();
        assert!(error.contains("/no/such/file"), "{error}");
    }

    #[test]
    fn a_changed_file_is_read_again() {
        let path = std::env::temp_dir().join(format!("splitline-documents-{}.json", std::process::id()));
        Document::new(10, 10).save(&path).unwrap();
        assert_eq!(from_file(&path).unwrap().width, 10);
        Document::new(1000, 10).save(&path).unwrap();
        assert_eq!(from_file(&path).unwrap().width, 1000);
        std::fs::remove_file(&path).unwrap();
    }
}
