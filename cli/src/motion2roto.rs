//! `splitline motion2roto`: a document with splines on few frames becomes one with splines on every frame.

use std::path::PathBuf;

use clap::Args;
use host::{Context, Depth, Node};
use serde_json::{Value, json};
use shapes::Document;

use crate::args::{Hosting, Quality, assignment, not_negative};
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::outputs::{self, Outputs};
use crate::session::{Outcome, Session, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct Motion2roto {
    /// The shot's pictures
    #[arg(long, value_name = "FILES")]
    plate: String,
    /// The document with the keyed splines
    #[arg(long, value_name = "FILE")]
    shapes: PathBuf,
    /// Frames to solve, A-B [default: all of the plate]
    #[arg(long, value_name = "A-B", allow_hyphen_values = true)]
    frames: Option<Frames>,
    /// Pictures of motion vectors, instead of the built-in flow
    #[arg(long, value_name = "FILES")]
    motion: Option<String>,
    /// How the vectors are written: nuke, blender, centred or pixels
    #[arg(long, value_name = "NAME", requires = "motion")]
    motion_convention: Option<String>,
    #[command(flatten)]
    outputs: Outputs,
    /// Keep as few keys as stay within this distance, in pixels; 0 keeps one on every frame
    #[arg(long, value_name = "PX", value_parser = not_negative)]
    tolerance: Option<f64>,
    /// How the kept keys interpolate: linear, or smooth, which often needs fewer of them
    #[arg(long, value_name = "HOW", requires = "tolerance")]
    interpolation: Option<String>,
    /// How hard the built-in flow tries
    #[arg(long, value_enum)]
    quality: Option<Quality>,
    /// Another parameter's value, or a key of it; may be given again
    #[arg(long = "param", value_name = "NAME[@FRAME]=VALUE", value_parser = assignment)]
    params: Vec<String>,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(tool: &Tool, options: &Motion2roto) -> Result<(), Failure> {
    with_host(tool, &options.hosting.profile, |session| solve(session, options))
}

fn solve(session: &Session, options: &Motion2roto) -> Result<Outcome, Failure> {
    let document = outputs::load(&options.shapes)?;
    if document.shapes.is_empty() {
        return Err(Failure::input(format!("{} has no shapes to carry", options.shapes.display())));
    }
    let plate = node::open("Source", &options.plate)?;
    let frames = Frames::or_all(options.frames.as_ref(), &plate);
    let Some((first, last)) = frames.as_range() else {
        return Err(Failure::input(
            "motion is followed from frame to frame: give --frames as one range, A-B",
        ));
    };
    frames.must_be_in(&plate)?;
    let mut used = vec![options.plate.as_str()];
    used.extend(options.motion.as_deref());
    let patterns = options.outputs.check(&frames, &used)?;

    let effect = session.effect("Motion2Roto")?;
    let context = node::best_context(&effect, &[Context::General, Context::Filter])?;
    let mut node = effect.create(context)?;
    let plate_depth = host::FrameSource::format(&*plate).depth;
    // Hosts render in the depth of the input, and a matte has more steps than a plate of 8 bits.
    node::connect(session, &mut node, "Source", plate, Some(Depth::Float))?;
    if let Some(pattern) = &options.motion {
        node::connect(session, &mut node, "Motion", node::open("Motion", pattern)?, None)?;
        node::choose(&mut node, "motionSource", "Motion clip")?;
    }
    node.set_time(first as f64);
    set_params(&mut node, &document, options, (first, last), plate_depth)?;
    let status = outputs::press(&mut node, "solve", "status")?;
    let written = (&frames, &patterns);
    let solved = outputs::document(&node)?;
    options.outputs.write(session, (&mut node, &solved), written, &options.hosting, plate_depth)?;

    let mut lines = Vec::new();
    lines.extend((!status.is_empty()).then(|| status.clone()));
    lines.extend(options.outputs.lines(&frames, &solved));
    let mut answer = options.outputs.json(&frames, &solved);
    answer.insert("effect".to_owned(), json!(effect.id()));
    answer.insert("context".to_owned(), json!(context.to_string()));
    answer.insert("status".to_owned(), json!(status));
    Ok(Outcome::done(lines.join("\n"), Value::Object(answer)))
}

fn set_params(
    node: &mut Node,
    document: &Document,
    options: &Motion2roto,
    range: (i64, i64),
    plate_depth: Depth,
) -> Result<(), Failure> {
    let text = document.to_json().map_err(|e| Failure::input(e.to_string()))?;
    node.set("shapes", text)?;
    outputs::set_range(node, range)?;
    node::tell_encoding(node, plate_depth)?;
    if let Some(convention) = &options.motion_convention {
        node::choose(node, "convention", convention)?;
    }
    if let Some(quality) = options.quality {
        node::choose(node, "quality", quality.word())?;
    }
    if let Some(tolerance) = options.tolerance {
        node.set("tolerance", tolerance)?;
    }
    if let Some(interpolation) = &options.interpolation {
        node::choose(node, "interpolation", interpolation)?;
    }
    for assignment in &options.params {
        node.assign(assignment)?;
    }
    Ok(())
}
