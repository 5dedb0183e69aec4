//! Motion from the pictures themselves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Frames, Motion, MotionField, SolveError};
use crate::flow::{self, FlowError};
use crate::image::Rgb;

/// Optical flow between neighbouring frames, computed when first asked for and kept within a bound.
pub struct FlowMotion<'a> {
    frames: &'a dyn Frames,
    options: flow::Options,
    cancel: &'a (dyn Fn() -> bool + Sync),
    cache: Mutex<Cache>,
}

impl<'a> FlowMotion<'a> {
    /// Keeps up to `cache_bytes` of fields, and always the pair asked for last (24 bytes a pixel: both directions
    /// and their confidences).
    pub fn new(
        frames: &'a dyn Frames,
        options: flow::Options,
        cache_bytes: usize,
        cancel: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        FlowMotion { frames, options, cancel, cache: Mutex::new(Cache::new(cache_bytes)) }
    }

    fn pair(&self, frame: i32) -> Result<[Arc<MotionField>; 2], SolveError> {
        let (from, to) = (frame, frame + 1);
        let (a, b) = (self.frames.plane(from)?, self.frames.plane(to)?);
        let error = |source| match source {
            FlowError::Cancelled => SolveError::Cancelled,
            source => SolveError::Flow { from, to, source },
        };
        let forward = flow::estimate(&a, &b, &self.options, self.cancel).map_err(error)?;
        let backward = flow::estimate(&b, &a, &self.options, self.cancel).map_err(error)?;
        let there = flow::consistency(&forward, &backward).confidence;
        let back = flow::consistency(&backward, &forward).confidence;
        Ok([
            Arc::new(MotionField { field: forward, confidence: Some(there) }),
            Arc::new(MotionField { field: backward, confidence: Some(back) }),
        ])
    }
}

impl Motion for FlowMotion<'_> {
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError> {
        let first = from.min(to);
        if first.checked_add(1) != Some(from.max(to)) {
            return Err(SolveError::NoFrame(to));
        }
        let direction = usize::from(to < from);
        // A panic elsewhere leaves the cache whole: entries are added in one step.
        let lock = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pair) = lock().get(first) {
            return Ok(pair[direction].clone());
        }
        let pair = self.pair(first)?;
        let field = pair[direction].clone();
        lock().insert(first, pair);
        Ok(field)
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Rgb>>, SolveError> {
        self.frames.picture(frame)
    }
}

/// Pairs of fields by their first frame; the one unused for longest goes first.
struct Cache {
    bound: usize,
    bytes: usize,
    clock: u64,
    pairs: HashMap<i32, ([Arc<MotionField>; 2], u64)>,
}

impl Cache {
    fn new(bound: usize) -> Self {
        Cache { bound, bytes: 0, clock: 0, pairs: HashMap::new() }
    }

    fn get(&mut self, frame: i32) -> Option<[Arc<MotionField>; 2]> {
        self.clock += 1;
        let (pair, used) = self.pairs.get_mut(&frame)?;
        *used = self.clock;
        Some(pair.clone())
    }

    fn insert(&mut self, frame: i32, pair: [Arc<MotionField>; 2]) {
        self.clock += 1;
        let size = |p: &[Arc<MotionField>; 2]| p.iter().map(|f| f.bytes()).sum::<usize>();
        self.bytes += size(&pair);
        if let Some((old, _)) = self.pairs.insert(frame, (pair, self.clock)) {
            self.bytes -= size(&old);
        }
        while self.bytes > self.bound && self.pairs.len() > 1 {
            let oldest = self.pairs.iter().min_by_key(|(_, (_, used))| *used).map(|(f, _)| *f);
            match oldest.and_then(|f| self.pairs.remove(&f)) {
                Some((old, _)) => self.bytes -= size(&old),
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Field;

    #[test]
    fn the_cache_stays_in_its_bound() {
        let pair = || [0, 1].map(|_| Arc::new(MotionField { field: Field::zero(10, 10), confidence: None }));
        let mut cache = Cache::new(3000);
        for frame in 0..9 {
            cache.insert(frame, pair());
            cache.get(0);
        }
        assert_eq!(cache.bytes, 1600, "one pair is 1600 bytes, two would not fit");
        let mut cache = Cache::new(3200);
        for frame in 0..9 {
            cache.insert(frame, pair());
            cache.get(0);
        }
        assert!(cache.get(0).is_some() && cache.get(8).is_some() && cache.get(4).is_none());
    }
}
