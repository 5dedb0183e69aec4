//! Clips: connections, planes, and on which threads they are read.

use std::sync::atomic::Ordering;

use ofx::{ClipSpec, Components, Depth, Error, Instance, RangeD, RectD, RectI, RenderArgs, Result, plane};
use ofx_sys as sys;

use crate::fake::{FakeHost, FakeImage, Value, effect};

const SOURCE: ClipSpec = ClipSpec::source();

effect!(Planes {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        let clip = i.clip(SOURCE)?;
        let forward = clip.plane(args.time, plane::FORWARD_MOTION, 0, None)?;
        if !i.host().has_planes() {
            assert!(forward.is_none() && clip.planes().is_empty());
            return Err(clip.missing());
        }
        assert_eq!(clip.planes(), [plane::FORWARD_MOTION.to_str().unwrap()]);
        assert!(clip.plane(args.time, plane::BACKWARD_MOTION, 0, None)?.is_none());
        let forward = forward.ok_or_else(|| clip.missing())?;
        let mut xy = [0.0; 4];
        forward.read_rgba_f32(RectI::new(0, 0, 1, 1), &mut xy)?;
        assert_eq!(xy, [1.5, -2.5, 0.0, 1.0]);
        Ok(())
    }
});

#[test]
fn planes_come_from_either_version_of_the_suite_or_not_at_all() {
    let suite = |version| format!("uk.co.thefoundry.FnOfxImageEffectPlaneSuite{version}");
    let (one, two) = (suite(1), suite(2));
    let cases: [(&[&str], i32); 3] =
        [(&[], sys::kOfxStatOK), (&[&two], sys::kOfxStatOK), (&[&one, &two], sys::kOfxStatFailed)];
    for (missing, expected) in cases {
        let mut host = FakeHost::with("uk.co.thefoundry.nuke", (1, 4), missing);
        let (plugin, effect) = host.instance::<Planes>();
        let bounds = RectI::new(0, 0, 1, 1);
        let image = FakeImage::leak(bounds, Depth::Float, Components::MotionVectors, true);
        image.put_row(0, &[1.5f32.to_ne_bytes(), (-2.5f32).to_ne_bytes()].concat());
        effect.connect(c"Source", FakeImage::leak(bounds, Depth::Float, Components::Rgba, true));
        let clip = effect.clip(c"Source");
        clip.planes.lock().unwrap().insert(plane::FORWARD_MOTION.to_owned(), image);
        clip.props.set(sys::kFnOfxImageEffectPropComponentsPresent, plane::FORWARD_MOTION);
        assert_eq!(plugin.render(effect, [0; 4]), expected);
        assert_eq!(clip.held.load(Ordering::SeqCst), 0);
    }
}

effect!(Facts {
    params(d) { d.clip(&ClipSpec::new(c"Extra").optional())?; }

    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        let (source, extra) = (i.clip(SOURCE)?, i.clip(c"Extra")?);
        // A host that knows no connections (MLT) has no other clips than these two.
        assert!(source.connected() && i.clip(c"Output")?.connected() && !extra.connected());
        assert!(extra.image(args.time, None)?.is_none());
        assert!(i.clip(c"Nobody").is_err());
        // One image to write to: no second, and no reading it as an input.
        let output = i.output(args.time)?;
        assert!(i.output(args.time).is_err() && i.clip(c"Output")?.image(args.time, None).is_err());
        drop(output);
        drop(i.output(args.time)?);
        assert_eq!(source.region_of_definition(args.time)?, RectD::new(0.0, 0.0, 640.0, 480.0));
        assert_eq!(source.frame_range(), Some(RangeD::new(1.0, 10.0)));
        assert_eq!(extra.frame_range(), None);
        assert_eq!((source.components(), source.depth()), (Some(Components::Rgb), Some(Depth::Half)));
        assert_eq!((extra.components(), extra.depth(), extra.pixel_aspect()), (None, None, 1.0));
        assert_eq!(i.project_window(), RectD::new(0.0, 0.0, 640.0, 480.0));
        Ok(())
    }
});

#[test]
fn a_host_that_says_little() {
    let mut host = FakeHost::with("MLT", (1, 5), &["OfxMultiThreadSuite1"]);
    let (plugin, effect) = host.instance::<Facts>();
    let source = effect.clip(c"Source").props;
    source.set_all(sys::kOfxImageEffectPropFrameRange, &[Value::Double(1.0), Value::Double(10.0)]);
    source.set(sys::kOfxImageEffectPropComponents, sys::kOfxImageComponentRGB);
    source.set(sys::kOfxImageEffectPropPixelDepth, sys::kOfxBitDepthHalf);
    effect.connect(c"Output", FakeImage::leak(RectI::new(0, 0, 4, 4), Depth::Byte, Components::Rgba, true));
    effect.clip(c"Output").props.remove(sys::kOfxImageClipPropConnected);
    let status = plugin.render(effect, [0; 4]);
    assert_eq!(status, sys::kOfxStatOK, "{:?}", host.record.messages.lock().unwrap());
    assert_eq!(effect.clip(c"Output").held.load(Ordering::SeqCst), 0);
}

effect!(Wanders {
    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        // The host's own threads may fetch...
        i.parallel(4, |_| i.clip(SOURCE)?.required_image(args.time, None).map(drop))?;
        // ...and ours may in hosts that do not mind.
        let elsewhere = || i.clip(SOURCE)?.required_image(args.time, None).map(drop);
        let fetched = std::thread::scope(|s| s.spawn(elsewhere).join().unwrap());
        match fetched {
            Err(Error::Unsupported(_)) if i.host().is_natron() => Ok(()),
            Ok(()) if !i.host().is_natron() => Ok(()),
            other => Err(Error::failed(format!("{other:?}"))),
        }
    }
});

#[test]
fn natron_is_kept_from_crashing_on_strange_threads() {
    for name in ["fr.inria.Natron", "other"] {
        let mut host = FakeHost::new(name);
        let (plugin, effect) = host.instance::<Wanders>();
        let bounds = RectI::new(0, 0, 1, 1);
        effect.connect(c"Source", FakeImage::leak(bounds, Depth::Byte, Components::Rgba, false));
        let status = plugin.render(effect, [0; 4]);
        assert_eq!(status, sys::kOfxStatOK, "{:?}", host.record.messages.lock().unwrap());
        assert_eq!(effect.clip(c"Source").held.load(Ordering::SeqCst), 0);
    }
}
