//! The document as JSON text and as a file.

use std::path::Path;

use serde::{Deserialize, Serializer};

use crate::Document;
use crate::document::VERSION;

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file as it was asked for.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The text is not JSON, or not this format's JSON.
    #[error("this is not a shapes document: {0}")]
    Syntax(#[from] serde_json::Error),
    /// Another program's JSON.
    #[error("this is not a shapes document: its format is \"{0}\", not \"shapes\"")]
    Format(String),
    /// Written by a later version.
    #[error(
        "this document has version {0}, and this Splitline reads up to version {VERSION}: update Splitline"
    )]
    Newer(u64),
    /// Readable, but a rule of the format is broken.
    #[error("{0}")]
    Invalid(String),
}

impl Document {
    /// Reads a document, sorts its keys and checks it.
    pub fn from_json(text: &str) -> Result<Self, DocumentError> {
        // The head first: a newer version may have fields of other types, and the version is what to report.
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u64>,
        }
        let head: Head = serde_json::from_str(text)?;
        let format = head.format.unwrap_or_default();
        if format != "shapes" {
            return Err(DocumentError::Format(format));
        }
        match head.version {
            Some(v) if v > u64::from(VERSION) => return Err(DocumentError::Newer(v)),
            Some(0) | None => return Err(DocumentError::Invalid("the document has no version".to_owned())),
            Some(_) => {}
        }
        let mut document: Document = serde_json::from_str(text)?;
        document.normalise()?;
        Ok(document)
    }

    /// The document as one line of JSON. The same document always gives the same text.
    pub fn to_json(&self) -> Result<String, DocumentError> {
        Ok(serde_json::to_string(self)?)
    }

    /// Reads a file; see [`Document::from_json`].
    pub fn load(path: &Path) -> Result<Self, DocumentError> {
        let text = std::fs::read_to_string(path).map_err(|source| at(path, source))?;
        Self::from_json(&text)
    }

    /// Writes a file in one step: it is the old one or the new one, never a part.
    pub fn save(&self, path: &Path) -> Result<(), DocumentError> {
        let mut text = self.to_json()?;
        text.push('\n');
        files::replace(path, text.as_bytes()).map_err(|source| at(path, source))
    }
}

fn at(path: &Path, source: std::io::Error) -> DocumentError {
    DocumentError::File { path: path.display().to_string(), source }
}

pub(crate) fn whole_when_whole<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        s.serialize_i64(*value as i64)
    } else {
        s.serialize_f64(*value)
    }
}

pub(crate) fn maybe_whole_when_whole<S: Serializer>(value: &Option<f64>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(v) => whole_when_whole(v, s),
        None => s.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interp, Key, Point, Shape};

    const FULL: &str = r#"{"format":"shapes","version":1,"width":854,"height":480,"fps":24,"par":1,"shapes":[{"name":"eye_L","closed":true,"blend":"subtract","opacity":0.5,"opacity_keys":[{"frame":0,"value":0.0,"interp":"hold"},{"frame":7,"value":0.5,"later":2}],"color":[1.0,0.0,0.0],"invert":true,"feather":2.5,"grow":-1.0,"blur":false,"keys":[{"frame":0,"interp":"hold","confidence":0.97,"locked":true,"points":[{"x":10.5,"y":3.0,"in":[-4.0,0.0],"out":[4.0,0.0],"feather":{"offset":[0.0,2.0],"in":[-4.0,0.0],"out":[4.0,0.0]},"width":1.5,"locked":true,"later":1}],"note":"n"}],"mine":{"a":[1]}}],"tracks":[{"name":"nose","keys":[{"frame":0,"x":1.0,"y":2.0,"confidence":0.98,"visible":false,"locked":true}]}],"studio":"x"}"#;

    #[test]
    fn a_full_document_comes_back_to_the_letter() {
        let document = Document::from_json(FULL).unwrap();
        assert_eq!(document.to_json().unwrap(), FULL);
    }

    #[test]
    fn defaults_are_those_of_the_format() {
        let text = r#"{"format":"shapes","version":1,"shapes":[{"name":"a","closed":true,"keys":[{"frame":2,"points":[{"x":1,"y":2}]},{"frame":1,"points":[{"x":1,"y":2}]}]}]}"#;
        let document = Document::from_json(text).unwrap();
        let key = &document.shapes[0].keys[0];
        assert_eq!((key.frame, key.interp, key.locked), (1.0, Interp::Linear, false));
        assert!(key.is_artists());
        assert_eq!(key.points[0], Point::corner(1.0, 2.0));
    }

    #[test]
    fn a_newer_version_is_refused_by_name() {
        let error = Document::from_json(r#"{"format":"shapes","version":2,"shapes":7}"#).unwrap_err();
        assert!(matches!(error, DocumentError::Newer(2)), "{error}");
        assert!(error.to_string().contains("update Splitline"));
    }

    #[test]
    fn broken_documents_say_what_is_wrong() {
        let shape = |keys: &str| {
            format!(
                r#"{{"format":"shapes","version":1,"shapes":[{{"name":"s","closed":true,"keys":{keys}}}]}}"#
            )
        };
        let cases = [
            ("{".to_owned(), "not a shapes document"),
            (r#"{"format":"mesh","version":1}"#.to_owned(), "its format is \"mesh\""),
            (r#"{"format":"shapes"}"#.to_owned(), "no version"),
            (shape("[]"), "no keys"),
            (shape(r#"[{"frame":0,"points":[]}]"#), "no points"),
            (
                shape(r#"[{"frame":0,"points":[{"x":0,"y":0}]},{"frame":0,"points":[{"x":0,"y":0}]}]"#),
                "two keys at frame 0",
            ),
            (
                shape(
                    r#"[{"frame":0,"points":[{"x":0,"y":0}]},{"frame":1,"points":[{"x":0,"y":0},{"x":0,"y":0}]}]"#,
                ),
                "same number",
            ),
            (shape(r#"[{"frame":0,"points":[{"x":1e999,"y":0}]}]"#), "out of range"),
            (
                shape(
                    r#"[{"frame":0,"points":[{"x":0,"y":0}]}],"opacity_keys":[{"frame":4,"value":0},{"frame":4,"value":1}]"#,
                ),
                "two keys of its opacity at frame 4",
            ),
        ];
        for (text, says) in cases {
            let error = Document::from_json(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_crash() {
        let text = format!(r#"{{"format":"shapes","version":1,"x":{}"#, "[".repeat(200_000));
        assert!(matches!(Document::from_json(&text), Err(DocumentError::Syntax(_))));
    }

    #[test]
    fn saving_replaces_the_file_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut document = Document::new(64, 32);
        document.save(&path).unwrap();
        document.shapes.push(Shape::new("s", true, vec![Key::new(3.0, vec![Point::corner(1.0, 2.0)])]));
        document.save(&path).unwrap();
        assert_eq!(Document::load(&path).unwrap(), document);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
