//! Rows of host pixels to and from f32 RGBA.

use super::half::{f16_from_f32, f32_from_f16};
use super::info::ImageInfo;
use crate::kinds::{Components, Depth};

/// Where a pixel's channels go in RGBA, and what those get that it lacks.
struct Mapping {
    /// For each of the pixel's channels, the RGBA channel.
    to: [usize; 4],
    /// RGBA before the pixel's channels are put in.
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

/// Calls `each(channel index within the row, value)` for every sample of a row.
fn samples(depth: Depth, row: &[u8]) -> impl Iterator<Item = f32> + '_ {
    row.chunks_exact(depth.bytes()).map(move |b| match (depth, b) {
        (Depth::Byte, &[v]) => f32::from(v) / 255.0,
        (Depth::Short, &[a, b]) => f32::from(u16::from_ne_bytes([a, b])) / 65535.0,
        (Depth::Half, &[a, b]) => f32_from_f16(u16::from_ne_bytes([a, b])),
        (Depth::Float, &[a, b, c, d]) => f32::from_ne_bytes([a, b, c, d]),
        _ => 0.0,
    })
}

/// Host pixels to RGBA. Alpha-only pixels get black colour, colour without alpha gets opaque. Stops at the shorter.
pub(crate) fn read_rgba(info: &ImageInfo, row: &[u8], dest: &mut [f32]) {
    let channels = info.components.channels();
    if info.depth == Depth::Float && info.components == Components::Rgba && !info.blue_first {
        for (d, v) in dest.iter_mut().zip(samples(Depth::Float, row)) {
            *d = v;
        }
        return;
    }
    let map = mapping(info);
    for (pixel, out) in row.chunks_exact(info.pixel_bytes()).zip(dest.chunks_exact_mut(4)) {
        out.copy_from_slice(&map.blank);
        for (v, &to) in samples(info.depth, pixel).zip(&map.to[..channels]) {
            out[to] = v;
        }
    }
}

/// One channel of host pixels. Stops at the shorter.
pub(crate) fn read_channel(info: &ImageInfo, row: &[u8], channel: usize, dest: &mut [f32]) {
    let size = info.depth.bytes();
    for (pixel, out) in row.chunks_exact(info.pixel_bytes()).zip(dest) {
        let sample = pixel.get(channel * size..(channel + 1) * size).unwrap_or_default();
        *out = samples(info.depth, sample).next().unwrap_or(0.0);
    }
}

/// RGBA to host pixels: integer depths are clamped to 0..1 and rounded, NaN becomes 0. Stops at the shorter.
pub(crate) fn write_rgba(info: &ImageInfo, row: &mut [u8], source: &[f32]) {
    let map = mapping(info);
    let (size, channels) = (info.depth.bytes(), info.components.channels());
    for (pixel, rgba) in row.chunks_exact_mut(info.pixel_bytes()).zip(source.chunks_exact(4)) {
        for (sample, &from) in pixel.chunks_exact_mut(size).zip(&map.to[..channels]) {
            write_sample(info.depth, sample, rgba[from]);
        }
    }
}

/// One channel into host pixels; the others stay.
pub(crate) fn write_channel(info: &ImageInfo, row: &mut [u8], channel: usize, source: &[f32]) {
    let size = info.depth.bytes();
    for (pixel, &value) in row.chunks_exact_mut(info.pixel_bytes()).zip(source) {
        if let Some(sample) = pixel.get_mut(channel * size..(channel + 1) * size) {
            write_sample(info.depth, sample, value);
        }
    }
}

fn write_sample(depth: Depth, sample: &mut [u8], value: f32) {
    // `as` saturates and takes NaN to 0.
    match depth {
        Depth::Byte => sample.copy_from_slice(&[(value * 255.0 + 0.5) as u8]),
        Depth::Short => sample.copy_from_slice(&((value * 65535.0 + 0.5) as u16).to_ne_bytes()),
        Depth::Half => sample.copy_from_slice(&f16_from_f32(value).to_ne_bytes()),
        Depth::Float => sample.copy_from_slice(&value.to_ne_bytes()),
    }
}
