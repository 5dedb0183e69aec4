//! The splines in the viewer: drawn, and dragged by the artist.
//!
//! Points are dragged, and of selected points their tangents, their feathers and the feathers' tangents; Control moves the
//! whole shape, Shift adds to the selection, and on empty ground draws a selection box. Alt breaks a smooth tangent, and
//! takes selected points' feathers away where one of these is clicked on. Arrow keys move the selection by a pixel, with
//! Shift by ten. Letting go sets a key that no solver changes, or fixes only the points that moved ([`Fixes`]).

mod drag;
mod feather;

use std::collections::BTreeSet;
use std::ffi::CStr;

use kurbo::{CubicBez, ParamCurve};
use ofx::overlay::{Colour, HostColour, key};
use ofx::param::Options;
use ofx::{ClipSpec, Instance, KeyArgs, OverlayArgs, Pen, PenArgs, PointD, Result};
use shapes::{Document, Key, Point, Shape};

use crate::output::draw::{feather_contour, line_colour};
use crate::output::params::STROKE_WIDTH;
use crate::plate::Placement;
use crate::space::AxisMap;
use crate::stored;
use drag::{Contour, Drag, Grab, edit_points, inside};

/// What a move in the viewer fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// All points of the shape: the frame becomes a key of the artist's.
    Shape,
    /// The points that moved; a solve may still move the others.
    Points,
}

impl Options for Fixes {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::Shape, c"Whole shape"), (Self::Points, c"Moved points")];
}

/// How near the pen must be, screen pixels.
const REACH_PX: f64 = 6.0;
/// Side of a point's square, screen pixels.
const HANDLE_PX: f64 = 7.0;
/// Half a diagonal of a feather's diamond, screen pixels.
const DIAMOND_PX: f64 = 4.5;
/// Straight pieces a segment is drawn with.
const PIECES: usize = 16;

/// A point of a shape, both by number.
type Handle = (usize, usize);

/// What the artist is doing.
#[derive(Default)]
pub struct Edit {
    selected: BTreeSet<Handle>,
    drag: Option<Drag>,
}

impl Edit {
    /// Draws all shapes at the viewer's frame.
    pub fn draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        let stored;
        let document = match &self.drag {
            Some(drag) => &drag.now,
            None => match stored::document(instance)? {
                Some(document) => {
                    stored = document;
                    &*stored
                }
                None => return Ok(()),
            },
        };
        let map = canonical_from_document(instance, document, args.time);
        let stroke_px = instance.get_at(&STROKE_WIDTH, args.time)?;
        for (s, shape) in document.shapes.iter().enumerate() {
            let points = shape.shown_at(args.time);
            if points.is_empty() {
                continue;
            }
            let [r, g, b] = line_colour(shape, s, args.time);
            pen.colour(Colour::rgb(r, g, b));
            pen.line_width(1.5);
            pen.line_strip(&outline(&map.points(&points), shape.closed));
            if let Some(contour) = feather_contour(&points, shape.closed, stroke_px) {
                pen.line_width(0.75);
                pen.line_strip(&outline(&map.points(&contour), true));
            }
            let keyed = shape.key_at(args.time).is_some_and(Key::is_artists);
            let ways = feather::outward(&points, shape.closed);
            for (p, point) in points.iter().enumerate() {
                let selected = self.selected.contains(&(s, p));
                let at = place(&map, point, [0.0; 2]);
                if selected {
                    pen.colour(pen.host_colour(HostColour::Selected));
                    pen.line_width(1.0);
                    draw_tangents(pen, &map, point);
                    if let Some(way) = ways.get(p) {
                        let half_px = half_width(shape, point, stroke_px);
                        let handle = feather::handle(point, *way, half_px, pen.pixel_scale());
                        draw_feather(pen, &map, point, handle);
                        if shape.closed && point.feather.is_some() {
                            draw_tangents(pen, &map, &point.on_feather());
                        }
                    }
                } else {
                    pen.colour(Colour::rgb(r, g, b));
                }
                pen.handle(at, if keyed || point.locked || selected { HANDLE_PX } else { HANDLE_PX - 3.0 });
            }
        }
        if let Some(Drag { grab: Grab::Box { to }, from, .. }) = &self.drag {
            pen.colour(pen.host_colour(HostColour::MarqueeFront));
            let corners = [*from, [to[0], from[1]], *to, [from[0], to[1]]];
            pen.line_loop(&corners.map(|c| point_d(map.point(c))));
        }
        Ok(())
    }

    /// Takes hold of what is under the pen.
    pub fn pen_down(&mut self, instance: &Instance, args: &PenArgs<'_>, fixes: Fixes) -> Result<bool> {
        let Some(before) = stored::document(instance)? else { return Ok(false) };
        let map = canonical_from_document(instance, &before, args.time);
        let from = map.inverse().point([args.position.x, args.position.y]);
        let stroke_px = instance.get_at(&STROKE_WIDTH, args.time)?;
        let grab = self.grab(&before, &map, from, stroke_px, args);
        args.redraw();
        let Some(grab) = grab else {
            self.selected.clear();
            return Ok(false);
        };
        if args.modifiers.alt && matches!(grab, Grab::Feather(_)) {
            let mut without = (*before).clone();
            edit_points(&mut without, args.time, fixes, |handle, p| {
                self.selected.contains(&handle) && p.feather.take().is_some()
            });
            if without != *before {
                stored::commit(instance, &without, "Remove feather")?;
            }
            return Ok(true);
        }
        let now = (*before).clone();
        self.drag = Some(Drag { grab, from, time: args.time, before, now, fixes });
        Ok(true)
    }

    fn grab(
        &mut self,
        document: &Document,
        map: &AxisMap,
        from: [f64; 2],
        stroke_px: f64,
        args: &PenArgs<'_>,
    ) -> Option<Grab> {
        let held = args.modifiers;
        let near = |p: &Point, offset| args.near(place(map, p, offset), REACH_PX);
        let all: Vec<Vec<Point>> = document.shapes.iter().map(|s| s.shown_at(args.time)).collect();
        let selected = || {
            let point_of = |&(s, p): &Handle| Some(((s, p), all.get(s)?.get(p)?));
            self.selected.iter().filter_map(point_of)
        };
        let tangent = |p: &Point, contour| {
            let ends = [(true, p.tangent_out), (false, p.tangent_in)];
            let end = ends.into_iter().find(|(_, t)| *t != [0.0; 2] && near(p, *t));
            end.map(|(outgoing, _)| (contour, outgoing))
        };
        let outline = selected().find_map(|(point, p)| Some((point, tangent(p, Contour::Outline)?)));
        if let Some((point, (contour, outgoing))) = outline {
            return Some(Grab::Tangent { point, contour, outgoing, breaks: held.alt });
        }
        // Later shapes lie on top.
        let mut shapes = all.iter().enumerate().rev();
        let hit = shapes.find_map(|(s, points)| Some((s, points.iter().position(|p| near(p, [0.0; 2]))?)));
        let feather = || {
            let shape = |(s, _): Handle| document.shapes.get(s);
            let ways = document.shapes.iter().zip(&all).map(|(s, points)| feather::outward(points, s.closed));
            let ways: Vec<_> = ways.collect();
            let stands = |(s, i): Handle, p: &Point| {
                let half_px = half_width(document.shapes.get(s)?, p, stroke_px);
                Some(feather::handle(p, *ways.get(s)?.get(i)?, half_px, args.pixel_scale))
            };
            let handle = selected()
                .find(|(point, p)| stands(*point, p).is_some_and(|[x, y]| near(p, [x - p.x, y - p.y])));
            handle.map(|(point, _)| Grab::Feather(point)).or_else(|| {
                selected().find_map(|(point, p)| {
                    shape(point).filter(|s| s.closed && p.feather.is_some())?;
                    let (contour, outgoing) = tangent(&p.on_feather(), Contour::Feather)?;
                    Some(Grab::Tangent { point, contour, outgoing, breaks: held.alt })
                })
            })
        };
        match hit {
            Some((shape, _)) if held.control => Some(Grab::Shape(shape)),
            Some(point) => {
                if !held.shift && !self.selected.contains(&point) {
                    self.selected.clear();
                }
                self.selected.insert(point);
                Some(Grab::Selection)
            }
            None => feather().or_else(|| held.shift.then_some(Grab::Box { to: from })),
        }
    }

    /// Moves what is held.
    pub fn pen_motion(&mut self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let Some(drag) = &mut self.drag else { return Ok(false) };
        let map = canonical_from_document(instance, &drag.before, drag.time);
        let at = map.inverse().point([args.position.x, args.position.y]);
        drag.move_to(at, &self.selected);
        args.redraw();
        Ok(true)
    }

    /// Lets go: what was moved becomes a key.
    pub fn pen_up(&mut self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let Some(drag) = self.drag.take() else { return Ok(false) };
        args.redraw();
        if let Grab::Box { to } = drag.grab {
            self.selected.extend(inside(&drag.before, drag.time, drag.from, to));
        } else if drag.now != *drag.before {
            stored::commit(instance, &drag.now, drag.grab.label())?;
        }
        Ok(true)
    }

    /// Escape lets go without a key, arrows move the selection.
    pub fn key_down(&mut self, instance: &Instance, args: &KeyArgs<'_>, fixes: Fixes) -> Result<bool> {
        let step = if args.modifiers.shift { 10.0 } else { 1.0 };
        let by = match args.sym {
            key::LEFT => [-step, 0.0],
            key::RIGHT => [step, 0.0],
            key::UP => [0.0, -step],
            key::DOWN => [0.0, step],
            key::ESCAPE if self.drag.is_some() => {
                self.drag = None;
                args.redraw();
                return Ok(true);
            }
            _ => return Ok(false),
        };
        if self.selected.is_empty() || self.drag.is_some() {
            return Ok(false);
        }
        let Some(document) = stored::document(instance)? else { return Ok(false) };
        let mut moved = (*document).clone();
        edit_points(&mut moved, args.time, fixes, |handle, p| {
            let selected = self.selected.contains(&handle);
            if selected {
                p.x += by[0];
                p.y += by[1];
            }
            selected
        });
        stored::commit(instance, &moved, "Move spline points")?;
        args.redraw();
        Ok(true)
    }
}

/// Half of the width of a stroke at one of its points, document px; 0 for a closed spline.
fn half_width(shape: &Shape, p: &Point, stroke_px: f64) -> f64 {
    if shape.closed { 0.0 } else { 0.5 * p.width.unwrap_or(stroke_px).max(0.0) }
}

fn draw_tangents(pen: &mut dyn Pen, map: &AxisMap, p: &Point) {
    for tangent in [p.tangent_in, p.tangent_out] {
        let end = place(map, p, tangent);
        pen.lines(&[place(map, p, [0.0; 2]), end]);
        pen.circle(end, 3.0);
    }
}

/// A diamond on the feather's handle, and a line to it.
fn draw_feather(pen: &mut dyn Pen, map: &AxisMap, p: &Point, handle: [f64; 2]) {
    let (at, pixel) = (point_d(map.point(handle)), pen.pixel_scale());
    pen.lines(&[place(map, p, [0.0; 2]), at]);
    let corners = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)];
    pen.polygon(
        &corners
            .map(|(x, y)| PointD { x: at.x + x * DIAMOND_PX * pixel.x, y: at.y + y * DIAMOND_PX * pixel.y }),
    );
}

/// Where a document lies in the viewer.
pub fn canonical_from_document(instance: &Instance, document: &Document, time: f64) -> AxisMap {
    let placement = instance.clip(ClipSpec::source()).and_then(|clip| Placement::of(&clip, time));
    // Without a source the shapes stand where they would on a picture of their own size.
    let top = placement.map_or(f64::from(document.height), |p| p.document_top(document));
    AxisMap::canonical_from_document(top)
}

fn place(map: &AxisMap, p: &Point, offset: [f64; 2]) -> PointD {
    point_d(map.point([p.x + offset[0], p.y + offset[1]]))
}

fn point_d([x, y]: [f64; 2]) -> PointD {
    PointD { x, y }
}

/// A spline as a line of straight pieces.
fn outline(points: &[Point], closed: bool) -> Vec<PointD> {
    let segments = if closed { points.len() } else { points.len().saturating_sub(1) };
    let mut line: Vec<PointD> = points.first().map(|p| point_d([p.x, p.y])).into_iter().collect();
    for i in 0..segments {
        let (a, b) = (&points[i], &points[(i + 1) % points.len()]);
        let curve = CubicBez::new(
            (a.x, a.y),
            (a.x + a.tangent_out[0], a.y + a.tangent_out[1]),
            (b.x + b.tangent_in[0], b.y + b.tangent_in[1]),
            (b.x, b.y),
        );
        line.extend((1..=PIECES).map(|k| {
            let at = curve.eval(k as f64 / PIECES as f64);
            point_d([at.x, at.y])
        }));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines_close_only_if_the_shape_does() {
        let points = [1.0, 21.0].map(|x| Point::new(x, 10.0, [-2.0, 0.0], [4.0, 0.0]));
        assert_eq!(outline(&points, true).len(), 1 + 2 * PIECES);
        assert_eq!(outline(&points, false).len(), 1 + PIECES);
        assert!(outline(&[], true).is_empty());
    }
}
