//! Images: every depth, every order of rows, and what hosts get wrong.

use std::sync::Mutex;
use std::sync::atomic::Ordering;

use ofx::{Components, Depth, Error, Image, Instance, RectI, RenderArgs, Result};
use ofx_sys as sys;

use crate::fake::{FakeHost, FakeImage, Value, effect};

const BOUNDS: RectI = RectI::new(-2, -1, 5, 4);
const ALL_DEPTHS: [Depth; 4] = [Depth::Byte, Depth::Short, Depth::Half, Depth::Float];
const ALL_COMPONENTS: [Components; 4] =
    [Components::Rgba, Components::Rgb, Components::Alpha, Components::MotionVectors];

/// Copies Source to Output through f32 RGBA, a window that sticks out of both.
fn copy(i: &Instance, args: &RenderArgs, window: RectI) -> Result<()> {
    let source = i.clip(c"Source")?.required_image(args.time, None)?;
    let mut pixels = vec![7.0; 4 * window.width() * window.height()];
    source.read_rgba_f32(window, &mut pixels)?;
    i.output(args.time)?.write_rgba_f32(window, &pixels)
}

effect!(Copy {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        copy(i, args, args.window)
    }
});

fn render(source: &'static FakeImage, output: &'static FakeImage, window: [i32; 4]) -> i32 {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Copy>();
    effect.connect(c"Source", source);
    effect.connect(c"Output", output);
    let status = plugin.render(effect, window);
    for clip in [c"Source", c"Output"] {
        assert_eq!(effect.clip(clip).held.load(Ordering::SeqCst), 0, "images of {clip:?} not released");
    }
    assert!(source.guards_hold() && output.guards_hold());
    status
}

/// Rows that tell where each sample is from; halves and floats are finite.
fn numbered(image: &FakeImage) {
    let samples = image.bounds.width() * image.components.channels();
    for y in image.bounds.y1..image.bounds.y2 {
        let value = |i: usize| (i as i32 + 40 * (y + 2)) as u8;
        let row: Vec<u8> = (0..samples)
            .flat_map(|i| match image.depth {
                Depth::Byte => vec![value(i)],
                Depth::Short => (u16::from(value(i)) * 257).to_ne_bytes().to_vec(),
                Depth::Half => ofx::image::f16_from_f32(f32::from(value(i)) / 255.0).to_ne_bytes().to_vec(),
                Depth::Float => (f32::from(value(i)) / 255.0).to_ne_bytes().to_vec(),
            })
            .collect();
        image.put_row(y, &row);
    }
}

#[test]
fn a_copy_is_exact_in_every_format_and_row_order() {
    for depth in ALL_DEPTHS {
        for components in ALL_COMPONENTS {
            for (source_down, output_down) in [(false, false), (true, false), (false, true), (true, true)] {
                let source = FakeImage::leak(BOUNDS, depth, components, source_down);
                let output = FakeImage::leak(BOUNDS, depth, components, output_down);
                numbered(source);
                assert_eq!(render(source, output, [-4, -3, 9, 6]), sys::kOfxStatOK);
                for y in BOUNDS.y1..BOUNDS.y2 {
                    assert_eq!(source.row(y), output.row(y), "{depth:?} {components:?} row {y}");
                }
            }
        }
    }
}

#[test]
fn only_the_window_is_written() {
    let source = FakeImage::leak(BOUNDS, Depth::Byte, Components::Rgba, false);
    let output = FakeImage::leak(BOUNDS, Depth::Byte, Components::Rgba, true);
    numbered(source);
    assert_eq!(render(source, output, [0, 1, 2, 3]), sys::kOfxStatOK);
    for y in BOUNDS.y1..BOUNDS.y2 {
        let (from, to) = (source.row(y), output.row(y));
        for x in BOUNDS.x1..BOUNDS.x2 {
            let at = (x - BOUNDS.x1) as usize * 4;
            let inside = (0..2).contains(&x) && (1..3).contains(&y);
            let expected = if inside { &from[at..at + 4] } else { &[0xa5; 4] };
            assert_eq!(&to[at..at + 4], expected, "{x} {y}");
        }
    }
}

static SEEN: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

effect!(Look {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        let source: Image<'_> = i.clip(c"Source")?.required_image(args.time, None)?;
        let mut pixels = vec![7.0; 4 * args.window.width() * args.window.height()];
        source.read_rgba_f32(args.window, &mut pixels)?;
        let mut one = vec![7.0; args.window.width() * args.window.height()];
        source.read_channel_f32(args.window, 0, &mut one)?;
        assert!(source.read_channel_f32(args.window, source.components.channels(), &mut one).is_err());
        assert!(source.read_rgba_f32(args.window, &mut one).is_err());
        assert!(source.view().row::<u8>(i32::MAX)?.is_none());
        assert_eq!(source.view().row::<f32>(source.bounds.y1).is_ok(), source.depth == Depth::Float);
        pixels.extend(one);
        SEEN.lock().unwrap().push(pixels);
        Ok(())
    }
});

#[test]
fn channels_land_where_they_should_top_row_first() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Look>();
    let look = |components: Components, bytes: [&[u8]; 2]| {
        let image = FakeImage::leak(RectI::new(0, 0, 1, 2), Depth::Byte, components, false);
        image.put_row(0, bytes[0]);
        image.put_row(1, bytes[1]);
        effect.connect(c"Source", image);
        assert_eq!(plugin.render(effect, [0, 0, 1, 2]), sys::kOfxStatOK);
        SEEN.lock().unwrap().pop().unwrap().iter().map(|v| (v * 255.0).round() as u8).collect::<Vec<_>>()
    };
    let rgba = look(Components::Rgba, [&[1, 2, 3, 4], &[5, 6, 7, 8]]);
    assert_eq!(rgba, [5, 6, 7, 8, 1, 2, 3, 4, 5, 1]);
    let rgb = look(Components::Rgb, [&[1, 2, 3], &[5, 6, 7]]);
    assert_eq!(rgb, [5, 6, 7, 255, 1, 2, 3, 255, 5, 1]);
    assert_eq!(look(Components::Alpha, [&[1], &[5]]), [0, 0, 0, 5, 0, 0, 0, 1, 5, 1]);
    assert_eq!(look(Components::Xy, [&[1, 2], &[5, 6]]), [5, 6, 0, 255, 1, 2, 0, 255, 5, 1]);
}

#[test]
fn vegas_has_blue_first() {
    let bounds = RectI::new(0, 0, 1, 1);
    let source = FakeImage::leak(bounds, Depth::Byte, Components::Rgba, false);
    source.put_row(0, &[1, 2, 3, 4]);
    source.break_with(c"OfxImageEffectPropPixelOrder", &[Value::from("OfxImagePixelOrderBGRA")]);
    let output = FakeImage::leak(bounds, Depth::Byte, Components::Rgba, false);
    assert_eq!(render(source, output, [0, 0, 1, 1]), sys::kOfxStatOK);
    assert_eq!(output.row(0), [3, 2, 1, 4]);
}

effect!(Paint {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        let mut output = i.output(args.time)?;
        let (width, x1) = (args.window.width(), args.window.x1);
        let values = [-1.0, 0.0, 0.5, 1.0, 2.0, f32::NAN, f32::INFINITY];
        let line: Vec<f32> = (0..width).flat_map(|x| [values[x % values.len()]; 4]).collect();
        i.parallel_each(output.rows_mut(args.window), |mut row| {
            row.write_rgba_f32(x1, &line);
            Ok(())
        })
    }
});

#[test]
fn integers_are_clamped_and_rounded_and_floats_are_not() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Paint>();
    let bounds = RectI::new(0, 0, 7, 9);
    let paint = |depth| {
        let image = FakeImage::leak(bounds, depth, Components::Alpha, true);
        effect.connect(c"Output", image);
        assert_eq!(plugin.render(effect, [0, 0, 7, 9]), sys::kOfxStatOK);
        assert!(image.guards_hold());
        assert_eq!(image.row(0), image.row(8));
        image.row(4)
    };
    assert_eq!(paint(Depth::Byte), [0, 0, 128, 255, 255, 0, 255]);
    let shorts: Vec<u16> = paint(Depth::Short).chunks(2).map(|b| u16::from_ne_bytes([b[0], b[1]])).collect();
    assert_eq!(shorts, [0, 0, 32768, 65535, 65535, 0, 65535]);
    let floats: Vec<f32> =
        paint(Depth::Float).chunks(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
    assert_eq!((floats[0], floats[4]), (-1.0, 2.0));
    assert!(floats[5].is_nan());
}

#[test]
fn a_connected_clip_without_an_image_is_a_missing_clip() {
    let mut host = FakeHost::new("DaVinciResolve");
    let (plugin, effect) = host.instance::<Copy>();
    let output = FakeImage::leak(BOUNDS, Depth::Float, Components::Rgba, false);
    effect.connect(c"Output", output);
    effect.clip(c"Source").props.set(sys::kOfxImageClipPropConnected, 1);
    assert_eq!(plugin.render(effect, [0, 0, 1, 1]), sys::kOfxStatFailed);
    let expected = Error::MissingClip("Source".to_owned()).to_string();
    assert_eq!(host.record.messages.lock().unwrap()[0].1, expected);
}

#[test]
fn images_that_make_no_sense_are_errors() {
    let rect = |r: [i32; 4]| r.map(Value::Int).to_vec();
    let cases: Vec<(&core::ffi::CStr, Vec<Value>)> = vec![
        (sys::kOfxImagePropRowBytes, vec![Value::Int(3)]),
        (sys::kOfxImagePropRowBytes, vec![]),
        (sys::kOfxImagePropBounds, rect([5, 0, 0, 4])),
        (sys::kOfxImagePropBounds, rect([i32::MIN, i32::MIN, i32::MAX, i32::MAX])),
        (sys::kOfxImagePropBounds, vec![]),
        (sys::kOfxImagePropData, vec![Value::Pointer(0)]),
        (sys::kOfxImageEffectPropPixelDepth, vec![Value::from(sys::kOfxBitDepthNone)]),
        (sys::kOfxImageEffectPropComponents, vec![Value::from("OfxImageComponentYUV")]),
    ];
    for (name, values) in cases {
        let source = FakeImage::leak(BOUNDS, Depth::Float, Components::Rgba, false);
        source.break_with(name, &values);
        let output = FakeImage::leak(BOUNDS, Depth::Float, Components::Rgba, false);
        assert_ne!(render(source, output, [0, 0, 1, 1]), sys::kOfxStatOK, "{name:?} {values:?}");
    }
}
