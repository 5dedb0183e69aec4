//! Texts.

use core::ffi::CStr;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, Valued, builders};
use super::raw::RawParam;
use crate::error::Result;
use crate::props::optional;

/// How a text is shown and edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextMode {
    /// One line.
    Line,
    /// Many lines.
    Lines,
    /// The path of a file that exists.
    ExistingFile,
    /// The path of a file that may not exist yet.
    File,
    /// The path of a folder.
    Folder,
    /// Text that the artist reads but does not edit.
    Label,
    /// Rich text, where the host knows OpenFX 1.3; else many lines.
    Rich,
}

/// A text. A visible one is the one store that every host keeps with its project.
///
/// It holds one value for all frames, because Nuke, Resolve and MLT do not animate strings; see [`Text::animated`].
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    common: Common<'a>,
    default: &'a CStr,
    mode: TextMode,
}

impl<'a> Text<'a> {
    /// One line, empty at first.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label).still(), default: c"", mode: TextMode::Line }
    }

    /// How it is shown.
    pub const fn mode(mut self, mode: TextMode) -> Self {
        self.mode = mode;
        self
    }

    /// Many lines.
    pub const fn lines(self) -> Self {
        self.mode(TextMode::Lines)
    }

    /// The path of a file to read.
    pub const fn existing_file(self) -> Self {
        self.mode(TextMode::ExistingFile)
    }

    /// The path of a file to write.
    pub const fn file(self) -> Self {
        self.mode(TextMode::File)
    }

    /// The path of a folder.
    pub const fn folder(self) -> Self {
        self.mode(TextMode::Folder)
    }

    /// Text to read.
    pub const fn label(self) -> Self {
        self.mode(TextMode::Label)
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: &'a CStr) -> Self {
        self.default = default;
        self
    }

    /// May hold keys, where the host animates strings.
    pub const fn animated(mut self) -> Self {
        self.common.animates = true;
        self
    }
}

builders!(value Text);

impl Param for Text<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeString
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, p.host.capabilities().string_animation);
        let mode = match self.mode {
            TextMode::Line => sys::kOfxParamStringIsSingleLine,
            TextMode::Lines => sys::kOfxParamStringIsMultiLine,
            TextMode::ExistingFile | TextMode::File => sys::kOfxParamStringIsFilePath,
            TextMode::Folder => sys::kOfxParamStringIsDirectoryPath,
            TextMode::Label => sys::kOfxParamStringIsLabel,
            TextMode::Rich if p.since(1, 3) => sys::kOfxParamStringIsRichTextFormat,
            TextMode::Rich => sys::kOfxParamStringIsMultiLine,
        };
        optional(p.set_string(sys::kOfxParamPropStringMode, 0, mode));
        if matches!(self.mode, TextMode::ExistingFile | TextMode::File) {
            let exists = self.mode == TextMode::ExistingFile;
            optional(p.set_int(sys::kOfxParamPropStringFilePathExists, 0, exists.into()));
        }
        p.set_string(sys::kOfxParamPropDefault, 0, self.default)
    }
}

/// Reading, writing and copying of texts.
macro_rules! text_value {
    ($type:ident) => {
        impl Valued for $type<'_> {
            type Value = String;
            type Input<'v> = &'v str;

            fn read(&self, raw: &RawParam<'_>, time: Option<f64>) -> Result<String> {
                raw.get_string(time)
            }

            fn write(&self, raw: &RawParam<'_>, time: Option<f64>, value: &str) -> Result<()> {
                raw.set_string(time, value)
            }

            fn transfer(
                &self,
                (from, from_time): (&RawParam<'_>, Option<f64>),
                (to, to_time): (&RawParam<'_>, Option<f64>),
            ) -> Result<()> {
                self.write(to, to_time, &self.read(from, from_time)?)
            }
        }
    };
}

text_value!(Text);

/// A text that no host shows. MLT does not save it.
#[derive(Debug, Clone, Copy)]
pub struct Custom<'a> {
    common: Common<'a>,
    default: &'a CStr,
}

impl<'a> Custom<'a> {
    /// Empty at first.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label).still(), default: c"" }
    }

    /// The value of a new instance.
    pub const fn default(mut self, default: &'a CStr) -> Self {
        self.default = default;
        self
    }
}

builders!(value Custom);

impl Param for Custom<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeCustom
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        self.common.describe_value(p, false);
        p.set_string(sys::kOfxParamPropDefault, 0, self.default)
    }
}

text_value!(Custom);
