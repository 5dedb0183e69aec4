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
    }
}
