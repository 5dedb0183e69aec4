//! The list of formats, and reading and writing through it.

use std::path::Path;

use shapes::{Blend, Document};

use crate::carry::{self, Carries};
use crate::fades::Fades;
use crate::file;
use crate::space::{self, Frames, Space};
use crate::text;
use crate::{ReadError, Settings, Shot, Warning, WriteError};
use crate::{after_effects, blender, fusion, natron, nuke, silhouette, sir_lionel, tracks_text};

/// A reader makes a document of a file's text and says what it left out.
type Reader = fn(&str, &Settings, &mut Vec<Warning>) -> Result<Document, ReadError>;
/// A reader of a folder.
type FolderReader = fn(&Path, &Settings, &mut Vec<Warning>) -> Result<Document, ReadError>;
/// A writer makes the text of a document that holds only what the format carries.
type Writer = fn(&Document, &Shot, &mut Vec<Warning>) -> Result<String, WriteError>;

/// One format of one application.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `--from` and `--to` call it.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Endings of its files, without the dot. Several formats may have the same; one that is only meant by name has none.
    pub extensions: &'static [&'static str],
    /// Where it places things; `None` for the document's own space.
    space: Option<Space>,
    read: Option<Reader>,
    read_folder: Option<FolderReader>,
    /// Whether reading finds shapes, tracks.
    reads: (bool, bool),
    write: Option<(Carries, Writer)>,
}

const NUKE: Carries = Carries {
    tracks: true,
    open: true,
    feather: true,
    opacity: true,
    fades: Fades::Holds,
    color: true,
    invert: true,
    blends: &[Blend::Subtract, Blend::Intersect, Blend::Max, Blend::Difference],
    hold: true,
    unseen: true,
    ..Carries::OUTLINES
};

/// Every format, the project document first.
pub const FORMATS: &[Format] = &[
    Format {
        name: "shapes",
        title: "Splitline shapes document",
        extensions: &["json"],
        reads: (true, true),
        ..Format::NONE
    },
    Format {
        name: "nuke",
        title: "Nuke script with Roto, RotoPaint, trackers, corner pins",
        extensions: &["nk"],
        space: Some(space::NUKE),
        read: Some(nuke::read),
        reads: (true, true),
        write: Some((NUKE, nuke::write)),
        ..Format::NONE
    },
    Format {
        name: "nuke-python",
        title: "Nuke Python script that makes Roto and Tracker4 nodes",
        extensions: &["py"],
        space: Some(space::NUKE),
        write: Some((Carries { hold: false, fades: Fades::EveryFrame, ..NUKE }, nuke::script::write)),
        ..Format::NONE
    },
    Format {
        name: "nuke-tracker3",
        title: "Nuke script with Tracker3 nodes, as Silhouette and Nuke 6 have them",
        space: Some(space::NUKE),
        write: Some((Carries::TRACKS, nuke::pins::write_trackers)),
        ..Format::NONE
    },
    Format {
        name: "nuke-corner-pin",
        title: "Nuke script with a CornerPin2D node on four tracks",
        space: Some(space::NUKE),
        write: Some((Carries::TRACKS, nuke::pins::write_pin)),
        ..Format::NONE
    },
    Format {
        name: "silhouette",
        title: "Silhouette shapes",
        extensions: &["fxs"],
        space: Some(space::SILHOUETTE),
        read: Some(silhouette::read),
        reads: (true, true),
        write: Some((Carries { tracks: false, feather: false, blur: true, ..NUKE }, silhouette::write)),
        ..Format::NONE
    },
    Format {
        name: "silhouette-python",
        title: "Silhouette Python script that makes trackers",
        extensions: &["py"],
        space: Some(space::SILHOUETTE),
        write: Some((Carries::TRACKS, silhouette::script::write)),
        ..Format::NONE
    },
    Format {
        name: "fusion",
        title: "Fusion and Resolve tools",
        extensions: &["setting"],
        space: Some(space::FUSION),
        read: Some(fusion::read),
        reads: (true, true),
        write: Some((
            Carries {
                tracks: true,
                open: true,
                opacity: true,
                fades: Fades::Lines,
                invert: true,
                ..Carries::OUTLINES
            },
            fusion::write,
        )),
        ..Format::NONE
    },
    Format {
        name: "after-effects-masks",
        title: "After Effects script that makes masks",
        extensions: &["jsx"],
        space: Some(space::AFTER_EFFECTS),
        write: Some((Carries { tracks: false, feather: false, ..NUKE }, after_effects::masks::write)),
        ..Format::NONE
    },
    Format {
        name: "after-effects",
        title: "After Effects keyframe data with positions",
        extensions: &["txt"],
        space: Some(space::AFTER_EFFECTS),
        read: Some(after_effects::keyframes::read),
        reads: (false, true),
        write: Some((Carries::TRACKS, after_effects::keyframes::write)),
        ..Format::NONE
    },
    Format {
        name: "after-effects-corner-pin",
        title: "After Effects keyframe data with a corner pin on four tracks",
        space: Some(space::AFTER_EFFECTS),
        write: Some((Carries::TRACKS, after_effects::keyframes::write_pin)),
        ..Format::NONE
    },
    Format {
        name: "tracks",
        title: "2D tracks as text, as 3DEqualizer has them",
        extensions: &["txt", "2dt"],
        space: Some(space::TRACKS_TEXT),
        read: Some(tracks_text::read),
        reads: (false, true),
        write: Some((Carries::TRACKS, tracks_text::write)),
        ..Format::NONE
    },
    Format {
        name: "sir-lionel",
        title: "Folder of one shot of LAIKA's and Intel's roto data set",
        read_folder: Some(sir_lionel::read),
        reads: (true, true),
        ..Format::NONE
    },
    Format {
        name: "natron",
        title: "Natron Python script that makes Roto and Tracker nodes",
        extensions: &["py"],
        space: Some(space::NATRON),
        write: Some((
            Carries {
                tracks: true,
                open: true,
                feather: true,
                opacity: true,
                fades: Fades::EveryFrame,
                color: true,
                ..Carries::OUTLINES
            },
            natron::write,
        )),
        ..Format::NONE
    },
    Format {
        name: "blender",
        title: "Blender Python script that makes a mask and markers",
        extensions: &["py"],
        space: Some(space::BLENDER),
        write: Some((
            Carries {
                tracks: true,
                unseen: true,
                open: true,
                opacity: true,
                fades: Fades::EveryFrame,
                invert: true,
                blends: NUKE.blends,
                between_frames: false,
                ..Carries::OUTLINES
            },
            blender::write,
        )),
        ..Format::NONE
    },
];

impl Format {
    /// What a format has that its row in the list does not name.
    const NONE: Format = Format {
        name: "",
        title: "",
        extensions: &[],
        space: None,
        read: None,
        read_folder: None,
        reads: (false, false),
        write: None,
    };

    /// The format of this name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|f| f.name == name)
    }

    /// The formats that files with this ending (without the dot) may have, of those that can be read, or written.
    pub fn of_extension(extension: &str, writing: bool) -> impl Iterator<Item = &'static Format> {
        let usable = move |f: &&Format| if writing { f.can_write() } else { f.can_read() };
        let ends = move |f: &&Format| f.extensions.iter().any(|e| e.eq_ignore_ascii_case(extension));
        FORMATS.iter().filter(usable).filter(ends)
    }

    /// The format of a file to be read, by its ending, and where that is not enough by how it begins.
    pub fn of_file(extension: &str, bytes: &[u8]) -> Option<&'static Format> {
        let keyframes = bytes.starts_with(b"Adobe After Effects");
        Self::of_extension(extension, false).find(|f| keyframes == (f.name == "after-effects"))
    }

    /// The project's own document.
    fn is_document(&self) -> bool {
        self.name == "shapes"
    }

    /// Whether there is a reader of files.
    pub fn can_read(&self) -> bool {
        self.is_document() || self.read.is_some()
    }

    /// Whether it is read from a folder, with [`Format::read_folder`], and not from a file.
    pub fn is_folder(&self) -> bool {
        self.read_folder.is_some()
    }

    /// Whether there is a writer.
    pub fn can_write(&self) -> bool {
        self.is_document() || self.write.is_some()
    }

    /// Whether shapes come in, whether tracks do.
    pub fn reads(&self) -> (bool, bool) {
        self.reads
    }

    /// What a writer puts into the file; `None` where there is no writer, and for the document, which carries everything.
    pub fn carries(&self) -> Option<&Carries> {
        self.write.as_ref().map(|(carries, _)| carries)
    }

    /// The document in a file's bytes, and what of the file it cannot hold.
    pub fn read(&self, bytes: &[u8], settings: &Settings) -> Result<(Document, Vec<Warning>), ReadError> {
        file::within(bytes.len() as u64)?;
        let text = std::str::from_utf8(bytes)
            .map_err(|e| ReadError::byte(e.valid_up_to(), "this is not text in UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut warnings = Vec::new();
        let mut document = if self.is_document() {
            Document::from_json(text)?
        } else {
            let read = match (self.read, self.is_folder()) {
                (Some(read), _) => read,
                (None, true) => {
                    return Err(ReadError::Nothing(format!("{} is the format of a folder", self.name)));
                }
                (None, false) => return Err(ReadError::NotRead(self.name)),
            };
            let mut document = read(text, settings, &mut warnings)?;
            document.normalise()?;
            document
        };
        settle(&mut document, settings);
        Ok((document, warnings))
    }

    /// The document in a folder's files, and what of them it cannot hold.
    pub fn read_folder(
        &self,
        folder: &Path,
        settings: &Settings,
    ) -> Result<(Document, Vec<Warning>), ReadError> {
        let read = self.read_folder.ok_or_else(|| {
            ReadError::Nothing(format!("this is a folder, and {} is the format of a file", self.name))
        })?;
        let mut warnings = Vec::new();
        let mut document = read(folder, settings, &mut warnings)?;
        document.normalise()?;
        settle(&mut document, settings);
        Ok((document, warnings))
    }

    /// The text of a document in this format, and what of the document it cannot hold. The same document always gives the same
    /// text.
    pub fn write(
        &self,
        document: &Document,
        settings: &Settings,
    ) -> Result<(String, Vec<Warning>), WriteError> {
        if self.is_document() {
            let mut text = document.to_json()?;
            text.push('\n');
            return Ok((text, Vec::new()));
        }
        let (carries, write) = self.write.ok_or(WriteError::NotWritten(self.name))?;
        let (prepared, mut warnings) = carry::prepare(document, &carries);
        if prepared.shapes.is_empty() && prepared.tracks.is_empty() {
            let what = match (carries.shapes, carries.tracks) {
                (true, true) => "shapes or tracks",
                (true, false) => "shapes",
                (false, _) => "tracks",
            };
            return Err(WriteError::Nothing(format!("the document has no {what} to write")));
        }
        let shot = Shot::of(&prepared, settings).ok_or(WriteError::SizeUnknown)?;
        if settings.start_frame.is_none() && self.space.is_some_and(|s| s.frames == Frames::FromStart) {
            let first = text::frame(shot.start_frame);
            let what = format!(
                "counted from {first}, the first key: say the shot's start frame where it is another"
            );
            warnings.push(Warning::general("frames", what));
        }
        let out = write(&prepared, &shot, &mut warnings)?;
        Ok((out, warnings))
    }
}

/// What the caller says about the shot goes before what the file says.
fn settle(document: &mut Document, settings: &Settings) {
    document.width = settings.width.unwrap_or(document.width);
    document.height = settings.height.unwrap_or(document.height);
    document.fps = settings.fps.or(document.fps);
    document.par = settings.par.or(document.par);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_each_and_endings_lead_to_a_format() {
        for format in FORMATS {
            assert_eq!(Format::named(format.name).unwrap().title, format.title);
            assert!(format.can_read() || format.can_write() || format.is_folder(), "{}", format.name);
            for extension in format.extensions {
                let extension = extension.to_uppercase();
                let mut found = Format::of_extension(&extension, format.can_write());
                assert!(found.any(|f| f.name == format.name), "{extension}");
            }
        }
        assert!(Format::of_extension("png", true).next().is_none());
        assert_eq!(Format::of_file("TXT", b"Adobe After Effects 8.0").unwrap().name, "after-effects");
        assert_eq!(Format::of_file("txt", b"3\nnose").unwrap().name, "tracks");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_by_place() {
        let error = Format::named("nuke").unwrap().read(b"Roto {\xff", &Settings::default()).unwrap_err();
        assert_eq!(error.to_string(), "byte 6: this is not text in UTF-8");
    }

    #[test]
    fn an_empty_document_is_nothing_to_write() {
        let error = Format::named("nuke").unwrap().write(&Document::new(1, 1), &Settings::default());
        assert!(matches!(error, Err(WriteError::Nothing(_))), "{error:?}");
    }
}
