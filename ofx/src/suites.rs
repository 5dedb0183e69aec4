//! The host's suites. Three are required; the absence of any other is a fact that the rest of the crate lives with.

use core::ffi::{CStr, c_int};

use ofx_sys as sys;

use crate::error::{Error, Result};

/// Copies of the function tables that the host offers.
///
/// Where a suite has two versions and the host offers only the first, the second is `None`. Even inside an offered
/// suite a function may be missing (Resolve 14's Message V2), so each is checked again when it is called.
#[derive(Clone)]
pub(crate) struct Suites {
    pub(crate) property: sys::OfxPropertySuiteV1,
    pub(crate) effect: sys::OfxImageEffectSuiteV1,
    pub(crate) param: sys::OfxParameterSuiteV1,
    pub(crate) memory: Option<sys::OfxMemorySuiteV1>,
    pub(crate) message1: Option<sys::OfxMessageSuiteV1>,
    pub(crate) message2: Option<sys::OfxMessageSuiteV2>,
    pub(crate) progress1: Option<sys::OfxProgressSuiteV1>,
    pub(crate) progress2: Option<sys::OfxProgressSuiteV2>,
    pub(crate) timeline: Option<sys::OfxTimeLineSuiteV1>,
    pub(crate) threads: Option<sys::OfxMultiThreadSuiteV1>,
    pub(crate) interact: Option<sys::OfxInteractSuiteV1>,
    pub(crate) draw: Option<sys::OfxDrawSuiteV1>,
    pub(crate) parametric: Option<sys::OfxParametricParameterSuiteV1>,
    pub(crate) planes1: Option<sys::FnOfxImageEffectPlaneSuiteV1>,
    pub(crate) planes2: Option<sys::FnOfxImageEffectPlaneSuiteV2>,
}

/// A C struct that `fetchSuite` can return under a name.
///
/// # Safety
/// The type must be the `repr(C)` table that OpenFX defines for `NAME` and `VERSION`, made of nullable function
/// pointers only.
unsafe trait Suite: Copy {
    const NAME: &'static CStr;
    const VERSION: c_int;
}

macro_rules! suite {
    ($($type:ident = $name:ident $version:literal;)+) => {$(
        // SAFETY: bindgen made the type from the header that defines this suite name and version.
        unsafe impl Suite for sys::$type {
            const NAME: &'static CStr = sys::$name;
            const VERSION: c_int = $version;
        }
    )+};
}

suite! {
    OfxPropertySuiteV1 = kOfxPropertySuite 1;
    OfxImageEffectSuiteV1 = kOfxImageEffectSuite 1;
    OfxParameterSuiteV1 = kOfxParameterSuite 1;
    OfxMemorySuiteV1 = kOfxMemorySuite 1;
    OfxMessageSuiteV1 = kOfxMessageSuite 1;
    OfxMessageSuiteV2 = kOfxMessageSuite 2;
    OfxProgressSuiteV1 = kOfxProgressSuite 1;
    OfxProgressSuiteV2 = kOfxProgressSuite 2;
    OfxTimeLineSuiteV1 = kOfxTimeLineSuite 1;
    OfxMultiThreadSuiteV1 = kOfxMultiThreadSuite 1;
    OfxInteractSuiteV1 = kOfxInteractSuite 1;
    OfxDrawSuiteV1 = kOfxDrawSuite 1;
    OfxParametricParameterSuiteV1 = kOfxParametricParameterSuite 1;
    FnOfxImageEffectPlaneSuiteV1 = kFnOfxImageEffectPlaneSuite 1;
    FnOfxImageEffectPlaneSuiteV2 = kFnOfxImageEffectPlaneSuite 2;
}

impl Suites {
    /// Asks the host for every suite.
    ///
    /// # Safety
    /// `host` must be a host structure whose `fetchSuite` may be called now, that is, in or after the load action.
    pub(crate) unsafe fn fetch(host: &sys::OfxHost) -> Result<Self> {
        // SAFETY: the caller's promise.
        unsafe {
            Ok(Self {
                property: required(host)?,
                effect: required(host)?,
                param: required(host)?,
                memory: fetch(host),
                message1: fetch(host),
                message2: fetch(host),
                progress1: fetch(host),
                progress2: fetch(host),
                timeline: fetch(host),
                threads: fetch(host),
                interact: fetch(host),
                draw: fetch(host),
                parametric: fetch(host),
                planes1: fetch(host),
                planes2: fetch(host),
            })
        }
    }
}

/// # Safety
/// As [`Suites::fetch`].
unsafe fn fetch<S: Suite>(host: &sys::OfxHost) -> Option<S> {
    let fetch = host.fetchSuite?;
    // SAFETY: the host's own function with its own handle and a terminated name.
    let suite = unsafe { fetch(host.host, S::NAME.as_ptr(), S::VERSION) }.cast::<S>();
    if suite.is_null() || !suite.is_aligned() {
        return None;
    }
    // SAFETY: OpenFX promises a table of this type (`Suite`'s contract) that stays valid until unload.
    Some(unsafe { *suite })
}

/// # Safety
/// As [`Suites::fetch`].
unsafe fn required<S: Suite>(host: &sys::OfxHost) -> Result<S> {
    // SAFETY: the caller's promise.
    unsafe { fetch(host) }.ok_or_else(|| {
        Error::host(
            format!("no {} version {}", S::NAME.to_string_lossy(), S::VERSION),
            sys::kOfxStatErrMissingHostFeature,
        )
    })
}
