//! Images in the hands of plug-ins: handed out, checked when they come back, and taken back from those that forget.

use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

use ofx_sys::OfxPropertySetHandle;

use crate::buffer::PixelBuffer;
use crate::call::{self, Reply};
use crate::clip::{Prepared, components_name, depth_name, premultiplication_name};
use crate::handle;
use crate::job::Field;
use crate::property::{PropSet, Values};
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::violation::{Rule, Severity};

/// One image out there.
struct Lent {
    props: Arc<PropSet>,
    shared: Arc<Shared>,
    /// None where the image has no pixels.
    buffer: Option<Arc<PixelBuffer>>,
    /// What the pixels summed to, of a source.
    sum: Option<u64>,
    /// "frame 12 of Source", for messages.
    what: String,
    thread: ThreadId,
    /// The action that fetched it.
    serial: u64,
}

static LENT: Mutex<Option<HashMap<usize, Lent>>> = Mutex::new(None);

fn with_lent<T>(f: impl FnOnce(&mut HashMap<usize, Lent>) -> T) -> T {
    f(lock(&LENT).get_or_insert_default())
}

/// What an image's properties say beyond its pixels.
pub(crate) struct Label {
    /// "frame 12 of Source".
    pub what: String,
    /// What the pixels are called, where that is other than what they are.
    pub components: Option<CString>,
    pub scale: (f64, f64),
    pub field: Field,
    pub is_output: bool,
    /// The action that the effect is in, for a thread that is in none.
    pub acting: u64,
}

/// Makes an image of pixels and gives its handle.
pub(crate) fn lend(shared: &Arc<Shared>, image: &Prepared, label: Label) -> OfxPropertySetHandle {
    let props = PropSet::image(shared, label.what.clone());
    let b = &image.buffer;
    props.set_text(ofx_sys::kOfxImageEffectPropPixelDepth, depth_name(b.depth));
    let components = label.components.as_deref().unwrap_or(components_name(b.components));
    props.set_text(ofx_sys::kOfxImageEffectPropComponents, components);
    props.set_text(
        ofx_sys::kOfxImageEffectPropPreMultiplication,
        premultiplication_name(image.premultiplication),
    );
    props.set_doubles(ofx_sys::kOfxImageEffectPropRenderScale, &[label.scale.0, label.scale.1]);
    props.set_doubles(ofx_sys::kOfxImagePropPixelAspectRatio, &[image.aspect]);
    props.set_pointer(ofx_sys::kOfxImagePropData, b.data());
    let ints = |r: crate::picture::RectI| Values::Int(vec![r.x1, r.y1, r.x2, r.y2]);
    props.set(ofx_sys::kOfxImagePropBounds, ints(b.bounds));
    props.set(ofx_sys::kOfxImagePropRegionOfDefinition, ints(image.definition));
    props.set_int(ofx_sys::kOfxImagePropRowBytes, i32::try_from(b.row_bytes).unwrap_or(0));
    let field = match label.field {
        Field::None => ofx_sys::kOfxImageFieldNone,
        Field::Lower => ofx_sys::kOfxImageFieldLower,
        Field::Upper => ofx_sys::kOfxImageFieldUpper,
        Field::Both => ofx_sys::kOfxImageFieldBoth,
    };
    props.set_text(ofx_sys::kOfxImagePropField, field);
    // The same pixels have the same identifier.
    let unique = CString::new(format!("{:x}-{:x}", image.sum, b.data() as usize)).unwrap_or_default();
    props.set_text(ofx_sys::kOfxImagePropUniqueIdentifier, &unique);
    let sum = (!label.is_output && shared.profile.check_pixels).then_some(image.sum);
    keep(shared, props, Some(b.clone()), sum, label.what, label.acting)
}

/// An image that has no pixels, not even a place for them.
pub(crate) fn lend_hollow(shared: &Arc<Shared>, what: String, acting: u64) -> OfxPropertySetHandle {
    let props = PropSet::image(shared, what.clone());
    props.remove(ofx_sys::kOfxImagePropData);
    keep(shared, props, None, None, what, acting)
}

fn keep(
    shared: &Arc<Shared>,
    props: Arc<PropSet>,
    buffer: Option<Arc<PixelBuffer>>,
    sum: Option<u64>,
    what: String,
    acting: u64,
) -> OfxPropertySetHandle {
    let raw = props.handle.as_ptr();
    let serial = call::current().map_or(acting, |c| c.serial);
    let thread = std::thread::current().id();
    let lent = Lent { props, shared: shared.clone(), buffer, sum, what, thread, serial };
    with_lent(|all| all.insert(lent.props.handle.raw(), lent));
    raw
}

impl Lent {
    /// Looks at the pixels.
    fn check(&self) {
        let Some(buffer) = &self.buffer else { return };
        if let Some(place) = buffer.damage() {
            self.shared.report(
                Rule::GuardBytes,
                Severity::Error,
                format!("{} was written to {place}", self.what),
            );
        }
        if self.sum.is_some_and(|sum| sum != buffer.sum()) {
            self.shared.report(Rule::SourceWritten, Severity::Error, format!("{} was written to", self.what));
        }
    }
}

/// A plug-in gives an image back.
pub(crate) fn release(raw: OfxPropertySetHandle, function: &str) -> Reply {
    let Some(lent) = with_lent(|all| all.remove(&(raw as usize))) else {
        // Another kind of set, a stale handle, NULL.
        handle::find::<PropSet>(raw as *const c_void, function)?;
        let message = format!("{function} was given a property set that is no image");
        call::violate(Rule::BadHandle, Severity::Error, message);
        return Err(Status::BAD_HANDLE);
    };
    lent.check();
    if lent.shared.profile.quirks.release_where_fetched && lent.thread != std::thread::current().id() {
        let message = format!("{} was released on another thread than fetched it", lent.what);
        lent.shared.report(Rule::WrongThread, Severity::Error, message);
    }
    Ok(())
}

/// Takes back what an action fetched and did not release.
pub(crate) fn reclaim(shared: &Shared, serial: u64) {
    let forgotten: Vec<Lent> = with_lent(|all| {
        let keys: Vec<usize> = all.iter().filter(|(_, l)| l.serial == serial).map(|(k, _)| *k).collect();
        keys.iter().filter_map(|k| all.remove(k)).collect()
    });
    for lent in forgotten {
        lent.check();
        shared.report(Rule::LeakedImage, Severity::Error, format!("{} was not released", lent.what));
    }
}
