//! Reads masks and paths of tools, in groups too.

use std::collections::HashMap;

use shapes::{Document, Interp, Key, OpacityKey, Point, Shape, Track, TrackKey};

use super::spline::Spline;
use super::table::{self, Table, Value};
use crate::fades::settle;
use crate::space::{FUSION, Map, Placed};
use crate::text::{MAX_ITEMS, MAX_POINTS};
use crate::{ReadError, Settings, Shot, Warning};

/// Values of a mask's inputs that leave the polyline as it is; everything else is said.
const RESTING: [(&str, f64); 8] = [
    ("SoftEdge", 0.0),
    ("Angle", 0.0),
    ("XRotation", 0.0),
    ("YRotation", 0.0),
    ("ZRotation", 0.0),
    ("Size", 1.0),
    ("XSize", 1.0),
    ("YSize", 1.0),
];

/// Reads every PolylineMask, and every path that moves something.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let root = table::read(text)?;
    let mut tools = Vec::new();
    collect(&root, &mut tools);
    let masks = || tools.iter().filter(|(_, tool)| tool.kind == "PolylineMask");
    let size = |name: &str| {
        let said = masks().find_map(|(_, tool)| constant(tool, name).filter(|v| *v >= 1.0));
        said.map(|v| v as u32)
    };
    let aspect =
        masks().find_map(|(_, tool)| match input(tool, "PixelAspect")?.table("Value")?.numbers()[..] {
            [x, y] if x > 0.0 && y > 0.0 => Some(x / y),
            _ => None,
        });
    let asked = Settings {
        width: settings.width.or_else(|| size("MaskWidth")),
        height: settings.height.or_else(|| size("MaskHeight")),
        par: settings.par.or(aspect),
        ..*settings
    };
    let shot = Shot::of(&Document::new(0, 0), &asked).ok_or(ReadError::SizeUnknown)?;
    let by_name: HashMap<&str, &Table<'_>> = tools.iter().copied().collect();
    let document = shot.document();
    let mut reader = Reader { by_name, map: FUSION.of(&shot), document, warnings, points: 0 };
    for (name, tool) in &tools {
        match tool.kind {
            "PolylineMask" => reader.mask(name, tool)?,
            "MultiPoly" | "BSplineMask" => {
                let what = format!("{} tools are not read, only PolylineMask", tool.kind);
                reader.warnings.push(Warning::new(name, "kind", what));
            }
            _ => reader.paths(name, tool)?,
        }
    }
    if reader.document.shapes.is_empty() && reader.document.tracks.is_empty() {
        return Err(ReadError::Nothing("there is no PolylineMask and no path in it".to_owned()));
    }
    Ok(reader.document)
}

/// All named tables with inputs or keys, in their order.
fn collect<'t, 'a>(table: &'t Table<'a>, tools: &mut Vec<(&'a str, &'t Table<'a>)>) {
    for (name, inner) in table.named() {
        if inner.table("Inputs").is_some() || inner.table("KeyFrames").is_some() {
            tools.push((name, inner));
        }
        if matches!(name, "Tools") || inner.table("Tools").is_some() {
            collect(inner, tools);
        }
    }
}

fn input<'t, 'a>(tool: &'t Table<'a>, name: &str) -> Option<&'t Table<'a>> {
    tool.table("Inputs")?.table(name)
}

fn constant(tool: &Table<'_>, name: &str) -> Option<f64> {
    input(tool, name)?.number("Value")
}

struct Reader<'t, 'a, 'w> {
    by_name: HashMap<&'a str, &'t Table<'a>>,
    map: Map,
    document: Document,
    warnings: &'w mut Vec<Warning>,
    /// In all keys so far.
    points: usize,
}

impl<'t, 'a> Reader<'t, 'a, '_> {
    /// The tool that an input takes its value from.
    fn source(&self, input: &Table<'a>) -> Option<&'t Table<'a>> {
        self.by_name.get(input.text("SourceOp")?).copied()
    }

    fn warn(&mut self, tool: &str, property: &str, message: &str) {
        self.warnings.push(Warning::new(tool, property, message));
    }

    fn too_much(&self, name: &str) -> ReadError {
        ReadError::TooMuch(format!(
            "\"{}\": the keys have more than {MAX_POINTS} points",
            crate::text::excerpt(name)
        ))
    }

    fn mask(&mut self, name: &str, tool: &'t Table<'a>) -> Result<(), ReadError> {
        let Some(polyline) = input(tool, "Polyline") else {
            self.warn(name, "points", "the mask has none: left out");
            return Ok(());
        };
        let source = self.source(polyline);
        let (keys, closed) = match (source, polyline.table("Value")) {
            (Some(source), _) => self.keys(name, &Spline::of(source))?,
            (None, Some(value)) => {
                let points = self.points_of(name, value)?;
                (vec![Key::new(0.0, points)], value.is_true("Closed"))
            }
            (None, None) => (Vec::new(), true),
        };
        if keys.iter().all(|k| k.points.is_empty()) {
            self.warn(name, "points", "the mask has none: left out");
            return Ok(());
        }
        if self.document.shapes.len() >= MAX_ITEMS {
            return Err(ReadError::TooMuch(format!("there are more than {MAX_ITEMS} masks")));
        }
        let mut shape = Shape::new(name, closed, keys);
        shape.opacity = constant(tool, "Level").filter(|v| *v != 1.0);
        shape.invert = constant(tool, "Invert").is_some_and(|v| v != 0.0);
        let inputs = tool.table("Inputs").into_iter().flat_map(Table::named);
        for (property, input) in inputs {
            let moved = |rest: f64| input.number("Value").is_none_or(|v| v != rest);
            if RESTING.iter().any(|(known, rest)| *known == property && moved(*rest)) {
                self.warn(name, property, "not read");
            } else if property == "Level" && input.text("SourceOp").is_some() {
                self.fade(&mut shape, input)?;
            } else if property == "Center" && input.table("Value").map(Table::numbers) != Some(vec![0.5, 0.5])
            {
                self.warn(name, property, "not read: the mask is where its polyline is");
            } else if property == "PaintMode" && input.table("Value").is_none_or(|v| !is_merge(v)) {
                self.warn(name, property, "not read: the mask is added");
            } else if property == "Polyline2"
                && input.table("Value").is_none_or(|v| v.table("Points").is_some())
            {
                self.warn(name, "feather", "the outer polyline is not read");
            }
        }
        self.document.shapes.push(shape);
        Ok(())
    }

    /// The mask's opacity over time.
    fn fade(&mut self, shape: &mut Shape, input: &'t Table<'a>) -> Result<(), ReadError> {
        let Some(spline) = self.source(input).map(Spline::of).filter(|s| !s.keys.is_empty()) else {
            self.warn(&shape.name, "Level", "animated by a tool that is no spline: not read");
            return Ok(());
        };
        let frames = spline.frames(MAX_POINTS.saturating_sub(self.points));
        let frames = frames.ok_or_else(|| self.too_much(&shape.name))?;
        self.points += frames.len();
        let key = |frame: f64| {
            let interp = if spline.holds(spline.share(frame).0) { Interp::Hold } else { Interp::Linear };
            OpacityKey::new(self.map.frame_back(frame), spline.at(frame), interp)
        };
        shape.opacity_keys = frames.into_iter().map(key).collect();
        settle(shape);
        Ok(())
    }

    /// The keys of a spline of polylines, and whether the first is closed.
    fn keys(&mut self, name: &str, spline: &Spline<'t, 'a>) -> Result<(Vec<Key>, bool), ReadError> {
        let mut shapes = Vec::with_capacity(spline.keys.len());
        for key in &spline.keys {
            shapes.push(match key.polyline {
                Some(polyline) => self.points_of(name, polyline)?,
                None => Vec::new(),
            });
        }
        let closed = spline.keys.iter().find_map(|k| k.polyline).is_none_or(|p| p.is_true("Closed"));
        let count = shapes.iter().map(Vec::len).max().unwrap_or(0);
        if shapes.iter().any(|s| s.len() != count && !s.is_empty()) {
            self.warn(name, "points", "their number changes: keys with fewer than the most are left out");
        }
        let room = MAX_POINTS.saturating_sub(self.points) / count.max(1);
        let frames = spline.frames(room).ok_or_else(|| self.too_much(name))?;
        let mut keys = Vec::with_capacity(frames.len());
        for frame in frames {
            let (i, t) = spline.share(frame);
            let (Some(a), b) = (shapes.get(i), shapes.get(i + 1)) else { continue };
            let points = match b {
                Some(b) if t != 0.0 && a.len() == b.len() => {
                    a.iter().zip(b).map(|(a, b)| between(a, b, t)).collect()
                }
                _ => a.clone(),
            };
            if points.len() != count {
                continue;
            }
            self.points += count;
            let interp = if spline.holds(i) { Interp::Hold } else { Interp::Linear };
            keys.push(Key { interp, ..Key::new(self.map.frame_back(frame), points) });
        }
        Ok((keys, closed))
    }

    fn points_of(&mut self, name: &str, polyline: &Table<'a>) -> Result<Vec<Point>, ReadError> {
        let Some(points) = polyline.table("Points") else { return Ok(Vec::new()) };
        let mut out = Vec::with_capacity(points.entries.len());
        for value in points.counted() {
            let Value::Table(point) = value else { continue };
            let [x, y, lx, ly, rx, ry] = *point.place.as_deref().unwrap_or(&[0.0; 6]);
            out.push(self.map.point_of(&Placed { at: [x, y], handle_in: [lx, ly], handle_out: [rx, ry] }));
        }
        self.points += out.len();
        if self.points > MAX_POINTS { Err(self.too_much(name)) } else { Ok(out) }
    }

    /// The paths that a tool's inputs take their values from, as tracks.
    fn paths(&mut self, name: &str, tool: &Table<'a>) -> Result<(), ReadError> {
        for (property, input) in tool.table("Inputs").into_iter().flat_map(Table::named) {
            let Some(path) = self.source(input) else { continue };
            let keys = match path.kind {
                "XYPath" => self.separate(name, path)?,
                "PolyPath" => self.along(name, path)?,
                _ => continue,
            };
            let tracker = property.strip_prefix("TrackedCenter");
            let own = tracker.and_then(|n| input_text(tool, &format!("Name{n}")));
            let told = match (own, property) {
                (Some(own), _) => own.to_owned(),
                (None, "Center") => name.to_owned(),
                (None, property) => format!("{name} {property}"),
            };
            if self.document.tracks.len() >= MAX_ITEMS {
                return Err(ReadError::TooMuch(format!("there are more than {MAX_ITEMS} paths")));
            }
            self.document.tracks.push(Track::new(&told, keys));
        }
        Ok(())
    }

    /// A path of one spline for each axis.
    fn separate(&mut self, name: &str, path: &Table<'a>) -> Result<Vec<TrackKey>, ReadError> {
        let axis = |letter: &str| {
            let input = input(path, letter);
            let spline = input.and_then(|i| self.source(i)).map(Spline::of);
            (spline, input.and_then(|i| i.number("Value")).unwrap_or(0.5))
        };
        let axes = [axis("X"), axis("Y")];
        let mut frames = Vec::new();
        let room = MAX_POINTS.saturating_sub(self.points);
        for (spline, _) in &axes {
            let Some(spline) = spline else { continue };
            frames.extend(spline.frames(room).ok_or_else(|| self.too_much(name))?);
        }
        frames.sort_by(f64::total_cmp);
        frames.dedup();
        self.points += frames.len();
        let value = |(spline, still): &(Option<Spline<'t, 'a>>, f64), frame: f64| {
            spline.as_ref().map_or(*still, |s| s.at(frame))
        };
        let key = |frame: f64| self.key(frame, [value(&axes[0], frame), value(&axes[1], frame)]);
        Ok(frames.into_iter().map(key).collect())
    }

    /// A path that is a polyline, and how much of its length has been gone.
    fn along(&mut self, name: &str, path: &Table<'a>) -> Result<Vec<TrackKey>, ReadError> {
        let places: Vec<[f64; 6]> = input(path, "PolyLine")
            .and_then(|i| i.table("Value")?.table("Points"))
            .into_iter()
            .flat_map(Table::counted)
            .filter_map(|v| {
                if let Value::Table(t) = v { Some(*t.place.as_deref().unwrap_or(&[0.0; 6])) } else { None }
            })
            .collect();
        let middle = match input(path, "Center").and_then(|i| i.table("Value")).map(Table::numbers).as_deref()
        {
            Some([x, y]) => [*x, *y],
            _ => [0.5, 0.5],
        };
        let Some(spline) = input(path, "Displacement").and_then(|i| self.source(i)).map(Spline::of) else {
            self.warn(name, "path", "nothing moves along it: left out");
            return Ok(Vec::new());
        };
        let way = Way::of(&places);
        let room = MAX_POINTS.saturating_sub(self.points);
        // Between keys the place goes round corners of the path.
        let (Some(first), Some(last)) = (spline.keys.first(), spline.keys.last()) else {
            return Ok(Vec::new());
        };
        let mut frames: Vec<f64> = spline.keys.iter().map(|k| k.frame).collect();
        if last.frame - first.frame > room as f64 {
            return Err(self.too_much(name));
        }
        let mut frame = first.frame.ceil();
        while frame < last.frame {
            frames.push(frame);
            frame += 1.0;
        }
        frames.sort_by(f64::total_cmp);
        frames.dedup();
        self.points += frames.len();
        let place = |frame: f64| {
            let [x, y] = way.at(spline.at(frame));
            self.key(frame, [middle[0] + x, middle[1] + y])
        };
        Ok(frames.into_iter().map(place).collect())
    }

    /// A key of a place that counts from the bottom-left corner, as places of tools do.
    fn key(&self, frame: f64, [x, y]: [f64; 2]) -> TrackKey {
        let [x, y] = self.map.point_back([x - 0.5, y - 0.5]);
        TrackKey::new(self.map.frame_back(frame), x, y)
    }
}

fn input_text<'a>(tool: &Table<'a>, name: &str) -> Option<&'a str> {
    input(tool, name)?.text("Value").filter(|t| !t.is_empty())
}

fn is_merge(value: &Table<'_>) -> bool {
    matches!(value.counted().next(), Some(Value::Text("Merge")))
}

fn between(a: &Point, b: &Point, t: f64) -> Point {
    let mix = |a: f64, b: f64| a + (b - a) * t;
    let pair = |a: [f64; 2], b: [f64; 2]| [mix(a[0], b[0]), mix(a[1], b[1])];
    Point::new(
        mix(a.x, b.x),
        mix(a.y, b.y),
        pair(a.tangent_in, b.tangent_in),
        pair(a.tangent_out, b.tangent_out),
    )
}

/// A path by its length.
struct Way {
    /// Places with the length up to them; at least one.
    steps: Vec<(f64, [f64; 2])>,
}

impl Way {
    fn of(places: &[[f64; 6]]) -> Way {
        let begin = places.first().map_or([0.0; 2], |p| [p[0], p[1]]);
        let mut steps = vec![(0.0, begin)];
        for pair in places.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let curved = [a[4], a[5], b[2], b[3]].iter().any(|v| *v != 0.0);
            let pieces = if curved { 32 } else { 1 };
            for n in 1..=pieces {
                let t = f64::from(n) / f64::from(pieces);
                let u = 1.0 - t;
                let weights = [u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t];
                let axis = |k: usize| -> f64 {
                    let controls = [a[k], a[k] + a[4 + k], b[k] + b[2 + k], b[k]];
                    controls.iter().zip(weights).map(|(c, w)| c * w).sum()
                };
                let to = [axis(0), axis(1)];
                if let Some((length, from)) = steps.last() {
                    let more = (to[0] - from[0]).hypot(to[1] - from[1]);
                    steps.push((length + more, to));
                }
            }
        }
        Way { steps }
    }

    /// The place at a share of the length, 0 to 1.
    fn at(&self, share: f64) -> [f64; 2] {
        let whole = self.steps.last().map_or(0.0, |s| s.0);
        let wanted = share.clamp(0.0, 1.0) * whole;
        let next = self.steps.partition_point(|(length, _)| *length < wanted).min(self.steps.len() - 1);
        let (Some((b, to)), Some((a, from))) = (self.steps.get(next), self.steps.get(next.saturating_sub(1)))
        else {
            return [0.0; 2];
        };
        let t = if b > a { (wanted - a) / (b - a) } else { 1.0 };
        [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t]
    }
}
