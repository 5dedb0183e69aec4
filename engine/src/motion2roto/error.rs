//! Why a solve ends early.

use crate::flow::FlowError;

/// Why a solve, or a source of motion, cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// There is no picture or motion at this frame. A solve takes it as the end of the shot on that side.
    #[error("there is no picture at frame {0}")]
    NoFrame(i32),
    /// A picture exists but cannot be had; the text is for the artist.
    #[error("frame {frame}: {reason}")]
    Frame {
        /// The frame asked for.
        frame: i32,
        /// What went wrong.
        reason: String,
    },
    /// The flow between two frames failed.
    #[error("motion from frame {from} to {to}: {source}")]
    Flow {
        /// First frame.
        from: i32,
        /// Second frame.
        to: i32,
        /// What the flow says.
        source: FlowError,
    },
    /// The first frame of the range comes after the last one.
    #[error("the range {first} to {last} is empty")]
    EmptyRange {
        /// First frame.
        first: i32,
        /// Last frame.
        last: i32,
    },
    /// The caller stopped it.
    #[error("cancelled")]
    Cancelled,
}
