//! Outlines taken to where the picture shows them, beyond what the face as a whole can do.
//!
//! Each outline is a snake (Kass, Witkin and Terzopoulos 1988) in one linear solve: its control points move as little and as alike
//! as what was found along it lets them.

use nalgebra::{DMatrix, DVector, Point2, Vector2};

use super::layout::Layout;
use super::ribbon::shares;
use super::rim::Found;

/// How far off an outline is expected to be, as a share of how far it may be.
pub(super) const AWAY: f64 = 0.25;
/// How far off a place that was found is here, as a share of that: an outline by itself is not held by the rest of the face.
const SD: f64 = 0.5;
/// How far a place moves that stays, px.
const HELD_PX: f64 = 0.01;
/// How differently neighbouring control points move, px, and for each px between them.
const APART: (f64, f64) = (0.2, 0.15);

/// How far every place of the face moves when its outlines go to what was found `along` them; they may be `reach` px off. Places that
/// are `pinned` stay.
pub(super) fn moves(
    layout: &Layout,
    now: &[Point2<f64>],
    along: &[Vec<Found>],
    reach: f64,
    pinned: &[usize],
) -> Vec<Vector2<f64>> {
    let mut moves = vec![Vector2::zeros(); now.len()];
    for ((outline, knots), along) in layout.knots().zip(along).filter(|(_, along)| !along.is_empty()) {
        // Control points in the order in which they are drawn.
        let order: Vec<usize> = knots
            .clone()
            .flat_map(|i| {
                let [before, after] = layout.handles(i);
                [before, i, after]
            })
            .collect();
        let mut system = System::new(order.len(), AWAY * reach);
        for k in 0..order.len() {
            let next = (k + 1) % order.len();
            if next != 0 || outline.shape.closed {
                system.hold_together(k, next, APART.0 + APART.1 * (now[order[next]] - now[order[k]]).norm());
            }
        }
        for k in (0..order.len()).filter(|&k| pinned.contains(&order[k])) {
            system.hold(k);
        }
        for found in along {
            let [a, b] = found.knots.map(|i| 3 * (i - knots.start) + 1);
            system.pull(
                [a, a + 1, b - 1, b].into_iter().zip(shares(found.t)),
                found.normal,
                found.offset,
                SD * found.sd,
            );
        }
        for (place, by) in order.iter().zip(system.solved().unwrap_or_default()) {
            moves[*place] = by;
        }
    }
    moves
}

/// Least squares over the moves of control points.
struct System {
    normal: DMatrix<f64>,
    right: DVector<f64>,
}

impl System {
    /// Of points that move `sd` px by themselves.
    fn new(count: usize, sd: f64) -> System {
        let normal = DMatrix::identity(2 * count, 2 * count) / (sd * sd).max(1e-6);
        System { normal, right: DVector::zeros(2 * count) }
    }

    /// A point stays.
    fn hold(&mut self, k: usize) {
        for i in [2 * k, 2 * k + 1] {
            self.normal[(i, i)] += HELD_PX.powi(-2);
        }
    }

    fn hold_together(&mut self, a: usize, b: usize, sd: f64) {
        for (i, j) in [(2 * a, 2 * b), (2 * a + 1, 2 * b + 1)] {
            let weight = 1.0 / (sd * sd);
            self.normal[(i, i)] += weight;
            self.normal[(j, j)] += weight;
            self.normal[(i, j)] -= weight;
            self.normal[(j, i)] -= weight;
        }
    }

    /// Together, each by its share, the points are `offset` px off along a direction.
    fn pull(
        &mut self,
        points: impl Iterator<Item = (usize, f64)>,
        along: Vector2<f64>,
        offset: f64,
        sd: f64,
    ) {
        let weight = 1.0 / (sd * sd);
        let row: Vec<(usize, f64)> =
            points.flat_map(|(k, share)| [(2 * k, share * along.x), (2 * k + 1, share * along.y)]).collect();
        for &(i, u) in &row {
            self.right[i] += weight * u * offset;
            for &(j, v) in &row {
                self.normal[(i, j)] += weight * u * v;
            }
        }
    }

    fn solved(self) -> Option<Vec<Vector2<f64>>> {
        let moves = self.normal.cholesky()?.solve(&self.right);
        Some(moves.as_slice().chunks_exact(2).map(|m| Vector2::new(m[0], m[1])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::face::layout::Outline;
    use shapes::Shape;

    /// A square of 60 px whose tangents lie on its sides.
    fn square() -> (Layout, Vec<Point2<f64>>) {
        let outline =
            Outline { shape: Shape::new("square", true, Vec::new()), knots: 4, first: 0, mirror: None };
        let layout = Layout { landmarks: Vec::new(), outlines: vec![outline], core: 4 };
        let corners = [[0.0, 0.0], [60.0, 0.0], [60.0, 60.0], [0.0, 60.0]].map(|[x, y]| Point2::new(x, y));
        let mut places = corners.to_vec();
        for k in 0..4 {
            let toward = |other: usize| corners[k] + (corners[other % 4] - corners[k]) / 3.0;
            places.extend([toward(k + 3), toward(k + 1)]);
        }
        (layout, places)
    }

    fn side(k: usize, offset: f64, sd: f64) -> impl Iterator<Item = Found> {
        let normal = [[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]][k];
        (0..8).map(move |i| Found {
            knots: [k, (k + 1) % 4],
            t: (i as f64 + 0.5) / 8.0,
            normal: normal.into(),
            offset,
            at: Point2::origin(),
            sd,
            sure: false,
        })
    }

    #[test]
    fn a_side_goes_to_where_it_was_found_and_the_others_stay() {
        let (layout, now) = square();
        let along: Vec<Found> = side(0, 4.0, 3.0).chain(side(2, 0.0, 3.0)).collect();
        let moved = moves(&layout, &now, &[along], 12.0, &[]);
        let middle = 0.125 * (moved[0] + moved[1]) + 0.375 * (moved[5] + moved[6]);
        assert!((middle - Vector2::new(0.0, -4.0)).norm() < 0.6, "{middle:?}");
        let opposite = 0.125 * (moved[2] + moved[3]) + 0.375 * (moved[9] + moved[10]);
        assert!(opposite.norm() < 0.4, "{opposite:?}");
    }

    #[test]
    fn what_an_artist_set_stays_and_the_rest_of_its_side_goes() {
        let (layout, now) = square();
        let moved = moves(&layout, &now, &[side(0, 4.0, 3.0).collect()], 12.0, &[0]);
        assert!(moved[0].norm() < 0.05 && moved[1].y < -2.0, "{moved:?}");
    }

    #[test]
    fn what_was_found_nowhere_stays() {
        let (layout, now) = square();
        assert!(moves(&layout, &now, &[Vec::new()], 12.0, &[]).iter().all(|m| *m == Vector2::zeros()));
    }

    #[test]
    fn no_outline_goes_further_than_it_may_for_little() {
        let (layout, now) = square();
        let moved = moves(&layout, &now, &[side(1, 8.0, 7.0).take(1).collect()], 4.0, &[]);
        assert!(moved.iter().all(|m| m.norm() < 2.0), "{moved:?}");
    }
}
