//! `splitline flow A B OUT.flo`: the motion between two pictures.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use host::{Components, Context, Depth, FrameSource, Node, Picture, RenderJob, SourceError, SourceFormat};
use serde_json::json;

use crate::args::{Hosting, Quality};
use crate::failure::Failure;
use crate::session::{Outcome, Session, Tool, with_host};
use crate::{flo, node};

#[derive(Debug, Args)]
pub(crate) struct Flow {
    /// The first picture
    first: PathBuf,
    /// The second picture
    second: PathBuf,
    /// Where the motion from the first to the second goes (Middlebury .flo)
    out: PathBuf,
    /// Where the motion from the second to the first goes (.flo)
    #[arg(long, value_name = "FILE")]
    backward: Option<PathBuf>,
    /// Where the confidence of the forward motion goes: grey PNG of 16 bits, or EXR
    #[arg(long, value_name = "FILE")]
    confidence: Option<PathBuf>,
    /// How hard the flow tries
    #[arg(long, value_enum)]
    quality: Option<Quality>,
    #[command(flatten)]
    hosting: Hosting,
}

pub(crate) fn run(tool: &Tool, options: &Flow) -> Result<(), Failure> {
    with_host(tool, &options.hosting.profile, |session| measure(session, options))
}

fn measure(session: &Session, options: &Flow) -> Result<Outcome, Failure> {
    if let Some(file) = &options.confidence {
        host::io::Format::of(file).map_err(|e| Failure::reading(&e))?;
    }
    let pair = Pair::read(&options.first, &options.second)?;
    let file_depth = pair.file_depth;
    let effect = session.effect("MotionVectors")?;
    let mut node = effect.create(node::best_context(&effect, &[Context::General, Context::Filter])?)?;
    node.connect("Source", Arc::new(pair))?;
    node::tell_encoding(&mut node, file_depth)?;
    node::choose(&mut node, "output", "Forward and backward")?;
    node::choose(&mut node, "convention", "nuke")?;
    if let Some(quality) = options.quality {
        node::choose(&mut node, "quality", quality.word())?;
    }
    let mut files = vec![&options.out];
    write(&options.out, &flo::encode(&vectors(&node, FIRST)?, 0, 1))?;
    if let Some(file) = &options.backward {
        write(file, &flo::encode(&vectors(&node, FIRST + 1.0)?, 2, 3))?;
        files.push(file);
    }
    if let Some(file) = &options.confidence {
        node::choose(&mut node, "output", "Confidence")?;
        let picture = node.render(&RenderJob::at(FIRST))?;
        let confidence = Picture::from_fn(picture.bounds(), Components::Alpha, |x, y| {
            [0.0, 0.0, 0.0, picture.pixel(x, y)[0]]
        });
        host::io::write(file, &confidence).map_err(|e| Failure::writing(&e))?;
        files.push(file);
    }
    let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
    Ok(Outcome::done(format!("flow written to {}", names.join(", ")), json!({ "files": names })))
}

/// Forward motion in the first two channels and backward motion in the others, px, y up.
fn vectors(node: &Node, time: f64) -> Result<Picture, Failure> {
    let picture = node.render(&RenderJob::at(time))?;
    let wide = matches!(picture.depth(), Depth::Half | Depth::Float);
    if !wide || picture.components() != Components::Rgba {
        return Err(Failure::input(
            "this host profile renders no RGBA float, which motion needs: choose another --profile",
        ));
    }
    Ok(picture)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    host::io::write_bytes(file, bytes).map_err(|e| Failure::writing(&e))
}

/// The time of the first picture.
const FIRST: f64 = 1.0;

/// Two pictures as a shot of two frames.
struct Pair {
    /// Float, so that a host which keeps one depth from input to output can hold vectors.
    pictures: [Arc<Picture>; 2],
    /// What the first file has.
    file_depth: Depth,
}

impl Pair {
    fn read(first: &Path, second: &Path) -> Result<Pair, Failure> {
        let read = |file: &Path| host::io::read(file).map_err(|e| Failure::reading(&e));
        let pictures = [read(first)?.picture, read(second)?.picture];
        let file_depth = pictures[0].depth();
        let pictures = pictures.map(|p| Arc::new(p.convert(Components::Rgba, Depth::Float)));
        let [a, b] = [pictures[0].bounds(), pictures[1].bounds()];
        if a != b {
            return Err(Failure::input(format!(
                "{} is {}x{} pixels and {} is {}x{}: both pictures must have one size",
                first.display(),
                a.width(),
                a.height(),
                second.display(),
                b.width(),
                b.height()
            )));
        }
        Ok(Pair { pictures, file_depth })
    }
}

impl FrameSource for Pair {
    fn format(&self) -> SourceFormat {
        let picture = &self.pictures[0];
        SourceFormat {
            bounds: picture.bounds(),
            components: picture.components(),
            depth: picture.depth(),
            pixel_aspect: picture.pixel_aspect,
            premultiplication: picture.premultiplication,
            planes: Vec::new(),
        }
    }

    fn frame_range(&self) -> (f64, f64) {
        (FIRST, FIRST + 1.0)
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let index = (time - FIRST).round();
        match self.pictures.get(index as usize) {
            Some(picture) if index >= 0.0 => Ok(picture.clone()),
            _ => Err(SourceError::Missing(format!("there is no frame {time}; there are frames 1-2"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::RectI;

    #[test]
    fn pictures_of_two_sizes_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, width| {
            let path = folder.path().join(name);
            let picture = Picture::new(RectI::of_size(width, 4), Components::Rgb, Depth::Byte);
            host::io::write(&path, &picture).unwrap();
            path
        };
        let (a, b, c) = (file("a.png", 4), file("b.png", 4), file("c.png", 5));
        let pair = Pair::read(&a, &b).unwrap();
        assert!(pair.picture(1.0).is_ok() && pair.picture(2.0).is_ok());
        assert!(pair.picture(0.0).is_err() && pair.picture(3.0).is_err());
        let error = Pair::read(&a, &c).err().unwrap();
        assert!(error.to_string().contains("one size"));
    }
}
