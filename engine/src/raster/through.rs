//! A picture seen through a matte.

use rayon::prelude::*;

use crate::image::wide;

/// Pixels that are told apart at once.
const BLOCK: usize = 64;
/// Pixels that one task takes.
const TASK: usize = 512 * BLOCK;

/// Writes `source` times `matte` to `out`: all channels, so that what was premultiplied still is. Where the matte is 0 the
/// result is 0, whatever the source holds. All three hold the same pixels in the same order; what one of them lacks is
/// left out.
pub fn through(source: &[[f32; 4]], matte: &[f32], out: &mut [[f32; 4]]) {
    let length = source.len().min(matte.len()).min(out.len());
    let (source, matte, out) = (&source[..length], &matte[..length], &mut out[..length]);
    out.par_chunks_mut(TASK).zip(source.par_chunks(TASK).zip(matte.par_chunks(TASK))).for_each(
        |(out, (source, matte))| {
            wide(
                #[inline(always)]
                || task(source, matte, out),
            );
        },
    );
}

/// What a matte does to the pixels of a block.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    Hide,
    Show,
    Weigh,
}

#[inline(always)]
fn does(matte: &[f32]) -> Does {
    let all = |value: f32| matte.iter().fold(true, |all, m| all & (*m == value));
    if all(0.0) {
        Does::Hide
    } else if all(1.0) {
        Does::Show
    } else {
        Does::Weigh
    }
}

/// Neighbouring blocks to which the same is done are one run: filled, copied or multiplied.
#[inline(always)]
fn task(source: &[[f32; 4]], matte: &[f32], out: &mut [[f32; 4]]) {
    let (mut from, mut run) = (0, None);
    let mut blocks = matte.chunks(BLOCK).map(does).chain([Does::Weigh]);
    for to in (0..matte.len()).step_by(BLOCK).chain([matte.len()]) {
        let next = blocks.next().filter(|_| to < matte.len());
        if next == run {
            continue;
        }
        let (source, matte, out) = (&source[from..to], &matte[from..to], &mut out[from..to]);
        match run {
            Some(Does::Hide) => out.fill([0.0; 4]),
            Some(Does::Show) => out.copy_from_slice(source),
            Some(Does::Weigh) => weigh(source, matte, out),
            None => {}
        }
        (from, run) = (to, next);
    }
}

#[inline(always)]
fn weigh(source: &[[f32; 4]], matte: &[f32], out: &mut [[f32; 4]]) {
    const N: usize = 256;
    let mut made = [[0.0; 4]; N];
    for ((out, source), matte) in out.chunks_mut(N).zip(source.chunks(N)).zip(matte.chunks(N)) {
        for ((o, s), m) in made.iter_mut().zip(source).zip(matte) {
            *o = if *m == 0.0 { [0.0; 4] } else { s.map(|v| v * m) };
        }
        out.copy_from_slice(&made[..out.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_source_times_matte(
            runs in prop::collection::vec((0usize..200, prop_oneof![Just(0.0f32), Just(1.0), 0.0..1.0f32]), 0..9),
            lacks in 0usize..3
        ) {
            let matte: Vec<f32> = runs.iter().flat_map(|(n, v)| std::iter::repeat_n(*v, *n)).collect();
            let source: Vec<[f32; 4]> = (0..matte.len()).map(|i| [i as f32, 1.0, -2.0, 0.5]).collect();
            let mut out = vec![[9.0; 4]; matte.len().saturating_sub(lacks)];
            through(&source, &matte, &mut out);
            for ((o, s), m) in out.iter().zip(&source).zip(&matte) {
                prop_assert_eq!(*o, s.map(|v| v * m));
            }
        }
    }

    #[test]
    fn what_is_hidden_is_zero() {
        let mut out = [[1.0; 4]; 3];
        through(&[[f32::NAN, f32::INFINITY, 1.0, 1.0]; 3], &[0.0, 0.5, 0.0], &mut out);
        assert_eq!((out[0], out[2]), ([0.0; 4], [0.0; 4]));
        assert!(out[1][0].is_nan() && out[1][3] == 0.5);
    }
}
