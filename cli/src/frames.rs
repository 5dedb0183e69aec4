//! Frame ranges as people write them: `7`, `1-50`, `1-50x5`, `1-10,20,30-40x2`; negative ones too.

use std::str::FromStr;

use host::io::{Pattern, Sequence};

use crate::failure::Failure;

/// More than any shot has: a slip of the finger.
const MOST_FRAMES: i64 = 1_000_000;

/// Frames from one to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) first: i64,
    /// Not before `first`.
    pub(crate) last: i64,
    /// At least 1.
    pub(crate) step: i64,
}

/// Runs of frames, in the order they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frames {
    pub(crate) runs: Vec<Run>,
}

impl Frames {
    /// All frames, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.runs.iter().flat_map(|r| (r.first..=r.last).step_by(usize::try_from(r.step).unwrap_or(1)))
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.iter().count()
    }

    /// First and last frame, where this is one range without gaps.
    pub(crate) fn as_range(&self) -> Option<(i64, i64)> {
        match self.runs.as_slice() {
            [Run { first, last, step: 1 }] => Some((*first, *last)),
            _ => None,
        }
    }

    /// These frames, or all that the sequence has.
    pub(crate) fn or_all(given: Option<&Frames>, sequence: &Sequence) -> Frames {
        match given {
            Some(frames) => frames.clone(),
            None => Frames::of(sequence.frames()),
        }
    }

    fn of(frames: &[i64]) -> Frames {
        let mut runs: Vec<Run> = Vec::new();
        for &frame in frames {
            match runs.last_mut() {
                Some(run) if run.last + 1 == frame => run.last = frame,
                _ => runs.push(Run { first: frame, last: frame, step: 1 }),
            }
        }
        if runs.is_empty() {
            runs.push(Run { first: 1, last: 1, step: 1 });
        }
        Frames { runs }
    }

    /// Every frame has a file in the sequence; the sentence says which has not.
    pub(crate) fn must_be_in(&self, sequence: &Sequence) -> Result<(), Failure> {
        if !sequence.pattern().is_numbered() {
            return Ok(());
        }
        match self.iter().find(|f| sequence.frames().binary_search(f).is_err()) {
            None => Ok(()),
            Some(missing) => Err(Failure::input(format!(
                "{}: there is no frame {missing}; there are frames {}",
                sequence.pattern(),
                host::io::pattern::describe_frames(sequence.frames())
            ))),
        }
    }

    /// More than one frame needs a numbered file name to go to.
    pub(crate) fn must_fit(&self, out: &Pattern) -> Result<(), Failure> {
        if out.is_numbered() || self.count() <= 1 {
            return Ok(());
        }
        Err(Failure::input(format!(
            "{out} is one file for {} frames: put %04d or #### where the frame number goes",
            self.count()
        )))
    }
}

impl FromStr for Frames {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let runs = text.split(',').map(|part| run(part.trim())).collect::<Result<Vec<_>, _>>()?;
        let mut count = 0i64;
        for run in &runs {
            count = count.saturating_add(run.last.saturating_sub(run.first) / run.step);
        }
        if count >= MOST_FRAMES {
            return Err("that is more than a million frames".to_owned());
        }
        Ok(Frames { runs })
    }
}

fn run(text: &str) -> Result<Run, String> {
    let wrong = || format!("\"{text}\" is not a frame range: write 7, 1-50, 1-50x5 or several with commas");
    let (range, step) = match text.split_once(['x', 'X']) {
        Some((range, step)) => (range, step.parse().map_err(|_| wrong())?),
        None => (text, 1),
    };
    // A sign at the start is not the hyphen of a range.
    let hyphen = range.char_indices().skip(1).find(|c| c.1 == '-').map(|c| c.0);
    let (first, last) = match hyphen {
        Some(at) => (&range[..at], &range[at + 1..]),
        None => (range, range),
    };
    let number = |t: &str| t.trim().parse::<i64>().ok().filter(|v| v.abs() < i64::from(i32::MAX));
    let (Some(first), Some(last)) = (number(first), number(last)) else { return Err(wrong()) };
    if last < first {
        return Err(format!("\"{text}\" ends before it begins"));
    }
    if step < 1 {
        return Err(format!("\"{text}\" has no step forward"));
    }
    Ok(Run { first, last, step })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str) -> Vec<i64> {
        text.parse::<Frames>().unwrap().iter().collect()
    }

    #[test]
    fn ranges_steps_and_lists() {
        assert_eq!(frames("7"), [7]);
        assert_eq!(frames("1-3"), [1, 2, 3]);
        assert_eq!(frames("1-10x4"), [1, 5, 9]);
        assert_eq!(frames("1-2, 9,20-22x2"), [1, 2, 9, 20, 22]);
        assert_eq!(frames("-3--1"), [-3, -2, -1]);
        assert_eq!(frames("-1-1"), [-1, 0, 1]);
        assert_eq!("0-49".parse::<Frames>().unwrap().as_range(), Some((0, 49)));
        assert_eq!("0-49x2".parse::<Frames>().unwrap().as_range(), None);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a", "1-", "5-1", "1-5x0", "1-5x", "1,,2", "1-9999999", "1--", "99999999999"] {
            assert!(text.parse::<Frames>().is_err(), "{text}");
        }
    }
}
