//! Params of a node, set and read as the artist does.

use std::sync::Arc;

use super::Node;
use crate::description::ParamInfo;
use crate::error::{Error, Result};
use crate::interpolate;
use crate::param::Param;
use crate::preferences;
use crate::render;
use crate::shared::lock;
use crate::value::{ParamKind, Value};

impl Node {
    fn find(&self, name: &str) -> Result<Arc<Param>> {
        self.object.params.by_name(name).ok_or_else(|| Error::UnknownParam {
            effect: self.effect.id().to_owned(),
            name: name.to_owned(),
            known: self.object.params.all().iter().map(|p| p.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The params as they are now: hidden, greyed, relabelled.
    pub fn params(&self) -> Vec<ParamInfo> {
        self.object.params.all().iter().map(|p| p.info()).collect()
    }

    /// One param as it is now.
    pub fn param(&self, name: &str) -> Result<ParamInfo> {
        Ok(self.find(name)?.info())
    }

    /// Sets a param, or a key at the current frame where it is animated, and tells the plug-in as the artist's change.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let param = self.find(name)?;
        let animated = lock(&param.track).is_animated();
        let time = animated.then(|| self.time());
        self.store(&param, time, &value.into())
    }

    /// Sets a key, where the host lets this param have keys, and tells the plug-in as the artist's change.
    pub fn set_at(&mut self, name: &str, time: f64, value: impl Into<Value>) -> Result<()> {
        let param = self.find(name)?;
        if !param.animates() {
            return Err(Error::Unsupported {
                what: format!("animation of {name}, a {}", param.kind),
                profile: self.object.shared.profile.name.clone(),
            });
        }
        self.store(&param, Some(time), &value.into())
    }

    /// Sets a param, or a key where a time is given, from a person's words: see [`Value::parse`].
    pub fn set_text(&mut self, name: &str, time: Option<f64>, text: &str) -> Result<()> {
        let param = self.find(name)?;
        let value = Value::parse(text, param.kind, &param.options()).map_err(|expected| Error::Value {
            param: name.to_owned(),
            value: text.to_owned(),
            expected,
        })?;
        match time {
            Some(time) => self.set_at(name, time, value),
            None => self.set(name, value),
        }
    }

    /// Sets params as on a command line: `name=value` or `name@frame=value`.
    pub fn assign(&mut self, assignment: &str) -> Result<()> {
        let bad = |expected: &str| Error::Value {
            param: "an assignment".into(),
            value: assignment.to_owned(),
            expected: expected.to_owned(),
        };
        let (left, text) =
            assignment.split_once('=').ok_or_else(|| bad("it is written name=value or name@frame=value"))?;
        match left.split_once('@') {
            None => self.set_text(left.trim(), None, text),
            Some((name, frame)) => {
                let frame = frame.trim().parse::<f64>().ok().filter(|f| f.is_finite());
                let frame = frame.ok_or_else(|| bad("the frame after @ is a number"))?;
                self.set_text(name.trim(), Some(frame), text)
            }
        }
    }

    fn store(&mut self, param: &Param, time: Option<f64>, value: &Value) -> Result<()> {
        let value = value.fit(param.kind).map_err(|expected| Error::Value {
            param: param.name(),
            value: value.to_string(),
            expected,
        })?;
        param.store(time, value);
        self.tell(param)
    }

    /// Tells the plug-in that the artist changed a param.
    fn tell(&mut self, param: &Param) -> Result<()> {
        self.changed();
        if !self.created {
            return Ok(());
        }
        let status = self.object.param_changed(param, ofx_sys::kOfxChangeUserEdited);
        if status.is_fine() {
            Ok(())
        } else {
            Err(self.object.failed(ofx_sys::kOfxActionInstanceChanged, status))
        }
    }

    /// A param's value at the current frame.
    pub fn get(&self, name: &str) -> Result<Value> {
        self.get_at(name, self.time())
    }

    /// A param's value at a time.
    pub fn get_at(&self, name: &str, time: f64) -> Result<Value> {
        let param = self.find(name)?;
        if !param.kind.has_value() {
            return Err(Error::Value {
                param: name.to_owned(),
                value: String::new(),
                expected: format!("a {} holds no value", param.kind),
            });
        }
        Ok(interpolate::value(&self.object, &param, time))
    }

    /// Times of a param's keys, rising.
    pub fn keys(&self, name: &str) -> Result<Vec<f64>> {
        let param = self.find(name)?;
        let times = lock(&param.track).keys().iter().map(|k| k.0).collect();
        Ok(times)
    }

    /// Takes a key away, and tells the plug-in.
    pub fn delete_key(&mut self, name: &str, time: f64) -> Result<()> {
        let param = self.find(name)?;
        lock(&param.track).delete_key(time);
        param.update_animating();
        self.tell(&param)
    }

    /// Takes all keys of a param away; it keeps its value at the current frame. Tells the plug-in.
    pub fn delete_keys(&mut self, name: &str) -> Result<()> {
        let param = self.find(name)?;
        let time = self.time();
        lock(&param.track).delete_keys(time);
        param.update_animating();
        self.tell(&param)
    }

    /// As [`Node::press`], with a second click that comes from within the first progress update, as in hosts that go on
    /// with their events there.
    pub fn press_twice(&mut self, name: &str) -> Result<()> {
        let button = self.find(name)?.name.clone();
        *lock(&self.object.impatient) = Some(button);
        let pressed = self.press(name);
        *lock(&self.object.impatient) = None;
        pressed
    }

    /// Plays, or stops: while a host plays, what the plug-in sets its params to may wait until its action ends, and reading
    /// them back gives what they were.
    pub fn play(&mut self, playing: bool) {
        self.object.settle_waiting();
        *lock(&self.object.waiting) = playing.then(Vec::new);
    }

    /// Presses a button at the current frame. Images of any time are there for the plug-in. A cancelled token makes
    /// this [`Error::Cancelled`], whatever the plug-in says.
    pub fn press(&mut self, name: &str) -> Result<()> {
        let param = self.find(name)?;
        let cannot = |expected: &str| {
            Err(Error::Value { param: name.to_owned(), value: "press".into(), expected: expected.to_owned() })
        };
        if param.kind != ParamKind::PushButton {
            return cannot("it is no button");
        }
        if param.props.int(ofx_sys::kOfxParamPropEnabled) == 0 {
            return cannot("the button is greyed out");
        }
        let profile = &self.object.shared.profile;
        if profile.quirks.no_instance_changed {
            return Err(Error::Unsupported {
                what: "button that works".into(),
                profile: profile.name.clone(),
            });
        }
        if render::check_inputs(&self.object).is_ok() {
            preferences::settle(&self.object)?;
        }
        for unknown in profile.quirks.unknown_changes.clone() {
            let unknown = std::ffi::CString::new(unknown).unwrap_or_default();
            let reason = ofx_sys::kOfxChangeUserEdited;
            let status = self.object.changed(&unknown, ofx_sys::kOfxTypeParameter, reason);
            if !status.is_fine() {
                return Err(self.object.failed(ofx_sys::kOfxActionInstanceChanged, status));
            }
        }
        let told = self.tell(&param);
        if self.cancel.is_cancelled() { Err(Error::Cancelled) } else { told }
    }
}
