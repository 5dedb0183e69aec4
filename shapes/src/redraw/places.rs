//! Where each point of a model is on an outline.

use kurbo::{Point, Vec2};

use super::way::Way;
use crate::Point as ControlPoint;

/// Samples of a model, about, and at least so many a segment.
const SAMPLES: usize = 96;
const LEAST: usize = 3;
/// Places of an outline that are tried, for each sample of the model.
const FINER: f64 = 2.5;
/// What a difference in direction costs: that of a distance of this share of the model's mean segment.
const TURN: f64 = 0.3;
/// What an uneven way costs, for each px squared.
const UNEVEN: f64 = 0.5;
/// How far the outline may run ahead in one step, in what an even way would be.
const AHEAD: f64 = 4.0;
/// Where on the outline a closed way is begun: so many places that suit, from so many samples of the model.
const BEGINNINGS: usize = 3;
/// Handles that turn by more than this make a corner (cosine).
const CORNER: f64 = 0.9;
/// How far a corner goes to meet a corner, and a smooth point, as shares of the way to the next point.
const TO_CORNER: f64 = 0.25;
const SMOOTH_TO_CORNER: f64 = 0.12;
/// Steps of a point's slide.
const SLIDE: usize = 16;
const GOLDEN: usize = 24;

/// A place with the directions to it and on from it.
#[derive(Clone, Copy, Debug)]
struct Spot {
    at: Point,
    along: [Vec2; 2],
}

impl Spot {
    fn on(way: &Way, s: f64) -> Self {
        Spot { at: way.at(s), along: way.directions(s) }
    }

    /// Squared distance, with what differences in direction count.
    fn cost(&self, other: &Spot, turn_px: f64) -> f64 {
        let turned: f64 = self.along.iter().zip(other.along).map(|(a, b)| (*a - b).hypot2()).sum();
        (self.at - other.at).hypot2() + turn_px * turn_px * turned / 2.0
    }
}

/// A model, sampled.
pub struct Samples {
    spots: Vec<Spot>,
    /// The way to each sample, px, and last that of a whole turn if closed.
    along: Vec<f64>,
    /// The sample of each of its points.
    points: Vec<usize>,
    turn_px: f64,
}

impl Samples {
    pub fn new(model: &[ControlPoint], closed: bool) -> Self {
        let way = Way::new(model, closed);
        let n = model.len();
        let each = (SAMPLES / n.max(1)).max(LEAST);
        let (mut spots, mut along, mut points) = (Vec::new(), Vec::new(), Vec::new());
        for (i, point) in model.iter().enumerate() {
            let from = way.of_point(i);
            points.push(spots.len());
            spots.push(Spot { at: Point::new(point.x, point.y), along: way.directions_at_point(i) });
            along.push(from);
            let to = if i + 1 < n { way.of_point(i + 1) } else { way.length() };
            if closed || i + 1 < n {
                for k in 1..each {
                    let s = from + (to - from) * k as f64 / each as f64;
                    spots.push(Spot::on(&way, s));
                    along.push(s);
                }
            }
        }
        if closed {
            along.push(way.length());
        }
        Samples { spots, along, points, turn_px: TURN * way.length() / n.max(1) as f64 }
    }

    fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or(0.0)
    }
}

/// Where the points of a model are.
pub struct Places {
    /// The way along the outline to each, ascending, within a turn from the first.
    pub at: Vec<f64>,
    /// See [`super::Redrawn::cost`].
    pub cost: f64,
}

/// Looks for the points of a model along a way; `None` where one of both has no length.
pub fn places(model: &Samples, smooth: &[bool], way: &Way) -> Option<Places> {
    let (length, own) = (way.length(), model.length());
    if length < 1e-6 || own < 1e-6 {
        return None;
    }
    let matching = Matching::new(model, way);
    let (cost, mut at) = if way.closed { matching.around()? } else { matching.end_to_end()? };
    let lower = at.clone();
    for (i, point) in model.points.iter().enumerate() {
        let inner = way.closed || (i > 0 && i + 1 < model.points.len());
        if inner {
            at[*point] = slid(model, way, &lower, *point);
        }
    }
    let mut places: Vec<f64> = model.points.iter().map(|k| at[*k]).collect();
    meet_corners(&mut places, way, smooth);
    in_order(&mut places, way);
    Some(Places { at: places, cost: cost / model.spots.len() as f64 })
}

/// A model and the places of an outline that are tried.
struct Matching<'a> {
    model: &'a Samples,
    spots: Vec<Spot>,
    /// The way to each of them, and last the whole.
    along: Vec<f64>,
    closed: bool,
    /// Px of the model's way for one of the outline's.
    even: f64,
}

impl<'a> Matching<'a> {
    fn new(model: &'a Samples, way: &Way) -> Self {
        let length = way.length();
        let step = length / (FINER * model.spots.len() as f64);
        let mut along = Vec::new();
        let mut points: Vec<f64> = way.points().collect();
        points.push(length);
        points.dedup();
        for pair in points.windows(2) {
            let count = ((pair[1] - pair[0]) / step).ceil().max(1.0) as usize;
            along.extend((0..count).map(|k| pair[0] + (pair[1] - pair[0]) * k as f64 / count as f64));
        }
        along.push(length);
        let spots = along.iter().map(|s| Spot::on(way, *s)).collect();
        Matching { model, spots, along, closed: way.closed, even: model.length() / length }
    }

    /// Places that are one after the other.
    fn turn(&self) -> usize {
        self.along.len() - 1
    }

    fn cost(&self, k: usize, j: usize) -> f64 {
        let spot = &self.spots[if self.closed { j % self.turn() } else { j }];
        self.model.spots[k % self.model.spots.len()].cost(spot, self.model.turn_px)
    }

    /// The way to a place, counted on beyond a turn.
    fn way_to(&self, j: usize) -> f64 {
        let turn = self.turn();
        if j <= turn { self.along[j] } else { self.along[j - turn] + self.along[turn] }
    }

    fn model_way_to(&self, k: usize) -> f64 {
        let count = self.model.spots.len();
        let along = &self.model.along;
        if k <= count { along[k.min(along.len() - 1)] } else { along[k - count] + self.model.length() }
    }

    fn end_to_end(&self) -> Option<(f64, Vec<f64>)> {
        let (cost, steps) = self.cheapest([0, 0], [self.model.spots.len() - 1, self.turn()])?;
        Some((cost, steps.into_iter().map(|j| self.along[j]).collect()))
    }

    fn around(&self) -> Option<(f64, Vec<f64>)> {
        let (count, turn) = (self.model.spots.len(), self.turn());
        let mut best: Option<(f64, Vec<f64>)> = None;
        for first in [0, count / 2] {
            for begin in self.suiting(first) {
                let Some((cost, steps)) = self.cheapest([first, begin], [count, turn]) else { continue };
                if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                    let mut at = vec![0.0; count];
                    for (k, j) in steps.into_iter().take(count).enumerate() {
                        let turns = (first + k) / count;
                        at[(first + k) % count] = self.way_to(j) - turns as f64 * self.along[turn];
                    }
                    best = Some((cost, at));
                }
            }
        }
        best
    }

    /// Places that suit a sample of the model better than those beside them, the best first.
    fn suiting(&self, k: usize) -> Vec<usize> {
        let turn = self.turn();
        let costs: Vec<f64> = (0..turn).map(|j| self.cost(k, j)).collect();
        let is_best =
            |j: &usize| costs[*j] <= costs[(j + 1) % turn] && costs[*j] <= costs[(j + turn - 1) % turn];
        let mut best: Vec<usize> = (0..turn).filter(is_best).collect();
        best.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]));
        best.truncate(BEGINNINGS);
        best
    }

    /// The cheapest way from the sample and place `from` over so many samples and places, a step in the samples for each: the place of each.
    fn cheapest(&self, [first, begin]: [usize; 2], [count, places]: [usize; 2]) -> Option<(f64, Vec<usize>)> {
        let most = (AHEAD * places as f64 / count.max(1) as f64).ceil() as usize + 1;
        let ways: Vec<f64> = (0..=places).map(|j| self.even * self.way_to(begin + j)).collect();
        let mut sums = vec![f64::INFINITY; places + 1];
        sums[0] = self.cost(first, begin);
        let mut steps: Vec<Vec<u16>> = Vec::with_capacity(count);
        for k in 1..=count {
            let ahead = self.model_way_to(first + k) - self.model_way_to(first + k - 1);
            let mut new = vec![f64::INFINITY; places + 1];
            let mut by = vec![0u16; places + 1];
            for j in 0..=places {
                for step in 0..=most.min(j) {
                    let uneven = ways[j] - ways[j - step] - ahead;
                    let sum = sums[j - step] + UNEVEN * uneven * uneven;
                    if sum < new[j] {
                        (new[j], by[j]) = (sum, step as u16);
                    }
                }
                if new[j] < f64::INFINITY {
                    new[j] += self.cost(first + k, begin + j);
                }
            }
            sums = new;
            steps.push(by);
        }
        let mut at = vec![0; count + 1];
        let mut j = places;
        for k in (0..=count).rev() {
            at[k] = begin + j;
            j -= k.checked_sub(1).map_or(0, |k| usize::from(steps[k][j]));
        }
        sums[places].is_finite().then_some((sums[places], at))
    }
}

/// Where between the samples around it a sample suits best.
fn slid(model: &Samples, way: &Way, at: &[f64], k: usize) -> f64 {
    let (n, turn) = (at.len(), way.length());
    let before = if k > 0 { at[k - 1] } else { at[n - 1] - turn };
    let after = if k + 1 < n { at[k + 1] } else { at[0] + turn };
    let cost = |s: f64| model.spots[k].cost(&Spot::on(way, s), model.turn_px);
    let step = (after - before) / SLIDE as f64;
    if step <= 0.0 {
        return at[k];
    }
    let turns = if way.closed { vec![-turn, 0.0, turn] } else { vec![0.0] };
    let points = turns.iter().flat_map(|t| way.points().map(move |p| p + t));
    let points = points.filter(|s| (before..=after).contains(s));
    let tried = (0..=SLIDE).map(|i| before + step * i as f64).chain([at[k]]).chain(points);
    let best = tried.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(at[k]);
    let (mut low, mut high) = ((best - step).max(before), (best + step).min(after));
    let share = (5.0f64.sqrt() - 1.0) / 2.0;
    for _ in 0..GOLDEN {
        let (a, b) = (high - share * (high - low), low + share * (high - low));
        if cost(a) <= cost(b) { high = b } else { low = a }
    }
    let between = (low + high) / 2.0;
    if cost(between) < cost(best) { between } else { best }
}

/// Moves points to corners of the outline that are near, each corner to the nearest one; corners go first.
fn meet_corners(places: &mut [f64], way: &Way, smooth: &[bool]) {
    let (n, turn) = (places.len(), way.length());
    let is_corner = |s: f64| {
        let [into, out] = way.directions(s);
        into.dot(out) < CORNER
    };
    let near = 1e-6 * turn;
    let mut free: Vec<f64> = way.points().filter(|s| is_corner(*s)).collect();
    let apart = |a: f64, b: f64| {
        let d = b - a;
        if way.closed { d - turn * (d / turn).round() } else { d }
    };
    let inner: Vec<usize> = (0..n).filter(|i| way.closed || (*i > 0 && i + 1 < n)).collect();
    free.retain(|c| inner.iter().all(|i| apart(places[*i], *c).abs() > near));
    for (is_smooth, reach) in [(false, TO_CORNER), (true, SMOOTH_TO_CORNER)] {
        for &i in inner.iter().filter(|i| smooth[**i] == is_smooth) {
            if is_corner(places[i]) {
                continue;
            }
            let before = if i > 0 { places[i - 1] } else { places[n - 1] - turn };
            let after = if i + 1 < n { places[i + 1] } else { places[0] + turn };
            let nearest = (0..free.len())
                .map(|c| (c, apart(places[i], free[c])))
                .min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
            let Some((c, by)) = nearest else { break };
            let room = if by > 0.0 { after - places[i] } else { places[i] - before };
            if by.abs() < reach * room {
                places[i] += by;
                free.swap_remove(c);
            }
        }
    }
}

/// Sees to it that places ascend, where points of the model were drawn in one place too.
fn in_order(places: &mut [f64], way: &Way) {
    for i in 1..places.len() {
        places[i] = places[i].max(places[i - 1]);
    }
    if let (true, Some(first)) = (way.closed, places.first().copied()) {
        places.iter_mut().for_each(|s| *s = s.min(first + way.length()));
    }
}
