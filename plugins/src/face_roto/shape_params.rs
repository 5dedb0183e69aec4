//! What an artist sets for each shape: whether it is drawn, and grow, feather and operation on top of the document's.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use ofx::param::{Bool, ChoiceOf, Double, Group, Options, Text};
use ofx::{DescribeInContext, Instance, Result};
use shapes::{Blend, Document, Shape, Track};

use super::landmarks;
use super::names::{self, Names};

/// Slots of params. Further shapes are drawn as the document has them.
pub const MOST: usize = 16;
/// How far around a frame a shape's motion may be asked for, frames: the longest shutter with the largest offset.
const AROUND: f64 = 9.0;

const NAMES: Text =
    Text::new(c"shapeNames", c"Shape names").help(c"The shape of each group below, a line each.").hidden();

/// How a shape is composed with those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// As the document says.
    Document,
    Blend(Blend),
}

impl Options for Op {
    const ALL: &'static [(Self, &'static CStr)] = &[
        (Self::Document, c"As keyed"),
        (Self::Blend(Blend::Add), c"Add"),
        (Self::Blend(Blend::Subtract), c"Subtract"),
        (Self::Blend(Blend::Intersect), c"Intersect"),
        (Self::Blend(Blend::Max), c"Max"),
        (Self::Blend(Blend::Difference), c"Difference"),
        (Self::Blend(Blend::Holdout), c"Holdout"),
    ];
}

/// The names of a slot's params.
struct Slot([CString; 6]);

impl Slot {
    fn new(index: usize) -> Self {
        let n = index + 1;
        let name = |part: &str| CString::new(format!("shape{n:02}{part}")).unwrap_or_default();
        let label = CString::new(format!("Shape {n}")).unwrap_or_default();
        Slot([label, name(""), name("On"), name("Grow"), name("Feather"), name("Op")])
    }

    fn group(&self) -> Group<'_> {
        Group::new(&self.0[1], &self.0[0]).closed().secret()
    }

    fn on(&self) -> Bool<'_> {
        Bool::new(&self.0[2], c"Use")
            .default(true)
            .help(c"Off: the shape is left out of the output.")
            .secret()
    }

    fn grow(&self) -> Double<'_> {
        let grow = Double::new(&self.0[3], c"Grow (px)").range(-1000.0, 1000.0).display(-20.0, 20.0);
        grow.help(c"Moves the shape's edge outwards, inwards below 0, on top of what the document says.")
            .secret()
    }

    fn feather(&self) -> Double<'_> {
        let feather = Double::new(&self.0[4], c"Feather (px)").range(0.0, 1000.0).display(0.0, 50.0);
        feather.help(c"Softens the shape's edge, on top of what the document says.").secret()
    }

    fn op(&self) -> ChoiceOf<'_, Op> {
        let op = ChoiceOf::new(&self.0[5], c"Operation", Op::Document).no_animation();
        op.help(c"How the shape is composed with those before it.").secret()
    }

    fn reveal(&self, instance: &Instance, name: Option<&str>) -> Result<()> {
        let hide = name.is_none();
        if let Some(name) = name {
            landmarks::rename(instance, &self.group(), name);
        }
        instance.set_secret(&self.group(), hide)?;
        instance.set_secret(&self.on(), hide)?;
        instance.set_secret(&self.grow(), hide)?;
        instance.set_secret(&self.feather(), hide)?;
        instance.set_secret(&self.op(), hide)
    }

    /// The shape as set at a time; `None` if it is off.
    fn dressed(&self, instance: &Instance, shape: &Shape, time: f64) -> Result<Option<Look>> {
        if !instance.get_at(&self.on(), time)? {
            return Ok(None);
        }
        let blend = match instance.get(&self.op())? {
            Op::Document => shape.blend,
            Op::Blend(blend) => blend,
        };
        let more =
            |own: Option<f64>, added: f64| if added == 0.0 { own } else { Some(own.unwrap_or(0.0) + added) };
        let grow = more(shape.grow, instance.get_at(&self.grow(), time)?);
        let feather = more(shape.feather, instance.get_at(&self.feather(), time)?);
        Ok(Some(Look { blend, grow, feather }))
    }
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    blend: Blend,
    grow: Option<f64>,
    feather: Option<f64>,
}

impl Look {
    fn of(shape: &Shape) -> Self {
        Look { blend: shape.blend, grow: shape.grow, feather: shape.feather }
    }
}

/// Defines the groups, in the page that is open.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&NAMES)?;
    for i in 0..MOST {
        let slot = Slot::new(i);
        d.group(&slot.group(), |d| {
            d.define(&slot.on())?;
            d.define(&slot.grow())?;
            d.define(&slot.feather())?;
            d.define(&slot.op())
        })?;
    }
    Ok(())
}

fn slots(instance: &Instance, document: &Document) -> Result<Names> {
    Ok(Names::new(&instance.get(&NAMES)?, names::shapes(document), MOST))
}

/// Names the groups in use, and hides the others; `fresh` as for [`super::landmarks::label`].
pub fn label(instance: &Instance, document: &Document, fresh: bool) -> Result<()> {
    if !landmarks::are_useful(instance.host()) {
        return Ok(());
    }
    let names = slots(instance, document)?;
    for i in 0..MOST {
        let name = names.name(i).filter(|n| document.shape(n).is_some());
        if !fresh || name.is_some() {
            Slot::new(i).reveal(instance, name)?;
        }
    }
    Ok(())
}

/// Brings the names up to the document.
pub fn show(instance: &Instance, document: &Document) -> Result<()> {
    instance.set(&NAMES, &slots(instance, document)?.lines())?;
    label(instance, document, false)
}

/// The document as it is to be drawn at a time. Where the params change nothing it is the same one.
pub fn dressed(instance: &Instance, document: &Arc<Document>, time: f64) -> Result<Arc<Document>> {
    let looks = looks(instance, document, time)?;
    if looks.iter().zip(&document.shapes).all(|(look, shape)| *look == Some(Look::of(shape))) {
        return Ok(Arc::clone(document));
    }
    let drawn = document.shapes.iter().zip(looks).filter_map(|(shape, look)| {
        let Look { blend, grow, feather } = look?;
        Some(Shape { blend, grow, feather, ..around(shape, time) })
    });
    let shapes = drawn.collect();
    Ok(Arc::new(Document {
        format: document.format.clone(),
        version: document.version,
        width: document.width,
        height: document.height,
        fps: document.fps,
        par: document.par,
        shapes,
        tracks: document
            .tracks
            .iter()
            .map(|t| Track::new(&t.name, t.at(time).into_iter().collect()))
            .collect(),
        extra: document.extra.clone(),
    }))
}

/// The whole document, with shapes as the params have them at a time, and without those that are switched off.
pub fn switched(instance: &Instance, document: &Document, time: f64) -> Result<Document> {
    let looks = looks(instance, document, time)?;
    let dress = |(shape, look): (&Shape, Option<Look>)| {
        look.map(|Look { blend, grow, feather }| Shape { blend, grow, feather, ..shape.clone() })
    };
    let shapes = document.shapes.iter().zip(looks).filter_map(dress).collect();
    Ok(Document { shapes, ..document.clone() })
}

/// How each shape looks at a time; `None` for those that are switched off.
fn looks(instance: &Instance, document: &Document, time: f64) -> Result<Vec<Option<Look>>> {
    let names = slots(instance, document)?;
    let look = |shape: &Shape| match names.slot(&shape.name) {
        Some(i) => Slot::new(i).dressed(instance, shape, time),
        None => Ok(Some(Look::of(shape))),
    };
    document.shapes.iter().map(look).collect()
}

/// A shape with the keys that a picture of `time` may depend on.
fn around(shape: &Shape, time: f64) -> Shape {
    /// Smooth interpolation looks two keys far.
    const BEYOND: usize = 2;
    let first = shape.keys.partition_point(|k| k.frame < time - AROUND).saturating_sub(BEYOND);
    let end = (shape.keys.partition_point(|k| k.frame <= time + AROUND) + BEYOND).min(shape.keys.len());
    shape.with_keys(shape.keys[first..end].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::{Interp, Key, Point};

    #[test]
    fn keys_around_a_frame_are_enough() {
        for interp in [Interp::Linear, Interp::Smooth, Interp::Hold] {
            let key = |f: f64| Key { interp, ..Key::new(f, vec![Point::corner(f * f, f)]) };
            let shape = Shape::new("a", true, (0..80).map(|i| key(f64::from(i) * 1.5)).collect());
            for time in [-5.0, 0.0, 33.3, 60.0, 118.5, 200.0] {
                let part = around(&shape, time);
                assert!(part.keys.len() < 20);
                for t in [time - 8.0, time, time + 0.25, time + 8.0] {
                    assert_eq!(part.points_at(t), shape.points_at(t), "{interp:?} {t}");
                }
            }
        }
    }
}
