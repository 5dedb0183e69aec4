//! `splitline learn`: keyed frames of a character's shots become a face file.

use std::path::{Path, PathBuf};

use clap::Args;
use host::{Context, FrameSource, Profile};
use serde_json::json;

use crate::args::assignment;
use crate::console::counted;
use crate::failure::Failure;
use crate::node;
use crate::outputs;
use crate::session::{Outcome, Session, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct Learn {
    /// A shot's pictures; give it again, with its document, for each further shot
    #[arg(long = "shot", value_name = "FILES", required = true)]
    shots: Vec<String>,
    /// The document with what is keyed on the shot: landmarks as tracks, and shapes, which may have other points than in other documents
    #[arg(long = "doc", value_name = "FILE", required = true)]
    documents: Vec<PathBuf>,
    /// A face to go on from, which stays as it is
    #[arg(long, value_name = "FILE")]
    face: Option<PathBuf>,
    /// Where the face goes, NAME.face
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Another parameter's value; may be given again
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = assignment)]
    params: Vec<String>,
    /// The host to be
    #[arg(long, default_value = Profile::NAMES[0], value_parser = Profile::NAMES)]
    profile: String,
}

pub(crate) fn run(tool: &Tool, options: &Learn) -> Result<(), Failure> {
    with_host(tool, &options.profile, |session| learn(session, options))
}

/// A face grows shot after shot in a file beside the one that is wanted, which appears when all is learned.
fn learn(session: &Session, options: &Learn) -> Result<Outcome, Failure> {
    if options.shots.len() != options.documents.len() {
        return Err(Failure::input(format!(
            "there are {} and {}: give each --shot its own --doc",
            counted(options.shots.len(), "shot"),
            counted(options.documents.len(), "document")
        )));
    }
    outputs::make_folder(&options.out)?;
    let folder = match options.out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let unwritable =
        |e: std::io::Error| Failure::input(format!("{} cannot be written: {e}", options.out.display()));
    // In a folder of its own, because a face has the name of its file.
    let growing = tempfile::Builder::new().prefix(".splitline-").tempdir_in(folder).map_err(unwritable)?;
    let name = options.out.file_name().ok_or_else(|| Failure::input("--out names no file"))?;
    let file = growing.path().join(name);
    if let Some(face) = &options.face {
        std::fs::copy(face, &file).map_err(|e| Failure::input(format!("{}: {e}", face.display())))?;
    }
    let (mut status, mut learned) = (Vec::new(), String::new());
    for (plate, document) in options.shots.iter().zip(&options.documents) {
        let text = outputs::load(document)?.to_json().map_err(|e| Failure::input(e.to_string()))?;
        let source = node::open("Source", plate)?;
        let depth = source.format().depth;
        let effect = session.effect("FaceRoto")?;
        let mut node = effect.create(node::best_context(&effect, &[Context::General, Context::Filter])?)?;
        let first = source.frame_range().0;
        node::connect(session, &mut node, "Source", source, None)?;
        node.set_time(first);
        node.set("keyLandmarks", false)?;
        node.set("shapes", text)?;
        // Messages name it so.
        node.set("shapesFile", document.to_string_lossy().into_owned())?;
        node.set("faceFile", file.to_string_lossy().into_owned())
            .map_err(|e| Failure::from(e).into_input())?;
        node::tell_encoding(&mut node, depth)?;
        for assignment in &options.params {
            node.assign(assignment)?;
        }
        learned = outputs::press(&mut node, "learn", "learned").map_err(|e| match e {
            Failure::Work(text) => Failure::Work(format!("{}: {text}", document.display())),
            input => input,
        })?;
        if !file.exists() {
            return Err(Failure::work("learning was stopped: no face is written"));
        }
        status.push(format!("{plate}: {}", document.display()));
    }
    std::fs::rename(&file, &options.out).map_err(unwritable)?;
    let bytes = std::fs::metadata(&options.out).map_or(0, |m| m.len());
    Ok(Outcome::done(
        format!(
            "{learned}\nlearned from {} into {}, {} KB",
            counted(status.len(), "shot"),
            options.out.display(),
            bytes.div_ceil(1024)
        ),
        json!({ "learned": learned, "shots": options.shots, "documents": options.documents, "out": options.out, "bytes": bytes }),
    ))
}
