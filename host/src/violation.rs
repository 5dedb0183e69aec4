//! What a plug-in did that it must not do.

use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Works here, and will not in some host.
    Warning,
    /// Against the specification, or fatal in the host of this profile.
    Error,
}

/// What sort of rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A handle that is null, stale, foreign or of another kind.
    BadHandle,
    /// A null pointer where an answer or a name has to be.
    NullPointer,
    /// A property that this set does not have.
    UnknownProperty,
    /// A property of another type than the function called.
    PropertyType,
    /// An index or a count past a property's dimension.
    PropertyIndex,
    /// A property that only the host sets, or that is settled by now.
    ReadOnlyProperty,
    /// A call that the specification forbids in this action.
    ForbiddenCall,
    /// An image not released when its action ended.
    LeakedImage,
    /// Memory of the memory suite or image memory not freed.
    LeakedMemory,
    /// A mutex not destroyed, or destroyed while locked.
    LeakedMutex,
    /// Bytes written before, after or between the rows of an image.
    GuardBytes,
    /// Pixels of the output written outside of the render window.
    OutsideWindow,
    /// Pixels of the render window never written.
    UnwrittenPixels,
    /// A source image written to.
    SourceWritten,
    /// An image asked for outside the region of interest that the effect named.
    OutsideRegion,
    /// A frame asked for that the effect did not name as needed.
    UnneededFrame,
    /// An answer of an action that makes no sense.
    BadReply,
    /// A param, clip or description that the host cannot take.
    BadDescription,
    /// A param edit block left open.
    OpenEdit,
    /// A call from a thread on which this host crashes or hangs.
    WrongThread,
    /// A suite function that met a bug of this very host.
    HostBug,
}

/// One rule broken, with the number of times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// How bad it is under this profile.
    pub severity: Severity,
    /// Identifier of the effect, empty where no action was running.
    pub effect: String,
    /// OpenFX name of the action that was running, empty where none was.
    pub action: String,
    /// What happened, as a sentence.
    pub message: String,
    /// How often.
    pub count: usize,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}: {:?}: {}", self.rule, self.message)?;
        if !self.action.is_empty() {
            write!(f, " (in {} of {})", self.action, self.effect)?;
        }
        if self.count > 1 {
            write!(f, ", {} times", self.count)?;
        }
        Ok(())
    }
}
