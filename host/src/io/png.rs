//! PNG: 8 and 16 bits, every colour type.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Encoder, Limits, Transformations};

use super::{bounds_of, from_file_rows};
use crate::picture::{Components, Depth, Picture, Premultiplication};

pub(super) fn read(bytes: &[u8]) -> Result<Picture, String> {
    let broken = |e: png::DecodingError| format!("this PNG cannot be read: {e}");
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: 1 << 30 });
    // Palettes, 1 to 4 bits and transparent colours become plain channels; 16 bits stay.
    decoder.set_transformations(Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(broken)?;
    let bounds = bounds_of(reader.info().width.into(), reader.info().height.into())?;
    let aspect = reader.info().pixel_dims.and_then(|d| {
        let ratio = f64::from(d.yppu) / f64::from(d.xppu);
        // Many tools write resolutions that differ by rounding; an anamorphic plate differs plainly.
        (ratio.is_finite() && (ratio - 1.0).abs() > 0.005 && (0.1..=10.0).contains(&ratio)).then_some(ratio)
    });
    let size = reader.output_buffer_size().ok_or("this PNG is too big to read")?;
    let mut memory = vec![0; size];
    let info = reader.next_frame(&mut memory).map_err(broken)?;
    memory.truncate(info.buffer_size());
    let depth = match info.bit_depth {
        BitDepth::Sixteen => Depth::Short,
        _ => Depth::Byte,
    };
    if depth == Depth::Short {
        for sample in memory.chunks_exact_mut(2) {
            sample.copy_from_slice(&u16::from_be_bytes([sample[0], sample[1]]).to_ne_bytes());
        }
    }
    let mut picture = from_file_rows(bounds, info.color_type.samples(), depth, &memory)?;
    picture.premultiplication = match picture.components() {
        Components::Rgba => Premultiplication::Unpremultiplied,
        _ => Premultiplication::Opaque,
    };
    picture.pixel_aspect = aspect.unwrap_or(1.0);
    Ok(picture)
}

/// Writes a byte or short picture; XY as RGB without blue.
pub(super) fn write(picture: &Picture) -> Result<Vec<u8>, String> {
    let wide;
    let (picture, color) = match picture.components() {
        Components::Rgba => (picture, ColorType::Rgba),
        Components::Rgb => (picture, ColorType::Rgb),
        Components::Alpha => (picture, ColorType::Grayscale),
        Components::Xy => {
            wide = picture.convert(Components::Rgb, picture.depth());
            (&wide, ColorType::Rgb)
        }
    };
    let (width, height) = (picture.bounds().width(), picture.bounds().height());
    let side = |n: usize| u32::try_from(n).map_err(|_| "the picture is too big for a PNG".to_owned());
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, side(width)?, side(height)?);
    encoder.set_color(color);
    encoder.set_depth(if picture.depth() == Depth::Byte { BitDepth::Eight } else { BitDepth::Sixteen });
    encoder.set_compression(png::Compression::Fast);
    let mut memory = Vec::with_capacity(picture.size_bytes());
    for row in 0..height {
        if picture.depth() == Depth::Byte {
            memory.extend_from_slice(picture.row_from_top(row));
        } else {
            let samples = picture.row_from_top(row).chunks_exact(2);
            memory.extend(samples.flat_map(|s| u16::from_ne_bytes([s[0], s[1]]).to_be_bytes()));
        }
    }
    let failed = |e: png::EncodingError| format!("the PNG cannot be made: {e}");
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&memory).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
