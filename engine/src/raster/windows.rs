//! Windows put together.

use super::Window;

impl Window {
    /// What lies in both; without a pixel where they are apart.
    pub(super) fn intersect(&self, other: &Window) -> Window {
        Window {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    /// The smallest that holds both; one without a pixel adds nothing.
    pub(super) fn union(&self, other: &Window) -> Window {
        let is_empty = |w: &Window| w.width() == 0 || w.height() == 0;
        if is_empty(self) {
            return *other;
        }
        if is_empty(other) {
            return *self;
        }
        Window {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}
