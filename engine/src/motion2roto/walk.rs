//! A contour on its way from a key.

use kurbo::Point;

use super::MotionField;
use super::confidence::Walked;
use super::pull::Look;
use super::step::{State, advance};
use crate::image::Colours;

/// From an artist's key, frame by frame, as far as it is wanted.
pub(super) struct Walk {
    pub closed: bool,
    pub start: i32,
    /// Last frame wanted.
    pub end: i32,
    /// On the key, and on each frame after it.
    pub states: Vec<State>,
    /// The shot ended before `end`.
    pub lost: bool,
    /// Carried by motion alone, for comparison at the far key; empty where nothing will be compared.
    plain: Vec<State>,
    /// With it the picture pulls the contour to the outline.
    look: Option<Look>,
}

impl Walk {
    /// A walk that has not begun. With a picture of the key it is pulled to the outline, if it is closed; `compared` also
    /// keeps what motion alone says.
    pub fn new(
        closed: bool,
        (start, end): (i32, i32),
        positions: Vec<Point>,
        picture: Option<&Colours>,
        compared: bool,
    ) -> Self {
        let look = picture.filter(|_| closed).map(|p| Look::at_key(&positions, p));
        let state = State::at_key(positions);
        let plain = if compared && look.is_some() { vec![state.clone()] } else { Vec::new() };
        Walk { closed, start, end, states: vec![state], lost: false, plain, look }
    }

    /// Whether a picture of the next frame is of use.
    pub fn wants_picture(&self) -> bool {
        self.look.is_some()
    }

    /// By one frame.
    pub fn step(&mut self, field: &MotionField, picture: Option<&Colours>) {
        if let Some(before) = self.plain.last() {
            self.plain.push(advance(before, self.closed, field));
        }
        let Some(before) = self.states.last() else { return };
        let mut next = advance(before, self.closed, field);
        // A held frame stays as it is.
        if let (Some(look), Some(picture)) = (&mut self.look, picture)
            && next.positions != before.positions
        {
            let since = |(now, then): (&f64, &f64)| (now - then).max(0.0).sqrt();
            let expected = next.variance.iter().zip(&before.variance).map(since);
            next.positions = look.pulled(&next.positions, picture, expected, &next.variance);
        }
        self.states.push(next);
    }

    /// Whether it got to its end.
    pub fn is_whole(&self) -> bool {
        !self.lost && self.states.len() as i64 == (i64::from(self.end) - i64::from(self.start)).abs() + 1
    }

    /// Keeps of both ways, with and without the picture, the one that ended nearer to what the far key says.
    pub fn choose(&mut self, far_key: &[Point]) {
        let miss = |states: &[State]| {
            let end = states.last().map_or(&[][..], |s| &s.positions);
            end.iter().zip(far_key).map(|(p, q)| p.distance(*q)).sum::<f64>()
        };
        if self.plain.len() == self.states.len() && miss(&self.plain) < miss(&self.states) {
            self.states = std::mem::take(&mut self.plain);
        }
        self.plain.clear();
    }

    pub fn walked(&self) -> Walked<'_> {
        Walked { start: self.start, states: &self.states }
    }
}
