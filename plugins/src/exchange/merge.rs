//! Imported shapes and tracks beside those that are there.

use std::collections::HashSet;

use shapes::{Document, Key, Shape, Track, TrackKey};

use super::params::Taken;

/// What has a name and keys of an artist's or a solver's.
trait Named {
    const WHAT: &'static str;
    fn name(&self) -> &str;
    fn rename(&mut self, name: String);
    /// Makes its keys the artist's if none is: nothing else would be left of it after a solve.
    fn own(&mut self);
}

impl Named for Shape {
    const WHAT: &'static str = "Shape";

    fn name(&self) -> &str {
        &self.name
    }

    fn rename(&mut self, name: String) {
        self.name = name;
    }

    fn own(&mut self) {
        if !self.keys.iter().any(Key::is_artists) {
            self.keys.iter_mut().for_each(|k| k.confidence = None);
        }
    }
}

impl Named for Track {
    const WHAT: &'static str = "Track";

    fn name(&self) -> &str {
        &self.name
    }

    fn rename(&mut self, name: String) {
        self.name = name;
    }

    fn own(&mut self) {
        if !self.keys.iter().any(TrackKey::is_artists) {
            self.keys.iter_mut().for_each(|k| k.confidence = None);
        }
    }
}

/// A document with another's shapes and tracks over its own, and what that did to names, a sentence each. The first document's
/// size, rate and fields stay; without one the other's are taken.
pub fn merged(document: Option<&Document>, found: Document, taken: Taken) -> (Document, Vec<String>) {
    let mut notes = Vec::new();
    let mut out = document.cloned().unwrap_or_else(|| Document::new(0, 0));
    if out.width == 0 || out.height == 0 {
        (out.width, out.height) = (found.width, found.height);
    }
    out.fps = out.fps.or(found.fps);
    out.par = out.par.or(found.par);
    put(&mut out.shapes, found.shapes, taken, &mut notes);
    put(&mut out.tracks, found.tracks, taken, &mut notes);
    (out, notes)
}

fn put<T: Named>(list: &mut Vec<T>, found: Vec<T>, taken: Taken, notes: &mut Vec<String>) {
    // Those that were there and still are.
    let mut old: Vec<bool> = vec![true; list.len()];
    for mut new in found {
        new.own();
        let name = new.name().to_owned();
        match list.iter().position(|o| o.name() == name) {
            Some(i) if taken == Taken::Replace && old.get(i) == Some(&true) => {
                list[i] = new;
                old[i] = false;
                notes.push(format!("{} {name} was replaced.", T::WHAT));
            }
            Some(_) => {
                let free = free_name(list, &name);
                notes.push(format!("{} {name} is called {free}, as the name was taken.", T::WHAT));
                new.rename(free);
                list.push(new);
            }
            None => list.push(new),
        }
    }
}

/// The name with the first number after it that nothing has.
fn free_name<T: Named>(list: &[T], name: &str) -> String {
    let taken: HashSet<&str> = list.iter().map(Named::name).collect();
    let numbered = |n: usize| format!("{name} {n}");
    (2..).map(numbered).find(|n| !taken.contains(n.as_str())).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Point;

    fn shape(name: &str, x: f64, confidence: Option<f64>) -> Shape {
        let key = |f: f64| Key { confidence, ..Key::new(f, vec![Point::corner(x, 0.0)]) };
        Shape::new(name, true, vec![key(1.0), key(2.0)])
    }

    fn document(shapes: Vec<Shape>) -> Document {
        Document { shapes, ..Document::new(64, 32) }
    }

    fn names(document: &Document) -> Vec<&str> {
        document.shapes.iter().map(|s| s.name.as_str()).collect()
    }

    #[test]
    fn both_are_kept_under_names_of_their_own() {
        let mine = document(vec![shape("a", 1.0, None), shape("a 2", 2.0, None)]);
        let found = document(vec![shape("a", 3.0, None), shape("b", 4.0, None), shape("b", 5.0, None)]);
        let (out, notes) = merged(Some(&mine), found, Taken::KeepBoth);
        assert_eq!(names(&out), ["a", "a 2", "a 3", "b", "b 2"]);
        assert_eq!(out.shapes[..2], mine.shapes);
        assert_eq!(notes.len(), 2);
        assert_eq!(notes[0], "Shape a is called a 3, as the name was taken.");
    }

    #[test]
    fn replacing_keeps_the_place_in_the_stack() {
        let mine = document(vec![shape("a", 1.0, None), shape("b", 2.0, None)]);
        let found = document(vec![shape("a", 3.0, None), shape("a", 4.0, None)]);
        let (out, notes) = merged(Some(&mine), found, Taken::Replace);
        assert_eq!(names(&out), ["a", "b", "a 2"]);
        assert_eq!(out.shapes[0].keys[0].points[0].x, 3.0);
        assert_eq!(notes, ["Shape a was replaced.", "Shape a is called a 2, as the name was taken."]);
    }

    #[test]
    fn what_only_a_solver_has_keyed_becomes_the_artists() {
        let mut mixed = shape("m", 1.0, Some(0.5));
        mixed.keys[0].confidence = None;
        let found = document(vec![shape("s", 1.0, Some(0.5)), mixed.clone()]);
        let (out, notes) = merged(None, found, Taken::KeepBoth);
        assert!(out.shapes[0].keys.iter().all(Key::is_artists) && notes.is_empty());
        assert_eq!(out.shapes[1], mixed);
        assert_eq!((out.width, out.height), (64, 32));
    }

    #[test]
    fn tracks_are_treated_alike() {
        let track = |name: &str| Track::new(name, vec![TrackKey::new(1.0, 2.0, 3.0)]);
        let mut mine = document(vec![shape("nose", 1.0, None)]);
        mine.tracks.push(track("nose"));
        let found = Document { tracks: vec![track("nose")], ..Document::new(1, 1) };
        let (out, _) = merged(Some(&mine), found, Taken::KeepBoth);
        assert_eq!((names(&out), out.tracks[1].name.as_str()), (vec!["nose"], "nose 2"));
    }
}
