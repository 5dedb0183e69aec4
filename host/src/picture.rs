//! Pixels in memory: what files are read into, what clips hand to plug-ins, and what plug-ins render into.
//!
//! Space: OFX pixels, x right and **y up**; [`RectI`] excludes its upper bounds. Rows are stored **bottom-up**, without
//! padding: row 0 of the storage is `y1`, so the storage is what an OFX host hands over with positive row bytes.
//! Everything outside (files, sheets) turns rows round at its own border, see [`Picture::row_from_top`].

mod resample;

use half::f16;
use half::slice::HalfFloatSliceExt;

pub use crate::rect::RectI;

/// What the channels of a pixel are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Components {
    /// Red, green, blue, alpha.
    Rgba,
    /// Red, green, blue.
    Rgb,
    /// Alpha alone.
    Alpha,
    /// Two channels of anything: motion, disparity.
    Xy,
}

impl Components {
    /// Channels of a pixel.
    pub const fn count(self) -> usize {
        match self {
            Components::Rgba => 4,
            Components::Rgb => 3,
            Components::Alpha => 1,
            Components::Xy => 2,
        }
    }

    /// A pixel's stored channels as R, G, B, A.
    fn to_rgba(self, pixel: &[f32]) -> [f32; 4] {
        match (self, pixel) {
            (Components::Rgba, &[r, g, b, a]) => [r, g, b, a],
            (Components::Rgb, &[r, g, b]) => [r, g, b, 1.0],
            (Components::Alpha, &[a]) => [0.0, 0.0, 0.0, a],
            (Components::Xy, &[x, y]) => [x, y, 0.0, 0.0],
            _ => [0.0; 4],
        }
    }
}

/// How one channel is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Depth {
    /// `u8`, 255 is white.
    Byte,
    /// `u16`, 65535 is white.
    Short,
    /// IEEE half, 1.0 is white.
    Half,
    /// `f32`, 1.0 is white.
    Float,
}

impl Depth {
    /// Bytes of one channel.
    pub const fn bytes(self) -> usize {
        match self {
            Depth::Byte => 1,
            Depth::Short | Depth::Half => 2,
            Depth::Float => 4,
        }
    }
}

/// What alpha has done to the colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Premultiplication {
    /// No alpha, or 1 everywhere.
    Opaque,
    /// Colours are multiplied by alpha.
    Premultiplied,
    /// Colours are as if alpha were 1.
    Unpremultiplied,
}

/// The channels of all pixels, one after the other.
#[derive(Clone, Debug, PartialEq)]
enum Storage {
    Byte(Vec<u8>),
    Short(Vec<u16>),
    Half(Vec<f16>),
    Float(Vec<f32>),
}

impl Storage {
    /// All channels as floats, white being 1.
    fn floats(&self) -> Vec<f32> {
        match self {
            Storage::Byte(v) => v.iter().map(|&c| f32::from(c) / 255.0).collect(),
            Storage::Short(v) => v.iter().map(|&c| f32::from(c) / 65535.0).collect(),
            Storage::Half(v) => v.to_f32_vec(),
            Storage::Float(v) => v.clone(),
        }
    }

    /// The storage of floats. A cast to an integer saturates and makes zero of NaN.
    fn of_floats(floats: Vec<f32>, depth: Depth) -> Self {
        match depth {
            Depth::Byte => Storage::Byte(floats.iter().map(|v| (v * 255.0).round() as u8).collect()),
            Depth::Short => Storage::Short(floats.iter().map(|v| (v * 65535.0).round() as u16).collect()),
            Depth::Half => {
                let mut halves = vec![f16::ZERO; floats.len()];
                halves.convert_from_f32_slice(&floats);
                Storage::Half(halves)
            }
            Depth::Float => Storage::Float(floats),
        }
    }
}

/// An image: see the module for its space and the order of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    bounds: RectI,
    components: Components,
    storage: Storage,
    /// Width of a pixel over its height.
    pub pixel_aspect: f64,
    /// What alpha has done to the colours.
    pub premultiplication: Premultiplication,
}

impl Picture {
    /// Zeros. Square pixels, premultiplied where there is an alpha, else opaque.
    pub fn new(bounds: RectI, components: Components, depth: Depth) -> Self {
        let n = bounds.width() * bounds.height() * components.count();
        let storage = match depth {
            Depth::Byte => Storage::Byte(vec![0; n]),
            Depth::Short => Storage::Short(vec![0; n]),
            Depth::Half => Storage::Half(vec![f16::ZERO; n]),
            Depth::Float => Storage::Float(vec![0.0; n]),
        };
        Picture {
            bounds,
            components,
            storage,
            pixel_aspect: 1.0,
            premultiplication: match components {
                Components::Rgba | Components::Alpha => Premultiplication::Premultiplied,
                Components::Rgb | Components::Xy => Premultiplication::Opaque,
            },
        }
    }

    /// A float picture made by a function of the pixel's (x, y), which gives R, G, B, A; see [`Picture::set_pixel`].
    pub fn from_fn(bounds: RectI, components: Components, f: impl Fn(i32, i32) -> [f32; 4]) -> Self {
        let mut picture = Picture::new(bounds, components, Depth::Float);
        for y in bounds.y1..bounds.y2 {
            for x in bounds.x1..bounds.x2 {
                picture.set_pixel(x, y, f(x, y));
            }
        }
        picture
    }

    /// The pixels there are.
    pub fn bounds(&self) -> RectI {
        self.bounds
    }

    /// The same pixels at another place: the lower left one at (`x1`, `y1`).
    pub fn moved_to(mut self, x1: i32, y1: i32) -> Self {
        let (dx, dy) = (x1 - self.bounds.x1, y1 - self.bounds.y1);
        self.bounds = RectI::new(x1, y1, self.bounds.x2 + dx, self.bounds.y2 + dy);
        self
    }

    /// What the channels are.
    pub fn components(&self) -> Components {
        self.components
    }

    /// How a channel is stored.
    pub fn depth(&self) -> Depth {
        match self.storage {
            Storage::Byte(_) => Depth::Byte,
            Storage::Short(_) => Depth::Short,
            Storage::Half(_) => Depth::Half,
            Storage::Float(_) => Depth::Float,
        }
    }

    /// Bytes of one pixel.
    pub fn pixel_bytes(&self) -> usize {
        self.components.count() * self.depth().bytes()
    }

    /// Bytes from the start of one row to the start of the next one above it.
    pub fn row_bytes(&self) -> usize {
        self.bounds.width() * self.pixel_bytes()
    }

    /// All memory, in the machine's own byte order, lowest row first, aligned for its depth.
    pub fn bytes(&self) -> &[u8] {
        match &self.storage {
            Storage::Byte(v) => v,
            Storage::Short(v) => bytemuck::cast_slice(v),
            Storage::Half(v) => bytemuck::cast_slice(v),
            Storage::Float(v) => bytemuck::cast_slice(v),
        }
    }

    /// All memory, to write; see [`Picture::bytes`].
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        match &mut self.storage {
            Storage::Byte(v) => v,
            Storage::Short(v) => bytemuck::cast_slice_mut(v),
            Storage::Half(v) => bytemuck::cast_slice_mut(v),
            Storage::Float(v) => bytemuck::cast_slice_mut(v),
        }
    }

    /// The memory of row `y` (y up); nothing where there is no such row.
    pub fn row(&self, y: i32) -> &[u8] {
        let n = self.row_bytes();
        match self.row_index(y) {
            Some(i) => &self.bytes()[i * n..(i + 1) * n],
            None => &[],
        }
    }

    /// The memory of row `y` (y up), to write; nothing where there is no such row.
    pub fn row_mut(&mut self, y: i32) -> &mut [u8] {
        let n = self.row_bytes();
        match self.row_index(y) {
            Some(i) => &mut self.bytes_mut()[i * n..(i + 1) * n],
            None => &mut [],
        }
    }

    /// A picture of memory as files have it: the highest row first, channels in the machine's own byte order, no
    /// padding; `None` where its length is not the bounds'.
    pub fn from_top_down(bounds: RectI, components: Components, depth: Depth, memory: &[u8]) -> Option<Self> {
        let mut picture = Picture::new(bounds, components, depth);
        let n = picture.row_bytes();
        if memory.len() != n * bounds.height() {
            return None;
        }
        if n > 0 {
            for (to, from) in picture.bytes_mut().chunks_exact_mut(n).rev().zip(memory.chunks_exact(n)) {
                to.copy_from_slice(from);
            }
        }
        Some(picture)
    }

    /// The memory of the row `i` counted from the top, as files have it.
    pub fn row_from_top(&self, i: usize) -> &[u8] {
        let n = self.row_bytes();
        match self.bounds.height().checked_sub(i + 1) {
            Some(from_bottom) => &self.bytes()[from_bottom * n..(from_bottom + 1) * n],
            None => &[],
        }
    }

    /// Bytes held, for a cache's sum.
    pub fn size_bytes(&self) -> usize {
        self.bytes().len()
    }

    fn row_index(&self, y: i32) -> Option<usize> {
        if y < self.bounds.y1 || y >= self.bounds.y2 {
            return None;
        }
        usize::try_from(i64::from(y) - i64::from(self.bounds.y1)).ok()
    }

    /// The offset of a pixel's first channel in the storage.
    fn offset(&self, x: i32, y: i32) -> Option<usize> {
        let row = self.row_index(y)?;
        if x < self.bounds.x1 || x >= self.bounds.x2 {
            return None;
        }
        let column = usize::try_from(i64::from(x) - i64::from(self.bounds.x1)).ok()?;
        Some((row * self.bounds.width() + column) * self.components.count())
    }

    /// One channel of the storage as a float: white is 1.0.
    fn channel(&self, i: usize) -> f32 {
        match &self.storage {
            Storage::Byte(v) => f32::from(v[i]) / 255.0,
            Storage::Short(v) => f32::from(v[i]) / 65535.0,
            Storage::Half(v) => v[i].to_f32(),
            Storage::Float(v) => v[i],
        }
    }

    fn set_channel(&mut self, i: usize, value: f32) {
        // A cast saturates and makes zero of NaN.
        match &mut self.storage {
            Storage::Byte(v) => v[i] = (value * 255.0).round() as u8,
            Storage::Short(v) => v[i] = (value * 65535.0).round() as u16,
            Storage::Half(v) => v[i] = f16::from_f32(value),
            Storage::Float(v) => v[i] = value,
        }
    }

    /// A pixel as R, G, B, A; transparent black outside. RGB has alpha 1, Alpha has black colours, XY is (x, y, 0, 0).
    pub fn pixel(&self, x: i32, y: i32) -> [f32; 4] {
        match self.offset(x, y) {
            Some(i) => self.rgba_at(i),
            None => [0.0; 4],
        }
    }

    /// Sets a pixel from R, G, B, A: RGB takes the colours, Alpha the alpha, XY red and green. Outside nothing happens.
    pub fn set_pixel(&mut self, x: i32, y: i32, rgba: [f32; 4]) {
        if let Some(i) = self.offset(x, y) {
            self.set_rgba_at(i, rgba);
        }
    }

    /// One stored channel of a pixel as a float, white being 1; zero outside.
    pub fn sample(&self, x: i32, y: i32, channel: usize) -> f32 {
        match self.offset(x, y) {
            Some(i) if channel < self.components.count() => self.channel(i + channel),
            _ => 0.0,
        }
    }

    /// Sets one stored channel of a pixel; outside nothing happens.
    pub fn set_sample(&mut self, x: i32, y: i32, channel: usize, value: f32) {
        if let Some(i) = self.offset(x, y)
            && channel < self.components.count()
        {
            self.set_channel(i + channel, value);
        }
    }

    fn rgba_at(&self, i: usize) -> [f32; 4] {
        let mut pixel = [0.0; 4];
        let n = self.components.count();
        for (c, value) in pixel[..n].iter_mut().enumerate() {
            *value = self.channel(i + c);
        }
        self.components.to_rgba(&pixel[..n])
    }

    fn set_rgba_at(&mut self, i: usize, rgba: [f32; 4]) {
        let from = if self.components == Components::Alpha { 3 } else { 0 };
        for c in 0..self.components.count() {
            self.set_channel(i + c, rgba[from + c]);
        }
    }

    /// All pixels as R, G, B, A floats, lowest row first; see [`Picture::pixel`].
    pub fn to_rgba_f32(&self) -> Vec<[f32; 4]> {
        let floats = self.storage.floats();
        floats.chunks_exact(self.components.count()).map(|p| self.components.to_rgba(p)).collect()
    }

    /// A picture of R, G, B, A floats, lowest row first; `None` where their number is not the bounds'.
    pub fn from_rgba_f32(bounds: RectI, pixels: &[[f32; 4]]) -> Option<Self> {
        if pixels.len() != bounds.width() * bounds.height() {
            return None;
        }
        let mut picture = Picture::new(bounds, Components::Rgba, Depth::Float);
        picture.storage = Storage::Float(pixels.as_flattened().to_vec());
        Some(picture)
    }

    /// The same picture in another form; see [`Picture::pixel`] and [`Picture::set_pixel`] for channels that are
    /// missing or too many. Integers are clamped and rounded.
    pub fn convert(&self, components: Components, depth: Depth) -> Picture {
        if components == self.components && depth == self.depth() {
            return self.clone();
        }
        let (n, m) = (self.components.count(), components.count());
        let mut floats = self.storage.floats();
        if n != m {
            let mut to = Vec::with_capacity(floats.len() / n * m);
            for pixel in floats.chunks_exact(n) {
                let [r, g, b, a] = self.components.to_rgba(pixel);
                match components {
                    Components::Rgba => to.extend([r, g, b, a]),
                    Components::Rgb => to.extend([r, g, b]),
                    Components::Alpha => to.push(a),
                    Components::Xy => to.extend([r, g]),
                }
            }
            floats = to;
        }
        let premultiplication = match (self.components, components) {
            (_, Components::Rgb | Components::Xy) | (Components::Rgb, _) => Premultiplication::Opaque,
            _ => self.premultiplication,
        };
        Picture { components, storage: Storage::of_floats(floats, depth), premultiplication, ..*self }
    }

    /// The part in `window`; zeros where the picture has nothing.
    pub fn crop(&self, window: RectI) -> Picture {
        let mut to = Picture::new(window, self.components, self.depth());
        to.pixel_aspect = self.pixel_aspect;
        to.premultiplication = self.premultiplication;
        let both = self.bounds.intersect(&window);
        if both.is_empty() {
            return to;
        }
        let bytes = self.pixel_bytes();
        let span = |bounds: RectI| {
            let start = (i64::from(both.x1) - i64::from(bounds.x1)).unsigned_abs() as usize * bytes;
            start..start + both.width() * bytes
        };
        for y in both.y1..both.y2 {
            to.row_mut(y)[span(window)].copy_from_slice(&self.row(y)[span(self.bounds)]);
        }
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Depth; 4] = [Depth::Byte, Depth::Short, Depth::Half, Depth::Float];

    fn ramp(bounds: RectI) -> Picture {
        Picture::from_fn(bounds, Components::Rgba, |x, y| [x as f32 / 16.0, y as f32 / 16.0, 0.25, 1.0])
    }

    #[test]
    fn rows_lie_bottom_up() {
        let picture = ramp(RectI::new(-2, 3, 2, 6));
        let green = |row: &[u8]| f32::from_ne_bytes([row[4], row[5], row[6], row[7]]) * 16.0;
        assert_eq!(green(picture.bytes()), 3.0);
        assert_eq!(green(picture.row(5)), 5.0);
        assert_eq!(green(picture.row_from_top(0)), 5.0);
        assert!(picture.row(6).is_empty() && picture.row(2).is_empty() && picture.row_from_top(3).is_empty());
    }

    #[test]
    fn every_depth_keeps_the_values_it_can_hold() {
        let picture = ramp(RectI::of_size(5, 4));
        for depth in ALL {
            let there = picture.convert(Components::Rgba, depth);
            assert_eq!(there.bytes().len(), 5 * 4 * 4 * depth.bytes());
            let back = there.convert(Components::Rgba, Depth::Float);
            for (a, b) in picture.to_rgba_f32().iter().zip(back.to_rgba_f32()) {
                assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 0.5 / 255.0), "{depth:?}: {a:?} {b:?}");
            }
            assert_eq!(there, back.convert(Components::Rgba, depth), "{depth:?}");
        }
    }

    #[test]
    fn integers_saturate_and_nan_is_black() {
        let picture =
            Picture::from_fn(RectI::of_size(1, 1), Components::Rgba, |_, _| [-1.0, 2.0, f32::NAN, 0.5]);
        let byte = picture.convert(Components::Rgba, Depth::Byte);
        assert_eq!(byte.bytes(), [0, 255, 0, 128]);
    }

    #[test]
    fn channels_that_are_missing_have_their_defaults() {
        let pixel = |c: Components| {
            let p = Picture::from_fn(RectI::of_size(1, 1), c, |_, _| [0.1, 0.2, 0.3, 0.4]);
            p.convert(Components::Rgba, Depth::Float).pixel(0, 0)
        };
        assert_eq!(pixel(Components::Rgb), [0.1, 0.2, 0.3, 1.0]);
        assert_eq!(pixel(Components::Alpha), [0.0, 0.0, 0.0, 0.4]);
        assert_eq!(pixel(Components::Xy), [0.1, 0.2, 0.0, 0.0]);
    }

    #[test]
    fn crop_keeps_places_and_fills_with_zeros() {
        let picture = ramp(RectI::of_size(4, 4));
        let part = picture.crop(RectI::new(2, -1, 6, 3));
        assert_eq!(part.pixel(3, 2), picture.pixel(3, 2));
        assert_eq!(part.pixel(2, -1), [0.0; 4]);
        assert_eq!(part.pixel(4, 0), [0.0; 4]);
        assert_eq!(picture.crop(RectI::new(9, 9, 11, 11)).to_rgba_f32(), vec![[0.0; 4]; 4]);
    }
}
