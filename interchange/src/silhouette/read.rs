//! Reads a shape file with a pull parser that expands no entities of the file's own.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use shapes::{Blend, Document, Interp, OpacityKey, Shape};

use super::MODES;
use super::moving::{Matrix, tracker_key};
use crate::fades::settle;
use crate::space::{Map, SILHOUETTE};
use crate::text::{MAX_ITEMS, MAX_POINTS, excerpt};
use crate::transform::flatten;
use crate::{ReadError, Settings, Shot, Warning};

/// Elements within elements that are followed.
const MAX_DEPTH: usize = 256;
/// Bytes of the values of one property that are kept: a matrix on each of 200,000 frames.
const MAX_VALUES: usize = 64 << 20;

/// Reads the shapes of all layers in their order.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let mut reader = Reader::from_str(text);
    let root = loop {
        let at = position(&reader);
        match reader.read_event().map_err(|e| ReadError::byte(position(&reader), e.to_string()))? {
            Event::Start(e) | Event::Empty(e) => break (e, at),
            Event::DocType(_) => return Err(ReadError::byte(at, "document types are not read")),
            Event::Eof => return Err(ReadError::byte(at, "the file ends before it begins")),
            _ => {}
        }
    };
    let (root, at) = root;
    if root.name().0 != "Silhouette" {
        let name = excerpt(root.name().0);
        return Err(ReadError::byte(at, format!("an element Silhouette is expected, not {name}")));
    }
    let number = |name: &str| -> Result<Option<f64>, ReadError> {
        attribute(&root, name, at)?.map(|v| parse(&v, at)).transpose()
    };
    let size = |v: Option<f64>| v.filter(|v| *v >= 1.0).map(|v| v as u32);
    let asked = Settings {
        width: settings.width.or(size(number("width")?)),
        height: settings.height.or(size(number("height")?)),
        start_frame: settings.start_frame.or(number("sessionStartFrame")?),
        ..*settings
    };
    let shot = Shot::of(&Document::new(0, 0), &asked).ok_or(ReadError::SizeUnknown)?;
    let document = shot.document();
    let mut body = Body { reader, map: SILHOUETTE.of(&shot), document, warnings, points: 0 };
    body.layers()?;
    Ok(body.document)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

/// An attribute's value, with the five entities of XML itself resolved.
pub(super) fn attribute(
    element: &BytesStart<'_>,
    name: &str,
    at: usize,
) -> Result<Option<String>, ReadError> {
    let fault = |e: &dyn std::fmt::Display| ReadError::byte(at, e.to_string());
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| fault(&e))?;
        if attribute.key.0 == name {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|e| fault(&e))?;
            return Ok(Some(value.into_owned()));
        }
    }
    Ok(None)
}

pub(super) fn parse(text: &str, at: usize) -> Result<f64, ReadError> {
    let value = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    value.ok_or_else(|| ReadError::byte(at, format!("\"{}\" is not a number", excerpt(text))))
}

/// The numbers of a text like `(1,2),(3,4)`.
pub(super) fn numbers(text: &str, at: usize) -> impl Iterator<Item = Result<f64, ReadError>> + '_ {
    let words = text.split(|c: char| matches!(c, '(' | ')' | ',') || c.is_whitespace());
    words.filter(|w| !w.is_empty()).map(move |w| parse(w, at))
}

/// What is known of a shape while its properties are read.
pub(super) struct Draft {
    pub(super) shape: Shape,
    pub(super) kind: String,
}

/// A value of a property.
pub(super) struct Value {
    /// The key's frame, as the file counts; `None` for a value that is not keyed.
    pub(super) frame: Option<f64>,
    /// Whether the key holds until the next one.
    holds: bool,
    pub(super) text: String,
}

/// An element whose end has not come yet.
enum Open {
    Layer { label: String, first_shape: usize, matrix: Option<Matrix> },
    Other,
}

pub(super) struct Body<'a, 'w> {
    pub(super) reader: Reader<&'a [u8]>,
    pub(super) map: Map,
    pub(super) document: Document,
    pub(super) warnings: &'w mut Vec<Warning>,
    /// In all keys so far.
    pub(super) points: usize,
}

impl<'a> Body<'a, '_> {
    /// The next event that is not a comment or the like, with where it begins.
    pub(super) fn next(&mut self) -> Result<(Event<'a>, usize), ReadError> {
        loop {
            let at = position(&self.reader);
            let event = self.reader.read_event();
            let event = event.map_err(|e| ReadError::byte(position(&self.reader), e.to_string()))?;
            match event {
                Event::DocType(_) => return Err(ReadError::byte(at, "document types are not read")),
                Event::GeneralRef(_) => return Err(ReadError::byte(at, "entities are not read here")),
                Event::Eof => return Err(ReadError::byte(at, "the file ends in the middle")),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                event => return Ok((event, at)),
            }
        }
    }

    /// Everything inside the root: layers at any depth, and what is in them.
    fn layers(&mut self) -> Result<(), ReadError> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(ReadError::byte(at, "elements are nested too deeply"));
                    }
                    let kind = attribute(&e, "type", at)?;
                    match (e.name().0, kind.as_deref()) {
                        ("Object" | "Shape", Some("Shape")) => self.shape(&e, at)?,
                        ("Object", Some("Tracker")) => self.tracker(&e, at)?,
                        ("Layer", _) | ("Object", Some("Layer")) => open.push(self.layer(&e, at)?),
                        ("Object", other) => {
                            let label = attribute(&e, "label", at)?.unwrap_or_default();
                            let what = format!("{} objects are not read", other.unwrap_or("unnamed"));
                            self.warnings.push(Warning::new(&label, "kind", what));
                            self.skip(1)?;
                        }
                        ("Property", _) => {
                            let id = attribute(&e, "id", at)?.unwrap_or_default();
                            if id == "objects" {
                                open.push(Open::Other);
                            } else {
                                let values = self.values()?;
                                let layer = open.iter_mut().rev().find(|o| matches!(o, Open::Layer { .. }));
                                if let Some(Open::Layer { label, matrix, .. }) = layer {
                                    self.layer_property(label, matrix, &id, &values, at)?;
                                }
                            }
                        }
                        _ => open.push(Open::Other),
                    }
                }
                Event::End(_) => match open.pop() {
                    None => return Ok(()),
                    Some(Open::Layer { first_shape, matrix: Some(matrix), .. }) => {
                        for shape in self.document.shapes.iter_mut().skip(first_shape) {
                            flatten(shape, &matrix, &self.map, &mut self.points)
                                .map_err(|what| ReadError::byte(at, what))?;
                        }
                    }
                    Some(_) => {}
                },
                _ => {}
            }
        }
    }

    fn layer(&mut self, element: &BytesStart<'_>, at: usize) -> Result<Open, ReadError> {
        let label = attribute(element, "label", at)?.unwrap_or_default();
        if attribute(element, "hidden", at)?.is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            self.warnings.push(Warning::new(
                &label,
                "hidden",
                "not read: its shapes are there on every frame",
            ));
        }
        Ok(Open::Layer { label, first_shape: self.document.shapes.len(), matrix: None })
    }

    /// Keeps a layer's matrix for its shapes, and says what else it does to them, as that is not applied.
    fn layer_property(
        &mut self,
        layer: &str,
        matrix: &mut Option<Matrix>,
        id: &str,
        values: &[Value],
        at: usize,
    ) -> Result<(), ReadError> {
        let all = |rest: f64| values.iter().all(|v| numbers(&v.text, at).all(|n| n.is_ok_and(|n| n == rest)));
        let moves = match id {
            "transform.matrix" => {
                *matrix = Some(Matrix::read(values, at)?);
                false
            }
            "transform.position" | "transform.rotate" => !all(0.0),
            "transform.scale" => !all(1.0),
            _ => false,
        };
        if moves {
            let what =
                "not applied, only the layer's matrix is: bake it into the shapes in Silhouette to keep it";
            self.warnings.push(Warning::new(layer, id, what));
        }
        let any = |test: &dyn Fn(&str) -> bool| values.iter().any(|v| test(v.text.trim()));
        if id == "invert" && any(&|v| v == "true") {
            self.warnings.push(Warning::new(layer, id, "that of a layer is not read"));
        }
        if id == "mode" && any(&|v| v != "Add") {
            self.warnings.push(Warning::new(layer, id, "the layer's blend mode is not read"));
        }
        Ok(())
    }

    /// A tracker's keyed position becomes a track.
    fn tracker(&mut self, element: &BytesStart<'_>, at: usize) -> Result<(), ReadError> {
        if self.document.tracks.len() >= MAX_ITEMS {
            return Err(ReadError::byte(at, format!("there are more than {MAX_ITEMS} trackers")));
        }
        let name = attribute(element, "label", at)?.unwrap_or_default();
        let mut keys = Vec::new();
        let mut depth = 1;
        while depth > 0 {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.name().0 == "Property" => {
                    let is_position = attribute(&e, "id", at)?.is_some_and(|id| id == "position");
                    for value in self.values()?.iter().filter(|_| is_position) {
                        keys.push(tracker_key(&self.map, value, at)?);
                        self.points += 1;
                    }
                    if self.points > MAX_POINTS {
                        return Err(ReadError::byte(at, format!("there are more than {MAX_POINTS} keys")));
                    }
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        if keys.is_empty() {
            self.warnings.push(Warning::new(&name, "position", "the tracker has none: left out"));
        } else {
            self.document.tracks.push(shapes::Track::new(&name, keys));
        }
        Ok(())
    }

    /// Passes over everything to the end of `depth` open elements.
    fn skip(&mut self, mut depth: usize) -> Result<(), ReadError> {
        while depth > 0 {
            match self.next()?.0 {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// All text to the end of the open element, up to a length that no simple value has.
    pub(super) fn text_inside(&mut self) -> Result<String, ReadError> {
        let values = self.values()?;
        Ok(values.into_iter().map(|v| v.text).collect::<Vec<_>>().join(" "))
    }

    /// The values of the open property: one, or one for each key.
    fn values(&mut self) -> Result<Vec<Value>, ReadError> {
        let (mut out, mut depth, mut length) = (Vec::new(), 1, 0);
        let (mut frame, mut holds) = (None, false);
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) => {
                    depth += 1;
                    if e.name().0 == "Key" {
                        frame = attribute(&e, "frame", at)?.map(|v| parse(&v, at)).transpose()?;
                        holds = attribute(&e, "interp", at)?.as_deref() == Some("hold");
                    }
                }
                Event::End(_) if depth == 1 => return Ok(out),
                Event::End(_) => depth -= 1,
                Event::Text(text) if !text.trim().is_empty() && length < MAX_VALUES => {
                    length += text.len();
                    out.push(Value { frame, holds, text: text.trim().to_owned() });
                }
                _ => {}
            }
        }
    }

    fn shape(&mut self, element: &BytesStart<'_>, at: usize) -> Result<(), ReadError> {
        if self.document.shapes.len() >= MAX_ITEMS {
            return Err(ReadError::byte(at, format!("there are more than {MAX_ITEMS} shapes")));
        }
        let name = attribute(element, "label", at)?.unwrap_or_default();
        let kind = attribute(element, "shape_type", at)?.unwrap_or_else(|| "Bezier".to_owned());
        if attribute(element, "hidden", at)?.is_some_and(|v| v.eq_ignore_ascii_case("true")) {
            self.warnings.push(Warning::new(&name, "hidden", "not read: the shape is there on every frame"));
        }
        let mut draft = Draft { shape: Shape::new(&name, true, Vec::new()), kind };
        let mut depth = 1;
        while depth > 0 {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) if e.name().0 == "Property" => {
                    let id = attribute(&e, "id", at)?.unwrap_or_default();
                    if id == "path" {
                        self.path(&mut draft)?;
                    } else if id == "opacity" {
                        self.opacity(&mut draft.shape, at)?;
                    } else {
                        let text = self.text_inside()?;
                        self.property(&mut draft.shape, &id, &text, at)?;
                    }
                }
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                _ => {}
            }
        }
        match draft.kind.as_str() {
            "Bezier" => {}
            "Bspline" => {
                let what = "read as a uniform cubic B-spline; weights of its points are not";
                self.warnings.push(Warning::new(&name, "kind", what));
            }
            other => {
                let what = format!("{} shapes are not read", excerpt(other));
                self.warnings.push(Warning::new(&name, "kind", what));
                return Ok(());
            }
        }
        if draft.shape.keys.iter().any(|k| !k.points.is_empty()) {
            self.document.shapes.push(draft.shape);
        } else {
            self.warnings.push(Warning::new(&name, "points", "the shape has none: left out"));
        }
        Ok(())
    }

    /// The open property: a percentage, or one for each key.
    fn opacity(&mut self, shape: &mut Shape, at: usize) -> Result<(), ReadError> {
        let values = self.values()?;
        for value in &values {
            let opacity = parse(&value.text, at)? / 100.0;
            let interp = if value.holds { Interp::Hold } else { Interp::Linear };
            let frame = self.map.frame_back(value.frame.unwrap_or(0.0));
            shape.opacity_keys.push(OpacityKey::new(frame, opacity, interp));
        }
        settle(shape);
        Ok(())
    }

    fn property(&mut self, shape: &mut Shape, id: &str, text: &str, at: usize) -> Result<(), ReadError> {
        let name = shape.name.clone();
        let mut warn = |message: &str| self.warnings.push(Warning::new(&name, id, message));
        match id {
            "mode" => match MODES.iter().find(|(word, _)| *word == text.trim()) {
                Some((_, blend)) => shape.blend = *blend,
                None => {
                    shape.blend = Blend::Add;
                    warn("not known here: read as Add");
                }
            },
            "outlineColor" => {
                let inner = text.trim().trim_start_matches('(').trim_end_matches(')');
                let mut rgb = inner.split(',').map(|v| parse(v, at));
                if let (Some(r), Some(g), Some(b)) = (rgb.next(), rgb.next(), rgb.next()) {
                    shape.color = Some([r?, g?, b?]);
                }
            }
            "invert" => shape.invert = text.contains("true"),
            "motionBlur" => shape.blur = text.contains("false").then_some(false),
            "blur" | "strokeWidth"
                if text.split_whitespace().any(|v| parse(v, at).is_ok_and(|v| v != 0.0)) =>
            {
                warn("not read");
            }
            _ => {}
        }
        Ok(())
    }
}
