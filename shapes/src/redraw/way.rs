//! An outline by the way along it.

use kurbo::{CubicBez, ParamCurve, Point, Vec2};

use crate::Point as ControlPoint;
use crate::outline::{Outline, direction};

/// Steps of a segment between which its parameter runs evenly along the way.
const STEPS: usize = 32;
/// Parts of a way nearer than this share of it are one place.
const SAME: f64 = 1e-9;

/// An outline without segments that have no length. Places on it are lengths of the way to them, px; on a closed one they go on
/// beyond a turn.
#[derive(Clone, Debug)]
pub struct Way {
    segments: Vec<CubicBez>,
    /// Each segment's way at its steps; the last of one is the first of the next.
    along: Vec<[f64; STEPS + 1]>,
    /// Where each control point is: its segment, or the number of segments for the last one of an open outline.
    starts: Vec<usize>,
    pub closed: bool,
}

impl Way {
    /// Through control points.
    pub fn new(points: &[ControlPoint], closed: bool) -> Self {
        let outline = Outline::new(points, closed);
        let mut way = Way { segments: Vec::new(), along: Vec::new(), starts: Vec::new(), closed };
        let mut length = 0.0;
        for segment in outline.segments() {
            way.starts.push(way.segments.len());
            let mut along = [length; STEPS + 1];
            let mut before = segment.p0;
            for (k, s) in along.iter_mut().enumerate().skip(1) {
                let here = segment.eval(k as f64 / STEPS as f64);
                length += before.distance(here);
                *s = length;
                before = here;
            }
            if along[STEPS] > along[0] {
                way.segments.push(*segment);
                way.along.push(along);
            }
        }
        if !closed {
            way.starts.push(way.segments.len());
        }
        way
    }

    /// Of the whole way, px.
    pub fn length(&self) -> f64 {
        self.along.last().map_or(0.0, |a| a[STEPS])
    }

    /// Where control point `i` is.
    pub fn of_point(&self, i: usize) -> f64 {
        let start = self.starts.get(i).copied().unwrap_or(0);
        self.along.get(start).map_or_else(|| self.length(), |a| a[0])
    }

    /// Where its control points are, ascending.
    pub fn points(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.starts.len()).map(|i| self.of_point(i))
    }

    fn within(&self, s: f64) -> f64 {
        let length = self.length();
        if self.closed { s.rem_euclid(length.max(1e-12)) } else { s.clamp(0.0, length) }
    }

    /// The segment and the parameter on it.
    fn find(&self, s: f64) -> (usize, f64) {
        let s = self.within(s);
        let i = self.along.partition_point(|a| a[STEPS] <= s).min(self.along.len().saturating_sub(1));
        let Some(along) = self.along.get(i) else { return (0, 0.0) };
        let k = along.partition_point(|a| *a <= s).clamp(1, STEPS);
        let (from, to) = (along[k - 1], along[k]);
        let share = if to > from { ((s - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
        (i, (k as f64 - 1.0 + share) / STEPS as f64)
    }

    /// The place, px.
    pub fn at(&self, s: f64) -> Point {
        let (i, t) = self.find(s);
        self.segments.get(i).map_or(Point::ZERO, |c| c.eval(t))
    }

    /// Unit vectors of the way to a place and on from it: one but at control points. At an open end both are that of the only one.
    pub fn directions(&self, s: f64) -> [Vec2; 2] {
        let (i, t) = self.find(s);
        let Some(segment) = self.segments.get(i) else { return [Vec2::ZERO; 2] };
        let near = SAME * self.length();
        let (from, to) = (self.along[i][0], self.along[i][STEPS]);
        let s = self.within(s);
        let n = self.segments.len();
        if s - from <= near {
            self.around(i)
        } else if to - s <= near {
            self.around(if self.closed { (i + 1) % n } else { i + 1 })
        } else {
            [direction(segment, t); 2]
        }
    }

    /// Unit vectors to control point `i` and on from it.
    pub fn directions_at_point(&self, i: usize) -> [Vec2; 2] {
        self.starts.get(i).map_or([Vec2::ZERO; 2], |start| self.around(*start))
    }

    /// Unit vectors to the start of a segment, or to the end of the last one, and on from there.
    fn around(&self, start: usize) -> [Vec2; 2] {
        let n = self.segments.len();
        if n == 0 {
            return [Vec2::ZERO; 2];
        }
        let before = if self.closed { Some((start + n - 1) % n) } else { start.checked_sub(1) };
        let after = if self.closed { Some(start % n) } else { Some(start).filter(|i| *i < n) };
        let into = before.map(|i| direction(&self.segments[i], 1.0));
        let out = after.map(|i| direction(&self.segments[i], 0.0));
        let only = into.or(out).unwrap_or(Vec2::ZERO);
        [into.unwrap_or(out.unwrap_or(only)), out.unwrap_or(only)]
    }
}
