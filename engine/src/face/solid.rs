//! The head as a solid, solved from the keyed pictures alone: where each place of the face is in space, how the head
//! is turned in each picture, and what is left of each picture beyond that, its expression.
//!
//! It is a bundle adjustment (Triggs, McLauchlan, Hartley and Fitzgibbon 2000) over few views with priors in place of the views
//! that are missing: a head is about an ellipsoid, about symmetric where names say what is left and right, and is seen
//! with a little perspective. What moves between expressions counts less the more it moves.

use nalgebra::{DMatrix, DVector, Matrix3, Point2, Rotation3, Vector2, Vector3};

use super::camera::{FREEDOM, Pose, turned};
use super::layout::{Layout, Places};

/// Root mean square distance of the places from their middle, in the head's units.
pub(super) const RADIUS: f64 = 100.0;
/// How far a place may lie from the ellipsoid it starts on, head's units.
const SHAPE_SD: [f64; 3] = [16.0, 16.0, 18.0];
/// How far from symmetric a head is, head's units.
const MIRROR_SD: f64 = 3.0;
/// What a keyed place may be off without meaning anything, head's units.
const KEY_SD: f64 = 1.0;
/// Where residuals start to count less, head's units.
const OUTLIER: f64 = 5.0;
const LOG_SCALE_SD: f64 = 0.1;
/// One over the distance of an ordinary camera, and how much that varies.
const PERSPECTIVE: [f64; 2] = [1.0 / 1200.0, 1.0 / 2400.0];
const ROUNDS: usize = 40;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Solid {
    /// Where each place is, without an expression.
    pub base: Vec<Vector3<f64>>,
    /// One for each picture.
    pub poses: Vec<Pose>,
    /// For each picture how each place is off `base`, where it was keyed.
    pub offsets: Vec<Vec<Option<Vector3<f64>>>>,
}

impl Solid {
    /// Of pictures in which the places of the core are known, at least some of them; `None` if cancelled.
    pub fn solve(layout: &Layout, views: &[Places], cancel: &dyn Fn() -> bool) -> Option<Solid> {
        let mirrors = layout.mirrors();
        let start = ellipsoid(layout.core, views, &mirrors);
        let mut poses: Vec<Pose> = views.iter().map(|v| first_pose(v, &start)).collect();
        let mut base = start.clone();
        let mut perspective = PERSPECTIVE[0];
        let log_scale = |v: &Places| (spread(v).1 / RADIUS).max(1e-3).ln();
        let log_scales: Vec<f64> = views.iter().map(log_scale).collect();
        let mut trust = vec![1.0; layout.core];
        for round in 0..ROUNDS {
            if cancel() {
                return None;
            }
            if round % 4 == 3 {
                trust = trusts(views, &poses, &base);
            }
            let moved = step(
                &Problem { views, start: &start, mirrors: &mirrors, trust: &trust, log_scales: &log_scales },
                &mut base,
                &mut poses,
                &mut perspective,
            );
            if moved < 1e-3 && round > 12 {
                break;
            }
        }
        let mut solid = Solid { base, poses, offsets: Vec::new() };
        solid.add_handles(layout, views);
        solid.offsets = views.iter().zip(&solid.poses).map(|(v, pose)| solid.offsets_of(v, pose)).collect();
        Some(solid)
    }

    /// What a picture shows beyond the solid.
    pub fn offsets_of(&self, view: &Places, pose: &Pose) -> Vec<Option<Vector3<f64>>> {
        let offset = |(place, base): (&Option<Point2<f64>>, &Vector3<f64>)| {
            place.map(|p| pose.lift(base, &(p - pose.project(base))))
        };
        view.iter().zip(&self.base).map(offset).collect()
    }

    /// A tangent's end lies about as deep as its point.
    fn add_handles(&mut self, layout: &Layout, views: &[Places]) {
        for knot in layout.landmarks.len()..layout.core {
            for handle in layout.handles(knot) {
                let at = self.base[knot];
                let mut normal = Matrix3::from_diagonal(&Vector3::new(1e-4, 1e-4, 2e-2));
                let mut right = Vector3::zeros();
                for (view, pose) in views.iter().zip(&self.poses) {
                    let (Some(k), Some(h)) = (view[knot], view[handle]) else { continue };
                    let j = pose.by_place(&at) / pose.log_scale.exp();
                    normal += j.transpose() * j;
                    right += j.transpose() * (h - k) / pose.log_scale.exp();
                }
                let from_knot = normal.try_inverse().map_or_else(Vector3::zeros, |n| n * right);
                self.base.push(at + from_knot);
            }
        }
    }
}

struct Problem<'a> {
    views: &'a [Places],
    start: &'a [Vector3<f64>],
    mirrors: &'a [Option<usize>],
    trust: &'a [f64],
    /// Logarithm of the pixels of one unit of the head, by how far the places of each picture are spread.
    log_scales: &'a [f64],
}

/// One Gauss-Newton step over everything; how far the places moved, head's units.
fn step(problem: &Problem<'_>, base: &mut [Vector3<f64>], poses: &mut [Pose], perspective: &mut f64) -> f64 {
    let core = base.len();
    let size = 3 * core + FREEDOM * poses.len() + 1;
    let mut normal = DMatrix::<f64>::zeros(size, size);
    let mut right = DVector::<f64>::zeros(size);
    for (k, (view, pose)) in problem.views.iter().zip(poses.iter()).enumerate() {
        let unit = pose.log_scale.exp();
        let at_pose = 3 * core + FREEDOM * k;
        for i in 0..core {
            let Some(seen) = view[i] else { continue };
            let residual = (seen - pose.project(&base[i])) / unit;
            let weight =
                problem.trust[i] / (KEY_SD * KEY_SD) / (1.0 + residual.norm_squared() / (OUTLIER * OUTLIER));
            let by_place = pose.by_place(&base[i]) / unit;
            let by_pose = pose.by_pose(&base[i]) / unit;
            let by_perspective = pose.by_perspective(&base[i]) / unit;
            let blocks: [(usize, DMatrix<f64>); 3] = [
                (3 * i, DMatrix::from_column_slice(2, 3, by_place.as_slice())),
                (at_pose, DMatrix::from_column_slice(2, FREEDOM, by_pose.as_slice())),
                (size - 1, DMatrix::from_column_slice(2, 1, by_perspective.as_slice())),
            ];
            for (row, a) in &blocks {
                let weighed = a.transpose() * weight;
                let mut r = right.rows_mut(*row, a.ncols());
                r += &weighed * residual;
                for (column, b) in &blocks {
                    let mut block = normal.view_mut((*row, *column), (a.ncols(), b.ncols()));
                    block += &weighed * b;
                }
            }
        }
        let scale = 1.0 / (LOG_SCALE_SD * LOG_SCALE_SD);
        normal[(at_pose + 3, at_pose + 3)] += scale;
        right[at_pose + 3] += scale * (problem.log_scales[k] - pose.log_scale);
        // A turn that nothing tells stays as it is.
        for axis in 0..3 {
            normal[(at_pose + axis, at_pose + axis)] += 4.0;
        }
        for axis in 4..6 {
            normal[(at_pose + axis, at_pose + axis)] += 1e-6;
        }
    }
    for i in 0..core {
        for axis in 0..3 {
            let weight = 1.0 / (SHAPE_SD[axis] * SHAPE_SD[axis]);
            normal[(3 * i + axis, 3 * i + axis)] += weight;
            right[3 * i + axis] += weight * (problem.start[i][axis] - base[i][axis]);
        }
        let Some(j) = problem.mirrors[i].filter(|&j| j > i) else { continue };
        for (axis, sign) in [(0, 1.0), (1, -1.0), (2, -1.0)] {
            let weight = 1.0 / (MIRROR_SD * MIRROR_SD);
            let residual = -(base[i][axis] + sign * base[j][axis]);
            let (a, b) = (3 * i + axis, 3 * j + axis);
            normal[(a, a)] += weight;
            normal[(b, b)] += weight;
            normal[(a, b)] += sign * weight;
            normal[(b, a)] += sign * weight;
            right[a] += weight * residual;
            right[b] += sign * weight * residual;
        }
    }
    let weight = 1.0 / (PERSPECTIVE[1] * PERSPECTIVE[1]);
    normal[(size - 1, size - 1)] += weight;
    right[size - 1] += weight * (PERSPECTIVE[0] - *perspective);
    let Some(change) = normal.cholesky().map(|c| c.solve(&right)) else { return 0.0 };
    let mut moved = 0.0f64;
    for (i, place) in base.iter_mut().enumerate() {
        let by = Vector3::new(change[3 * i], change[3 * i + 1], change[3 * i + 2]);
        *place += by;
        moved = moved.max(by.norm());
    }
    *perspective = (*perspective + change[size - 1]).clamp(0.0, 4.0 * PERSPECTIVE[0]);
    for (k, pose) in poses.iter_mut().enumerate() {
        let first = 3 * core + FREEDOM * k;
        *pose = Pose { perspective: *perspective, ..pose.moved(&change.as_slice()[first..first + FREEDOM]) };
    }
    moved
}

/// Middle of the places, and their root mean square distance from it, px.
pub(super) fn spread(view: &[Option<Point2<f64>>]) -> (Vector2<f64>, f64) {
    let places = || view.iter().flatten().map(|p| p.coords);
    let count = places().count().max(1) as f64;
    let middle = places().sum::<Vector2<f64>>() / count;
    let radius = (places().map(|p| (p - middle).norm_squared()).sum::<f64>() / count).sqrt();
    (middle, radius.max(1e-3))
}

/// How much each place says about the pose: little if it is far off in most pictures.
fn trusts(views: &[Places], poses: &[Pose], base: &[Vector3<f64>]) -> Vec<f64> {
    let trust = |i: usize| {
        let mut sum = 0.0;
        let mut count = 0.5;
        for (view, pose) in views.iter().zip(poses) {
            let Some(seen) = view[i] else { continue };
            sum += ((seen - pose.project(&base[i])) / pose.log_scale.exp()).norm_squared();
            count += 1.0;
        }
        1.0 / (1.0 + sum / count / (2.0 * KEY_SD * KEY_SD))
    };
    (0..base.len()).map(trust).collect()
}

/// The places of an average picture, on the front of an ellipsoid.
fn ellipsoid(core: usize, views: &[Places], mirrors: &[Option<usize>]) -> Vec<Vector3<f64>> {
    let mut sums = vec![(Vector2::zeros(), 0.0f64); core];
    for view in views {
        let view = &view[..core];
        let (middle, radius) = spread(view);
        for (sum, place) in sums.iter_mut().zip(view) {
            let Some(p) = place else { continue };
            sum.0 += (p.coords - middle) * (RADIUS / radius);
            sum.1 += 1.0;
        }
    }
    let mut flat: Vec<Vector2<f64>> = sums.iter().map(|(sum, n)| sum / n.max(1.0)).collect();
    let plain = flat.clone();
    for (i, place) in flat.iter_mut().enumerate() {
        match mirrors[i] {
            Some(j) if sums[i].1 > 0.0 && sums[j].1 > 0.0 => {
                *place = 0.5 * (plain[i] + Vector2::new(-plain[j].x, plain[j].y));
            }
            _ => {}
        }
    }
    let reach = |axis: usize| {
        let mut along: Vec<f64> = flat.iter().map(|p| p[axis].abs()).collect();
        along.sort_by(f64::total_cmp);
        along.get(along.len() * 9 / 10).copied().unwrap_or(RADIUS).max(1.0)
    };
    let (across, down) = (1.25 * reach(0), 1.25 * reach(1));
    let deep = |p: &Vector2<f64>| {
        let inside = 1.0 - (p.x / across).powi(2) - (p.y / down).powi(2);
        0.8 * across * inside.max(0.0).sqrt()
    };
    flat.iter().map(|p| Vector3::new(p.x, p.y, deep(p))).collect()
}

/// The pose, out of a fan of turns, in which the places are seen best where they are.
fn first_pose(view: &Places, base: &[Vector3<f64>]) -> Pose {
    let seen: Vec<(Point2<f64>, Vector3<f64>)> =
        view.iter().zip(base).filter_map(|(p, b)| p.map(|p| (p, *b))).collect();
    let mut best: Option<(f64, Pose)> = None;
    for yaw in [-0.7, -0.45, -0.2, 0.0, 0.2, 0.45, 0.7] {
        for pitch in [-0.25, 0.0, 0.25] {
            let (error, pose) = shifted(&seen, turned(yaw, pitch));
            if best.as_ref().is_none_or(|(e, _)| error < *e) {
                best = Some((error, pose));
            }
        }
    }
    best.map_or_else(|| shifted(&seen, Rotation3::identity()).1, |(_, pose)| pose)
}

/// Scale and shift that suit a turn best, and what is left, px squared.
fn shifted(seen: &[(Point2<f64>, Vector3<f64>)], turn: Rotation3<f64>) -> (f64, Pose) {
    let count = seen.len().max(1) as f64;
    let flat: Vec<Vector2<f64>> = seen.iter().map(|(_, b)| (turn * b).xy()).collect();
    let middle_seen = seen.iter().map(|(p, _)| p.coords).sum::<Vector2<f64>>() / count;
    let middle_flat = flat.iter().sum::<Vector2<f64>>() / count;
    let (mut across, mut own) = (0.0, 1e-9);
    for ((p, _), f) in seen.iter().zip(&flat) {
        across += (p.coords - middle_seen).dot(&(f - middle_flat));
        own += (f - middle_flat).norm_squared();
    }
    let scale = (across / own).max(1e-3);
    let shift = middle_seen - scale * middle_flat;
    let error = seen.iter().zip(&flat).map(|((p, _), f)| (p.coords - shift - scale * f).norm_squared()).sum();
    (error, Pose { turn, log_scale: scale.ln(), shift, perspective: PERSPECTIVE[0] })
}
