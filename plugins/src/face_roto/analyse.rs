//! From an instance's params and a source of frames to an analysed document.

use std::collections::BTreeMap;

use engine::face::{self, Detector, FaceError, Options};
use engine::image::Encoding;
use engine::motion2roto::{Frames, SolveError};
use ofx::{Error, Instance, Result};
use shapes::{Document, Track};

use super::SOURCE;
use super::faces::{self, Known};
use super::keys::{self, Span};
use super::network::{Choice, Network};
use super::params::{DETECTOR, FACE_FILE, SMOOTHING, SNAP};
use super::redrawn;
use super::region::Region;
use super::report::Report;
use crate::plate::Placement;
use crate::range;
use crate::space::AxisMap;
use crate::vector_params::plate_encoding;

/// What an analysis depends on besides the document and the pictures.
#[derive(Clone, PartialEq)]
pub struct Settings {
    /// First and last frame.
    pub span: Span,
    /// The box with the head.
    region: Option<Region>,
    /// The network that finds the head.
    detector: Option<Choice>,
    /// 0 to 1.
    smoothing: f64,
    /// Px of the plate.
    snap: f64,
    /// Of the source.
    pub encoding: Encoding,
    /// What has been learned.
    pub face: Option<Known>,
}

impl Settings {
    /// As the artist has set them. A face that is opened on the way asks whether to stop.
    pub fn read(instance: &Instance, cancel: &dyn Fn() -> bool) -> Result<Self> {
        let source = instance.clip(SOURCE)?;
        let span = range::read(instance, &source)?;
        Ok(Settings {
            span,
            region: Region::read(instance, span)?,
            detector: Choice::of(&instance.get(&DETECTOR)?),
            smoothing: instance.get(&SMOOTHING)?,
            snap: instance.get(&SNAP)?,
            encoding: plate_encoding(instance, source.depth())?,
            face: faces::open(&instance.get(&FACE_FILE)?, cancel)?,
        })
    }
}

/// A document in another space.
pub fn mapped(document: &Document, map: &AxisMap) -> Document {
    let track = |t: &Track| {
        let mut track = t.clone();
        for key in &mut track.keys {
            [key.x, key.y] = map.point([key.x, key.y]);
        }
        track
    };
    Document {
        shapes: document.shapes.iter().map(|s| map.shape(s)).collect(),
        tracks: document.tracks.iter().map(track).collect(),
        ..document.clone()
    }
}

/// Gives a document without a size that of the plate.
pub fn sized(mut document: Document, placement: &Placement) -> Document {
    if document.width == 0 || document.height == 0 {
        let (width, height) = placement.size();
        (document.width, document.height) = (width as u32, height as u32);
    }
    document
}

/// Names that cannot be told apart are refused before any work is done.
pub fn check_names(document: &Document) -> Result<()> {
    match keys::doubled_name(document) {
        Some(name) => Err(Error::failed(format!(
            "two shapes or landmarks are called {name}: give each a name of its own"
        ))),
        None => Ok(()),
    }
}

/// Analyses the frames of `span`, which lie at `placement`. `progress` gets 0 to 1 and stops the work by returning false.
pub fn analyse(
    document: &Document,
    settings: &Settings,
    span: Span,
    (frames, placement): (&dyn Frames, &Placement),
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<(Document, Report)> {
    check_names(document)?;
    let document = &sized(document.clone(), placement);
    let given = keys::given(document);
    let face = settings.face.as_ref().map(|k| &*k.face);
    if face.is_none() && keys::keyed_frames(&given).is_empty() {
        return Err(Error::failed(
            "there is nothing to go by: choose a face file, or key landmarks and shapes on a few frames",
        ));
    }
    let to_plane = placement.plane_from_document(document);
    let regions = match &settings.region {
        Some(region) => region.in_planes(span, document, placement)?,
        None => BTreeMap::new(),
    };
    let network = settings.detector.as_ref().map(|choice| choice.open(&landmarks(face, &given))).transpose();
    let (network, unusable) = match network {
        Ok(network) => (network, None),
        Err(why) => (None, Some(why)),
    };
    let options = Options {
        first: span.0,
        last: span.1,
        regions,
        smoothing: settings.smoothing,
        snap: settings.snap,
        detector: network.as_ref().map(|n| n as &dyn Detector),
    };
    let mut stopped = false;
    let mut update = |done: f32| {
        stopped = stopped || !progress(done);
        !stopped
    };
    let analysis = face::analyse(face, &mapped(&given, &to_plane), frames, &options, &mut update);
    if stopped {
        return Err(Error::Aborted);
    }
    let analysis = analysis.map_err(|e| match e {
        FaceError::Cancelled | FaceError::Frames(SolveError::Cancelled) => Error::Aborted,
        e => Error::failed(format!("cannot analyse: {e}")),
    })?;
    let found = mapped(&analysis.document, &to_plane.inverse());
    let mut out = keys::settled(document, found, span);
    out.normalise().map_err(Error::failed)?;
    let mut report = Report::new(&out, span, &analysis.frames, &analysis.pieces)
        .with_losses(&redrawn::losses(&analysis.redrawn));
    if let Some(why) = unusable.or_else(|| network.and_then(Network::complaint)) {
        report.without_detector(&why);
    }
    Ok((out, report))
}

/// Names of the landmarks that a face has, or will have once it has learned what is keyed on the shot.
fn landmarks<'l>(face: Option<&'l face::Face>, given: &'l Document) -> Vec<&'l str> {
    let keyed = given.tracks.iter().filter(|t| t.artists_keys().next().is_some()).map(|t| t.name.as_str());
    let mut names: Vec<&str> =
        face.map(|f| f.landmarks().iter().map(String::as_str).collect()).unwrap_or_default();
    for name in keyed {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
