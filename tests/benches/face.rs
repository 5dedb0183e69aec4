//! Whether landmarks are on their features: Face Roto against the truth of rendered shots.
//!
//! `cargo bench -p tests --bench face -- SHOTS KEYS [FACE] [OPTIONS]`, after `make bundle`: SHOTS holds `SHOT/{plate.####.png, gt.json}`; KEYS
//! holds `SHOT.json`, the keyed tracks and shapes, of the shots that have keys; FACE is a `.face` file to use besides. Shots without keys
//! are judged where there is a FACE. OPTIONS are of `splitline face-roto`, as `--snap 12`. In gt.json `frames.N.landmarks.NAME` is `[x, y, visible]`. Visible landmarks on frames
//! without a key count. Shapes are held against `frames.N.contours.NAME` where at least half of it is seen: finished is one with a
//! mean distance, both ways, of at most 1 px and none above 3 px. Shut eyes, contours without an area, are left out.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;
use shapes::Document;
use tests::contour::Contour;
use tests::honesty::{Judged, rank_correlation};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let (files, options) = args.split_at(args.iter().position(|a| a.starts_with("--")).unwrap_or(args.len()));
    let (shots, keys, face) = match files {
        [shots, keys] => (shots, keys, None),
        [shots, keys, face] => (shots, keys, Some(Path::new(face))),
        _ => {
            println!(
                "face: give shots and keys: cargo bench -p tests --bench face -- SHOTS KEYS [FACE] [OPTIONS]"
            );
            return Ok(());
        }
    };
    let mut shots: Vec<PathBuf> = std::fs::read_dir(shots)?.flatten().map(|e| e.path()).collect();
    shots.retain(|p| p.join("gt.json").is_file());
    shots.sort();
    println!("| shot | median px | 95 % px | within 2 px, % | rank correlation of confidence | s a frame |");
    println!("|---|---|---|---|---|---|");
    let mut all = Vec::new();
    let mut finished: BTreeMap<String, Vec<bool>> = BTreeMap::new();
    for shot in &shots {
        let name = shot.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let keys = Some(Path::new(keys).join(format!("{name}.json"))).filter(|k| k.is_file());
        if keys.is_none() && face.is_none() {
            continue;
        }
        let (judged, seconds) = judged(shot, keys.as_deref(), face, options, &mut finished)?;
        println!("| {name} | {} | {seconds:.2} |", summary(&judged));
        all.extend(judged);
    }
    println!("| all | {} | |", summary(&all));
    println!("\n| shape | frames | finished, % |\n|---|---|---|");
    for (name, finished) in &finished {
        println!("| {name} | {} | {:.0} |", finished.len(), percent(finished));
    }
    let all: Vec<bool> = finished.values().flatten().copied().collect();
    println!("| all | {} | {:.0} |", all.len(), percent(&all));
    Ok(())
}

fn percent(finished: &[bool]) -> f64 {
    100.0 * finished.iter().filter(|f| **f).count() as f64 / finished.len().max(1) as f64
}

fn summary(judged: &[Judged]) -> String {
    let mut errors: Vec<f64> = judged.iter().map(|j| j.true_px).collect();
    errors.sort_by(f64::total_cmp);
    let at = |share: f64| errors.get((errors.len().saturating_sub(1) as f64 * share).round() as usize);
    let near = errors.iter().filter(|e| **e <= 2.0).count() as f64 / errors.len().max(1) as f64;
    let [median, most] = [0.5, 0.95].map(|s| at(s).copied().unwrap_or(f64::NAN));
    format!("{median:.2} | {most:.1} | {:.0} | {:.2}", 100.0 * near, rank_correlation(judged))
}

/// Analyses a shot with the command; each landmark's confidence and error, and seconds a frame. Adds for each shape and frame
/// whether it is finished.
fn judged(
    shot: &Path,
    keys: Option<&Path>,
    face: Option<&Path>,
    options: &[String],
    finished: &mut BTreeMap<String, Vec<bool>>,
) -> Result<(Vec<Judged>, f64), Box<dyn Error>> {
    let truth: Value = serde_json::from_str(&std::fs::read_to_string(shot.join("gt.json"))?)?;
    let frames = truth["frames"].as_object().ok_or("gt.json has no frames")?;
    let numbers: Vec<i64> = frames.keys().filter_map(|f| f.parse().ok()).collect();
    let (Some(first), Some(last)) = (numbers.iter().min(), numbers.iter().max()) else {
        return Err("no frames".into());
    };
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("found.json");
    let mut command = Command::new(tests::command());
    command.args(["-q", "face-roto", "--bundle"]).arg(tests::bundle_path());
    command.arg("--plate").arg(shot.join("plate.####.png"));
    command.args(["--frames", &format!("{first}-{last}"), "--out-shapes"]).arg(&out);
    keys.map(|k| command.arg("--keys").arg(k));
    face.map(|f| command.arg("--face").arg(f));
    command.args(options);
    let start = Instant::now();
    let output = command.output()?;
    let seconds = start.elapsed().as_secs_f64() / numbers.len() as f64;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let found = Document::load(&out)?;
    let keyed = keys.map(Document::load).transpose()?;
    let is_keyed =
        |f: i64| keyed.iter().flat_map(|d| &d.tracks).any(|t| t.keys.iter().any(|k| k.frame == f as f64));
    let mut judged = Vec::new();
    for frame in numbers.into_iter().filter(|f| !is_keyed(*f)) {
        let landmarks =
            frames[&frame.to_string()]["landmarks"].as_object().ok_or("a frame has no landmarks")?;
        for (name, place) in landmarks {
            let [Some(x), Some(y), Some(seen)] = [0, 1, 2].map(|i| place[i].as_f64()) else { continue };
            let track = found.tracks.iter().find(|t| t.name == *name);
            let Some(key) = track.and_then(|t| t.keys.iter().find(|k| k.frame == frame as f64)) else {
                continue;
            };
            if seen > 0.0 {
                judged.push(Judged::new(key.confidence.unwrap_or(1.0), (key.x - x).hypot(key.y - y)));
            }
        }
        for shape in &found.shapes {
            let Ok(contour) = Contour::new(&frames[&frame.to_string()]["contours"][&shape.name]) else {
                continue;
            };
            let Some(far) = contour.distances_px(shape, frame as f64).filter(|_| !contour.is_shut()) else {
                continue;
            };
            let mean = far.iter().sum::<f64>() / far.len() as f64;
            let most = far.iter().copied().fold(0.0, f64::max);
            finished.entry(shape.name.clone()).or_default().push(mean <= 1.0 && most <= 3.0);
        }
    }
    Ok((judged, seconds))
}
