//! The same contour on many frames.

use kurbo::Vec2;

use super::contour::Loop;

/// Two contours are one part from frame to frame from this overlap on (their intersection by their union).
const SAME: f64 = 0.5;
/// What an overlap counts beside others that is only there when both are laid on each other.
const MOVED: f64 = 0.8;

/// A contour that is there on frames one after the other.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its first frame, as a position in the list of frames.
    pub first: usize,
    /// The contour on each frame.
    pub loops: Vec<Loop>,
    /// How many contours of its first frame it lies in: odd for holes.
    pub depth: usize,
}

/// Parts of all frames' contours: each contour goes on in the one of the next frame that overlaps it most. Outer parts come before what
/// lies in them, large ones before small ones.
pub fn parts(frames: &[Vec<Loop>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    // Of the frame before, which part each contour went to.
    let mut before: Vec<usize> = Vec::new();
    for (f, loops) in frames.iter().enumerate() {
        let old = if f > 0 { &frames[f - 1][..] } else { &[] };
        let mut pairs = Vec::new();
        for (i, a) in old.iter().enumerate() {
            for (j, b) in loops.iter().enumerate().filter(|(_, b)| a.is_hole() == b.is_hole()) {
                pairs.extend(alike(a, b).map(|score| (score, i, j)));
            }
        }
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut taken, mut goes_to) = (vec![false; old.len()], vec![None; loops.len()]);
        for (_, i, j) in pairs {
            if !taken[i] && goes_to[j].is_none() {
                taken[i] = true;
                goes_to[j] = Some(before[i]);
            }
        }
        before = Vec::with_capacity(loops.len());
        for (contour, part) in loops.iter().zip(goes_to) {
            let part = part.unwrap_or_else(|| {
                let start = contour.0[0];
                let depth = loops.iter().filter(|l| *l != contour && l.contains(start)).count();
                parts.push(Part { first: f, loops: Vec::new(), depth });
                parts.len() - 1
            });
            parts[part].loops.push(contour.clone());
            before.push(part);
        }
    }
    let size = |p: &Part| p.loops.iter().map(|l| l.area_px2().abs()).fold(0.0, f64::max);
    parts.sort_by(|a, b| a.depth.cmp(&b.depth).then(size(b).total_cmp(&size(a))));
    parts
}

/// How good a pair they are, if they can be one part: their overlap where they are or, counting less, laid on each other.
fn alike(a: &Loop, b: &Loop) -> Option<f64> {
    let areas = [a, b].map(|l| l.area_px2().abs());
    if areas[0].min(areas[1]) < SAME * areas[0].max(areas[1]) {
        return None;
    }
    let here = overlap(a, b, Vec2::ZERO);
    if here >= SAME {
        return Some(here);
    }
    let by = b.centre() - a.centre();
    if by.hypot() > 2.0 * areas[0].sqrt() {
        return None;
    }
    let moved = overlap(a, b, by);
    (moved >= SAME).then_some(MOVED * moved)
}

/// Intersection by union of `a` moved by `by` and `b`, row by row.
fn overlap(a: &Loop, b: &Loop, by: Vec2) -> f64 {
    let rows = |l: &Loop, up: f64| {
        let ys = || l.0.iter().map(|p| p.y + up);
        (ys().fold(f64::INFINITY, f64::min), ys().fold(f64::NEG_INFINITY, f64::max))
    };
    let (top, bottom) = (rows(a, by.y), rows(b, 0.0));
    let (first, last) = (top.0.max(bottom.0).floor() as i64, top.1.min(bottom.1).ceil() as i64);
    let mut both = 0.0;
    for row in first..last {
        let y = row as f64 + 0.5;
        let (xs, zs) = (a.crossings(y - by.y), b.crossings(y));
        for x in xs.chunks_exact(2) {
            for z in zs.chunks_exact(2) {
                both += ((x[1] + by.x).min(z[1]) - (x[0] + by.x).max(z[0])).max(0.0);
            }
        }
    }
    let all = a.area_px2().abs() + b.area_px2().abs() - both;
    if all > 0.0 { both / all } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kurbo::Point;

    fn square(x: f64, size: f64) -> Loop {
        let corners = [(x, 0.0), (x + size, 0.0), (x + size, size), (x, size)];
        Loop(corners.map(|(x, y)| Point::new(x, y + 5.25)).to_vec())
    }

    #[test]
    fn parts_follow_their_contours_and_come_and_go() {
        let frames = [
            vec![square(0.0, 20.0), square(60.0, 8.0)],
            vec![square(61.0, 8.0), square(3.0, 20.0)],
            vec![square(90.0, 30.0), square(6.0, 20.0)],
        ];
        let found = parts(&frames);
        let spans: Vec<_> = found.iter().map(|p| (p.first, p.loops.len())).collect();
        assert_eq!(spans, [(2, 1), (0, 3), (0, 2)]);
        assert!(found[1].loops.iter().enumerate().all(|(f, l)| l.0[0].x == 3.0 * f as f64));
    }

    #[test]
    fn what_lies_inside_comes_after() {
        let hole = Loop(square(5.0, 6.0).0.into_iter().rev().collect());
        let inner = Loop(hole.0.iter().map(|p| Point::new(p.x, p.y + 5.0)).collect());
        let found = parts(&[vec![inner, square(0.0, 20.0)]]);
        assert_eq!(found.iter().map(|p| p.depth).collect::<Vec<_>>(), [0, 1]);
        assert!(found[1].loops[0].is_hole());
    }

    #[test]
    fn a_fast_one_is_recognised_by_its_form() {
        let found = parts(&[vec![square(0.0, 10.0)], vec![square(13.0, 10.0)]]);
        assert_eq!(found.len(), 1);
        // It also loses a third of itself, and its edge is finer on one side.
        let mut ragged = square(23.0, 10.0);
        ragged.0.iter_mut().filter(|p| p.x > 24.0).for_each(|p| p.x -= 3.0);
        ragged.0.splice(0..1, (0..50).map(|i| Point::new(23.0, 15.25 - 0.2 * f64::from(i))));
        assert_eq!(parts(&[vec![square(10.0, 10.0)], vec![ragged]]).len(), 1);
        let found = parts(&[vec![square(0.0, 10.0)], vec![square(40.0, 10.0)]]);
        assert_eq!(found.len(), 2, "too far away");
    }
}
