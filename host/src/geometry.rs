//! Rectangles and points of canonical space: units are pixels at full resolution, square, y up.

use crate::picture::RectI;

/// A place in canonical space.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PointD {
    /// Right.
    pub x: f64,
    /// Up.
    pub y: f64,
}

impl PointD {
    /// The place (`x`, `y`).
    pub const fn new(x: f64, y: f64) -> Self {
        PointD { x, y }
    }
}

/// A region of canonical space.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
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

impl RectD {
    /// A region with these bounds.
    pub const fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Self {
        RectD { x1, y1, x2, y2 }
    }

    /// The four bounds in OpenFX's order.
    pub const fn to_array(self) -> [f64; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    /// The region of these pixels, at a render scale and with pixels `aspect` times as wide as high.
    pub fn from_pixels(r: RectI, scale: (f64, f64), aspect: f64) -> Self {
        RectD {
            x1: f64::from(r.x1) * aspect / scale.0,
            y1: f64::from(r.y1) / scale.1,
            x2: f64::from(r.x2) * aspect / scale.0,
            y2: f64::from(r.y2) / scale.1,
        }
    }

    /// The pixels that this region touches, at a render scale; a hair outside of a pixel does not count.
    pub fn to_pixels(self, scale: (f64, f64), aspect: f64) -> RectI {
        const HAIR: f64 = 1e-4;
        RectI {
            x1: (self.x1 * scale.0 / aspect + HAIR).floor() as i32,
            y1: (self.y1 * scale.1 + HAIR).floor() as i32,
            x2: (self.x2 * scale.0 / aspect - HAIR).ceil() as i32,
            y2: (self.y2 * scale.1 - HAIR).ceil() as i32,
        }
    }

    /// Covers nothing.
    pub fn is_empty(&self) -> bool {
        self.x2 <= self.x1 || self.y2 <= self.y1
    }

    /// All four bounds are numbers of a size that a picture can have.
    pub fn is_finite(&self) -> bool {
        self.to_array().iter().all(|v| v.is_finite())
    }

    /// What both cover; empty where they do not meet.
    pub fn intersect(&self, other: &RectD) -> RectD {
        let r = RectD {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        };
        if r.is_empty() { RectD::default() } else { r }
    }

    /// The smallest region around both; an empty one adds nothing.
    pub fn union(&self, other: &RectD) -> RectD {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        RectD {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }

    /// `other` lies within this region, but for `slack` on each side.
    pub fn contains(&self, other: &RectD, slack: f64) -> bool {
        other.is_empty()
            || (self.x1 <= other.x1 + slack
                && self.y1 <= other.y1 + slack
                && self.x2 >= other.x2 - slack
                && self.y2 >= other.y2 - slack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_regions_agree_at_every_scale() {
        let r = RectI::new(-3, 2, 14, 9);
        for scale in [(1.0, 1.0), (0.5, 0.5), (0.25, 1.0), (1.0 / 3.0, 2.0)] {
            for aspect in [1.0, 2.0, 1.09] {
                assert_eq!(RectD::from_pixels(r, scale, aspect).to_pixels(scale, aspect), r);
            }
        }
    }
}
