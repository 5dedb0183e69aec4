//! What the artist moves in the viewer, and the keys that makes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use shapes::{Document, Key, Point};

use super::{Fixes, Handle, feather};

/// How far off a line two tangents may lie and count as smooth, as the sine of the angle.
const SMOOTH: f64 = 0.02;

/// Something held, from where the pen went down.
pub struct Drag {
    pub grab: Grab,
    /// Where the pen went down, document px.
    pub from: [f64; 2],
    pub time: f64,
    pub before: Arc<Document>,
    pub now: Document,
    pub fixes: Fixes,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Grab {
    Selection,
    Shape(usize),
    Tangent {
        point: Handle,
        contour: Contour,
        outgoing: bool,
        breaks: bool,
    },
    /// The feather of a point, and with it those of all that is selected.
    Feather(Handle),
    Box {
        to: [f64; 2],
    },
}

impl Grab {
    /// What the host's undo list calls it.
    pub fn label(self) -> &'static str {
        match self {
            Grab::Feather(_) | Grab::Tangent { contour: Contour::Feather, .. } => "Move feather",
            _ => "Move spline points",
        }
    }
}

/// Which contour of a shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Contour {
    Outline,
    Feather,
}

impl Drag {
    /// Makes `now` the document with the held thing at `at` (document px).
    pub fn move_to(&mut self, at: [f64; 2], selected: &BTreeSet<Handle>) {
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
        let ways = self.feathers(by, selected);
        edit_points(&mut self.now, self.time, self.fixes, |handle, p| match grab {
            Grab::Selection if selected.contains(&handle) => shift(p, by),
            Grab::Shape(shape) if handle.0 == shape => shift(p, by),
            Grab::Tangent { point, contour, outgoing, breaks } if point == handle => {
                pull(p, contour, by, outgoing, breaks)
            }
            Grab::Feather(_) => ways.get(&handle).map(|by| feather::shift(p, *by)).is_some(),
            _ => false,
        });
    }

    /// How far the feather of each selected point moves: each as the held one does, seen from its own place on its outline.
    fn feathers(&self, by: [f64; 2], selected: &BTreeSet<Handle>) -> BTreeMap<Handle, [f64; 2]> {
        let Grab::Feather(held) = self.grab else { return BTreeMap::new() };
        let shapes = &self.before.shapes;
        let poses: Vec<_> = shapes.iter().map(|s| s.points_at(self.time)).collect();
        let ways: Vec<_> =
            shapes.iter().zip(&poses).map(|(s, points)| feather::outward(points, s.closed)).collect();
        let way = |(shape, point): Handle| ways.get(shape).and_then(|w| w.get(point)).copied();
        let Some(from) = way(held) else { return BTreeMap::new() };
        let move_of = |&(s, p): &Handle| {
            let (shape, way) = (self.before.shapes.get(s)?, way((s, p))?);
            let by = feather::turned(by, from, way);
            let points = poses.get(s)?;
            Some(((s, p), if shape.closed { by } else { feather::along(points.get(p)?, by, way) }))
        };
        selected.iter().filter_map(move_of).collect()
    }
}

fn shift(p: &mut Point, by: [f64; 2]) -> bool {
    p.x += by[0];
    p.y += by[1];
    true
}

/// Moves the end of a tangent; the other one turns with it if they were one line.
fn pull(p: &mut Point, contour: Contour, by: [f64; 2], outgoing: bool, breaks: bool) -> bool {
    let (tangent_in, tangent_out) = match (contour, &mut p.feather) {
        (Contour::Outline, _) => (&mut p.tangent_in, &mut p.tangent_out),
        (Contour::Feather, Some(f)) => (&mut f.tangent_in, &mut f.tangent_out),
        (Contour::Feather, None) => return false,
    };
    let (held, other) = if outgoing { (tangent_out, tangent_in) } else { (tangent_in, tangent_out) };
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
pub fn edit_points(
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

/// The points in a box between two corners, document px.
pub fn inside(document: &Document, time: f64, a: [f64; 2], b: [f64; 2]) -> Vec<Handle> {
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
        let tangent =
            |breaks| Grab::Tangent { point: (0, 0), contour: Contour::Outline, outgoing: true, breaks };
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
    fn feathers_are_pulled_out_of_the_outline() {
        let d = drag(Grab::Feather((0, 0)), [0.0, 2.0], &[(0, 0)]);
        let key = d.shapes[0].key_at(5.0).unwrap();
        let f = key.points[0].feather.clone().unwrap();
        assert!(key.locked && f.offset[0].abs() < 1e-12 && f.offset[1] == 2.0, "{f:?}");
        assert_eq!((f.tangent_in, f.tangent_out), ([-2.0, 0.0], [4.0, 0.0]), "as the point's own");
        assert_eq!((key.points[0].y, &key.points[1].feather), (10.0, &None));
    }

    #[test]
    fn selected_feathers_follow_outwards() {
        let corners = [(10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0)];
        let points = corners.map(|(x, y)| Point::corner(x, y)).to_vec();
        let mut before = Document::new(40, 40);
        before.shapes.push(Shape::new("a", true, vec![Key::new(1.0, points)]));
        let now = before.clone();
        let grab = Grab::Feather((0, 0));
        let before = Arc::new(before);
        let mut drag = Drag { grab, from: [0.0; 2], time: 1.0, before, now, fixes: Fixes::Shape };
        drag.move_to([-3.0, -3.0], &[(0, 0), (0, 2)].into());
        let points = &drag.now.shapes[0].keys[0].points;
        let offset = |i: usize| points[i].feather.as_ref().map(|f| f.offset.map(|v| v.round()));
        assert_eq!([0, 1, 2, 3].map(offset), [Some([-3.0; 2]), None, Some([3.0; 2]), None]);
    }

    #[test]
    fn a_feathers_tangents_turn_by_themselves() {
        let mut p = Point::new(0.0, 0.0, [-2.0, 0.0], [4.0, 0.0]);
        assert!(!pull(&mut p, Contour::Feather, [1.0, 1.0], true, false), "there is none");
        feather::shift(&mut p, [0.0, 5.0]);
        assert!(pull(&mut p, Contour::Feather, [-4.0, 4.0], true, false));
        let f = p.feather.clone().unwrap();
        assert_eq!((f.tangent_out, p.tangent_out), ([0.0, 4.0], [4.0, 0.0]));
        assert!((f.tangent_in[1] + 2.0).abs() < 1e-12);
    }
}
