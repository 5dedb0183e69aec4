//! TIFF, to read: grey, RGB, each with alpha; 8, 16 bits, half and float.

use std::io::Cursor;

use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::{bounds_of, from_file_rows};
use crate::picture::{Components, Depth, Picture, Premultiplication};

/// The value of the tag ExtraSamples that says alpha is multiplied in (TIFF 6.0, section 18).
const ASSOCIATED_ALPHA: u16 = 1;

pub(super) fn read(bytes: &[u8]) -> Result<Picture, String> {
    let broken = |e: tiff::TiffError| format!("this TIFF cannot be read: {e}");
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(broken)?;
    let (width, height) = decoder.dimensions().map_err(broken)?;
    let bounds = bounds_of(width.into(), height.into())?;
    let channels = match decoder.colortype().map_err(broken)? {
        ColorType::Gray(_) => 1,
        ColorType::GrayA(_) => 2,
        ColorType::RGB(_) => 3,
        ColorType::RGBA(_) => 4,
        other => return Err(format!("{other:?} TIFF files cannot be read: save it as RGB or RGBA")),
    };
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).map_err(broken)?.unwrap_or_default();
    let picture = match decoder.read_image().map_err(broken)? {
        DecodingResult::U8(v) => from_file_rows(bounds, channels, Depth::Byte, &v),
        DecodingResult::U16(v) => from_file_rows(bounds, channels, Depth::Short, bytemuck::cast_slice(&v)),
        DecodingResult::F16(v) => from_file_rows(bounds, channels, Depth::Half, bytemuck::cast_slice(&v)),
        DecodingResult::F32(v) => from_file_rows(bounds, channels, Depth::Float, bytemuck::cast_slice(&v)),
        _ => Err("only 8 bit, 16 bit, half and float TIFF files can be read".to_owned()),
    };
    let mut picture = picture?;
    picture.premultiplication = match (picture.components(), extra.first()) {
        (Components::Rgba, Some(&ASSOCIATED_ALPHA)) => Premultiplication::Premultiplied,
        (Components::Rgba, _) => Premultiplication::Unpremultiplied,
        _ => Premultiplication::Opaque,
    };
    Ok(picture)
}
