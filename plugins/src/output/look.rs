//! The output page: what its params say at a time, and which of them apply.

use engine::raster::{Caps, Falloff, MatteOptions, MotionBlur};
use ofx::{Field, Instance, Result};

use super::draw::Style;
use super::params::{
    Ends, FALLOFF, FALLOFF_GAMMA, FEATHER, Falls, GROW, INVERT, MOTION_BLUR, OUTPUT, Phase, SHUTTER,
    SHUTTER_OFFSET, SHUTTER_PHASE, STROKE_CAPS, STROKE_WIDTH,
};

impl Style {
    /// What the params say at `time`.
    pub fn read(instance: &Instance, time: f64) -> Result<Self> {
        let falloff = match instance.get_at(&FALLOFF, time)? {
            Falls::Linear => Falloff::Linear,
            Falls::Smooth => Falloff::Smooth,
            Falls::Gamma => Falloff::Gamma(instance.get_at(&FALLOFF_GAMMA, time)?),
        };
        let motion_blur =
            if instance.get_at(&MOTION_BLUR, time)? { Some(shutter(instance, time)?) } else { None };
        let matte = MatteOptions {
            feather_px: instance.get_at(&FEATHER, time)?,
            falloff,
            grow_px: instance.get_at(&GROW, time)?,
            stroke_px: instance.get_at(&STROKE_WIDTH, time)?,
            caps: match instance.get_at(&STROKE_CAPS, time)? {
                Ends::Round => Caps::Round,
                Ends::Flat => Caps::Flat,
            },
            invert: instance.get_at(&INVERT, time)?,
            motion_blur,
            ..MatteOptions::default()
        };
        Ok(Style { output: instance.get_at(&OUTPUT, time)?, matte })
    }
}

fn shutter(instance: &Instance, time: f64) -> Result<MotionBlur> {
    let shutter_frames = instance.get_at(&SHUTTER, time)?;
    let opens_at_frames = match instance.get_at(&SHUTTER_PHASE, time)? {
        Phase::Centred => -0.5 * shutter_frames,
        Phase::Start => 0.0,
        Phase::End => -shutter_frames,
        Phase::Custom => instance.get_at(&SHUTTER_OFFSET, time)?,
    };
    Ok(MotionBlur { shutter_frames, opens_at_frames })
}

/// Greys out the params that have no effect.
pub fn enable(instance: &Instance) -> Result<()> {
    let mattes = instance.get(&OUTPUT)?.is_matte();
    instance.set_enabled(&FEATHER, mattes)?;
    instance.set_enabled(&FALLOFF, mattes)?;
    instance.set_enabled(&FALLOFF_GAMMA, mattes && instance.get(&FALLOFF)? == Falls::Gamma)?;
    instance.set_enabled(&GROW, mattes)?;
    instance.set_enabled(&STROKE_WIDTH, mattes)?;
    instance.set_enabled(&STROKE_CAPS, mattes)?;
    instance.set_enabled(&INVERT, mattes)?;
    instance.set_enabled(&MOTION_BLUR, mattes)?;
    let blurs = mattes && instance.get(&MOTION_BLUR)?;
    instance.set_enabled(&SHUTTER, blurs)?;
    instance.set_enabled(&SHUTTER_PHASE, blurs)?;
    instance.set_enabled(&SHUTTER_OFFSET, blurs && instance.get(&SHUTTER_PHASE)? == Phase::Custom)
}

/// Rows that are drawn at one moment: all, or those whose number leaves this rest when halved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pass {
    pub time: f64,
    pub rows: Option<i32>,
}

/// The passes of a render of `field`: each field at its own time. A host that asks for one field says its time; in a frame of
/// both, the field that comes second is half a frame later.
pub fn passes(field: Field, order: Field, time: f64) -> Vec<Pass> {
    const LOWER: i32 = 0;
    const UPPER: i32 = 1;
    let pass = |rows: i32, time: f64| Pass { time, rows: Some(rows) };
    match (field, order) {
        (Field::Lower, _) => vec![pass(LOWER, time)],
        (Field::Upper, _) => vec![pass(UPPER, time)],
        (Field::Both, Field::Lower) => vec![pass(LOWER, time), pass(UPPER, time + 0.5)],
        (Field::Both, Field::Upper) => vec![pass(UPPER, time), pass(LOWER, time + 0.5)],
        _ => vec![Pass { time, rows: None }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_their_own_times() {
        let rows = |field, order| -> Vec<_> {
            passes(field, order, 3.0).into_iter().map(|p| (p.rows, p.time)).collect()
        };
        assert_eq!(rows(Field::None, Field::Lower), [(None, 3.0)]);
        assert_eq!(rows(Field::Both, Field::None), [(None, 3.0)]);
        assert_eq!(rows(Field::Upper, Field::Lower), [(Some(1), 3.0)]);
        assert_eq!(rows(Field::Both, Field::Lower), [(Some(0), 3.0), (Some(1), 3.5)]);
        assert_eq!(rows(Field::Both, Field::Upper), [(Some(1), 3.0), (Some(0), 3.5)]);
    }
}
