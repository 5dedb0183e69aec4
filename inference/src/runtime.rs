//! The ONNX Runtime library: found, loaded once, and kept for the life of the process.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep;
use ort::session::Session;

/// Names a library to take in place of the given one.
pub const VARIABLE: &str = "SPLITLINE_ONNXRUNTIME";
/// Makes libraries that would report their use keep silent. It has to be set before the process starts: changing a host's environment
/// from a plug-in is not safe.
const SILENT: &str = "ORT_DISABLE_TELEMETRY";
/// Where such libraries report to.
const COLLECTOR: &[u8] = b"events.data.microsoft.com";

/// What the library is called where it lies beside the binary.
pub const FILE_NAME: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

/// Why there is no runtime. Everything that needs no model works without it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// There is no such file.
    #[error(
        "models need ONNX Runtime, and {} is missing: install a bundle that holds it, or name the library in {VARIABLE}",
        .0.display()
    )]
    Missing(PathBuf),
    /// The caller knows no place, and the variable names none.
    #[error("models need ONNX Runtime: name its library in {VARIABLE}")]
    Unnamed,
    /// The file is something else, for another machine, or older than 1.18.
    #[error("{} is no ONNX Runtime 1.18 or later for this machine ({reason}): replace it, or name another in {VARIABLE}", path.display())]
    Unusable {
        /// The library that was tried.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// Builds from 1.29 on report over the network what is run, unless the host's environment forbids it.
    #[error(
        "{} reports its use over the network: set {SILENT}=1, or name an ONNX Runtime from 1.18 to 1.28 in {VARIABLE}",
        .0.display()
    )]
    Reports(PathBuf),
}

/// A loaded library; cheap to clone.
#[derive(Debug, Clone)]
pub struct Runtime {
    environment: Environment,
}

/// The process's one environment: the library allows no second, and keeps its own copy for as long as it is mapped.
static LOADED: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// The process's runtime, loaded on the first call (30 to 90 ms) from the file that `SPLITLINE_ONNXRUNTIME` names, or else
    /// from `library`, which the caller derives from where its own binary lies ([`FILE_NAME`] beside it). Once it is loaded, later
    /// calls give the same one, whatever they name. A failure is not kept: the next call tries again.
    pub fn load(library: Option<&Path>) -> Result<Self, RuntimeError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*loaded {
            return Ok(runtime.clone());
        }
        let named = std::env::var_os(VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        let path = named.or_else(|| library.map(Path::to_owned)).ok_or(RuntimeError::Unnamed)?;
        let runtime = Self::open(path)?;
        Ok(loaded.insert(runtime).clone())
    }

    fn open(path: PathBuf) -> Result<Self, RuntimeError> {
        // A bare name would be looked for in the system's folders.
        let path = std::path::absolute(&path).unwrap_or(path);
        if !path.is_file() {
            return Err(RuntimeError::Missing(path));
        }
        if std::env::var_os(SILENT).is_none_or(|value| value != "1") && reports(&path) {
            return Err(RuntimeError::Reports(path));
        }
        // `ort` asserts what a library that only pretends to be ONNX Runtime may break.
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let builder = ort::init_from(&path).map_err(|error| error.to_string())?;
            builder.with_name("splitline").with_telemetry(false).build().map_err(|error| error.to_string())
        }));
        let environment = opened.unwrap_or_else(|_| Err("it broke the rules of its interface".to_owned()));
        let environment =
            environment.map_err(|reason| RuntimeError::Unusable { path: path.clone(), reason })?;
        log::info!("ONNX Runtime loaded from {}", path.display());
        Ok(Self { environment })
    }

    /// A session on one thread, that of the caller: no pool of its own, nothing that spins, no memory kept between runs.
    pub(crate) fn session(&self, model: &[u8]) -> Result<Session, ort::Error> {
        Session::builder(&self.environment)?
            .with_execution_providers([ep::CPU::default().with_arena_allocator(false).build()])?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?
            .with_config_entry("session.load_model_format", "ONNX")?
            .commit_from_memory(model)
    }
}

/// Whether the library holds the collector's address. Turning reports off by the interface comes too late: the first
/// goes out, and files are made, while the environment is built.
fn reports(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes.windows(COLLECTOR.len()).any(|window| window == COLLECTOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_said_with_what_to_do() {
        let error = Runtime::open("/nowhere/libonnxruntime.so".into()).unwrap_err();
        assert_eq!(error, RuntimeError::Missing("/nowhere/libonnxruntime.so".into()));
        assert!(error.to_string().contains(VARIABLE), "{error}");
    }

    #[test]
    fn a_file_that_is_no_library_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        for content in [&b"not a library"[..], b"", b"\x7fELF\x02\x01\x01"] {
            std::fs::write(&path, content).unwrap();
            assert!(matches!(Runtime::open(path.clone()), Err(RuntimeError::Unusable { .. })));
        }
        assert!(matches!(Runtime::open(folder.path().into()), Err(RuntimeError::Missing(_))));
        std::fs::write(&path, [b"\x7fELF https://", COLLECTOR].concat()).unwrap();
        assert!(matches!(Runtime::open(path), Err(RuntimeError::Reports(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn another_library_is_an_error() {
        let folders = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64"];
        let Some(library) = folders.iter().map(|f| Path::new(f).join("libm.so.6")).find(|p| p.is_file())
        else {
            return;
        };
        assert!(matches!(Runtime::open(library), Err(RuntimeError::Unusable { .. })));
    }
}
