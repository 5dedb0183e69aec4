//! Names of numbered files.

use std::fmt;
use std::path::{Path, PathBuf};

use super::IoError;

/// `shot.%04d.png`, `shot.%d.png`, `shot.####.png`, `shot.#.png` (any number of digits), or a plain file, which is
/// every frame at once. The number is in the file's name, not in a folder's; the last one of a name counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    folder: PathBuf,
    /// Before the number, or the whole name of a plain file.
    before: String,
    number: Option<Number>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Number {
    /// Digits at least, filled with zeros.
    width: usize,
    after: String,
}

impl Pattern {
    /// Reads a pattern; any text is one.
    pub fn new(text: &str) -> Self {
        let path = Path::new(text);
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let (before, number) = match find_hashes(name).max(find_percent(name)) {
            Some((start, end, width)) => {
                (name[..start].to_owned(), Some(Number { width, after: name[end..].to_owned() }))
            }
            None => (name.to_owned(), None),
        };
        Pattern { text: text.to_owned(), folder, before, number }
    }

    /// Has a number: a plain file has not.
    pub fn is_numbered(&self) -> bool {
        self.number.is_some()
    }

    /// The file of a frame.
    pub fn path(&self, frame: i64) -> PathBuf {
        match &self.number {
            Some(n) => self.folder.join(format!("{}{}{}", self.before, digits(frame, n.width), n.after)),
            None => PathBuf::from(&self.text),
        }
    }

    /// The frame that a file's name says, if it is a name of this pattern.
    fn frame_of(&self, name: &str) -> Option<i64> {
        let number = self.number.as_ref()?;
        let text = name.strip_prefix(&self.before)?.strip_suffix(&number.after)?;
        let frame: i64 = text.parse().ok()?;
        (digits(frame, number.width) == text).then_some(frame)
    }

    /// The frames there are files for, ascending. A plain file has none.
    pub fn frames(&self) -> Result<Vec<i64>, IoError> {
        if !self.is_numbered() {
            return Ok(Vec::new());
        }
        let folder = if self.folder.as_os_str().is_empty() { Path::new(".") } else { &self.folder };
        let entries = std::fs::read_dir(folder).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => IoError::new(Path::new(&self.text), "there is no such folder"),
            _ => IoError::system(folder, &e),
        })?;
        let mut frames: Vec<i64> =
            entries.flatten().filter_map(|e| self.frame_of(e.file_name().to_str()?)).collect();
        frames.sort_unstable();
        Ok(frames)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A number as `printf` pads it: the sign counts.
fn digits(frame: i64, width: usize) -> String {
    format!("{frame:0width$}")
}

/// The last run of `#`: its start, end and length.
fn find_hashes(name: &str) -> Option<(usize, usize, usize)> {
    let end = name.rfind('#')? + 1;
    let start = name[..end].trim_end_matches('#').len();
    Some((start, end, end - start))
}

/// The last `%d`, `%4d` or `%04d`: its start, end and number of digits.
fn find_percent(name: &str) -> Option<(usize, usize, usize)> {
    name.match_indices('%').rev().find_map(|(start, _)| {
        let rest = &name[start + 1..];
        let count = rest.bytes().take_while(u8::is_ascii_digit).count();
        let width = if count == 0 { 1 } else { rest[..count].parse().ok()? };
        (rest[count..].starts_with('d') && width <= 18).then_some((start, start + count + 2, width))
    })
}

/// Frames as people write them: `1-5, 8, 10-12`.
pub fn describe_frames(frames: &[i64]) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &frame in frames {
        match runs.last_mut() {
            Some(run) if run.1.checked_add(1) == Some(frame) => run.1 = frame,
            _ => runs.push((frame, frame)),
        }
    }
    let shown = runs.iter().take(12).map(|&(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") });
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if runs.len() > 12 {
        text.push_str(", ...");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_name_files() {
        let name = |pattern: &str, frame| Pattern::new(pattern).path(frame).to_str().unwrap().to_owned();
        assert_eq!(name("a/b.%04d.png", 7), "a/b.0007.png");
        assert_eq!(name("a/b.%4d.png", 12345), "a/b.12345.png");
        assert_eq!(name("b%d.png", 7), "b7.png");
        assert_eq!(name("b.####.exr", 12), "b.0012.exr");
        assert_eq!(name("b.#.exr", 12), "b.12.exr");
        assert_eq!(name("b.%04d.exr", -12), "b.-012.exr");
        assert_eq!(name("shot_#1.%03d.exr", 5), "shot_#1.005.exr");
        assert_eq!(name("a#/still.png", 5), "a#/still.png");
        assert_eq!(name("100%.png", 5), "100%.png");
        assert!(!Pattern::new("still.png").is_numbered());
    }

    #[test]
    fn frames_are_the_files_of_the_pattern() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.0001.png", "a.0003.png", "a.0002.png", "a.12.png", "a.12345.png", "a.0004.exr", "b"] {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let frames = |pattern: &str| {
            Pattern::new(folder.path().join(pattern).to_str().unwrap()).frames().map_err(|e| e.what)
        };
        assert_eq!(frames("a.####.png"), Ok(vec![1, 2, 3, 12345]));
        assert_eq!(frames("a.%d.png"), Ok(vec![12, 12345]));
        assert_eq!(frames("b"), Ok(vec![]));
        assert_eq!(frames("no/a.%d.png"), Err("there is no such folder".to_owned()));
    }

    #[test]
    fn runs_of_frames_are_short() {
        assert_eq!(describe_frames(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(describe_frames(&[]), "");
        let many: Vec<i64> = (0..100).map(|i| i * 2).collect();
        assert!(describe_frames(&many).ends_with("22, ..."));
    }
}
