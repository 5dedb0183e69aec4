//! The image to render into.

use core::cell::RefCell;
use core::ops::Deref;
use core::slice;

use super::access::{Held, ImageView, Sample, expect_length, offset, row_at};
use super::convert;
use super::info::{ImageInfo, corrupt};
use crate::error::{Error, Result};
use crate::geometry::RectI;
use crate::handle::Props;
use crate::host::Host;
use crate::props::PropertySet;

std::thread_local! {
    /// Where the outputs lie that this thread holds: hosts give the same memory twice.
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// The image to render into, or one plane of it; released on drop.
///
/// Hosts may let several threads render different parts of one image: each writes to the window that it was asked for.
pub struct OutputImage<'i>(Held<'i>);

impl<'i> OutputImage<'i> {
    pub(crate) fn new(host: &'i Host, handle: Props) -> Result<Option<Self>> {
        let Some(held) = Held::new(host, handle)? else { return Ok(None) };
        let address = held.pixels.origin.addr().get();
        let fresh = held.info.bounds.is_empty() || !HELD.with_borrow(|h| h.contains(&address));
        if !fresh {
            return Err(Error::failed("the output is fetched a second time while it is held"));
        }
        HELD.with_borrow_mut(|h| h.push(address));
        Ok(Some(Self(held)))
    }

    /// The image's own properties, for what this crate has no name for.
    pub fn properties(&self) -> PropertySet<'_> {
        self.0.properties()
    }

    /// Reads what is there; for effects that draw over it.
    pub fn view(&self) -> ImageView<'_> {
        self.0.view()
    }

    /// Writes RGBA, rows from the top down, tightly packed, to `window` (pixel space). Integer depths are clamped and
    /// rounded; channels that the image lacks are dropped: RGB images lose alpha, alpha images keep only alpha,
    /// two-channel images take red and green. Rows and columns outside of the image are skipped.
    ///
    /// # Errors
    /// If `source` is not `4 * width * height` long.
    pub fn write_rgba_f32(&mut self, window: RectI, source: &[f32]) -> Result<()> {
        let width = window.width();
        expect_length(source.len(), [width, window.height(), 4])?;
        for mut row in self.rows_mut(window) {
            let from_top = offset(row.y, window.y2 - 1);
            let line = &source[from_top * width * 4..(from_top + 1) * width * 4];
            row.write_rgba_f32(window.x1, line);
        }
        Ok(())
    }

    /// Fills `window` with one colour.
    pub fn fill(&mut self, window: RectI, rgba: [f32; 4]) {
        let inside = self.bounds.intersect(&window);
        let line = rgba.repeat(inside.width());
        for mut row in self.rows_mut(inside) {
            row.write_rgba_f32(inside.x1, &line);
        }
    }

    /// The rows of `window` as far as the image has them, each to be written on any thread, from the bottom up.
    pub fn rows_mut(&mut self, window: RectI) -> Vec<RowMut<'_>> {
        let Held { info, pixels, .. } = &self.0;
        let inside = info.bounds.intersect(&window);
        let skipped = offset(info.bounds.x1, inside.x1) * info.pixel_bytes();
        let length = inside.width() * info.pixel_bytes();
        (inside.y1..inside.y2)
            .filter_map(|y| {
                let (start, _) = row_at(info, *pixels, y)?;
                // SAFETY: `row_at` stays inside the image, and the columns of `inside` inside the row; rows of different
                // y do not overlap, because `ImageInfo::check` saw that row_bytes is at least a row's length; the
                // exclusive borrow of the image keeps this thread's other accesses away while the rows live, other
                // threads have other windows, and the host gave the memory to write to.
                let bytes = unsafe { slice::from_raw_parts_mut(start.as_ptr().add(skipped), length) };
                Some(RowMut { info, y, x1: inside.x1, bytes })
            })
            .collect()
    }
}

impl Drop for OutputImage<'_> {
    fn drop(&mut self) {
        let address = self.0.pixels.origin.addr().get();
        // A thread that is ending has no list any more.
        let _ = HELD.try_with(|h| {
            let mut held = h.borrow_mut();
            if let Some(i) = held.iter().position(|&a| a == address) {
                held.swap_remove(i);
            }
        });
    }
}

impl Deref for OutputImage<'_> {
    type Target = ImageInfo;

    fn deref(&self) -> &ImageInfo {
        &self.0.info
    }
}

/// A row of a window of an output image.
pub struct RowMut<'v> {
    info: &'v ImageInfo,
    /// Which row, pixel space.
    pub y: i32,
    /// The first column, pixel space.
    pub x1: i32,
    bytes: &'v mut [u8],
}

impl RowMut<'_> {
    /// Pixels.
    pub fn width(&self) -> usize {
        self.bytes.len() / self.info.pixel_bytes()
    }

    /// The bytes, from column `x1` on.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        self.bytes
    }

    /// The samples as they are stored, from column `x1` on, if `T` is their type and they are aligned.
    pub fn samples_mut<T: Sample>(&mut self) -> Result<&mut [T]> {
        T::expect(self.info)?;
        // SAFETY: `Sample` types take any bits; only what is aligned and whole lands in the middle part.
        let (before, row, after) = unsafe { self.bytes.align_to_mut::<T>() };
        if before.is_empty() && after.is_empty() { Ok(row) } else { Err(corrupt("its rows are not aligned")) }
    }

    /// Writes RGBA pixels from column `x` on; what falls outside of the row is skipped.
    pub fn write_rgba_f32(&mut self, x: i32, source: &[f32]) {
        let skipped = offset(x, self.x1) * 4;
        let info = self.info;
        let row = self.from(x);
        convert::write_rgba(info, row, source.get(skipped..).unwrap_or_default());
    }

    /// Writes one channel (by its place in the pixel) from column `x` on; the others stay.
    pub fn write_channel_f32(&mut self, x: i32, channel: usize, source: &[f32]) {
        let skipped = offset(x, self.x1);
        let info = self.info;
        let row = self.from(x);
        convert::write_channel(info, row, channel, source.get(skipped..).unwrap_or_default());
    }

    /// The bytes from column `x` on.
    fn from(&mut self, x: i32) -> &mut [u8] {
        self.bytes.get_mut(offset(self.x1, x) * self.info.pixel_bytes()..).unwrap_or_default()
    }
}
