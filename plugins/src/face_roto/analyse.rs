//! From an instance's params and a source of frames to an analysed document.

use engine::face::{self, Options};
use engine::image::Encoding;
use engine::motion2roto::Frames;
use ofx::{Error, Instance, PointD, Result};
use shapes::{Document, Track};

use super::SOURCE;
use super::faces::{self, Known};
use super::keys::{self, Span};
use super::params::{FACE_FILE, REGION_FROM, REGION_TO, SMOOTHING, USE_REGION};
use super::redrawn;
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
    /// Corners of the box with the head, canonical.
    region: Option<[PointD; 2]>,
    /// 0 to 1.
    smoothing: f64,
    /// Of the source.
    pub encoding: Encoding,
    /// What has been learned.
    pub face: Option<Known>,
}

impl Settings {
    /// As the artist has set them.
    pub fn read(instance: &Instance) -> Result<Self> {
        let source = instance.clip(SOURCE)?;
        let region = if instance.get(&USE_REGION)? {
            Some([instance.get(&REGION_FROM)?, instance.get(&REGION_TO)?])
        } else {
            None
        };
        Ok(Settings {
            span: range::read(instance, &source)?,
            region,
            smoothing: instance.get(&SMOOTHING)?,
            encoding: plate_encoding(instance, source.depth())?,
            face: faces::open(&instance.get(&FACE_FILE)?)?,
        })
    }

    /// The box with the head in pixels of the planes: left, top, right, bottom.
    fn region_px(&self, document: &Document, placement: &Placement) -> Result<Option<[f64; 4]>> {
        let Some(corners) = self.region else { return Ok(None) };
        let from_canonical = AxisMap::canonical_from_document(placement.document_top(document)).inverse();
        let to_plane = placement.plane_from_document(document);
        let [a, b] = corners.map(|p| to_plane.point(from_canonical.point([p.x, p.y])));
        let (left, right) = (a[0].min(b[0]), a[0].max(b[0]));
        let (top, bottom) = (a[1].min(b[1]), a[1].max(b[1]));
        let (width, height) = placement.size();
        if right - left < 1.0
            || bottom - top < 1.0
            || right < 0.0
            || bottom < 0.0
            || left > width as f64
            || top > height as f64
        {
            return Err(Error::failed(
                "the box is empty or outside of the picture: move Box from and Box to around the head, or switch it off",
            ));
        }
        Ok(Some([left, top, right, bottom]))
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
    let options = Options {
        first: span.0,
        last: span.1,
        region: settings.region_px(document, placement)?,
        smoothing: settings.smoothing,
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
    let analysis = analysis.map_err(|e| Error::failed(format!("cannot analyse: {e}")))?;
    let found = mapped(&analysis.document, &to_plane.inverse());
    let mut out = keys::settled(document, found, span);
    out.normalise().map_err(Error::failed)?;
    let report = Report::new(&out, span, &analysis.frames).with_losses(&redrawn::losses(&analysis.redrawn));
    Ok((out, report))
}
