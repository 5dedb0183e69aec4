//! A spline drawn anew with the control points of another: as many, at the same places of the thing, the curve as it was.
//!
//! Artists draw a shape on two pictures with different points, from another first point, or the other way round. Here the points of
//! one drawing, the model, are looked for on the other one, and tangents fitted so that the curve through them is the other drawing's.
//!
//! | module | holds |
//! |---|---|
//! | `way` | an outline by the way along it |
//! | `places` | where each point of a model is on an outline |
//! | `fit` | tangents at places of an outline |

mod fit;
mod places;
#[cfg(test)]
mod tests;
mod way;

use kurbo::{Affine, Vec2};

use crate::Point;
use crate::outline::Outline;
use places::{Places, Samples, places};
use way::Way;

/// Handles that leave a point within this angle of a straight line are in line (cosine).
const IN_LINE: f64 = 0.995;
/// Rounds of laying a model over an outline.
const ROUNDS: usize = 3;
/// More points than this are not drawn anew: the work grows with their square.
pub const MOST_POINTS: usize = 200;
/// Mean distance, px, up to which a spline drawn anew counts as the same curve.
pub const FOLLOWED_PX: f64 = 0.25;

/// A spline drawn anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Redrawn {
    /// As many as the model has, in its order. Positions and tangents only: feathers and widths stay behind.
    pub points: Vec<Point>,
    /// Mean distance of the curve that was drawn from the new one, px.
    pub mean_px: f64,
    /// The largest such distance, px.
    pub most_px: f64,
    /// How badly the model lay on the curve: mean squared distance, px squared, with what differences in direction and an uneven way
    /// count. Only to be compared between models for one drawing.
    pub cost: f64,
}

/// Draws `drawn` anew with the points of `model`, which is another drawing of the same shape, both closed or both open. The
/// model's places and tangents have to lie over the drawing as well as is known: see [`laid_over`].
///
/// Points are matched by the cheapest monotonic way along both (dynamic time warping, Sakoe and Chiba 1978) by distance, direction and
/// even progress, from any first point and in both directions; then each slides to where it suits best, corners to corners. Places stay
/// on the drawing; tangents are least squares of the distances from it. `None` where one of both has no points or more than
/// [`MOST_POINTS`], or is not finite.
pub fn redraw(model: &[Point], drawn: &[Point], closed: bool) -> Option<Redrawn> {
    let smooth = smooth(model, closed);
    let Some((found, way)) = matched(model, &smooth, drawn, closed)? else {
        // All of the drawing, or of the model, is one place.
        let points = vec![Point::corner(drawn[0].x, drawn[0].y); model.len()];
        return Some(Redrawn { points, mean_px: 0.0, most_px: 0.0, cost: 0.0 });
    };
    let fitted = fit::fit(&way, &found.at, model, &smooth);
    let [mean_px, most_px] = fitted.off_px;
    Some(Redrawn { points: fitted.points, mean_px, most_px, cost: found.cost })
}

/// Where the points of a model are on a drawing, turned round if that suits better; `Some(None)` where one of both has no length.
fn matched(model: &[Point], smooth: &[bool], drawn: &[Point], closed: bool) -> Option<Option<(Places, Way)>> {
    let usable = |points: &[Point]| (1..=MOST_POINTS).contains(&points.len()) && points.iter().all(is_finite);
    if !usable(model) || !usable(drawn) {
        return None;
    }
    let samples = Samples::new(model, closed);
    let ways = [Way::new(drawn, closed), Way::new(&reversed(drawn), closed)];
    let found = ways.into_iter().filter_map(|way| Some((places(&samples, smooth, &way)?, way)));
    Some(found.min_by(|a, b| a.0.cost.total_cmp(&b.0.cost)))
}

/// The model moved over the drawing where nothing else is known of how the two lie: by their middles and sizes first, then by
/// the affine map that suits the places found on each other.
pub fn laid_over(model: &[Point], drawn: &[Point], closed: bool) -> Vec<Point> {
    let [from, to] = [model, drawn].map(|points| middle_and_size(points, closed));
    let scale = if from.1 > 1e-9 && to.1 > 1e-9 { to.1 / from.1 } else { 1.0 };
    let start = Affine::translate(to.0) * Affine::scale(scale) * Affine::translate(-from.0);
    let mut laid = moved(model, start);
    let smooth = smooth(model, closed);
    for _ in 0..ROUNDS {
        let Some(Some((found, way))) = matched(&laid, &smooth, drawn, closed) else { break };
        let pairs = laid.iter().zip(&found.at).map(|(p, s)| (at(p), way.at(*s).to_vec2()));
        let Some(map) = affine(pairs.collect()) else { break };
        laid = moved(&laid, map);
    }
    laid
}

/// The same curve drawn the other way round, from the same first point if closed.
pub fn reversed(points: &[Point]) -> Vec<Point> {
    let swapped = |p: &Point| Point { tangent_in: p.tangent_out, tangent_out: p.tangent_in, ..p.clone() };
    points.iter().rev().map(swapped).collect()
}

/// The points moved by a map.
fn moved(points: &[Point], map: Affine) -> Vec<Point> {
    let point = |p: &Point| {
        let place = map * at(p).to_point();
        let turned = |v: [f64; 2]| {
            let end = map * (at(p) + Vec2::from((v[0], v[1]))).to_point() - place;
            [end.x, end.y]
        };
        Point::new(place.x, place.y, turned(p.tangent_in), turned(p.tangent_out))
    };
    points.iter().map(point).collect()
}

/// Middle of the way along an outline, and the root mean square distance from it, px.
fn middle_and_size(points: &[Point], closed: bool) -> (Vec2, f64) {
    let outline = Outline::new(points, closed);
    let samples = outline.samples((outline.length_px() / 200.0).max(1e-6), 1);
    let count = samples.len().max(1) as f64;
    let middle = samples.iter().map(|s| s.position.to_vec2()).sum::<Vec2>() / count;
    let square = samples.iter().map(|s| (s.position.to_vec2() - middle).hypot2()).sum::<f64>() / count;
    (middle, square.sqrt())
}

/// The affine map by least squares, held near no change; `None` for pairs without extent.
fn affine(pairs: Vec<(Vec2, Vec2)>) -> Option<Affine> {
    let count = pairs.len().max(1) as f64;
    let from = pairs.iter().map(|p| p.0).sum::<Vec2>() / count;
    let to = pairs.iter().map(|p| p.1).sum::<Vec2>() / count;
    let size = pairs.iter().map(|p| (p.0 - from).hypot2()).sum::<f64>();
    if size < 1e-9 {
        return None;
    }
    let hold = 0.02 * size;
    let (mut xx, mut xy, mut yy) = (hold, 0.0, hold);
    let (mut x, mut y) = (Vec2::new(hold, 0.0), Vec2::new(0.0, hold));
    for (p, q) in pairs {
        let (p, q) = (p - from, q - to);
        (xx, xy, yy) = (xx + p.x * p.x, xy + p.x * p.y, yy + p.y * p.y);
        (x, y) = (x + q * p.x, y + q * p.y);
    }
    let determinant = xx * yy - xy * xy;
    let (a, b) = ((x * yy - y * xy) / determinant, (y * xx - x * xy) / determinant);
    let map = Affine::new([a.x, a.y, b.x, b.y, 0.0, 0.0]);
    let map = Affine::translate(to) * map * Affine::translate(-from);
    map.is_finite().then_some(map)
}

/// Which points have handles in line.
fn smooth(points: &[Point], closed: bool) -> Vec<bool> {
    let way = Way::new(points, closed);
    let one = |i: usize| {
        let inner = closed || (i > 0 && i + 1 < points.len());
        let [into, out] = way.directions_at_point(i);
        inner && into.dot(out) >= IN_LINE
    };
    (0..points.len()).map(one).collect()
}

fn at(p: &Point) -> Vec2 {
    Vec2::new(p.x, p.y)
}

fn is_finite(p: &Point) -> bool {
    p.numbers().all(f64::is_finite)
}
