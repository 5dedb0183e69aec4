//! What a format can carry, and what becomes of the rest: it is baked where that keeps every frame right, else taken out; both are said.

use shapes::{Blend, Document, Interp, Key, Point, Shape};

use crate::Warning;
use crate::fades::{self, Fades};

/// What of a document a format's writer puts into the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carries {
    /// Shapes.
    pub shapes: bool,
    /// Tracks.
    pub tracks: bool,
    /// Open shapes, as such.
    pub open: bool,
    /// The feather contour of each point.
    pub feather: bool,
    /// Opacity of a shape.
    pub opacity: bool,
    /// The same over time.
    pub fades: Fades,
    /// Display colour of a shape.
    pub color: bool,
    /// Shapes that are composed inside out.
    pub invert: bool,
    /// Shapes whose motion does not blur.
    pub blur: bool,
    /// How shapes are composed; adding is always meant.
    pub blends: &'static [Blend],
    /// Keys that hold.
    pub hold: bool,
    /// Keys between whole frames.
    pub between_frames: bool,
    /// Frames on which a track is not seen.
    pub unseen: bool,
}

impl Carries {
    /// Closed shapes with linear keys and nothing else.
    pub const OUTLINES: Carries = Carries {
        shapes: true,
        tracks: false,
        open: false,
        feather: false,
        opacity: false,
        fades: Fades::None,
        color: false,
        invert: false,
        blur: false,
        blends: &[],
        hold: false,
        between_frames: true,
        unseen: false,
    };
    /// Tracks and nothing else.
    pub const TRACKS: Carries = Carries { shapes: false, tracks: true, ..Carries::OUTLINES };
}

/// The document with nothing in it that a format does not carry, and what that took.
pub fn prepare(document: &Document, carries: &Carries) -> (Document, Vec<Warning>) {
    let mut warnings = Vec::new();
    let mut prepared = Document { extra: shapes::Extra::new(), ..document.clone() };
    if !carries.shapes && !prepared.shapes.is_empty() {
        warnings.push(Warning::general("shapes", "not written: this format holds tracks only"));
        prepared.shapes.clear();
    }
    if !carries.tracks && !prepared.tracks.is_empty() {
        warnings.push(Warning::general("tracks", "not written: this format holds shapes only"));
        prepared.tracks.clear();
    }
    if has_unknown_fields(document) {
        warnings.push(Warning::general("fields of other programs", "not written"));
    }
    if solved(document) {
        warnings.push(Warning::general("confidence", "not written: it is known to shapes documents only"));
    }
    for shape in &mut prepared.shapes {
        prepare_shape(shape, carries, &mut warnings);
    }
    if !carries.unseen {
        for track in &mut prepared.tracks {
            if track.keys.iter().any(|k| !k.visible) {
                warnings.push(Warning::new(
                    &track.name,
                    "visible",
                    "frames on which it is not seen are left out",
                ));
                track.keys.retain(|k| k.visible);
            }
        }
    }
    if !carries.between_frames {
        round_frames(&mut prepared, &mut warnings);
    }
    (prepared, warnings)
}

fn has_unknown_fields(document: &Document) -> bool {
    let in_key = |k: &Key| !k.extra.is_empty() || k.points.iter().any(|p| !p.extra.is_empty());
    !document.extra.is_empty()
        || document.shapes.iter().any(|s| !s.extra.is_empty() || s.keys.iter().any(in_key))
        || document.tracks.iter().any(|t| !t.extra.is_empty() || t.keys.iter().any(|k| !k.extra.is_empty()))
}

fn solved(document: &Document) -> bool {
    document.shapes.iter().any(|s| s.keys.iter().any(|k| k.confidence.is_some()))
        || document.tracks.iter().any(|t| t.keys.iter().any(|k| k.confidence.is_some()))
}

fn prepare_shape(shape: &mut Shape, carries: &Carries, warnings: &mut Vec<Warning>) {
    let name = shape.name.clone();
    let mut warn = |property: &str, message: &str| warnings.push(Warning::new(&name, property, message));
    if !shape.closed && !carries.open {
        warn("open", "this format has closed shapes only: written closed");
        shape.closed = true;
    }
    if shape.blend != Blend::Add && !carries.blends.contains(&shape.blend) {
        warn("blend mode", &format!("{} is not known here: written as add", word(shape.blend)));
        shape.blend = Blend::Add;
    }
    if let Some(what) = fades::prepare(shape, carries.fades) {
        warn("opacity", what);
    }
    if shape.opacity.is_some_and(|o| o != 1.0) && !carries.opacity {
        warn("opacity", "not written");
        shape.opacity = None;
    }
    if shape.color.is_some() && !carries.color {
        warn("color", "not written");
        shape.color = None;
    }
    let any = |test: &dyn Fn(&Point) -> bool| shape.keys.iter().any(|k| k.points.iter().any(test));
    if any(&|p| p.width.is_some()) {
        warn("width", "stroke widths are not written");
    }
    if any(&|p| p.feather.is_some()) && !carries.feather {
        warn("feather", "not written");
        shape.keys.iter_mut().flat_map(|k| &mut k.points).for_each(|p| p.feather = None);
    }
    if shape.invert && !carries.invert {
        warn("invert", "not written");
        shape.invert = false;
    }
    for (property, is_set) in [
        ("shape feather", shape.feather.is_some_and(|f| f != 0.0)),
        ("grow", shape.grow.is_some_and(|g| g != 0.0)),
        ("motion blur", shape.blur == Some(false) && !carries.blur),
    ] {
        if is_set {
            warn(property, "known to shapes documents only: not written");
        }
    }
    if shape.keys.iter().any(|k| k.locked || k.has_pins()) {
        warn("locked", "which keys and points are locked is not written");
    }
    let spans = |interp: Interp| shape.keys.iter().rev().skip(1).any(|k| k.interp == interp);
    let (smooth, holds) = (spans(Interp::Smooth), spans(Interp::Hold));
    if smooth {
        warn("interpolation", "smooth keys are written as linear keys on every frame between");
    }
    if holds && !carries.hold {
        warn("interpolation", "holds are written as two keys a frame apart");
    }
    if smooth || (holds && !carries.hold) {
        bake(shape, carries.hold);
    }
}

fn word(blend: Blend) -> &'static str {
    match blend {
        Blend::Add => "add",
        Blend::Subtract => "subtract",
        Blend::Intersect => "intersect",
        Blend::Max => "max",
        Blend::Difference => "difference",
        Blend::Holdout => "holdout",
    }
}

/// Puts linear keys where smooth ones and holds were, so that every whole frame stays as it is.
fn bake(shape: &mut Shape, keep_holds: bool) {
    let mut keys = Vec::with_capacity(shape.keys.len());
    for (i, key) in shape.keys.iter().enumerate() {
        let next = shape.keys.get(i + 1).map(|k| k.frame);
        let interp = if keep_holds && key.interp == Interp::Hold { Interp::Hold } else { Interp::Linear };
        keys.push(Key { interp, ..key.clone() });
        let Some(next) = next else { continue };
        match key.interp {
            Interp::Smooth => {
                let mut frame = key.frame.floor() + 1.0;
                while frame < next {
                    keys.push(Key::new(frame, shape.points_at(frame)));
                    frame += 1.0;
                }
            }
            Interp::Hold if !keep_holds => {
                let last = next.ceil() - 1.0;
                if last > key.frame {
                    keys.push(Key::new(last, key.points.clone()));
                }
            }
            Interp::Hold | Interp::Linear => {}
        }
    }
    shape.keys = keys;
}

/// Moves keys to whole frames; of several that meet, the first stays.
fn round_frames(document: &mut Document, warnings: &mut Vec<Warning>) {
    let message = "keys between frames are moved to the nearest frame";
    for shape in &mut document.shapes {
        if shape.keys.iter().any(|k| k.frame.fract() != 0.0) {
            warnings.push(Warning::new(&shape.name, "frames", message));
            shape.keys.iter_mut().for_each(|k| k.frame = k.frame.round());
            shape.keys.dedup_by_key(|k| k.frame);
        }
    }
    for track in &mut document.tracks {
        if track.keys.iter().any(|k| k.frame.fract() != 0.0) {
            warnings.push(Warning::new(&track.name, "frames", message));
            track.keys.iter_mut().for_each(|k| k.frame = k.frame.round());
            track.keys.dedup_by_key(|k| k.frame);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::Feather;

    fn moving(interp: Interp) -> Document {
        let key = |frame: f64, x: f64| Key { interp, ..Key::new(frame, vec![Point::corner(x, 0.0)]) };
        let mut document = Document::new(10, 10);
        document.shapes.push(Shape::new("s", true, vec![key(1.0, 0.0), key(4.0, 9.0), key(6.0, 9.0)]));
        document
    }

    #[test]
    fn baked_keys_keep_every_frame() {
        for interp in [Interp::Hold, Interp::Smooth] {
            let document = moving(interp);
            let (prepared, warnings) = prepare(&document, &Carries::OUTLINES);
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(prepared.shapes[0].keys.iter().all(|k| k.interp == Interp::Linear));
            for frame in 0..8 {
                let at = |d: &Document| d.shapes[0].points_at(f64::from(frame))[0].x;
                assert!((at(&prepared) - at(&document)).abs() < 1e-12, "{interp:?} at {frame}");
            }
        }
        let (kept, warnings) = prepare(&moving(Interp::Hold), &Carries { hold: true, ..Carries::OUTLINES });
        assert_eq!((kept.shapes, warnings), (moving(Interp::Hold).shapes, vec![]));
    }

    #[test]
    fn every_loss_names_shape_and_property() {
        let mut document = moving(Interp::Linear);
        let shape = &mut document.shapes[0];
        shape.closed = false;
        shape.blend = Blend::Holdout;
        shape.opacity = Some(0.5);
        shape.invert = true;
        shape.feather = Some(2.0);
        shape.grow = Some(-1.0);
        shape.blur = Some(false);
        shape.keys[0].locked = true;
        shape.keys[0].confidence = Some(0.5);
        shape.keys[1].points[0].feather = Some(Feather::default());
        shape.keys[1].points[0].width = Some(2.0);
        document.extra.insert("x".to_owned(), 1.into());
        let (_, warnings) = prepare(&document, &Carries::OUTLINES);
        let said: Vec<_> = warnings.iter().map(|w| (w.shape.as_str(), w.property.as_str())).collect();
        let expected = ["open", "blend mode", "opacity", "width", "feather", "invert"];
        let own = ["shape feather", "grow", "motion blur", "locked"];
        assert_eq!(said[..2], [("", "fields of other programs"), ("", "confidence")]);
        assert_eq!(said[2..8], expected.map(|property| ("s", property)));
        assert_eq!(said[8..], own.map(|property| ("s", property)));
    }
}
