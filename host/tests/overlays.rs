//! Overlays: drawn, and driven by a pen and keys.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::ffi::{CStr, c_void};
use std::sync::Mutex;

use host::{Components, Depth, Error, Picture, PointD, RectI};
use support::*;

static DRAGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

static OVERLAY_API: Mutex<Option<Api>> = Mutex::new(None);

unsafe extern "C" fn overlay(
    action: *const std::ffi::c_char,
    handle: *const c_void,
    inputs: OfxPropertySetHandle,
    _: OfxPropertySetHandle,
) -> OfxStatus {
    let api = (*OVERLAY_API.lock().unwrap()).unwrap();
    let action = unsafe { CStr::from_ptr(action) };
    if action == kOfxInteractActionDraw {
        let d = api.suite::<OfxDrawSuiteV1>(kOfxDrawSuite, 1).unwrap();
        let context = api.pointer(inputs, kOfxInteractPropDrawContext).unwrap().cast();
        let points = [OfxPointD { x: 10.0, y: 5.0 }, OfxPointD { x: 20.0, y: 15.0 }];
        let red = OfxRGBAColourF { r: 1.0, g: 0.0, b: 0.0, a: 1.0 };
        unsafe {
            d.setColour.unwrap()(context, &red);
            assert_eq!(d.draw.unwrap()(context, kOfxDrawPrimitiveRectangle, points.as_ptr(), 2), OK);
            d.drawText.unwrap()(context, c"hi".as_ptr(), points.as_ptr(), kOfxDrawTextAlignmentLeft as i32);
        }
        return OK;
    }
    let near = |x: f64| x < 15.0;
    if [kOfxInteractActionPenDown, kOfxInteractActionPenMotion, kOfxInteractActionPenUp].contains(&action) {
        let x = api.double(inputs, kOfxInteractPropPenPosition, 0).unwrap();
        DRAGGED
            .lock()
            .unwrap()
            .push(format!("{}{x}", &action.to_str().unwrap()["OfxInteractAction".len()..]));
        let i = api.suite::<OfxInteractSuiteV1>(kOfxInteractSuite, 1).unwrap();
        unsafe { i.interactRedraw.unwrap()(handle as OfxInteractHandle) };
        return if near(x) { OK } else { DEFAULT };
    }
    if action == kOfxInteractActionKeyDown {
        let key = (api.int(inputs, kOfxPropKeySym, 0).unwrap(), api.text(inputs, kOfxPropKeyString).unwrap());
        assert_eq!(key, (kOfxKey_a, "a".into()));
        return OK;
    }
    DEFAULT
}

plugin!(overlaid, |api, act| {
    let status = copier(api, act);
    if act.is(kOfxActionDescribe) {
        *OVERLAY_API.lock().unwrap() = Some(*api);
        let p = api.effect_props(act.effect());
        api.set_pointer(p, kOfxImageEffectPluginPropOverlayInteractV1, overlay as *mut c_void);
        if api.suite::<u8>(kOfxDrawSuite, 1).is_some() {
            api.set_pointer(p, kOfxImageEffectPluginPropOverlayInteractV2, overlay as *mut c_void);
        }
    }
    status
});

#[test]
fn overlays_are_drawn_and_driven() {
    let full = host("full");
    let mut first = node(&full, &overlaid::bundle());
    for scale in [1, 2] {
        let bounds = RectI::of_size(40 * scale, 24 * scale);
        let mut picture = Picture::new(bounds, Components::Rgba, Depth::Byte);
        first.overlay_draw(1.0, &mut picture).unwrap();
        assert_eq!(picture.pixel(18 * scale, 7 * scale), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(picture.pixel(30 * scale, 7 * scale), [0.0; 4]);
    }
    assert!(first.pen_down(1.0, PointD::new(12.5, 3.0)).unwrap());
    assert!(!first.pen_motion(1.0, PointD::new(25.0, 3.0)).unwrap());
    first.pen_up(1.0, PointD::new(12.0, 3.0)).unwrap();
    assert_eq!(*DRAGGED.lock().unwrap(), ["PenDown12.5", "PenMotion25", "PenUp12"]);
    assert!(first.take_redraw() && !first.take_redraw());
    assert!(first.key_down(1.0, kOfxKey_a, "a").unwrap() && !first.key_up(1.0, kOfxKey_a, "a").unwrap());
    drop(first);
    assert_eq!(full.violations(), []);
    let nuke = host("nuke");
    let mut second = node(&nuke, &overlaid::bundle());
    let mut picture = Picture::new(RectI::of_size(40, 24), Components::Rgba, Depth::Byte);
    assert!(matches!(second.overlay_draw(1.0, &mut picture), Err(Error::Unsupported { .. })));
    assert!(second.pen_down(1.0, PointD::new(12.5, 3.0)).unwrap());
    let mut third = node(&host("mlt"), &overlaid::bundle());
    assert!(matches!(third.pen_down(1.0, PointD::new(0.0, 0.0)), Err(Error::Unsupported { .. })));
}
