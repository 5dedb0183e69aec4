//! A clip's mattes.

use std::collections::BTreeSet;

use engine::image::Plane;
use ofx::Clip;

use super::Channel;
use crate::plate::Placement;

/// Objects that a clip may have: more colours are those of a picture.
const MOST_OBJECTS: usize = 64;

/// An object's colour, eight bits a channel: blue, green, red, so that they sort as the palettes of segmentation masks do.
pub type Colour = [u8; 3];

/// What reads mattes.
pub struct Mattes<'c, 'i> {
    clip: &'c Clip<'i>,
    pub placement: Placement,
    channel: Channel,
}

impl<'c, 'i> Mattes<'c, 'i> {
    /// Of a clip whose pictures lie like this.
    pub fn new(clip: &'c Clip<'i>, placement: Placement, channel: Channel) -> Self {
        Mattes { clip, placement, channel }
    }

    /// The matte on a frame: all of it, or where one colour is.
    pub fn read(&mut self, frame: i32, object: Option<Colour>) -> Result<Plane, String> {
        let pixels = self.pixels(frame)?;
        if self.channel == Channel::Auto {
            let opaque = pixels.iter().all(|p| p[3] >= 1.0);
            self.channel = if opaque { Channel::Auto } else { Channel::Alpha };
        }
        let brightest = |[r, g, b, _]: [f32; 4]| r.max(g).max(b);
        let inside = |is: bool| f32::from(u8::from(is));
        let channel = self.channel;
        let value = |p: [f32; 4]| match channel {
            _ if object.is_some() => inside(Some(colour(p)) == object),
            Channel::Auto => brightest(p),
            Channel::Alpha => p[3],
            Channel::Red => p[0],
            Channel::Green => p[1],
            Channel::Blue => p[2],
            Channel::AnyColour | Channel::EachColour => inside(brightest(p) > 0.0),
        };
        let (width, height) = self.placement.size();
        let finite = |v: f32| if v.is_nan() { 0.0 } else { v.clamp(0.0, 1.0) };
        let values = pixels.into_iter().map(|p| finite(value(p))).collect();
        Plane::from_vec(width, height, values).map_err(|e| e.to_string())
    }

    /// Adds a frame's colours but black to those of other frames.
    pub fn add_colours(&self, frame: i32, colours: &mut BTreeSet<Colour>) -> Result<(), String> {
        let mut last = [0; 3];
        for pixel in self.pixels(frame)? {
            let colour = colour(pixel);
            if colour != last && colour != [0; 3] {
                colours.insert(colour);
                if colours.len() > MOST_OBJECTS {
                    return Err(format!(
                        "there are more than {MOST_OBJECTS} colours: each object needs one, without soft edges"
                    ));
                }
            }
            last = colour;
        }
        Ok(())
    }

    fn pixels(&self, frame: i32) -> Result<Vec<[f32; 4]>, String> {
        let image = self.clip.image(f64::from(frame), None).map_err(|e| e.to_string())?;
        let image = image.ok_or("the host gave no picture; do it by the command line")?;
        self.placement.read(&image.view()).map_err(|e| e.to_string())
    }
}

fn colour([r, g, b, _]: [f32; 4]) -> Colour {
    // NaN becomes 0.
    [b, g, r].map(|v| (v.clamp(0.0, 1.0) * 255.0).round() as u8)
}
