//! Matte to Roto: mattes become shapes that draw the same mattes, by the button and by the command.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use host::picture::{Components, Depth, Picture, Premultiplication, RectI};
use host::source::{FrameSource, SourceError, SourceFormat};
use host::{Context, Error, Profile, RenderJob};
use shapes::{Blend, Document, Key};
use tests::{assert_clean, bundle_path, command, node};

const MATTE_TO_ROTO: &str = "org.splitline.MatteToRoto";
const WHOLE: RectI = RectI { x1: 0, y1: 0, x2: 120, y2: 90 };
const LAST: i32 = 6;

/// A soft ring that goes to the right.
struct Mattes;

impl Mattes {
    fn frame(frame: i32) -> Picture {
        Picture::from_fn(WHOLE, Components::Rgba, |x, y| {
            let [dx, dy] = [f64::from(x) + 0.5 - 40.0 - 4.0 * f64::from(frame), f64::from(y) + 0.5 - 45.0];
            let far = dx.hypot(dy);
            let a = (28.5 - far).clamp(0.0, 1.0).min((far - 9.5).clamp(0.0, 1.0)) as f32;
            [a, a, a, a]
        })
    }
}

impl FrameSource for Mattes {
    fn format(&self) -> SourceFormat {
        SourceFormat {
            bounds: WHOLE,
            components: Components::Rgba,
            depth: Depth::Float,
            pixel_aspect: 1.0,
            premultiplication: Premultiplication::Premultiplied,
            planes: Vec::new(),
        }
    }

    fn frame_range(&self) -> (f64, f64) {
        (1.0, f64::from(LAST))
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let frame = time.round() as i32;
        if (1..=LAST).contains(&frame) {
            Ok(Arc::new(Mattes::frame(frame)))
        } else {
            Err(SourceError::Missing(format!("there is no frame {frame}")))
        }
    }
}

/// Intersection by union of two mattes, cut at a half.
fn iou(a: &Picture, b: &Picture) -> f64 {
    let (mut both, mut any) = (0, 0);
    for y in WHOLE.y1..WHOLE.y2 {
        for x in WHOLE.x1..WHOLE.x2 {
            let inside = [a, b].map(|p| p.pixel(x, y)[3] >= 0.5);
            both += i32::from(inside == [true; 2]);
            any += i32::from(inside != [false; 2]);
        }
    }
    f64::from(both) / f64::from(any)
}

#[test]
fn shapes_draw_the_mattes_they_were_made_of_in_every_host() {
    for profile in Profile::NAMES {
        let (host, mut node) = node(profile, MATTE_TO_ROTO, Context::Filter);
        node.connect("Source", Arc::new(Mattes)).unwrap();
        node.set_time(1.0);
        match node.press("vectorise") {
            Ok(()) => {}
            Err(Error::Unsupported { .. }) if profile == "mlt" => continue,
            // Its buttons read no other frames.
            Err(_) if profile == "resolve" => {
                assert!(!host.messages().is_empty(), "{profile}: silent");
                continue;
            }
            Err(e) => panic!("{profile}: {e}"),
        }
        let document = Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap();
        let status = node.get("status").unwrap();
        assert!(status.as_text().unwrap().starts_with("Made 2 shapes with "), "{profile}: {status:?}");
        assert_eq!(
            document.shapes.iter().map(|s| s.blend).collect::<Vec<_>>(),
            [Blend::Add, Blend::Subtract]
        );
        for shape in &document.shapes {
            assert!(shape.keys.iter().all(Key::is_artists) && shape.keys[0].points.len() <= 12, "{profile}");
        }
        for frame in [1, 3, LAST] {
            let drawn = node.render(&RenderJob::at(f64::from(frame))).unwrap();
            let iou = iou(&drawn, &Mattes::frame(frame));
            assert!(iou > 0.97, "{profile}, frame {frame}: {iou}");
        }
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn a_number_of_points_and_an_empty_channel() {
    let (host, mut node) = node("full", MATTE_TO_ROTO, Context::Filter);
    node.connect("Source", Arc::new(Mattes)).unwrap();
    node.set("points", 6).unwrap();
    node.press("vectorise").unwrap();
    let text = node.get("shapes").unwrap().as_text().unwrap().to_owned();
    let document = Document::from_json(&text).unwrap();
    assert!(document.shapes.iter().all(|s| s.keys[0].points.len() == 6));
    node.set("firstFrame", 9).unwrap();
    node.set("lastFrame", 12).unwrap();
    node.set("useClipRange", false).unwrap();
    let failed = node.press("vectorise").is_err() || node.persistent_message().is_some();
    assert!(
        failed && node.get("shapes").unwrap().as_text() == Some(text.as_str()),
        "frames that are not there"
    );
    drop(node);
    assert_clean(&host);
}

/// Runs the command in a folder.
fn vectorise(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(command());
    command.args(["--json", "--bundle"]).arg(bundle_path()).arg("vectorise").args(arguments);
    command.current_dir(folder).output().unwrap()
}

#[test]
fn mattes_in_exr_keep_their_soft_edges() {
    let folder = tempfile::tempdir().unwrap();
    // The ring in alpha, and colours that say something else; floats below 0 and above 1 as renderers leave them.
    for frame in 1..=LAST {
        let ring = Mattes::frame(frame);
        let picture = Picture::from_fn(WHOLE, Components::Rgba, |x, y| {
            let a = ring.pixel(x, y)[3];
            [
                1.0 - a,
                0.5,
                a * 0.25,
                if a >= 1.0 {
                    1.5
                } else if a <= 0.0 {
                    -0.25
                } else {
                    a
                },
            ]
        });
        host::io::write(&folder.path().join(format!("m.{frame:04}.exr")), &picture).unwrap();
    }
    let output = vectorise(
        folder.path(),
        &["m.####.exr", "--tolerance", "0.25", "--out-shapes", "s.json", "--out-mattes", "d.####.exr"],
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = Document::load(&folder.path().join("s.json")).unwrap();
    assert_eq!(document.shapes.len(), 2);
    for frame in 1..=LAST {
        // Every point of the outer edge is where the ring is half covered, between pixels.
        for p in document.shapes[0].points_at(f64::from(frame)) {
            let far = (p.x - 40.0 - 4.0 * f64::from(frame)).hypot(p.y - 45.0);
            assert!((far - 28.0).abs() < 0.3, "frame {frame}: {far}");
        }
    }
    let drawn = host::io::read(&folder.path().join("d.0003.exr")).unwrap().picture;
    let (mut error, ring) = (0.0f32, Mattes::frame(3));
    for y in WHOLE.y1..WHOLE.y2 {
        for x in WHOLE.x1..WHOLE.x2 {
            error += (drawn.pixel(x, y)[3] - ring.pixel(x, y)[3]).abs();
        }
    }
    let edge = std::f32::consts::TAU * (28.0 + 9.0);
    assert!(error / edge < 0.2, "{} for each pixel of the edge", error / edge);
}

#[test]
fn the_command_makes_shapes_and_mattes() {
    let folder = tempfile::tempdir().unwrap();
    for frame in 1..=LAST {
        let picture = Mattes::frame(frame).convert(Components::Alpha, Depth::Short);
        host::io::write(&folder.path().join(format!("m.{frame:04}.png")), &picture).unwrap();
    }
    let run = |arguments: &[&str]| vectorise(folder.path(), arguments);
    let output =
        run(&["m.####.png", "--frames", "1-5", "--out-shapes", "s.json", "--out-mattes", "d.####.png"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["shapes"].as_array().unwrap().len(), 2, "{answer}");
    assert_eq!(answer["violations"].as_array().unwrap().len(), 0, "{answer}");
    assert!(folder.path().join("d.0005.png").is_file());
    let document = Document::load(&folder.path().join("s.json")).unwrap();
    assert_eq!((document.width, document.shapes[0].keys[0].frame), (120, 1.0));
    for wrong in [
        vec!["m.####.png", "--frames", "1,3", "--out-shapes", "t.json"],
        vec!["m.####.png", "--points", "3", "--out-shapes", "t.json"],
        vec!["m.####.png", "--points", "9", "--tolerance", "1", "--out-shapes", "t.json"],
        vec!["none.####.png", "--out-shapes", "t.json"],
    ] {
        assert_eq!(run(&wrong).status.code(), Some(2), "{wrong:?}");
    }
}

/// Two cards, each in its colour, of which the later one lies in a hole of the other; a third comes on frame 3.
fn objects(frame: i32) -> Picture {
    Picture::from_fn(WHOLE, Components::Rgb, |x, y| {
        let x = x - 2 * frame;
        let within = |x0: i32, x1: i32, y0: i32, y1: i32| (x0..x1).contains(&x) && (y0..y1).contains(&y);
        let half = 128.0 / 255.0;
        if within(20, 40, 30, 60) {
            [half, 0.0, 0.0, 1.0]
        } else if within(10, 60, 20, 70) {
            [0.0, half, 0.0, 1.0]
        } else if frame > 2 && within(70, 80, 10, 25) {
            [half, half, 0.0, 1.0]
        } else {
            [0.0, 0.0, 0.0, 1.0]
        }
    })
}

#[test]
fn each_colour_is_an_object() {
    let folder = tempfile::tempdir().unwrap();
    for frame in 1..=4 {
        let picture = objects(frame).convert(Components::Rgb, Depth::Byte);
        host::io::write(&folder.path().join(format!("m.{frame}.png")), &picture).unwrap();
    }
    let run =
        |arguments: &[&str]| vectorise(folder.path(), &[&["m.#.png", "--out-shapes"], arguments].concat());
    let output = run(&["all.json", "--channel", "each colour", "--out-mattes", "d.#.png"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document = Document::load(&folder.path().join("all.json")).unwrap();
    let names: Vec<_> = document.shapes.iter().map(|s| s.name.as_str()).collect();
    // The one with the hole first, so that its hole does not cut out what is seen through it.
    let expected = ["object 2: shape 1", "object 2: hole 1", "object 1: shape 1", "object 3: shape 1"];
    assert_eq!(names, expected);
    let drawn = host::io::read(&folder.path().join("d.4.png")).unwrap().picture;
    for y in (WHOLE.y1..WHOLE.y2).step_by(4) {
        for x in (WHOLE.x1..WHOLE.x2).step_by(4) {
            let inside = objects(4).pixel(x, y)[..3].iter().any(|v| *v > 0.0);
            // Corners are rounded by a pixel.
            let near = |v: i32, edges: &[i32]| edges.iter().any(|e| (v - 8 - e).abs() < 3);
            if !near(x, &[10, 20, 40, 60, 70, 80]) && !near(y + 8, &[10, 20, 25, 30, 60, 70]) {
                assert_eq!(drawn.pixel(x, y)[0] >= 0.5, inside, "{x} {y}");
            }
        }
    }

    let output = run(&["one.json", "--object", "3"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let one = Document::load(&folder.path().join("one.json")).unwrap();
    assert_eq!(one.shapes.len(), 1);
    let half = Some([128.0 / 255.0, 128.0 / 255.0, 0.0]);
    assert_eq!((one.shapes[0].name.as_str(), one.shapes[0].color), ("object 3: shape 1", half));
    let output = run(&["none.json", "--object", "4"]);
    assert!(!output.status.success());
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no object 4: the frames have 3"), "{said}");
}
