//! `splitline contact-sheet`: frames side by side in one picture.

use std::path::PathBuf;

use clap::Args;
use host::FrameSource;
use serde_json::json;

use crate::console::counted;
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::session::Tool;
use crate::sheet::Sheet;

#[derive(Debug, Args)]
pub(crate) struct ContactSheet {
    /// The pictures
    files: String,
    /// Frames to show [default: all]
    #[arg(long, value_name = "FRAMES", allow_hyphen_values = true)]
    frames: Option<Frames>,
    /// Pictures in a row [default: as many as rows]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    columns: Option<u16>,
    /// Width of the sheet, in pixels
    #[arg(long, value_name = "PX", default_value = "1600", value_parser = clap::value_parser!(u32).range(16..=65536))]
    width: u32,
    /// Where the sheet goes, .png or .exr
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) fn run(tool: &Tool, options: &ContactSheet) -> Result<(), Failure> {
    host::io::Format::of(&options.out).map_err(|e| Failure::reading(&e))?;
    let sequence = node::open("Source", &options.files)?;
    let frames = Frames::or_all(options.frames.as_ref(), &sequence);
    frames.must_be_in(&sequence)?;
    let count = frames.count();
    let columns = options.columns.map_or_else(|| (count as f64).sqrt().ceil() as usize, usize::from);
    let format = sequence.format();
    let aspect = format.bounds.width() as f64 * format.pixel_aspect / format.bounds.height().max(1) as f64;
    let mut sheet = Sheet::new(count, columns, options.width, aspect).ok_or_else(|| {
        Failure::input(format!(
            "{count} frames in {columns} columns do not fit a sheet {} pixels wide: change --columns or --width",
            options.width
        ))
    })?;
    tool.console.bar("contact sheet", count as u64);
    for (done, frame) in (1..).zip(frames.iter()) {
        sheet.add(frame, &*sequence.picture(frame as f64)?);
        tool.console.step_to(done);
    }
    tool.console.end_bar();
    host::io::write(&options.out, &sheet.into_picture()).map_err(|e| Failure::writing(&e))?;
    if tool.console.json() {
        tool.console
            .result(&json!({ "out": options.out, "frames": frames.iter().collect::<Vec<_>>() }).to_string());
    } else {
        tool.console.done(&format!("{} written to {}", counted(count, "frame"), options.out.display()));
    }
    Ok(())
}
