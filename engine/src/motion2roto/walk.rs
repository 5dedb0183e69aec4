//! A contour on its way from a key.

use kurbo::Point;

use super::MotionField;
use super::confidence::Walked;
use super::pull::Look;
use super::settle::{averaged, followed};
use super::step::{State, advance};
use crate::image::Colours;

/// Variance of what the picture says on one frame of a walk, px squared: a little nearer than it is, so that a walk keeps
/// up.
const PICTURE_PX2: f64 = 0.05;
/// How often a frame is looked at, at most: what moved farther than the band about the contour reaches is found the next time.
const ROUNDS: usize = 2;
/// Where no sample moved by as much as this, px, it is looked at once.
const AGAIN_PX: f64 = 8.0;

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
    pub look: Option<Look>,
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
            for _ in 0..ROUNDS {
                let since = |(now, then): (&f64, &f64)| (now - then).max(0.0).sqrt();
                let expected = next.variance.iter().zip(&before.variance).map(since);
                let found = look.pulled(&next.positions, picture, expected, &next.variance);
                let moved = found.iter().zip(&next.positions).map(|(f, p)| f.distance_squared(*p));
                let shares = followed(moved, look.doubt_px2(), PICTURE_PX2);
                let mixed = next.positions.iter().zip(&found).zip(shares).map(|((p, q), s)| p.lerp(*q, s));
                let mixed: Vec<Point> = mixed.collect();
                let farthest =
                    mixed.iter().zip(&next.positions).map(|(p, q)| p.distance(*q)).fold(0.0, f64::max);
                next.positions = mixed;
                if farthest < AGAIN_PX {
                    break;
                }
            }
            look.see(&next.positions, picture);
        }
        self.states.push(next);
    }

    /// Whether it got to its end.
    pub fn is_whole(&self) -> bool {
        !self.lost && self.states.len() as i64 == (i64::from(self.end) - i64::from(self.start)).abs() + 1
    }

    /// Mixes both ways, with and without the picture, at each sample by how near they ended to what the far key says.
    pub fn choose(&mut self, far_key: &[Point]) {
        let plain = std::mem::take(&mut self.plain);
        let (Some(end), Some(plain_end)) = (self.states.last(), plain.last()) else { return };
        if plain.len() != self.states.len() {
            return;
        }
        let miss = |s: &State| -> Vec<f64> {
            let squares: Vec<f64> =
                s.positions.iter().zip(far_key).map(|(p, q)| p.distance_squared(*q)).collect();
            averaged(&squares).map(|m| m * m).collect()
        };
        let share = |(pulled, plain): (f64, f64)| if plain > 0.0 { plain / (pulled + plain) } else { 0.0 };
        let shares: Vec<f64> = miss(end).into_iter().zip(miss(plain_end)).map(share).collect();
        for (state, plain) in self.states.iter_mut().zip(plain) {
            for ((p, q), s) in state.positions.iter_mut().zip(plain.positions).zip(&shares) {
                *p = q.lerp(*p, *s);
            }
            for ((p, q), s) in state.moved.iter_mut().zip(plain.moved).zip(&shares) {
                *p = q.lerp(*p, *s);
            }
        }
    }

    pub fn walked(&self) -> Walked<'_> {
        Walked { start: self.start, states: &self.states }
    }
}
