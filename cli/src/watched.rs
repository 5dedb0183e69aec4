//! Sources that remember what could not be read of them, and may give another depth than the files.

use std::sync::{Arc, Mutex, PoisonError};

use host::{Depth, FrameSource, Picture, SourceError, SourceFormat};

/// Sentences about files that could not be read, each once. Clones are the same list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Broken(Arc<Mutex<Vec<String>>>);

impl Broken {
    /// Takes the sentences out.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note<T>(&self, result: Result<T, SourceError>) -> Result<T, SourceError> {
        if let Err(SourceError::Broken(sentence)) = &result {
            let mut sentences = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if !sentences.contains(sentence) {
                sentences.push(sentence.clone());
            }
        }
        result
    }
}

/// A source whose errors are noted.
pub(crate) struct Watched<S> {
    pub(crate) source: Arc<S>,
    pub(crate) broken: Broken,
    /// Depth of the pictures given; the files' own where it is `None`.
    pub(crate) depth: Option<Depth>,
}

impl<S: FrameSource> FrameSource for Watched<S> {
    fn format(&self) -> SourceFormat {
        let format = self.source.format();
        SourceFormat { depth: self.depth.unwrap_or(format.depth), ..format }
    }

    fn frame_range(&self) -> (f64, f64) {
        self.source.frame_range()
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let picture = self.broken.note(self.source.picture(time))?;
        Ok(match self.depth {
            Some(depth) if depth != picture.depth() => Arc::new(picture.convert(picture.components(), depth)),
            _ => picture,
        })
    }

    fn plane(&self, time: f64, name: &str) -> Result<Option<Arc<Picture>>, SourceError> {
        self.broken.note(self.source.plane(time, name))
    }
}
