//! Reads the `curves` knob of a Roto or RotoPaint node.

use shapes::{Blend, Interp, Key, OpacityKey, Shape};

use super::cursor::{Cursor, Fault, Part, Token, unescaped};
use super::curve::{Curve, Met};
use super::life::Life;
use super::transform::Transform;
use super::{BLENDS, OPEN, OPEN_SPLINE};
use crate::Warning;
use crate::fades::{hide, settle};
use crate::space::{Map, Placed};
use crate::text::{MAX_ITEMS, MAX_POINTS};
use crate::transform::flatten;

/// Lists within lists that are followed.
const MAX_DEPTH: usize = 64;
/// Where a shape without keys gets its one key.
const STILL_FRAME: f64 = 1.0;

/// Appends the shapes of a `curves` knob in drawing order. Nuke lists the shape on top first.
pub(crate) fn read(
    knob: &Part<'_>,
    map: &Map,
    shapes: &mut Vec<Shape>,
    warnings: &mut Vec<Warning>,
) -> Result<(), Fault> {
    let mut reader = Reader { cursor: Cursor::new(knob), map, shapes: Vec::new(), warnings, points: 0 };
    reader.tree(0)?;
    shapes.extend(reader.shapes.into_iter().rev());
    Ok(())
}

struct Reader<'a, 'w> {
    cursor: Cursor<'a>,
    map: &'w Map,
    shapes: Vec<Shape>,
    warnings: &'w mut Vec<Warning>,
    /// In all keys so far.
    points: usize,
}

/// A `cc` list: for each point the six coordinates of its incoming tangent, place and outgoing tangent.
struct Contour {
    flags: u32,
    /// The only key's frame, where the list says it once for all points.
    frame: Option<f64>,
    points: Vec<[Curve; 6]>,
}

/// What a shape's attributes say.
#[derive(Default)]
struct Attributes {
    blend: Blend,
    opacity: Option<Curve>,
    color: [Option<f64>; 3],
    invert: bool,
    life: Life,
}

impl<'a> Reader<'a, '_> {
    fn warn(&mut self, shape: &str, property: &str, message: &str) {
        self.warnings.push(Warning::new(shape, property, message));
    }

    /// The content of a list that may hold layers and shapes, to its end or the text's.
    fn tree(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(self.cursor.fault("lists are nested too deeply"));
        }
        loop {
            match self.cursor.next() {
                Token::End if depth == 0 => return Ok(()),
                Token::End => return Err(self.cursor.fault("a list is never closed")),
                Token::Close => return Ok(()),
                Token::Word(_) => {}
                Token::Open => match self.cursor.peek() {
                    Token::Word("layer") => {
                        self.cursor.next();
                        self.layer(depth + 1)?;
                    }
                    Token::Word("curvegroup") => {
                        self.cursor.next();
                        self.shape()?;
                    }
                    Token::Word("cubiccurve") => {
                        self.cursor.next();
                        let name = unescaped(self.cursor.word("a name")?).into_owned();
                        self.warn(&name, "stroke", "paint strokes are not read");
                        self.cursor.skip_rest()?;
                    }
                    Token::Open | Token::Word("n") => self.tree(depth + 1)?,
                    _ => self.cursor.skip_rest()?,
                },
            }
        }
    }

    fn layer(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > MAX_DEPTH {
            return Err(self.cursor.fault("layers are nested too deeply"));
        }
        let name = unescaped(self.cursor.word("a layer's name")?).into_owned();
        let first = self.shapes.len();
        let mut transform = None;
        loop {
            match self.cursor.next() {
                Token::Close => return self.flatten(first, transform.as_ref()),
                Token::End => return Err(self.cursor.fault("a layer is never closed")),
                Token::Word(_) => {}
                Token::Open => match self.cursor.next() {
                    Token::Word("layer") => self.layer(depth + 1)?,
                    Token::Word("curvegroup") => self.shape()?,
                    Token::Word("cubiccurve") => {
                        let name = unescaped(self.cursor.word("a name")?).into_owned();
                        self.warn(&name, "stroke", "paint strokes are not read");
                        self.cursor.skip_rest()?;
                    }
                    Token::Word(word @ ("t" | "tx")) => transform = self.transform(&name, word == "tx")?,
                    Token::Word("a") => self.layer_attributes(&name)?,
                    Token::Close => {}
                    Token::End => return Err(self.cursor.fault("a layer is never closed")),
                    _ => self.cursor.skip_rest()?,
                },
            }
        }
    }

    /// Says what a layer does to its shapes besides moving them.
    fn layer_attributes(&mut self, name: &str) -> Result<(), Fault> {
        let attributes = self.attributes(name)?;
        for (property, is_set) in [
            ("opacity", attributes.opacity.is_some_and(|o| !o.is_always(1.0))),
            ("visible", !attributes.life.is_whole()),
            ("blend mode", attributes.blend != Blend::Add),
            ("invert", attributes.invert),
        ] {
            if is_set {
                self.warn(name, property, "that of a layer is not read");
            }
        }
        Ok(())
    }

    /// What follows `t`, or `tx` where the frame of the only key comes first; `None` where it moves nothing.
    fn transform(&mut self, name: &str, has_frame: bool) -> Result<Option<Transform>, Fault> {
        let mut met = Met::default();
        if has_frame {
            self.cursor.number()?;
        }
        let transform = Transform::read(&mut self.cursor, &mut met)?;
        if !transform.moves() {
            return Ok(None);
        }
        if transform.has_unread() {
            self.warn(name, "transform", "skew and turns about x and y are not applied");
        }
        if transform.has_both() {
            self.warn(name, "transform", "its matrix is applied after its translation, rotation and scale");
        }
        if met.cubic {
            self.warn(name, "transform", "cubic keys are read as smooth, without their own slopes");
        }
        if met.expression {
            self.warn(name, "transform", "has expressions: their saved values are read");
        }
        Ok(Some(transform))
    }

    /// Puts a transform into the points of the shapes from this one on.
    fn flatten(&mut self, from: usize, transform: Option<&Transform>) -> Result<(), Fault> {
        let Some(transform) = transform else { return Ok(()) };
        for shape in self.shapes.iter_mut().skip(from) {
            flatten(shape, transform, self.map, &mut self.points).map_err(|what| self.cursor.fault(what))?;
        }
        Ok(())
    }

    /// What follows `curvegroup`.
    fn shape(&mut self) -> Result<(), Fault> {
        if self.shapes.len() >= MAX_ITEMS {
            return Err(self.cursor.fault(format!("there are more than {MAX_ITEMS} shapes")));
        }
        let name = unescaped(self.cursor.word("a shape's name")?).into_owned();
        let flags = self.cursor.number()? as u32;
        let kind = self.cursor.word("a kind of curve")?;
        if kind != "bezier" {
            self.warn(&name, "kind", &format!("{kind} shapes are not read, only bezier ones"));
            return self.cursor.skip_rest();
        }
        let mut met = Met::default();
        let mut contours = Vec::new();
        let mut attributes = Attributes::default();
        let mut transform = None;
        loop {
            match self.cursor.next() {
                Token::Close => break,
                Token::Word(_) => {}
                Token::End => return Err(self.cursor.fault("a shape is never closed")),
                Token::Open => match self.cursor.peek() {
                    Token::Open => self.contours(&mut contours, &mut met)?,
                    Token::Word(word @ ("t" | "tx")) => {
                        self.cursor.next();
                        transform = self.transform(&name, word == "tx")?;
                    }
                    Token::Word("a") => {
                        self.cursor.next();
                        attributes = self.attributes(&name)?;
                    }
                    _ => self.cursor.skip_rest()?,
                },
            }
        }
        let open = flags & OPEN_SPLINE != 0 || contours.first().is_some_and(|c| c.flags & OPEN != 0);
        let mut contours = contours.into_iter();
        let Some(outline) = contours.next().filter(|c| !c.points.is_empty()) else {
            self.warn(&name, "points", "the shape has none: left out");
            return Ok(());
        };
        let feather = contours.next().filter(|f| f.points.len() == outline.points.len());
        let keys = self.keys(&name, &outline, feather.as_ref(), met)?;
        let mut shape = Shape::new(&name, !open, keys);
        shape.blend = attributes.blend;
        if let Some(opacity) = &attributes.opacity {
            let keys = opacity.keys().iter().map(|k| OpacityKey::new(k.frame, k.value, k.interp));
            shape.opacity_keys = keys.collect();
            shape.opacity = Some(opacity.at(0.0)).filter(|o| *o != 1.0 && shape.opacity_keys.is_empty());
            settle(&mut shape);
        }
        if !attributes.life.is_whole() {
            let life = attributes.life;
            hide(&mut shape, &life.changes(), |frame| life.is_shown(frame), &mut self.points)
                .map_err(|what| self.cursor.fault(what))?;
        }
        if let [Some(r), Some(g), Some(b)] = attributes.color {
            shape.color = Some([r, g, b]);
        }
        shape.invert = attributes.invert;
        self.shapes.push(shape);
        self.flatten(self.shapes.len() - 1, transform.as_ref())
    }

    /// The list of `cc` lists of a shape, after its opening brace. `idem` in place of one means: no such contour.
    fn contours(&mut self, contours: &mut Vec<Contour>, met: &mut Met) -> Result<(), Fault> {
        loop {
            match self.cursor.next() {
                Token::Close => return Ok(()),
                Token::Word(_) => {}
                Token::Open => {
                    if self.cursor.peek() == Token::Word("cc") {
                        self.cursor.next();
                        contours.push(self.contour(met)?);
                    } else {
                        self.cursor.skip_rest()?;
                    }
                }
                Token::End => return Err(self.cursor.fault("a list of contours is never closed")),
            }
        }
    }

    fn contour(&mut self, met: &mut Met) -> Result<Contour, Fault> {
        let mut contour = Contour { flags: 0, frame: None, points: Vec::new() };
        loop {
            match self.cursor.next() {
                Token::Close => return Ok(contour),
                Token::Word(_) => {}
                Token::End => return Err(self.cursor.fault("a contour is never closed")),
                Token::Open => match self.cursor.next() {
                    Token::Word("f") => {
                        contour.flags = self.cursor.number()? as u32;
                        self.cursor.close()?;
                    }
                    Token::Word("px") => {
                        contour.frame = Some(self.cursor.number()?);
                        self.points(&mut contour.points, met)?;
                    }
                    Token::Word("p") => self.points(&mut contour.points, met)?,
                    Token::Close => {}
                    Token::End => return Err(self.cursor.fault("a contour is never closed")),
                    _ => self.cursor.skip_rest()?,
                },
            }
        }
    }

    /// Lists of two coordinates, three for each control point, to the end of the list around them.
    fn points(&mut self, points: &mut Vec<[Curve; 6]>, met: &mut Met) -> Result<(), Fault> {
        loop {
            if self.cursor.peek() == Token::Close {
                return self.cursor.close();
            }
            if points.len() >= MAX_POINTS {
                return Err(self.cursor.fault(format!("there are more than {MAX_POINTS} points")));
            }
            let mut pair = || -> Result<[Curve; 2], Fault> {
                self.cursor.open("two coordinates")?;
                let x = Curve::read(&mut self.cursor, met)?;
                let y = Curve::read(&mut self.cursor, met)?;
                self.cursor.skip_rest()?;
                Ok([x, y])
            };
            let ([a, b], [c, d], [e, f]) = (pair()?, pair()?, pair()?);
            points.push([a, b, c, d, e, f]);
        }
    }

    fn attributes(&mut self, name: &str) -> Result<Attributes, Fault> {
        let mut attributes = Attributes::default();
        let mut met = Met::default();
        loop {
            let attribute = match self.cursor.next() {
                Token::Close => return Ok(attributes),
                Token::Word(attribute) => attribute,
                _ => return Err(self.cursor.fault("an attribute's name is expected")),
            };
            let curve = Curve::read(&mut self.cursor, &mut met)?;
            let value = curve.keys().first().map_or_else(|| curve.at(0.0), |k| k.value);
            match attribute {
                "opc" => attributes.opacity = Some(curve),
                "bm" => match BLENDS.iter().find(|(code, _)| f64::from(*code) == value) {
                    Some((_, blend)) => attributes.blend = *blend,
                    None => self.warn(name, "blend mode", "not known here: read as add"),
                },
                "ro" => attributes.color[0] = Some(value),
                "go" => attributes.color[1] = Some(value),
                "bo" => attributes.color[2] = Some(value),
                "inv" => {
                    attributes.invert = value != 0.0;
                    if !curve.is_always(value) {
                        self.warn(name, "invert", "animated: only its first key is read");
                    }
                }
                "vis" => attributes.life.visible = Some(curve),
                "ltt" => attributes.life.range[0] = value,
                "ltn" => attributes.life.range[1] = value,
                "ltm" => attributes.life.range[2] = value,
                "fo" | "fx" | "fy" if value != if attribute == "fo" { 1.0 } else { 0.0 } => {
                    self.warn(name, "feather", "the shape's overall feather is not read");
                }
                _ => {}
            }
        }
    }

    /// The shape's keys: one wherever a coordinate has one.
    fn keys(
        &mut self,
        name: &str,
        outline: &Contour,
        feather: Option<&Contour>,
        met: Met,
    ) -> Result<Vec<Key>, Fault> {
        let curves = || outline.points.iter().chain(feather.iter().flat_map(|f| &f.points)).flatten();
        let mut frames: Vec<f64> = curves().flat_map(|c| c.keys().iter().map(|k| k.frame)).collect();
        frames.extend(outline.frame);
        frames.sort_by(f64::total_cmp);
        frames.dedup();
        if frames.is_empty() {
            frames.push(STILL_FRAME);
        }
        self.points = self.points.saturating_add(frames.len().saturating_mul(outline.points.len()));
        if self.points > MAX_POINTS {
            return Err(self.cursor.fault(format!("the keys have more than {MAX_POINTS} points")));
        }
        let mut mixed = false;
        let mut interp_at = |frame: f64| {
            let mut interps = curves().filter_map(|c| c.interp_at(frame));
            let first = interps.next().unwrap_or(Interp::Linear);
            let same = interps.all(|i| i == first);
            mixed |= !same;
            if same { first } else { Interp::Linear }
        };
        let keys = frames
            .into_iter()
            .map(|frame| Key {
                interp: interp_at(frame),
                ..Key::new(self.map.frame_back(frame), points_at(self.map, outline, feather, frame))
            })
            .collect();
        if mixed {
            self.warn(name, "interpolation", "differs between coordinates: read as linear");
        }
        if met.cubic {
            self.warn(name, "interpolation", "cubic keys are read as smooth, without their own slopes");
        }
        if met.unsaid {
            self.warn(name, "interpolation", "keys that do not say theirs are read as linear");
        }
        if met.expression {
            self.warn(name, "expression", "its saved values are read");
        }
        Ok(keys)
    }
}

fn points_at(map: &Map, outline: &Contour, feather: Option<&Contour>, frame: f64) -> Vec<shapes::Point> {
    let pairs = |c: &[Curve; 6]| {
        let v = c.each_ref().map(|c| c.at(frame));
        ([v[0], v[1]], [v[2], v[3]], [v[4], v[5]])
    };
    outline
        .points
        .iter()
        .enumerate()
        .map(|(i, curves)| {
            let (handle_in, at, handle_out) = pairs(curves);
            let mut point = map.point_of(&Placed { at, handle_in, handle_out });
            if let Some(curves) = feather.and_then(|f| f.points.get(i)) {
                let (tangent_in, offset, tangent_out) = pairs(curves);
                if offset != [0.0; 2] || tangent_in != handle_in || tangent_out != handle_out {
                    point.feather = Some(map.feather_of(offset, tangent_in, tangent_out));
                }
            }
            point
        })
        .collect()
}
