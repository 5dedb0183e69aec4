//! What an image is.

use core::ffi::CStr;
use std::ffi::CString;

use ofx_sys as sys;

use crate::error::{Error, Result};
use crate::geometry::{PointD, RectD, RectI, positive_or_one};
use crate::kinds::{Components, Depth, Field, Premult};
use crate::props::PropertySet;

/// Vegas says by this property that its pixels are blue first.
const VEGAS_PIXEL_ORDER: &CStr = c"OfxImageEffectPropPixelOrder";
const VEGAS_BGRA: &str = "OfxImagePixelOrderBGRA";

/// No picture is wider or higher; what claims to be is corrupt.
const LARGEST_SIDE: usize = 1 << 20;

/// What an image is: its size, place and format.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageInfo {
    /// The pixels that it holds, pixel space.
    pub bounds: RectI,
    /// The pixels that the whole picture has, pixel space.
    pub rod: RectI,
    /// Bytes from a row to the one above; often negative.
    pub row_bytes: isize,
    /// How a channel is stored.
    pub depth: Depth,
    /// What the channels are.
    pub components: Components,
    /// The host's name of the components, which for planes says more.
    pub component_name: String,
    /// Proxy scale: 0.5 is half the resolution.
    pub render_scale: PointD,
    /// Width of a pixel by its height.
    pub pixel_aspect: f64,
    /// Which fields are in it.
    pub field: Field,
    /// How colour and alpha are related, if the host says.
    pub premult: Option<Premult>,
    /// The same as long as the pixels are the same; empty if the host does not say.
    pub unique_id: String,
    pub(crate) blue_first: bool,
}

impl ImageInfo {
    /// Reads and checks an image's properties.
    pub(crate) fn read(p: &PropertySet<'_>) -> Result<Self> {
        let rect = |name: &CStr| p.ints::<4>(name).map(|[x1, y1, x2, y2]| RectI { x1, y1, x2, y2 });
        let named = |name: &CStr| p.c_string(name, 0).unwrap_or_default();
        let bounds = rect(sys::kOfxImagePropBounds)?;
        let component_name = p.c_string(sys::kOfxImageEffectPropComponents, 0)?;
        let depth_name = p.c_string(sys::kOfxImageEffectPropPixelDepth, 0)?;
        let scale = p.doubles::<2>(sys::kOfxImageEffectPropRenderScale).unwrap_or([1.0; 2]);
        let info = Self {
            bounds,
            rod: rect(sys::kOfxImagePropRegionOfDefinition).unwrap_or(bounds),
            row_bytes: p.int(sys::kOfxImagePropRowBytes, 0)? as isize,
            depth: Depth::from_name(&depth_name).ok_or_else(|| unknown("depth", &depth_name))?,
            components: Components::from_name(&component_name)
                .ok_or_else(|| unknown("components", &component_name))?,
            component_name: component_name.to_string_lossy().into_owned(),
            render_scale: PointD { x: positive_or_one(scale[0]), y: positive_or_one(scale[1]) },
            pixel_aspect: positive_or_one(p.double_or(sys::kOfxImagePropPixelAspectRatio, 1.0)),
            field: Field::from_name(&named(sys::kOfxImagePropField)).unwrap_or(Field::None),
            premult: Premult::from_name(&named(sys::kOfxImageEffectPropPreMultiplication)),
            unique_id: p.string_or_empty(sys::kOfxImagePropUniqueIdentifier),
            blue_first: p.string_or_empty(VEGAS_PIXEL_ORDER) == VEGAS_BGRA,
        };
        info.check()?;
        Ok(info)
    }

    fn check(&self) -> Result<()> {
        let (width, height) = (self.bounds.width(), self.bounds.height());
        if self.bounds.x2 < self.bounds.x1 || self.bounds.y2 < self.bounds.y1 {
            return Err(corrupt(format!("bounds {:?}", self.bounds)));
        }
        if width > LARGEST_SIDE || height > LARGEST_SIDE {
            return Err(corrupt(format!("bounds {:?}", self.bounds)));
        }
        if height > 1 && self.row_bytes.unsigned_abs() < width * self.pixel_bytes() {
            return Err(corrupt(format!("{} bytes a row of {width} pixels", self.row_bytes)));
        }
        Ok(())
    }

    /// Bytes of a pixel.
    pub fn pixel_bytes(&self) -> usize {
        self.depth.bytes() * self.components.channels()
    }

    /// The bounds in canonical space.
    pub fn canonical_bounds(&self) -> RectD {
        self.bounds.to_canonical(self.render_scale, self.pixel_aspect)
    }
}

fn unknown(what: &str, name: &CString) -> Error {
    Error::Unsupported(format!("an image's {what} \u{201c}{}\u{201d}", name.to_string_lossy()))
}

pub(crate) fn corrupt(what: impl core::fmt::Display) -> Error {
    Error::host(format!("an image makes no sense: {what}"), sys::kOfxStatErrImageFormat)
}
