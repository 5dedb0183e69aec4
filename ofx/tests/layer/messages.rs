//! What the artist reads.

use ofx::param::Double;
use ofx::{Changed, Error, Instance, RenderArgs, Result, Severity};
use ofx_sys as sys;

use crate::fake::{FakeHost, effect};

/// 0: fine; 1: fails; 2: warns; 3: asks.
const WHAT: Double = Double::new(c"what", c"What");

effect!(Moody {
    params(d) { d.define(&WHAT)?; }

    fn render(&self, i: &Instance, _: &RenderArgs) -> Result<()> {
        match i.get(&WHAT)? as i32 {
            1 => Err(Error::failed("100% wrong: %s %n")),
            2 => i.message(Severity::Warning, "careful"),
            3 => Err(Error::Aborted),
            _ => Ok(()),
        }
    }

    fn changed(&self, i: &Instance, _: &Changed) -> Result<()> {
        if i.get(&WHAT)? == 1.0 { Err("no solution".into()) } else { Ok(()) }
    }
});

fn set(effect: &crate::fake::FakeEffect, what: f64) {
    effect.param(c"what").props.set(sys::kOfxParamPropDefault, what);
}

#[test]
fn an_error_is_shown_once_and_cleared_by_success() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Moody>();
    let shown = || host.record.messages.lock().unwrap().clone();
    let cleared = || *host.record.cleared.lock().unwrap();
    set(effect, 1.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
    let error = ("kept OfxMessageError".to_owned(), "100% wrong: %s %n".to_owned());
    assert_eq!(shown(), [error]);
    assert_eq!(cleared(), 0);
    set(effect, 0.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!(cleared(), 1);
    // An effect's own words stay until it takes them back.
    set(effect, 2.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    set(effect, 0.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!((shown().len(), cleared()), (2, 1));
    // Stopping is no failure.
    set(effect, 3.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!(shown().len(), 2);
}

#[test]
fn the_error_of_a_button_outlives_renders() {
    let mut host = FakeHost::new("test");
    let (plugin, effect) = host.instance::<Moody>();
    set(effect, 1.0);
    assert_eq!(plugin.changed(effect, c"what"), sys::kOfxStatFailed);
    set(effect, 0.0);
    assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
    assert_eq!(*host.record.cleared.lock().unwrap(), 0);
    assert_eq!(plugin.changed(effect, c"what"), sys::kOfxStatOK);
    assert_eq!(*host.record.cleared.lock().unwrap(), 1);
}

#[test]
fn messages_degrade_with_the_suites() {
    // Only version 1; version 2 without functions, as in Resolve 14; none at all.
    let old = FakeHost::with("test", (1, 2), &["OfxMessageSuite2"]);
    let resolve = FakeHost::new("DaVinciResolve");
    resolve.props.set(c"FakeEmptyMessages", 1);
    let none = FakeHost::with("test", (1, 0), &["OfxMessageSuite1", "OfxMessageSuite2"]);
    for (mut host, expected) in [(old, 1), (resolve, 1), (none, 0)] {
        let (plugin, effect) = host.instance::<Moody>();
        set(effect, 1.0);
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatFailed);
        set(effect, 0.0);
        assert_eq!(plugin.render(effect, [0; 4]), sys::kOfxStatOK);
        let messages = host.record.messages.lock().unwrap();
        assert_eq!(messages.len(), expected);
        assert!(messages.iter().all(|(how, _)| how == "once OfxMessageError"));
    }
}
