//! The last few things that were made, by what they were made from.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key; the oldest one goes first. Nothing is locked while a value is being made.
pub struct Recent<K, V>(Mutex<VecDeque<(K, V)>>);

impl<K: PartialEq, V: Clone> Recent<K, V> {
    /// Empty.
    pub const fn new() -> Self {
        Recent(Mutex::new(VecDeque::new()))
    }

    /// What was put under this key, if it is still there.
    pub fn get(&self, key: &K) -> Option<V> {
        self.lock().iter().find(|(k, _)| k == key).map(|(_, v)| v.clone())
    }

    /// Adds a value, and lets go of the oldest until no more than `most` are left (at least this one).
    pub fn put(&self, key: K, value: V, most: usize) {
        let mut all = self.lock();
        all.truncate(most.saturating_sub(1));
        all.push_front((key, value));
    }

    /// What is under this key, or what `make` gives for it. `make` is quick: others wait.
    pub fn get_or_put(&self, key: K, most: usize, make: impl FnOnce() -> V) -> V {
        let mut all = self.lock();
        if let Some((_, value)) = all.iter().find(|(k, _)| *k == key) {
            return value.clone();
        }
        let value = make();
        all.truncate(most.saturating_sub(1));
        all.push_front((key, value.clone()));
        value
    }

    /// Lets go of all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(K, V)>> {
        // Entries are whole, whatever happened to a thread that held the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_first() {
        let recent = Recent::new();
        for i in 0..5 {
            recent.put(i, i * 10, 3);
        }
        assert_eq!([1, 2, 4].map(|i| recent.get(&i)), [None, Some(20), Some(40)]);
        recent.put(9, 90, 0);
        assert_eq!([4, 9].map(|i| recent.get(&i)), [None, Some(90)]);
    }
}
