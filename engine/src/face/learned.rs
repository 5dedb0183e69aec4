//! A character's face, as its keyed pictures teach it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use nalgebra::{Point2, Vector2, Vector3};
use rayon::prelude::*;
use shapes::{Document, Shape};

use super::areas::{AGREE_EXACT, Areas};
use super::border::{self, Border};
use super::fit::{Model, State};
use super::layout::{Layout, Outline, Places, bounds};
use super::look::{Look, scale_for};
use super::matching::Reference;
use super::prior::{filled, sideways};
use super::regions;
use super::rim;
use super::solid::{Solid, spread};
use super::structure::{Redrawn, at_frame_0, unified};
use crate::image::Colours;
use crate::motion2roto::SolveError;

/// Fewer keyed places than this say nothing about how a head is turned.
pub(super) const FEWEST_PLACES: usize = 6;
/// What is kept of a picture around the face, as a share of the face's size.
const MARGIN: f64 = 0.35;
/// A landmark nearer than this to the middle of the face is its own mirror image, head's units.
const MIDDLE: f64 = 8.0;
/// Between turns of the head that differ by this, radians, what is visible may change.
const VISIBLE_TURN: f64 = 0.15;
/// What a face may hold, so that learning stays short and a file small.
const MOST_PLACES: usize = 600;
pub(super) const MOST_EXAMPLES: usize = 200;

/// A picture with what an artist keyed on it.
#[derive(Clone, Debug)]
pub struct Example {
    /// Which picture: the same label is the same picture.
    pub label: String,
    /// Where the keys are from, such as a document's name, for messages; may be empty.
    pub source: String,
    /// The picture.
    pub picture: Arc<Colours>,
    /// Shapes and tracks with keys at the frame, px of the picture.
    pub document: Document,
    /// The frame of the keys.
    pub frame: f64,
}

/// Why a face cannot be learned, read or found.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum FaceError {
    /// Someone wanted to stop.
    #[error("stopped")]
    Cancelled,
    /// Nothing to learn from.
    #[error(
        "no frame has enough keys: set at least {FEWEST_PLACES} landmarks or points of shapes on a frame"
    )]
    NoKeys,
    /// More than a face can hold.
    #[error("a face holds at most {MOST_PLACES} landmarks and points, and {MOST_EXAMPLES} keyed pictures")]
    TooMuch,
    /// Not such a file, or a damaged one.
    #[error("this is not a face file, or it is damaged ({0}): learn the face again from its keyed frames")]
    Format(String),
    /// A file of a later version.
    #[error("this face was learned by a newer version ({0}): update the plug-in")]
    Newer(u64),
    /// A picture.
    #[error(transparent)]
    Frames(#[from] SolveError),
}

/// A keyed picture as a face keeps it: what is around the face.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Keyed {
    pub label: String,
    pub source: String,
    pub picture: Arc<Colours>,
    /// The corner of the kept part in the whole picture, px.
    pub origin: [f64; 2],
    /// Height of the whole picture, px.
    pub height: f64,
    /// Keys at frame 0, px of the whole picture.
    pub document: Document,
    /// Whether it is of the shot that is analysed; not in files.
    pub here: bool,
}

/// A character's face. It keeps the keyed pictures, and learns from them again wherever it is opened: a file has
/// nothing in it but what the artist made.
#[derive(Clone, Debug)]
pub struct Face {
    pub(super) name: String,
    pub(super) keyed: Vec<Keyed>,
    pub(super) learned: Arc<Learned>,
}

/// What was learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Learned {
    pub model: Model,
    /// One for each keyed picture, px of its look; then, where names say what is left and right, one for each mirror picture.
    pub references: Vec<Reference>,
    /// The expression of each reference, at every place.
    pub expressions: Vec<Vec<Vector3<f64>>>,
    /// Of each keyed picture, for each outline, where they tell the two apart.
    areas: Vec<Vec<Option<Areas>>>,
    /// Of each keyed picture whether it is of this shot.
    here: Vec<bool>,
    /// Of each outline whether colours alone find it in the keyed pictures of this shot.
    pub exact: Vec<bool>,
    /// Of each outline what its border looks like, where there is enough of it; once an analysis has asked for it.
    pub borders: Vec<Option<Border>>,
    shapes: Vec<Shape>,
    redrawn: Vec<Redrawn>,
}

impl Face {
    /// Learns from keyed pictures; those with fewer than six keyed places are left out. More pictures make it better.
    pub fn learn(name: &str, examples: &[Example], cancel: &dyn Fn() -> bool) -> Result<Face, FaceError> {
        Face { name: name.to_owned(), keyed: Vec::new(), learned: Arc::default() }.with(examples, cancel)
    }

    /// The same with more pictures; one with a label that is known takes the place of the former.
    pub fn with(&self, examples: &[Example], cancel: &dyn Fn() -> bool) -> Result<Face, FaceError> {
        Face::of(&self.name, self.keyed_with(examples, false), None, cancel)
    }

    /// The same for one shot, where shapes have the structure of `own`, the artist's document there.
    pub(super) fn on_shot(
        &self,
        examples: &[Example],
        own: &Document,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Face, FaceError> {
        Face::of(&self.name, self.keyed_with(examples, true), Some(own), cancel)
    }

    /// Learns from keyed pictures of one shot, for that shot.
    pub(super) fn of_shot(examples: &[Example], cancel: &dyn Fn() -> bool) -> Result<Face, FaceError> {
        let none = Face { name: String::new(), keyed: Vec::new(), learned: Arc::default() };
        Face::of("", none.keyed_with(examples, true), None, cancel)
    }

    fn keyed_with(&self, examples: &[Example], here: bool) -> Vec<Keyed> {
        let mut keyed = self.keyed.clone();
        for example in examples {
            let Some(new) = Keyed::new(example, here) else { continue };
            match keyed.iter_mut().find(|k| k.label == new.label) {
                Some(known) => *known = new,
                None => keyed.push(new),
            }
        }
        keyed
    }

    pub(super) fn of(
        name: &str,
        keyed: Vec<Keyed>,
        own: Option<&Document>,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Face, FaceError> {
        let learned = Arc::new(Learned::from(&keyed, own, cancel)?);
        Ok(Face { name: name.to_owned(), keyed, learned })
    }

    /// The character's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Names of the landmarks.
    pub fn landmarks(&self) -> &[String] {
        &self.learned.model.layout.landmarks
    }

    /// The shapes, without keys.
    pub fn shapes(&self) -> &[Shape] {
        &self.learned.shapes
    }

    /// Shapes that were drawn with other points than in most of the pictures, and what was made of them.
    pub fn redrawn(&self) -> &[Redrawn] {
        &self.learned.redrawn
    }
}

impl Keyed {
    fn new(example: &Example, here: bool) -> Option<Keyed> {
        let document = at_frame_0(&example.document, example.frame);
        let layout = Layout::of([&document]);
        let places = layout.places(&document, 0.0);
        let seen: Vec<Point2<f64>> = places.iter().take(layout.core).flatten().copied().collect();
        if seen.len() < FEWEST_PLACES {
            return None;
        }
        let [left, top, right, bottom] = bounds(&seen, 0.0);
        let margin = MARGIN * (right - left).max(bottom - top);
        let (width, height) = (example.picture.width(), example.picture.height());
        let clamp = |v: f64, most: usize| v.clamp(0.0, most as f64) as usize;
        let (x0, y0) = (clamp(left - margin, width), clamp(top - margin, height));
        let (x1, y1) = (clamp(right + margin + 1.0, width), clamp(bottom + margin + 1.0, height));
        if x1 < x0 + 8 || y1 < y0 + 8 {
            return None;
        }
        let picture = Arc::new(example.picture.cropped(x0, y0, x1 - x0, y1 - y0));
        let origin = [x0 as f64, y0 as f64];
        let (label, source) = (example.label.clone(), example.source.clone());
        Some(Keyed { label, source, picture, origin, height: height as f64, document, here })
    }
}

impl Learned {
    fn from(
        keyed: &[Keyed],
        own: Option<&Document>,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Learned, FaceError> {
        if keyed.iter().any(|k| Layout::of([&k.document]).core > MOST_PLACES) || keyed.len() > MOST_EXAMPLES {
            return Err(FaceError::TooMuch);
        }
        let (documents, redrawn) = unified(keyed, own, cancel).ok_or(FaceError::Cancelled)?;
        let layout = Layout::of(&documents);
        if keyed.is_empty() {
            return Err(FaceError::NoKeys);
        }
        if layout.core > MOST_PLACES {
            return Err(FaceError::TooMuch);
        }
        let mut views: Vec<Places> = Vec::with_capacity(keyed.len());
        let mut looks = Vec::with_capacity(keyed.len());
        for (k, document) in keyed.iter().zip(&documents) {
            if cancel() {
                return Err(FaceError::Cancelled);
            }
            let whole = layout.places(document, 0.0);
            let scale = scale_for(spread(&whole[..layout.core]).1);
            let origin = Vector2::from(k.origin);
            views.push(whole.iter().map(|p| p.map(|p| (p - origin) * scale)).collect());
            looks.push(Arc::new(Look::new(&k.picture, scale)));
        }
        let solid = Solid::solve(&layout, &views, cancel).ok_or(FaceError::Cancelled)?;
        if cancel() {
            return Err(FaceError::Cancelled);
        }
        let shapes = layout.outlines.iter().map(|o| o.shape.clone()).collect();
        let mut expressions: Vec<Vec<Vector3<f64>>> =
            solid.offsets.iter().map(|o| filled(&solid.base, o)).collect();
        let model = Model::new(layout, solid, &expressions);
        let references = looks
            .into_iter()
            .zip(&views)
            .zip(&model.solid.poses)
            .map(|((look, view), pose)| Reference { look, places: view.clone(), pose: *pose, trust: 1.0 });
        let mut references: Vec<Reference> = references.collect();
        let mut areas = Vec::with_capacity(references.len());
        for reference in &references {
            if cancel() {
                return Err(FaceError::Cancelled);
            }
            areas.push(areas_of(&model.layout, reference));
        }
        let here: Vec<bool> = keyed.iter().map(|k| k.here).collect();
        let exact = exact(&model.layout, &references, &areas, &here, cancel).ok_or(FaceError::Cancelled)?;
        let own = own_mirrors(&model);
        if own.iter().enumerate().any(|(i, m)| m.is_some_and(|j| j != i)) {
            for k in 0..keyed.len() {
                if cancel() {
                    return Err(FaceError::Cancelled);
                }
                references.push(references[k].mirrored(&own));
                let other =
                    |m: &Option<usize>| m.map_or_else(Vector3::zeros, |j| sideways(&expressions[k][j]));
                expressions.push(own.iter().map(other).collect());
            }
        }
        let borders = Vec::new();
        Ok(Learned { references, expressions, areas, here, exact, borders, shapes, redrawn, model })
    }

    /// Learns what the border of each outline looks like, from the keyed pictures without the mirror pictures. Only an analysis needs it.
    pub fn learn_borders(&mut self, cancel: &dyn Fn() -> bool) -> Result<(), FaceError> {
        let keyed = &self.references[..self.areas.len()];
        self.borders = borders(&self.model.layout, keyed, cancel).ok_or(FaceError::Cancelled)?;
        Ok(())
    }

    /// The areas of each outline in a reference's picture; nothing of mirror pictures.
    pub fn areas(&self, reference: usize) -> &[Option<Areas>] {
        self.areas.get(reference).map_or(&[], |areas| areas)
    }

    /// Whether a reference is of this shot, and no mirror picture.
    pub fn is_here(&self, reference: usize) -> bool {
        self.here.get(reference).is_some_and(|h| *h)
    }

    /// Whether a landmark can be seen with the head turned so: as in the keyed pictures turned about as much.
    pub fn is_visible(&self, landmark: usize, state: &State) -> bool {
        let vote = |r: &Reference| {
            let weight = (-r.pose.angle(&state.pose) / VISIBLE_TURN).exp();
            if r.places[landmark].is_some() { weight } else { -weight }
        };
        self.references.iter().filter(|r| r.trust >= 1.0).map(vote).sum::<f64>() >= 0.0
    }

    /// The face of a keyed picture in its whole picture, in a look of that scale.
    pub fn state(&self, key: usize, keyed: &Keyed, scale: f64) -> State {
        let own = self.references[key].look.scale;
        let pose = self.references[key].pose;
        let shift = (pose.shift / own + Vector2::from(keyed.origin)) * scale;
        let pose = super::camera::Pose { log_scale: pose.log_scale + (scale / own).ln(), shift, ..pose };
        State { pose, offsets: self.expressions[key].clone() }
    }
}

/// The areas of each outline in a keyed picture, where they tell the two apart.
fn areas_of(layout: &Layout, reference: &Reference) -> Vec<Option<Areas>> {
    let of = |(outline, knots): &(&Outline, Range<usize>)| {
        if outline.shape.closed {
            Areas::of(&reference.look, &curves(layout, outline, knots, reference)?)
        } else {
            None
        }
    };
    layout.knots().collect::<Vec<_>>().par_iter().map(of).collect()
}

/// Of each outline whether colours alone find it in most of the pictures of this shot: those of its other pictures, or else its own.
/// None if cancelled.
fn exact(
    layout: &Layout,
    references: &[Reference],
    areas: &[Vec<Option<Areas>>],
    here: &[bool],
    cancel: &dyn Fn() -> bool,
) -> Option<Vec<bool>> {
    let outlines: Vec<_> = layout.knots().enumerate().collect();
    let (mut found, mut asked) = (vec![0; outlines.len()], vec![0; outlines.len()]);
    let pictures = || (0..areas.len()).filter(|k| here[*k]);
    for k in pictures() {
        if cancel() {
            return None;
        }
        let reference = &references[k];
        let one = |(number, (outline, knots)): &(usize, (&Outline, Range<usize>))| {
            let curves = curves(layout, outline, knots, reference).filter(|_| outline.shape.closed)?;
            let Some(own) = &areas[k][*number] else { return Some(false) };
            let others = pictures().filter(|j| *j != k);
            let others = others.filter_map(|j| Some((1.0, areas[j][*number].as_ref()?)));
            let others = Areas::together(&reference.look, &curves, others, AGREE_EXACT);
            Some(regions::is_exact(&reference.look, others.as_ref().unwrap_or(own), &curves))
        };
        let answers: Vec<Option<bool>> = outlines.par_iter().map(one).collect();
        for (number, is_exact) in answers.into_iter().enumerate() {
            asked[number] += usize::from(is_exact.is_some());
            found[number] += usize::from(is_exact == Some(true));
        }
    }
    Some(found.into_iter().zip(asked).map(|(found, asked)| asked > 0 && 3 * found >= 2 * asked).collect())
}

/// What the border of each outline looks like, where that can be told. None if cancelled.
fn borders(
    layout: &Layout,
    references: &[Reference],
    cancel: &dyn Fn() -> bool,
) -> Option<Vec<Option<Border>>> {
    let border = |(outline, knots): (&Outline, Range<usize>)| {
        let keyed = references.iter().filter_map(|reference| {
            let curves = curves(layout, outline, &knots, reference)?;
            let ends: Vec<Point2<f64>> = curves.iter().map(|c| c[0]).collect();
            let inside = outline.shape.closed.then(|| rim::inside(&ends));
            Some(border::Keyed { look: &reference.look, curves, inside })
        });
        (!cancel()).then(|| Border::learned(&keyed.collect::<Vec<_>>()))
    };
    layout.knots().map(border).collect()
}

/// An outline in a keyed picture, where all of it was keyed.
fn curves(
    layout: &Layout,
    outline: &Outline,
    knots: &Range<usize>,
    reference: &Reference,
) -> Option<Vec<[Point2<f64>; 4]>> {
    let curve = |c: [usize; 4]| {
        let [a, b, c, d] = c.map(|i| reference.places[i]);
        Some([a?, b?, c?, d?])
    };
    layout.segments(outline, knots).into_iter().map(curve).collect()
}

/// For each place the one it is in a mirror picture: its partner, or itself where it lies in the middle of the face.
fn own_mirrors(model: &Model) -> Vec<Option<usize>> {
    let mut mirrors = model.layout.mirrors();
    for (i, mirror) in mirrors.iter_mut().enumerate().take(model.layout.landmarks.len()) {
        if mirror.is_none() && model.solid.base[i].x.abs() < MIDDLE {
            *mirror = Some(i);
        }
    }
    mirrors
}

/// Which frames of a document are keyed by an artist, and how many places on each.
pub(super) fn keyed_frames(document: &Document) -> BTreeMap<i32, usize> {
    let mut frames = BTreeMap::new();
    let whole = |frame: f64| (frame.fract() == 0.0 && frame.abs() < 1e9).then_some(frame as i32);
    for track in &document.tracks {
        for frame in track.artists_keys().filter_map(|k| whole(k.frame)) {
            *frames.entry(frame).or_insert(0) += 1;
        }
    }
    for shape in &document.shapes {
        for key in shape.artists_keys() {
            if let Some(frame) = whole(key.frame) {
                *frames.entry(frame).or_insert(0) += key.points.len();
            }
        }
    }
    frames
}
