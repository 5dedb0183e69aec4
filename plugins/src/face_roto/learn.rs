//! The Learn button: the keys of this shot into the face file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use engine::face::{Example, Face, FaceError};
use engine::motion2roto::{Frames, SolveError};
use ofx::{Clip, Error, Instance, Result};
use shapes::Document;

use super::analyse::{check_names, mapped, sized};
use super::params::{FACE_FILE, LEARNED};
use super::{SOURCE, faces, keys, redrawn};
use crate::plate::Plate;
use crate::reporting::Reporting;
use crate::stored::{self, SHAPES_FILE, STATUS};
use crate::vector_params::plate_encoding;

/// The share of the progress bar that fetching pictures has.
const FETCHING: f32 = 0.3;
/// Pictures learned at once, pixels: 80 of 1080p, which take half a gigabyte. More are learned part by part.
const AT_ONCE_PIXELS: usize = 170_000_000;
/// How often the artist is asked whether to stop.
const ASKED_EVERY: Duration = Duration::from_millis(50);
/// The time in which most of the bar's way is gone; nobody knows how long it takes.
const USUAL_S: f32 = 8.0;

/// Learns, and writes the face file.
pub fn learn(instance: &Instance, time: f64) -> Result<()> {
    let path = PathBuf::from(instance.get(&FACE_FILE)?.trim());
    if path.as_os_str().is_empty() {
        return Err(Error::failed("choose where the face goes: set Face file, such as puppet.face"));
    }
    let keyless = || {
        Error::failed(
            "there is nothing to learn from: key landmarks and shapes on a few frames, or load them from a shapes file",
        )
    };
    let document = stored::document(instance)?.ok_or_else(keyless)?;
    check_names(&document)?;
    let given = keys::given(&document);
    if keys::keyed_frames(&given).is_empty() {
        return Err(keyless());
    }
    let source = source(instance)?;
    let clip = instance.clip(SOURCE)?;
    let frames = frames_with_pictures(&given, &clip)?;
    let encoding = plate_encoding(instance, clip.depth())?;
    // A file that is no face is not written over.
    let progress = Reporting::new(instance, "Face Roto", "Learning");
    let mut known = if path.exists() {
        faces::open(&path.to_string_lossy(), &|| !progress.update(0.0))?.map(|k| k.face)
    } else {
        None
    };
    let plate = Plate::new(clip, time, encoding)?;
    let (width, height) = plate.placement().size();
    let at_once = (AT_ONCE_PIXELS / (width * height).max(1)).max(1);
    let parts = frames.len().div_ceil(at_once);
    for (part, frames) in frames.chunks(at_once).enumerate() {
        let update = |done: f32| progress.update((part as f32 + done) / parts as f32);
        let mut examples = Vec::with_capacity(frames.len());
        for (i, frame) in frames.iter().enumerate() {
            if !update(FETCHING * i as f32 / frames.len() as f32) {
                return Err(Error::Aborted);
            }
            examples.push(example(&plate, (&given, &source), *frame)?);
        }
        known = Some(Arc::new(learned(&path, known.as_deref(), &examples, &update)?));
    }
    drop(progress);
    let face = known.ok_or_else(keyless)?;
    faces::save(&face, &path)?;
    let text = faces::description(&face);
    instance.set(&LEARNED, &text)?;
    let count = frames.len();
    let mut status =
        format!("Learned {count} keyed frame{} into {}.", if count == 1 { "" } else { "s" }, path.display());
    match redrawn::losses(face.redrawn()).as_slice() {
        [] => {}
        [loss] => status += &format!(" Look at {loss}."),
        losses => status += &format!(" {} shapes cannot be followed: see Learned.", losses.len()),
    }
    instance.set(&STATUS, &status)
}

/// The keyed frames that the clip has.
fn frames_with_pictures(given: &Document, clip: &Clip<'_>) -> Result<Vec<i32>> {
    let mut frames = keys::keyed_frames(given);
    if let Some(range) = clip.frame_range() {
        frames.retain(|f| (range.min..=range.max).contains(&f64::from(*f)));
        if frames.is_empty() {
            return Err(Error::failed(format!(
                "no key is on a frame of the source, which has {} to {}: key frames of this shot",
                range.min, range.max
            )));
        }
    }
    Ok(frames)
}

/// What messages call the keys' document.
fn source(instance: &Instance) -> Result<String> {
    let file = instance.get(&SHAPES_FILE)?;
    Ok(Path::new(file.trim()).file_name().unwrap_or_default().to_string_lossy().into_owned())
}

fn example(plate: &Plate<'_>, (given, source): (&Document, &str), frame: i32) -> Result<Example> {
    let failed = |e: SolveError| match e {
        SolveError::Cancelled => Error::Aborted,
        e => Error::failed(format!("cannot learn: {e}")),
    };
    let look = plate.plane(frame).map_err(failed)?.fingerprint();
    let no_picture = || Error::failed(format!("frame {frame} has keys but no picture"));
    let picture = plate.picture(frame).map_err(failed)?.ok_or_else(no_picture)?;
    let at = f64::from(frame);
    let keyed = sized(given.artists_at(at), plate.placement());
    let to_plane = plate.placement().plane_from_document(&keyed);
    Ok(Example {
        // The same picture has the same label, so that learning a shot again takes the place of what it gave before.
        label: format!("frame {frame} ({look:016x})"),
        picture,
        document: mapped(&keyed, &to_plane),
        source: source.to_owned(),
        frame: at,
    })
}

/// Learns on a thread of its own, while this one asks the artist whether to stop.
fn learned(
    path: &Path,
    before: Option<&Face>,
    examples: &[Example],
    update: &dyn Fn(f32) -> bool,
) -> Result<Face> {
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let stop = AtomicBool::new(false);
    let cancel = || stop.load(Ordering::Relaxed);
    let learn = || match before {
        Some(face) => face.with(examples, &cancel),
        None => Face::learn(&name, examples, &cancel),
    };
    let outcome: Result<Face, FaceError> = std::thread::scope(|scope| {
        let worker = scope.spawn(learn);
        let start = Instant::now();
        while !worker.is_finished() {
            let part = 1.0 - (-start.elapsed().as_secs_f32() / USUAL_S).exp();
            if !update(FETCHING + (1.0 - FETCHING) * part) {
                stop.store(true, Ordering::Relaxed);
                break;
            }
            std::thread::sleep(ASKED_EVERY);
        }
        worker.join()
    })
    .map_err(|_| {
        Error::failed("learning has failed: a mistake in Splitline; please report it with the document")
    })?;
    if stop.load(Ordering::Relaxed) {
        return Err(Error::Aborted);
    }
    outcome.map_err(|e| Error::failed(format!("cannot learn: {e}")))
}

/// What the face file of an instance knows, for the artist to read.
pub fn tell(instance: &Instance) -> Result<()> {
    let face = match faces::open(&instance.get(&FACE_FILE)?, &|| instance.aborted()) {
        // A file that is not there yet is where Learn will write.
        Err(_) if !Path::new(instance.get(&FACE_FILE)?.trim()).exists() => None,
        known => known?,
    };
    instance.set(&LEARNED, &face.map(|k| faces::description(&k.face)).unwrap_or_default())
}
