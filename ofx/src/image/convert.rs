//! Rows of host pixels to and from f32 RGBA.

use super::half::{f16_from_f32, f32_from_f16};
use super::info::ImageInfo;
use crate::kinds::{Components, Depth};

/// How a sample is stored. The slices are `BYTES` long.
trait Codec {
    const BYTES: usize;
    fn load(bytes: &[u8]) -> f32;
    fn store(value: f32, bytes: &mut [u8]);
}

struct Byte;
struct Short;
struct Half;
struct Float;

impl Codec for Byte {
    const BYTES: usize = 1;

    fn load(b: &[u8]) -> f32 {
        f32::from(b[0]) / 255.0
    }

    fn store(value: f32, b: &mut [u8]) {
        // `as` saturates and takes NaN to 0.
        b[0] = (value * 255.0 + 0.5) as u8;
    }
}

impl Codec for Short {
    const BYTES: usize = 2;

    fn load(b: &[u8]) -> f32 {
        f32::from(u16::from_ne_bytes([b[0], b[1]])) / 65535.0
    }

    fn store(value: f32, b: &mut [u8]) {
        b.copy_from_slice(&((value * 65535.0 + 0.5) as u16).to_ne_bytes());
    }
}

impl Codec for Half {
    const BYTES: usize = 2;

    fn load(b: &[u8]) -> f32 {
        f32_from_f16(u16::from_ne_bytes([b[0], b[1]]))
    }

    fn store(value: f32, b: &mut [u8]) {
        b.copy_from_slice(&f16_from_f32(value).to_ne_bytes());
    }
}

impl Codec for Float {
    const BYTES: usize = 4;

    fn load(b: &[u8]) -> f32 {
        f32::from_ne_bytes([b[0], b[1], b[2], b[3]])
    }

    fn store(value: f32, b: &mut [u8]) {
        b.copy_from_slice(&value.to_ne_bytes());
    }
}

/// Calls a function that is generic over the codec.
macro_rules! with_codec {
    ($depth:expr, $function:ident :: <_ $(, $n:literal)?>($($arg:expr),*)) => {
        match $depth {
            Depth::Byte => $function::<Byte $(, $n)?>($($arg),*),
            Depth::Short => $function::<Short $(, $n)?>($($arg),*),
            Depth::Half => $function::<Half $(, $n)?>($($arg),*),
            Depth::Float => $function::<Float $(, $n)?>($($arg),*),
        }
    };
}

/// Calls a function that is generic over the codec and the number of channels.
macro_rules! with_format {
    ($info:expr, $function:ident($($arg:expr),*)) => {
        match $info.components.channels() {
            1 => with_codec!($info.depth, $function::<_, 1>($($arg),*)),
            2 => with_codec!($info.depth, $function::<_, 2>($($arg),*)),
            3 => with_codec!($info.depth, $function::<_, 3>($($arg),*)),
            _ => with_codec!($info.depth, $function::<_, 4>($($arg),*)),
        }
    };
}

/// Where a pixel's channels go in RGBA, and what RGBA is where it has none.
struct Mapping {
    to: [usize; 4],
    blank: [f32; 4],
}

fn mapping(info: &ImageInfo) -> Mapping {
    let opaque = [0.0, 0.0, 0.0, 1.0];
    match (info.components, info.blue_first) {
        (Components::Alpha | Components::Custom(1), _) => Mapping { to: [3, 0, 0, 0], blank: [0.0; 4] },
        (Components::Rgba | Components::Rgb, true) => Mapping { to: [2, 1, 0, 3], blank: opaque },
        _ => Mapping { to: [0, 1, 2, 3], blank: opaque },
    }
}

fn has_plain_order(info: &ImageInfo) -> bool {
    info.components.channels() == 4 && !info.blue_first
}

/// Host pixels to RGBA. Alpha-only pixels get black colour, colour without alpha gets opaque. Stops at the shorter.
pub(super) fn read_rgba(info: &ImageInfo, row: &[u8], dest: &mut [f32]) {
    if has_plain_order(info) {
        with_codec!(info.depth, load_all::<_>(row, dest));
    } else {
        with_format!(info, load_pixels(row, dest, &mapping(info)));
    }
}

fn load_all<C: Codec>(row: &[u8], dest: &mut [f32]) {
    for (sample, out) in row.chunks_exact(C::BYTES).zip(dest) {
        *out = C::load(sample);
    }
}

fn load_pixels<C: Codec, const N: usize>(row: &[u8], dest: &mut [f32], map: &Mapping) {
    for (pixel, out) in row.chunks_exact(N * C::BYTES).zip(dest.chunks_exact_mut(4)) {
        out.copy_from_slice(&map.blank);
        for (sample, &to) in pixel.chunks_exact(C::BYTES).zip(&map.to) {
            out[to] = C::load(sample);
        }
    }
}

/// One channel of host pixels. Stops at the shorter.
pub(super) fn read_channel(info: &ImageInfo, row: &[u8], channel: usize, dest: &mut [f32]) {
    with_format!(info, load_channel(row, channel, dest));
}

fn load_channel<C: Codec, const N: usize>(row: &[u8], channel: usize, dest: &mut [f32]) {
    for (pixel, out) in row.chunks_exact(N * C::BYTES).zip(dest) {
        *out = pixel.chunks_exact(C::BYTES).nth(channel).map_or(0.0, C::load);
    }
}

/// RGBA to host pixels: integer depths are clamped to 0..1 and rounded, NaN becomes 0. Stops at the shorter.
pub(super) fn write_rgba(info: &ImageInfo, row: &mut [u8], source: &[f32]) {
    if has_plain_order(info) {
        with_codec!(info.depth, store_all::<_>(row, source));
    } else {
        with_format!(info, store_pixels(row, source, &mapping(info)));
    }
}

fn store_all<C: Codec>(row: &mut [u8], source: &[f32]) {
    for (sample, &value) in row.chunks_exact_mut(C::BYTES).zip(source) {
        C::store(value, sample);
    }
}

fn store_pixels<C: Codec, const N: usize>(row: &mut [u8], source: &[f32], map: &Mapping) {
    for (pixel, rgba) in row.chunks_exact_mut(N * C::BYTES).zip(source.chunks_exact(4)) {
        for (sample, &from) in pixel.chunks_exact_mut(C::BYTES).zip(&map.to) {
            C::store(rgba[from], sample);
        }
    }
}

/// One channel into host pixels; the others stay.
pub(super) fn write_channel(info: &ImageInfo, row: &mut [u8], channel: usize, source: &[f32]) {
    with_format!(info, store_channel(row, channel, source));
}

fn store_channel<C: Codec, const N: usize>(row: &mut [u8], channel: usize, source: &[f32]) {
    for (pixel, &value) in row.chunks_exact_mut(N * C::BYTES).zip(source) {
        if let Some(sample) = pixel.chunks_exact_mut(C::BYTES).nth(channel) {
            C::store(value, sample);
        }
    }
}
