//! Small pieces of keyed pictures found again in a frame around where they are expected, warped as their neighbours are.

use nalgebra::{Matrix2, Matrix3, Matrix3x2, Point2, SymmetricEigen, Vector2, Vector3};
use rayon::prelude::*;

use super::camera::Pose;
use super::correlation::{Peak, Piece, Window};
use super::fit::Model;
use super::layout::Places;
use super::look::Look;

/// A picture in which places are known (all, or those of the core), px of its look.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub look: std::sync::Arc<Look>,
    pub places: Places,
    pub pose: Pose,
    /// 1 for an artist's key, less for what was found.
    pub trust: f64,
}

/// What a mirror picture counts beside the picture itself.
pub(super) const TRUST_OF_MIRROR: f64 = 0.6;

impl Reference {
    /// The picture seen in a mirror: a head turned to the other side.
    pub fn mirrored(&self, mirrors: &[Option<usize>]) -> Reference {
        let width = self.look.light[0].width() as f64;
        let flip = Matrix3::from_diagonal(&Vector3::new(-1.0, 1.0, 1.0));
        let turn = nalgebra::Rotation3::from_matrix_unchecked(flip * self.pose.turn.matrix() * flip);
        let shift = Vector2::new(width - self.pose.shift.x, self.pose.shift.y);
        let place = |m: &Option<usize>| m.and_then(|j| self.places[j]).map(|p| Point2::new(width - p.x, p.y));
        Reference {
            look: std::sync::Arc::new(self.look.mirrored()),
            places: mirrors.iter().map(place).collect(),
            pose: Pose { turn, shift, ..self.pose },
            trust: TRUST_OF_MIRROR,
        }
    }
}

/// How far and how large.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// How far a place may be off, px.
    pub radius: usize,
    /// Half of a piece's side, px.
    pub half: usize,
    /// Correlation below which nothing was found.
    pub threshold: f32,
    /// In pictures halved this often; the numbers above are px of these.
    pub level: usize,
    /// Whether places and outlines may be off by more than `radius`, as far as an expression takes them; keyed pictures propose their own
    /// expressions too.
    pub far: bool,
}

/// Where a place was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub at: Point2<f64>,
    /// Inverse of its covariance, 1/px².
    pub information: Matrix2<f64>,
    /// The best correlation.
    pub score: f64,
    /// The best correlation with an artist's key.
    pub key_score: f64,
}

/// What a reference proposes for a frame.
#[derive(Clone, Debug)]
pub(super) struct Proposal<'a> {
    pub reference: &'a Reference,
    /// How far the head is turned between the two, radians.
    pub angle: f64,
    /// Where the places of the core should be in the frame.
    pub expected: &'a [Point2<f64>],
    /// Where they are proposed to be by the same reference: places that are there already are left out.
    pub instead: Option<&'a [Point2<f64>]>,
}

/// One proposal's answer for one place.
struct Candidate {
    at: Vector2<f64>,
    curvature: Matrix2<f64>,
    score: f64,
    weight: f64,
    keyed: bool,
}

/// How far off a place that was found is, px (the standard deviation): at full correlation, and for each px by which noise of as much as the
/// correlation lacks moves its peak. More than noise: keyed pictures have other light.
const SD: (f64, f64) = (0.7, 2.6);
/// The least curvature of a peak, 1/px².
const FLATTEST: f64 = 1e-6;
/// Places that move by themselves are looked for this much further, with smaller pieces, px.
const ROAM: usize = 3;
const ROAMING_HALF: usize = 9;
/// The most that other places are looked for, px.
const FAR: usize = 16;
/// From how far on a place is elsewhere, px.
const ELSEWHERE_PX: f64 = 2.0;
/// How near answers must be to count as one, px.
const AGREE_PX: f64 = 1.5;

/// Finds each place of the core: the best answer of all proposals, together with those that agree with it.
pub(super) fn find(
    look: &Look,
    model: &Model,
    pose: &Pose,
    proposals: &[Proposal<'_>],
    search: Search,
) -> Vec<Option<Found>> {
    let larger = (1 << search.level) as f64;
    let one = |i: usize| {
        let roams = model.roaming[i];
        let search = if roams {
            Search { radius: ROAM * search.radius, half: ROAMING_HALF, ..search }
        } else if search.far {
            // As far as an expression may take the place.
            let sd = (model.prior.block(i).trace() / 2.0).sqrt() * pose.log_scale.exp();
            Search { radius: ((2.0 * sd) as usize).clamp(search.radius, FAR), ..search }
        } else {
            search
        };
        let mut candidates: Vec<Candidate> = Vec::with_capacity(proposals.len());
        let mut windows: Vec<(Point2<f64>, Option<Window>)> = Vec::with_capacity(2);
        for proposal in proposals {
            let expected = proposal.expected[i];
            if proposal.instead.is_some_and(|now| (expected - now[i]).norm() < ELSEWHERE_PX) {
                continue;
            }
            let warp = if roams {
                rigid_warp(&model.solid.base[i], pose, &proposal.reference.pose)
            } else {
                warp(proposal.reference, i, proposal.expected, &model.neighbours[i])
            };
            let piece = warp.and_then(|warp| piece(proposal.reference, i, &warp, search));
            let Some(piece) = piece else { continue };
            let known = windows.iter().position(|w| w.0 == expected).unwrap_or_else(|| {
                let plane = &look.light[search.level];
                let window = Window::around(plane, expected / larger, search.half, search.radius);
                windows.push((expected, window));
                windows.len() - 1
            });
            let Some(window) = &windows[known].1 else { continue };
            let Some(Peak { offset, curvature, score }) = window.best(&piece) else { continue };
            if score < f64::from(search.threshold) {
                continue;
            }
            let weight = proposal.reference.trust * (likelihood(score) - 2.0 * proposal.angle).exp();
            let keyed = proposal.reference.trust >= TRUST_OF_MIRROR;
            candidates.push(Candidate {
                at: expected.coords + larger * offset,
                curvature,
                score,
                weight,
                keyed,
            });
        }
        let top = candidates.iter().max_by(|a, b| a.weight.total_cmp(&b.weight))?.at;
        let (mut sum, mut total, mut weights) = (Vector2::zeros(), Matrix2::zeros(), 0.0);
        let (mut best, mut key_best) = (0.0f64, 0.0f64);
        for c in candidates.iter().filter(|c| (c.at - top).norm() < AGREE_PX * larger) {
            sum += c.weight * c.curvature * (c.at - top);
            total += c.weight * c.curvature;
            weights += c.weight;
            best = best.max(c.score);
            if c.keyed {
                key_best = key_best.max(c.score);
            }
        }
        let at = Point2::from(top + total.try_inverse()? * sum);
        Some(Found {
            at,
            information: information(total / weights, best) / (larger * larger),
            score: best,
            key_score: key_best,
        })
    };
    (0..model.layout.core).into_par_iter().with_min_len(8).map(one).collect()
}

/// How likely something is that correlates so well, as a logarithm.
pub(super) fn likelihood(score: f64) -> f64 {
    (score - 1.0) * 20.0
}

/// Of a peak of the correlation: along each axis of its curvature noise moves it as far as that lets it (the Cramér-Rao bound: Rao 1945).
fn information(curvature: Matrix2<f64>, score: f64) -> Matrix2<f64> {
    let mut eigen = SymmetricEigen::new(curvature);
    eigen.eigenvalues = eigen.eigenvalues.map(|v| {
        let noise = ((1.0 - score).max(0.0) / v.max(FLATTEST)).sqrt();
        (SD.0 + SD.1 * noise).powi(-2)
    });
    eigen.recompose()
}

/// How the picture around a place goes over from the frame to a reference: as the neighbours, least squares, held near no change.
fn warp(
    reference: &Reference,
    place: usize,
    expected: &[Point2<f64>],
    neighbours: &[usize],
) -> Option<Matrix2<f64>> {
    let centre = reference.places[place]?;
    let hold = Vector3::new(0.4, 0.4, 0.0);
    let mut normal = Matrix3::from_diagonal(&hold);
    let mut right = Matrix3x2::new(hold.x, 0.0, 0.0, hold.y, 0.0, 0.0);
    let mut count = 0;
    for &j in neighbours {
        let Some(there) = reference.places[j] else { continue };
        let (d, s) = (expected[j] - expected[place], there - centre);
        let weight = 1.0 / (d.norm() + 12.0);
        let row = Vector3::new(d.x, d.y, 1.0);
        normal += weight * row * row.transpose();
        right += weight * row * s.transpose();
        count += 1;
    }
    let affine = normal.try_inverse()? * right;
    (count >= 4).then(|| affine.fixed_rows::<2>(0).transpose())
}

/// The same around a place that moves by itself: as the head is turned.
fn rigid_warp(base: &Vector3<f64>, pose: &Pose, there: &Pose) -> Option<Matrix2<f64>> {
    let ahead = |pose: &Pose| pose.by_place(base).fixed_columns::<2>(0).into_owned();
    Some(ahead(there) * ahead(pose).try_inverse()?)
}

/// The piece around a place of a reference.
fn piece(reference: &Reference, place: usize, warp: &Matrix2<f64>, search: Search) -> Option<Piece> {
    let centre = reference.places[place]?;
    if warp.determinant() < 0.2 {
        return None;
    }
    let centre = centre / (1 << search.level) as f64;
    Piece::around(&reference.look.light[search.level], centre, warp, search.half)
}
