//! How good Motion2Roto's splines are on real footage, against masks of every frame.
//!
//! `cargo bench -p tests --bench roto -- FOLDER [KEYS]`, after `make bundle`: FOLDER holds
//! `SEQUENCE/{frames/#####.jpg, masks/#####.png, keys_KEYS.json}`, KEYS is `10` unless given. Prints region overlap J and the
//! boundary measure F of DAVIS (Perazzi and others, CVPR 2016), and F with a tolerance of 2 px, as means over the frames
//! that have no key.
#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use host::io::{self, Sequence};
use host::{Context, Picture, RenderJob};
use shapes::Document;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(folder) = args.first() else {
        println!("roto: give a folder of sequences: cargo bench -p tests --bench roto -- FOLDER [KEYS]");
        return Ok(());
    };
    let keys = args.get(1).map_or("10", String::as_str);
    let mut sequences: Vec<_> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    sequences.retain(|p| p.join("masks").is_dir());
    sequences.sort();
    println!(
        "{:<16}{:>8}{:>8}{:>8}{:>8}{:>10}",
        "keys ".to_owned() + keys,
        "J",
        "F",
        "J&F",
        "F 2 px",
        "seconds"
    );
    let mut all = Vec::new();
    for path in &sequences {
        let start = Instant::now();
        let scores = sequence(path, keys)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        print_row(&name, scores, start.elapsed().as_secs_f64());
        all.push(scores);
    }
    print_row("mean", mean(&all), 0.0);
    Ok(())
}

/// J, F at the tolerance of DAVIS, F at 2 px.
type Scores = [f64; 3];

fn mean(all: &[Scores]) -> Scores {
    std::array::from_fn(|i| all.iter().map(|s| s[i]).sum::<f64>() / all.len().max(1) as f64)
}

fn print_row(name: &str, [j, f, f2]: Scores, seconds: f64) {
    println!("{name:<16}{j:>8.4}{f:>8.4}{:>8.4}{f2:>8.4}{seconds:>10.1}", (j + f) / 2.0);
}

fn sequence(path: &Path, keys: &str) -> Result<Scores, Box<dyn Error>> {
    let text = |p: &Path| p.to_string_lossy().into_owned();
    let plate = Sequence::open(&text(&path.join("frames/#####.jpg")))?;
    let frames = plate.frames().to_vec();
    let document = Document::load(&path.join(format!("keys_{keys}.json")))?;
    let keyed: BTreeSet<i64> = document.shapes.iter().flat_map(|s| &s.keys).map(|k| k.frame as i64).collect();
    let (_host, mut node) = tests::node("full", tests::MOTION2ROTO, Context::Filter);
    node.connect("Source", Arc::new(plate))?;
    node.set("shapes", document.to_json()?)?;
    node.set_text("plateEncoding", None, "Display or log")?;
    node.set_text("output", None, "Matte in RGB")?;
    node.press("solve")?;
    let mut scores = Vec::new();
    for frame in frames.iter().filter(|f| !keyed.contains(f)) {
        let matte = Mask::of(&node.render(&RenderJob::at(*frame as f64))?);
        let truth = Mask::of(&io::read(&path.join(format!("masks/{frame:05}.png")))?.picture);
        scores.push(matte.scores(&truth));
    }
    Ok(mean(&scores))
}

/// What is inside.
struct Mask {
    width: usize,
    height: usize,
    inside: Vec<bool>,
}

impl Mask {
    fn of(picture: &Picture) -> Self {
        let b = picture.bounds();
        let inside = picture.to_rgba_f32().iter().map(|p| p[0] >= 0.5).collect();
        Mask { width: b.width(), height: b.height(), inside }
    }

    fn at(&self, x: usize, y: usize) -> bool {
        self.inside[y.min(self.height - 1) * self.width + x.min(self.width - 1)]
    }

    /// Pixels that differ from the one beside, above, or both.
    fn boundary(&self) -> Vec<(usize, usize)> {
        let places = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        places
            .filter(|&(x, y)| {
                let here = self.at(x, y);
                here != self.at(x + 1, y) || here != self.at(x, y + 1) || here != self.at(x + 1, y + 1)
            })
            .collect()
    }

    fn scores(&self, truth: &Mask) -> Scores {
        let pairs = || self.inside.iter().zip(&truth.inside);
        let either = pairs().filter(|(a, b)| **a || **b).count();
        let both = pairs().filter(|(a, b)| **a && **b).count();
        let j = if either == 0 { 1.0 } else { both as f64 / either as f64 };
        let diagonal = (self.width as f64).hypot(self.height as f64);
        let f = |tolerance: f64| self.f_measure(truth, tolerance);
        [j, f((0.008 * diagonal).ceil()), f(2.0)]
    }

    fn f_measure(&self, truth: &Mask, tolerance: f64) -> f64 {
        let (ours, theirs) = (self.boundary(), truth.boundary());
        if ours.is_empty() || theirs.is_empty() {
            return if ours.is_empty() && theirs.is_empty() { 1.0 } else { 0.0 };
        }
        let precision = share_within(&ours, &theirs, (self.width, self.height), tolerance);
        let recall = share_within(&theirs, &ours, (self.width, self.height), tolerance);
        if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
    }
}

/// The share of `points` with one of `others` within the tolerance.
fn share_within(
    points: &[(usize, usize)],
    others: &[(usize, usize)],
    (width, height): (usize, usize),
    tolerance: f64,
) -> f64 {
    let mut near = vec![false; width * height];
    let reach = tolerance as isize;
    for &(x, y) in others {
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                let (px, py) = (x as isize + dx, y as isize + dy);
                let inside = px >= 0 && py >= 0 && (px as usize) < width && (py as usize) < height;
                if inside && (dx as f64).hypot(dy as f64) <= tolerance {
                    near[py as usize * width + px as usize] = true;
                }
            }
        }
    }
    points.iter().filter(|(x, y)| near[y * width + x]).count() as f64 / points.len() as f64
}
