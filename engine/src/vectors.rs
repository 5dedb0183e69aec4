//! Conventions of motion-vector pictures: which channels carry what, in which unit, with which sign.
//!
//! Sources for the presets: Foundry's reference for VectorGenerator (two sets of vectors a frame, in the layers
//! `forward` and `backward`, in px, y up as everything in Nuke); Blender's manual, "Passes: Vector", and what Cycles
//! computes (previous minus current in the first two channels, current minus next in the other two, raster px, y
//! up), so the second pair points against the motion.

use crate::flow::Field;
use crate::image::Plane;
use crate::motion2roto::MotionField;

/// The unit of the numbers in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// Pixels.
    Pixels,
    /// A share of the picture: across by its width, down by its height.
    Normalised,
}

/// Two channels that carry one direction of motion.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Channel (0 to 3: red, green, blue, alpha) of the motion across.
    pub u: usize,
    /// Channel of the motion down or up.
    pub v: usize,
    /// False where the numbers say where the content is going on the other frame; true where they point
    /// against it (the content's place here minus its place there).
    pub reversed: bool,
}

/// How a picture holds motion vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Convention {
    /// Stable name, for params and command lines.
    pub name: &'static str,
    /// What an artist reads.
    pub label: &'static str,
    /// Where the motion to the next frame is.
    pub forward: Option<Pair>,
    /// Where the motion to the previous frame is.
    pub backward: Option<Pair>,
    /// Unit of the numbers.
    pub units: Units,
    /// The number that means no motion: 0, or 0.5 in pictures that cannot hold negative values.
    pub zero: f32,
    /// Whether positive means upwards.
    pub y_up: bool,
}

/// One pixel's motion in the engine's space (px, y down); `None` where the picture has none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Vectors {
    /// To the next frame.
    pub forward: Option<[f32; 2]>,
    /// To the previous frame.
    pub backward: Option<[f32; 2]>,
}

const RG: Pair = Pair { u: 0, v: 1, reversed: false };
const BA: Pair = Pair { u: 2, v: 3, reversed: false };

impl Convention {
    /// Nuke's `forward` layer in red and green, `backward` in blue and alpha; px, y up.
    pub const NUKE: Convention = Convention {
        name: "nuke",
        label: "Nuke (forward, backward)",
        forward: Some(RG),
        backward: Some(BA),
        units: Units::Pixels,
        zero: 0.0,
        y_up: true,
    };

    /// Blender's Vector pass, its X Y Z W in red, green, blue, alpha; px, y up.
    pub const BLENDER: Convention = Convention {
        name: "blender",
        label: "Blender (Vector pass)",
        forward: Some(Pair { u: 2, v: 3, reversed: true }),
        backward: Some(RG),
        ..Self::NUKE
    };

    /// A share of the picture's width and height plus 0.5, y up: reaches half the picture each way.
    pub const CENTRED: Convention = Convention {
        name: "centred",
        label: "Normalised, 0.5 is still",
        units: Units::Normalised,
        zero: 0.5,
        ..Self::NUKE
    };

    /// The engine's own space: px, y down.
    pub const PIXELS: Convention =
        Convention { name: "pixels", label: "Pixels, y down", y_up: false, ..Self::NUKE };

    /// All conventions with a name.
    pub const PRESETS: [Convention; 4] = [Self::NUKE, Self::BLENDER, Self::CENTRED, Self::PIXELS];

    /// The preset of this name.
    pub fn named(name: &str) -> Option<Convention> {
        Self::PRESETS.into_iter().find(|c| c.name == name)
    }

    /// Motion in px, y down, from a pixel of a picture of `width` by `height` full-resolution px. A pair with a
    /// number that is not finite, or with a channel above 3, gives none.
    pub fn decode(&self, pixel: [f32; 4], width: usize, height: usize) -> Vectors {
        let one = |pair: &Option<Pair>| {
            let pair = pair.as_ref()?;
            let scale = self.pixels_of_unit(pair, width, height);
            let raw = [*pixel.get(pair.u)?, *pixel.get(pair.v)?];
            let out = [(raw[0] - self.zero) * scale[0], (raw[1] - self.zero) * scale[1]];
            out.iter().all(|v| v.is_finite()).then_some(out)
        };
        Vectors { forward: one(&self.forward), backward: one(&self.backward) }
    }

    /// The pixel that [`decode`](Self::decode) reads as these vectors; a missing one is written as no motion.
    /// Channels that carry nothing are 0.
    pub fn encode(&self, vectors: &Vectors, width: usize, height: usize) -> [f32; 4] {
        let mut pixel = [0.0; 4];
        for (pair, vector) in [(&self.forward, vectors.forward), (&self.backward, vectors.backward)] {
            let Some(pair) = pair else { continue };
            let scale = self.pixels_of_unit(pair, width, height);
            let vector = vector.unwrap_or_default();
            for (channel, i) in [(pair.u, 0), (pair.v, 1)] {
                if let Some(out) = pixel.get_mut(channel) {
                    *out = self.zero + if scale[i] == 0.0 { 0.0 } else { vector[i] / scale[i] };
                }
            }
        }
        pixel
    }

    /// Both directions of a whole picture, with a confidence of 0 where a pixel has no vector and 1 elsewhere.
    /// `None` for a direction the convention does not carry; also when `pixels` is not `width * height` long.
    pub fn decode_picture(
        &self,
        pixels: &[[f32; 4]],
        width: usize,
        height: usize,
    ) -> [Option<MotionField>; 2] {
        if width.checked_mul(height) != Some(pixels.len()) {
            return [None, None];
        }
        let one = |has: bool, get: fn(&Vectors) -> Option<[f32; 2]>| {
            has.then(|| {
                let mut field = Field::zero(width, height);
                let mut valid = Plane::filled(width, height, 0.0);
                let (u, v) = field.parts_mut();
                for (i, pixel) in pixels.iter().enumerate() {
                    if let Some(vector) = get(&self.decode(*pixel, width, height)) {
                        [u[i], v[i]] = vector;
                        valid.data_mut()[i] = 1.0;
                    }
                }
                MotionField { field, confidence: Some(valid) }
            })
        };
        [one(self.forward.is_some(), |v| v.forward), one(self.backward.is_some(), |v| v.backward)]
    }

    fn pixels_of_unit(&self, pair: &Pair, width: usize, height: usize) -> [f32; 2] {
        let sign = if pair.reversed { -1.0 } else { 1.0 };
        let up = if self.y_up { -sign } else { sign };
        match self.units {
            Units::Pixels => [sign, up],
            Units::Normalised => [sign * width as f32, up * height as f32],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn presets_mean_what_their_programs_say() {
        let motion = Vectors { forward: Some([3.0, 2.0]), backward: Some([-1.0, 4.0]) };
        let of = |c: Convention| c.encode(&motion, 100, 50);
        assert_eq!(of(Convention::NUKE), [3.0, -2.0, -1.0, -4.0]);
        assert_eq!(of(Convention::BLENDER), [-1.0, -4.0, -3.0, 2.0]);
        assert!(
            of(Convention::CENTRED).iter().zip([0.53, 0.46, 0.49, 0.42]).all(|(a, b)| (a - b).abs() < 1e-6)
        );
        assert_eq!(of(Convention::PIXELS), [3.0, 2.0, -1.0, 4.0]);
    }

    #[test]
    fn names_are_found_and_differ() {
        for c in Convention::PRESETS {
            assert_eq!(Convention::named(c.name), Some(c));
        }
        assert_eq!(Convention::named("none"), None);
    }

    #[test]
    fn what_is_not_a_number_is_no_vector() {
        let v = Convention::NUKE.decode([f32::NAN, 0.0, 1.0, 2.0], 10, 10);
        assert_eq!(v, Vectors { forward: None, backward: Some([1.0, -2.0]) });
        let [forward, backward] = Convention::NUKE.decode_picture(&[[f32::INFINITY, 0.0, 1.0, 2.0]], 1, 1);
        let valid = |m: Option<MotionField>| m.and_then(|m| m.confidence).map(|c| c.data()[0]);
        assert_eq!((valid(forward), valid(backward)), (Some(0.0), Some(1.0)));
        assert!(Convention::NUKE.decode_picture(&[], 4, 4)[0].is_none());
    }

    proptest! {
        #[test]
        fn round_trip(f in prop::array::uniform2(-300.0..300.0f32), b in prop::array::uniform2(-300.0..300.0f32)) {
            let motion = Vectors { forward: Some(f), backward: Some(b) };
            for c in Convention::PRESETS {
                let back = c.decode(c.encode(&motion, 1920, 1080), 1920, 1080);
                for (p, q) in [(back.forward, f), (back.backward, b)] {
                    let p = p.unwrap();
                    prop_assert!((p[0] - q[0]).abs() < 1e-3 && (p[1] - q[1]).abs() < 1e-3, "{}", c.name);
                }
            }
        }
    }
}
