//! Planes: layers of a source, and of an output.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::ffi::CStr;

use host::{Error, RenderJob};
use support::*;

plugin!(planes, |api, act| with_button(api, act, |api, effect| {
    let p = api.suite::<FnOfxImageEffectPlaneSuiteV2>(kFnOfxImageEffectPlaneSuite, 2).unwrap();
    let mut image = std::ptr::null_mut();
    let mut get = |plane: &CStr| unsafe {
        let clip = api.clip(effect, c"Source");
        p.clipGetImagePlane.unwrap()(clip, 4.0, 0, plane.as_ptr(), std::ptr::null(), &mut image)
    };
    assert_eq!(get(kFnOfxImagePlaneBackwardMotionVector), kOfxStatFailed);
    assert_eq!(get(kFnOfxImagePlaneForwardMotionVector), OK);
    let pixels = api.pixels(image);
    let vector = unsafe { pixels.at(3, 3).cast::<[f32; 2]>().read() };
    assert_eq!(
        (pixels.components.as_str(), vector),
        ("uk.co.thefoundry.OfxImageComponentMotionVectors", [4.0, 2.0])
    );
    api.release(image);
    let present = api.clip_props(effect, c"Source");
    let mut n = 0;
    unsafe {
        api.props().propGetDimension.unwrap()(
            present,
            kFnOfxImageEffectPropComponentsPresent.as_ptr(),
            &mut n,
        )
    };
    assert_eq!(n, 2);
    OK
}));

#[test]
fn planes_are_layers_of_the_source() {
    let host = host("nuke");
    node(&host, &planes::bundle()).press("go").unwrap();
    assert_eq!(host.violations(), []);
}

plugin!(layered, |api, act| {
    let effect = act.effect();
    if act.is(kOfxActionDescribe) {
        copier(api, act);
        return api.set_int(api.effect_props(effect), kFnOfxImageEffectPropMultiPlanar, 0, 1);
    }
    if act.is(kFnOfxImageEffectActionGetClipComponents) {
        let name = c"uk.co.thefoundry.OfxNeededComp_Output";
        api.set_text(act.outputs, name, 0, kFnOfxImagePlaneColour);
        return api.set_text(act.outputs, name, 1, kFnOfxImagePlaneForwardMotionVector);
    }
    if act.is(kOfxImageEffectActionRender) {
        let plane = c(&api.text(act.inputs, kOfxImageEffectPropRenderPlanes).unwrap());
        let p = api.suite::<FnOfxImageEffectPlaneSuiteV1>(kFnOfxImageEffectPlaneSuite, 1).unwrap();
        let mut image = std::ptr::null_mut();
        let clip = api.clip(effect, c"Output");
        let get = p.clipGetImagePlane.unwrap();
        assert_eq!(unsafe { get(clip, 2.0, plane.as_ptr(), std::ptr::null(), &mut image) }, OK);
        let pixels = api.pixels(image);
        for y in 0..24 {
            for x in 0..40 {
                let at = pixels.at(x, y);
                if plane.as_c_str() == kFnOfxImagePlaneColour {
                    unsafe { at.cast::<[f32; 4]>().write([0.25; 4]) };
                } else {
                    unsafe { at.cast::<[f32; 2]>().write([0.75, -2.0]) };
                }
            }
        }
        return api.release(image);
    }
    copier(api, act)
});

#[test]
fn effects_make_several_planes() {
    let host = host("nuke");
    let node = node(&host, &layered::bundle());
    let render = |plane: Option<&CStr>| {
        let plane = plane.map(|p| p.to_str().unwrap().to_owned());
        node.render(&RenderJob { plane, ..RenderJob::at(2.0) })
    };
    assert_eq!(render(None).unwrap().pixel(1, 1), [0.25; 4]);
    assert_eq!(
        render(Some(kFnOfxImagePlaneForwardMotionVector)).unwrap().pixel(1, 1),
        [0.75, -2.0, 0.0, 0.0]
    );
    let absent = render(Some(kFnOfxImagePlaneBackwardMotionVector));
    assert!(matches!(absent, Err(Error::Unsupported { .. })));
    assert_eq!(host.violations(), []);
}
