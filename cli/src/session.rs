//! A host with a bundle, and what is told at the end: the result, the messages, the rules broken.

use std::path::PathBuf;

use host::{Bundle, Effect, Host, MessageKind, Profile, Progress, Severity, Violation};
use serde_json::{Map, Value, json};

use crate::bundle;
use crate::console::Console;
use crate::failure::Failure;
use crate::watched::Broken;

/// What every subcommand has from the command line.
pub(crate) struct Tool {
    pub(crate) console: Console,
    pub(crate) bundle: Option<PathBuf>,
    pub(crate) strict: bool,
}

/// What a subcommand has done.
pub(crate) struct Outcome {
    /// For people.
    pub(crate) text: String,
    /// For scripts.
    pub(crate) json: Map<String, Value>,
    /// The text was asked for: it is printed even when quiet.
    pub(crate) is_answer: bool,
}

impl Outcome {
    /// Work done, to be told unless quiet.
    pub(crate) fn done(text: String, json: Value) -> Self {
        Outcome { text, json: object(json), is_answer: false }
    }

    /// An answer to a question.
    pub(crate) fn answer(text: String, json: Value) -> Self {
        Outcome { text, json: object(json), is_answer: true }
    }
}

fn object(json: Value) -> Map<String, Value> {
    match json {
        Value::Object(map) => map,
        other => Map::from_iter([("result".to_owned(), other)]),
    }
}

/// The host with its bundle.
pub(crate) struct Session<'a> {
    pub(crate) console: &'a Console,
    pub(crate) host: Host,
    pub(crate) bundle: Bundle,
    /// What could not be read of the inputs: a plug-in only sees that there is no picture.
    pub(crate) broken: Broken,
}

impl Session<'_> {
    /// The effect of an identifier or of a short name: `org.splitline.Motion2Roto`, `Motion2Roto`, `motion2roto`, or as the
    /// subcommands are written: `face-roto`.
    pub(crate) fn effect(&self, name: &str) -> Result<Effect, Failure> {
        let ids = self.bundle.ids();
        let plain = name.replace('-', "");
        let short = |id: &str| id.rsplit('.').next().unwrap_or(id).eq_ignore_ascii_case(&plain);
        let id = ids.iter().find(|id| **id == name).or_else(|| ids.iter().find(|id| short(id)));
        match id {
            Some(id) => Ok(self.host.effect(&self.bundle, id)?),
            None => {
                let known = ids.join(", ");
                Err(Failure::input(format!("no effect named {name}: the bundle has {known}")))
            }
        }
    }
}

/// Runs `work` with a host of this profile, then tells what it did and what the plug-in did wrong. Nodes that `work`
/// makes are gone by then, so what they leaked is known.
pub(crate) fn with_host(
    tool: &Tool,
    profile: &str,
    work: impl FnOnce(&Session) -> Result<Outcome, Failure>,
) -> Result<(), Failure> {
    let path = bundle::find(tool.bundle.as_deref())?;
    let host = Host::new(Profile::named(profile)?);
    let console = &tool.console;
    forward(&host, console);
    let session = Session { console, host, bundle: Bundle::load(&path)?, broken: Broken::default() };
    let result = work(&session);
    console.end_bar();
    let broken = session.broken.take();
    let host = session.host.clone();
    drop(session);
    let violations = host.take_violations();
    for violation in &violations {
        console.warning(&format!("an OpenFX rule was broken, {violation}"));
    }
    let mut outcome = match (result, broken.first()) {
        // A picture that cannot be read is bad input, though it shows only while working.
        (Err(Failure::Work(_)), Some(broken)) => return Err(Failure::input(broken)),
        (result, _) => result?,
    };
    for sentence in &broken {
        console.warning(sentence);
    }
    let errors = |m: &&host::Message| matches!(m.kind, MessageKind::Error | MessageKind::Fatal);
    for message in host.messages().iter().filter(errors) {
        console.warning(&message.text);
    }
    if console.json() {
        outcome.json.insert("messages".to_owned(), json!(host.messages()));
        outcome.json.insert("violations".to_owned(), violations.iter().map(as_json).collect());
        console.result(&Value::Object(outcome.json).to_string());
    } else if outcome.is_answer {
        console.result(&outcome.text);
    } else {
        console.done(&outcome.text);
    }
    if tool.strict && !violations.is_empty() {
        return Err(Failure::work(format!(
            "{} OpenFX rules were broken, and --strict is on",
            violations.len()
        )));
    }
    Ok(())
}

/// Progress moves the bar; warnings and messages of the plug-in are shown as they come. Errors are shown at the end,
/// as those of a failed action are in its own sentence.
fn forward(host: &Host, console: &Console) {
    let bar = console.clone();
    host.on_progress(move |progress| {
        match progress {
            Progress::Start { label } => bar.bar(label, 1000),
            Progress::Update(part) => bar.step_to((part.clamp(0.0, 1.0) * 1000.0) as u64),
            Progress::End => bar.end_bar(),
        }
        true
    });
    let lines = console.clone();
    host.on_message(move |message| {
        match message.kind {
            MessageKind::Warning | MessageKind::Unknown => lines.warning(&message.text),
            MessageKind::Message | MessageKind::Question => lines.note(&message.text),
            MessageKind::Error | MessageKind::Fatal | MessageKind::Log => {}
        }
        true
    });
}

fn as_json(violation: &Violation) -> Value {
    json!({
        "rule": format!("{:?}", violation.rule),
        "severity": match violation.severity { Severity::Warning => "warning", Severity::Error => "error" },
        "effect": violation.effect,
        "action": violation.action,
        "message": violation.message,
        "count": violation.count,
    })
}
