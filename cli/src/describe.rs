//! `splitline describe EFFECT`: its inputs and params.

use std::fmt::Write as _;

use clap::Args;
use host::{ClipInfo, Context, ParamInfo, ParamKind, Profile};
use serde_json::json;

use crate::args::context;
use crate::failure::Failure;
use crate::node::best_context;
use crate::session::{Outcome, Tool, with_host};

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// Identifier or short name, such as Motion2Roto
    effect: String,
    /// The context to describe [default: general where there is one]
    #[arg(long, value_parser = context)]
    context: Option<Context>,
    /// The host to be
    #[arg(long, default_value = Profile::NAMES[0], value_parser = Profile::NAMES)]
    profile: String,
}

pub(crate) fn run(tool: &Tool, options: &Describe) -> Result<(), Failure> {
    with_host(tool, &options.profile, |session| {
        let effect = session.effect(&options.effect)?;
        let context = match options.context {
            Some(context) => context,
            None => best_context(&effect, &[Context::General, Context::Filter])?,
        };
        let described = effect.describe_in_context(context)?;
        let info = effect.info();
        let mut text = format!("{} ({}), context {context}\n", info.label, info.id);
        if !info.description.is_empty() {
            let _ = writeln!(text, "{}", info.description);
        }
        let _ = writeln!(text, "\nInputs and output:");
        for clip in &described.clips {
            let _ = writeln!(text, "  {}", clip_line(clip));
        }
        let _ = writeln!(text, "\nParameters:");
        for param in described.params.iter().filter(|p| p.kind != ParamKind::Page) {
            let _ = writeln!(text, "  {}", param_line(param));
            for line in param.hint.lines().filter(|l| !l.trim().is_empty()) {
                let _ = writeln!(text, "      {line}");
            }
        }
        let json = json!({
            "effect": info,
            "context": context.to_string(),
            "params": described.params,
            "clips": described.clips,
        });
        Ok(Outcome::answer(text, json))
    })
}

fn clip_line(clip: &ClipInfo) -> String {
    let components: Vec<&str> = clip.components.iter().map(|c| short(c, "OfxImageComponent")).collect();
    let mut line = format!("{}: {}", clip.name, components.join(", "));
    for (is, word) in [(clip.optional, "optional"), (clip.mask, "matte"), (clip.temporal, "other frames")] {
        if is {
            line.push_str(", ");
            line.push_str(word);
        }
    }
    line
}

fn param_line(param: &ParamInfo) -> String {
    let mut line = format!("{}: {} \"{}\"", param.name, param.kind, param.label);
    if let Some(default) = &param.default {
        let shown = match (param.kind, default.to_int().and_then(|i| usize::try_from(i).ok())) {
            (ParamKind::Choice, Some(i)) => param.options.get(i).cloned().unwrap_or_default(),
            _ => default.to_string(),
        };
        let _ = write!(line, ", default {}", if shown.is_empty() { "empty".to_owned() } else { shown });
    }
    if !param.options.is_empty() {
        let _ = write!(line, ", one of: {}", param.options.join(" | "));
    }
    if let Some((least, most)) = &param.range {
        line.push_str(&range(least, most));
    }
    if param.secret {
        line.push_str(", hidden");
    }
    if param.kind.has_value() && !param.animates {
        line.push_str(", not animated");
    }
    line
}

/// A range where there is one: hosts write the ends of a number's type for none.
fn range(least: &[f64], most: &[f64]) -> String {
    let end = |v: f64| v.abs() < 2_147_483_647.0;
    let list = |v: &[f64]| v.iter().map(f64::to_string).collect::<Vec<_>>().join(" ");
    match (least.iter().all(|v| end(*v)), most.iter().all(|v| end(*v))) {
        (true, true) => format!(", from {} to {}", list(least), list(most)),
        (true, false) => format!(", at least {}", list(least)),
        (false, true) => format!(", at most {}", list(most)),
        (false, false) => String::new(),
    }
}

fn short<'a>(name: &'a str, prefix: &str) -> &'a str {
    name.strip_prefix(prefix).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_without_an_end_are_not_shown() {
        assert_eq!(range(&[0.0], &[1.0]), ", from 0 to 1");
        assert_eq!(range(&[0.0], &[f64::MAX]), ", at least 0");
        assert_eq!(range(&[f64::from(i32::MIN)], &[f64::from(i32::MAX)]), "");
    }
}
