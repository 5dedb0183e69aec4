//! `splitline motion2roto`: a document with splines on few frames becomes one with splines on every frame.

use std::path::{Path, PathBuf};

use clap::Args;
use host::io::Pattern;
use host::{Components, Context, Depth, Effect, MessageKind, Node};
use serde_json::json;
use shapes::Document;

use crate::args::{Hosting, Quality, assignment, not_negative};
use crate::console::counted;
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
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
    /// Where the document with splines on every frame goes
    #[arg(long, value_name = "FILE")]
    out_shapes: PathBuf,
    /// Where mattes go: grey PNG of 16 bits, or EXR
    #[arg(long, value_name = "FILES")]
    out_mattes: Option<String>,
    /// Where pictures of the splines over the plate go
    #[arg(long, value_name = "FILES")]
    overlay: Option<String>,
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
    let document = Document::load(&options.shapes).map_err(|e| in_file(&options.shapes, &e))?;
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
    let mattes = options.out_mattes.as_deref().map(|p| node::output(p, &frames, &used)).transpose()?;
    used.extend(options.out_mattes.as_deref());
    let overlay = options.overlay.as_deref().map(|p| node::output(p, &frames, &used)).transpose()?;
    make_folder(&options.out_shapes)?;

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
    node.press("solve")?;
    if let Some(message) = node.persistent_message()
        && matches!(message.kind, MessageKind::Error | MessageKind::Fatal)
    {
        return Err(Failure::work(message.text));
    }
    let status = node.get("status").ok().and_then(|v| v.as_text().map(str::to_owned)).unwrap_or_default();
    let solved = solved_document(&node)?;
    solved.save(&options.out_shapes).map_err(|e| Failure::work(e.to_string()))?;

    if let Some(out) = &mattes {
        write_mattes(session, options, &mut node, &frames, out)?;
    }
    if let Some(out) = &overlay {
        node::choose(&mut node, "output", "Overlay")?;
        let rendering = rendering("drawing overlays", &frames, options);
        node::render(&node, session.console, rendering, |frame, picture| {
            node::write(out, frame, &picture.convert(Components::Rgb, plate_depth))
        })?;
    }
    Ok(report(options, &effect, context, &frames, &solved, &status))
}

fn report(
    options: &Motion2roto,
    effect: &Effect,
    context: Context,
    frames: &Frames,
    solved: &Document,
    status: &str,
) -> Outcome {
    let keys: usize = solved.shapes.iter().map(|s| s.keys.len()).sum();
    let mut lines = Vec::new();
    lines.extend((!status.is_empty()).then(|| status.to_owned()));
    lines.push(format!(
        "{} with {} written to {}",
        counted(solved.shapes.len(), "shape"),
        counted(keys, "key"),
        options.out_shapes.display()
    ));
    for (what, out) in [("matte", &options.out_mattes), ("overlay", &options.overlay)] {
        lines.extend(out.as_ref().map(|out| format!("{} written to {out}", counted(frames.count(), what))));
    }
    let shapes: Vec<_> =
        solved.shapes.iter().map(|s| json!({ "name": s.name, "keys": s.keys.len() })).collect();
    Outcome::done(
        lines.join("\n"),
        json!({
            "effect": effect.id(),
            "context": context.to_string(),
            "frames": frames.iter().collect::<Vec<_>>(),
            "status": status,
            "shapes": shapes,
            "out_shapes": options.out_shapes,
            "out_mattes": options.out_mattes,
            "overlay": options.overlay,
        }),
    )
}

fn set_params(
    node: &mut Node,
    document: &Document,
    options: &Motion2roto,
    (first, last): (i64, i64),
    plate_depth: Depth,
) -> Result<(), Failure> {
    let text = document.to_json().map_err(|e| Failure::input(e.to_string()))?;
    node.set("shapes", text)?;
    node.set("useClipRange", false)?;
    for (name, frame) in [("firstFrame", first), ("lastFrame", last)] {
        let frame = i32::try_from(frame)
            .map_err(|_| Failure::input(format!("frame {frame} is not a number a host can have")))?;
        node.set(name, frame)?;
    }
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

/// The document that Solve left in the node.
fn solved_document(node: &Node) -> Result<Document, Failure> {
    let value = node.get("shapes")?;
    let text = value.as_text().unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Failure::work("the effect solved nothing: its shapes are empty"));
    }
    Document::from_json(text).map_err(|e| Failure::work(format!("the effect's answer cannot be read: {e}")))
}

/// Makes the folder of a file, before any work is done.
fn make_folder(file: &Path) -> Result<(), Failure> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|e| Failure::input(format!("the folder {} cannot be made: {e}", folder.display()))),
        _ => Ok(()),
    }
}

fn write_mattes(
    session: &Session,
    options: &Motion2roto,
    node: &mut Node,
    frames: &Frames,
    out: &Pattern,
) -> Result<(), Failure> {
    node::choose(node, "output", "Matte in alpha")?;
    let rendering = rendering("rendering mattes", frames, options);
    node::render(node, session.console, rendering, |frame, picture| {
        // PNG stores a float as 16 bits.
        node::write(out, frame, &picture.convert(Components::Alpha, Depth::Float))
    })
}

fn rendering<'a>(label: &'a str, frames: &'a Frames, options: &Motion2roto) -> node::Rendering<'a> {
    node::Rendering { label, frames, threads: options.hosting.threads(), scale: 1.0 }
}

fn in_file(file: &Path, error: &shapes::DocumentError) -> Failure {
    let text = error.to_string();
    let name = file.display().to_string();
    Failure::input(if text.starts_with(&name) { text } else { format!("{name}: {text}") })
}
