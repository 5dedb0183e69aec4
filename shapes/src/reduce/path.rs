//! The fewest keys that keep their solved values.

use crate::{Interp, Shape};
use kurbo::Vec2;

use super::rows::Rows;

/// A key that stays, by row, and whether it holds until the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    pub row: usize,
    pub holds: bool,
}

/// The fewest rows, with the first, the last and those in `stays`, between which lines (or holds, where the
/// motion itself is held, from keys that are `free`) keep within the tolerance: a shortest path, so there is no shorter one.
pub(super) fn fewest(
    rows: &Rows,
    shape: &Shape,
    [stays, free]: [&[bool]; 2],
    tolerance_px: f64,
) -> Vec<Stop> {
    let last = rows.frames.len() - 1;
    let cuts: Vec<usize> = (0..=last).filter(|i| *i == 0 || *i == last || stays[*i]).collect();
    let mut out = Vec::new();
    for w in cuts.windows(2) {
        out.extend(between(rows, shape, free, [w[0], w[1]], tolerance_px));
    }
    out.push(Stop { row: last, holds: false });
    out
}

/// From `first` up to `last`, which is left out: breadth first, one more key at a time.
fn between(
    rows: &Rows,
    shape: &Shape,
    free: &[bool],
    [first, last]: [usize; 2],
    tolerance_px: f64,
) -> Vec<Stop> {
    let mut parent: Vec<Option<Stop>> = vec![None; last - first + 1];
    let mut reached = vec![first];
    while parent[last - first].is_none() && !reached.is_empty() {
        let mut next = Vec::new();
        for &from in &reached {
            let mut reach = Reach::new(rows, from, tolerance_px);
            let may_hold = free[from];
            let lines = free[from] || shape.keys[from].interp == Interp::Linear;
            for to in from + 1..=last {
                let new = parent[to - first].is_none();
                let holds = may_hold && to > from + 1 && reach.holds;
                if new && (holds || reach.line(to)) {
                    parent[to - first] = Some(Stop { row: from, holds });
                    next.push(to);
                }
                reach.pass(to);
                if !lines || !(reach.open || may_hold && reach.holds) {
                    break;
                }
            }
        }
        reached = next;
    }
    let mut out = Vec::new();
    let mut at = last;
    while let Some(stop) = parent[at - first] {
        out.push(stop);
        at = stop.row;
    }
    out.reverse();
    out
}

/// How far lines from one row reach.
struct Reach<'a> {
    rows: &'a Rows,
    from: usize,
    tolerance_px: f64,
    /// Bounds of the slope that each place's line must have to pass by all rows so far, px a frame.
    slopes: Vec<[Vec2; 2]>,
    /// Whether any line can go on.
    open: bool,
    /// Whether all rows so far are one hold, and whether there is a hold among them.
    still: bool,
    any_still: bool,
    /// Whether a hold from the first row covers all rows so far.
    holds: bool,
}

impl<'a> Reach<'a> {
    fn new(rows: &'a Rows, from: usize, tolerance_px: f64) -> Self {
        let all = Vec2::new(f64::INFINITY, f64::INFINITY);
        Reach {
            rows,
            from,
            tolerance_px,
            slopes: vec![[-all, all]; rows.measured],
            open: true,
            still: true,
            any_still: false,
            holds: rows.is_held(from),
        }
    }

    /// Whether a line to this row keeps within the tolerance of all rows passed.
    fn line(&self, to: usize) -> bool {
        if to == self.from + 1 {
            return true;
        }
        let held = self.rows.still[to - 1];
        // A line over a hold would move what stands still.
        let moves_a_hold = (self.any_still || held) && !(self.still && held);
        if !self.open || moves_a_hold {
            return false;
        }
        let (a, b) = (self.rows.places(self.from), self.rows.places(to));
        let length = self.rows.frames[to] - self.rows.frames[self.from];
        let possible = a.iter().zip(b).zip(&self.slopes).all(|((p, q), [low, high])| {
            let slope = (*q - *p) / length;
            slope.x >= low.x && slope.y >= low.y && slope.x <= high.x && slope.y <= high.y
        });
        possible
            && (self.from + 1..to).all(|row| {
                let t = (self.rows.frames[row] - self.rows.frames[self.from]) / length;
                let line = a.iter().zip(b).map(|(p, q)| p.lerp(*q, t));
                let off = line.zip(self.rows.places(row)).map(|(p, q)| p - *q);
                self.rows.miss_px(row, off) <= self.tolerance_px
            })
    }

    /// Goes on behind a row.
    fn pass(&mut self, row: usize) {
        let held = self.rows.still[row - 1];
        self.still &= held;
        self.any_still |= held;
        self.open &= !self.any_still || self.still;
        let (a, here) = (self.rows.places(self.from), self.rows.places(row));
        let length = self.rows.frames[row] - self.rows.frames[self.from];
        for (place, ((p, q), [low, high])) in a.iter().zip(here).zip(&mut self.slopes).enumerate() {
            let reach = self.rows.slack(row, place) * (self.tolerance_px / length);
            let slope = (*q - *p) / length;
            *low = Vec2::new(low.x.max(slope.x - reach.x), low.y.max(slope.y - reach.y));
            *high = Vec2::new(high.x.min(slope.x + reach.x), high.y.min(slope.y + reach.y));
            self.open &= low.x <= high.x && low.y <= high.y;
        }
        let off = a.iter().zip(here).map(|(p, q)| *p - *q);
        self.holds &= self.rows.is_held(row) && self.rows.miss_px(row, off) <= self.tolerance_px;
    }
}
