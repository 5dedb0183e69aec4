//! What the border of an outline looks like, learned from all of it in all keyed pictures together: extremely randomised trees
//! (Geurts, Ernst and Wehenkel 2006) over profiles across it. A ribbon knows one place of the outline as it was keyed; this knows the
//! outline where a place looks like none of its keys.

use nalgebra::Point2;
use rayon::prelude::*;

use super::look::{Colour, Look};
use super::ribbon::{Side, Window};
use crate::random::Random;

/// Lines of a profile on both sides of the one in its middle.
const HALF: usize = 6;
const LINES: usize = 2 * HALF + 1;
/// What is known of a profile: of each line three channels, as they differ from the profile's mean by its contrast; then the
/// contrast, and the mean's share of each channel.
const FEATURES: usize = 3 * LINES + 4;
type Profile = [f32; FEATURES];

/// Trees, the fewest profiles of a leaf, and from how many features, drawn by lot, each parting is chosen.
const TREES: usize = 16;
const LEAF: usize = 3;
const TRIED: usize = 12;
/// Squared differences, summed, below which a node's profiles are alike.
const ALIKE: f32 = 1e-3;
/// Profiles that are asked at the same time.
const TOGETHER: usize = 8;
/// How far beside the border profiles are learned from, px: all of them, and every fourth.
const BESIDE: usize = 6;
const FURTHER: usize = 18;
const EVERY_OF_FURTHER: usize = 4;
/// Distance between places that are learned from, px; and the fewest and most places of an outline.
const EVERY_PX: f64 = 2.0;
const FEWEST: usize = 12;
const MOST: f64 = 600.0;
/// How far off a border still is one, px (the standard deviation).
const NEAR_PX: f32 = 0.8;
/// Contrast and brightness that mean nothing.
const GRAIN: f32 = 0.01;
const DARK: f32 = 0.05;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Border {
    roots: Vec<u32>,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    /// Profiles whose feature is less than `at` go on at `lower`, the others at the next; of a leaf all go on at itself.
    feature: u32,
    at: f32,
    lower: u32,
    /// How much what comes here is a border.
    value: f32,
}

impl Node {
    fn leaf(node: usize, value: f32) -> Node {
        Node { feature: 0, at: f32::INFINITY, lower: node as u32, value }
    }
}

/// An outline in a keyed picture.
#[derive(Clone, Debug)]
pub(super) struct Keyed<'a> {
    pub look: &'a Look,
    pub curves: Vec<[Point2<f64>; 4]>,
    /// On which side of its normals a closed one has its inside.
    pub inside: Option<Side>,
}

impl Border {
    /// Of an outline in its keyed pictures. None where it is too short to tell.
    pub fn learned(pictures: &[Keyed<'_>]) -> Option<Border> {
        let curves = || pictures.iter().flat_map(|p| p.curves.iter().map(move |c| (p, c)));
        let total: f64 = curves().map(|(_, c)| length(c)).sum();
        let every = EVERY_PX.max(total / MOST);
        let (mut samples, mut places) = (Samples::new(), 0);
        for (picture, curve) in curves() {
            let count = (length(curve) / every).round().max(1.0) as usize;
            for k in 0..count {
                let t = (k as f64 + 0.5) / count as f64;
                if let Some(window) = Window::across(picture.look, curve, t, FURTHER) {
                    samples.add(&window, picture.inside, places);
                    places += 1;
                }
            }
        }
        if places < FEWEST {
            return None;
        }
        let trees: Vec<Vec<Node>> = (1..=TREES).into_par_iter().map(|seed| samples.tree(seed)).collect();
        let mut border = Border::default();
        for tree in trees {
            let first = border.nodes.len() as u32;
            border.roots.push(first);
            border.nodes.extend(tree.into_iter().map(|node| Node { lower: first + node.lower, ..node }));
        }
        Some(border)
    }

    /// How much each offset of a window is the border, 0 to 1.
    pub fn across(&self, window: &Window, inside: Option<Side>) -> Vec<f32> {
        let lines = window.means(HALF);
        let profiles: Vec<Profile> = lines.windows(LINES).map(|lines| profile(lines, inside)).collect();
        let mut is = vec![0.0; profiles.len()];
        // Tree by tree, since one stays in the cache, and some profiles at a time, since each step waits for the one before.
        for &root in &self.roots {
            for (is, profiles) in is.chunks_mut(TOGETHER).zip(profiles.chunks(TOGETHER)) {
                let leaves = self.leaves(root, profiles);
                is.iter_mut().zip(leaves).for_each(|(is, leaf)| *is += self.nodes[leaf as usize].value);
            }
        }
        is.iter_mut().for_each(|is| *is /= self.roots.len() as f32);
        is
    }

    /// Where up to [`TOGETHER`] profiles come in a tree.
    fn leaves(&self, root: u32, profiles: &[Profile]) -> [u32; TOGETHER] {
        let mut at = [root; TOGETHER];
        loop {
            let mut on = 0;
            for (at, profile) in at.iter_mut().zip(profiles) {
                let node = &self.nodes[*at as usize];
                let next = node.lower + u32::from(profile[node.feature as usize] >= node.at);
                on |= next ^ *at;
                *at = next;
            }
            if on == 0 {
                return at;
            }
        }
    }
}

fn length(curve: &[Point2<f64>; 4]) -> f64 {
    curve.windows(2).map(|w| (w[1] - w[0]).norm()).sum()
}

/// What is known of some lines, from the inside out; of an open outline always in the same direction.
fn profile(lines: &[Colour], inside: Option<Side>) -> Profile {
    let mut profile = [0.0; FEATURES];
    let mut mean = [0.0f32; 3];
    for (i, line) in lines.iter().enumerate() {
        let i = if inside == Some(Side::Higher) { LINES - 1 - i } else { i };
        for c in 0..3 {
            profile[3 * i + c] = line[c];
            mean[c] += line[c] / LINES as f32;
        }
    }
    let (channels, rest) = profile.split_at_mut(3 * LINES);
    channels.iter_mut().enumerate().for_each(|(i, v)| *v -= mean[i % 3]);
    let squares: f32 = channels.iter().map(|v| v * v).sum();
    let contrast = (squares / channels.len() as f32).sqrt() + GRAIN;
    channels.iter_mut().for_each(|v| *v /= contrast);
    let brightness = mean.iter().sum::<f32>() / 3.0 + DARK;
    rest[0] = contrast.ln();
    (0..3).for_each(|c| rest[1 + c] = mean[c] / brightness);
    profile
}

/// Profiles of which is known how much each is a border.
struct Samples {
    /// Of each feature what each profile has.
    features: [Vec<f32>; FEATURES],
    values: Vec<f32>,
}

impl Samples {
    fn new() -> Samples {
        Samples { features: [const { Vec::new() }; FEATURES], values: Vec::new() }
    }

    /// The profiles at and beside a place.
    fn add(&mut self, window: &Window, inside: Option<Side>, place: usize) {
        for (d, lines) in window.means(HALF).windows(LINES).enumerate() {
            if d.abs_diff(FURTHER) <= BESIDE || (d + place).is_multiple_of(EVERY_OF_FURTHER) {
                let off = (d as f32 - FURTHER as f32) / NEAR_PX;
                self.features.iter_mut().zip(profile(lines, inside)).for_each(|(of, v)| of.push(v));
                self.values.push((-0.5 * off * off).exp());
            }
        }
    }

    fn tree(&self, seed: usize) -> Vec<Node> {
        let mut random = Random((seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut all: Vec<u32> = (0..self.values.len() as u32).collect();
        let mut tree = vec![Node::leaf(0, 0.0)];
        let mut parts = vec![(0, 0..all.len())];
        while let Some((node, part)) = parts.pop() {
            let some = &mut all[part.clone()];
            let value = |i: &u32| self.values[*i as usize];
            let (sum, squares) = some.iter().map(value).fold((0.0, 0.0), |(s, q), v| (s + v, q + v * v));
            let mean = sum / some.len() as f32;
            tree[node] = Node::leaf(node, mean);
            if some.len() < 2 * LEAF || squares - sum * mean < ALIKE {
                continue;
            }
            let tried = (0..TRIED).filter_map(|_| self.parting(some, sum, &mut random));
            let Some((_, feature, at)) = tried.max_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
            let of = &self.features[feature];
            let is_higher = |i: &u32| of[*i as usize] >= at;
            some.sort_unstable_by_key(is_higher);
            let middle = part.start + some.partition_point(|i| !is_higher(i));
            let lower = tree.len();
            tree[node] = Node { feature: feature as u32, at, lower: lower as u32, value: mean };
            tree.extend([Node::leaf(lower, 0.0), Node::leaf(lower + 1, 0.0)]);
            parts.extend([(lower + 1, middle..part.end), (lower, part.start..middle)]);
        }
        tree
    }

    /// By some feature somewhere between its least and most: how well that parts borders from what is none, and the parting. `sum` is of
    /// all values. None where too few are on either side.
    fn parting(&self, some: &[u32], sum: f32, random: &mut Random) -> Option<(f32, usize, f32)> {
        let feature = random.below(FEATURES);
        let of = |i: &u32| self.features[feature][*i as usize];
        let (low, high) =
            some.iter().map(of).fold((f32::INFINITY, f32::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        let at = low + (high - low) * random.share();
        let (mut count, mut higher) = (0.0f32, 0.0f32);
        for i in some {
            let is_higher = f32::from(u8::from(of(i) >= at));
            count += is_higher;
            higher += is_higher * self.values[*i as usize];
        }
        let (others, lower) = (some.len() as f32 - count, sum - higher);
        let gain = higher * higher / count + lower * lower / others;
        (count.min(others) >= LEAF as f32).then_some((gain, feature, at))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ribbon::peaks;
    use super::*;
    use crate::image::{Colours, Encoding, Rgb};

    /// Skin above a level line and lips below it, which get darker; both with some texture.
    fn look(line: f64, texture: f32) -> Look {
        let colour = |i: usize| {
            let (x, y) = (i % 160, i / 160);
            let own = texture * ((x as f32 * 1.3).sin() + (y as f32 * 0.9 + x as f32 * 0.2).cos());
            let below = (y as f64 + 0.5 - line) as f32;
            let lips = (0.5 + below).clamp(0.0, 1.0);
            let lip = 0.5 - 0.01 * below.max(0.0);
            [[0.7, lip], [0.5, 0.6 * lip], [0.4, 0.7 * lip]].map(|[a, b]| a * (1.0 - lips) + b * lips + own)
        };
        let picture = Rgb::from_vec(160, 80, (0..160 * 80).map(colour).collect()).unwrap();
        Look::new(&Colours::new(&picture, Encoding::Display), 1.0)
    }

    fn level(y: f64) -> [Point2<f64>; 4] {
        [20.0, 60.0, 100.0, 140.0].map(|x| Point2::new(x, y))
    }

    /// The normal points up, and the lips are inside.
    fn learned() -> Border {
        let keyed = [(36.0, 0.02), (44.0, 0.03)].map(|(line, texture)| (look(line, texture), line));
        let keyed = keyed.each_ref().map(|(look, line)| Keyed {
            look,
            curves: vec![level(*line)],
            inside: Some(Side::Lower),
        });
        Border::learned(&keyed).unwrap()
    }

    fn best(border: &Border, window: &Window, inside: Side) -> (f64, f64) {
        let is: Vec<f64> = border.across(window, Some(inside)).into_iter().map(f64::from).collect();
        peaks(&is).max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    }

    #[test]
    fn a_border_is_found_where_it_went_from_either_end() {
        let (border, frame) = (learned(), look(47.0, 0.025));
        let window = Window::across(&frame, &level(40.0), 0.3, 12).unwrap();
        let (offset, is) = best(&border, &window, Side::Lower);
        assert!((offset + 7.0).abs() < 0.6 && is > 0.5, "{offset} {is}");
        let turned = level(40.0).map(|p| Point2::new(160.0 - p.x, p.y));
        let window = Window::across(&frame, &turned, 0.7, 12).unwrap();
        let (again, is) = best(&border, &window, Side::Higher);
        assert!((offset + again).abs() < 1e-6 && is > 0.5, "{again} {is}");
    }

    #[test]
    fn skin_is_no_border_and_the_lips_other_side_is_none() {
        let (border, frame) = (learned(), look(70.0, 0.025));
        let skin = Window::across(&frame, &level(30.0), 0.5, 12).unwrap();
        assert!(border.across(&skin, Some(Side::Lower)).iter().all(|is| *is < 0.3));
        let turned = Window::across(&look(40.0, 0.025), &level(40.0), 0.5, 3).unwrap();
        assert!(border.across(&turned, Some(Side::Higher)).iter().all(|is| *is < 0.3));
    }

    #[test]
    fn the_same_is_learned_again_and_nothing_from_what_is_short() {
        let look = look(40.0, 0.02);
        let window = Window::across(&look, &level(40.0), 0.5, 12).unwrap();
        let again = || learned().across(&window, Some(Side::Lower));
        assert_eq!(again(), again());
        let short = [20.0, 24.0, 28.0, 32.0].map(|x| Point2::new(x, 40.0));
        assert!(
            Border::learned(&[Keyed { look: &look, curves: vec![short], inside: Some(Side::Lower) }])
                .is_none()
        );
        assert!(Border::learned(&[]).is_none());
    }
}
