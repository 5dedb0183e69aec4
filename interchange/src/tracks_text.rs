//! Plain text with 2D tracks, as 3DEqualizer and others read and write it: the number of tracks, then for each its name, a colour
//! number, the number of frames, and lines of `frame x y`.

use std::fmt::Write as _;

use shapes::{Document, Extra, Track, TrackKey};

use crate::space::TRACKS_TEXT;
use crate::text::{MAX_ITEMS, MAX_POINTS, frame, number, push_number};
use crate::{ReadError, Settings, Shot, Warning, WriteError};

/// Reads the tracks of a text.
pub(crate) fn read(
    text: &str,
    settings: &Settings,
    _warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let shot = Shot::of(&Document::new(0, 0), settings).ok_or(ReadError::SizeUnknown)?;
    let map = TRACKS_TEXT.of(&shot);
    let mut document = shot.document();
    let mut lines = (1..).zip(text.lines());
    let end = text.lines().count() + 1;
    let mut next = |what: &str| -> Result<(usize, &str), ReadError> {
        lines
            .next()
            .ok_or_else(|| ReadError::line(end, format!("{what} is expected, not the end of the file")))
    };
    let tracks = count(next("the number of tracks")?, MAX_ITEMS)?;
    let mut points = 0;
    for _ in 0..tracks {
        let (_, name) = next("a track's name")?;
        let (line, color) = next("a colour number")?;
        number(color.trim(), line)?;
        let keys = count(next("the number of frames")?, MAX_POINTS)?;
        points += keys;
        let mut track = Track { name: name.trim().to_owned(), keys: Vec::new(), extra: Extra::new() };
        for _ in 0..keys {
            let (line, row) = next("frame, x and y")?;
            if points > MAX_POINTS {
                return Err(ReadError::line(line, format!("the tracks have more than {MAX_POINTS} frames")));
            }
            let mut words = row.split_whitespace();
            let mut value = || {
                let word =
                    words.next().ok_or_else(|| ReadError::line(line, "frame, x and y are expected"))?;
                number(word, line)
            };
            let (at, [x, y]) = (value()?, map.point_back([value()?, value()?]));
            track.keys.push(TrackKey::new(map.frame_back(at), x, y));
        }
        document.tracks.push(track);
    }
    Ok(document)
}

fn count((line, text): (usize, &str), most: usize) -> Result<usize, ReadError> {
    let count = text.trim().parse::<usize>().ok().filter(|n| *n <= most);
    count.ok_or_else(|| ReadError::line(line, format!("a count up to {most} is expected")))
}

/// Writes the tracks of a document.
pub(crate) fn write(
    document: &Document,
    shot: &Shot,
    _warnings: &mut Vec<Warning>,
) -> Result<String, WriteError> {
    let map = TRACKS_TEXT.of(shot);
    let mut out = format!("{}\n", document.tracks.len());
    for track in &document.tracks {
        let name: String = track.name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let _ = writeln!(out, "{}\n0\n{}", name.trim(), track.keys.len());
        for key in &track.keys {
            out.push_str(&frame(map.frame(key.frame)));
            for value in map.point([key.x, key.y]) {
                out.push(' ');
                push_number::<6>(&mut out, value);
            }
            out.push('\n');
        }
    }
    Ok(out)
}
