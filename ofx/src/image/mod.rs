//! Images: what they are, and safe access to their pixels.

mod access;
mod convert;
mod half;
mod info;
mod output;

pub use access::{Image, ImageView, Sample};
pub use half::{f16_from_f32, f32_from_f16};
pub use info::ImageInfo;
pub use output::{OutputImage, RowMut};
