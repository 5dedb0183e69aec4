//! What Motion2Roto draws, against pictures that somebody has looked at: `tests/golden/*.png`.
//!
//! On a difference the new picture and the difference (times eight) are left in the temporary folder that the message names.
//! `SPLITLINE_UPDATE_GOLDEN=1 cargo test -p tests --test golden` writes them anew: look at them before committing.

use std::path::PathBuf;

use host::picture::RectI;
use host::{Components, Context, Depth, Node, Picture, RenderJob, io};
use shapes::{Blend, Document, Feather, Key, Point, Shape};
use tests::{MOTION2ROTO, Shot, WHOLE, assert_clean, node};

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

/// An L whose feather contour lies outside of it, inside, crosses it, and crosses itself.
fn corners(offset: impl Fn(usize) -> [f64; 2]) -> Document {
    let places = [(20.0, 18.0), (52.0, 18.0), (52.0, 50.0), (78.0, 50.0), (78.0, 78.0), (20.0, 78.0)];
    let point = |(i, &(x, y)): (usize, &(f64, f64))| Point {
        feather: Some(Feather { offset: offset(i), ..Feather::default() }),
        ..Point::corner(x, y)
    };
    one(vec![Key::new(2.0, places.iter().enumerate().map(point).collect())])
}

fn one(keys: Vec<Key>) -> Document {
    let mut document = Document::new(160, 120);
    document.shapes.push(Shape::new("s", true, keys));
    document
}

/// A disc that a solver has taken round a bend.
fn bend() -> Document {
    let key = |i: i32| {
        let (s, c) = (f64::from(i) * 0.6).sin_cos();
        Key { confidence: Some(0.9), ..Key::new(f64::from(i), round(48.0 + 28.0 * c, 48.0 + 28.0 * s, 9.0)) }
    };
    one((0..6).map(key).collect())
}

/// Two cheeks that share an edge, an eye, a brow over it, and a mouth cut out.
fn face() -> Document {
    let mut document = Document::new(160, 120);
    let corners =
        |places: &[(f64, f64)]| places.iter().map(|&(x, y)| Point::corner(x, y)).collect::<Vec<_>>();
    let seam = [(47.3, 8.0), (50.1, 88.0)];
    let cheeks = [
        corners(&[seam[0], seam[1], (16.0, 70.0), (12.0, 26.0)]),
        corners(&[seam[0], (86.0, 24.0), (82.0, 72.0), seam[1]]),
    ];
    let mut add = |points: Vec<Point>, color: [f64; 3], blend: Blend| {
        let shape = Shape::new("part", true, vec![Key::new(2.0, points)]);
        document.shapes.push(Shape { color: Some(color), blend, ..shape });
    };
    for cheek in cheeks {
        add(cheek, [1.0, 0.0, 0.0], Blend::Add);
    }
    add(round(33.0, 36.0, 9.0), [0.0, 1.0, 0.0], Blend::Add);
    add(corners(&[(20.0, 26.0), (46.0, 22.0), (46.0, 30.0), (20.0, 32.0)]), [0.0, 1.0, 0.0], Blend::Add);
    add(corners(&[(30.0, 66.0), (66.0, 64.0), (48.0, 76.0)]), [1.0, 0.0, 0.0], Blend::Subtract);
    add(round(66.0, 36.0, 9.0), [0.0, 0.0, 1.0], Blend::Add);
    document
}

fn drawing(document: &Document, set_up: impl FnOnce(&mut Node)) -> Picture {
    let (host, mut node) = node("full", MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(3).source()).unwrap();
    node.set("shapes", document.to_json().unwrap()).unwrap();
    set_up(&mut node);
    let picture = node.render(&RenderJob::at(2.0)).unwrap();
    drop(node);
    assert_clean(&host);
    picture.crop(WHOLE)
}

fn matte(document: &Document, settings: &[&str]) -> Picture {
    drawing(document, |node| {
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
    check("matte", &matte(&shapes(), &[]));
    check("matte-feather", &matte(&shapes(), &["feather=12"]));
    check("matte-grow", &matte(&shapes(), &["grow=5"]));
    check("matte-invert", &matte(&shapes(), &["invert=1"]));
    check("matte-motion-blur", &matte(&shapes(), &["motionBlur=1", "shutter=1"]));
}

#[test]
fn feathers() {
    // The left upper part, where the shapes are.
    let bounds = RectI { x1: 0, y1: 0, x2: 96, y2: 96 };
    let part = |picture: Picture| Picture::from_fn(bounds, Components::Rgb, |x, y| picture.pixel(x, y + 24));
    let away = [[-12.0, -12.0], [12.0, -12.0], [12.0, -12.0], [12.0, -12.0], [12.0, 12.0], [-12.0, 12.0]];
    let out = corners(|i| away[i]);
    check("feather-out", &part(matte(&out, &["falloff=Linear"])));
    let overlay = |node: &mut Node| node.set_text("output", None, "Overlay").unwrap();
    check("overlay-feather", &part(drawing(&out, overlay)));
    check("feather-in", &part(matte(&corners(|i| away[i].map(|v| -0.8 * v)), &["falloff=Gamma"])));
    check(
        "feather-part",
        &part(matte(&corners(|i| if i % 4 == 0 { [-14.0, -14.0] } else { [0.0; 2] }), &[])),
    );
    let crossing = [[0.0, -14.0], [-40.0, -14.0], [6.0, -20.0], [0.0, 0.0], [8.0, 8.0], [-30.0, 10.0]];
    check("feather-crossing", &part(matte(&corners(|i| crossing[i]), &["falloff=Linear"])));
    check("blur-bend", &part(matte(&bend(), &["motionBlur=1", "shutter=1"])));
    check("face", &part(matte(&face(), &["feather=4"])));
    let multi = drawing(&face(), |node| node.set_text("output", None, "Multi-matte (RGBA)").unwrap());
    check("multi-matte", &part(multi));
}

#[test]
fn source_times_matte() {
    let output = |node: &mut Node| node.set_text("output", None, "Source x matte").unwrap();
    check("source-times-matte", &drawing(&shapes(), output));
}

#[test]
fn splines_over_the_source() {
    check("overlay", &drawing(&shapes(), |node| node.set_text("output", None, "Overlay").unwrap()));
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
