//! The frames that an effect works on.

use ofx::param::{Bool, Int};
use ofx::{Clip, DescribeInContext, Error, Instance, Result};

pub const USE_CLIP_RANGE: Bool = Bool::new(c"useClipRange", c"Whole clip")
    .default(true)
    .no_animation()
    .help(c"All frames of the source. Off: the frames set below.");
pub const FIRST_FRAME: Int = frame(
    Int::new(c"firstFrame", c"First frame")
        .default(1)
        .help(c"The first frame to work on, where Whole clip is off."),
);
pub const LAST_FRAME: Int = frame(
    Int::new(c"lastFrame", c"Last frame")
        .default(100)
        .help(c"The last frame to work on, where Whole clip is off."),
);

const fn frame(param: Int<'static>) -> Int<'static> {
    param.range(-1_000_000, 1_000_000).display(0, 1000).no_animation()
}

/// Defines them.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.define(&USE_CLIP_RANGE)?;
    d.define(&FIRST_FRAME)?;
    d.define(&LAST_FRAME)
}

/// The first and the last frame, as the artist has set them or as long as the source is.
pub fn read(instance: &Instance, source: &Clip<'_>) -> Result<(i32, i32)> {
    let (first, last) = if instance.get(&USE_CLIP_RANGE)? {
        let range = source.frame_range().ok_or_else(|| {
            Error::failed(
                "the host does not say how long the source is: switch Whole clip off and set the frames",
            )
        })?;
        (range.min.ceil() as i32, range.max.floor() as i32)
    } else {
        (instance.get(&FIRST_FRAME)?, instance.get(&LAST_FRAME)?)
    };
    if first > last {
        return Err(Error::failed(format!(
            "the range {first} to {last} is empty: set First frame before Last frame"
        )));
    }
    Ok((first, last))
}

/// The viewer's frame, if the range has it.
pub fn here(time: f64, (first, last): (i32, i32)) -> Result<i32> {
    let here = time.round() as i32;
    if here < first || here > last {
        return Err(Error::failed(format!("frame {here} is outside of the range {first} to {last}")));
    }
    Ok(here)
}

/// `1-3, 7` for 1, 2, 3, 7.
pub fn as_ranges(frames: &[i64]) -> String {
    let runs = frames.chunk_by(|a, b| b - a == 1).map(|run| match run {
        [first, .., last] => format!("{first}-{last}"),
        _ => run.iter().map(ToString::to_string).collect(),
    });
    runs.collect::<Vec<String>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_listed_in_ranges() {
        assert_eq!(as_ranges(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(as_ranges(&[]), "");
    }
}
