//! Middlebury's flow files: `PIEH` as a float, width, height, then u right and v down in pixels, row by row from the top
//! (Baker et al., "A Database and Evaluation Methodology for Optical Flow", IJCV 2011; readme of its flow code).

use host::Picture;

const TAG: f32 = 202_021.25;

/// A flow file of two channels of a picture, the first to the right, the second up (OFX pixels).
pub(crate) fn encode(picture: &Picture, right: usize, up: usize) -> Vec<u8> {
    let bounds = picture.bounds();
    let (width, height) = (bounds.width(), bounds.height());
    let mut bytes = Vec::with_capacity(12 + width * height * 8);
    bytes.extend(TAG.to_le_bytes());
    bytes.extend((width as i32).to_le_bytes());
    bytes.extend((height as i32).to_le_bytes());
    for y in (bounds.y1..bounds.y2).rev() {
        for x in bounds.x1..bounds.x2 {
            bytes.extend(picture.sample(x, y, right).to_le_bytes());
            bytes.extend((-picture.sample(x, y, up)).to_le_bytes());
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::{Components, RectI};

    #[test]
    fn rows_are_top_down_and_v_points_down() {
        let f = |x: i32, y: i32| [x as f32, y as f32, 0.0, 0.0];
        let picture = Picture::from_fn(RectI::of_size(2, 2), Components::Rgba, f);
        let bytes = encode(&picture, 0, 1);
        assert_eq!(&bytes[..4], b"PIEH");
        let numbers: Vec<f32> =
            bytes[12..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        assert_eq!(numbers, [0.0, -1.0, 1.0, -1.0, 0.0, 0.0, 1.0, 0.0]);
    }
}
