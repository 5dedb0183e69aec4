//! A spline at one frame, and places on it.

use kurbo::{BezPath, CubicBez, ParamCurve, ParamCurveDeriv, Point, Vec2};

use crate::Point as ControlPoint;

/// Cubic segments through control points, from point `i` to point `i + 1` (and back to the first when closed).
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    segments: Vec<CubicBez>,
    closed: bool,
}

/// A place on an [`Outline`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Position, px.
    pub position: Point,
    /// Unit vector along the curve; zero where the whole curve is one point.
    pub tangent: Vec2,
    /// Segment it lies on, and where: 0 to 1.
    pub segment: usize,
    /// Curve parameter on that segment.
    pub t: f64,
    /// Distance along the curve from the first point, px.
    pub arc_px: f64,
}

impl Sample {
    /// The unit vector to the right of the direction of travel (y down): into a closed outline that runs
    /// clockwise on the screen.
    pub fn normal(&self) -> Vec2 {
        Vec2::new(-self.tangent.y, self.tangent.x)
    }
}

impl Outline {
    /// From control points. One point gives one segment of no length; none gives an empty outline.
    pub fn new(points: &[ControlPoint], closed: bool) -> Self {
        let n = points.len();
        let count = if closed { n } else { n.saturating_sub(1).max(n.min(1)) };
        let segments = (0..count)
            .map(|i| {
                let (p, q) = (&points[i], &points[(i + 1) % n]);
                let (a, b) = (Point::new(p.x, p.y), Point::new(q.x, q.y));
                CubicBez::new(a, a + vec(p.tangent_out), b + vec(q.tangent_in), b)
            })
            .collect();
        Outline { segments, closed }
    }

    /// The cubic segments.
    pub fn segments(&self) -> &[CubicBez] {
        &self.segments
    }

    /// Whether the last segment returns to the first point.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// As a path; empty for an empty outline.
    pub fn path(&self) -> BezPath {
        let mut path = BezPath::new();
        if let Some(first) = self.segments.first() {
            path.move_to(first.p0);
            for s in &self.segments {
                path.curve_to(s.p1, s.p2, s.p3);
            }
            if self.closed {
                path.close_path();
            }
        }
        path
    }

    /// Places about `spacing_px` apart (at least `least` on every segment), each segment starting at its control
    /// point; an open outline ends with its last point. The first sample of segment `i` is control point `i`.
    pub fn samples(&self, spacing_px: f64, least: usize) -> Vec<Sample> {
        let spacing_px = if spacing_px > 1e-3 { spacing_px } else { 1.0 };
        let counts: Vec<usize> = self
            .segments
            .iter()
            .map(|s| ((length(s) / spacing_px).ceil().min(4096.0) as usize).max(least).max(1))
            .collect();
        self.samples_by_count(&counts)
    }

    /// Places at the same parameters for every outline with the same counts: `counts[i]` on segment `i`, evenly
    /// spaced in the parameter. Missing counts mean one.
    pub fn samples_by_count(&self, counts: &[usize]) -> Vec<Sample> {
        let mut out = Vec::new();
        for (i, segment) in self.segments.iter().enumerate() {
            let n = counts.get(i).copied().unwrap_or(1).max(1);
            out.extend((0..n).map(|k| self.sample(i, segment, k as f64 / n as f64)));
        }
        if let (false, Some(last)) = (self.closed, self.segments.last()) {
            let end = self.sample(self.segments.len() - 1, last, 1.0);
            if end.position != last.p0 || self.segments.len() > 1 {
                out.push(end);
            }
        }
        let mut arc_px = 0.0;
        let mut before: Option<Point> = None;
        for s in &mut out {
            arc_px += before.map_or(0.0, |p| p.distance(s.position));
            s.arc_px = arc_px;
            before = Some(s.position);
        }
        out
    }

    fn sample(&self, index: usize, segment: &CubicBez, t: f64) -> Sample {
        Sample { position: segment.eval(t), tangent: direction(segment, t), segment: index, t, arc_px: 0.0 }
    }

    /// Twice the signed area is positive when a closed outline runs clockwise on the screen (y down), px squared.
    pub fn signed_area_px2(&self) -> f64 {
        use kurbo::ParamCurveArea;
        if self.closed { self.segments.iter().map(ParamCurveArea::signed_area).sum() } else { 0.0 }
    }

    /// Length of the curve, px, to about a thousandth.
    pub fn length_px(&self) -> f64 {
        self.segments.iter().map(length).sum()
    }
}

fn vec(v: [f64; 2]) -> Vec2 {
    Vec2::new(v[0], v[1])
}

fn length(segment: &CubicBez) -> f64 {
    use kurbo::ParamCurveArclen;
    let chord =
        segment.p0.distance(segment.p1) + segment.p1.distance(segment.p2) + segment.p2.distance(segment.p3);
    if chord.is_finite() && chord > 0.0 { segment.arclen(1e-3 * chord) } else { 0.0 }
}

/// Unit direction of travel; at a point without a handle that of the chord ahead or behind.
pub(crate) fn direction(segment: &CubicBez, t: f64) -> Vec2 {
    let d = segment.deriv().eval(t).to_vec2();
    let candidates =
        [d, segment.eval((t + 0.02).min(1.0)) - segment.eval((t - 0.02).max(0.0)), segment.p3 - segment.p0];
    for c in candidates {
        let l = c.hypot();
        if l.is_finite() && l > 1e-6 {
            return c / l;
        }
    }
    Vec2::ZERO
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Vec<ControlPoint> {
        [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)].map(|(x, y)| ControlPoint::corner(x, y)).to_vec()
    }

    #[test]
    fn samples_start_at_control_points() {
        let outline = Outline::new(&square(), true);
        let samples = outline.samples(2.0, 1);
        for i in 0..4 {
            let first = samples.iter().find(|s| s.segment == i).unwrap();
            assert_eq!((first.t, first.position), (0.0, outline.segments()[i].p0));
        }
        assert!((outline.length_px() - 40.0).abs() < 0.01);
        assert!((outline.signed_area_px2() - 100.0).abs() < 1e-9);
        assert_eq!(samples[0].normal(), Vec2::new(-0.0, 1.0), "clockwise: the normal points in");
    }

    #[test]
    fn open_ends_are_sampled() {
        let outline = Outline::new(&square(), false);
        let samples = outline.samples(5.0, 1);
        assert_eq!(samples[samples.len() - 1].position, Point::new(0.0, 10.0));
        assert_eq!(outline.segments().len(), 3);
    }

    #[test]
    fn few_points_and_no_length_are_survived() {
        for closed in [true, false] {
            assert!(Outline::new(&[], closed).samples(1.0, 4).is_empty());
            let one = Outline::new(&[ControlPoint::corner(3.0, 4.0)], closed);
            let samples = one.samples(1.0, 3);
            assert!(!samples.is_empty());
            assert!(
                samples
                    .iter()
                    .all(|s| s.position.distance(Point::new(3.0, 4.0)) < 1e-9 && s.tangent == Vec2::ZERO)
            );
            let two = Outline::new(&square()[..2], closed);
            assert!(two.samples(1.0, 1).len() >= 10);
        }
    }
}
