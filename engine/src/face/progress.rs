//! How far an analysis is, and whether anyone still wants it.

use std::cell::{Cell, RefCell};

use super::learned::FaceError;

/// Tells how far the work is and asks whether to go on; after a no, nobody is asked again.
pub(super) struct Progress<'a> {
    tell: RefCell<&'a mut dyn FnMut(f32) -> bool>,
    done: Cell<f32>,
    going: Cell<bool>,
}

impl<'a> Progress<'a> {
    /// `tell` gets 0 to 1.
    pub fn new(tell: &'a mut dyn FnMut(f32) -> bool) -> Self {
        Progress { tell: RefCell::new(tell), done: Cell::new(0.0), going: Cell::new(true) }
    }

    /// Whether to stop.
    pub fn stopped(&self) -> bool {
        let going = self.going.get() && (self.tell.borrow_mut())(self.done.get());
        self.going.set(going);
        !going
    }

    /// [`FaceError::Cancelled`] if the work is to stop.
    pub fn check(&self) -> Result<(), FaceError> {
        if self.stopped() { Err(FaceError::Cancelled) } else { Ok(()) }
    }

    /// A `part` of the work is done.
    pub fn advance(&self, part: f32) -> Result<(), FaceError> {
        self.done.set((self.done.get() + part).min(1.0));
        self.check()
    }
}
