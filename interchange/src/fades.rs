//! Opacity over time, as formats carry it.

use std::fmt::Write as _;

use shapes::{Interp, OpacityKey, Shape};

use crate::space::Map;
use crate::text::{MAX_POINTS, frame, px};

/// Opacities that are keyed over more frames than this are not written on every one.
const LONGEST: f64 = 10_000.0;

/// How a format carries opacity over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fades {
    /// Not at all.
    None,
    /// By a key on every frame, as what lies between keys is the application's to say.
    EveryFrame,
    /// By keys with straight lines between them.
    Lines,
    /// By such keys, and by keys that hold.
    Holds,
}

/// Leaves of a shape's opacity over time what the format carries, the same on every whole frame; says what it took.
pub(crate) fn prepare(shape: &mut Shape, fades: Fades) -> Option<&'static str> {
    let keys = std::mem::take(&mut shape.opacity_keys);
    let (first, last) = (keys.first()?.frame, keys.last()?.frame);
    let largest = keys.iter().map(|k| k.value).fold(0.0, f64::max).min(1.0);
    if keys.iter().all(|k| k.value == keys[0].value) {
        shape.opacity = Some(largest);
        return None;
    }
    if fades == Fades::None || last - first > LONGEST {
        shape.opacity = Some(largest);
        return Some("over time is not written: it is the largest on all frames");
    }
    shape.opacity_keys = keys;
    let key = |frame: f64| OpacityKey::new(frame, shape.opacity_at(frame).unwrap_or(0.0), Interp::Linear);
    let mut out = Vec::new();
    let mut more = false;
    for (i, k) in shape.opacity_keys.iter().enumerate() {
        let next = shape.opacity_keys.get(i + 1).map_or(k.frame, |n| n.frame);
        let holds = k.interp == Interp::Hold && fades == Fades::Holds;
        out.push(OpacityKey { interp: if holds { Interp::Hold } else { Interp::Linear }, ..key(k.frame) });
        let before_next = next.ceil() - 1.0;
        let from = match (k.interp, fades) {
            (Interp::Smooth, _) | (_, Fades::EveryFrame) => k.frame.floor() + 1.0,
            (Interp::Hold, Fades::Lines) => before_next.max(k.frame.floor() + 1.0),
            _ => next,
        };
        let between = std::iter::successors(Some(from), |f| Some(f + 1.0)).take_while(|f| *f < next);
        let count = out.len();
        out.extend(between.map(key));
        more |= out.len() > count;
    }
    shape.opacity_keys = out;
    more.then_some("over time has more keys, so that every frame is what it was")
}

/// Makes keys that were read good ones: by frame, one on each, 0 to 1; a still opacity where they are all the same, unless they hide the
/// shape.
pub(crate) fn settle(shape: &mut Shape) {
    let keys = &mut shape.opacity_keys;
    keys.retain(|k| k.frame.is_finite() && k.value.is_finite());
    keys.sort_by(|a, b| a.frame.total_cmp(&b.frame));
    keys.dedup_by_key(|k| k.frame);
    keys.iter_mut().for_each(|k| k.value = k.value.clamp(0.0, 1.0));
    if let Some(first) =
        keys.first().map(|k| k.value).filter(|first| *first > 0.0 && keys.iter().all(|k| k.value == *first))
    {
        keys.clear();
        shape.opacity = (first != 1.0).then_some(first);
    }
}

/// Takes a shape out of the frames on which it is not shown. `changes` are the frames from which on that may be otherwise. `count` is
/// that of what a file's keys hold so far; where the shape would take it above the limit, that is said as an error.
pub(crate) fn hide(
    shape: &mut Shape,
    changes: &[f64],
    is_shown: impl Fn(f64) -> bool,
    count: &mut usize,
) -> Result<(), String> {
    let fades = shape.opacity_keys.iter().map(|k| k.frame);
    let frames: Vec<f64> = changes.iter().copied().filter(|f| f.is_finite()).collect();
    let (first, last) = fades
        .chain(frames.iter().copied())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), f| (a.min(f), b.max(f)));
    let all = if shape.opacity_keys.is_empty() {
        // Before the first change it is what it is there.
        let before = if first.is_finite() { first - 1.0 } else { 0.0 };
        std::iter::once(before).chain(frames).collect()
    } else {
        let room = MAX_POINTS.saturating_sub(*count);
        if last - first > room as f64 {
            return Err(format!("hiding a shape that fades would need more than {MAX_POINTS} keys"));
        }
        let every = std::iter::successors(Some(first.floor() - 1.0), |f| Some(f + 1.0));
        every.take_while(|f| *f <= last).collect::<Vec<f64>>()
    };
    *count = count.saturating_add(all.len());
    let at = |frame: f64| if is_shown(frame) { shape.opacity_at(frame).unwrap_or(0.0) } else { 0.0 };
    shape.opacity_keys = all.into_iter().map(|f| OpacityKey::new(f, at(f), Interp::Hold)).collect();
    settle(shape);
    Ok(())
}

/// Appends the keys of a shape's opacity to a list in Python, as pairs of frame and value.
pub(crate) fn push_python(out: &mut String, shape: &Shape, map: &Map) {
    for key in &shape.opacity_keys {
        let _ = write!(out, "({}, ", frame(map.frame(key.frame)));
        px(out, key.value);
        out.push_str("), ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shape(keys: &[(f64, f64, Interp)]) -> Shape {
        let mut shape = Shape::new("s", true, Vec::new());
        shape.opacity_keys = keys.iter().map(|(f, v, i)| OpacityKey::new(*f, *v, *i)).collect();
        shape
    }

    fn frames(shape: &Shape) -> Vec<f64> {
        shape.opacity_keys.iter().map(|k| k.frame).collect()
    }

    #[test]
    fn a_format_gets_what_it_knows() {
        let keys = [(1.0, 0.0, Interp::Hold), (6.0, 1.0, Interp::Linear), (9.0, 0.5, Interp::Linear)];
        let mut s = shape(&keys);
        assert_eq!(prepare(&mut s, Fades::Holds), None);
        assert_eq!(s, shape(&keys));
        assert!(prepare(&mut s, Fades::Lines).is_some());
        assert_eq!(frames(&s), [1.0, 5.0, 6.0, 9.0]);
        let mut s = shape(&keys);
        assert!(prepare(&mut s, Fades::EveryFrame).is_some());
        assert_eq!(frames(&s), (1..=9).map(f64::from).collect::<Vec<_>>());
        let mut s = shape(&keys);
        assert!(prepare(&mut s, Fades::None).is_some());
        assert_eq!((s.opacity, s.opacity_keys.len()), (Some(1.0), 0));
        let mut still = shape(&[(1.0, 0.25, Interp::Hold), (4.0, 0.25, Interp::Smooth)]);
        assert_eq!(prepare(&mut still, Fades::EveryFrame), None);
        assert_eq!((still.opacity, still.opacity_keys.len()), (Some(0.25), 0));
    }

    #[test]
    fn shapes_are_hidden_on_frames() {
        let shown = |f: f64| (3.0..=5.0).contains(&f);
        let mut s = shape(&[]);
        s.opacity = Some(0.5);
        hide(&mut s, &[3.0, 6.0], shown, &mut 0).unwrap();
        let at = |s: &Shape| [0.0, 2.0, 3.0, 5.0, 6.0, 9.0].map(|f| s.opacity_at(f));
        assert_eq!(at(&s), [None, None, Some(0.5), Some(0.5), None, None]);
        let mut s = shape(&[(1.0, 0.0, Interp::Linear), (5.0, 1.0, Interp::Linear)]);
        hide(&mut s, &[3.0, 6.0], shown, &mut 0).unwrap();
        assert_eq!(at(&s), [None, None, Some(0.5), Some(1.0), None, None]);
        let mut s = shape(&[]);
        hide(&mut s, &[], |_| false, &mut 0).unwrap();
        assert_eq!(s.opacity_at(7.0), None);
        let mut s = shape(&[]);
        hide(&mut s, &[4.0], |_| true, &mut 0).unwrap();
        assert_eq!((s.opacity, s.opacity_keys.len()), (None, 0));
        let mut long = shape(&[(1.0, 0.0, Interp::Linear), (1e9, 1.0, Interp::Linear)]);
        assert!(hide(&mut long, &[3.0], shown, &mut 0).is_err());
    }

    proptest! {
        /// Whatever a format knows, every whole frame is what it was.
        #[test]
        fn frames_stay(
            values in prop::collection::vec((0.0..=1.0f64, 0u8..3, 1u8..9), 2..7),
        ) {
            let mut frame = 0.0;
            let keys: Vec<_> = values.iter().map(|(value, interp, step)| {
                frame += f64::from(*step);
                let interp = [Interp::Linear, Interp::Hold, Interp::Smooth][usize::from(*interp)];
                (frame, *value, interp)
            }).collect();
            for fades in [Fades::EveryFrame, Fades::Lines, Fades::Holds] {
                let (before, mut after) = (shape(&keys), shape(&keys));
                prepare(&mut after, fades);
                for f in -1..60 {
                    let [a, b] = [&before, &after].map(|s| s.opacity_at(f64::from(f)).unwrap_or(0.0));
                    prop_assert!((a - b).abs() < 1e-9, "{fades:?} {f}: {a} {b}");
                }
            }
        }
    }
}
