//! Reads a shape file with a pull parser that expands no entities of the file's own.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use shapes::{Blend, Document, Interp, Key, Point, Shape};

use super::MODES;
use crate::space::{Map, Placed, SILHOUETTE};
use crate::text::{MAX_ITEMS, MAX_POINTS, excerpt};
use crate::{ReadError, Settings, Shot, Warning};

/// Elements within elements that are followed.
const MAX_DEPTH: usize = 256;

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
fn attribute(element: &BytesStart<'_>, name: &str, at: usize) -> Result<Option<String>, ReadError> {
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

fn parse(text: &str, at: usize) -> Result<f64, ReadError> {
    let value = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    value.ok_or_else(|| ReadError::byte(at, format!("\"{}\" is not a number", excerpt(text))))
}

/// What is known of a shape while its properties are read.
struct Draft {
    shape: Shape,
    kind: String,
}

struct Body<'a, 'w> {
    reader: Reader<&'a [u8]>,
    map: Map,
    document: Document,
    warnings: &'w mut Vec<Warning>,
    /// In all keys so far.
    points: usize,
}

impl<'a> Body<'a, '_> {
    /// The next event that is not a comment or the like, with where it begins.
    fn next(&mut self) -> Result<(Event<'a>, usize), ReadError> {
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

    /// Everything inside the root: layers at any depth, and their shapes.
    fn layers(&mut self) -> Result<(), ReadError> {
        // Names of the open layers; `None` for other elements.
        let mut open: Vec<Option<String>> = Vec::new();
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::Start(e) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(ReadError::byte(at, "elements are nested too deeply"));
                    }
                    let kind = attribute(&e, "type", at)?;
                    let layer = open.iter().rev().find_map(Option::clone).unwrap_or_default();
                    match (e.name().0, kind.as_deref()) {
                        ("Object" | "Shape", Some("Shape")) => self.shape(&e, at)?,
                        ("Layer", _) | ("Object", Some("Layer")) => {
                            open.push(Some(attribute(&e, "label", at)?.unwrap_or_default()));
                        }
                        ("Object", other) => {
                            let label = attribute(&e, "label", at)?.unwrap_or_default();
                            let what = format!("{} objects are not read", other.unwrap_or("unnamed"));
                            self.warnings.push(Warning::new(&label, "kind", what));
                            self.skip(1)?;
                        }
                        ("Property", _) => {
                            let id = attribute(&e, "id", at)?.unwrap_or_default();
                            if id == "objects" {
                                open.push(None);
                            } else {
                                let text = self.text_inside()?;
                                self.layer_property(&layer, &id, &text);
                            }
                        }
                        _ => open.push(None),
                    }
                }
                Event::End(_) if open.pop().is_none() => return Ok(()),
                _ => {}
            }
        }
    }

    /// Says what a layer does to its shapes, as that is not applied.
    fn layer_property(&mut self, layer: &str, id: &str, text: &str) {
        let numbers: Vec<f64> = text
            .split(|c: char| matches!(c, '(' | ')' | ',') || c.is_whitespace())
            .filter_map(|w| w.parse().ok())
            .collect();
        let rests = |rest: &[f64]| numbers.chunks(rest.len()).all(|c| c == &rest[..c.len()]);
        let moves = match id {
            "transform.matrix" => !rests(&[1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1.]),
            "transform.position" | "transform.rotate" => !rests(&[0.0]),
            "transform.scale" => !rests(&[1.0]),
            _ => false,
        };
        if moves {
            let what =
                "the layer's transform is not applied: bake it into the shapes in Silhouette to keep it";
            self.warnings.push(Warning::new(layer, id, what));
        }
        if id == "invert" && text.contains("true") {
            self.warnings.push(Warning::new(layer, id, "not read"));
        }
        if id == "mode" && text.trim() != "Add" {
            self.warnings.push(Warning::new(layer, id, "the layer's blend mode is not read"));
        }
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

    /// All text to the end of the open element, of elements inside it too, up to a length that no simple value has.
    fn text_inside(&mut self) -> Result<String, ReadError> {
        let (mut out, mut depth) = (String::new(), 1);
        loop {
            match self.next()?.0 {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 1 => return Ok(out),
                Event::End(_) => depth -= 1,
                Event::Text(text) if out.len() < 1 << 20 => {
                    out.push_str(&text);
                    out.push(' ');
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

    fn property(&mut self, shape: &mut Shape, id: &str, text: &str, at: usize) -> Result<(), ReadError> {
        let name = shape.name.clone();
        let mut warn = |message: &str| self.warnings.push(Warning::new(&name, id, message));
        match id {
            "opacity" => {
                let mut values = text.split_whitespace();
                let Some(first) = values.next() else { return Ok(()) };
                let opacity = parse(first, at)? / 100.0;
                shape.opacity = (opacity != 1.0).then_some(opacity);
                if values.any(|v| v != first) {
                    warn("animated: only its first key is read");
                }
            }
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
            "invert" if text.contains("true") => warn("not read"),
            "blur" | "strokeWidth"
                if text.split_whitespace().any(|v| parse(v, at).is_ok_and(|v| v != 0.0)) =>
            {
                warn("not read");
            }
            _ => {}
        }
        Ok(())
    }

    /// The property `path`: keys with a path each, or one path as its value.
    fn path(&mut self, draft: &mut Draft) -> Result<(), ReadError> {
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
    let mut numbers = text
        .split(|c: char| matches!(c, '(' | ')' | ',') || c.is_whitespace())
        .filter(|w| !w.is_empty())
        .map(|w| parse(w, at));
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
