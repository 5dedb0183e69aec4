//! Images of the host, released on drop, and their pixels to read.

use core::ffi::c_void;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::NonNull;
use core::slice;

use ofx_sys as sys;

use super::convert;
use super::info::{ImageInfo, corrupt};
use crate::error::{Error, Result};
use crate::geometry::RectI;
use crate::handle::Props;
use crate::host::Host;
use crate::props::PropertySet;

/// The pixels of an image in the host's memory.
#[derive(Clone, Copy)]
pub(super) struct Pixels {
    /// The left pixel of the bottom row (`bounds.y1`).
    pub(super) origin: NonNull<u8>,
}

// SAFETY: the memory belongs to the host, which keeps it valid and unchanged while the image is held; rows are only
// handed out as shared slices from shared views, and as disjoint mutable ones from an exclusively borrowed output.
unsafe impl Send for Pixels {}
// SAFETY: as for `Send`.
unsafe impl Sync for Pixels {}

/// An image fetched from the host.
pub(super) struct Held<'i> {
    host: &'i Host,
    handle: Props,
    pub(super) info: ImageInfo,
    pub(super) pixels: Pixels,
    /// Natron deadlocks when an image is released on another thread than it was fetched on.
    stays_on_thread: PhantomData<*const c_void>,
}

// SAFETY: `PhantomData<*const c_void>` is there to forbid moving (`Send`), so that drop runs on the fetching thread;
// sharing references is sound: all other fields are `Sync` and `Held` has no interior mutability.
unsafe impl Sync for Held<'_> {}

impl<'i> Held<'i> {
    /// Takes over an image handle that the host has just returned.
    pub(super) fn new(host: &'i Host, handle: Props) -> Result<Option<Self>> {
        let mut held = Self {
            host,
            handle,
            info: EMPTY,
            pixels: Pixels { origin: NonNull::dangling() },
            stays_on_thread: PhantomData,
        };
        // From here on an early return releases the handle.
        let props = host.props(handle);
        held.info = ImageInfo::read(&props)?;
        let data = props.pointer(sys::kOfxImagePropData, 0)?.cast::<u8>();
        match NonNull::new(data) {
            Some(origin) => held.pixels = Pixels { origin },
            None if held.info.bounds.is_empty() => {}
            // An image without memory is a missing image.
            None => return Ok(None),
        }
        Ok(Some(held))
    }

    pub(super) fn view(&self) -> ImageView<'_> {
        ImageView { info: &self.info, pixels: self.pixels }
    }

    pub(super) fn properties(&self) -> PropertySet<'_> {
        self.host.props(self.handle)
    }
}

const EMPTY: ImageInfo = ImageInfo {
    bounds: RectI::new(0, 0, 0, 0),
    rod: RectI::new(0, 0, 0, 0),
    row_bytes: 0,
    depth: crate::kinds::Depth::Float,
    components: crate::kinds::Components::Rgba,
    component_name: String::new(),
    render_scale: crate::geometry::PointD::new(1.0, 1.0),
    pixel_aspect: 1.0,
    field: crate::kinds::Field::None,
    premult: None,
    unique_id: String::new(),
    blue_first: false,
};

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let Some(release) = self.host.suites.effect.clipReleaseImage else { return };
        // SAFETY: the handle came from clipGetImage or clipGetImagePlane, and is released once, on the same thread.
        let status = unsafe { release(self.handle.raw()) };
        if status != sys::kOfxStatOK {
            log::debug!("clipReleaseImage: {}", crate::error::status_name(status));
        }
    }
}

/// An input image. Shared freely between threads by reference or as an [`ImageView`]; released on drop.
pub struct Image<'i>(Held<'i>);

impl<'i> Image<'i> {
    pub(crate) fn new(host: &'i Host, handle: Props) -> Result<Option<Self>> {
        Ok(Held::new(host, handle)?.map(Self))
    }

    /// The pixels, to copy into other threads.
    pub fn view(&self) -> ImageView<'_> {
        self.0.view()
    }

    /// The image's own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'_> {
        self.0.properties()
    }

    /// See [`ImageView::read_rgba_f32`].
    pub fn read_rgba_f32(&self, window: RectI, dest: &mut [f32]) -> Result<()> {
        self.view().read_rgba_f32(window, dest)
    }

    /// See [`ImageView::read_channel_f32`].
    pub fn read_channel_f32(&self, window: RectI, channel: usize, dest: &mut [f32]) -> Result<()> {
        self.view().read_channel_f32(window, channel, dest)
    }
}

impl Deref for Image<'_> {
    type Target = ImageInfo;

    fn deref(&self) -> &ImageInfo {
        &self.0.info
    }
}

/// The pixels of an image, readable from any thread.
#[derive(Clone, Copy)]
pub struct ImageView<'v> {
    info: &'v ImageInfo,
    pixels: Pixels,
}

impl Deref for ImageView<'_> {
    type Target = ImageInfo;

    fn deref(&self) -> &ImageInfo {
        self.info
    }
}

impl<'v> ImageView<'v> {
    /// The bytes of a row, from `bounds.x1` to `bounds.x2`; `None` outside of the bounds.
    pub fn row_bytes_at(&self, y: i32) -> Option<&'v [u8]> {
        let (start, length) = row_at(self.info, self.pixels, y)?;
        // SAFETY: `row_at` stays inside the image that the host described; the host keeps it valid and unchanged
        // while the image (whose borrow `'v` is) is held.
        Some(unsafe { slice::from_raw_parts(start.as_ptr(), length) })
    }

    /// The samples of a row as they are stored, if `T` is their type and they are aligned; `None` outside.
    pub fn row<T: Sample>(&self, y: i32) -> Result<Option<&'v [T]>> {
        let Some(bytes) = self.row_bytes_at(y) else { return Ok(None) };
        T::expect(self.info)?;
        // SAFETY: `Sample` types take any bits; only what is aligned and whole lands in the middle part.
        let (before, row, after) = unsafe { bytes.align_to::<T>() };
        if before.is_empty() && after.is_empty() {
            Ok(Some(row))
        } else {
            Err(corrupt("its rows are not aligned"))
        }
    }

    /// The pixels of `window` (pixel space) as RGBA, rows from the top down, tightly packed.
    ///
    /// Integers are scaled to 0..1. Where the image has no pixels, zeros are written; colour without alpha becomes
    /// opaque; alpha alone becomes black with that alpha; two-channel images (motion vectors) come in red and green.
    ///
    /// # Errors
    /// If `dest` is not `4 * width * height` long.
    pub fn read_rgba_f32(&self, window: RectI, dest: &mut [f32]) -> Result<()> {
        self.read_rows(window, 4, dest, |row, out| convert::read_rgba(self.info, row, out))
    }

    /// One channel (by its place in the pixel) of `window`, rows from the top down; zeros outside.
    ///
    /// # Errors
    /// If `dest` is not `width * height` long or there is no such channel.
    pub fn read_channel_f32(&self, window: RectI, channel: usize, dest: &mut [f32]) -> Result<()> {
        if channel >= self.info.components.channels() {
            return Err(Error::failed(format!(
                "there is no channel {channel} in {:?}",
                self.info.components
            )));
        }
        self.read_rows(window, 1, dest, |row, out| convert::read_channel(self.info, row, channel, out))
    }

    fn read_rows(
        &self,
        window: RectI,
        channels: usize,
        dest: &mut [f32],
        read: impl Fn(&[u8], &mut [f32]),
    ) -> Result<()> {
        let (width, height) = (window.width(), window.height());
        expect_length(dest.len(), [width, height, channels])?;
        if dest.is_empty() {
            return Ok(());
        }
        let inside = self.info.bounds.intersect(&window);
        let size = self.info.pixel_bytes();
        for (y, out) in (window.y1..window.y2).rev().zip(dest.chunks_exact_mut(width * channels)) {
            let row = self.row_bytes_at(y).filter(|_| !inside.is_empty());
            let Some(row) = row else {
                out.fill(0.0);
                continue;
            };
            let left = offset(window.x1, inside.x1) * channels;
            let right = left + inside.width() * channels;
            let first = offset(self.info.bounds.x1, inside.x1) * size;
            out[..left].fill(0.0);
            out[right..].fill(0.0);
            read(&row[first..first + inside.width() * size], &mut out[left..right]);
        }
        Ok(())
    }
}

/// A type that samples are stored in: any bits are a value.
pub trait Sample: sealed::Sealed + Copy + Send + Sync + 'static {
    #[doc(hidden)]
    fn fits(info: &ImageInfo) -> bool;

    #[doc(hidden)]
    fn expect(info: &ImageInfo) -> Result<()> {
        if Self::fits(info) {
            Ok(())
        } else {
            Err(Error::Unsupported(format!("pixels of {:?} read as another type", info.depth)))
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u8 {}
    impl Sealed for u16 {}
    impl Sealed for f32 {}
}

impl Sample for u8 {
    fn fits(info: &ImageInfo) -> bool {
        info.depth.bytes() == 1
    }
}

/// Shorts, and the bits of halves.
impl Sample for u16 {
    fn fits(info: &ImageInfo) -> bool {
        info.depth.bytes() == 2
    }
}

impl Sample for f32 {
    fn fits(info: &ImageInfo) -> bool {
        info.depth.bytes() == 4
    }
}

/// Where row `y` starts, and its length in bytes.
pub(super) fn row_at(info: &ImageInfo, pixels: Pixels, y: i32) -> Option<(NonNull<u8>, usize)> {
    let b = info.bounds;
    if y < b.y1 || y >= b.y2 || b.is_empty() {
        return None;
    }
    let rows_up = isize::try_from(offset(b.y1, y)).ok()?;
    let distance = rows_up.checked_mul(info.row_bytes)?;
    // SAFETY: OpenFX promises `height` rows, each `row_bytes` (of either sign) above the last, from the data pointer
    // on; `rows_up` is less than the height, and sides and row bytes passed `ImageInfo::check`.
    let start = unsafe { pixels.origin.offset(distance) };
    Some((start, b.width() * info.pixel_bytes()))
}

/// `to - from`; 0 if negative.
pub(super) fn offset(from: i32, to: i32) -> usize {
    usize::try_from(i64::from(to) - i64::from(from)).unwrap_or(0)
}

pub(super) fn expect_length(is: usize, sides: [usize; 3]) -> Result<()> {
    let should_be = sides.into_iter().fold(1usize, usize::saturating_mul);
    if is == should_be {
        Ok(())
    } else {
        Err(Error::failed(format!("a pixel buffer holds {is} values instead of {should_be}")))
    }
}
