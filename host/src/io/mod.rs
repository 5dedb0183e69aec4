//! Pictures in files: reading, writing, and numbered sequences.
//!
//! Values go through as they are: no colour conversion, no multiplication by alpha. A file's format is told by its
//! first bytes when read and by its extension when written. Writing is atomic: a reader sees the old file or the new.
//!
//! | module | holds |
//! |---|---|
//! | [`pattern`] | [`Pattern`]: `shot.%04d.png`, `shot.####.png`, a plain file |
//! | [`sequence`] | [`Sequence`]: a pattern's files as a [`FrameSource`](crate::source::FrameSource) |
//! | [`layers`] | what EXR channel names mean, and which planes are motion |
//! | `png`, `exr`, `jpeg`, `tiff` | one format each |

mod error;
mod exr;
mod jpeg;
pub mod layers;
pub mod pattern;
mod png;
pub mod sequence;
mod tiff;

use std::path::Path;

use crate::picture::{Components, Depth, Picture, RectI};

pub use error::IoError;
pub use pattern::Pattern;
pub use sequence::{Role, Sequence};

/// Pixels a picture may have; a header that claims more is taken for a broken file.
const MAX_PIXELS: u64 = 1 << 28;

/// A plane beside the main picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Its name in the file, such as `forward` or `motion.fwd`.
    pub name: String,
    /// Two channels as XY, three as RGB, four as RGBA, one as Alpha; the bounds are the main picture's.
    pub picture: Picture,
}

/// What one file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// The main picture: colour, or the first plane of a file without colour.
    pub picture: Picture,
    /// Everything else that is named, in the file's order.
    pub planes: Vec<Plane>,
}

impl From<Picture> for Frame {
    fn from(picture: Picture) -> Self {
        Frame { picture, planes: Vec::new() }
    }
}

/// Reads a PNG, EXR, JPEG or TIFF file.
pub fn read(path: &Path) -> Result<Frame, IoError> {
    let bytes = std::fs::read(path).map_err(|e| IoError::system(path, &e))?;
    let frame = if bytes.starts_with(&[0x89, b'P', b'N', b'G']) {
        png::read(&bytes).map(Frame::from)
    } else if bytes.starts_with(&[0x76, 0x2f, 0x31, 0x01]) {
        exr::read(bytes)
    } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        jpeg::read(&bytes).map(Frame::from)
    } else if bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") {
        tiff::read(&bytes).map(Frame::from)
    } else if bytes.is_empty() {
        Err("the file is empty".to_owned())
    } else {
        Err("this is not a PNG, EXR, JPEG or TIFF picture".to_owned())
    };
    frame.map_err(|what| IoError::new(path, what))
}

/// A kind of file that pictures are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 8 or 16 bits, grey, RGB or RGBA.
    Png,
    /// Half or float, any components.
    Exr,
}

impl Format {
    /// What the extension asks for.
    pub fn of(path: &Path) -> Result<Format, IoError> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "png" => Ok(Format::Png),
            "exr" => Ok(Format::Exr),
            "" => Err(IoError::new(path, "has no extension: end its name in .png or .exr")),
            other => {
                Err(IoError::new(path, format!("cannot write .{other} files: end its name in .png or .exr")))
            }
        }
    }

    /// The depth this format stores a picture of `depth` in.
    pub fn depth_for(self, depth: Depth) -> Depth {
        match (self, depth) {
            (Format::Png, Depth::Byte) => Depth::Byte,
            (Format::Png, _) => Depth::Short,
            (Format::Exr, Depth::Half | Depth::Byte) => Depth::Half,
            (Format::Exr, _) => Depth::Float,
        }
    }
}

/// Writes a picture as the kind of file its extension asks for, at the depth of the picture (PNG takes half and float
/// as 16 bits, EXR takes 8 bits as half and 16 bits as float). A picture with alpha alone is a grey PNG.
pub fn write(path: &Path, picture: &Picture) -> Result<(), IoError> {
    let format = Format::of(path)?;
    let stored = picture.convert(picture.components(), format.depth_for(picture.depth()));
    let bytes = match format {
        Format::Png => png::write(&stored),
        Format::Exr => exr::write(&stored),
    }
    .map_err(|what| IoError::new(path, what))?;
    write_bytes(path, &bytes)
}

/// Writes a file whole or not at all, in place of what is there. A folder that is missing is made.
pub fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), IoError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder.and_then(|()| files::replace_soon(path, bytes)).map_err(|e| IoError::system(path, &e))
}

/// The bounds of a picture that a file says has this size.
fn bounds_of(width: u64, height: u64) -> Result<RectI, String> {
    let (w, h) = (i32::try_from(width), i32::try_from(height));
    match (w, h) {
        (Ok(w), Ok(h)) if w > 0 && h > 0 && width * height <= MAX_PIXELS => Ok(RectI::of_size(w, h)),
        _ => Err(format!("its header says {width}x{height} pixels: the file is damaged, or too big to read")),
    }
}

/// A picture of rows as a file has them: `channels` of grey, grey and alpha, RGB or RGBA. Grey becomes RGB.
fn from_file_rows(bounds: RectI, channels: usize, depth: Depth, memory: &[u8]) -> Result<Picture, String> {
    let n = depth.bytes();
    let spread = |alpha: bool| -> Vec<u8> {
        let pixel = if alpha { 2 * n } else { n };
        memory
            .chunks_exact(pixel)
            .flat_map(|p| [&p[..n], &p[..n], &p[..n], &p[n..]])
            .flatten()
            .copied()
            .collect()
    };
    let picture = match channels {
        1 => Picture::from_top_down(bounds, Components::Rgb, depth, &spread(false)),
        2 => Picture::from_top_down(bounds, Components::Rgba, depth, &spread(true)),
        3 => Picture::from_top_down(bounds, Components::Rgb, depth, memory),
        4 => Picture::from_top_down(bounds, Components::Rgba, depth, memory),
        n => return Err(format!("it has {n} channels a pixel, which is not a picture this tool reads")),
    };
    picture.ok_or_else(|| "its pixels end too early: the file is damaged".to_owned())
}

#[cfg(test)]
mod tests;
