//! Why the tool stops, as one sentence, and the exit code for it.

use host::io::IoError;
use host::{Error, SourceError};

/// Why the tool stops.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// Something asked for is wrong: exit code 2.
    #[error("{0}")]
    Input(String),
    /// Something failed while working: exit code 1.
    #[error("{0}")]
    Work(String),
}

impl Failure {
    /// Bad input.
    pub(crate) fn input(what: impl Into<String>) -> Self {
        Failure::Input(what.into())
    }

    /// A failure while working.
    pub(crate) fn work(what: impl Into<String>) -> Self {
        Failure::Work(what.into())
    }

    /// A file that was to be read.
    pub(crate) fn reading(error: &IoError) -> Self {
        Failure::Input(error.to_string())
    }

    /// A file that was to be written.
    pub(crate) fn writing(error: &IoError) -> Self {
        Failure::Work(error.to_string())
    }

    /// The same, where what was asked for is known to be the reason.
    pub(crate) fn into_input(self) -> Self {
        match self {
            Failure::Input(text) | Failure::Work(text) => Failure::Input(text),
        }
    }

    /// What the process answers with.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Work(_) => 1,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let text = match &error {
            // What the plug-in has told the artist says it all.
            Error::Action { message: Some(message), .. } => message.clone(),
            error => error.to_string(),
        };
        match error {
            Error::Load { .. }
            | Error::NotOfx { .. }
            | Error::UnknownEffect { .. }
            | Error::UnknownProfile(_)
            | Error::Context { .. }
            | Error::UnknownParam { .. }
            | Error::UnknownClip { .. }
            | Error::Value { .. }
            | Error::NotConnected { .. }
            | Error::Unsupported { .. }
            | Error::Source { source: SourceError::Missing(_), .. }
            | Error::State(_) => Failure::Input(text),
            _ => Failure::Work(text),
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        Failure::Input(error.to_string())
    }
}
