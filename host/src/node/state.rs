//! What a host's project file keeps of a node.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Node, create_instance, destroy_instance, instance_of};
use crate::effect::Effect;
use crate::error::{Error, Result};
use crate::object::EffectObject;
use crate::param::Param;
use crate::param::curves::SavedCurves;
use crate::shared::lock;
use crate::value::{ParamKind, Value};

/// A node in a project file.
#[derive(Serialize, Deserialize)]
struct Saved {
    effect: String,
    version: (u32, u32),
    params: BTreeMap<String, SavedParam>,
}

#[derive(Serialize, Deserialize)]
struct SavedParam {
    kind: ParamKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    keys: Vec<(f64, Value)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    curves: Option<SavedCurves>,
}

impl Node {
    /// What the host's project file keeps of this node, after the plug-in was asked to write its own state into its
    /// params.
    pub fn save_state(&self) -> Result<serde_json::Value> {
        let action = ofx_sys::kOfxActionSyncPrivateData;
        let profile = &self.object.shared.profile;
        if self.created && profile.calls(&action.to_string_lossy()) {
            let status = self.object.act(action, None, None, None);
            if !status.is_fine() {
                return Err(self.object.failed(action, status));
            }
            self.object.params.props.set_int(ofx_sys::kOfxPropParamSetNeedsSyncing, 0);
        }
        let kept = |p: &Arc<Param>| {
            let persistent = p.props.int(ofx_sys::kOfxParamPropPersistant) != 0;
            let quirks = &profile.quirks;
            persistent && !quirks.unsaved_kinds.contains(&p.kind) && (quirks.saves_secret || !p.is_secret())
        };
        let params =
            self.object.params.all().into_iter().filter(kept).map(|p| (p.name(), save(&p))).collect();
        let saved =
            Saved { effect: self.effect.id().to_owned(), version: self.effect.info().version, params };
        serde_json::to_value(saved).map_err(|e| Error::State(e.to_string()))
    }

    /// Takes a project file's state as at its loading: the plug-in gets a new instance, which finds the params set.
    /// What the state does not name has its default; what this version of the effect does not have is left out.
    pub fn restore_state(&mut self, state: &serde_json::Value) -> Result<()> {
        let description = self.effect.0.context(self.context)?;
        let project = self.project();
        let object = instance_of(&description, self.context, &project);
        fill(&object, self.effect.id(), state)?;
        lock(&object.place).time = self.time();
        *lock(&object.cancel) = self.cancel.clone();
        *lock(&object.waiting) = lock(&self.object.waiting).as_ref().map(|_| Vec::new());
        for (own, theirs) in self.object.clips().iter().zip(object.clips()) {
            theirs.connect(own.input().source);
            theirs.update(&object.shared, project.frame_rate, project.range);
        }
        self.close_overlay();
        if self.created {
            create_instance(&object)?;
            destroy_instance(&self.object);
        }
        self.object = object;
        self.changed();
        Ok(())
    }
}

impl Effect {
    /// A node from a project file's state: the params are set before the plug-in is told of its instance.
    pub fn restore(&self, context: crate::Context, state: &serde_json::Value) -> Result<Node> {
        Node::create_with(self, context, |object| fill(object, self.id(), state))
    }
}

fn save(param: &Param) -> SavedParam {
    let track = lock(&param.track);
    let valued = param.kind.has_value();
    SavedParam {
        kind: param.kind,
        value: (valued && !track.is_animated()).then(|| track.constant().clone()),
        keys: track.keys().to_vec(),
        curves: (param.kind == ParamKind::Parametric).then(|| lock(&param.curves).save()),
    }
}

fn fill(object: &EffectObject, id: &str, state: &serde_json::Value) -> Result<()> {
    let saved: Saved = Saved::deserialize(state).map_err(|e| Error::State(e.to_string()))?;
    if saved.effect != id {
        return Err(Error::State(format!("it is of {}, this is {id}", saved.effect)));
    }
    for (name, saved) in saved.params {
        let Some(param) = object.params.by_name(&name) else { continue };
        let fit = |value: Value| {
            value.fit(param.kind).map_err(|expected| Error::State(format!("{name} is {value}: {expected}")))
        };
        if let Some(value) = saved.value {
            param.store(None, fit(value)?);
        }
        for (time, value) in saved.keys {
            param.store(Some(time), fit(value)?);
        }
        if let Some(curves) = saved.curves {
            lock(&param.curves).restore(curves);
        }
    }
    Ok(())
}
