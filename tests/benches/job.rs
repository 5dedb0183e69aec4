//! How long a job takes beside the flow alone, what a solve after one more key takes, and how much memory it holds.
//!
//! `cargo bench -p tests --bench job -- [memory] [WIDTH HEIGHT FRAMES]`, after `make bundle`; 1920 1080 9 unless given. A textured disc
//! turns and drifts over a textured wall. "Flow alone" is Motion Vectors on every frame: both ways, once a pair. "Job" is
//! Motion2Roto's solve from keys on the first and the last frame, and a matte of every frame, on pictures that differ from those
//! of the flow alone. With `memory` there is only a solve with the fast flow, and what the process holds on its way. Processor time is of all threads, and where the system tells it (Linux).
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use host::picture::{Components, Depth, Picture, Premultiplication, RectI};
use host::source::{FrameSource, SourceError, SourceFormat};
use host::{Context, Node, RenderJob};
use shapes::{Document, Key, Point, Shape};

/// Frames of a short shot.
const SHORT: i32 = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let numbers: Vec<i32> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    let (width, height, frames) = match numbers[..] {
        [w, h, n] => (w, h, n.max(5)),
        _ => (1920, 1080, 9),
    };
    if std::env::args().any(|a| a == "memory") {
        return memory(width, height, frames);
    }
    let pairs = f64::from(frames - 1);
    println!("{width}x{height}, {frames} frames, per pair of frames\n\n| | s | processor s |\n|---|---|---|");
    let flow = measured(|| vectors(Shot::new(width, height, frames, 1)))?;
    print_row("flow alone", flow.0, pairs);
    let shot = Shot::new(width, height, frames, 2);
    let (_host, mut node) = roto(shot.clone())?;
    let job = measured(|| {
        node.set("shapes", shot.keys(&[1, frames]).to_json()?)?;
        node.press("solve")?;
        mattes(&node, frames)
    })?;
    print_row("job: solve and mattes", job.0, pairs);
    println!("\njob / flow alone: {:.2} (processor {:.2})", job.0[0] / flow.0[0], job.0[1] / flow.0[1]);

    // Keys that part the range, then one more in its second half.
    let middle = 1 + (frames - 1) / 2;
    let between = middle + (frames - middle) / 2;
    node.set("shapes", shot.keys(&[1, middle, frames]).to_json()?)?;
    node.press("solve")?;
    node.set("shapes", shot.keys(&[1, middle, between, frames]).to_json()?)?;
    let again = measured(|| Ok(node.press("solve")?))?;
    let status = node.get("status")?.as_text().unwrap_or_default().to_owned();
    println!("\nafter one more key: {status}\n\n| per frame of the span | s | processor s |\n|---|---|---|");
    print_row("solve again", again.0, f64::from(frames - middle));
    let late = cancelled(Shot::new(width, height, frames, 3), flow.0[0] / pairs)?;
    println!("\na cancelled solve ends after {late:.2} s; one pair takes {:.2} s", flow.0[0] / pairs);
    Ok(())
}

fn print_row(name: &str, [wall, processor]: [f64; 2], count: f64) {
    println!("| {name} | {:.3} | {:.3} |", wall / count, processor / count);
}

/// Seconds by the clock and by the processor, and what was made.
fn measured<T>(make: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<([f64; 2], T), Box<dyn Error>> {
    let (start, before) = (Instant::now(), processor_seconds());
    let made = make()?;
    Ok(([start.elapsed().as_secs_f64(), processor_seconds() - before], made))
}

/// Of this process, all threads; NaN where the system does not tell.
fn processor_seconds() -> f64 {
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |i: usize| after_name.split_whitespace().nth(i).and_then(|t| t.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => (user + system) / TICKS_A_SECOND,
        _ => f64::NAN,
    }
}

/// What the process holds at each tenth of a solve; the shot makes its pictures one by one.
fn memory(width: i32, height: i32, frames: i32) -> Result<(), Box<dyn Error>> {
    let mut shot = Shot::new(width, height, frames, 1);
    shot.made.clear();
    println!("{width}x{height}, {frames} frames\n\n| share of the solve | MiB held |\n|---|---|");
    let keys = shot.keys(&[1]).to_json()?;
    let (host, mut node) = roto(shot)?;
    let told = AtomicUsize::new(0);
    host.on_progress(move |p| {
        if let host::Progress::Update(done) = p
            && (done * 10.0) as usize > told.load(Ordering::Relaxed)
        {
            told.store((done * 10.0) as usize, Ordering::Relaxed);
            println!("| {:.0} % | {} |", done * 100.0, held_mib().map_or(String::new(), |m| m.to_string()));
        }
        true
    });
    node.set_text("quality", None, "Fast")?;
    node.set("shapes", keys)?;
    node.press("solve")?;
    Ok(())
}

fn held_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib >> 10)
}

/// Seconds from the cancel to the end, where it comes in the middle of a pair of frames.
fn cancelled(shot: Shot, pair_seconds: f64) -> Result<f64, Box<dyn Error>> {
    let keys = shot.keys(&[1]).to_json()?;
    let (_host, mut node) = roto(shot)?;
    node.set("shapes", keys)?;
    let token = node.cancel_token();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs_f64(1.5 * pair_seconds));
        token.cancel();
        Instant::now()
    });
    let told = node.press("solve");
    let end = Instant::now();
    let start = canceller.join().map_err(|_| "the cancelling thread failed")?;
    match told {
        Err(host::Error::Cancelled) => Ok(end.saturating_duration_since(start).as_secs_f64()),
        Err(e) => Err(e.into()),
        Ok(()) => Err("the solve went on after a cancel".into()),
    }
}

fn vectors(shot: Shot) -> Result<(), Box<dyn Error>> {
    let frames = shot.frames;
    let (_host, mut node) = tests::node("full", tests::MOTION_VECTORS, Context::Filter);
    node.connect("Source", Arc::new(shot))?;
    node.set_text("plateEncoding", None, "Display or log")?;
    for frame in 1..=frames {
        node.render(&RenderJob::at(f64::from(frame)))?;
    }
    Ok(())
}

fn roto(shot: Shot) -> Result<(host::Host, Node), Box<dyn Error>> {
    let (host, mut node) = tests::node("full", tests::MOTION2ROTO, Context::Filter);
    node.connect("Source", Arc::new(shot))?;
    node.set_text("plateEncoding", None, "Display or log")?;
    node.set_text("output", None, "Matte in RGB")?;
    Ok((host, node))
}

fn mattes(node: &Node, frames: i32) -> Result<(), Box<dyn Error>> {
    for frame in 1..=frames {
        node.render(&RenderJob::at(f64::from(frame)))?;
    }
    Ok(())
}

/// A short shot is made beforehand, so that times are the effect's; a long one frame by frame, so that memory is.
#[derive(Clone)]
struct Shot {
    made: Vec<Arc<Picture>>,
    width: i32,
    height: i32,
    frames: i32,
    seed: u32,
}

impl Shot {
    fn new(width: i32, height: i32, frames: i32, seed: u32) -> Self {
        let mut shot = Shot { made: Vec::new(), width, height, frames, seed };
        if frames <= SHORT {
            shot.made = (1..=frames).map(|f| Arc::new(shot.make(f))).collect();
        }
        shot
    }

    /// Of the disc: its middle and radius, px, and how far it has turned.
    fn disc(&self, frame: i32) -> ([f64; 2], f64, f64) {
        let (w, h, t) = (f64::from(self.width), f64::from(self.height), f64::from(frame - 1));
        ([0.4 * w + 2.3 * t, 0.45 * h + 1.1 * (0.7 * t).sin()], 0.25 * h, 0.01 * t)
    }

    fn keys(&self, frames: &[i32]) -> Document {
        const POINTS: usize = 24;
        let keys = frames.iter().map(|frame| {
            let ([x, y], r, turn) = self.disc(*frame);
            let points = (0..POINTS).map(|i| {
                let (s, c) = (i as f64 / POINTS as f64 * std::f64::consts::TAU + turn).sin_cos();
                let handle = r * 4.0 / 3.0 * (std::f64::consts::TAU / POINTS as f64 / 4.0).tan();
                Point::new(x + r * c, y + r * s, [handle * s, -handle * c], [-handle * s, handle * c])
            });
            Key::new(f64::from(*frame), points.collect())
        });
        let mut document = Document::new(self.width as u32, self.height as u32);
        document.shapes.push(Shape::new("disc", true, keys.collect()));
        document
    }
}

impl FrameSource for Shot {
    fn format(&self) -> SourceFormat {
        SourceFormat {
            bounds: RectI { x1: 0, y1: 0, x2: self.width, y2: self.height },
            components: Components::Rgba,
            depth: Depth::Byte,
            pixel_aspect: 1.0,
            premultiplication: Premultiplication::Opaque,
            planes: Vec::new(),
        }
    }

    fn frame_range(&self) -> (f64, f64) {
        (1.0, f64::from(self.frames))
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let frame = time.round() as i32;
        if !(1..=self.frames).contains(&frame) {
            return Err(SourceError::Missing(format!("there is no frame {frame}")));
        }
        Ok(self.made.get(frame as usize - 1).map_or_else(|| Arc::new(self.make(frame)), Arc::clone))
    }
}

impl Shot {
    fn make(&self, frame: i32) -> Picture {
        let ([cx, cy], r, turn) = self.disc(frame);
        let (sin, cos) = turn.sin_cos();
        let format = self.format();
        let picture = Picture::from_fn(format.bounds, Components::Rgba, |x, up| {
            let (x, y) = (f64::from(x) + 0.5 - cx, f64::from(self.height - up) - 0.5 - cy);
            let value = if x * x + y * y < r * r {
                0.15 + 0.5 * noise(cos * x + sin * y, cos * y - sin * x, self.seed)
            } else {
                0.35 + 0.5 * noise(x + cx - 0.6 * f64::from(frame), y + cy, self.seed + 7)
            };
            [value as f32, value as f32, 0.8 * value as f32, 1.0]
        });
        picture.convert(Components::Rgba, Depth::Byte)
    }
}

/// Smooth noise with features of about 12 and 5 px, 0 to 1.
fn noise(x: f64, y: f64, seed: u32) -> f64 {
    let at = |scale: f64, seed: u32| {
        let (u, v) = (x / scale, y / scale);
        let (i, j) = (u.floor(), v.floor());
        let (f, g) = (u - i, v - j);
        let corner = |di: f64, dj: f64| hash((i + di) as i32, (j + dj) as i32, seed);
        let row = |dj: f64| corner(0.0, dj) * (1.0 - f) + corner(1.0, dj) * f;
        row(0.0) * (1.0 - g) + row(1.0) * g
    };
    0.6 * at(12.0, seed) + 0.4 * at(5.0, seed + 100)
}

fn hash(x: i32, y: i32, seed: u32) -> f64 {
    let mut h = (x as u32).wrapping_mul(0x9E37_79B1) ^ (y as u32).wrapping_mul(0x85EB_CA77) ^ seed;
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    f64::from(h ^ (h >> 15)) / f64::from(u32::MAX)
}
