//! What the artist reads after an analysis.

use engine::face::{FrameReport, Piece, wanted};
use shapes::Document;

use super::keys::Span;
use crate::range::as_ranges;

/// Frames that are expected to be off by more than this are worth a look, px.
const LOOK_PX: f64 = 2.0;
/// The most frames that are asked for at once.
const MOST_WANTED: usize = 12;
/// The share of poses that have to last equally long for a timing.
const MOST: f64 = 0.8;

/// What an analysis has to say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// One line: how much was done, and how well.
    pub status: String,
    /// On ones, on twos.
    pub timing: String,
    /// What to do, a line each.
    pub to_do: String,
    /// Why the chosen detector was not used.
    pub detector: Option<String>,
}

impl Report {
    /// Of an analysis of these frames.
    pub fn new(document: &Document, (first, last): Span, frames: &[FrameReport], pieces: &[Piece]) -> Self {
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let mut status = format!(
            "Analysed frames {first} to {last}: {}, {}.",
            counted(document.tracks.len(), "landmark"),
            counted(document.shapes.len(), "shape")
        );
        let list = |chosen: &dyn Fn(&FrameReport) -> bool| {
            as_ranges(&frames.iter().filter(|f| chosen(f)).map(|f| i64::from(f.frame)).collect::<Vec<_>>())
        };
        let lost = list(&|f| !f.found);
        let doubtful = list(&|f| f.found && f.expected_px > LOOK_PX);
        let mut to_do = Vec::new();
        if !lost.is_empty() {
            status += &format!(" No face on {lost}.");
            to_do.push(format!("{lost}: no face was found; key one of them, or put the box around the head"));
        }
        if !doubtful.is_empty() {
            status += &format!(" Look at {doubtful}.");
            to_do.push(format!(
                "{doubtful}: more than {LOOK_PX} px off, perhaps; mend one of them and analyse again"
            ));
        }
        let unkeyed = pieces.iter().filter(|p| !p.keyed).count();
        if unkeyed > 0 {
            status += &format!(" {} without a key: see To do.", counted(unkeyed, "piece"));
        }
        let keyed: Vec<i32> = frames.iter().filter(|f| f.keyed).map(|f| f.frame).collect();
        let wanted = wanted(pieces, &keyed);
        for frame in wanted.iter().take(MOST_WANTED) {
            let named = |&i: &usize| {
                let shown: Vec<i64> = pieces[i].frames.iter().map(|f| i64::from(*f)).collect();
                format!("{} {} ({})", pieces[i].shape, pieces[i].number, as_ranges(&shown))
            };
            let names = frame.pieces.iter().map(named).collect::<Vec<_>>().join(", ");
            to_do.push(format!("key frame {}: no key shows {names}", frame.frame));
        }
        if wanted.len() > MOST_WANTED {
            let more = counted(wanted.len() - MOST_WANTED, "more frame");
            to_do.push(format!("{more} with pieces that no key shows: ask again when these are keyed"));
        }
        Report { status, timing: timing(frames), to_do: to_do.join("\n"), detector: None }
    }

    /// The analysis went on without the detector that the artist has chosen.
    pub fn without_detector(&mut self, why: &str) {
        let sentence = format!("The detector was not used: {why}.");
        self.status += &format!(" {sentence}");
        self.detector = Some(sentence);
    }

    /// With what else is to do, after the rest.
    pub fn with_losses(mut self, losses: &[String]) -> Self {
        let lines = (!self.to_do.is_empty()).then_some(self.to_do.as_str()).into_iter();
        self.to_do = lines.chain(losses.iter().map(String::as_str)).collect::<Vec<_>>().join("\n");
        self
    }
}

/// How long poses last: a pose begins where a frame is not held.
fn timing(frames: &[FrameReport]) -> String {
    let starts: Vec<i32> = frames.iter().filter(|f| !f.held).map(|f| f.frame).collect();
    // The first pose may have begun before the range, and the last may go on after it.
    let lengths: Vec<i32> = starts.windows(2).skip(1).map(|w| w[1] - w[0]).collect();
    if lengths.is_empty() {
        return if frames.len() > 2 && starts.len() < 2 { "held".to_owned() } else { String::new() };
    }
    let share = |n: i32| lengths.iter().filter(|l| **l == n).count() as f64 / lengths.len() as f64;
    match lengths.iter().copied().max_by(|a, b| share(*a).total_cmp(&share(*b))) {
        Some(1) if share(1) >= MOST => "on ones".to_owned(),
        Some(2) if share(2) >= MOST => "on twos".to_owned(),
        Some(n) if share(n) >= MOST => format!("{n} frames a pose"),
        _ => format!("mixed: {:.0} % ones, {:.0} % twos", 100.0 * share(1), 100.0 * share(2)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(held: &[bool]) -> Vec<FrameReport> {
        let report = |(i, held): (usize, &bool)| FrameReport {
            frame: i as i32 + 1,
            bounds: None,
            expected_px: 0.5,
            held: *held,
            keyed: false,
            found: true,
        };
        held.iter().enumerate().map(report).collect()
    }

    #[test]
    fn timing_is_told() {
        assert_eq!(timing(&frames(&[false; 8])), "on ones");
        assert_eq!(timing(&frames(&[false, true, false, true, false, true, false, true, false])), "on twos");
        assert_eq!(timing(&frames(&[false, true, true, true])), "held");
        assert_eq!(timing(&frames(&[false])), "");
        let mixed = frames(&[false, false, false, true, false, true, false, false]);
        assert_eq!(timing(&mixed), "mixed: 50 % ones, 50 % twos");
    }

    #[test]
    fn what_to_do_is_listed() {
        let mut all = frames(&[false; 5]);
        (all[1].expected_px, all[2].expected_px, all[3].found) = (3.0, 4.0, false);
        let piece = |number, keyed, frames: &[i32]| {
            let (shape, frames, clearest) = ("mouth".to_owned(), frames.to_vec(), frames[0]);
            Piece { shape, number, keyed, frames, clearest, differs: 3.0 }
        };
        let pieces = [piece(1, true, &[1, 2]), piece(2, false, &[3]), piece(3, false, &[4, 5])];
        let report = Report::new(&Document::new(1, 1), (1, 5), &all, &pieces);
        assert!(
            report.status.ends_with("No face on 4. Look at 2-3. 2 pieces without a key: see To do."),
            "{report:?}"
        );
        let lines: Vec<&str> = report.to_do.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[2], "key frame 4: no key shows mouth 3 (4-5)");
        let many: Vec<Piece> = (0..20).map(|i| piece(i, false, &[i as i32])).collect();
        let asked = Report::new(&Document::new(1, 1), (1, 5), &[], &many).to_do;
        assert_eq!(asked.lines().count(), MOST_WANTED + 1);
        assert!(
            asked.ends_with("8 more frames with pieces that no key shows: ask again when these are keyed")
        );
        let mut report = report;
        report.without_detector("no such file");
        assert!(report.status.ends_with(" see To do. The detector was not used: no such file."));
        let more = report.with_losses(&["mouth of b: not learned".to_owned()]);
        assert_eq!(more.to_do.lines().last(), Some("mouth of b: not learned"));
    }
}
