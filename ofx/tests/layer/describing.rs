//! Describing: properties, versions of the API, hosts' quirks.

use ofx::param::{
    Bool, Choice, Custom, Double, Double2, Double3, Group, Int, Invalidates, Page, Parametric, Push, Rgb,
    Rgba, Text,
};
use ofx::{ClipSpec, Components, Context, Depth, Effect, Instance, RenderArgs, Result, ThreadSafety};
use ofx_sys as sys;

use crate::fake::{FakeEffect, FakeHost, Value};

const PLAIN: Double = Double::new(c"plain", c"Plain").default(2.0);
const RANGED: Double = Double::new(c"ranged", c"Ranged")
    .default(0.5)
    .range(0.0, 100.0)
    .display(0.0, 5.0)
    .increment(0.1)
    .digits(2)
    .help(c"How much.")
    .no_animation()
    .no_undo()
    .not_persistent()
    .evaluate_on_change(false)
    .invalidates(Invalidates::All)
    .disabled();
const COUNT: Int = Int::new(c"count", c"Count").default(3).range(1, 10);
const CHOICE: Choice = Choice::new(c"choice", c"Choice", &[c"One", c"Two"]).default(1);
const HIDDEN: Bool = Bool::new(c"hidden", c"Hidden").hidden();
const SECRET: Bool = Bool::new(c"secret", c"Secret").default(true).secret();
const FILE: Text = Text::new(c"file", c"File").existing_file().default(c"/tmp/x");
const CENTRE: Double2 = Double2::position(c"centre", c"Centre").host_handle();
const CURVE: Parametric = Parametric::new(c"curve", c"Curve", &[c"y"]);

struct Full;

impl Effect for Full {
    const INFO: ofx::Info = ofx::Info {
        identifier: c"org.example.full",
        version: (3, 1),
        label: c"Full",
        group: c"Tests/Deep",
        help: c"All of it.",
    };

    fn describe(d: &mut ofx::Describe<'_>) -> Result<()> {
        d.contexts(&[Context::Filter, Context::General, Context::Generator])
            .depths(&[Depth::Byte, Depth::Half, Depth::Float])
            .tiles(false)
            .temporal_access(true)
            .thread_safety(ThreadSafety::InstanceSafe)
            .clip_preferences_follow(&CHOICE);
        Ok(())
    }

    fn describe_in_context(d: &mut ofx::DescribeInContext<'_>, context: Context) -> Result<()> {
        assert_eq!(context, Context::Filter);
        d.clip(&ClipSpec::source().temporal())?;
        let motion = ClipSpec::new(c"Motion").label(c"Motion vectors").optional().no_tiles();
        d.clip(&motion.components(&[Components::MotionVectors, Components::Rgba, Components::Xy]))?;
        d.clip(&ClipSpec::output())?;
        d.page(&Page::new(c"page", c"Page"), |d| {
            d.define(&PLAIN)?;
            d.group(&Group::new(c"outer", c"Outer"), |d| {
                d.define(&RANGED)?;
                d.group(&Group::new(c"inner", c"Inner").closed(), |d| d.define(&COUNT))?;
                d.define(&CHOICE)
            })?;
            d.define(&HIDDEN)
        })?;
        d.define(&SECRET)?;
        d.define(&FILE)?;
        d.define(&CENTRE)?;
        assert!(!d.define_parametric(&CURVE)?, "this host has none");
        d.define(&Double3::new(c"three", c"Three").dimension_labels([c"a", c"b", c"c"]))?;
        d.define(&Rgb::new(c"rgb", c"Rgb").default([0.1, 0.2, 0.3]))?;
        d.define(&Rgba::new(c"rgba", c"Rgba"))?;
        d.define(&Custom::new(c"custom", c"Custom"))?;
        d.define(&Push::new(c"push", c"Push"))
    }

    fn create(_: &Instance) -> Result<Self> {
        Ok(Self)
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

fn described(host: &mut FakeHost) -> &'static FakeEffect {
    let plugin = host.load::<Full>();
    host.described(&plugin, sys::kOfxImageEffectContextFilter)
}

fn int(effect: &FakeEffect, param: &core::ffi::CStr, name: &core::ffi::CStr) -> Option<i32> {
    match effect.param(param).props.get(name) {
        Some(Value::Int(v)) => Some(v),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_descriptor() {
    let mut host = FakeHost::new("test");
    let depths = ["OfxBitDepthByte", "OfxBitDepthShort", "OfxBitDepthFloat"].map(Value::from);
    host.props.set_all(sys::kOfxImageEffectPropSupportedPixelDepths, &depths);
    let effect = described(&mut host);
    let p = effect.props;
    assert_eq!(p.texts(sys::kOfxPropLabel), ["Full"]);
    assert_eq!(p.texts(sys::kOfxImageEffectPluginPropGrouping), ["Tests/Deep"]);
    assert_eq!(p.texts(sys::kOfxPropPluginDescription), ["All of it."]);
    assert_eq!(
        p.texts(sys::kOfxImageEffectPropSupportedContexts),
        ["OfxImageEffectContextFilter", "OfxImageEffectContextGeneral", "OfxImageEffectContextGenerator"]
    );
    // Half is not this host's.
    let depths = p.texts(sys::kOfxImageEffectPropSupportedPixelDepths);
    assert_eq!(depths, ["OfxBitDepthByte", "OfxBitDepthFloat"]);
    assert_eq!(p.get(sys::kOfxImageEffectPropSupportsTiles), Some(Value::Int(0)));
    assert_eq!(p.get(sys::kOfxImageEffectPropTemporalClipAccess), Some(Value::Int(1)));
    let safety = p.texts(sys::kOfxImageEffectPluginRenderThreadSafety);
    assert_eq!(safety, ["OfxImageEffectRenderInstanceSafe"]);
    assert_eq!(p.texts(sys::kOfxImageEffectPropClipPreferencesSlaveParam), ["choice"]);
    // This effect has no overlay.
    assert_eq!(p.get(sys::kOfxImageEffectPluginPropOverlayInteractV1), None);
}

#[test]
fn clips() {
    let mut host = FakeHost::new("uk.co.thefoundry.nuke");
    let names = [sys::kOfxImageComponentRGBA, sys::kFnOfxImageComponentMotionVectors].map(Value::from);
    host.props.set_all(sys::kOfxImageEffectPropSupportedComponents, &names);
    let effect = described(&mut host);
    let motion = effect.clip(c"Motion").props;
    assert_eq!(
        motion.texts(sys::kOfxImageEffectPropSupportedComponents),
        ["uk.co.thefoundry.OfxImageComponentMotionVectors", "OfxImageComponentRGBA"]
    );
    assert_eq!(motion.texts(sys::kOfxPropLabel), ["Motion vectors"]);
    assert_eq!(motion.get(sys::kOfxImageClipPropOptional), Some(Value::Int(1)));
    assert_eq!(motion.get(sys::kOfxImageEffectPropSupportsTiles), Some(Value::Int(0)));
    let source = effect.clip(c"Source").props;
    assert_eq!(source.get(sys::kOfxImageEffectPropTemporalClipAccess), Some(Value::Int(1)));
    assert_eq!(source.get(sys::kOfxImageClipPropOptional), Some(Value::Int(0)));
}

#[test]
fn params_and_their_layout() {
    let mut host = FakeHost::new("test");
    let effect = described(&mut host);
    let p = effect.param(c"ranged").props;
    let double = |name| p.get(name);
    assert_eq!(double(sys::kOfxParamPropDefault), Some(Value::Double(0.5)));
    assert_eq!(double(sys::kOfxParamPropMin), Some(Value::Double(0.0)));
    assert_eq!(double(sys::kOfxParamPropMax), Some(Value::Double(100.0)));
    assert_eq!(double(sys::kOfxParamPropDisplayMax), Some(Value::Double(5.0)));
    assert_eq!(double(sys::kOfxParamPropIncrement), Some(Value::Double(0.1)));
    assert_eq!(p.texts(sys::kOfxParamPropHint), ["How much."]);
    assert_eq!(p.texts(sys::kOfxParamPropCacheInvalidation), ["OfxParamInvalidateAll"]);
    for name in [
        sys::kOfxParamPropAnimates,
        sys::kOfxParamPropCanUndo,
        sys::kOfxParamPropPersistant,
        sys::kOfxParamPropEvaluateOnChange,
        sys::kOfxParamPropEnabled,
    ] {
        assert_eq!(p.get(name), Some(Value::Int(0)), "{name:?}");
    }
    // Both ranges are set always.
    let plain = effect.param(c"plain").props;
    assert_eq!(plain.get(sys::kOfxParamPropMax), Some(Value::Double(f64::MAX)));
    assert_eq!(plain.get(sys::kOfxParamPropDisplayMin), Some(Value::Double(0.0)));
    assert_eq!(plain.get(sys::kOfxParamPropDisplayMax), Some(Value::Double(4.0)));
    assert_eq!(int(effect, c"count", sys::kOfxParamPropDisplayMin), Some(1));
    assert_eq!(int(effect, c"count", sys::kOfxParamPropDisplayMax), Some(10));
    assert_eq!(effect.param(c"choice").props.texts(sys::kOfxParamPropChoiceOption), ["One", "Two"]);
    // Strings do not animate unless asked to.
    assert_eq!(int(effect, c"file", sys::kOfxParamPropAnimates), Some(0));
    let file = effect.param(c"file").props;
    assert_eq!(file.texts(sys::kOfxParamPropStringMode), ["OfxParamStringIsFilePath"]);

    let parent = |name: &core::ffi::CStr| effect.param(name).props.texts(sys::kOfxParamPropParent);
    assert!(parent(c"plain").is_empty());
    assert_eq!(parent(c"ranged"), ["outer"]);
    assert_eq!(parent(c"inner"), ["outer"]);
    assert_eq!(parent(c"count"), ["inner"]);
    assert_eq!(parent(c"choice"), ["outer"]);
    assert_eq!(int(effect, c"inner", sys::kOfxParamPropGroupOpen), Some(0));
    let children = effect.param(c"page").props.texts(sys::kOfxParamPropPageChild);
    assert_eq!(children, ["plain", "ranged", "count", "choice", "hidden"]);
}

#[test]
fn secrets_are_described_visible_in_nuke_and_hidden_at_creation() {
    for (name, described_as) in [("test", Some(1)), ("uk.co.thefoundry.nuke", None)] {
        let mut host = FakeHost::new(name);
        let effect = described(&mut host);
        assert_eq!(int(effect, c"secret", sys::kOfxParamPropSecret), described_as, "{name}");
        assert_eq!(int(effect, c"hidden", sys::kOfxParamPropSecret), Some(1), "{name}");
        assert_eq!(host.load::<Full>().create(effect), sys::kOfxStatOK);
        assert_eq!(int(effect, c"secret", sys::kOfxParamPropSecret), Some(1), "{name}");
    }
}

#[test]
fn normalised_defaults_are_ours_where_the_host_has_none() {
    let system = sys::kOfxParamPropDefaultCoordinateSystem;
    let mut natron = FakeHost::new("fr.inria.Natron");
    let effect = described(&mut natron);
    let centre = effect.param(c"centre");
    assert_eq!(centre.props.texts(system), ["OfxParamCoordinatesNormalised"]);
    assert_eq!(natron.load::<Full>().create(effect), sys::kOfxStatOK);
    assert_eq!(*centre.value.lock().unwrap(), None);

    let mut resolve = FakeHost::new("DaVinciResolve");
    let effect = described(&mut resolve);
    let centre = effect.param(c"centre");
    assert!(centre.props.texts(system).is_empty());
    assert_eq!(resolve.load::<Full>().create(effect), sys::kOfxStatOK);
    assert_eq!(format!("{:?}", centre.at(None)), "Doubles([320.0, 240.0, 0.0, 0.0])");
}

#[test]
fn properties_of_later_versions_are_left_out() {
    let mut host = FakeHost::with("old", (1, 0), &[]);
    let effect = described(&mut host);
    assert!(effect.props.texts(sys::kOfxPropPluginDescription).is_empty());
    assert!(
        !effect.props.texts(sys::kOfxImageEffectPropSupportedPixelDepths).contains(&"OfxBitDepthHalf".into())
    );
    assert_eq!(int(effect, c"inner", sys::kOfxParamPropGroupOpen), None);
    let centre = effect.param(c"centre").props;
    for name in [
        sys::kOfxParamPropDefaultCoordinateSystem,
        sys::kOfxParamPropDoubleType,
        sys::kOfxParamPropUseHostOverlayHandle,
    ] {
        assert_eq!(centre.get(name), None, "{name:?}");
    }
}

#[test]
fn a_refused_optional_property_is_forgiven_and_a_required_one_is_not() {
    let mut host = FakeHost::new("test");
    let plugin = host.load::<Full>();
    let effect = host.blank(sys::kOfxImageEffectContextFilter);
    for name in [
        sys::kOfxImageEffectPropSupportsTiles,
        sys::kOfxImageEffectPluginRenderThreadSafety,
        sys::kOfxPropLongLabel,
    ] {
        effect.props.refuse(name);
    }
    assert_eq!(plugin.describe(effect), sys::kOfxStatOK);
    effect.props.refuse(sys::kOfxImageEffectPropSupportedContexts);
    assert_eq!(plugin.describe(effect), sys::kOfxStatFailed);
}

struct Twice;

impl Effect for Twice {
    const INFO: ofx::Info = Full::INFO;

    fn describe(_: &mut ofx::Describe<'_>) -> Result<()> {
        Ok(())
    }

    fn describe_in_context(d: &mut ofx::DescribeInContext<'_>, _: Context) -> Result<()> {
        d.define(&PLAIN)?;
        d.define(&PLAIN)
    }

    fn create(_: &Instance) -> Result<Self> {
        Ok(Self)
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

#[test]
fn the_same_name_twice_is_an_error() {
    let mut host = FakeHost::new("test");
    let plugin = host.load::<Twice>();
    let effect = host.blank(sys::kOfxImageEffectContextFilter);
    let filter = sys::kOfxImageEffectContextFilter;
    assert_eq!(plugin.describe_in_context(effect, filter), sys::kOfxStatFailed);
    assert_eq!(plugin.describe_in_context(effect, c"OfxContextOfTomorrow"), sys::kOfxStatErrUnsupported);
}
