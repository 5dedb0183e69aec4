//! Keyframe data as After Effects and Mocha copy it: a header, then blocks of tab-separated lines, `Transform<TAB>Position` with a key a line.
//!
//! Such a text holds one layer. Several tracks are written one after another, each under a line `Layer`, as After Effects does for
//! several layers; the text before that line names none, so names are not in it.

use std::fmt::Write as _;

use shapes::{Document, Extra, Track, TrackKey};

use crate::corners::{self, Corner};
use crate::space::{AFTER_EFFECTS, Map};
use crate::text::{MAX_ITEMS, MAX_POINTS, frame, number, push_number};
use crate::{ReadError, Settings, Shot, Warning, WriteError};

const HEADER: &str = "Keyframe Data";
const END: &str = "End of Keyframe Data";

/// Reads positions, and the points of effects such as corner pins, as tracks.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let mut lines = (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()).peekable();
    match lines.next() {
        Some((_, first)) if first.trim_end().ends_with(HEADER) => {}
        _ => return Err(ReadError::line(1, "\"Adobe After Effects 8.0 Keyframe Data\" is expected")),
    }
    let mut found = Settings::default();
    while let Some((line, text)) = lines.next_if(|(_, l)| l.starts_with('\t')) {
        let (name, value) = text.trim().split_once('\t').unwrap_or((text, ""));
        let value = || number(value.trim(), line).map(|v| (v > 0.0).then_some(v));
        match name {
            "Units Per Second" => found.fps = value()?,
            "Source Width" => found.width = value()?.map(|v| v as u32),
            "Source Height" => found.height = value()?.map(|v| v as u32),
            "Source Pixel Aspect Ratio" => found.par = value()?,
            _ => {}
        }
    }
    let asked = Settings {
        width: settings.width.or(found.width),
        height: settings.height.or(found.height),
        fps: settings.fps.or(found.fps),
        par: settings.par.or(found.par),
        start_frame: settings.start_frame,
    };
    let shot = Shot::of(&Document::new(0, 0), &asked).ok_or(ReadError::SizeUnknown)?;
    let map = AFTER_EFFECTS.of(&shot);
    let mut document = shot.document();
    if settings.start_frame.is_none() {
        warnings
            .push(Warning::general("frames", "counted from 0: say the start frame to count from another"));
    }
    let mut points = 0;
    while let Some((_, block)) = lines.next() {
        let block = block.trim();
        if block == END {
            break;
        }
        if block == "Layer" {
            continue;
        }
        let is_point = is_point(block);
        if !is_point {
            warnings.push(Warning::new(block, "property", "only positions and points are read"));
        }
        let mut track = Track { name: name(block), keys: Vec::new(), extra: Extra::new() };
        while let Some((line, row)) = lines.next_if(|(_, l)| l.starts_with('\t')) {
            let mut words = row.split('\t').skip(1).map(str::trim);
            let Some(at) = words.next().filter(|w| is_point && *w != "Frame") else { continue };
            let mut value = || number(words.next().unwrap_or(""), line);
            let [x, y] = map.point_back([value()?, value()?]);
            points += 1;
            if points > MAX_POINTS || document.tracks.len() >= MAX_ITEMS {
                return Err(ReadError::line(line, "there are too many keys"));
            }
            // A property that does not move has its value without a frame.
            let at = if at.is_empty() { 0.0 } else { number(at, line)? };
            track.keys.push(TrackKey::new(map.frame_back(at), x, y));
        }
        if is_point {
            document.tracks.push(track);
        }
    }
    if document.tracks.is_empty() {
        return Err(ReadError::Nothing("there is no position or point in it".to_owned()));
    }
    Ok(document)
}

/// Numbers of CC Power Pin's corners, which is what Mocha copies too, and of Corner Pin's.
const PINS: [(&str, Corner); 4] = [
    ("2", Corner::UpperLeft),
    ("3", Corner::UpperRight),
    ("4", Corner::LowerLeft),
    ("5", Corner::LowerRight),
];

/// Whether a block's keys are places in the picture.
fn is_point(block: &str) -> bool {
    let last = block.rsplit('\t').next().unwrap_or(block);
    let is_pin = Corner::ALL.iter().any(|c| last.starts_with(c.name())) || power_pin(last).is_some();
    last == "Position"
        || (block.starts_with("Motion Trackers") && last == "Feature Center")
        || (block.starts_with("Effects") && (is_pin || last.contains("Point")))
}

/// The corner of a property such as `CC Power Pin-0002`.
fn power_pin(property: &str) -> Option<Corner> {
    let number = property.strip_prefix("CC Power Pin-000")?;
    PINS.iter().find(|(n, _)| *n == number).map(|(_, corner)| *corner)
}

/// What the track of a block is called.
fn name(block: &str) -> String {
    let last = block.rsplit('\t').next().unwrap_or(block);
    match power_pin(last) {
        Some(corner) => block.replace(last, corner.name()).replace('\t', " "),
        None => block.replace('\t', " "),
    }
}

/// Writes tracks as positions of layers.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = AFTER_EFFECTS.of(shot);
    let mut out = head(shot)?;
    for track in &document.tracks {
        warnings.push(Warning::new(&track.name, "name", "not written: the text has no names"));
        if document.tracks.len() > 1 {
            out.push_str("Layer\r\n");
        }
        push_block(&mut out, "Transform\tPosition", track, &map, true);
    }
    Ok(ended(out))
}

/// Writes four tracks as the corners of the effect Corner Pin.
pub(crate) fn write_pin(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = AFTER_EFFECTS.of(shot);
    let found = corners::of(&document.tracks, warnings)?;
    let mut out = head(shot)?;
    for (number, corner) in PINS {
        for (_, track) in Corner::ALL.iter().zip(found).filter(|(c, _)| **c == corner) {
            let property = format!("Effects\tCorner Pin #1\t{} #{number}", corner.name());
            push_block(&mut out, &property, track, &map, false);
        }
    }
    Ok(ended(out))
}

fn head(shot: &Shot) -> Result<String, WriteError> {
    let fps = shot.fps.ok_or(WriteError::RateUnknown)?;
    let mut out = String::from("Adobe After Effects 8.0 Keyframe Data\r\n\r\n\tUnits Per Second\t");
    push_number::<6>(&mut out, fps);
    let _ = write!(out, "\r\n\tSource Width\t{}\r\n\tSource Height\t{}", shot.width, shot.height);
    for name in ["Source", "Comp"] {
        let _ = write!(out, "\r\n\t{name} Pixel Aspect Ratio\t");
        push_number::<6>(&mut out, shot.par);
    }
    out.push_str("\r\n\r\n");
    Ok(out)
}

/// A property with its keys.
fn push_block(out: &mut String, property: &str, track: &Track, map: &Map, depth: bool) {
    let (title, zero) = if depth { ("\tZ pixels", "\t0") } else { ("", "") };
    let _ = write!(out, "{property}\r\n\tFrame\tX pixels\tY pixels{title}\t\r\n");
    for key in &track.keys {
        let _ = write!(out, "\t{}", frame(map.frame(key.frame)));
        for value in map.point([key.x, key.y]) {
            out.push('\t');
            push_number::<6>(out, value);
        }
        let _ = write!(out, "{zero}\t\r\n");
    }
    out.push_str("\r\n");
}

fn ended(mut out: String) -> String {
    out.push_str("\r\n");
    out.push_str(END);
    out.push_str("\r\n");
    out
}
