//! A square of a picture found again in another picture: normalised cross-correlation at whole pixels, and a parabola through
//! what is around the best of them.

use std::ops::Range;

use nalgebra::{Matrix2, Point2, SymmetricEigen, Vector2};

use crate::image::{Plane, wide};

/// Offsets that are worked out together, across and down: what the registers hold.
const ACROSS: usize = 8;
const DOWN: usize = 4;
/// The same around a coarse peak.
const FEW: usize = 5;
/// From this search radius on every second pixel and offset comes first, px.
const COARSE_RADIUS: usize = 5;
/// How many of the best coarse offsets are looked at closely.
const CLOSELY: usize = 3;
/// Curvature of a peak, at least and at most, 1/px².
const CURVATURE: (f64, f64) = (1e-4, 0.15);
/// The norm below which a piece shows nothing.
const EMPTY: f32 = 1e-3;

/// A square of a picture with the mean taken out, and its norm.
pub(super) struct Piece {
    fine: Square,
    /// Every second pixel of it.
    coarse: Square,
}

struct Square {
    values: Vec<f32>,
    side: usize,
    norm: f32,
}

impl Square {
    fn of(mut values: Vec<f32>, side: usize) -> Square {
        let mean = values.iter().sum::<f32>() / values.len().max(1) as f32;
        values.iter_mut().for_each(|v| *v -= mean);
        let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        Square { values, side, norm }
    }
}

impl Piece {
    /// The square of `half` px to each side around a place, whose pixels `warp` takes to those of the plane. None where it is flat.
    pub fn around(plane: &Plane, centre: Point2<f64>, warp: &Matrix2<f64>, half: usize) -> Option<Piece> {
        let side = 2 * half + 1;
        let values = warped(plane, centre, &warp.map(|v| v as f32), half);
        let coarse = Square::of(every_second(&values, side), half + 1);
        let fine = Square::of(values, side);
        (fine.norm > EMPTY && coarse.norm > EMPTY).then_some(Piece { fine, coarse })
    }
}

/// The part of a picture in which pieces are looked for.
pub(super) struct Window {
    fine: Grid,
    /// Every second pixel of it, where the search is wide.
    coarse: Option<Grid>,
    radius: usize,
}

/// Where a piece fits best.
pub(super) struct Peak {
    /// From the middle of the window, px.
    pub offset: Vector2<f64>,
    /// Of the correlation, 1/px².
    pub curvature: Matrix2<f64>,
    pub score: f64,
}

impl Window {
    /// Where pieces with `half` px to each side may be up to `radius` px off. None outside of the picture.
    pub fn around(plane: &Plane, at: Point2<f64>, half: usize, radius: usize) -> Option<Window> {
        let reach = (half + radius) as f64;
        let (w, h) = (plane.width() as f64, plane.height() as f64);
        if !(at.x > -reach && at.y > -reach && at.x < w + reach && at.y < h + reach) {
            return None;
        }
        let side = 2 * (half + radius) + 1;
        let values = shifted(plane, at - Vector2::from_element(reach), side);
        let coarse = (radius >= COARSE_RADIUS)
            .then(|| Grid::new(&every_second(&values, side), half + radius + 1, half + 1));
        Some(Window { fine: Grid::new(&values, side, 2 * half + 1), coarse, radius })
    }

    /// Where a piece of the same `half` fits best. None at the rim.
    pub fn best(&self, piece: &Piece) -> Option<Peak> {
        let count = 2 * self.radius + 1;
        let map = match &self.coarse {
            Some(coarse) => self.near(piece, &coarse.correlations(&piece.coarse)),
            None => self.fine.correlations(&piece.fine),
        };
        let (top, _) = map.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
        let (x, y) = (top % count, top / count);
        if x == 0 || y == 0 || x + 1 == count || y + 1 == count {
            return None;
        }
        let at = |dx: isize, dy: isize| {
            f64::from(map[(y as isize + dy) as usize * count + (x as isize + dx) as usize])
        };
        let score = at(0, 0);
        let slope = Vector2::new(at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)) / 2.0;
        let (xx, yy) = (2.0 * score - at(1, 0) - at(-1, 0), 2.0 * score - at(0, 1) - at(0, -1));
        let xy = -(at(1, 1) + at(-1, -1) - at(1, -1) - at(-1, 1)) / 4.0;
        let mut eigen = SymmetricEigen::new(Matrix2::new(xx, xy, xy, yy));
        eigen.eigenvalues = eigen.eigenvalues.map(|e| e.clamp(CURVATURE.0, CURVATURE.1));
        let curvature = eigen.recompose();
        let fine = (curvature.try_inverse()? * slope).map(|o| o.clamp(-0.7, 0.7));
        let middle = Vector2::from_element(self.radius as f64);
        Some(Peak { offset: Vector2::new(x as f64, y as f64) - middle + fine, curvature, score })
    }

    /// Correlations around the highest of the coarse ones; what is not looked at is below all.
    fn near(&self, piece: &Piece, coarse: &[f32]) -> Vec<f32> {
        let (count, few) = (2 * self.radius + 1, self.radius + 1);
        let mut map = vec![f32::NEG_INFINITY; count * count];
        let mut left = coarse.to_vec();
        for _ in 0..CLOSELY {
            let Some((top, score)) = left.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else { break };
            if *score == f32::NEG_INFINITY {
                break;
            }
            let (cx, cy) = (top % few, top / few);
            for y in cy.saturating_sub(1)..(cy + 2).min(few) {
                left[y * few..][cx.saturating_sub(1)..(cx + 2).min(few)].fill(f32::NEG_INFINITY);
            }
            // Two px to each side: the peak is within one, and the parabola needs what is around it.
            let (x0, y0) = ((2 * cx).saturating_sub(2), (2 * cy).saturating_sub(2));
            let (columns, rows) = (x0..(2 * cx + 3).min(count), y0..(2 * cy + 3).min(count));
            self.fine.some_correlations(&piece.fine, columns, rows, &mut map);
        }
        map
    }
}

/// A square of pixels with the norms of all smaller squares in it.
struct Grid {
    /// With room on the right and below for offsets that are worked out together but not wanted.
    values: Vec<f32>,
    stride: usize,
    /// Offsets across, and as many down.
    count: usize,
    /// Norms of each square without its mean, by offset.
    norms: Vec<f32>,
}

impl Grid {
    fn new(values: &[f32], side: usize, square: usize) -> Grid {
        let count = side + 1 - square;
        let stride = square - 1 + (count + FEW).next_multiple_of(ACROSS);
        let mut padded = vec![0.0; stride * (square - 1 + (count + FEW).next_multiple_of(DOWN))];
        for (row, values) in padded.chunks_exact_mut(stride).zip(values.chunks_exact(side)) {
            row[..side].copy_from_slice(values);
        }
        Grid { norms: norms(values, side, square), values: padded, stride, count }
    }

    /// The correlation of a square at every offset.
    fn correlations(&self, square: &Square) -> Vec<f32> {
        let mut map = vec![0.0f32; self.count * self.count];
        for y in (0..self.count).step_by(DOWN) {
            for x in (0..self.count).step_by(ACROSS) {
                let sums = self.sums::<DOWN>(square, x, y);
                let width = ACROSS.min(self.count - x);
                for (row, sums) in sums.iter().enumerate().take(self.count - y) {
                    map[(y + row) * self.count + x..][..width].copy_from_slice(&sums[..width]);
                }
            }
        }
        map.iter_mut().zip(&self.norms).for_each(|(v, norm)| *v /= (square.norm * norm).max(1e-6));
        map
    }

    /// Products of a square with what lies under it, for a block of offsets.
    fn sums<const ROWS: usize>(&self, square: &Square, x: usize, y: usize) -> [[f32; ACROSS]; ROWS] {
        let mut all = [[0.0f32; ACROSS]; ROWS];
        wide(
            #[inline(always)]
            || {
                let mut sums = [[0.0f32; ACROSS]; ROWS];
                for (j, row) in square.values.chunks_exact(square.side).enumerate() {
                    let under: [&[f32]; ROWS] = std::array::from_fn(|d| {
                        &self.values[(y + j + d) * self.stride + x..][..square.side - 1 + ACROSS]
                    });
                    for (i, v) in row.iter().enumerate() {
                        for (sums, under) in sums.iter_mut().zip(&under) {
                            for (k, sum) in sums.iter_mut().enumerate() {
                                *sum += v * under[i + k];
                            }
                        }
                    }
                }
                all = sums;
            },
        );
        all
    }

    /// Correlations at few offsets, [`FEW`] at most down and across, into their places among all.
    fn some_correlations(&self, square: &Square, columns: Range<usize>, rows: Range<usize>, map: &mut [f32]) {
        let sums = self.sums::<FEW>(square, columns.start, rows.start);
        for (y, sums) in rows.zip(sums) {
            let at = y * self.count + columns.start..y * self.count + columns.end;
            for ((out, sum), norm) in map[at.clone()].iter_mut().zip(sums).zip(&self.norms[at]) {
                *out = sum / (square.norm * norm).max(1e-6);
            }
        }
    }
}

/// The correlation of two squares, the second shifted by up to `shift` px across and down as fits best; of the first its middle counts.
pub(super) fn best_of_shifts(first: &[f32], second: &[f32], side: usize, shift: usize) -> f64 {
    let inner = shift..side - shift;
    let rows = first.chunks_exact(side).skip(shift).take(inner.len());
    let middle = rows.flat_map(|row| &row[inner.clone()]).copied().collect();
    let grid = Grid::new(second, side, inner.len());
    let map = grid.correlations(&Square::of(middle, inner.len()));
    let shown = map.iter().zip(&grid.norms).map(|(v, norm)| if *norm > EMPTY { *v } else { 0.0 });
    shown.fold(-1.0, f32::max).into()
}

/// Every second pixel across and down of a square.
fn every_second(values: &[f32], side: usize) -> Vec<f32> {
    let rows = values.chunks_exact(side).step_by(2);
    rows.flat_map(|row| row.iter().step_by(2).copied()).collect()
}

/// A square of a plane around a place, as `warp` takes it there; borders are continued.
fn warped(plane: &Plane, centre: Point2<f64>, warp: &Matrix2<f32>, half: usize) -> Vec<f32> {
    let side = 2 * half + 1;
    let centre = centre.coords.map(|v| v as f32);
    let reach = (warp.abs() * Vector2::from_element(half as f32)).add_scalar(1.0);
    let (w, h) = (plane.width(), plane.height());
    let (low, high) = (centre - reach, centre + reach);
    let inside = low.x >= 0.0 && low.y >= 0.0 && high.x <= w as f32 && high.y <= h as f32;
    let corner = centre - warp * Vector2::from_element(half as f32);
    let mut values = Vec::with_capacity(side * side);
    for y in 0..side {
        let row = corner + warp.column(1) * y as f32;
        let places = (0..side).map(|x| (row.x + warp.m11 * x as f32, row.y + warp.m21 * x as f32));
        if inside {
            values.extend(places.map(|(x, y)| {
                let (x, y) = (x - 0.5, y - 0.5);
                let (x0, y0) = (x as i32, y as i32);
                let (fx, fy) = (x - x0 as f32, y - y0 as f32);
                let first = y0 as usize * w + x0 as usize;
                let (upper, lower) =
                    (&plane.data()[first..first + 2], &plane.data()[first + w..first + w + 2]);
                let a = upper[0] + (upper[1] - upper[0]) * fx;
                let b = lower[0] + (lower[1] - lower[0]) * fx;
                a + (b - a) * fy
            }));
        } else {
            values.extend(places.map(|(x, y)| plane.bilinear(x, y)));
        }
    }
    values
}

/// A square of a plane whose first pixel's centre is at a place; borders are continued.
fn shifted(plane: &Plane, at: Point2<f64>, side: usize) -> Vec<f32> {
    let (left, top) = ((at.x - 0.5).floor(), (at.y - 0.5).floor());
    let (fx, fy) = ((at.x - 0.5 - left) as f32, (at.y - 0.5 - top) as f32);
    let (left, top) = (left as isize, top as isize);
    let (w, h) = (plane.width() as isize, plane.height() as isize);
    let column = |x: usize| (left + x as isize).clamp(0, w - 1) as usize;
    let mut across = vec![0.0f32; side * (side + 1)];
    for (y, out) in across.chunks_exact_mut(side).enumerate() {
        let row = plane.row((top + y as isize).clamp(0, h - 1) as usize);
        if left >= 0 && left + (side as isize) < w {
            let row = &row[left as usize..][..side + 1];
            out.iter_mut().zip(row.windows(2)).for_each(|(o, r)| *o = r[0] + (r[1] - r[0]) * fx);
        } else {
            for (x, o) in out.iter_mut().enumerate() {
                let (a, b) = (row[column(x)], row[column(x + 1)]);
                *o = a + (b - a) * fx;
            }
        }
    }
    let (upper, lower) = (&across[..side * side], &across[side..]);
    upper.iter().zip(lower).map(|(a, b)| a + (b - a) * fy).collect()
}

/// The norm of every `square` by `square` part without its mean, of a picture `width` px wide, row by row.
pub(super) fn norms(values: &[f32], width: usize, square: usize) -> Vec<f32> {
    let (stride, height) = (width + 1, values.len() / width.max(1));
    if width < square || height < square {
        return Vec::new();
    }
    let mut sums = vec![[0.0f64; 2]; stride * (height + 1)];
    for y in 0..height {
        let mut row = [0.0f64; 2];
        for x in 0..width {
            let v = f64::from(values[y * width + x]);
            row = [row[0] + v, row[1] + v * v];
            let above = sums[y * stride + x + 1];
            sums[(y + 1) * stride + x + 1] = [above[0] + row[0], above[1] + row[1]];
        }
    }
    let pixels = (square * square) as f64;
    let mut norms = Vec::with_capacity((width + 1 - square) * (height + 1 - square));
    for y in 0..=height - square {
        for x in 0..=width - square {
            let of = |k: usize| {
                let at = |y: usize, x: usize| sums[y * stride + x][k];
                at(y + square, x + square) - at(y, x + square) - at(y + square, x) + at(y, x)
            };
            let sum = of(0);
            norms.push((of(1) - sum * sum / pixels).max(0.0).sqrt() as f32);
        }
    }
    norms
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waves of several lengths that no shift brings back.
    fn waves(x: f64, y: f64) -> f32 {
        ((0.31 * x + 0.17 * y).sin() + (0.11 * x - 0.23 * y).cos() + (0.05 * x * y / 20.0).sin()) as f32
    }

    #[test]
    fn a_piece_is_found_where_it_came_from() {
        let plane = |dx: f64, dy: f64| Plane::from_fn(90, 80, |x, y| waves(x as f64 - dx, y as f64 - dy));
        let (keyed, at) = (plane(0.0, 0.0), Point2::new(44.3, 39.8));
        for half in [9, 14] {
            let piece = Piece::around(&keyed, at, &Matrix2::identity(), half).unwrap();
            for (radius, shift) in [(4, [2.3, -1.6]), (9, [-6.4, 3.2]), (16, [11.2, -9.7])] {
                let window = Window::around(&plane(shift[0], shift[1]), at, half, radius).unwrap();
                let found = window.best(&piece).unwrap();
                assert!(
                    (found.offset - Vector2::from(shift)).norm() < 0.1,
                    "{half} {radius} {}",
                    found.offset
                );
                assert!(found.score > 0.99, "{}", found.score);
            }
        }
    }

    #[test]
    fn nothing_is_found_at_the_rim_nor_outside() {
        let plane = |dx: f64| Plane::from_fn(90, 80, |x, y| waves(x as f64 - dx, y as f64));
        let at = Point2::new(44.3, 39.8);
        let piece = Piece::around(&plane(0.0), at, &Matrix2::identity(), 9).unwrap();
        let window = Window::around(&plane(5.0), at, 9, 4).unwrap();
        assert!(window.best(&piece).is_none_or(|p| p.score < 0.9));
        assert!(Window::around(&plane(0.0), Point2::new(-40.0, 0.0), 9, 4).is_none());
        assert!(Window::around(&plane(0.0), Point2::new(f64::NAN, 0.0), 9, 4).is_none());
        let flat = Plane::from_fn(90, 80, |_, _| 0.5);
        assert!(Piece::around(&flat, at, &Matrix2::identity(), 9).is_none());
    }

    #[test]
    fn norms_are_those_of_each_square_without_its_mean() {
        let values: Vec<f32> = (0..9 * 7).map(|k| waves(f64::from(k % 9), f64::from(k / 9))).collect();
        let norms = norms(&values, 9, 3);
        assert_eq!(norms.len(), 7 * 5);
        for (k, norm) in norms.iter().enumerate() {
            let (x, y) = (k % 7, k / 7);
            let square: Vec<f32> = (0..9).map(|i| values[(y + i / 3) * 9 + x + i % 3]).collect();
            assert!((Square::of(square, 3).norm - norm).abs() < 1e-5);
        }
    }
}
