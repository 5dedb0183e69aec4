//! The `splitline` command: makes what the effects make, by loading the built bundle and running them in our host. Files of other
//! applications go in and out without it.
//!
//! | module | holds |
//! |---|---|
//! | [`args`] | the command line and its words |
//! | `plugins`, `describe`, `render`, `motion2roto`, `learn`, `face_roto`, `flow`, `contact_sheet`, `convert`, `vectorise` | one subcommand each |
//! | [`session`] | a host with a bundle, and what is told at the end |
//! | [`node`] | what the subcommands do to nodes |
//! | [`outputs`] | what commands that make shapes write |
//! | [`bundle`], [`frames`], [`sheet`], [`flo`] | where the bundle is, frame ranges, tiles, flow files |
//! | [`watched`] | inputs that remember what could not be read |
//! | [`console`], [`failure`] | what people and scripts get to see |
#![forbid(unsafe_code)]

mod args;
mod bundle;
mod console;
mod contact_sheet;
mod convert;
mod describe;
mod face_roto;
mod failure;
mod flo;
mod flow;
mod frames;
mod learn;
mod motion2roto;
mod node;
mod outputs;
mod plugins;
mod render;
mod session;
mod sheet;
mod vectorise;
mod watched;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};
use console::Console;
use session::Tool;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return console::usage(&error),
    };
    let console = Console::new(arguments.global.quiet, arguments.global.json);
    let tool =
        Tool { console: console.clone(), bundle: arguments.global.bundle, strict: arguments.global.strict };
    let result = match &arguments.command {
        Command::Plugins => plugins::run(&tool),
        Command::Describe(options) => describe::run(&tool, options),
        Command::Render(options) => render::run(&tool, options),
        Command::Motion2roto(options) => motion2roto::run(&tool, options),
        Command::Learn(options) => learn::run(&tool, options),
        Command::FaceRoto(options) => face_roto::run(&tool, options),
        Command::Flow(options) => flow::run(&tool, options),
        Command::ContactSheet(options) => contact_sheet::run(&tool, options),
        Command::Convert(options) => convert::run(&tool, options),
        Command::Vectorise(options) => vectorise::run(&tool, options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            console.error(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}
