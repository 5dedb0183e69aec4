//! Polygons cut where they turn between down and up.

use super::grid::on_grid;

/// A vertex on the grid.
pub(super) type Vertex = [i64; 2];

/// A part of a polygon that never runs up, between two places where the polygon turns. Two chains meet at every end of
/// a chain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    /// Its vertices from top to bottom, `first..=last`; the last may continue as a level edge from the one before.
    pub first: usize,
    pub last: usize,
    /// 1 if the polygon was drawn downwards here, -1 if upwards.
    pub sign: i32,
    /// Heights of its ends; `top` lies above `bottom`.
    pub top: i64,
    pub bottom: i64,
}

/// The chains of some polygons.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains {
    pub vertices: Vec<Vertex>,
    pub chains: Vec<Chain>,
}

impl Chains {
    /// Adds a closed polygon; vertices that are not finite are left out.
    pub fn add(&mut self, vertices: impl IntoIterator<Item = [f64; 2]>) {
        let mut polygon = Polygon::new(self);
        vertices.into_iter().for_each(|v| polygon.add(v));
        polygon.close();
    }

    /// The least and the greatest coordinates: left, top, right, bottom.
    pub fn bounds(&self) -> Option<[i64; 4]> {
        let bound =
            |[x0, y0, x1, y1]: [i64; 4], v: &Vertex| [x0.min(v[0]), y0.min(v[1]), x1.max(v[0]), y1.max(v[1])];
        let &[x, y] = self.vertices.first()?;
        Some(self.vertices.iter().fold([x, y, x, y], bound))
    }
}

/// A polygon while its vertices are added. Level edges belong to the chain before them.
pub(super) struct Polygon<'a> {
    chains: &'a mut Chains,
    /// The number of its first chain.
    chain: usize,
    start: Option<Vertex>,
    last: Vertex,
    /// Where the present chain begins, and 1 on the way down, -1 on the way up, 0 before either.
    first: usize,
    sign: i32,
}

impl<'a> Polygon<'a> {
    pub fn new(chains: &'a mut Chains) -> Self {
        let (first, chain) = (chains.vertices.len(), chains.chains.len());
        Polygon { chains, chain, start: None, last: [0; 2], first, sign: 0 }
    }

    /// Adds a vertex in px unless it is not finite.
    #[inline(always)]
    pub fn add(&mut self, [x, y]: [f64; 2]) {
        if x.is_finite() && y.is_finite() {
            self.push([on_grid(x), on_grid(y)]);
        }
    }

    #[inline(always)]
    fn push(&mut self, vertex: Vertex) {
        if self.start.is_none() {
            self.start = Some(vertex);
        } else if vertex == self.last {
            return;
        } else {
            let way = (vertex[1] - self.last[1]).signum() as i32;
            if way * self.sign < 0 {
                self.end_chain();
                self.chains.vertices.push(self.last);
            }
            self.sign = if way == 0 { self.sign } else { way };
        }
        self.last = vertex;
        self.chains.vertices.push(vertex);
    }

    /// Back to its first vertex. If it does not turn there, its last chain continues as its first did.
    pub fn close(mut self) {
        let Some(start) = self.start else { return };
        self.push(start);
        let vertices = &mut self.chains.vertices;
        if self.sign == 0 {
            vertices.truncate(self.first);
            return;
        }
        if let Some(begun) = self.chains.chains.get(self.chain).copied().filter(|c| c.sign == self.sign) {
            let further = vertices.len();
            vertices.extend_from_within(begun.first..=begun.last);
            if begun.sign < 0 {
                vertices[further..].reverse();
            }
            vertices.remove(further);
            self.chains.chains.swap_remove(self.chain);
        }
        self.end_chain();
    }

    fn end_chain(&mut self) {
        let vertices = &mut self.chains.vertices[self.first..];
        if self.sign < 0 {
            vertices.reverse();
        }
        let (top, bottom) = (vertices[0][1], vertices[vertices.len() - 1][1]);
        let last = self.chains.vertices.len() - 1;
        self.chains.chains.push(Chain { first: self.first, last, sign: self.sign, top, bottom });
        self.first = last + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(polygon: &[[f64; 2]]) -> Chains {
        let mut chains = Chains::default();
        chains.add(polygon.iter().copied());
        chains
    }

    #[test]
    fn a_square_is_two_chains() {
        let c = of(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]);
        assert_eq!(c.chains.iter().map(|c| c.sign).sum::<i32>(), 0);
        assert_eq!(c.chains.len(), 2);
    }

    #[test]
    fn what_has_no_area_may_have_no_chain() {
        assert!(of(&[]).chains.is_empty());
        assert!(of(&[[1.0, 1.0]]).chains.is_empty());
        assert!(of(&[[1.0, 1.0], [4.0, 1.0], [2.0, 1.0]]).chains.is_empty());
        assert!(of(&[[f64::NAN, 1.0], [4.0, f64::INFINITY]]).chains.is_empty());
        assert_eq!(of(&[[1.0, 1.0], [4.0, 5.0]]).chains.len(), 2);
    }

    proptest! {
        #[test]
        fn chains_run_down_and_meet_in_pairs(
            p in prop::collection::vec((-3i32..3, -3i32..3).prop_map(|(x, y)| [f64::from(x), f64::from(y)]), 0..20)
        ) {
            let c = of(&p);
            let mut ends = std::collections::HashMap::new();
            for chain in &c.chains {
                let v = &c.vertices[chain.first..=chain.last];
                prop_assert!(v.windows(2).all(|w| w[0][1] <= w[1][1]));
                prop_assert!(chain.top < chain.bottom);
                for end in [v[0], v[v.len() - 1]] {
                    *ends.entry(end).or_insert(0) += 1;
                }
            }
            prop_assert!(ends.values().all(|n| n % 2 == 0));
        }
    }
}
