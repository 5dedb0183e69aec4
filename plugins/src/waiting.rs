//! Waiting for other renders.

use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::Duration;

use ofx::{Instance, Result};

/// Waits for a lock, as long as the host does not want to stop. What it guards is changed in whole steps.
pub fn lock<'m, T>(mutex: &'m Mutex<T>, instance: &Instance) -> Result<MutexGuard<'m, T>> {
    loop {
        match mutex.try_lock() {
            Ok(guard) => return Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => return Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => {
                instance.check_abort()?;
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    }
}
