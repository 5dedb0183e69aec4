//! When a shape is there: what its attributes *visible* and *lifetime* say.

use super::curve::Curve;

/// On which frames a shape is there.
#[derive(Default)]
pub(super) struct Life {
    pub(super) visible: Option<Curve>,
    /// A code, and the frames from and to that it may mean.
    pub(super) range: [f64; 3],
}

impl Life {
    /// The first and the last frame, where it has one.
    fn ends(&self) -> [Option<f64>; 2] {
        let [kind, from, to] = self.range;
        match kind as i64 {
            1 => [None, Some(to)],
            2 => [Some(from), Some(from)],
            3 => [Some(from), None],
            4 => [Some(from), Some(to)],
            _ => [None, None],
        }
    }

    /// Whether that is all of them.
    pub(super) fn is_whole(&self) -> bool {
        self.ends() == [None, None] && self.visible.as_ref().is_none_or(|v| v.is_always(1.0))
    }

    /// Whether it is there on this one.
    pub(super) fn is_shown(&self, frame: f64) -> bool {
        let [from, to] = self.ends();
        let visible = self.visible.as_ref().is_none_or(|v| v.at_key(frame) != 0.0);
        visible && from.is_none_or(|f| frame >= f) && to.is_none_or(|f| frame <= f)
    }

    /// Frames from which on that may be otherwise.
    pub(super) fn changes(&self) -> Vec<f64> {
        let [from, to] = self.ends();
        let keys = self.visible.iter().flat_map(|v| v.keys()).map(|k| k.frame);
        keys.chain(from).chain(to.map(|f| f + 1.0)).collect()
    }
}
