//! What people and scripts get to see: results on stdout, everything else on stderr, bars only on a terminal.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use clap::error::ErrorKind;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The two streams. Clones share the bar.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    quiet: bool,
    json: bool,
    bar: Arc<Mutex<Option<ProgressBar>>>,
}

impl Console {
    pub(crate) fn new(quiet: bool, json: bool) -> Self {
        Console { quiet, json, bar: Arc::default() }
    }

    /// Results are asked for as JSON.
    pub(crate) fn json(&self) -> bool {
        self.json
    }

    /// A result that was asked for.
    pub(crate) fn result(&self, text: &str) {
        // A reader that has gone away (`| head`) needs no more.
        let _ = writeln!(io::stdout().lock(), "{}", text.trim_end());
    }

    /// What was done; not said when quiet.
    pub(crate) fn done(&self, text: &str) {
        if !self.quiet {
            self.result(text);
        }
    }

    /// Something to know; not said when quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.line(text);
        }
    }

    /// Something to look at, also when quiet.
    pub(crate) fn warning(&self, text: &str) {
        self.line(&format!("warning: {text}"));
    }

    /// Why the tool stops, in one line.
    pub(crate) fn error(&self, text: &str) {
        self.end_bar();
        self.line(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    }

    fn line(&self, text: &str) {
        let write = || {
            let _ = writeln!(io::stderr().lock(), "splitline: {text}");
        };
        match &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Begins a bar of `length` steps, in place of one that may be there.
    pub(crate) fn bar(&self, label: &str, length: u64) {
        self.end_bar();
        if self.quiet || !io::stderr().is_terminal() {
            return;
        }
        let style = ProgressStyle::with_template("{msg} [{bar:30}] {percent}% {eta}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr()).with_style(style);
        bar.set_message(label.to_owned());
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar);
    }

    /// Moves the bar.
    pub(crate) fn step_to(&self, position: u64) {
        if let Some(bar) = &*self.bar.lock().unwrap_or_else(PoisonError::into_inner) {
            bar.set_position(position);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end_bar(&self) {
        if let Some(bar) = self.bar.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

/// `1 frame`, `2 frames`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Help and version go to stdout; everything else that clap says becomes one sentence on stderr and exit code 2.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = write!(io::stdout().lock(), "{}", error.render());
            ExitCode::SUCCESS
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            Console::new(false, false).error("say what to do: splitline --help lists the commands");
            ExitCode::from(2)
        }
        _ => {
            Console::new(false, false).error(&sentence(&error.render().to_string()));
            ExitCode::from(2)
        }
    }
}

/// Clap's message without its headline, its usage and its hint to `--help`.
fn sentence(rendered: &str) -> String {
    let mut text = String::new();
    for paragraph in rendered.split("\n\n") {
        let words = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(what) = words.strip_prefix("error: ") {
            text.push_str(what);
        } else if let Some(tip) = words.strip_prefix("tip: ") {
            let _ = write!(text, " ({tip})");
        } else if words.starts_with('[') {
            let _ = write!(text, " {words}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claps_words_become_one_sentence() {
        let rendered = "error: unexpected argument '--fram' found\n\n  tip: a similar argument exists: '--frames'\n\n\
                        Usage: splitline render\n\nFor more information, try '--help'.\n";
        assert_eq!(
            sentence(rendered),
            "unexpected argument '--fram' found (a similar argument exists: '--frames')"
        );
    }
}
