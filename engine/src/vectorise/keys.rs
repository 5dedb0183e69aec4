//! Which frames of a part have keys.

use std::collections::HashSet;
use std::ops::Range;

use super::joint::Joint;

/// Keys on each side of one that goes that are fitted anew.
const AROUND: usize = 2;
/// Rounds of fitting every frame by itself at first.
const FIRST_ROUNDS: usize = 4;
/// Rounds of fitting after a key has gone, as long as they make it better.
const ROUNDS: usize = 8;
/// A key without which a frame is off by so many times its limit stays.
const HOPELESS: f64 = 8.0;
/// Keys that do the least harm go first: shares of the tolerance.
const PASSES: [f64; 3] = [0.6, 0.8, 1.0];

/// Drops keys as long as the others, fitted anew, keep every frame within the tolerance, or as near as it is with a key on each
/// frame. `stays` says which frames have a key in any case.
pub fn thin(joint: &mut Joint, stays: &[bool], tolerance_px: f64) {
    for _ in 0..FIRST_ROUNDS {
        joint.fit(0..joint.len(), tolerance_px);
    }
    let least: Vec<f64> = (0..joint.len()).map(|f| joint.off_px(f)).collect();
    for share in PASSES {
        let limits: Vec<f64> = least.iter().map(|off| off.max(share * tolerance_px)).collect();
        let mut tried = HashSet::new();
        while pass(joint, stays, (tolerance_px, &limits), &mut tried) {}
    }
}

/// Tries every key that was not yet tried between the same neighbours; says whether one could go.
fn pass(joint: &mut Joint, stays: &[bool], within: (f64, &[f64]), tried: &mut HashSet<[usize; 3]>) -> bool {
    let mut dropped = false;
    let mut i = 1;
    while i + 1 < joint.keys.len() {
        let around = [joint.keys[i - 1], joint.keys[i], joint.keys[i + 1]];
        if !stays[around[1]] && tried.insert(around) {
            dropped |= drop_one(joint, i, within);
        }
        // A key beside a gap waits for the next pass, so that spans grow evenly.
        i += 1;
    }
    dropped
}

/// Takes a key out, if the frames around keep their limits without it.
fn drop_one(joint: &mut Joint, i: usize, within: (f64, &[f64])) -> bool {
    let (frame, controls) = (joint.keys.remove(i), joint.controls.remove(i));
    let free = i.saturating_sub(AROUND)..(i + AROUND).min(joint.keys.len());
    let frames = joint.shaped_by(&free);
    let before = (joint.controls[free.clone()].to_vec(), joint.targets(frames.clone()));
    joint.slide(frames.clone());
    let settled = settle(joint, &free, &frames, within);
    if !settled {
        joint.controls[free].clone_from_slice(&before.0);
        joint.put_back(frames.start, before.1);
        joint.keys.insert(i, frame);
        joint.controls.insert(i, controls);
    }
    settled
}

/// Fits the keys `free` until the frames keep their limits; says whether they do.
fn settle(
    joint: &mut Joint,
    free: &Range<usize>,
    frames: &Range<usize>,
    (tolerance_px, limits): (f64, &[f64]),
) -> bool {
    let worst = |joint: &Joint| frames.clone().map(|f| joint.off_px(f) / limits[f]).fold(0.0, f64::max);
    let mut off = worst(joint);
    for _ in 0..ROUNDS {
        if off <= 1.0 || off > HOPELESS {
            break;
        }
        joint.fit(free.clone(), tolerance_px);
        let now = worst(joint);
        if now >= off {
            return false;
        }
        off = now;
    }
    off <= 1.0
}
