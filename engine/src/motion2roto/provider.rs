//! Motion from the pictures themselves.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::packed::Packed;
use super::{Frames, Motion, MotionField, SolveError};
use crate::flow::{self, FlowError};
use crate::image::{Colours, Plane};

/// Motion between two pictures: from the first to the second, and back.
pub type FieldPair = [Arc<MotionField>; 2];

/// Optical flow between pairs of pictures, computed when first asked for and kept within a bound, by what the pictures
/// look like. So what one solve has found serves the next one, whoever asks.
pub struct FieldStore {
    bound: usize,
    /// The one used last comes first.
    pairs: Mutex<VecDeque<(PairKey, PackedPair)>>,
}

/// Both directions, as they are kept.
type PackedPair = Arc<[Packed; 2]>;

#[derive(Clone, Debug, PartialEq)]
struct PairKey {
    looks: [u64; 2],
    options: flow::Options,
}

/// A picture, and its [`Plane::fingerprint`].
#[derive(Clone, Debug)]
pub struct Look {
    /// Luma for matching ([`crate::image::Rgb::luma`]).
    pub plane: Arc<Plane>,
    /// What tells it from others.
    pub fingerprint: u64,
}

impl Look {
    /// At a picture.
    pub fn at(plane: Arc<Plane>) -> Self {
        Look { fingerprint: plane.fingerprint(), plane }
    }
}

impl FieldStore {
    /// Keeps up to `bytes` of fields, and always the pair asked for last (10 bytes a pixel: both directions and their
    /// confidences, rounded as [`Packed`] says). What is found is rounded before anybody sees it, so a kept field is the
    /// same as a new one.
    pub const fn new(bytes: usize) -> Self {
        FieldStore { bound: bytes, pairs: Mutex::new(VecDeque::new()) }
    }

    /// Motion between two pictures of one size, with how far each direction is confirmed by the other.
    pub fn pair(
        &self,
        a: &Look,
        b: &Look,
        options: &flow::Options,
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Result<FieldPair, FlowError> {
        self.packed(a, b, options, cancel).map(|pair| pair.each_ref().map(|p| Arc::new(p.unpacked())))
    }

    fn packed(
        &self,
        a: &Look,
        b: &Look,
        options: &flow::Options,
        cancel: &(dyn Fn() -> bool + Sync),
    ) -> Result<PackedPair, FlowError> {
        let key = PairKey { looks: [a.fingerprint, b.fingerprint], options: options.clone() };
        if let Some(known) = self.get(&key) {
            return Ok(known);
        }
        let forward = flow::estimate(&a.plane, &b.plane, options, cancel)?;
        let backward = flow::estimate(&b.plane, &a.plane, options, cancel)?;
        let there = flow::consistency(&forward, &backward).confidence;
        let back = flow::consistency(&backward, &forward).confidence;
        let pair = Arc::new([Packed::new(&forward, &there), Packed::new(&backward, &back)]);
        self.put(key, Arc::clone(&pair));
        Ok(pair)
    }

    /// Lets go of everything.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Memory held, bytes.
    pub fn bytes(&self) -> usize {
        self.lock().iter().map(|(_, pair)| bytes_of(pair)).sum()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(PairKey, PackedPair)>> {
        // Entries are whole, whatever happened to a thread that held the lock.
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: &PairKey) -> Option<PackedPair> {
        let mut pairs = self.lock();
        let entry = pairs.iter().position(|(k, _)| k == key).and_then(|i| pairs.remove(i))?;
        let pair = Arc::clone(&entry.1);
        pairs.push_front(entry);
        Some(pair)
    }

    fn put(&self, key: PairKey, pair: PackedPair) {
        let mut pairs = self.lock();
        pairs.retain(|(k, _)| *k != key);
        pairs.push_front((key, pair));
        let mut bytes = 0;
        let fits = |(_, pair): &(PairKey, PackedPair)| {
            bytes += bytes_of(pair);
            bytes <= self.bound
        };
        let kept = pairs.iter().map(fits).take_while(|fits| *fits).count();
        pairs.truncate(kept.max(1));
    }
}

fn bytes_of(pair: &PackedPair) -> usize {
    pair.iter().map(Packed::bytes).sum()
}

/// Optical flow between neighbouring frames.
pub struct FlowMotion<'a> {
    frames: &'a dyn Frames,
    options: flow::Options,
    store: &'a FieldStore,
    cancel: &'a (dyn Fn() -> bool + Sync),
    /// Of the frames seen so far, so that a pair that is known needs no picture again.
    fingerprints: Mutex<BTreeMap<i32, u64>>,
}

impl<'a> FlowMotion<'a> {
    /// Fields come from `store` where it has them, and go there. The frames must not change as long as this lives.
    pub fn new(
        frames: &'a dyn Frames,
        options: flow::Options,
        store: &'a FieldStore,
        cancel: &'a (dyn Fn() -> bool + Sync),
    ) -> Self {
        FlowMotion { frames, options, store, cancel, fingerprints: Mutex::default() }
    }

    fn fingerprint(&self, frame: i32) -> Result<u64, SolveError> {
        let lock = || self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&frame) {
            return Ok(*known);
        }
        let fingerprint = self.frames.plane(frame)?.fingerprint();
        lock().insert(frame, fingerprint);
        Ok(fingerprint)
    }

    fn pair(&self, from: i32, to: i32) -> Result<PackedPair, SolveError> {
        let fingerprints = [self.fingerprint(from)?, self.fingerprint(to)?];
        let key = PairKey { looks: fingerprints, options: self.options.clone() };
        if let Some(known) = self.store.get(&key) {
            return Ok(known);
        }
        let look = |frame, fingerprint| Ok(Look { plane: self.frames.plane(frame)?, fingerprint });
        let (a, b) = (look(from, fingerprints[0])?, look(to, fingerprints[1])?);
        self.store.packed(&a, &b, &self.options, self.cancel).map_err(|source| match source {
            FlowError::Cancelled => SolveError::Cancelled,
            source => SolveError::Flow { from, to, source },
        })
    }
}

impl Motion for FlowMotion<'_> {
    fn field(&self, from: i32, to: i32) -> Result<Arc<MotionField>, SolveError> {
        let first = from.min(to);
        if first.checked_add(1) != Some(from.max(to)) {
            return Err(SolveError::NoFrame(to));
        }
        let pair = self.pair(first, first + 1)?;
        Ok(Arc::new(pair[usize::from(to < from)].unpacked()))
    }

    fn picture(&self, frame: i32) -> Result<Option<Arc<Colours>>, SolveError> {
        self.frames.picture(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Field;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn key(i: u64) -> PairKey {
        PairKey { looks: [i, i + 1], options: flow::Options::default() }
    }

    #[test]
    fn the_store_stays_in_its_bound() {
        let one = || Packed::new(&Field::zero(10, 10), &Plane::filled(10, 10, 1.0));
        let pair = || Arc::new([one(), one()]);
        for (bound, bytes) in [(0, 1000), (1999, 1000), (2000, 2000)] {
            let store = FieldStore::new(bound);
            for i in 0..9 {
                store.put(key(i), pair());
                store.get(&key(0));
            }
            assert_eq!(store.bytes(), bytes, "one pair is 1000 bytes");
            assert!(store.get(&key(8)).is_some() && store.get(&key(4)).is_none());
            assert_eq!(store.get(&key(0)).is_some(), bound == 2000, "what is used stays");
        }
    }

    /// A shot of 200 pictures that counts how often they are fetched.
    struct Shot(AtomicUsize);

    impl Frames for Shot {
        fn plane(&self, frame: i32) -> Result<Arc<Plane>, SolveError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            if !(0..200).contains(&frame) {
                return Err(SolveError::NoFrame(frame));
            }
            let wave = |x: usize, y: usize| {
                0.5 + 0.3 * ((x as f32 - 0.5 * frame as f32) * 0.4 + y as f32 * 0.3).sin()
            };
            Ok(Arc::new(Plane::from_fn(48, 32, wave)))
        }
    }

    #[test]
    fn memory_does_not_grow_with_the_shot() {
        let pair_bytes = 48 * 32 * 10;
        let store = FieldStore::new(5 * pair_bytes);
        let (shot, options) = (
            Shot(AtomicUsize::new(0)),
            flow::Options { quality: flow::Quality::Fast, ..flow::Options::default() },
        );
        let motion = FlowMotion::new(&shot, options, &store, &|| false);
        for frame in 0..199 {
            motion.field(frame, frame + 1).unwrap();
            assert!(store.bytes() <= 5 * pair_bytes);
        }
        assert_eq!(motion.field(199, 200), Err(SolveError::NoFrame(200)));
    }

    #[test]
    fn a_second_solve_fetches_each_picture_once_and_computes_nothing() {
        let store = FieldStore::new(1 << 20);
        let (shot, options) = (
            Shot(AtomicUsize::new(0)),
            flow::Options { quality: flow::Quality::Fast, ..flow::Options::default() },
        );
        let run = || {
            let motion = FlowMotion::new(&shot, options.clone(), &store, &|| false);
            [0, 1, 2].map(|f| motion.field(f, f + 1).unwrap())
        };
        let first = run();
        let fetched = shot.0.swap(0, Ordering::Relaxed);
        let second = run();
        assert_eq!(first, second);
        assert!(fetched >= 4 && shot.0.load(Ordering::Relaxed) == 4);
    }
}
