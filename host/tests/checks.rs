//! Every check, by a plug-in that breaks the rule.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls, but for the one that is tested.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::ffi::c_void;
use std::sync::atomic::AtomicPtr;

use host::{Context, Host, RectI, RenderJob, Rule, Severity};
use support::*;

/// Renders frame 2 under a profile and gives the rules broken, from load to unload.
fn broken(profile: &str, bundle: &host::Bundle) -> Vec<Rule> {
    let host = host(profile);
    run(&host, bundle);
    rules(&host.violations())
}

fn run(host: &Host, bundle: &host::Bundle) {
    let Ok(effects) = host.effects(bundle) else { return };
    let Ok(mut node) = effects[0].create(Context::Filter) else { return };
    let _ = node.connect("Source", Frames::usual());
    let _ = node.render(&RenderJob::at(2.0).within(RectI::new(4, 4, 20, 20)));
}

macro_rules! breaks {
    ($test:ident, $plugin:ident, $profile:literal, [$($rule:ident),*], $act:expr) => {
        plugin!($plugin, $act);

        #[test]
        fn $test() {
            assert_eq!(broken($profile, &$plugin::bundle()), [$(Rule::$rule),*]);
        }
    };
}

/// The copier, then something else at its render.
fn after_render(api: &Api, act: Act<'_>, f: impl FnOnce(&Api, OfxImageEffectHandle)) -> i32 {
    let status = copier(api, act);
    if act.is(kOfxImageEffectActionRender) {
        f(api, act.effect());
    }
    status
}

breaks!(a_leaked_image, leaks_image, "full", [LeakedImage], |api, act| after_render(
    api,
    act,
    |api, effect| {
        api.image_at(effect, c"Source", 2.0, None);
    }
));

breaks!(an_image_released_twice, releases_twice, "full", [BadHandle], |api, act| {
    after_render(api, act, |api, effect| {
        let (_, image) = api.image_at(effect, c"Source", 2.0, None);
        assert_eq!(api.release(image), OK);
        assert_eq!(api.release(image), kOfxStatErrBadHandle);
    })
});

breaks!(a_write_before_the_image, writes_before, "full", [GuardBytes], |api, act| {
    after_render(api, act, |api, effect| {
        let (_, image) = api.image_at(effect, c"Output", 2.0, None);
        unsafe { api.pixels(image).data.sub(3).write(0) };
        api.release(image);
    })
});

breaks!(a_write_between_rows, writes_between, "full", [GuardBytes], |api, act| {
    after_render(api, act, |api, effect| {
        let (_, image) = api.image_at(effect, c"Output", 2.0, None);
        let p = api.pixels(image);
        unsafe { p.at(p.bounds[2], p.bounds[1] + 1).write(0) };
        api.release(image);
    })
});

breaks!(a_write_outside_the_window, writes_outside, "full", [OutsideWindow], |api, act| {
    after_render(api, act, |api, effect| {
        let (_, image) = api.image_at(effect, c"Output", 2.0, None);
        unsafe { api.pixels(image).at(2, 2).write_bytes(0, 16) };
        api.release(image);
    })
});

breaks!(a_write_to_the_source, writes_source, "full", [SourceWritten], |api, act| {
    after_render(api, act, |api, effect| {
        let (_, image) = api.image_at(effect, c"Source", 2.0, None);
        let p = api.pixels(image);
        unsafe { p.data.write(p.data.read() ^ 0x55) };
        api.release(image);
    })
});

breaks!(a_window_not_written, writes_nothing, "full", [UnwrittenPixels], |api, act| {
    if act.is(kOfxImageEffectActionRender) { OK } else { copier(api, act) }
});

breaks!(a_region_beyond_the_one_named, reads_beyond, "full", [OutsideRegion], |api, act| {
    if act.is(kOfxImageEffectActionRender) {
        let region = OfxRectD { x1: 0.0, y1: 0.0, x2: 40.0, y2: 24.0 };
        return copy_source(api, act, 0.0, Some(region));
    }
    copier(api, act)
});

breaks!(a_frame_not_named, reads_later, "full", [UnneededFrame], |api, act| {
    if act.is(kOfxImageEffectActionRender) { copy_source(api, act, 1.0, None) } else { copier(api, act) }
});

breaks!(an_unknown_property, sets_unknown, "natron", [UnknownProperty], |api, act| {
    let status = copier(api, act);
    if act.is(kOfxActionDescribe) {
        let p = api.effect_props(act.effect());
        assert_eq!(api.set_int(p, c"OfxNoSuchProperty", 0, 1), kOfxStatErrUnknown);
        assert_eq!(api.int(p, c"OfxNoSuchProperty", 0), None);
    }
    status
});

breaks!(a_property_that_is_too_new, sets_newer, "nuke", [UnknownProperty], |api, act| {
    let status = copier(api, act);
    if act.is(kOfxActionDescribe) {
        let p = api.effect_props(act.effect());
        assert_eq!(
            api.set_text(p, kOfxImageEffectPropOpenGLRenderSupported, 0, c"false"),
            kOfxStatErrUnknown
        );
    }
    status
});

#[test]
fn mlt_takes_unknown_properties() {
    plugin!(sets_anything, |api, act| {
        let status = copier(api, act);
        if act.is(kOfxActionDescribe) {
            let p = api.effect_props(act.effect());
            assert_eq!(api.set_int(p, c"OfxNoSuchProperty", 1, 5), OK);
            assert_eq!(api.int(p, c"OfxNoSuchProperty", 1), Some(5));
        }
        status
    });
    let host = host("mlt");
    run(&host, &sets_anything::bundle());
    assert!(host.violations().iter().all(|v| v.severity == Severity::Warning), "{:?}", host.violations());
}

breaks!(
    types_indices_and_read_only,
    sets_wrongly,
    "full",
    [PropertyType, PropertyIndex, ReadOnlyProperty],
    |api, act| {
        let status = copier(api, act);
        if act.is(kOfxActionDescribe) {
            let p = api.effect_props(act.effect());
            assert_eq!(api.set_int(p, kOfxPropLabel, 0, 1), kOfxStatErrValue);
            assert_eq!(api.set_text(p, kOfxPropLabel, 1, c"x"), kOfxStatErrBadIndex);
            assert_eq!(api.set_text(p, kOfxPropType, 0, c"x"), kOfxStatErrValue);
        }
        status
    }
);

static KEPT: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());

breaks!(a_description_changed_later, describes_late, "full", [ReadOnlyProperty], |api, act| {
    let status = copier(api, act);
    if act.is(kOfxActionDescribe) {
        KEPT.store(api.effect_props(act.effect()).cast(), Ordering::SeqCst);
    }
    if act.is(kOfxActionCreateInstance) {
        let p = KEPT.load(Ordering::SeqCst).cast();
        assert_eq!(api.set_text(p, kOfxPropLabel, 0, c"late"), kOfxStatErrValue);
    }
    status
});

breaks!(
    handles_of_other_things,
    confuses,
    "full",
    [BadHandle, BadHandle, BadHandle, NullPointer],
    |api, act| {
        if act.is(kOfxActionCreateInstance) {
            let effect = act.effect();
            let mut p = std::ptr::null_mut();
            let get = api.effects().getPropertySet.unwrap();
            let mut local = 0u64;
            unsafe {
                assert_eq!(get(std::ptr::null_mut(), &mut p), kOfxStatErrBadHandle);
                assert_eq!(get(api.clip(effect, c"Source").cast(), &mut p), kOfxStatErrBadHandle);
                assert_eq!(get(std::ptr::from_mut(&mut local).cast(), &mut p), kOfxStatErrBadHandle);
                assert_eq!(get(effect, std::ptr::null_mut()), kOfxStatErrValue);
            }
        }
        copier(api, act)
    }
);

breaks!(an_image_while_creating, fetches_early, "full", [ForbiddenCall], |api, act| {
    if act.is(kOfxActionCreateInstance) {
        let (status, image) = api.image_at(act.effect(), c"Source", 1.0, None);
        assert!(status == kOfxStatFailed && image.is_null());
    }
    copier(api, act)
});

breaks!(params_defined_in_describe, defines_early, "full", [ForbiddenCall], |api, act| {
    let status = copier(api, act);
    if act.is(kOfxActionDescribe) {
        assert!(api.define(act.effect(), kOfxParamTypeDouble, c"early").is_null());
    }
    status
});

breaks!(names_defined_twice, defines_twice, "full", [BadDescription, BadDescription], |api, act| {
    let status = copier(api, act);
    if act.is(kOfxImageEffectActionDescribeInContext) {
        let effect = act.effect();
        assert!(!api.define(effect, kOfxParamTypeDouble, c"twice").is_null());
        assert!(api.define(effect, kOfxParamTypeInteger, c"twice").is_null());
        let mut p = std::ptr::null_mut();
        let again = unsafe { api.effects().clipDefine.unwrap()(effect, c"Source".as_ptr(), &mut p) };
        assert_eq!(again, kOfxStatErrExists);
    }
    status
});

#[test]
fn descriptions_are_looked_over() {
    plugin!(describes_badly, |api, act| {
        let effect = act.effect();
        let status = copier(api, act);
        if act.is(kOfxImageEffectActionDescribeInContext) {
            let p = api.define(effect, kOfxParamTypeDouble, c"outside");
            api.set_double(p, kOfxParamPropMin, 0, 1.0);
            api.set_double(p, kOfxParamPropMax, 0, 2.0);
            api.set_text(p, kOfxParamPropParent, 0, c"nowhere");
            api.define(effect, kOfxParamTypeChoice, c"empty");
            let page = api.define(effect, kOfxParamTypePage, c"page");
            api.set_text(page, kOfxParamPropPageChild, 0, c"nobody");
        }
        status
    });
    let host = host("resolve");
    run(&host, &describes_badly::bundle());
    let messages: Vec<String> = host.violations().iter().map(|v| v.to_string()).collect();
    for part in ["parent nowhere", "out of its range", "none of its 0", "child nobody", "no display range"] {
        assert!(messages.iter().any(|m| m.contains(part)), "{part}: {messages:?}");
    }
    assert_eq!(messages.len(), 5, "{messages:?}");
}

fn with_gain(api: &Api, act: Act<'_>) -> i32 {
    let status = copier(api, act);
    if act.is(kOfxImageEffectActionDescribeInContext) {
        api.define(act.effect(), kOfxParamTypeDouble, c"gain");
    }
    status
}

fn set_gain(api: &Api, effect: OfxImageEffectHandle) -> i32 {
    unsafe { api.params().paramSetValue.unwrap()(api.param(effect, c"gain"), 2.0f64) }
}

plugin!(sets_in_render, |api, act| {
    let status = with_gain(api, act);
    if act.is(kOfxImageEffectActionRender) || act.is(kOfxActionCreateInstance) {
        assert_eq!(set_gain(api, act.effect()), OK);
    }
    status
});

#[test]
fn params_set_while_rendering_and_creating() {
    let severities = |profile: &str| -> Vec<Severity> {
        let host = host(profile);
        run(&host, &sets_in_render::bundle());
        host.violations().iter().filter(|v| v.rule == Rule::ForbiddenCall).map(|v| v.severity).collect()
    };
    assert_eq!(severities("nuke"), [Severity::Warning, Severity::Error]);
    assert_eq!(severities("resolve"), []);
    assert_eq!(severities("full"), [Severity::Warning]);
}

breaks!(params_set_in_a_question, sets_in_question, "full", [ForbiddenCall], |api, act| {
    if act.is(kOfxImageEffectActionGetRegionOfDefinition) {
        set_gain(api, act.effect());
    }
    with_gain(api, act)
});

breaks!(an_edit_left_open, edits, "full", [OpenEdit, OpenEdit], |api, act| {
    if act.is(kOfxActionCreateInstance) {
        let set = api.param_set(act.effect());
        unsafe {
            assert_eq!(api.params().paramEditEnd.unwrap()(set), kOfxStatFailed);
            assert_eq!(api.params().paramEditBegin.unwrap()(set, c"edit".as_ptr()), OK);
        }
    }
    copier(api, act)
});

breaks!(memory_and_mutexes_kept, keeps, "full", [LeakedMemory, LeakedMemory, LeakedMutex], |api, act| {
    if act.is(kOfxActionCreateInstance) {
        let memory = api.suite::<OfxMemorySuiteV1>(kOfxMemorySuite, 1).unwrap();
        let threads = api.suite::<OfxMultiThreadSuiteV1>(kOfxMultiThreadSuite, 1).unwrap();
        unsafe {
            let (mut block, mut image, mut mutex) =
                (std::ptr::null_mut(), std::ptr::null_mut(), std::ptr::null_mut());
            assert_eq!(memory.memoryAlloc.unwrap()(std::ptr::null_mut(), 100, &mut block), OK);
            block.cast::<u8>().write_bytes(7, 100);
            assert_eq!(memory.memoryAlloc.unwrap()(act.handle.cast_mut(), 10, &mut block), OK);
            assert_eq!(memory.memoryFree.unwrap()(block), OK);
            assert_eq!(api.effects().imageMemoryAlloc.unwrap()(act.effect(), 64, &mut image), OK);
            assert_eq!(threads.mutexCreate.unwrap()(&mut mutex, 0), OK);
        }
    }
    copier(api, act)
});

breaks!(memory_freed_twice, frees_twice, "full", [BadHandle], |api, act| {
    if act.is(kOfxActionCreateInstance) {
        let memory = api.suite::<OfxMemorySuiteV1>(kOfxMemorySuite, 1).unwrap();
        let mut block = std::ptr::null_mut();
        unsafe {
            memory.memoryAlloc.unwrap()(std::ptr::null_mut(), 100, &mut block);
            assert_eq!(memory.memoryFree.unwrap()(block), OK);
            assert_eq!(memory.memoryFree.unwrap()(block), kOfxStatErrBadHandle);
        }
    }
    copier(api, act)
});

plugin!(strays, |api, act| {
    if act.is(kOfxImageEffectActionRender) {
        let (api, effect) = (*api, act.effect() as usize);
        std::thread::spawn(move || {
            let effect = effect as OfxImageEffectHandle;
            let (status, image) = api.image_at(effect, c"Source", 2.0, None);
            assert_eq!((status, api.release(image)), (OK, OK));
            api.image_at(effect, c"Source", 2.0, None);
        })
        .join()
        .unwrap();
    }
    copier(api, act)
});

#[test]
fn threads_that_the_host_did_not_make() {
    assert_eq!(broken("full", &strays::bundle()), [Rule::LeakedImage]);
    assert_eq!(broken("natron", &strays::bundle()), [Rule::WrongThread, Rule::LeakedImage]);
}

breaks!(bad_answers, answers_badly, "full", [BadReply, BadReply, BadReply], |api, act| {
    if act.is(kOfxImageEffectActionGetClipPreferences) {
        api.set_text(act.outputs, c"OfxImageClipPropDepth_Output", 0, c"OfxBitDepthHuge");
        return OK;
    }
    if act.is(kOfxImageEffectActionGetRegionOfDefinition) {
        api.set_double(act.outputs, kOfxImageEffectPropRegionOfDefinition, 0, f64::NAN);
        return OK;
    }
    if act.is(kOfxImageEffectActionIsIdentity) {
        api.set_text(act.outputs, kOfxPropName, 0, c"Sauce");
        return OK;
    }
    copier(api, act)
});

plugin!(secretive, |api, act| {
    let status = copier(api, act);
    if act.is(kOfxImageEffectActionDescribeInContext) {
        let p = api.define(act.effect(), kOfxParamTypeDouble, c"hidden");
        api.set_int(p, kOfxParamPropSecret, 0, 1);
    }
    if act.is(kOfxActionCreateInstance) {
        let mut p = std::ptr::null_mut();
        unsafe { api.params().paramGetPropertySet.unwrap()(api.param(act.effect(), c"hidden"), &mut p) };
        assert_eq!(api.set_int(p, kOfxParamPropSecret, 0, 0), OK);
    }
    status
});

#[test]
fn nuke_does_not_reveal_what_was_described_as_secret() {
    for (profile, secret) in [("nuke", true), ("natron", false)] {
        let host = host(profile);
        let node = node(&host, &secretive::bundle());
        assert_eq!(node.param("hidden").unwrap().secret, secret);
        assert_eq!(host.violations().is_empty(), !secret);
    }
}

plugin!(leaks_images, |api, act| after_render(api, act, |api, effect| {
    api.image_at(effect, c"Source", 2.0, None);
}));

#[test]
fn violations_count_name_and_can_be_taken() {
    let host = host("full");
    let node = node(&host, &leaks_images::bundle());
    for _ in 0..3 {
        node.render(&RenderJob::at(2.0)).unwrap();
    }
    let all = host.take_violations();
    assert_eq!(all.len(), 1);
    let v = &all[0];
    assert_eq!((v.count, v.severity, v.effect.as_str()), (3, Severity::Error, "test.leaks_images"));
    assert_eq!(v.action, "OfxImageEffectActionRender");
    assert!(v.to_string().contains("frame 2 of Source was not released"), "{v}");
    assert_eq!(host.violations(), []);
}
