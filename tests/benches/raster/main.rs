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

use outlines::{Case, cases};
use peers::{Library, Ours, Peer, Python, TinySkia, Vello};

/// Turns that everybody takes.
const TURNS: usize = 41;

fn main() -> Result<(), Box<dyn Error>> {
    let cases = cases();
    let python = Python::new(&cases).map(RefCell::new);
    let names = python.as_ref().map(|p| p.borrow().names.clone()).unwrap_or_default();
    if names.is_empty() {
        println!("Cairo and Skia are missing: pip install pycairo skia-python\n");
    }
    println!(
        "| | | threads | ms | ours, f32, is faster | error: most | mean |\n|---|---|---|---|---|---|---|"
    );
    for case in &cases {
        let mut peers: Vec<Box<dyn Peer + '_>> = Vec::new();
        for threads in [1, 2] {
            peers.push(Box::new(Ours::<f32>::new(threads)?));
            peers.push(Box::new(Ours::<u8>::new(threads)?));
            peers.push(Box::new(Vello::new(threads)));
        }
        peers.push(Box::new(TinySkia(None)));
        if let Ok(python) = &python {
            peers
                .extend(names.iter().map(|n| Box::new(Library { python, name: n.clone() }) as Box<dyn Peer>));
        }
        compare(case, &mut peers)?;
    }
    Ok(())
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
    let ours: Vec<usize> = (0..peers.len()).filter(|i| peers[*i].name().ends_with("f32")).collect();
    for (i, peer) in peers.iter_mut().enumerate() {
        // Peers with one thread are compared with ours on one and on two.
        let against = ours.iter().filter(|o| peer.threads() == 1 || times[**o] == times[ours[1]]);
        let faster: Vec<String> = against
            .map(|o| {
                let ratio = median(times[i].iter().zip(&times[*o]).map(|(t, o)| t / o).collect());
                format!("{ratio:.2}")
            })
            .collect();
        let [most, mean] = errors(&peer.mask(case)?, &truth);
        println!(
            "| {} | {} | {} | {:.2} | {} | {most:.5} | {mean:.5} |",
            case.name,
            peer.name(),
            peer.threads(),
            1e3 * median(times[i].clone()),
            faster.join(", on two "),
        );
    }
    Ok(())
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
