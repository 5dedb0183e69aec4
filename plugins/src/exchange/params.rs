//! Params of import and export. Their names, and the order of formats, are a contract: saved projects open in later versions.

use std::ffi::{CStr, CString};
use std::sync::LazyLock;

use interchange::{FORMATS, Format};
use ofx::param::{Bool, Choice, ChoiceOf, Double, Options, Page, Push, Text};
use ofx::{DescribeInContext, Result};
use shapes::reduce::DEFAULT_TOLERANCE_PX;

/// Formats that can be written, in the order of the choice in saved projects. Formats that are not here yet come after them,
/// as the table of formats has them.
const WRITTEN: &[&str] = &[
    "shapes",
    "nuke",
    "nuke-python",
    "nuke-tracker3",
    "nuke-corner-pin",
    "silhouette",
    "silhouette-python",
    "fusion",
    "after-effects-masks",
    "after-effects",
    "after-effects-corner-pin",
    "natron",
    "blender",
    "tracks",
];
/// The same for formats that can be read.
const READ: &[&str] = &["shapes", "nuke", "silhouette", "fusion", "after-effects", "tracks"];

/// The options of a choice of formats: by the file's ending first, then the formats.
pub struct Listed {
    formats: Vec<&'static Format>,
    labels: Vec<&'static CStr>,
}

impl Listed {
    fn new(settled: &[&str], usable: impl Fn(&Format) -> bool) -> Self {
        let known = settled.iter().filter_map(|name| Format::named(name));
        let further = FORMATS.iter().filter(|f| usable(f) && !settled.contains(&f.name));
        let formats: Vec<&'static Format> = known.chain(further).collect();
        let label = |f: &&Format| -> &'static CStr {
            Box::leak(CString::new(f.title).unwrap_or_default().into_boxed_c_str())
        };
        let labels = std::iter::once(c"By the file's ending").chain(formats.iter().map(label)).collect();
        Listed { formats, labels }
    }

    /// The format of an option; `None` for the first, which leaves it to the file.
    pub fn format(&self, option: usize) -> Option<&'static Format> {
        option.checked_sub(1).and_then(|i| self.formats.get(i).copied())
    }
}

/// Formats to export to.
pub static WRITABLE: LazyLock<Listed> = LazyLock::new(|| Listed::new(WRITTEN, Format::can_write));
/// Formats to import from.
pub static READABLE: LazyLock<Listed> = LazyLock::new(|| Listed::new(READ, Format::can_read));

/// What becomes of imported shapes and tracks whose names are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// They get names of their own.
    KeepBoth,
    /// They take the place of those that are there.
    Replace,
}

impl Options for Taken {
    const ALL: &'static [(Self, &'static CStr)] =
        &[(Self::KeepBoth, c"Keep both"), (Self::Replace, c"Replace")];
}

pub const EXPORT_PAGE: Page = Page::new(c"exportPage", c"Import, export");

pub const IMPORT_FILE: Text = Text::new(c"importFile", c"Import file")
    .existing_file()
    .help(
        c"A file with shapes or tracks of another application, or a shapes document; or the folder of a shot of the Sir Lionel data set.",
    );
pub const IMPORT_NAMES: ChoiceOf<Taken> =
    ChoiceOf::new(c"importNames", c"Names that are taken", Taken::KeepBoth).no_animation().help(
        c"What becomes of imported shapes and tracks whose names are taken. Keep both: the imported ones get a number after their \
          names. Replace: they take the place of those that are there, keys set by hand too; Undo brings those back.",
    );
pub const IMPORT: Push = Push::new(c"importShapes", c"Import").help(
    c"Adds the shapes and tracks of the file to those of this node. Their keys are yours: no solve changes them. What cannot be \
      read is said.",
);

pub const EXPORT_FILE: Text = Text::new(c"exportFile", c"Export file")
    .file()
    .help(c"Where shapes and tracks go, for another application.");
pub const EXPORT_OVERWRITE: Bool = Bool::new(c"exportOverwrite", c"Overwrite")
    .no_animation()
    .help(c"Writes over a file that is there already. Off: such a file stays, and that is said.");
pub const EXPORT_TOLERANCE: Double = Double::new(c"exportTolerance", c"Export tolerance (px)")
    .default(DEFAULT_TOLERANCE_PX)
    .range(0.0, 100.0)
    .display(0.0, 5.0)
    .no_animation()
    .help(
        c"As few keys are written as keep every shape's outline and tangents within this distance on every frame, in pixels. Keys set by hand \
          are always written. 0 writes all keys; shapes documents and tracks have all of theirs anyway.",
    );
pub const EXPORT: Push = Push::new(c"exportShapes", c"Export").help(
    c"Writes the shapes and tracks of this node into the export file. What the format cannot hold is said.",
);
pub const SHOW_TEXT: Push = Push::new(c"exportAsText", c"Show as text").help(
    c"Puts what would be exported into the field below, to be copied from there: Nuke, Fusion and After Effects take \
      such text with Paste, and scripts can be pasted where scripts are run.",
);
pub const EXPORT_TEXT: Text = Text::new(c"exportText", c"Text to copy")
    .lines()
    .not_persistent()
    .no_undo()
    .evaluate_on_change(false)
    .help(c"Select all of it and copy it. It is as old as the last press of the button above, and no part of the project.");

/// Which format a file is read in.
pub fn import_format() -> Choice<'static> {
    Choice::new(c"importFormat", c"Import format", &READABLE.labels)
        .no_animation()
        .help(c"The file's format.")
}

/// Which format is written.
pub fn export_format() -> Choice<'static> {
    Choice::new(c"exportFormat", c"Export format", &WRITABLE.labels)
        .no_animation()
        .help(
            c"The file's format. Scripts of several applications end in .py, and texts in .txt: choose one for those. Corner pins and \
              Tracker3 nodes are only written where they are chosen.",
        )
}

/// Defines what import takes.
pub fn define_import(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&IMPORT_FILE)?;
    d.define(&import_format())?;
    d.define(&IMPORT_NAMES)?;
    d.define(&IMPORT)
}

/// Defines what export takes.
pub fn define_export(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&EXPORT_FILE)?;
    d.define(&export_format())?;
    d.define(&EXPORT_OVERWRITE)?;
    d.define(&EXPORT_TOLERANCE)?;
    d.define(&EXPORT)?;
    d.define(&SHOW_TEXT)?;
    d.define(&EXPORT_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settled_formats_keep_their_places_and_none_is_missing() {
        for (listed, settled, usable) in [
            (&WRITABLE, WRITTEN, Format::can_write as fn(&Format) -> bool),
            (&READABLE, READ, Format::can_read),
        ] {
            for (i, name) in settled.iter().enumerate() {
                let format = listed.format(i + 1).unwrap();
                assert!(format.name == *name && usable(format), "{name}");
            }
            assert_eq!(listed.formats.len(), FORMATS.iter().filter(|f| usable(f)).count());
            assert_eq!(listed.labels.len(), listed.formats.len() + 1);
            assert!(listed.format(0).is_none() && listed.format(999).is_none());
        }
    }
}
