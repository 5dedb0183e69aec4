//! The landmark network that finds the head: opened when an analysis wants it, read once per content.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;

use engine::face::{Detected, Detector};
use engine::image::Colours;
use inference::landmarker::FOUND;
use inference::runtime::FILE_NAME;
use inference::{Bounds, Detection, Landmarker, ModelError, Picture, Runtime};

use crate::file_identity::FileIdentity;
use crate::recent::Recent;

/// Networks that are kept.
const KEPT: usize = 2;
/// With fewer of the face's landmarks than this a network says nothing about how the head is turned.
const FEWEST_LANDMARKS: usize = 6;
/// Names that are listed to the artist.
const LISTED: usize = 4;

static OPENED: Recent<FileIdentity, Arc<Landmarker>> = Recent::new();

/// The file that the artist has chosen, as it is now; it has not been looked into.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    path: PathBuf,
    file: Option<FileIdentity>,
}

impl Choice {
    /// Of what is typed; none where nothing is.
    pub fn of(text: &str) -> Option<Choice> {
        let path = PathBuf::from(text.trim());
        let file = FileIdentity::of(&path).ok();
        (!path.as_os_str().is_empty()).then_some(Choice { path, file })
    }

    /// The network, if it knows enough of these landmarks; else why it cannot be used and what to do.
    pub fn open(&self, landmarks: &[&str]) -> Result<Network, String> {
        let names = &Landmarker::examine(&self.path).map_err(|e| e.to_string())?.landmarks;
        let common = names.iter().filter(|n| landmarks.contains(&n.as_str())).count();
        if common < FEWEST_LANDMARKS {
            let list =
                |names: &mut dyn Iterator<Item = &str>| names.take(LISTED).collect::<Vec<_>>().join(", ");
            return Err(format!(
                "it finds {common} of the face's landmarks, and {FEWEST_LANDMARKS} are needed: choose a network trained on this \
                 character (its landmarks: {}...; the face's: {}...)",
                list(&mut names.iter().map(String::as_str)),
                list(&mut landmarks.iter().copied()),
            ));
        }
        let landmarker = self.landmarker().map_err(|e| e.to_string())?;
        Ok(Network { landmarker, complaint: RefCell::default() })
    }

    fn landmarker(&self) -> Result<Arc<Landmarker>, ModelError> {
        if let Some(known) = self.file.as_ref().and_then(|f| OPENED.get(f)) {
            return Ok(known);
        }
        let library = ofx::library::path().map(|binary| binary.with_file_name(FILE_NAME));
        let opened = Arc::new(Landmarker::open(&Runtime::load(library.as_deref())?, &self.path)?);
        if let Some(file) = &self.file {
            OPENED.put(file.clone(), Arc::clone(&opened), KEPT);
        }
        Ok(opened)
    }
}

/// An opened network, as the engine asks it.
#[derive(Debug)]
pub struct Network {
    landmarker: Arc<Landmarker>,
    complaint: RefCell<Option<String>>,
}

impl Network {
    /// Why it has failed in a picture, if it has.
    pub fn complaint(self) -> Option<String> {
        self.complaint.into_inner()
    }

    fn seen(&self, picture: &Picture<'_>, near: Option<[f64; 4]>) -> Result<Detection, ModelError> {
        if let Some([x0, y0, x1, y1]) = near.map(|b| b.map(|v| v as f32)) {
            let within = self.landmarker.run_within(picture, Bounds { x0, y0, x1, y1 })?;
            if within.score >= FOUND {
                return Ok(within);
            }
        }
        self.landmarker.run(picture)
    }
}

impl Detector for Network {
    fn places(&self, picture: &Colours, near: Option<[f64; 4]>) -> Vec<Detected> {
        let rgb: Vec<u8> = picture.data().as_flattened().iter().map(|v| on_display(*v)).collect();
        let Some(view) = Picture::new(picture.width(), picture.height(), &rgb) else { return Vec::new() };
        match self.seen(&view, near) {
            Ok(seen) if seen.score >= FOUND => {
                let landmark = |l: inference::Landmark| Detected {
                    name: l.name,
                    at: [f64::from(l.x), f64::from(l.y)],
                    confidence: f64::from(l.confidence),
                };
                seen.landmarks.into_iter().map(landmark).collect()
            }
            Ok(_) => Vec::new(),
            Err(e) => {
                self.complaint.borrow_mut().get_or_insert_with(|| e.to_string());
                Vec::new()
            }
        }
    }
}

/// A byte of [`Colours`] as one of a picture for display, which ends at white.
fn on_display(value: u8) -> u8 {
    (u16::from(value) * 255 / 127).min(255) as u8
}

/// Lets go of all.
pub fn forget() {
    OPENED.clear();
}
