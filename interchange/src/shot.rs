//! The shot that shapes belong to: what other applications need to know to place them.

use shapes::Document;

/// What the caller says about a shot; it goes before what files say.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settings {
    /// Width of the picture, its own pixels.
    pub width: Option<u32>,
    /// Height of the picture, its own pixels.
    pub height: Option<u32>,
    /// Frames a second.
    pub fps: Option<f64>,
    /// Pixel aspect ratio.
    pub par: Option<f64>,
    /// The frame number of the shot's first frame, for formats that count from 0.
    pub start_frame: Option<f64>,
}

/// A shot whose size is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shot {
    /// Width of the picture, its own pixels; above 0.
    pub width: u32,
    /// Height of the picture, its own pixels; above 0.
    pub height: u32,
    /// Frames a second.
    pub fps: Option<f64>,
    /// Pixel aspect ratio, width over height; above 0.
    pub par: f64,
    /// The frame number of the shot's first frame.
    pub start_frame: f64,
}

impl Shot {
    /// The shot of a document, where its size is known.
    pub fn of(document: &Document, settings: &Settings) -> Option<Shot> {
        let width = settings.width.unwrap_or(document.width);
        let height = settings.height.unwrap_or(document.height);
        (width > 0 && height > 0).then(|| Shot {
            width,
            height,
            fps: settings.fps.or(document.fps),
            par: settings.par.or(document.par).filter(|p| p.is_finite() && *p > 0.0).unwrap_or(1.0),
            start_frame: settings.start_frame.or_else(|| first_key(document)).unwrap_or(0.0),
        })
    }

    /// An empty document for this shot.
    pub(crate) fn document(&self) -> Document {
        let mut document = Document::new(self.width, self.height);
        document.fps = self.fps;
        document.par = (self.par != 1.0).then_some(self.par);
        document
    }
}

/// The earliest frame with a key.
pub(crate) fn first_key(document: &Document) -> Option<f64> {
    frames(document).min_by(f64::total_cmp)
}

/// The last frame with a key.
pub(crate) fn last_key(document: &Document) -> Option<f64> {
    frames(document).max_by(f64::total_cmp)
}

fn frames(document: &Document) -> impl Iterator<Item = f64> + '_ {
    let shapes = document.shapes.iter().flat_map(|s| s.keys.iter().map(|k| k.frame));
    shapes.chain(document.tracks.iter().flat_map(|t| t.keys.iter().map(|k| k.frame)))
}
