//! A shot whose motion is known: a textured card that moves by whole pixels over a textured wall.

use std::sync::Arc;

use host::picture::{Components, Depth, Picture, Premultiplication, RectI};
use host::source::{FrameSource, SourceError, SourceFormat};
use shapes::{Document, Key, Point, Shape};

/// Size of the picture.
const WIDTH: i32 = 160;
const HEIGHT: i32 = 120;
/// The card on frame 1, document px: left, top, right, bottom.
const CARD: [i32; 4] = [40, 36, 92, 78];
/// What it moves by each frame, px, y down.
pub const MOVE: [i32; 2] = [3, 1];

/// The whole picture, pixel space.
pub const WHOLE: RectI = RectI { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT };

/// The shot. Values are whole 255ths, so that every depth holds the same picture.
#[derive(Clone)]
pub struct Shot {
    format: SourceFormat,
    last: i32,
    change: fn(i32, i32, [f32; 4]) -> [f32; 4],
}

impl Shot {
    /// Frames 1 to `last`, RGBA float.
    pub fn new(last: i32) -> Self {
        let format = SourceFormat {
            bounds: WHOLE,
            components: Components::Rgba,
            depth: Depth::Float,
            pixel_aspect: 1.0,
            premultiplication: Premultiplication::Opaque,
            planes: Vec::new(),
        };
        Shot { format, last, change: |_, _, rgba| rgba }
    }

    /// The same in another form.
    pub fn stored(mut self, components: Components, depth: Depth) -> Self {
        (self.format.components, self.format.depth) = (components, depth);
        self
    }

    /// The same with pixels this much wider than high.
    pub fn stretched(mut self, pixel_aspect: f64) -> Self {
        self.format.pixel_aspect = pixel_aspect;
        self
    }

    /// The same with pixels changed by their place (x, y down).
    pub fn changed(mut self, change: fn(i32, i32, [f32; 4]) -> [f32; 4]) -> Self {
        self.change = change;
        self
    }

    /// As a source to connect.
    pub fn source(self) -> Arc<dyn FrameSource> {
        Arc::new(self)
    }

    /// A frame of it.
    pub fn frame(&self, frame: i32) -> Picture {
        let [left, top, right, bottom] = card(frame);
        let picture = Picture::from_fn(self.format.bounds, Components::Rgba, |x, up| {
            let y = HEIGHT - 1 - up;
            let on_card = (left..right).contains(&x) && (top..bottom).contains(&y);
            let (u, v, base) = if on_card { (x - left, y - top, 0.55) } else { (x + 500, y, 0.25) };
            let value = |seed: u32| ((base + 0.4 * noise(u, v, seed)) * 255.0).round() / 255.0;
            (self.change)(x, y, [value(1), value(2), value(3), 1.0])
        });
        let mut picture = picture.convert(self.format.components, self.format.depth);
        picture.premultiplication = self.format.premultiplication;
        picture
    }
}

impl FrameSource for Shot {
    fn format(&self) -> SourceFormat {
        self.format.clone()
    }

    fn frame_range(&self) -> (f64, f64) {
        (1.0, f64::from(self.last))
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let frame = time.round() as i32;
        if (1..=self.last).contains(&frame) {
            Ok(Arc::new(self.frame(frame)))
        } else {
            Err(SourceError::Missing(format!("there is no frame {frame}, only 1 to {}", self.last)))
        }
    }
}

/// The card on a frame.
fn card(frame: i32) -> [i32; 4] {
    let by = [MOVE[0] * (frame - 1), MOVE[1] * (frame - 1)];
    [CARD[0] + by[0], CARD[1] + by[1], CARD[2] + by[0], CARD[3] + by[1]]
}

/// The card's outline, keyed on these frames.
pub fn document(frames: &[i32]) -> Document {
    let keys = frames.iter().map(|f| Key::new(f64::from(*f), outline(*f))).collect();
    let mut document = Document::new(WIDTH as u32, HEIGHT as u32);
    document.shapes.push(Shape::new("card", true, keys));
    document
}

/// The truth on a frame.
pub fn outline(frame: i32) -> Vec<Point> {
    let [left, top, right, bottom] = card(frame).map(f64::from);
    [(left, top), (right, top), (right, bottom), (left, bottom)].map(|(x, y)| Point::corner(x, y)).to_vec()
}

/// Smooth noise of two scales, 0 to 1.
pub(crate) fn noise(x: i32, y: i32, seed: u32) -> f32 {
    let at = |scale: i32, seed: u32| {
        let (fx, fy) =
            ((x.rem_euclid(scale)) as f32 / scale as f32, (y.rem_euclid(scale)) as f32 / scale as f32);
        let (ix, iy) = (x.div_euclid(scale), y.div_euclid(scale));
        let corner = |dx: i32, dy: i32| hash(ix + dx, iy + dy, seed);
        let top = corner(0, 0) * (1.0 - fx) + corner(1, 0) * fx;
        let bottom = corner(0, 1) * (1.0 - fx) + corner(1, 1) * fx;
        top * (1.0 - fy) + bottom * fy
    };
    0.5 * at(11, seed) + 0.5 * at(4, seed + 100)
}

fn hash(x: i32, y: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1)
        ^ (y as u32).wrapping_mul(0x85EB_CA77)
        ^ seed.wrapping_mul(0xC2B2_AE3D);
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    (h ^ (h >> 15)) as f32 / u32::MAX as f32
}
