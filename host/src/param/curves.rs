//! Parametric params: curves over a position, each possibly over time.

/// Control points closer than this are the same point.
const SAME: f64 = 1e-9;

/// One curve: control points rising in position.
type Curve = Vec<(f64, f64)>;

/// The form in which a project file keeps curves: for each dimension the curves at each key's time; no time for a
/// curve that has always been there.
pub(crate) type SavedCurves = Vec<Vec<(Option<f64>, Curve)>>;

/// The curves of a parametric param; keyed curves change at their keys.
#[derive(Clone, Debug)]
pub(crate) struct Curves {
    range: (f64, f64),
    /// For each dimension the keys in time; the first alone stands for no animation.
    dimensions: Vec<Vec<(f64, Curve)>>,
}

impl Curves {
    /// Straight lines from 0 to 1 over the range.
    pub fn new(dimensions: usize, range: (f64, f64)) -> Curves {
        let line = vec![(range.0, 0.0), (range.1, 1.0)];
        Curves { range, dimensions: vec![vec![(f64::NEG_INFINITY, line)]; dimensions] }
    }

    pub fn save(&self) -> SavedCurves {
        let time = |t: f64| Some(t).filter(|t| t.is_finite());
        self.dimensions.iter().map(|d| d.iter().map(|(t, c)| (time(*t), c.clone())).collect()).collect()
    }

    /// Takes as many dimensions as there are.
    pub fn restore(&mut self, saved: SavedCurves) {
        for (to, from) in self.dimensions.iter_mut().zip(saved) {
            *to = from.into_iter().map(|(t, c)| (t.unwrap_or(f64::NEG_INFINITY), c)).collect();
        }
    }

    pub fn dimensions(&self) -> usize {
        self.dimensions.len()
    }

    /// The curve that holds at a time.
    pub fn at(&self, dimension: usize, time: f64) -> Option<&Curve> {
        let keys = self.dimensions.get(dimension)?;
        let i = keys.partition_point(|k| k.0 <= time).saturating_sub(1);
        keys.get(i).map(|k| &k.1)
    }

    /// The curve to write at a time: a new key where one is wanted.
    fn at_mut(&mut self, dimension: usize, time: f64, key: bool) -> Option<&mut Curve> {
        let keys = self.dimensions.get_mut(dimension)?;
        let i = keys.partition_point(|k| k.0 <= time).saturating_sub(1);
        let (at, curve) = keys.get(i)?.clone();
        if key && (at - time).abs() > 1e-6 {
            keys.insert(i + 1, (time, curve));
            return keys.get_mut(i + 1).map(|k| &mut k.1);
        }
        keys.get_mut(i).map(|k| &mut k.1)
    }

    /// The height of a curve at a position: straight between points, level beyond them.
    pub fn value(&self, dimension: usize, time: f64, position: f64) -> Option<f64> {
        let curve = self.at(dimension, time)?;
        let x = position.clamp(self.range.0, self.range.1);
        let i = curve.partition_point(|p| p.0 <= x);
        let (left, right) = (i.checked_sub(1).and_then(|i| curve.get(i)), curve.get(i));
        Some(match (left, right) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0),
            (Some(p), None) | (None, Some(p)) => p.1,
            (None, None) => 0.0,
        })
    }

    /// Adds a control point, or moves the one at that position.
    pub fn add(&mut self, dimension: usize, time: f64, point: (f64, f64), key: bool) -> Option<()> {
        let curve = self.at_mut(dimension, time, key)?;
        let i = curve.partition_point(|p| p.0 < point.0 - SAME);
        match curve.get_mut(i) {
            Some(p) if (p.0 - point.0).abs() <= SAME => *p = point,
            _ => curve.insert(i, point),
        }
        Some(())
    }

    /// Moves the nth control point.
    pub fn set(
        &mut self,
        dimension: usize,
        time: f64,
        nth: usize,
        point: (f64, f64),
        key: bool,
    ) -> Option<()> {
        let curve = self.at_mut(dimension, time, key)?;
        *curve.get_mut(nth)? = point;
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(())
    }

    /// Deletes the nth control point, in all keys that have it.
    pub fn delete(&mut self, dimension: usize, nth: usize) -> Option<()> {
        let keys = self.dimensions.get_mut(dimension)?;
        let mut found = None;
        for (_, curve) in keys {
            if nth < curve.len() {
                curve.remove(nth);
                found = Some(());
            }
        }
        found
    }

    /// Deletes all control points and keys.
    pub fn clear(&mut self, dimension: usize) -> Option<()> {
        *self.dimensions.get_mut(dimension)? = vec![(f64::NEG_INFINITY, Vec::new())];
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_added_moved_and_deleted() {
        let mut c = Curves::new(2, (0.0, 1.0));
        assert_eq!(c.value(0, 0.0, 0.25), Some(0.25));
        c.add(0, 0.0, (0.5, 1.0), false);
        assert_eq!(c.value(0, 0.0, 0.25), Some(0.5));
        assert_eq!(c.value(1, 0.0, 0.25), Some(0.25));
        c.set(0, 0.0, 1, (0.25, 0.0), false);
        assert_eq!(c.value(0, 0.0, 0.25), Some(0.0));
        c.delete(0, 1);
        assert_eq!(c.at(0, 0.0).map(Vec::len), Some(2));
        c.clear(0);
        assert_eq!(c.value(0, 0.0, 0.5), Some(0.0));
        assert!(c.add(2, 0.0, (0.0, 0.0), false).is_none());
    }

    #[test]
    fn keys_begin_where_they_are_set() {
        let mut c = Curves::new(1, (0.0, 1.0));
        c.add(0, 10.0, (0.5, 5.0), true);
        assert_eq!((c.value(0, 9.0, 0.5), c.value(0, 10.0, 0.5)), (Some(0.5), Some(5.0)));
    }
}
