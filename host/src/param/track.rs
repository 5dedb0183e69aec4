//! A value over time: a constant, or keys.

use crate::value::{ParamKind, Value};

/// Keys closer than this are the same key.
const SAME: f64 = 1e-6;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Track {
    kind: ParamKind,
    constant: Value,
    /// Rising in time.
    keys: Vec<(f64, Value)>,
}

impl Track {
    pub fn new(kind: ParamKind, constant: Value) -> Track {
        Track { kind, constant, keys: Vec::new() }
    }

    pub fn keys(&self) -> &[(f64, Value)] {
        &self.keys
    }

    pub fn is_animated(&self) -> bool {
        !self.keys.is_empty()
    }

    pub fn constant(&self) -> &Value {
        &self.constant
    }

    /// Replaces everything.
    pub fn set_constant(&mut self, value: Value) {
        self.keys.clear();
        self.constant = value;
    }

    pub fn set_key(&mut self, time: f64, value: Value) {
        match self.find(time) {
            Ok(i) => self.keys[i].1 = value,
            Err(i) => self.keys.insert(i, (time, value)),
        }
    }

    /// False where there is no such key. The last key leaves its value behind.
    pub fn delete_key(&mut self, time: f64) -> bool {
        match self.find(time) {
            Ok(i) => {
                let (_, value) = self.keys.remove(i);
                if self.keys.is_empty() {
                    self.constant = value;
                }
                true
            }
            Err(_) => false,
        }
    }

    /// The value at `time` stays.
    pub fn delete_keys(&mut self, time: f64) {
        let value = self.at(time);
        self.set_constant(value);
    }

    /// The key at `time`, or the place where one would be.
    fn find(&self, time: f64) -> Result<usize, usize> {
        let i = self.keys.partition_point(|k| k.0 < time - SAME);
        match self.keys.get(i) {
            Some(k) if (k.0 - time).abs() <= SAME => Ok(i),
            _ => Err(i),
        }
    }

    /// The key at `time` (`direction` 0), the last before it (negative), or the first after it (positive).
    pub fn key_index(&self, time: f64, direction: i32) -> Option<usize> {
        let found = self.find(time);
        match direction {
            0 => found.ok(),
            d if d < 0 => found.unwrap_or_else(|i| i).checked_sub(1),
            _ => Some(found.map_or_else(|i| i, |i| i + 1)).filter(|i| *i < self.keys.len()),
        }
    }

    /// Numbers go straight from key to key; the rest holds.
    pub fn at(&self, time: f64) -> Value {
        let Some((left, right, part)) = self.span(time) else { return self.constant.clone() };
        let mix = |a: f64, b: f64| a + (b - a) * part;
        match (self.kind, left, right) {
            (ParamKind::Choice, left, _) => left.clone(),
            (_, Value::Doubles(a), Value::Doubles(b)) => {
                Value::Doubles(a.iter().zip(b).map(|(a, b)| mix(*a, *b)).collect())
            }
            (_, Value::Ints(a), Value::Ints(b)) => {
                let mixed = a.iter().zip(b).map(|(a, b)| mix(f64::from(*a), f64::from(*b)).round() as i32);
                Value::Ints(mixed.collect())
            }
            (_, left, _) => left.clone(),
        }
    }

    /// The keys around a time and how far it is from the first to the second.
    pub fn span(&self, time: f64) -> Option<(&Value, &Value, f64)> {
        let (i, j) = self.around(time)?;
        let (left, right) = (&self.keys[i], &self.keys[j]);
        let length = right.0 - left.0;
        // Before the first key and after the last, both are the same.
        let part = if length > 0.0 { ((time - left.0) / length).clamp(0.0, 1.0) } else { 0.0 };
        Some((&left.1, &right.1, part))
    }

    /// Times of the keys around a time.
    pub fn span_times(&self, time: f64) -> Option<(f64, f64)> {
        self.around(time).map(|(i, j)| (self.keys[i].0, self.keys[j].0))
    }

    fn around(&self, time: f64) -> Option<(usize, usize)> {
        let after = self.keys.partition_point(|k| k.0 <= time);
        let last = self.keys.len().checked_sub(1)?;
        Some((after.saturating_sub(1), after.min(last)))
    }

    /// Change per frame.
    pub fn derivative(&self, time: f64) -> Vec<f64> {
        const STEP: f64 = 1e-3;
        let (a, b) = (self.at(time - STEP).to_doubles(), self.at(time + STEP).to_doubles());
        a.iter().zip(b).map(|(a, b)| (b - a) / (2.0 * STEP)).collect()
    }

    /// Area under the curve, exact for straight spans.
    pub fn integral(&self, from: f64, to: f64) -> Vec<f64> {
        let (start, end, sign) = if from <= to { (from, to, 1.0) } else { (to, from, -1.0) };
        let mut times = vec![start];
        times.extend(self.keys.iter().map(|k| k.0).filter(|t| *t > start && *t < end));
        times.push(end);
        let mut sum = vec![0.0; self.constant.to_doubles().len()];
        for pair in times.windows(2) {
            let (a, b) = (self.at(pair[0]).to_doubles(), self.at(pair[1]).to_doubles());
            for ((s, a), b) in sum.iter_mut().zip(a).zip(b) {
                *s += sign * (a + b) / 2.0 * (pair[1] - pair[0]);
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track() -> Track {
        let mut t = Track::new(ParamKind::Double, 7.0.into());
        t.set_key(10.0, 1.0.into());
        t.set_key(0.0, 0.0.into());
        t.set_key(20.0, 3.0.into());
        t
    }

    #[test]
    fn numbers_are_interpolated_and_held_at_the_ends() {
        let t = track();
        let at = |time| t.at(time).to_doubles()[0];
        assert_eq!([at(-5.0), at(5.0), at(10.0), at(15.0), at(99.0)], [0.0, 0.5, 1.0, 2.0, 3.0]);
        assert_eq!(Track::new(ParamKind::Double, 7.0.into()).at(3.0), 7.0.into());
    }

    #[test]
    fn choices_and_texts_hold() {
        for (kind, a, b) in [
            (ParamKind::Choice, Value::from(0), Value::from(2)),
            (ParamKind::String, "a".into(), "b".into()),
            (ParamKind::Boolean, false.into(), true.into()),
        ] {
            let mut t = Track::new(kind, a.clone());
            t.set_key(0.0, a.clone());
            t.set_key(10.0, b.clone());
            assert_eq!((t.at(9.9), t.at(10.0)), (a, b));
        }
    }

    #[test]
    fn keys_are_found_and_deleted() {
        let mut t = track();
        assert_eq!(t.key_index(10.0, 0), Some(1));
        assert_eq!(t.key_index(11.0, 0), None);
        assert_eq!((t.key_index(10.0, -1), t.key_index(10.0, 1)), (Some(0), Some(2)));
        assert_eq!((t.key_index(0.0, -1), t.key_index(20.0, 1)), (None, None));
        assert!(t.delete_key(10.0) && !t.delete_key(10.0));
        t.delete_keys(10.0);
        assert_eq!((t.is_animated(), t.at(0.0)), (false, 1.5.into()));
    }

    #[test]
    fn slopes_and_areas() {
        let t = track();
        assert!((t.derivative(5.0)[0] - 0.1).abs() < 1e-9);
        assert!((t.integral(0.0, 20.0)[0] - 25.0).abs() < 1e-9);
        assert!((t.integral(20.0, 0.0)[0] + 25.0).abs() < 1e-9);
    }
}
