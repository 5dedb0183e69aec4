//! What a closed outline encloses, found in a frame as one piece by its colours alone, however far off the outline is: a mouth that
//! opens wider than in any key. Only where the shot's keyed pictures show that colours find the outline.

use kurbo::{Point, Vec2};
use nalgebra::{Point2, Vector2};

use super::areas::{Areas, polygon};
use super::look::Look;
use super::ribbon::point;
use super::rim::Found;
use crate::image::{Plane, gaussian_blur};
use crate::vectorise::around::{Around, carried};
use crate::vectorise::contour::{Loop, contours};

/// How far beyond the outline the piece may go, px, or as a share of the outline's size.
const REACH: (f64, f64) = (40.0, 0.8);
/// Colours are weighed over this, px (the standard deviation).
const BLUR_PX: f32 = 1.2;
/// How sure a colour must be to belong to the piece: what runs into something beyond is tried again with more.
const LEVELS: [f32; 5] = [0.5, 0.58, 0.66, 0.74, 0.82];
/// How much of the outline's inside must be the piece's, or of the piece the outline's.
const SHARED: f64 = 0.3;
/// How many times as large as the outline the piece may be.
const LARGER: f64 = 12.0;
/// How far from a keyed outline what was found may be, mean, px.
const EXACT_PX: f64 = 2.0;
/// How far off places on it are, px: across the outline, and along it.
const ACROSS_SD: f64 = 4.0;
const ALONG_SD: f64 = 6.0;
/// How far either axis is stretched at most before the outline is laid on the piece.
const STRETCH: f64 = 4.0;
/// Points of a curve by which its length is measured.
const STEPS: usize = 16;
/// Most places on a curve.
const MOST: usize = 24;

/// The border of the piece that lies where the outline is. None if there is none or it goes on beyond.
pub(super) fn region(look: &Look, areas: &Areas, curves: &[[Point2<f64>; 4]]) -> Option<Loop> {
    let line = looped(&polygon(curves));
    let [x0, y0, x1, y1] = bounds(&line)?;
    let reach = REACH.0.max(REACH.1 * (x1 - x0).max(y1 - y0));
    let (w, h) = (look.light[0].width(), look.light[0].height());
    let clamp = |v: f64, most: usize| v.clamp(0.0, most as f64) as usize;
    let (left, top) = (clamp(x0 - reach, w), clamp(y0 - reach, h));
    let (right, bottom) = (clamp(x1 + reach, w), clamp(y1 + reach, h));
    let inside = spans(&line, [left, top, right, bottom]);
    let own = count(&inside);
    if own == 0.0 {
        return None;
    }
    let share = |x, y| areas.share(&look.colours[(top + y) * w + left + x]);
    let matte = gaussian_blur(&Plane::from_fn(right - left, bottom - top, share), BLUR_PX);
    let corner = Vec2::new(left as f64, top as f64);
    LEVELS.into_iter().find_map(|level| {
        let mut surer = matte.clone();
        surer.data_mut().iter_mut().for_each(|v| *v += LEVELS[0] - level);
        let mut best: Option<(f64, Loop)> = None;
        for mut found in contours(&surer) {
            found.0.iter_mut().for_each(|p| *p += corner);
            if found.area_px2() < SHARED * own / LARGER {
                continue;
            }
            let common = common(&inside, &spans(&found, [left, top, right, bottom]));
            if best.as_ref().is_none_or(|(most, _)| common > *most) {
                best = Some((common, found));
            }
        }
        let (common, found) = best?;
        let at_rim = |v: f64, low: usize, high: usize| v < low as f64 + 1.0 || v > high as f64 - 1.0;
        let goes_on = found.0.iter().any(|p| at_rim(p.x, left, right) || at_rim(p.y, top, bottom));
        let area = found.area_px2();
        let is_there = common >= SHARED * own.min(area) && area <= LARGER * own;
        (!goes_on && is_there).then_some(found)
    })
}

/// Whether what colours find in a keyed picture is the outline.
pub(super) fn is_exact(look: &Look, areas: &Areas, curves: &[[Point2<f64>; 4]]) -> bool {
    let Some(found) = region(look, areas, curves) else { return false };
    let own = looped(&polygon(curves));
    let apart = |from: &Loop, to: &Loop| {
        let nearest = |p: &Point| to.0.iter().map(|q| p.distance_squared(*q)).fold(f64::INFINITY, f64::min);
        from.0.iter().map(|p| nearest(p).sqrt()).sum::<f64>() / from.0.len() as f64
    };
    apart(&own, &found).max(apart(&found, &own)) <= EXACT_PX
}

/// Where places on an outline are on a piece's border, all of them across the outline and then all along it. `knots` are those on both
/// sides of each curve.
pub(super) fn matched(
    border: &Loop,
    curves: &[[Point2<f64>; 4]],
    knots: &[[usize; 2]],
    every_px: f64,
) -> Vec<Found> {
    let points = curves.iter().flat_map(|c| (0..STEPS).map(move |k| point(c, k as f64 / STEPS as f64)));
    let mut outline = looped(&points.collect::<Vec<_>>());
    let (Some(own), Some(other)) = (bounds(&outline), bounds(border)) else { return Vec::new() };
    // Laid on the border, so that corners lie near corners.
    let laid = |v: f64, axis: usize| {
        let middle = |b: [f64; 4]| (b[axis] + b[axis + 2]) / 2.0;
        let size = |b: [f64; 4]| (b[axis + 2] - b[axis]).max(1.0);
        middle(other) + (v - middle(own)) * (size(other) / size(own)).clamp(1.0 / STRETCH, STRETCH)
    };
    outline.0.iter_mut().for_each(|p| *p = Point::new(laid(p.x, 0), laid(p.y, 1)));
    let mut along = vec![0.0];
    for (i, p) in outline.0.iter().enumerate() {
        along.push(along[i] + p.distance(outline.0[(i + 1) % outline.0.len()]));
    }
    // A border runs clockwise; of an outline that is turned round, its last point comes first.
    let is_turned = outline.area_px2() < 0.0;
    let (length, last) = (along[outline.0.len()].max(1e-9), along[outline.0.len() - 1]);
    if is_turned {
        outline.0.reverse();
    }
    let (from, to) = (Around::new(&outline), Around::new(border));
    let turn = from.len() as f64;
    let mut places: Vec<(f64, usize, f64)> = Vec::new();
    for (k, c) in curves.iter().enumerate() {
        let count = (((c[3] - c[0]).norm() / every_px).ceil() as usize).clamp(1, MOST);
        places.extend((0..count).map(|i| {
            let t = (i as f64 + 0.5) / count as f64;
            let step = (k as f64 + t) * STEPS as f64;
            let (before, after) = (along[step as usize], along[step as usize + 1]);
            let way = before + (after - before) * step.fract();
            let way = if is_turned { (last - way).rem_euclid(length) } else { way };
            (way / length * turn, k, t)
        }));
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ways: Vec<f64> = places.iter().map(|p| p.0).collect();
    let mut matched: Vec<(usize, f64, Point)> =
        places.iter().zip(carried(&from, &ways, &to)).map(|((_, k, t), s)| (*k, *t, to.at(s))).collect();
    matched.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let found = |is_along: bool, sd: f64| {
        matched.iter().filter_map(move |(k, t, target)| {
            let (c, at) = (&curves[*k], point(&curves[*k], *t));
            let way = (point(c, t + 0.01) - point(c, t - 0.01)).try_normalize(1e-9)?;
            let normal = if is_along { way } else { Vector2::new(way.y, -way.x) };
            let offset = (Point2::new(target.x, target.y) - at).dot(&normal);
            Some(Found { knots: knots[*k], t: *t, normal, offset, at: at + normal * offset, sd, sure: true })
        })
    };
    found(false, ACROSS_SD).chain(found(true, ALONG_SD)).collect()
}

fn looped(line: &[Point2<f64>]) -> Loop {
    Loop(line.iter().map(|p| Point::new(p.x, p.y)).collect())
}

/// None of nothing and of what is not finite.
fn bounds(line: &Loop) -> Option<[f64; 4]> {
    let first = line.0.first()?;
    let wider = |b: [f64; 4], p: &Point| [b[0].min(p.x), b[1].min(p.y), b[2].max(p.x), b[3].max(p.y)];
    let all = line.0.iter().fold([first.x, first.y, first.x, first.y], wider);
    all.iter().all(|v| v.is_finite()).then_some(all)
}

/// The pixels inside a polygon and a rectangle, as a row and columns from and to.
fn spans(line: &Loop, [left, top, right, bottom]: [usize; 4]) -> Vec<[usize; 3]> {
    let mut spans = Vec::new();
    let Some([_, y0, _, y1]) = bounds(line) else { return spans };
    let column = |x: f64| x.round().clamp(left as f64, right as f64) as usize;
    for row in top.max(y0.max(0.0) as usize)..bottom.min(y1.max(0.0) as usize + 1) {
        let crossings = line.crossings(row as f64 + 0.5);
        spans.extend(crossings.chunks_exact(2).map(|c| [row, column(c[0]), column(c[1])]));
    }
    spans
}

fn count(spans: &[[usize; 3]]) -> f64 {
    spans.iter().map(|[_, from, to]| to - from).sum::<usize>() as f64
}

/// How many pixels both have.
fn common(a: &[[usize; 3]], b: &[[usize; 3]]) -> f64 {
    let mut sum = 0;
    for [row, from, to] in a {
        let first = b.partition_point(|s| s[0] < *row);
        let same = b[first..].iter().take_while(|s| s[0] == *row);
        sum += same.map(|s| s[2].min(*to).saturating_sub(s[1].max(*from))).sum::<usize>();
    }
    sum as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Colours, Encoding, Rgb};

    const SKIN: [f32; 3] = [0.7, 0.5, 0.4];
    const LIP: [f32; 3] = [0.7, 0.2, 0.25];
    const DARK: [f32; 3] = [0.03; 3];

    /// An oval of lips in skin, dark in its middle and where it is `also`.
    fn mouth(wide: f64, high: f64, also: impl Fn(f64, f64) -> bool) -> Look {
        let pixel = |i: usize| {
            let (x, y) = ((i % 200) as f64 + 0.5 - 100.0, (i / 200) as f64 + 0.5 - 100.0);
            let far = (x / wide).hypot(y / high);
            let colour = if far < 0.7 || also(x, y) {
                DARK
            } else if far < 1.0 {
                LIP
            } else {
                SKIN
            };
            colour.map(|v| v + 0.02 * ((x * 1.3).sin() + (y * 0.9).cos()) as f32)
        };
        let pixels = (0..200 * 200).map(pixel).collect();
        Look::new(&Colours::new(&Rgb::from_vec(200, 200, pixels).unwrap(), Encoding::Display), 1.0)
    }

    fn oval(wide: f64, high: f64) -> Vec<[Point2<f64>; 4]> {
        let quarter = |[c, s]: [f64; 2]| {
            let turned =
                |x: f64, y: f64| Point2::new(100.0 + wide * (c * x - s * y), 100.0 + high * (s * x + c * y));
            [turned(1.0, 0.0), turned(1.0, 0.5523), turned(0.5523, 1.0), turned(0.0, 1.0)]
        };
        [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]].map(quarter).to_vec()
    }

    fn turned_round(curves: &[[Point2<f64>; 4]]) -> Vec<[Point2<f64>; 4]> {
        curves.iter().rev().map(|[a, b, c, d]| [*d, *c, *b, *a]).collect()
    }

    const KNOTS: [[usize; 2]; 4] = [[0, 1], [1, 2], [2, 3], [3, 0]];

    #[test]
    fn a_mouth_is_found_however_far_it_opened() {
        let keyed = mouth(40.0, 12.0, |_, _| false);
        let areas = Areas::of(&keyed, &oval(40.0, 12.0)).unwrap();
        assert!(is_exact(&keyed, &areas, &oval(40.0, 12.0)));
        let open = mouth(22.0, 60.0, |_, _| false);
        for outline in [oval(40.0, 12.0), turned_round(&oval(40.0, 12.0))] {
            let border = region(&open, &areas, &outline).unwrap();
            let found = matched(&border, &outline, &KNOTS, 6.0);
            assert_eq!(found.len() % 2, 0);
            let (across, along) = found.split_at(found.len() / 2);
            for (a, b) in across.iter().zip(along) {
                assert!(a.knots == b.knots && a.t == b.t && a.normal.dot(&b.normal).abs() < 1e-9);
                let at = a.at + b.normal * b.offset;
                let far = ((at.x - 100.0) / 22.0).hypot((at.y - 100.0) / 60.0);
                assert!((far - 1.0).abs() < 0.06, "{at} {far}");
            }
            // Corners stay corners.
            let first = across[0].at + along[0].normal * along[0].offset;
            let start = outline[0][0];
            assert!(
                (first.x - 100.0).signum() == (start.x - 100.0).signum() && (first.y - 100.0).abs() < 25.0
            );
        }
    }

    #[test]
    fn what_goes_on_beyond_is_not_the_mouth() {
        let areas = Areas::of(&mouth(40.0, 12.0, |_, _| false), &oval(40.0, 12.0)).unwrap();
        let joined = mouth(40.0, 40.0, |x, y| x.abs() < 10.0 && y > 0.0);
        assert!(region(&joined, &areas, &oval(40.0, 12.0)).is_none());
        let gone = mouth(0.0, 0.0, |_, _| false);
        assert!(region(&gone, &areas, &oval(40.0, 12.0)).is_none());
        let elsewhere: Vec<_> = oval(40.0, 12.0).into_iter().map(|c| c.map(|p| p * 9.0)).collect();
        assert!(region(&joined, &areas, &elsewhere).is_none());
        let nowhere: Vec<_> = oval(f64::NAN, 12.0);
        assert!(region(&joined, &areas, &nowhere).is_none());
    }

    #[test]
    fn colours_that_do_not_find_a_keyed_outline_are_not_exact() {
        let keyed = mouth(40.0, 12.0, |_, _| false);
        let areas = Areas::of(&keyed, &oval(40.0, 12.0)).unwrap();
        assert!(!is_exact(&keyed, &areas, &oval(40.0, 20.0)));
    }
}
