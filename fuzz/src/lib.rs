//! What is asked of every reader, whatever the bytes: an error in one short sentence, or a document that keeps its rules and that every
//! writer can write.
#![forbid(unsafe_code)]

use interchange::{FORMATS, Format, ReadError, Settings, Warning};
use shapes::Document;

/// Points of a document that is small enough to be written in every format each time.
const FEW: usize = 200;

fn settings() -> Settings {
    Settings { width: Some(320), height: Some(240), fps: Some(24.0), ..Settings::default() }
}

/// Reads a file of a format.
pub fn file(name: &str, bytes: &[u8]) {
    let format = Format::named(name).expect("a format");
    check(format.read(bytes, &settings()));
}

/// Reads a folder of a format with one file in it.
pub fn folder(name: &str, file: &str, bytes: &[u8]) {
    let format = Format::named(name).expect("a format");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(file), bytes).expect("a file");
    check(format.read_folder(folder.path(), &settings()));
}

fn check(read: Result<(Document, Vec<Warning>), ReadError>) {
    let mut document = match read {
        Ok((document, _)) => document,
        Err(error) => {
            let said = error.to_string();
            assert!(!said.is_empty() && said.len() < 1000 && !said.contains('\n'), "{said}");
            return;
        }
    };
    document.normalise().expect("a reader's document keeps the rules");
    let frames = |d: &Document| {
        d.shapes.iter().flat_map(|s| s.keys.iter().map(|k| k.frame)).fold(0.0, |a: f64, f| a.max(f.abs()))
    };
    let points = document.shapes.iter().flat_map(|s| &s.keys).map(|k| k.points.len()).sum::<usize>();
    // Smooth keys are baked, one for each frame.
    if points <= FEW && frames(&document) < 1e4 {
        for format in FORMATS.iter().filter(|f| f.can_write()) {
            let _ = format.write(&document, &settings());
        }
    }
}
