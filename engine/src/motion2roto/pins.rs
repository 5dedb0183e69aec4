//! Single points that an artist has fixed on keys of a solver's.
//!
//! A pinned point is exact on its frame. On the frames around it the same point is off by as much as the pin says, and
//! less so the nearer a key of the artist's is; the shape's other points stay as solved.

use shapes::{Key, Point, Shape};

/// What a point is off by: position and tangents, px.
type Off = [f64; 6];

/// Puts the pins of `before` on the frames `first` to `last` into a shape that has been solved anew, and spreads what
/// they say over the frames around.
///
/// The correction grows from the artist's key (or the pin before) to the pin with the motion of the shape, so frames that
/// are held stay held; beyond the outermost pin or key it stays what it is.
pub(super) fn apply(solved: &mut Shape, before: &Shape, first: f64, last: f64) {
    let inside = |k: &Key| k.frame >= first && k.frame <= last;
    for key in solved.keys.iter_mut().filter(|k| !k.is_artists() && inside(k)) {
        key.points.iter_mut().for_each(|p| p.locked = false);
    }
    let pinned: Vec<&Key> = before.keys.iter().filter(|k| k.has_pins() && inside(k)).collect();
    let points = before.keys.first().map_or(0, |k| k.points.len());
    let path = path_px(&solved.keys);
    for point in 0..points {
        let pins: Vec<(f64, &Point)> = pinned
            .iter()
            .filter_map(|k| Some((k.frame, k.points.get(point)?)))
            .filter(|(_, p)| p.locked)
            .collect();
        if !pins.is_empty() {
            pull(&mut solved.keys, point, &pins, &path, inside);
        }
    }
}

/// How far the shape has moved up to each key, as a mean over its points, px.
fn path_px(keys: &[Key]) -> Vec<f64> {
    let mut at = 0.0;
    let step = |w: &[Key]| {
        let pairs = w[0].points.iter().zip(&w[1].points);
        at += pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).sum::<f64>() / w[0].points.len().max(1) as f64;
        at
    };
    std::iter::once(0.0).chain(keys.windows(2).map(step)).collect()
}

fn pull(keys: &mut [Key], point: usize, pins: &[(f64, &Point)], path: &[f64], inside: impl Fn(&Key) -> bool) {
    // Where the correction is known: none on an artist's key, the pin's on its own.
    let known: Vec<(usize, Off)> = keys
        .iter()
        .enumerate()
        .filter_map(|(i, key)| {
            if key.is_artists() {
                return Some((i, [0.0; 6]));
            }
            let (_, pin) = pins.iter().find(|(frame, _)| *frame == key.frame)?;
            Some((i, off(pin, key.points.get(point)?)))
        })
        .collect();
    for (i, key) in keys.iter_mut().enumerate().filter(|(_, k)| !k.is_artists() && inside(k)) {
        let Some(p) = key.points.get_mut(point) else { continue };
        if let Some((_, pin)) = pins.iter().find(|(frame, _)| *frame == key.frame) {
            *p = Point { locked: true, ..(*pin).clone() };
        } else {
            add(p, between(&known, i, path));
        }
    }
}

fn off(pin: &Point, solved: &Point) -> Off {
    let numbers =
        |p: &Point| [p.x, p.y, p.tangent_in[0], p.tangent_in[1], p.tangent_out[0], p.tangent_out[1]];
    let (pin, solved) = (numbers(pin), numbers(solved));
    std::array::from_fn(|i| pin[i] - solved[i])
}

fn add(p: &mut Point, off: Off) {
    let numbers = [&mut p.x, &mut p.y].into_iter().chain(&mut p.tangent_in).chain(&mut p.tangent_out);
    numbers.zip(off).for_each(|(n, off)| *n += off);
}

fn between(known: &[(usize, Off)], i: usize, path: &[f64]) -> Off {
    let next = known.partition_point(|(k, _)| *k <= i);
    match (next.checked_sub(1).map(|k| known[k]), known.get(next)) {
        (Some((a, from)), Some(&(b, to))) => {
            let length = path[b] - path[a];
            let t = if length > 0.0 { (path[i] - path[a]) / length } else { 0.0 };
            std::array::from_fn(|k| from[k] * (1.0 - t) + to[k] * t)
        }
        (Some((_, only)), None) | (None, Some(&(_, only))) => only,
        (None, None) => [0.0; 6],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two points; the artist's keys are the first and the last one.
    fn shape(xs: &[f64]) -> Shape {
        let key = |(i, x): (usize, &f64)| Key {
            confidence: (i > 0 && i + 1 < xs.len()).then_some(0.5),
            ..Key::new(i as f64, vec![Point::corner(*x, 0.0), Point::corner(*x, 9.0)])
        };
        Shape::new("s", true, xs.iter().enumerate().map(key).collect())
    }

    #[test]
    fn a_pin_is_exact_and_fades_with_the_motion() {
        let solved = shape(&[0.0, 2.0, 2.0, 4.0, 8.0]);
        let mut before = solved.clone();
        before.keys[3].points[0] = Point { locked: true, ..Point::corner(4.0, 6.0) };
        let mut out = solved.clone();
        apply(&mut out, &before, 0.0, 4.0);
        let ys: Vec<f64> = out.keys.iter().map(|k| k.points[0].y).collect();
        assert_eq!(ys, [0.0, 3.0, 3.0, 6.0, 0.0]);
        assert_eq!(out.keys[3].points[0], before.keys[3].points[0]);
        assert!(out.keys[3].has_pins() && !out.keys[3].is_artists());
        assert!(out.keys.iter().zip(&solved.keys).all(|(a, b)| a.points[1] == b.points[1]));
        assert!(out.keys.iter().filter(|k| k.frame != 3.0).all(|k| !k.has_pins()));
    }

    #[test]
    fn a_pin_outside_of_the_range_changes_nothing() {
        let solved = shape(&[0.0, 2.0, 2.0, 4.0, 8.0]);
        let mut before = solved.clone();
        before.keys[3].points[0] = Point { locked: true, ..Point::corner(4.0, 6.0) };
        let mut out = solved.clone();
        apply(&mut out, &before, 0.0, 2.0);
        assert_eq!(out, solved);
    }

    #[test]
    fn beyond_the_last_key_a_pin_holds() {
        let mut solved = shape(&[0.0, 1.0, 2.0, 3.0]);
        solved.keys[3].confidence = Some(0.5);
        let mut before = solved.clone();
        before.keys[2].points[1] = Point { locked: true, ..Point::corner(5.0, 9.0) };
        apply(&mut solved, &before, 0.0, 3.0);
        assert_eq!(solved.keys[3].points[1].x, 6.0);
        assert_eq!(solved.keys[1].points[1].x, 2.5);
    }
}
