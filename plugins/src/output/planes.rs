//! Each matte as a plane of its own beside the colour, in hosts where an effect may name planes (Natron).
//!
//! A plane is named after its shape, as [`plane::spelled`] has it; shapes whose names are spelled alike share one. It holds what a
//! channel of the multi-matte holds that the shape has to itself. Which planes there are follows from the stored document and not from
//! the frame, so that a tree which is built on them stays valid over the shot.

use std::ffi::CString;
use std::sync::Arc;

use engine::raster::adds;
use ofx::param::Bool;
use ofx::{ClipComponents, Instance, Result, TimeArgs, plane};
use shapes::{Document, Shape};

use crate::stored;

pub const SHAPE_PLANES: Bool = Bool::new(c"shapePlanes", c"Each shape as a plane").no_animation().help(
    c"Puts out the matte of each shape as a plane (layer) named after it, beside what Output says: for Shuffle, or a file with layers. \
      Shapes of the same name share a plane; those that take away do so in all planes, or in those of their colour.",
);

/// The channel of each plane.
const CHANNEL: &str = "A";

/// Whether mattes are put out as planes.
pub fn are_wanted(instance: &Instance) -> Result<bool> {
    Ok(instance.host().names_planes() && instance.get(&SHAPE_PLANES)?)
}

/// The names of the planes of a document, in the order of their first shapes.
pub fn names(document: &Document) -> Vec<String> {
    let mut names = Vec::new();
    for name in document.shapes.iter().filter(|s| adds(s)).map(|s| plane::spelled(&s.name)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a shape is in the plane of this name.
pub fn holds(name: &str, shape: &Shape) -> bool {
    plane::spelled(&shape.name) == name
}

/// Says which planes the output of an effect has: colour and the mattes. All others are the source's, of which it reads the colour. `dressed` gives the document
/// as it is drawn; a shape that is switched off on a frame keeps its plane there.
pub fn components(
    instance: &Instance,
    args: &TimeArgs,
    dressed: impl FnOnce(&Arc<Document>) -> Result<Arc<Document>>,
    components: &mut ClipComponents<'_>,
) -> Result<()> {
    let mut mattes = Vec::new();
    // A document that cannot be read is the render's to report.
    if are_wanted(instance)?
        && let Ok(Some(document)) = stored::document(instance)
    {
        mattes = names(&document);
        let drawn = names(&*dressed(&document)?);
        let more: Vec<String> = drawn.into_iter().filter(|name| !mattes.contains(name)).collect();
        mattes.extend(more);
    }
    let mattes: Vec<CString> = mattes.iter().map(|name| plane::named(name, &[CHANNEL])).collect();
    components.beside_colour(&mattes, args.time)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::{Blend, Key, Point};

    #[test]
    fn planes_are_named_after_the_shapes_that_add() {
        let shape = |name: &str, blend| {
            let points = vec![Point::corner(0.0, 0.0); 3];
            Shape { blend, ..Shape::new(name, true, vec![Key::new(0.0, points)]) }
        };
        let mut d = Document::new(9, 9);
        d.shapes = vec![
            shape("upper face", Blend::Add),
            shape("hole", Blend::Subtract),
            shape("mouth", Blend::Max),
            shape("upper_face", Blend::Add),
            shape("other", Blend::Holdout),
        ];
        assert_eq!(names(&d), ["upper_face", "mouth"]);
        assert!(holds("upper_face", &d.shapes[0]) && holds("upper_face", &d.shapes[3]));
        assert!(!holds("mouth", &d.shapes[0]));
    }
}
