//! The clock of `tests/benches/flow.py`: estimates on request, so that both sides can take turns.
//!
//! Each line of the input is `QUALITY FIRST.pgm SECOND.pgm`; each line of the output is the seconds that the motion
//! from the first to the second took, without reading the files.

use std::error::Error;
use std::fs;
use std::io::{BufRead, Write};
use std::time::Instant;

use engine::flow::{Options, Quality, estimate};
use engine::image::Plane;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let [quality, a, b] = words[..] else {
            return Err(format!("not QUALITY FIRST SECOND: {line}").into());
        };
        let quality = match quality {
            "fast" => Quality::Fast,
            "balanced" => Quality::Balanced,
            "best" => Quality::Best,
            other => return Err(format!("no quality: {other}").into()),
        };
        let (a, b) = (read(a)?, read(b)?);
        let start = Instant::now();
        estimate(&a, &b, &Options { quality, ..Options::default() }, &|| false)?;
        writeln!(out, "{}", start.elapsed().as_secs_f64())?;
        out.flush()?;
    }
    Ok(())
}

/// A grey picture of 8 bits, as a binary PGM with a header of one line.
fn read(path: &str) -> Result<Plane, Box<dyn Error>> {
    let bytes = fs::read(path)?;
    let wrong = || format!("{path}: not a PGM with a header of one line");
    let end = bytes.iter().position(|&b| b == b'\n').ok_or_else(wrong)?;
    let header = std::str::from_utf8(&bytes[..end])?;
    let words: Vec<&str> = header.split(' ').collect();
    let ["P5", width, height, "255"] = words[..] else { return Err(wrong().into()) };
    let values = bytes[end + 1..].iter().map(|&v| f32::from(v) / 255.0).collect();
    Ok(Plane::from_vec(width.parse()?, height.parse()?, values)?)
}
