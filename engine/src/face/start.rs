//! The head found in a picture without any help: the keyed faces, made small, looked for at every place and size.

use nalgebra::{Point2, Vector2};
use rayon::prelude::*;

use super::camera::Pose;
use super::fit::State;
use super::frame::{Fitted, ROUNDS, fit};
use super::layout::Places;
use super::learned::Face;
use super::look::Look;
use super::solid::{RADIUS, spread};
use crate::image::{Colours, Plane};

/// How large a face is when it is looked for: its places' root mean square distance from their middle, px.
const SMALL_PX: f64 = 12.0;
/// Sizes tried, against the height that the keyed faces have in their pictures.
const SIZES: [f64; 10] = [0.45, 0.55, 0.67, 0.82, 1.0, 1.2, 1.45, 1.75, 2.1, 2.5];
/// Candidates that are fitted.
const CANDIDATES: usize = 6;
/// Mean correlation from which on a head counts as found.
pub(super) const FOUND: f64 = 0.3;

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
/// (x0, y0, x1, y1, px) the middle of the face lies in it.
pub(super) fn search(face: &Face, picture: &Colours, region: Option<[f64; 4]>) -> Option<(Fitted, f64)> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let usual = usual_radius(face, picture.height() as f64);
    for size in SIZES {
        let radius = usual * size;
        let small = Look::new(picture, SMALL_PX / radius);
        let found = (0..face.keyed.len())
            .into_par_iter()
            .flat_map_iter(|key| peaks(face, key, &small, radius, region));
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
    let mut best: Option<(Fitted, f64)> = None;
    for c in chosen {
        let scale = (RADIUS / c.radius).min(1.0);
        let look = Look::new(picture, scale);
        let fitted = fit(&face.learned, &look, &first_idea(face, &c, scale), &[], &[], &ROUNDS);
        if best.as_ref().is_none_or(|(b, _)| fitted.score > b.score) {
            best = Some((fitted, scale));
        }
    }
    best.filter(|(b, _)| b.score >= FOUND)
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

/// The best places of a keyed face in a small picture.
fn peaks(face: &Face, key: usize, small: &Look, radius: f64, region: Option<[f64; 4]>) -> Vec<Candidate> {
    let reference = &face.learned.references[key];
    let (middle, own) = spread(core(face, &reference.places));
    let shrunk = Look::new(&face.keyed[key].picture, SMALL_PX / own * reference.look.scale);
    let at = middle * (SMALL_PX / own);
    // Where most places are: two and a half times as wide as they are spread.
    let half = (1.6 * SMALL_PX) as isize;
    let side = (2 * half + 1) as usize;
    let plane = &shrunk.light[0];
    let mut template: Vec<f32> = Vec::with_capacity(side * side);
    for y in -half..=half {
        for x in -half..=half {
            template.push(plane.bilinear((at.x + x as f64) as f32, (at.y + y as f64) as f32));
        }
    }
    let mean = template.iter().sum::<f32>() / template.len() as f32;
    template.iter_mut().for_each(|v| *v -= mean);
    let norm = template.iter().map(|v| v * v).sum::<f32>().sqrt().max(1e-6);
    let (w, h) = (small.light[0].width() as isize, small.light[0].height() as isize);
    let inside = |x: isize, y: isize| {
        let px = [(x as f64 + 0.5) / small.scale, (y as f64 + 0.5) / small.scale];
        region.is_none_or(|[x0, y0, x1, y1]| px[0] >= x0 && px[0] <= x1 && px[1] >= y0 && px[1] <= y1)
    };
    let mut found: Vec<Candidate> = Vec::new();
    for y in (0..h).step_by(2) {
        for x in (0..w).step_by(2).filter(|&x| inside(x, y)) {
            let score = correlation(&small.light[0], &template, norm, half, x, y);
            let middle = [(x as f64 + 0.5) / small.scale, (y as f64 + 0.5) / small.scale];
            found.push(Candidate { key, score, middle, radius });
        }
    }
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(3);
    found
}

fn correlation(plane: &Plane, template: &[f32], norm: f32, half: isize, x: isize, y: isize) -> f32 {
    let side = (2 * half + 1) as usize;
    let (mut sum, mut square, mut product) = (0.0f32, 0.0f32, 0.0f32);
    for (j, row) in template.chunks_exact(side).enumerate() {
        for (i, t) in row.iter().enumerate() {
            let v = plane.clamped(x - half + i as isize, y - half + j as isize);
            sum += v;
            square += v * v;
            product += t * v;
        }
    }
    let count = template.len() as f32;
    product / (norm * (square - sum * sum / count).max(1e-6).sqrt())
}
