//! A first idea of the face from places that somebody else has found.

use nalgebra::{Complex, Matrix2, Point2, Rotation3, Vector2, Vector3};

use super::camera::Pose;
use super::fit::{Evidence, State};
use super::learned::{FEWEST_PLACES, Learned};
use super::look::scale_for;
use super::matching::Found;
use super::solid::spread;
use crate::image::Colours;

/// Finds a head in a picture of which nothing is known, as a trained network does. An analysis asks only where it has to look for
/// the head, on its own thread.
pub trait Detector: std::fmt::Debug {
    /// Places of the head that it sees, those with the names of the face's landmarks in use; none if it sees no head. `near` is a
    /// box in which the middle of the head should be: x0, y0, x1, y1, px.
    fn places(&self, picture: &Colours, near: Option<[f64; 4]>) -> Vec<Detected>;
}

/// A landmark as a [`Detector`] sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detected {
    /// The landmark's name.
    pub name: String,
    /// Where it is, px.
    pub at: [f64; 2],
    /// How sure that is, 0 to 1.
    pub confidence: f64,
}

/// Standard deviation of a place that is sure, and where one counts half, head's units.
const SD: f64 = 6.0;
const OUTLIER: f64 = 12.0;
/// Places less sure than this say nothing.
const UNSURE: f64 = 0.1;
/// Rounds in which a keyed face is laid over the places.
const ROUNDS: usize = 5;
/// Ideas that are followed.
const IDEAS: usize = 3;

/// First ideas of the face, the likeliest first, px of a look with the scale that is given with them. Each begins as a keyed face that is
/// moved, turned in the picture and scaled onto the places, and is fitted to them with what is known of the head and its expressions.
pub(super) fn ideas(learned: &Learned, detected: &[Detected]) -> Option<(Vec<State>, f64)> {
    let model = &learned.model;
    let mut places: Vec<Option<(Point2<f64>, f64)>> = vec![None; model.layout.core];
    for (i, name) in model.layout.landmarks.iter().enumerate() {
        let known = detected.iter().find(|d| d.name == *name && d.confidence >= UNSURE);
        places[i] = known.map(|d| (Point2::from(d.at), d.confidence.min(1.0)));
    }
    if places.iter().flatten().count() < FEWEST_PLACES {
        return None;
    }
    let keyed = learned.references.iter().zip(&learned.expressions);
    let mut laid: Vec<(f64, State)> = keyed
        .filter_map(|(reference, offsets)| {
            let state = State { pose: reference.pose, offsets: offsets.clone() };
            laid(&state, &model.places(&state), &places)
        })
        .collect();
    laid.sort_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = &laid.first()?.1;
    let all: Vec<Option<Point2<f64>>> =
        model.places(nearest).into_iter().take(model.layout.core).map(Some).collect();
    let scale = scale_for(spread(&all).1.max(1.0));
    let mut fitted: Vec<(f64, State)> = Vec::with_capacity(laid.len());
    for (_, state) in laid {
        let start = State { pose: state.pose.scaled(scale), ..state };
        let unit = start.pose.log_scale.exp();
        let found: Vec<Option<Found>> = places
            .iter()
            .map(|place| {
                let (at, confidence) = (*place)?;
                let sd = SD * unit / confidence;
                let information = Matrix2::identity() / (sd * sd);
                Some(Found { at: at * scale, information, score: confidence, key_score: confidence })
            })
            .collect();
        let outlier_px = OUTLIER * unit;
        let evidence = Evidence { found: &found, along: &[], outlier_px, free: true, far: false };
        let state = model.fitted(&start, &evidence);
        let seen = model.places(&state);
        let off = |(found, place): (&Option<Found>, &Point2<f64>)| {
            let found = found.as_ref()?;
            Some(found.score * (1.0 + ((found.at - place) / (OUTLIER * unit)).norm_squared()).ln())
        };
        fitted.push((found.iter().zip(&seen).filter_map(off).sum(), state));
    }
    fitted.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some((fitted.into_iter().take(IDEAS).map(|(_, state)| state).collect(), scale))
}

/// A place of a keyed face, and where it was seen; the plane's points as complex numbers.
struct Pair {
    from: Complex<f64>,
    to: Complex<f64>,
    confidence: f64,
}

/// A face moved, turned and scaled in the picture so that it lies over the places, and how badly it does. What lies apart counts
/// less, round after round.
fn laid(state: &State, seen: &[Point2<f64>], places: &[Option<(Point2<f64>, f64)>]) -> Option<(f64, State)> {
    let complex = |p: &Point2<f64>| Complex::new(p.x, p.y);
    let pair = |(from, place): (&Point2<f64>, &Option<(Point2<f64>, f64)>)| {
        place.map(|(to, confidence)| Pair { from: complex(from), to: complex(&to), confidence })
    };
    let pairs: Vec<Pair> = seen.iter().zip(places).filter_map(pair).collect();
    let mut weights: Vec<f64> = pairs.iter().map(|p| p.confidence).collect();
    let (mut by, mut shift, mut cost) = (Complex::new(1.0, 0.0), Complex::new(0.0, 0.0), f64::INFINITY);
    for _ in 0..ROUNDS {
        let total: f64 = weights.iter().sum();
        let weighed = || pairs.iter().zip(&weights);
        let from = weighed().map(|(p, w)| p.from * *w).sum::<Complex<f64>>() / total;
        let to = weighed().map(|(p, w)| p.to * *w).sum::<Complex<f64>>() / total;
        let across: Complex<f64> = weighed().map(|(p, w)| (p.from - from).conj() * (p.to - to) * *w).sum();
        let size: f64 = weighed().map(|(p, w)| (p.from - from).norm_sqr() * w).sum();
        by = across / size;
        shift = to - by * from;
        let unit = OUTLIER * state.pose.log_scale.exp() * by.norm();
        cost = 0.0;
        for (p, w) in pairs.iter().zip(&mut weights) {
            let off = (by * p.from + shift - p.to).norm_sqr() / (unit * unit);
            *w = p.confidence / (1.0 + off);
            cost += p.confidence * (1.0 + off).ln();
        }
    }
    let turned = by * Complex::new(state.pose.shift.x, state.pose.shift.y) + shift;
    let pose = Pose {
        turn: Rotation3::new(Vector3::z() * by.arg()) * state.pose.turn,
        log_scale: state.pose.log_scale + by.norm().ln(),
        shift: Vector2::new(turned.re, turned.im),
        ..state.pose
    };
    let fine = cost.is_finite() && pose.log_scale.is_finite();
    fine.then(|| (cost, State { pose, offsets: state.offsets.clone() }))
}
