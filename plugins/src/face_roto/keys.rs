//! What of a document is the artist's, and what an analysis may put beside it.

use shapes::{Document, Key, Shape, Track, TrackKey};

/// The most that a solver's key may trust itself: a track's key of 1 counts as set by hand.
const SUREST: f64 = 0.999;
/// Steps of solved coordinates in a pixel, and of confidences: finer ones only make documents long.
const STEPS: f64 = 10_000.0;

/// Frames, the ends included.
pub type Span = (i32, i32);

/// The document with the artist's keys only; shapes and tracks without one are left out.
pub fn given(document: &Document) -> Document {
    let mut out = document.clone();
    out.shapes.iter_mut().for_each(|s| s.keys.retain(Key::is_artists));
    out.tracks.iter_mut().for_each(|t| t.keys.retain(TrackKey::is_artists));
    out.shapes.retain(|s| !s.keys.is_empty());
    out.tracks.retain(|t| !t.keys.is_empty());
    out
}

/// Whether an analysis has left keys on these frames.
pub fn is_analysed(document: &Document, span: Span) -> bool {
    let solved = |frame: f64, artists: bool| !artists && within(frame, span);
    document.tracks.iter().flat_map(|t| &t.keys).any(|k| solved(k.frame, k.is_artists()))
        || document.shapes.iter().flat_map(|s| &s.keys).any(|k| solved(k.frame, k.is_artists()))
}

/// The whole frames on which an artist has keyed something, ascending.
pub fn keyed_frames(given: &Document) -> Vec<i32> {
    let tracks = given.tracks.iter().flat_map(|t| &t.keys).map(|k| k.frame);
    let shapes = given.shapes.iter().flat_map(|s| &s.keys).map(|k| k.frame);
    let mut frames: Vec<i32> = tracks.chain(shapes).filter(|f| f.fract() == 0.0).map(|f| f as i32).collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

/// A name that two shapes or two landmarks have: nobody could tell them apart in a face.
pub fn doubled_name(document: &Document) -> Option<&str> {
    fn doubled<'n>(names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
        let mut seen = std::collections::HashSet::new();
        names.into_iter().find(|n| !seen.insert(*n))
    }
    doubled(document.shapes.iter().map(|s| s.name.as_str()))
        .or_else(|| doubled(document.tracks.iter().map(|t| t.name.as_str())))
}

/// Makes an analysis of `span` the next state of the document `before`: the artist's keys are exact to the last bit and
/// locked, all others are the solver's, and solved keys outside of the span stay. What the analysis does not know of, or
/// could not keep the points of, stays as the artist keyed it.
pub fn settled(before: &Document, found: Document, span: Span) -> Document {
    let mut out = Document { shapes: found.shapes, tracks: found.tracks, ..before.clone() };
    let by_hand = given(before);
    for old in by_hand.shapes {
        let points = |s: &Shape| s.keys.first().map(|k| k.points.len());
        match out.shapes.iter_mut().find(|s| s.name == old.name) {
            Some(shape) if points(shape) != points(&old) => *shape = old,
            Some(_) => {}
            None => out.shapes.push(old),
        }
    }
    for old in by_hand.tracks {
        if out.tracks.iter().all(|t| t.name != old.name) {
            out.tracks.push(old);
        }
    }
    for shape in &mut out.shapes {
        for key in &mut shape.keys {
            key.locked = false;
            key.confidence = Some(round(key.confidence.unwrap_or(1.0).clamp(0.0, 1.0)));
            key.points.iter_mut().for_each(round_point);
        }
        let points = shape.keys.first().map_or(0, |k| k.points.len());
        let old = before.shapes.iter().find(|s| s.name == shape.name).into_iter().flat_map(|s| &s.keys);
        for key in old.filter(|k| k.points.len() == points) {
            if key.is_artists() {
                shape.set_key(Key { locked: true, confidence: None, ..key.clone() });
            } else if !within(key.frame, span) {
                shape.set_key(key.clone());
            }
        }
    }
    for track in &mut out.tracks {
        for key in &mut track.keys {
            key.locked = false;
            key.confidence = Some(round(key.confidence.unwrap_or(1.0).clamp(0.0, SUREST)));
            [key.x, key.y] = [round(key.x), round(key.y)];
        }
        let old = before.tracks.iter().find(|t| t.name == track.name).into_iter().flat_map(|t| &t.keys);
        for key in old {
            if key.is_artists() {
                track.set_key(TrackKey { locked: true, confidence: None, ..key.clone() });
            } else if !within(key.frame, span) {
                track.set_key(key.clone());
            }
        }
    }
    out
}

/// Makes all of a frame the artist's, as it is.
pub fn locked_at(document: &Document, frame: f64) -> Document {
    let mut out = document.clone();
    for shape in &mut out.shapes {
        let key = shape.key_at(frame).cloned().unwrap_or_else(|| Key::new(frame, shape.points_at(frame)));
        shape.set_key(Key { locked: true, confidence: None, ..key });
    }
    for track in &mut out.tracks {
        if let Some(key) = track.at(frame) {
            track.set_key(TrackKey { locked: true, confidence: None, ..key });
        }
    }
    out
}

/// Hands all of a frame back to the solver. Where no face is learned a last key stays: nothing else would know the thing.
pub fn unlocked_at(document: &Document, frame: f64, has_face: bool) -> Document {
    let mut out = document.clone();
    for shape in &mut out.shapes {
        let others = has_face || shape.artists_keys().any(|k| k.frame != frame);
        if let Some(key) = shape.key_at(frame).filter(|k| others && k.is_artists()).cloned() {
            shape.set_key(Key { locked: false, confidence: Some(SUREST), ..key });
        }
    }
    out.tracks.iter_mut().for_each(|t| release(t, frame, has_face));
    out
}

/// A landmark placed by hand.
pub fn placed(document: &Document, track: usize, frame: f64, [x, y]: [f64; 2]) -> Document {
    let mut out = document.clone();
    if let Some(track) = out.tracks.get_mut(track) {
        let before = track.at(frame).unwrap_or_else(|| TrackKey::new(frame, x, y));
        track.set_key(TrackKey { frame, x, y, locked: true, confidence: None, ..before });
    }
    out
}

/// One landmark of a frame handed back to the solver; a last key stays as in [`unlocked_at`].
pub fn released(document: &Document, track: usize, frame: f64, has_face: bool) -> Document {
    let mut out = document.clone();
    if let Some(track) = out.tracks.get_mut(track) {
        release(track, frame, has_face);
    }
    out
}

fn release(track: &mut Track, frame: f64, has_face: bool) {
    let others = has_face || track.artists_keys().any(|k| k.frame != frame);
    if let Some(key) = track.key_at(frame).filter(|k| others && k.is_artists()).cloned() {
        track.set_key(TrackKey { locked: false, confidence: Some(SUREST), ..key });
    }
}

fn within(frame: f64, (first, last): Span) -> bool {
    frame >= f64::from(first) && frame <= f64::from(last)
}

fn round(v: f64) -> f64 {
    (v * STEPS).round() / STEPS
}

fn round_point(p: &mut shapes::Point) {
    [p.x, p.y] = [round(p.x), round(p.y)];
    p.tangent_in = p.tangent_in.map(round);
    p.tangent_out = p.tangent_out.map(round);
    p.locked = false;
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Point;

    fn document() -> Document {
        let mut d = Document::new(100, 100);
        let solved = |f: f64| Key { confidence: Some(0.5), ..Key::new(f, vec![Point::corner(f, 0.1)]) };
        d.shapes.push(Shape::new(
            "mouth",
            true,
            vec![Key::new(1.0, vec![Point::corner(1.0, 1.0)]), solved(2.0), solved(9.0)],
        ));
        let by_tool = TrackKey { confidence: Some(1.0), ..TrackKey::new(1.0, 5.0, 5.0) };
        let solved = |f: f64| TrackKey { confidence: Some(0.7), ..TrackKey::new(f, f, f) };
        d.tracks.push(Track::new("nose", vec![by_tool, solved(2.0), solved(9.0)]));
        d.tracks.push(Track::new("ear", vec![solved(2.0)]));
        d
    }

    #[test]
    fn what_is_given_is_the_artists() {
        let g = given(&document());
        assert_eq!((g.shapes[0].keys.len(), g.tracks.len(), g.tracks[0].keys.len()), (1, 1, 1));
        assert_eq!(keyed_frames(&g), [1]);
        assert!(is_analysed(&document(), (2, 3)) && !is_analysed(&document(), (3, 8)));
        assert!(!is_analysed(&g, (0, 99)));
    }

    #[test]
    fn the_artists_keys_are_exact_and_the_rest_of_the_shot_stays() {
        let before = document();
        let mut found = document();
        found.shapes[0].keys.truncate(2);
        found.shapes[0].keys[0].points[0].x += 1e-9;
        found.shapes[0].keys[1].points[0].x = 7.123_456_789;
        found.tracks[0].keys.truncate(2);
        found.tracks[0].keys[1].confidence = None;
        let out = settled(&before, found, (1, 3));
        let shape = &out.shapes[0];
        assert_eq!(shape.key_at(1.0).unwrap().points, before.shapes[0].keys[0].points);
        assert!(shape.key_at(1.0).unwrap().locked);
        assert_eq!(shape.key_at(2.0).unwrap().points[0].x, 7.1235);
        assert_eq!(shape.key_at(9.0), before.shapes[0].key_at(9.0));
        let track = &out.tracks[0];
        assert!(track.key_at(1.0).unwrap().locked && !track.key_at(2.0).unwrap().is_artists());
        assert!(track.key_at(9.0).is_some());
    }

    #[test]
    fn what_an_analysis_does_not_know_stays() {
        let found = Document::new(0, 0);
        assert_eq!(settled(&document(), found, (1, 3)).shapes[0].keys.len(), 2, "its key and one outside");
        let mut other = document();
        other.shapes[0].keys.iter_mut().for_each(|k| k.points.push(Point::corner(0.0, 0.0)));
        let out = settled(&document(), other, (1, 3));
        assert_eq!(out.shapes[0].key_at(1.0).unwrap().points, document().shapes[0].keys[0].points);
        assert_eq!(doubled_name(&out), None);
        let twice = Document { tracks: vec![Track::new("a", vec![]), Track::new("a", vec![])], ..out };
        assert_eq!(doubled_name(&twice), Some("a"));
    }

    #[test]
    fn locking_and_unlocking_a_frame() {
        let locked = locked_at(&document(), 2.0);
        assert!(locked.shapes[0].key_at(2.0).unwrap().is_artists());
        assert!(locked.tracks.iter().all(|t| t.key_at(2.0).unwrap().is_artists()));
        let unlocked = unlocked_at(&locked, 2.0, false);
        assert!(!unlocked.tracks[0].key_at(2.0).unwrap().is_artists());
        assert!(unlocked.tracks[1].key_at(2.0).unwrap().is_artists(), "the last key stays");
        assert!(!unlocked_at(&locked, 2.0, true).tracks[1].key_at(2.0).unwrap().is_artists());
    }

    #[test]
    fn a_placed_landmark_is_the_artists() {
        let d = placed(&document(), 0, 2.0, [50.0, 60.0]);
        let key = d.tracks[0].key_at(2.0).unwrap();
        assert!(key.is_artists() && key.locked && [key.x, key.y] == [50.0, 60.0]);
    }
}
