//! The log goes to the named file, and nothing is ever printed: seen from outside, in a process of its own.
#![allow(unsafe_code)]

use std::process::Command;

use ofx::{Context, Describe, DescribeInContext, Effect, Info, Instance, RenderArgs, Result};

struct Falls;

impl Effect for Falls {
    const INFO: Info =
        Info { identifier: c"org.example.falls", version: (1, 0), label: c"Falls", group: c"", help: c"" };

    fn describe(_: &mut Describe<'_>) -> Result<()> {
        Ok(())
    }

    fn describe_in_context(_: &mut DescribeInContext<'_>, _: Context) -> Result<()> {
        Ok(())
    }

    fn create(_: &Instance) -> Result<Self> {
        Ok(Self)
    }

    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }
}

ofx::export_plugins![log("OFX_TEST_LOG", "OFX_TEST_LOG_LEVEL"); Falls];

/// Run by the other tests, as a child: logs a line, and panics on a thread of rayon's.
#[test]
#[ignore = "the child of the other tests"]
fn child() {
    // SAFETY: the functions that `export_plugins!` emits above.
    let (count, plugins) =
        unsafe { (ofx_sys::OfxGetNumberOfPlugins(), [-1, 0, 1].map(|n| ofx_sys::OfxGetPlugin(n))) };
    assert_eq!(count, 1);
    assert_eq!(plugins.map(|p| p.is_null()), [true, false, true]);
    log::info!("a line");
    log::debug!("a detail");
    let work = || rayon::join(|| panic!("on another thread"), || ());
    assert!(
        std::panic::catch_unwind(|| rayon::ThreadPoolBuilder::new().build().map(|p| p.install(work)))
            .is_err()
    );
}

fn run(variables: &[(&str, &std::path::Path)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "child", "--nocapture"]).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn temporary(name: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("ofx-log-{}-{name}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

#[test]
fn the_log_gets_lines_of_the_level_and_panics() {
    let path = temporary("info");
    let printed = run(&[("OFX_TEST_LOG", &path)]);
    let log = std::fs::read_to_string(&path).unwrap();
    assert!(log.contains("INFO") && log.contains("log: a line\n"), "{log}");
    assert!(!log.contains("a detail"), "{log}");
    assert!(log.contains("panic: on another thread (ofx/tests/log.rs:"), "{log}");
    assert!(!printed.contains("another thread") && !printed.contains("a line"), "{printed}");
    // A second run appends, at another level.
    run(&[("OFX_TEST_LOG", &path), ("OFX_TEST_LOG_LEVEL", "debug".as_ref())]);
    let longer = std::fs::read_to_string(&path).unwrap();
    assert!(longer.starts_with(&log) && longer.contains("a detail"));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn without_a_file_there_is_silence() {
    run(&[]);
    run(&[("OFX_TEST_LOG", "/nonexistent/folder/log".as_ref())]);
}
