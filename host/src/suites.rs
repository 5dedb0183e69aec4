//! The suites: C functions that plug-ins call. Each is a door: it looks its handles up, checks, and asks the objects.

mod dialog;
mod draw;
mod effect;
mod interact;
pub(crate) mod memory;
mod message;
mod parameter;
mod parametric;
mod plane;
mod progress;
mod property;
pub(crate) mod thread;
mod timeline;

use std::ffi::{CStr, c_char, c_int, c_void};

use ofx_sys::OfxPropertySetHandle;

use crate::call;
use crate::handle;
use crate::profile::{Offer, Suite};
use crate::property::PropSet;
use crate::shared::Shared;
use crate::violation::{Rule, Severity};

/// `fetchSuite` of the host struct.
///
/// # Safety
/// `name` is a C string.
pub(crate) unsafe extern "C" fn fetch(
    host: OfxPropertySetHandle,
    name: *const c_char,
    version: c_int,
) -> *const c_void {
    let mut suite = std::ptr::null();
    call::answer("fetchSuite", || {
        let set = handle::find::<PropSet>(host.cast(), "fetchSuite")?;
        // SAFETY: the plug-in gives a C string.
        let name = unsafe { call::text(name, "fetchSuite") }?;
        let hosts = Shared::all();
        match hosts.iter().find(|h| h.props.get().is_some_and(|p| std::sync::Arc::ptr_eq(p, &set))) {
            Some(shared) => suite = offered(shared, name, version),
            None => call::violate(
                Rule::BadHandle,
                Severity::Error,
                "fetchSuite was given a property set that is not the host's".into(),
            ),
        }
        Ok(())
    });
    suite
}

fn offered(shared: &Shared, name: &CStr, version: c_int) -> *const c_void {
    let Some((suite, real)) = find(name, version) else { return std::ptr::null() };
    match shared.profile.offers(suite) {
        None => std::ptr::null(),
        Some(Offer::Real) => real,
        Some(Offer::Unsupported | Offer::Stub) => muted(suite, shared.profile.offers(suite)).unwrap_or(real),
    }
}

fn at<T>(suite: &'static T) -> *const c_void {
    std::ptr::from_ref(suite).cast()
}

fn find(name: &CStr, version: c_int) -> Option<(Suite, *const c_void)> {
    let is = |n: &CStr, v: c_int| name == n && version == v;
    Some(if is(ofx_sys::kOfxPropertySuite, 1) {
        (Suite::PropertyV1, at(&property::SUITE))
    } else if is(ofx_sys::kOfxImageEffectSuite, 1) {
        (Suite::ImageEffectV1, at(&effect::SUITE))
    } else if is(ofx_sys::kOfxParameterSuite, 1) {
        (Suite::ParameterV1, at(&parameter::SUITE))
    } else if is(ofx_sys::kOfxParametricParameterSuite, 1) {
        (Suite::ParametricV1, at(&parametric::SUITE))
    } else if is(ofx_sys::kOfxMemorySuite, 1) {
        (Suite::MemoryV1, at(&memory::SUITE))
    } else if is(ofx_sys::kOfxMultiThreadSuite, 1) {
        (Suite::MultiThreadV1, at(&thread::SUITE))
    } else if is(ofx_sys::kOfxMessageSuite, 1) {
        (Suite::MessageV1, at(&message::V1))
    } else if is(ofx_sys::kOfxMessageSuite, 2) {
        (Suite::MessageV2, at(&message::V2))
    } else if is(ofx_sys::kOfxProgressSuite, 1) {
        (Suite::ProgressV1, at(&progress::V1))
    } else if is(ofx_sys::kOfxProgressSuite, 2) {
        (Suite::ProgressV2, at(&progress::V2))
    } else if is(ofx_sys::kOfxTimeLineSuite, 1) {
        (Suite::TimeLineV1, at(&timeline::SUITE))
    } else if is(ofx_sys::kOfxInteractSuite, 1) {
        (Suite::InteractV1, at(&interact::SUITE))
    } else if is(ofx_sys::kOfxDrawSuite, 1) {
        (Suite::DrawV1, at(&draw::SUITE))
    } else if is(ofx_sys::kFnOfxImageEffectPlaneSuite, 1) {
        (Suite::PlaneV1, at(&plane::V1))
    } else if is(ofx_sys::kFnOfxImageEffectPlaneSuite, 2) {
        (Suite::PlaneV2, at(&plane::V2))
    } else if is(ofx_sys::kOfxDialogSuite, 1) {
        (Suite::DialogV1, at(&dialog::SUITE))
    } else {
        return None;
    })
}

/// Suites whose functions do nothing, for hosts that have them in name only.
fn muted(suite: Suite, offer: Option<Offer>) -> Option<*const c_void> {
    Some(match (suite, offer) {
        (Suite::TimeLineV1, Some(Offer::Unsupported)) => at(&timeline::UNSUPPORTED),
        (Suite::ParametricV1, _) => at(&parametric::STUB),
        (Suite::ProgressV1, Some(Offer::Stub)) => at(&progress::STUB_V1),
        (Suite::ProgressV2, Some(Offer::Stub)) => at(&progress::STUB_V2),
        _ => return None,
    })
}
