//! What moves in a file besides paths: matrices of layers, positions of trackers.

use shapes::interpolate::weights;
use shapes::{Interp, TrackKey};

use super::read::{Value, numbers};
use crate::ReadError;
use crate::space::Map;
use crate::transform::{Moving, Projective};

/// A layer's matrix over time: sixteen numbers, column after column, in the picture's units.
pub(super) struct Matrix {
    /// By frame, ascending; at least one.
    keys: Vec<(f64, [f64; 16])>,
}

impl Matrix {
    pub(super) fn read(values: &[Value], at: usize) -> Result<Matrix, ReadError> {
        let mut keys = Vec::with_capacity(values.len());
        for value in values {
            let row: Vec<f64> = numbers(&value.text, at).collect::<Result<_, _>>()?;
            let by_columns: [f64; 16] =
                row.try_into().map_err(|_| ReadError::byte(at, "a matrix is sixteen numbers"))?;
            let by_rows = std::array::from_fn(|i| by_columns[i % 4 * 4 + i / 4]);
            keys.push((value.frame.unwrap_or(0.0), by_rows));
        }
        if keys.is_empty() {
            return Err(ReadError::byte(at, "a matrix is sixteen numbers"));
        }
        keys.sort_by(|a, b| a.0.total_cmp(&b.0));
        keys.dedup_by_key(|k| k.0);
        Ok(Matrix { keys })
    }
}

impl Moving for Matrix {
    fn frames(&self) -> Vec<f64> {
        let moves = self.keys.windows(2).any(|w| w[0].1 != w[1].1);
        if moves { self.keys.iter().map(|k| k.0).collect() } else { Vec::new() }
    }

    fn at(&self, frame: f64) -> Projective {
        let parts = weights(self.keys.len(), |i| (self.keys[i].0, Interp::Linear), frame);
        let sum = |n: usize| parts.iter().map(|(i, weight)| self.keys[*i].1[n] * weight).sum();
        Projective::of_space(&std::array::from_fn(sum))
    }
}

/// A key of a tracker's position, which has two numbers or, with depth, three.
pub(super) fn tracker_key(map: &Map, value: &Value, at: usize) -> Result<TrackKey, ReadError> {
    let mut numbers = numbers(&value.text, at);
    let (Some(x), Some(y)) = (numbers.next(), numbers.next()) else {
        return Err(ReadError::byte(at, "a position is two numbers"));
    };
    let [x, y] = map.point_back([x?, y?]);
    Ok(TrackKey::new(map.frame_back(value.frame.unwrap_or(0.0)), x, y))
}
