//! `splitline vectorise`: mattes of a shot become animated shapes.

use clap::Args;
use host::{Context, Depth, FrameSource};
use serde_json::{Value, json};

use crate::args::{Hosting, positive};
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::outputs::{self, Outputs};
use crate::session::{Outcome, Session, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct Vectorise {
    /// The mattes, such as matte.####.png
    #[arg(value_name = "MATTES")]
    mattes: String,
    /// Frames to read, A-B [default: all]
    #[arg(long, value_name = "A-B", allow_hyphen_values = true)]
    frames: Option<Frames>,
    /// Where in the pictures the matte is: auto, alpha, red, green, blue, "any colour" for whatever is not black, or "each colour" for shapes of
    /// each object of masks that have a colour for each
    #[arg(long, value_name = "WHERE", default_value = "auto")]
    channel: String,
    /// Only the object with this number, of masks that have a colour (a palette's index) for each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..=64), conflicts_with = "channel")]
    object: Option<i32>,
    /// How far shapes may be from the mattes' edges, in pixels
    #[arg(long, value_name = "PX", value_parser = positive, default_value_t = 1.0, conflicts_with = "points")]
    tolerance: f64,
    /// Points of each shape [default: as few as the tolerance allows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(4..=400))]
    points: Option<i32>,
    #[command(flatten)]
    outputs: Outputs,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(tool: &Tool, options: &Vectorise) -> Result<(), Failure> {
    with_host(tool, &options.hosting.profile, |session| vectorise(session, options))
}

fn vectorise(session: &Session, options: &Vectorise) -> Result<Outcome, Failure> {
    let mattes = node::open("Source", &options.mattes)?;
    let frames = Frames::or_all(options.frames.as_ref(), &mattes);
    let Some(range) = frames.as_range() else {
        return Err(Failure::input(
            "parts are followed from frame to frame: give --frames as one range, A-B",
        ));
    };
    frames.must_be_in(&mattes)?;
    let patterns = options.outputs.check(&frames, &[options.mattes.as_str()])?;
    let effect = session.effect("MatteToRoto")?;
    let context = node::best_context(&effect, &[Context::General, Context::Filter])?;
    let mut node = effect.create(context)?;
    let depth = mattes.format().depth;
    node::connect(session, &mut node, "Source", mattes, Some(Depth::Float))?;
    node.set_time(range.0 as f64);
    outputs::set_range(&mut node, range)?;
    let channel = options.object.map_or(options.channel.as_str(), |_| "each colour");
    node::choose(&mut node, "channel", channel)?;
    node.set("object", options.object.unwrap_or(0))?;
    node.set("tolerance", options.tolerance)?;
    node.set("points", options.points.unwrap_or(0))?;
    let status = outputs::press(&mut node, "vectorise", "status")?;
    let made = outputs::document(&node)?;
    options.outputs.write(session, (&mut node, &made), (&frames, &patterns), &options.hosting, depth)?;

    let mut lines = vec![status.clone()];
    lines.extend(options.outputs.lines(&frames, &made));
    let mut answer = options.outputs.json(&frames, &made);
    answer.insert("status".to_owned(), json!(status));
    Ok(Outcome::done(lines.join("\n"), Value::Object(answer)))
}
