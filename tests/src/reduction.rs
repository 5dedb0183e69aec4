//! What keys cost without a shape's points being keyed together.

use std::collections::BTreeSet;

use shapes::{Key, Shape};

/// Frames on which any point has a key when each point is reduced by itself, greedily: the next key as far away as a line
/// keeps all frames between within the tolerance. Artists' keys stay.
pub fn keys_of_greedy_points(shape: &Shape, tolerance_px: f64) -> usize {
    let points = shape.keys.first().map_or(0, |k| k.points.len());
    let mut frames = BTreeSet::new();
    for p in 0..points {
        let mut at = 0;
        frames.insert(0);
        while at + 1 < shape.keys.len() {
            let mut next = at + 1;
            while !shape.keys[next].is_artists() && fits(&shape.keys, p, at, next + 1, tolerance_px) {
                next += 1;
            }
            frames.insert(next);
            at = next;
        }
    }
    frames.len()
}

/// A number of keys below which no choice of keys with lines between them can keep the shape's points within the
/// tolerance, even if the lines of two spans need not meet: where three frames bend by more than twice the tolerance, no line
/// passes all of them. Artists' keys stay, and lines start at them exactly.
pub fn keys_at_least(shape: &Shape, tolerance_px: f64) -> usize {
    let keys = &shape.keys;
    let slack = |i: usize| if keys[i].is_artists() { 0.0 } else { tolerance_px };
    let on_a_line = |a: usize, b: usize, c: usize| {
        let t = (keys[b].frame - keys[a].frame) / (keys[c].frame - keys[a].frame);
        let limit = slack(b) + slack(a) * (1.0 - t) + slack(c) * t + 1e-9;
        let ends = keys[a].points.iter().zip(&keys[c].points);
        ends.zip(&keys[b].points)
            .all(|((p, q), m)| (p.x + (q.x - p.x) * t - m.x).hypot(p.y + (q.y - p.y) * t - m.y) <= limit)
    };
    let mut fewest: Vec<usize> = (1..=keys.len()).collect();
    for from in 0..keys.len() {
        for to in from + 1..keys.len() {
            fewest[to] = fewest[to].min(fewest[from] + 1);
            let next = to + 1;
            let bends = |i: usize| (i + 1..next).any(|j| !on_a_line(i, j, next));
            if keys[to].is_artists() || next == keys.len() || (from..to).any(bends) {
                break;
            }
        }
    }
    fewest.last().copied().unwrap_or(0)
}

fn fits(keys: &[Key], p: usize, a: usize, b: usize, tolerance_px: f64) -> bool {
    let Some(end) = keys.get(b) else { return false };
    let (from, to) = (&keys[a].points[p], &end.points[p]);
    keys[a + 1..b].iter().all(|key| {
        let t = (key.frame - keys[a].frame) / (end.frame - keys[a].frame);
        let x = from.x + (to.x - from.x) * t - key.points[p].x;
        let y = from.y + (to.y - from.y) * t - key.points[p].y;
        x.hypot(y) <= tolerance_px
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Point;

    #[test]
    fn each_point_has_its_own_keys() {
        let key = |i: usize| {
            let bend = |at: usize| (i as f64 - at as f64).abs();
            let points = vec![Point::corner(bend(3), 0.0), Point::corner(bend(6), 0.0)];
            Key { confidence: Some(1.0), ..Key::new(i as f64, points) }
        };
        let shape = Shape::new("s", true, (0..10).map(key).collect());
        assert_eq!(keys_of_greedy_points(&shape, 0.01), 4);
        assert_eq!(keys_of_greedy_points(&shape, 100.0), 2);
        // Two bends of 2 px over 2 frames, 3 frames apart: lines that need not meet may share them out.
        assert_eq!(keys_at_least(&shape, 0.01), 4);
        assert_eq!(keys_at_least(&shape, 100.0), 2);
    }
}
