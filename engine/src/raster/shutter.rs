//! The moments of an exposure.

use kurbo::{Affine, Vec2};
use shapes::{Point, Shape};

/// An open shutter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MotionBlur {
    /// How long it is open, frames (0.5 is 180 degrees).
    pub shutter_frames: f64,
    /// When it opens, frames from the frame drawn (-0.25 centres a shutter of 0.5).
    pub opens_at_frames: f64,
}

/// Parts of the exposure whose speeds are looked at.
const PARTS: usize = 8;
/// Most moments.
const MOST: f64 = 1024.0;

/// What moves, and how soft its edge is at least, raster px.
pub(super) struct Moving<'d> {
    pub shape: &'d Shape,
    pub feather_px: f64,
}

/// The moments whose mean is the exposure of `frame`, within 1/512; one if nothing moves.
///
/// An edge that passes a pixel makes its coverage rise over a pixel's width, or that of the feather. The mean of moments
/// whose edges lie `h` apart is off by `h^2 / 8` for each rise at worst, over the length of the sweep, and by twice that for
/// what comes and goes.
pub(super) fn moments(frame: f64, blur: MotionBlur, moving: &[Moving<'_>], map: Affine) -> Vec<f64> {
    let MotionBlur { shutter_frames, opens_at_frames } = blur;
    if !(shutter_frames > 0.0 && shutter_frames.is_finite() && opens_at_frames.is_finite()) {
        return vec![frame];
    }
    let at = |part: f64| frame + opens_at_frames + shutter_frames * part;
    let count = moving.iter().map(|m| {
        let poses: Vec<_> =
            (0..=PARTS).map(|i| m.shape.points_exposed(frame, at(i as f64 / PARTS as f64))).collect();
        let closed = m.shape.closed;
        let fastest = poses.windows(2).map(|w| distance(&w[0], &w[1], closed, map)).fold(0.0, f64::max);
        (128.0 * fastest * PARTS as f64 / m.feather_px.max(1.0)).sqrt()
    });
    let count = count.fold(1.0, f64::max).ceil().min(MOST) as usize;
    if count == 1 {
        return vec![frame];
    }
    (0..count).map(|i| at((i as f64 + 0.5) / count as f64)).collect()
}

/// The farthest that any control point moves, raster px; no place on the curves, or on a stroke's edge, moves farther.
fn distance(a: &[Point], b: &[Point], closed: bool, map: Affine) -> f64 {
    let [xx, xy, yx, yy, ..] = map.as_coeffs();
    let in_raster = |v: Vec2| Vec2::new(xx * v.x + yx * v.y, xy * v.x + yy * v.y).hypot();
    let handles = |p: &Point| {
        let at = Vec2::new(p.x, p.y);
        let feather = p.feather.clone().unwrap_or_default();
        let second = at + Vec2::from(pair(feather.offset));
        [
            at,
            at + Vec2::from(pair(p.tangent_in)),
            at + Vec2::from(pair(p.tangent_out)),
            second,
            second + Vec2::from(pair(feather.tangent_in)),
            second + Vec2::from(pair(feather.tangent_out)),
        ]
    };
    let apart = |(p, q): (&Point, &Point)| {
        let feather = |p: &Point| p.feather.as_ref().map_or(0.0, |f| f.offset[0].hypot(f.offset[1]));
        let softer = if closed { 0.0 } else { (feather(p) - feather(q)).abs() };
        let wider = 0.5 * (p.width.unwrap_or(0.0) - q.width.unwrap_or(0.0)).abs() + softer;
        let moved = handles(p).into_iter().zip(handles(q)).map(|(a, b)| in_raster(b - a)).fold(0.0, f64::max);
        moved + in_raster(Vec2::new(wider, 0.0)).max(in_raster(Vec2::new(0.0, wider)))
    };
    a.iter().zip(b).map(apart).fold(0.0, f64::max)
}

fn pair([x, y]: [f64; 2]) -> (f64, f64) {
    (x, y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Key;

    fn count(by: f64, feather_px: f64) -> usize {
        let key = |f: f64, x: f64| Key::new(f, vec![Point::corner(x, 0.0), Point::corner(x + 9.0, 3.0)]);
        let shape = Shape::new("s", true, vec![key(0.0, 0.0), key(1.0, by), key(2.0, 2.0 * by)]);
        let blur = MotionBlur { shutter_frames: 0.5, opens_at_frames: -0.25 };
        moments(1.0, blur, &[Moving { shape: &shape, feather_px }], Affine::IDENTITY).len()
    }

    #[test]
    fn moments_follow_the_motion() {
        assert_eq!(count(0.0, 0.0), 1);
        assert_eq!(count(16.0, 0.0), 32);
        assert_eq!(count(16.0, 4.0), 16, "a soft edge needs fewer");
        assert_eq!(count(1e9, 0.0), 1024);
    }

    #[test]
    fn a_shutter_that_is_none_opens_once() {
        for blur in [(0.0, 0.0), (f64::NAN, 0.0), (0.5, f64::INFINITY), (-1.0, 0.0)] {
            let blur = MotionBlur { shutter_frames: blur.0, opens_at_frames: blur.1 };
            assert_eq!(moments(7.0, blur, &[], Affine::IDENTITY), [7.0]);
        }
    }
}
