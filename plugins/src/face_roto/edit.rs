//! Landmarks and shapes in the viewer.
//!
//! Landmarks are dragged, and are then set by hand on that frame; Alt hands one that was back to the next analysis. Where there
//! is no landmark under the pen, shapes are edited as in Motion2Roto ([`crate::splines`]).

use std::sync::Arc;

use ofx::overlay::{Align, Colour, HostColour, key};
use ofx::{Instance, KeyArgs, OverlayArgs, Pen, PenArgs, PointD, Result};
use shapes::{Document, TrackKey};

use super::keys;
use super::landmarks::{self, SHOW_NAMES};
use super::params::{FACE_FILE, USE_REGION};
use super::region;
use crate::output::draw::landmark_colour;
use crate::space::AxisMap;
use crate::splines::{self, Fixes, canonical_from_document};
use crate::stored;

/// How near the pen must be, screen pixels.
const REACH_PX: f64 = 6.0;
/// Size of a landmark, screen pixels.
const DOT_PX: f64 = 3.0;
/// From a landmark to its name, screen pixels.
const BESIDE_PX: f64 = 6.0;

/// What the artist is doing.
#[derive(Default)]
pub struct Edit {
    splines: splines::Edit,
    drag: Option<Drag>,
}

struct Drag {
    track: usize,
    time: f64,
    /// Where it is held, from its own place, document px.
    held: [f64; 2],
    before: Arc<Document>,
    now: Document,
}

impl Edit {
    /// Draws shapes, landmarks and the box with the head at the viewer's frame.
    pub fn draw(&self, instance: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        self.splines.draw(instance, args, pen)?;
        if instance.get(&USE_REGION)? {
            let [a, b] = region::at(instance, args.time)?;
            pen.colour(pen.host_colour(HostColour::Deselected));
            pen.line_width(1.0);
            pen.line_loop(&[a, PointD { x: b.x, y: a.y }, b, PointD { x: a.x, y: b.y }]);
        }
        let stored;
        let document = match &self.drag {
            Some(drag) => &drag.now,
            None => match stored::document(instance)? {
                Some(document) => {
                    stored = document;
                    &*stored
                }
                None => return Ok(()),
            },
        };
        let map = canonical_from_document(instance, document, args.time);
        let names = instance.get(&SHOW_NAMES)?;
        for track in &document.tracks {
            let Some(at) = track.at(args.time) else { continue };
            let [r, g, b] = landmark_colour(track.key_at(args.time));
            pen.colour(Colour::rgba(r, g, b, if at.visible { 1.0 } else { 0.4 }));
            let place = place(&map, &at);
            if track.key_at(args.time).is_some_and(TrackKey::is_artists) {
                pen.handle(place, 2.0 * DOT_PX);
            } else {
                pen.line_width(1.5);
                pen.circle(place, DOT_PX);
            }
            if names {
                let beside = PointD { x: place.x + BESIDE_PX * pen.pixel_scale().x, ..place };
                pen.text(beside, &track.name, Align::Left);
            }
        }
        Ok(())
    }

    /// Takes hold of what is under the pen.
    pub fn pen_down(&mut self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let Some(before) = stored::document(instance)? else { return Ok(false) };
        let map = canonical_from_document(instance, &before, args.time);
        let Some((track, at)) = nearest(&before, &map, args) else {
            return self.splines.pen_down(instance, args, Fixes::Shape);
        };
        if args.modifiers.alt {
            let has_face = !instance.get(&FACE_FILE)?.trim().is_empty();
            let released = keys::released(&before, track, args.time, has_face);
            if released != *before {
                commit(instance, &released, &map, "Hand landmark back")?;
            }
            args.redraw();
            return Ok(true);
        }
        let pen = map.inverse().point([args.position.x, args.position.y]);
        let held = [pen[0] - at.x, pen[1] - at.y];
        let now = (*before).clone();
        self.drag = Some(Drag { track, time: args.time, held, before, now });
        args.redraw();
        Ok(true)
    }

    /// Moves what is held.
    pub fn pen_motion(&mut self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let Some(drag) = &mut self.drag else { return self.splines.pen_motion(instance, args) };
        let map = canonical_from_document(instance, &drag.before, drag.time);
        let pen = map.inverse().point([args.position.x, args.position.y]);
        let to = [pen[0] - drag.held[0], pen[1] - drag.held[1]];
        drag.now = keys::placed(&drag.before, drag.track, drag.time, to);
        args.redraw();
        Ok(true)
    }

    /// Lets go: what was moved is set by hand.
    pub fn pen_up(&mut self, instance: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        let Some(drag) = self.drag.take() else { return self.splines.pen_up(instance, args) };
        args.redraw();
        if drag.now != *drag.before {
            let map = canonical_from_document(instance, &drag.before, drag.time);
            commit(instance, &drag.now, &map, "Move landmark")?;
        }
        Ok(true)
    }

    /// Escape lets go without a change; other keys are the splines'.
    pub fn key_down(&mut self, instance: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        if args.sym == key::ESCAPE && self.drag.take().is_some() {
            args.redraw();
            return Ok(true);
        }
        self.splines.key_down(instance, args, Fixes::Shape)
    }
}

fn commit(instance: &Instance, document: &Document, map: &AxisMap, label: &str) -> Result<()> {
    stored::commit(instance, document, label)?;
    landmarks::show(instance, document, map)
}

/// The landmark under the pen, and where it is.
fn nearest(document: &Document, map: &AxisMap, args: &PenArgs<'_>) -> Option<(usize, TrackKey)> {
    let all = document.tracks.iter().enumerate().filter_map(|(i, t)| Some((i, t.at(args.time)?)));
    let distance = |key: &TrackKey| {
        let p = place(map, key);
        (p.x - args.position.x).hypot(p.y - args.position.y)
    };
    let under = all.filter(|(_, key)| args.near(place(map, key), REACH_PX));
    under.min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
}

fn place(map: &AxisMap, key: &TrackKey) -> PointD {
    let [x, y] = map.point([key.x, key.y]);
    PointD { x, y }
}
