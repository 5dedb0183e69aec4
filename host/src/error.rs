//! Why the host cannot go on, each as one sentence for a person.

use std::path::PathBuf;

use crate::source::SourceError;
use crate::status::Status;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The binary could not be found or opened.
    #[error("cannot load {}: {reason}", path.display())]
    Load {
        /// The bundle or binary asked for.
        path: PathBuf,
        /// What the system or the layout said.
        reason: String,
    },
    /// The binary loads and is no OpenFX plug-in.
    #[error("{} is not an OpenFX binary: {reason}", path.display())]
    NotOfx {
        /// The binary.
        path: PathBuf,
        /// Which export is missing or gives nonsense.
        reason: String,
    },
    /// The bundle has no such effect.
    #[error("no effect named {id}; the bundle has {known}")]
    UnknownEffect {
        /// The identifier asked for.
        id: String,
        /// Those there are, separated by commas.
        known: String,
    },
    /// There is no such profile.
    #[error("no profile named {0}; there are full, nuke, resolve, natron, mlt and minimal")]
    UnknownProfile(String),
    /// The effect or the host does not know this context.
    #[error("{effect} cannot be used as {context}: {reason}")]
    Context {
        /// The effect's identifier.
        effect: String,
        /// The context asked for.
        context: String,
        /// Which side lacks it.
        reason: String,
    },
    /// The effect has no such param.
    #[error("{effect} has no parameter named {name}; it has {known}")]
    UnknownParam {
        /// The effect's identifier.
        effect: String,
        /// The name asked for.
        name: String,
        /// Those there are, separated by commas.
        known: String,
    },
    /// The effect has no such clip.
    #[error("{effect} has no input named {name}; it has {known}")]
    UnknownClip {
        /// The effect's identifier.
        effect: String,
        /// The name asked for.
        name: String,
        /// Those there are, separated by commas.
        known: String,
    },
    /// A value that the param cannot take.
    #[error("{param} cannot be set to \"{value}\": {expected}")]
    Value {
        /// The param.
        param: String,
        /// What was given.
        value: String,
        /// What it takes.
        expected: String,
    },
    /// A mandatory input has no source.
    #[error("the input {clip} of {effect} is not connected")]
    NotConnected {
        /// The effect's identifier.
        effect: String,
        /// The clip.
        clip: String,
    },
    /// The plug-in failed an action.
    #[error("{effect} failed {action} with {status}{}", said(message))]
    Action {
        /// The effect's identifier.
        effect: String,
        /// The action's OpenFX name.
        action: String,
        /// What it returned.
        status: Status,
        /// The last message that the plug-in gave the artist in this action.
        message: Option<String>,
    },
    /// The host in question has no such thing.
    #[error("the {profile} profile has no {what}")]
    Unsupported {
        /// What was asked for.
        what: String,
        /// The profile's name.
        profile: String,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
    /// A frame could not be had.
    #[error("{clip}: {source}")]
    Source {
        /// The clip.
        clip: String,
        /// What the source said.
        source: SourceError,
    },
    /// A saved state that cannot be read.
    #[error("cannot restore the state: {0}")]
    State(String),
}

fn said(message: &Option<String>) -> String {
    message.as_ref().map(|m| format!(": {m}")).unwrap_or_default()
}

/// What this crate's functions give.
pub type Result<T> = std::result::Result<T, Error>;
