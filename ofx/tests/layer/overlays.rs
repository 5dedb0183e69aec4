//! Overlays through the draw suite, and pen and keys.

use core::ffi::{CStr, c_void};
use std::sync::Mutex;

use ofx::overlay::{Align, Colour, HostColour, LineStyle, key};
use ofx::{Instance, KeyArgs, OverlayArgs, Pen, PenArgs, PointD, RenderArgs, Result};
use ofx_sys as sys;

use crate::fake::{FakeEffect, FakeHost, Props, Value, effect, time_args};

static EVENTS: Mutex<Vec<String>> = Mutex::new(Vec::new());

effect!(Drawn {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }

    const OVERLAY: bool = true;

    fn overlay_params() -> &'static [&'static CStr] {
        &[c"one", c"two"]
    }

    fn overlay_draw(&self, _: &Instance, args: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        assert_eq!(args.pixel_scale, PointD::new(0.5, 0.5));
        assert_eq!(args.background, [0.1, 0.2, 0.3]);
        assert_eq!(pen.host_colour(HostColour::Active), Colour::rgb(0.25, 0.5, 0.75));
        pen.colour(Colour::rgb(1.0, 0.0, 0.0).alpha(0.5));
        pen.line_width(2.0);
        pen.line_style(LineStyle::Dash);
        let (a, b) = (PointD::new(0.0, 0.0), PointD::new(10.0, 20.0));
        pen.line_strip(&[a, b]);
        // A line needs two points.
        pen.line_strip(&[a]);
        pen.lines(&[a, b, a]);
        pen.ellipse(a, b);
        pen.handle(b, 4.0);
        pen.text(b, "hello", Align::Centre);
        Ok(())
    }

    fn pen_down(&self, _: &Instance, args: &PenArgs<'_>) -> Result<bool> {
        assert!(args.near(PointD::new(3.0, 4.0), 0.1) && !args.near(PointD::new(9.0, 4.0), 11.0));
        EVENTS.lock().unwrap().push(format!("down {} {}", args.pressure, args.modifiers.shift));
        args.redraw();
        Ok(true)
    }

    fn pen_motion(&self, _: &Instance, _: &PenArgs<'_>) -> Result<bool> {
        panic!("no")
    }

    fn key_down(&self, _: &Instance, args: &KeyArgs<'_>) -> Result<bool> {
        EVENTS.lock().unwrap().push(format!("key {} {:?}", args.sym, args.text));
        Ok(args.sym == key::DELETE)
    }
});

pub type Entry = unsafe extern "C" fn(
    *const core::ffi::c_char,
    *const c_void,
    sys::OfxPropertySetHandle,
    sys::OfxPropertySetHandle,
) -> i32;

pub fn entry(effect: &FakeEffect, property: &CStr) -> Entry {
    let Some(Value::Pointer(address)) = effect.props.get(property) else { panic!("no {property:?}") };
    // SAFETY: OpenFX defines the property as a pointer to such a function, and the layer set it.
    unsafe { core::mem::transmute(core::ptr::with_exposed_provenance::<c_void>(address)) }
}

pub fn call(entry: Entry, action: &CStr, interact: &Props, args: Option<&Props>) -> i32 {
    let args = args.map_or(core::ptr::null_mut(), Props::handle);
    // SAFETY: live objects of this host, or null.
    unsafe { entry(action.as_ptr(), interact.handle().cast(), args, core::ptr::null_mut()) }
}

pub fn event(effect: &FakeEffect) -> &'static Props {
    let args = time_args([0; 4]);
    args.set(sys::kOfxPropEffectInstance, core::ptr::from_ref(effect).cast_mut().cast::<c_void>());
    args.set_all(sys::kOfxInteractPropPixelScale, &[Value::Double(0.5), Value::Double(0.5)]);
    args.set_all(sys::kOfxInteractPropBackgroundColour, &[0.1, 0.2, 0.3].map(Value::Double));
    args.set_all(sys::kOfxInteractPropPenPosition, &[Value::Double(3.0), Value::Double(4.0)]);
    args.set(sys::kOfxInteractPropPenPressure, 1.0);
    args
}

#[test]
fn the_draw_suite_draws() {
    let mut host = FakeHost::with("test", (1, 5), &[]);
    let (_, effect) = host.instance::<Drawn>();
    let entry = entry(effect, sys::kOfxImageEffectPluginPropOverlayInteractV2);
    let interact = Props::leak();
    assert_eq!(call(entry, sys::kOfxActionDescribe, interact, None), sys::kOfxStatOK);
    assert_eq!(call(entry, sys::kOfxActionCreateInstance, interact, None), sys::kOfxStatOK);
    assert_eq!(interact.texts(sys::kOfxInteractPropSlaveToParam), ["one", "two"]);
    let args = event(effect);
    // Without a context there is nothing to draw with.
    assert_eq!(call(entry, sys::kOfxInteractActionDraw, interact, Some(args)), sys::kOfxStatReplyDefault);
    let context = core::ptr::from_ref(effect).cast_mut().cast::<c_void>();
    args.set(sys::kOfxInteractPropDrawContext, context);
    assert_eq!(call(entry, sys::kOfxInteractActionDraw, interact, Some(args)), sys::kOfxStatOK);
    assert_eq!(
        *host.record.drawn.lock().unwrap(),
        [
            "colour 1 0 0 0.5",
            "width 2",
            "stipple 2",
            "draw 1 0,0 10,20",
            "draw 0 0,0 10,20",
            "draw 5 0,0 10,20",
            "draw 3 9,19 11,21",
            "text hello 10,20 19",
        ]
    );
    assert_eq!(call(entry, sys::kOfxActionDestroyInstance, interact, None), sys::kOfxStatOK);
}

#[test]
fn pen_and_keys() {
    let mut host = FakeHost::new("test");
    let (_, effect) = host.instance::<Drawn>();
    let entry = entry(effect, sys::kOfxImageEffectPluginPropOverlayInteractV1);
    let interact = Props::leak();
    let press = |sym: i32, text: &str| {
        let args = event(effect);
        args.set(sys::kOfxPropKeySym, sym);
        args.set(sys::kOfxPropKeyString, text);
        call(entry, sys::kOfxInteractActionKeyDown, interact, Some(args))
    };
    let pen = |action| call(entry, action, interact, Some(event(effect)));
    assert_eq!(pen(sys::kOfxInteractActionPenDown), sys::kOfxStatOK);
    assert_eq!(interact.get(c"FakeRedrawn"), Some(Value::Int(1)));
    assert_eq!(press(key::SHIFT_LEFT, ""), sys::kOfxStatReplyDefault);
    assert_eq!(pen(sys::kOfxInteractActionPenDown), sys::kOfxStatOK);
    assert_eq!(pen(sys::kOfxInteractActionLoseFocus), sys::kOfxStatReplyDefault);
    assert_eq!(pen(sys::kOfxInteractActionPenDown), sys::kOfxStatOK);
    assert_eq!(press(key::DELETE, "\u{7f}"), sys::kOfxStatOK);
    assert_eq!(
        *EVENTS.lock().unwrap(),
        ["down 1 false", "key 65505 \"\"", "down 1 true", "down 1 false", "key 65535 \"\\u{7f}\""]
    );
    // A panic, a stranger, nothing at all.
    assert_eq!(pen(sys::kOfxInteractActionPenMotion), sys::kOfxStatFailed);
    let stranger = host.blank(sys::kOfxImageEffectContextFilter);
    let args = Some(event(stranger));
    assert_eq!(call(entry, sys::kOfxInteractActionPenDown, interact, args), sys::kOfxStatReplyDefault);
    assert_eq!(call(entry, sys::kOfxInteractActionPenDown, interact, None), sys::kOfxStatReplyDefault);
    assert_eq!(call(entry, c"OfxInteractActionDance", interact, args), sys::kOfxStatReplyDefault);
}

#[test]
fn hosts_without_overlays_get_none() {
    let mut host = FakeHost::new("test");
    host.props.set(sys::kOfxImageEffectPropSupportsOverlays, 0);
    let (_, effect) = host.instance::<Drawn>();
    assert_eq!(effect.props.get(sys::kOfxImageEffectPluginPropOverlayInteractV1), None);
    let mut host = FakeHost::with("test", (1, 4), &["OfxDrawSuite1"]);
    let (_, effect) = host.instance::<Drawn>();
    assert!(effect.props.get(sys::kOfxImageEffectPluginPropOverlayInteractV1).is_some());
    assert_eq!(effect.props.get(sys::kOfxImageEffectPluginPropOverlayInteractV2), None);
}
