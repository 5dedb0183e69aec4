//! One frame: from a first idea of the face to where its places are.

use nalgebra::Vector2;

use super::fit::{Evidence, Model, State};
use super::learned::Learned;
use super::look::Look;
use super::matching::{Found, Proposal, Reference, Search, find};
use super::rim::{self, Reach, Ribbons};
use super::snap;

/// From coarse to fine; twice as far as an expression may take places, since a mouth opens further than one look reaches.
pub(super) const ROUNDS: [Search; 7] = [
    Search { radius: 9, half: 9, threshold: 0.5, level: 2, far: false },
    Search { radius: 7, half: 10, threshold: 0.6, level: 1, far: false },
    Search { radius: 6, half: 14, threshold: 0.6, level: 0, far: true },
    Search { radius: 6, half: 14, threshold: 0.6, level: 0, far: true },
    Search { radius: 5, half: 13, threshold: 0.6, level: 0, far: false },
    Search { radius: 4, half: 11, threshold: 0.6, level: 0, far: false },
    Search { radius: 3, half: 11, threshold: 0.6, level: 0, far: false },
];
/// Keyed pictures that are compared, those nearest in pose.
const REFERENCES: usize = 8;
/// A mirror picture counts as turned by this much more, radians: its light comes from the other side.
const MIRROR_ANGLE: f64 = 0.15;
/// Search radii for which places may be as far off as an expression takes them.
const FREE: usize = 5;
/// How far from where they are expected outlines are looked for when they may be far, and the least otherwise, px.
const FAR_OUTLINE: usize = 18;
const OUTLINE_RADIUS: usize = 6;
/// By how much less or more than the outline that it is on a place may go, px: where those may be far off, and where colours find them.
const DOUBTED_FAR_PX: f64 = 5.0;
const DOUBTED_PX: f64 = 3.0;
/// Where a place that was found counts half, px; or this share of the search's radius.
const OUTLIER: (f64, f64) = (1.8, 0.4);

/// What a frame shows.
#[derive(Clone, Debug)]
pub(super) struct Fitted {
    pub state: State,
    /// Of the last round.
    pub found: Vec<Option<Found>>,
    /// Mean correlation with the keyed pictures over all places, those not found counting nothing.
    pub score: f64,
}

/// Fits the face to a frame, from a first idea. `others` are frames in which the places are already known; `pins` are places that
/// an artist has set in this one.
pub(super) fn fit(
    learned: &Learned,
    look: &Look,
    start: &State,
    others: &[Reference],
    pins: &[(usize, Found)],
    rounds: &[Search],
) -> Fitted {
    let model: &Model = &learned.model;
    let core = model.layout.core;
    let mut fitted = Fitted { state: start.clone(), found: vec![None; core], score: 0.0 };
    for search in rounds {
        let state = &fitted.state;
        let now = model.places(state);
        let near = nearest(learned, state);
        let mut proposals: Vec<Proposal<'_>> = Vec::new();
        let mut ribbons: Vec<Ribbons<'_>> = Vec::new();
        let own = |&(k, _): &(usize, f64)| {
            let offsets = &learned.expressions[k];
            search.far.then(|| model.places(&State { pose: state.pose, offsets: offsets.clone() }))
        };
        let owns: Vec<_> = near.iter().map(own).collect();
        for (&(k, angle), own) in near.iter().zip(&owns) {
            let reference = &learned.references[k];
            proposals.push(Proposal { reference, angle, expected: &now[..core], instead: None });
            if let Some(own) = own {
                let instead = Some(&now[..core]);
                proposals.push(Proposal { reference, angle, expected: &own[..core], instead });
            }
            let here = learned.is_here(k);
            ribbons.push(Ribbons::new(reference, angle, state, own.as_deref(), learned.areas(k), here));
        }
        for reference in others {
            let angle = reference.pose.angle(&state.pose);
            proposals.push(Proposal { reference, angle, expected: &now[..core], instead: None });
        }
        let mut found = find(look, model, &state.pose, &proposals, *search);
        let along = if search.level == 0 {
            let radius = if search.far { FAR_OUTLINE } else { search.radius.max(OUTLINE_RADIUS) };
            let reach = Reach {
                radius,
                away_px: rim::AWAY_PX,
                areas: search.far,
                exact: &learned.exact,
                borders: &learned.borders,
            };
            let along = rim::follow(look, &model.layout, &now, &ribbons, reach);
            let is_known = |outline: &usize| search.far || learned.exact[*outline];
            let known: Vec<&[rim::Found]> = (0..along.len()).filter(is_known).map(|k| &*along[k]).collect();
            let doubted_px = if search.far { DOUBTED_FAR_PX } else { DOUBTED_PX };
            rim::doubt(&known, &now, &mut found, &model.roaming, doubted_px);
            along.concat()
        } else {
            Vec::new()
        };
        for (place, pin) in pins {
            found[*place] = Some(*pin);
        }
        let outlier_px = OUTLIER.0.max((search.radius << search.level) as f64 * OUTLIER.1);
        let free = search.level > 0 || search.radius >= FREE;
        let state = model
            .fitted(state, &Evidence { found: &found, along: &along, outlier_px, free, far: search.far });
        fitted = Fitted { state, found, score: 0.0 };
    }
    fitted.score = fitted.found.iter().flatten().map(|f| f.key_score).sum::<f64>() / core.max(1) as f64;
    fitted
}

/// How far every place of the face moves when its outlines go to their edges in the frame, px; none further than about `reach`, and none
/// that an artist has set.
pub(super) fn snapped(
    learned: &Learned,
    look: &Look,
    state: &State,
    pins: &[(usize, Found)],
    reach: f64,
) -> Vec<Vector2<f64>> {
    let model = &learned.model;
    let now = model.places(state);
    let ribbon = |(k, angle): (usize, f64)| {
        Ribbons::new(&learned.references[k], angle, state, None, learned.areas(k), false)
    };
    let ribbons: Vec<Ribbons<'_>> = nearest(learned, state).into_iter().map(ribbon).collect();
    let radius = (reach.ceil() as usize).clamp(1, FAR_OUTLINE);
    let away_px = snap::AWAY * reach;
    let look_for = Reach { radius, away_px, areas: true, exact: &[], borders: &learned.borders };
    let along = rim::follow(look, &model.layout, &now, &ribbons, look_for);
    let pinned: Vec<usize> = pins.iter().map(|pin| pin.0).collect();
    snap::moves(&model.layout, &now, &along, reach, &pinned)
}

/// The keyed pictures nearest in pose, and by how much the head is turned from each, radians.
fn nearest(learned: &Learned, state: &State) -> Vec<(usize, f64)> {
    let mut near: Vec<(usize, f64)> = learned
        .references
        .iter()
        .enumerate()
        .map(|(k, r)| (k, r.pose.angle(&state.pose) + MIRROR_ANGLE * f64::from(u8::from(r.trust < 1.0))))
        .collect();
    near.sort_by(|a, b| a.1.total_cmp(&b.1));
    near.truncate(REFERENCES);
    near
}
