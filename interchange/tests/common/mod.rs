//! Documents that tests write, and files that they read.
#![allow(dead_code, missing_docs, reason = "each test binary uses a part")]

use interchange::{Format, Settings};
use shapes::{Blend, Document, Extra, Feather, Interp, Key, OpacityKey, Point, Shape, Track, TrackKey};

pub fn named(name: &str) -> &'static Format {
    Format::named(name).unwrap()
}

/// Reads a file that is right; with the warnings as text.
pub fn read(format: &str, text: &str) -> (Document, Vec<String>) {
    let (document, warnings) = named(format).read(text.as_bytes(), &Settings::default()).unwrap();
    (document, warnings.iter().map(ToString::to_string).collect())
}

/// Two shapes and a track with everything that any format may carry.
pub fn sample() -> Document {
    let mut document = Document::new(320, 240);
    document.fps = Some(25.0);
    document.par = Some(2.0);
    let point = |x: f64, y: f64| Point::new(x, y, [-6.5, 0.25], [6.5, -0.25]);
    let square = |d: f64| vec![point(100.0 + d, 50.0), point(300.0, 60.0 + d), point(150.0 - d, 200.0)];
    let mut keys =
        vec![Key::new(1001.0, square(0.0)), Key::new(1005.0, square(8.0)), Key::new(1010.0, square(3.0))];
    keys[1].interp = Interp::Hold;
    let mut eye = Shape::new("eye \"L\" <1> {}", true, keys);
    eye.opacity = Some(0.5);
    eye.invert = true;
    eye.blend = Blend::Subtract;
    eye.color = Some([1.0, 0.5, 0.0]);
    eye.keys[0].points[1].feather =
        Some(Feather { offset: [4.0, -3.0], tangent_in: [-1.0, 0.0], tangent_out: [1.0, 2.0] });
    let mut brow = Shape::new("brow", false, vec![Key::new(1003.0, square(1.0))]);
    brow.opacity_keys = vec![
        OpacityKey::new(1001.0, 0.0, Interp::Hold),
        OpacityKey::new(1004.0, 1.0, Interp::Linear),
        OpacityKey::new(1008.0, 0.5, Interp::Linear),
    ];
    document.shapes = vec![eye, brow];
    let keys = vec![
        TrackKey::new(1001.0, 10.5, 20.25),
        TrackKey::new(1002.0, 11.0, 21.0),
        TrackKey::new(1007.0, 30.0, 40.0),
    ];
    document.tracks.push(Track { name: "nose tip".to_owned(), keys, extra: Extra::new() });
    document
}

/// Samples in every format that is read, as writers make them.
pub fn samples() -> Vec<(&'static Format, String)> {
    let settings = Settings::default();
    let written =
        |reader: &str, writer: &str| (named(reader), named(writer).write(&sample(), &settings).unwrap().0);
    vec![
        written("nuke", "nuke"),
        written("nuke", "nuke-tracker3"),
        written("silhouette", "silhouette"),
        written("fusion", "fusion"),
        written("after-effects", "after-effects"),
        written("tracks", "tracks"),
    ]
}

/// How far apart two shapes' control points, handles and feathers are at most, on these frames.
pub fn distance(a: &Shape, b: &Shape, frames: impl Iterator<Item = f64>, feather: bool) -> f64 {
    let numbers = |p: &Point| {
        let mut out = vec![p.x, p.y, p.tangent_in[0], p.tangent_in[1], p.tangent_out[0], p.tangent_out[1]];
        if feather {
            let still = Feather { offset: [0.0; 2], tangent_in: p.tangent_in, tangent_out: p.tangent_out };
            let f = p.feather.as_ref().unwrap_or(&still);
            out.extend([f.offset, f.tangent_in, f.tangent_out].into_iter().flatten());
        }
        out
    };
    let mut most = 0.0f64;
    for frame in frames {
        let (a, b) = (a.points_at(frame), b.points_at(frame));
        assert_eq!(a.len(), b.len());
        for (a, b) in a.iter().zip(&b) {
            for (a, b) in numbers(a).into_iter().zip(numbers(b)) {
                most = most.max((a - b).abs());
            }
        }
    }
    most
}
