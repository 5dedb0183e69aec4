//! Mattes beside tiny-skia, vello_cpu, Cairo and Skia: how long they take and how far they are off.
//!
//! `make bench-raster`. All take turns on the same outlines in one run; what they draw is compared with the curves' exact
//! coverage. Cairo and Skia are those of `PYTHON` (python3), where it has them.
#![allow(clippy::print_stdout)]

mod outlines;
mod peers;
mod truth;

use std::cell::RefCell;
use std::error::Error;
use std::time::Instant;

use engine::raster::through;
use outlines::{Case, cases};
use peers::{Library, Ours, Peer, Python, Runs, TinySkia, Vello};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Turns that everybody takes.
const TURNS: usize = 41;

fn main() -> Result<(), Box<dyn Error>> {
    let cases = cases();
    let python = Python::new(&cases).map(RefCell::new);
    let names = python.as_ref().map(|p| p.borrow().names.clone()).unwrap_or_default();
    if names.is_empty() {
        println!("Cairo and Skia are missing: pip install pycairo skia-python\n");
    }
    println!("| | | threads | ms | over our f32 runs | our u8 plane | our f32 plane | error: most | mean |");
    println!("|---|---|---|---|---|---|---|---|---|");
    for case in &cases {
        let mut peers: Vec<Box<dyn Peer + '_>> = Vec::new();
        for threads in [1, 2] {
            peers.push(Box::new(Runs::new(threads)?));
            peers.push(Box::new(Ours::<u8>::new(threads)?));
            peers.push(Box::new(Ours::<f32>::new(threads)?));
        }
        peers.push(Box::new(Vello::new(1)));
        peers.push(Box::new(Vello::new(2)));
        peers.push(Box::new(TinySkia(None)));
        if let Ok(python) = &python {
            peers
                .extend(names.iter().map(|n| Box::new(Library { python, name: n.clone() }) as Box<dyn Peer>));
        }
        compare(case, &mut peers)?;
    }
    composite(&cases[0])
}

fn compare(case: &Case, peers: &mut [Box<dyn Peer + '_>]) -> Result<(), Box<dyn Error>> {
    let mut times = vec![Vec::new(); peers.len()];
    for turn in 0..=TURNS {
        for (peer, times) in peers.iter_mut().zip(&mut times) {
            let time = peer.draw(case)?.as_secs_f64();
            if turn > 0 {
                times.push(time);
            }
        }
    }
    let truth = truth::truth(case);
    for (i, peer) in peers.iter_mut().enumerate() {
        // Ours come first: three on one thread, three on two. Peers with one thread are compared with both.
        let over = |ours: usize| ratio(&times[i], &times[ours]);
        let over = (0..3).map(|k| match (i, peer.threads()) {
            (0..6, 1) => format!("{:.2}", over(k)),
            (_, 1) => format!("{:.2}, on two {:.2}", over(k), over(k + 3)),
            _ => format!("{:.2}", over(k + 3)),
        });
        let over = over.collect::<Vec<_>>().join(" | ");
        let [most, mean] = errors(&peer.mask(case)?, &truth);
        let (name, threads, ms) = (peer.name(), peer.threads(), 1e3 * median(times[i].clone()));
        println!("| {} | {name} | {threads} | {ms:.2} | {over} | {most:.5} | {mean:.5} |", case.name);
    }
    Ok(())
}

/// A picture through a matte beside copying it.
fn composite(case: &Case) -> Result<(), Box<dyn Error>> {
    let (width, height) = (case.width, case.height);
    println!("\n| RGBA f32, {width}x{height} | threads | ms | times a copy on one thread | on as many |");
    println!("|---|---|---|---|---|");
    let source = vec![[0.3f32, 0.2, 0.1, 1.0]; width * height];
    let soft: Vec<f32> = (0..width * height).map(|i| 0.1 + 0.8 * (i % width) as f32 / width as f32).collect();
    let mut ours = Ours::<f32>::new(1)?;
    ours.draw(case)?;
    let head = ours.mask(case)?;
    let mut out = source.clone();
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        let share = out.len().div_ceil(threads);
        let copy = |out: &mut [[f32; 4]]| out.copy_from_slice(&source);
        let copy_shares = |out: &mut [[f32; 4]]| {
            out.par_chunks_mut(share).zip(source.par_chunks(share)).for_each(|(o, s)| o.copy_from_slice(s));
        };
        let through_head = |out: &mut [[f32; 4]]| through(&source, &head, out);
        let through_soft = |out: &mut [[f32; 4]]| through(&source, &soft, out);
        type Work<'a> = &'a (dyn Fn(&mut [[f32; 4]]) + Sync);
        let work: [(&str, Work<'_>); 4] = [
            ("copy on one thread", &copy),
            ("copy", &copy_shares),
            ("through the head's matte", &through_head),
            ("through a matte that is soft everywhere", &through_soft),
        ];
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..TURNS / 2 {
            for ((_, work), times) in work.iter().zip(&mut times) {
                let start = Instant::now();
                pool.install(|| work(&mut out));
                times.push(start.elapsed().as_secs_f64());
            }
        }
        for ((name, _), time) in work.iter().zip(&times) {
            let (one, all) = (ratio(time, &times[0]), ratio(time, &times[1]));
            println!("| {name} | {threads} | {:.2} | {one:.2} | {all:.2} |", 1e3 * median(time.clone()));
        }
    }
    Ok(())
}

/// The median of the turns' own ratios.
fn ratio(times: &[f64], to: &[f64]) -> f64 {
    median(times.iter().zip(to).map(|(t, o)| t / o).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The greatest, and the mean over the pixels on an edge.
fn errors(mask: &[f32], truth: &[f32]) -> [f64; 2] {
    let (mut most, mut sum, mut count) = (0.0f64, 0.0, 0.0);
    for (m, t) in mask.iter().zip(truth) {
        let error = f64::from((m - t).abs());
        most = most.max(error);
        if *t > 0.0 && *t < 1.0 {
            sum += error;
            count += 1.0;
        }
    }
    [most, sum / count]
}
