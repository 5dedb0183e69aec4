//! What mattes of real footage become as shapes.
//!
//! `cargo bench -p tests --bench vectorise -- FOLDER [TOLERANCES...]`: FOLDER holds `SEQUENCE/masks/#####.png`, TOLERANCES are in pixels,
//! `1 2` unless given. Prints overlap J and mean boundary distance D of what the shapes draw, cut at a half, with the masks of all frames;
//! control points, keys per 100 frames of the shape that has most, and the time, without reading.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use engine::image::Plane;
use engine::raster::{self, MatteOptions, Window};
use engine::vectorise::{Options, vectorise};
use host::io::{self, Sequence};
use tests::mask::Mask;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some((folder, tolerances)) = args.split_first() else {
        println!(
            "vectorise: give a folder of sequences: cargo bench -p tests --bench vectorise -- FOLDER [TOLERANCES...]"
        );
        return Ok(());
    };
    let mut sequences: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    sequences.retain(|p| p.join("masks").is_dir());
    sequences.sort();
    let both = ["1".to_owned(), "2".to_owned()];
    println!(
        "| sequence | tolerance | J mean | J min | D, px | points | keys per 100 frames | ms a frame |\n|---|---|---|---|---|---|---|---|"
    );
    for tolerance in if tolerances.is_empty() { &both } else { tolerances } {
        for path in &sequences {
            sequence(path, tolerance.parse()?)?;
        }
    }
    Ok(())
}

fn sequence(path: &Path, tolerance_px: f64) -> Result<(), Box<dyn Error>> {
    let pattern = path.join("masks/#####.png");
    let frames = Sequence::open(&pattern.to_string_lossy())?.frames().to_vec();
    let (first, last) = (frames[0] as i32, frames[frames.len() - 1] as i32);
    let mut planes = Vec::new();
    for frame in &frames {
        let picture = io::read(&path.join(format!("masks/{frame:05}.png")))?.picture;
        let (width, height) = (picture.bounds().width(), picture.bounds().height());
        let red = picture.to_rgba_f32().iter().map(|p| p[0]).collect();
        planes.push(Plane::from_vec(width, height, red)?);
    }
    let mut read =
        |f: i32| planes.get((f - first) as usize).cloned().ok_or_else(|| "there is no mask".to_owned());
    let options = Options { tolerance_px, ..Options::default() };
    let start = Instant::now();
    let document = vectorise(&mut read, [first, last], &options, &mut |_| true)?.document;
    let ms = 1000.0 * start.elapsed().as_secs_f64() / frames.len() as f64;

    let (mut j, mut least, mut distance) = (0.0, 1.0f64, 0.0);
    let mask = |plane: &Plane| {
        let width = plane.width();
        Mask::from_fn(width, plane.height(), |x, y| plane.data()[y * width + x] >= 0.5)
    };
    for (frame, truth) in frames.iter().zip(&planes) {
        let window = Window::of_size(truth.width(), truth.height());
        let drawn = raster::matte(&document, *frame as f64, &MatteOptions::default(), window);
        let scores = mask(&drawn).scores(&mask(truth));
        j += scores.j / frames.len() as f64;
        least = least.min(scores.j);
        distance += scores.distance_px / frames.len() as f64;
    }
    let points: usize = document.shapes.iter().filter_map(|s| s.keys.first()).map(|k| k.points.len()).sum();
    let keys = document.shapes.iter().map(|s| s.keys.len()).max().unwrap_or(0);
    println!(
        "| {} | {tolerance_px} px | {j:.4} | {least:.4} | {distance:.2} | {points} | {:.0} | {ms:.0} |",
        path.file_name().unwrap_or_default().to_string_lossy(),
        100.0 * keys as f64 / frames.len() as f64
    );
    Ok(())
}
