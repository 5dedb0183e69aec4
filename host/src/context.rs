//! The contexts in which an effect can be used.

use std::ffi::CStr;
use std::fmt;
use std::str::FromStr;

/// A way to use an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// One input, one output.
    Filter,
    /// Anything.
    General,
    /// No mandatory input.
    Generator,
    /// From one clip to another.
    Transition,
    /// An input and a brush mask.
    Paint,
    /// Time is remapped.
    Retimer,
}

impl Context {
    /// All of them.
    pub const ALL: [Context; 6] = [
        Context::Filter,
        Context::General,
        Context::Generator,
        Context::Transition,
        Context::Paint,
        Context::Retimer,
    ];

    /// The OpenFX name.
    pub fn ofx_name(self) -> &'static CStr {
        match self {
            Context::Filter => ofx_sys::kOfxImageEffectContextFilter,
            Context::General => ofx_sys::kOfxImageEffectContextGeneral,
            Context::Generator => ofx_sys::kOfxImageEffectContextGenerator,
            Context::Transition => ofx_sys::kOfxImageEffectContextTransition,
            Context::Paint => ofx_sys::kOfxImageEffectContextPaint,
            Context::Retimer => ofx_sys::kOfxImageEffectContextRetimer,
        }
    }

    /// The context of an OpenFX name.
    pub fn from_ofx_name(name: &CStr) -> Option<Context> {
        Context::ALL.into_iter().find(|c| c.ofx_name() == name)
    }

    /// Clips that this context has by definition, with whether they are optional.
    pub(crate) fn mandated_clips(self) -> &'static [&'static CStr] {
        match self {
            Context::Filter | Context::Retimer => &[c"Source", c"Output"],
            Context::General | Context::Generator => &[c"Output"],
            Context::Transition => &[c"SourceFrom", c"SourceTo", c"Output"],
            Context::Paint => &[c"Source", c"Brush", c"Output"],
        }
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Context::Filter => "filter",
            Context::General => "general",
            Context::Generator => "generator",
            Context::Transition => "transition",
            Context::Paint => "paint",
            Context::Retimer => "retimer",
        })
    }
}

impl FromStr for Context {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Context::ALL
            .into_iter()
            .find(|c| c.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("no context named {text}"))
    }
}
