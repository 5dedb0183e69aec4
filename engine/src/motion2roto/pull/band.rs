//! Colours across a contour.

use kurbo::{Point, Vec2};
use rayon::prelude::*;

use super::super::contour::{doubled_area, normals};
use crate::image::Colours;
use crate::raster::{Edges, Window};

/// A colour for comparing: luma, then red and blue against it.
pub(super) type Tone = [f32; 3];

/// The tone of red, green and blue. Differences of hue weigh more than those of light and shade.
pub(super) fn tone([r, g, b]: [f32; 3]) -> Tone {
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    [y, 1.5 * (r - y), 1.5 * (b - y)]
}

/// Profiles along the normals of a closed contour's samples, a tone per px, from the inside out.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// Length of a profile to each side, px.
    pub reach: usize,
    tones: Vec<Option<Tone>>,
    /// How many px of each profile belong to this place, inwards and outwards: half way through a limb or a gap another
    /// part of the contour begins to matter.
    pub inner: Vec<usize>,
    /// See `inner`.
    pub outer: Vec<usize>,
    /// Unit normals, outwards; zero where there is none.
    pub normals: Vec<Vec2>,
    /// Mean distance between samples, px.
    pub spacing_px: f64,
}

/// Unit normals of a closed contour, outwards.
pub(super) fn outward(positions: &[Point]) -> Vec<Vec2> {
    let sign = if doubled_area(positions) > 0.0 { -1.0 } else { 1.0 };
    normals(positions, true).into_iter().map(|n| n * sign).collect()
}

impl Band {
    pub fn new(positions: &[Point], picture: &Colours, reach: usize) -> Self {
        let n = positions.len();
        let normals = outward(positions);
        let length: f64 = (0..n).map(|i| positions[i].distance(positions[(i + 1) % n])).sum();
        let window = window(positions, picture, reach as i32 + 2);
        let mut edges = Edges::new();
        edges.add_polygon(positions.iter().map(|p| [p.x, p.y]));
        let coverage = edges.coverage(window);
        let covered = |p: Point| {
            let (x, y) = (p.x.floor() - f64::from(window.x0), p.y.floor() - f64::from(window.y0));
            let within = x >= 0.0 && y >= 0.0 && x < coverage.width() as f64 && y < coverage.height() as f64;
            within && coverage.clamped(x as isize, y as isize) > 0.5
        };
        let look = |p: Point| picture.bilinear(p.x, p.y).map(tone);
        let profiles: Vec<(Vec<Option<Tone>>, usize, usize)> = (0..n)
            .into_par_iter()
            .map(|i| {
                let (p, v) = (positions[i], normals[i]);
                let side = |sign: f64, want: bool| {
                    let at = |e: usize| p + v * (sign * e as f64);
                    // The outline's own pixels are mixed, so the first one says nothing about the side.
                    let on = |e: &usize| (*e < 2 || covered(at(*e)) == want) && look(at(*e)).is_some();
                    let free = (1..=2 * reach).take_while(on).count();
                    if free >= 2 { free / 2 } else { free }
                };
                let (inner, outer) = match look(p) {
                    Some(_) if v != Vec2::ZERO => (side(-1.0, true), side(1.0, false)),
                    _ => (0, 0),
                };
                let tones = (0..=2 * reach).map(|e| look(p + v * (e as f64 - reach as f64))).collect();
                (tones, inner, outer)
            })
            .collect();
        Band {
            reach,
            inner: profiles.iter().map(|p| p.1).collect(),
            outer: profiles.iter().map(|p| p.2).collect(),
            tones: profiles.into_iter().flat_map(|p| p.0).collect(),
            normals,
            spacing_px: length / n.max(1) as f64,
        }
    }

    /// The tone of sample `i`'s profile, `e` px outwards, at most `reach`; `None` outside of the picture.
    pub fn tone(&self, i: usize, e: isize) -> Option<Tone> {
        let at = e + self.reach as isize;
        self.tones.get(i * (2 * self.reach + 1) + usize::try_from(at).ok()?).copied().flatten()
    }
}

/// The positions' surroundings, `margin` px wide, cut to the picture's.
fn window(positions: &[Point], picture: &Colours, margin: i32) -> Window {
    let range = |get: fn(&Point) -> f64, size: usize| {
        let inside = |v: f64| v.clamp(0.0, size as f64);
        let low = inside(positions.iter().map(get).fold(f64::INFINITY, f64::min));
        let high = inside(positions.iter().map(get).fold(f64::NEG_INFINITY, f64::max));
        (low.floor() as i32 - margin, high.ceil() as i32 + margin)
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.x, picture.width()), range(|p| p.y, picture.height()));
    Window { x0, y0, x1, y1 }
}
