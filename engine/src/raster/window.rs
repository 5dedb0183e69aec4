//! Rectangles of pixels.

/// A rectangle of raster pixels; `x1` and `y1` are one past the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub x0: i32,
    /// First row.
    pub y0: i32,
    /// One past the last column.
    pub x1: i32,
    /// One past the last row.
    pub y1: i32,
}

impl Window {
    /// From the origin.
    pub fn of_size(width: usize, height: usize) -> Self {
        let clip = |v: usize| i32::try_from(v).unwrap_or(i32::MAX);
        Window { x0: 0, y0: 0, x1: clip(width), y1: clip(height) }
    }

    /// Columns; 0 if the window is inside out.
    pub fn width(&self) -> usize {
        (i64::from(self.x1) - i64::from(self.x0)).max(0) as usize
    }

    /// Rows; 0 if the window is inside out.
    pub fn height(&self) -> usize {
        (i64::from(self.y1) - i64::from(self.y0)).max(0) as usize
    }

    /// Whether there is no pixel in it.
    pub fn is_empty(&self) -> bool {
        self.x1 <= self.x0 || self.y1 <= self.y0
    }

    /// Larger by some pixels on each side.
    pub fn grown(&self, by: i32) -> Self {
        Window {
            x0: self.x0.saturating_sub(by),
            y0: self.y0.saturating_sub(by),
            x1: self.x1.saturating_add(by),
            y1: self.y1.saturating_add(by),
        }
    }

    /// The smallest that holds both; an empty one adds nothing.
    pub fn union(&self, other: &Window) -> Window {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        Window {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The pixels of both; empty where they have none in common.
    pub fn intersection(&self, other: Window) -> Self {
        Window {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }
}
