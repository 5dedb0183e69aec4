//! Between the document's space (pixels from the top-left corner, y down, square) and OpenFX's canonical space
//! (y up, square), and the pixels of one image.

use shapes::{Feather, Key, Point, Shape};

/// A map of the plane that keeps the axes: `x -> x * scale[0] + offset[0]`, and the same for y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AxisMap {
    /// Factor on each axis; negative turns the axis over.
    pub scale: [f64; 2],
    /// Added after scaling.
    pub offset: [f64; 2],
}

impl AxisMap {
    /// Document to canonical, for a picture whose top edge lies at canonical `top`.
    pub fn canonical_from_document(top: f64) -> Self {
        AxisMap { scale: [1.0, -1.0], offset: [0.0, top] }
    }

    /// Document to the pixels of an image, counted from the top-left corner of its top-left pixel, y down.
    ///
    /// `x1` and `y2` are the left and top bounds of the image in OpenFX pixels at its render scale.
    pub fn image_from_document(top: f64, x1: i32, y2: i32, render_scale: [f64; 2], par: f64) -> Self {
        AxisMap {
            scale: [render_scale[0] / par, render_scale[1]],
            offset: [-f64::from(x1), f64::from(y2) - top * render_scale[1]],
        }
    }

    /// The map back.
    pub fn inverse(&self) -> Self {
        let scale = self.scale.map(|s| 1.0 / s);
        AxisMap { scale, offset: [-self.offset[0] * scale[0], -self.offset[1] * scale[1]] }
    }

    /// Where a place goes.
    pub fn point(&self, p: [f64; 2]) -> [f64; 2] {
        [p[0] * self.scale[0] + self.offset[0], p[1] * self.scale[1] + self.offset[1]]
    }

    /// What becomes of a difference between two places.
    pub fn vector(&self, v: [f64; 2]) -> [f64; 2] {
        [v[0] * self.scale[0], v[1] * self.scale[1]]
    }

    /// A shape with every key mapped. Widths follow the mean of both scales.
    pub fn shape(&self, shape: &Shape) -> Shape {
        let keys = shape.keys.iter().map(|k| Key { points: self.points(&k.points), ..k.clone() }).collect();
        Shape { keys, ..shape.clone() }
    }

    /// Control points, mapped with all that belongs to them.
    pub fn points(&self, points: &[Point]) -> Vec<Point> {
        let width_scale = (self.scale[0] * self.scale[1]).abs().sqrt();
        points
            .iter()
            .map(|p| {
                let [x, y] = self.point([p.x, p.y]);
                Point {
                    x,
                    y,
                    tangent_in: self.vector(p.tangent_in),
                    tangent_out: self.vector(p.tangent_out),
                    feather: p.feather.as_ref().map(|f| Feather {
                        offset: self.vector(f.offset),
                        tangent_in: self.vector(f.tangent_in),
                        tangent_out: self.vector(f.tangent_out),
                    }),
                    width: p.width.map(|w| w * width_scale),
                    locked: p.locked,
                    extra: p.extra.clone(),
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_left_corner_of_an_image_is_its_origin() {
        // An HD plate whose image starts 16 px right of the origin, at half scale with wide pixels.
        let map = AxisMap::image_from_document(1080.0, 8, 540, [0.5, 0.5], 2.0);
        assert_eq!(map.point([32.0, 0.0]), [0.0, 0.0]);
        assert_eq!(map.point([36.0, 4.0]), [1.0, 2.0]);
    }

    #[test]
    fn maps_turn_back() {
        for map in [
            AxisMap::canonical_from_document(480.0),
            AxisMap::image_from_document(1080.0, -7, 900, [0.25, 0.5], 1.5),
        ] {
            let there = map.point([12.5, -3.25]);
            let back = map.inverse().point(there);
            assert!((back[0] - 12.5).abs() < 1e-9 && (back[1] + 3.25).abs() < 1e-9, "{back:?}");
        }
    }

    #[test]
    fn canonical_turns_tangents_over() {
        let points = [Point::new(10.0, 100.0, [1.0, 2.0], [3.0, 4.0])];
        let mapped = AxisMap::canonical_from_document(480.0).points(&points);
        assert_eq!((mapped[0].x, mapped[0].y), (10.0, 380.0));
        assert_eq!(mapped[0].tangent_out, [3.0, -4.0]);
    }
}
