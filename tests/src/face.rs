//! A shot of a puppet's face whose motion is known: a textured head that turns in the picture plane and drifts over a wall.

use std::path::Path;
use std::sync::Arc;

use host::io;
use host::picture::{Components, Depth, Picture, Premultiplication, RectI};
use host::source::{FrameSource, SourceError, SourceFormat};
use shapes::{Document, Key, Point, Shape, Track, TrackKey};

use crate::shot::noise;

/// Size of the picture.
pub const WIDTH: i32 = 320;
pub const HEIGHT: i32 = 240;

/// Half the head's width and height, px.
const HEAD: [f64; 2] = [66.0, 84.0];
/// A circle's quarter as a Bezier curve: the length of its tangents.
const QUARTER: f64 = 0.552_284_75;

/// Landmarks, from the head's centre, px, y down.
const LANDMARKS: [(&str, [f64; 2]); 14] = [
    ("brow_in_L", [14.0, -34.0]),
    ("brow_out_L", [42.0, -32.0]),
    ("brow_in_R", [-14.0, -34.0]),
    ("brow_out_R", [-42.0, -32.0]),
    ("eye_in_L", [14.0, -16.0]),
    ("eye_out_L", [42.0, -16.0]),
    ("eye_in_R", [-14.0, -16.0]),
    ("eye_out_R", [-42.0, -16.0]),
    ("nose_tip", [0.0, 14.0]),
    ("mouth_L", [24.0, 44.0]),
    ("mouth_R", [-24.0, 44.0]),
    ("lip_up", [0.0, 36.0]),
    ("lip_lo", [0.0, 54.0]),
    ("chin", [0.0, 80.0]),
];

/// Ellipses of the face: name, centre and half axes, px.
const ELLIPSES: [(&str, [f64; 2], [f64; 2]); 4] = [
    ("head", [0.0, 0.0], HEAD),
    ("eye_L", [28.0, -16.0], [14.0, 8.0]),
    ("eye_R", [-28.0, -16.0], [14.0, 8.0]),
    ("mouth", [0.0, 45.0], [24.0, 9.0]),
];

/// Frames 1 to `last`, RGBA float; values are whole 255ths, so that every depth holds the same picture.
#[derive(Clone)]
pub struct FaceShot {
    last: i32,
    /// Where the head is on frame 1, px.
    start: [f64; 2],
    /// By how much it is turned in the picture on frame 1, radians.
    roll: f64,
}

impl FaceShot {
    /// Frames 1 to `last`.
    pub fn new(last: i32) -> Self {
        FaceShot { last, start: [140.0, 112.0], roll: 0.0 }
    }

    /// Another shot of the same face.
    pub fn another(last: i32) -> Self {
        FaceShot { start: [172.0, 124.0], ..FaceShot::new(last) }
    }

    /// A shot of the same face lying on its side.
    pub fn lying(last: i32) -> Self {
        FaceShot { start: [150.0, 120.0], roll: 1.8, ..FaceShot::new(last) }
    }

    /// As a source to connect.
    pub fn source(self) -> Arc<dyn FrameSource> {
        Arc::new(self)
    }

    /// Writes its frames as `NAME.####.png`, 8 bits a channel.
    pub fn write(&self, folder: &Path, name: &str) {
        for frame in 1..=self.last {
            let picture = self.frame(frame).convert(Components::Rgb, Depth::Byte);
            io::write(&folder.join(format!("{name}.{frame:04}.png")), &picture)
                .unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }

    /// A frame of it.
    pub fn frame(&self, frame: i32) -> Picture {
        Picture::from_fn(RectI { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT }, Components::Rgba, |x, up| {
            let y = HEIGHT - 1 - up;
            let [u, v] = self.on_head(frame, [f64::from(x) + 0.5, f64::from(y) + 0.5]);
            let [r, g, b] = face_colour(u, v).unwrap_or_else(|| {
                let n = noise(x, y, 7);
                [0.12 + 0.25 * n, 0.15 + 0.2 * n, 0.3 + 0.2 * n]
            });
            let whole = |c: f32| (c * 255.0).round() / 255.0;
            [whole(r), whole(g), whole(b), 1.0]
        })
    }

    /// Where the head is on a frame, and by how much it is turned, radians.
    fn pose(&self, frame: i32) -> ([f64; 2], f64) {
        let t = f64::from(frame - 1);
        ([self.start[0] + 2.5 * t, self.start[1] + t], self.roll + 0.012 * t)
    }

    fn on_head(&self, frame: i32, [x, y]: [f64; 2]) -> [f64; 2] {
        let (centre, angle) = self.pose(frame);
        turned([x - centre[0], y - centre[1]], -angle)
    }

    /// Where a place of the head is in the picture, px.
    fn in_picture(&self, frame: i32, place: [f64; 2]) -> [f64; 2] {
        let (centre, angle) = self.pose(frame);
        let [x, y] = turned(place, angle);
        [x + centre[0], y + centre[1]]
    }

    /// Where a landmark truly is, px.
    pub fn landmark(&self, name: &str, frame: i32) -> [f64; 2] {
        let place = LANDMARKS.iter().find(|(n, _)| *n == name).map(|(_, p)| *p);
        self.in_picture(frame, place.unwrap_or_else(|| panic!("no landmark {name}")))
    }

    /// What an artist would key on these frames.
    pub fn document(&self, frames: &[i32]) -> Document {
        let mut document = Document::new(WIDTH as u32, HEIGHT as u32);
        for (name, centre, half) in ELLIPSES {
            let keys = frames.iter().map(|f| Key::new(f64::from(*f), self.ellipse(*f, centre, half)));
            document.shapes.push(Shape::new(name, true, keys.collect()));
        }
        for (name, place) in LANDMARKS {
            let key = |f: &i32| {
                let [x, y] = self.in_picture(*f, place);
                TrackKey::new(f64::from(*f), x, y)
            };
            document.tracks.push(Track::new(name, frames.iter().map(key).collect()));
        }
        document
    }

    fn ellipse(&self, frame: i32, centre: [f64; 2], half: [f64; 2]) -> Vec<Point> {
        let (_, angle) = self.pose(frame);
        let point = |(dx, dy): (f64, f64)| {
            let [x, y] = self.in_picture(frame, [centre[0] + half[0] * dx, centre[1] + half[1] * dy]);
            let tangent = turned([-half[0] * dy * QUARTER, half[1] * dx * QUARTER], angle);
            Point::new(x, y, tangent.map(|v| -v), tangent)
        };
        [(1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0)].map(point).to_vec()
    }
}

fn turned([x, y]: [f64; 2], angle: f64) -> [f64; 2] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}

/// The face at a place of the head; `None` beside it.
fn face_colour(u: f64, v: f64) -> Option<[f32; 3]> {
    let inside = |centre: [f64; 2], half: [f64; 2]| {
        ((u - centre[0]) / half[0]).powi(2) + ((v - centre[1]) / half[1]).powi(2) < 1.0
    };
    if !inside([0.0, 0.0], HEAD) {
        return None;
    }
    for side in [-1.0, 1.0] {
        if inside([28.0 * side, -16.0], [5.0, 5.0]) {
            return Some([0.1, 0.2, 0.35]);
        }
        if inside([28.0 * side, -16.0], [14.0, 8.0]) {
            return Some([0.92, 0.92, 0.9]);
        }
        if inside([28.0 * side, -33.0], [15.0, 4.0]) {
            return Some([0.25, 0.15, 0.1]);
        }
    }
    if inside([0.0, 45.0], [24.0, 9.0]) {
        return Some([0.65, 0.15, 0.2]);
    }
    if inside([0.0, 10.0], [7.0, 16.0]) {
        return Some([0.85, 0.55, 0.45]);
    }
    let skin = smooth_noise(u, v);
    Some([0.6 + 0.3 * skin, 0.4 + 0.3 * skin, 0.3 + 0.25 * skin])
}

/// Noise between whole places, so that it turns with the head.
fn smooth_noise(u: f64, v: f64) -> f32 {
    let (u0, v0) = (u.floor(), v.floor());
    let (fu, fv) = ((u - u0) as f32, (v - v0) as f32);
    let at = |du: i32, dv: i32| noise(u0 as i32 + du + 1000, v0 as i32 + dv + 1000, 3);
    let top = at(0, 0) * (1.0 - fu) + at(1, 0) * fu;
    let bottom = at(0, 1) * (1.0 - fu) + at(1, 1) * fu;
    top * (1.0 - fv) + bottom * fv
}

impl FrameSource for FaceShot {
    fn format(&self) -> SourceFormat {
        SourceFormat {
            bounds: RectI { x1: 0, y1: 0, x2: WIDTH, y2: HEIGHT },
            components: Components::Rgba,
            depth: Depth::Float,
            pixel_aspect: 1.0,
            premultiplication: Premultiplication::Opaque,
            planes: Vec::new(),
        }
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
