//! Face files: read once per content, written in one step.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;

use engine::face::{Face, FaceError};
use ofx::{Error, Result};

use super::redrawn;
use crate::file_identity::FileIdentity;
use crate::recent::Recent;

/// Faces that are kept.
const KEPT: usize = 4;
/// A face holds small pictures of a few keys; what is larger than this is no face file.
const LARGEST_BYTES: u64 = 1 << 30;

static READ: Recent<FileIdentity, Arc<Face>> = Recent::new();

/// A face and the file that it is from.
#[derive(Clone)]
pub struct Known {
    pub face: Arc<Face>,
    pub file: FileIdentity,
}

/// Faces are the same if their files are.
impl PartialEq for Known {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

/// The face in a file; `None` if no file is named. A face with many keyed pictures takes its time, so it asks whether to stop.
pub fn open(file: &str, cancel: &dyn Fn() -> bool) -> Result<Option<Known>> {
    let path = Path::new(file.trim());
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let io = |e: io::Error| match e.kind() {
        ErrorKind::NotFound => Error::failed(format!(
            "there is no face file {} yet: press Learn to make it, or choose another",
            path.display()
        )),
        _ => Error::failed(format!("the face file {} cannot be read: {e}", path.display())),
    };
    let file = FileIdentity::of(path).map_err(io)?;
    if let Some(face) = READ.get(&file) {
        return Ok(Some(Known { face, file }));
    }
    let unusable = |e: &dyn std::fmt::Display| {
        Error::failed(format!("{} cannot be used as a face ({e}): choose another file", path.display()))
    };
    if file.bytes() > LARGEST_BYTES {
        return Err(unusable(&"it is too large for a face file"));
    }
    let face = Face::from_bytes(&std::fs::read(path).map_err(io)?, cancel).map_err(|e| match e {
        FaceError::Cancelled => Error::Aborted,
        e => unusable(&e),
    })?;
    let face = Arc::new(face);
    READ.put(file.clone(), Arc::clone(&face), KEPT);
    Ok(Some(Known { face, file }))
}

/// Writes a face file: it is the old one or the new one, never a part.
pub fn save(face: &Face, path: &Path) -> Result<()> {
    files::replace(path, &face.to_bytes())
        .map_err(|e| Error::failed(format!("the face file {} cannot be written: {e}", path.display())))
}

/// What has been learned, in a line, and what was lost on the way, a line each.
pub fn description(face: &Face) -> String {
    let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let landmarks = counted(face.landmarks().len(), "landmark");
    let shapes: Vec<&str> = face.shapes().iter().map(|s| s.name.as_str()).collect();
    let of = if shapes.is_empty() { String::new() } else { format!(": {}", shapes.join(", ")) };
    let known = format!("{}: {landmarks}, {}{of}", face.name(), counted(shapes.len(), "shape"));
    let more = redrawn::summary(face.redrawn()).into_iter().chain(redrawn::losses(face.redrawn()));
    std::iter::once(known).chain(more).collect::<Vec<_>>().join("\n")
}

/// Lets go of all.
pub fn forget() {
    READ.clear();
}
