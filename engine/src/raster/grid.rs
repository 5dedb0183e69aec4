//! The grid that all geometry of a raster lies on: whole numbers, so that sums do not depend on their order, on a
//! window or on where the outline stands in the picture.

/// Bits of the fraction of a pixel.
pub(super) const BITS: u32 = 24;
/// A pixel's side in steps of the grid; also a pixel's area in the unit that coverage is counted in, so that every
/// count is an exact `f32`.
pub(super) const ONE: i64 = 1 << BITS;
/// Farthest that coordinates may lie from the origin, px; beyond they are moved there.
const FAR_PX: f64 = (1u32 << 20) as f64;
/// Numbers from here to 2^53 have steps of 1: their bits count like whole numbers.
const WHOLE: f64 = 1.5 * (1u64 << 52) as f64;

/// The nearest whole number, ties to even, of one within 2^51 of 0; of another any number.
#[inline(always)]
pub(super) fn nearest(v: f64) -> i64 {
    (v + WHOLE).to_bits().wrapping_sub(WHOLE.to_bits()) as i64
}

/// A coordinate in px on the grid; it must not be NaN.
#[inline(always)]
pub(super) fn on_grid(v: f64) -> i64 {
    nearest(v.clamp(-FAR_PX, FAR_PX) * ONE as f64)
}

/// The pixel that a coordinate lies in.
#[inline(always)]
pub(super) fn pixel(v: i64) -> i64 {
    v >> BITS
}
