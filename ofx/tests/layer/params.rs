//! Reading and writing params.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use ofx::param::{
    Bool, Choice, ChoiceOf, Custom, Double, Double2, Double3, Int, Options, Push, Rgb, Rgba, Text,
};
use ofx::{Changed, Error, Instance, PointD, Reason, RenderArgs, Result};
use ofx_sys as sys;

use crate::fake::{ECHO, FakeEffect, FakeHost, Plugin, Value, effect};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Fast,
    Good,
    Best,
}

impl Options for Mode {
    const ALL: &'static [(Self, &'static core::ffi::CStr)] =
        &[(Self::Fast, c"Fast"), (Self::Good, c"Good"), (Self::Best, c"Best")];
}

const DOUBLE: Double = Double::new(c"double", c"Double").default(0.5);
const OTHER: Double = Double::new(c"other", c"Other");
const INT: Int = Int::new(c"int", c"Int").default(-3);
const BOOL: Bool = Bool::new(c"bool", c"Bool").default(true);
const CHOICE: Choice = Choice::new(c"choice", c"Choice", &[c"a", c"b"]);
const MODE: ChoiceOf<Mode> = ChoiceOf::new(c"mode", c"Mode", Mode::Good);
const TEXT: Text = Text::new(c"text", c"Text").default(c"first");
const SECOND: Text = Text::new(c"second", c"Second").default(c"second text");
const CUSTOM: Custom = Custom::new(c"custom", c"Custom");
const RGB: Rgb = Rgb::new(c"rgb", c"Rgb").default([0.1, 0.2, 0.3]);
const RGBA: Rgba = Rgba::new(c"rgba", c"Rgba");
const POINT: Double2 = Double2::new(c"point", c"Point").default(1.0, 2.0);
const THREE: Double3 = Double3::new(c"three", c"Three").default([1.0, 2.0, 3.0]);
const MISSING: Double = Double::new(c"missing", c"Missing");

effect!(Values {
    params(d) {
        for p in [DOUBLE, OTHER] {
            d.define(&p)?;
        }
        d.define(&INT)?;
        d.define(&BOOL)?;
        d.define(&CHOICE)?;
        d.define(&MODE)?;
        d.define(&TEXT)?;
        d.define(&SECOND)?;
        d.define(&CUSTOM)?;
        d.define(&RGB)?;
        d.define(&RGBA)?;
        d.define(&POINT)?;
        d.define(&THREE)?;
    }

    fn render(&self, i: &Instance, args: &RenderArgs) -> Result<()> {
        // What a render may do, it may do anywhere; setting it may not do in Nuke.
        i.get_at(&DOUBLE, args.time)?;
        i.set(&DOUBLE, 9.0)
    }

    fn changed(&self, i: &Instance, _: &Changed) -> Result<()> {
        values(i)?;
        keys(i)?;
        looks(i)
    }
});

fn values(i: &Instance) -> Result<()> {
    assert_eq!(i.get(&DOUBLE)?, 0.5);
    i.set(&DOUBLE, 0.25)?;
    assert_eq!(i.get(&DOUBLE)?, 0.25);
    assert_eq!(i.get(&INT)?, -3);
    i.set(&INT, i32::MIN)?;
    assert_eq!(i.get(&INT)?, i32::MIN);
    assert!(i.get(&BOOL)?);
    i.set(&BOOL, false)?;
    assert!(!i.get(&BOOL)?);
    assert_eq!(i.get(&CHOICE)?, 0);
    i.set(&CHOICE, 1)?;
    assert_eq!(i.get(&CHOICE)?, 1);
    // A host with other ideas of the range.
    i.set(&CHOICE, 17)?;
    assert_eq!(i.get(&CHOICE)?, 1);
    assert_eq!(i.get(&MODE)?, Mode::Good);
    i.set(&MODE, Mode::Best)?;
    assert_eq!(i.get(&MODE)?, Mode::Best);
    // Both texts come through the same buffer of the host.
    let (first, second) = (i.get(&TEXT)?, i.get(&SECOND)?);
    assert_eq!((first.as_str(), second.as_str()), ("first", "second text"));
    i.set(&TEXT, "\u{e4}\u{2713} lines\nand more")?;
    assert_eq!(i.get(&TEXT)?, "\u{e4}\u{2713} lines\nand more");
    assert!(i.set(&TEXT, "a\0b").is_err());
    let long = "x".repeat(100_000);
    i.set(&CUSTOM, &long)?;
    assert_eq!(i.get(&CUSTOM)?, long);
    assert_eq!(i.get(&RGB)?, [0.1, 0.2, 0.3]);
    i.set(&RGBA, [0.1, 0.2, 0.3, 0.4])?;
    assert_eq!(i.get(&RGBA)?, [0.1, 0.2, 0.3, 0.4]);
    assert_eq!(i.get(&POINT)?, PointD::new(1.0, 2.0));
    i.set(&POINT, PointD::new(-1.0, 7.5))?;
    assert_eq!(i.get(&POINT)?, PointD::new(-1.0, 7.5));
    assert_eq!(i.get(&THREE)?, [1.0, 2.0, 3.0]);
    i.set_at(&THREE, 4.0, [4.0, 5.0, 6.0])?;
    assert_eq!(i.get_at(&THREE, 4.0)?, [4.0, 5.0, 6.0]);
    assert!(matches!(i.get(&MISSING), Err(Error::Host { .. })));
    // A key of the wrong type would have the host write four numbers into one.
    let wrong = Double::new(c"rgba", c"Rgba");
    assert!(matches!(i.get(&wrong), Err(Error::Host { .. })));
    assert!(matches!(i.set(&wrong, 1.0), Err(Error::Host { .. })));
    Ok(())
}

fn keys(i: &Instance) -> Result<()> {
    assert_eq!(i.key_count(&POINT)?, 0);
    i.edit_block("keys", || {
        i.set_keys(&POINT, (1..=5).map(|f| (f64::from(f) * 10.0, PointD::new(f.into(), 0.0))))
    })?;
    assert_eq!(i.key_times(&POINT)?, [10.0, 20.0, 30.0, 40.0, 50.0]);
    assert_eq!(i.get_at(&POINT, 30.0)?, PointD::new(3.0, 0.0));
    assert_eq!(i.key_index(&POINT, 20.0)?, Some(1));
    assert_eq!(i.key_index(&POINT, 21.0)?, None);
    assert_eq!(i.key_after(&POINT, 21.0)?, Some(2));
    assert_eq!(i.key_before(&POINT, 21.0)?, Some(1));
    assert_eq!(i.key_before(&POINT, 10.0)?, None);
    i.delete_key(&POINT, 20.0)?;
    i.delete_key(&POINT, 21.0)?;
    assert_eq!(i.key_count(&POINT)?, 4);
    assert!(i.key_time(&POINT, 9).is_err());
    i.set_keys(&POINT, [(1.0, PointD::default())])?;
    assert_eq!(i.key_times(&POINT)?, [1.0]);
    i.delete_all_keys(&POINT)?;
    assert_eq!(i.key_count(&POINT)?, 0);
    // This host has no paramCopy, and Resolve's does nothing.
    i.copy(&DOUBLE, &OTHER)?;
    assert_eq!(i.get(&OTHER)?, 0.25);
    i.set_keys(&DOUBLE, [(1.0, 1.0), (2.0, 4.0)])?;
    i.copy(&DOUBLE, &OTHER)?;
    assert_eq!((i.key_times(&OTHER)?, i.get_at(&OTHER, 2.0)?), (vec![1.0, 2.0], 4.0));
    Ok(())
}

fn looks(i: &Instance) -> Result<()> {
    i.set_secret(&DOUBLE, true)?;
    i.set_enabled(&DOUBLE, false)?;
    i.set_label(&DOUBLE, "Twice")
}

#[test]
fn every_type_is_read_and_written() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Values>();
    let status = plugin.changed(effect, c"double");
    assert_eq!(status, sys::kOfxStatOK, "{:?}", host.record.messages.lock().unwrap());
    assert_eq!(*host.record.edits.lock().unwrap(), ["begin keys", "end"]);
    let p = effect.param(c"double").props;
    assert_eq!(p.get(sys::kOfxParamPropSecret), Some(Value::Int(1)));
    assert_eq!(p.get(sys::kOfxParamPropEnabled), Some(Value::Int(0)));
    assert_eq!(p.texts(sys::kOfxPropLabel), ["Twice"]);
}

#[test]
fn nuke_is_kept_from_crashing_on_sets_in_render() {
    let mut nuke = FakeHost::new("uk.co.thefoundry.nuke");
    let (plugin, effect) = nuke.instance::<Values>();
    assert_ne!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!(*effect.param(c"double").value.lock().unwrap(), None);
    let status = plugin.changed(effect, c"double");
    assert_eq!(status, sys::kOfxStatOK, "{:?}", nuke.record.messages.lock().unwrap());

    let mut resolve = FakeHost::new("DaVinciResolve");
    let (plugin, effect) = resolve.instance::<Values>();
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert!(effect.param(c"double").value.lock().unwrap().is_some());
}

const CLEAR: Push = Push::new(c"clear", c"Clear");
static REASONS: Mutex<Vec<(Reason, bool)>> = Mutex::new(Vec::new());
static EFFECT: AtomicUsize = AtomicUsize::new(0);

effect!(Clears {
    params(d) {
        d.define(&CLEAR)?;
        d.define(&POINT)?;
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }

    fn changed(&self, i: &Instance, change: &Changed) -> Result<()> {
        if change.by_user(&CLEAR) {
            return i.delete_all_keys(&POINT);
        }
        REASONS.lock().unwrap().push((change.reason, change.nested));
        Ok(())
    }
});

#[test]
fn what_the_plug_in_does_itself_is_not_taken_for_the_artists() {
    let mut natron = FakeHost::new("fr.inria.Natron");
    let (plugin, effect) = natron.instance::<Clears>();
    EFFECT.store(core::ptr::from_ref(effect).expose_provenance(), Ordering::SeqCst);
    ECHO.set(Some(|| {
        let effect = core::ptr::with_exposed_provenance_mut(EFFECT.load(Ordering::SeqCst));
        Plugin::of::<Clears>().changed(FakeEffect::of(effect).unwrap(), c"point");
    }));
    assert_eq!(plugin.changed(effect, c"clear"), sys::kOfxStatOK);
    ECHO.set(None);
    assert_eq!(plugin.changed(effect, c"point"), sys::kOfxStatOK);
    assert_eq!(*REASONS.lock().unwrap(), [(Reason::Plugin, true), (Reason::User, false)]);
}
