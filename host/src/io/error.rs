//! Why a picture file cannot be used.

use std::path::{Path, PathBuf};

/// Why a picture file cannot be used: one sentence with the file and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct IoError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub what: String,
}

impl IoError {
    pub(super) fn new(path: &Path, what: impl Into<String>) -> Self {
        IoError { path: path.to_owned(), what: what.into() }
    }

    pub(super) fn system(path: &Path, error: &std::io::Error) -> Self {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        IoError::new(path, what)
    }
}
