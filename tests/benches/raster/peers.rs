//! Who takes part: each draws a case's outlines one over the other into a mask that it has cleared, and keeps it.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use engine::raster::{Edges, Run, TOLERANCE_PX, Window};
use kurbo::{Affine, BezPath};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use vello_cpu::{Level, Pixmap, RenderContext, RenderSettings, Resources};

use crate::outlines::Case;

type Outcome<T> = Result<T, Box<dyn Error>>;

pub trait Peer {
    fn name(&self) -> String;
    fn threads(&self) -> usize;
    /// How long it took, from the control points to the mask.
    fn draw(&mut self, case: &Case) -> Outcome<Duration>;
    /// What was drawn last, 0 to 1.
    fn mask(&mut self, case: &Case) -> Outcome<Vec<f32>>;
}

fn from_bytes(bytes: impl IntoIterator<Item = u8>) -> Vec<f32> {
    bytes.into_iter().map(|v| f32::from(v) / 255.0).collect()
}

/// What a pixel of a mask is made of.
pub trait Value: Copy + Send + 'static {
    const NAME: &'static str;
    const FULL: Self;
    const NONE: Self;
    fn over(self, coverage: f32) -> Self;
    fn float(self) -> f32;
}

impl Value for f32 {
    const NAME: &'static str = "Splitline, f32 plane";
    const FULL: f32 = 1.0;
    const NONE: f32 = 0.0;
    #[inline(always)]
    fn over(self, coverage: f32) -> f32 {
        self + coverage - self * coverage
    }
    fn float(self) -> f32 {
        self
    }
}

impl Value for u8 {
    const NAME: &'static str = "Splitline, u8 plane";
    const FULL: u8 = 255;
    const NONE: u8 = 0;
    #[inline(always)]
    fn over(self, coverage: f32) -> u8 {
        let m = f32::from(self);
        (m + (255.0 - m) * coverage + 0.5) as u8
    }
    fn float(self) -> f32 {
        f32::from(self) / 255.0
    }
}

/// A plane that is kept from turn to turn: where the last one drew is cleared, the rest is clear.
pub struct Ours<T> {
    pool: ThreadPool,
    mask: Vec<T>,
    drawn: Window,
}

impl<T: Value> Ours<T> {
    pub fn new(threads: usize) -> Outcome<Self> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        Ok(Ours { pool, mask: Vec::new(), drawn: Window::default() })
    }
}

impl<T: Value> Peer for Ours<T> {
    fn name(&self) -> String {
        T::NAME.into()
    }

    fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    fn draw(&mut self, case: &Case) -> Outcome<Duration> {
        self.mask.resize(case.width * case.height, T::NONE);
        let (pool, mask, drawn) = (&self.pool, self.mask.as_mut_slice(), &mut self.drawn);
        let start = Instant::now();
        pool.install(|| {
            let mut to_clear = std::mem::take(drawn);
            for outline in &case.outlines {
                let mut edges = Edges::new();
                edges.add_outline(outline, Affine::IDENTITY, TOLERANCE_PX);
                let touched = edges.bounds().intersection(Window::of_size(case.width, case.height));
                *drawn = drawn.union(&touched);
                // What the first outline's rows have of the last turn's is cleared while they are drawn.
                let clear = std::mem::take(&mut to_clear);
                let window = touched.union(&clear);
                let (columns, rows) =
                    (clear.x0 as usize..clear.x1 as usize, window.y0 as usize..window.y1 as usize);
                let out = &mut mask[rows.start * case.width..rows.end * case.width];
                edges.for_each_row(Window { x0: 0, x1: window.x1, ..window }, out, |out, row| {
                    out[columns.clone()].fill(T::NONE);
                    for run in row.runs() {
                        match run {
                            Run::Solid(from, to) => out[from..to].fill(T::FULL),
                            Run::Edge(from, values) => {
                                for (o, v) in out[from..].iter_mut().zip(values) {
                                    *o = o.over(*v);
                                }
                            }
                        }
                    }
                });
            }
        });
        Ok(start.elapsed())
    }

    fn mask(&mut self, _: &Case) -> Outcome<Vec<f32>> {
        Ok(self.mask.iter().map(|v| v.float()).collect())
    }
}

/// The covered pixels of each row and nothing else: what a caller of the engine composes from.
pub struct Runs {
    pool: ThreadPool,
    outlines: Vec<Vec<RunsOfRow>>,
}

#[derive(Clone, Default)]
struct RunsOfRow {
    solid: Vec<(usize, usize)>,
    edges: Vec<(usize, usize)>,
    values: Vec<f32>,
}

impl RunsOfRow {
    fn clear(&mut self) {
        self.solid.clear();
        self.edges.clear();
        self.values.clear();
    }
}

impl Runs {
    pub fn new(threads: usize) -> Outcome<Self> {
        Ok(Runs { pool: ThreadPoolBuilder::new().num_threads(threads).build()?, outlines: Vec::new() })
    }
}

impl Peer for Runs {
    fn name(&self) -> String {
        "Splitline, f32 runs".into()
    }

    fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    fn draw(&mut self, case: &Case) -> Outcome<Duration> {
        self.outlines.resize(case.outlines.len(), vec![RunsOfRow::default(); case.height]);
        let (pool, outlines) = (&self.pool, &mut self.outlines);
        let start = Instant::now();
        pool.install(|| {
            // One outline beside the other, as stacks are drawn.
            case.outlines.par_iter().zip(outlines).for_each(|(outline, rows)| {
                let mut edges = Edges::new();
                edges.add_outline(outline, Affine::IDENTITY, TOLERANCE_PX);
                rows.iter_mut().for_each(RunsOfRow::clear);
                let window = edges.bounds().intersection(Window::of_size(case.width, case.height));
                let rows = &mut rows[window.y0 as usize..window.y1 as usize];
                edges.for_each_row(Window { x0: 0, ..window }, rows, |out, row| {
                    let out = &mut out[0];
                    for run in row.runs() {
                        match run {
                            Run::Solid(from, to) => out.solid.push((from, to)),
                            Run::Edge(from, values) => {
                                out.edges.push((from, values.len()));
                                out.values.extend_from_slice(values);
                            }
                        }
                    }
                });
            });
        });
        Ok(start.elapsed())
    }

    fn mask(&mut self, case: &Case) -> Outcome<Vec<f32>> {
        let mut mask = vec![0.0f32; case.width * case.height];
        for rows in &self.outlines {
            for (out, row) in mask.chunks_mut(case.width).zip(rows) {
                row.solid.iter().for_each(|(from, to)| out[*from..*to].fill(1.0));
                let mut values = row.values.iter();
                for (from, length) in &row.edges {
                    for (o, v) in out[*from..from + length].iter_mut().zip(values.by_ref()) {
                        *o = o.over(*v);
                    }
                }
            }
        }
        Ok(mask)
    }
}

pub struct TinySkia(pub Option<tiny_skia::Mask>);

impl Peer for TinySkia {
    fn name(&self) -> String {
        "tiny-skia, u8 plane".into()
    }

    fn threads(&self) -> usize {
        1
    }

    fn draw(&mut self, case: &Case) -> Outcome<Duration> {
        let size = (case.width as u32, case.height as u32);
        if self.0.as_ref().is_none_or(|m| (m.width(), m.height()) != size) {
            self.0 = tiny_skia::Mask::new(size.0, size.1);
        }
        let mask = self.0.as_mut().ok_or("no mask of this size")?;
        let start = Instant::now();
        mask.clear();
        for segments in case.segments() {
            let mut path = tiny_skia::PathBuilder::new();
            path.move_to(segments[0].p0.x as f32, segments[0].p0.y as f32);
            for s in segments {
                let [a, b, c] = [s.p1, s.p2, s.p3].map(|p| (p.x as f32, p.y as f32));
                path.cubic_to(a.0, a.1, b.0, b.1, c.0, c.1);
            }
            path.close();
            let path = path.finish().ok_or("no path")?;
            mask.fill_path(&path, tiny_skia::FillRule::Winding, true, tiny_skia::Transform::identity());
        }
        Ok(start.elapsed())
    }

    fn mask(&mut self, _: &Case) -> Outcome<Vec<f32>> {
        Ok(from_bytes(self.0.iter().flat_map(|m| m.data()).copied()))
    }
}

/// Its masks are pictures of four bytes a pixel; it writes no others.
pub struct Vello {
    threads: usize,
    context: Option<RenderContext>,
    resources: Resources,
    target: Pixmap,
}

impl Vello {
    pub fn new(threads: usize) -> Self {
        Vello { threads, context: None, resources: Resources::new(), target: Pixmap::new(1, 1) }
    }
}

impl Peer for Vello {
    fn name(&self) -> String {
        "vello_cpu, u8 RGBA picture".into()
    }

    fn threads(&self) -> usize {
        self.threads
    }

    fn draw(&mut self, case: &Case) -> Outcome<Duration> {
        let (w, h) = (u16::try_from(case.width)?, u16::try_from(case.height)?);
        if (self.target.width(), self.target.height()) != (w, h) {
            // Its caller's thread works too.
            let num_threads = u16::try_from(self.threads - 1)?;
            let level = Level::try_detect().unwrap_or(Level::baseline());
            self.context = Some(RenderContext::new_with(w, h, RenderSettings { level, num_threads }));
            self.target = Pixmap::new(w, h);
        }
        let context = self.context.as_mut().ok_or("no context")?;
        let start = Instant::now();
        context.reset();
        context.set_paint(vello_cpu::color::palette::css::WHITE);
        for segments in case.segments() {
            let mut path = BezPath::new();
            path.move_to((segments[0].p0.x, segments[0].p0.y));
            for s in segments {
                path.curve_to((s.p1.x, s.p1.y), (s.p2.x, s.p2.y), (s.p3.x, s.p3.y));
            }
            path.close_path();
            context.fill_path(&path);
        }
        context.flush();
        context.render(&mut self.target, &mut self.resources);
        Ok(start.elapsed())
    }

    fn mask(&mut self, _: &Case) -> Outcome<Vec<f32>> {
        Ok(from_bytes(self.target.data().iter().map(|p| p.a)))
    }
}

/// Cairo and Skia, in a process of Python's.
pub struct Python {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    pub names: Vec<String>,
}

impl Python {
    pub fn new(cases: &[Case]) -> Outcome<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/raster/peers.py");
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".into());
        let mut child =
            Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(ask), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".into());
        };
        let mut python = Python { child, ask, answer: BufReader::new(answer), names: Vec::new() };
        let numbers =
            |s: &kurbo::CubicBez| [s.p0, s.p1, s.p2, s.p3].map(|p| [p.x, p.y]).as_flattened().to_vec();
        let cases: Vec<_> = cases
            .iter()
            .map(|c| {
                let outlines: Vec<Vec<_>> = c.segments().map(|o| o.iter().map(numbers).collect()).collect();
                serde_json::json!({"name": c.name, "width": c.width, "height": c.height, "outlines": outlines})
            })
            .collect();
        let names = python.ask(&serde_json::json!(cases).to_string())?;
        python.names = names.split('\t').filter(|n| !n.is_empty()).map(str::to_owned).collect();
        Ok(python)
    }

    fn ask(&mut self, line: &str) -> Outcome<String> {
        writeln!(self.ask, "{line}")?;
        self.ask.flush()?;
        let mut answer = String::new();
        self.answer.read_line(&mut answer)?;
        if answer.is_empty() { Err("Python ended".into()) } else { Ok(answer.trim_end().to_owned()) }
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It is asked for nothing more; that it has ended already is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of the libraries behind [`Python`].
pub struct Library<'a> {
    pub python: &'a std::cell::RefCell<Python>,
    pub name: String,
}

impl Peer for Library<'_> {
    fn name(&self) -> String {
        format!("{}, u8 plane", self.name)
    }

    fn threads(&self) -> usize {
        1
    }

    fn draw(&mut self, case: &Case) -> Outcome<Duration> {
        let seconds = self.python.borrow_mut().ask(&format!("{}\t{}", self.name, case.name))?;
        Ok(Duration::from_secs_f64(seconds.parse()?))
    }

    fn mask(&mut self, case: &Case) -> Outcome<Vec<f32>> {
        let file = tempfile::NamedTempFile::new()?;
        let path = file.path().display();
        self.python.borrow_mut().ask(&format!("{}\t{}\t{path}", self.name, case.name))?;
        Ok(from_bytes(std::fs::read(file.path())?))
    }
}
