//! Which state of a file something was read from.

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file is read again when one of these changes.
#[derive(Clone, Debug, PartialEq)]
pub struct FileIdentity {
    path: PathBuf,
    modified: Option<SystemTime>,
    bytes: u64,
}

impl FileIdentity {
    /// Of the file as it is now.
    pub fn of(path: &Path) -> io::Result<Self> {
        let meta = std::fs::metadata(path)?;
        Ok(FileIdentity { path: path.to_owned(), modified: meta.modified().ok(), bytes: meta.len() })
    }

    /// Its size.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}
