//! An overlay: an interact of an effect's instance.

use std::ffi::CStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ofx_sys::OfxPluginEntryPoint;

use crate::call::{self, Call};
use crate::handle::{Handle, Object};
use crate::image;
use crate::object::EffectObject;
use crate::property::{PropSet, Values, Write};
use crate::status::Status;

/// See the module.
pub(crate) struct Interact {
    pub handle: Handle,
    pub props: Arc<PropSet>,
    effect: Arc<EffectObject>,
    entry: OfxPluginEntryPoint,
    /// The plug-in asked to be drawn again.
    pub redraw: AtomicBool,
}

/// What an action of an overlay is told.
pub(crate) struct Event<'a> {
    pub time: f64,
    /// Screen pixels per canonical unit, turned round.
    pub pixel_scale: (f64, f64),
    /// Place and pressure.
    pub pen: Option<(f64, f64, f64)>,
    /// Symbol and text.
    pub key: Option<(i32, &'a CStr)>,
    /// The draw context.
    pub canvas: usize,
}

impl Interact {
    /// `address` is the entry point that the effect described. `None` where it is NULL.
    pub fn new(effect: &Arc<EffectObject>, address: usize) -> Option<Arc<Interact>> {
        if address == 0 {
            return None;
        }
        // SAFETY: the plug-in described this address as the entry point of its overlay.
        let entry = unsafe { std::mem::transmute::<usize, OfxPluginEntryPoint>(address) };
        let props = PropSet::interact(&effect.shared);
        props.set_pointer::<u8>(ofx_sys::kOfxPropEffectInstance, effect.handle.as_ptr());
        Some(Arc::new_cyclic(|me| Interact {
            handle: Handle::new(Object::Interact(me.clone())),
            props,
            effect: effect.clone(),
            entry,
            redraw: AtomicBool::new(false),
        }))
    }

    /// The overlay's own describe action, on a descriptor.
    pub fn describe(&self) -> Status {
        let descriptor = PropSet::interact_descriptor(&self.effect.shared);
        let shared = &self.effect.shared;
        // The descriptor of an interact is known by its property set alone.
        let described = Arc::new_cyclic(|me| Interact {
            handle: Handle::new(Object::Interact(me.clone())),
            props: descriptor,
            effect: self.effect.clone(),
            entry: self.entry,
            redraw: AtomicBool::new(false),
        });
        let status = described.act(ofx_sys::kOfxActionDescribe, None);
        log::debug!("{}: overlay described: {status}", shared.profile.name);
        status
    }

    /// Calls the overlay's entry point.
    pub fn act(&self, action: &'static CStr, args: Option<&PropSet>) -> Status {
        let serial = call::serial();
        let entered = call::enter(Call {
            shared: self.effect.shared.clone(),
            plugin: self.effect.id.clone(),
            effect: Some(self.effect.clone()),
            action,
            serial,
            render: None,
            thread: None,
        });
        let args = args.map_or(std::ptr::null_mut(), |a| a.handle.as_ptr());
        let status = match self.entry {
            // SAFETY: the overlay's entry point, with handles that outlive the call.
            Some(entry) => Status(unsafe {
                entry(action.as_ptr(), self.handle.as_ptr::<std::ffi::c_void>(), args, std::ptr::null_mut())
            }),
            None => Status::FATAL,
        };
        image::reclaim(&self.effect.shared, serial);
        drop(entered);
        status
    }

    /// Calls it with the arguments that its action has.
    pub fn tell(&self, action: &'static CStr, event: &Event<'_>) -> Status {
        let args = self.effect.arguments("inArgs");
        let doubles =
            |name: &CStr, v: &[f64]| args.define(name, Values::Double(v.to_vec()), v.len(), Write::Host);
        doubles(ofx_sys::kOfxPropTime, &[event.time]);
        doubles(ofx_sys::kOfxImageEffectPropRenderScale, &[1.0, 1.0]);
        doubles(ofx_sys::kOfxInteractPropPixelScale, &[event.pixel_scale.0, event.pixel_scale.1]);
        doubles(ofx_sys::kOfxInteractPropBackgroundColour, &[0.0, 0.0, 0.0]);
        let pointer = |name: &CStr, v: usize| args.define(name, Values::Pointer(vec![v]), 1, Write::Host);
        pointer(ofx_sys::kOfxPropEffectInstance, self.effect.handle.raw());
        self.props
            .set_doubles(ofx_sys::kOfxInteractPropPixelScale, &[event.pixel_scale.0, event.pixel_scale.1]);
        if let Some((x, y, pressure)) = event.pen {
            doubles(ofx_sys::kOfxInteractPropPenPosition, &[x, y]);
            doubles(ofx_sys::kOfxInteractPropPenPressure, &[pressure]);
            let view = [x / event.pixel_scale.0, y / event.pixel_scale.1].map(|v| v.round() as i32);
            let view = Values::Int(view.to_vec());
            args.define(ofx_sys::kOfxInteractPropPenViewportPosition, view, 2, Write::Host);
        }
        if let Some((symbol, text)) = event.key {
            args.define(ofx_sys::kOfxPropKeySym, Values::Int(vec![symbol]), 1, Write::Host);
            let text = Values::Text(vec![text.to_owned()]);
            args.define(ofx_sys::kOfxPropKeyString, text, 1, Write::Host);
        }
        if event.canvas != 0 {
            pointer(ofx_sys::kOfxInteractPropDrawContext, event.canvas);
        }
        self.act(action, Some(&args))
    }
}
