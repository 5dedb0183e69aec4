//! How long a host waits for the bundle: opening and describing everything, and what MLT does again for each frame.
//!
//! `cargo bench -p tests --bench describe`, after `make bundle`.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use host::{Bundle, Context, Host, Profile};

const ROUNDS: usize = 51;

fn main() -> host::Result<()> {
    let path = tests::bundle_path();
    let open = median(|| {
        let bundle = Bundle::load_isolated(&path)?;
        let host = Host::new(Profile::named("nuke")?);
        for effect in host.effects(&bundle)? {
            for context in effect.contexts() {
                effect.describe_in_context(context)?;
            }
        }
        Ok(())
    })?;
    println!("open the binary, describe all effects in all contexts: {:.2} ms", millis(open));
    let bundle = Bundle::load(&path)?;
    let host = Host::new(Profile::named("mlt")?);
    for id in bundle.ids() {
        let again = median(|| {
            let effect = host.effect(&bundle, id)?;
            effect.create(Context::Filter).map(drop)
        })?;
        println!("load, describe, describe in context, create, destroy {id}: {:.2} ms", millis(again));
    }
    Ok(())
}

fn median(mut run: impl FnMut() -> host::Result<()>) -> host::Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        run()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[ROUNDS / 2])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
