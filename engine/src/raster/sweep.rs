//! From chains to the runs of covered pixels of one row after the other.

use super::FillRule;
use super::chains::{Chain, Chains, Vertex};
use super::grid::{BITS, ONE, nearest, pixel};
use super::row::{Row, Runs};
use super::slabs::{Piece, Slabs};
use super::window::Window;

/// A chain on its way down.
#[derive(Clone, Copy, Debug)]
struct Active {
    /// The vertex where the present edge begins, and the chain's last.
    vertex: usize,
    last: usize,
    /// The height of its end.
    bottom: i64,
    sign: i32,
    /// Where the chain has got to.
    x: i64,
    y: i64,
    /// Of the present edge: how far it goes right for each step down.
    slope: f64,
    /// How far left and right it gets in the row.
    left: i64,
    right: i64,
    /// Its pieces in the row.
    pieces: [usize; 2],
    /// What it adds to the winding number at the row's top: `sign`, or 0 if it begins further down.
    winds: i32,
}

impl Active {
    /// A chain at height `y`, or at its top if that is lower.
    fn new(chain: &Chain, vertices: &[Vertex], y: i64) -> Self {
        let y = y.max(chain.top);
        let below = vertices[chain.first..=chain.last].partition_point(|v| v[1] <= y);
        let vertex = if y > chain.top { chain.first + below - 1 } else { chain.first };
        let [x, top] = vertices[vertex];
        let mut active = Active {
            vertex,
            last: chain.last,
            bottom: chain.bottom,
            sign: chain.sign,
            x,
            y: top,
            slope: slope(&vertices[vertex..]),
            left: 0,
            right: 0,
            pieces: [0; 2],
            winds: 0,
        };
        active.x = active.x_at(vertices, y);
        active.y = y;
        active
    }

    /// Where the present edge is at height `y`. The way from its upper end is rounded by itself, so that an edge
    /// looks the same wherever it stands.
    #[inline(always)]
    fn x_at(&self, vertices: &[Vertex], y: i64) -> i64 {
        let [x, top] = vertices[self.vertex];
        x + nearest((y - top) as f64 * self.slope)
    }

    /// Goes on to the bottom of the row that begins at `top`, and leaves the way there in `pieces`.
    #[inline(always)]
    fn descend(&mut self, vertices: &[Vertex], top: i64, pieces: &mut Vec<Piece>) {
        let bottom = top + ONE;
        let first = pieces.len();
        (self.left, self.right) = (self.x, self.x);
        self.winds = if self.y == top { self.sign } else { 0 };
        while self.vertex < self.last && self.y < bottom {
            let [x, y] = vertices[self.vertex + 1];
            let passes = y > bottom;
            let (x, y) = if passes { (self.x_at(vertices, bottom), bottom) } else { (x, y) };
            if y > self.y {
                pieces.push(Piece { x: self.x, end: x, top: self.y - top, bottom: y - top, sign: self.sign });
            }
            self.left = self.left.min(x);
            self.right = self.right.max(x);
            (self.x, self.y) = (x, y);
            if !passes {
                self.vertex += 1;
                self.slope = slope(&vertices[self.vertex..=self.last]);
            }
        }
        self.pieces = [first, pieces.len()];
    }
}

/// Of the edge between the first two vertices; 0 where it is level or there is none.
#[inline(always)]
fn slope(vertices: &[Vertex]) -> f64 {
    match vertices {
        [a, b, ..] if b[1] > a[1] => (b[0] - a[0]) as f64 / (b[1] - a[1]) as f64,
        _ => 0.0,
    }
}

/// Working memory for the rows of a window.
pub(super) struct Sweep<'a> {
    chains: &'a Chains,
    rule: FillRule,
    window: Window,
    active: Vec<Active>,
    pieces: Vec<Piece>,
    slabs: Slabs,
    runs: Runs,
}

impl<'a> Sweep<'a> {
    pub fn new(chains: &'a Chains, rule: FillRule, window: Window) -> Self {
        Sweep {
            chains,
            rule,
            window,
            active: Vec::new(),
            pieces: Vec::new(),
            slabs: Slabs::default(),
            runs: Runs::new(window),
        }
    }

    /// Calls `visit` for `count` rows from row `first` of the window. `among` are the numbers of the chains that
    /// reach into them, by their tops.
    #[inline(always)]
    pub fn rows(&mut self, first: usize, count: usize, among: &[u32], mut visit: impl FnMut(usize, Row<'_>)) {
        let vertices = &self.chains.vertices;
        let y0 = i64::from(self.window.y0);
        self.active.clear();
        let mut coming = among.iter().map(|i| &self.chains.chains[*i as usize]).peekable();
        for row in first..first + count {
            let top = (y0 + row as i64) << BITS;
            while let Some(chain) = coming.next_if(|c| c.top < top + ONE) {
                self.active.push(Active::new(chain, vertices, top));
            }
            self.pieces.clear();
            for active in &mut self.active {
                active.descend(vertices, top, &mut self.pieces);
            }
            if !self.active.is_sorted_by_key(|a| a.left) {
                self.active.sort_unstable_by_key(|a| a.left);
            }
            self.find_runs();
            self.active.retain(|a| a.bottom > top + ONE);
            visit(row, self.runs.row());
        }
    }

    /// Chains whose ways in the row overlap from left to right form a cluster; between clusters the winding number
    /// is the same all the way down the row. A chain on its own is a plain edge of the inside or of nothing.
    #[inline(always)]
    fn find_runs(&mut self) {
        let (begin, end) = (i64::from(self.window.x0), i64::from(self.window.x1));
        self.runs.clear();
        let (mut winding, mut i) = (0, 0);
        while i < self.active.len() {
            let (left, mut right) = (self.active[i].left, self.active[i].right);
            let mut j = i + 1;
            while j < self.active.len() && self.active[j].left <= right {
                right = right.max(self.active[j].right);
                j += 1;
            }
            if pixel(left) >= end {
                break;
            }
            let cluster = &self.active[i..j];
            i = j;
            let before = winding;
            winding += cluster.iter().map(|a| a.winds).sum::<i32>();
            let step = self.rule.step(before, winding);
            if pixel(right) < begin || (cluster.len() == 1 && step == 0) {
                continue;
            }
            self.runs.open(pixel(left), pixel(right) + 1, self.rule.is_inside(before));
            if let [alone] = cluster {
                for p in &self.pieces[alone.pieces[0]..alone.pieces[1]] {
                    self.runs.cells.add(p.x, p.end, p.bottom - p.top, step);
                }
            } else {
                self.slabs.clear();
                for a in cluster {
                    self.slabs.extend(&self.pieces[a.pieces[0]..a.pieces[1]]);
                }
                self.slabs.fill(before, self.rule, &mut self.runs.cells);
            }
        }
        self.runs.finish(self.rule.is_inside(winding));
    }
}
