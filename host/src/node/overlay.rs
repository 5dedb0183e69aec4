//! The overlay of a node: drawn, and driven by a pen and keys that nobody holds.

use std::ffi::{CStr, CString};
use std::sync::Arc;

use super::Node;
use crate::draw::Canvas;
use crate::error::{Error, Result};
use crate::geometry::PointD;
use crate::interact::{Event, Interact};
use crate::picture::{Components, Depth, Picture, RectI};
use crate::profile::Suite;
use crate::status::Status;

impl Node {
    fn has_no(&self, what: &str) -> Error {
        Error::Unsupported { what: what.to_owned(), profile: self.object.shared.profile.name.clone() }
    }

    /// The overlay's interact, opened the first time it is wanted.
    fn overlay(&mut self) -> Result<Arc<Interact>> {
        if let Some(overlay) = &self.overlay {
            return Ok(overlay.clone());
        }
        let profile = &self.object.shared.profile;
        if !profile.supports.overlays || !self.created {
            return Err(self.has_no("overlay"));
        }
        let described = &self.object.description;
        let drawn = described.pointer(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV2);
        let address = match (profile.offers(Suite::DrawV1), drawn) {
            (Some(_), address) if address != 0 => address,
            _ => described.pointer(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV1),
        };
        let overlay = Interact::new(&self.object, address).ok_or_else(|| Error::Unsupported {
            what: format!("overlay for {}, which describes none", self.effect.id()),
            profile: profile.name.clone(),
        })?;
        for (action, status) in [
            (ofx_sys::kOfxActionDescribeInteract, overlay.describe()),
            (
                ofx_sys::kOfxActionCreateInstanceInteract,
                overlay.act(ofx_sys::kOfxActionCreateInstanceInteract, None),
            ),
            (
                ofx_sys::kOfxInteractActionGainFocus,
                self.focus(&overlay, ofx_sys::kOfxInteractActionGainFocus),
            ),
        ] {
            if !status.is_fine() {
                return Err(self.object.failed(action, status));
            }
        }
        self.overlay = Some(overlay.clone());
        Ok(overlay)
    }

    fn focus(&self, overlay: &Interact, action: &'static CStr) -> Status {
        overlay.tell(action, &self.event(self.time()))
    }

    pub(super) fn close_overlay(&mut self) {
        if let Some(overlay) = self.overlay.take() {
            self.focus(&overlay, ofx_sys::kOfxInteractActionLoseFocus);
            overlay.act(ofx_sys::kOfxActionDestroyInstanceInteract, None);
            self.object.check_edits(0);
        }
    }

    fn event(&self, time: f64) -> Event<'static> {
        Event { time, pixel_scale: (1.0, 1.0), pen: None, key: None, canvas: 0 }
    }

    /// True where the overlay took it.
    fn tell_overlay(&mut self, action: &'static CStr, event: &Event<'_>) -> Result<bool> {
        let overlay = self.overlay()?;
        self.set_time(event.time);
        let status = overlay.tell(action, event);
        self.changed();
        match status {
            Status::OK => Ok(true),
            Status::REPLY_DEFAULT => Ok(false),
            status => Err(self.object.failed(action, status)),
        }
    }

    /// Draws the overlay onto a picture of the output, at any scale. The overlay must be one for the draw suite: this
    /// host has no OpenGL.
    pub fn overlay_draw(&mut self, time: f64, picture: &mut Picture) -> Result<()> {
        let drawn = self.object.description.pointer(ofx_sys::kOfxImageEffectPluginPropOverlayInteractV2);
        if self.object.shared.profile.offers(Suite::DrawV1).is_none() || drawn == 0 {
            return Err(self.has_no("draw suite overlay"));
        }
        let format = self.region_of_definition(time)?;
        let bounds = picture.bounds();
        let per_unit = |pixels: usize, units: f64| if units > 0.0 { pixels as f64 / units } else { 1.0 };
        let vertical = per_unit(bounds.height(), format.y2 - format.y1);
        let scale = (per_unit(bounds.width(), format.x2 - format.x1), vertical);
        let empty = Picture::new(RectI::default(), Components::Rgba, Depth::Float);
        let canvas = Canvas::new(std::mem::replace(picture, empty), scale);
        let event = Event {
            pixel_scale: (1.0 / scale.0, 1.0 / scale.1),
            canvas: canvas.handle.raw(),
            ..self.event(time)
        };
        let told = self.tell_overlay(ofx_sys::kOfxInteractActionDraw, &event);
        *picture = canvas.take();
        told.map(|_| ())
    }

    fn pen(&mut self, action: &'static CStr, time: f64, place: PointD, pressure: f64) -> Result<bool> {
        let event = Event { pen: Some((place.x, place.y, pressure)), ..self.event(time) };
        self.tell_overlay(action, &event)
    }

    /// Puts the pen down at a canonical place; true where the overlay took it.
    pub fn pen_down(&mut self, time: f64, place: PointD) -> Result<bool> {
        self.pen(ofx_sys::kOfxInteractActionPenDown, time, place, 1.0)
    }

    /// Moves the pen; true where the overlay took it.
    pub fn pen_motion(&mut self, time: f64, place: PointD) -> Result<bool> {
        self.pen(ofx_sys::kOfxInteractActionPenMotion, time, place, 1.0)
    }

    /// Lifts the pen; true where the overlay took it.
    pub fn pen_up(&mut self, time: f64, place: PointD) -> Result<bool> {
        self.pen(ofx_sys::kOfxInteractActionPenUp, time, place, 0.0)
    }

    fn key(&mut self, action: &'static CStr, time: f64, symbol: i32, text: &str) -> Result<bool> {
        let text = CString::new(text).unwrap_or_default();
        let event = Event { key: Some((symbol, &text)), ..self.event(time) };
        self.tell_overlay(action, &event)
    }

    /// Presses a key (a `kOfxKey_` symbol and its text); true where the overlay took it.
    pub fn key_down(&mut self, time: f64, symbol: i32, text: &str) -> Result<bool> {
        self.key(ofx_sys::kOfxInteractActionKeyDown, time, symbol, text)
    }

    /// Lifts a key; true where the overlay took it.
    pub fn key_up(&mut self, time: f64, symbol: i32, text: &str) -> Result<bool> {
        self.key(ofx_sys::kOfxInteractActionKeyUp, time, symbol, text)
    }

    /// The overlay asked to be drawn again since the last time this was called.
    pub fn take_redraw(&mut self) -> bool {
        self.overlay.as_ref().is_some_and(|o| o.redraw.swap(false, std::sync::atomic::Ordering::SeqCst))
    }
}
