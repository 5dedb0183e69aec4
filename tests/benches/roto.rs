//! How good Motion2Roto's splines are on real footage, against masks of every frame.
//!
//! `cargo bench -p tests --bench roto -- FOLDER [KEYS...]`, after `make bundle`: FOLDER holds
//! `SEQUENCE/{frames/#####.jpg, masks/#####.png, keys_KEYS.json}`, KEYS is `10` unless given. Prints, for each KEYS:
//!
//! - region overlap J and the boundary measure F of DAVIS (Perazzi and others, CVPR 2016), F with a tolerance of 2 px, and the
//!   mean boundary distance D, as means over the frames that have no key; chatter beside the truth's own;
//! - keys per 100 frames that a tolerance leaves;
//! - whether the confidence is honest: the expected error of each solved frame against D.
#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use host::io::{self, Sequence};
use host::{Context, Node, RenderJob};
use shapes::{Document, Shape};
use tests::honesty::{Judged, best_fit, calibration, flagged, rank_correlation};
use tests::mask::{Chatter, Mask, Scores};
use tests::reduction::{keys_at_least, keys_of_greedy_points};

const TOLERANCES_PX: [f64; 2] = [0.5, 1.0];
const INTERPOLATIONS: [&str; 2] = ["Linear", "Smooth"];
/// What counts as good, px.
const GOOD_PX: [f64; 3] = [1.0, 2.0, 4.0];
/// Good is the share of frames that are; precision of those said to be; recall of those that are.
const HONESTY: &str = "| | rank correlation | true px | good at 1 px: precision / recall | at 2 px | at 4 px |\n|---|---|---|---|---|---|";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some((folder, keys)) = args.split_first() else {
        println!("roto: give a folder of sequences: cargo bench -p tests --bench roto -- FOLDER [KEYS...]");
        return Ok(());
    };
    let mut sequences: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|e| e.path()).collect();
    sequences.retain(|p| p.join("masks").is_dir());
    sequences.sort();
    let mut judged = Vec::new();
    let ten = ["10".to_owned()];
    for keys in if keys.is_empty() { &ten } else { keys } {
        judged.extend(with_keys(&sequences, keys)?);
    }
    println!("confidence, all keys\n\n{HONESTY}");
    print_honesty("all", &judged);
    println!("\n{}", calibration(&judged));
    Ok(())
}

fn with_keys(sequences: &[PathBuf], keys: &str) -> Result<Vec<Judged>, Box<dyn Error>> {
    println!("keys {keys}\n");
    println!(
        "| | J | F | J&F | F 2 px | D px | chatter | truth's | seconds |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut all = Vec::new();
    for path in sequences {
        let solved = sequence(path, keys)?;
        print_scores(&solved.name, &solved.scores, solved.chatter, solved.seconds);
        all.push(solved);
    }
    let mean = |of: &dyn Fn(&Solved) -> f64| all.iter().map(of).sum::<f64>() / all.len().max(1) as f64;
    let scores = Scores {
        j: mean(&|s| s.scores.j),
        f: mean(&|s| s.scores.f),
        f2: mean(&|s| s.scores.f2),
        distance_px: mean(&|s| s.scores.distance_px),
    };
    print_scores("mean", &scores, [0, 1].map(|i| mean(&|s| s.chatter[i])), mean(&|s| s.seconds));

    println!("\nkeys per 100 frames, {keys}\n");
    println!(
        "| | artist's | .5 px: each point | least | linear | smooth | 1 px: each point | least | linear | smooth |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for s in &all {
        let counts: Vec<String> = s.keys_per_100.iter().map(|k| format!("{k:.0}")).collect();
        println!("| {} | {} |", s.name, counts.join(" | "));
    }
    println!("\nconfidence, {keys}\n\n{HONESTY}");
    for s in &all {
        print_honesty(&s.name, &s.judged);
    }
    println!();
    Ok(all.into_iter().flat_map(|s| s.judged).collect())
}

fn print_scores(name: &str, s: &Scores, chatter: [f64; 2], seconds: f64) {
    println!(
        "| {name} | {:.3} | {:.3} | {:.3} | {:.3} | {:.2} | {:.2} | {:.2} | {seconds:.1} |",
        s.j,
        s.f,
        (s.j + s.f) / 2.0,
        s.f2,
        s.distance_px,
        chatter[0],
        chatter[1]
    );
}

/// A row of the table under [`HONESTY`].
fn print_honesty(name: &str, frames: &[Judged]) {
    let shares = GOOD_PX.map(|px| {
        let f = flagged(frames, px);
        format!("{:.2}: {:.2} / {:.2}", f.good, f.precision, f.recall)
    });
    let (factor, power) = best_fit(frames);
    println!(
        "| {name} | {:.2} | {factor:.2} e^{power:.2} | {} |",
        rank_correlation(frames),
        shares.join(" | ")
    );
}

/// What one sequence gives.
struct Solved {
    name: String,
    scores: Scores,
    /// Ours, and the truth's own.
    chatter: [f64; 2],
    /// The artist's, then for each tolerance: each point by itself, the least that lines can do, and our interpolations.
    keys_per_100: Vec<f64>,
    judged: Vec<Judged>,
    /// Of the solve alone.
    seconds: f64,
}

fn sequence(path: &Path, keys: &str) -> Result<Solved, Box<dyn Error>> {
    let text = |p: &Path| p.to_string_lossy().into_owned();
    let plate = Sequence::open(&text(&path.join("frames/#####.jpg")))?;
    let frames = plate.frames().to_vec();
    let document = Document::load(&path.join(format!("keys_{keys}.json")))?;
    let keyed: BTreeSet<i64> = document.shapes.iter().flat_map(|s| &s.keys).map(|k| k.frame as i64).collect();
    let (_host, mut node) = tests::node("full", tests::MOTION2ROTO, Context::Filter);
    node.connect("Source", Arc::new(plate))?;
    node.set_text("plateEncoding", None, "Display or log")?;
    node.set_text("output", None, "Matte in RGB")?;
    let start = Instant::now();
    let solved = solved(&mut node, &document)?;
    let seconds = start.elapsed().as_secs_f64();

    let (mut all, mut judged) = (Vec::new(), Vec::new());
    let mut chatter = [Chatter::default(), Chatter::default()];
    for frame in &frames {
        let truth = io::read(&path.join(format!("masks/{frame:05}.png")))?.picture;
        let matte = Mask::of(&node.render(&RenderJob::at(*frame as f64))?.crop(truth.bounds()));
        let truth = Mask::of(&truth);
        chatter[0].add(&matte, &truth);
        chatter[1].add(&truth, &truth);
        if keyed.contains(frame) {
            continue;
        }
        let scores = matte.scores(&truth);
        all.push(scores);
        let confidence = solved.key_at(*frame as f64).and_then(|k| k.confidence);
        judged.extend(confidence.map(|c| Judged::new(c, scores.distance_px)));
    }
    let per_100 = |count: usize| 100.0 * count as f64 / frames.len() as f64;
    let mut keys_per_100 = vec![per_100(keyed.len())];
    for tolerance in TOLERANCES_PX {
        keys_per_100.push(per_100(keys_of_greedy_points(&solved, tolerance)));
        keys_per_100.push(per_100(keys_at_least(&solved, tolerance)));
        for interpolation in INTERPOLATIONS {
            node.set("tolerance", tolerance)?;
            node.set_text("interpolation", None, interpolation)?;
            keys_per_100.push(per_100(self::solved(&mut node, &document)?.keys.len()));
        }
    }
    let mean = |of: fn(&Scores) -> f64| all.iter().map(of).sum::<f64>() / all.len().max(1) as f64;
    Ok(Solved {
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        scores: Scores {
            j: mean(|s| s.j),
            f: mean(|s| s.f),
            f2: mean(|s| s.f2),
            distance_px: mean(|s| s.distance_px),
        },
        chatter: chatter.map(|c| c.mean_px()),
        keys_per_100,
        judged,
        seconds,
    })
}

/// The document's first shape, solved from its keys.
fn solved(node: &mut Node, document: &Document) -> Result<Shape, Box<dyn Error>> {
    node.set("shapes", document.to_json()?)?;
    node.press("solve")?;
    let value = node.get("shapes")?;
    let solved = Document::from_json(value.as_text().unwrap_or_default())?;
    Ok(solved.shapes.into_iter().next().ok_or("the document has no shapes")?)
}
