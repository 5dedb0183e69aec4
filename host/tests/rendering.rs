//! Frames through a plug-in that behaves: every profile, depth and layout, and what the host asks around a render.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use host::{Components, Context, Depth, Error, Profile, RangeJob, RectI, RenderJob, Rule};
use support::*;

plugin!(plain_1, copier);

#[test]
fn every_profile_renders_every_depth_without_a_complaint() {
    for name in Profile::NAMES {
        for depth in [Depth::Byte, Depth::Short, Depth::Half, Depth::Float] {
            for components in [Components::Rgba, Components::Rgb, Components::Alpha] {
                let host = host(name);
                let effects = host.effects(&plain_1::bundle()).unwrap();
                let mut node = effects[0].create(Context::Filter).unwrap();
                let frames = Frames::new(37, 21, components, depth);
                node.connect("Source", frames.clone()).unwrap();
                let picture = node.render(&RenderJob::at(3.0)).unwrap();
                let expected = frames.at(3.0).convert(picture.components(), picture.depth());
                assert_eq!(picture.bytes(), expected.bytes(), "{name} {depth:?} {components:?}");
                let profile = host.profile();
                assert!(profile.depths.contains(&picture.depth()));
                drop((node, effects));
                assert_eq!(host.violations(), [], "{name} {depth:?} {components:?}");
            }
        }
    }
}

plugin!(plain_2, copier);

#[test]
fn windows_tiles_and_scales_give_the_same_pixels() {
    let host = host("full");
    let node = node(&host, &plain_2::bundle());
    let whole = node.render(&RenderJob::at(2.0)).unwrap();
    let tiled = node.render(&RenderJob::at(2.0).tiled(16, 7)).unwrap();
    assert_eq!(whole, tiled);
    let window = RectI::new(5, 3, 17, 20);
    let part = node.render(&RenderJob::at(2.0).within(window)).unwrap();
    assert_eq!(part, whole.crop(window));
    let half = node.render(&RenderJob::at(2.0).scaled(0.5)).unwrap();
    assert_eq!(half.bounds(), RectI::of_size(20, 12));
    assert_eq!(half.to_rgba_f32(), Frames::usual().at(2.0).scaled(0.5, 0.5).to_rgba_f32());
    let outside = node.render(&RenderJob::at(2.0).within(RectI::new(100, 0, 110, 5))).unwrap();
    assert!(outside.bounds().is_empty());
    assert_eq!(host.violations(), []);
    assert!(node.render(&RenderJob::at(2.0).scaled(0.0)).is_err());
}

plugin!(plain_3, copier);

#[test]
fn mandatory_inputs_must_be_connected() {
    let host = host("full");
    let effect = host.effects(&plain_3::bundle()).unwrap().remove(0);
    let mut node = effect.create(Context::Filter).unwrap();
    let error = node.render(&RenderJob::at(1.0)).unwrap_err();
    assert!(matches!(error, Error::NotConnected { .. }), "{error}");
    assert!(matches!(node.connect("Sauce", Frames::usual()), Err(Error::UnknownClip { .. })));
    assert!(matches!(node.connect("Output", Frames::usual()), Err(Error::UnknownClip { .. })));
    assert!(effect.create(Context::Paint).is_err());
    assert!(host.effect(&plain_3::bundle(), "test.other").is_err());
}

static ORDER: Mutex<Vec<String>> = Mutex::new(Vec::new());

plugin!(told, |api, act| {
    ORDER
        .lock()
        .unwrap()
        .push(act.name.to_string_lossy().replace("OfxImageEffectAction", "").replace("OfxAction", ""));
    copier(api, act)
});

#[test]
fn mlt_lives_per_frame_and_asks_little() {
    let host = host("mlt");
    let node = node(&host, &told::bundle());
    ORDER.lock().unwrap().clear();
    node.render(&RenderJob::at(1.0)).unwrap();
    let seen = ORDER.lock().unwrap().clone();
    let expected = [
        "Load",
        "Describe",
        "DescribeInContext",
        "CreateInstance",
        "GetClipPreferences",
        "BeginSequenceRender",
        "GetRegionOfDefinition",
        "GetRegionsOfInterest",
        "Render",
        "EndSequenceRender",
        "DestroyInstance",
    ];
    assert_eq!(seen, expected);
    assert_eq!(host.violations(), []);
}

plugin!(same, |api, act| {
    if act.is(kOfxImageEffectActionIsIdentity) {
        api.set_text(act.outputs, kOfxPropName, 0, c"Source");
        api.set_double(act.outputs, kOfxPropTime, 0, 7.0);
        return OK;
    }
    copier(api, act)
});

#[test]
fn identity_is_the_frame_named_and_mlt_does_not_ask() {
    let full = host("full");
    let picture = node(&full, &same::bundle()).render(&RenderJob::at(2.0)).unwrap();
    assert_eq!(picture.to_rgba_f32(), Frames::usual().at(7.0).to_rgba_f32());
    let mlt = host("mlt");
    let picture = node(&mlt, &same::bundle()).render(&RenderJob::at(2.0)).unwrap();
    assert_eq!(picture.to_rgba_f32(), Frames::usual().at(2.0).to_rgba_f32());
}

plugin!(later, |api, act| {
    let effect = act.effect();
    if act.is(kOfxActionDescribe) {
        copier(api, act);
        return api.set_int(api.effect_props(effect), kOfxImageEffectPropTemporalClipAccess, 0, 1);
    }
    if act.is(kOfxImageEffectActionDescribeInContext) {
        let source = api.define_clip(effect, c"Source");
        api.set_int(source, kOfxImageEffectPropTemporalClipAccess, 0, 1);
        api.define_clip(effect, c"Output");
        return OK;
    }
    if act.is(kOfxImageEffectActionGetFramesNeeded) {
        let time = api.double(act.inputs, kOfxPropTime, 0).unwrap();
        api.set_double(act.outputs, c"OfxImageClipPropFrameRange_Source", 0, time);
        api.set_double(act.outputs, c"OfxImageClipPropFrameRange_Source", 1, time + 2.0);
        return OK;
    }
    if act.is(kOfxImageEffectActionRender) {
        return copy_source(api, act, 2.0, None);
    }
    copier(api, act)
});

#[test]
fn other_frames_are_there_where_the_host_has_them() {
    for (profile, frame) in [("full", Some(3.0)), ("nuke", Some(3.0)), ("mlt", Some(1.0)), ("minimal", None)]
    {
        let host = host(profile);
        let node = node(&host, &later::bundle());
        match (node.render(&RenderJob::at(1.0)), frame) {
            (Ok(picture), Some(frame)) => {
                let expected = Frames::usual().at(frame).to_rgba_f32();
                assert_eq!(picture.to_rgba_f32(), expected, "{profile}");
                assert_eq!(host.violations(), [], "{profile}");
            }
            (Err(_), None) => assert_eq!(rules(&host.violations()), [Rule::UnneededFrame]),
            (other, _) => panic!("{profile}: {:?}", other.map(|_| ())),
        }
    }
}

static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn count(api: &Api, act: Act<'_>, safety: &std::ffi::CStr) -> i32 {
    if act.is(kOfxActionDescribe) {
        copier(api, act);
        return api.set_text(
            api.effect_props(act.effect()),
            kOfxImageEffectPluginRenderThreadSafety,
            0,
            safety,
        );
    }
    if act.is(kOfxImageEffectActionRender) {
        let now = AT_ONCE.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(20));
        let status = copier(api, act);
        AT_ONCE.fetch_sub(1, Ordering::SeqCst);
        return status;
    }
    copier(api, act)
}

plugin!(threads_fully, |api, act| count(api, act, kOfxImageEffectRenderFullySafe));
plugin!(threads_instance, |api, act| count(api, act, kOfxImageEffectRenderInstanceSafe));
plugin!(threads_unsafe, |api, act| count(api, act, kOfxImageEffectRenderUnsafe));

#[test]
fn ranges_come_in_order_on_as_many_threads_as_are_allowed() {
    for (bundle, most) in [
        (threads_fully::bundle(), 2..=4),
        (threads_instance::bundle(), 2..=4),
        (threads_unsafe::bundle(), 1..=1),
    ] {
        let host = host("full");
        let node = node(&host, &bundle);
        MOST.store(0, Ordering::SeqCst);
        let mut seen = Vec::new();
        let job = RangeJob { threads: 4, ..RangeJob::new(1.0, 10.0) };
        node.render_range(&job, &mut |time, picture| {
            assert_eq!(picture.to_rgba_f32(), Frames::usual().at(time).to_rgba_f32());
            seen.push(time);
            true
        })
        .unwrap();
        assert_eq!(seen, (1..=10).map(f64::from).collect::<Vec<_>>());
        assert!(most.contains(&MOST.load(Ordering::SeqCst)), "{:?} {most:?}", MOST.load(Ordering::SeqCst));
        drop(node);
        assert_eq!(host.violations(), []);
    }
}

plugin!(plain_4, copier);

#[test]
fn ranges_stop_when_told_and_when_a_frame_fails() {
    let host = host("full");
    let node = node(&host, &plain_4::bundle());
    let mut seen = 0;
    for threads in [1, 3] {
        let job = RangeJob { threads, ..RangeJob::new(1.0, 10.0) };
        let stopped = node.render_range(&job, &mut |time, _| {
            seen += 1;
            time < 3.0
        });
        assert!(matches!(stopped, Err(Error::Cancelled)));
        let job = RangeJob { threads, ..RangeJob::new(8.0, 14.0) };
        let failed = node.render_range(&job, &mut |_, _| true);
        assert!(matches!(failed, Err(Error::Action { .. })));
    }
    assert_eq!(seen, 6);
}

plugin!(impatient, |api, act| {
    if act.is(kOfxImageEffectActionRender) {
        let abort = api.effects().abort.unwrap();
        while unsafe { abort(act.effect()) } == 0 {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        return 1;
    }
    copier(api, act)
});

#[test]
fn renders_are_aborted_by_the_token() {
    let host = host("full");
    let node = node(&host, &impatient::bundle());
    let token = node.cancel_token();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(30));
            token.cancel();
        });
        assert!(matches!(node.render(&RenderJob::at(1.0)), Err(Error::Cancelled)));
    });
}

plugin!(squeezed, |api, act| {
    if act.is(kOfxImageEffectActionGetClipPreferences) {
        api.set_text(act.outputs, c"OfxImageClipPropComponents_Source", 0, kOfxImageComponentAlpha);
        api.set_text(act.outputs, c"OfxImageClipPropComponents_Output", 0, kOfxImageComponentAlpha);
        api.set_text(act.outputs, kOfxImageEffectPropPreMultiplication, 0, kOfxImageUnPreMultiplied);
        return OK;
    }
    if act.is(kOfxImageEffectActionGetRegionOfDefinition) {
        for (i, v) in [-4.0, 2.0, 20.0, 30.0].iter().enumerate() {
            api.set_double(act.outputs, kOfxImageEffectPropRegionOfDefinition, i as i32, *v);
        }
        return OK;
    }
    copier(api, act)
});

#[test]
fn preferences_and_regions_are_honoured() {
    let full = host("full");
    let picture = node(&full, &squeezed::bundle()).render(&RenderJob::at(1.0)).unwrap();
    assert_eq!((picture.components(), picture.bounds()), (Components::Alpha, RectI::new(-4, 2, 20, 30)));
    assert_eq!(picture.premultiplication, host::Premultiplication::Unpremultiplied);
    assert_eq!(picture.pixel(3, 4)[3], Frames::usual().at(1.0).pixel(3, 4)[3]);
    assert_eq!(full.violations(), []);
    // One size only, and no alpha alone.
    let mlt = host("mlt");
    let picture = node(&mlt, &squeezed::bundle()).render(&RenderJob::at(1.0)).unwrap();
    assert_eq!(picture.bounds(), RectI::of_size(40, 24));
}
