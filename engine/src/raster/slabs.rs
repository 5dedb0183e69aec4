//! Coverage where chains cross, touch or turn within a row of pixels.
//!
//! The row is cut into slabs in which no edge starts, ends or crosses another. In a slab the edges where the inside
//! begins or ends bound it, in their order from left to right.

use super::FillRule;
use super::cells::Cells;
use super::chains::Vertex;
use super::grid::{ONE, nearest};

/// A straight piece of an outline within one row of pixels, from top to bottom. Heights count from the row's top.
#[derive(Clone, Copy, Debug)]
struct Piece {
    x: i64,
    end: i64,
    top: i64,
    bottom: i64,
    sign: i32,
}

impl Piece {
    fn x_at(&self, y: i64) -> i64 {
        if y <= self.top {
            self.x
        } else if y >= self.bottom {
            self.end
        } else {
            let part = (y - self.top) as f64 / (self.bottom - self.top) as f64;
            self.x + nearest(part * (self.end - self.x) as f64)
        }
    }
}

/// A piece within a slab.
#[derive(Clone, Copy, Debug)]
struct Line {
    piece: usize,
    x: i64,
    end: i64,
}

/// How far lines may be out of order before they count as crossing: what rounding does.
pub(super) const SLACK: i64 = 4;

/// Working memory.
#[derive(Debug, Default)]
pub(super) struct Slabs {
    pieces: Vec<Piece>,
    stops: Vec<i64>,
    /// Pieces that the present slab cuts.
    live: Vec<usize>,
    lines: Vec<Line>,
    crossings: Vec<i64>,
}

impl Slabs {
    pub fn clear(&mut self) {
        self.pieces.clear();
    }

    /// Adds what a chain runs through in the row that begins at `top`.
    pub fn add(&mut self, vertices: &[Vertex], top: i64, sign: i32) {
        let down = vertices.windows(2).filter(|w| w[0][1] < w[1][1]);
        self.pieces.extend(down.map(|w| Piece {
            x: w[0][0],
            end: w[1][0],
            top: w[0][1] - top,
            bottom: w[1][1] - top,
            sign,
        }));
    }

    /// Adds to `cells` what the pieces bound where the winding number to their left is `winding`.
    pub fn fill(&mut self, winding: i32, rule: FillRule, cells: &mut Cells) {
        let grain = self.grain();
        self.stops.clear();
        self.stops.extend(self.pieces.iter().flat_map(|p| [p.top, p.bottom]));
        self.stops.sort_unstable();
        let Some(&end) = self.stops.last() else { return };
        let apart = if self.is_crowded() { grain } else { 1 };
        self.stops.dedup_by(|b, a| *b - *a < apart);
        if self.stops.last() != Some(&end) {
            self.stops.push(end);
        }
        self.pieces.sort_unstable_by_key(|p| p.top);
        self.live.clear();
        let mut next = 0;
        for i in 1..self.stops.len() {
            let (top, bottom) = (self.stops[i - 1], self.stops[i]);
            let middle = (top + bottom) / 2;
            let begun = next + self.pieces[next..].partition_point(|p| p.top <= middle);
            self.live.extend(next..begun);
            next = begun;
            self.live.retain(|piece| middle < self.pieces[*piece].bottom);
            self.lines.clear();
            self.lines.extend(self.live.iter().map(|piece| Line { piece: *piece, x: 0, end: 0 }));
            self.fill_slab(top, bottom, grain, winding, rule, cells);
        }
    }

    /// Whether more than a few pieces lie beside each other in the mean, so that the work of a row would grow faster than their
    /// number if every slab were told apart.
    fn is_crowded(&self) -> bool {
        let [Some(top), Some(bottom)] = [self.stops.first(), self.stops.last()] else { return false };
        self.pieces.iter().map(|p| p.bottom - p.top).sum::<i64>() > FEW as i64 * (bottom - top)
    }

    /// The height below which crossings are no longer told apart: 2^-14 px, more with more than a few pieces, so that
    /// the work of a row grows no faster than their number.
    fn grain(&self) -> i64 {
        (ONE >> 14) * (self.pieces.len() / FEW).max(1) as i64
    }

    /// A slab in which no line ends. Where lines cross it is cut, at the middle one of the crossings that can be seen.
    fn fill_slab(
        &mut self,
        top: i64,
        bottom: i64,
        grain: i64,
        winding: i32,
        rule: FillRule,
        cells: &mut Cells,
    ) {
        for line in &mut self.lines {
            let piece = &self.pieces[line.piece];
            (line.x, line.end) = (piece.x_at(top), piece.x_at(bottom));
        }
        self.lines.sort_unstable_by_key(|l| (l.x + l.end, l.x));
        if bottom - top > grain.max(1)
            && let Some(cut) = self.crossing(top, bottom)
        {
            self.fill_slab(top, cut, grain, winding, rule, cells);
            self.fill_slab(cut, bottom, grain, winding, rule, cells);
            return;
        }
        let mut winding = winding;
        for line in &self.lines {
            let before = winding;
            winding += self.pieces[line.piece].sign;
            let sign = rule.step(before, winding);
            if sign != 0 {
                cells.add(line.x, line.end, bottom - top, sign);
            }
        }
    }

    /// The middle one of the heights where neighbours cross.
    fn crossing(&mut self, top: i64, bottom: i64) -> Option<i64> {
        self.crossings.clear();
        for pair in self.lines.windows(2) {
            let (above, below) = (pair[1].x - pair[0].x, pair[1].end - pair[0].end);
            if above.min(below) < -SLACK {
                let part = above as f64 / (above - below) as f64;
                self.crossings.push(top + nearest(part * (bottom - top) as f64));
            }
        }
        let middle = self.crossings.len() / 2;
        let cut = *self.crossings.get_mut(..).filter(|c| !c.is_empty())?.select_nth_unstable(middle).1;
        Some(cut.clamp(top + 1, bottom - 1))
    }
}

/// Pieces in a cluster up to which every crossing is told apart, and pieces beside each other up to which every slab is.
const FEW: usize = 64;
