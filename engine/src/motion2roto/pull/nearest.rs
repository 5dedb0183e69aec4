//! The sample of a contour that is nearest to each cell of a grid.

use kurbo::Point;

/// For each cell of a grid the distance of its centre from the closed contour, cells, and the nearest sample. The contour
/// is given in cells. By sweeping what the neighbours know (Danielsson, Computer Graphics and Image Processing 14, 1980).
pub(super) fn nearest(positions: &[Point], width: usize, height: usize) -> Vec<(f32, usize)> {
    let mut sites: Vec<Option<Site>> = vec![None; width * height];
    let n = positions.len();
    for i in 0..n {
        let (a, b) = (positions[i], positions[(i + 1) % n]);
        let steps = (2.0 * a.distance(b)).ceil().clamp(1.0, 4096.0) as usize;
        for s in 0..steps {
            let t = s as f64 / steps as f64;
            let p = a.lerp(b, t);
            let cell = |v: f64, size: usize| v.clamp(0.0, size as f64 - 1.0) as usize;
            let sample = if t < 0.5 { i } else { (i + 1) % n };
            let site = Site { at: [p.x as f32, p.y as f32], sample };
            offer(&mut sites, width, cell(p.x, width), cell(p.y, height), site);
        }
    }
    // Twice there and back: what comes round a bend is right as well.
    for _ in 0..2 {
        let mut from = |x: usize, y: usize, near: [(isize, isize); 4]| {
            for (dx, dy) in near {
                let (u, v) = (x.wrapping_add_signed(dx), y.wrapping_add_signed(dy));
                if u < width
                    && v < height
                    && let Some(site) = sites[v * width + u]
                {
                    offer(&mut sites, width, x, y, site);
                }
            }
        };
        for i in 0..width * height {
            from(i % width, i / width, [(-1, 0), (0, -1), (-1, -1), (1, -1)]);
        }
        for i in (0..width * height).rev() {
            from(i % width, i / width, [(1, 0), (0, 1), (1, 1), (-1, 1)]);
        }
    }
    let known = |(i, site): (usize, &Option<Site>)| {
        site.map_or((f32::INFINITY, 0), |s| (s.square(i % width, i / width).sqrt(), s.sample))
    };
    sites.iter().enumerate().map(known).collect()
}

/// A place on the contour, and the sample next to it.
#[derive(Clone, Copy)]
struct Site {
    at: [f32; 2],
    sample: usize,
}

impl Site {
    /// Squared distance from a cell's centre.
    fn square(&self, x: usize, y: usize) -> f32 {
        let (dx, dy) = (self.at[0] - x as f32 - 0.5, self.at[1] - y as f32 - 0.5);
        dx * dx + dy * dy
    }
}

fn offer(sites: &mut [Option<Site>], width: usize, x: usize, y: usize, site: Site) {
    let own = &mut sites[y * width + x];
    if own.is_none_or(|o| site.square(x, y) < o.square(x, y)) {
        *own = Some(site);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against looking at every place of the contour.
        #[test]
        fn distances_are_right_within_about_a_cell(points in prop::collection::vec((0.0..30.0f64, 0.0..20.0f64), 3..8)) {
            let positions: Vec<Point> = points.into_iter().map(Point::from).collect();
            let found = nearest(&positions, 30, 20);
            let n = positions.len();
            let places: Vec<Point> =
                (0..n * 200).map(|i| positions[i / 200].lerp(positions[(i / 200 + 1) % n], (i % 200) as f64 / 200.0)).collect();
            for (i, (far, _)) in found.iter().enumerate() {
                let centre = Point::new((i % 30) as f64 + 0.5, (i / 30) as f64 + 0.5);
                let truth = places.iter().map(|p| p.distance(centre)).fold(f64::INFINITY, f64::min);
                prop_assert!((f64::from(*far) - truth).abs() < 1.2, "{far} {truth}");
            }
        }
    }
}
