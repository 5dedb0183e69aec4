//! A plug-in binary: found, opened, its exports named.

use std::ffi::{CStr, c_int};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use libloading::Library;
use ofx_sys::OfxPlugin;

use crate::error::{Error, Result};

/// One effect of a binary, as `OfxGetPlugin` gave it.
pub(crate) struct Plugin {
    /// The struct in the binary's memory.
    raw: *const OfxPlugin,
    /// `pluginIdentifier`.
    pub id: String,
    /// `pluginVersionMajor` and `pluginVersionMinor`.
    pub version: (u32, u32),
    /// The bundle, or the binary itself where it stands alone; empty for an entry in this process.
    pub path: PathBuf,
    /// Held by renders of an effect that is unsafe to thread.
    pub renders: Mutex<()>,
}

// SAFETY: the struct is constant data of the binary, which is never unmapped; entry points are called under the thread
// rules of OpenFX by this crate.
unsafe impl Send for Plugin {}
// SAFETY: as above, it is only read.
unsafe impl Sync for Plugin {}

impl Plugin {
    /// Tells binaries apart in this process.
    pub fn address(&self) -> usize {
        self.raw as usize
    }

    pub fn ofx(&self) -> &OfxPlugin {
        // SAFETY: checked to be non-null at load, and never unmapped; `from_entry` asks for 'static.
        unsafe { &*self.raw }
    }
}

/// A loaded binary with its effects. Cloning is cheap. The code stays mapped to the end of the process: threads that a
/// plug-in has left behind may still run in it.
#[derive(Clone)]
pub struct Bundle {
    path: PathBuf,
    plugins: Vec<Arc<Plugin>>,
}

type CountFn = unsafe extern "C" fn() -> c_int;
type PluginFn = unsafe extern "C" fn(c_int) -> *mut OfxPlugin;

/// The folder of a bundle that holds this machine's binary.
const ARCH: &str = if cfg!(all(target_os = "linux", target_arch = "aarch64")) {
    "Linux-aarch64"
} else if cfg!(target_os = "windows") {
    "Win64"
} else if cfg!(target_os = "macos") {
    "MacOS"
} else {
    "Linux-x86-64"
};

impl Bundle {
    /// Opens `NAME.ofx.bundle`, or a binary (`.ofx`, `.so`, ...) by itself.
    pub fn load(path: impl AsRef<Path>) -> Result<Bundle> {
        let path = path.as_ref();
        let binary = binary_of(path)?;
        // SAFETY: opening a library runs its initialisers; the caller chose to trust this binary.
        let library = unsafe { Library::new(&binary) }
            .map_err(|e| Error::Load { path: binary.clone(), reason: e.to_string() })?;
        Bundle::with_library(path, &binary, library)
    }

    /// Opens a private copy of the binary, so that its static data are shared with no other `Bundle` in this process:
    /// for several hosts at the same time. The effects still see the true path of the bundle.
    pub fn load_isolated(path: impl AsRef<Path>) -> Result<Bundle> {
        let path = path.as_ref();
        let binary = binary_of(path)?;
        let copy =
            private_copy(&binary).map_err(|e| Error::Load { path: binary.clone(), reason: e.to_string() })?;
        // SAFETY: as in `load`.
        let library = unsafe { Library::new(&copy) };
        // The mapping keeps the file's contents; where a system refuses this, a file in the temporary folder is left.
        let _ = std::fs::remove_file(&copy);
        let library = library.map_err(|e| Error::Load { path: binary.clone(), reason: e.to_string() })?;
        Bundle::with_library(path, &binary, library)
    }

    /// A plug-in that lives in this process: tests of a host or of a plug-in without a binary.
    pub fn from_entry(plugins: &[&'static OfxPlugin]) -> Result<Bundle> {
        let path = PathBuf::new();
        let plugins = plugins.iter().map(|p| plugin(*p, &path)).collect::<Result<_>>()?;
        Ok(Bundle { path, plugins })
    }

    /// Where it was loaded from; empty for [`Bundle::from_entry`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Identifiers of its effects, in the binary's order.
    pub fn ids(&self) -> Vec<&str> {
        self.plugins.iter().map(|p| p.id.as_str()).collect()
    }

    pub(crate) fn plugins(&self) -> &[Arc<Plugin>] {
        &self.plugins
    }

    fn with_library(path: &Path, binary: &Path, library: Library) -> Result<Bundle> {
        let not_ofx = |reason: String| Error::NotOfx { path: binary.to_owned(), reason };
        // SAFETY: OpenFX fixes the signatures of these exports.
        let (count, get) = unsafe {
            let count: CountFn = *library
                .get(b"OfxGetNumberOfPlugins\0")
                .map_err(|_| not_ofx("it does not export OfxGetNumberOfPlugins".into()))?;
            let get: PluginFn = *library
                .get(b"OfxGetPlugin\0")
                .map_err(|_| not_ofx("it does not export OfxGetPlugin".into()))?;
            (count, get)
        };
        // Never unmapped, see `Bundle`.
        std::mem::forget(library);
        // SAFETY: exported by the library, which stays open.
        let number = unsafe { count() };
        if number < 0 {
            return Err(not_ofx(format!("OfxGetNumberOfPlugins gives {number}")));
        }
        let plugins = (0..number)
            .map(|n| {
                // SAFETY: as above, with an index in range.
                let raw = unsafe { get(n) };
                plugin(raw, path).map_err(|e| match e {
                    Error::NotOfx { reason, .. } => not_ofx(format!("plug-in {n}: {reason}")),
                    other => other,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Bundle { path: path.to_owned(), plugins })
    }
}

fn plugin(raw: *const OfxPlugin, path: &Path) -> Result<Arc<Plugin>> {
    let not_ofx = |reason: &str| Error::NotOfx { path: path.to_owned(), reason: reason.to_owned() };
    if raw.is_null() {
        return Err(not_ofx("OfxGetPlugin gives NULL"));
    }
    // SAFETY: OpenFX promises a valid struct that lives as long as the binary is loaded.
    let ofx = unsafe { &*raw };
    if ofx.pluginApi.is_null() || ofx.pluginIdentifier.is_null() {
        return Err(not_ofx("its API or identifier is NULL"));
    }
    if ofx.mainEntry.is_none() || ofx.setHost.is_none() {
        return Err(not_ofx("its mainEntry or setHost is NULL"));
    }
    // SAFETY: both are non-null C strings of the binary.
    let (api, id) = unsafe { (CStr::from_ptr(ofx.pluginApi), CStr::from_ptr(ofx.pluginIdentifier)) };
    if api != ofx_sys::kOfxImageEffectPluginApi {
        return Err(not_ofx("it is not of the image effect API"));
    }
    let id = id.to_str().map_err(|_| not_ofx("its identifier is not ASCII"))?.to_owned();
    let version = (ofx.pluginVersionMajor, ofx.pluginVersionMinor);
    Ok(Arc::new(Plugin { raw, id, version, path: path.to_owned(), renders: Mutex::new(()) }))
}

fn binary_of(path: &Path) -> Result<PathBuf> {
    let fail = |reason: String| Error::Load { path: path.to_owned(), reason };
    if !path.exists() {
        return Err(fail("there is no such file".into()));
    }
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let Some(stem) = name.strip_suffix(".bundle") else {
        return Err(fail("a folder must be named NAME.ofx.bundle".into()));
    };
    let binary = path.join("Contents").join(ARCH).join(stem);
    if binary.is_file() { Ok(binary) } else { Err(fail(format!("it has no Contents/{ARCH}/{stem}"))) }
}

fn private_copy(binary: &Path) -> std::io::Result<PathBuf> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let name = format!("ofx-{}-{}.so", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
    let copy = std::env::temp_dir().join(name);
    std::fs::copy(binary, &copy)?;
    Ok(copy)
}
