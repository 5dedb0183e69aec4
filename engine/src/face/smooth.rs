//! The head's path over time.

use std::collections::BTreeMap;

use super::shot::Seen;
use super::solid::RADIUS;

/// A frame that lies further than this from the middle of its neighbours, head's units, is meant to be there.
const MEANT: f64 = 2.0;

/// Takes the head's pose towards the middle of its neighbours in time where it is near that anyhow: what is left of noise. Held frames
/// move as one, keyed ones not at all.
pub(super) fn smoothed(seen: BTreeMap<i32, Seen>, amount: f64) -> BTreeMap<i32, Seen> {
    let frames: Vec<i32> = seen.keys().copied().collect();
    // Runs of frames that show one pose.
    let mut poses: Vec<Vec<i32>> = Vec::new();
    for &frame in &frames {
        match poses.last_mut() {
            Some(run) if seen[&frame].held && run.last() == Some(&(frame - 1)) => run.push(frame),
            _ => poses.push(vec![frame]),
        }
    }
    let mut result = seen.clone();
    for around in poses.windows(3) {
        let [before, here, after] = around else { continue };
        let neighbours = before.last().map(|f| f + 1) == here.first().copied()
            && here.last().map(|f| f + 1) == after.first().copied();
        let of = |run: &[i32]| run.first().and_then(|f| seen.get(f));
        let (Some(a), Some(b), Some(c)) = (of(before), of(here), of(after)) else { continue };
        if !neighbours || here.iter().any(|f| seen[f].keyed) {
            continue;
        }
        let (pa, pb, pc) = (&a.state.pose, &b.state.pose, &c.state.pose);
        let half = nalgebra::Rotation3::from_scaled_axis((pc.turn * pa.turn.inverse()).scaled_axis() * 0.5);
        let turn = (half * pa.turn) * pb.turn.inverse();
        let shift = (pa.shift + pc.shift) / 2.0 - pb.shift;
        let log_scale = (pa.log_scale + pc.log_scale) / 2.0 - pb.log_scale;
        let unit = pb.log_scale.exp();
        let off = turn.angle() * RADIUS + shift.norm() / unit + log_scale.abs() * RADIUS;
        let share = amount.clamp(0.0, 1.0) * 0.5 * (1.0 - off / MEANT).max(0.0);
        let mut pose = *pb;
        pose.turn = nalgebra::Rotation3::from_scaled_axis(turn.scaled_axis() * share) * pb.turn;
        pose.shift += shift * share;
        pose.log_scale += log_scale * share;
        for frame in here {
            if let Some(s) = result.get_mut(frame) {
                s.state.pose = pose;
            }
        }
    }
    result
}
