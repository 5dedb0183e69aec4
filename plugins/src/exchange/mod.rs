//! Shapes and tracks from and to files of other applications, by buttons of any effect that has a document.

mod export;
mod import;
mod merge;
mod params;

use interchange::{Settings, Warning};
use ofx::{Clip, Instance, Severity};
use shapes::Document;

use crate::plate::Placement;

pub use export::{export, show_text};
pub use import::import;
pub use params::{EXPORT, EXPORT_PAGE, IMPORT, SHOW_TEXT, define_export, define_import};

/// A message names this many of what could not be carried; the log has all.
const NAMED: usize = 8;
/// A frame beyond this is how a host says that a clip never ends.
const ENDLESS: f64 = 1e6;

/// What a node knows of its shot: the document's size and rate, else the source's; the shot begins with the source.
fn shot(source: &Clip<'_>, document: Option<&Document>, time: f64) -> Settings {
    let window = || Placement::of(source, time).ok().map(|p| p.window);
    let (width, height) = match document.map(|d| (d.width, d.height)) {
        Some((width, height)) if width > 0 && height > 0 => (Some(width), Some(height)),
        _ => window().map(|w| (w.width() as u32, w.height() as u32)).unzip(),
    };
    let connected = source.connected();
    let rate = Some(source.frame_rate()).filter(|r| connected && r.is_finite() && *r > 0.0);
    let range = source.frame_range().filter(|_| connected);
    Settings {
        width,
        height,
        fps: document.and_then(|d| d.fps).or(rate),
        par: document.and_then(|d| d.par).or(connected.then(|| source.pixel_aspect())),
        start_frame: range.map(|r| r.min.ceil()).filter(|f| f.abs() < ENDLESS),
    }
}

/// Tells the artist what could not be carried, in one message; the log has each.
fn tell(instance: &Instance, done: &str, warnings: &[Warning]) {
    if warnings.is_empty() {
        return;
    }
    for warning in warnings {
        log::warn!("{warning}");
    }
    let mut text = format!("{done} Not all could be carried:");
    for warning in warnings.iter().take(NAMED) {
        text.push_str(&format!("\n{warning}"));
    }
    if warnings.len() > NAMED {
        text.push_str(&format!("\nand {} more, which the log has", warnings.len() - NAMED));
    }
    if let Err(e) = instance.message(Severity::Warning, &text) {
        log::warn!("the host shows no message: {e}");
    }
}

/// `1 shape`, `2 shapes`.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// `3 shapes and 1 track`, of what there is.
fn contents(document: &Document) -> String {
    let (shapes, tracks) = (document.shapes.len(), document.tracks.len());
    match (shapes, tracks) {
        (_, 0) => counted(shapes, "shape"),
        (0, _) => counted(tracks, "track"),
        _ => format!("{} and {}", counted(shapes, "shape"), counted(tracks, "track")),
    }
}
