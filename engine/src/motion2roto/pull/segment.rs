//! Inside and outside near a carried contour, as an area.

use kurbo::Point;
use rayon::prelude::*;

use super::band::{Tone, tone};
use super::nearest::nearest;
use super::palette::Palette;
use crate::image::Colours;
use crate::raster::{Edges, Window};

/// About the most cells; larger shapes get larger cells.
const CELLS: f64 = 120_000.0;
/// How much of what a cell's tone says counts.
const TEMPER: f64 = 0.3;
/// What a cell's distance from the carried outline says for staying as it was, in units of its softness; and the most
/// of these.
const STAY: f64 = 0.3;
const STAY_MOST: f64 = 3.0;
/// Beyond the band nothing changes.
const SURE: f32 = 20.0;
/// Cost of an outline per cell of length, where the picture has an edge and where it has none.
const LENGTH: [f32; 2] = [0.15, 1.5];
/// Difference of tones that makes an edge.
const EDGE: f32 = 0.1;
/// Rounds of the relaxation.
const ROUNDS: usize = 50;

/// What is inside, 0 to 1, in square cells.
pub(super) struct Segment {
    /// Of the first cell, px.
    pub origin: Point,
    /// Side of a cell, px.
    pub cell_px: f64,
    pub width: usize,
    pub height: usize,
    /// As found.
    pub inside: Vec<f32>,
    /// As carried.
    pub carried: Vec<f32>,
}

impl Segment {
    /// Finds the area that the tones about a carried contour ask for, at most `band_px` from it.
    ///
    /// It has the least sum of what the cells say and of the outline's length, less where the picture has edges: the
    /// convex form of Unger, Pock, Trobin, Cremers, Bischof ("TVSeg", BMVC 2008), solved by the primal-dual method of
    /// Chambolle and Pock (Journal of Mathematical Imaging and Vision 40, 2011). `soft_px` says for each sample how far off
    /// it may be, `trust` how far its tones count. `None` where the contour is not in the picture.
    pub fn new(
        positions: &[Point],
        palette: &Palette,
        picture: &Colours,
        band_px: f64,
        soft_px: &[f64],
        trust: &[f64],
    ) -> Option<Self> {
        let (origin, cell_px, width, height) = grid(positions, picture, band_px + 3.0)?;
        let place = |p: &Point| ((*p - origin) / cell_px).to_point();
        let placed: Vec<Point> = positions.iter().map(place).collect();
        let mut edges = Edges::new();
        edges.add_polygon(placed.iter().map(|p| [p.x, p.y]));
        let carried = edges.coverage(Window::of_size(width, height)).into_vec();
        let near = nearest(&placed, width, height);
        let tones = tones(picture, origin, cell_px as usize, width, height);
        let mut force = vec![0.0f32; width * height];
        force.par_iter_mut().enumerate().for_each(|(i, f)| {
            let (far_px, sample) = (f64::from(near[i].0) * cell_px, near[i].1);
            let side = if carried[i] > 0.5 { 1.0 } else { -1.0 };
            *f = if far_px > band_px {
                side * SURE
            } else {
                let says = TEMPER * trust[sample] * f64::from(palette.favour(sample, tones[i]));
                let stay = STAY * (far_px / soft_px[sample]).min(STAY_MOST);
                (says + f64::from(side) * stay) as f32
            };
        });
        let length = lengths(&tones, width, height);
        let inside = relaxed(&force, &length, carried.clone(), width);
        Some(Segment { origin, cell_px, width, height, inside, carried })
    }
}

/// The cells that cover a contour and a margin about it, as far as they are in the picture.
fn grid(positions: &[Point], picture: &Colours, margin: f64) -> Option<(Point, f64, usize, usize)> {
    let range = |get: fn(&Point) -> f64, size: usize| {
        let low = positions.iter().map(get).fold(f64::INFINITY, f64::min) - margin;
        let high = positions.iter().map(get).fold(f64::NEG_INFINITY, f64::max) + margin;
        (low.max(0.0).floor(), high.min(size as f64).ceil())
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.x, picture.width()), range(|p| p.y, picture.height()));
    if !(x1 > x0 + 4.0 && y1 > y0 + 4.0) {
        return None;
    }
    let cell = ((x1 - x0) * (y1 - y0) / CELLS).sqrt().ceil().max(1.0);
    let count = |low: f64, high: f64| ((high - low) / cell).ceil() as usize;
    Some((Point::new(x0, y0), cell, count(x0, x1), count(y0, y1)))
}

/// The mean tone of each cell.
fn tones(picture: &Colours, origin: Point, cell: usize, width: usize, height: usize) -> Vec<Tone> {
    let (x0, y0) = (origin.x as usize, origin.y as usize);
    (0..width * height)
        .into_par_iter()
        .with_min_len(1024)
        .map(|i| {
            let (x, y) = (x0 + i % width * cell, y0 + i / width * cell);
            let mut sum = [0.0f32; 3];
            for p in (0..cell * cell).map(|j| picture.pixel(x + j % cell, y + j / cell)) {
                sum.iter_mut().zip(p).for_each(|(s, v)| *s += v);
            }
            tone(sum.map(|v| v / (cell * cell) as f32))
        })
        .collect()
}

/// What an outline costs between each cell and its right and its lower neighbour.
fn lengths(tones: &[Tone], width: usize, height: usize) -> Vec<[f32; 2]> {
    let cost = |i: usize, j: usize| {
        let far: f32 = tones[i].iter().zip(tones[j]).map(|(a, b)| (a - b) * (a - b)).sum();
        LENGTH[0] + (LENGTH[1] - LENGTH[0]) * (-far / (EDGE * EDGE)).exp()
    };
    let both = |i: usize| {
        let right = if i % width + 1 < width { cost(i, i + 1) } else { 0.0 };
        [right, if i / width + 1 < height { cost(i, i + width) } else { 0.0 }]
    };
    (0..width * height).into_par_iter().with_min_len(1024).map(both).collect()
}

/// The least of total variation, weighted by `length`, minus `force` times the area.
fn relaxed(force: &[f32], length: &[[f32; 2]], start: Vec<f32>, width: usize) -> Vec<f32> {
    // The largest step for which the method converges on a grid.
    let step = 1.0 / 8.0f32.sqrt();
    let mut area = start;
    let mut ahead = area.clone();
    let mut flux = vec![[0.0f32; 2]; area.len()];
    for _ in 0..ROUNDS {
        flux.par_chunks_mut(width).with_min_len(32).enumerate().for_each(|(y, row)| {
            let at = y * width;
            let here = &ahead[at..at + width];
            let below = ahead.get(at + width..at + 2 * width).unwrap_or(here);
            let length = &length[at..at + width];
            for x in 0..width {
                let right = here.get(x + 1).unwrap_or(&here[x]);
                row[x][0] = (row[x][0] + step * (right - here[x])).clamp(-length[x][0], length[x][0]);
                row[x][1] = (row[x][1] + step * (below[x] - here[x])).clamp(-length[x][1], length[x][1]);
            }
        });
        let rows = (area.par_chunks_mut(width), ahead.par_chunks_mut(width));
        rows.into_par_iter().with_min_len(32).enumerate().for_each(|(y, (area, ahead))| {
            let at = y * width;
            let here = &flux[at..at + width];
            let above = y.checked_sub(1).map(|y| &flux[y * width..(y + 1) * width]);
            for x in 0..width {
                let left = if x > 0 { here[x - 1][0] } else { 0.0 };
                let up = above.map_or(0.0, |a| a[x][1]);
                let before = area[x];
                area[x] =
                    (before + step * (here[x][0] + here[x][1] - left - up + force[at + x])).clamp(0.0, 1.0);
                ahead[x] = 2.0 * area[x] - before;
            }
        });
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_follows_what_its_cells_say_and_closes_small_gaps() {
        let (width, height) = (24, 20);
        let said = |i: usize| (6..18).contains(&(i % width)) && (5..15).contains(&(i / width));
        let force: Vec<f32> = (0..width * height)
            .map(|i| {
                if (i % width, i / width) == (12, 10) {
                    -0.5
                } else if said(i) {
                    0.8
                } else {
                    -0.8
                }
            })
            .collect();
        let length = lengths(&vec![[0.5; 3]; width * height], width, height);
        let found = relaxed(&force, &length, vec![0.0; width * height], width);
        let wrong = (0..width * height).filter(|i| (found[*i] > 0.5) != said(*i)).count();
        // The corners are rounded off.
        assert!(wrong <= 8, "{wrong}");
        assert!(found[10 * width + 12] > 0.5, "the gap is closed");
    }
}
