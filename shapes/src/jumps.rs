//! Jumps: frames between which a part is replaced, or is put elsewhere, and does not move.
//!
//! What moves goes on moving: on one of the frames beside a step it goes about the same way, no more than four times slower.
//! A step of one frame that is like neither of the steps beside it is a jump. Where a shape goes as a whole and what form it
//! has are told apart, because a part that is replaced while the head goes on moving still moves with the head.

use crate::{Interp, Point, Shape};

/// Motion goes on where a frame moves at most this many times as far as the one beside it.
pub(crate) const STEADY: f64 = 4.0;
/// Moves shorter than this never count as jumps, px.
pub(crate) const SMALL_PX: f64 = 1.0;
/// How far from one frame two keys apart by one may be, frames.
const SLACK: f64 = 1e-6;

/// What of a shape may jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Where it is: the mean of its points.
    Place,
    /// Its points about their mean.
    Form,
}

impl Shape {
    /// `time`, or the moment nearest to it that no jump parts from `frame`. A frame inside of a jump is the key before it.
    pub(crate) fn within_steps(&self, part: Part, frame: f64, time: f64) -> f64 {
        let steps = || self.keys.windows(2).enumerate().map(|(i, w)| (i, w[0].frame, w[1].frame));
        let jumps = |i: usize| self.is_jump(part, i);
        if let Some((_, from, _)) = steps().find(|&(i, from, to)| from < frame && frame < to && jumps(i)) {
            return from;
        }
        if time < frame {
            let passed = steps().rev().filter(|(_, _, to)| *to > time && *to <= frame);
            passed.into_iter().find(|(i, ..)| jumps(*i)).map_or(time, |(_, _, to)| to)
        } else {
            let passed = steps().filter(|(_, from, _)| *from < time && *from >= frame);
            passed.into_iter().find(|(i, ..)| jumps(*i)).map_or(time, |(_, from, _)| from)
        }
    }

    /// Whether the shape jumps between key `i` and the next one, which are a frame apart with a straight line between them.
    /// Longer spans, smooth ones and those between frames are motion that somebody has drawn.
    pub(crate) fn is_jump(&self, part: Part, i: usize) -> bool {
        let (Some(a), Some(b)) = (self.keys.get(i), self.keys.get(i + 1)) else { return false };
        if a.interp != Interp::Linear || (b.frame - a.frame - 1.0).abs() > SLACK {
            return false;
        }
        let step = moves(part, &a.points, &b.points);
        if size(&step) <= SMALL_PX {
            return false;
        }
        let before = (i > 0).then(|| moves(part, &self.points_at(a.frame - 1.0), &a.points));
        let after = (i + 2 < self.keys.len()).then(|| moves(part, &b.points, &self.points_at(b.frame + 1.0)));
        // A far longer step is a jump itself, and says nothing of this one.
        let mut beside =
            [before, after].into_iter().flatten().filter(|o| size(o) <= STEADY * size(&step)).peekable();
        beside.peek().is_some() && !beside.any(|other| goes_on(&step, &other))
    }
}

/// Whether two steps are one motion: of like lengths, and nearer to each other than to standing still.
fn goes_on(step: &[[f64; 2]], other: &[[f64; 2]]) -> bool {
    let apart: Vec<[f64; 2]> = step.iter().zip(other).map(|(a, b)| [a[0] - b[0], a[1] - b[1]]).collect();
    size(step) <= STEADY * size(other) && size(&apart) <= size(step).max(size(other))
}

/// How a part moves from one pose to another, px: the mean move, or that of each point about the mean.
fn moves(part: Part, from: &[Point], to: &[Point]) -> Vec<[f64; 2]> {
    let all: Vec<[f64; 2]> = from.iter().zip(to).map(|(p, q)| [q.x - p.x, q.y - p.y]).collect();
    let count = all.len().max(1) as f64;
    let mean = all.iter().fold([0.0; 2], |m, v| [m[0] + v[0] / count, m[1] + v[1] / count]);
    match part {
        Part::Place => vec![mean],
        Part::Form => all.into_iter().map(|v| [v[0] - mean[0], v[1] - mean[1]]).collect(),
    }
}

/// Root mean square, px.
fn size(moves: &[[f64; 2]]) -> f64 {
    let squares: f64 = moves.iter().map(|[x, y]| x * x + y * y).sum();
    (squares / moves.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Key;

    /// A point that is where it is on frames 0, 1, …
    fn places(xs: &[f64]) -> Shape {
        let keys = xs.iter().enumerate().map(|(i, x)| Key::new(i as f64, vec![Point::corner(*x, 0.0)]));
        Shape::new("s", true, keys.collect())
    }

    fn jumps(part: Part, shape: &Shape) -> Vec<usize> {
        (0..shape.keys.len()).filter(|&i| shape.is_jump(part, i)).collect()
    }

    #[test]
    fn a_lone_burst_is_a_jump() {
        assert_eq!(jumps(Part::Place, &places(&[0.0, 0.1, 9.0, 9.1, 9.1])), [1]);
        assert_eq!(jumps(Part::Place, &places(&[0.0, 5.0, 50.0, 55.0, 60.0])), [1]);
        assert_eq!(jumps(Part::Place, &places(&[0.0, 90.0, 91.0, 92.0])), [0], "at the first key");
        assert_eq!(jumps(Part::Place, &places(&[0.0, 0.0, 9.0, 9.2, 1.0, 1.0])), [1, 3], "on twos");
    }

    #[test]
    fn motion_starts_turns_and_stops() {
        for xs in [
            &[0.0, 0.0, 3.0, 9.0, 18.0][..],
            &[0.0, 5.0, 10.0, 10.0, 10.0],
            &[0.0, 2.0, 7.0, 9.0, 9.5],
            // A ball that bounces.
            &[0.0, 10.0, 20.0, 10.0, 0.0],
            &[0.0, 7.0],
            &[0.0, 0.9, 0.9, 0.1, 0.1],
        ] {
            assert_eq!(jumps(Part::Place, &places(xs)), [0; 0], "{xs:?}");
        }
    }

    #[test]
    fn what_somebody_has_drawn_is_no_jump() {
        let mut shape = places(&[0.0, 0.0, 9.0, 9.0]);
        shape.keys[1].interp = Interp::Smooth;
        assert_eq!(jumps(Part::Place, &shape), [0; 0]);
        let mut shape = places(&[0.0, 0.0, 9.0, 9.0]);
        shape.keys.iter_mut().for_each(|k| k.frame *= 2.0);
        assert_eq!(jumps(Part::Place, &shape), [0; 0], "longer spans");
        shape.keys.iter_mut().for_each(|k| k.frame *= 0.25);
        assert_eq!(jumps(Part::Place, &shape), [0; 0], "between frames");
        // Few keys: the jump is still one.
        let mut shape = places(&[0.0, 4.0, 50.0, 58.0]);
        for (key, frame) in shape.keys.iter_mut().zip([0.0, 4.0, 5.0, 13.0]) {
            key.frame = frame;
        }
        assert_eq!(jumps(Part::Place, &shape), [1]);
    }

    /// A print on each frame: where it is, and the size of it.
    fn prints(sizes: &[[f64; 3]], by: f64) -> Shape {
        let key = |(i, &[a, b, c]): (usize, &[f64; 3])| {
            let x = i as f64 * by;
            let corner = |u: f64, v: f64| Point::corner(x + u, v);
            Key::new(i as f64, vec![corner(-a, -b), corner(b, -c), corner(c, a), corner(-b, c)])
        };
        Shape::new("s", true, sizes.iter().enumerate().map(key).collect())
    }

    #[test]
    fn a_replaced_part_jumps_on_a_head_that_moves() {
        let shape = prints(&[[9.0; 3], [9.1; 3], [3.0, 14.0, 6.0], [3.1, 14.0, 6.0]], 20.0);
        assert_eq!(jumps(Part::Form, &shape), [1]);
        assert_eq!(jumps(Part::Place, &shape), [0; 0]);
        let ones = prints(&[[9.0, 4.0, 7.0], [3.0, 14.0, 6.0], [12.0, 5.0, 2.0], [5.0, 9.0, 13.0]], 2.0);
        assert_eq!(jumps(Part::Form, &ones), [0, 1, 2], "a print a frame");
        let opens = prints(&[[4.0; 3], [5.0; 3], [7.0; 3], [10.0; 3], [12.0; 3]], 2.0);
        assert_eq!(jumps(Part::Form, &opens), [0; 0], "one that opens");
    }

    #[test]
    fn an_exposure_stays_on_its_side() {
        let shape = places(&[0.0, 0.1, 9.0, 9.1, 9.1]);
        let within = |frame, time| shape.within_steps(Part::Place, frame, time);
        assert_eq!((within(1.0, 1.4), within(2.0, 1.6), within(0.0, 2.5)), (1.0, 2.0, 1.0));
        assert_eq!((within(1.0, 0.6), within(2.0, 2.4)), (0.6, 2.4));
        assert_eq!((within(1.5, 1.3), within(1.5, 1.9)), (1.0, 1.0), "a field between both");
    }
}
