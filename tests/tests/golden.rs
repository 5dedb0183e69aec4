//! What Motion2Roto draws, against pictures that somebody has looked at: `tests/golden/*.png`.
//!
//! On a difference the new picture and the difference (times eight) are left in the temporary folder that the message names.
//! `SPLITLINE_UPDATE_GOLDEN=1 cargo test -p tests --test golden` writes them anew: look at them before committing.

use std::path::PathBuf;

use host::picture::RectI;
use host::{Components, Context, Depth, Node, Picture, RenderJob, io};
use shapes::{Blend, Document, Key, Point, Shape};
use tests::{MOTION2ROTO, Shot, assert_clean, node};

/// Largest difference of a channel, of 255: rounding to 8 bits, and nothing else.
const TOLERANCE: f32 = 1.01;

fn round(x: f64, y: f64, r: f64) -> Vec<Point> {
    let k = r * 0.552_284_75;
    vec![
        Point::new(x + r, y, [0.0, -k], [0.0, k]),
        Point::new(x, y + r, [k, 0.0], [-k, 0.0]),
        Point::new(x - r, y, [0.0, k], [0.0, -k]),
        Point::new(x, y - r, [-k, 0.0], [k, 0.0]),
    ]
}

/// A disc that moves, with a hole, crossed by a wire.
fn shapes() -> Document {
    let mut document = Document::new(160, 120);
    let moving = |r: f64| vec![Key::new(1.0, round(60.3, 58.7, r)), Key::new(3.0, round(84.3, 66.7, r))];
    document.shapes.push(Shape::new("disc", true, moving(38.0)));
    document.shapes.push(Shape { blend: Blend::Subtract, ..Shape::new("hole", true, moving(14.5)) });
    let wire = [(8.0, 20.0, 2.0), (80.0, 90.0, 6.0), (152.0, 30.0, 2.0)];
    let wire = wire.map(|(x, y, w)| Point { width: Some(w), ..Point::new(x, y, [-20.0, 0.0], [20.0, 0.0]) });
    document.shapes.push(Shape::new("wire", false, vec![Key::new(1.0, wire.to_vec())]));
    document
}

fn drawing(set_up: impl FnOnce(&mut Node)) -> Picture {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(3).source()).unwrap();
    node.set("shapes", shapes().to_json().unwrap()).unwrap();
    set_up(&mut node);
    let picture = node.render(&RenderJob::at(2.0)).unwrap();
    drop(node);
    assert_clean(&host);
    picture
}

fn matte(settings: &[&str]) -> Picture {
    drawing(|node| {
        node.set_text("output", None, "Matte in RGB").unwrap();
        for setting in settings {
            node.assign(setting).unwrap();
        }
    })
}

fn check(name: &str, picture: &Picture) {
    let picture = picture.convert(Components::Rgb, Depth::Byte);
    let golden = tests::project().join(format!("tests/golden/{name}.png"));
    if std::env::var_os("SPLITLINE_UPDATE_GOLDEN").is_some() {
        io::write(&golden, &picture).unwrap();
        return;
    }
    let wanted = io::read(&golden).unwrap_or_else(|e| panic!("{e}")).picture;
    assert_eq!(wanted.bounds(), picture.bounds(), "{name}");
    let (a, b) = (picture.to_rgba_f32(), wanted.to_rgba_f32());
    let apart = |p: &[f32; 4], q: &[f32; 4]| (0..3).map(|c| (p[c] - q[c]).abs()).fold(0.0, f32::max) * 255.0;
    let worst = a.iter().zip(&b).map(|(p, q)| apart(p, q)).fold(0.0, f32::max);
    if worst > TOLERANCE {
        let left: PathBuf = std::env::temp_dir().join("splitline-golden");
        std::fs::create_dir_all(&left).unwrap();
        let b: RectI = wanted.bounds();
        let difference = Picture::from_fn(b, Components::Rgb, |x, y| {
            let (p, q) = (picture.pixel(x, y), wanted.pixel(x, y));
            std::array::from_fn(|c| ((p[c] - q[c]).abs() * 8.0).min(1.0))
        });
        io::write(&left.join(format!("{name}.png")), &picture).unwrap();
        io::write(
            &left.join(format!("{name}.difference.png")),
            &difference.convert(Components::Rgb, Depth::Byte),
        )
        .unwrap();
        panic!("{name} differs by {worst:.1} of 255; see {}", left.display());
    }
}

#[test]
fn mattes() {
    check("matte", &matte(&[]));
    check("matte-feather", &matte(&["feather=12"]));
    check("matte-invert", &matte(&["invert=1"]));
    check("matte-motion-blur", &matte(&["motionBlur=1", "shutter=1"]));
}

#[test]
fn source_times_matte() {
    check("source-times-matte", &drawing(|node| node.set_text("output", None, "Source x matte").unwrap()));
}

#[test]
fn splines_over_the_source() {
    check("overlay", &drawing(|node| node.set_text("output", None, "Overlay").unwrap()));
}

#[test]
fn splines_in_the_viewer() {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(3).source()).unwrap();
    node.set("shapes", shapes().to_json().unwrap()).unwrap();
    let bounds = RectI { x1: 0, y1: 0, x2: 160, y2: 120 };
    let mut picture = Picture::new(bounds, Components::Rgba, Depth::Float);
    node.overlay_draw(2.0, &mut picture).unwrap();
    drop(node);
    assert_clean(&host);
    check("viewer", &picture);
}
