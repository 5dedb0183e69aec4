//! Landmarks as params: one keyed position a slot, named by what it shows.
//!
//! The document is the truth, and the params show it. A param that the artist changes becomes a key set by hand in the
//! document; whatever else changes the document is written into the params. What they show is remembered in the project, so
//! that params which have fallen behind (a document from a file, undo) are known for that.

use std::collections::hash_map::DefaultHasher;
use std::ffi::CString;
use std::hash::{Hash, Hasher};

use ofx::param::{Bool, Double2, Page, Param, Push, Text};
use ofx::{Changed, DescribeInContext, Host, Instance, PointD, Result, Target};
use shapes::{Document, Track};

use super::keys;
use super::names::{self, Names};
use crate::space::AxisMap;

/// Slots of params.
pub const MOST: usize = 96;
/// A param differs from the document by more than this where somebody has moved it, px.
const MOVED_PX: f64 = 1e-6;

pub const PAGE: Page = Page::new(c"landmarksPage", c"Landmarks");
pub const KEY_LANDMARKS: Bool =
    Bool::new(c"keyLandmarks", c"Landmarks as keys").default(true).no_animation().help(
        c"Writes every landmark of an analysis into its param below, a key for each frame, for the curve editor and for \
          expressions. Off: the document alone has them, which is faster on long shots.",
    );
pub const SHOW_NAMES: Bool = Bool::new(c"showNames", c"Names in the viewer")
    .default(true)
    .no_animation()
    .help(c"Writes each landmark's name beside it in the viewer.");
pub const NEW_NAME: Text = Text::new(c"landmarkName", c"Name")
    .help(c"The name of the landmark to add or to remove, such as nose_tip.");
pub const ADD: Push = Push::new(c"addLandmark", c"Add landmark")
    .help(c"Adds a landmark of this name in the middle of the picture: drag it to its place in the viewer.");
pub const REMOVE: Push = Push::new(c"removeLandmark", c"Remove landmark")
    .help(c"Removes the landmark of this name from this shot.");
const NAMES: Text = Text::new(c"landmarkNames", c"Landmark names")
    .help(c"The landmark of each param below, a line each.")
    .hidden();
const SHOWN: Text = Text::new(c"landmarksShown", c"Landmarks shown")
    .help(c"A fingerprint of what the params below show.")
    .hidden();

/// The names of a slot's param.
struct Slot {
    name: CString,
    label: CString,
}

impl Slot {
    fn new(index: usize) -> Self {
        let text = |t: String| CString::new(t).unwrap_or_default();
        Slot {
            name: text(format!("landmark{:02}", index + 1)),
            label: text(format!("Landmark {}", index + 1)),
        }
    }

    fn param(&self) -> Double2<'_> {
        let help =
            c"Where the landmark is. Moving it sets it by hand on that frame: no analysis changes it there.";
        Double2::new(&self.name, &self.label).help(help).secret().disabled()
    }
}

/// Whether a host has use for params that change their names and get keys: MLT keeps no keys and calls nobody when they change.
pub fn are_useful(host: &Host) -> bool {
    !host.is_mlt()
}

/// Defines the page.
pub fn define(d: &mut DescribeInContext<'_>) -> Result<()> {
    d.page(&PAGE, |d| {
        d.define(&KEY_LANDMARKS)?;
        d.define(&SHOW_NAMES)?;
        d.define(&NEW_NAME)?;
        d.define(&ADD)?;
        d.define(&REMOVE)?;
        d.define(&NAMES)?;
        d.define(&SHOWN)?;
        if are_useful(d.host()) {
            (0..MOST).try_for_each(|i| d.define(&Slot::new(i).param()))?;
        }
        Ok(())
    })
}

fn slots(instance: &Instance, document: &Document) -> Result<Names> {
    Ok(Names::new(&instance.get(&NAMES)?, names::landmarks(document), MOST))
}

/// Names the slots in use, and hides the others. Sets no values, so a creation may do it; `fresh` is true there.
pub fn label(instance: &Instance, document: &Document, fresh: bool) -> Result<()> {
    if !are_useful(instance.host()) {
        return Ok(());
    }
    let names = slots(instance, document)?;
    for i in 0..MOST {
        let track = track_of(document, &names, i);
        if fresh && track.is_none() {
            continue;
        }
        let slot = Slot::new(i);
        let param = slot.param();
        if let Some((_, track)) = track {
            rename(instance, &param, &track.name);
        }
        instance.set_secret(&param, track.is_none())?;
        instance.set_enabled(&param, track.is_some())?;
    }
    Ok(())
}

/// Gives a param the name of what it shows. A host that fixes labels when it describes keeps its own.
pub fn rename(instance: &Instance, param: &impl Param, name: &str) {
    if let Err(e) = instance.set_label(param, &name.replace('\0', " ")) {
        log::debug!("{name}: {e}");
    }
}

/// Brings names and params up to the document.
pub fn show(instance: &Instance, document: &Document, canonical: &AxisMap) -> Result<()> {
    if !are_useful(instance.host()) {
        return Ok(());
    }
    let names = slots(instance, document)?;
    instance.set(&NAMES, &names.lines())?;
    label(instance, document, false)?;
    // Some hosts have no keys at all.
    let host_has_keys = instance.key_count(&Slot::new(0).param()).is_ok();
    if !host_has_keys || !instance.get(&KEY_LANDMARKS)? {
        return instance.set(&SHOWN, "");
    }
    for i in 0..MOST {
        let slot = Slot::new(i);
        let param = slot.param();
        match track_of(document, &names, i) {
            Some((_, track)) if !is_shown(instance, &param, track, canonical)? => {
                let keys = track.keys.iter().map(|k| (k.frame, place(canonical, [k.x, k.y])));
                instance.set_keys(&param, keys)?;
            }
            Some(_) => {}
            None if names.name(i).is_some() && instance.key_count(&param)? > 0 => {
                instance.delete_all_keys(&param)?;
            }
            None => {}
        }
    }
    instance.set(&SHOWN, &look(document))
}

/// The document after the artist's change of a landmark's param; `None` if nothing differs.
pub fn edited(
    instance: &Instance,
    slot: usize,
    time: f64,
    document: &Document,
    canonical: &AxisMap,
) -> Result<Option<Document>> {
    let names = slots(instance, document)?;
    let Some((index, track)) = track_of(document, &names, slot) else { return Ok(None) };
    let slot = Slot::new(slot);
    let param = slot.param();
    let to_document = canonical.inverse();
    let in_step = instance.get(&SHOWN)? == look(document);
    // Params that are behind the document say nothing but what has just been done to them.
    let times = if in_step { instance.key_times(&param).unwrap_or_default() } else { Vec::new() };
    // Nor does a param that has lost all its keys at once.
    if in_step && times.is_empty() && track.keys.len() > 1 {
        return Ok(None);
    }
    let mut out = document.clone();
    for t in if times.is_empty() { vec![time] } else { times.clone() } {
        let at = instance.get_at(&param, t)?;
        let at = to_document.point([at.x, at.y]);
        let same = track.key_at(t).is_some_and(|k| (k.x - at[0]).hypot(k.y - at[1]) <= MOVED_PX);
        if !same {
            out = keys::placed(&out, index, t, at);
        }
    }
    if in_step && !times.is_empty() {
        out.tracks[index].keys.retain(|k| !k.is_artists() || times.contains(&k.frame));
    }
    Ok((out != *document).then_some(out))
}

/// The slot of the param that changed, if it is a landmark's.
pub fn changed_slot(change: &Changed) -> Option<usize> {
    let Target::Param(name) = &change.target else { return None };
    let number = name.to_str().ok()?.strip_prefix("landmark")?.parse::<usize>().ok()?;
    (1..=MOST).contains(&number).then(|| number - 1)
}

fn track_of<'d>(document: &'d Document, names: &Names, slot: usize) -> Option<(usize, &'d Track)> {
    let name = names.name(slot)?;
    document.tracks.iter().enumerate().find(|(_, t)| t.name == name)
}

fn is_shown(instance: &Instance, param: &Double2<'_>, track: &Track, canonical: &AxisMap) -> Result<bool> {
    let times = instance.key_times(param)?;
    if times.len() != track.keys.len() {
        return Ok(false);
    }
    for (time, key) in times.into_iter().zip(&track.keys) {
        let (is, wanted) = (instance.get_at(param, key.frame)?, place(canonical, [key.x, key.y]));
        if time != key.frame || (is.x - wanted.x).hypot(is.y - wanted.y) > MOVED_PX {
            return Ok(false);
        }
    }
    Ok(true)
}

fn place(canonical: &AxisMap, at: [f64; 2]) -> PointD {
    let [x, y] = canonical.point(at);
    PointD { x, y }
}

/// A fingerprint of all that the params show of a document.
fn look(document: &Document) -> String {
    let mut hasher = DefaultHasher::new();
    for track in &document.tracks {
        track.name.hash(&mut hasher);
        track.keys.len().hash(&mut hasher);
        for key in &track.keys {
            [key.frame, key.x, key.y].map(f64::to_bits).hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}
