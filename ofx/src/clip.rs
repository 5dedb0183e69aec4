//! Clips: the inputs, and the output.

use core::ffi::CStr;
use core::ptr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result, check};
use crate::geometry::{RangeD, RectD, positive_or_one};
use crate::handle::{ClipHandle, Props};
use crate::image::{Image, OutputImage};
use crate::instance::Instance;
use crate::kinds::{Components, Depth, Field, Premult};
use crate::props::PropertySet;

/// A clip of an instance.
#[derive(Clone)]
pub struct Clip<'i> {
    instance: &'i Instance,
    handle: ClipHandle,
    props: Props,
    name: CString,
}

impl<'i> Clip<'i> {
    pub(crate) fn new(instance: &'i Instance, name: &CStr) -> Result<Self> {
        let host = instance.host();
        let what = || format!("no clip {}", name.to_string_lossy());
        let get = host.suites.effect.clipGetHandle.ok_or_else(|| Error::no_function("clipGetHandle"))?;
        let (mut clip, mut props) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the host's own function with the handle of a living instance; name and reply pointers live through
        // the call.
        let status = unsafe { get(instance.handle().raw(), name.as_ptr(), &raw mut clip, &raw mut props) };
        check(status, what)?;
        let handle = ClipHandle::new(clip).ok_or_else(|| Error::host(what(), sys::kOfxStatErrBadHandle))?;
        if props.is_null()
            && let Some(get) = host.suites.effect.clipGetPropertySet
        {
            // SAFETY: the host's own function with the handle that it has just given.
            check(unsafe { get(clip, &raw mut props) }, what)?;
        }
        let props = Props::new(props).ok_or_else(|| Error::host(what(), sys::kOfxStatErrBadHandle))?;
        Ok(Self { instance, handle, props, name: name.to_owned() })
    }

    /// Its name.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// The clip's own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'i> {
        self.instance.host().props(self.props)
    }

    /// Whether something is connected. Resolve says yes always: only the image tells there. Hosts that do not know the
    /// property (MLT) connect nothing but source and output.
    pub fn connected(&self) -> bool {
        let always = [sys::kOfxImageEffectSimpleSourceClipName, sys::kOfxImageEffectOutputClipName]
            .contains(&self.name.as_c_str());
        self.properties().bool_or(sys::kOfxImageClipPropConnected, always)
    }

    /// What its pixels are; none if nothing is connected or they are unknown to us.
    pub fn components(&self) -> Option<Components> {
        Components::from_name(&self.named(sys::kOfxImageEffectPropComponents))
    }

    /// What its pixels were before the host converted them.
    pub fn unmapped_components(&self) -> Option<Components> {
        Components::from_name(&self.named(sys::kOfxImageClipPropUnmappedComponents))
    }

    /// How its channels are stored.
    pub fn depth(&self) -> Option<Depth> {
        Depth::from_name(&self.named(sys::kOfxImageEffectPropPixelDepth))
    }

    /// How its channels were stored before the host converted them.
    pub fn unmapped_depth(&self) -> Option<Depth> {
        Depth::from_name(&self.named(sys::kOfxImageClipPropUnmappedPixelDepth))
    }

    /// How colour and alpha are related.
    pub fn premult(&self) -> Option<Premult> {
        Premult::from_name(&self.named(sys::kOfxImageEffectPropPreMultiplication))
    }

    /// Which fields it has.
    pub fn field_order(&self) -> Field {
        Field::from_name(&self.named(sys::kOfxImageClipPropFieldOrder)).unwrap_or(Field::None)
    }

    /// Width of its pixels by their height.
    pub fn pixel_aspect(&self) -> f64 {
        positive_or_one(self.properties().double_or(sys::kOfxImagePropPixelAspectRatio, 1.0))
    }

    /// Frames a second; 0 if the host does not say.
    pub fn frame_rate(&self) -> f64 {
        self.properties().double_or(sys::kOfxImageEffectPropFrameRate, 0.0)
    }

    /// Its first and last frame, if the host says.
    pub fn frame_range(&self) -> Option<RangeD> {
        let [min, max] = self.properties().doubles(sys::kOfxImageEffectPropFrameRange).ok()?;
        (min.is_finite() && max.is_finite() && min <= max).then_some(RangeD { min, max })
    }

    /// Whether it has different pictures between frames.
    pub fn continuous_samples(&self) -> bool {
        self.properties().bool_or(sys::kOfxImageClipPropContinuousSamples, false)
    }

    fn named(&self, property: &CStr) -> CString {
        self.properties().c_string(property, 0).unwrap_or_default()
    }

    /// Where the picture lies on a frame, canonical.
    pub fn region_of_definition(&self, time: f64) -> Result<RectD> {
        let get = self.instance.host().suites.effect.clipGetRegionOfDefinition;
        let get = get.ok_or_else(|| Error::no_function("clipGetRegionOfDefinition"))?;
        let mut rect = sys::OfxRectD { x1: 0.0, y1: 0.0, x2: 0.0, y2: 0.0 };
        // SAFETY: the host's own function and handle; the reply pointer lives through the call.
        let status = unsafe { get(self.handle.raw(), time, &raw mut rect) };
        check(status, || format!("the region of clip {}", self.name.to_string_lossy()))?;
        Ok(rect.into())
    }

    /// The image on a frame: at least `region` (canonical) of it, or what was asked for by `regions_of_interest`.
    /// `None` if nothing is connected or the host has no image there.
    ///
    /// Only on threads of the host (those of actions and of [`Instance::parallel`]): Natron crashes elsewhere, so there
    /// it is refused.
    ///
    /// Natron keeps every image that was fetched in memory until a button's action ends; setting a param after each
    /// frame makes it let go.
    pub fn image(&self, time: f64, region: Option<RectD>) -> Result<Option<Image<'i>>> {
        if !self.connected() {
            return Ok(None);
        }
        self.check_is_input()?;
        match self.fetch(time, region)? {
            Some(handle) => Image::new(self.instance.host(), handle),
            None => Ok(None),
        }
    }

    /// As [`Clip::image`], but a missing image is [`Error::MissingClip`].
    pub fn required_image(&self, time: f64, region: Option<RectD>) -> Result<Image<'i>> {
        self.image(time, region)?.ok_or_else(|| self.missing())
    }

    /// What is being rendered to is read through the one [`OutputImage`] that can write to it.
    fn check_is_input(&self) -> Result<()> {
        if self.name.as_c_str() == sys::kOfxImageEffectOutputClipName {
            return Err(Error::failed("the output is no input: see Instance::output"));
        }
        Ok(())
    }

    pub(crate) fn output_image(&self, time: f64) -> Result<Option<OutputImage<'i>>> {
        match self.fetch(time, None)? {
            Some(handle) => OutputImage::new(self.instance.host(), handle),
            None => Ok(None),
        }
    }

    /// That this clip is missing, as the artist's message.
    pub fn missing(&self) -> Error {
        Error::MissingClip(self.name.to_string_lossy().into_owned())
    }

    fn fetch(&self, time: f64, region: Option<RectD>) -> Result<Option<Props>> {
        crate::action::may_fetch_images(self.instance.host())?;
        let get = self.instance.host().suites.effect.clipGetImage;
        let get = get.ok_or_else(|| Error::no_function("clipGetImage"))?;
        let region = region.map(sys::OfxRectD::from);
        let region = region.as_ref().map_or(ptr::null(), ptr::from_ref);
        let mut raw = ptr::null_mut();
        // SAFETY: the host's own function and handle; the region (or null) and the reply live through the call.
        let status = unsafe { get(self.handle.raw(), time, region, &raw mut raw) };
        self.fetched(status, raw, "clipGetImage")
    }

    fn fetched(
        &self,
        status: sys::OfxStatus,
        raw: sys::OfxPropertySetHandle,
        what: &str,
    ) -> Result<Option<Props>> {
        match status {
            sys::kOfxStatOK => Ok(Props::new(raw)),
            sys::kOfxStatErrMemory => Err(Error::Memory),
            // No such image, no such frame, not connected after all: OpenFX says to take it as black.
            _ => {
                let status = crate::error::status_name(status);
                log::debug!("{what} of {}: {status}", self.name.to_string_lossy());
                Ok(None)
            }
        }
    }

    /// The names of the planes that are there (Nuke, Natron); empty in other hosts.
    pub fn planes(&self) -> Vec<String> {
        if !self.instance.host().has_planes() {
            return Vec::new();
        }
        self.properties().strings(sys::kFnOfxImageEffectPropComponentsPresent)
    }

    /// One plane of the image on a frame: see [`crate::plane`] and [`Clip::planes`]. `None` if it is not there, or the host has
    /// no planes.
    pub fn plane(
        &self,
        time: f64,
        plane: &CStr,
        view: i32,
        region: Option<RectD>,
    ) -> Result<Option<Image<'i>>> {
        if !self.connected() {
            return Ok(None);
        }
        self.check_is_input()?;
        match self.fetch_plane(time, plane, view, region)? {
            Some(handle) => Image::new(self.instance.host(), handle),
            None => Ok(None),
        }
    }

    /// One plane of the output, to render into.
    pub(crate) fn output_plane(&self, time: f64, plane: &CStr, view: i32) -> Result<Option<OutputImage<'i>>> {
        match self.fetch_plane(time, plane, view, None)? {
            Some(handle) => OutputImage::new(self.instance.host(), handle),
            None => Ok(None),
        }
    }

    fn fetch_plane(
        &self,
        time: f64,
        plane: &CStr,
        view: i32,
        region: Option<RectD>,
    ) -> Result<Option<Props>> {
        crate::action::may_fetch_images(self.instance.host())?;
        let suites = &self.instance.host().suites;
        let region = region.map(sys::OfxRectD::from);
        let region = region.as_ref().map_or(ptr::null(), ptr::from_ref);
        let clip = self.handle.raw();
        let mut raw = ptr::null_mut();
        let status = if let Some(get) = suites.planes2.and_then(|s| s.clipGetImagePlane) {
            // SAFETY: the host's own function and handle; plane, region (or null) and reply live through the call.
            unsafe { get(clip, time, view, plane.as_ptr(), region, &raw mut raw) }
        } else if let Some(get) = suites.planes1.and_then(|s| s.clipGetImagePlane) {
            // SAFETY: as above.
            unsafe { get(clip, time, plane.as_ptr(), region, &raw mut raw) }
        } else {
            return Ok(None);
        };
        self.fetched(status, raw, "clipGetImagePlane")
    }
}
