//! A document that goes out and comes back has the same outlines, within a hundredth of a pixel.

mod common;

use common::{distance, named, sample};
use interchange::{FORMATS, Settings};
use proptest::prelude::*;
use shapes::{Blend, Document, Extra, Feather, Interp, Key, OpacityKey, Point, Shape, Track, TrackKey};

const PX: f64 = 0.01;

fn pair() -> impl Strategy<Value = [f64; 2]> {
    [-60.0..60.0f64, -60.0..60.0f64]
}

fn point(feather: bool) -> impl Strategy<Value = Point> {
    let feather = (prop::bool::weighted(0.5), pair(), pair(), pair())
        .prop_map(move |(any, a, b, c)| (feather && any).then_some((a, b, c)));
    (-300.0..4000.0f64, -300.0..3000.0f64, pair(), pair(), feather).prop_map(|(x, y, a, b, feather)| Point {
        feather: feather.map(|(offset, tangent_in, tangent_out)| Feather { offset, tangent_in, tangent_out }),
        ..Point::new(x, y, a, b)
    })
}

fn shape(feather: bool) -> impl Strategy<Value = Shape> {
    let points = 2..7usize;
    let frames = prop::collection::btree_set(-50..1200i32, 1..5);
    let opacity = (0..=4u8, prop::collection::btree_map(-60..60i32, (0..=4u8, any::<bool>()), 0..5));
    let blends = vec![Blend::Add, Blend::Subtract, Blend::Intersect, Blend::Max, Blend::Difference];
    (points, frames, any::<(bool, bool)>(), prop::sample::select(blends), opacity).prop_flat_map(
        move |(count, frames, (closed, invert), blend, (opacity, fades))| {
            let frames: Vec<i32> = frames.into_iter().collect();
            let keys = prop::collection::vec(
                (prop::collection::vec(point(feather), count), any::<bool>()),
                frames.len(),
            );
            keys.prop_map(move |keys| {
                let fade = |(frame, (value, hold)): (&i32, &(u8, bool))| {
                    let interp = if *hold { Interp::Hold } else { Interp::Linear };
                    OpacityKey::new(f64::from(*frame), f64::from(*value) / 4.0, interp)
                };
                let keys = frames.iter().zip(keys).map(|(frame, (points, hold))| Key {
                    interp: if hold { Interp::Hold } else { Interp::Linear },
                    ..Key::new(f64::from(*frame), points)
                });
                let mut shape = Shape::new("s", closed, keys.collect());
                shape.blend = blend;
                shape.invert = invert;
                shape.opacity = (opacity < 4).then_some(f64::from(opacity) / 4.0);
                shape.opacity_keys = fades.iter().map(fade).collect();
                shape
            })
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    let par = prop::sample::select(vec![0.9117, 1.0, 1.4587, 2.0]);
    (16..5000u32, 16..3000u32, par, prop::option::of(-20..1001i32)).prop_map(|(width, height, par, start)| {
        Settings {
            width: Some(width),
            height: Some(height),
            fps: Some(24.0),
            par: Some(par),
            start_frame: start.map(f64::from),
        }
    })
}

fn frames(shape: &Shape) -> impl Iterator<Item = f64> + '_ {
    shape.keys.windows(2).flat_map(|w| [w[0].frame, (w[0].frame + w[1].frame) / 2.0, w[1].frame]).chain([0.0])
}

/// Whether the opacities are the same on whole frames.
fn same_opacity(a: &Shape, b: &Shape) -> bool {
    (-70..70).map(f64::from).all(|frame| {
        let [a, b] = [a, b].map(|s| s.opacity_at(frame).unwrap_or(0.0));
        (a - b).abs() < 1e-3
    })
}

/// Writes and reads; the start frame of formats that count from it comes from the file where it holds one.
fn there_and_back(name: &str, document: &Document, settings: &Settings) -> Document {
    let (text, _) = named(name).write(document, settings).unwrap();
    let (again, _) = named(name).write(document, settings).unwrap();
    assert_eq!(text, again, "the same document gives the same text");
    let known = Settings { start_frame: None, ..*settings };
    named(name).read(text.as_bytes(), &known).unwrap().0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn shapes_through_nuke(shapes in prop::collection::vec(shape(true), 1..3), settings in settings()) {
        let mut document = Document::new(0, 0);
        document.shapes = shapes;
        let back = there_and_back("nuke", &document, &settings);
        prop_assert_eq!(back.shapes.len(), document.shapes.len());
        for (a, b) in document.shapes.iter().zip(&back.shapes) {
            prop_assert!(same_opacity(a, b), "{:?} {:?}", a.opacity_keys, b.opacity_keys);
            prop_assert!(distance(a, b, frames(a), true) < PX);
            prop_assert_eq!((a.closed, a.blend, a.invert), (b.closed, b.blend, b.invert));
            prop_assert_eq!(a.keys.len(), b.keys.len());
        }
    }

    #[test]
    fn shapes_through_silhouette(shapes in prop::collection::vec(shape(false), 1..3), settings in settings()) {
        let mut document = Document::new(0, 0);
        document.shapes = shapes;
        let back = there_and_back("silhouette", &document, &settings);
        prop_assert_eq!(back.shapes.len(), document.shapes.len());
        for (a, b) in document.shapes.iter().zip(&back.shapes) {
            prop_assert!(same_opacity(a, b), "{:?} {:?}", a.opacity_keys, b.opacity_keys);
            prop_assert!(distance(a, b, frames(a), false) < PX);
            prop_assert_eq!((a.closed, a.blend, a.invert), (b.closed, b.blend, b.invert));
            prop_assert_eq!(a.keys.len(), b.keys.len());
        }
    }

    /// Holds go out as two keys, which are the same on whole frames.
    #[test]
    fn shapes_through_fusion(shapes in prop::collection::vec(shape(false), 1..3), settings in settings()) {
        let mut document = Document::new(0, 0);
        document.shapes = shapes;
        let back = there_and_back("fusion", &document, &settings);
        prop_assert_eq!(back.shapes.len(), document.shapes.len());
        for (a, b) in document.shapes.iter().zip(&back.shapes) {
            prop_assert!(same_opacity(a, b), "{:?} {:?}", a.opacity_keys, b.opacity_keys);
            prop_assert!(distance(a, b, frames(a).map(f64::round), false) < PX);
            prop_assert_eq!((a.closed, a.invert), (b.closed, b.invert));
        }
    }

    #[test]
    fn tracks_through_all(
        keys in prop::collection::btree_map(-50..1200i32, pair(), 1..8),
        mut settings in settings(),
    ) {
        settings.start_frame = Some(7.0);
        let mut document = Document::new(0, 0);
        let keys = keys.into_iter().map(|(f, [x, y])| TrackKey::new(f64::from(f), x, y)).collect();
        document.tracks.push(Track { name: "nose tip".to_owned(), keys, extra: Extra::new() });
        for (name, reader) in
            [("nuke", "nuke"), ("nuke-tracker3", "nuke"), ("after-effects", "after-effects"), ("tracks", "tracks"), ("fusion", "fusion")]
        {
            let (text, _) = named(name).write(&document, &settings).unwrap();
            let (back, _) = named(reader).read(text.as_bytes(), &settings).unwrap();
            let (a, b) = (&document.tracks[0], &back.tracks[0]);
            prop_assert_eq!(a.keys.len(), b.keys.len());
            for (a, b) in a.keys.iter().zip(&b.keys) {
                prop_assert_eq!(a.frame, b.frame);
                prop_assert!((a.x - b.x).abs() < PX && (a.y - b.y).abs() < PX, "{}", name);
            }
            if name == "nuke" || name == "tracks" {
                prop_assert_eq!(&a.name, &b.name);
            }
        }
    }

    #[test]
    fn corner_pins_through_all(
        keys in prop::collection::btree_map(-50..1200i32, [pair(), pair(), pair(), pair()], 1..8),
        mut settings in settings(),
    ) {
        settings.start_frame = Some(7.0);
        let names = ["Lower Left", "Lower Right", "Upper Right", "Upper Left"];
        let mut document = Document::new(0, 0);
        document.tracks = (0..4)
            .map(|i| {
                let keys = keys.iter().map(|(f, places)| TrackKey::new(f64::from(*f), places[i][0], places[i][1]));
                Track::new(names[i], keys.collect())
            })
            .collect();
        for (name, reader) in [("nuke-corner-pin", "nuke"), ("after-effects-corner-pin", "after-effects")] {
            let (text, warnings) = named(name).write(&document, &settings).unwrap();
            prop_assert!(warnings.is_empty(), "{:?}", warnings);
            let (back, _) = named(reader).read(text.as_bytes(), &settings).unwrap();
            for a in &document.tracks {
                let b = back.tracks.iter().find(|t| t.name.contains(&a.name)).unwrap();
                prop_assert_eq!(a.keys.len(), b.keys.len());
                for (a, b) in a.keys.iter().zip(&b.keys) {
                    prop_assert_eq!(a.frame, b.frame);
                    prop_assert!((a.x - b.x).abs() < PX && (a.y - b.y).abs() < PX, "{}", name);
                }
            }
        }
    }
}

#[test]
fn names_and_colours_come_back() {
    for name in ["nuke", "silhouette"] {
        let (text, _) = named(name).write(&sample(), &Settings::default()).unwrap();
        let settings =
            Settings { par: Some(2.0), width: Some(320), height: Some(240), ..Settings::default() };
        let (back, warnings) = named(name).read(text.as_bytes(), &settings).unwrap();
        assert_eq!(warnings, [], "{name}");
        let told = |d: &Document| d.shapes.iter().map(|s| (s.name.clone(), s.color)).collect::<Vec<_>>();
        assert_eq!(told(&back), told(&sample()), "{name}");
    }
}

#[test]
fn what_a_format_cannot_carry_is_said() {
    let said = |name: &str| {
        let (_, warnings) = named(name).write(&sample(), &Settings::default()).unwrap();
        warnings.iter().map(|w| format!("{} {}", w.shape, w.property)).collect::<Vec<_>>()
    };
    let eye = "eye \"L\" <1> {}";
    assert_eq!(said("nuke"), [] as [&str; 0]);
    assert_eq!(said("silhouette"), [" tracks".to_owned(), format!("{eye} feather"), " frames".to_owned()]);
    assert_eq!(said("tracks"), [" shapes"]);
    assert!(said("natron").contains(&format!("{eye} blend mode")));
    assert!(said("fusion").contains(&format!("{eye} interpolation")));
}

#[test]
fn every_writer_gives_the_same_text_twice_and_plain_decimals() {
    let mut document = sample();
    for (name, x) in [("b", 20.0), ("c", 30.0), ("d", 40.0)] {
        document.tracks.push(Track::new(name, vec![TrackKey::new(1001.0, x, x)]));
    }
    for format in FORMATS.iter().filter(|f| f.can_write()) {
        let write = || format.write(&document, &Settings::default()).unwrap().0;
        let text = write();
        assert_eq!(text, write(), "{}", format.name);
        assert!(!text.contains("NaN") && !text.contains("inf"), "{}", format.name);
    }
}
