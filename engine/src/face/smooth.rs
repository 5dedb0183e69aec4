//! The head's path over time.

use std::collections::BTreeMap;

use nalgebra::Rotation3;

use super::camera::Pose;
use super::shot::Seen;
use super::solid::RADIUS;

/// A frame that lies further than this from the middle of its neighbours, head's units, is meant to be there.
const MEANT: f64 = 2.0;

/// Takes the head's pose towards the middle of its neighbours in time where it is near that anyhow: what is left of noise. Held frames
/// move as one, keyed ones not at all.
pub(super) fn smooth(seen: &mut BTreeMap<i32, Seen>, amount: f64) {
    // Runs of frames that show one pose.
    let mut runs: Vec<Vec<i32>> = Vec::new();
    for (&frame, here) in seen.iter() {
        match runs.last_mut() {
            Some(run) if here.held && run.last() == Some(&(frame - 1)) => run.push(frame),
            _ => runs.push(vec![frame]),
        }
    }
    let poses: Vec<Pose> = runs.iter().map(|run| seen[&run[0]].state.pose).collect();
    for (runs, poses) in runs.windows(3).zip(poses.windows(3)) {
        let [before, here, after] = runs else { continue };
        let [pa, pb, pc] = poses else { continue };
        let follows = |a: &[i32], b: &[i32]| a.last().map(|f| f + 1) == b.first().copied();
        if !follows(before, here) || !follows(here, after) || here.iter().any(|f| seen[f].keyed) {
            continue;
        }
        let half = Rotation3::from_scaled_axis((pc.turn * pa.turn.inverse()).scaled_axis() * 0.5);
        let turn = (half * pa.turn) * pb.turn.inverse();
        let shift = (pa.shift + pc.shift) / 2.0 - pb.shift;
        let log_scale = (pa.log_scale + pc.log_scale) / 2.0 - pb.log_scale;
        let unit = pb.log_scale.exp();
        let off = turn.angle() * RADIUS + shift.norm() / unit + log_scale.abs() * RADIUS;
        let share = amount.clamp(0.0, 1.0) * 0.5 * (1.0 - off / MEANT).max(0.0);
        let mut pose = *pb;
        pose.turn = Rotation3::from_scaled_axis(turn.scaled_axis() * share) * pb.turn;
        pose.shift += shift * share;
        pose.log_scale += log_scale * share;
        for frame in here {
            if let Some(s) = seen.get_mut(frame) {
                s.state.pose = pose;
            }
        }
    }
}
