//! What colours fill a closed outline and what lies around it, as keyed pictures show them. It tells how far an outline went where no
//! edge and no stretch of it looks as it did in any key: what is dark inside a mouth is not skin (region competition: Zhu and Yuille 1996).

use nalgebra::{Point2, Vector2};

use super::look::{Colour, Look};
use super::ribbon::{Side, peaks, point};

/// How much of what is expected on either side of an outline a frame must show, and where colours alone find the outline.
pub(super) const AGREE: f64 = 0.5;
pub(super) const AGREE_EXACT: f64 = 0.25;
/// Levels of each channel.
const LEVELS: usize = 16;
const COLOURS: usize = LEVELS * LEVELS * LEVELS;
/// Logarithm of a ratio of likelihoods that is as good as certain.
const CERTAIN: f32 = 3.0;
/// How much of what fills an outline is new, and of what lies around it: teeth and tongues come into sight, skin does not.
const NEW: (f32, f32) = (0.2, 0.02);
/// Around an outline, px: what is learned, and what of a frame is compared with that.
const RING: (f64, f64) = (2.0, 18.0);
const COMPARED: (f64, f64) = (4.0, 18.0);
const RING_STEP: f64 = 2.0;
/// Distance between places on an outline, px.
const EVERY_PX: f64 = 2.0;
/// About how many pixels inside are enough, and the fewest that tell something.
const ENOUGH: usize = 4000;
const FEWEST: usize = 30;
/// The least mean logarithm by which a keyed picture's own areas must be told apart, and the least one by which most of the frame must be.
const LEAST: f64 = 1.0;
/// A picture whose surroundings are this much likelier, as a logarithm, than the frame's in it has other light.
const OTHER_LIGHT: f64 = 1.0;
/// How much less a picture counts with that.
const LIKE: f64 = 2.0;
/// The least that a picture counts, however differently the head is turned.
const LEAST_VOTE: f64 = 0.05;
/// What a px counts that is on its side.
const WORTH: f64 = 0.25;
/// Lines on both sides of a place where the colours change over, and their mean logarithm.
const BESIDE: usize = 4;
const CHANGE: f32 = 0.5;

/// Both areas of an outline.
#[derive(Clone, Debug)]
pub(super) struct Areas {
    /// Logarithms of ratios: what is inside is above 0.
    ratios: Vec<f32>,
    inside: Vec<f32>,
    outside: Vec<f32>,
    /// How likely its own surroundings are.
    usual: f64,
}

impl Areas {
    /// Of an outline's cubics in a keyed picture; None where they look alike.
    pub fn of(look: &Look, curves: &[[Point2<f64>; 4]]) -> Option<Areas> {
        let line = polygon(curves);
        let (inside, outside) = (inside(look, &line), around(look, &line, RING));
        if inside.len().min(outside.len()) < FEWEST {
            return None;
        }
        let areas = Areas::from(shares(&inside, NEW.0), shares(&outside, NEW.1));
        let usual = likelihood(&areas.outside, &outside, 0.5);
        let mean = |colours: &[Colour]| {
            colours.iter().map(|c| f64::from(areas.ratio(c))).sum::<f64>() / colours.len() as f64
        };
        (mean(&inside).min(-mean(&outside)) >= LEAST).then_some(Areas { usual, ..areas })
    }

    fn from(inside: Vec<f32>, outside: Vec<f32>) -> Areas {
        let ratio = |(i, o): (&f32, &f32)| (i / o).ln().clamp(-CERTAIN, CERTAIN);
        Areas { ratios: inside.iter().zip(&outside).map(ratio).collect(), inside, outside, usual: 0.0 }
    }

    /// What pictures with the frame's light say together of an outline that is about there, each with what it counts; `agree` is how
    /// much of what is expected on either side the frame must show: where an outline goes far, it is little.
    pub fn together<'a>(
        look: &Look,
        curves: &[[Point2<f64>; 4]],
        pictures: impl Iterator<Item = (f64, &'a Areas)>,
        agree: f64,
    ) -> Option<Areas> {
        let mut pictures = pictures.peekable();
        pictures.peek()?;
        let line = polygon(curves);
        let ring = around(look, &line, COMPARED);
        let mut sums = [vec![0.0f32; COLOURS], vec![0.0f32; COLOURS]];
        let mut total = 0.0f32;
        for (vote, areas) in pictures {
            let less = (areas.usual - likelihood(&areas.outside, &ring, 1.0 - agree)).max(0.0);
            if less >= OTHER_LIGHT {
                continue;
            }
            let weight = (vote.max(LEAST_VOTE) * (-LIKE * less).exp()) as f32;
            for (sum, of) in sums.iter_mut().zip([&areas.inside, &areas.outside]) {
                sum.iter_mut().zip(of).for_each(|(s, v)| *s += weight * v);
            }
            total += weight;
        }
        let [shares_in, shares_out] = sums;
        if total <= 0.0 {
            return None;
        }
        let areas = Areas::from(shares_in, shares_out);
        let ratio_at = |colours: &[Colour], share: f64| {
            quantile(colours, share, |c| areas.ratio(c)).map_or(0.0, f64::from)
        };
        (ratio_at(&inside(look, &line), 1.0 - agree) >= LEAST && ratio_at(&ring, agree) <= -LEAST)
            .then_some(areas)
    }

    /// How surely a colour is one of the inside, 0 to 1.
    pub fn share(&self, colour: &Colour) -> f32 {
        0.5 + self.ratio(colour) / (2.0 * CERTAIN)
    }

    /// Above 0 if the colour is one of the inside.
    pub fn ratio(&self, colour: &Colour) -> f32 {
        self.ratios[level(colour)]
    }
}

/// What each offset along the normal is worth, and offsets where the inside changes over to the outside; by the ratios of the lines.
pub(super) fn worth(ratios: &[f32], inside: Side) -> (Vec<f64>, Vec<f64>) {
    let (count, middle) = (ratios.len(), ratios.len() / 2);
    let outward = if inside == Side::Lower { 1.0 } else { -1.0 };
    let step = |d: usize| WORTH * outward * 0.5 * f64::from(ratios[d] + ratios[d - 1]);
    let mut worth = vec![0.0; count];
    (middle + 1..count).for_each(|d| worth[d] = worth[d - 1] + step(d));
    (0..middle).rev().for_each(|d| worth[d] = worth[d + 1] - step(d + 1));
    let mean = |lines: &[f32]| lines.iter().sum::<f32>() / lines.len() as f32;
    let changes = |offset: &f64| {
        let d = (offset + middle as f64).round() as usize;
        if d < BESIDE || d + BESIDE >= count {
            return false;
        }
        let (lower, higher) = (mean(&ratios[d - BESIDE..d]), mean(&ratios[d + 1..=d + BESIDE]));
        match inside {
            Side::Lower => lower > CHANGE && higher < -CHANGE,
            Side::Higher => higher > CHANGE && lower < -CHANGE,
        }
    };
    let found = peaks(&worth).map(|p| p.0).filter(changes).collect();
    (worth, found)
}

fn level(colour: &Colour) -> usize {
    let level = |v: f32| ((v * LEVELS as f32) as usize).min(LEVELS - 1);
    (level(colour[0]) * LEVELS + level(colour[1])) * LEVELS + level(colour[2])
}

/// How common each colour is, blurred; of what is `new` every colour is as common.
fn shares(colours: &[Colour], new: f32) -> Vec<f32> {
    let mut shares = vec![0.0f32; COLOURS];
    let each = (1.0 - new) / colours.len() as f32;
    colours.iter().for_each(|c| shares[level(c)] += each);
    for stride in [1, LEVELS, LEVELS * LEVELS] {
        let from = shares.clone();
        for (i, share) in shares.iter_mut().enumerate() {
            let at = i / stride % LEVELS;
            let before = if at > 0 { from[i - stride] } else { from[i] };
            let after = if at + 1 < LEVELS { from[i + stride] } else { from[i] };
            *share = 0.5 * from[i] + 0.25 * (before + after);
        }
    }
    shares.iter_mut().for_each(|s| *s += new / COLOURS as f32);
    shares
}

/// How likely a share of the colours at most is, as a logarithm.
fn likelihood(shares: &[f32], colours: &[Colour], share: f64) -> f64 {
    quantile(colours, share, |c| shares[level(c)]).map_or(f64::NEG_INFINITY, |share| f64::from(share.ln()))
}

/// What a share of the numbers is below.
fn quantile(colours: &[Colour], share: f64, of: impl Fn(&Colour) -> f32) -> Option<f32> {
    let mut all: Vec<f32> = colours.iter().map(of).collect();
    let at = ((all.len() as f64 * share) as usize).min(all.len().saturating_sub(1));
    (all.len() > 1).then(|| *all.select_nth_unstable_by(at, f32::total_cmp).1)
}

pub(super) fn polygon(curves: &[[Point2<f64>; 4]]) -> Vec<Point2<f64>> {
    let points = |p: &[Point2<f64>; 4]| {
        let p = *p;
        let count = (((p[3] - p[0]).norm() / EVERY_PX).ceil() as usize).clamp(2, 64);
        (0..count).map(move |i| point(&p, i as f64 / count as f64))
    };
    curves.iter().flat_map(points).filter(|p| p.x.is_finite() && p.y.is_finite()).collect()
}

fn edges(line: &[Point2<f64>]) -> impl Iterator<Item = (Point2<f64>, Point2<f64>)> {
    line.iter().zip(line.iter().cycle().skip(1)).map(|(a, b)| (*a, *b))
}

/// Where the polygon crosses the middle of a row of pixels, from left to right.
fn crossings(line: &[Point2<f64>], y: f64) -> Vec<f64> {
    let crossed = edges(line).filter(|(a, b)| (a.y > y) != (b.y > y));
    let mut at: Vec<f64> = crossed.map(|(a, b)| a.x + (b.x - a.x) * (y - a.y) / (b.y - a.y)).collect();
    at.sort_by(f64::total_cmp);
    at
}

/// Colours inside of a polygon; of large ones not of every pixel.
fn inside(look: &Look, line: &[Point2<f64>]) -> Vec<Colour> {
    let (w, h) = (look.light[0].width(), look.light[0].height());
    let area = edges(line).map(|(a, b)| a.coords.perp(&b.coords)).sum::<f64>().abs() / 2.0;
    let every = ((area / ENOUGH as f64).sqrt() as usize).max(1);
    let (low, high) = line.iter().fold((h as f64, 0.0f64), |(low, high), p| (low.min(p.y), high.max(p.y)));
    let mut colours = Vec::new();
    for y in (low.max(0.0) as usize..high.min(h as f64) as usize).step_by(every) {
        for span in crossings(line, y as f64 + 0.5).chunks_exact(2) {
            let pixel = |x: f64| x.round().clamp(0.0, w as f64) as usize;
            colours.extend((pixel(span[0])..pixel(span[1])).step_by(every).map(|x| look.colours[y * w + x]));
        }
    }
    colours
}

/// Colours outside of a polygon, from and to a distance from it, px.
fn around(look: &Look, line: &[Point2<f64>], (from, to): (f64, f64)) -> Vec<Colour> {
    let (w, h) = (look.light[0].width() as f64, look.light[0].height() as f64);
    let turn = edges(line).map(|(a, b)| a.coords.perp(&b.coords)).sum::<f64>().signum();
    let distances = (0..).map(|k| from + RING_STEP * f64::from(k)).take_while(|d| *d <= to);
    let mut places: Vec<Point2<f64>> = Vec::new();
    for (a, b) in edges(line) {
        let along = b - a;
        let Some(outward) = Vector2::new(along.y, -along.x).try_normalize(1e-9) else { continue };
        places.extend(distances.clone().map(|d| a + outward * (turn * d)));
    }
    places.retain(|p| p.x >= 0.0 && p.y >= 0.0 && p.x < w && p.y < h);
    // A normal of a hollow outline may lead in again.
    places.sort_by(|a, b| a.y.floor().total_cmp(&b.y.floor()));
    let mut colours = Vec::with_capacity(places.len());
    for row in places.chunk_by(|a, b| a.y.floor() == b.y.floor()) {
        let crossed = crossings(line, row[0].y.floor() + 0.5);
        let outside = |p: &&Point2<f64>| crossed.iter().filter(|x| **x < p.x).count() % 2 == 0;
        colours.extend(row.iter().filter(outside).map(|p| look.colour(p.x, p.y)));
    }
    colours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Colours, Encoding, Rgb};

    const SKIN: [f32; 3] = [0.7, 0.5, 0.4];
    const LIP: [f32; 3] = [0.7, 0.2, 0.25];

    /// A round mouth in skin, with something else in its middle, in brighter or darker light.
    fn mouth(radius: f64, middle: (f64, [f32; 3]), light: f32) -> Look {
        let pixel = |i: usize| {
            let (x, y) = ((i % 100) as f64 + 0.5 - 50.0, (i / 100) as f64 + 0.5 - 50.0);
            let far = x.hypot(y);
            let colour = if far < middle.0 {
                middle.1
            } else if far < radius {
                LIP
            } else {
                SKIN
            };
            colour.map(|v| light * (v + 0.02 * ((x * 1.3).sin() + (y * 0.9).cos()) as f32))
        };
        let pixels = (0..100 * 100).map(pixel).collect();
        Look::new(&Colours::new(&Rgb::from_vec(100, 100, pixels).unwrap(), Encoding::Display), 1.0)
    }

    fn ring(radius: f64) -> Vec<[Point2<f64>; 4]> {
        let handle = radius * 0.5523;
        let point = |x: f64, y: f64| Point2::new(50.0 + x, 50.0 + y);
        let quarter = |[c, s]: [f64; 2]| {
            let turned = |x: f64, y: f64| point(c * x - s * y, s * x + c * y);
            [turned(radius, 0.0), turned(radius, handle), turned(handle, radius), turned(0.0, radius)]
        };
        [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]].map(quarter).to_vec()
    }

    /// The ratios along a line from the middle outwards, at distances up to 18 from one.
    fn outwards(areas: &Areas, look: &Look, from: i32) -> Vec<f32> {
        (from - 18..=from + 18).map(|d| areas.ratio(&look.colour(50.0 + f64::from(d), 50.0))).collect()
    }

    #[test]
    fn a_mouth_that_opens_wider_than_in_any_key_ends_where_the_skin_begins() {
        let keyed = Areas::of(&mouth(20.0, (0.0, LIP), 1.0), &ring(20.0)).unwrap();
        // Dark inside, which no key shows; the outline is expected at 26, where it is dark too.
        let frame = mouth(34.0, (29.0, [0.03; 3]), 1.0);
        let areas = Areas::together(&frame, &ring(26.0), [(1.0, &keyed)].into_iter(), AGREE).unwrap();
        let (worth, found) = worth(&outwards(&areas, &frame, 26), Side::Lower);
        assert_eq!((worth.len(), worth[18]), (37, 0.0));
        assert!(worth[26] > 4.0 && worth[36] < worth[26] && worth[10] < -3.0, "{worth:?}");
        assert!(found.len() == 1 && (found[0] - 8.0).abs() < 1.0, "{found:?}");
    }

    #[test]
    fn the_inside_may_be_on_either_side() {
        let keyed = Areas::of(&mouth(30.0, (0.0, LIP), 1.0), &ring(30.0)).unwrap();
        let mut ratios = outwards(&keyed, &mouth(30.0, (0.0, LIP), 1.0), 30);
        let (mut out, found) = worth(&ratios, Side::Lower);
        ratios.reverse();
        let (back, other) = worth(&ratios, Side::Higher);
        out.reverse();
        assert!(out.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-6));
        assert!((found[0] + other[0]).abs() < 0.1 && found[0].abs() < 1.0, "{found:?} {other:?}");
    }

    #[test]
    fn areas_that_look_alike_or_have_other_light_tell_nothing() {
        assert!(Areas::of(&mouth(0.0, (0.0, LIP), 1.0), &ring(20.0)).is_none());
        assert!(Areas::of(&mouth(20.0, (0.0, LIP), 1.0), &ring(1.0)).is_none());
        let keyed = Areas::of(&mouth(20.0, (0.0, LIP), 1.0), &ring(20.0)).unwrap();
        let darker = mouth(20.0, (0.0, LIP), 0.5);
        assert!(Areas::together(&darker, &ring(20.0), [(1.0, &keyed)].into_iter(), AGREE).is_none());
        assert!(Areas::together(&darker, &ring(20.0), std::iter::empty(), AGREE).is_none());
        let out_of_the_picture: Vec<_> = ring(20.0).into_iter().map(|c| c.map(|p| p * 9.0)).collect();
        assert!(Areas::of(&darker, &out_of_the_picture).is_none());
    }
}
