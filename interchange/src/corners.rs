//! Corner pins: which four tracks are the corners of a plane.

use shapes::Track;

use crate::{Warning, WriteError};

/// A corner of a plane, as names of tracks have it in small letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Corner {
    LowerLeft,
    LowerRight,
    UpperRight,
    UpperLeft,
}

impl Corner {
    /// Counter-clockwise from the lower left, as Nuke counts them.
    pub(crate) const ALL: [Corner; 4] =
        [Corner::LowerLeft, Corner::LowerRight, Corner::UpperRight, Corner::UpperLeft];

    /// What it is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Corner::LowerLeft => "Lower Left",
            Corner::LowerRight => "Lower Right",
            Corner::UpperRight => "Upper Right",
            Corner::UpperLeft => "Upper Left",
        }
    }
}

/// The tracks of [`Corner::ALL`]: those that are called so, else the first four by where they are on the first frame that all of them
/// have. What is not written of the others is said.
pub(crate) fn of<'a>(tracks: &'a [Track], warnings: &mut Vec<Warning>) -> Result<[&'a Track; 4], WriteError> {
    let named = |corner: Corner| {
        let wanted = corner.name().to_ascii_lowercase();
        tracks.iter().find(|t| !t.keys.is_empty() && t.name.to_ascii_lowercase().contains(&wanted))
    };
    let found = match Corner::ALL.map(named) {
        [Some(a), Some(b), Some(c), Some(d)] => [a, b, c, d],
        _ => placed(tracks)?,
    };
    for track in tracks.iter().filter(|t| !found.iter().any(|f| std::ptr::eq(*f, *t))) {
        warnings.push(Warning::new(&track.name, "track", "not written: a corner pin has four"));
    }
    Ok(found)
}

/// The first four tracks with keys, by place.
fn placed(tracks: &[Track]) -> Result<[&Track; 4], WriteError> {
    let usable: Vec<&Track> = tracks.iter().filter(|t| !t.keys.is_empty()).take(4).collect();
    let first = usable.iter().filter_map(|t| t.keys.first()).map(|k| k.frame).fold(f64::MIN, f64::max);
    let place = |t: &Track| t.at(first).map_or((0.0, 0.0), |k| (k.x, k.y));
    let mut by_height = usable;
    by_height.sort_by(|a, b| place(a).1.total_cmp(&place(b).1));
    let [upper, lower] = by_height.as_chunks::<2>().0 else {
        return Err(WriteError::Nothing("a corner pin needs four tracks with keys".to_owned()));
    };
    let by_side = |pair: &[&'_ Track; 2]| place(pair[0]).0 <= place(pair[1]).0;
    let sorted = |pair: [_; 2]| if by_side(&pair) { pair } else { [pair[1], pair[0]] };
    let ([upper_left, upper_right], [lower_left, lower_right]) = (sorted(*upper), sorted(*lower));
    Ok([lower_left, lower_right, upper_right, upper_left])
}

#[cfg(test)]
mod tests {
    use super::*;
    use shapes::TrackKey;

    fn track(name: &str, x: f64, y: f64) -> Track {
        Track::new(name, vec![TrackKey::new(1.0, x, y)])
    }

    #[test]
    fn by_name_and_else_by_place() {
        let mut tracks =
            vec![track("a", 9.0, 8.0), track("b", 0.0, 9.0), track("c", 10.0, 1.0), track("d", 0.0, 0.0)];
        let mut warnings = Vec::new();
        let names = |found: [&Track; 4]| found.map(|t| t.name.clone());
        assert_eq!(names(of(&tracks, &mut warnings).unwrap()), ["b", "a", "c", "d"]);
        for (i, corner) in Corner::ALL.into_iter().enumerate() {
            tracks.push(track(&format!("pin {}", corner.name()), i as f64, 0.0));
        }
        let found = names(of(&tracks, &mut warnings).unwrap());
        assert_eq!(found, ["pin Lower Left", "pin Lower Right", "pin Upper Right", "pin Upper Left"]);
        assert_eq!(warnings.len(), 4);
        assert!(of(&tracks[..3], &mut warnings).is_err());
    }
}
