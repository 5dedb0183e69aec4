//! Points, rectangles and ranges, and the way between canonical, pixel and top-left space.
//!
//! *Canonical* space is OpenFX's: full resolution, square pixels, y up. *Pixel* space is what an image is indexed by:
//! canonical, squeezed by the pixel aspect ratio and scaled by the render scale, y up. *Top-left* space is that of
//! documents and engines: canonical units, origin at the top-left corner of the frame, y down.

use ofx_sys as sys;

/// A point, or a pair of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PointD {
    /// Horizontal.
    pub x: f64,
    /// Vertical.
    pub y: f64,
}

/// A point of whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PointI {
    /// Horizontal.
    pub x: i32,
    /// Vertical.
    pub y: i32,
}

/// A rectangle, `x1 <= x < x2`, `y1 <= y < y2`, y up.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RectD {
    /// Left.
    pub x1: f64,
    /// Bottom.
    pub y1: f64,
    /// Right.
    pub x2: f64,
    /// Top.
    pub y2: f64,
}

/// A rectangle of pixels, `x1 <= x < x2`, `y1 <= y < y2`, y up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct RectI {
    /// Left.
    pub x1: i32,
    /// Bottom.
    pub y1: i32,
    /// Right, excluded.
    pub x2: i32,
    /// Top, excluded.
    pub y2: i32,
}

/// An inclusive range, of frames for instance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RangeD {
    /// First.
    pub min: f64,
    /// Last, included.
    pub max: f64,
}

impl PointD {
    /// A point.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

impl From<(f64, f64)> for PointD {
    fn from((x, y): (f64, f64)) -> Self {
        Self { x, y }
    }
}

impl From<[f64; 2]> for PointD {
    fn from([x, y]: [f64; 2]) -> Self {
        Self { x, y }
    }
}

impl From<PointD> for [f64; 2] {
    fn from(p: PointD) -> Self {
        [p.x, p.y]
    }
}

impl From<PointD> for (f64, f64) {
    fn from(p: PointD) -> Self {
        (p.x, p.y)
    }
}

impl PointI {
    /// A point.
    pub const fn new(x: i32, y: i32) -> Self {
        Self { x, y }
    }
}

impl RangeD {
    /// A range; both ends belong to it.
    pub const fn new(min: f64, max: f64) -> Self {
        Self { min, max }
    }
}

impl RectD {
    /// A rectangle.
    pub const fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Width; negative if the rectangle is inside out.
    pub fn width(&self) -> f64 {
        self.x2 - self.x1
    }

    /// Height; negative if the rectangle is inside out.
    pub fn height(&self) -> f64 {
        self.y2 - self.y1
    }

    /// Whether nothing is inside (true for NaN too).
    pub fn is_empty(&self) -> bool {
        !(self.x1 < self.x2 && self.y1 < self.y2)
    }

    /// Whether the point is inside.
    pub fn contains(&self, p: PointD) -> bool {
        p.x >= self.x1 && p.x < self.x2 && p.y >= self.y1 && p.y < self.y2
    }

    /// What both hold; empty (all zero) if they do not meet.
    pub fn intersect(&self, other: &Self) -> Self {
        let r = Self {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        };
        if r.is_empty() { Self::default() } else { r }
    }

    /// The smallest rectangle around both; an empty one adds nothing.
    pub fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => *other,
            (_, true) => *self,
            _ => Self {
                x1: self.x1.min(other.x1),
                y1: self.y1.min(other.y1),
                x2: self.x2.max(other.x2),
                y2: self.y2.max(other.y2),
            },
        }
    }

    /// Grown by `by` on every side (shrunk if negative).
    pub fn grown(&self, by: f64) -> Self {
        Self { x1: self.x1 - by, y1: self.y1 - by, x2: self.x2 + by, y2: self.y2 + by }
    }

    /// This canonical rectangle in pixels, rounded outwards.
    pub fn to_pixels(&self, render_scale: PointD, pixel_aspect: f64) -> RectI {
        let par = positive_or_one(pixel_aspect);
        // Rounding noise of the division must not add a column of pixels.
        const EPS: f64 = 1e-6;
        let lo = |v: f64| (v + EPS).floor() as i32;
        let hi = |v: f64| (v - EPS).ceil() as i32;
        RectI {
            x1: lo(self.x1 * render_scale.x / par),
            y1: lo(self.y1 * render_scale.y),
            x2: hi(self.x2 * render_scale.x / par),
            y2: hi(self.y2 * render_scale.y),
        }
    }
}

impl RectI {
    /// A rectangle.
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Columns; 0 if inside out.
    pub fn width(&self) -> usize {
        usize::try_from(i64::from(self.x2) - i64::from(self.x1)).unwrap_or(0)
    }

    /// Rows; 0 if inside out.
    pub fn height(&self) -> usize {
        usize::try_from(i64::from(self.y2) - i64::from(self.y1)).unwrap_or(0)
    }

    /// Whether nothing is inside.
    pub fn is_empty(&self) -> bool {
        self.x1 >= self.x2 || self.y1 >= self.y2
    }

    /// Whether all of `other` is inside; an empty one always is.
    pub fn contains_rect(&self, other: &Self) -> bool {
        other.is_empty()
            || (other.x1 >= self.x1 && other.x2 <= self.x2 && other.y1 >= self.y1 && other.y2 <= self.y2)
    }

    /// What both hold; empty (all zero) if they do not meet.
    pub fn intersect(&self, other: &Self) -> Self {
        let r = Self {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        };
        if r.is_empty() { Self::default() } else { r }
    }

    /// The smallest rectangle around both; an empty one adds nothing.
    pub fn union(&self, other: &Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => *other,
            (_, true) => *self,
            _ => Self {
                x1: self.x1.min(other.x1),
                y1: self.y1.min(other.y1),
                x2: self.x2.max(other.x2),
                y2: self.y2.max(other.y2),
            },
        }
    }

    /// Grown by `by` pixels on every side.
    pub fn grown(&self, by: i32) -> Self {
        Self {
            x1: self.x1.saturating_sub(by),
            y1: self.y1.saturating_sub(by),
            x2: self.x2.saturating_add(by),
            y2: self.y2.saturating_add(by),
        }
    }

    /// This rectangle of pixels in canonical space.
    pub fn to_canonical(&self, render_scale: PointD, pixel_aspect: f64) -> RectD {
        let par = positive_or_one(pixel_aspect);
        let (sx, sy) = (positive_or_one(render_scale.x), positive_or_one(render_scale.y));
        RectD {
            x1: f64::from(self.x1) * par / sx,
            y1: f64::from(self.y1) / sy,
            x2: f64::from(self.x2) * par / sx,
            y2: f64::from(self.y2) / sy,
        }
    }
}

/// Canonical to pixel space for points.
pub fn pixel_from_canonical(p: PointD, render_scale: PointD, pixel_aspect: f64) -> PointD {
    PointD { x: p.x * render_scale.x / positive_or_one(pixel_aspect), y: p.y * render_scale.y }
}

/// Pixel to canonical space for points.
pub fn canonical_from_pixel(p: PointD, render_scale: PointD, pixel_aspect: f64) -> PointD {
    PointD {
        x: p.x * positive_or_one(pixel_aspect) / positive_or_one(render_scale.x),
        y: p.y / positive_or_one(render_scale.y),
    }
}

/// Hosts leave scales and aspect ratios at zero when they do not know them.
pub(crate) fn positive_or_one(v: f64) -> f64 {
    if v.is_finite() && v > 0.0 { v } else { 1.0 }
}

impl From<RectD> for sys::OfxRectD {
    fn from(r: RectD) -> Self {
        Self { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 }
    }
}

impl From<sys::OfxRectD> for RectD {
    fn from(r: sys::OfxRectD) -> Self {
        Self { x1: r.x1, y1: r.y1, x2: r.x2, y2: r.y2 }
    }
}

impl From<PointD> for sys::OfxPointD {
    fn from(p: PointD) -> Self {
        Self { x: p.x, y: p.y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: PointD = PointD::new(0.5, 0.5);

    #[test]
    fn pixels_hold_all_of_a_canonical_rectangle() {
        let r = RectD::new(0.2, -1.5, 10.1, 3.0);
        assert_eq!(r.to_pixels(PointD::new(1.0, 1.0), 1.0), RectI::new(0, -2, 11, 3));
        assert_eq!(r.to_pixels(HALF, 2.0), RectI::new(0, -1, 3, 2));
        // Rounding noise adds no column.
        assert_eq!(RectD::new(0.1 + 0.2 - 0.3, 0.0, 3.0, 3.0).to_pixels(HALF, 1.0).x1, 0);
    }

    #[test]
    fn whole_pixels_survive_the_way_to_canonical_space_and_back() {
        for par in [1.0, 2.0, 1.0940, 0.9091] {
            for scale in [1.0, 0.5, 1.0 / 3.0] {
                let scale = PointD::new(scale, scale);
                let r = RectI::new(-3, 5, 1920, 1080);
                assert_eq!(r.to_canonical(scale, par).to_pixels(scale, par), r, "{par} {scale:?}");
                let p = PointD::new(12.5, -7.25);
                let back = pixel_from_canonical(canonical_from_pixel(p, scale, par), scale, par);
                assert!((back.x - p.x).abs() < 1e-9 && (back.y - p.y).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn nonsense_scales_count_as_one() {
        let r = RectI::new(0, 0, 4, 4);
        for nothing in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let scale = PointD::new(nothing, nothing);
            assert_eq!(r.to_canonical(scale, nothing), RectD::new(0.0, 0.0, 4.0, 4.0));
        }
    }

    #[test]
    fn rectangles() {
        let (a, b) = (RectI::new(0, 0, 4, 4), RectI::new(2, 3, 9, 9));
        assert_eq!(a.intersect(&b), RectI::new(2, 3, 4, 4));
        assert_eq!(a.intersect(&RectI::new(4, 0, 9, 9)), RectI::default());
        assert_eq!(a.union(&b), RectI::new(0, 0, 9, 9));
        assert_eq!(a.union(&RectI::default()), a);
        assert!(a.contains_rect(&RectI::new(1, 1, 4, 4)) && !a.contains_rect(&b));
        assert_eq!(RectI::new(i32::MIN, 5, i32::MAX, 1).width(), u32::MAX as usize);
        assert_eq!(RectI::new(i32::MIN, 5, i32::MAX, 1).height(), 0);
        assert!(RectD::new(0.0, 0.0, f64::NAN, 1.0).is_empty());
    }
}
