//! Where the bundle is.

use std::path::{Path, PathBuf};

use crate::failure::Failure;

const NAME: &str = "Splitline.ofx.bundle";
const VARIABLE: &str = "SPLITLINE_BUNDLE";

/// The bundle asked for, or the variable's, or the first there is near the executable or in ./dist.
pub(crate) fn find(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let variable = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
    let executable = std::env::current_exe().ok();
    find_in(asked, variable, executable.as_deref())
}

fn find_in(
    asked: Option<&Path>,
    variable: Option<PathBuf>,
    executable: Option<&Path>,
) -> Result<PathBuf, Failure> {
    if let Some(path) = asked {
        return there(path, "");
    }
    if let Some(path) = variable {
        return there(&path, &format!(" (from {VARIABLE})"));
    }
    let beside = executable.and_then(Path::parent).unwrap_or_else(|| Path::new("."));
    let places =
        [beside.to_owned(), beside.join("../dist"), beside.join("../../dist"), PathBuf::from("./dist")];
    places.iter().map(|p| p.join(NAME)).find(|p| p.exists()).ok_or_else(|| {
        Failure::input(format!(
            "cannot find {NAME} beside the command or in ./dist: build it with `make bundle`, or give --bundle PATH"
        ))
    })
}

fn there(path: &Path, origin: &str) -> Result<PathBuf, Failure> {
    if path.exists() {
        return Ok(path.to_owned());
    }
    Err(Failure::input(format!("{}{origin}: there is no such bundle", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_bundle_is_found_and_a_wrong_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("dist").join(NAME);
        std::fs::create_dir_all(&made).unwrap();
        let executable = folder.path().join("target/release/splitline");
        std::fs::create_dir_all(executable.parent().unwrap()).unwrap();
        let found = find_in(None, None, Some(&executable)).unwrap();
        assert_eq!(found.canonicalize().unwrap(), made.canonicalize().unwrap());
        let wrong = folder.path().join("none");
        let error = find_in(Some(&wrong), None, Some(&executable)).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(find_in(None, Some(wrong), Some(&executable)).is_err());
        assert!(find_in(Some(&made), None, None).is_ok());
    }
}
