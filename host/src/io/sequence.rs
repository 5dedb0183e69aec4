//! A pattern's files as a source of frames.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::pattern::describe_frames;
use super::{Frame, IoError, Pattern, layers, read};
use crate::picture::Picture;
use crate::source::{FrameSource, SourceError, SourceFormat};

/// What the main picture of a sequence is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The colour of the files.
    #[default]
    Colour,
    /// Their motion: see [`layers::motion`]; the colour where no layer is named as motion.
    Motion,
}

/// Numbered picture files, or one file that is every frame. Frames are decoded when asked for; the latest ones are
/// kept, up to a limit of memory. Two threads that ask for the same frame decode it once.
#[derive(Debug)]
pub struct Sequence {
    pattern: Pattern,
    role: Role,
    /// Ascending; empty for a plain file.
    frames: Vec<i64>,
    format: SourceFormat,
    cache: Mutex<Cache>,
}

/// A decoded frame: the main picture and the planes, each shared with whoever asks.
#[derive(Debug)]
struct Decoded {
    picture: Arc<Picture>,
    planes: Vec<(String, Arc<Picture>)>,
    size_bytes: usize,
}

type Slot = Arc<OnceLock<Result<Arc<Decoded>, IoError>>>;

#[derive(Debug)]
struct Cache {
    slots: HashMap<i64, (Slot, u64)>,
    /// Counts the questions: the age of an answer.
    clock: u64,
    limit_bytes: usize,
}

/// Frames kept whatever the limit of memory.
const KEPT_FRAMES: usize = 3;

/// Memory that a sequence keeps decoded frames in, unless told otherwise.
pub const DEFAULT_CACHE_BYTES: usize = 256 << 20;

impl Sequence {
    /// Finds the pattern's files and reads the first one.
    pub fn open(pattern: &str) -> Result<Self, IoError> {
        Self::open_as(pattern, Role::Colour)
    }

    /// The same, with the main picture that `role` says.
    pub fn open_as(pattern: &str, role: Role) -> Result<Self, IoError> {
        let pattern = Pattern::new(pattern);
        let frames = pattern.frames()?;
        let first = match frames.first() {
            Some(&frame) => frame,
            None if !pattern.is_numbered() => 0,
            None => {
                let what = "no file has a name of this pattern: look at the folder, the name and the digits";
                return Err(IoError::new(pattern.to_string().as_ref(), what));
            }
        };
        let mut frame = read(&pattern.path(first))?;
        apply(role, &mut frame);
        let format = SourceFormat {
            bounds: frame.picture.bounds(),
            components: frame.picture.components(),
            depth: frame.picture.depth(),
            pixel_aspect: frame.picture.pixel_aspect,
            premultiplication: frame.picture.premultiplication,
            planes: frame.planes.iter().map(|p| p.name.clone()).collect(),
        };
        let slot = Slot::default();
        // A new slot is empty: setting it cannot fail.
        let _ = slot.set(Ok(Arc::new(Decoded::new(frame))));
        let slots = HashMap::from([(first, (slot, 0))]);
        let cache = Cache { slots, clock: 0, limit_bytes: DEFAULT_CACHE_BYTES };
        Ok(Sequence { pattern, role, frames, format, cache: Mutex::new(cache) })
    }

    /// Keeps at most this much of decoded frames, but always the latest three: motion looks at neighbours.
    pub fn with_cache_limit(mut self, bytes: usize) -> Self {
        self.cache.get_mut().unwrap_or_else(PoisonError::into_inner).limit_bytes = bytes;
        self
    }

    /// The frames there are, ascending; empty for a plain file, which is every frame.
    pub fn frames(&self) -> &[i64] {
        &self.frames
    }

    /// The pattern the files were found by.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    fn decoded(&self, time: f64) -> Result<Arc<Decoded>, SourceError> {
        let frame = if self.pattern.is_numbered() { time.round() as i64 } else { 0 };
        if self.pattern.is_numbered() && self.frames.binary_search(&frame).is_err() {
            let there = describe_frames(&self.frames);
            return Err(SourceError::Missing(format!(
                "{}: there is no frame {frame}; there are frames {there}",
                self.pattern
            )));
        }
        let slot = self.cache.lock().unwrap_or_else(PoisonError::into_inner).slot(frame);
        let result = slot.get_or_init(|| self.decode(frame)).clone();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if result.is_err() {
            // The file may be mended or finished by the next time.
            cache.slots.remove(&frame);
        } else {
            cache.evict();
        }
        result.map_err(|e| SourceError::Broken(e.to_string()))
    }

    fn decode(&self, number: i64) -> Result<Arc<Decoded>, IoError> {
        let path = self.pattern.path(number);
        let mut frame = read(&path)?;
        apply(self.role, &mut frame);
        let (is, wanted) = (frame.picture.bounds(), self.format.bounds);
        if is != wanted {
            let what = format!(
                "it is {}x{} pixels, but the sequence begins with {}x{}: all its frames must have one size",
                is.width(),
                is.height(),
                wanted.width(),
                wanted.height()
            );
            return Err(IoError::new(&path, what));
        }
        if (frame.picture.components(), frame.picture.depth()) != (self.format.components, self.format.depth)
        {
            frame.picture = frame.picture.convert(self.format.components, self.format.depth);
            frame.picture.premultiplication = self.format.premultiplication;
        }
        frame.picture.pixel_aspect = self.format.pixel_aspect;
        Ok(Arc::new(Decoded::new(frame)))
    }
}

fn apply(role: Role, frame: &mut Frame) {
    if role == Role::Motion
        && let Some(motion) = layers::motion(frame)
    {
        frame.picture = motion;
    }
}

impl Decoded {
    fn new(frame: Frame) -> Self {
        let planes: Vec<_> = frame.planes.into_iter().map(|p| (p.name, Arc::new(p.picture))).collect();
        let size_bytes = frame.picture.size_bytes() + planes.iter().map(|p| p.1.size_bytes()).sum::<usize>();
        Decoded { picture: Arc::new(frame.picture), planes, size_bytes }
    }
}

impl Cache {
    fn slot(&mut self, frame: i64) -> Slot {
        self.clock += 1;
        let entry = self.slots.entry(frame).or_default();
        entry.1 = self.clock;
        entry.0.clone()
    }

    /// Drops the frames asked for longest ago until the rest fits or is three; never one that is being decoded.
    fn evict(&mut self) {
        let size = |slot: &Slot| match slot.get() {
            Some(Ok(decoded)) => decoded.size_bytes,
            _ => 0,
        };
        let mut total: usize = self.slots.values().map(|s| size(&s.0)).sum();
        while total > self.limit_bytes && self.slots.len() > KEPT_FRAMES {
            let oldest = self
                .slots
                .iter()
                .filter(|(_, slot)| slot.0.get().is_some())
                .min_by_key(|(_, slot)| slot.1)
                .map(|(frame, _)| *frame);
            let Some((slot, _)) = oldest.and_then(|frame| self.slots.remove(&frame)) else { break };
            total = total.saturating_sub(size(&slot));
        }
    }
}

impl FrameSource for Sequence {
    fn format(&self) -> SourceFormat {
        self.format.clone()
    }

    fn frame_range(&self) -> (f64, f64) {
        match (self.frames.first(), self.frames.last()) {
            (Some(&first), Some(&last)) => (first as f64, last as f64),
            _ => (0.0, 0.0),
        }
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        Ok(self.decoded(time)?.picture.clone())
    }

    fn plane(&self, time: f64, name: &str) -> Result<Option<Arc<Picture>>, SourceError> {
        if !self.format.planes.iter().any(|p| p == name) {
            return Ok(None);
        }
        Ok(self.decoded(time)?.planes.iter().find(|p| p.0 == name).map(|p| p.1.clone()))
    }
}
