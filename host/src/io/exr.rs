//! OpenEXR: half and float, layers and parts as planes.
//!
//! The picture is the display window; what the data window has outside it is left out, and where the data window has
//! nothing there are zeros.

use std::io::Cursor;

use exr::image::{AnyChannel, AnyChannels, Encoding, FlatSamples, Image, Layer};
use exr::math::Vec2;
use exr::meta::MetaData;
use exr::meta::header::LayerAttributes;
use exr::prelude::{Compression, ReadChannels, ReadLayers, WritableImage};
use half::f16;

use super::layers::{ChannelName, Group, group, motion};
use super::{Frame, MAX_PIXELS, Plane, bounds_of};
use crate::picture::{Components, Depth, Picture, Premultiplication, RectI};

type Part = Layer<AnyChannels<FlatSamples>>;

pub(super) fn read(bytes: Vec<u8>) -> Result<Frame, String> {
    let broken = |e: exr::error::Error| format!("this EXR cannot be read: {e}");
    let meta = MetaData::read_from_buffered(Cursor::new(bytes.as_slice()), false).map_err(broken)?;
    let mut samples = 0u64;
    for header in &meta.headers {
        let (w, h) = (header.layer_size.0 as u64, header.layer_size.1 as u64);
        bounds_of(w, h)?;
        samples = samples.saturating_add((w * h).saturating_mul(header.channels.list.len() as u64));
    }
    if samples > 16 * MAX_PIXELS {
        return Err("this EXR claims more samples than can be read: it is damaged or too big".to_owned());
    }
    let image = exr::prelude::read()
        .no_deep_data()
        .largest_resolution_level()
        .all_channels()
        .all_layers()
        .all_attributes()
        .from_buffered(Cursor::new(bytes))
        .map_err(broken)?;
    let display = image.attributes.display_window;
    let bounds = bounds_of(display.size.0 as u64, display.size.1 as u64)?;
    let several = image.layer_data.len() > 1;

    let mut names = Vec::new();
    let mut sources = Vec::new();
    for part in &image.layer_data {
        let part_name = part.attributes.layer_name.as_ref().map(ToString::to_string).filter(|_| several);
        for channel in &part.channel_data.list {
            if channel.sampling != Vec2(1, 1) {
                return Err(
                    "this EXR has subsampled (luminance and chroma) channels: save it as RGB".to_owned()
                );
            }
            names.push((part_name.clone(), channel.name.to_string()));
            sources.push((part, &channel.sample_data));
        }
    }
    let names: Vec<ChannelName> =
        names.iter().map(|(part, name)| ChannelName { part: part.as_deref(), name }).collect();

    let mut main = None;
    let mut planes = Vec::new();
    for group in group(&names) {
        let mut picture = assemble(&group, &sources, bounds, display.position);
        let aspect = f64::from(image.attributes.pixel_aspect);
        picture.pixel_aspect = if aspect.is_finite() && aspect > 0.0 { aspect } else { 1.0 };
        if group.is_colour && main.is_none() {
            main = Some(picture);
        } else {
            planes.push(Plane { name: group.name, picture });
        }
    }
    let mut frame = Frame { picture: Picture::new(RectI::default(), Components::Rgba, Depth::Half), planes };
    frame.picture = match main.or_else(|| motion(&frame)) {
        Some(picture) => picture,
        None => frame.planes.first().ok_or("this EXR has no channels")?.picture.clone(),
    };
    Ok(frame)
}

/// The picture of a group. `origin` is the display window's corner in the file's coordinates (y down).
fn assemble(group: &Group, sources: &[(&Part, &FlatSamples)], bounds: RectI, origin: Vec2<i32>) -> Picture {
    let chosen = || group.slots.iter().flatten().filter_map(|&i| sources.get(i));
    let depth = if chosen().all(|s| matches!(s.1, FlatSamples::F16(_))) { Depth::Half } else { Depth::Float };
    let mut picture = Picture::new(bounds, group.components, depth);
    if !group.is_colour {
        picture.premultiplication = Premultiplication::Opaque;
    }
    for (channel, source) in group.slots.iter().enumerate() {
        let Some((part, samples)) = source.and_then(|i| sources.get(i)) else { continue };
        let place = part.attributes.layer_position;
        let (left, top) =
            (i64::from(place.0) - i64::from(origin.0), i64::from(place.1) - i64::from(origin.1));
        let width = part.size.0.max(1);
        for (row, line) in (0..part.size.1).zip((0..).map(|r: usize| r * width)) {
            let y = i64::from(bounds.y2) - 1 - (top + row as i64);
            let Ok(y) = i32::try_from(y) else { continue };
            if y < bounds.y1 || y >= bounds.y2 {
                continue;
            }
            for column in 0..part.size.0 {
                if let Ok(x) = i32::try_from(left + column as i64) {
                    picture.set_sample(x, y, channel, value(samples, line + column));
                }
            }
        }
    }
    picture
}

fn value(samples: &FlatSamples, i: usize) -> f32 {
    match samples {
        FlatSamples::F16(v) => v.get(i).map_or(0.0, |s| s.to_f32()),
        FlatSamples::F32(v) => v.get(i).copied().unwrap_or(0.0),
        FlatSamples::U32(v) => v.get(i).map_or(0.0, |&s| s as f32),
    }
}

/// Writes a half or float picture: R, G, B, A as far as it has them, A alone for Alpha, R and G for XY.
pub(super) fn write(picture: &Picture) -> Result<Vec<u8>, String> {
    let names: &[&str] = match picture.components() {
        Components::Rgba => &["R", "G", "B", "A"],
        Components::Rgb => &["R", "G", "B"],
        Components::Alpha => &["A"],
        Components::Xy => &["R", "G"],
    };
    let bounds = picture.bounds();
    let channel = |(c, name): (usize, &&str)| {
        let values = (bounds.y1..bounds.y2)
            .rev()
            .flat_map(|y| (bounds.x1..bounds.x2).map(move |x| picture.sample(x, y, c)));
        let samples = match picture.depth() {
            Depth::Float => FlatSamples::F32(values.collect()),
            _ => FlatSamples::F16(values.map(f16::from_f32).collect()),
        };
        AnyChannel::new(*name, samples)
    };
    let channels = AnyChannels::sort(names.iter().enumerate().map(channel).collect());
    let encoding = Encoding { compression: Compression::ZIP16, ..Encoding::FAST_LOSSLESS };
    let size = Vec2(bounds.width(), bounds.height());
    let mut image = Image::from_layer(Layer::new(size, LayerAttributes::default(), encoding, channels));
    image.attributes.pixel_aspect = picture.pixel_aspect as f32;
    let mut bytes = Cursor::new(Vec::new());
    image.write().to_buffered(&mut bytes).map_err(|e| format!("the EXR cannot be made: {e}"))?;
    Ok(bytes.into_inner())
}
