//! Soft and grown edges, by distance.
//!
//! Two contours make an edge: the outline and its feather contour. A pixel's signed distances to both, `c` and `f`, say
//! where it stands: it is outside of the edge by `min(c, f)` and inside by `-max(c, f)`, so the matte between is
//! `-min / (max - min)`. That is a straight ramp from one contour to the other, it follows both exactly, and where they cross the edge
//! has no width. Growing moves both contours, a feather all round spreads them. Distances are to the boundary of what is
//! enclosed, so that an outline that crosses itself has no edge inside.

use std::ops::Range;

use kurbo::{Affine, Point, Vec2};
use rayon::prelude::*;

use super::Window;
use super::falloff::{Falloff, Ramp};
use super::field::{Field, Lattice, Samples};
use crate::image::Plane;

/// Side of the blocks of pixels that share their nearest lines.
const BLOCK: i32 = 16;
/// Blocks of blocks, each this many times as wide.
const FANOUT: i32 = 4;
/// Rows of one task.
const BAND: i32 = BLOCK * FANOUT * FANOUT;
/// A pixel whose mean may be off by more than this is divided.
const TOLERANCE: f32 = 1.0 / 2048.0;
/// Parts of a divided pixel along each side, for one that is off by little, and by more than so many times the tolerance.
const PARTS: [usize; 2] = [4, 8];
const MUCH: f32 = 16.0;

/// The shape of an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Softness {
    /// Distance that the edge moves outwards, px.
    pub grow_px: f64,
    /// Width of a soft edge, half on either side, px; at least 0.
    pub feather_px: f64,
    pub falloff: Falloff,
}

/// An edge about an outline.
pub(super) struct Edge<'f> {
    outline: &'f Field,
    /// The feather contour where there is one.
    feather: Option<&'f Field>,
    softness: Softness,
    ramp: Ramp,
    pixels: Pixels,
}

/// Raster pixels in the document's space.
#[derive(Clone, Copy)]
struct Pixels {
    document_from_raster: Affine,
    right: Vec2,
    down: Vec2,
    /// The longer side.
    side: f64,
}

impl Pixels {
    fn new(raster_from_document: Affine) -> Self {
        let document_from_raster = raster_from_document.inverse();
        let [xx, xy, yx, yy, ..] = document_from_raster.as_coeffs();
        let (right, down) = (Vec2::new(xx, xy), Vec2::new(yx, yy));
        Pixels { document_from_raster, right, down, side: right.hypot().max(down.hypot()) }
    }

    fn place(&self, x: f64, y: f64) -> Point {
        self.document_from_raster * Point::new(x, y)
    }

    /// How far a pixel reaches along the unit vector `n`, side by side.
    fn across(&self, n: Vec2) -> [f32; 2] {
        [n.dot(self.right).abs() as f32, n.dot(self.down).abs() as f32]
    }
}

/// Room for one block's distances.
#[derive(Default)]
struct Scratch {
    block: [Samples; 2],
    parts: [Samples; 2],
}

/// A square of pixels, with the lines of both contours that may be nearest to them.
struct Square {
    x: i32,
    y: i32,
    size: i32,
    near: [Vec<u32>; 2],
}

/// A part of the output: its rows, and the exact coverage of the same pixels.
struct Band<'o> {
    window: Window,
    out: &'o mut [f32],
    sharp: Option<&'o [f32]>,
}

impl<'f> Edge<'f> {
    pub fn new(
        outline: &'f Field,
        feather: Option<&'f Field>,
        softness: Softness,
        raster_from_document: Affine,
    ) -> Self {
        let ramp = Ramp::new(softness.falloff);
        Edge { outline, feather, softness, ramp, pixels: Pixels::new(raster_from_document) }
    }

    /// The matte in `window`. `sharp` is the exact coverage there, which edges less than half a pixel wide come to.
    ///
    /// Pixels are made in squares that lie where they lie whatever the window is.
    pub fn matte(&self, window: Window, sharp: Option<&Plane>) -> Plane {
        let (width, height) = (window.width(), window.height());
        let mut out = Plane::filled(width, height, 0.0);
        if width == 0 || height == 0 || self.outline.lines().is_empty() {
            return out;
        }
        let all = |field: Option<&Field>| (0..field.map_or(0, |f| f.lines().len() as u32)).collect();
        let all: [Vec<u32>; 2] = [all(Some(self.outline)), all(self.feather)];
        let start = |v: i32| v.div_euclid(BAND) * BAND;
        let mut bands = Vec::new();
        let (mut rest, mut y) = (out.data_mut(), window.y0);
        while y < window.y1 {
            let end = start(y).saturating_add(BAND).min(window.y1);
            let (part, after) = rest.split_at_mut((end - y) as usize * width);
            let from = (y - window.y0) as usize * width;
            let sharp = sharp.and_then(|s| s.data().get(from..from + part.len()));
            bands.push(Band { window: Window { y0: y, y1: end, ..window }, out: part, sharp });
            (rest, y) = (after, end);
        }
        bands.into_par_iter().for_each_init(Scratch::default, |scratch, mut band| {
            let (y, mut x) = (start(band.window.y0), start(band.window.x0));
            while x < band.window.x1 {
                self.fill(&Square { x, y, size: BAND, near: all.clone() }, &mut band, scratch);
                x = x.saturating_add(BAND);
            }
        });
        out
    }

    fn fill(&self, square: &Square, band: &mut Band<'_>, scratch: &mut Scratch) {
        let Square { x, y, size, ref near } = *square;
        let half = 0.5 * f64::from(size);
        let centre = self.pixels.place(f64::from(x) + half, f64::from(y) + half);
        let diagonals = (self.pixels.right + self.pixels.down)
            .hypot()
            .max((self.pixels.right - self.pixels.down).hypot());
        // To the corners, and a pixel more for the neighbours that are looked at.
        let reach = (half + 1.0) * diagonals;
        let (c, near_outline) = self.outline.near(&near[0], centre, reach);
        let (f, near_feather) =
            self.feather.map_or_else(|| (c, Vec::new()), |f| f.near(&near[1], centre, reach));
        let (outer, width) = self.edge(c, f);
        if outer > reach {
            return;
        }
        if outer + width < -reach {
            band.fill(square);
            return;
        }
        let near = [near_outline, near_feather];
        if size == BLOCK {
            return self.draw(&Square { near, ..*square }, band, scratch);
        }
        let part = size / FANOUT;
        for (i, j) in (0..FANOUT).flat_map(|j| (0..FANOUT).map(move |i| (i, j))) {
            let part = Square { x: x + i * part, y: y + j * part, size: part, near: near.clone() };
            if !part.columns(band.window).is_empty() && !part.rows(band.window).is_empty() {
                self.fill(&part, band, scratch);
            }
        }
    }

    /// From distances to both contours: how far outside of the edge, and the edge's width.
    fn edge(&self, outline: f64, feather: f64) -> (f64, f64) {
        let Softness { grow_px, feather_px, .. } = self.softness;
        (outline.min(feather) - grow_px - 0.5 * feather_px, (outline - feather).abs() + feather_px)
    }

    fn sample(&self, near: &[Vec<u32>; 2], lattice: &Lattice, out: &mut [Samples; 2]) {
        let [outline, feather] = out;
        self.outline.sample(&near[0], lattice, outline);
        if let Some(field) = self.feather {
            field.sample(&near[1], lattice, feather);
        }
    }

    fn draw(&self, square: &Square, band: &mut Band<'_>, scratch: &mut Scratch) {
        let columns = BLOCK as usize + 2;
        let lattice = Lattice {
            start: self.pixels.place(f64::from(square.x) - 0.5, f64::from(square.y) - 0.5),
            right: self.pixels.right,
            down: self.pixels.down,
            columns,
            rows: columns,
        };
        let Scratch { block, parts } = scratch;
        self.sample(&square.near, &lattice, block);
        let pixel = self.pixels.side as f32;
        let reach = self.pixels.right.hypot() as f32 + self.pixels.down.hypot() as f32;
        let window = band.window;
        for y in square.rows(window) {
            for x in square.columns(window) {
                let k = (y - square.y + 1) as usize * columns + (x - square.x + 1) as usize;
                let (outer, width) = self.at(block, k);
                let value = if outer >= reach {
                    0.0
                } else if outer + width <= -reach {
                    1.0
                } else if let error @ TOLERANCE.. = self.bend(block, k, columns) / (8.0 * width.max(pixel)) {
                    let count = PARTS[usize::from(error > MUCH * TOLERANCE)];
                    self.divided(x, y, count, &square.near, parts)
                } else {
                    let place = self.pixels.place(f64::from(x) + 0.5, f64::from(y) + 0.5);
                    self.ramp.mean(outer, width, self.pixels.across(self.direction(block, k, place)))
                };
                let i = (y - window.y0) as usize * window.width() + (x - window.x0) as usize;
                // An edge of no width has the contours' own coverage, corners and all.
                band.out[i] = band.sharp.map_or(value, |sharp| {
                    let around = [k - 1, k + 1, k - columns, k + columns].map(|k| self.at(block, k).1);
                    let width = around.into_iter().fold(width, f32::max);
                    value + (sharp[i] - value) * (1.0 - 2.0 * width / pixel).max(0.0)
                });
            }
        }
    }

    fn at(&self, samples: &[Samples; 2], k: usize) -> (f32, f32) {
        let c = f64::from(samples[0].distance[k]);
        let f = samples[1].distance.get(k).filter(|_| self.feather.is_some()).map_or(c, |f| f64::from(*f));
        let (outer, width) = self.edge(c, f);
        (outer as f32, width as f32)
    }

    /// How far the matte about a place is from that of straight contours at one distance, as a change of distance in px: the
    /// largest second difference, and what a change of the edge's width adds.
    fn bend(&self, samples: &[Samples; 2], k: usize, columns: usize) -> f32 {
        let of = |distance: &[f32]| {
            let second = |by: usize| (distance[k - by] + distance[k + by] - 2.0 * distance[k]).abs();
            second(1).max(second(columns))
        };
        let bend = of(&samples[0].distance);
        if self.feather.is_none() {
            return bend;
        }
        let width = |k: usize| self.at(samples, k).1;
        let slope = |by: usize| (width(k + by) - width(k - by)).abs();
        let pixel = self.pixels.side as f32;
        let widening = 0.5 * slope(1).max(slope(columns)) * pixel / width(k).max(pixel);
        bend.max(of(&samples[1].distance)) + widening
    }

    /// Across the nearer contour.
    fn direction(&self, samples: &[Samples; 2], k: usize, place: Point) -> Vec2 {
        let outline = || self.outline.lines()[samples[0].nearest[k] as usize].direction(place);
        match self.feather {
            Some(feather) if samples[1].distance[k].abs() < samples[0].distance[k].abs() => {
                feather.lines()[samples[1].nearest[k] as usize].direction(place)
            }
            _ => outline(),
        }
    }

    /// The mean of a pixel's parts, for where contours bend within it.
    fn divided(&self, x: i32, y: i32, count: usize, near: &[Vec<u32>; 2], parts: &mut [Samples; 2]) -> f32 {
        let step = 1.0 / count as f64;
        let lattice = Lattice {
            start: self.pixels.place(f64::from(x) + 0.5 * step, f64::from(y) + 0.5 * step),
            right: self.pixels.right * step,
            down: self.pixels.down * step,
            columns: count,
            rows: count,
        };
        self.sample(near, &lattice, parts);
        let part = |k: usize| {
            let (outer, width) = self.at(parts, k);
            let place =
                lattice.start + lattice.right * (k % count) as f64 + lattice.down * (k / count) as f64;
            let pixel = self.pixels.across(self.direction(parts, k, place)).map(|v| v * step as f32);
            self.ramp.mean(outer, width, pixel)
        };
        (0..count * count).map(part).sum::<f32>() / (count * count) as f32
    }
}

impl Square {
    fn columns(&self, window: Window) -> Range<i32> {
        self.x.max(window.x0)..self.x.saturating_add(self.size).min(window.x1)
    }

    fn rows(&self, window: Window) -> Range<i32> {
        self.y.max(window.y0)..self.y.saturating_add(self.size).min(window.y1)
    }
}

impl Band<'_> {
    /// Makes a square full.
    fn fill(&mut self, square: &Square) {
        let (window, width) = (self.window, self.window.width());
        let columns = square.columns(window);
        if columns.is_empty() {
            return;
        }
        for y in square.rows(window) {
            let row = (y - window.y0) as usize * width;
            let place = |x: i32| row + (x - window.x0) as usize;
            self.out[place(columns.start)..place(columns.end)].fill(1.0);
        }
    }
}
