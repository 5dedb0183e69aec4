//! The box with the head: still, or going along with it.

use std::collections::BTreeMap;

use ofx::{Error, Instance, PointD, Result};
use shapes::Document;

use super::keys::Span;
use super::params::{REGION_FROM, REGION_TO, USE_REGION};
use crate::plate::Placement;
use crate::space::AxisMap;

/// Two corners, canonical.
pub type Corners = [PointD; 2];

/// Where an artist says that the head is. A still box is where it is on the first frame of an analysis; one that moves, by
/// keys or by a link to a tracker, is where it is on each frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Region {
    Still(Corners),
    Moving(BTreeMap<i32, Corners>),
}

impl Region {
    /// As set over a range of frames; none where it is switched off.
    pub fn read(instance: &Instance, (first, last): Span) -> Result<Option<Region>> {
        if !instance.get(&USE_REGION)? {
            return Ok(None);
        }
        let corners = |frame: i32| Ok((frame, at(instance, f64::from(frame))?));
        let all = (first..=last).map(corners).collect::<Result<BTreeMap<i32, Corners>>>()?;
        Ok(Some(Region::of(all)))
    }

    fn of(all: BTreeMap<i32, Corners>) -> Region {
        let mut boxes = all.values();
        match boxes.next() {
            Some(first) if boxes.all(|b| b == first) => Region::Still(*first),
            _ => Region::Moving(all),
        }
    }

    /// The frames of `span` with a box, in pixels of the planes: left, top, right, bottom. Where a box that moves has left the picture
    /// so has the head; one that is nowhere in the picture is a mistake.
    pub fn in_planes(
        &self,
        span: Span,
        document: &Document,
        placement: &Placement,
    ) -> Result<BTreeMap<i32, [f64; 4]>> {
        let from_canonical = AxisMap::canonical_from_document(placement.document_top(document)).inverse();
        let to_plane = placement.plane_from_document(document);
        let in_plane = |corners: &Corners| {
            let [a, b] = corners.map(|p| to_plane.point(from_canonical.point([p.x, p.y])));
            [a[0].min(b[0]), a[1].min(b[1]), a[0].max(b[0]), a[1].max(b[1])]
        };
        let boxes: BTreeMap<i32, [f64; 4]> = match self {
            Region::Still(corners) => BTreeMap::from([(span.0, in_plane(corners))]),
            Region::Moving(all) => {
                all.range(span.0..=span.1).map(|(f, corners)| (*f, in_plane(corners))).collect()
            }
        };
        let (width, height) = placement.size();
        let has_head = |[left, top, right, bottom]: &[f64; 4]| {
            let some = right - left >= 1.0 && bottom - top >= 1.0;
            some && *right >= 0.0 && *bottom >= 0.0 && *left <= width as f64 && *top <= height as f64
        };
        if boxes.values().any(has_head) {
            Ok(boxes)
        } else {
            Err(Error::failed(
                "the box is empty or outside of the picture: move Box from and Box to around the head, or switch it off",
            ))
        }
    }
}

/// The corners on a frame.
pub fn at(instance: &Instance, time: f64) -> Result<Corners> {
    Ok([instance.get_at(&REGION_FROM, time)?, instance.get_at(&REGION_TO, time)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use ofx::RectI;

    fn square(x: f64) -> Corners {
        [PointD { x, y: 10.0 }, PointD { x: x + 20.0, y: 30.0 }]
    }

    fn planes(xs: [f64; 3]) -> Result<BTreeMap<i32, [f64; 4]>> {
        let placement = Placement { window: RectI { x1: 0, y1: 0, x2: 100, y2: 50 }, top: 50.0, par: 1.0 };
        let region = Region::of((1..).zip(xs.map(square)).collect());
        region.in_planes((1, 3), &Document::new(100, 50), &placement)
    }

    #[test]
    fn a_still_box_is_for_the_first_frame_and_a_moving_one_for_all() {
        assert_eq!(planes([40.0; 3]).unwrap(), BTreeMap::from([(1, [40.0, 20.0, 60.0, 40.0])]));
        let moving = planes([40.0, 40.0, 50.0]).unwrap();
        assert_eq!((moving.len(), moving[&3]), (3, [50.0, 20.0, 70.0, 40.0]));
    }

    #[test]
    fn a_box_may_leave_the_picture_but_not_stay_outside() {
        assert_eq!(planes([40.0, 90.0, 140.0]).unwrap()[&3][0], 140.0);
        assert!(planes([140.0; 3]).is_err() && planes([140.0, 150.0, 160.0]).is_err());
    }
}
