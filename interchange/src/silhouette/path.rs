//! Paths: the control points of a shape's keys.

use quick_xml::events::Event;
use shapes::{Interp, Key, Point};

use super::read::{Body, Draft, attribute, numbers, parse};
use crate::ReadError;
use crate::space::{Map, Placed};
use crate::text::MAX_POINTS;

impl Body<'_, '_> {
    /// The property `path`: keys with a path each, or one path as its value.
    pub(super) fn path(&mut self, draft: &mut Draft) -> Result<(), ReadError> {
        let mut key = Key::new(self.map.frame_back(0.0), Vec::new());
        let mut depth = 1;
        while depth > 0 {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) => {
                    depth += 1;
                    match e.name().0 {
                        "Key" => {
                            let frame = attribute(&e, "frame", at)?.unwrap_or_default();
                            let hold = attribute(&e, "interp", at)?.is_some_and(|v| v == "hold");
                            key = Key::new(self.map.frame_back(parse(&frame, at)?), Vec::new());
                            key.interp = if hold { Interp::Hold } else { Interp::Linear };
                        }
                        "Path" => {
                            let closed = attribute(&e, "closed", at)?;
                            draft.shape.closed = closed.is_none_or(|v| v.eq_ignore_ascii_case("true"));
                            if let Some(kind) = attribute(&e, "type", at)? {
                                draft.kind = kind;
                            }
                        }
                        "Point" => {
                            depth -= 1;
                            let text = self.text_inside()?;
                            key.points.push(point(&self.map, &text, &draft.kind, at)?);
                            self.points += 1;
                            if self.points > MAX_POINTS {
                                let what = format!("the keys have more than {MAX_POINTS} points");
                                return Err(ReadError::byte(at, what));
                            }
                        }
                        _ => {}
                    }
                }
                Event::End(e) => {
                    depth -= 1;
                    if e.name().0 == "Path" && !key.points.is_empty() {
                        let mut done = std::mem::take(&mut key);
                        if draft.kind == "Bspline" {
                            done.points = bspline(&done.points, draft.shape.closed);
                        }
                        draft.shape.keys.push(done);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn point(map: &Map, text: &str, kind: &str, at: usize) -> Result<Point, ReadError> {
    let mut numbers = numbers(text, at);
    let mut pair = || match (numbers.next(), numbers.next()) {
        (Some(x), Some(y)) => Ok([x?, y?]),
        _ => Err(ReadError::byte(at, "a point is three pairs of numbers, or one of a B-spline")),
    };
    let place = pair()?;
    if kind == "Bspline" {
        return Ok(map.point_of(&Placed { at: place, handle_in: place, handle_out: place }));
    }
    let handle_out = pair()?;
    Ok(map.point_of(&Placed { at: place, handle_in: pair()?, handle_out }))
}

/// The Bezier points of a uniform cubic B-spline: one for each control point. Ends of an open one are its first and last control point.
fn bspline(points: &[Point], closed: bool) -> Vec<Point> {
    let count = points.len();
    (0..count)
        .map(|i| {
            let at = &points[i];
            if count < 3 || (!closed && (i == 0 || i + 1 == count)) {
                return Point::corner(at.x, at.y);
            }
            let (before, after) = (&points[(i + count - 1) % count], &points[(i + 1) % count]);
            let tangent = [(after.x - before.x) / 6.0, (after.y - before.y) / 6.0];
            let middle = |a: f64, b: f64, c: f64| (a + 4.0 * b + c) / 6.0;
            let (x, y) = (middle(before.x, at.x, after.x), middle(before.y, at.y, after.y));
            Point::new(x, y, [-tangent[0], -tangent[1]], tangent)
        })
        .collect()
}
