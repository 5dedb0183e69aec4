//! What overlay actions are given.

use core::ffi::CStr;
use core::sync::atomic::Ordering;

use ofx_sys as sys;

use super::key;
use crate::args::scale_of;
use crate::error::Result;
use crate::geometry::{PointD, PointI, positive_or_one};
use crate::handle::{Interact, Props};
use crate::host::Host;
use crate::instance::Instance;
use crate::props::PropertySet;

/// Keys that are held while another event comes. OpenFX does not tell; they are followed from key events, so hosts that
/// keep those to themselves leave all of them up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modifiers {
    /// Shift.
    pub shift: bool,
    /// Control.
    pub control: bool,
    /// Alt (option).
    pub alt: bool,
    /// Meta (command).
    pub meta: bool,
}

impl Modifiers {
    fn bit(sym: i32) -> u8 {
        match sym {
            key::SHIFT_LEFT | key::SHIFT_RIGHT => 1,
            key::CONTROL_LEFT | key::CONTROL_RIGHT => 2,
            key::ALT_LEFT | key::ALT_RIGHT => 4,
            key::META_LEFT | key::META_RIGHT => 8,
            _ => 0,
        }
    }

    fn of(instance: &Instance) -> Self {
        let bits = instance.modifiers.load(Ordering::Relaxed);
        Self { shift: bits & 1 != 0, control: bits & 2 != 0, alt: bits & 4 != 0, meta: bits & 8 != 0 }
    }

    pub(crate) fn down(instance: &Instance, sym: i32) {
        instance.modifiers.fetch_or(Self::bit(sym), Ordering::Relaxed);
    }

    pub(crate) fn up(instance: &Instance, sym: i32) {
        instance.modifiers.fetch_and(!Self::bit(sym), Ordering::Relaxed);
    }

    pub(crate) fn release(instance: &Instance) {
        instance.modifiers.store(0, Ordering::Relaxed);
    }
}

/// A viewer.
pub struct OverlayArgs<'h> {
    /// The frame.
    pub time: f64,
    /// Proxy scale.
    pub render_scale: PointD,
    /// Canonical units of a screen pixel.
    pub pixel_scale: PointD,
    /// The colour behind the picture.
    pub background: [f64; 3],
    /// The colour that the artist has chosen for overlays.
    pub suggested_colour: Option<[f64; 3]>,
    /// Keys that are held.
    pub modifiers: Modifiers,
    host: &'h Host,
    interact: Interact,
}

impl<'h> OverlayArgs<'h> {
    pub(crate) fn read(
        host: &'h Host,
        interact: Interact,
        args: &PropertySet<'h>,
        instance: &Instance,
    ) -> Self {
        let own = interact_props(host, interact).map(|p| host.props(p));
        let scale = |p: &PropertySet<'_>| p.doubles::<2>(sys::kOfxInteractPropPixelScale).ok();
        let [px, py] = scale(args).or_else(|| own.as_ref().and_then(scale)).unwrap_or([1.0; 2]);
        let colour = |p: &PropertySet<'_>, name: &CStr| p.doubles::<3>(name).ok();
        let background = sys::kOfxInteractPropBackgroundColour;
        Self {
            time: args.double_or(sys::kOfxPropTime, 0.0),
            render_scale: scale_of(args),
            pixel_scale: PointD { x: positive_or_one(px), y: positive_or_one(py) },
            background: colour(args, background)
                .or_else(|| own.as_ref().and_then(|p| colour(p, background)))
                .unwrap_or([0.0; 3]),
            suggested_colour: own.as_ref().and_then(|p| colour(p, sys::kOfxInteractPropSuggestedColour)),
            modifiers: Modifiers::of(instance),
            host,
            interact,
        }
    }

    /// Asks the host to draw the viewer again.
    pub fn redraw(&self) {
        if let Some(redraw) = self.host.suites.interact.and_then(|s| s.interactRedraw) {
            // SAFETY: the host's own function with the handle that it passed to the running action.
            unsafe { redraw(self.interact.raw()) };
        }
    }
}

/// The pen (mouse) in a viewer.
pub struct PenArgs<'h> {
    /// The viewer.
    pub overlay: OverlayArgs<'h>,
    /// Where, canonical.
    pub position: PointD,
    /// Where, in pixels of the viewer from its bottom left.
    pub viewport_position: PointI,
    /// From 0 to 1; a mouse has 0 and 1.
    pub pressure: f64,
}

impl<'h> PenArgs<'h> {
    pub(crate) fn read(overlay: OverlayArgs<'h>, args: &PropertySet<'_>) -> Result<Self> {
        let [x, y] = args.ints(sys::kOfxInteractPropPenViewportPosition).unwrap_or([0; 2]);
        Ok(Self {
            overlay,
            position: args.doubles::<2>(sys::kOfxInteractPropPenPosition)?.into(),
            viewport_position: PointI { x, y },
            pressure: args.double_or(sys::kOfxInteractPropPenPressure, 1.0),
        })
    }

    /// Whether the pen is within this many screen pixels of a point.
    pub fn near(&self, point: PointD, pixels: f64) -> bool {
        let scale = self.overlay.pixel_scale;
        let (dx, dy) = ((self.position.x - point.x) / scale.x, (self.position.y - point.y) / scale.y);
        dx.hypot(dy) <= pixels
    }
}

/// A key in a viewer.
pub struct KeyArgs<'h> {
    /// The viewer.
    pub overlay: OverlayArgs<'h>,
    /// Which key: see [`key`].
    pub sym: i32,
    /// What it types; may be empty.
    pub text: String,
}

impl<'h> KeyArgs<'h> {
    pub(crate) fn read(overlay: OverlayArgs<'h>, args: &PropertySet<'_>) -> Self {
        Self {
            overlay,
            sym: args.int_or(sys::kOfxPropKeySym, sys::kOfxKey_Unknown),
            text: args.string_or_empty(sys::kOfxPropKeyString),
        }
    }
}

macro_rules! is_overlay {
    ($type:ident) => {
        impl<'h> core::ops::Deref for $type<'h> {
            type Target = OverlayArgs<'h>;

            fn deref(&self) -> &OverlayArgs<'h> {
                &self.overlay
            }
        }
    };
}

is_overlay!(PenArgs);
is_overlay!(KeyArgs);

/// The properties of an interact, where the host has the suite.
pub(crate) fn interact_props(host: &Host, interact: Interact) -> Option<Props> {
    let get = host.suites.interact?.interactGetPropertySet?;
    let mut raw = core::ptr::null_mut();
    // SAFETY: the host's own function with the handle that it passed to the running action; the reply lives through
    // the call.
    let status = unsafe { get(interact.raw(), &raw mut raw) };
    Props::new(raw).filter(|_| status == sys::kOfxStatOK)
}
