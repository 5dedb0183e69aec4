//! What the subcommands do to nodes: choices by name, inputs from files, frames to files.

use std::sync::Arc;

use host::io::{Pattern, Role, Sequence};
use host::{Context, Depth, Effect, Node, ParamInfo, ParamKind, Picture, RangeJob, RectI, RenderJob};

use crate::console::Console;
use crate::failure::Failure;
use crate::frames::Frames;
use crate::session::Session;
use crate::watched::Watched;

/// The first of these contexts that effect and host both have, else any they have.
pub(crate) fn best_context(effect: &Effect, wanted: &[Context]) -> Result<Context, Failure> {
    let offered = effect.contexts();
    wanted.iter().find(|c| offered.contains(c)).or(offered.first()).copied().ok_or_else(|| {
        Failure::input(format!("{} has no context that this host profile offers", effect.id()))
    })
}

/// The param of this name. One that an effect has to have is missing only in another version's bundle.
pub(crate) fn param(node: &Node, name: &str) -> Result<ParamInfo, Failure> {
    node.params().into_iter().find(|p| p.name == name).ok_or_else(|| {
        Failure::input(format!(
            "the effect in this bundle has no parameter \"{name}\": the bundle and this command are of different versions"
        ))
    })
}

/// Sets a choice to the option that `word` means.
pub(crate) fn choose(node: &mut Node, name: &str, word: &str) -> Result<(), Failure> {
    let info = param(node, name)?;
    match option_of(&info.options, word).and_then(|i| i32::try_from(i).ok()) {
        Some(index) if info.kind == ParamKind::Choice => Ok(node.set(name, index)?),
        _ => {
            let known = info.options.join(", ");
            Err(Failure::input(format!("\"{word}\" is none of the choices of {name}: {known}")))
        }
    }
}

/// Tells an effect that asks for it how a plate's values relate to light, which the file's depth says and the host's
/// may not: files of 8 and 16 bits are made for display.
pub(crate) fn tell_encoding(node: &mut Node, file_depth: Depth) -> Result<(), Failure> {
    let asks = node.params().iter().any(|p| p.name == "plateEncoding");
    match file_depth {
        Depth::Byte | Depth::Short if asks => choose(node, "plateEncoding", "Display or log"),
        _ => Ok(()),
    }
}

/// The option with this label, or the only one that has the word in it, whatever the case and the signs.
fn option_of(options: &[String], word: &str) -> Option<usize> {
    let plain = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let word = plain(word);
    if let Some(exact) = options.iter().position(|o| plain(o) == word) {
        return Some(exact);
    }
    let mut having = options.iter().enumerate().filter(|(_, o)| !word.is_empty() && plain(o).contains(&word));
    match (having.next(), having.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// Opens the files of an input. A clip named Motion takes the layers of motion of files that have them.
pub(crate) fn open(clip: &str, pattern: &str) -> Result<Arc<Sequence>, Failure> {
    let role = if clip.eq_ignore_ascii_case("Motion") { Role::Motion } else { Role::Colour };
    Ok(Arc::new(Sequence::open_as(pattern, role).map_err(|e| Failure::reading(&e))?))
}

/// Connects an input to files, which the session watches, at their own depth or another.
pub(crate) fn connect(
    session: &Session,
    node: &mut Node,
    clip: &str,
    source: Arc<Sequence>,
    depth: Option<Depth>,
) -> Result<(), Failure> {
    Ok(node.connect(clip, Arc::new(Watched { source, broken: session.broken.clone(), depth }))?)
}

/// The pixels of the project's format at a render scale: what files are written of.
fn format_pixels(node: &Node, scale: f64) -> RectI {
    let project = node.project();
    project.format.to_pixels((scale, scale), project.pixel_aspect)
}

/// How frames are rendered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rendering<'a> {
    /// What it is, for the bar.
    pub(crate) label: &'a str,
    pub(crate) frames: &'a Frames,
    pub(crate) threads: usize,
    pub(crate) scale: f64,
    /// The plane of the output; `None` for the colour.
    pub(crate) plane: Option<&'a str>,
}

/// Renders frames in order, cut to the project's format, and hands each to `take`.
pub(crate) fn render(
    node: &Node,
    console: &Console,
    rendering: Rendering,
    mut take: impl FnMut(i64, Picture) -> Result<(), Failure> + Send,
) -> Result<(), Failure> {
    let format = format_pixels(node, rendering.scale);
    let frame = |time: f64| RenderJob {
        plane: rendering.plane.map(str::to_owned),
        ..RenderJob::at(time).scaled(rendering.scale)
    };
    console.bar(rendering.label, rendering.frames.count() as u64);
    let mut done = 0;
    for run in &rendering.frames.runs {
        let job = RangeJob {
            step: run.step as f64,
            threads: rendering.threads,
            frame: frame(run.first as f64),
            ..RangeJob::new(run.first as f64, run.last as f64)
        };
        let mut failure = None;
        let result = node.render_range(&job, &mut |time, picture| {
            done += 1;
            console.step_to(done);
            match take(time.round() as i64, picture.crop(format)) {
                Ok(()) => true,
                Err(f) => {
                    failure = Some(f);
                    false
                }
            }
        });
        if let Some(failure) = failure {
            return Err(failure);
        }
        result?;
    }
    console.end_bar();
    Ok(())
}

/// Writes a frame's picture to its file.
pub(crate) fn write(out: &Pattern, frame: i64, picture: &Picture) -> Result<(), Failure> {
    host::io::write(&out.path(frame), picture).map_err(|e| Failure::writing(&e))
}

/// Refuses a pattern that pictures cannot be written to, or that would overwrite one of `used`, before any work is done.
pub(crate) fn output(pattern: &str, frames: &Frames, used: &[&str]) -> Result<Pattern, Failure> {
    let out = Pattern::new(pattern);
    host::io::Format::of(&out.path(0)).map_err(|e| Failure::reading(&e))?;
    frames.must_fit(&out)?;
    let first = frames.iter().next().unwrap_or_default();
    let file = |pattern: &Pattern| {
        let path = pattern.path(first);
        path.canonicalize().unwrap_or(path)
    };
    match used.iter().find(|u| file(&Pattern::new(u)) == file(&out)) {
        Some(used) => Err(Failure::input(format!("{out} would overwrite {used}: choose another name"))),
        None => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_their_option() {
        let options = ["Nuke", "Blender", "0.5-centred", "Pixels", "Custom"].map(str::to_owned);
        assert_eq!(option_of(&options, "nuke"), Some(0));
        assert_eq!(option_of(&options, "centred"), Some(2));
        assert_eq!(option_of(&options, "0.5-Centred"), Some(2));
        assert_eq!(option_of(&options, "e"), None);
        assert_eq!(option_of(&options, ""), None);
        assert_eq!(option_of(&options, "maya"), None);
        let outputs = ["Matte in alpha", "Matte in RGB", "Source x matte", "Overlay"].map(str::to_owned);
        assert_eq!(option_of(&outputs, "Matte in alpha"), Some(0));
    }
}
