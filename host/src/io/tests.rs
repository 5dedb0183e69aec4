use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::picture::Premultiplication;
use crate::source::{FrameSource, SourceError};

fn ramp(width: i32, height: i32, components: Components, depth: Depth) -> Picture {
    let of = |v: i32| (v % 61) as f32 / 61.0;
    Picture::from_fn(RectI::of_size(width, height), components, |x, y| {
        [of(x), of(y), of(x * y + 7), of(x + 2 * y + 1)]
    })
    .convert(components, depth)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }
}

#[test]
fn png_and_exr_keep_every_bit() {
    let folder = Folder::new();
    let cases = [
        ("a.png", Components::Rgba, Depth::Byte),
        ("b.png", Components::Rgb, Depth::Short),
        ("c.png", Components::Rgba, Depth::Short),
        ("d.exr", Components::Rgba, Depth::Half),
        ("e.exr", Components::Rgb, Depth::Float),
        ("f.exr", Components::Alpha, Depth::Float),
        ("g.EXR", Components::Xy, Depth::Half),
    ];
    for (name, components, depth) in cases {
        let path = folder.path(name);
        let picture = ramp(23, 11, components, depth);
        write(&path, &picture).unwrap();
        let back = read(&path).unwrap().picture;
        assert_eq!((back.components(), back.depth()), (components, depth), "{name}");
        assert_eq!((back.bounds(), back.bytes()), (picture.bounds(), picture.bytes()), "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), cases.len());
}

#[test]
fn alpha_alone_is_a_grey_png() {
    let folder = Folder::new();
    let path = folder.path("new/folder/m.png");
    let picture = ramp(9, 5, Components::Alpha, Depth::Float);
    write(&path, &picture).unwrap();
    let back = read(&path).unwrap().picture;
    assert_eq!((back.components(), back.depth()), (Components::Rgb, Depth::Short));
    for (x, y) in [(0, 0), (8, 4), (3, 2)] {
        let (a, [r, g, b, _]) = (picture.pixel(x, y)[3], back.pixel(x, y));
        assert!((r - a).abs() < 1e-5 && r == g && g == b);
    }
}

/// Encodes a PNG whose rows are given top-down.
fn png_file(color: ::png::ColorType, bits: ::png::BitDepth, size: (u32, u32), rows: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, size.0, size.1);
    encoder.set_color(color);
    encoder.set_depth(bits);
    if color == ::png::ColorType::Indexed {
        encoder.set_palette(vec![255, 0, 0, 0, 0, 255]);
        encoder.set_trns(vec![255, 0]);
    }
    encoder.write_header().unwrap().write_image_data(rows).unwrap();
    bytes
}

#[test]
fn every_kind_of_png_is_expanded() {
    use ::png::{BitDepth, ColorType};
    let grey = png::read(&png_file(ColorType::Grayscale, BitDepth::Eight, (1, 2), &[255, 0])).unwrap();
    // The first row of a file is the upper one.
    assert_eq!((grey.pixel(0, 1), grey.pixel(0, 0)), ([1.0; 4], [0.0, 0.0, 0.0, 1.0]));
    let ga = png::read(&png_file(ColorType::GrayscaleAlpha, BitDepth::Sixteen, (1, 1), &[255, 255, 0, 0]));
    let ga = ga.unwrap();
    assert_eq!((ga.pixel(0, 0), ga.depth()), ([1.0, 1.0, 1.0, 0.0], Depth::Short));
    assert_eq!(ga.premultiplication, Premultiplication::Unpremultiplied);
    let bits = png::read(&png_file(ColorType::Grayscale, BitDepth::One, (2, 1), &[0b1000_0000])).unwrap();
    assert_eq!((bits.pixel(0, 0)[0], bits.pixel(1, 0)[0]), (1.0, 0.0));
    let palette = png::read(&png_file(ColorType::Indexed, BitDepth::Eight, (2, 1), &[0, 1])).unwrap();
    assert_eq!((palette.pixel(0, 0), palette.pixel(1, 0)), ([1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0]));
}

#[test]
fn layers_of_an_exr_are_planes_in_place() {
    use ::exr::prelude::{
        AnyChannel, AnyChannels, Encoding, FlatSamples, Image, IntegerBounds, Layer, LayerAttributes, Vec2,
        WritableImage,
    };
    let channel = |name: &str, v: f32| AnyChannel::new(name, FlatSamples::F32(vec![v, v + 1.0]));
    let list: [AnyChannel<FlatSamples>; 4] =
        [("fwd.x", 1.0), ("fwd.y", 10.0), ("bwd.x", 100.0), ("bwd.y", 1000.0)].map(|(n, v)| channel(n, v));
    // Two pixels, one over the other, in the right column of a display window of 2 x 3 that begins at (5, 5).
    let attributes = LayerAttributes { layer_position: Vec2(6, 6), ..LayerAttributes::default() };
    let channels = AnyChannels::sort(list.into_iter().collect());
    let mut image = Image::from_layer(Layer::new((1, 2), attributes, Encoding::SMALL_LOSSLESS, channels));
    image.attributes.display_window = IntegerBounds::new((5, 5), (2, 3));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write().to_buffered(&mut bytes).unwrap();
    let frame = exr::read(bytes.into_inner()).unwrap();
    assert_eq!(frame.picture.bounds(), RectI::of_size(2, 3));
    let names: Vec<&str> = frame.planes.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["bwd", "fwd"]);
    let fwd = &frame.planes[1].picture;
    assert_eq!(fwd.components(), Components::Xy);
    assert_eq!(
        (fwd.pixel(1, 1)[..2].to_vec(), fwd.pixel(1, 0)[..2].to_vec()),
        (vec![1.0, 10.0], vec![2.0, 11.0])
    );
    assert_eq!((fwd.pixel(1, 2), fwd.pixel(0, 1)), ([0.0; 4], [0.0; 4]));
    // Without colour the main picture is the motion, forward and backward.
    assert_eq!(frame.picture.pixel(1, 1), [1.0, 10.0, 100.0, 1000.0]);
}

#[test]
fn parts_of_an_exr_are_planes() {
    use ::exr::prelude::{
        AnyChannel, AnyChannels, Encoding, FlatSamples, Image, ImageAttributes, IntegerBounds, Layer,
        LayerAttributes, Vec2, WritableImage,
    };
    let part = |name: &str, channels: &[(&str, f32)]| {
        let list = channels.iter().map(|&(n, v)| AnyChannel::new(n, FlatSamples::F32(vec![v])));
        Layer::new(
            (1, 1),
            LayerAttributes::named(name),
            Encoding::FAST_LOSSLESS,
            AnyChannels::sort(list.collect()),
        )
    };
    let parts = [
        part("rgba", &[("R", 1.0), ("G", 2.0), ("B", 3.0), ("A", 4.0)]),
        part("forward", &[("forward.u", 5.0), ("forward.v", 6.0)]),
        part("backward", &[("u", 7.0), ("v", 8.0)]),
    ];
    let attributes = ImageAttributes::new(IntegerBounds::new((0, 0), Vec2(1, 1)));
    let image = Image::from_layers(attributes, parts.to_vec());
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write().to_buffered(&mut bytes).unwrap();
    let frame = exr::read(bytes.into_inner()).unwrap();
    assert_eq!(frame.picture.pixel(0, 0), [1.0, 2.0, 3.0, 4.0]);
    let motion = layers::motion(&frame).unwrap();
    assert_eq!(motion.pixel(0, 0), [5.0, 6.0, 7.0, 8.0]);
}

/// 4 x 3 blocks of 8 x 8, each one grey: 0, 20, 40 ... from the top left.
#[test]
fn jpeg_is_read() {
    let picture = jpeg::read(include_bytes!("testdata/grey.jpg")).unwrap();
    assert_eq!((picture.bounds(), picture.components()), (RectI::of_size(32, 24), Components::Rgb));
    let level = |x, y| (picture.pixel(x, y)[0] * 255.0).round();
    assert_eq!((level(0, 23), level(31, 23), level(8, 8), level(31, 0)), (0.0, 60.0, 100.0, 220.0));
}

#[test]
fn tiff_is_read() {
    use ::tiff::encoder::{TiffEncoder, colortype};
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
    encoder.write_image::<colortype::RGB16>(1, 2, &[65535, 0, 0, 0, 65535, 0]).unwrap();
    let picture = tiff::read(&bytes.into_inner()).unwrap();
    assert_eq!((picture.pixel(0, 1), picture.pixel(0, 0)), ([1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]));
}

/// Files cut short and files with wrong bytes give an error or a picture, never a crash.
#[test]
fn damaged_files_are_errors() {
    let folder = Folder::new();
    write(&folder.path("a.png"), &ramp(40, 30, Components::Rgba, Depth::Byte)).unwrap();
    write(&folder.path("a.exr"), &ramp(40, 30, Components::Rgba, Depth::Half)).unwrap();
    let mut tiff = std::io::Cursor::new(Vec::new());
    let pixels = vec![128u8; 40 * 30 * 3];
    ::tiff::encoder::TiffEncoder::new(&mut tiff)
        .unwrap()
        .write_image::<::tiff::encoder::colortype::RGB8>(40, 30, &pixels)
        .unwrap();
    std::fs::write(folder.path("a.tiff"), tiff.into_inner()).unwrap();
    std::fs::write(folder.path("a.jpg"), include_bytes!("testdata/grey.jpg")).unwrap();
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for name in ["a.png", "a.exr", "a.tiff", "a.jpg"] {
        let good = std::fs::read(folder.path(name)).unwrap();
        read(&folder.path(name)).unwrap();
        let bad = folder.path("bad");
        for i in 0..60 {
            std::fs::write(&bad, &good[..good.len() * i / 61]).unwrap();
            let error = read(&bad);
            assert!(error.is_err(), "{name} cut to {i}/61");
            assert!(error.unwrap_err().to_string().contains("bad: "));
        }
        for _ in 0..120 {
            let mut bytes = good.clone();
            for _ in 0..1 + random(4) {
                let at = random(bytes.len().min(600));
                bytes[at] = random(256) as u8;
            }
            std::fs::write(&bad, &bytes).unwrap();
            let _ = read(&bad);
        }
    }
}

#[test]
fn errors_name_the_file_and_the_cause() {
    let folder = Folder::new();
    std::fs::write(folder.path("t.png"), b"hello").unwrap();
    let says = |result: Result<Frame, IoError>| result.unwrap_err().to_string();
    assert!(
        says(read(&folder.path("t.png"))).ends_with("t.png: this is not a PNG, EXR, JPEG or TIFF picture")
    );
    assert!(says(read(&folder.path("n.png"))).ends_with("n.png: there is no such file"));
    let error = write(&folder.path("a.gif"), &ramp(1, 1, Components::Rgb, Depth::Byte)).unwrap_err();
    assert!(error.to_string().ends_with("cannot write .gif files: end its name in .png or .exr"));
}

#[test]
fn a_sequence_gives_frames_and_says_which_there_are() {
    let folder = Folder::new();
    for frame in [1, 2, 3, 5] {
        let mut picture = ramp(8, 8, Components::Rgb, Depth::Byte);
        picture.set_pixel(0, 0, [frame as f32 / 255.0, 0.0, 0.0, 1.0]);
        write(&folder.path(&format!("s.{frame:04}.png")), &picture).unwrap();
    }
    let sequence = Sequence::open(&folder.text("s.####.png")).unwrap().with_cache_limit(0);
    assert_eq!((sequence.frame_range(), sequence.frames()), ((1.0, 5.0), &[1, 2, 3, 5][..]));
    for time in [1.0, 2.0, 3.2, 5.0, 1.0, 2.0] {
        let red = sequence.picture(time).unwrap().pixel(0, 0)[0] * 255.0;
        assert_eq!(red.round(), time.round() as f32);
    }
    let kept = sequence.picture(2.0).unwrap();
    assert!(Arc::ptr_eq(&kept, &sequence.picture(2.0).unwrap()));
    match sequence.picture(4.0) {
        Err(SourceError::Missing(text)) => {
            assert!(text.ends_with("there is no frame 4; there are frames 1-3, 5"), "{text}");
        }
        other => panic!("{other:?}"),
    }
    // A frame that breaks, and is mended.
    let good = std::fs::read(folder.path("s.0003.png")).unwrap();
    std::fs::write(folder.path("s.0003.png"), b"").unwrap();
    assert!(matches!(sequence.picture(3.0), Err(SourceError::Broken(_))));
    std::fs::write(folder.path("s.0003.png"), good).unwrap();
    assert!(sequence.picture(3.0).is_ok());
    write(&folder.path("s.0003.png"), &ramp(9, 8, Components::Rgb, Depth::Byte)).unwrap();
    for time in [1.0, 2.0, 5.0] {
        sequence.picture(time).unwrap();
    }
    let error = sequence.picture(3.0).unwrap_err().to_string();
    assert!(error.contains("it is 9x8 pixels, but the sequence begins with 8x8"), "{error}");
    assert!(
        Sequence::open(&folder.text("x.####.png")).unwrap_err().to_string().contains("no file has a name")
    );
    let still = Sequence::open(&folder.text("s.0001.png")).unwrap();
    assert!(still.picture(77.0).is_ok());
}

#[test]
fn threads_share_the_cache() {
    let folder = Folder::new();
    for frame in 0..6 {
        write(&folder.path(&format!("s{frame}.png")), &ramp(64, 64, Components::Rgba, Depth::Byte)).unwrap();
    }
    let sequence = Sequence::open(&folder.text("s%d.png")).unwrap().with_cache_limit(0);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let sequence = &sequence;
            scope.spawn(move || {
                for i in 0..60 {
                    sequence.picture(f64::from((i * 7 + thread) % 6)).unwrap();
                }
            });
        }
    });
}
