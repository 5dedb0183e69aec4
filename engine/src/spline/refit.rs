//! Control points for a curve whose samples have moved.

use kurbo::{Point, Vec2};

use super::Sample;

/// How strongly handles keep to `guide` against the samples: enough to settle what the samples leave open.
const GUIDE: f64 = 0.005;
/// Weight of a control point's own sample: it marks a feature and must stay on it.
const ANCHOR: f64 = 8.0;
/// Handles that leave a point within this angle of a straight line stay in line (cosine).
const IN_LINE: f64 = 0.995;

/// Fits control points to samples that have moved to `moved`, by linear least squares with each sample's
/// parameter kept.
///
/// `guide` are the control points before the move, already carried along approximately: they give the number of
/// points, feather and width, and settle what the samples leave open. Where `guide`'s handles lie in line, the
/// result's do. Returns `guide` when the lengths do not match or something is not finite.
pub fn refit(
    guide: &[shapes::Point],
    closed: bool,
    samples: &[Sample],
    moved: &[Point],
) -> Vec<shapes::Point> {
    let n = guide.len();
    if n == 0 || samples.len() != moved.len() || moved.iter().any(|p| !p.is_finite()) {
        return guide.to_vec();
    }
    // Unknowns: for each point its position and its two absolute handles; three vectors a point.
    let mut start = Vec::with_capacity(3 * n);
    for p in guide {
        let at = Vec2::new(p.x, p.y);
        start.push(at);
        start.push(at + Vec2::new(p.tangent_in[0], p.tangent_in[1]));
        start.push(at + Vec2::new(p.tangent_out[0], p.tangent_out[1]));
    }
    let rows: Vec<Row> =
        samples.iter().zip(moved).map(|(s, m)| Row::new(s, m.to_vec2(), n, closed)).collect();
    let solved = conjugate_gradients(&rows, &start);
    if solved.iter().any(|v| !v.is_finite()) {
        return guide.to_vec();
    }
    let mut out = guide.to_vec();
    for (i, p) in out.iter_mut().enumerate() {
        let at = solved[3 * i];
        let mut handles = [solved[3 * i + 1] - at, solved[3 * i + 2] - at];
        // A corner drawn without a handle keeps none.
        for (h, had) in handles.iter_mut().zip([p.tangent_in, p.tangent_out]) {
            if had == [0.0; 2] {
                *h = Vec2::ZERO;
            }
        }
        // An open end's outer handle shapes nothing and must not turn the inner one.
        let inner = closed || (i > 0 && i + 1 < n);
        if inner && in_line(p) {
            handles = aligned(handles);
        }
        (p.x, p.y) = (at.x, at.y);
        p.tangent_in = [handles[0].x, handles[0].y];
        p.tangent_out = [handles[1].x, handles[1].y];
    }
    out
}

fn in_line(p: &shapes::Point) -> bool {
    let (a, b) = (Vec2::new(p.tangent_in[0], p.tangent_in[1]), Vec2::new(p.tangent_out[0], p.tangent_out[1]));
    let lengths = a.hypot() * b.hypot();
    lengths > 1e-9 && -a.dot(b) >= IN_LINE * lengths
}

/// Both handles on their common direction, lengths kept.
fn aligned([a, b]: [Vec2; 2]) -> [Vec2; 2] {
    let along = b - a;
    let length = along.hypot();
    if length < 1e-9 {
        return [a, b];
    }
    let along = along / length;
    [along * a.dot(along).min(0.0), along * b.dot(along).max(0.0)]
}

/// One sample's equation: a weighted mean of four unknowns equals a position.
struct Row {
    at: [usize; 4],
    basis: [f64; 4],
    value: Vec2,
    weight: f64,
}

impl Row {
    fn new(sample: &Sample, value: Vec2, n: usize, closed: bool) -> Self {
        let i = sample.segment.min(n - 1);
        let next = if closed { (i + 1) % n } else { (i + 1).min(n - 1) };
        let (t, s) = (sample.t, 1.0 - sample.t);
        Row {
            at: [3 * i, 3 * i + 2, 3 * next + 1, 3 * next],
            basis: [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t],
            value,
            weight: if t == 0.0 || t == 1.0 { ANCHOR } else { 1.0 },
        }
    }

    fn apply(&self, x: &[Vec2]) -> Vec2 {
        let mut sum = Vec2::ZERO;
        for (i, b) in self.at.iter().zip(self.basis) {
            sum += x[*i] * b;
        }
        sum
    }

    fn scatter(&self, residual: Vec2, out: &mut [Vec2]) {
        for (i, b) in self.at.iter().zip(self.basis) {
            out[*i] += residual * (b * self.weight);
        }
    }
}

/// Least squares over `rows`, pulled to `start`; both coordinates at once. The pull makes the matrix definite.
fn conjugate_gradients(rows: &[Row], start: &[Vec2]) -> Vec<Vec2> {
    let multiply = |x: &[Vec2]| {
        let mut out: Vec<Vec2> = x.iter().map(|v| *v * GUIDE).collect();
        for row in rows {
            row.scatter(row.apply(x), &mut out);
        }
        out
    };
    // The unknown is the change from `start`.
    let mut residual = vec![Vec2::ZERO; start.len()];
    for row in rows {
        row.scatter(row.value - row.apply(start), &mut residual);
    }
    let dot = |a: &[Vec2], b: &[Vec2]| a.iter().zip(b).map(|(p, q)| p.dot(*q)).sum::<f64>();
    let mut x = vec![Vec2::ZERO; start.len()];
    let mut direction = residual.clone();
    let mut size = dot(&residual, &residual);
    let enough = size * 1e-16;
    for _ in 0..(6 * start.len()).max(50) {
        if size <= enough || size < 1e-20 {
            break;
        }
        let image = multiply(&direction);
        let step = size / dot(&direction, &image);
        for i in 0..x.len() {
            x[i] += direction[i] * step;
            residual[i] -= image[i] * step;
        }
        let new = dot(&residual, &residual);
        for (d, r) in direction.iter_mut().zip(&residual) {
            *d = *r + *d * (new / size);
        }
        size = new;
    }
    x.iter().zip(start).map(|(d, s)| *d + *s).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spline::Outline;
    use proptest::prelude::*;

    fn blob(n: usize, closed: bool) -> (Vec<shapes::Point>, Outline) {
        let points: Vec<_> = (0..n)
            .map(|i| {
                let a = i as f64 / n as f64 * std::f64::consts::TAU;
                let (s, c) = a.sin_cos();
                let r = 40.0 + 6.0 * (3.0 * a).sin();
                shapes::Point::new(60.0 + r * c, 50.0 + r * s, [9.0 * s, -9.0 * c], [-8.0 * s, 8.0 * c])
            })
            .collect();
        let outline = Outline::new(&points, closed);
        (points, outline)
    }

    proptest! {
        /// Moved by an affine map, a curve's control points are those of the mapped curve.
        #[test]
        fn an_affine_move_is_recovered(
            n in 3usize..14, closed: bool, m in prop::array::uniform4(-0.3..0.3f64), d in prop::array::uniform2(-40.0..40.0f64),
        ) {
            let (points, outline) = blob(n, closed);
            let samples = outline.samples(2.0, 6);
            let map = |v: Vec2| Vec2::new((1.0 + m[0]) * v.x + m[1] * v.y, m[2] * v.x + (1.0 + m[3]) * v.y);
            let shift = Vec2::new(d[0], d[1]);
            let moved: Vec<_> = samples.iter().map(|s| (map(s.position.to_vec2()) + shift).to_point()).collect();
            // The guide is only shifted: the rest must come from the samples.
            let guide: Vec<_> = points
                .iter()
                .map(|p| shapes::Point { x: p.x + d[0], y: p.y + d[1], ..p.clone() })
                .collect();
            let fit = refit(&guide, closed, &samples, &moved);
            let again = Outline::new(&fit, closed).samples_by_count(
                &(0..outline.segments().len())
                    .map(|i| samples.iter().filter(|s| s.segment == i && s.t < 1.0).count())
                    .collect::<Vec<_>>(),
            );
            prop_assert_eq!(again.len(), moved.len());
            for (a, m) in again.iter().zip(&moved) {
                prop_assert!(a.position.distance(*m) < 0.5, "{:?} {:?}", a.position, m);
            }
        }
    }

    #[test]
    fn nonsense_gives_the_guide() {
        let (points, outline) = blob(5, true);
        let samples = outline.samples(3.0, 1);
        let nan = vec![Point::new(f64::NAN, 0.0); samples.len()];
        assert_eq!(refit(&points, true, &samples, &nan), points);
        assert_eq!(refit(&points, true, &samples, &[]), points);
        assert!(refit(&[], true, &[], &[]).is_empty());
    }
}
