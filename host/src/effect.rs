//! An effect, loaded and described.

use crate::context::Context;
use crate::description::{ContextInfo, EffectInfo};
use crate::error::{Error, Result};
use crate::node::Node;

/// An effect of a bundle in a host. Clones are the same effect.
#[derive(Clone)]
pub struct Effect {
    info: EffectInfo,
}

impl Effect {
    /// The identifier.
    pub fn id(&self) -> &str {
        &self.info.id
    }

    /// What the descriptor says.
    pub fn info(&self) -> &EffectInfo {
        &self.info
    }

    /// The contexts that both the effect and the host have.
    pub fn contexts(&self) -> Vec<Context> {
        Vec::new()
    }

    /// The params and clips of a context.
    pub fn describe_in_context(&self, context: Context) -> Result<ContextInfo> {
        Err(self.not(context))
    }

    /// A node of this effect.
    pub fn create(&self, context: Context) -> Result<Node> {
        Err(self.not(context))
    }

    fn not(&self, context: Context) -> Error {
        Error::Context {
            effect: self.info.id.clone(),
            context: context.to_string(),
            reason: "the host is not finished".into(),
        }
    }
}
