//! A carried contour laid onto an outline, sample by sample in order.

use kurbo::Point;

use super::super::contour::{doubled_area, normals};

/// Distance that costs about 1, px.
const FAR_PX: f64 = 4.0;
/// Cost of a pixel that the outline is longer or shorter than the contour, in costs of a sample's spacing.
const STRETCH: f64 = 0.3;
/// How much longer than the contour the outline may be between two samples.
const LONGEST: f64 = 8.0;
/// Most vertices of an outline.
const MOST: f64 = 4000.0;

/// For every position of the closed contour its place on the closed outline: in order around, near, facing the same way,
/// and stretched as little as possible. `None` where they cannot be matched.
///
/// Dynamic programming over pairs of sample and vertex (as dynamic time warping: Sakoe and Chiba, IEEE Transactions on
/// Acoustics, Speech, and Signal Processing 26, 1978), from the place where the two agree best.
pub(super) fn aligned(contour: &[Point], outline: &[Point]) -> Option<Vec<Point>> {
    let n = contour.len();
    let spacing = perimeter(contour) / n.max(1) as f64;
    let mut line = even(outline, (0.5 * spacing).max(1.0))?;
    if (doubled_area(contour) > 0.0) != (doubled_area(&line) > 0.0) {
        line.reverse();
    }
    let m = line.len();
    let step = perimeter(&line) / m as f64;
    let (facing, along) = (normals(contour, true), normals(&line, true));
    let cost = |i: usize, j: usize| {
        let far = (contour[i] - line[j]).hypot2() / (FAR_PX * FAR_PX);
        (1.0 + far).sqrt() - facing[i].dot(along[j])
    };
    let best = |i: usize| (0..m).map(|j| (cost(i, j), j)).min_by(|a, b| a.0.total_cmp(&b.0));
    let each: Vec<(f64, usize)> = (0..n).filter_map(best).collect();
    let stretch = n / 20 + 1;
    let over = |i: usize| (0..=2 * stretch).map(|d| each[(i + n + d - stretch.min(n)) % n].0).sum::<f64>();
    let first = (0..n).map(|i| (over(i), i)).min_by(|a, b| a.0.total_cmp(&b.0))?.1;
    let origin = each[first].1;
    let sample = |i: usize| (first + i) % n;

    let reach = ((LONGEST * spacing / step).ceil() as usize).clamp(4, m);
    let per_px = STRETCH / spacing;
    let node = |i: usize, j: usize| cost(sample(i), (origin + j) % m);
    let mut sums = vec![f64::INFINITY; m + 1];
    sums[0] = 0.0;
    let mut taken: Vec<u16> = Vec::with_capacity(n * (m + 1));
    for i in 1..=n {
        let length = contour[sample(i - 1)].distance(contour[sample(i)]);
        let toll: Vec<f64> = (0..=reach).map(|a| per_px * (a as f64 * step - length).abs()).collect();
        let mut next = vec![f64::INFINITY; m + 1];
        for (j, sum) in next.iter_mut().enumerate() {
            let mut least = (f64::INFINITY, 0);
            for (a, toll) in toll.iter().enumerate().take(j + 1) {
                let c = sums[j - a] + toll;
                if c < least.0 {
                    least = (c, a);
                }
            }
            taken.push(least.1 as u16);
            if least.0.is_finite() {
                *sum = least.0 + node(i, j);
            }
        }
        sums = next;
    }
    if !sums[m].is_finite() {
        return None;
    }
    let mut vertex = vec![m; n + 1];
    for i in (0..n).rev() {
        let j = vertex[i + 1];
        vertex[i] = j - usize::from(taken[i * (m + 1) + j]);
    }
    let mut out = vec![Point::ZERO; n];
    for i in 0..n {
        let below = vertex[i.saturating_sub(1)];
        out[sample(i)] = place(&line, origin, [below, vertex[i], vertex[i + 1]], contour[sample(i)]);
    }
    Some(out)
}

/// The nearest place to `to` within half a step of vertex `at`, towards a neighbour's vertex (`below`, `above`) that is
/// another one; vertices count from `origin`.
fn place(line: &[Point], origin: usize, [below, at, above]: [usize; 3], to: Point) -> Point {
    let vertex = |j: usize| line[(origin + j) % line.len()];
    let mut best = vertex(at);
    let near = [(at > below).then(|| vertex(at - 1)), (above > at).then(|| vertex(at + 1))];
    for other in near.into_iter().flatten() {
        let way = other - vertex(at);
        let t = ((to - vertex(at)).dot(way) / way.hypot2().max(1e-9)).clamp(0.0, 0.5);
        let p = vertex(at) + way * t;
        if p.distance_squared(to) < best.distance_squared(to) {
            best = p;
        }
    }
    best
}

fn perimeter(line: &[Point]) -> f64 {
    (0..line.len()).map(|i| line[i].distance(line[(i + 1) % line.len()])).sum()
}

/// A closed outline without the grid's steps, its vertices at equal distances of about `step_px`.
fn even(outline: &[Point], step_px: f64) -> Option<Vec<Point>> {
    let mut line = outline.to_vec();
    let n = line.len();
    for _ in 0..3 {
        let smooth = |i: usize| {
            let (a, b) = (line[(i + n - 1) % n].to_vec2(), line[(i + 1) % n].to_vec2());
            ((a + b) * 0.25 + line[i].to_vec2() * 0.5).to_point()
        };
        line = (0..n).map(smooth).collect();
    }
    let length = perimeter(&line);
    let count = (length / step_px).round().min(MOST);
    if count.is_nan() || count < 8.0 {
        return None;
    }
    let step = length / count;
    let mut out = Vec::with_capacity(count as usize);
    let (mut i, mut passed) = (0, 0.0);
    while out.len() < count as usize {
        let (a, b) = (line[i % n], line[(i + 1) % n]);
        let (want, d) = (out.len() as f64 * step, a.distance(b));
        if passed + d >= want || i >= n {
            out.push(a.lerp(b, if d > 0.0 { ((want - passed) / d).clamp(0.0, 1.0) } else { 0.0 }));
        } else {
            passed += d;
            i += 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(n: usize, at: impl Fn(f64) -> Point) -> Vec<Point> {
        (0..n).map(|i| at(i as f64 / n as f64 * std::f64::consts::TAU)).collect()
    }

    fn oval(t: f64) -> Point {
        Point::new(60.0 + 40.0 * t.cos(), 50.0 + 25.0 * t.sin())
    }

    proptest! {
        /// Moved by less than a bend's size, wherever the outline begins and whichever way it runs.
        #[test]
        fn samples_find_their_places(dx in -4.0..4.0f64, dy in -4.0..4.0f64, begin in 0.0..6.0f64, turn: bool) {
            let contour = ring(90, oval);
            let mut outline = ring(300, |t| oval(t + begin) + kurbo::Vec2::new(dx, dy));
            if turn {
                outline.reverse();
            }
            let found = aligned(&contour, &outline).unwrap();
            for (i, p) in found.iter().enumerate() {
                let truth = contour[i] + kurbo::Vec2::new(dx, dy);
                prop_assert!(p.distance(truth) < 6.0, "{i} {p:?} {truth:?}");
                let off = outline.iter().map(|q| q.distance(*p)).fold(f64::INFINITY, f64::min);
                prop_assert!(off < 0.7, "{off}");
            }
        }
    }

    #[test]
    fn a_contour_on_the_outline_stays() {
        let contour = ring(90, oval);
        let found = aligned(&contour, &ring(700, oval)).unwrap();
        assert!(found.iter().zip(&contour).all(|(p, q)| p.distance(*q) < 0.3));
        assert_eq!(aligned(&contour, &[Point::ZERO; 3]), None);
    }
}
