//! Whether points stay on their features: how far each point of a solved shape lies, along the contour, from the material
//! it was put on.
//!
//! `cargo bench -p tests --bench slide -- SHOTS KEYS`, after `make bundle`: SHOTS holds `SHOT/{plate.####.png, gt.json}` and, where
//! a renderer gave vectors, `motion.####.exr`; KEYS holds `SHOT.json`, the keyed shapes. In gt.json
//! `frames.N.contours.SHAPE` has `xy` (vertex k is the same place on every frame), `closed`, and `visible` (a digit per
//! vertex). Frames without a key count, and vertices that are seen. Besides, the expected errors of these frames are held
//! against the mean distance between the solved curves and the seen part of the contours.
#![allow(clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use shapes::Document;
use tests::contour::Contour;
use tests::honesty::{Judged, best_fit, calibration, flagged, rank_correlation};

/// The vertex each point of a shape is put on. The head's outline has no material: its vertices are angles.
const VERTICES: [(&str, &[usize]); 10] = [
    ("eye_L_opening", &[0, 8, 20, 32, 44, 56]),
    ("eye_R_opening", &[0, 8, 20, 32, 44, 56]),
    ("upper_lid_L", &[0, 16, 32, 33, 57, 81]),
    ("upper_lid_R", &[0, 16, 32, 33, 57, 81]),
    ("mouth_outer", &[0, 8, 16, 24, 32, 40, 48, 56]),
    ("upper_face", &[0, 23, 47, 71, 83, 107, 131, 154, 165, 185, 205, 225]),
    ("lower_face", &[0, 23, 47, 71, 83, 107, 131, 154, 172, 189, 209, 229, 249, 266]),
    ("seam_L", &[0, 24, 47]),
    ("seam_R", &[0, 24, 47]),
    ("seam_bridge", &[0, 12, 24]),
];

/// Slides by shape, px.
type Slides = BTreeMap<String, Vec<f64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [shots, keys] = args.as_slice() else {
        println!("slide: give the shots and the keys: cargo bench -p tests --bench slide -- SHOTS KEYS");
        return Ok(());
    };
    let mut shots: Vec<PathBuf> = std::fs::read_dir(shots)?.flatten().map(|e| e.path()).collect();
    shots.retain(|p| p.join("gt.json").is_file());
    shots.sort();
    let mut judged = Vec::new();
    let mut columns = [Slides::new(), Slides::new(), Slides::new()];
    for shot in &shots {
        let name = shot.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let keys = Path::new(keys).join(format!("{name}.json"));
        let has_vectors = std::fs::read_dir(shot)?
            .flatten()
            .any(|e| e.file_name().to_string_lossy().starts_with("motion."));
        let (flow, expected) = slides(shot, &keys, false)?;
        judged.extend(expected);
        let vectors = if has_vectors { Some(slides(shot, &keys, true)?.0) } else { None };
        println!("{name}: {}", summary(&flow.values().flatten().copied().collect::<Vec<f64>>()));
        if let Some(vectors) = &vectors {
            println!(
                "{name}, vectors: {}",
                summary(&vectors.values().flatten().copied().collect::<Vec<f64>>())
            );
        }
        let to_second = vectors.is_some().then(|| flow.clone());
        for (column, found) in columns.iter_mut().zip([Some(flow), to_second, vectors]) {
            for (shape, slides) in found.into_iter().flatten() {
                column.entry(shape).or_default().extend(slides);
            }
        }
    }
    println!(
        "\n| median / 95 % px | built-in flow, all shots | built-in flow, shots with vectors | vectors |"
    );
    println!("|---|---|---|---|");
    for (shape, _) in VERTICES {
        let cells = columns.each_ref().map(|c| summary(c.get(shape).map_or(&[][..], Vec::as_slice)));
        println!("| {shape} | {} |", cells.join(" | "));
    }
    let all = columns.each_ref().map(|c| summary(&c.values().flatten().copied().collect::<Vec<f64>>()));
    println!("| all | {} |", all.join(" | "));
    let (factor, power) = best_fit(&judged);
    let f = flagged(&judged, 1.0);
    println!(
        "\nconfidence, built-in flow: rank correlation {:.2}; true px {factor:.2} e^{power:.2};",
        rank_correlation(&judged)
    );
    println!(
        "good at 1 px {:.2}, precision {:.2}, recall {:.2}\n\n{}",
        f.good,
        f.precision,
        f.recall,
        calibration(&judged)
    );
    Ok(())
}

fn summary(slides: &[f64]) -> String {
    let mut sorted = slides.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((sorted.len().saturating_sub(1) as f64 * share).round() as usize);
    match (at(0.5), at(0.95)) {
        (Some(median), Some(most)) => format!("{median:.2} / {most:.1}"),
        _ => String::from("-"),
    }
}

/// Solves a shot with the command and measures it.
fn slides(shot: &Path, keys: &Path, vectors: bool) -> Result<(Slides, Vec<Judged>), Box<dyn Error>> {
    let truth: Value = serde_json::from_str(&std::fs::read_to_string(shot.join("gt.json"))?)?;
    let frames = truth["frames"].as_object().ok_or("gt.json has no frames")?;
    let numbers: BTreeSet<i64> = frames.keys().filter_map(|f| f.parse().ok()).collect();
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else { return Err("no frames".into()) };
    let folder = tempfile::tempdir()?;
    let solved = folder.path().join("solved.json");
    let mut command = Command::new(tests::command());
    command.args(["-q", "motion2roto", "--bundle"]).arg(tests::bundle_path());
    command.arg("--plate").arg(shot.join("plate.####.png")).arg("--shapes").arg(keys);
    command.args(["--frames", &format!("{first}-{last}"), "--out-shapes"]).arg(&solved);
    if vectors {
        command.arg("--motion").arg(shot.join("motion.####.exr")).args(["--motion-convention", "pixels"]);
    }
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let (keyed, solved) = (Document::load(keys)?, Document::load(&solved)?);
    let (mut out, mut judged) = (Slides::new(), Vec::new());
    for (name, vertices) in VERTICES {
        let (Some(keyed), Some(shape)) = (keyed.shape(name), solved.shape(name)) else { continue };
        let list = out.entry(name.to_owned()).or_default();
        for frame in numbers.iter().filter(|f| keyed.key_at(**f as f64).is_none()) {
            let contour = &frames[&frame.to_string()]["contours"][name];
            let contour = Contour::new(contour)?;
            list.extend(contour.slides(shape, *frame as f64, vertices));
            let key = shape.key_at(*frame as f64);
            let confidence = key.and_then(|k| k.confidence);
            judged.extend(
                confidence.zip(contour.mean_px(shape, *frame as f64)).map(|(c, d)| Judged::new(c, d)),
            );
        }
    }
    Ok((out, judged))
}
