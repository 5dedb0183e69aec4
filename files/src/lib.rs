//! Files that are written whole or not at all: a temporary file beside the place is filled and then takes the name. Whoever reads in
//! between finds the old file or the new one.
#![forbid(unsafe_code)]

use std::io::{ErrorKind, Result, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes a file in place of what is there. It is on the disk when this returns.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let file = filled(path, bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// The same, without waiting for the disk: for what is easily made again.
pub fn replace_soon(path: &Path, bytes: &[u8]) -> Result<()> {
    filled(path, bytes)?.persist(path)?;
    Ok(())
}

/// Writes a file where none is; [`ErrorKind::AlreadyExists`] where one is, also one that somebody else has made meanwhile. It is on the
/// disk when this returns.
pub fn create(path: &Path, bytes: &[u8]) -> Result<()> {
    // What is known to be in vain is not written first.
    if path.symlink_metadata().is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let file = filled(path, bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    Ok(())
}

/// A temporary file beside `path`, with the permissions of what is there, else for everybody the folder is for, as any saved file.
fn filled(path: &Path, bytes: &[u8]) -> Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new().prefix(".splitline-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(path).map_or(0o644, |m| m.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn names(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_is_replaced_or_kept_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        create(&path, b"first").unwrap();
        assert_eq!(create(&path, b"second").unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&path).unwrap(), b"first");
        replace(&path, b"third").unwrap();
        replace_soon(&path, b"fourth").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"fourth");
        assert_eq!(names(folder.path()), 1);
        assert!(create(&folder.path().join("none/a.txt"), b"x").is_err());
    }

    #[test]
    fn of_many_that_create_a_file_at_once_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let made = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for i in 0..8u8 {
                let (path, made) = (&path, &made);
                scope.spawn(move || match create(path, &[i; 100]) {
                    Ok(()) => {
                        made.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(e) => assert_eq!(e.kind(), ErrorKind::AlreadyExists),
                });
            }
        });
        assert_eq!((made.into_inner(), names(folder.path())), (1, 1));
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.len() == 100 && bytes.iter().all(|b| *b == bytes[0]));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_a_saved_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        create(&path, b"").unwrap();
        assert_eq!(mode(), 0o644);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        replace(&path, b"").unwrap();
        assert_eq!(mode(), 0o640);
    }
}
