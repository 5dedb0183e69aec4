//! The head found in a picture without any help: the keyed faces, made small, looked for at every place and size.

use nalgebra::{Point2, Vector2};
use rayon::prelude::*;

use super::camera::Pose;
use super::correlation::norms;
use super::detector::{Detector, ideas};
use super::fit::State;
use super::frame::{Fitted, ROUNDS, fit};
use super::layout::Places;
use super::learned::{Face, FaceError};
use super::look::{Look, scale_for};
use super::progress::Progress;
use super::solid::spread;
use crate::image::{Colours, Plane};

/// How large a face is when it is looked for: its places' root mean square distance from their middle, px.
const SMALL_PX: f64 = 16.0;
/// Sizes tried, against the height that the keyed faces have in their pictures.
const SIZES: [f64; 10] = [0.45, 0.55, 0.67, 0.82, 1.0, 1.2, 1.45, 1.75, 2.1, 2.5];
/// Pieces of a keyed face that are looked for together, half of their side, and how far each may be off, px.
const PARTS: usize = 32;
const HALF: usize = 4;
const SLACK: usize = 2;
/// Candidates of which the first rounds are fitted, how many those are, and of how many all are.
const CANDIDATES: usize = 16;
const FIRST_ROUNDS: usize = 2;
const FINALISTS: usize = 3;
/// Mean correlation from which on a head counts as found.
pub(super) const FOUND: f64 = 0.3;

/// Contrast below which a piece says nothing.
const FLAT_PART: f32 = 0.5;

/// A place where a keyed face may be.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    key: usize,
    score: f32,
    /// Middle of the places, px of the picture, and their distance from it.
    middle: [f64; 2],
    radius: f64,
}

/// The face in a picture of which nothing is known. The look has `scale` px for one of the picture; where `region` is given
/// (x0, y0, x1, y1, px) the middle of the face lies in it. A detector's idea of the face competes with those found here.
pub(super) fn search(
    face: &Face,
    picture: &Colours,
    region: Option<[f64; 4]>,
    detector: Option<&dyn Detector>,
    progress: &Progress<'_>,
) -> Result<Option<(Fitted, f64)>, FaceError> {
    let mut detected = None;
    if let Some(detector) = detector {
        progress.check()?;
        detected = seen_by(detector, face, picture, region);
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    let usual = usual_radius(face, picture.height() as f64);
    let keys: Vec<Vec<Part>> = (0..face.learned.references.len()).map(|key| parts(face, key)).collect();
    for size in SIZES {
        progress.check()?;
        let radius = usual * size;
        let small = Look::new(picture, SMALL_PX / radius);
        let plane = &small.light[0];
        let norms = norms(plane.data(), plane.width(), SIDE);
        let found = keys
            .par_iter()
            .enumerate()
            .flat_map_iter(|(key, parts)| peaks(key, parts, &small, &norms, radius, region));
        candidates.extend(found.collect::<Vec<_>>());
    }
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut chosen: Vec<Candidate> = Vec::new();
    for c in candidates {
        let same = |o: &Candidate| {
            let far = (c.middle[0] - o.middle[0]).hypot(c.middle[1] - o.middle[1]);
            far < 0.3 * o.radius && (c.radius / o.radius).ln().abs() < 0.25 && c.key == o.key
        };
        if chosen.len() < CANDIDATES && !chosen.iter().any(same) {
            chosen.push(c);
        }
    }
    let mut begun: Vec<(Fitted, Look)> = Vec::new();
    for c in chosen {
        progress.check()?;
        let scale = scale_for(c.radius);
        let look = Look::new(picture, scale);
        let fitted =
            fit(&face.learned, &look, &first_idea(face, &c, scale), &[], &[], &ROUNDS[..FIRST_ROUNDS]);
        begun.push((fitted, look));
    }
    begun.sort_by(|a, b| b.0.score.total_cmp(&a.0.score));
    begun.truncate(FINALISTS);
    let rest = &ROUNDS[FIRST_ROUNDS..];
    let mut best = detected;
    for (first, look) in begun {
        progress.check()?;
        let fitted = fit(&face.learned, &look, &first.state, &[], &[], rest);
        if best.as_ref().is_none_or(|(b, _)| b.score <= fitted.score) {
            best = Some((fitted, look.scale));
        }
    }
    Ok(best.filter(|(b, _)| b.score >= FOUND))
}

/// The face where a detector sees it.
fn seen_by(
    detector: &dyn Detector,
    face: &Face,
    picture: &Colours,
    region: Option<[f64; 4]>,
) -> Option<(Fitted, f64)> {
    let (ideas, scale) = ideas(&face.learned, &detector.places(picture, region))?;
    let look = Look::new(picture, scale);
    let (first, rest) = ROUNDS.split_at(FIRST_ROUNDS);
    let begun = ideas.iter().map(|idea| fit(&face.learned, &look, idea, &[], &[], first));
    let best = begun.max_by(|a, b| a.score.total_cmp(&b.score))?;
    let fitted = fit(&face.learned, &look, &best.state, &[], &[], rest);
    let model = &face.learned.model;
    let places: Places = model.places(&fitted.state).into_iter().take(model.layout.core).map(Some).collect();
    let [x, y]: [f64; 2] = (spread(&places).0 / scale).into();
    let inside = region.is_none_or(|[x0, y0, x1, y1]| x >= x0 && x <= x1 && y >= y0 && y <= y1);
    inside.then_some((fitted, scale))
}

/// How large the keyed faces would be in a picture of this height.
fn usual_radius(face: &Face, height: f64) -> f64 {
    let mut shares: Vec<f64> = face
        .keyed
        .iter()
        .zip(&face.learned.references)
        .map(|(k, r)| spread(core(face, &r.places)).1 / r.look.scale / k.height.max(1.0))
        .collect();
    shares.sort_by(f64::total_cmp);
    (shares.get(shares.len() / 2).copied().unwrap_or(0.2) * height).max(4.0)
}

fn core<'p>(face: &Face, places: &'p Places) -> &'p [Option<Point2<f64>>] {
    &places[..face.learned.model.layout.core]
}

fn first_idea(face: &Face, c: &Candidate, scale: f64) -> State {
    let reference = &face.learned.references[c.key];
    let (middle, radius) = spread(core(face, &reference.places));
    let larger = c.radius * scale / radius;
    let shift = Vector2::from(c.middle) * scale + (reference.pose.shift - middle) * larger;
    let pose = Pose { log_scale: reference.pose.log_scale + larger.ln(), shift, ..reference.pose };
    State { pose, offsets: face.learned.expressions[c.key].clone() }
}

/// A small piece of a keyed face.
struct Part {
    /// Without its mean, of norm 1.
    values: [f32; SIDE * SIDE],
    /// From the middle of the face, px.
    offset: [isize; 2],
}

const SIDE: usize = 2 * HALF + 1;

/// Pieces of a keyed face, spread over it.
fn parts(face: &Face, key: usize) -> Vec<Part> {
    let reference = &face.learned.references[key];
    let (middle, own) = spread(core(face, &reference.places));
    let shrink = SMALL_PX / own;
    let keyed = key % face.keyed.len();
    let small = Look::new(&face.keyed[keyed].picture, shrink * face.learned.references[keyed].look.scale);
    let small = if key == keyed { small } else { small.mirrored() };
    let places: Vec<Point2<f64>> =
        core(face, &reference.places).iter().flatten().map(|p| p * shrink).collect();
    let mut near = vec![f64::INFINITY; places.len()];
    let mut parts = Vec::with_capacity(PARTS);
    for _ in 0..PARTS.min(places.len()) {
        // The place that is furthest from those taken.
        let Some(next) = (0..places.len()).max_by(|&a, &b| near[a].total_cmp(&near[b])) else { break };
        let place = places[next];
        near.iter_mut().zip(&places).for_each(|(n, p)| *n = n.min((p - place).norm()));
        let mut values = [0.0f32; SIDE * SIDE];
        for (k, v) in values.iter_mut().enumerate() {
            let (dx, dy) = ((k % SIDE) as f64 - HALF as f64, (k / SIDE) as f64 - HALF as f64);
            *v = small.light[0].bilinear((place.x + dx) as f32, (place.y + dy) as f32);
        }
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        values.iter_mut().for_each(|v| *v -= mean);
        let norm = values.iter().map(|v| v * v).sum::<f32>().sqrt();
        if norm > FLAT_PART {
            values.iter_mut().for_each(|v| *v /= norm);
            let offset = (place - middle * shrink).map(|v| v.round() as isize);
            parts.push(Part { values, offset: offset.into() });
        }
    }
    parts
}

/// The best places of a keyed face in a small picture: where its pieces are found together, each a little off perhaps (pictorial
/// structures: Felzenszwalb and Huttenlocher 2005, with a box in place of springs).
fn peaks(
    key: usize,
    parts: &[Part],
    small: &Look,
    norms: &[f32],
    radius: f64,
    region: Option<[f64; 4]>,
) -> Vec<Candidate> {
    let plane = &small.light[0];
    let (w, h) = (plane.width(), plane.height());
    let mut votes = vec![0.0f32; w * h];
    for part in parts {
        let responses = highest(&correlations(plane, norms, part), w, h);
        for y in 0..h {
            let v = y as isize + part.offset[1];
            if v < 0 || v >= h as isize {
                continue;
            }
            let row = &responses[v as usize * w..][..w];
            for x in 0..w {
                let u = x as isize + part.offset[0];
                if u >= 0 && u < w as isize {
                    votes[y * w + x] += row[u as usize];
                }
            }
        }
    }
    let inside = |x: usize, y: usize| {
        let px = [(x as f64 + 0.5) / small.scale, (y as f64 + 0.5) / small.scale];
        region.is_none_or(|[x0, y0, x1, y1]| px[0] >= x0 && px[0] <= x1 && px[1] >= y0 && px[1] <= y1)
    };
    let mut found: Vec<Candidate> = Vec::new();
    for y in 0..h {
        for x in (0..w).filter(|&x| inside(x, y)) {
            let score = votes[y * w + x] / parts.len().max(1) as f32;
            let middle = [(x as f64 + 0.5) / small.scale, (y as f64 + 0.5) / small.scale];
            found.push(Candidate { key, score, middle, radius });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(3);
    found
}

fn correlations(plane: &Plane, norms: &[f32], part: &Part) -> Vec<f32> {
    let (w, h) = (plane.width(), plane.height());
    let mut out = vec![0.0f32; w * h];
    if w < SIDE || h < SIDE {
        return out;
    }
    for y in HALF..h - HALF {
        let line = &mut out[y * w + HALF..][..w - 2 * HALF];
        for j in 0..SIDE {
            let row = plane.row(y + j - HALF);
            for i in 0..SIDE {
                let t = part.values[j * SIDE + i];
                line.iter_mut().zip(&row[i..]).for_each(|(o, v)| *o += t * v);
            }
        }
        let norms = &norms[(y - HALF) * line.len()..];
        line.iter_mut().zip(norms).for_each(|(o, n)| *o = (*o / n.max(FLAT_PART)).max(0.0));
    }
    out
}

/// The highest value around each pixel.
fn highest(values: &[f32], w: usize, h: usize) -> Vec<f32> {
    let mut across = vec![0.0f32; w * h];
    for y in 0..h {
        let row = &values[y * w..][..w];
        for x in 0..w {
            let around = &row[x.saturating_sub(SLACK)..(x + SLACK + 1).min(w)];
            across[y * w + x] = around.iter().copied().fold(0.0, f32::max);
        }
    }
    let mut out = vec![0.0f32; w * h];
    for y in 0..h {
        for v in y.saturating_sub(SLACK)..(y + SLACK + 1).min(h) {
            let (row, line) = (&across[v * w..][..w], &mut out[y * w..][..w]);
            line.iter_mut().zip(row).for_each(|(o, v)| *o = o.max(*v));
        }
    }
    out
}
