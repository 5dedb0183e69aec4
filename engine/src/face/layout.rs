//! Which places of a face have a name, and where they are in a document at one frame.

use nalgebra::{Point2, Vector2, Vector3};
use shapes::{Document, Point, Shape};

use super::order::{Nearest, Order, centred, nearest, places};

/// A landmark is within a shape if it is further from its outline than this share of the root of its area.
const WITHIN: f64 = 0.15;
/// How far points may be from the mirror image of those of the other side, as a share of how far they are spread along each axis.
const MIRROR: f64 = 0.35;

/// A shape of the face: what every document of the character says about it, without keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outline {
    /// Name, closed, blend and the like; no keys.
    pub shape: Shape,
    /// How many points its keys have.
    pub knots: usize,
    /// Where its points start in [`Layout::names`].
    pub first: usize,
    /// The outline on the other side of the face, and the order in which its points are this one's in a mirror.
    pub mirror: Option<(usize, Order)>,
}

/// The places of a face, in one order: landmarks, then the shapes' points. The tangents' ends follow after all of
/// them, two for each point of a shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Layout {
    pub landmarks: Vec<String>,
    pub outlines: Vec<Outline>,
    /// Landmarks and points of shapes: the places that are looked for in pictures.
    pub core: usize,
}

/// Where the places are in one picture, px; `None` where the artist keyed none.
pub(super) type Places = Vec<Option<Point2<f64>>>;

impl Layout {
    /// Of documents, in the order in which names come up.
    pub fn of<'d>(documents: impl IntoIterator<Item = &'d Document> + Clone) -> Self {
        let mut layout = Layout::default();
        for document in documents.clone() {
            for track in document.tracks.iter().filter(|t| !t.keys.is_empty()) {
                if !layout.landmarks.contains(&track.name) {
                    layout.landmarks.push(track.name.clone());
                }
            }
            for shape in &document.shapes {
                let Some(knots) = shape.keys.first().map(|k| k.points.len()) else { continue };
                if layout.outlines.iter().all(|o| o.shape.name != shape.name) {
                    let shape = shape.with_keys(Vec::new());
                    layout.outlines.push(Outline { shape, knots, first: 0, mirror: None });
                }
            }
        }
        layout.core = layout.landmarks.len();
        for outline in &mut layout.outlines {
            outline.first = layout.core;
            layout.core += outline.knots;
        }
        let mirrors: Vec<_> = layout.outlines.iter().map(|o| layout.mirror(o, documents.clone())).collect();
        layout.outlines.iter_mut().zip(mirrors).for_each(|(outline, mirror)| outline.mirror = mirror);
        layout
    }

    /// The outline whose name says that it is on the other side, if it has as many points, and the order in which they are this one's in a
    /// mirror: their own, unless no document shows them so and one shows them in another.
    fn mirror<'d>(
        &self,
        outline: &Outline,
        documents: impl IntoIterator<Item = &'d Document>,
    ) -> Option<(usize, Order)> {
        let name = other_side(&outline.shape.name)?;
        let other = self.outlines.iter().position(|o| o.shape.name == name && o.knots == outline.knots)?;
        let both = [&outline.shape.name, &name];
        let shown = documents.into_iter().filter_map(|document| {
            let [own, other] = both.map(|name| Some(&document.shape(name)?.keys.first()?.points));
            let (own, other) = (centred(&places(own?)), centred(&places(other?)));
            let mirrored: Vec<Vector2<f64>> = own.iter().map(|p| Vector2::new(-p.x, p.y)).collect();
            if own.len() == other.len() { nearest(&mirrored, &other, outline.shape.closed) } else { None }
        });
        let shown: Vec<Nearest> = shown.collect();
        let near = MIRROR * MIRROR * outline.knots as f64;
        let best = shown.iter().min_by(|a, b| a.apart.total_cmp(&b.apart)).filter(|n| n.apart <= near);
        let order = best.filter(|_| shown.iter().all(|n| n.own > near)).map_or(Order::default(), |n| n.order);
        Some((other, order))
    }

    /// All places: the core and the tangents' ends.
    pub fn all(&self) -> usize {
        3 * self.core - 2 * self.landmarks.len()
    }

    /// The two ends of the tangents of a point of a shape.
    pub fn handles(&self, core: usize) -> [usize; 2] {
        let first = self.core + 2 * (core - self.landmarks.len());
        [first, first + 1]
    }

    /// The points of each shape, as indices of places.
    pub fn knots(&self) -> impl Iterator<Item = (&Outline, std::ops::Range<usize>)> {
        self.outlines.iter().map(|o| (o, o.first..o.first + o.knots))
    }

    /// The control points of each segment of an outline: its knots and the handles between them.
    pub fn segments(&self, outline: &Outline, knots: &std::ops::Range<usize>) -> Vec<[usize; 4]> {
        let count = if outline.shape.closed { outline.knots } else { outline.knots.saturating_sub(1) };
        let segment = |k: usize| self.segment([knots.start + k, knots.start + (k + 1) % outline.knots]);
        (0..count).map(segment).collect()
    }

    /// The control points between two knots that follow each other.
    pub fn segment(&self, [a, b]: [usize; 2]) -> [usize; 4] {
        [a, self.handles(a)[1], self.handles(b)[0], b]
    }

    /// Where a document has the places at a frame where it has keys.
    pub fn places(&self, document: &Document, frame: f64) -> Places {
        let mut places = vec![None; self.all()];
        for (place, name) in places.iter_mut().zip(&self.landmarks) {
            let track = document.tracks.iter().find(|t| t.name == *name);
            let key = track.and_then(|t| t.key_at(frame)).filter(|k| k.visible);
            *place = key.map(|k| Point2::new(k.x, k.y));
        }
        for (outline, knots) in self.knots() {
            let key = document.shape(&outline.shape.name).and_then(|s| s.key_at(frame));
            let Some(key) = key.filter(|k| k.points.len() == outline.knots) else { continue };
            for (i, p) in knots.zip(&key.points) {
                places[i] = Some(Point2::new(p.x, p.y));
                let ends = [p.tangent_in, p.tangent_out];
                for (handle, end) in self.handles(i).into_iter().zip(ends) {
                    places[handle] = Some(Point2::new(p.x + end[0], p.y + end[1]));
                }
            }
        }
        places
    }

    /// The points of a shape at these places.
    pub fn points(&self, outline: &Outline, places: &[Point2<f64>]) -> Vec<Point> {
        let knots = outline.first..outline.first + outline.knots;
        knots
            .map(|i| {
                let [a, b] = self.handles(i).map(|h| places[h] - places[i]);
                Point::new(places[i].x, places[i].y, [a.x, a.y], [b.x, b.y])
            })
            .collect()
    }

    /// Which places of the core move by themselves whatever the face does, as pupils do: landmarks named so, and those that lie alone
    /// within a closed shape. `base` is where the places are on a face that looks ahead.
    pub fn roaming(&self, base: &[Vector3<f64>]) -> Vec<bool> {
        let mut roaming = vec![false; self.core];
        for (i, name) in self.landmarks.iter().enumerate() {
            let name = name.to_lowercase();
            roaming[i] = ["pupil", "iris", "gaze"].iter().any(|word| name.contains(word));
        }
        for (_, knots) in self.knots().filter(|(o, _)| o.shape.closed) {
            let ring: Vec<Point2<f64>> = knots.map(|i| base[i].xy().into()).collect();
            let margin = WITHIN * area(&ring).sqrt();
            let inside = |i: &usize| is_within(&ring, &base[*i].xy().into(), margin);
            let mut inside = (0..self.landmarks.len()).filter(inside);
            if let (Some(alone), None) = (inside.next(), inside.next()) {
                roaming[alone] = true;
            }
        }
        roaming
    }

    /// For each place the one on the other side of the face, where names say so: `brow_L_0` and `brow_R_0`,
    /// `left eye` and `right eye`. Points of such a pair of shapes go by [`Outline::mirror`].
    pub fn mirrors(&self) -> Vec<Option<usize>> {
        let mut mirrors = vec![None; self.all()];
        for (i, name) in self.landmarks.iter().enumerate() {
            mirrors[i] = other_side(name).and_then(|other| self.landmarks.iter().position(|n| *n == other));
        }
        for (outline, knots) in self.knots() {
            let Some((other, order)) = outline.mirror else { continue };
            let other = &self.outlines[other];
            for (k, i) in knots.enumerate() {
                let j = other.first + order.index(k, outline.knots);
                mirrors[i] = Some(j);
                let [into, out] = self.handles(j);
                let handles = if order.back { [out, into] } else { [into, out] };
                for (a, b) in self.handles(i).into_iter().zip(handles) {
                    mirrors[a] = Some(b);
                }
            }
        }
        mirrors
    }
}

fn area(ring: &[Point2<f64>]) -> f64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|(a, b)| a.coords.perp(&b.coords)).sum::<f64>().abs() / 2.0
}

/// Whether a point is within a polygon and further than `margin` from its corners and sides.
pub(super) fn is_within(ring: &[Point2<f64>], p: &Point2<f64>, margin: f64) -> bool {
    let mut inside = false;
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (along, to) = (b - a, p - a);
        let t = (to.dot(&along) / along.norm_squared().max(1e-12)).clamp(0.0, 1.0);
        if (to - along * t).norm() <= margin {
            return false;
        }
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + along.x * (p.y - a.y) / along.y {
            inside = !inside;
        }
    }
    inside
}

/// Around places: left, top, right, bottom, with a margin.
pub(super) fn bounds<'p>(places: impl IntoIterator<Item = &'p Point2<f64>>, margin: f64) -> [f64; 4] {
    let mut low = Point2::new(f64::INFINITY, f64::INFINITY);
    let mut high = -low;
    for p in places {
        low = low.inf(p);
        high = high.sup(p);
    }
    [low.x - margin, low.y - margin, high.x + margin, high.y + margin]
}

/// The name with left and right exchanged.
fn other_side(name: &str) -> Option<String> {
    const SIDES: [(&str, &str); 6] =
        [("L", "R"), ("l", "r"), ("left", "right"), ("Left", "Right"), ("LEFT", "RIGHT"), ("lt", "rt")];
    let mut changed = false;
    let mut out = String::with_capacity(name.len() + 1);
    for piece in name.split_inclusive(['_', ' ', '.', '-']) {
        let word = piece.trim_end_matches(['_', ' ', '.', '-']);
        let swapped = SIDES.iter().find_map(|(a, b)| {
            if word == *a {
                Some(*b)
            } else if word == *b {
                Some(*a)
            } else {
                None
            }
        });
        changed |= swapped.is_some();
        out.push_str(swapped.unwrap_or(word));
        out.push_str(&piece[word.len()..]);
    }
    changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_told_by_words() {
        for (name, other) in [("brow_L_0", "brow_R_0"), ("right eye", "left eye"), ("eye.L", "eye.R")] {
            assert_eq!(other_side(name).as_deref(), Some(other));
            assert_eq!(other_side(other).as_deref(), Some(name));
        }
        assert_eq!(other_side("Lip_mid"), None);
    }

    #[test]
    fn what_lies_alone_within_a_shape_moves_by_itself() {
        let names = ["mark", "corner", "freckle 1", "freckle 2", "pupil_L"];
        let square = |x: f64| [[x, 0.0], [x + 20.0, 0.0], [x + 20.0, 20.0], [x, 20.0]];
        let outline = |name: &str, first| Outline {
            shape: Shape::new(name, true, Vec::new()),
            knots: 4,
            first,
            mirror: None,
        };
        let layout = Layout {
            landmarks: names.map(str::to_owned).to_vec(),
            outlines: vec![outline("eye", 5), outline("cheek", 9)],
            core: 13,
        };
        let alone = [[11.0, 9.0], [0.5, 0.5], [105.0, 10.0], [115.0, 10.0], [300.0, 300.0]];
        let base: Vec<Vector3<f64>> = alone
            .into_iter()
            .chain(square(0.0))
            .chain(square(100.0))
            .map(|[x, y]| Vector3::new(x, y, 5.0))
            .collect();
        let roaming = layout.roaming(&base);
        assert_eq!(roaming[..5], [true, false, false, false, true]);
        assert!(roaming[5..].iter().all(|r| !r));
    }

    #[test]
    fn mirror_images_are_known_in_any_order() {
        let eye = |x: f64, side: f64| {
            let place = |(a, b): (f64, f64)| Point::new(x + side * a, b, [-1.0, 0.0], [1.0, 0.0]);
            vec![(0.0, 0.0), (10.0, -6.0), (25.0, -7.0), (40.0, 2.0), (20.0, 5.0)]
                .into_iter()
                .map(place)
                .collect()
        };
        let document = |left: Vec<Point>| {
            let mut document = Document::new(200, 100);
            let shape = |name: &str, points| Shape::new(name, true, vec![shapes::Key::new(0.0, points)]);
            document.shapes = vec![shape("eye_L", left), shape("eye_R", eye(80.0, -1.0))];
            document
        };
        let same: Vec<Point> = eye(120.0, 1.0);
        let layout = Layout::of([&document(same.clone())]);
        assert_eq!(layout.outlines[0].mirror, Some((1, Order::default())));
        let turned = Order { back: true, first: 2 }.of(&same);
        let layout = Layout::of([&document(turned)]);
        let mirrors = layout.mirrors();
        for (place, mirror) in mirrors.iter().enumerate() {
            assert_eq!(mirrors[mirror.unwrap()], Some(place), "there and back");
        }
        let (_, order) = layout.outlines[0].mirror.unwrap();
        assert!(order.back && layout.handles(0)[0] + 1 == layout.handles(0)[1]);
        assert_eq!(mirrors[layout.handles(0)[0]], mirrors[0].map(|j| layout.handles(j)[1]), "into is out of");
    }
}
