//! Chains on their way down the rows of a band.

use std::cmp::Ordering;
use std::ops::Range;

use super::chains::{Chains, Vertex};
use super::grid::{ONE, nearest};
use super::slabs::SLACK;

/// A chain's way through one row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// How far left and right it gets.
    pub left: i64,
    pub right: i64,
    /// What it adds to the winding number at the row's top: the chain's sign, or 0 if it begins further down.
    pub winds: i32,
    /// Its first vertex, and one past its last.
    first: u32,
    end: u32,
}

impl Way {
    #[inline(always)]
    fn reach(&mut self, x: i64) {
        (self.left, self.right) = (self.left.min(x), self.right.max(x));
    }
}

/// The ways of some chains, one chain after the other and each from row to row.
#[derive(Debug, Default)]
pub(super) struct Descent {
    ways: Vec<Way>,
    vertices: Vec<Vertex>,
    /// For each chain the number of its last vertex that was passed; the next band most often goes on there.
    passed: Vec<usize>,
}

impl Descent {
    pub fn new(chains: &Chains) -> Self {
        Descent { passed: vec![0; chains.chains.len()], ..Self::default() }
    }

    pub fn clear(&mut self) {
        self.ways.clear();
        self.vertices.clear();
    }

    #[inline(always)]
    pub fn way(&self, number: usize) -> &Way {
        &self.ways[number]
    }

    /// What a way runs through, from top to bottom.
    #[inline(always)]
    pub fn vertices(&self, way: usize) -> &[Vertex] {
        let way = &self.ways[way];
        &self.vertices[way.first as usize..way.end as usize]
    }

    /// Adds the ways of the chain of a number through the rows between two heights, into which it reaches, and returns their
    /// numbers. Level edges between two rows are left out.
    #[inline(always)]
    pub fn add(&mut self, chains: &Chains, number: usize, from: i64, to: i64) -> Range<usize> {
        let first = self.ways.len();
        let chain = &chains.chains[number];
        let vertices = &chains.vertices[chain.first..=chain.last];
        let (mut y, to) = (from.max(chain.top), to.min(chain.bottom));
        let (mut last, mut x) = (0, vertices[0][0]);
        if y > chain.top {
            last = self.passed[number];
            if vertices[last][1] > y || vertices[last + 1][1] <= y {
                last = vertices.partition_point(|v| v[1] <= y) - 1;
            }
            x = x_at(vertices[last], vertices[last + 1], y);
        }
        self.vertices.push([x, y]);
        let mut winds = if y & (ONE - 1) == 0 { chain.sign } else { 0 };
        while y < to {
            y = (y | (ONE - 1)) + 1;
            let mut way = Way { left: x, right: x, winds, first: self.vertices.len() as u32 - 1, end: 0 };
            while let Some(&v) = vertices.get(last + 1).filter(|v| v[1] < y) {
                way.reach(v[0]);
                self.vertices.push(v);
                last += 1;
            }
            if let Some(&next) = vertices.get(last + 1) {
                x = x_at(vertices[last], next, y);
                way.reach(x);
                self.vertices.push([x, y]);
            }
            way.end = self.vertices.len() as u32;
            self.ways.push(way);
            winds = chain.sign;
            while let Some(v) = vertices.get(last + 1).filter(|v| v[1] == y) {
                last += 1;
                if v[0] != x {
                    x = v[0];
                    self.vertices.push(*v);
                }
            }
        }
        self.passed[number] = last.min(vertices.len() - 2);
        first..self.ways.len()
    }
}

/// Whether a way lies left of another, or touches it, all the way through the same heights.
pub(super) fn lies_left(left: &[Vertex], right: &[Vertex]) -> bool {
    let ([[x0, y0], .., [_, y1]], [[x2, y2], .., [_, y3]]) = (left, right) else { return false };
    let mut stays = [y0, y1] == [y2, y3] && *x0 <= x2 + SLACK;
    let (mut l, mut r) = (1, 1);
    while stays && l < left.len() && r < right.len() {
        let [a, b, c, d] = [left[l - 1], left[l], right[r - 1], right[r]];
        stays = match b[1].cmp(&d[1]) {
            Ordering::Less => b[0] <= x_at(c, d, b[1]) + SLACK,
            Ordering::Greater => x_at(a, b, d[1]) <= d[0] + SLACK,
            Ordering::Equal => b[0] <= d[0] + SLACK,
        };
        let past = b[1].min(d[1]);
        l += usize::from(b[1] == past);
        r += usize::from(d[1] == past);
    }
    stays
}

/// Where the edge between two vertices is at height `y`. The way from its upper end is rounded by itself, so that an edge
/// looks the same wherever it stands.
#[inline(always)]
fn x_at([x, top]: Vertex, [end, bottom]: Vertex, y: i64) -> i64 {
    let slope = (end - x) as f64 / (bottom - top) as f64;
    x + nearest((y - top) as f64 * slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ways_do_not_depend_on_where_they_begin(
            polygon in prop::collection::vec((0.0..6.0f64, 0..24i32, 0.0..1.0f64), 3..12), from in 0i64..6
        ) {
            let mut chains = Chains::default();
            // Most vertices lie between two rows, and many edges are level.
            chains.add(polygon.iter().map(|&(x, y, off)| [x, f64::from(y / 4) + if y % 4 == 0 { off } else { 0.0 }]));
            let (mut whole, mut part) = (Descent::new(&chains), Descent::new(&chains));
            for (number, chain) in chains.chains.iter().enumerate().filter(|(_, c)| c.bottom > from * ONE) {
                let all = whole.add(&chains, number, 0, 6 * ONE);
                let some = part.add(&chains, number, from * ONE, 6 * ONE);
                prop_assert!(all.len() as i64 >= (chain.bottom - chain.top) / ONE);
                for (a, b) in all.rev().zip(some.rev()) {
                    prop_assert_eq!(whole.vertices(a), part.vertices(b));
                    let key = |way: &Way| [way.left, way.right, i64::from(way.winds)];
                    prop_assert_eq!(key(whole.way(a)), key(part.way(b)));
                }
            }
        }
    }

    #[test]
    fn ways_that_touch_lie_beside_each_other() {
        let [left, right] = [[[0, 0], [8, 6], [4, 9]], [[0, 0], [8, 6], [7, 9]]];
        assert!(lies_left(&left, &right));
        assert!(!lies_left(&[[20, 0], [8, 6], [4, 9]], &right), "it begins on the right");
        assert!(!lies_left(&[[0, 0], [20, 3], [4, 9]], &right), "it crosses twice");
        assert!(!lies_left(&left[1..], &right), "it begins further down");
    }
}
