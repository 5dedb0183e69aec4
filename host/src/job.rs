//! What to render, and how to stop it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::picture::RectI;

/// The field to render.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Field {
    /// Whole frames.
    #[default]
    None,
    /// The lower field.
    Lower,
    /// The upper field.
    Upper,
    /// Both fields of a fielded picture.
    Both,
}

/// One frame to render.
#[derive(Clone, Debug)]
pub struct RenderJob {
    /// The frame's time.
    pub time: f64,
    /// Render scale, 1 is full resolution.
    pub scale: (f64, f64),
    /// Pixels to render at that scale; `None` for the whole region of definition.
    pub window: Option<RectI>,
    /// Width and height of tiles, where the effect and the host allow tiles; `None` renders the window at once.
    pub tile: Option<(i32, i32)>,
    /// The field.
    pub field: Field,
    /// Draft quality will do.
    pub draft: bool,
    /// In response to an artist's change.
    pub interactive: bool,
    /// The plane to render, by its OpenFX name or the effect's own for it, of an effect with several; `None` for the colour.
    pub plane: Option<String>,
}

impl RenderJob {
    /// The whole picture at a time, at full resolution.
    pub fn at(time: f64) -> RenderJob {
        RenderJob {
            time,
            scale: (1.0, 1.0),
            window: None,
            tile: None,
            field: Field::None,
            draft: false,
            interactive: false,
            plane: None,
        }
    }

    /// The same at a render scale.
    pub fn scaled(mut self, scale: f64) -> RenderJob {
        self.scale = (scale, scale);
        self
    }

    /// The same within these pixels only.
    pub fn within(mut self, window: RectI) -> RenderJob {
        self.window = Some(window);
        self
    }

    /// The same of a plane.
    pub fn of_plane(mut self, plane: &str) -> RenderJob {
        self.plane = Some(plane.to_owned());
        self
    }

    /// The same in tiles.
    pub fn tiled(mut self, width: i32, height: i32) -> RenderJob {
        self.tile = Some((width, height));
        self
    }
}

/// Stops what runs: renders, analyses. Clones stop together.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// One that has not been cancelled.
    pub fn new() -> CancelToken {
        CancelToken::default()
    }

    /// Stops: `abort` answers 1, progress answers no.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Takes the stop back.
    pub fn reset(&self) {
        self.0.store(false, Ordering::SeqCst);
    }

    /// Has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Several frames to render.
#[derive(Clone, Debug)]
pub struct RangeJob {
    /// First frame.
    pub first: f64,
    /// Last frame, included.
    pub last: f64,
    /// From one frame to the next.
    pub step: f64,
    /// Renders at the same time; fewer where the effect says so.
    pub threads: usize,
    /// The rest of what a frame needs; its time is replaced.
    pub frame: RenderJob,
}

impl RangeJob {
    /// Whole frames from `first` to `last`, one at a time.
    pub fn new(first: f64, last: f64) -> RangeJob {
        RangeJob { first, last, step: 1.0, threads: 1, frame: RenderJob::at(first) }
    }

    /// The times of the frames.
    pub fn times(&self) -> Vec<f64> {
        let step = if self.step > 0.0 { self.step } else { 1.0 };
        let n = ((self.last - self.first) / step + 1e-9).floor();
        if n < 0.0 { Vec::new() } else { (0..=n as usize).map(|i| self.first + i as f64 * step).collect() }
    }
}
