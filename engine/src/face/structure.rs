//! One structure for each shape of a face: artists draw a shape with other points on other shots, another first one, or the other way
//! round, and a face knows it by one number of points, each on the same place of the thing.

use std::collections::BTreeMap;

use nalgebra::Point2;
use rayon::prelude::*;
use shapes::redraw::{FOLLOWED_PX, laid_over, redraw};
use shapes::{Document, Key, Point, Shape};

use super::learned::Keyed;
use super::order::{Order, centred, nearest, places};
use super::warp::Warp;

/// Drawings with the structure that are tried as the model of one with another.
const MOST_MODELS: usize = 3;
/// Places by which one picture is laid over another.
const MOST_PLACES: usize = 96;
/// Points by another order count as the same if they are nearer than this share of how far they are by their own.
const OTHER_ORDER: f64 = 0.6;

/// A shape of a keyed picture whose points were brought to those of other pictures.
#[derive(Clone, Debug, PartialEq)]
pub struct Redrawn {
    /// The shape's name.
    pub shape: String,
    /// The picture's source and label.
    pub picture: String,
    /// How many points it was drawn with.
    pub drawn: usize,
    /// How many it has now.
    pub points: usize,
    /// Mean distance of the drawing from what was made of it, px. `None` where nothing was, and the picture teaches nothing of the
    /// shape: one is open and the other closed, or has too many points ([`shapes::redraw::MOST_POINTS`]).
    pub off_px: Option<f64>,
}

impl Redrawn {
    /// Whether the points are enough for the drawing.
    pub fn is_followed(&self) -> bool {
        self.off_px.is_some_and(|px| px <= FOLLOWED_PX)
    }
}

/// Gives each shape one structure in all keyed pictures: what `own` has, the artist's document of the shot that is worked on,
/// otherwise what most pictures have, and of as many the one with more points. Drawings with it stay as they are, point for point;
/// others are drawn anew. `None` if cancelled. Documents have their keys at frame 0, in the order of the pictures.
pub(super) fn unified(
    keyed: &[Keyed],
    own: Option<&Document>,
    cancel: &dyn Fn() -> bool,
) -> Option<(Vec<Document>, Vec<Redrawn>)> {
    let own = own.map(sheets).unwrap_or_default();
    let mut documents: Vec<Document> = keyed.iter().map(|k| k.document.clone()).collect();
    let steady = steady(keyed, &own);
    let brought = names(keyed).into_iter().map(|name| brought(&name, keyed, (&own, &steady), cancel));
    let mut redrawn = Vec::new();
    for change in brought.collect::<Option<Vec<_>>>()?.into_iter().flatten() {
        let shapes = &mut documents[change.picture].shapes;
        match change.points {
            Some(points) => shapes
                .iter_mut()
                .filter(|s| s.name == change.told.shape)
                .for_each(|s| s.keys = vec![Key::new(0.0, points.clone())]),
            None => shapes.retain(|s| s.name != change.told.shape),
        }
        redrawn.push(change.told);
    }
    Some((documents, redrawn))
}

/// What becomes of a shape in a picture.
struct Change {
    /// Which of the keyed pictures.
    picture: usize,
    /// `None` where the shape is left out.
    points: Option<Vec<Point>>,
    told: Redrawn,
}

/// What becomes of one shape where it has another structure; `None` if cancelled.
fn brought(
    name: &str,
    keyed: &[Keyed],
    (own, steady): (&[Document], &[String]),
    cancel: &dyn Fn() -> bool,
) -> Option<Vec<Change>> {
    let mut models: Vec<Drawing<'_>> = own.iter().filter_map(|d| Drawing::of(d, name)).collect();
    let all =
        || keyed.iter().enumerate().filter_map(|(k, keyed)| Some((k, Drawing::of(&keyed.document, name)?)));
    let Some(structure) = models.first().map(Drawing::structure).or_else(|| most(all().map(|d| d.1))) else {
        return Some(Vec::new());
    };
    let mut changes = Vec::new();
    let mut change = |picture: usize, drawn: usize, new: Option<(Vec<Point>, f64)>| {
        let (source, label) = (&keyed[picture].source, &keyed[picture].label);
        let told = Redrawn {
            shape: name.to_owned(),
            picture: if source.is_empty() { label.clone() } else { format!("{source}, {label}") },
            drawn,
            points: structure.0,
            off_px: new.as_ref().map(|n| n.1),
        };
        changes.push(Change { picture, points: new.map(|n| n.0), told });
    };
    for (k, mut drawn) in all().filter(|(_, d)| d.structure() == structure) {
        if let Some(points) = reordered(&models, &drawn, steady) {
            change(k, points.len(), Some((points.clone(), 0.0)));
            drawn.points = points;
        }
        // A picture of the shot itself is among its own already.
        if models.iter().all(|m| m.points != drawn.points) {
            models.push(drawn);
        }
    }
    let others: Vec<(usize, Drawing<'_>)> = all().filter(|(_, d)| d.structure() != structure).collect();
    for some in others.chunks(rayon::current_num_threads().max(1)) {
        if cancel() {
            return None;
        }
        let anew = |(_, drawn): &(usize, Drawing<'_>)| {
            if drawn.shape.closed == structure.1 { anew(&models, drawn, steady) } else { None }
        };
        let news: Vec<_> = some.par_iter().map(anew).collect();
        some.iter().zip(news).for_each(|((k, drawn), new)| change(*k, drawn.points.len(), new));
    }
    Some(changes)
}

/// A shape in one picture.
#[derive(Clone)]
struct Drawing<'d> {
    document: &'d Document,
    shape: &'d Shape,
    points: Vec<Point>,
}

impl<'d> Drawing<'d> {
    fn of(document: &'d Document, name: &str) -> Option<Self> {
        let shape = document.shape(name)?;
        let points = shape.keys.first()?.points.clone();
        (!points.is_empty()).then_some(Drawing { document, shape, points })
    }

    /// How many points, and whether it is closed.
    fn structure(&self) -> (usize, bool) {
        (self.points.len(), self.shape.closed)
    }
}

/// An artist's document as one for each frame, with keys at frame 0.
fn sheets(document: &Document) -> Vec<Document> {
    let mut frames: Vec<f64> =
        document.shapes.iter().flat_map(Shape::artists_keys).map(|k| k.frame).collect();
    frames.sort_by(f64::total_cmp);
    frames.dedup();
    frames.into_iter().map(|frame| at_frame_0(document, frame)).collect()
}

/// What an artist has keyed at a frame, at frame 0.
pub(super) fn at_frame_0(document: &Document, frame: f64) -> Document {
    let mut document = document.artists_at(frame);
    document.tracks.iter_mut().flat_map(|t| &mut t.keys).for_each(|k| k.frame = 0.0);
    document.shapes.iter_mut().flat_map(|s| &mut s.keys).for_each(|k| k.frame = 0.0);
    document
}

fn names(keyed: &[Keyed]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for shape in keyed.iter().flat_map(|k| &k.document.shapes) {
        if !names.contains(&shape.name) {
            names.push(shape.name.clone());
        }
    }
    names
}

/// The structure that most have.
fn most<'d>(all: impl Iterator<Item = Drawing<'d>>) -> Option<(usize, bool)> {
    let mut counts: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    all.for_each(|d| *counts.entry(d.structure()).or_default() += 1);
    counts.into_iter().max_by_key(|(structure, count)| (*count, *structure)).map(|c| c.0)
}

/// Shapes that all documents have with one number of points.
fn steady(keyed: &[Keyed], own: &[Document]) -> Vec<String> {
    let one_count = |name: &String| {
        let documents = keyed.iter().map(|k| &k.document).chain(own);
        let mut counts = documents.filter_map(|d| Drawing::of(d, name)).map(|d| d.points.len());
        let first = counts.next();
        counts.all(|n| Some(n) == first)
    };
    names(keyed).into_iter().filter(one_count).collect()
}

/// The model laid over a drawing, by what both pictures have in common, else by the two themselves; and how little alike the
/// pictures are.
fn laid(model: &Drawing<'_>, drawn: &Drawing<'_>, steady: &[String]) -> (f64, Vec<Point>) {
    let Some(warp) = Warp::between(&common(model.document, drawn.document, steady, &model.shape.name)) else {
        return (f64::INFINITY, laid_over(&model.points, &drawn.points, model.shape.closed));
    };
    let point = |p: &Point| {
        let at = warp.at(Point2::new(p.x, p.y));
        let turned = |h: [f64; 2]| {
            let end = warp.at(Point2::new(p.x + h[0], p.y + h[1])) - at;
            [end.x, end.y]
        };
        Point::new(at.x, at.y, turned(p.tangent_in), turned(p.tangent_out))
    };
    (warp.bent_px, model.points.iter().map(point).collect())
}

/// Places that two pictures have in common, without those of one shape.
fn common(a: &Document, b: &Document, steady: &[String], but: &str) -> Vec<(Point2<f64>, Point2<f64>)> {
    let mut pairs = Vec::new();
    for track in &a.tracks {
        let other = b.tracks.iter().find(|t| t.name == track.name);
        let [Some(p), Some(q)] = [Some(track), other].map(|t| t.and_then(|t| t.keys.first())) else {
            continue;
        };
        if p.visible && q.visible {
            pairs.push((Point2::new(p.x, p.y), Point2::new(q.x, q.y)));
        }
    }
    for name in steady.iter().filter(|n| *n != but) {
        let [Some(p), Some(q)] = [a, b].map(|d| Drawing::of(d, name)) else { continue };
        if is_ordered(&p.points, &q.points, p.shape.closed) {
            let (p, q) = (places(&p.points), places(&q.points));
            pairs.extend(p.into_iter().zip(q).map(|(p, q)| (p.into(), q.into())));
        }
    }
    let every = pairs.len().div_ceil(MOST_PLACES).max(1);
    pairs.into_iter().step_by(every).collect()
}

/// The drawing with the models' points, by the model that lies best on it; and how far off that is, px.
fn anew(models: &[Drawing<'_>], drawn: &Drawing<'_>, steady: &[String]) -> Option<(Vec<Point>, f64)> {
    let mut laid: Vec<(f64, Vec<Point>)> = models.iter().map(|m| laid(m, drawn, steady)).collect();
    laid.sort_by(|a, b| a.0.total_cmp(&b.0));
    let tried = laid.iter().take(MOST_MODELS);
    let tried = tried.filter_map(|(_, model)| redraw(model, &drawn.points, drawn.shape.closed));
    let best = tried.min_by(|a, b| a.cost.total_cmp(&b.cost))?;
    Some((best.points, best.mean_px))
}

/// The points in another order, from another first one or the other way round, if they lie on a model's so and not by their own.
fn reordered(models: &[Drawing<'_>], drawn: &Drawing<'_>, steady: &[String]) -> Option<Vec<Point>> {
    let model = models.first()?;
    let closed = drawn.shape.closed;
    // Most drawings are nearest by their own order, which is soon seen.
    if is_ordered(&model.points, &drawn.points, closed) {
        return None;
    }
    let laid = models.iter().take(MOST_MODELS).map(|m| laid(m, drawn, steady));
    let (_, laid) = laid.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let nearest = nearest(&places(&laid), &places(&drawn.points), closed)?;
    let other = nearest.apart < OTHER_ORDER * OTHER_ORDER * nearest.own;
    other.then(|| nearest.order.of(&drawn.points))
}

/// Whether points lie nearest to a model's by their own order.
fn is_ordered(model: &[Point], drawn: &[Point], closed: bool) -> bool {
    nearest(&centred(&places(model)), &centred(&places(drawn)), closed)
        .is_some_and(|n| n.order == Order::default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use nalgebra::Vector2;
    use shapes::redraw::reversed;
    use shapes::{Track, TrackKey};

    use super::*;
    use crate::image::Colours;

    /// A picture of a head moved by `by`, with landmarks and two shapes.
    fn keyed(by: f64, change: impl Fn(&mut Document)) -> Keyed {
        let mut document = Document::new(300, 300);
        let place = |x: f64, y: f64| [1.1 * x + 9.0 * by, y + 5.0 * by + 0.02 * by * x];
        for i in 0..16 {
            let [x, y] = place(60.0 + 30.0 * f64::from(i % 4), 60.0 + 30.0 * f64::from(i / 4));
            document.tracks.push(Track::new(&format!("mark {i}"), vec![TrackKey::new(0.0, x, y)]));
        }
        let point = |[x, y]: [f64; 2], [dx, dy]: [f64; 2]| {
            let ([x, y], end) = (place(x, y), place(x + dx, y + dy));
            let out = [end[0] - x, end[1] - y];
            Point::new(x, y, [-out[0], -out[1]], out)
        };
        let ring = |n: usize, [cx, cy]: [f64; 2], r: f64| {
            let at = |i: usize| {
                let (s, c) = (i as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
                let handle = 4.0 / 3.0 * (std::f64::consts::TAU / n as f64 / 4.0).tan() * r;
                point([cx + 1.6 * r * c, cy + r * s], [-1.6 * handle * s, handle * c])
            };
            vec![Key::new(0.0, (0..n).map(at).collect())]
        };
        document.shapes.push(Shape::new("mouth", true, ring(8, [105.0, 130.0], 20.0)));
        let seam = [[60.0, 100.0], [100.0, 110.0], [150.0, 100.0]].map(|p| point(p, [12.0, 2.0]));
        document.shapes.push(Shape::new("seam", false, vec![Key::new(0.0, seam.to_vec())]));
        change(&mut document);
        Keyed {
            label: format!("frame {by}"),
            source: "shot.json".to_owned(),
            picture: Arc::new(Colours::from_vec(1, 1, vec![[0; 3]]).unwrap()),
            origin: [0.0; 2],
            height: 300.0,
            document,
            here: false,
        }
    }

    fn as_drawn(_: &mut Document) {}

    /// The same curve begun elsewhere, the other way round, with a point put into each segment or `every` second one.
    fn drawn_otherwise(document: &mut Document, every: usize) {
        use kurbo::ParamCurve;
        let shape = &mut document.shapes[0];
        let outline = shapes::outline::Outline::new(&shape.keys[0].points, true);
        let pieces: Vec<_> = (outline.segments().iter().enumerate())
            .flat_map(|(i, s)| {
                let t = 0.3 + 0.05 * i as f64;
                if i % every == 0 { vec![s.subsegment(0.0..t), s.subsegment(t..1.0)] } else { vec![*s] }
            })
            .collect();
        let before = pieces.iter().cycle().skip(pieces.len() - 1);
        let point = |(p, before): (&kurbo::CubicBez, &kurbo::CubicBez)| {
            let [into, out] = [before.p2 - p.p0, p.p1 - p.p0].map(|v| [v.x, v.y]);
            Point::new(p.p0.x, p.p0.y, into, out)
        };
        let mut points = reversed(&pieces.iter().zip(before).map(point).collect::<Vec<_>>());
        points.rotate_left(3);
        shape.keys[0].points = points;
    }

    fn points(document: &Document) -> Vec<Vector2<f64>> {
        places(&document.shape("mouth").unwrap().keys[0].points)
    }

    fn worst(a: &Document, b: &Document) -> f64 {
        points(a).iter().zip(points(b)).map(|(p, q)| (p - q).norm()).fold(0.0, f64::max)
    }

    #[test]
    fn drawings_that_agree_stay_as_they_are() {
        let all = [keyed(0.0, as_drawn), keyed(2.0, as_drawn), keyed(-3.0, as_drawn)];
        let (documents, redrawn) = unified(&all, None, &|| false).unwrap();
        assert!(redrawn.is_empty());
        assert!(documents.iter().zip(&all).all(|(d, k)| *d == k.document));
    }

    #[test]
    fn what_most_have_is_what_all_get() {
        let truth = keyed(2.0, as_drawn).document;
        let other = keyed(2.0, |d| drawn_otherwise(d, 1));
        let all = [keyed(0.0, as_drawn), other, keyed(-3.0, as_drawn)];
        let (documents, redrawn) = unified(&all, None, &|| false).unwrap();
        assert!(worst(&documents[1], &truth) < 0.1, "{}", worst(&documents[1], &truth));
        assert_eq!(
            (documents[0].clone(), documents[2].clone()),
            (all[0].document.clone(), all[2].document.clone())
        );
        let told = &redrawn[0];
        assert_eq!(
            (redrawn.len(), told.shape.as_str(), told.picture.as_str()),
            (1, "mouth", "shot.json, frame 2")
        );
        assert!((told.drawn, told.points) == (16, 8) && told.is_followed());
    }

    #[test]
    fn of_as_many_the_one_with_more_points_wins() {
        let all = [keyed(0.0, as_drawn), keyed(2.0, |d| drawn_otherwise(d, 2))];
        let (documents, redrawn) = unified(&all, None, &|| false).unwrap();
        assert!(documents.iter().all(|d| points(d).len() == 12));
        assert_eq!(documents[1], all[1].document);
        assert_eq!(unified(&all, None, &|| true), None);
        assert!(redrawn.len() == 1 && redrawn[0].is_followed());
    }

    #[test]
    fn the_shots_own_document_wins_and_stays() {
        let own = keyed(1.0, |d| drawn_otherwise(d, 2));
        let all = [keyed(0.0, as_drawn), keyed(-3.0, as_drawn), own];
        let given = all[2].document.clone();
        let (documents, redrawn) = unified(&all, Some(&given), &|| false).unwrap();
        assert_eq!(documents[2], given);
        assert!(documents.iter().all(|d| points(d).len() == 12) && redrawn.len() == 2);
        assert!(redrawn.iter().all(Redrawn::is_followed), "{redrawn:?}");
        // Its structure counts where its picture is none of those that are learned from, and without landmarks, too.
        let mut alone = given.clone();
        alone.tracks.clear();
        alone.shapes.truncate(1);
        let (documents, _) = unified(&all[..2], Some(&alone), &|| false).unwrap();
        let truth = keyed(0.0, |d| drawn_otherwise(d, 2)).document;
        assert!(worst(&documents[0], &truth) < 1.0, "{}", worst(&documents[0], &truth));
    }

    #[test]
    fn another_first_point_or_direction_is_put_right_exactly() {
        let turn = |d: &mut Document| {
            let seam = reversed(&d.shapes[1].keys[0].points);
            d.shapes[1].keys[0].points = seam;
            d.shapes[0].keys[0].points.rotate_left(3);
            let mouth = reversed(&d.shapes[0].keys[0].points);
            d.shapes[0].keys[0].points = mouth;
        };
        let all = [keyed(0.0, as_drawn), keyed(2.0, turn)];
        let (documents, redrawn) = unified(&all, None, &|| false).unwrap();
        assert_eq!(documents[1], keyed(2.0, as_drawn).document);
        assert!(redrawn.len() == 2 && redrawn.iter().all(|r| r.off_px == Some(0.0)));
    }

    #[test]
    fn too_few_points_and_open_ones_are_told() {
        let few = |d: &mut Document| {
            let corner = |p: &Point| Point::corner(p.x, p.y);
            d.shapes[0].keys[0].points = d.shapes[0].keys[0].points.iter().step_by(3).map(corner).collect();
        };
        let open = |d: &mut Document| d.shapes[0].closed = false;
        let wavy =
            |d: &mut Document| d.shapes[0].keys[0].points.iter_mut().step_by(2).for_each(|p| p.y += 9.0);
        let all = [keyed(0.0, few), keyed(2.0, few), keyed(1.0, wavy), keyed(-1.0, open)];
        let (documents, redrawn) = unified(&all, None, &|| false).unwrap();
        assert_eq!(redrawn.len(), 2);
        assert!(redrawn[0].off_px.is_some_and(|px| px > FOLLOWED_PX) && !redrawn[0].is_followed());
        assert!(redrawn[1].off_px.is_none() && !redrawn[1].is_followed());
        assert!(points(&documents[2]).len() == 3 && documents[3].shape("mouth").is_none());
    }
}
