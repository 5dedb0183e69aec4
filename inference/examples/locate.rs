//! Where a model's landmarks are in pictures: `locate LIBRARY MODEL PICTURE.ppm...`
//!
//! LIBRARY is ONNX Runtime, pictures are binary PPM of 8 bits. Prints a line a landmark, with tabs between picture, name, x, y (pixels) and
//! confidence, and one a picture with its score under the name `score`.

use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use inference::{Landmarker, Picture, Runtime};

fn main() -> ExitCode {
    locate().map_or_else(
        |error| {
            let _ = writeln!(std::io::stderr(), "locate: {error}");
            ExitCode::from(2)
        },
        |()| ExitCode::SUCCESS,
    )
}

fn locate() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, model, pictures @ ..] = &*arguments else {
        return Err("locate LIBRARY MODEL PICTURE.ppm...".into());
    };
    let model = Landmarker::open(&Runtime::load(Some(Path::new(library)))?, Path::new(model))?;
    let mut out = std::io::stdout().lock();
    for path in pictures {
        let file = std::fs::read(path)?;
        let picture = ppm(&file).ok_or_else(|| format!("{path} is no binary PPM of 8 bits"))?;
        let seen = model.run(&picture)?;
        writeln!(out, "{path}\tscore\t\t\t{}", seen.score)?;
        for landmark in &seen.landmarks {
            let inference::Landmark { name, x, y, confidence } = landmark;
            writeln!(out, "{path}\t{name}\t{x}\t{y}\t{confidence}")?;
        }
    }
    Ok(())
}

/// A picture whose header has no comments.
fn ppm(file: &[u8]) -> Option<Picture<'_>> {
    let mut rest = file;
    let mut word = || {
        let end = rest.iter().position(u8::is_ascii_whitespace)?;
        let word = std::str::from_utf8(&rest[..end]).ok()?;
        rest = &rest[end + 1..];
        Some(word)
    };
    let (kind, width, height, most) = (word()?, word()?, word()?, word()?);
    (kind == "P6" && most == "255").then_some(())?;
    Picture::new(width.parse().ok()?, height.parse().ok()?, rest)
}
