//! The command with the built bundle: every subcommand, on a shot made here.
//!
//! `SPLITLINE_BUNDLE` names another bundle than dist's. Run `make bundle` first.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use host::{Components, Depth, Picture, RectI};
use serde_json::{Value, json};
use shapes::{Document, Key, Point, Shape};

const WIDTH: i32 = 160;
const HEIGHT: i32 = 120;
/// Motion of everything from frame to frame, px, right and down.
const STEP: (f64, f64) = (3.0, 2.0);

fn bundle() -> PathBuf {
    let bundle = std::env::var_os("SPLITLINE_BUNDLE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/Splitline.ofx.bundle"),
        PathBuf::from,
    );
    assert!(bundle.is_dir(), "{} is missing: run `make bundle` first", bundle.display());
    bundle.canonicalize().unwrap()
}

fn splitline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_splitline"))
        .args(arguments)
        .current_dir(folder)
        .env("SPLITLINE_BUNDLE", bundle())
        .output()
        .unwrap()
}

/// Runs it with `--json --strict`, so that a broken rule of OpenFX fails the test, and gives the answer.
fn answer(folder: &Path, arguments: &[&str]) -> Value {
    let output = splitline(folder, &[arguments, &["--json", "--strict"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A smooth texture at a place, 0 to 1.
fn texture(x: f64, y: f64) -> f64 {
    let wave = |a: f64, b: f64, c: f64| (a * x + b * y + c).sin();
    0.5 + 0.15 * wave(0.31, 0.17, 0.0) + 0.15 * wave(-0.13, 0.37, 1.0) + 0.15 * wave(0.53, -0.41, 2.0)
}

/// Frames 1 to 5 of the texture moving by [`STEP`].
fn write_shot(folder: &Path) {
    for frame in 1..=5 {
        let moved = f64::from(frame - 1);
        let picture = Picture::from_fn(RectI::of_size(WIDTH, HEIGHT), Components::Rgb, |x, y| {
            let down = f64::from(HEIGHT - 1 - y);
            [texture(f64::from(x) - STEP.0 * moved, down - STEP.1 * moved) as f32; 4]
        });
        let picture = picture.convert(Components::Rgb, Depth::Byte);
        host::io::write(&folder.join(format!("s.{frame:04}.png")), &picture).unwrap();
    }
}

fn square(frame: f64) -> Key {
    let (dx, dy) = (STEP.0 * (frame - 1.0), STEP.1 * (frame - 1.0));
    let corner = |x: f64, y: f64| Point::corner(x + dx, y + dy);
    Key::new(frame, vec![corner(50.0, 40.0), corner(90.0, 40.0), corner(90.0, 75.0), corner(50.0, 75.0)])
}

fn floats(file: &Path) -> Vec<f32> {
    let bytes = std::fs::read(file).unwrap();
    assert_eq!(&bytes[..4], b"PIEH");
    bytes[12..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// The mean of u and of v over the middle of the picture.
fn mean_flow(file: &Path) -> (f64, f64) {
    let flow = floats(file);
    let mut sums = (0.0, 0.0, 0.0);
    for y in 30..(HEIGHT as usize - 30) {
        for x in 30..(WIDTH as usize - 30) {
            let i = 2 * (y * WIDTH as usize + x);
            sums = (sums.0 + f64::from(flow[i]), sums.1 + f64::from(flow[i + 1]), sums.2 + 1.0);
        }
    }
    (sums.0 / sums.2, sums.1 / sums.2)
}

#[test]
fn effects_are_listed_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let listed = answer(folder.path(), &["plugins"]);
    let ids: Vec<&str> =
        listed["effects"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
    for effect in ["Motion2Roto", "MotionVectors", "FaceRoto", "MatteToRoto"] {
        assert!(ids.contains(&format!("org.splitline.{effect}").as_str()), "{ids:?}");
    }
    for id in &ids {
        let described = answer(folder.path(), &["describe", id]);
        for param in described["params"].as_array().unwrap() {
            let has_hint = !param["hint"].as_str().unwrap().is_empty();
            let is_frame = ["group", "page"].contains(&param["kind"].as_str().unwrap());
            assert!(has_hint || is_frame, "{id}: {} has no help", param["name"]);
        }
    }
    let text = splitline(folder.path(), &["describe", "motion2roto", "--context", "filter"]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("tolerance: Double"), "{text}");
}

#[test]
fn wrong_names_are_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    write_shot(folder.path());
    let render = ["render", "--in", "Source=s.####.png", "--out", "o.####.png", "--effect"];
    let cases: [(&[&str], &str); 5] = [
        (&["NoSuch"], "no effect named NoSuch"),
        (&["Motion2Roto", "--param", "nosuch=1"], "no parameter named nosuch"),
        (&["Motion2Roto", "--param", "feather=soft"], "feather cannot be set to \"soft\""),
        (&["Motion2Roto", "--press", "nosuch"], "nosuch"),
        (&["Motion2Roto", "--in", "Nosuch=s.####.png"], "no input named Nosuch"),
    ];
    for (more, words) in cases {
        let output = splitline(folder.path(), &[&render[..], more].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{more:?}: {said}");
        assert!(said.contains(words) && said.lines().count() == 1, "{more:?}: {said}");
    }
}

#[test]
fn a_frame_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_shot(here);
    std::fs::write(here.join("s.0003.png"), b"gone").unwrap();
    let mut document = Document::new(WIDTH as u32, HEIGHT as u32);
    document.shapes.push(Shape::new("square", true, vec![square(1.0)]));
    document.save(&here.join("keys.json")).unwrap();
    let line = ["motion2roto", "--plate", "s.####.png", "--shapes", "keys.json", "--out-shapes", "o.json"];
    let output = splitline(here, &line);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{said}");
    assert!(said.contains("s.0003.png: this is not a PNG"), "{said}");
    assert!(!here.join("o.json").exists());
}

#[test]
fn flow_files_have_the_motion() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_shot(here);
    let line = ["flow", "s.0001.png", "s.0002.png", "f.flo", "--backward", "b.flo", "--confidence", "c.png"];
    answer(here, &line);
    let (u, v) = mean_flow(&here.join("f.flo"));
    assert!((u - STEP.0).abs() < 0.1 && (v - STEP.1).abs() < 0.1, "{u} {v}");
    let (u, v) = mean_flow(&here.join("b.flo"));
    assert!((u + STEP.0).abs() < 0.1 && (v + STEP.1).abs() < 0.1, "{u} {v}");
    let confidence = host::io::read(&here.join("c.png")).unwrap().picture;
    assert_eq!((confidence.bounds(), confidence.depth()), (RectI::of_size(WIDTH, HEIGHT), Depth::Short));
    assert!(confidence.pixel(80, 60)[0] > 0.5);
}

#[test]
fn splines_travel_with_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_shot(here);
    let mut document = Document::new(WIDTH as u32, HEIGHT as u32);
    document.shapes.push(Shape::new("square", true, vec![square(1.0)]));
    document.save(&here.join("keys.json")).unwrap();
    let line = ["motion2roto", "--plate", "s.####.png", "--shapes", "keys.json", "--frames", "1-5"];
    let outs = ["--out-shapes", "o/solved.json", "--out-mattes", "o/m.####.png", "--overlay", "o/v.####.png"];
    let told = answer(here, &[&line[..], &outs].concat());
    assert_eq!(told["shapes"], json!([{ "name": "square", "keys": 5 }]));
    let solved = Document::load(&here.join("o/solved.json")).unwrap();
    let key = solved.shapes[0].key_at(5.0).unwrap();
    for (is, wanted) in key.points.iter().zip(square(5.0).points) {
        assert!((is.x - wanted.x).hypot(is.y - wanted.y) < 0.75, "{is:?} {wanted:?}");
    }
    for frame in 1..=5 {
        let matte = host::io::read(&here.join(format!("o/m.{frame:04}.png"))).unwrap().picture;
        assert_eq!((matte.components(), matte.depth()), (Components::Rgb, Depth::Short));
        let moved = (STEP.0 as i32 * (frame - 1), STEP.1 as i32 * (frame - 1));
        let level = |x: i32, y: i32| matte.pixel(x + moved.0, HEIGHT - 1 - y - moved.1)[0];
        assert_eq!((level(70, 57), level(40, 57), level(70, 90)), (1.0, 0.0, 0.0), "frame {frame}");
        assert!(here.join(format!("o/v.{frame:04}.png")).exists());
    }
    // The plate has 8 bits; the edge of a matte has finer steps.
    let matte = host::io::read(&here.join("o/m.0003.png")).unwrap().picture;
    let fine = |p: &[f32; 4]| !((p[0] * 65535.0).round() as u32).is_multiple_of(257);
    assert!(matte.to_rgba_f32().iter().any(fine));

    // Vectors that the bundle itself wrote give the same splines.
    let vectors =
        ["render", "--effect", "MotionVectors", "--in", "Source=s.####.png", "--out", "mv.####.exr"];
    answer(here, &vectors);
    let motion = ["--motion", "mv.####.exr", "--motion-convention", "nuke", "--out-shapes", "clip.json"];
    answer(here, &[&line[..], &motion].concat());
    let by_clip = Document::load(&here.join("clip.json")).unwrap();
    let key = by_clip.shapes[0].key_at(5.0).unwrap();
    for (is, wanted) in key.points.iter().zip(square(5.0).points) {
        assert!((is.x - wanted.x).hypot(is.y - wanted.y) < 0.75, "{is:?} {wanted:?}");
    }
}

#[test]
fn a_saved_state_renders_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_shot(here);
    let mut document = Document::new(WIDTH as u32, HEIGHT as u32);
    document.shapes.push(Shape::new("square", true, vec![square(1.0), square(5.0)]));
    let text = format!("shapes={}", document.to_json().unwrap());
    let render = ["render", "--effect", "Motion2Roto", "--in", "Source=s.####.png", "--frames", "1-5x2"];
    let first = ["--param", &text, "--param", "output=Matte in RGB", "--press", "solve"];
    let told =
        answer(here, &[&render[..], &first, &["--out", "a.%d.png", "--save-state", "n.json"]].concat());
    assert_eq!(told["frames"], json!([1, 3, 5]));
    answer(here, &[&render[..], &["--out", "b.%d.png", "--state", "n.json"]].concat());
    for frame in [1, 3, 5] {
        let read = |name: &str| host::io::read(&here.join(format!("{name}.{frame}.png"))).unwrap().picture;
        assert_eq!(read("a"), read("b"), "frame {frame}");
    }
    let half =
        ["--out", "h.%d.exr", "--state", "n.json", "--scale", "0.5", "--depth", "half", "--threads", "3"];
    answer(here, &[&render[..], &half].concat());
    let picture = host::io::read(&here.join("h.3.exr")).unwrap().picture;
    assert_eq!((picture.bounds(), picture.depth()), (RectI::of_size(WIDTH / 2, HEIGHT / 2), Depth::Half));
}

#[test]
fn a_plane_is_rendered_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_shot(folder);
    let shapes = vec![Shape::new("left eye", true, vec![square(1.0)])];
    Document { shapes, ..Document::new(WIDTH as u32, HEIGHT as u32) }
        .save(&folder.join("keys.json"))
        .unwrap();
    let render = [
        "render",
        "--effect",
        "Motion2Roto",
        "--in",
        "Source=s.####.png",
        "--frames",
        "1",
        "--out",
        "m.####.exr",
        "--param",
        "shapesFile=keys.json",
        "--plane",
        "left_eye",
    ];
    let refused = splitline(folder, &render);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("plane left_eye"));
    answer(folder, &[&render[..], &["--profile", "natron", "--param", "shapePlanes=1"]].concat());
    let matte = host::io::read(&folder.join("m.0001.exr")).unwrap().picture;
    assert_eq!(matte.components(), Components::Alpha);
    assert_eq!([(70, 60), (20, 60)].map(|(x, y)| matte.sample(x, y, 0)), [1.0, 0.0]);
}
