//! The public roto data set "Sir Lionel" of LAIKA and Intel (WACV 2021): a folder for each shot, in it JSON files for each frame.
//!
//! | file | holds |
//! |---|---|
//! | `raw_shapes-SHOT-frameNNN.json` | artists' shapes |
//! | `revec_shapes-SHOT-frameNNN.json`, `shapes-SHOT-frameNNN.json` | the same with points that correspond between frames, and landmarks |
//! | `points-SHOT-frameNNN.json` | landmarks; one at (0, 0) is hidden |
//!
//! A shape is a list of cubic pieces `[[x0, dx0, x1, dx1], [y0, dy0, y1, dy1]]` with tangents relative to their ends, y down. Whether pixel
//! centres lie at whole numbers is not said anywhere; they are read as the document has them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shapes::redraw::{laid_over, redraw};
use shapes::{Document, Key, Point, Shape, Track, TrackKey};

use crate::text::{MAX_ITEMS, MAX_POINTS, excerpt};
use crate::{ReadError, Settings, Warning};

/// Width and height of all its pictures, px.
const SIZE: u32 = 800;
/// Bytes of one file; real ones have 20,000.
const MAX_FILE: u64 = 4 << 20;
/// Pieces and ends this close, px, are the same.
const MEETS: f64 = 0.01;

/// Points that are drawn anew at most: an artist's shot has a tenth of it.
const MOST_REDRAWN: usize = 100_000;
/// Points follow what was drawn with others if no place of it is farther off, px.
const FOLLOWS_PX: f64 = 1.0;

/// What a file's name begins with; shapes of a kind further down go before those of the same name further up.
const KINDS: [&str; 4] = ["raw_shapes-", "points-", "shapes-", "revec_shapes-"];

/// A cubic piece of a shape.
type Piece = [[f64; 4]; 2];

#[derive(Deserialize)]
struct Frame {
    #[serde(default)]
    points: Vec<[f64; 2]>,
    #[serde(flatten)]
    shapes: BTreeMap<String, Vec<Piece>>,
}

/// A file's place in a shot.
struct File {
    path: PathBuf,
    name: String,
    kind: usize,
    frame: u32,
}

/// Shapes under construction by name: whether each frame's is closed, and its points.
type Drafts = BTreeMap<String, BTreeMap<u32, (bool, Vec<Point>)>>;

/// Reads the folder of one shot: a key for each frame. Frame numbers are those of the files, plus the start frame where one is said.
pub(crate) fn read(
    folder: &Path,
    settings: &Settings,
    warnings: &mut Vec<Warning>,
) -> Result<Document, ReadError> {
    let files = list(folder)?;
    let (width, height) = (settings.width.unwrap_or(SIZE), settings.height.unwrap_or(SIZE));
    let mut document = Document::new(width, height);
    let start = settings.start_frame.unwrap_or(0.0);
    let mut drafts = Drafts::new();
    let mut landmarks: Vec<BTreeMap<u32, [f64; 2]>> = Vec::new();
    // Which kind a shape's name was last found in.
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    let mut points = 0;
    for file in &files {
        let fault = |what: String| ReadError::file(&file.name, what);
        let frame = load(file)?;
        points += frame.points.len() + frame.shapes.values().map(Vec::len).sum::<usize>();
        if points > MAX_POINTS || frame.points.len() > MAX_ITEMS {
            return Err(ReadError::TooMuch(format!("the shot has more than {MAX_POINTS} points")));
        }
        for (i, place) in frame.points.iter().enumerate() {
            if landmarks.len() <= i {
                landmarks.push(BTreeMap::new());
            }
            landmarks[i].insert(file.frame, *place);
        }
        for (name, pieces) in frame.shapes {
            if sources.insert(name.clone(), file.kind).is_some_and(|kind| kind != file.kind) {
                drafts.remove(&name);
            }
            let (closed, points) = contour(&pieces).map_err(|what| fault(format!("{name}: {what}")))?;
            drafts.entry(name).or_default().insert(file.frame, (closed, points));
        }
    }
    let mut redrawn = 0;
    for (name, frames) in drafts {
        for (told, closed, frames) in consistent(&name, frames, &mut redrawn, warnings) {
            let keys = frames.into_iter().map(|(frame, points)| Key::new(f64::from(frame) + start, points));
            document.shapes.push(Shape::new(&told, closed, keys.collect()));
        }
    }
    for (i, places) in landmarks.iter().enumerate() {
        let name = format!("point {i:02}");
        match track(&name, places, start) {
            Some(track) => document.tracks.push(track),
            None => warnings.push(Warning::new(&name, "visible", "hidden on every frame: left out")),
        }
    }
    Ok(document)
}

/// A shape with the same points on all frames: its name, whether it is closed, and its points by frame.
type Consistent = (String, bool, Drawings);

/// A shape's points by frame.
type Drawings = BTreeMap<u32, Vec<Point>>;

/// One shape, and one besides where some frames' are open and others' closed. Each gets the points that most of its frames have, or if
/// these cannot follow what is drawn on others, the fewest that can. Adds up in `redrawn` how many points were drawn anew; beyond
/// [`MOST_REDRAWN`] each number of points is a shape of its own.
fn consistent(
    name: &str,
    frames: BTreeMap<u32, (bool, Vec<Point>)>,
    redrawn: &mut usize,
    warnings: &mut Vec<Warning>,
) -> Vec<Consistent> {
    let mut kinds: BTreeMap<bool, BTreeMap<usize, Drawings>> = BTreeMap::new();
    for (frame, (closed, points)) in frames {
        let counts = kinds.entry(closed).or_default();
        counts.entry(points.len()).or_default().insert(frame, points);
    }
    let both = kinds.len() == 2;
    let mut all = Vec::new();
    for (closed, counts) in kinds {
        let told = if both && !closed { format!("{name} open") } else { name.to_owned() };
        if both && !closed {
            warnings.push(Warning::new(&told, "closed", "differs between frames: a shape of its own"));
        }
        match one_number(&counts, closed, redrawn) {
            Some((drawings, count, off_px)) => {
                if let changed @ 1.. = drawings.len() - counts[&count].len() {
                    let frames = if changed == 1 { "frame is" } else { "frames are" };
                    let what = format!(
                        "differ between frames: {changed} {frames} drawn anew with {count}, at most {off_px:.2} px off"
                    );
                    warnings.push(Warning::new(&told, "points", what));
                }
                all.push((told, closed, drawings));
            }
            None => all.extend(counts.into_iter().map(|(count, drawings)| {
                let told = format!("{told} {count}");
                let what = format!("differ between frames: those with {count} are a shape of their own");
                warnings.push(Warning::new(&told, "points", what));
                (told, closed, drawings)
            })),
        }
    }
    all
}

/// Drawings with one number of points, that number, and how far off they are at most, px.
fn one_number(
    counts: &BTreeMap<usize, Drawings>,
    closed: bool,
    redrawn: &mut usize,
) -> Option<(Drawings, usize, f64)> {
    let most = counts.iter().max_by_key(|(count, frames)| (frames.len(), **count))?.0;
    let mut best: Option<(Drawings, usize, f64)> = None;
    for (count, models) in counts.range(most..) {
        let mut drawings = models.clone();
        let mut worst = 0.0f64;
        for (_, frames) in counts.iter().filter(|(other, _)| *other != count) {
            *redrawn += frames.len() * count;
            if *redrawn > MOST_REDRAWN {
                return best;
            }
            let (new, off_px) = anew(frames, models, closed)?;
            worst = worst.max(off_px);
            drawings.extend(new);
        }
        if best.as_ref().is_none_or(|(.., least)| worst < *least) {
            best = Some((drawings, *count, worst));
        }
        if worst <= FOLLOWS_PX {
            break;
        }
    }
    best
}

/// Drawings with the points of the model on the nearest frame, and how far they are off at most, px.
fn anew(frames: &Drawings, models: &Drawings, closed: bool) -> Option<(Drawings, f64)> {
    let (mut new, mut worst) = (BTreeMap::new(), 0.0f64);
    for (frame, drawn) in frames {
        let before = models.range(..frame).next_back();
        let after = models.range(frame..).next();
        let (_, model) = before.into_iter().chain(after).min_by_key(|(f, _)| f.abs_diff(*frame))?;
        let redrawn = redraw(&laid_over(model, drawn, closed), drawn, closed)?;
        worst = worst.max(redrawn.most_px);
        new.insert(*frame, redrawn.points);
    }
    Some((new, worst))
}

/// The files of a shot, those of kinds that go before others later.
fn list(folder: &Path) -> Result<Vec<File>, ReadError> {
    let unreadable = |e: std::io::Error| ReadError::File(format!("the folder cannot be read: {e}"));
    let (mut files, mut shot) = (Vec::new(), None);
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else { continue };
        let Some((kind, of_shot, frame)) = parts(name) else { continue };
        let known = shot.get_or_insert_with(|| of_shot.to_owned());
        if *known != of_shot {
            let what = format!(
                "files of two shots, {} and {}: give each a folder",
                excerpt(known),
                excerpt(of_shot)
            );
            return Err(ReadError::Nothing(what));
        }
        if files.len() >= MAX_ITEMS {
            return Err(ReadError::TooMuch(format!("the folder has more than {MAX_ITEMS} files")));
        }
        files.push(File { name: name.to_owned(), kind, frame, path });
    }
    if files.is_empty() {
        let what = "there are no files of a shot in it, such as raw_shapes-SHOT-frame000.json";
        return Err(ReadError::Nothing(what.to_owned()));
    }
    files.sort_by(|a, b| (a.kind, a.frame, &a.name).cmp(&(b.kind, b.frame, &b.name)));
    Ok(files)
}

/// Kind, shot and frame of a file's name.
fn parts(name: &str) -> Option<(usize, &str, u32)> {
    let (kind, rest) = KINDS.iter().enumerate().find_map(|(i, kind)| Some((i, name.strip_prefix(kind)?)))?;
    let (shot, frame) = rest.strip_suffix(".json")?.rsplit_once("-frame")?;
    Some((kind, shot, frame.parse().ok()?))
}

fn load(file: &File) -> Result<Frame, ReadError> {
    let fault = |what: String| ReadError::file(&file.name, what);
    let length = std::fs::metadata(&file.path).map_err(|e| fault(e.to_string()))?.len();
    if length > MAX_FILE {
        return Err(fault(format!("more than {} MiB are not read", MAX_FILE >> 20)));
    }
    let bytes = std::fs::read(&file.path).map_err(|e| fault(e.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|e| fault(e.to_string()))
}

/// Whether pieces close, and their ends as control points.
fn contour(pieces: &[Piece]) -> Result<(bool, Vec<Point>), String> {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
        return Err("a shape without pieces".to_owned());
    };
    let near = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).abs() < MEETS && (a[1] - b[1]).abs() < MEETS;
    let begin = |[x, y]: &Piece| [x[0], y[0]];
    let end = |[x, y]: &Piece| [x[2], y[2]];
    let arriving = |[x, y]: &Piece| [x[3], y[3]];
    if let Some(i) = pieces.windows(2).position(|w| !near(end(&w[0]), begin(&w[1]))) {
        return Err(format!("piece {} does not begin where piece {i} ends", i + 1));
    }
    let closed = pieces.len() > 1 && near(end(last), begin(first));
    let mut before = if closed { arriving(last) } else { [0.0; 2] };
    let mut points = Vec::with_capacity(pieces.len() + 1);
    for piece @ [x, y] in pieces {
        points.push(Point::new(x[0], y[0], before, [x[1], y[1]]));
        before = arriving(piece);
    }
    if !closed {
        let [x, y] = end(last);
        points.push(Point::new(x, y, before, [0.0; 2]));
    }
    Ok((closed, points))
}

/// A landmark over time; where it is hidden it stays where it was last seen, or will first be.
fn track(name: &str, places: &BTreeMap<u32, [f64; 2]>, start: f64) -> Option<Track> {
    let mut last = *places.values().find(|p| **p != [0.0; 2])?;
    let keys = places.iter().map(|(frame, place)| {
        let visible = *place != [0.0; 2];
        if visible {
            last = *place;
        }
        TrackKey { visible, ..TrackKey::new(f64::from(*frame) + start, last[0], last[1]) }
    });
    Some(Track::new(name, keys.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        assert_eq!(parts("raw_shapes-shot0-frame012.json"), Some((0, "shot0", 12)));
        assert_eq!(parts("points-CG-frame935.json"), Some((1, "CG", 935)));
        for other in [
            "image-shot0-frame000.png",
            "shapes-test.json",
            "shapes-test-frame1x.json",
            "shapes-a-frame1.png",
        ] {
            assert_eq!(parts(other), None, "{other}");
        }
    }

    #[test]
    fn pieces_close_or_do_not() {
        let line = |a: [f64; 2], b: [f64; 2]| [[a[0], 1.0, b[0], -1.0], [a[1], 2.0, b[1], -2.0]];
        let (a, b, c) = ([0.0, 0.0], [9.0, 0.0], [5.0, 5.0]);
        let (closed, points) = contour(&[line(a, b), line(b, c), line(c, a)]).unwrap();
        assert!(closed && points.len() == 3);
        assert_eq!(points[0], Point::new(0.0, 0.0, [-1.0, -2.0], [1.0, 2.0]));
        let (closed, points) = contour(&[line(a, b), line(b, c)]).unwrap();
        assert!(!closed && points.len() == 3);
        assert_eq!((points[0].tangent_in, points[2].tangent_out), ([0.0; 2], [0.0; 2]));
        assert_eq!(
            contour(&[line(a, b), line(c, a)]).unwrap_err(),
            "piece 1 does not begin where piece 0 ends"
        );
        assert!(contour(&[]).is_err());
    }

    #[test]
    fn frames_with_other_points_are_drawn_anew() {
        let ring = |n: usize, x: f64| {
            let point = |i: usize| {
                let (s, c) = (i as f64 / n as f64 * std::f64::consts::TAU).sin_cos();
                let handle = 20.0 * 4.0 / 3.0 * (std::f64::consts::TAU / n as f64 / 4.0).tan();
                let along = [-1.5 * handle * s, handle * c];
                Point::new(x + 30.0 * c, 50.0 + 20.0 * s, along.map(|v| -v), along)
            };
            (true, (0..n).map(point).collect::<Vec<_>>())
        };
        let mut frames: BTreeMap<u32, _> = (0..5).map(|f| (f, ring(8, 40.0 + f64::from(f)))).collect();
        frames.insert(2, ring(11, 42.0));
        let (mut warnings, mut count) = (Vec::new(), 0);
        let all = consistent("eye", frames.clone(), &mut count, &mut warnings);
        assert_eq!((all.len(), warnings.len(), count), (1, 1, 8));
        let (_, points) = ring(8, 42.0);
        for (p, q) in points.iter().zip(&all[0].2[&2]) {
            assert!((p.x - q.x).hypot(p.y - q.y) < 2.0, "{p:?} {q:?}");
        }
        // An open one among closed ones, and more points than are drawn anew.
        frames.insert(3, (false, ring(9, 43.0).1));
        let all = consistent("eye", frames.clone(), &mut count, &mut warnings);
        assert_eq!(all.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(), ["eye open", "eye"]);
        let all = consistent("eye", frames, &mut MOST_REDRAWN.clone(), &mut Vec::new());
        assert_eq!(all.iter().map(|s| s.0.as_str()).collect::<Vec<_>>(), ["eye open", "eye 8", "eye 11"]);
    }
}
