//! `splitline convert`: shapes and tracks from one application's file to another's. No bundle is needed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use interchange::file::{self, Opened};
use interchange::{FORMATS, Format, ReadError, Settings};
use serde_json::json;
use shapes::reduce::{DEFAULT_TOLERANCE_PX, exported};

use crate::args::{not_negative, positive};
use crate::console::counted;
use crate::failure::Failure;
use crate::outputs;
use crate::session::Tool;

#[derive(Debug, Args)]
pub(crate) struct Convert {
    /// The file to read, or the folder
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The file to write
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Format of IN [default: by its ending]
    #[arg(long, value_name = "FORMAT", value_parser = readable())]
    from: Option<String>,
    /// Format of OUT [default: by its ending]
    #[arg(long, value_name = "FORMAT", value_parser = writable())]
    to: Option<String>,
    /// Width of the picture, in its own pixels [default: what IN says]
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    width: Option<u32>,
    /// Height of the picture, in its own pixels [default: what IN says]
    #[arg(long, value_name = "PX", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    height: Option<u32>,
    /// Frames a second [default: what IN says]
    #[arg(long, value_name = "RATE", value_parser = positive)]
    fps: Option<f64>,
    /// Frame number of the shot's first frame, for formats that count from 0 [default: what IN says, else its first key]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    start_frame: Option<i32>,
    /// Pixel aspect ratio [default: what IN says, else 1]
    #[arg(long, value_name = "RATIO", value_parser = positive)]
    par: Option<f64>,
    /// Write as few keys as keep every shape within this distance on every frame, in pixels; 0 writes all. Keys set by hand are always
    /// written [default: 0.25; 0 for a shapes document]
    #[arg(long, value_name = "PX", value_parser = not_negative)]
    tolerance: Option<f64>,
    /// Write over OUT where there is such a file
    #[arg(long)]
    force: bool,
}

fn readable() -> clap::builder::PossibleValuesParser {
    FORMATS.iter().filter(|f| f.can_read() || f.is_folder()).map(|f| f.name).collect::<Vec<_>>().into()
}

fn writable() -> clap::builder::PossibleValuesParser {
    FORMATS.iter().filter(|f| f.can_write()).map(|f| f.name).collect::<Vec<_>>().into()
}

pub(crate) fn run(tool: &Tool, options: &Convert) -> Result<(), Failure> {
    let to = target(options)?;
    let settings = Settings {
        width: options.width,
        height: options.height,
        fps: options.fps,
        par: options.par,
        start_frame: options.start_frame.map(f64::from),
    };
    let Opened { format: from, document, mut warnings } = read(options, &settings)?;
    let tolerance =
        options.tolerance.unwrap_or(if to.carries().is_some() { DEFAULT_TOLERANCE_PX } else { 0.0 });
    let reduced = exported(&document, tolerance);
    let (text, lost) = to
        .write(&reduced, &settings)
        .map_err(|e| Failure::input(format!("{} as {}: {e}", options.input.display(), to.name)))?;
    warnings.extend(lost);
    write(options, &text)?;
    for warning in &warnings {
        tool.console.warning(&warning.to_string());
    }
    let (shapes, tracks) = (document.shapes.len(), document.tracks.len());
    let keys = [&document, &reduced].map(|d| d.shapes.iter().map(|s| s.keys.len()).sum::<usize>());
    if tool.console.json() {
        let warnings: Vec<_> = warnings
            .iter()
            .map(|w| json!({ "shape": w.shape, "property": w.property, "message": w.message }))
            .collect();
        let told = json!({
            "out": options.output,
            "from": from.name,
            "to": to.name,
            "shapes": shapes,
            "tracks": tracks,
            "keys": { "read": keys[0], "kept": keys[1], "tolerance": tolerance },
            "warnings": warnings,
        });
        tool.console.result(&told.to_string());
    } else {
        let kept = if keys[0] == keys[1] {
            String::new()
        } else {
            format!(", with {} of {} that keep {tolerance} px", keys[1], counted(keys[0], "key"))
        };
        tool.console.done(&format!(
            "{} and {} read as {}, written to {} as {}{kept}",
            counted(shapes, "shape"),
            counted(tracks, "track"),
            from.name,
            options.output.display(),
            to.name
        ));
    }
    Ok(())
}

fn read(options: &Convert, settings: &Settings) -> Result<Opened, Failure> {
    let named = options.from.as_deref().and_then(Format::named);
    file::open(&options.input, named, settings).map_err(|e| match e {
        ReadError::Unknown => unknown(&options.input, "--from", false),
        e => Failure::input(format!("{}: {e}", options.input.display())),
    })
}

fn target(options: &Convert) -> Result<&'static Format, Failure> {
    if let Some(format) = options.to.as_deref().and_then(Format::named) {
        return Ok(format);
    }
    file::written_as(&options.output).map_err(|several| match several[..] {
        [] => unknown(&options.output, "--to", true),
        _ => {
            let names = several.iter().map(|f| f.name).collect::<Vec<_>>().join(", ");
            Failure::input(format!("{}: say which of these with --to: {names}", options.output.display()))
        }
    })
}

fn write(options: &Convert, text: &str) -> Result<(), Failure> {
    let out = &options.output;
    let put = if options.force { files::replace } else { files::create };
    // Folders that are missing are made, as for pictures.
    outputs::make_folder(out)?;
    put(out, text.as_bytes()).map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => {
            Failure::input(format!("{} is there already: give --force to write over it", out.display()))
        }
        _ => Failure::work(format!("{}: {e}", out.display())),
    })
}

fn unknown(path: &Path, option: &str, writing: bool) -> Failure {
    let usable =
        FORMATS.iter().filter(|f| if writing { f.can_write() } else { f.can_read() || f.is_folder() });
    let names = usable.map(|f| f.name).collect::<Vec<_>>().join(", ");
    Failure::input(format!("{}: no format has this ending; {option} takes {names}", path.display()))
}
