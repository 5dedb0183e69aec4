//! As few keys as a tolerance allows.
//!
//! First the fewest keys with their solved values ([`path`], a shortest path), then fewer still with values that the
//! frames between want ([`thin`], least squares). All points of a shape are keyed together.

mod export;
mod path;
mod rows;
#[cfg(test)]
mod tests;
mod thin;

pub use export::{DEFAULT_TOLERANCE_PX, exported};

use crate::{Interp, Key, Shape};

use rows::{Measure, Rows};
use thin::Knot;

/// Drops solver keys on the frames `first` to `last` as long as what stays, interpolated, keeps every place of the spline
/// (six on each segment, feathers, widths) within `tolerance_px` of the given key on every frame that had one. Along the curve,
/// except at corners and ends, a place may slide three times as far, as that does not show.
///
/// Keys that stay may take other values within the tolerance. Keys that an artist made, or fixed a point of, keep frame, value and
/// interpolation, keys outside of the range and keys at its ends keep their frames. Kept solver keys interpolate by
/// `interp` (`Linear` or `Smooth`), and by `Hold` where frames are held: what stood still still does, exactly. A tolerance
/// of 0 or less keeps everything.
pub fn reduce_keys(shape: &Shape, first: f64, last: f64, tolerance_px: f64, interp: Interp) -> Shape {
    if tolerance_px.is_nan() || tolerance_px <= 0.0 || shape.keys.len() < 3 {
        return shape.clone();
    }
    let rows = Rows::new(shape, Measure::Curve);
    let knots = solved_knots(shape, &rows, [first, last], tolerance_px, interp);
    keyed(shape, &thin::thin(&rows, knots, tolerance_px))
}

/// Keys with their solved values that keep a shape's rows within the tolerance.
fn solved_knots(
    shape: &Shape,
    rows: &Rows,
    [first, last]: [f64; 2],
    tolerance_px: f64,
    interp: Interp,
) -> Vec<Knot> {
    let count = shape.keys.len();
    let inside = |k: &Key| k.frame >= first && k.frame <= last;
    let free: Vec<bool> = shape.keys.iter().map(|k| !k.is_artists() && !k.has_pins() && inside(k)).collect();
    let stays: Vec<bool> = (0..count)
        .map(|i| {
            // What an artist interpolates otherwise than linearly is left to do so on one frame only.
            let after_curve =
                i > 0 && shape.keys[i - 1].is_artists() && shape.keys[i - 1].interp != Interp::Linear;
            let key = &shape.keys[i];
            !free[i] || after_curve || key.frame <= first || key.frame >= last || i == 0 || i + 1 == count
        })
        .collect();
    // At an end of the range beyond which there are keys, a change would reach out of the range.
    let at_border =
        |i: usize| i > 0 && !inside(&shape.keys[i - 1]) || i + 1 < count && !inside(&shape.keys[i + 1]);
    let knot = |row: usize, holds: bool| Knot {
        row,
        interp: match (free[row], holds) {
            (false, _) => shape.keys[row].interp,
            (true, true) => Interp::Hold,
            (true, false) if interp == Interp::Smooth && rows.still.get(row) != Some(&true) => Interp::Smooth,
            (true, false) => Interp::Linear,
        },
        fixed: !free[row] || at_border(row) || rows.is_held(row),
        stays: stays[row] || rows.is_held(row),
        value: rows.values[row].clone(),
    };
    let stops = path::fewest(rows, shape, [&stays, &free], tolerance_px);
    let mut knots: Vec<Knot> = Vec::new();
    for (i, stop) in stops.iter().enumerate() {
        knots.push(knot(stop.row, stop.holds));
        // A curve in time may need other keys than lines do, so it starts from all of them.
        if let (Interp::Smooth, false, Some(next)) = (interp, stop.holds, stops.get(i + 1)) {
            knots.extend((stop.row + 1..next.row).filter(|r| !rows.is_held(*r)).map(|r| knot(r, false)));
        }
    }
    knots
}

/// The shape with these keys only.
fn keyed(shape: &Shape, knots: &[Knot]) -> Shape {
    let key = |k: &Knot| {
        let original = &shape.keys[k.row];
        let points = if k.fixed { original.points.clone() } else { rows::points(&k.value, &original.points) };
        Key { interp: k.interp, points, ..original.clone() }
    };
    shape.with_keys(knots.iter().map(key).collect())
}
