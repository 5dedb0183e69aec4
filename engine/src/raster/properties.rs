//! What must be true of every matte.

use kurbo::{Affine, ParamCurve};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use shapes::Point;

use super::{Edges, FillRule, Run, TOLERANCE_PX, Window};
use crate::image::Plane;
use crate::spline::Outline;

const SIZE: usize = 20;
const RULES: [FillRule; 2] = [FillRule::NonZero, FillRule::EvenOdd];

fn edges(polygons: &[Vec<[f64; 2]>], rule: FillRule) -> Edges {
    let mut edges = Edges::with_rule(rule);
    polygons.iter().for_each(|p| edges.add_polygon(p.iter().copied()));
    edges
}

fn of(polygon: &[[f64; 2]]) -> Plane {
    edges(&[polygon.to_vec()], FillRule::NonZero).coverage(Window::of_size(SIZE, SIZE))
}

/// Exact along 1024 lines in every row: off by half a line's height at a level edge, and hardly anywhere else.
fn reference(polygon: &[[f64; 2]], rule: FillRule) -> Plane {
    const LINES: usize = 1024;
    let mut out = Plane::filled(SIZE, SIZE, 0.0);
    for y in 0..SIZE {
        let mut sums = [0.0f64; SIZE];
        let mut crossings = vec![Vec::new(); LINES];
        for i in 0..polygon.len() {
            let (a, b) = (polygon[i], polygon[(i + 1) % polygon.len()]);
            let (low, high) = (a[1].min(b[1]), a[1].max(b[1]));
            let line =
                |v: f64| ((v - y as f64) * LINES as f64 - 0.5).ceil().clamp(0.0, LINES as f64) as usize;
            for (k, crossings) in crossings.iter_mut().enumerate().take(line(high)).skip(line(low)) {
                let height = y as f64 + (k as f64 + 0.5) / LINES as f64;
                let x = a[0] + (b[0] - a[0]) * (height - a[1]) / (b[1] - a[1]);
                crossings.push((x, if a[1] < b[1] { 1 } else { -1 }));
            }
        }
        for line in &mut crossings {
            line.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut winding = 0;
            for pair in line.windows(2) {
                winding += pair[0].1;
                if rule.is_inside(winding) {
                    let (from, to) = (pair[0].0.max(0.0), pair[1].0.min(SIZE as f64));
                    for (x, sum) in sums.iter_mut().enumerate() {
                        *sum += (to.min(x as f64 + 1.0) - from.max(x as f64)).max(0.0);
                    }
                }
            }
        }
        for (o, s) in out.data_mut()[y * SIZE..].iter_mut().zip(sums) {
            *o = (s / LINES as f64) as f32;
        }
    }
    out
}

/// The greatest and the mean difference.
fn apart(a: &Plane, b: &Plane) -> [f64; 2] {
    let off = || a.data().iter().zip(b.data()).map(|(a, b)| f64::from((a - b).abs()));
    [off().fold(0.0, f64::max), off().sum::<f64>() / a.data().len() as f64]
}

fn polygon() -> impl Strategy<Value = Vec<[f64; 2]>> {
    prop::collection::vec(prop::array::uniform2(-6.0..26.0f64), 3..24)
}

/// Vertices round the middle of the picture in their order: a polygon that does not cross itself.
fn star() -> impl Strategy<Value = Vec<[f64; 2]>> {
    prop::collection::vec(2.0..9.5f64, 5..30).prop_map(|radii| {
        let n = radii.len() as f64;
        let at = |(i, r): (usize, &f64)| {
            let (s, c) = (std::f64::consts::TAU * i as f64 / n).sin_cos();
            [10.0 + r * c, 10.0 + r * s]
        };
        radii.iter().enumerate().map(at).collect()
    })
}

fn area(polygon: &[[f64; 2]]) -> f64 {
    let n = polygon.len();
    let cross = |i: usize| polygon[i][0] * polygon[(i + 1) % n][1] - polygon[i][1] * polygon[(i + 1) % n][0];
    0.5 * (0..n).map(cross).sum::<f64>().abs()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Of curves, those that cross themselves too: within 1/512 of their own coverage, 1e-4 in the mean. The reference
    /// itself may be half a line off.
    #[test]
    fn it_is_the_curves_coverage(
        p in prop::collection::vec((1.0..19.0f64, 1.0..19.0f64, -9.0..9.0f64, -9.0..9.0f64, -9.0..9.0f64), 1..6)
    ) {
        let points: Vec<Point> =
            p.iter().map(|(x, y, u, v, w)| Point::new(*x, *y, [*w, -u], [*u, *v])).collect();
        let outline = Outline::new(&points, true);
        let dense = |c: &kurbo::CubicBez| {
            let c = *c;
            (0..1000).map(move |i| c.eval(f64::from(i) / 1000.0)).map(|p| [p.x, p.y])
        };
        let polygon: Vec<[f64; 2]> = outline.segments().iter().flat_map(dense).collect();
        for rule in RULES {
            let mut edges = Edges::with_rule(rule);
            edges.add_outline(&outline, Affine::IDENTITY, TOLERANCE_PX);
            let [most, mean] = apart(&edges.coverage(Window::of_size(SIZE, SIZE)), &reference(&polygon, rule));
            prop_assert!(most <= 1.0 / 512.0 + 0.5 / 1024.0, "{most}");
            prop_assert!(mean <= 1e-4, "{mean}");
        }
    }

    #[test]
    fn polygons_are_exact_however_they_cross(p in polygon()) {
        for rule in RULES {
            let plane = edges(std::slice::from_ref(&p), rule).coverage(Window::of_size(SIZE, SIZE));
            let [most, mean] = apart(&plane, &reference(&p, rule));
            prop_assert!(most <= 1.0 / 1024.0, "{most}");
            prop_assert!(mean <= 1e-5, "{mean}");
        }
    }

    #[test]
    fn tiles_are_the_whole_and_so_are_writes_over_others(
        a in polygon(), b in polygon(), cut_x in 1i32..19, cut_y in 1i32..19
    ) {
        for rule in RULES {
            let edges = edges(&[a.clone(), b.clone()], rule);
            let whole = edges.coverage(Window::of_size(SIZE, SIZE));
            for (x0, x1) in [(0, cut_x), (cut_x, 20)] {
                for (y0, y1) in [(0, cut_y), (cut_y, 20)] {
                    let window = Window { x0, y0, x1, y1 };
                    let mut tile = vec![7.0; window.width() * window.height()];
                    edges.coverage_into(window, &mut tile);
                    for (row, y) in tile.chunks(window.width()).zip(y0..) {
                        prop_assert_eq!(row, &whole.row(y as usize)[x0 as usize..x1 as usize]);
                    }
                }
            }
        }
    }

    #[test]
    fn whole_pixels_of_translation_shift_it_exactly(p in polygon(), dx in -5000i32..5000, dy in -5000i32..5000) {
        // On a grid that a double keeps after the shift.
        let p: Vec<_> = p.iter().map(|v| v.map(|c| (c * 65536.0).round() / 65536.0)).collect();
        let moved: Vec<_> = p.iter().map(|[x, y]| [x + f64::from(dx), y + f64::from(dy)]).collect();
        let window = Window { x0: dx, y0: dy, x1: dx + SIZE as i32, y1: dy + SIZE as i32 };
        prop_assert_eq!(edges(&[moved], FillRule::NonZero).coverage(window), of(&p));
    }

    #[test]
    fn its_sum_is_the_area(p in star()) {
        let sum: f64 = of(&p).data().iter().map(|v| f64::from(*v)).sum();
        prop_assert!((sum - area(&p)).abs() <= 1e-5 * area(&p), "{sum} {}", area(&p));
    }

    /// Two halves of the picture on either side of a curve. The vertices are the same, but areas are rounded on either side.
    #[test]
    fn shapes_that_share_an_edge_sum_to_one(
        y0 in 3.0..17.0f64, y1 in 3.0..17.0f64, u in prop::array::uniform2(-9.0..9.0f64), v in prop::array::uniform2(-9.0..9.0f64)
    ) {
        let (a, b) = (Point::new(-5.0, y0, [0.0; 2], u), Point::new(25.0, y1, v, [0.0; 2]));
        let back = [Point::new(25.0, y1, [0.0; 2], v), Point::new(-5.0, y0, u, [0.0; 2])];
        let corners = |y: f64| [Point::corner(40.0, y), Point::corner(-40.0, y)];
        let upper = [vec![a, b], corners(-30.0).to_vec()].concat();
        let lower = [back.to_vec(), corners(50.0).map(|mut p| { p.x = -p.x; p }).to_vec()].concat();
        let cover = |points: &[Point]| {
            let mut edges = Edges::new();
            edges.add_outline(&Outline::new(points, true), Affine::IDENTITY, TOLERANCE_PX);
            edges.coverage(Window::of_size(SIZE, SIZE))
        };
        for (a, b) in cover(&upper).data().iter().zip(cover(&lower).data()) {
            prop_assert!((a + b - 1.0).abs() < 2e-5, "{a} + {b}");
        }
    }

    #[test]
    fn twice_the_size_is_the_same_matte_in_four_pixels_each(p in polygon()) {
        let twice: Vec<_> = p.iter().map(|v| v.map(|c| 2.0 * c)).collect();
        let large = edges(&[twice], FillRule::NonZero).coverage(Window::of_size(2 * SIZE, 2 * SIZE));
        let mean = Plane::from_fn(SIZE, SIZE, |x, y| {
            let row = |y: usize| large.row(y)[2 * x] + large.row(y)[2 * x + 1];
            0.25 * (row(2 * y) + row(2 * y + 1))
        });
        prop_assert!(apart(&mean, &of(&p))[0] < 1e-4);
    }

    #[test]
    fn nothing_lies_out_of_bounds(p in polygon()) {
        let edges = edges(&[p], FillRule::NonZero);
        let bounds = edges.bounds();
        let mut right = vec![0; SIZE];
        edges.for_each_row(Window::of_size(SIZE, SIZE), &mut right, |right, row| {
            for run in row.runs() {
                right[0] = match run {
                    Run::Solid(_, to) => to,
                    Run::Edge(from, values) => from + values.iter().rposition(|v| *v > 0.0).map_or(0, |i| i + 1),
                };
            }
        });
        for (y, right) in right.iter().enumerate() {
            prop_assert!(*right == 0 || *right as i32 <= bounds.x1);
            prop_assert!(*right == 0 || (bounds.y0 <= y as i32 && (y as i32) < bounds.y1));
        }
    }
}

/// A polygon whose vertices jump about, the same every time.
fn tangle(count: u32, size: f64) -> Vec<[f64; 2]> {
    let at = |i: u32, k: u32| f64::from(i.wrapping_mul(k) >> 8) / f64::from(1 << 24) * size;
    (0..count).map(|i| [at(i, 2_654_435_769), at(i, 1_597_334_677)]).collect()
}

#[test]
fn any_number_of_threads_gives_the_same() {
    let edges = edges(&[tangle(60, 300.0)], FillRule::EvenOdd);
    let with = |threads| {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| edges.coverage(Window::of_size(300, 300)))
    };
    let one = with(1);
    assert!([2, 3, 8].into_iter().all(|n| with(n) == one));
}

#[test]
fn many_edges_and_many_crossings_are_survived() {
    // Each of 400 edges crosses most others: tens of thousands of crossings.
    let crossed = edges(&[tangle(400, 60.0)], FillRule::EvenOdd).coverage(Window::of_size(60, 60));
    assert!(crossed.data().iter().all(|v| (0.0..=1.0).contains(v)));
    let round = |i: u32| {
        let (s, c) = (std::f64::consts::TAU * f64::from(i) / 100_000.0).sin_cos();
        [100.0 + 90.0 * c, 100.0 + 90.0 * s]
    };
    let circle: Vec<_> = (0..100_000).map(round).collect();
    let plane = edges(&[circle], FillRule::NonZero).coverage(Window::of_size(200, 200));
    let sum: f64 = plane.data().iter().map(|v| f64::from(*v)).sum();
    assert!((sum / (std::f64::consts::PI * 8100.0) - 1.0).abs() < 1e-6, "{sum}");
}

#[test]
fn windows_without_pixels_and_outputs_without_room_are_survived() {
    let edges = edges(&[vec![[0.0, 0.0], [1e300, 5.0], [-1e300, 9.0]]], FillRule::NonZero);
    for window in [
        Window::default(),
        Window { x0: 3, y0: 0, x1: 3, y1: 9 },
        Window { x0: i32::MAX, y0: i32::MAX, x1: i32::MIN, y1: i32::MIN },
    ] {
        assert!(edges.coverage(window).is_empty());
    }
    let far = Window { x0: i32::MAX - 2, y0: i32::MIN, x1: i32::MAX, y1: i32::MIN + 2 };
    assert!(edges.coverage(far).data().iter().all(|v| *v == 0.0));
    let mut short = [7.0; 3];
    edges.coverage_into(Window::of_size(2, 2), &mut short);
    assert_eq!(short, [7.0; 3]);
    assert!(Edges::new().bounds().is_empty());
}
