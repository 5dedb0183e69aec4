//! The door: nulls, panics, statuses, loading, creating, and what actions answer.

use core::ffi::CStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use ofx::param::{Double, Push};
use ofx::{
    Changed, ClipPreferences, Components, Effect, Error, FramesNeeded, Identity, IdentityArgs, Instance,
    Premult, RangeD, Reason, RectD, Regions, RegionsArgs, RenderArgs, Result, Target, TimeArgs,
};
use ofx_sys as sys;

use crate::fake::{FakeEffect, FakeHost, Plugin, Props, Value, changed_args, effect, time_args};

effect!(Quiet {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
});

#[test]
fn nulls_and_strangers_are_refused_politely() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Quiet>();
    let null = core::ptr::null();
    assert_eq!(plugin.raw_action(core::ptr::null(), null), sys::kOfxStatErrBadHandle);
    let render = sys::kOfxImageEffectActionRender;
    assert_eq!(plugin.raw_action(render.as_ptr(), null), sys::kOfxStatErrBadHandle);
    // No arguments.
    assert_eq!(plugin.action(render, Some(effect), None, None), sys::kOfxStatFailed);
    // Never created.
    let stranger = host.blank(sys::kOfxImageEffectContextFilter);
    assert_eq!(plugin.render(stranger, [0; 4]), sys::kOfxStatErrBadHandle);
    assert_eq!(plugin.destroy(stranger), sys::kOfxStatOK);
    // Nobody knows this.
    let odd = c"OfxActionFromTheFuture";
    assert_eq!(plugin.action(odd, Some(effect), None, None), sys::kOfxStatReplyDefault);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    plugin.set_host(core::ptr::null_mut());
    assert_eq!(plugin.destroy(effect), sys::kOfxStatOK);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatErrBadHandle);
}

effect!(Panics {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        panic!("the sky fell")
    }
});

#[test]
fn a_panic_in_render_is_a_failure_with_a_message() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Panics>();
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
    let messages = host.record.messages.lock().unwrap();
    let [(how, text)] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(how, "kept OfxMessageError");
    assert!(text.contains("the sky fell") && text.contains("actions.rs"), "{text}");
}

struct PanicsEverywhere;

impl Effect for PanicsEverywhere {
    const INFO: ofx::Info = Quiet::INFO;

    fn describe(_: &mut ofx::Describe<'_>) -> Result<()> {
        panic!("describe")
    }

    fn describe_in_context(_: &mut ofx::DescribeInContext<'_>, _: ofx::Context) -> Result<()> {
        panic!("describe in context")
    }

    fn create(_: &Instance) -> Result<Self> {
        panic!("create")
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

#[test]
fn panics_before_there_is_an_instance() {
    let mut host = FakeHost::new("test");
    let plugin = host.load::<PanicsEverywhere>();
    let effect = host.blank(sys::kOfxImageEffectContextFilter);
    assert_eq!(plugin.describe(effect), sys::kOfxStatFailed);
    assert_eq!(plugin.describe_in_context(effect, sys::kOfxImageEffectContextFilter), sys::kOfxStatFailed);
    assert!(host.record.messages.lock().unwrap().is_empty(), "descriptors have no messages");
    assert_eq!(plugin.create(effect), sys::kOfxStatFailed);
    assert_eq!(host.record.messages.lock().unwrap().len(), 1);
    assert_eq!(plugin.destroy(effect), sys::kOfxStatOK);
}

struct NotCreated;

impl Effect for NotCreated {
    const INFO: ofx::Info = Quiet::INFO;

    fn describe(_: &mut ofx::Describe<'_>) -> Result<()> {
        Ok(())
    }

    fn describe_in_context(d: &mut ofx::DescribeInContext<'_>, _: ofx::Context) -> Result<()> {
        d.clip(&ofx::ClipSpec::output())
    }

    fn create(_: &Instance) -> Result<Self> {
        Err(Error::failed("no licence for the moon"))
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_creation_still_shows_controls_and_says_why() {
    let mut host = FakeHost::new("DaVinciResolve");
    let (plugin, effect) = host.instance::<NotCreated>();
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
    assert_eq!(plugin.changed(effect, c"x"), sys::kOfxStatReplyDefault);
    let messages = host.record.messages.lock().unwrap();
    assert_eq!(messages.len(), 1, "once, not at each render: {messages:?}");
    assert_eq!(messages[0].1, "no licence for the moon");
    assert_eq!(plugin.destroy(effect), sys::kOfxStatOK);
}

effect!(NoHost {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
});

#[test]
fn without_a_host_or_its_required_suites_loading_fails() {
    let plugin = Plugin::of::<NoHost>();
    let load = |p: &Plugin| p.action(sys::kOfxActionLoad, None, None, None);
    assert_eq!(load(&plugin), sys::kOfxStatErrMissingHostFeature);
    for suite in ["OfxPropertySuite1", "OfxImageEffectSuite1", "OfxParameterSuite1"] {
        let mut host = FakeHost::with("test", (1, 4), &[suite]);
        plugin.set_host(host.raw());
        assert_eq!(load(&plugin), sys::kOfxStatErrMissingHostFeature, "{suite}");
    }
    let mut host = FakeHost::new("test");
    plugin.set_host(host.raw());
    assert_eq!(load(&plugin), sys::kOfxStatOK);
}

static ALIVE: AtomicUsize = AtomicUsize::new(0);

struct Counted;

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Effect for Counted {
    const INFO: ofx::Info = Quiet::INFO;

    fn describe(_: &mut ofx::Describe<'_>) -> Result<()> {
        Ok(())
    }

    fn describe_in_context(d: &mut ofx::DescribeInContext<'_>, _: ofx::Context) -> Result<()> {
        d.clip(&ofx::ClipSpec::output())?;
        d.define(&Double::new(c"x", c"X"))
    }

    fn create(_: &Instance) -> Result<Self> {
        ALIVE.fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }

    fn render(&self, i: &Instance, _: &RenderArgs) -> Result<()> {
        assert_eq!(ALIVE.load(Ordering::SeqCst), 1);
        i.get(&Double::new(c"x", c"X")).map(drop)
    }
}

#[test]
fn mlt_loads_everything_anew_for_each_frame() {
    let turn = FakeHost::new("MLT");
    let alive_before = ofx::live::count();
    let mut hosts = [turn, FakeHost::with("other", (1, 0), &["OfxMessageSuite1"])];
    for i in 0..200 {
        let host = &mut hosts[i % 2];
        let (plugin, effect) = host.instance::<Counted>();
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
        assert_eq!(plugin.destroy(effect), sys::kOfxStatOK);
        assert_eq!((ALIVE.load(Ordering::SeqCst), ofx::live::count()), (0, alive_before));
        assert_eq!(effect.props.get(sys::kOfxPropInstanceData), Some(Value::Pointer(0)));
        if i % 3 == 0 {
            assert_eq!(plugin.action(sys::kOfxActionUnload, None, None, None), sys::kOfxStatOK);
        }
    }
}

effect!(Answers {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Err(Error::MissingClip("Source".to_owned()))
    }

    fn region_of_definition(&self, _: &Instance, args: &TimeArgs) -> Result<Option<RectD>> {
        assert_eq!(args.time, 1.0);
        Ok(Some(RectD::new(1.0, 2.0, 3.0, 4.0)))
    }

    fn regions_of_interest(&self, _: &Instance, args: &RegionsArgs, r: &mut Regions<'_>) -> Result<()> {
        r.set(c"Source", args.region.grown(2.0))
    }

    fn frames_needed(&self, _: &Instance, a: &TimeArgs, frames: &mut FramesNeeded<'_>) -> Result<()> {
        frames.set(c"Source", &[RangeD::new(a.time - 1.0, a.time + 1.0), RangeD::new(9.0, 9.0)])
    }

    fn is_identity(&self, _: &Instance, args: &IdentityArgs) -> Result<Option<Identity>> {
        Ok((args.window.x1 == 7).then_some(Identity { clip: c"Source", time: args.time + 1.0 }))
    }

    fn clip_preferences(&self, _: &Instance, p: &mut ClipPreferences<'_>) -> Result<()> {
        p.components(c"Output", Components::Rgba)?;
        p.premult(Premult::Premultiplied)?;
        p.frame_varying(true)
    }

    fn time_domain(&self, _: &Instance) -> Result<Option<RangeD>> {
        Ok(Some(RangeD::new(1.0, 24.0)))
    }
});

fn ask(plugin: &Plugin, effect: &FakeEffect, action: &CStr, window: [i32; 4]) -> (i32, &'static Props) {
    let out = Props::leak();
    (plugin.action(action, Some(effect), Some(time_args(window)), Some(out)), out)
}

fn doubles(values: &[f64]) -> Vec<Value> {
    values.iter().copied().map(Value::Double).collect()
}

#[test]
fn answers_reach_the_host() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Answers>();
    let (status, out) = ask(&plugin, effect, sys::kOfxImageEffectActionGetRegionOfDefinition, [0; 4]);
    assert_eq!(status, sys::kOfxStatOK);
    let rod = out.all(sys::kOfxImageEffectPropRegionOfDefinition);
    assert_eq!(rod, doubles(&[1.0, 2.0, 3.0, 4.0]));

    let roi = sys::kOfxImageEffectActionGetRegionsOfInterest;
    let (status, out) = ask(&plugin, effect, roi, [0, 0, 10, 20]);
    assert_eq!(status, sys::kOfxStatOK);
    assert_eq!(out.all(c"OfxImageClipPropRoI_Source"), doubles(&[-2.0, -2.0, 12.0, 22.0]));

    let (status, out) = ask(&plugin, effect, sys::kOfxImageEffectActionGetFramesNeeded, [0; 4]);
    assert_eq!(status, sys::kOfxStatOK);
    assert_eq!(out.all(c"OfxImageClipPropFrameRange_Source"), doubles(&[0.0, 2.0, 9.0, 9.0]));

    let identity = sys::kOfxImageEffectActionIsIdentity;
    assert_eq!(ask(&plugin, effect, identity, [0; 4]).0, sys::kOfxStatReplyDefault);
    let (status, out) = ask(&plugin, effect, identity, [7, 0, 8, 1]);
    assert_eq!(status, sys::kOfxStatOK);
    assert_eq!(out.texts(sys::kOfxPropName), ["Source"]);
    assert_eq!(out.get(sys::kOfxPropTime), Some(Value::Double(2.0)));

    let (status, out) = ask(&plugin, effect, sys::kOfxImageEffectActionGetClipPreferences, [0; 4]);
    assert_eq!(status, sys::kOfxStatOK);
    assert_eq!(out.texts(c"OfxImageClipPropComponents_Output"), ["OfxImageComponentRGBA"]);
    assert_eq!(out.texts(sys::kOfxImageEffectPropPreMultiplication), ["OfxImageAlphaPremultiplied"]);
    assert_eq!(out.get(sys::kOfxImageEffectFrameVarying), Some(Value::Int(1)));

    let (status, out) = ask(&plugin, effect, sys::kOfxImageEffectActionGetTimeDomain, [0; 4]);
    assert_eq!(status, sys::kOfxStatOK);
    assert_eq!(out.all(sys::kOfxImageEffectPropFrameRange), doubles(&[1.0, 24.0]));

    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
    assert!(host.record.messages.lock().unwrap()[0].1.contains("Source"));
}

#[test]
fn what_is_not_answered_is_left_to_the_host() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Quiet>();
    for action in [
        sys::kOfxImageEffectActionGetRegionOfDefinition,
        sys::kOfxImageEffectActionGetRegionsOfInterest,
        sys::kOfxImageEffectActionGetFramesNeeded,
        sys::kOfxImageEffectActionGetClipPreferences,
        sys::kOfxImageEffectActionIsIdentity,
        sys::kOfxImageEffectActionGetTimeDomain,
        sys::kFnOfxImageEffectActionGetClipComponents,
    ] {
        assert_eq!(ask(&plugin, effect, action, [0; 4]).0, sys::kOfxStatReplyDefault, "{action:?}");
    }
    for action in [
        sys::kOfxActionBeginInstanceChanged,
        sys::kOfxActionEndInstanceChanged,
        sys::kOfxActionBeginInstanceEdit,
        sys::kOfxActionEndInstanceEdit,
        sys::kOfxActionSyncPrivateData,
        sys::kOfxActionPurgeCaches,
        sys::kOfxImageEffectActionBeginSequenceRender,
        sys::kOfxImageEffectActionEndSequenceRender,
    ] {
        assert_eq!(ask(&plugin, effect, action, [0; 4]).0, sys::kOfxStatOK, "{action:?}");
    }
    effect.props.set(sys::kOfxPropInstanceData, core::ptr::null_mut());
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
}

const GO: Push = Push::new(c"go", c"Go");

effect!(Pressed {
    params(d) { d.define(&GO)?; }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }

    fn changed(&self, i: &Instance, change: &Changed) -> Result<()> {
        if change.target == Target::Other {
            return Ok(());
        }
        assert!(change.by_user(&GO) && change.reason == Reason::User && !change.nested);
        // What a host does that lets events through while progress is shown.
        let progress = i.progress("working");
        let again = Plugin::of::<Pressed>().action(
            sys::kOfxActionInstanceChanged,
            FakeEffect::of(CURRENT.load(Ordering::SeqCst) as *mut _),
            Some(changed_args(c"go")),
            None,
        );
        assert_eq!(again, sys::kOfxStatReplyDefault);
        progress.update(0.25)?;
        progress.update(0.75)
    }
});

static CURRENT: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_second_press_and_unknown_names_are_ignored_and_cancel_is_no_failure() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Pressed>();
    CURRENT.store(core::ptr::from_ref(effect).expose_provenance(), Ordering::SeqCst);
    assert_eq!(plugin.changed(effect, c"hostsOwn"), sys::kOfxStatReplyDefault);
    assert_eq!(plugin.changed(effect, c"go"), sys::kOfxStatOK);
    assert_eq!(*host.record.progress.lock().unwrap(), ["start working", "0.25", "0.75", "end"]);
    assert!(host.record.messages.lock().unwrap().is_empty());
}
