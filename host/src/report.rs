//! What a plug-in tells the artist: messages and progress.

use serde::Serialize;

/// How a message is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// Nothing goes on.
    Fatal,
    /// Something failed.
    Error,
    /// Something to look at.
    Warning,
    /// Something to know.
    Message,
    /// For the log only.
    Log,
    /// Yes or no; the host's answer hook decides, else yes.
    Question,
    /// A type that OpenFX does not have.
    Unknown,
}

/// Something the plug-in said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// How it is meant.
    pub kind: MessageKind,
    /// The plug-in's own id of it.
    pub id: String,
    /// The words.
    pub text: String,
    /// It stays in the node until it is cleared.
    pub persistent: bool,
    /// Identifier of the effect, empty where the host was told.
    pub effect: String,
}

/// A step of something long.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// It begins.
    Start {
        /// What it is.
        label: String,
    },
    /// This part of it is done, 0 to 1.
    Update(f64),
    /// It ended.
    End,
}
