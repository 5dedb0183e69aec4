//! A BezierSpline: a number over time, with handles that are places (frame, value).

use super::table::{Key, Table, Value};

/// A key of a spline.
pub(crate) struct SplineKey<'t, 'a> {
    pub(crate) frame: f64,
    pub(crate) value: f64,
    /// Handles before and after; the key itself where there is none.
    before: [f64; 2],
    after: [f64; 2],
    hold: bool,
    /// The polyline, where the spline is one of polylines; its value counts its keys.
    pub(crate) polyline: Option<&'t Table<'a>>,
}

/// Keys by frame.
pub(crate) struct Spline<'t, 'a> {
    pub(crate) keys: Vec<SplineKey<'t, 'a>>,
}

impl<'t, 'a> Spline<'t, 'a> {
    /// The spline of a tool.
    pub(crate) fn of(tool: &'t Table<'a>) -> Spline<'t, 'a> {
        let mut keys: Vec<SplineKey<'t, 'a>> = Vec::new();
        let entries = tool.table("KeyFrames").map_or(&[][..], |t| &t.entries);
        for (i, (key, value)) in entries.iter().enumerate() {
            let (Key::Number(frame), Value::Table(key)) = (key, value) else { continue };
            let value = key.numbers().first().copied().unwrap_or(i as f64);
            let handle = |name: &str| match key.table(name).map(|t| t.numbers()).as_deref() {
                Some([frame, value]) => [*frame, *value],
                _ => [*frame, value],
            };
            let flags = key.table("Flags");
            keys.push(SplineKey {
                frame: *frame,
                value,
                before: handle("LH"),
                after: handle("RH"),
                hold: flags.is_some_and(|f| f.is_true("StepOut")),
                polyline: key.table("Value"),
            });
        }
        keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
        keys.dedup_by_key(|k| k.frame);
        Spline { keys }
    }

    /// Whether the value stays until the next key.
    pub(crate) fn holds(&self, i: usize) -> bool {
        self.keys.get(i).is_some_and(|k| k.hold)
    }

    /// Whether the way from key `i` to the next is a straight line.
    pub(crate) fn is_straight(&self, i: usize) -> bool {
        let (Some(a), Some(b)) = (self.keys.get(i), self.keys.get(i + 1)) else { return true };
        let rise = (b.value - a.value) / (b.frame - a.frame);
        let on = |[frame, value]: [f64; 2]| (a.value + rise * (frame - a.frame) - value).abs() < 1e-9;
        a.hold || (on(a.after) && on(b.before))
    }

    /// The key at or before a frame, and how far the value has gone from it to the next one's, 0 to 1 but for handles that go beyond.
    pub(crate) fn share(&self, frame: f64) -> (usize, f64) {
        let next = self.keys.partition_point(|k| k.frame <= frame);
        let i = next.saturating_sub(1);
        let (Some(a), Some(b)) = (self.keys.get(i), self.keys.get(next)) else { return (i, 0.0) };
        if next == 0 || a.hold {
            return (i, 0.0);
        }
        let flat = (frame - a.frame) / (b.frame - a.frame);
        if self.is_straight(i) || a.value == b.value {
            return (i, flat);
        }
        let cubic = |p: [f64; 4], t: f64| {
            let u = 1.0 - t;
            u * u * u * p[0] + 3.0 * u * u * t * p[1] + 3.0 * u * t * t * p[2] + t * t * t * p[3]
        };
        // Time runs forward between the keys, whatever handles say.
        let time = |f: f64| f.clamp(a.frame, b.frame);
        let frames = [a.frame, time(a.after[0]), time(b.before[0]), b.frame];
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if cubic(frames, middle) < frame { low = middle } else { high = middle }
        }
        let value = cubic([a.value, a.after[1], b.before[1], b.value], low);
        (i, (value - a.value) / (b.value - a.value))
    }

    /// The value on a frame; 0 without keys.
    pub(crate) fn at(&self, frame: f64) -> f64 {
        let (i, t) = self.share(frame);
        let value = |i: usize| self.keys.get(i).map(|k| k.value);
        let Some(a) = value(i) else { return 0.0 };
        if t == 0.0 { a } else { a + (value(i + 1).unwrap_or(a) - a) * t }
    }

    /// The keys' frames, and the whole frames between keys that are not joined by a straight line or a hold; at most `most`.
    pub(crate) fn frames(&self, most: usize) -> Option<Vec<f64>> {
        let mut frames = Vec::with_capacity(self.keys.len());
        for (i, key) in self.keys.iter().enumerate() {
            frames.push(key.frame);
            let Some(next) = self.keys.get(i + 1).filter(|_| !self.is_straight(i)) else { continue };
            if next.frame - key.frame > most as f64 {
                return None;
            }
            let mut frame = key.frame.floor() + 1.0;
            while frame < next.frame {
                frames.push(frame);
                frame += 1.0;
            }
        }
        (frames.len() <= most).then_some(frames)
    }
}
