//! A rectangle of pixels.

/// A rectangle of pixels: `x1 <= x < x2`, `y1 <= y < y2`, y up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RectI {
    /// First column.
    pub x1: i32,
    /// First row, the lowest one.
    pub y1: i32,
    /// One past the last column.
    pub x2: i32,
    /// One past the last row.
    pub y2: i32,
}

impl RectI {
    /// A rectangle with these bounds.
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        RectI { x1, y1, x2, y2 }
    }

    /// A picture of this size with its lower left corner at the origin.
    pub const fn of_size(width: i32, height: i32) -> Self {
        RectI { x1: 0, y1: 0, x2: width, y2: height }
    }

    /// Columns; 0 where the bounds are the wrong way round.
    pub fn width(&self) -> usize {
        usize::try_from(i64::from(self.x2) - i64::from(self.x1)).unwrap_or(0)
    }

    /// Rows; 0 where the bounds are the wrong way round.
    pub fn height(&self) -> usize {
        usize::try_from(i64::from(self.y2) - i64::from(self.y1)).unwrap_or(0)
    }

    /// Has no pixel.
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// What both have; empty where they do not meet.
    pub fn intersect(&self, other: &RectI) -> RectI {
        let r = RectI {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        };
        if r.is_empty() { RectI::default() } else { r }
    }

    /// The smallest rectangle around both; an empty one adds nothing.
    pub fn union(&self, other: &RectI) -> RectI {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        RectI {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }

    /// Every pixel of `other` is in here.
    pub fn contains(&self, other: &RectI) -> bool {
        other.is_empty()
            || (self.x1 <= other.x1 && self.y1 <= other.y1 && self.x2 >= other.x2 && self.y2 >= other.y2)
    }

    /// The pixels this rectangle touches when the picture is resized by these factors.
    pub fn scaled(&self, sx: f64, sy: f64) -> RectI {
        RectI {
            x1: (f64::from(self.x1) * sx).floor() as i32,
            y1: (f64::from(self.y1) * sy).floor() as i32,
            x2: (f64::from(self.x2) * sx).ceil() as i32,
            y2: (f64::from(self.y2) * sy).ceil() as i32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_meet_and_join() {
        let a = RectI::new(0, 0, 4, 4);
        let b = RectI::new(2, 3, 9, 9);
        assert_eq!(a.intersect(&b), RectI::new(2, 3, 4, 4));
        assert_eq!(a.union(&b), RectI::new(0, 0, 9, 9));
        assert!(a.intersect(&RectI::new(4, 0, 5, 1)).is_empty());
        assert!(a.contains(&RectI::new(1, 1, 4, 4)) && !a.contains(&b));
        assert!(RectI::new(3, 3, 1, 9).is_empty());
    }
}
