//! What a conversion has to say: what was lost, and why it stopped.

use std::fmt;

use shapes::DocumentError;

/// Something of a document that a format cannot carry, or of a file that a document cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The shape or track; empty for what concerns the whole file.
    pub shape: String,
    /// Which of its properties.
    pub property: String,
    /// What becomes of it.
    pub message: String,
}

impl Warning {
    /// About one shape or track.
    pub fn new(shape: &str, property: &str, message: impl Into<String>) -> Self {
        Warning { shape: shape.to_owned(), property: property.to_owned(), message: message.into() }
    }

    /// About the whole file.
    pub fn general(property: &str, message: impl Into<String>) -> Self {
        Self::new("", property, message)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.shape.is_empty() {
            write!(f, "{}: {}", self.property, self.message)
        } else {
            write!(f, "\"{}\", {}: {}", self.shape, self.property, self.message)
        }
    }
}

/// Where in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A line, counted from 1.
    Line(usize),
    /// A byte, counted from 0.
    Byte(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Line(n) => write!(f, "line {n}"),
            Place::Byte(n) => write!(f, "byte {n}"),
        }
    }
}

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The text breaks the format's grammar, or a number of it has no meaning.
    #[error("{place}: {what}")]
    Syntax {
        /// Where.
        place: Place,
        /// What is wrong there.
        what: String,
    },
    /// The file cannot be read; or one of a folder cannot, or breaks the format.
    #[error("{0}")]
    File(String),
    /// No format that can be read has files with this ending.
    #[error("no format that can be read has this ending")]
    Unknown,
    /// The file holds nothing that this format's reader looks for.
    #[error("{0}")]
    Nothing(String),
    /// The file does not say how large the picture is, and its numbers need it.
    #[error("the file does not say how large the picture is: give the width and height")]
    SizeUnknown,
    /// More than a reader takes on.
    #[error("{0}")]
    TooMuch(String),
    /// Read, but a rule of the document is broken.
    #[error("{}", sentence(&.0.to_string()))]
    Document(#[from] DocumentError),
    /// The format is only written.
    #[error("{0} files are written, not read")]
    NotRead(&'static str),
}

impl ReadError {
    /// A fault on a line, counted from 1.
    pub(crate) fn line(line: usize, what: impl Into<String>) -> Self {
        ReadError::Syntax { place: Place::Line(line), what: sentence(&what.into()) }
    }

    /// A fault in a file of a folder.
    pub(crate) fn file(name: &str, what: impl fmt::Display) -> Self {
        ReadError::File(sentence(&format!("{name}: {what}")))
    }

    /// A fault at a byte, counted from 0.
    pub(crate) fn byte(byte: usize, what: impl Into<String>) -> Self {
        ReadError::Syntax { place: Place::Byte(byte), what: sentence(&what.into()) }
    }
}

/// One line that is not too long, as parts of a broken file may be in it: what is too much goes from the middle, as the place may be at
/// the end.
fn sentence(what: &str) -> String {
    let printable = what.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line = printable.collect::<String>();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let count = line.chars().count();
    if count <= 240 {
        return line;
    }
    let ends = |skip, take| line.chars().skip(skip).take(take).collect::<String>();
    format!("{} ... {}", ends(0, 160), ends(count - 75, 75))
}

/// Why a document cannot be written in a format.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The format's numbers need the picture's size, and nobody says it.
    #[error("the document does not say how large the picture is: give the width and height")]
    SizeUnknown,
    /// The format counts in seconds, and nobody says the rate.
    #[error("the document does not say how many frames make a second: give the rate")]
    RateUnknown,
    /// Nothing of the document can go into this format.
    #[error("{0}")]
    Nothing(String),
    /// The document itself cannot be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The format is only read.
    #[error("{0} files are read, not written")]
    NotWritten(&'static str),
}
