//! Memory of an image that a plug-in reads or writes: laid out as the host's profile says, between guards.

use std::alloc::{Layout as Allocation, alloc_zeroed, dealloc, handle_alloc_error};
use std::sync::Mutex;

use crate::picture::{Components, Depth, Picture, RectI};
use crate::profile::Layout;
use crate::shared::lock;

const GUARD: usize = 4096;
/// Guards, by the parity of their place. As floats and halves they are no numbers, so that a plug-in that reads beyond an
/// image spoils its own picture.
const GUARD_BYTES: [u8; 2] = [0xA5, 0xFF];
const ALIGNMENT: usize = 64;

/// Pixels between guards. The plug-in has the address, so this side touches them by raw pointers only.
pub(crate) struct PixelBuffer {
    memory: *mut u8,
    allocation: Allocation,
    pub bounds: RectI,
    pub components: Components,
    pub depth: Depth,
    /// Bytes from a row to the one above it, negative where the top row comes first.
    pub row_bytes: isize,
    /// Damage that has been reported, so that it is reported once.
    reported: Mutex<bool>,
}

// SAFETY: the memory is owned, and OpenFX lets plug-ins read and write it from any thread during an action; this side
// reads it after they are done.
unsafe impl Send for PixelBuffer {}
// SAFETY: as above.
unsafe impl Sync for PixelBuffer {}

impl Drop for PixelBuffer {
    fn drop(&mut self) {
        // SAFETY: allocated with this very layout in `new`, and freed once.
        unsafe { dealloc(self.memory, self.allocation) };
    }
}

impl PixelBuffer {
    /// Guards in place, pixels zero.
    fn new(bounds: RectI, components: Components, depth: Depth, layout: &Layout) -> PixelBuffer {
        let row = bounds.width() * components.count() * depth.bytes() + layout.row_padding;
        let stride = row.next_multiple_of(layout.row_alignment.max(4));
        let size = GUARD * 2 + stride * bounds.height();
        // A size that no machine has gives no pixels.
        let (bounds, allocation) = match Allocation::from_size_align(size, ALIGNMENT) {
            Ok(allocation) => (bounds, allocation),
            Err(_) => (RectI::default(), Allocation::new::<[u8; GUARD * 2]>()),
        };
        // SAFETY: the size is not zero.
        let memory = unsafe { alloc_zeroed(allocation) };
        if memory.is_null() {
            handle_alloc_error(allocation);
        }
        let length = bounds.width() * components.count() * depth.bytes();
        let guard = |from: usize, n: usize| {
            for i in from..from + n {
                // SAFETY: guards and what is left of each row lie in the `allocation.size()` bytes just allocated.
                unsafe { memory.add(i).write(GUARD_BYTES[i % 2]) };
            }
        };
        guard(0, GUARD);
        guard(allocation.size() - GUARD, GUARD);
        (0..bounds.height()).for_each(|row| guard(GUARD + row * stride + length, stride - length));
        let stride = isize::try_from(stride).unwrap_or(0);
        let row_bytes = if layout.negative_rows { -stride } else { stride };
        PixelBuffer { memory, allocation, bounds, components, depth, row_bytes, reported: Mutex::new(false) }
    }

    /// A copy of the part of a picture in `window`, which must lie within it.
    pub fn from_picture(picture: &Picture, window: RectI, layout: &Layout) -> PixelBuffer {
        let window = window.intersect(&picture.bounds());
        let buffer = PixelBuffer::new(window, picture.components(), picture.depth(), layout);
        let skip = (window.x1 - picture.bounds().x1).unsigned_abs() as usize * picture.pixel_bytes();
        for y in window.y1..window.y2 {
            let from = &picture.row(y)[skip..skip + buffer.row_length()];
            // SAFETY: the row has `row_length` bytes, and nobody else has the buffer yet.
            unsafe { buffer.row(y).copy_from_nonoverlapping(from.as_ptr(), from.len()) };
        }
        buffer
    }

    /// An output. With `marked` every byte has a value by which [`PixelBuffer::untouched`] knows it again.
    pub fn for_output(
        bounds: RectI,
        components: Components,
        depth: Depth,
        layout: &Layout,
        marked: bool,
    ) -> PixelBuffer {
        let buffer = PixelBuffer::new(bounds, components, depth, layout);
        if !marked {
            return buffer;
        }
        let mut pattern = vec![0; buffer.row_length()];
        for y in bounds.y1..bounds.y2 {
            fill_pattern(&mut pattern, y);
            // SAFETY: as in `from_picture`.
            unsafe { buffer.row(y).copy_from_nonoverlapping(pattern.as_ptr(), pattern.len()) };
        }
        buffer
    }

    pub fn pixel_bytes(&self) -> usize {
        self.components.count() * self.depth.bytes()
    }

    /// Bytes of a row's pixels, without padding.
    fn row_length(&self) -> usize {
        self.bounds.width() * self.pixel_bytes()
    }

    /// The address of the lowest row's first pixel: what OpenFX wants as data.
    pub fn data(&self) -> *mut u8 {
        let stride = self.row_bytes.unsigned_abs();
        let last = self.bounds.height().saturating_sub(1);
        let offset = if self.row_bytes < 0 { stride * last } else { 0 };
        // SAFETY: within the allocation: guards and `height` rows.
        unsafe { self.memory.add(GUARD + offset) }
    }

    /// The address of a row within the bounds.
    fn row(&self, y: i32) -> *mut u8 {
        let n = isize::try_from(i64::from(y) - i64::from(self.bounds.y1)).unwrap_or(0);
        // SAFETY: callers keep `y` within the bounds, so this is a row of the allocation.
        unsafe { self.data().offset(n * self.row_bytes) }
    }

    /// Copies a row's bytes, as they are now, to as many bytes.
    fn copy_row(&self, y: i32, to: &mut [u8]) {
        let n = self.row_length().min(to.len());
        // SAFETY: the row has as many bytes, all initialised, and the plug-in is done with it when this is called.
        unsafe { to.as_mut_ptr().copy_from_nonoverlapping(self.row(y), n) };
    }

    /// What a plug-in wrote outside of the pixels, once.
    pub fn damage(&self) -> Option<String> {
        let mut reported = lock(&self.reported);
        if *reported {
            return None;
        }
        let stride = self.row_bytes.unsigned_abs();
        let rows = stride * self.bounds.height();
        let intact = |from: usize, n: usize| {
            // SAFETY: the ranges asked for lie in the allocation, whose bytes are all initialised.
            let bytes = unsafe { std::slice::from_raw_parts(self.memory.add(from), n) };
            (from..).zip(bytes).all(|(i, b)| *b == GUARD_BYTES[i % 2])
        };
        let what = if !intact(0, GUARD) {
            "before its memory"
        } else if !intact(GUARD + rows, GUARD) {
            "after its memory"
        } else {
            let length = self.row_length();
            let bad =
                (0..self.bounds.height()).any(|i| !intact(GUARD + i * stride + length, stride - length));
            if !bad {
                return None;
            }
            "between its rows"
        };
        *reported = true;
        Some(what.to_owned())
    }

    /// A number that changes when a pixel does.
    pub fn sum(&self) -> u64 {
        let mut sum = 0xCBF2_9CE4_8422_2325_u64;
        for y in self.bounds.y1..self.bounds.y2 {
            // SAFETY: the row's bytes are initialised; a plug-in that writes them meanwhile breaks a rule that this finds.
            let row = unsafe { std::slice::from_raw_parts(self.row(y), self.row_length()) };
            let words = row.chunks_exact(8);
            let rest = words.remainder();
            for word in words {
                let word = word.try_into().map_or(0, u64::from_ne_bytes);
                sum = (sum ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
            }
            for byte in rest {
                sum = (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
            }
        }
        sum
    }

    /// The pixels as a picture.
    pub fn to_picture(&self) -> Picture {
        let mut picture = Picture::new(self.bounds, self.components, self.depth);
        for y in self.bounds.y1..self.bounds.y2 {
            self.copy_row(y, picture.row_mut(y));
        }
        picture
    }

    /// Pixels of an output never written: inside of `window`, and of those outside how many were written.
    pub fn untouched(&self, window: RectI) -> (usize, usize) {
        let (mut idle, mut stray) = (0, 0);
        let (mut pattern, mut row) = (vec![0; self.row_length()], vec![0; self.row_length()]);
        let n = self.pixel_bytes();
        for y in self.bounds.y1..self.bounds.y2 {
            fill_pattern(&mut pattern, y);
            self.copy_row(y, &mut row);
            let inside_row = (window.y1..window.y2).contains(&y);
            if !inside_row && row == pattern {
                continue;
            }
            for (x, (now, then)) in (self.bounds.x1..).zip(row.chunks_exact(n).zip(pattern.chunks_exact(n))) {
                let inside = inside_row && (window.x1..window.x2).contains(&x);
                match (inside, now == then) {
                    (true, true) => idle += 1,
                    (false, false) => stray += 1,
                    _ => {}
                }
            }
        }
        // Small pixels may happen to get the value they had.
        let chance = 256f64.powi(-i32::try_from(n).unwrap_or(1));
        let luck = (window.width() * window.height()) as f64 * chance * 3.0 + if n < 4 { 4.0 } else { 0.0 };
        (if idle as f64 > luck { idle } else { 0 }, stray)
    }
}

/// Bytes that a row of an output has before a render.
fn fill_pattern(row: &mut [u8], y: i32) {
    let mut state =
        0x2545_F491_4F6C_DD1D_u64 ^ u64::from(y.unsigned_abs()).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for chunk in row.chunks_mut(8) {
        state = state.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        let word = (state ^ (state >> 32)).to_ne_bytes();
        let n = chunk.len();
        chunk.copy_from_slice(&word[..n]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    fn layouts() -> [Layout; 3] {
        let full = Profile::full().layout;
        let mlt = Profile::mlt().layout;
        [full, mlt, Layout { row_padding: 7, row_alignment: 1, ..mlt }]
    }

    #[test]
    fn pictures_go_in_and_come_out_in_every_layout() {
        let bounds = RectI::new(-3, 5, 10, 12);
        let picture = Picture::from_fn(bounds, Components::Rgba, |x, y| [x as f32, y as f32, 0.5, 1.0]);
        for layout in layouts() {
            let window = RectI::new(0, 6, 9, 11);
            let buffer = PixelBuffer::from_picture(&picture, window, &layout);
            assert_eq!(buffer.to_picture(), picture.crop(window));
            assert_eq!(buffer.damage(), None);
            assert_eq!(buffer.row_bytes < 0, layout.negative_rows);
        }
    }

    #[test]
    fn damage_is_found_wherever_it_is_and_once() {
        for layout in layouts() {
            for place in ["before", "after", "between"] {
                let bounds = RectI::of_size(4, 3);
                let buffer = PixelBuffer::for_output(bounds, Components::Alpha, Depth::Float, &layout, true);
                let stride = buffer.row_bytes.unsigned_abs();
                let offset = match place {
                    "before" => GUARD - 1,
                    "after" => GUARD + 3 * stride,
                    _ if stride == 16 => continue,
                    _ => GUARD + stride + 16,
                };
                // SAFETY: within the guards and rows.
                unsafe { buffer.memory.add(offset).write(1) };
                let damage = buffer.damage().unwrap_or_default();
                assert!(damage.contains(place), "{damage} {place} {layout:?}");
                assert_eq!(buffer.damage(), None);
            }
        }
    }

    #[test]
    fn reading_beyond_an_image_gives_no_numbers() {
        let picture = Picture::new(RectI::of_size(5, 3), Components::Rgba, Depth::Float);
        for layout in layouts() {
            let buffer = PixelBuffer::from_picture(&picture, picture.bounds(), &layout);
            let rows = 3 * buffer.row_bytes.unsigned_abs();
            for offset in [GUARD - 4, GUARD + rows] {
                // SAFETY: within the guards.
                let read = unsafe { buffer.memory.add(offset).cast::<f32>().read_unaligned() };
                assert!(read.is_nan());
            }
        }
    }

    #[test]
    fn what_was_not_written_is_known() {
        let bounds = RectI::of_size(20, 10);
        let window = RectI::new(2, 2, 18, 8);
        for depth in [Depth::Byte, Depth::Short, Depth::Half, Depth::Float] {
            let buffer =
                PixelBuffer::for_output(bounds, Components::Rgba, depth, &Profile::full().layout, true);
            assert_eq!(buffer.untouched(window), (window.width() * window.height(), 0));
            for y in 2..8 {
                // SAFETY: columns 2 to 19 of a row of 20.
                unsafe {
                    buffer.row(y).add(2 * buffer.pixel_bytes()).write_bytes(0, 17 * buffer.pixel_bytes())
                };
            }
            assert_eq!(buffer.untouched(window), (0, 6));
        }
    }
}
