//! JPEG, to read.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::{bounds_of, from_file_rows};
use crate::picture::{Depth, Picture};

pub(super) fn read(bytes: &[u8]) -> Result<Picture, String> {
    let broken = |e| format!("this JPEG cannot be read: {e}");
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB).set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let info = decoder.info().ok_or("this JPEG has no header")?;
    let bounds = bounds_of(info.width.into(), info.height.into())?;
    let memory = decoder.decode().map_err(broken)?;
    let channels = decoder.output_colorspace().map_or(3, |c| c.num_components());
    from_file_rows(bounds, channels, Depth::Byte, &memory)
}
