//! Where a clip's pictures come from. [`io::Sequence`](crate::io) reads files; a test gives a function of time.

use std::sync::Arc;

use crate::picture::{Components, Depth, Picture, Premultiplication, RectI};

/// What all frames of a source have in common, known before any is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceFormat {
    /// Pixels of a frame (OFX: y up, full resolution): the region of definition.
    pub bounds: RectI,
    /// Channels of the main picture.
    pub components: Components,
    /// How a channel is stored.
    pub depth: Depth,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// What alpha has done to the colours.
    pub premultiplication: Premultiplication,
    /// Names of the planes beside the main picture, such as `forward` or `motion.fwd`.
    pub planes: Vec<String>,
}

/// Why a frame cannot be had, as one sentence for the artist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// There is no such frame; the sentence says which there are.
    #[error("{0}")]
    Missing(String),
    /// There is one, and it cannot be read.
    #[error("{0}")]
    Broken(String),
}

/// Pictures over time. The host converts them to what the plug-in asked for.
///
/// All methods may be called from several render threads at a time.
pub trait FrameSource: Send + Sync {
    /// What all frames have in common.
    fn format(&self) -> SourceFormat;

    /// First and last frame there are, both included.
    fn frame_range(&self) -> (f64, f64);

    /// The main picture at a time, at full resolution. A time between frames gives the nearest one.
    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError>;

    /// A plane beside the main picture, two channels as XY and more as RGB(A); `Ok(None)` where there is none of
    /// this name.
    fn plane(&self, time: f64, name: &str) -> Result<Option<Arc<Picture>>, SourceError> {
        let _ = (time, name);
        Ok(None)
    }
}
