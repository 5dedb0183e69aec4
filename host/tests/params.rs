//! Params: every type through the C functions, keys, changes told, and what each host's project file keeps.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int};
use std::sync::Mutex;

use host::{Context, Error, ParamKind, Rule, Value};
use support::*;

const KINDS: [(&CStr, &CStr); 15] = [
    (kOfxParamTypeInteger, c"int"),
    (kOfxParamTypeInteger2D, c"int2"),
    (kOfxParamTypeInteger3D, c"int3"),
    (kOfxParamTypeDouble, c"double"),
    (kOfxParamTypeDouble2D, c"double2"),
    (kOfxParamTypeDouble3D, c"double3"),
    (kOfxParamTypeRGB, c"rgb"),
    (kOfxParamTypeRGBA, c"rgba"),
    (kOfxParamTypeBoolean, c"bool"),
    (kOfxParamTypeChoice, c"choice"),
    (kOfxParamTypeString, c"string"),
    (kOfxParamTypeCustom, c"custom"),
    (kOfxParamTypePushButton, c"go"),
    (kOfxParamTypeGroup, c"group"),
    (kOfxParamTypePage, c"page"),
];

/// Blends two texts as "a|b@0.5".
unsafe extern "C" fn blend(
    _: OfxParamSetHandle,
    inputs: OfxPropertySetHandle,
    outputs: OfxPropertySetHandle,
) -> OfxStatus {
    let api = BLENDER.get().unwrap();
    let mut texts = [std::ptr::null_mut(); 2];
    let get = api.props().propGetStringN.unwrap();
    unsafe { get(inputs, kOfxParamPropCustomValue.as_ptr(), 2, texts.as_mut_ptr()) };
    let [a, b] = texts.map(|t| unsafe { CStr::from_ptr(t) }.to_str().unwrap().to_owned());
    let amount = api.double(inputs, kOfxParamPropInterpolationAmount, 0).unwrap();
    api.set_text(outputs, kOfxParamPropCustomValue, 0, &c(&format!("{a}|{b}@{amount}")));
    OK
}

thread_local! {
    /// The host of the test that runs on this thread; the callback's own arguments lead to none.
    static BLENDER: Cell<Option<Api>> = const { Cell::new(None) };
}

fn everything(api: &Api, act: Act<'_>) -> i32 {
    let status = copier(api, act);
    if act.is(kOfxImageEffectActionDescribeInContext) {
        BLENDER.set(Some(*api));
        for (kind, name) in KINDS {
            let p = api.define(act.effect(), kind, name);
            if name == c"choice" {
                for (i, option) in [c"Alpha", c"Luma", c"Overlay"].iter().enumerate() {
                    assert_eq!(api.set_text(p, kOfxParamPropChoiceOption, i as c_int, option), OK);
                }
                api.set_int(p, kOfxParamPropDefault, 0, 1);
            }
            if name == c"double2" {
                api.set_text(p, kOfxParamPropDefaultCoordinateSystem, 0, kOfxParamCoordinatesNormalised);
                api.set_double(p, kOfxParamPropDefault, 0, 0.5);
                api.set_double(p, kOfxParamPropDefault, 1, 0.25);
            }
            if name == c"double" {
                api.set_double(p, kOfxParamPropDefault, 0, 0.75);
                api.set_text(p, kOfxPropLabel, 0, c"Gain");
                api.set_text(p, kOfxParamPropHint, 0, c"How much.");
                api.set_text(p, kOfxParamPropParent, 0, c"group");
                api.set_int(p, kOfxParamPropSecret, 0, 1);
            }
            if name == c"custom" {
                api.set_pointer(p, kOfxParamPropCustomInterpCallbackV1, blend as *mut _);
            }
        }
    }
    status
}

plugin!(described_1, everything);

#[test]
fn descriptions_are_plain_data() {
    let host = host("full");
    let effect = host.effects(&described_1::bundle()).unwrap().remove(0);
    assert_eq!(
        (effect.id(), effect.info().version, effect.info().label.as_str()),
        ("test.described_1", (1, 2), "Copier")
    );
    assert_eq!(effect.contexts(), [Context::Filter, Context::General]);
    let info = effect.describe_in_context(Context::Filter).unwrap();
    assert_eq!(info.params.len(), KINDS.len());
    assert_eq!(info.clips.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["Source", "Output"]);
    let double = info.params.iter().find(|p| p.name == "double").unwrap();
    assert_eq!(
        (double.kind, double.label.as_str(), double.parent.as_str()),
        (ParamKind::Double, "Gain", "group")
    );
    assert_eq!(double.default, Some(0.75.into()));
    assert!(double.secret && double.animates);
    let choice = info.params.iter().find(|p| p.name == "choice").unwrap();
    assert_eq!((choice.options.len(), choice.default.clone()), (3, Some(1.into())));
    assert!(serde_json::to_string(&info).unwrap().contains("\"kind\":\"double2d\""));
    assert_eq!(host.violations(), []);
}

plugin!(described_2, everything);

#[test]
fn people_set_params_and_are_told_why_not() {
    let host = host("full");
    let mut node = node(&host, &described_2::bundle());
    for (assignment, name, value) in [
        ("double=2.5", "double", Value::from(2.5)),
        ("int3=1 2 3", "int3", [1, 2, 3].into()),
        ("rgb=#00ff00", "rgb", [0.0, 1.0, 0.0].into()),
        ("choice=overlay", "choice", 2.into()),
        ("bool=yes", "bool", true.into()),
        ("string=a=b", "string", "a=b".into()),
    ] {
        node.assign(assignment).unwrap();
        assert_eq!(node.get(name).unwrap(), value);
    }
    node.assign("double@10=1").unwrap();
    node.assign("double@20=2").unwrap();
    assert_eq!(
        (node.keys("double").unwrap(), node.get_at("double", 15.0).unwrap()),
        (vec![10.0, 20.0], 1.5.into())
    );
    for bad in ["double=x", "double", "choice=Gamma", "nobody=1", "double@x=1", "group=1", "go=1", "int=1.5"]
    {
        assert!(node.assign(bad).is_err(), "{bad}");
    }
    assert!(matches!(node.set("nobody", 1.0), Err(Error::UnknownParam { .. })));
    assert!(matches!(node.press("double"), Err(Error::Value { .. })));
    assert!(node.get("group").is_err());
    node.delete_key("double", 10.0).unwrap();
    node.set_time(20.0);
    node.delete_keys("double").unwrap();
    assert_eq!((node.keys("double").unwrap(), node.get("double").unwrap()), (vec![], 2.0.into()));
}

plugin!(described_3, everything);

#[test]
fn normalised_defaults_are_parts_of_the_project() {
    for (profile, expected) in [("full", [960.0, 270.0]), ("resolve", [0.5, 0.25])] {
        let host = host(profile);
        let node = host.effects(&described_3::bundle()).unwrap()[0].create(Context::Filter).unwrap();
        assert_eq!(node.get("double2").unwrap(), expected.into(), "{profile}");
    }
}

macro_rules! set {
    ($api:expr, $effect:expr, $name:literal, $($value:expr),+) => {
        unsafe { $api.params().paramSetValue.unwrap()($api.param($effect, $name), $($value),+) }
    };
}

macro_rules! set_at {
    ($api:expr, $effect:expr, $name:literal, $time:expr, $($value:expr),+) => {
        unsafe { $api.params().paramSetValueAtTime.unwrap()($api.param($effect, $name), $time as f64, $($value),+) }
    };
}

fn get<T: Default + Copy, const N: usize>(api: &Api, effect: OfxImageEffectHandle, name: &CStr) -> [T; N] {
    let mut v = [T::default(); N];
    let p: Vec<*mut T> = v.iter_mut().map(std::ptr::from_mut).collect();
    let (f, param) = (api.params().paramGetValue.unwrap(), api.param(effect, name));
    let status = unsafe {
        match N {
            1 => f(param, p[0]),
            2 => f(param, p[0], p[1]),
            3 => f(param, p[0], p[1], p[2]),
            _ => f(param, p[0], p[1], p[2], p[3]),
        }
    };
    assert_eq!(status, OK, "{name:?}");
    v
}

fn text_of(api: &Api, effect: OfxImageEffectHandle, name: &CStr) -> *mut c_char {
    let mut p: *mut c_char = std::ptr::null_mut();
    assert_eq!(
        unsafe { api.params().paramGetValue.unwrap()(api.param(effect, name), &mut p as *mut *mut c_char) },
        OK
    );
    p
}

plugin!(sets_all, |api, act| {
    let e = act.effect();
    if act.is(kOfxActionCreateInstance) {
        set!(api, e, c"int", 7 as c_int);
        set!(api, e, c"int2", 7 as c_int, 8 as c_int);
        set!(api, e, c"int3", 7 as c_int, 8 as c_int, 9 as c_int);
        set!(api, e, c"double", 0.5f64);
        set!(api, e, c"double2", 0.5f64, 1.5f64);
        set!(api, e, c"double3", 0.5f64, 1.5f64, 2.5f64);
        set!(api, e, c"rgba", 0.1f64, 0.2f64, 0.3f64, 0.4f64);
        set!(api, e, c"bool", 1 as c_int);
        set!(api, e, c"choice", 2 as c_int);
        set!(api, e, c"string", c"some text".as_ptr());
        assert_eq!(get::<c_int, 1>(api, e, c"int"), [7]);
        assert_eq!(get::<c_int, 2>(api, e, c"int2"), [7, 8]);
        assert_eq!(get::<c_int, 3>(api, e, c"int3"), [7, 8, 9]);
        assert_eq!(get::<f64, 1>(api, e, c"double"), [0.5]);
        assert_eq!(get::<f64, 2>(api, e, c"double2"), [0.5, 1.5]);
        assert_eq!(get::<f64, 3>(api, e, c"double3"), [0.5, 1.5, 2.5]);
        assert_eq!(get::<f64, 4>(api, e, c"rgba"), [0.1, 0.2, 0.3, 0.4]);
        assert_eq!(get::<c_int, 1>(api, e, c"bool"), [1]);
        assert_eq!(get::<c_int, 1>(api, e, c"choice"), [2]);
        let first = text_of(api, e, c"string");
        assert_eq!(unsafe { CStr::from_ptr(first) }, c"some text");
        text_of(api, e, c"custom");
        let kept = unsafe { CStr::from_ptr(first) } == c"some text";
        let transient = api.text(unsafe { (*api.host).host }, kOfxPropName).unwrap() == "fr.inria.Natron";
        assert_eq!(kept, !transient);
        assert_eq!(set!(api, e, c"go", 1 as c_int), kOfxStatErrUnsupported);
        assert_eq!(set!(api, e, c"nobody", 1 as c_int), kOfxStatErrBadHandle);
        return OK;
    }
    everything(api, act)
});

#[test]
fn every_type_goes_through_c() {
    for profile in ["full", "natron"] {
        let host = host(profile);
        let node = node(&host, &sets_all::bundle());
        assert_eq!(node.get("rgba").unwrap(), [0.1, 0.2, 0.3, 0.4].into());
        assert_eq!(node.get("string").unwrap(), "some text".into());
        assert_eq!(rules(&host.violations()), [Rule::ForbiddenCall, Rule::BadHandle], "{profile}");
    }
}

fn keys_act(api: &Api, act: Act<'_>) -> i32 {
    let e = act.effect();
    if act.is(kOfxActionCreateInstance) {
        let p = api.params();
        let double = api.param(e, c"double");
        for (time, value) in [(10.0, 1.0f64), (0.0, 0.0), (20.0, 3.0)] {
            assert_eq!(set_at!(api, e, c"double", time, value), OK);
        }
        let (mut n, mut t, mut i, mut v) = (0, 0.0, 0, 0.0f64);
        unsafe {
            p.paramGetNumKeys.unwrap()(double, &mut n);
            assert_eq!(n, 3);
            assert_eq!(p.paramGetKeyTime.unwrap()(double, 1, &mut t), OK);
            assert_eq!(t, 10.0);
            assert_eq!(p.paramGetKeyTime.unwrap()(double, 3, &mut t), kOfxStatErrBadIndex);
            assert_eq!(p.paramGetKeyIndex.unwrap()(double, 10.0, 1, &mut i), OK);
            assert_eq!(i, 2);
            assert_eq!(p.paramGetKeyIndex.unwrap()(double, 11.0, 0, &mut i), kOfxStatFailed);
            p.paramGetValueAtTime.unwrap()(double, 15.0, &mut v as *mut f64);
            assert_eq!(v, 2.0);
            assert_eq!(p.paramGetDerivative.unwrap()(double, 5.0, &mut v as *mut f64), OK);
            assert!((v - 0.1).abs() < 1e-9);
            assert_eq!(p.paramGetIntegral.unwrap()(double, 0.0, 20.0, &mut v as *mut f64), OK);
            assert!((v - 25.0).abs() < 1e-9);
            assert_eq!(p.paramDeleteKey.unwrap()(double, 10.0), OK);
            assert_eq!(p.paramDeleteKey.unwrap()(double, 10.0), kOfxStatErrBadIndex);
        }
        set_at!(api, e, c"custom", 0.0, c"a".as_ptr());
        set_at!(api, e, c"custom", 10.0, c"b".as_ptr());
        set_at!(api, e, c"string", 0.0, c"a".as_ptr());
        set_at!(api, e, c"string", 10.0, c"b".as_ptr());
        return OK;
    }
    everything(api, act)
}

plugin!(keys_1, keys_act);

#[test]
fn keys_are_set_found_and_blended() {
    let full = host("full");
    let node = node(&full, &keys_1::bundle());
    assert_eq!(node.keys("double").unwrap(), [0.0, 20.0]);
    assert_eq!(node.get_at("custom", 5.0).unwrap(), "a|b@0.5".into());
    assert_eq!(node.get_at("custom", 99.0).unwrap(), "b".into());
    assert_eq!(node.get_at("string", 9.0).unwrap(), "a".into());
    assert_eq!(full.violations(), []);
}

plugin!(keys_2, keys_act);

#[test]
fn hosts_without_animated_strings_keep_the_last_value() {
    for profile in ["nuke", "resolve"] {
        let host = host(profile);
        let node = node(&host, &keys_2::bundle());
        assert!(node.keys("string").unwrap().is_empty(), "{profile}");
        assert_eq!(node.get_at("string", 0.0).unwrap(), "b".into(), "{profile}");
        assert!(!node.param("string").unwrap().animates);
    }
}

static TOLD: Mutex<Vec<String>> = Mutex::new(Vec::new());

plugin!(listens, |api, act| {
    let e = act.effect();
    if act.is(kOfxActionInstanceChanged) {
        let name = api.text(act.inputs, kOfxPropName).unwrap();
        let reason = api.text(act.inputs, kOfxPropChangeReason).unwrap().replace("OfxChange", "");
        TOLD.lock().unwrap().push(format!("{name} {reason}"));
        if name == "go" {
            set!(api, e, c"int", 5 as c_int);
            set_at!(api, e, c"double2", 1.0, 1.0f64, 2.0f64);
            unsafe { api.params().paramDeleteAllKeys.unwrap()(api.param(e, c"double2")) };
            let to = api.param(e, c"double3");
            unsafe { api.params().paramCopy.unwrap()(to, api.param(e, c"rgb"), 0.0, std::ptr::null()) };
            set!(api, e, c"int3", 4 as c_int, 4 as c_int, 4 as c_int);
        }
        return OK;
    }
    everything(api, act)
});

/// What the plug-in was told, one test at a time.
fn told_by(f: impl FnOnce()) -> Vec<String> {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap();
    TOLD.lock().unwrap().clear();
    f();
    TOLD.lock().unwrap().clone()
}

#[test]
fn changes_are_told_with_their_reason() {
    for (profile, expected) in [
        (
            "full",
            vec![
                "double UserEdited",
                "go UserEdited",
                "int PluginEdited",
                "double2 PluginEdited",
                "double2 PluginEdited",
                "int3 PluginEdited",
            ],
        ),
        (
            "natron",
            vec![
                "double UserEdited",
                "go UserEdited",
                "int PluginEdited",
                "double2 PluginEdited",
                "double2 UserEdited",
                "double2 UserEdited",
                "int3 PluginEdited",
            ],
        ),
        (
            "resolve",
            vec![
                "double UserEdited",
                "BlackmagicInternalChange UserEdited",
                "go UserEdited",
                "int PluginEdited",
                "double2 PluginEdited",
                "double2 PluginEdited",
                "int3 PluginEdited",
            ],
        ),
        ("mlt", vec![]),
    ] {
        let host = host(profile);
        let mut node = node(&host, &listens::bundle());
        let told = told_by(|| {
            node.set("double", 1.0).unwrap();
            let pressed = node.press("go");
            assert_eq!(pressed.is_err(), profile == "mlt");
        });
        assert_eq!(told, expected, "{profile}");
        // A copy between types is the plug-in's mistake.
        let mistakes = if profile == "mlt" { vec![] } else { vec![Rule::ForbiddenCall] };
        assert_eq!(rules(&host.violations()), mistakes);
    }
}

static VALUES_SEEN: Mutex<Vec<f64>> = Mutex::new(Vec::new());
plugin!(reads, |api, act| {
    if act.is(kOfxImageEffectActionRender) {
        let double = api.param(act.effect(), c"double");
        for time in [2.0, 9.0] {
            let mut v = 0.0f64;
            unsafe { api.params().paramGetValueAtTime.unwrap()(double, time, &mut v as *mut f64) };
            VALUES_SEEN.lock().unwrap().push(v);
        }
    }
    everything(api, act)
});

#[test]
fn mlt_pushes_current_values_and_ignores_time() {
    for (profile, expected) in [("mlt", [0.4, 0.4]), ("full", [0.2, 0.9])] {
        let host = host(profile);
        let mut node = node(&host, &reads::bundle());
        node.set_at("double", 0.0, 0.0).unwrap();
        node.set_at("double", 10.0, 1.0).unwrap();
        VALUES_SEEN.lock().unwrap().clear();
        node.render(&host::RenderJob::at(4.0)).unwrap();
        assert_eq!(*VALUES_SEEN.lock().unwrap(), expected, "{profile}");
    }
}

plugin!(described_4, everything);

#[test]
fn projects_keep_what_each_host_keeps() {
    let names = ["double", "custom", "string", "go", "page"];
    for (profile, kept) in [
        ("full", [true, true, true, false, false]),
        ("nuke", [true, true, true, false, false]),
        ("natron", [true, true, true, false, false]),
        ("resolve", [true, false, true, false, false]),
        ("mlt", [false, false, true, false, false]),
    ] {
        let host = host(profile);
        let effect = host.effects(&described_4::bundle()).unwrap().remove(0);
        let mut node = effect.create(Context::Filter).unwrap();
        node.set("string", "kept".repeat(1000)).unwrap();
        node.set_at("int", 3.0, 30).unwrap();
        node.set_at("int", 5.0, 50).unwrap();
        let state = node.save_state().unwrap();
        assert_eq!(names.map(|n| state["params"].get(n).is_some()), kept, "{profile}");
        let again = effect.restore(Context::Filter, &state).unwrap();
        assert_eq!(again.get("string").unwrap(), "kept".repeat(1000).into());
        assert_eq!(
            (again.keys("int").unwrap(), again.get_at("int", 4.0).unwrap()),
            (vec![3.0, 5.0], 40.into())
        );
        node.set("string", "other").unwrap();
        node.restore_state(&state).unwrap();
        assert_eq!(node.save_state().unwrap(), state, "{profile}");
        assert!(node.restore_state(&serde_json::json!({"effect": "x"})).is_err());
    }
}
