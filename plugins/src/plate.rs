//! A clip's frames as the engine reads them: planes of one size, and the map between them and the document.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::image::{Colours, Encoding, Plane, luma_and_colours};
use engine::motion2roto::{Frames, SolveError};
use ofx::{Clip, ImageView, PointD, RectD, RectI, Result};
use shapes::Document;

use crate::recent::Recent;
use crate::space::AxisMap;

/// Planes that are kept: a pair, and the next one.
const KEPT: usize = 3;
/// A clip may claim to be endless; no plate is larger than this, px.
const LARGEST_SIDE: i32 = 32_768;

/// Full resolution, as frames outside of a render come.
const FULL: PointD = PointD::new(1.0, 1.0);

/// Where a clip's picture lies, taken at one frame and used for all, so that all planes have one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The picture, pixels, y up.
    pub window: RectI,
    /// Its top edge, canonical.
    pub top: f64,
    /// Width of a pixel by its height.
    pub par: f64,
}

impl Placement {
    /// Of the clip at a frame, full resolution.
    pub fn of(clip: &Clip<'_>, time: f64) -> Result<Self> {
        Self::at_scale(clip, time, FULL)
    }

    /// Of the clip at a frame, at a render scale.
    pub fn at_scale(clip: &Clip<'_>, time: f64, render_scale: PointD) -> Result<Self> {
        let rod = clip.region_of_definition(time)?;
        let par = clip.pixel_aspect();
        let side = f64::from(LARGEST_SIDE);
        let window = rod.intersect(&RectD::new(-side, -side, side, side)).to_pixels(render_scale, par);
        if window.is_empty() {
            return Err(clip.missing());
        }
        Ok(Placement { window, top: rod.y2, par })
    }

    /// The document's top edge, canonical: that of the picture, or where a picture is larger than what the shapes were
    /// drawn on (overscan), the height of the document.
    pub fn document_top(&self, document: &Document) -> f64 {
        let height = f64::from(document.height);
        let same = (f64::from(self.window.y2 - self.window.y1) - height).abs() < 1.0;
        if same || document.height == 0 { self.top } else { height }
    }

    /// The document's space to the pixels of the planes.
    pub fn plane_from_document(&self, document: &Document) -> AxisMap {
        let top = self.document_top(document);
        AxisMap::image_from_document(top, self.window.x1, self.window.y2, [1.0, 1.0], self.par)
    }

    /// Planes of this size.
    pub fn size(&self) -> (usize, usize) {
        (self.window.width(), self.window.height())
    }

    /// All pixels of the placement, RGBA, from the top.
    pub fn read(&self, image: &ImageView<'_>) -> Result<Vec<[f32; 4]>> {
        let mut pixels = vec![[0.0; 4]; self.window.width() * self.window.height()];
        image.read_rgba_f32(self.window, pixels.as_flattened_mut())?;
        Ok(pixels)
    }

    /// The luma of an image for matching.
    pub fn luma(&self, image: &ImageView<'_>, encoding: Encoding) -> Result<Plane> {
        Ok(self.luma_and_colours(image, encoding)?.0)
    }

    /// All that a solve wants of an image.
    pub fn frame(&self, image: &ImageView<'_>, encoding: Encoding) -> Result<Frame> {
        let (luma, colours) = self.luma_and_colours(image, encoding)?;
        Ok(Frame { luma: Arc::new(luma), colours: Arc::new(colours) })
    }

    fn luma_and_colours(&self, image: &ImageView<'_>, encoding: Encoding) -> Result<(Plane, Colours)> {
        let read = |y: usize, row: &mut [[f32; 4]]| {
            let top = self.window.y2 - i32::try_from(y).unwrap_or(i32::MAX);
            let window = RectI { y1: top - 1, y2: top, ..self.window };
            image.read_rgba_f32(window, row.as_flattened_mut())
        };
        let (width, height) = self.size();
        luma_and_colours([width, height], encoding, read)
    }
}

/// A picture as a solve sees it.
#[derive(Clone, Debug)]
pub struct Frame {
    /// For matching.
    pub luma: Arc<Plane>,
    /// For telling inside from outside.
    pub colours: Arc<Colours>,
}

impl Frame {
    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        size_of_val(self.luma.data()) + self.colours.bytes()
    }
}

/// A clip's frames, fetched on the thread that asks: an action's own, as hosts demand.
pub struct Plate<'i> {
    clip: Clip<'i>,
    placement: Placement,
    encoding: Encoding,
    recent: Recent<i32, Frame>,
}

impl<'i> Plate<'i> {
    /// The clip's frames from now on, all read where the picture lies at `time`.
    pub fn new(clip: Clip<'i>, time: f64, encoding: Encoding) -> Result<Self> {
        let placement = Placement::of(&clip, time)?;
        Ok(Plate { clip, placement, encoding, recent: Recent::new() })
    }

    /// Where the picture lies.
    pub fn placement(&self) -> &Placement {
        &self.placement
    }

    fn fetch(&self, frame: i32) -> Result<Frame, SolveError> {
        let time = f64::from(frame);
        if self.clip.frame_range().is_some_and(|r| time < r.min || time > r.max) {
            return Err(SolveError::NoFrame(frame));
        }
        let reason = |e: ofx::Error| match e {
            ofx::Error::Aborted => SolveError::Cancelled,
            e => SolveError::Frame { frame, reason: e.to_string() },
        };
        match self.clip.image(time, None).map_err(reason)? {
            Some(image) => self.placement.frame(&image.view(), self.encoding).map_err(reason),
            None => {
                let reason = "the host gave no picture; do it while rendering, or by the command line";
                Err(SolveError::Frame { frame, reason: reason.to_owned() })
            }
        }
    }

    fn frame(&self, frame: i32) -> Result<Frame, SolveError> {
        if let Some(known) = self.recent.get(&frame) {
            return Ok(known);
        }
        let fetched = self.fetch(frame)?;
        self.recent.put(frame, fetched.clone(), KEPT);
        Ok(fetched)
    }
}

impl Frames for Plate<'_> {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        Ok(self.frame(frame)?.luma)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        Ok(Some(self.frame(frame)?.colours))
    }
}

/// Frames that have been collected.
pub struct Collected<'a>(pub &'a BTreeMap<i32, Frame>);

impl Collected<'_> {
    fn frame(&self, frame: i32) -> Result<&Frame, SolveError> {
        self.0.get(&frame).ok_or(SolveError::NoFrame(frame))
    }
}

impl Frames for Collected<'_> {
    fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
        self.frame(frame).map(|f| Arc::clone(&f.luma))
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        self.frame(frame).map(|f| Some(Arc::clone(&f.colours)))
    }
}
