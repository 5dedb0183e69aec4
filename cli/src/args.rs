//! The command line and its words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use host::{Context, Depth, Profile};

use crate::contact_sheet::ContactSheet;
use crate::convert::Convert;
use crate::describe::Describe;
use crate::face_roto::FaceRoto;
use crate::flow::Flow;
use crate::learn::Learn;
use crate::motion2roto::Motion2roto;
use crate::render::Render;
use crate::vectorise::Vectorise;

/// Roto, motion and repair effects on the command line: every result is made by the OpenFX bundle itself.
///
/// File patterns: shot.%04d.png, shot.####.png, or one plain file. Frames: 7, 1-50, 1-50x5, 1-10,20.
#[derive(Debug, Parser)]
#[command(name = "splitline", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Accepted before and after the subcommand.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Say only what was asked for, warnings and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The bundle [default: $SPLITLINE_BUNDLE, else the one beside the command or in ./dist]
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) bundle: Option<PathBuf>,
    /// Exit with 1 when the plug-in breaks a rule of OpenFX
    #[arg(long, global = true)]
    pub(crate) strict: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the effects of the bundle
    Plugins,
    /// Show an effect's inputs and parameters
    Describe(Describe),
    /// Render frames through an effect
    Render(Render),
    /// Carry keyed splines through a shot on its motion
    Motion2roto(Motion2roto),
    /// Learn a character's face from keyed frames of its shots
    Learn(Learn),
    /// Find a learned face on every frame of a shot
    FaceRoto(FaceRoto),
    /// Measure the motion between two pictures
    Flow(Flow),
    /// Put frames side by side in one picture
    ContactSheet(ContactSheet),
    /// Carry shapes and tracks between applications
    Convert(Convert),
    /// Make animated shapes of mattes
    Vectorise(Vectorise),
}

/// How to host an effect.
#[derive(Debug, Args)]
pub(crate) struct Hosting {
    /// The host to be
    #[arg(long, default_value = Profile::NAMES[0], value_parser = Profile::NAMES)]
    pub(crate) profile: String,
    /// Frames rendered at the same time, where the effect allows it [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
}

impl Hosting {
    /// Renders at the same time.
    pub(crate) fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(cores, usize::from)
    }
}

/// A depth that pictures are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutDepth {
    /// 8 bits
    #[value(name = "8")]
    Byte,
    /// 16 bits
    #[value(name = "16")]
    Short,
    /// 16-bit float
    Half,
    /// 32-bit float
    Float,
}

impl From<OutDepth> for Depth {
    fn from(depth: OutDepth) -> Self {
        match depth {
            OutDepth::Byte => Depth::Byte,
            OutDepth::Short => Depth::Short,
            OutDepth::Half => Depth::Half,
            OutDepth::Float => Depth::Float,
        }
    }
}

/// How hard the built-in flow tries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Quality {
    Fast,
    Balanced,
    Best,
}

impl Quality {
    /// The word for it, which the effects' choices have too.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Quality::Fast => "fast",
            Quality::Balanced => "balanced",
            Quality::Best => "best",
        }
    }
}

/// An input and its files: `Source=shot.####.png`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Input {
    pub(crate) clip: String,
    pub(crate) pattern: String,
}

impl std::str::FromStr for Input {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((clip, pattern)) if !clip.is_empty() && !pattern.is_empty() => {
                Ok(Input { clip: clip.to_owned(), pattern: pattern.to_owned() })
            }
            _ => Err("write INPUT=FILES, such as Source=shot.####.png".to_owned()),
        }
    }
}

/// Reads the name of a context.
pub(crate) fn context(text: &str) -> Result<Context, String> {
    let known = || Context::ALL.map(|c| c.to_string()).join(", ");
    text.parse().map_err(|_| format!("the contexts are {}", known()))
}

/// Lets `NAME=VALUE` and `NAME@FRAME=VALUE` through.
pub(crate) fn assignment(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some((name, _)) if !name.is_empty() => Ok(text.to_owned()),
        _ => Err("write NAME=VALUE, or NAME@FRAME=VALUE for a key".to_owned()),
    }
}

/// Reads a number above zero.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0);
    number.ok_or_else(|| "it takes a number above 0".to_owned())
}

/// Reads a number that is not below zero.
pub(crate) fn not_negative(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|v| v.is_finite() && *v >= 0.0);
    number.ok_or_else(|| "it takes a number from 0 up".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_flags_stand_before_and_after_the_subcommand() {
        for line in [["splitline", "-q", "--json", "plugins"], ["splitline", "plugins", "--json", "-q"]] {
            let arguments = Arguments::try_parse_from(line).unwrap();
            assert!(arguments.global.quiet && arguments.global.json);
        }
    }

    #[test]
    fn negative_frames_are_no_option() {
        let line = ["splitline", "render", "--effect", "x", "--frames", "-5-10", "--out", "a.#.png"];
        match Arguments::try_parse_from(line).unwrap().command {
            Command::Render(r) => assert_eq!(r.frames.unwrap().count(), 16),
            other => panic!("{other:?}"),
        }
    }
}
