//! Made-up outlines: the same for the same seed.

use std::f64::consts::TAU;

use engine::spline::Outline;
use kurbo::CubicBez;
use shapes::Point;

/// What is drawn: outlines one over the other.
pub struct Case {
    pub name: &'static str,
    pub width: usize,
    pub height: usize,
    pub outlines: Vec<Outline>,
}

impl Case {
    /// Each outline's cubic segments.
    pub fn segments(&self) -> impl Iterator<Item = &[CubicBez]> {
        self.outlines.iter().map(Outline::segments)
    }
}

pub fn cases() -> [Case; 3] {
    [
        Case { name: "head, 200 points, 4K", width: 3840, height: 2160, outlines: vec![head()] },
        Case { name: "face, 10 shapes, 2K", width: 2048, height: 1080, outlines: face() },
        Case { name: "hair, 500 points, 4K", width: 3840, height: 2160, outlines: vec![hair()] },
    ]
}

/// Steele, Lea and Flood's SplitMix64.
struct Random(u64);

impl Random {
    /// 0 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// A closed curve through places, smooth as Catmull and Rom's.
fn smooth(places: &[[f64; 2]]) -> Outline {
    let n = places.len();
    let points: Vec<Point> = (0..n)
        .map(|i| {
            let (before, after) = (places[(i + n - 1) % n], places[(i + 1) % n]);
            let along = [0, 1].map(|k| (after[k] - before[k]) / 6.0);
            Point::new(places[i][0], places[i][1], along.map(|v| -v), along)
        })
        .collect();
    Outline::new(&points, true)
}

/// A wobbling ellipse.
fn blob(centre: [f64; 2], radii: [f64; 2], count: usize, wobble: f64, random: &mut Random) -> Outline {
    let waves: Vec<[f64; 3]> = (2..12)
        .map(|k| [f64::from(k), random.between(-wobble, wobble) / f64::from(k), random.between(0.0, TAU)])
        .collect();
    let places: Vec<[f64; 2]> = (0..count)
        .map(|i| {
            let a = TAU * i as f64 / count as f64;
            let r = 1.0 + waves.iter().map(|[k, size, phase]| size * (k * a + phase).sin()).sum::<f64>();
            [centre[0] + radii[0] * r * a.cos(), centre[1] + radii[1] * r * a.sin()]
        })
        .collect();
    smooth(&places)
}

fn head() -> Outline {
    blob([1911.3, 1080.7], [690.0, 930.0], 200, 0.12, &mut Random(1))
}

/// Head, ears, eyes, brows, nose, and both outlines of the mouth.
fn face() -> Vec<Outline> {
    let mut random = Random(2);
    let part = |x: f64, y: f64, w: f64, h: f64, n: usize| ([1024.0 + x, 540.0 + y], [w, h], n);
    [
        part(0.0, 0.0, 350.0, 470.0, 60),
        part(-352.0, 10.0, 50.0, 90.0, 24),
        part(352.0, 10.0, 50.0, 90.0, 24),
        part(-140.0, -90.0, 70.0, 34.0, 24),
        part(140.0, -90.0, 70.0, 34.0, 24),
        part(-140.0, -160.0, 95.0, 22.0, 20),
        part(140.0, -160.0, 95.0, 22.0, 20),
        part(0.0, 50.0, 60.0, 110.0, 30),
        part(0.0, 250.0, 150.0, 60.0, 40),
        part(0.0, 250.0, 120.0, 26.0, 32),
    ]
    .map(|(centre, radii, count)| blob(centre, radii, count, 0.1, &mut random))
    .into()
}

/// Strands between sharp tips and sharp roots round a head; neighbours may cross.
fn hair() -> Outline {
    let mut random = Random(3);
    let count = 250;
    let points: Vec<Point> = (0..2 * count)
        .map(|i| {
            let a = TAU * (i as f64 + random.between(-0.7, 0.7)) / (2 * count) as f64;
            let (s, c) = a.sin_cos();
            let r = if i % 2 == 0 { random.between(650.0, 760.0) } else { random.between(820.0, 1040.0) };
            let bend = |random: &mut Random| {
                let (out, side) = (random.between(20.0, 70.0), random.between(-25.0, 25.0));
                let out = if i % 2 == 0 { out } else { -out };
                [1.3 * (out * c - side * s), out * s + side * c]
            };
            Point::new(1920.4 + 1.3 * r * c, 1079.6 + r * s, bend(&mut random), bend(&mut random))
        })
        .collect();
    Outline::new(&points, true)
}
