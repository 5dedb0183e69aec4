//! Ribbons of a picture across an outline, and where along the outline's normal one is found again.

use std::ops::Range;

use nalgebra::{Point2, Vector2};

use super::areas::Areas;
use super::look::{Colour, Look};
use crate::image::wide;

/// Half of a ribbon across the outline and along it, px.
const HALF: (usize, usize) = (8, 3);
const LINES: usize = 2 * HALF.0 + 1;
const LINE: usize = 2 * HALF.1 + 1;
/// Numbers that are multiplied at a time.
const LANES: usize = 16;
/// Contrast below which a ribbon says nothing.
const FLAT: f32 = 0.05;

/// Lines of a ribbon that are compared, and what that takes from the correlation: all of it, or mostly one side of the outline,
/// because what lies on the other is something else now (another background, a mouth that has opened).
const SIDES: [(Range<usize>, f64); 3] = [(0..LINES, 0.0), (0..LINES - 5, 0.02), (5..LINES, 0.02)];
/// What those are made of: all three, the first two, the last two.
const PARTS: [Range<usize>; 3] = [0..5, 5..LINES - 5, LINES - 5..LINES];

/// Lines on both sides of an edge that are compared, and further inside, px.
pub(super) const BESIDE: usize = 4;
const DEEPER: usize = 8;
/// What colours differ by without meaning anything.
pub(super) const GRAIN: f64 = 0.02;

/// What each control point of a cubic counts at a place of it (Bernstein polynomials).
pub(super) fn shares(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t]
}

/// A point of a cubic.
pub(super) fn point(p: &[Point2<f64>; 4], t: f64) -> Point2<f64> {
    Point2::from(p.iter().zip(shares(t)).fold(Vector2::zeros(), |sum, (p, b)| sum + p.coords * b))
}

/// A point of a cubic, and its direction.
fn on_curve(p: &[Point2<f64>; 4], t: f64) -> Option<(Point2<f64>, Vector2<f64>)> {
    let s = 1.0 - t;
    let d = (p[1] - p[0]) * (s * s) + (p[2] - p[1]) * (2.0 * s * t) + (p[3] - p[2]) * (t * t);
    let length = d.norm();
    (length > 1e-6).then(|| (point(p, t), d / length))
}

/// The colours across a curve, line by line along the normal, for each place along it.
fn ribbon(look: &Look, at: Point2<f64>, along: Vector2<f64>, scale: f64, half: usize) -> Vec<Colour> {
    let normal = Vector2::new(along.y, -along.x);
    let mut colours = Vec::with_capacity((2 * half + 1) * LINE);
    for j in 0..=2 * half {
        for i in 0..LINE {
            let (a, n) = (i as f64 - HALF.1 as f64, j as f64 - half as f64);
            let p = at + (along * a + normal * n) * scale;
            colours.push(look.colour(p.x, p.y));
        }
    }
    colours
}

/// Some lines of a ribbon: the mean of each channel, and the norm without it.
type Moments = (Colour, f32);

/// A ribbon of a keyed picture.
pub(super) struct Piece {
    colours: Vec<Colour>,
    lines: Lines,
    moments: [Moments; SIDES.len()],
}

/// The part of a frame in which a ribbon is looked for.
pub(super) struct Window {
    pub at: Point2<f64>,
    along: Vector2<f64>,
    colours: Vec<Colour>,
    lines: Lines,
    /// By how far along the normal a ribbon begins.
    moments: Vec<[Moments; SIDES.len()]>,
}

impl Window {
    /// At a place of a curve; None where the curve has no direction.
    pub fn across(look: &Look, curve: &[Point2<f64>; 4], t: f64, radius: usize) -> Option<Window> {
        let (at, along) = on_curve(curve, t)?;
        let colours = ribbon(look, at, along, 1.0, HALF.0 + radius);
        let lines = Lines::of(&colours);
        let moments =
            (0..=2 * radius).map(|d| SIDES.map(|(rows, _)| lines.moments(d + rows.start..d + rows.end)));
        Some(Window { at, along, moments: moments.collect(), lines, colours })
    }

    pub fn normal(&self) -> Vector2<f64> {
        Vector2::new(self.along.y, -self.along.x)
    }

    /// The mean colour of each line from so many before the first offset to as many behind the last.
    pub fn means(&self, beside: usize) -> Vec<Colour> {
        self.lines.means(beside)
    }

    /// How much each offset's colours are of the inside.
    pub fn ratios(&self, areas: &Areas) -> Vec<f32> {
        let lines = self.colours.chunks_exact(LINE).skip(HALF.0).take(self.moments.len());
        lines.map(|line| line.iter().map(|c| areas.ratio(c)).sum::<f32>() / LINE as f32).collect()
    }

    /// Edges by how far along the normal they are; `inside` is the side of lower offsets or of higher ones.
    pub fn edges(&self, inside: Side) -> Vec<Edge> {
        (0..self.moments.len()).map(|d| self.lines.edge(d + HALF.0, inside)).collect()
    }
}

impl Piece {
    /// At a place of a curve whose px are `scale` for one of the frame; None where the curve has no direction.
    pub fn across(look: &Look, curve: &[Point2<f64>; 4], t: f64, scale: f64) -> Option<Piece> {
        let (at, along) = on_curve(curve, t)?;
        let colours = ribbon(look, at, along, scale, HALF.0);
        let lines = Lines::of(&colours);
        Some(Piece { moments: SIDES.map(|(rows, _)| lines.moments(rows)), lines, colours })
    }

    /// What lies on both sides of the outline.
    pub fn edge(&self, inside: Side) -> Edge {
        self.lines.edge(HALF.0, inside)
    }

    /// The colours just inside of the outline, and just outside.
    pub fn beside(&self, inside: Side) -> [&[Colour]; 2] {
        let (inner, outer, _) = inside.lines(HALF.0);
        [inner, outer].map(|lines| &self.colours[LINE * lines.start..LINE * lines.end])
    }

    /// See [`Window::means`].
    pub fn means(&self, beside: usize) -> Vec<Colour> {
        self.lines.means(beside)
    }

    /// Where along the normal each of the [`SIDES`] fits well, px, and how well, those above a threshold.
    pub fn slid(&self, window: &Window, threshold: f64) -> Vec<(f64, f64)> {
        let mut scores = [const { Vec::new() }; SIDES.len()];
        for (d, theirs) in window.moments.iter().enumerate() {
            let parts = PARTS.map(|rows| {
                let under = &window.colours[(d + rows.start) * LINE..(d + rows.end) * LINE];
                product(self.colours[rows.start * LINE..rows.end * LINE].as_flattened(), under.as_flattened())
            });
            let products = [parts[0] + parts[1] + parts[2], parts[0] + parts[1], parts[1] + parts[2]];
            for (side, (rows, _)) in SIDES.into_iter().enumerate() {
                let ((mean, norm), (other, other_norm)) = (&self.moments[side], &theirs[side]);
                let means: f32 = mean.iter().zip(other).map(|(a, b)| a * b).sum();
                let count = (rows.len() * LINE) as f32;
                let product = products[side] - count * means;
                let flat = *other_norm < FLAT;
                scores[side].push(if flat { 0.0 } else { f64::from(product / (norm * other_norm)) });
            }
        }
        let mut found = Vec::new();
        for (side, (_, less)) in SIDES.into_iter().enumerate().filter(|(i, _)| self.moments[*i].1 >= FLAT) {
            let high = peaks(&scores[side]).map(|(offset, score)| (offset, score - less));
            found.extend(high.filter(|(_, score)| *score >= threshold));
        }
        found
    }
}

/// Of numbers as many as each other, [`LANES`] sums at a time so that wide registers may be used.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut product = 0.0;
    wide(
        #[inline(always)]
        || {
            let mut sums = [0.0f32; LANES];
            let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
            let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
            for (a, b) in a.zip(b) {
                for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
                    *sum += a * b;
                }
            }
            product = sums.iter().sum::<f32>() + rest;
        },
    );
    product
}

/// Where numbers are higher than on both sides, from their middle, and how high.
pub(super) fn peaks(numbers: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    let middle = (numbers.len() / 2) as f64;
    numbers.windows(3).enumerate().filter(|(_, w)| w[1] >= w[0] && w[1] > w[2]).map(move |(k, w)| {
        let curve = (2.0 * w[1] - w[0] - w[2]).max(1e-6);
        ((k + 1) as f64 - middle + ((w[2] - w[0]) / (2.0 * curve)).clamp(-0.5, 0.5), w[1])
    })
}

/// On which side of an outline its inside is: of lower offsets along the normal, or of higher ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Side {
    Lower,
    Higher,
}

impl Side {
    /// The lines just inside of a line, those just outside, and those further inside.
    fn lines(self, line: usize) -> (Range<usize>, Range<usize>, Range<usize>) {
        match self {
            Side::Lower => (line - BESIDE..line, line + 1..line + 1 + BESIDE, line - DEEPER..line - BESIDE),
            Side::Higher => {
                (line + 1..line + 1 + BESIDE, line - BESIDE..line, line + 1 + BESIDE..line + 1 + DEEPER)
            }
        }
    }
}

/// What lies on both sides of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// How far the colours just outside are from those just inside, against how much those vary.
    pub strength: f64,
    /// The same for the colours further inside.
    pub deeper: f64,
}

/// Sums over each line of a ribbon: of the channels, and of all squares.
struct Lines(Vec<(Colour, f32)>);

impl Lines {
    fn of(ribbon: &[Colour]) -> Lines {
        let sums = |line: &[Colour]| {
            line.iter().fold(([0.0; 4], 0.0), |(sums, squares), p| {
                (std::array::from_fn(|c| sums[c] + p[c]), squares + p.iter().map(|v| v * v).sum::<f32>())
            })
        };
        Lines(ribbon.chunks_exact(LINE).map(sums).collect())
    }

    /// The mean of each channel over some lines, and the norm without it.
    fn moments(&self, rows: Range<usize>) -> Moments {
        let count = (rows.len() * LINE) as f32;
        let (mut sums, mut squares) = ([0.0f32; 4], 0.0f32);
        for (line, square) in &self.0[rows] {
            sums.iter_mut().zip(line).for_each(|(s, l)| *s += l);
            squares += square;
        }
        let mean = sums.map(|s| s / count);
        let own: f32 = mean.iter().map(|m| m * m * count).sum();
        (mean, (squares - own).max(0.0).sqrt())
    }

    /// Mean colours, of so many lines on both sides.
    fn means(&self, beside: usize) -> Vec<Colour> {
        let rim = HALF.0 - beside;
        self.0[rim..self.0.len() - rim].iter().map(|(sums, _)| sums.map(|s| s / LINE as f32)).collect()
    }

    fn edge(&self, line: usize, inside: Side) -> Edge {
        let (inner, outer, deeper) = inside.lines(line);
        let count = (inner.len() * LINE) as f32;
        let ((mean, norm), (outer, _), (deeper, _)) =
            (self.moments(inner), self.moments(outer), self.moments(deeper));
        let grain = GRAIN as f32;
        let spread = (norm * norm / count + grain * grain).sqrt();
        let apart = |other: Colour| {
            let squares: f32 = mean.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
            f64::from(squares.sqrt() / spread)
        };
        Edge { strength: apart(outer), deeper: apart(deeper) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Colours, Encoding, Rgb};

    /// A picture that is one colour above a level line and another below, with some texture above.
    fn look(line: f64, below: [f32; 3]) -> Look {
        let colour = |x: usize, y: usize| {
            let texture = 0.02 * ((x as f32 * 1.3).sin() + (y as f32 * 0.9).cos());
            let above = [0.6 + texture, 0.45, 0.4 - texture];
            let share = (line - y as f64).clamp(0.0, 1.0) as f32;
            std::array::from_fn(|c| above[c] * share + below[c] * (1.0 - share))
        };
        let pixels = (0..80 * 80).map(|i| colour(i % 80, i / 80)).collect();
        Look::new(&Colours::new(&Rgb::from_vec(80, 80, pixels).unwrap(), Encoding::Display), 1.0)
    }

    fn level(y: f64) -> [Point2<f64>; 4] {
        [20.0, 33.0, 46.0, 60.0].map(|x| Point2::new(x, y))
    }

    #[test]
    fn an_outline_is_found_again_in_front_of_another_background() {
        let keyed = Piece::across(&look(40.0, [0.1, 0.2, 0.1]), &level(40.0), 0.5, 1.0).unwrap();
        let frame = look(44.0, [0.2, 0.2, 0.6]);
        let window = Window::across(&frame, &level(40.0), 0.5, 9).unwrap();
        // The normal points up, the edge lies 4 px below.
        let inside = Side::Higher;
        assert!(keyed.edge(inside).strength > 4.0);
        let strengths: Vec<f64> = window.edges(inside).iter().map(|e| e.strength).collect();
        let best = peaks(&strengths).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((best.0 + 4.0).abs() < 0.6, "{best:?}");
    }

    #[test]
    fn the_same_ribbon_is_found_where_it_is() {
        let keyed = Piece::across(&look(40.0, [0.1, 0.2, 0.1]), &level(40.0), 0.5, 1.0).unwrap();
        let window = Window::across(&look(37.0, [0.1, 0.2, 0.1]), &level(40.0), 0.5, 9).unwrap();
        let best = keyed.slid(&window, 0.75).into_iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((best.0 - 3.0).abs() < 0.3 && best.1 > 0.95, "{best:?}");
    }
}
