//! What commands that make shapes write: the document, mattes, and pictures of the shapes over the plate.

use std::path::{Path, PathBuf};

use clap::Args;
use host::io::Pattern;
use host::{Components, Depth, MessageKind, Node};
use serde_json::{Map, Value, json};
use shapes::Document;

use crate::args::Hosting;
use crate::console::counted;
use crate::failure::Failure;
use crate::frames::Frames;
use crate::node;
use crate::session::Session;

/// Where results go.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// Where the document with shapes on every frame goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out_shapes: PathBuf,
    /// Where mattes go: grey PNG of 16 bits, or EXR
    #[arg(long, value_name = "FILES")]
    out_mattes: Option<String>,
    /// Where pictures of the shapes over the plate go
    #[arg(long, value_name = "FILES")]
    overlay: Option<String>,
}

/// The patterns of [`Outputs`], found usable.
pub(crate) struct Patterns {
    mattes: Option<Pattern>,
    overlay: Option<Pattern>,
}

impl Outputs {
    /// Refuses what cannot be written, or would overwrite one of `used`, before any work is done.
    pub(crate) fn check(&self, frames: &Frames, used: &[&str]) -> Result<Patterns, Failure> {
        let mut used = used.to_vec();
        let mattes = self.out_mattes.as_deref().map(|p| node::output(p, frames, &used)).transpose()?;
        used.extend(self.out_mattes.as_deref());
        let overlay = self.overlay.as_deref().map(|p| node::output(p, frames, &used)).transpose()?;
        make_folder(&self.out_shapes)?;
        Ok(Patterns { mattes, overlay })
    }

    /// Writes the document that is made of a node's, and the pictures that are wanted of the node.
    pub(crate) fn write(
        &self,
        session: &Session,
        (node, document): (&mut Node, &Document),
        (frames, patterns): (&Frames, &Patterns),
        hosting: &Hosting,
        plate_depth: Depth,
    ) -> Result<(), Failure> {
        document.save(&self.out_shapes).map_err(|e| Failure::work(e.to_string()))?;
        let rendering =
            |label| node::Rendering { label, frames, threads: hosting.threads(), scale: 1.0, plane: None };
        if let Some(out) = &patterns.mattes {
            node::choose(node, "output", "Matte in alpha")?;
            node::render(node, session.console, rendering("rendering mattes"), |frame, picture| {
                // PNG stores a float as 16 bits.
                node::write(out, frame, &picture.convert(Components::Alpha, Depth::Float))
            })?;
        }
        if let Some(out) = &patterns.overlay {
            node::choose(node, "output", "Overlay")?;
            node::render(node, session.console, rendering("drawing overlays"), |frame, picture| {
                node::write(out, frame, &picture.convert(Components::Rgb, plate_depth))
            })?;
        }
        Ok(())
    }

    /// What was written, for people: one line each.
    pub(crate) fn lines(&self, frames: &Frames, document: &Document) -> Vec<String> {
        let keys: usize = document.shapes.iter().map(|s| s.keys.len()).sum();
        let mut lines = vec![format!(
            "{} with {} written to {}",
            counted(document.shapes.len(), "shape"),
            counted(keys, "key"),
            self.out_shapes.display()
        )];
        for (what, out) in [("matte", &self.out_mattes), ("overlay", &self.overlay)] {
            lines.extend(
                out.as_ref().map(|out| format!("{} written to {out}", counted(frames.count(), what))),
            );
        }
        lines
    }

    /// What was written, for scripts.
    pub(crate) fn json(&self, frames: &Frames, document: &Document) -> Map<String, Value> {
        let shapes: Vec<_> =
            document.shapes.iter().map(|s| json!({ "name": s.name, "keys": s.keys.len() })).collect();
        Map::from_iter([
            ("frames".to_owned(), json!(frames.iter().collect::<Vec<_>>())),
            ("shapes".to_owned(), json!(shapes)),
            ("out_shapes".to_owned(), json!(self.out_shapes)),
            ("out_mattes".to_owned(), json!(self.out_mattes)),
            ("overlay".to_owned(), json!(self.overlay)),
        ])
    }
}

/// Sets the range of frames that an effect works on.
pub(crate) fn set_range(node: &mut Node, (first, last): (i64, i64)) -> Result<(), Failure> {
    node.set("useClipRange", false)?;
    for (name, frame) in [("firstFrame", first), ("lastFrame", last)] {
        let frame = i32::try_from(frame)
            .map_err(|_| Failure::input(format!("frame {frame} is not a number a host can have")))?;
        node.set(name, frame)?;
    }
    Ok(())
}

/// Presses a button, and gives the text of a param that tells what it did.
pub(crate) fn press(node: &mut Node, button: &str, told_by: &str) -> Result<String, Failure> {
    node.press(button)?;
    if let Some(message) = node.persistent_message()
        && matches!(message.kind, MessageKind::Error | MessageKind::Fatal)
    {
        return Err(Failure::work(message.text));
    }
    Ok(text(node, told_by))
}

/// The text that a param has, or nothing.
pub(crate) fn text(node: &Node, name: &str) -> String {
    node.get(name).ok().and_then(|v| v.as_text().map(str::to_owned)).unwrap_or_default()
}

/// The document that a button left in the node.
pub(crate) fn document(node: &Node) -> Result<Document, Failure> {
    let text = text(node, "shapes");
    if text.trim().is_empty() {
        return Err(Failure::work("the effect made nothing: its shapes are empty"));
    }
    Document::from_json(&text).map_err(|e| Failure::work(format!("the effect's answer cannot be read: {e}")))
}

/// Reads a document that somebody asks for, and says which one cannot be read.
pub(crate) fn load(file: &Path) -> Result<Document, Failure> {
    Document::load(file).map_err(|error| {
        let text = error.to_string();
        let name = file.display().to_string();
        Failure::input(if text.starts_with(&name) { text } else { format!("{name}: {text}") })
    })
}

/// Makes the folder of a file, before any work is done.
pub(crate) fn make_folder(file: &Path) -> Result<(), Failure> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder)
            .map_err(|e| Failure::input(format!("the folder {} cannot be made: {e}", folder.display()))),
        _ => Ok(()),
    }
}
