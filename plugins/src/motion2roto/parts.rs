//! A range in parts that can be solved on their own, and when two documents agree on one.
//!
//! The range is cut where every shape has a key of the artist's: what happens on one side of such a frame does not depend
//! on the other.

use std::sync::Arc;

use shapes::{Document, Key, Point, Shape};

use super::solve::Settings;

/// The first and the last frame of a part.
pub type Part = (i32, i32);

/// First and last frames of the parts that can be solved on their own.
pub fn parts(document: &Document, settings: &Settings) -> Vec<Part> {
    let (first, last) = (settings.first, settings.last);
    let mut cuts = vec![first];
    if let Some((one, others)) = document.shapes.split_first() {
        let common = one
            .artists_keys()
            .map(|k| k.frame)
            .filter(|f| f.fract() == 0.0 && others.iter().all(|s| s.key_at(*f).is_some_and(Key::is_artists)));
        cuts.extend(common.map(|f| f as i32).filter(|f| (first + 1..last).contains(f)));
    }
    cuts.push(last);
    cuts.windows(2).map(|w| (w[0], w[1])).collect()
}

/// The frames that solving while rendering reads around `frame`.
pub fn frames_around(document: &Document, settings: &Settings, frame: i32) -> (i32, i32) {
    let around = |(a, b): &&(i32, i32)| (*a..=*b).contains(&frame);
    let parts = parts(document, settings);
    let touched: Vec<&(i32, i32)> = parts.iter().filter(around).collect();
    match (touched.first(), touched.last()) {
        (Some(first), Some(last)) => (first.0, last.1),
        _ => (frame, frame),
    }
}

/// Whether every shape has a solved key inside of a part, or the part has no inside.
pub fn is_solved(document: &Document, (first, last): Part) -> bool {
    last - first < 2
        || document.shapes.iter().all(|s| s.keys.iter().any(|k| within(k, (first, last)) && !k.is_artists()))
}

/// Whether two documents say the same before solving.
pub fn same_start(a: &Arc<Document>, b: &Arc<Document>) -> bool {
    Arc::ptr_eq(a, b) || same_shapes(a, b) && same_keys_by_hand(a, b, (i32::MIN, i32::MAX))
}

pub fn same_shapes(a: &Document, b: &Document) -> bool {
    (a.shapes.len(), a.width, a.height) == (b.shapes.len(), b.width, b.height)
        && a.shapes.iter().zip(&b.shapes).all(|(s, t)| s.name == t.name && s.closed == t.closed)
}

/// Whether the artist's keys, and the points fixed on others, are the same on these frames.
pub fn same_keys_by_hand(a: &Document, b: &Document, frames: Part) -> bool {
    fn keys(shape: &Shape, frames: Part) -> impl Iterator<Item = (f64, Vec<Option<&Point>>)> {
        let by_hand =
            shape.keys.iter().filter(move |k| within(k, frames) && (k.is_artists() || k.has_pins()));
        by_hand
            .map(|k| (k.frame, k.points.iter().map(|p| (k.is_artists() || p.locked).then_some(p)).collect()))
    }
    a.shapes.iter().zip(&b.shapes).all(|(s, t)| keys(s, frames).eq(keys(t, frames)))
}

/// Whether a key lies on these frames, the ends included.
pub fn within(key: &Key, (first, last): Part) -> bool {
    key.frame >= f64::from(first) && key.frame <= f64::from(last)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::motion2roto::params::MotionSource;
    use engine::flow::Quality;
    use engine::image::Encoding;
    use engine::vectors::Convention;

    pub fn settings(first: i32, last: i32) -> Settings {
        Settings {
            first,
            last,
            tolerance_px: 0.0,
            interp: shapes::Interp::Linear,
            follow_outline: true,
            quality: Quality::Fast,
            motion_source: MotionSource::BuiltIn,
            convention: Convention::NUKE,
            encoding: Encoding::Display,
        }
    }

    pub fn document(frames: &[&[f64]]) -> Document {
        let mut d = Document::new(10, 10);
        for (i, frames) in frames.iter().enumerate() {
            let keys = frames.iter().map(|f| Key::new(*f, vec![Point::corner(*f, 0.0)])).collect();
            d.shapes.push(Shape::new(&i.to_string(), true, keys));
        }
        d
    }

    #[test]
    fn parts_end_where_all_shapes_have_keys() {
        let d = document(&[&[1.0, 5.0, 9.0, 20.0], &[1.0, 9.0, 14.0]]);
        assert_eq!(parts(&d, &settings(1, 20)), [(1, 9), (9, 20)]);
        assert_eq!(parts(&d, &settings(3, 7)), [(3, 7)]);
        assert_eq!(parts(&document(&[]), &settings(1, 4)), [(1, 4)]);
    }

    #[test]
    fn frames_around_a_key_reach_both_ways() {
        let d = document(&[&[1.0, 9.0, 20.0]]);
        assert_eq!(frames_around(&d, &settings(1, 20), 9), (1, 20));
        assert_eq!(frames_around(&d, &settings(1, 20), 4), (1, 9));
        assert_eq!(frames_around(&d, &settings(1, 20), 40), (40, 40));
    }

    #[test]
    fn solved_keys_do_not_change_where_a_solve_starts() {
        let plain = Arc::new(document(&[&[1.0, 9.0]]));
        let mut solved = (*plain).clone();
        solved.shapes[0]
            .set_key(Key { confidence: Some(0.5), ..Key::new(4.0, vec![Point::corner(7.0, 7.0)]) });
        assert!(is_solved(&solved, (1, 9)) && !is_solved(&plain, (1, 9)));
        assert!(same_start(&plain, &Arc::new(solved)));
        assert!(!same_start(&plain, &Arc::new(document(&[&[1.0, 8.0]]))));
    }
}
