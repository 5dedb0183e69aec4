//! The splines in the viewer: drawn, and dragged by the artist.
//!
//! Points and the tangents of selected points are dragged; Control moves the whole shape, Shift adds to the selection, and
//! on empty ground draws a selection box. Alt breaks a smooth tangent. Arrow keys move the selection by a pixel, with
//! Shift by ten. Letting go sets a key that no solver changes, or fixes only the points that moved ([`Fixes`]).

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::sync::Arc;

use kurbo::{CubicBez, ParamCurve};
use ofx::overlay::{Colour, HostColour, key};
use ofx::param::Options;
use ofx::{ClipSpec, Instance, KeyArgs, OverlayArgs, Pen, PenArgs, PointD, Result};
use shapes::{Document, Key, Point};

use crate::output::draw::{feather_contour, line_colour};
use crate::plate::Placement;
use crate::space::AxisMap;
use crate::stored;

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
/// Straight pieces a segment is drawn with.
const PIECES: usize = 16;
/// How far off a line two tangents may lie and count as smooth, as the sine of the angle.
const SMOOTH: f64 = 0.02;

/// A point of a shape, both by number.
type Handle = (usize, usize);

/// What the artist is doing.
#[derive(Default)]
pub struct Edit {
    selected: BTreeSet<Handle>,
    drag: Option<Drag>,
}

struct Drag {
    grab: Grab,
    /// Where the pen went down, document px.
    from: [f64; 2],
    time: f64,
    before: Arc<Document>,
    now: Document,
    fixes: Fixes,
}

#[derive(Clone, Copy, PartialEq)]
enum Grab {
    Selection,
    Shape(usize),
    Tangent { point: Handle, outgoing: bool, breaks: bool },
    Box { to: [f64; 2] },
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
        for (s, shape) in document.shapes.iter().enumerate() {
            let points = shape.shown_at(args.time);
            if points.is_empty() {
                continue;
            }
            let [r, g, b] = line_colour(shape, s, args.time);
            pen.colour(Colour::rgb(r, g, b));
            pen.line_width(1.5);
            pen.line_strip(&outline(&map.points(&points), shape.closed));
            if let Some(contour) = feather_contour(&points, shape.closed) {
                pen.line_width(0.75);
                pen.line_strip(&outline(&map.points(&contour), true));
            }
            let keyed = shape.key_at(args.time).is_some_and(Key::is_artists);
            for (p, point) in points.iter().enumerate() {
                let selected = self.selected.contains(&(s, p));
                let at = place(&map, point, [0.0; 2]);
                if selected {
                    pen.colour(pen.host_colour(HostColour::Selected));
                    for tangent in [point.tangent_in, point.tangent_out] {
                        let end = place(&map, point, tangent);
                        pen.line_width(1.0);
                        pen.lines(&[at, end]);
                        pen.circle(end, 3.0);
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
        let Some(grab) = self.grab(&before, &map, from, args) else {
            self.selected.clear();
            args.redraw();
            return Ok(false);
        };
        let now = (*before).clone();
        self.drag = Some(Drag { grab, from, time: args.time, before, now, fixes });
        args.redraw();
        Ok(true)
    }

    fn grab(
        &mut self,
        document: &Document,
        map: &AxisMap,
        from: [f64; 2],
        args: &PenArgs<'_>,
    ) -> Option<Grab> {
        let held = args.modifiers;
        let all: Vec<Vec<Point>> = document.shapes.iter().map(|s| s.shown_at(args.time)).collect();
        for &point in &self.selected {
            let Some(p) = all.get(point.0).and_then(|points| points.get(point.1)) else { continue };
            for (outgoing, tangent) in [(true, p.tangent_out), (false, p.tangent_in)] {
                if tangent != [0.0; 2] && args.near(place(map, p, tangent), REACH_PX) {
                    return Some(Grab::Tangent { point, outgoing, breaks: held.alt });
                }
            }
        }
        // Later shapes lie on top.
        let hit = all.iter().enumerate().rev().find_map(|(s, points)| {
            points.iter().position(|p| args.near(place(map, p, [0.0; 2]), REACH_PX)).map(|p| (s, p))
        });
        match hit {
            Some((shape, _)) if held.control => Some(Grab::Shape(shape)),
            Some(point) => {
                if !held.shift && !self.selected.contains(&point) {
                    self.selected.clear();
                }
                self.selected.insert(point);
                Some(Grab::Selection)
            }
            None if held.shift => Some(Grab::Box { to: from }),
            None => None,
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
            stored::commit(instance, &drag.now, "Move spline points")?;
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

impl Drag {
    /// The document with the held thing at `at` (document px).
    fn move_to(&mut self, at: [f64; 2], selected: &BTreeSet<Handle>) {
        let by = [at[0] - self.from[0], at[1] - self.from[1]];
        if let Grab::Box { to } = &mut self.grab {
            *to = at;
            return;
        }
        let grab = self.grab;
        self.now.clone_from(&self.before);
        if by == [0.0; 2] {
            return;
        }
        edit_points(&mut self.now, self.time, self.fixes, |handle, p| match grab {
            Grab::Selection if selected.contains(&handle) => shift(p, by),
            Grab::Shape(shape) if handle.0 == shape => shift(p, by),
            Grab::Tangent { point, outgoing, breaks } if point == handle => pull(p, by, outgoing, breaks),
            _ => false,
        });
    }
}

fn shift(p: &mut Point, by: [f64; 2]) -> bool {
    p.x += by[0];
    p.y += by[1];
    true
}

/// Moves the end of a tangent; the other one turns with it if they were one line.
fn pull(p: &mut Point, by: [f64; 2], outgoing: bool, breaks: bool) -> bool {
    let (held, other) = if outgoing {
        (&mut p.tangent_out, &mut p.tangent_in)
    } else {
        (&mut p.tangent_in, &mut p.tangent_out)
    };
    let length = |v: &[f64; 2]| v[0].hypot(v[1]);
    let cross = held[0] * other[1] - held[1] * other[0];
    let opposite = held[0] * other[0] + held[1] * other[1] < 0.0;
    let smooth = opposite && cross.abs() <= SMOOTH * length(held) * length(other);
    held[0] += by[0];
    held[1] += by[1];
    if smooth && !breaks && length(held) > 0.0 {
        let factor = -length(other) / length(held);
        *other = [held[0] * factor, held[1] * factor];
    }
    true
}

/// Sets keys at `time` for the shapes in which `change` (which says whether it did) changes a point. A key that is the
/// artist's already stays so, whatever the edit fixes.
fn edit_points(
    document: &mut Document,
    time: f64,
    fixes: Fixes,
    mut change: impl FnMut(Handle, &mut Point) -> bool,
) {
    for (s, shape) in document.shapes.iter_mut().enumerate() {
        let mut points = shape.points_at(time);
        let mut changed = false;
        for (p, point) in points.iter_mut().enumerate() {
            if change((s, p), point) {
                changed = true;
                point.locked = fixes == Fixes::Points;
            }
        }
        if changed {
            let key = shape.key_at(time).cloned().unwrap_or(Key { confidence: Some(1.0), ..Key::default() });
            let key = if fixes == Fixes::Points && !key.is_artists() {
                Key { frame: time, points, ..key }
            } else {
                points.iter_mut().for_each(|p| p.locked = false);
                Key { frame: time, points, locked: true, confidence: None, ..key }
            };
            shape.set_key(key);
        }
    }
}

fn inside(document: &Document, time: f64, a: [f64; 2], b: [f64; 2]) -> Vec<Handle> {
    let within = |v: f64, a: f64, b: f64| (a.min(b)..=a.max(b)).contains(&v);
    let shapes = document.shapes.iter().enumerate();
    shapes
        .flat_map(|(s, shape)| {
            let points = shape.shown_at(time).into_iter().enumerate();
            points
                .filter(|(_, p)| within(p.x, a[0], b[0]) && within(p.y, a[1], b[1]))
                .map(move |(p, _)| (s, p))
                .collect::<Vec<_>>()
        })
        .collect()
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
    use shapes::Shape;

    fn document() -> Document {
        let point = |x: f64| Point::new(x, 10.0, [-2.0, 0.0], [4.0, 0.0]);
        let mut d = Document::new(100, 100);
        let keys = [1.0, 9.0].map(|f| Key::new(f, vec![point(f), point(f + 20.0)])).to_vec();
        d.shapes.push(Shape::new("a", true, keys));
        d
    }

    fn drag(grab: Grab, to: [f64; 2], selected: &[Handle]) -> Document {
        let before = Arc::new(document());
        let now = (*before).clone();
        let mut drag = Drag { grab, from: [0.0, 0.0], time: 5.0, before, now, fixes: Fixes::Shape };
        drag.move_to(to, &selected.iter().copied().collect());
        drag.now
    }

    #[test]
    fn an_edit_can_fix_single_points() {
        let mut d = document();
        let first = |handle: Handle, p: &mut Point| handle == (0, 0) && shift(p, [3.0, 0.0]);
        edit_points(&mut d, 5.0, Fixes::Points, first);
        let key = d.shapes[0].key_at(5.0).unwrap();
        assert!(key.has_pins() && key.points[0].locked && !key.points[1].locked);
        edit_points(&mut d, 9.0, Fixes::Points, first);
        assert!(d.shapes[0].key_at(9.0).unwrap().is_artists(), "a key of the artist's stays one");
        edit_points(&mut d, 5.0, Fixes::Shape, first);
        let key = d.shapes[0].key_at(5.0).unwrap();
        assert!(key.is_artists() && !key.points[0].locked);
    }

    #[test]
    fn a_drag_sets_a_locked_key_and_moves_only_what_is_selected() {
        let d = drag(Grab::Selection, [3.0, -1.0], &[(0, 1)]);
        let key = d.shapes[0].key_at(5.0).unwrap();
        assert!(key.locked && key.confidence.is_none());
        assert_eq!([key.points[0].x, key.points[0].y], [5.0, 10.0]);
        assert_eq!([key.points[1].x, key.points[1].y], [28.0, 9.0]);
    }

    #[test]
    fn a_click_without_a_move_sets_nothing() {
        assert_eq!(drag(Grab::Selection, [0.0, 0.0], &[(0, 0)]), document());
    }

    #[test]
    fn a_whole_shape_moves() {
        let d = drag(Grab::Shape(0), [1.0, 1.0], &[]);
        assert!(d.shapes[0].key_at(5.0).unwrap().points.iter().all(|p| p.y == 11.0));
    }

    #[test]
    fn smooth_tangents_turn_together_until_broken() {
        let tangent = |breaks| Grab::Tangent { point: (0, 0), outgoing: true, breaks };
        let turned = drag(tangent(false), [-4.0, 4.0], &[]);
        let p = &turned.shapes[0].key_at(5.0).unwrap().points[0];
        assert_eq!(p.tangent_out, [0.0, 4.0]);
        assert!((p.tangent_in[0]).abs() < 1e-12 && (p.tangent_in[1] + 2.0).abs() < 1e-12);
        let broken = drag(tangent(true), [-4.0, 4.0], &[]);
        assert_eq!(broken.shapes[0].key_at(5.0).unwrap().points[0].tangent_in, [-2.0, 0.0]);
    }

    #[test]
    fn a_box_takes_what_is_inside() {
        assert_eq!(inside(&document(), 5.0, [30.0, 20.0], [20.0, 0.0]), [(0, 1)]);
    }

    #[test]
    fn outlines_close_only_if_the_shape_does() {
        let points = document().shapes[0].points_at(1.0);
        assert_eq!(outline(&points, true).len(), 1 + 2 * PIECES);
        assert_eq!(outline(&points, false).len(), 1 + PIECES);
        assert!(outline(&[], true).is_empty());
    }
}
