//! Open strokes with a width of their own at each point, and a feather.
//!
//! A stroke is what a disc covers that travels along the curve while its radius changes: along a straight piece the two
//! discs at its ends and the tangents they have in common. Its outline runs along one side and back along the other.
//!
//! The feather of a point is a soft width beyond the stroke, on both sides and around its ends: as long as the feather's
//! offset, whichever way that shows. So a stroke's feather contour is a wider stroke.

use std::f64::consts::{FRAC_PI_2, PI};

use kurbo::{Point, Vec2};

use super::Edges;
use super::flatten::{TOLERANCE_PX, Vertex};
use crate::spline::{Outline, Sample};

/// How a stroke ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Caps {
    /// With half a disc beyond its last point.
    #[default]
    Round,
    /// At its last point, square to its direction there. A stroke of no length is nothing.
    Flat,
}

/// Which side of a stroke's soft edge: where it is full, or where it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Inner,
    Outer,
}

/// The stroke's width at a vertex, document px, without its feather or with that of both sides: a monotone cubic through
/// the points' widths (Fritsch and Butland 1984), which is smooth and stays between neighbouring widths. A point without
/// a width has the default.
pub(super) fn width_px(points: &[shapes::Point], v: &Vertex, default_px: f64, side: Side) -> f64 {
    let width = |i: usize| width_at(points, i, default_px, side);
    let growth = |i: usize| width(i + 1) - width(i);
    let slope = |before: f64, after: f64| {
        if before * after > 0.0 { 2.0 * before * after / (before + after) } else { 0.0 }
    };
    let (i, t) = (v.segment, v.t);
    let here = growth(i);
    let start = if i == 0 { here } else { slope(growth(i - 1), here) };
    let end = if i + 2 < points.len() { slope(here, growth(i + 1)) } else { here };
    let s = 1.0 - t;
    width(i) + here * t * t * (3.0 - 2.0 * t) + s * t * (s * start - t * end)
}

/// By how much the stroke's width differs at both ends of a segment, document px, without its feather or with it: the more
/// of the two. No second difference of the cubic between them is more.
pub(super) fn widening_px(points: &[shapes::Point], segment: usize, default_px: f64) -> f64 {
    let growth = |side| {
        let width = |i: usize| width_at(points, i, default_px, side);
        (width(segment + 1) - width(segment)).abs()
    };
    growth(Side::Inner).max(growth(Side::Outer))
}

fn width_at(points: &[shapes::Point], i: usize, default_px: f64, side: Side) -> f64 {
    let point = points.get(i).or(points.last());
    let own = point.and_then(|p| p.width).unwrap_or(default_px);
    own + if side == Side::Outer { 2.0 * point.map_or(0.0, feather_px) } else { 0.0 }
}

/// How far the feather of an open spline's point reaches beyond the stroke, document px.
fn feather_px(p: &shapes::Point) -> f64 {
    p.feather.as_ref().map_or(0.0, |f| f.offset[0].hypot(f.offset[1]))
}

/// Where the feather of an open spline ends, if any of its points has one: a line along one side, round the end, and back
/// along the other, document px. For drawing; the line of a bend runs over itself.
pub fn feather_line(points: &[shapes::Point], stroke_px: f64) -> Option<Vec<Point>> {
    const PIECES: usize = 16;
    if points.iter().all(|p| p.feather.is_none()) {
        return None;
    }
    let counts = vec![PIECES; points.len()];
    let samples = Outline::new(points, false).samples_by_count(&counts);
    let across = |s: &Sample| {
        let v = Vertex { at: s.position, segment: s.segment, t: s.t };
        s.normal() * (0.5 * width_px(points, &v, stroke_px, Side::Outer))
    };
    let cap = |s: &Sample, from: Vec2| {
        let (at, turns) = (s.position, (1..PIECES).map(|i| -PI * i as f64 / PIECES as f64));
        turns.map(move |angle| {
            let (sin, cos) = angle.sin_cos();
            at + Vec2::new(from.x * cos - from.y * sin, from.x * sin + from.y * cos)
        })
    };
    let (first, last) = (samples.first()?, samples.last()?);
    let there = samples.iter().map(|s| s.position + across(s)).chain(cap(last, across(last)));
    let back = samples.iter().rev().map(|s| s.position - across(s)).chain(cap(first, -across(first)));
    Some(there.chain(back).collect())
}

/// A disc that the stroke passes.
#[derive(Clone, Copy, Debug)]
struct Disc {
    at: Point,
    radius: f64,
}

/// From one disc to the next.
#[derive(Clone, Copy, Debug)]
struct Piece {
    length: f64,
    /// Direction, radians.
    angle: f64,
    /// By how much the tangents on both sides are turned from square towards the direction: radians, positive where the
    /// discs shrink.
    lean: f64,
}

impl Piece {
    /// `None` if one disc holds the other: they have no tangents in common.
    fn between(a: Disc, b: Disc) -> Option<Self> {
        let along = b.at - a.at;
        let (length, shrinks) = (along.hypot(), a.radius - b.radius);
        (shrinks.abs() < length).then(|| Piece {
            length,
            angle: along.atan2(),
            lean: (shrinks / length).asin(),
        })
    }

    /// Where the tangents touch the discs, as angles from their centres: of the side that lies clockwise on the screen (y
    /// down), and of the other.
    fn touch(&self) -> [f64; 2] {
        [self.angle + FRAC_PI_2 - self.lean, self.angle - FRAC_PI_2 + self.lean]
    }
}

/// Adds a stroke with round joins. `radius_px` gives half the width in raster px at a vertex; what is not finite or
/// negative counts as 0. The non-zero rule fills it: parts that lie over one another wind the same way.
pub(super) fn add_stroke(
    edges: &mut Edges,
    vertices: &[Vertex],
    caps: Caps,
    radius_px: impl Fn(&Vertex) -> f64,
) {
    let mut discs: Vec<Disc> = Vec::with_capacity(vertices.len());
    for v in vertices.iter().filter(|v| v.at.is_finite()) {
        let radius = radius_px(v);
        let disc = Disc { at: v.at, radius: if radius.is_finite() { radius.max(0.0) } else { 0.0 } };
        match discs.last_mut() {
            Some(last) if (last.at - disc.at).hypot() < 1e-6 => last.radius = last.radius.max(disc.radius),
            _ => discs.push(disc),
        }
    }
    let [Some(first), Some(last)] = [discs.first(), discs.last()].map(Option::<&Disc>::copied) else {
        return;
    };
    if discs.len() == 1 {
        if caps == Caps::Round {
            add_run(edges, &discs, &[], [0.0; 2], [Caps::Round; 2]);
        }
        return;
    }
    let direction = |i: usize| {
        let i = i.min(discs.len() - 2);
        (discs[i + 1].at - discs[i].at).atan2()
    };
    // Discs that hold their neighbours end one run and begin the next, which lie over one another there.
    let mut from = 0;
    let mut pieces = Vec::with_capacity(discs.len());
    for i in 0..discs.len() {
        if let Some(piece) = discs.get(i + 1).and_then(|next| Piece::between(discs[i], *next)) {
            pieces.push(piece);
            continue;
        }
        let run = &discs[from..=i];
        let begins = if run[0].at == first.at { caps } else { Caps::Round };
        let ends = if run[run.len() - 1].at == last.at { caps } else { Caps::Round };
        add_run(edges, run, &pieces, [direction(from), direction(i)], [begins, ends]);
        pieces.clear();
        from = i + 1;
    }
}

/// Adds the outline of discs with a piece between each two; `directions` are those of the stroke at its ends.
fn add_run(edges: &mut Edges, discs: &[Disc], pieces: &[Piece], directions: [f64; 2], caps: [Caps; 2]) {
    let mut sides = [Vec::with_capacity(2 * discs.len()), Vec::with_capacity(2 * discs.len())];
    let square = |direction: f64| [direction + FRAC_PI_2, direction - FRAC_PI_2];
    for (i, disc) in discs.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| pieces[i]);
        let after = pieces.get(i);
        match (before, after) {
            (Some(before), Some(after)) => join(&mut sides, disc, &before, after),
            (before, after) => {
                // A flat cap is square, whatever the lean of the tangents.
                let starts =
                    if caps[0] == Caps::Flat { Some(square(directions[0])) } else { after.map(Piece::touch) };
                let stops = if caps[1] == Caps::Flat {
                    Some(square(directions[1]))
                } else {
                    before.map(|p| p.touch())
                };
                let [starts, stops] =
                    [starts.unwrap_or(square(directions[0])), stops.unwrap_or(square(directions[1]))];
                if i == 0 {
                    if caps[0] == Caps::Round {
                        let round = (starts[1] - starts[0]).rem_euclid(2.0 * PI);
                        arc(&mut sides[0], disc, starts[0] + round, -round);
                    }
                    (0..2).for_each(|s| sides[s].push(on(disc, starts[s])));
                }
                if i + 1 == discs.len() {
                    (0..2).for_each(|s| sides[s].push(on(disc, stops[s])));
                    if caps[1] == Caps::Round {
                        arc(&mut sides[0], disc, stops[0], -(stops[0] - stops[1]).rem_euclid(2.0 * PI));
                    }
                }
            }
        }
    }
    let [there, back] = sides;
    edges.add_polygon(there.iter().chain(back.iter().rev()).map(|p| [p.x, p.y]));
}

/// Leads both sides round a disc. Where a side turns away from the stroke that is an arc; where it turns into it, it cuts
/// across if the pieces on both sides cover that, and else goes by the centre.
fn join(sides: &mut [Vec<Point>; 2], disc: &Disc, before: &Piece, after: &Piece) {
    let turn = (after.angle - before.angle + PI).rem_euclid(2.0 * PI) - PI;
    let (from, leans) = (before.touch(), after.lean - before.lean);
    let shortest = before.length.min(after.length);
    for (side, by, away) in [(0, turn - leans, -1.0), (1, turn + leans, 1.0)] {
        if by * away >= 0.0 {
            arc(&mut sides[side], disc, from[side], by);
            continue;
        }
        sides[side].push(on(disc, from[side]));
        if by.abs() > 0.5 || disc.radius * by.abs() > 0.8 * shortest {
            sides[side].push(disc.at);
        }
        sides[side].push(on(disc, from[side] + by));
    }
}

/// A place on a disc's border.
fn on(disc: &Disc, angle: f64) -> Point {
    disc.at + Vec2::from_angle(angle) * disc.radius
}

/// Both ends of an arc, and what it takes between them.
fn arc(side: &mut Vec<Point>, disc: &Disc, from: f64, by: f64) {
    let step = 2.0 * (1.0 - (TOLERANCE_PX / disc.radius).min(1.0)).acos();
    let count = (by.abs() / step).ceil().clamp(1.0, 1e5) as usize;
    side.extend((0..=count).map(|i| on(disc, from + by * i as f64 / count as f64)));
}

#[cfg(test)]
mod tests {
    use super::super::flatten::flatten;
    use super::super::{MatteOptions, Window, shape_coverage};
    use super::*;
    use crate::image::Plane;
    use kurbo::{Affine, ParamCurve};
    use proptest::prelude::*;

    const SIZE: usize = 24;

    fn stroke(points: &[shapes::Point], caps: Caps) -> Plane {
        let mut edges = Edges::new();
        let vertices =
            flatten(&Outline::new(points, false), Affine::IDENTITY, |s| 0.5 * widening_px(points, s, 1.0));
        add_stroke(&mut edges, &vertices, caps, |v| 0.5 * width_px(points, v, 1.0, Side::Inner));
        edges.coverage(Window::of_size(SIZE, SIZE))
    }

    /// What discs all along the curve cover, exact along many lines.
    fn reference(points: &[shapes::Point]) -> Plane {
        const LINES: usize = 256;
        let mut discs = Vec::new();
        for (segment, curve) in Outline::new(points, false).segments().iter().enumerate() {
            for i in 0..=1500 {
                let t = f64::from(i) / 1500.0;
                let at = curve.eval(t);
                discs.push(Disc {
                    at,
                    radius: 0.5 * width_px(points, &Vertex { at, segment, t }, 1.0, Side::Inner),
                });
            }
        }
        let mut out = Plane::filled(SIZE, SIZE, 0.0);
        for y in 0..SIZE {
            let mut sums = [0.0f64; SIZE];
            for line in 0..LINES {
                let height = y as f64 + (line as f64 + 0.5) / LINES as f64;
                let mut chords: Vec<[f64; 2]> = discs
                    .iter()
                    .filter_map(|d| {
                        let half = d.radius * d.radius - (height - d.at.y).powi(2);
                        (half > 0.0).then(|| [d.at.x - half.sqrt(), d.at.x + half.sqrt()])
                    })
                    .collect();
                chords.sort_by(|a, b| a[0].total_cmp(&b[0]));
                let mut done = 0.0f64;
                for [from, to] in chords {
                    let (from, to) = (from.max(done), to.min(SIZE as f64));
                    let mut x = from;
                    while x < to {
                        let next = (x.floor() + 1.0).min(to);
                        sums[x as usize] += next - x;
                        x = next;
                    }
                    done = done.max(to);
                }
            }
            for (o, s) in out.data_mut()[y * SIZE..].iter_mut().zip(sums) {
                *o = (s / LINES as f64) as f32;
            }
        }
        out
    }

    fn most_apart(a: &Plane, b: &Plane) -> f32 {
        a.data().iter().zip(b.data()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    fn with_width(mut point: shapes::Point, width: f64) -> shapes::Point {
        point.width = Some(width);
        point
    }

    #[test]
    fn flat_caps_end_where_the_curve_does() {
        let points = [(4.25, 10.0), (16.5, 10.0)].map(|(x, y)| with_width(shapes::Point::corner(x, y), 3.0));
        let p = stroke(&points, Caps::Flat);
        let area: f32 = p.data().iter().sum();
        assert!((area - 3.0 * 12.25).abs() < 1e-4, "{area}");
        assert_eq!(p.row(10)[4], 0.75);
        assert_eq!(p.row(10)[16], 0.5);
        assert_eq!(p.row(10)[17], 0.0);
        let dot = [points[0].clone(), points[0].clone()];
        assert_eq!(stroke(&dot, Caps::Flat).data().iter().sum::<f32>(), 0.0);
        let area: f64 = stroke(&dot, Caps::Round).data().iter().map(|v| f64::from(*v)).sum();
        assert!((area - PI * 2.25).abs() < 0.01, "{area}");
    }

    #[test]
    fn a_hairpin_has_a_round_end_and_no_spike() {
        let points =
            [(4.0, 8.0), (18.0, 8.0), (4.0, 8.0)].map(|(x, y)| with_width(shapes::Point::corner(x, y), 4.0));
        let once = stroke(&points[..2], Caps::Round);
        assert!(most_apart(&stroke(&points, Caps::Round), &once) < 0.002);
    }

    #[test]
    fn nonsense_is_survived() {
        let mut points = [(f64::NAN, 2.0), (3.0, f64::INFINITY), (5.0, 5.0), (1e300, 7.0)]
            .map(|(x, y)| with_width(shapes::Point::corner(x, y), f64::NAN));
        for width in [f64::NAN, f64::INFINITY, -3.0, 1e300] {
            points[2].width = Some(width);
            for caps in [Caps::Round, Caps::Flat] {
                assert!(stroke(&points, caps).data().iter().all(|v| (0.0..=1.0).contains(v)));
            }
        }
        assert!(
            shape_coverage(&[], false, &MatteOptions::default(), Window::of_size(2, 2))
                .data()
                .iter()
                .all(|v| *v == 0.0)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Any curve, cusps and loops included, and widths from nothing to much: within 1/100 of the discs' coverage.
        #[test]
        fn it_is_what_a_travelling_disc_covers(
            p in prop::collection::vec((4.0..20.0f64, 4.0..20.0f64, -9.0..9.0f64, -9.0..9.0f64, 0.0..6.0f64), 2..5)
        ) {
            let points: Vec<_> = p
                .iter()
                .map(|(x, y, u, v, w)| {
                    with_width(shapes::Point::new(*x, *y, [-u, -v], [*u, *v]), if *w < 1.0 { 0.0 } else { *w })
                })
                .collect();
            let apart = most_apart(&stroke(&points, Caps::Round), &reference(&points));
            prop_assert!(apart < 0.01, "{apart}");
        }

        #[test]
        fn widths_stay_between_their_neighbours(w in prop::array::uniform4(0.0..9.0f64), t in 0.0..1.0f64, i in 0usize..3) {
            let points = w.map(|w| with_width(shapes::Point::corner(0.0, 0.0), w));
            let width = width_px(&points, &Vertex { at: Point::ZERO, segment: i, t }, 1.0, Side::Inner);
            prop_assert!(width >= w[i].min(w[i + 1]) - 1e-9 && width <= w[i].max(w[i + 1]) + 1e-9);
        }
    }
}
