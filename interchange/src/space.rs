//! The one table of spaces: where each application puts the origin, which way y goes, and in what unit.
//!
//! The document's space is square pixels from the top-left corner of the picture, y down. A plate with a pixel aspect of 2 and
//! 100 pixels a row is 200 wide in the document.

use shapes::{Feather, Point};

use crate::Shot;

/// Where (0, 0) lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The top-left corner of the top-left pixel.
    TopLeft,
    /// The bottom-left corner of the bottom-left pixel.
    BottomLeft,
    /// The middle of the picture.
    Centre,
    /// The middle of the picture is (0.5, 0.5).
    CentreIsHalf,
}

/// Which way y grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Y {
    /// Upwards.
    Up,
    /// Downwards.
    Down,
}

/// What 1 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// One of the plate's own pixels, which may be wider than high.
    PlatePixel,
    /// A square pixel: the plate's height is its number of rows.
    SquarePixel,
    /// The picture's height, on both axes.
    Height,
    /// The picture's width on x, its height on y.
    EachAxis,
    /// The longer side of the picture, on both axes.
    LongerSide,
}

/// What the numbers of a tangent say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handles {
    /// The way from the point to its handle.
    Relative,
    /// The place of the handle.
    Absolute,
}

/// How an application counts frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// By their own numbers.
    Absolute,
    /// From 0 at the shot's first frame.
    FromStart,
}

/// How an application places points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space {
    /// Where (0, 0) lies.
    pub origin: Origin,
    /// Which way y grows.
    pub y: Y,
    /// What 1 is.
    pub unit: Unit,
    /// What the numbers of a tangent say.
    pub handles: Handles,
    /// How frames are counted.
    pub frames: Frames,
}

const fn space(origin: Origin, y: Y, unit: Unit, handles: Handles, frames: Frames) -> Space {
    Space { origin, y, unit, handles, frames }
}

/// Nuke: Roto, RotoPaint, Tracker4.
pub const NUKE: Space =
    space(Origin::BottomLeft, Y::Up, Unit::PlatePixel, Handles::Relative, Frames::Absolute);
/// Silhouette.
pub const SILHOUETTE: Space =
    space(Origin::Centre, Y::Down, Unit::Height, Handles::Absolute, Frames::FromStart);
/// After Effects: layers and masks.
pub const AFTER_EFFECTS: Space =
    space(Origin::TopLeft, Y::Down, Unit::PlatePixel, Handles::Relative, Frames::FromStart);
/// Fusion: polylines.
pub const FUSION: Space = space(Origin::Centre, Y::Up, Unit::EachAxis, Handles::Relative, Frames::Absolute);
/// Natron: Roto.
pub const NATRON: Space =
    space(Origin::BottomLeft, Y::Up, Unit::SquarePixel, Handles::Absolute, Frames::Absolute);
/// Blender: masks.
pub const BLENDER: Space =
    space(Origin::CentreIsHalf, Y::Up, Unit::LongerSide, Handles::Absolute, Frames::Absolute);
/// Blender: markers of movie clips.
pub const BLENDER_CLIP: Space =
    space(Origin::BottomLeft, Y::Up, Unit::EachAxis, Handles::Absolute, Frames::Absolute);
/// 3DEqualizer and other plain text with 2D tracks.
pub const TRACKS_TEXT: Space =
    space(Origin::BottomLeft, Y::Up, Unit::PlatePixel, Handles::Relative, Frames::Absolute);

impl Space {
    /// The map from the document's space, for one shot.
    pub fn of(&self, shot: &Shot) -> Map {
        let (width, height) = (f64::from(shot.width) * shot.par, f64::from(shot.height));
        let unit = match self.unit {
            Unit::PlatePixel => [shot.par, 1.0],
            Unit::SquarePixel => [1.0, 1.0],
            Unit::Height => [height, height],
            Unit::EachAxis => [width, height],
            Unit::LongerSide => [width.max(height); 2],
        };
        let (origin, bias) = match self.origin {
            Origin::TopLeft => ([0.0, 0.0], 0.0),
            Origin::BottomLeft => ([0.0, height], 0.0),
            Origin::Centre => ([width / 2.0, height / 2.0], 0.0),
            Origin::CentreIsHalf => ([width / 2.0, height / 2.0], 0.5),
        };
        let up = if self.y == Y::Up { -1.0 } else { 1.0 };
        let scale = [1.0 / unit[0], up / unit[1]];
        Map {
            scale,
            offset: [bias - origin[0] * scale[0], bias - origin[1] * scale[1]],
            handles: self.handles,
            frame_offset: if self.frames == Frames::FromStart { -shot.start_frame } else { 0.0 },
        }
    }
}

/// Between the document's space and an application's: `x -> x * scale[0] + offset[0]`, and the same for y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map {
    scale: [f64; 2],
    offset: [f64; 2],
    handles: Handles,
    frame_offset: f64,
}

/// A control point as an application writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placed {
    /// The point.
    pub at: [f64; 2],
    /// Its incoming handle, relative or absolute as the space says.
    pub handle_in: [f64; 2],
    /// Its outgoing handle.
    pub handle_out: [f64; 2],
}

impl Map {
    /// Where a place of the document goes.
    pub fn point(&self, p: [f64; 2]) -> [f64; 2] {
        [p[0] * self.scale[0] + self.offset[0], p[1] * self.scale[1] + self.offset[1]]
    }

    /// What becomes of a way between two places of the document.
    pub fn vector(&self, v: [f64; 2]) -> [f64; 2] {
        [v[0] * self.scale[0], v[1] * self.scale[1]]
    }

    /// The place of the document that goes there.
    pub fn point_back(&self, p: [f64; 2]) -> [f64; 2] {
        [(p[0] - self.offset[0]) / self.scale[0], (p[1] - self.offset[1]) / self.scale[1]]
    }

    /// The way between places of the document that becomes this.
    pub fn vector_back(&self, v: [f64; 2]) -> [f64; 2] {
        [v[0] / self.scale[0], v[1] / self.scale[1]]
    }

    /// The application's number of a frame.
    pub fn frame(&self, frame: f64) -> f64 {
        frame + self.frame_offset
    }

    /// The frame of an application's number.
    pub fn frame_back(&self, frame: f64) -> f64 {
        frame - self.frame_offset
    }

    /// A control point with its handles.
    pub fn placed(&self, p: &Point) -> Placed {
        let at = self.point([p.x, p.y]);
        let handle = |tangent| self.handle(at, self.vector(tangent));
        Placed { at, handle_in: handle(p.tangent_in), handle_out: handle(p.tangent_out) }
    }

    /// The feather contour's point of a control point; the point itself where there is no feather.
    pub fn placed_feather(&self, p: &Point) -> Placed {
        let Some(feather) = &p.feather else { return self.placed(p) };
        let at = self.point([p.x + feather.offset[0], p.y + feather.offset[1]]);
        let handle = |tangent| self.handle(at, self.vector(tangent));
        Placed { at, handle_in: handle(feather.tangent_in), handle_out: handle(feather.tangent_out) }
    }

    /// The document's control point.
    pub fn point_of(&self, placed: &Placed) -> Point {
        let [x, y] = self.point_back(placed.at);
        let tangent = |handle: [f64; 2]| match self.handles {
            Handles::Relative => self.vector_back(handle),
            Handles::Absolute => self.vector_back([handle[0] - placed.at[0], handle[1] - placed.at[1]]),
        };
        Point::new(x, y, tangent(placed.handle_in), tangent(placed.handle_out))
    }

    /// The document's feather of an offset and handles that are relative.
    pub fn feather_of(&self, offset: [f64; 2], tangent_in: [f64; 2], tangent_out: [f64; 2]) -> Feather {
        Feather {
            offset: self.vector_back(offset),
            tangent_in: self.vector_back(tangent_in),
            tangent_out: self.vector_back(tangent_out),
        }
    }

    fn handle(&self, at: [f64; 2], way: [f64; 2]) -> [f64; 2] {
        match self.handles {
            Handles::Relative => way,
            Handles::Absolute => [at[0] + way[0], at[1] + way[1]],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Corners and middle of a picture of 200 by 100 pixels with an aspect of 2, so 400 by 100 in the document.
    #[test]
    fn corners_are_where_each_application_has_them() {
        let shot = Shot { width: 200, height: 100, fps: None, par: 2.0, start_frame: 1001.0 };
        let cases = [
            (NUKE, [0.0, 100.0], [200.0, 0.0]),
            (SILHOUETTE, [-2.0, -0.5], [2.0, 0.5]),
            (AFTER_EFFECTS, [0.0, 0.0], [200.0, 100.0]),
            (FUSION, [-0.5, 0.5], [0.5, -0.5]),
            (NATRON, [0.0, 100.0], [400.0, 0.0]),
            (BLENDER, [0.0, 0.625], [1.0, 0.375]),
            (BLENDER_CLIP, [0.0, 1.0], [1.0, 0.0]),
            (TRACKS_TEXT, [0.0, 100.0], [200.0, 0.0]),
        ];
        for (space, top_left, bottom_right) in cases {
            let map = space.of(&shot);
            assert_eq!(map.point([0.0, 0.0]), top_left, "{space:?}");
            assert_eq!(map.point([400.0, 100.0]), bottom_right, "{space:?}");
            assert_eq!(map.point_back(bottom_right), [400.0, 100.0], "{space:?}");
        }
    }

    #[test]
    fn handles_are_relative_or_absolute() {
        let shot = Shot { width: 200, height: 100, fps: None, par: 1.0, start_frame: 0.0 };
        let point = Point::new(10.0, 20.0, [-3.0, 4.0], [5.0, 0.0]);
        let nuke = NUKE.of(&shot).placed(&point);
        assert_eq!((nuke.at, nuke.handle_in, nuke.handle_out), ([10.0, 80.0], [-3.0, -4.0], [5.0, 0.0]));
        let natron = NATRON.of(&shot).placed(&point);
        assert_eq!((natron.handle_in, natron.handle_out), ([7.0, 76.0], [15.0, 80.0]));
        assert_eq!(NATRON.of(&shot).point_of(&natron), point);
    }

    #[test]
    fn frames_count_from_the_start_where_the_application_does() {
        let shot = Shot { width: 2, height: 1, fps: None, par: 1.0, start_frame: 1001.0 };
        assert_eq!(SILHOUETTE.of(&shot).frame(1003.0), 2.0);
        assert_eq!(SILHOUETTE.of(&shot).frame_back(2.0), 1003.0);
        assert_eq!(NUKE.of(&shot).frame(1003.0), 1003.0);
    }
}
