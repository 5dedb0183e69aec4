//! The part of a level that is worked on.

use super::options::Window;

/// Pixels that are worked on at once when a field is refined: what bounds the memory. Tests have strips in small pictures.
const STRIP_AREA: usize = if cfg!(test) { 1 << 14 } else { 1 << 22 };
/// How far a part goes on beyond what is kept of it, px, so that its ends do not show.
const MARGIN: usize = 24;

/// A rectangle inside of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

impl Region {
    /// A window of the full picture on a level of `width` by `height` that was halved `halvings` times, with a margin.
    /// Levels from the third are worked on as a whole: they cost little and find what moves far.
    pub fn of(window: Option<Window>, width: usize, height: usize, halvings: usize) -> Self {
        let whole = Region { left: 0, top: 0, width, height };
        let Some(window) = window.filter(|_| halvings < 2) else { return whole };
        let along = |first: usize, end: usize, size: usize| {
            let first = (first >> halvings).saturating_sub(MARGIN).min(size);
            let end = end.div_ceil(1 << halvings).saturating_add(MARGIN).min(size);
            (first, end.saturating_sub(first))
        };
        let (left, width) = along(window.left, window.right, width);
        let (top, height) = along(window.top, window.bottom, height);
        Region { left, top, width, height }
    }

    /// Strips of bounded area, each with the rows of it that are kept: `(strip, first kept row, rows kept)`, rows of the
    /// level.
    pub fn strips(self) -> Vec<(Region, usize, usize)> {
        let rows = (STRIP_AREA / self.width.max(1)).max(4 * MARGIN);
        let end = self.top + self.height;
        (self.top..end)
            .step_by(rows)
            .map(|first| {
                let kept = rows.min(end - first);
                let top = first.saturating_sub(MARGIN).max(self.top);
                let bottom = (first + kept + MARGIN).min(end);
                (Region { top, height: bottom - top, ..self }, first, kept)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strips_keep_every_row_once(width in 1usize..9000, height in 1usize..5000, top in 0usize..50) {
            let region = Region { left: 3, top, width, height };
            let mut next = top;
            for (strip, first, kept) in region.strips() {
                prop_assert_eq!(first, next);
                prop_assert!(strip.top <= first && first + kept <= strip.top + strip.height);
                prop_assert!(strip.top >= top && strip.top + strip.height <= top + height);
                next = first + kept;
            }
            prop_assert_eq!(next, top + height);
        }

        #[test]
        fn any_window_is_inside(l in 0usize..200, r in 0usize..200, t in 0usize..200, b in 0usize..200, halvings in 0usize..4) {
            let window = Window { left: l, right: r, top: t, bottom: b };
            let region = Region::of(Some(window), 90 >> halvings, 70 >> halvings, halvings);
            prop_assert!(region.left + region.width <= 90 && region.top + region.height <= 70);
        }
    }
}
