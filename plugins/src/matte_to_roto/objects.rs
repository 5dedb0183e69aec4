//! Masks that have a colour for each object.

use std::collections::BTreeSet;

use engine::vectorise::{Options, VectoriseError, Vectorised, vectorise};
use shapes::outline::Outline;
use shapes::{Document, Shape};

use super::mattes::{Colour, Mattes};

/// What finding the colours is of all the work.
const FINDING: f32 = 0.2;

/// Shapes of each object, or of the one with this number (from 1), called *object N: …*, in the object's colour.
///
/// Objects are numbered by their colours on all frames. Large ones come first, so that one which is seen through a hole of another is
/// not cut out by that hole.
pub fn objects(
    mattes: &mut Mattes<'_, '_>,
    (first, last): (i32, i32),
    options: &Options,
    only: Option<usize>,
    progress: &mut dyn FnMut(f32) -> bool,
) -> Result<Vectorised, VectoriseError> {
    let count = (first..=last).count() as f32;
    let mut colours = BTreeSet::new();
    for (i, frame) in (first..=last).enumerate() {
        if !progress(FINDING * i as f32 / count) {
            return Err(VectoriseError::Cancelled);
        }
        let found = mattes.add_colours(frame, &mut colours);
        found.map_err(|reason| VectoriseError::Frame { frame, reason })?;
    }
    let all = colours.len();
    let numbered = (1..).zip(colours).filter(|(number, _)| only.is_none_or(|n| n == *number));
    let wanted: Vec<(usize, Colour)> = numbered.collect();
    if let Some(number) = only.filter(|_| wanted.is_empty()) {
        let reason = format!("there is no object {number}: the frames have {all}");
        return Err(VectoriseError::Frame { frame: first, reason });
    }
    let mut made = Vectorised { document: Document::new(0, 0), left_out: 0 };
    let mut objects: Vec<(f64, Vec<Shape>)> = Vec::new();
    for (i, (number, colour)) in wanted.iter().enumerate() {
        let share = (1.0 - FINDING) / wanted.len() as f32;
        let mut report = |done: f32| progress(FINDING + share * (i as f32 + done));
        let mut read = |frame| mattes.read(frame, Some(*colour));
        let Vectorised { mut document, left_out } =
            vectorise(&mut read, [first, last], options, &mut report)?;
        made.left_out += left_out;
        for shape in &mut document.shapes {
            shape.name = format!("object {number}: {}", shape.name);
            let [b, g, r] = colour.map(|v| f64::from(v) / 255.0);
            shape.color = Some([r, g, b]);
        }
        let keys = document.shapes.iter().flat_map(|s| &s.keys);
        let areas = keys.map(|k| Outline::new(&k.points, true).signed_area_px2().abs());
        let largest = areas.fold(0.0, f64::max);
        objects.push((largest, std::mem::take(&mut document.shapes)));
        made.document = document;
    }
    objects.sort_by(|a, b| b.0.total_cmp(&a.0));
    made.document.shapes = objects.into_iter().flat_map(|(_, shapes)| shapes).collect();
    Ok(made)
}
