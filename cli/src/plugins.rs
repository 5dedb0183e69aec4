//! `splitline plugins`: what the bundle has.

use std::fmt::Write as _;

use host::Profile;
use serde_json::json;

use crate::failure::Failure;
use crate::session::{Outcome, Tool, with_host};

pub(crate) fn run(tool: &Tool) -> Result<(), Failure> {
    with_host(tool, Profile::NAMES[0], |session| {
        let effects = session.host.effects(&session.bundle)?;
        let mut text = String::new();
        for effect in &effects {
            let info = effect.info();
            let contexts: Vec<String> = info.contexts.iter().map(ToString::to_string).collect();
            let first_line = info.description.lines().next().unwrap_or_default();
            let (major, minor) = info.version;
            let _ = writeln!(text, "{}  {} {major}.{minor}  ({})", info.id, info.label, contexts.join(", "));
            if !first_line.is_empty() {
                let _ = writeln!(text, "    {first_line}");
            }
        }
        let infos: Vec<_> = effects.iter().map(host::Effect::info).collect();
        Ok(Outcome::answer(text, json!({ "bundle": session.bundle.path(), "effects": infos })))
    })
}
