//! From chains to the runs of covered pixels of one row after the other.

use std::ops::Range;

use super::FillRule;
use super::chains::Chains;
use super::descent::{Descent, lies_left};
use super::grid::{BITS, pixel};
use super::row::{Row, Runs};
use super::slabs::Slabs;
use super::window::Window;

/// A chain in the present row.
#[derive(Clone, Copy, Debug)]
struct Active {
    /// How far left and right it gets.
    left: i64,
    right: i64,
    /// What it adds to the winding number at the row's top.
    winds: i32,
    /// The numbers of its way there, and of the one past its last.
    way: usize,
    end: usize,
    sign: i32,
}

impl Active {
    fn new(ways: Range<usize>, sign: i32) -> Self {
        Active { left: 0, right: 0, winds: 0, way: ways.start, end: ways.end, sign }
    }

    #[inline(always)]
    fn place(&mut self, descent: &Descent) {
        let way = descent.way(self.way);
        (self.left, self.right, self.winds) = (way.left, way.right, way.winds);
    }

    /// To the next row, if it reaches there.
    fn go_on(&mut self) -> bool {
        self.way += 1;
        self.way < self.end
    }
}

/// Working memory for the rows of a window.
pub(super) struct Sweep<'a> {
    chains: &'a Chains,
    rule: FillRule,
    window: Window,
    descent: Descent,
    active: Vec<Active>,
    slabs: Slabs,
    runs: Runs,
}

impl<'a> Sweep<'a> {
    pub fn new(chains: &'a Chains, rule: FillRule, window: Window) -> Self {
        Sweep {
            chains,
            rule,
            window,
            descent: Descent::new(chains),
            active: Vec::new(),
            slabs: Slabs::default(),
            runs: Runs::new(window),
        }
    }

    /// Calls `visit` for `count` rows from row `first` of the window. `among` are the numbers of the chains that
    /// reach into them, by their tops.
    #[inline(always)]
    pub fn rows(&mut self, first: usize, count: usize, among: &[u32], mut visit: impl FnMut(usize, Row<'_>)) {
        let y0 = i64::from(self.window.y0);
        let height = |row: usize| (y0 + row as i64) << BITS;
        let end = height(first + count);
        self.active.clear();
        self.descent.clear();
        let mut coming = among.iter().map(|i| *i as usize).peekable();
        for row in first..first + count {
            while let Some(i) = coming.next_if(|i| self.chains.chains[*i].top < height(row + 1)) {
                let ways = self.descent.add(self.chains, i, height(row), end);
                self.active.push(Active::new(ways, self.chains.chains[i].sign));
            }
            for active in &mut self.active {
                active.place(&self.descent);
            }
            if !self.active.is_sorted_by_key(|a| a.left) {
                self.active.sort_unstable_by_key(|a| a.left);
            }
            self.find_runs(height(row));
            visit(row, self.runs.row());
            self.active.retain_mut(Active::go_on);
        }
    }

    /// Chains whose ways in the row overlap from left to right form a cluster; between clusters the winding number
    /// is the same all the way down the row. Chains beside each other from the cluster's top to its bottom, and so every
    /// chain on its own, are plain edges of the inside or of nothing.
    #[inline(always)]
    fn find_runs(&mut self, top: i64) {
        let (begin, end) = (i64::from(self.window.x0), i64::from(self.window.x1));
        self.runs.clear();
        let (mut winding, mut i) = (0, 0);
        while i < self.active.len() {
            let before = winding;
            let Active { left, mut right, winds, .. } = self.active[i];
            if pixel(left) >= end {
                break;
            }
            winding += winds;
            let mut j = i + 1;
            while let Some(next) = self.active.get(j).filter(|a| a.left <= right) {
                right = right.max(next.right);
                winding += next.winds;
                j += 1;
            }
            let cluster = &mut self.active[i..j];
            i = j;
            if pixel(right) < begin || (cluster.len() == 1 && self.rule.step(before, winding) == 0) {
                continue;
            }
            self.runs.open(pixel(left), pixel(right) + 1, self.rule.is_inside(before));
            let cells = &mut self.runs.cells;
            if cluster.len() == 1 || are_beside(cluster, &self.descent) {
                let mut winding = before;
                for a in cluster {
                    let step = self.rule.step(winding, winding + a.sign);
                    winding += a.sign;
                    if step != 0 {
                        for edge in self.descent.vertices(a.way).windows(2) {
                            cells.add(edge[0][0], edge[1][0], edge[1][1] - edge[0][1], step);
                        }
                    }
                }
            } else {
                self.slabs.clear();
                for a in cluster {
                    self.slabs.add(self.descent.vertices(a.way), top, a.sign);
                }
                self.slabs.fill(before, self.rule, cells);
            }
        }
        self.runs.finish(self.rule.is_inside(winding));
    }
}

/// Whether chains lie beside each other all the way through the same heights; sorts them from left to right.
fn are_beside(cluster: &mut [Active], descent: &Descent) -> bool {
    let ways = |a: &Active| descent.vertices(a.way);
    cluster.sort_unstable_by_key(|a| match ways(a) {
        [first, .., last] => first[0] + last[0],
        _ => 0,
    });
    cluster.windows(2).all(|pair| lies_left(ways(&pair[0]), ways(&pair[1])))
}
