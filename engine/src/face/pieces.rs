//! Replacement pieces: which frames of a shot show the same one, which of them no key shows, and what to key next.
//!
//! A piece of a face is what fills one of its closed shapes. Two pictures show the same one if the head looks alike there, laid out flat
//! by its pose, and if its places lie alike. Wrong poses and pieces that sit a little off are why the layouts may be shifted.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use nalgebra::{Matrix6, Point2, Vector3, Vector6};
use shapes::{Document, Key};

use super::camera::Pose;
use super::correlation::best_of_shifts;
use super::fit::Model;
use super::layout::is_within;
use super::learned::{Face, FaceError};
use super::look::Look;
use super::progress::Progress;
use super::shot::Seen;

/// Side of a layout, cells.
const SIDE: usize = 24;
/// How much larger than its shape a layout is on each side, as a share of the shape's size.
const MARGIN: f64 = 0.15;
/// How far layouts may be shifted, cells.
const SHIFT: usize = 2;
/// Numbers for one of a look's lightness.
const STEPS: f32 = 24.0;
/// A shape with more of the face's places in it than this share is the face and no piece of it.
const WHOLE: f64 = 0.5;
/// Places within a shape that tell by themselves how it has changed; with fewer its own points do.
const TELLING: usize = 4;
/// The least that expressions differ by, px of the look.
const LEAST_PX: f64 = 1.0;
/// How much more pieces must look alike than they lie apart, as a share of how far expressions are, to be the same.
const SAME: f64 = 0.3;
/// Frames that a piece is known by, beside those that are keyed.
const EXEMPLARS: usize = 4;
/// How far from a key a frame is worth half of what it is worth by itself, frames.
const BESIDE_KEY: f64 = 2.0;
/// Pictures that tell how far expressions are apart.
const SAMPLES: usize = 48;

/// A replacement piece of a shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The shape that it fills.
    pub shape: String,
    /// Counted from 1 in the order in which the shot shows the shape's pieces.
    pub number: usize,
    /// A key shows it, of this shot or of another.
    pub keyed: bool,
    /// The frames on which it was seen.
    pub frames: Vec<i32>,
    /// That of them which is most like the others.
    pub clearest: i32,
    /// How far its places lie in the mean from where the nearest keyed piece has them, in hundredths of the face's size (the root mean
    /// square distance of its places from their middle).
    pub differs: f64,
}

/// A frame that an artist had better key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Which.
    pub frame: i32,
    /// Which pieces it shows that no key and no frame before in the list shows, as indices.
    pub pieces: Vec<usize>,
}

/// Frames to key so that every piece is keyed once, those first that mend most, where some frames are `keyed`.
pub fn wanted(pieces: &[Piece], keyed: &[i32]) -> Vec<Wanted> {
    let mut keyed = keyed.to_vec();
    let mut open: BTreeSet<usize> = (0..pieces.len()).filter(|&i| !pieces[i].keyed).collect();
    let mut wanted = Vec::new();
    while !open.is_empty() {
        // What keying a frame mends, and how many of the pieces are seen best there.
        let mut worth: BTreeMap<i32, (f64, usize)> = BTreeMap::new();
        for piece in open.iter().map(|&i| &pieces[i]) {
            for frame in &piece.frames {
                let (mends, clearest) = worth.entry(*frame).or_default();
                *mends += piece.differs * piece.frames.len() as f64;
                *clearest += usize::from(*frame == piece.clearest);
            }
        }
        // A frame beside a key has less to mend.
        let alone = |frame: i32| {
            let away = keyed.iter().map(|key| f64::from(key.abs_diff(frame))).fold(f64::INFINITY, f64::min);
            if away.is_finite() { away / (away + BESIDE_KEY) } else { 1.0 }
        };
        // Of frames that are worth as much the first.
        let more = |a: &(i32, f64, usize), b: &(i32, f64, usize)| {
            a.1.total_cmp(&b.1).then(a.2.cmp(&b.2)).then(b.0.cmp(&a.0))
        };
        let worth =
            worth.into_iter().map(|(frame, (mends, clearest))| (frame, mends * alone(frame), clearest));
        let Some((frame, ..)) = worth.max_by(more) else { break };
        keyed.push(frame);
        let (shown, rest) = open.into_iter().partition(|&i: &usize| pieces[i].frames.contains(&frame));
        open = rest;
        wanted.push(Wanted { frame, pieces: BTreeSet::into_iter(shown).collect() });
    }
    wanted
}

/// A closed shape that has pieces.
pub(super) struct Part {
    shape: String,
    /// One of its points.
    knot: usize,
    /// Where its layout is on the head, row by row.
    cells: Vec<Vector3<f64>>,
    /// The places that tell.
    places: Vec<usize>,
}

/// What a picture shows of a part: lightness in the layout.
pub(super) type Print = Vec<i8>;

impl Part {
    /// Those of a face.
    pub fn all(model: &Model) -> Vec<Part> {
        let core = || (0..model.layout.core).filter(|&i| !model.roaming[i]);
        let of = |shape: &str, knots: Range<usize>| {
            let flat = |i: usize| Point2::from(model.solid.base[i].xy());
            let ring: Vec<Point2<f64>> = knots.clone().map(flat).collect();
            let within = |i: &usize| !knots.contains(i) && is_within(&ring, &flat(*i), 0.0);
            let within: Vec<usize> = core().filter(within).collect();
            if within.len() as f64 > WHOLE * core().count() as f64 {
                return None;
            }
            let (knot, cells) = (knots.start, layout(model, knots.clone()));
            let places = if within.len() < TELLING { knots.collect() } else { within };
            Some(Part { shape: shape.to_owned(), knot, cells, places })
        };
        let closed = model.layout.knots().filter(|(outline, _)| outline.shape.closed);
        closed.filter_map(|(outline, knots)| of(&outline.shape.name, knots)).collect()
    }

    /// As a head shows it in a look.
    pub fn print(&self, look: &Look, pose: &Pose) -> Print {
        let at: Vec<Point2<f64>> = self.cells.iter().map(|p| pose.project(p)).collect();
        let across = |a: usize, b: usize| (at[a] - at[b]).norm();
        let cell = (across(0, SIDE - 1) * across(0, SIDE * (SIDE - 1))).sqrt() / SIDE as f64;
        let level = usize::from(cell >= 1.5) + usize::from(cell >= 3.0);
        let size = f64::from(1 << level);
        let light = |p: &Point2<f64>| look.light[level].bilinear((p.x / size) as f32, (p.y / size) as f32);
        at.iter().map(|p| (STEPS * light(p)) as i8).collect()
    }

    fn offsets(&self, offsets: &[Vector3<f64>]) -> Vec<Vector3<f64>> {
        self.places.iter().map(|&i| offsets[i]).collect()
    }
}

/// A grid over a shape's points on the smooth surface through the places there.
fn layout(model: &Model, knots: Range<usize>) -> Vec<Vector3<f64>> {
    let base = &model.solid.base;
    let (low, high) = base[knots.clone()]
        .iter()
        .fold((Vector3::repeat(f64::INFINITY), Vector3::repeat(f64::NEG_INFINITY)), |(low, high), p| {
            (low.inf(p), high.sup(p))
        });
    let (middle, size) = ((low + high) / 2.0, high - low);
    let half = (size / 2.0).add_scalar(MARGIN * size.x.max(size.y)).sup(&Vector3::repeat(1e-6));
    let terms = |x: f64, y: f64| Vector6::new(1.0, x, y, x * x, x * y, y * y);
    // Least squares; what the places do not tell is flat.
    let mut normal = Matrix6::from_diagonal(&Vector6::new(1e-6, 0.05, 0.05, 0.05, 0.05, 0.05));
    let mut right = Vector6::zeros();
    for p in &base[..model.layout.core] {
        let off = (p - middle).component_div(&half);
        if off.x.abs() <= 1.3 && off.y.abs() <= 1.3 {
            let terms = terms(off.x, off.y);
            normal += terms * terms.transpose();
            right += terms * p.z;
        }
    }
    let surface = normal.cholesky().map(|c| c.solve(&right)).unwrap_or_default();
    let cell = |k: usize| (2 * k + 1) as f64 / SIDE as f64 - 1.0;
    let place = |k: usize| {
        let (x, y) = (cell(k % SIDE), cell(k / SIDE));
        Vector3::new(middle.x + half.x * x, middle.y + half.y * y, surface.dot(&terms(x, y)))
    };
    (0..SIDE * SIDE).map(place).collect()
}

/// The pieces that a shot shows, some of whose shapes an artist may have keyed on it as `given`; `prints` are those of each frame that
/// is no held one, a print for each part.
pub(super) fn pieces(
    face: &Face,
    given: &Document,
    parts: &[Part],
    seen: &BTreeMap<i32, Seen>,
    prints: &BTreeMap<i32, Vec<Print>>,
    progress: &Progress<'_>,
) -> Result<Vec<Piece>, FaceError> {
    let sizes = seen.values().map(|here| here.state.pose.log_scale.exp());
    let least = LEAST_PX / sizes.fold(f64::NAN, f64::max).max(1e-6);
    let mut pieces = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        progress.check()?;
        let mut sights = Vec::new();
        let learned = &face.learned;
        let keyed = learned.references.iter().zip(&learned.expressions).take(face.keyed.len());
        for (reference, expression) in keyed.filter(|(r, _)| r.places[part.knot].is_some()) {
            let print = part.print(&reference.look, &reference.pose);
            sights.push(Sight { frames: Vec::new(), keyed: true, print, offsets: part.offsets(expression) });
        }
        let given = given.shape(&part.shape);
        let is_keyed =
            |frame: i32| given.and_then(|shape| shape.key_at(f64::from(frame))).is_some_and(Key::is_artists);
        for (&frame, here) in seen {
            match (prints.get(&frame), sights.last_mut()) {
                (Some(prints), _) => {
                    let (print, offsets) = (prints[number].clone(), part.offsets(&here.state.offsets));
                    sights.push(Sight { frames: vec![frame], keyed: is_keyed(frame), print, offsets });
                }
                (None, Some(before)) if !before.frames.is_empty() => before.frames.push(frame),
                (None, _) => {}
            }
        }
        pieces.extend(sorted(&part.shape, sights, least));
    }
    Ok(pieces)
}

/// A picture of a part.
struct Sight {
    /// The frames of the shot that show it so.
    frames: Vec<i32>,
    keyed: bool,
    print: Print,
    offsets: Vec<Vector3<f64>>,
}

/// Sights of one shape by the pieces they show, in the order in which frames do. Expressions are apart by `least`, head's units.
fn sorted(shape: &str, mut sights: Vec<Sight>, least: f64) -> Vec<Piece> {
    let far = how_far(&sights).max(least);
    let like = |a: &Sight, b: &Sight| {
        let apart = apart(a, b) / far;
        // Nothing is more alike than 1.
        if apart < 1.0 - SAME { alike(&a.print, &b.print) - apart } else { -apart }
    };
    // What is keyed is known first.
    sights.sort_by_key(|s| (!s.keyed, s.frames.first().copied()));
    let mut groups: Vec<Vec<&Sight>> = Vec::new();
    for sight in &sights {
        let known = |group: &Vec<&Sight>| {
            let keyed = group.iter().filter(|s| s.keyed).count();
            group.iter().take(keyed + EXEMPLARS).map(|s| like(s, sight)).fold(f64::NEG_INFINITY, f64::max)
        };
        let best = groups.iter_mut().map(|g| (known(g), g)).max_by(|a, b| a.0.total_cmp(&b.0));
        match best {
            Some((likeness, group)) if likeness > SAME => group.push(sight),
            _ => groups.push(vec![sight]),
        }
    }
    let piece = |group: Vec<&Sight>| {
        let first = |s: &Sight| s.frames.first().copied();
        let likeness = |s: &Sight| group.iter().take(EXEMPLARS).map(|other| like(s, other)).sum::<f64>();
        let shown = group.iter().filter_map(|s| Some((likeness(s), first(s)?)));
        let clearest = shown.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))?.1;
        let mut frames: Vec<i32> = group.iter().flat_map(|s| s.frames.iter().copied()).collect();
        frames.sort_unstable();
        let keyed = group.iter().any(|s| s.keyed);
        let keys = sights.iter().filter(|s| s.keyed);
        let differs = keys.map(|s| apart(s, group[0])).fold(f64::INFINITY, f64::min).min(far);
        Some(Piece { shape: shape.to_owned(), number: 0, keyed, frames, clearest, differs })
    };
    let mut pieces: Vec<Piece> = groups.into_iter().filter_map(piece).collect();
    pieces.sort_by_key(|p| p.frames[0]);
    pieces.iter_mut().zip(1..).for_each(|(piece, number)| piece.number = number);
    pieces
}

/// How far the places of two sights are apart in the mean, head's units.
fn apart(a: &Sight, b: &Sight) -> f64 {
    let sum: f64 = a.offsets.iter().zip(&b.offsets).map(|(a, b)| (a - b).xy().norm()).sum();
    sum / a.offsets.len().max(1) as f64
}

/// How far expressions are apart in the mean.
fn how_far(sights: &[Sight]) -> f64 {
    let every = sights.len().div_ceil(SAMPLES).max(1);
    let some: Vec<&Sight> = sights.iter().step_by(every).collect();
    let pairs = || some.iter().enumerate().flat_map(|(i, a)| some[..i].iter().map(|b| apart(a, b)));
    pairs().sum::<f64>() / pairs().count().max(1) as f64
}

/// The correlation of two prints, the second shifted as fits best.
fn alike(a: &Print, b: &Print) -> f64 {
    let [a, b] = [a, b].map(|print| print.iter().map(|v| f32::from(*v)).collect::<Vec<_>>());
    best_of_shifts(&a, &b, SIDE, SHIFT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(shape: &str, keyed: bool, frames: &[i32], clearest: i32) -> Piece {
        let (shape, frames, differs) = (shape.to_owned(), frames.to_vec(), 1.0);
        Piece { shape, number: 1, keyed, frames, clearest, differs }
    }

    #[test]
    fn frames_that_serve_most_are_wanted_first() {
        let pieces = [
            piece("mouth", true, &[1, 2], 1),
            piece("mouth", false, &[3, 4, 5, 6], 4),
            piece("mouth", false, &[7], 7),
            piece("brow", false, &[5, 6, 7], 6),
            piece("eye", false, &[9], 9),
        ];
        let frames: Vec<(i32, Vec<usize>)> =
            wanted(&pieces, &[]).into_iter().map(|w| (w.frame, w.pieces)).collect();
        // 7 lies beside 6.
        assert_eq!(frames, [(6, vec![1, 3]), (9, vec![4]), (7, vec![2])]);
        assert!(wanted(&pieces[..1], &[1]).is_empty());
        let alone = wanted(&pieces[1..2], &[]);
        assert_eq!(alone, [Wanted { frame: 4, pieces: vec![0] }]);
        let beside_a_key = wanted(&pieces[1..2], &[2, 4]);
        assert_eq!(beside_a_key[0].frame, 6);
        let mut worse = pieces;
        worse[4].differs = 9.0;
        assert_eq!(wanted(&worse, &[])[0], Wanted { frame: 9, pieces: vec![4] });
    }

    /// A picture with waves of its own, shifted by some cells.
    fn print(which: f32, shift: usize) -> Print {
        let wave = |k: usize| {
            let (x, y) = ((k % SIDE + shift) as f32, (k / SIDE) as f32);
            40.0 * (0.7 * x + which * y).sin() + 20.0 * (which * x - 0.5 * y).cos()
        };
        (0..SIDE * SIDE).map(|k| wave(k) as i8).collect()
    }

    fn sight(frame: i32, keyed: bool, which: f32, lip: f64) -> Sight {
        let offsets = vec![Vector3::new(0.0, lip, 0.0); 4];
        Sight { frames: vec![frame, frame + 1], keyed, print: print(which, frame as usize % 3), offsets }
    }

    #[test]
    fn a_piece_is_known_again_where_it_sits_a_little_off() {
        let sights = vec![
            sight(1, false, 0.2, 3.0),
            sight(3, true, 1.1, 9.0),
            sight(5, false, 1.1, 8.0),
            sight(7, false, 0.2, 2.0),
            sight(9, false, 1.1, 0.0),
        ];
        let pieces = sorted("mouth", sights, 0.5);
        let told: Vec<_> = pieces.iter().map(|p| (p.number, p.keyed, p.frames.clone())).collect();
        // The last looks like the second but lies elsewhere.
        assert_eq!(
            told,
            [(1, false, vec![1, 2, 7, 8]), (2, true, vec![3, 4, 5, 6]), (3, false, vec![9, 10])]
        );
    }

    #[test]
    fn what_is_flat_is_like_nothing() {
        let flat = vec![5; SIDE * SIDE];
        assert!(alike(&flat, &print(0.2, 0)).abs() < 1e-6 && alike(&print(0.2, 0), &flat).abs() < 1e-6);
        assert!(alike(&print(0.2, 1), &print(0.2, 2)) > 0.99);
        assert!(alike(&print(0.2, 0), &print(1.1, 0)) < 0.5);
    }
}
