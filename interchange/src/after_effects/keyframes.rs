//! Keyframe data as After Effects copies it: a header, then blocks of tab-separated lines, `Transform<TAB>Position` with a key a line.
//!
//! Such a text holds one layer. Several tracks are written one after another, each under a line `Layer`, as After Effects does for
//! several layers; the text before that line names none, so names are not in it.

use std::fmt::Write as _;

use shapes::{Document, Extra, Track, TrackKey};

use crate::space::AFTER_EFFECTS;
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
        let name = block.replace('\t', " ");
        let mut track = Track { name, keys: Vec::new(), extra: Extra::new() };
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

/// Whether a block's keys are places in the picture.
fn is_point(block: &str) -> bool {
    let last = block.rsplit('\t').next().unwrap_or(block);
    let pin = ["Upper Left", "Upper Right", "Lower Left", "Lower Right"];
    block.rsplit('\t').next() == Some("Position")
        || (block.starts_with("Effects")
            && (pin.iter().any(|p| last.starts_with(p)) || last.contains("Point")))
}

/// Writes tracks as positions of layers.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let fps = shot.fps.ok_or(WriteError::RateUnknown)?;
    let map = AFTER_EFFECTS.of(shot);
    let mut out = String::from("Adobe After Effects 8.0 Keyframe Data\r\n\r\n\tUnits Per Second\t");
    push_number::<6>(&mut out, fps);
    let _ = write!(out, "\r\n\tSource Width\t{}\r\n\tSource Height\t{}", shot.width, shot.height);
    for name in ["Source", "Comp"] {
        let _ = write!(out, "\r\n\t{name} Pixel Aspect Ratio\t");
        push_number::<6>(&mut out, shot.par);
    }
    out.push_str("\r\n\r\n");
    for track in &document.tracks {
        warnings.push(Warning::new(&track.name, "name", "not written: the text has no names"));
        if document.tracks.len() > 1 {
            out.push_str("Layer\r\n");
        }
        out.push_str("Transform\tPosition\r\n\tFrame\tX pixels\tY pixels\tZ pixels\t\r\n");
        for key in &track.keys {
            let _ = write!(out, "\t{}", frame(map.frame(key.frame)));
            for value in map.point([key.x, key.y]) {
                out.push('\t');
                push_number::<6>(&mut out, value);
            }
            out.push_str("\t0\t\r\n");
        }
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    out.push_str(END);
    out.push_str("\r\n");
    Ok(out)
}
