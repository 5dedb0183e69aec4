//! What a binary exports.

use core::ffi::c_int;
use core::ptr;

pub use ofx_sys as sys;

use crate::effect::Effect;
use crate::entry::{main_entry, set_host};
use crate::logging::LogConfig;

/// The plug-in structures of a binary.
pub struct Plugins<const N: usize> {
    table: [sys::OfxPlugin; N],
    log: Option<LogConfig>,
}

// SAFETY: the structures are constants: their pointers lead to static strings and functions, and nobody writes to them.
unsafe impl<const N: usize> Send for Plugins<N> {}
// SAFETY: as for `Send`.
unsafe impl<const N: usize> Sync for Plugins<N> {}

impl<const N: usize> Plugins<N> {
    /// These effects.
    pub const fn new(table: [sys::OfxPlugin; N], log: Option<LogConfig>) -> Self {
        Self { table, log }
    }

    /// How many there are. Everything a host does with a binary begins here or at [`Plugins::get`].
    pub fn count(&self) -> c_int {
        self.start();
        N as c_int
    }

    /// The nth; null if there is none.
    pub fn get(&self, nth: c_int) -> *mut sys::OfxPlugin {
        self.start();
        let nth = usize::try_from(nth).ok();
        // OpenFX has the type mutable, but hosts only read.
        nth.and_then(|n| self.table.get(n)).map_or(ptr::null_mut(), |p| ptr::from_ref(p).cast_mut())
    }

    /// Gives every effect its host (OpenFX 1.4; many hosts never call it).
    pub fn set_host(&self, host: *const sys::OfxHost) -> sys::OfxStatus {
        if host.is_null() {
            return sys::kOfxStatErrBadHandle;
        }
        for plugin in &self.table {
            if let Some(set) = plugin.setHost {
                // SAFETY: the host structure that the application gave; `set_host` only reads it.
                unsafe { set(host.cast_mut()) };
            }
        }
        sys::kOfxStatOK
    }

    fn start(&self) {
        crate::panics::install_hook();
        if let Some(config) = &self.log {
            crate::logging::start(config);
        }
    }
}

/// The plug-in structure of an effect.
pub const fn plugin<E: Effect>() -> sys::OfxPlugin {
    sys::OfxPlugin {
        pluginApi: sys::kOfxImageEffectPluginApi.as_ptr(),
        apiVersion: sys::kOfxImageEffectPluginApiVersion,
        pluginIdentifier: E::INFO.identifier.as_ptr(),
        pluginVersionMajor: E::INFO.version.0,
        pluginVersionMinor: E::INFO.version.1,
        setHost: Some(set_host::<E>),
        mainEntry: Some(main_entry::<E>),
    }
}

/// Exports effects from a `cdylib`: emits `OfxGetNumberOfPlugins`, `OfxGetPlugin` and `OfxSetHost`, and nothing else.
///
/// The crate that uses it can `#![forbid(unsafe_code)]`: the unsafe attributes are this macro's.
///
/// `log(FILE, LEVEL)` names the environment variables that switch the log on.
///
/// ```text
/// ofx::export_plugins![log("SPLITLINE_LOG", "SPLITLINE_LOG_LEVEL"); Motion2Roto, MotionVectors];
/// ```
#[macro_export]
macro_rules! export_plugins {
    (log($file:expr, $level:expr); $($effect:ty),+ $(,)?) => {
        $crate::export_plugins!(@emit Some($crate::LogConfig { file_variable: $file, level_variable: $level });
            $($effect),+);
    };
    (@emit $log:expr; $($effect:ty),+) => {
        const _: () = {
            static PLUGINS: $crate::export::Plugins<{ [$(stringify!($effect)),+].len() }> =
                $crate::export::Plugins::new([$($crate::export::plugin::<$effect>()),+], $log);

            // SAFETY (of the names): OpenFX gives these three names to plug-in binaries, with these signatures.
            #[unsafe(no_mangle)]
            extern "C" fn OfxGetNumberOfPlugins() -> ::core::ffi::c_int {
                PLUGINS.count()
            }

            #[unsafe(no_mangle)]
            extern "C" fn OfxGetPlugin(nth: ::core::ffi::c_int) -> *mut $crate::export::sys::OfxPlugin {
                PLUGINS.get(nth)
            }

            #[unsafe(no_mangle)]
            extern "C" fn OfxSetHost(
                host: *const $crate::export::sys::OfxHost,
            ) -> $crate::export::sys::OfxStatus {
                PLUGINS.set_host(host)
            }
        };
    };
    ($($effect:ty),+ $(,)?) => {
        $crate::export_plugins!(@emit None; $($effect),+);
    };
}
