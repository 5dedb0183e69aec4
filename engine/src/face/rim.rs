//! Outlines found again along their own normals: a ribbon of the picture across the outline is compared with the same place of
//! the keyed outlines, in colour (profile matching as in active shape models: Cootes, Taylor, Cooper and Graham 1995, but
//! by correlation with single keyed pictures, not with a mean).

use std::ops::Range;

use nalgebra::{Point2, Vector2};
use rayon::prelude::*;

use super::areas::{AGREE, AGREE_EXACT, Areas, worth};
use super::border::Border;
use super::chain::Chain;
use super::fit::State;
use super::layout::{Layout, Outline};
use super::look::Look;
use super::matching::{self, Reference, likelihood};
use super::regions;
use super::ribbon::{Edge, Piece, Side, Window, peaks, point};
use super::sides::Sides;

/// Distance between ribbons along an outline, px.
const EVERY_PX: f64 = 6.0;
/// Correlation below which nothing was found.
const THRESHOLD: f64 = 0.75;
/// An edge's strength from which on it counts as one, and how much of the keyed edges' strength it needs.
const STRONG: (f64, f64) = (2.5, 0.5);
/// Between turns of the head that differ by this, radians, edges come and go.
const EDGE_TURN: f64 = 0.15;
/// How much more than in the keyed pictures the colours may change inside of an edge.
const UNEVEN: f64 = 1.0;
/// How well the sides' colours must be parted, as a share of how well keyed outlines part them.
const PARTED: f64 = 0.6;
/// How much a place must be the outline's border, and how much one is that is none, of 1.
const BORDER: f32 = 0.2;
const NO_BORDER: f32 = 0.01;
/// The correlation that a place counts as which looks like no key: where there is a border or an edge, or where the colours of the sides or
/// the areas change over.
const SCORE: f64 = 0.8;
/// How far off a place that was found is, px (the standard deviation): at least, and for each px by which where it is likely spreads beyond
/// what each of them spreads by itself, px². More than the errors are: neighbours err alike.
const SD: (f64, f64) = (1.0, 4.0);
const SPREAD_PX2: f64 = 0.18;
/// How far neighbours along an outline are off differently, px; and where areas tell how far.
const APART_PX: f64 = 1.5;
const APART_BY_AREAS_PX: f64 = 3.0;
/// How far outlines are off, px; and where areas tell how far, the least.
pub(super) const AWAY_PX: f64 = 8.0;
const AWAY_BY_AREAS_PX: f64 = 12.0;
/// From how far on a keyed picture's own outline is looked for where that is, as a share of the radius.
const ELSEWHERE: f64 = 0.4;
/// How far off the middle of what was found counts as found, px.
const NEAR_PX: f64 = 0.7;
/// How near to an outline a place goes where that goes, px.
const ON_PX: f64 = 5.0;
/// What it costs that nothing was found: as a correlation of that would.
const MISSED: f64 = 0.65;

/// The outlines that a keyed picture proposes.
#[derive(Clone, Debug)]
pub(super) struct Ribbons<'a> {
    reference: &'a Reference,
    angle: f64,
    /// Px of the reference for one of the frame.
    ratio: f64,
    /// Where all places would be with the expression of that picture, px of the frame's look.
    own: Option<&'a [Point2<f64>]>,
    /// Of each outline.
    areas: &'a [Option<Areas>],
    /// Whether it is of this shot.
    here: bool,
}

impl<'a> Ribbons<'a> {
    /// For a face that is there in the frame.
    pub fn new(
        reference: &'a Reference,
        angle: f64,
        state: &State,
        own: Option<&'a [Point2<f64>]>,
        areas: &'a [Option<Areas>],
        here: bool,
    ) -> Self {
        let ratio = (reference.pose.log_scale - state.pose.log_scale).exp();
        Ribbons { reference, angle, ratio, own, areas, here }
    }

    /// How much what it shows beside its outlines counts.
    fn vote(&self) -> f64 {
        (-self.angle / EDGE_TURN).exp()
    }
}

/// A place on an outline.
struct Place {
    /// The knots on both sides.
    knots: [usize; 2],
    /// How far it is from the first to the second.
    t: f64,
    at: Point2<f64>,
    normal: Vector2<f64>,
    candidates: Vec<Candidate>,
    /// What each offset is worth by itself, beside the candidates.
    worth: Vec<f64>,
}

/// Where a place may be.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    /// Along the normal, px.
    offset: f64,
    /// Logarithm of how likely it is.
    weight: f64,
}

/// What tells where an outline is, beside ribbons.
#[derive(Clone, Copy, Debug)]
struct Telling<'a> {
    /// On which side of its normals a closed one has its inside.
    inside: Option<Side>,
    areas: Option<&'a Areas>,
    border: Option<&'a Border>,
}

/// A place on an outline that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// The knots on both sides.
    pub knots: [usize; 2],
    /// How far it is from the first to the second.
    pub t: f64,
    pub normal: Vector2<f64>,
    /// Along the normal, px.
    pub offset: f64,
    /// Where that is.
    pub at: Point2<f64>,
    /// How far off that is, px (the standard deviation).
    pub sd: f64,
    /// Where colours alone find the outline.
    pub sure: bool,
}

/// How outlines are followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach<'a> {
    /// How far off they are looked for, px.
    pub radius: usize,
    /// How far off they are expected to be, px.
    pub away_px: f64,
    /// Whether areas say how far they went.
    pub areas: bool,
    /// Of each outline whether colours alone find it.
    pub exact: &'a [bool],
    /// Of each outline what its border looks like, if that is known.
    pub borders: &'a [Option<Border>],
}

/// Follows each outline from where its places are `now`: what was found along each.
pub(super) fn follow(
    look: &Look,
    layout: &Layout,
    now: &[Point2<f64>],
    proposals: &[Ribbons<'_>],
    reach: Reach<'_>,
) -> Vec<Vec<Found>> {
    let Reach { radius, away_px, .. } = reach;
    let outlines: Vec<_> = layout.knots().collect();
    let found_along = |(number, (outline, knots)): (usize, &(&Outline, Range<usize>))| {
        let curves = layout.segments(outline, knots);
        let inside = outline.shape.closed.then(|| inside(&now[knots.clone()]));
        let is_exact = reach.exact.get(number).is_some_and(|e| *e);
        let known = proposals.iter().filter(|p| p.here || !is_exact);
        let known = known.filter_map(|p| Some((p.vote(), p.areas.get(number)?.as_ref()?)));
        let cubics: Vec<_> = curves.iter().map(|c| c.map(|i| now[i])).collect();
        let agree = if is_exact { AGREE_EXACT } else { AGREE };
        let areas = if is_exact || reach.areas { Areas::together(look, &cubics, known, agree) } else { None };
        if let Some(areas) = areas.as_ref().filter(|_| is_exact)
            && let Some(border) = regions::region(look, areas, &cubics)
        {
            let knots: Vec<[usize; 2]> = curves.iter().map(|c| [c[0], c[3]]).collect();
            return regions::matched(&border, &cubics, &knots, EVERY_PX);
        }
        let areas = areas.filter(|_| reach.areas);
        let border = reach.borders.get(number).and_then(|b| b.as_ref());
        let telling = Telling { inside, areas: areas.as_ref(), border };
        let segments = curves.par_iter().flat_map_iter(|c| segment(look, c, now, proposals, radius, telling));
        let places: Vec<Place> = segments.collect();
        let (apart_px, away_px) = match areas {
            Some(_) => (APART_BY_AREAS_PX, away_px.max(AWAY_BY_AREAS_PX)),
            None => (APART_PX, away_px),
        };
        let path = path(&places, outline.shape.closed, radius, apart_px, away_px);
        let found = |(place, found): (Place, Option<(f64, f64)>)| {
            let (offset, sd) = found?;
            let (normal, at) = (place.normal, place.at + place.normal * offset);
            Some(Found { knots: place.knots, t: place.t, normal, offset, at, sd, sure: false })
        };
        places.into_iter().zip(path).filter_map(found).collect()
    };
    outlines.par_iter().enumerate().map(found_along).collect()
}

/// Forgets places that were found elsewhere than the outline goes that they are on: many places of it agree on where that is, and
/// what a mouth shows that opens further than in any key is like no corner of it. `along` is what was found along each outline, and
/// a place may go `doubted_px` less or more; places that are `roaming` go by themselves and are kept.
pub(super) fn doubt(
    along: &[&[Found]],
    now: &[Point2<f64>],
    places: &mut [Option<matching::Found>],
    roaming: &[bool],
    doubted_px: f64,
) {
    let is_elsewhere = |at: &Point2<f64>, found: &Point2<f64>| {
        let distance = |f: &&Found| (f.at - f.normal * f.offset - at).norm();
        let nearest = |outline: &&[Found]| -> Option<f64> {
            let near = outline.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
            (distance(&near) <= ON_PX).then(|| near.normal.dot(&(found - at)) - near.offset)
        };
        along.iter().filter_map(nearest).any(|apart| apart.abs() > doubted_px)
    };
    for ((place, at), roams) in places.iter_mut().zip(now).zip(roaming) {
        place.take_if(|found| !roams && is_elsewhere(at, &found.at));
    }
}

/// On which side of its normals a closed outline has its inside.
pub(super) fn inside(knots: &[Point2<f64>]) -> Side {
    let next = knots.iter().cycle().skip(1);
    let area: f64 = knots.iter().zip(next).map(|(a, b)| a.coords.perp(&b.coords)).sum();
    if area > 0.0 { Side::Lower } else { Side::Higher }
}

/// Places along a segment and where each may be.
fn segment(
    look: &Look,
    segment: &[usize; 4],
    now: &[Point2<f64>],
    proposals: &[Ribbons<'_>],
    radius: usize,
    telling: Telling<'_>,
) -> Vec<Place> {
    let length = (now[segment[3]] - now[segment[0]]).norm();
    let count = ((length / EVERY_PX).ceil() as usize).clamp(1, 24);
    let along = |k: usize| (k as f64 + 0.5) / count as f64;
    let piece = |p: &Ribbons<'_>, t: f64| {
        let [a, b, c, d] = segment.map(|i| p.reference.places[i]);
        Piece::across(&p.reference.look, &[a?, b?, c?, d?], t, p.ratio)
    };
    let pieces: Vec<Vec<(&Ribbons<'_>, Piece)>> = (0..count)
        .map(|k| proposals.iter().filter_map(|p| Some((p, piece(p, along(k))?))).collect())
        .collect();
    let sides = telling.inside.and_then(|side| {
        let votes: Vec<_> = pieces.iter().flatten().map(|(p, piece)| (p.vote(), piece)).collect();
        Some((Sides::of(&votes, side)?, side))
    });
    let one = |(k, pieces): (usize, &Vec<(&Ribbons<'_>, Piece)>)| {
        let t = along(k);
        let here = Window::across(look, &segment.map(|i| now[i]), t, radius)?;
        let normal = here.normal();
        let mut candidates = Vec::new();
        for (p, piece) in pieces {
            let own = p.own.map(|o| segment.map(|i| o[i]));
            let is_elsewhere =
                |own: &[Point2<f64>; 4]| (point(own, t) - here.at).norm() >= ELSEWHERE * radius as f64;
            let own = own.filter(is_elsewhere).and_then(|own| Window::across(look, &own, t, radius));
            for window in [Some(&here), own.as_ref()].into_iter().flatten() {
                for (offset, score) in piece.slid(window, THRESHOLD) {
                    let place = window.at + window.normal() * offset;
                    let weight = likelihood(score) - 2.0 * p.angle;
                    candidates.push(Candidate { offset: (place - here.at).dot(&normal), weight });
                }
            }
        }
        let mut at = |offset: f64| candidates.push(Candidate { offset, weight: likelihood(SCORE) });
        let mut worth_of = vec![0.0; 2 * radius + 1];
        if let Some(side) = telling.inside {
            if let Some(areas) = telling.areas {
                let changes;
                (worth_of, changes) = worth(&here.ratios(areas), side);
                changes.into_iter().for_each(&mut at);
            }
            edges(pieces, &here, side).into_iter().for_each(|(offset, _)| at(offset));
        }
        if let Some((sides, side)) = &sides {
            let parted = sides.across(&here, *side);
            let well = peaks(&parted).filter(|(_, parted)| *parted >= PARTED * sides.keyed);
            well.for_each(|(offset, _)| at(offset));
        }
        if let Some(border) = telling.border {
            let is = border.across(&here, telling.inside);
            let log: Vec<f64> = is.iter().map(|is| f64::from(is + NO_BORDER).ln()).collect();
            let well = peaks(&log).filter(|(_, log)| *log >= f64::from(BORDER).ln());
            well.for_each(|(offset, _)| at(offset));
            worth_of.iter_mut().zip(log).for_each(|(worth, log)| *worth += log);
        }
        let knots = [segment[0], segment[3]];
        Some(Place { knots, t, at: here.at, normal, candidates, worth: worth_of })
    };
    pieces.iter().enumerate().filter_map(one).collect()
}

/// Edges in a window where keyed pictures mostly show one: where they are, and how strong.
fn edges(pieces: &[(&Ribbons<'_>, Piece)], window: &Window, side: Side) -> Vec<(f64, f64)> {
    let keyed: Vec<(f64, Edge)> = pieces.iter().map(|(p, piece)| (p.vote(), piece.edge(side))).collect();
    let votes: f64 = keyed.iter().map(|(vote, _)| vote).sum();
    let mean = |of: fn(&Edge) -> f64| keyed.iter().map(|(v, e)| v * of(e)).sum::<f64>() / votes;
    if mean(|e| f64::from(u8::from(e.strength >= STRONG.0))) <= 0.5 {
        return Vec::new();
    }
    let least = STRONG.0.max(STRONG.1 * mean(|e| e.strength));
    let uneven = UNEVEN + mean(|e| e.deeper);
    let strength = |e: &Edge| if e.deeper <= uneven { e.strength } else { 0.0 };
    let strengths: Vec<f64> = window.edges(side).iter().map(strength).collect();
    peaks(&strengths).filter(|(_, strength)| *strength >= least).collect()
}

/// Where each place is along its normal, and how far off that is, px, so that what is found is likely and neighbours move alike.
fn path(places: &[Place], closed: bool, radius: usize, apart: f64, away_px: f64) -> Vec<Option<(f64, f64)>> {
    let offset = |d: usize| d as f64 - radius as f64;
    let none = likelihood(MISSED);
    // How likely a candidate is at an offset, and where it is.
    type Best = Option<(f64, f64)>;
    let best = |place: &Place, d: usize| -> Best {
        let here = |c: &Candidate| c.weight - 0.5 * ((offset(d) - c.offset) / NEAR_PX).powi(2);
        let of = place.candidates.iter().map(|c| (here(c), c.offset)).max_by(|a, b| a.0.total_cmp(&b.0));
        of.filter(|(weight, _)| *weight > none)
    };
    let all = |place: &Place| (0..=2 * radius).map(|d| best(place, d)).collect();
    let found: Vec<Vec<Best>> = places.iter().map(all).collect();
    let likely = |(place, found): (&Place, &Vec<Best>)| {
        let away = |d: usize| 0.5 * (offset(d) / away_px).powi(2);
        let by_itself = found.iter().map(|found| found.map_or(none, |f| f.0)).zip(&place.worth);
        by_itself.enumerate().map(|(d, (found, worth))| found + worth - away(d)).collect()
    };
    let chain = Chain { likely: places.iter().zip(&found).map(likely).collect(), closed, apart };
    let at = |((found, d), shares): ((&Vec<Best>, usize), Vec<f64>)| {
        let at = found[d]?.1;
        let spread: f64 = shares.iter().enumerate().map(|(d, s)| s * (offset(d) - at).powi(2)).sum();
        Some((at, SD.0 + SD.1 * (spread - SPREAD_PX2).max(0.0).sqrt()))
    };
    found.iter().zip(chain.likeliest()).zip(chain.shares()).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(candidates: &[(f64, f64)]) -> Place {
        let candidate = |&(offset, score): &(f64, f64)| Candidate { offset, weight: likelihood(score) };
        let candidates = candidates.iter().map(candidate).collect();
        let (at, normal) = (Point2::origin(), Vector2::new(0.0, -1.0));
        Place { knots: [0, 1], t: 0.5, at, normal, candidates, worth: vec![0.0; 19] }
    }

    #[test]
    fn neighbours_outvote_what_is_likelier_by_itself() {
        let places: Vec<Place> = (0..12)
            .map(|k| match k {
                4 => place(&[(-7.0, 0.97), (3.2, 0.85)]),
                7 => place(&[(-6.0, 0.9)]),
                9 => place(&[]),
                _ => place(&[(3.0, 0.9)]),
            })
            .collect();
        for closed in [false, true] {
            let found = path(&places, closed, 9, APART_PX, AWAY_PX);
            let offsets: Vec<Option<f64>> = found.iter().map(|c| c.map(|c| c.0)).collect();
            assert_eq!(offsets[4], Some(3.2));
            assert_eq!((offsets[7], offsets[9]), (None, None));
            assert_eq!(offsets.iter().filter(|o| **o == Some(3.0)).count(), 9);
        }
    }

    #[test]
    fn what_was_found_where_the_outline_is_not_is_forgotten() {
        let on = |x: f64, offset: f64| {
            let (normal, at) = (Vector2::new(0.0, -1.0), Point2::new(x, -offset));
            Found { knots: [0, 1], t: 0.5, normal, offset, at, sd: 3.0, sure: false }
        };
        let outline: Vec<Found> = (0..10).map(|k| on(6.0 * f64::from(k), 9.0)).collect();
        let found = |x: f64, y: f64| {
            let information = nalgebra::Matrix2::identity();
            Some(matching::Found { at: Point2::new(x, y), information, score: 0.9, key_score: 0.9 })
        };
        // On the outline and found with it, on it and found elsewhere, on it and by itself, and beside it.
        let now = [[12.0, 0.0], [20.0, 1.0], [33.0, 0.0], [30.0, 9.0]].map(|[x, y]| Point2::new(x, y));
        let mut places = [found(14.0, -8.0), found(20.0, 2.0), found(33.0, 0.0), found(30.0, 9.0), None];
        doubt(&[&[], &outline], &now, &mut places, &[false, false, true, false, false], 5.0);
        assert_eq!(places.map(|p| p.is_some()), [true, false, true, true, false]);
    }

    #[test]
    fn nothing_to_follow_is_no_path() {
        assert!(path(&[], true, 5, APART_PX, AWAY_PX).is_empty());
        assert!(path(&[place(&[])], true, 5, APART_PX, AWAY_PX)[0].is_none());
    }
}
