//! A shape's own motion while a shutter is open.

use crate::Shape;
use crate::interpolate::blend;
use crate::jumps::{Part, SMALL_PX, STEADY};
use crate::key::{Interp, Key, Point};

/// Keys no farther apart than this stand for single frames, frames.
const ONE_FRAME: f64 = 1.0 + 1e-9;

impl Shape {
    /// The control points at `time` as an exposure of `frame` sees them.
    ///
    /// - A held frame is still for the whole exposure: one in an [`Interp::Hold`], or on a key that repeats itself on the
    ///   frame before or after.
    /// - No exposure sees across a jump: the pose before or after it stays. A jump is where a hold ends. Between linear keys a frame
    ///   apart it is also a move of more than 1 px that goes on neither on the frame before nor on the one after: there it is less
    ///   than a quarter as far, or another way. Where only the form of a shape jumps, as replaced parts do, its points keep their
    ///   places about their mean, and still move with that.
    /// - Between solved keys a frame apart, whose straight lines stand for motion that nobody has drawn, the path is the cubic
    ///   through the frames around (Catmull-Rom), a parabola where only one side goes on, and straight where neither does. An
    ///   artist's own linear keys are straight.
    ///
    /// Everywhere else, and on every key, this is [`Shape::points_at`].
    pub fn points_exposed(&self, frame: f64, time: f64) -> Vec<Point> {
        if self.is_held(frame) {
            return self.points_at(frame);
        }
        let time = self.within_jumps(frame, time);
        let [place, form] = [Part::Place, Part::Form].map(|part| self.within_steps(part, frame, time));
        let mut points = self.pose(form);
        if place != form {
            let ([x, y], [from_x, from_y]) = (mean(&self.pose(place)), mean(&points));
            for p in &mut points {
                p.x += x - from_x;
                p.y += y - from_y;
            }
        }
        points
    }

    fn pose(&self, time: f64) -> Vec<Point> {
        self.between_frames(time).unwrap_or_else(|| self.points_at(time))
    }

    /// The last key at or before `time`.
    fn key_before(&self, time: f64) -> Option<usize> {
        self.keys.partition_point(|k| k.frame <= time).checked_sub(1)
    }

    fn is_held(&self, frame: f64) -> bool {
        let Some(i) = self.key_before(frame) else { return true };
        let key = &self.keys[i];
        let repeats = |other: Option<&Key>| {
            other.is_some_and(|o| (o.frame - key.frame).abs() <= ONE_FRAME && same_pose(o, key))
        };
        let next = self.keys.get(i + 1);
        next.is_none() && frame > key.frame
            || next.is_some() && key.interp == Interp::Hold
            || key.frame == frame && (repeats(next) || i > 0 && repeats(self.keys.get(i - 1)))
    }

    /// `time`, or the moment nearest to it that no jump parts from `frame`.
    fn within_jumps(&self, frame: f64, time: f64) -> f64 {
        let jumps = self.keys.windows(2).filter(|w| w[0].interp == Interp::Hold);
        if time < frame {
            let after = jumps.map(|w| w[1].frame).filter(|f| *f <= frame);
            after.fold(time, f64::max)
        } else {
            // What is held until the jump is what the key before it says.
            let jump = jumps.filter(|w| w[1].frame > frame).find(|w| w[1].frame <= time);
            jump.map_or(time, |w| w[0].frame.max(frame))
        }
    }

    fn between_frames(&self, time: f64) -> Option<Vec<Point>> {
        let a = self.key_before(time)?;
        let b = a + 1;
        let (from, to) = (self.keys.get(a)?, self.keys.get(b)?);
        let solved = self.is_frame_step(a) && !(from.is_artists() && to.is_artists());
        if !solved || time == from.frame {
            return None;
        }
        let move_px = distance(from, to);
        let goes_on = |step: usize| {
            let other = distance(&self.keys[step], &self.keys[step + 1]);
            let steady = |x: f64, y: f64| x <= (STEADY * y).max(SMALL_PX);
            let one = || ![Part::Place, Part::Form].iter().any(|part| self.is_jump(*part, step));
            other > 0.0 && steady(other, move_px) && steady(move_px, other) && one()
        };
        let before = a.checked_sub(1).filter(|&k| self.is_frame_step(k) && goes_on(k));
        let after = Some(b + 1).filter(|_| self.is_frame_step(b) && goes_on(b));
        let t = (time - from.frame) / (to.frame - from.frame);
        let (t2, t3) = (t * t, t * t * t);
        let (out_of, into) = (t3 - 2.0 * t2 + t, t3 - t2);
        // Weights of the keys before, at both ends, and after; a slope is half the chord over two frames.
        let weights = match (before, after) {
            (Some(_), Some(_)) => {
                let (h0, h1) = (2.0 * t3 - 3.0 * t2 + 1.0, -2.0 * t3 + 3.0 * t2);
                [-0.5 * out_of, h0 - 0.5 * into, h1 + 0.5 * out_of, 0.5 * into]
            }
            (Some(_), None) => [0.5 * (t2 - t), 1.0 - t2, 0.5 * (t2 + t), 0.0],
            (None, Some(_)) => [0.0, 0.5 * (t2 - 3.0 * t) + 1.0, 2.0 * t - t2, 0.5 * (t2 - t)],
            (None, None) => return None,
        };
        let keys = [before.unwrap_or(a), a, b, after.unwrap_or(b)];
        let point = |i: usize| {
            let part = |k: usize| (&self.keys[keys[k]].points[i], weights[k]);
            blend(&[part(0), part(1), part(2), part(3)])
        };
        Some((0..from.points.len()).map(point).collect())
    }

    /// Whether key `i` and the next one are a frame apart with a straight line between them.
    fn is_frame_step(&self, i: usize) -> bool {
        match (self.keys.get(i), self.keys.get(i + 1)) {
            (Some(a), Some(b)) => a.interp == Interp::Linear && b.frame - a.frame <= ONE_FRAME,
            _ => false,
        }
    }
}

fn same_pose(a: &Key, b: &Key) -> bool {
    a.points.iter().zip(&b.points).all(|(p, q)| p.numbers().eq(q.numbers()))
}

fn mean(points: &[Point]) -> [f64; 2] {
    let sum = points.iter().fold([0.0; 2], |[x, y], p| [x + p.x, y + p.y]);
    sum.map(|v| v / points.len().max(1) as f64)
}

/// How far the points of two keys lie apart, px, on average.
fn distance(a: &Key, b: &Key) -> f64 {
    let sum: f64 = a.points.iter().zip(&b.points).map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).sum();
    sum / a.points.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solved(xs: &[f64]) -> Shape {
        let key = |(i, x): (usize, &f64)| Key {
            confidence: Some(0.9),
            ..Key::new(i as f64, vec![Point::corner(*x, 2.0 * x)])
        };
        Shape::new("s", true, xs.iter().enumerate().map(key).collect())
    }

    fn x(shape: &Shape, frame: f64, time: f64) -> f64 {
        shape.points_exposed(frame, time)[0].x
    }

    #[test]
    fn steady_curved_motion_is_followed() {
        let parabola = |t: f64| 3.0 * t + 0.5 * t * t;
        let shape = solved(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(parabola));
        for time in [0.25, 0.5, 1.75, 2.5, 4.25, 4.75] {
            assert!((x(&shape, 2.0, time) - parabola(time)).abs() < 1e-9, "{time}");
        }
        assert_eq!(x(&shape, 2.0, 2.0), parabola(2.0));
    }

    #[test]
    fn an_artists_keys_stay_straight() {
        let mut shape = solved(&[0.0, 3.0, 8.0, 15.0]);
        shape.keys.iter_mut().for_each(|k| k.confidence = None);
        assert_eq!(x(&shape, 1.0, 1.5), 5.5);
    }

    #[test]
    fn held_frames_are_still() {
        let twos = solved(&[0.0, 0.0, 5.0, 5.0, 9.0, 9.0]);
        for frame in 0..6 {
            for by in [-0.5, -0.25, 0.25, 0.5] {
                let frame = f64::from(frame);
                assert_eq!(x(&twos, frame, frame + by), x(&twos, frame, frame));
            }
        }
    }

    #[test]
    fn no_exposure_sees_across_a_jump() {
        let mut shape = solved(&[0.0, 2.0, 100.0, 102.0, 104.0]);
        shape.keys[1].interp = Interp::Hold;
        assert_eq!(x(&shape, 2.0, 1.75), 100.0);
        assert!(x(&shape, 2.0, 2.25) > 100.4);
        assert_eq!(x(&shape, 1.0, 2.5), 2.0, "a hold is still");
        assert_eq!(x(&shape, 0.0, 2.5), 2.0, "a long shutter stops at the hold");
    }

    #[test]
    fn a_jump_nobody_has_marked_bends_no_path() {
        let mut shape = solved(&[0.0, 1.0, 2.0, 90.0, 91.0, 92.0]);
        assert_eq!(x(&shape, 1.0, 1.5), 1.5);
        assert_eq!(x(&shape, 4.0, 3.5), 90.5);
        assert_eq!((x(&shape, 2.0, 2.5), x(&shape, 3.0, 2.5)), (2.0, 90.0), "nor is it smeared");
        shape.keys.iter_mut().for_each(|k| k.confidence = None);
        assert_eq!((x(&shape, 2.0, 2.5), x(&shape, 3.0, 2.5)), (2.0, 90.0), "whoever made the keys");
    }

    #[test]
    fn a_replaced_form_still_moves_with_its_place() {
        let key = |frame: f64, half: f64| {
            let x = 10.0 * frame;
            let corners = [(x - half, -half), (x + half, -half), (x + half, half), (x - half, half)];
            Key {
                confidence: Some(0.9),
                ..Key::new(frame, corners.map(|(x, y)| Point::corner(x, y)).to_vec())
            }
        };
        let shape = Shape::new("s", true, vec![key(0.0, 4.0), key(1.0, 4.0), key(2.0, 9.0), key(3.0, 9.0)]);
        for (frame, time, half) in [(1.0, 1.4, 4.0), (2.0, 1.6, 9.0), (1.0, 0.6, 4.0)] {
            let points = shape.points_exposed(frame, time);
            let [left, right] = [points[0].x, points[1].x];
            assert!(
                (right - left - 2.0 * half).abs() < 1e-9 && (left + right - 20.0 * time).abs() < 1e-9,
                "{time}"
            );
        }
    }

    #[test]
    fn outside_of_the_keys_it_is_still() {
        let shape = solved(&[0.0, 3.0]);
        assert_eq!((x(&shape, -2.0, -1.0), x(&shape, 4.0, 3.5)), (0.0, 3.0));
        assert_eq!(x(&shape, 0.0, -0.25), 0.0);
    }
}
