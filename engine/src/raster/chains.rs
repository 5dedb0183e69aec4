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
    /// The polygon that is being added.
    polygon: Vec<Vertex>,
}

impl Chains {
    /// Adds a closed polygon; vertices that are not finite are left out.
    pub fn add(&mut self, vertices: impl IntoIterator<Item = [f64; 2]>) {
        self.add_with(|add| vertices.into_iter().for_each(add));
    }

    /// Adds the closed polygon of the vertices that `give` passes on.
    pub fn add_with(&mut self, give: impl FnOnce(&mut dyn FnMut([f64; 2]))) {
        let mut polygon = std::mem::take(&mut self.polygon);
        polygon.clear();
        give(&mut |[x, y]| {
            let v = [on_grid(x), on_grid(y)];
            if x.is_finite() && y.is_finite() && polygon.last() != Some(&v) {
                polygon.push(v);
            }
        });
        self.cut(&polygon);
        self.polygon = polygon;
    }

    /// The least and the greatest coordinates: left, top, right, bottom.
    pub fn bounds(&self) -> Option<[i64; 4]> {
        let bound =
            |[x0, y0, x1, y1]: [i64; 4], v: &Vertex| [x0.min(v[0]), y0.min(v[1]), x1.max(v[0]), y1.max(v[1])];
        let &[x, y] = self.vertices.first()?;
        Some(self.vertices.iter().fold([x, y, x, y], bound))
    }

    /// Cuts the polygon into chains. Level edges belong to the chain before them.
    fn cut(&mut self, polygon: &[Vertex]) {
        let n = polygon.len();
        let next = |i: usize| if i + 1 == n { 0 } else { i + 1 };
        // Down 1, level 0, up -1.
        let way = |i: usize| (polygon[next(i)][1] - polygon[i][1]).signum() as i32;
        let Some(mut last_way) = (0..n).rev().map(way).find(|w| *w != 0) else { return };
        // Every polygon that is not level has a place where it turns.
        let Some(start) = (0..n).find(|&i| {
            let way = way(i);
            let turns = way != 0 && way != last_way;
            last_way = if way == 0 { last_way } else { way };
            turns
        }) else {
            return;
        };
        let (mut i, mut sign) = (start, way(start));
        let mut first = self.vertices.len();
        self.vertices.push(polygon[i]);
        for _ in 0..n {
            let way = way(i);
            if way == -sign {
                self.close(first, sign);
                (first, sign) = (self.vertices.len(), way);
                self.vertices.push(polygon[i]);
            }
            i = next(i);
            self.vertices.push(polygon[i]);
        }
        self.close(first, sign);
    }

    fn close(&mut self, first: usize, sign: i32) {
        let vertices = &mut self.vertices[first..];
        if sign < 0 {
            vertices.reverse();
        }
        let (top, bottom) = (vertices[0][1], vertices[vertices.len() - 1][1]);
        self.chains.push(Chain { first, last: self.vertices.len() - 1, sign, top, bottom });
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
