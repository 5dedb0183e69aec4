//! `splitline face-roto`: a learned face, or keys on a few frames, become landmarks and shapes on every frame of a shot.

use std::path::PathBuf;

use clap::Args;
use host::{Context, Depth, FrameSource, Node};
use serde_json::{Value, json};
use shapes::reduce::exported;

use crate::args::{Hosting, assignment, not_negative};
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::outputs::{self, Outputs};
use crate::session::{Outcome, Session, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct FaceRoto {
    /// The shot's pictures
    #[arg(long, value_name = "FILES")]
    plate: String,
    /// Frames to analyse, A-B [default: all of the plate]
    #[arg(long, value_name = "A-B", allow_hyphen_values = true)]
    frames: Option<Frames>,
    /// The learned face
    #[arg(long, value_name = "FILE", required_unless_present = "keys")]
    face: Option<PathBuf>,
    /// A document with what is keyed on this shot: learned on the way, and kept exactly
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// Where the head is on the first frame, in pixels from the top left: X0,Y0,X1,Y1; or, given again for each of several frames,
    /// a box that moves from one to the next: X0,Y0,X1,Y1@FRAME [default: looked for]
    #[arg(long = "region", value_name = "BOX", value_parser = Region::read, allow_hyphen_values = true)]
    regions: Vec<Region>,
    /// A landmark network of the character (ONNX), to find the head where it has to be looked for
    #[arg(long, value_name = "FILE")]
    detector: Option<PathBuf>,
    /// How much landmarks are smoothed over time, from 0 to 1
    #[arg(long, value_name = "PART", value_parser = part)]
    smoothing: Option<f64>,
    /// How far outlines may be taken to borders in the picture, in pixels; 0 leaves them where the face has them [default: 5]
    #[arg(long, value_name = "PX", value_parser = not_negative)]
    snap: Option<f64>,
    #[command(flatten)]
    outputs: Outputs,
    /// Keep as few keys of shapes as stay within this distance, in pixels; 0 keeps one on every frame
    #[arg(long, value_name = "PX", value_parser = not_negative, default_value_t = 0.0)]
    tolerance: f64,
    /// Another parameter's value, or a key of it; may be given again
    #[arg(long = "param", value_name = "NAME[@FRAME]=VALUE", value_parser = assignment)]
    params: Vec<String>,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(tool: &Tool, options: &FaceRoto) -> Result<(), Failure> {
    with_host(tool, &options.hosting.profile, |session| analyse(session, options))
}

fn analyse(session: &Session, options: &FaceRoto) -> Result<Outcome, Failure> {
    if let Some(face) = options.face.as_ref().filter(|f| !f.is_file()) {
        return Err(Failure::input(format!("{}: there is no such face file", face.display())));
    }
    if let Some(detector) = options.detector.as_ref().filter(|f| !f.is_file()) {
        return Err(Failure::input(format!("{}: there is no such network", detector.display())));
    }
    let plate = node::open("Source", &options.plate)?;
    let frames = Frames::or_all(options.frames.as_ref(), &plate);
    let Some(range) = frames.as_range() else {
        return Err(Failure::input(
            "a face is followed from frame to frame: give --frames as one range, A-B",
        ));
    };
    frames.must_be_in(&plate)?;
    let patterns = options.outputs.check(&frames, &[options.plate.as_str()])?;

    let effect = session.effect("FaceRoto")?;
    let context = node::best_context(&effect, &[Context::General, Context::Filter])?;
    let mut node = effect.create(context)?;
    let format = plate.format();
    // Hosts render in the depth of the input, and a matte has more steps than a plate of 8 bits.
    node::connect(session, &mut node, "Source", plate, Some(Depth::Float))?;
    node.set_time(range.0 as f64);
    outputs::set_range(&mut node, range)?;
    node::tell_encoding(&mut node, format.depth)?;
    set_params(&mut node, options)?;
    let status = outputs::press(&mut node, "analyse", "status")?;
    let (timing, to_do) = (outputs::text(&node, "timing"), outputs::text(&node, "toDo"));
    let written = (&frames, &patterns);
    let found = exported(&outputs::document(&node)?, options.tolerance);
    options.outputs.write(session, (&mut node, &found), written, &options.hosting, format.depth)?;

    let mut lines = vec![status.clone()];
    lines.extend((!timing.is_empty()).then(|| format!("shot {timing}")));
    lines.extend(to_do.lines().map(str::to_owned));
    lines.extend(options.outputs.lines(&frames, &found));
    let landmarks: Vec<_> =
        found.tracks.iter().map(|t| json!({ "name": t.name, "keys": t.keys.len() })).collect();
    let mut answer = options.outputs.json(&frames, &found);
    for (name, value) in [
        ("effect", json!(effect.id())),
        ("context", json!(context.to_string())),
        ("status", json!(status)),
        ("timing", json!(timing)),
        ("to_do", json!(to_do.lines().collect::<Vec<_>>())),
        ("landmarks", json!(landmarks)),
    ] {
        answer.insert(name.to_owned(), value);
    }
    Ok(Outcome::done(lines.join("\n"), Value::Object(answer)))
}

fn set_params(node: &mut Node, options: &FaceRoto) -> Result<(), Failure> {
    // The document has them all.
    node.set("keyLandmarks", false)?;
    if let Some(keys) = &options.keys {
        let text = outputs::load(keys)?.to_json().map_err(|e| Failure::input(e.to_string()))?;
        node.set("shapes", text)?;
    }
    if let Some(face) = &options.face {
        node.set("faceFile", face.to_string_lossy().into_owned())
            .map_err(|e| Failure::from(e).into_input())?;
    }
    let picture_top = node.project().format.y2;
    for Region { corners: [left, top, right, bottom], frame } in &options.regions {
        node.set("useRegion", true)?;
        for (name, corner) in
            [("regionFrom", [*left, picture_top - bottom]), ("regionTo", [*right, picture_top - top])]
        {
            match frame {
                Some(frame) => node.set_at(name, *frame, corner)?,
                None => node.set(name, corner)?,
            }
        }
    }
    if let Some(detector) = &options.detector {
        node.set("detector", detector.to_string_lossy().into_owned())?;
    }
    if let Some(smoothing) = options.smoothing {
        node.set("smoothing", smoothing)?;
    }
    if let Some(snap) = options.snap {
        node.set("snap", snap)?;
    }
    for assignment in &options.params {
        node.assign(assignment)?;
    }
    Ok(())
}

/// A box with the head.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Region {
    /// Left, top, right, bottom, pixels from the top left.
    corners: [f64; 4],
    /// Of a key; none for a box that stays.
    frame: Option<f64>,
}

impl Region {
    /// Reads four numbers, left and top before right and bottom, and perhaps a frame.
    fn read(text: &str) -> Result<Self, String> {
        let (corners, frame) = match text.split_once('@') {
            Some((corners, frame)) => (corners, Some(frame.trim().parse::<f64>().unwrap_or(f64::NAN))),
            None => (text, None),
        };
        let numbers: Vec<f64> = corners.split(',').filter_map(|n| n.trim().parse().ok()).collect();
        match <[f64; 4]>::try_from(numbers) {
            Ok(b)
                if b.iter().chain(&frame).all(|v| v.is_finite()) && b[0] < b[2] && b[1] < b[3] =>
            {
                Ok(Region { corners: b, frame })
            }
            _ => Err("write LEFT,TOP,RIGHT,BOTTOM in pixels, such as 300,80,620,400, and @FRAME after it for a key"
                .to_owned()),
        }
    }
}

/// Reads a number from 0 to 1.
fn part(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|v| (0.0..=1.0).contains(v));
    number.ok_or_else(|| "it takes a number from 0 to 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_read() {
        let still = Region { corners: [1.0, 2.0, 3.5, 4.0], frame: None };
        assert_eq!(Region::read("1,2,3.5,4"), Ok(still));
        assert_eq!(Region::read("1,2,3.5,4@-7"), Ok(Region { frame: Some(-7.0), ..still }));
        for bad in ["", "1,2,3", "3,2,1,4", "1,2,nan,4", "1,2,3,4,5", "1,2,3,4@", "1,2,3,4@nan"] {
            assert!(Region::read(bad).is_err(), "{bad}");
        }
        assert!(part("0.5").is_ok() && part("2").is_err());
    }
}
