//! The progress of long work behind a button.

use ofx::{Instance, Progress};

use crate::stored::STATUS;

/// A progress bar that goes along with the host's ways.
pub struct Reporting<'i> {
    instance: &'i Instance,
    progress: Progress<'i>,
    what: &'static str,
}

impl<'i> Reporting<'i> {
    /// Opens the bar: `effect` is who works, `what` is what it does, as "Solving".
    pub fn new(instance: &'i Instance, effect: &str, what: &'static str) -> Self {
        let progress = instance.progress(&format!("{effect}: {}", what.to_lowercase()));
        Reporting { instance, progress, what }
    }

    /// Shows how much is done, 0 to 1; false to stop.
    pub fn update(&self, done: f32) -> bool {
        // Natron keeps every fetched image until a param is set.
        let told = !self.instance.host().is_natron()
            || self.instance.set(&STATUS, &format!("{}: {:.0} %", self.what, done * 100.0)).is_ok();
        told && self.progress.update(f64::from(done)).is_ok()
    }
}
