//! `splitline render`: frames through an effect.

use std::path::{Path, PathBuf};

use clap::Args;
use host::io::{Format, Pattern};
use host::{Context, Depth, Effect, Node, Picture};
use serde_json::json;

use crate::args::{Hosting, Input, OutDepth, assignment, context, positive};
use crate::console::counted;
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::session::{Outcome, Session, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct Render {
    /// Identifier or short name, such as Motion2Roto
    #[arg(long, value_name = "ID")]
    effect: String,
    /// Files of an input, such as Source=shot.####.png; may be given again for others
    #[arg(long = "in", value_name = "INPUT=FILES")]
    inputs: Vec<Input>,
    /// A parameter's value, or a key of it; may be given again
    #[arg(long = "param", value_name = "NAME[@FRAME]=VALUE", value_parser = assignment)]
    params: Vec<String>,
    /// Frames to render [default: all of the first input]
    #[arg(long, value_name = "FRAMES", allow_hyphen_values = true)]
    pub(crate) frames: Option<Frames>,
    /// Files to write, .png or .exr
    #[arg(long, value_name = "FILES")]
    out: String,
    /// Depth of the files [default: as rendered, as far as the file format can]
    #[arg(long, value_enum)]
    depth: Option<OutDepth>,
    /// Render scale, such as 0.5
    #[arg(long, default_value = "1", value_parser = positive)]
    scale: f64,
    /// The plane to render, such as a shape's name with --profile natron --param shapePlanes=1 [default: the colour]
    #[arg(long, value_name = "NAME")]
    plane: Option<String>,
    /// The context [default: filter, or general where an input needs it]
    #[arg(long, value_parser = context)]
    context: Option<Context>,
    /// A button to press before rendering; may be given again
    #[arg(long = "press", value_name = "BUTTON")]
    presses: Vec<String>,
    /// A node's state to begin with
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Where to save the node's state at the end
    #[arg(long, value_name = "FILE")]
    save_state: Option<PathBuf>,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(tool: &Tool, options: &Render) -> Result<(), Failure> {
    with_host(tool, &options.hosting.profile, |session| render(session, options))
}

fn render(session: &Session, options: &Render) -> Result<Outcome, Failure> {
    let effect = session.effect(&options.effect)?;
    let context = match options.context {
        Some(context) => context,
        None => fitting_context(&effect, &options.inputs)?,
    };
    let described = effect.describe_in_context(context)?;
    let mut node = effect.create(context)?;
    let mut frames = options.frames.clone();
    for input in &options.inputs {
        let sequence = node::open(&input.clip, &input.pattern)?;
        let wanted = Frames::or_all(frames.as_ref(), &sequence);
        let optional = described.clips.iter().any(|c| c.name == input.clip && c.optional);
        if !optional {
            wanted.must_be_in(&sequence)?;
        }
        frames = Some(wanted);
        node::connect(session, &mut node, &input.clip, sequence, None)?;
    }
    let Some(frames) = frames else {
        return Err(Failure::input("there is no input to take the frames from: give --frames"));
    };
    let used: Vec<&str> = options.inputs.iter().map(|i| i.pattern.as_str()).collect();
    let out = node::output(&options.out, &frames, &used)?;
    let depth = out_depth(options.depth, &out)?;
    if let Some(file) = &options.state {
        let state = load_state(file)?;
        node.restore_state(&state).map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
    }
    if let Some(first) = frames.iter().next() {
        node.set_time(first as f64);
    }
    for assignment in &options.params {
        node.assign(assignment)?;
    }
    for button in &options.presses {
        node.press(button)?;
    }
    let rendering = node::Rendering {
        label: "rendering",
        frames: &frames,
        threads: options.hosting.threads(),
        scale: options.scale,
        plane: options.plane.as_deref(),
    };
    let mut files = Vec::new();
    node::render(&node, session.console, rendering, |frame, picture| {
        node::write(&out, frame, &in_depth(picture, depth))?;
        files.push(out.path(frame));
        Ok(())
    })?;
    if let Some(file) = &options.save_state {
        save_state(&node, file)?;
    }
    let text = format!("{} written to {out}", counted(files.len(), "frame"));
    Ok(Outcome::done(
        text,
        json!({ "effect": effect.id(), "context": context.to_string(), "files": files, "frames": frames.iter().collect::<Vec<_>>() }),
    ))
}

/// Filter, unless an input is there in general only.
fn fitting_context(effect: &Effect, inputs: &[Input]) -> Result<Context, Failure> {
    let wanted = [Context::Filter, Context::General, Context::Generator, Context::Transition];
    for context in wanted.into_iter().filter(|c| effect.contexts().contains(c)) {
        let clips = effect.describe_in_context(context)?.clips;
        if inputs.iter().all(|i| clips.iter().any(|c| c.name == i.clip)) {
            return Ok(context);
        }
    }
    node::best_context(effect, &[Context::General, Context::Filter])
}

fn out_depth(asked: Option<OutDepth>, out: &Pattern) -> Result<Option<Depth>, Failure> {
    let Some(depth) = asked.map(Depth::from) else { return Ok(None) };
    let format = Format::of(&out.path(0)).map_err(|e| Failure::reading(&e))?;
    if format.depth_for(depth) != depth {
        let can = match format {
            Format::Png => "8 or 16",
            Format::Exr => "half or float",
        };
        return Err(Failure::input(format!("{out} cannot have that --depth: it can have {can}")));
    }
    Ok(Some(depth))
}

fn in_depth(picture: Picture, depth: Option<Depth>) -> Picture {
    match depth {
        Some(depth) => picture.convert(picture.components(), depth),
        None => picture,
    }
}

fn load_state(file: &Path) -> Result<serde_json::Value, Failure> {
    let text =
        std::fs::read_to_string(file).map_err(|e| Failure::input(format!("{}: {e}", file.display())))?;
    serde_json::from_str(&text)
        .map_err(|e| Failure::input(format!("{} is not a saved state: {e}", file.display())))
}

fn save_state(node: &Node, file: &Path) -> Result<(), Failure> {
    let mut text = node.save_state()?.to_string();
    text.push('\n');
    host::io::write_bytes(file, text.as_bytes()).map_err(|e| Failure::writing(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_those_of_the_format() {
        let depth = |asked, out: &str| out_depth(Some(asked), &Pattern::new(out));
        assert_eq!(depth(OutDepth::Short, "a.%04d.png"), Ok(Some(Depth::Short)));
        assert_eq!(depth(OutDepth::Float, "a.####.exr"), Ok(Some(Depth::Float)));
        assert!(depth(OutDepth::Half, "a.png").is_err());
        assert!(depth(OutDepth::Byte, "a.exr").is_err());
    }
}
