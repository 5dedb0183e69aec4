//! A shape's keys as rows of vectors, all of which interpolate with the same weights.

use crate::{Feather, Key, Point, Shape};
use kurbo::Vec2;

use crate::outline::{Outline, Sample};

/// Places looked at on each segment of the curve.
const PER_SEGMENT: usize = 6;
/// How much farther a place may slide along the curve than leave it: nothing is seen of that but at the points.
const ALONG: f64 = 3.0;
/// Cosine of the turn from which on a place is a corner.
const CORNER: f64 = 0.8;
/// A pair of keys nearer than this is a hold, px. A solve leaves a held frame where it is to the last bit; the rest is
/// for the way of the numbers through a host's space.
const STILL_PX: f64 = 1e-6;

/// One row a key. A row is what is measured (places on the curve, then of each point its feather's offset and its
/// width), and after that the control points themselves.
pub(super) struct Rows {
    pub frames: Vec<f64>,
    pub values: Vec<Vec<Vec2>>,
    /// The curve's normal at each place of each row; zero for what is not a place on the curve.
    normals: Vec<Vec<Vec2>>,
    /// How many columns are measured.
    pub measured: usize,
    /// Whether a key and the next one are a hold.
    pub still: Vec<bool>,
}

/// What of a key has to stay within a tolerance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Places on the curve, which may slide along it, offsets of feathers, widths.
    Curve,
    /// Control points, ends of tangents, the same of the feather contour, widths. Every place of a curve is a mean of these, with weights
    /// from 0 to 1, so that it stays as near as they do.
    Controls,
}

impl Rows {
    pub fn new(shape: &Shape, measure: Measure) -> Self {
        let points = || shape.keys.iter().flat_map(|k| &k.points);
        let has = (points().any(|p| p.feather.is_some()), points().any(|p| p.width.is_some()));
        let row = |key: &Key| match measure {
            Measure::Curve => row(key, shape.closed),
            Measure::Controls => controls_row(key, has),
        };
        let (values, normals): (Vec<Vec<Vec2>>, Vec<Vec<Vec2>>) = shape.keys.iter().map(row).unzip();
        let controls = shape.keys.first().map_or(0, |k| k.points.len() * CONTROLS);
        let measured = values.first().map_or(0, |v| v.len() - controls);
        let near = |a: &[Vec2], b: &[Vec2]| a.iter().zip(b).all(|(p, q)| (*p - *q).hypot() <= STILL_PX);
        let still = values.windows(2).map(|w| near(&w[0], &w[1])).collect();
        Rows { frames: shape.keys.iter().map(|k| k.frame).collect(), values, normals, measured, still }
    }

    /// Whether a key is part of a hold.
    pub fn is_held(&self, row: usize) -> bool {
        self.still.get(row) == Some(&true) || row > 0 && self.still[row - 1]
    }

    /// The measured part of a row.
    pub fn places(&self, row: usize) -> &[Vec2] {
        &self.values[row][..self.measured]
    }

    /// The largest miss of values that differ from a row's by `off`, px: across the curve as it is, along it
    /// [`ALONG`] times less.
    pub fn miss_px(&self, row: usize, off: impl Iterator<Item = Vec2>) -> f64 {
        let square = |(off, normal): (Vec2, &Vec2)| {
            let (whole, across) = (off.hypot2(), off.dot(*normal).powi(2));
            if *normal == Vec2::ZERO { whole } else { across + (whole - across).max(0.0) / (ALONG * ALONG) }
        };
        off.zip(&self.normals[row]).map(square).fold(0.0, f64::max).sqrt()
    }

    /// How far one place may be off in x and in y, in tolerances.
    pub fn slack(&self, row: usize, place: usize) -> Vec2 {
        let normal = self.normals[row][place];
        if normal == Vec2::ZERO {
            return Vec2::new(1.0, 1.0);
        }
        let reach = |across: f64, along: f64| across.hypot(ALONG * along);
        Vec2::new(reach(normal.x, normal.y), reach(normal.y, normal.x))
    }
}

/// Vectors of a control point in a row.
const CONTROLS: usize = 7;

/// A key's row, and the normals of what is measured.
fn row(key: &Key, closed: bool) -> (Vec<Vec2>, Vec<Vec2>) {
    let outline = Outline::new(&key.points, closed);
    let counts = vec![PER_SEGMENT; outline.segments().len()];
    let samples = outline.samples_by_count(&counts);
    let mut out: Vec<Vec2> = samples.iter().map(|s| s.position.to_vec2()).collect();
    let mut normals = sliding(&samples, closed);
    for p in &key.points {
        let offset = p.feather.as_ref().map_or([0.0; 2], |f| f.offset);
        out.extend([vector(offset), Vec2::new(p.width.unwrap_or(0.0), 0.0)]);
        normals.extend([Vec2::ZERO; 2]);
    }
    push_controls(&mut out, key);
    (out, normals)
}

/// The same with what makes the curve instead of places on it: of each point itself and the ends of its tangents, where the shape has
/// them those of its feather, and its width.
fn controls_row(key: &Key, (feather, width): (bool, bool)) -> (Vec<Vec2>, Vec<Vec2>) {
    let mut out = Vec::with_capacity(key.points.len() * (2 * CONTROLS));
    let ends = |p: &Point| {
        let place = Vec2::new(p.x, p.y);
        [place, place + vector(p.tangent_in), place + vector(p.tangent_out)]
    };
    for p in &key.points {
        out.extend(ends(p));
        if feather {
            out.extend(ends(&p.on_feather()));
        }
        if width {
            out.push(Vec2::new(p.width.unwrap_or(0.0), 0.0));
        }
    }
    let normals = vec![Vec2::ZERO; out.len()];
    push_controls(&mut out, key);
    (out, normals)
}

/// The control points as they are.
fn push_controls(out: &mut Vec<Vec2>, key: &Key) {
    for p in &key.points {
        let f = p.feather.clone().unwrap_or_default();
        out.extend([Vec2::new(p.x, p.y), Vec2::new(p.width.unwrap_or(0.0), 0.0)]);
        out.extend([p.tangent_in, p.tangent_out, f.offset, f.tangent_in, f.tangent_out].map(vector));
    }
}

fn vector(v: [f64; 2]) -> Vec2 {
    Vec2::new(v[0], v[1])
}

/// The normal at each sample where a slide along the curve changes nothing; zero at ends and at corners, where it does.
fn sliding(samples: &[Sample], closed: bool) -> Vec<Vec2> {
    let n = samples.len();
    let smooth = |i: usize| {
        let inner = closed || i > 0 && i + 1 < n;
        let [before, after] = [(i + n - 1) % n, (i + 1) % n].map(|k| samples[k].position);
        let (to, from) = (samples[i].position - before, after - samples[i].position);
        inner && to.dot(from) > CORNER * to.hypot() * from.hypot()
    };
    (0..n).map(|i| if smooth(i) { samples[i].normal() } else { Vec2::ZERO }).collect()
}

/// The control points in a row, with all else as in `like`.
pub(super) fn points(row: &[Vec2], like: &[Point]) -> Vec<Point> {
    let start = row.len() - like.len() * CONTROLS;
    let pair = |v: Vec2| [v.x, v.y];
    let controls = row[start..].chunks_exact(CONTROLS);
    like.iter()
        .zip(controls)
        .map(|(p, c)| Point {
            x: c[0].x,
            y: c[0].y,
            width: (p.width.is_some() || c[1].x != 0.0).then_some(c[1].x),
            tangent_in: pair(c[2]),
            tangent_out: pair(c[3]),
            feather: (p.feather.is_some() || c[4..].iter().any(|v| *v != Vec2::ZERO)).then(|| Feather {
                offset: pair(c[4]),
                tangent_in: pair(c[5]),
                tangent_out: pair(c[6]),
            }),
            locked: p.locked,
            extra: p.extra.clone(),
        })
        .collect()
}
