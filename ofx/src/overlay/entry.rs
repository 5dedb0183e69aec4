//! The door of overlays, as `crate::entry` is that of effects.

use core::ffi::{CStr, c_char, c_void};

use ofx_sys as sys;

use super::args::{KeyArgs, Modifiers, OverlayArgs, PenArgs, interact_props};
use super::draw_suite::DrawSuitePen;
use super::gl::GlPen;
use super::gl_functions;
use super::pen::{Colour, Pen};
use crate::action::{Doing, doing};
use crate::effect::Effect;
use crate::error::{Error, Result};
use crate::handle::{DrawContext, Effect as EffectHandle, Interact, Props};
use crate::host::Host;
use crate::live::Bound;
use crate::panics;
use crate::props::{PropertySet, optional};

/// Which pen a draw action gets.
#[derive(Clone, Copy, PartialEq)]
enum BackEnd {
    OpenGl,
    DrawSuite,
}

/// Entry point of overlays drawn with OpenGL (V1).
///
/// # Safety
/// The arguments are what OpenFX defines for an interact's action; in a draw action a context is current.
pub(crate) unsafe extern "C" fn opengl_entry<E: Effect>(
    action: *const c_char,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
    _: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    // SAFETY: the caller's promise.
    unsafe { enter::<E>(BackEnd::OpenGl, action, handle, in_args) }
}

/// Entry point of overlays drawn with the draw suite (V2).
///
/// # Safety
/// The arguments are what OpenFX defines for an interact's action.
pub(crate) unsafe extern "C" fn draw_suite_entry<E: Effect>(
    action: *const c_char,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
    _: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    // SAFETY: the caller's promise.
    unsafe { enter::<E>(BackEnd::DrawSuite, action, handle, in_args) }
}

/// # Safety
/// As the two entry points.
unsafe fn enter<E: Effect>(
    back_end: BackEnd,
    action: *const c_char,
    handle: *const c_void,
    in_args: sys::OfxPropertySetHandle,
) -> sys::OfxStatus {
    let Some(interact) = Interact::new(handle.cast_mut().cast()) else {
        return sys::kOfxStatErrBadHandle;
    };
    if action.is_null() {
        return sys::kOfxStatErrBadHandle;
    }
    // SAFETY: a terminated string, says OpenFX; it lives through the call.
    let action = unsafe { CStr::from_ptr(action) };
    let event = Event { back_end, action, interact, args: Props::new(in_args) };
    let error = match panics::guarded(|| doing(Doing::Other, || event.dispatch::<E>())) {
        Ok(Ok(status)) => return status,
        Ok(Err(error)) => error,
        Err(caught) => Error::Failed(crate::entry::own_mistake::<E>(caught)),
    };
    log::error!("overlay {}: {error}", action.to_string_lossy());
    // Drawing happens again and again, and its failures are no news; those of pen and keys are.
    if action != sys::kOfxInteractActionDraw {
        let told = panics::guarded(|| event.show::<E>(&error));
        if let Err(caught) = told {
            log::error!("showing an error: {}", caught.into_text());
        }
    }
    error.status()
}

/// An action on an interact.
struct Event<'e> {
    back_end: BackEnd,
    action: &'e CStr,
    interact: Interact,
    args: Option<Props>,
}

impl Event<'_> {
    fn dispatch<E: Effect>(&self) -> Result<sys::OfxStatus> {
        let action = self.action;
        if action == sys::kOfxActionDescribeInteract || action == sys::kOfxActionDestroyInstanceInteract {
            return Ok(sys::kOfxStatOK);
        }
        let host = crate::entry::host_of::<E>()?;
        if action == sys::kOfxActionCreateInstanceInteract {
            self.follow_params::<E>(&host);
            return Ok(sys::kOfxStatOK);
        }
        let (Some(bound), Some(args)) = (self.bound::<E>(&host), self.args) else {
            return Ok(sys::kOfxStatReplyDefault);
        };
        let Ok(effect) = &bound.effect else { return Ok(sys::kOfxStatReplyDefault) };
        let (instance, host) = (&*bound.instance, bound.instance.host());
        let args = host.props(args);
        let overlay = || OverlayArgs::read(host, self.interact, &args, instance);
        let trapped = match action {
            a if a == sys::kOfxInteractActionDraw => {
                let overlay = overlay();
                return match self.pen(host, &args, &overlay) {
                    Some(mut pen) => {
                        effect.overlay_draw(instance, &overlay, &mut *pen).map(|()| sys::kOfxStatOK)
                    }
                    None => Ok(sys::kOfxStatReplyDefault),
                };
            }
            a if a == sys::kOfxInteractActionPenDown => {
                effect.pen_down(instance, &PenArgs::read(overlay(), &args)?)?
            }
            a if a == sys::kOfxInteractActionPenMotion => {
                effect.pen_motion(instance, &PenArgs::read(overlay(), &args)?)?
            }
            a if a == sys::kOfxInteractActionPenUp => {
                effect.pen_up(instance, &PenArgs::read(overlay(), &args)?)?
            }
            a if a == sys::kOfxInteractActionKeyDown => {
                let key = KeyArgs::read(overlay(), &args);
                Modifiers::down(instance, key.sym);
                effect.key_down(instance, &key)?
            }
            a if a == sys::kOfxInteractActionKeyUp => {
                let key = KeyArgs::read(overlay(), &args);
                Modifiers::up(instance, key.sym);
                effect.key_up(instance, &key)?
            }
            a if a == sys::kOfxInteractActionKeyRepeat => {
                effect.key_repeat(instance, &KeyArgs::read(overlay(), &args))?
            }
            a if a == sys::kOfxInteractActionGainFocus => effect.gain_focus(instance, &overlay())?,
            a if a == sys::kOfxInteractActionLoseFocus => {
                Modifiers::release(instance);
                effect.lose_focus(instance, &overlay())?
            }
            _ => false,
        };
        Ok(if trapped { sys::kOfxStatOK } else { sys::kOfxStatReplyDefault })
    }

    fn show<E: Effect>(&self, error: &Error) {
        let bound = crate::entry::host_of::<E>().ok().and_then(|host| self.bound::<E>(&host));
        if let Some(bound) = bound {
            bound.instance.show_error(error, Doing::Other);
        }
    }

    /// Has the overlay drawn again whenever one of the effect's params changes.
    fn follow_params<E: Effect>(&self, host: &Host) {
        if let Some(props) = interact_props(host, self.interact) {
            let props = host.props(props);
            optional(props.set_strings(sys::kOfxInteractPropSlaveToParam, E::overlay_params()));
        }
    }

    /// The instance whose overlay this is: hosts tell in the arguments, in the interact, or in both.
    fn bound<E: Effect>(&self, host: &Host) -> Option<std::sync::Arc<Bound<E>>> {
        let effect = |props: Props| {
            let raw = host.props(props).pointer(sys::kOfxPropEffectInstance, 0).ok()?;
            EffectHandle::new(raw.cast())
        };
        let handle = self.args.and_then(effect);
        let handle = handle.or_else(|| interact_props(host, self.interact).and_then(effect))?;
        crate::entry::find::<E>(handle)
    }

    fn pen<'h>(
        &self,
        host: &'h Host,
        args: &PropertySet<'_>,
        overlay: &OverlayArgs<'_>,
    ) -> Option<Box<dyn Pen + 'h>> {
        let suggested = overlay.suggested_colour;
        let suggested = suggested.map(|[r, g, b]| Colour::rgb(r as f32, g as f32, b as f32));
        match self.back_end {
            BackEnd::DrawSuite => {
                let context = args.pointer(sys::kOfxInteractPropDrawContext, 0).ok()?;
                let context = DrawContext::new(context.cast())?;
                let suite = host.suites.draw.as_ref()?;
                Some(Box::new(DrawSuitePen::new(suite, context, overlay.pixel_scale, suggested)))
            }
            BackEnd::OpenGl => {
                // SAFETY: in a V1 overlay's draw action OpenFX promises a current context; the pen is dropped before
                // the action returns.
                let pen = unsafe { GlPen::new(gl_functions::functions()?, overlay.pixel_scale, suggested) };
                Some(Box::new(pen))
            }
        }
    }
}
