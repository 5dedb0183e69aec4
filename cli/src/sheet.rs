//! Tiles side by side, each with its frame number.

use host::{Components, Depth, Picture, RectI};

/// Between tiles and around them, px.
const GAP: i32 = 4;
const BACKGROUND: [f32; 4] = [0.1, 0.1, 0.1, 1.0];

/// Digits 0 to 9 and a hyphen, three columns by five rows, the top row first, its left column the highest bit.
const GLYPHS: [[u8; 5]; 11] = [
    [7, 5, 5, 5, 7],
    [2, 6, 2, 2, 7],
    [7, 1, 7, 4, 7],
    [7, 1, 7, 1, 7],
    [5, 5, 7, 1, 1],
    [7, 4, 7, 1, 7],
    [7, 4, 7, 5, 7],
    [7, 1, 1, 2, 2],
    [7, 5, 7, 5, 7],
    [7, 5, 7, 1, 7],
    [0, 0, 7, 0, 0],
];

/// A sheet being filled, from the left, row by row from the top.
pub(crate) struct Sheet {
    picture: Picture,
    columns: i32,
    tile: (i32, i32),
    count: i32,
}

impl Sheet {
    /// A sheet `width` pixels wide of `count` pictures with `aspect` (width over height as displayed); `None` where the tiles
    /// would have no pixels or the sheet too many.
    pub(crate) fn new(count: usize, columns: usize, width: u32, aspect: f64) -> Option<Sheet> {
        let rows = i32::try_from(count.div_ceil(columns)).ok()?;
        let columns = i32::try_from(columns).ok()?;
        let width = i32::try_from(width).ok()?;
        let tile_width = width.checked_sub(GAP.checked_mul(columns.checked_add(1)?)?)? / columns;
        let tile_height = (f64::from(tile_width) / aspect).round().max(1.0) as i32;
        let height = rows.checked_mul(tile_height.checked_add(GAP)?)?.checked_add(GAP)?;
        if tile_width < 1 || i64::from(width) * i64::from(height) > 1 << 28 {
            return None;
        }
        let mut picture = Picture::new(RectI::of_size(width, height), Components::Rgb, Depth::Byte);
        fill(&mut picture, RectI::of_size(width, height), BACKGROUND);
        Some(Sheet { picture, columns, tile: (tile_width, tile_height), count: 0 })
    }

    /// Puts the next picture, resized to a tile, with its frame number.
    pub(crate) fn add(&mut self, frame: i64, picture: &Picture) {
        let (width, height) = self.tile;
        let bounds = picture.bounds();
        let scale = |to: i32, from: usize| f64::from(to) / from.max(1) as f64;
        let small = picture
            .clone()
            .moved_to(0, 0)
            .scaled(scale(width, bounds.width()), scale(height, bounds.height()));
        let left = GAP + self.count % self.columns * (width + GAP);
        let top = self.picture.bounds().y2 - GAP - self.count / self.columns * (height + GAP);
        for y in 0..height {
            for x in 0..width {
                self.picture.set_pixel(left + x, top - height + y, small.pixel(x, y));
            }
        }
        self.number(frame, left, top);
        self.count += 1;
    }

    /// The finished sheet.
    pub(crate) fn into_picture(self) -> Picture {
        self.picture
    }

    /// White digits on black in a tile's upper left corner.
    fn number(&mut self, frame: i64, left: i32, top: i32) {
        let size = (self.tile.0 / 120).clamp(1, 4);
        let text = frame.to_string();
        let width = 4 * size * i32::try_from(text.len()).unwrap_or(0) + size;
        if width > self.tile.0 || 7 * size > self.tile.1 {
            return;
        }
        fill(&mut self.picture, RectI::new(left, top - 7 * size, left + width, top), [0.0, 0.0, 0.0, 1.0]);
        for (i, character) in (0..).zip(text.chars()) {
            let glyph = character.to_digit(10).map_or(10, |d| d as usize);
            for (row, bits) in (0..).zip(GLYPHS[glyph]) {
                for column in 0..3 {
                    if bits >> (2 - column) & 1 == 1 {
                        let x = left + size * (1 + 4 * i + column);
                        let y = top - size * (2 + row);
                        fill(&mut self.picture, RectI::new(x, y, x + size, y + size), [1.0; 4]);
                    }
                }
            }
        }
    }
}

fn fill(picture: &mut Picture, area: RectI, colour: [f32; 4]) {
    for y in area.y1..area.y2 {
        for x in area.x1..area.x2 {
            picture.set_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_go_from_the_left_and_the_top() {
        let mut sheet = Sheet::new(3, 2, 212, 2.0).unwrap();
        for frame in 0..3 {
            let grey = (frame + 1) as f32 * 0.2;
            let picture = Picture::from_fn(RectI::of_size(50, 25), Components::Rgb, |_, _| [grey; 4]);
            sheet.add(frame, &picture);
        }
        let sheet = sheet.into_picture();
        assert_eq!(sheet.bounds(), RectI::of_size(212, 2 * 54 + 4));
        let level = |x, y| (sheet.pixel(x, y)[0] * 255.0).round();
        // The middle of each tile, y up.
        assert_eq!((level(54, 83), level(158, 83), level(54, 29)), (51.0, 102.0, 153.0));
        // No fourth tile.
        assert_eq!(level(158, 29), 26.0);
        // The number's box and a stroke in it.
        assert_eq!((level(4, 107), level(5, 106)), (0.0, 255.0));
    }

    #[test]
    fn impossible_sheets_are_refused() {
        assert!(Sheet::new(10, 100, 200, 1.0).is_none());
        assert!(Sheet::new(1, 1, u32::MAX, 1.0).is_none());
        assert!(Sheet::new(1, 1, 2000, 1e-9).is_none());
    }
}
