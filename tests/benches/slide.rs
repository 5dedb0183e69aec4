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
use shapes::{Document, Shape};
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

/// Places looked at on each segment of a solved curve.
const PLACES: usize = 8;

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
                confidence.zip(contour.distance_px(shape, *frame as f64)).map(|(c, d)| Judged::new(c, d)),
            );
        }
    }
    Ok((out, judged))
}

/// A dense contour of the truth.
struct Contour {
    xy: Vec<[f64; 2]>,
    seen: Vec<bool>,
    closed: bool,
    /// Distance along it of each vertex, and of the end.
    arc: Vec<f64>,
}

impl Contour {
    fn new(value: &Value) -> Result<Self, Box<dyn Error>> {
        let xy: Vec<[f64; 2]> = serde_json::from_value(value["xy"].clone())?;
        let closed = value["closed"].as_bool().unwrap_or(true);
        let seen = match value["visible"].as_str() {
            Some(digits) => digits.chars().map(|d| d == '1').collect(),
            None => vec![true; xy.len()],
        };
        let pieces = if closed { xy.len() } else { xy.len() - 1 };
        let mut arc = vec![0.0];
        for i in 0..pieces {
            let (a, b) = (xy[i], xy[(i + 1) % xy.len()]);
            arc.push(arc[i] + (b[0] - a[0]).hypot(b[1] - a[1]));
        }
        Ok(Contour { xy, seen, closed, arc })
    }

    /// Of each point whose vertex is seen; none where less than half of the contour is.
    fn slides(&self, shape: &Shape, frame: f64, vertices: &[usize]) -> Vec<f64> {
        if 2 * self.seen.iter().filter(|s| **s).count() < self.seen.len() {
            return Vec::new();
        }
        let points = shape.points_at(frame);
        let seen = points.iter().zip(vertices).filter(|(_, v)| self.seen.get(**v) == Some(&true));
        seen.map(|(p, v)| self.along([p.x, p.y], *v)).collect()
    }

    /// Mean distance of the shape's curve from the contour, px, where that is seen; `None` where less than half is.
    fn distance_px(&self, shape: &Shape, frame: f64) -> Option<f64> {
        if 2 * self.seen.iter().filter(|s| **s).count() < self.seen.len() {
            return None;
        }
        let points = shape.points_at(frame);
        let segments = if self.closed { points.len() } else { points.len() - 1 };
        let places = (0..segments).flat_map(|i| {
            let (a, b) = (&points[i], &points[(i + 1) % points.len()]);
            let xs = [a.x, a.x + a.tangent_out[0], b.x + b.tangent_in[0], b.x];
            let ys = [a.y, a.y + a.tangent_out[1], b.y + b.tangent_in[1], b.y];
            (0..PLACES).map(move |k| [xs, ys].map(|c| cubic(c, k as f64 / PLACES as f64)))
        });
        let far: Vec<f64> = places
            .filter_map(|p| {
                let (piece, _, far) = self.pieces(p).min_by(|a, b| a.2.total_cmp(&b.2))?;
                self.seen[piece].then_some(far)
            })
            .collect();
        (!far.is_empty()).then(|| far.iter().sum::<f64>() / far.len() as f64)
    }

    /// For every straight piece of the contour: its number, where on it (0 to 1) the place nearest to `p` lies, and how far
    /// that is, px.
    fn pieces(&self, p: [f64; 2]) -> impl Iterator<Item = (usize, f64, f64)> {
        (0..self.arc.len() - 1).map(move |i| {
            let (a, b) = (self.xy[i], self.xy[(i + 1) % self.xy.len()]);
            let (d, q) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
            let square = (d[0] * d[0] + d[1] * d[1]).max(1e-12);
            let t = ((d[0] * q[0] + d[1] * q[1]) / square).clamp(0.0, 1.0);
            (i, t, (q[0] - d[0] * t).hypot(q[1] - d[1] * t))
        })
    }

    /// The distance along the contour from a vertex to the place nearest to `p`, px. Of places equally near, as where an
    /// eye is shut, the one nearest to the vertex counts.
    fn along(&self, p: [f64; 2], vertex: usize) -> f64 {
        let length = self.arc[self.arc.len() - 1];
        let places: Vec<(f64, f64)> = self
            .pieces(p)
            .map(|(i, t, far)| {
                let mut along = (self.arc[i] + (self.arc[i + 1] - self.arc[i]) * t - self.arc[vertex]).abs();
                if self.closed {
                    along = along.min(length - along);
                }
                (far, along)
            })
            .collect();
        let nearest = places.iter().map(|p| p.0).fold(f64::MAX, f64::min);
        places.iter().filter(|p| p.0 <= nearest + 0.05).map(|p| p.1).fold(f64::MAX, f64::min)
    }
}

fn cubic([a, b, c, d]: [f64; 4], t: f64) -> f64 {
    let s = 1.0 - t;
    s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
}
