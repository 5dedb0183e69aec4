//! What the end-to-end tests share: where the bundle is, a shot whose motion is known, and nodes of every host's kind.

pub mod contour;
mod face;
pub mod honesty;
pub mod mask;
pub mod reduction;
mod shot;

use std::path::{Path, PathBuf};
use std::process::Command;

use host::{Bundle, Context, Host, Node, Profile};

pub use face::FaceShot;
pub use shot::{Shot, WHOLE, document, outline};

/// Motion2Roto.
pub const MOTION2ROTO: &str = "org.splitline.Motion2Roto";
/// Face Roto.
pub const FACE_ROTO: &str = "org.splitline.FaceRoto";
/// Motion Vectors.
pub const MOTION_VECTORS: &str = "org.splitline.MotionVectors";

/// The project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The bundle under test: `SPLITLINE_BUNDLE`, or what `make bundle` has made.
pub fn bundle_path() -> PathBuf {
    std::env::var_os("SPLITLINE_BUNDLE")
        .map_or_else(|| project().join("dist/Splitline.ofx.bundle"), PathBuf::from)
}

/// The bundle, loaded for one host alone: tests run side by side, and a binary has one host at a time. A test
/// without a bundle has nothing to say, so this panics with what to do.
pub fn bundle() -> Bundle {
    Bundle::load_isolated(bundle_path())
        .unwrap_or_else(|e| panic!("{e}\nrun `make bundle` first, or `make test`"))
}

/// A host of a profile.
pub fn host(profile: &str) -> Host {
    Host::new(Profile::named(profile).unwrap_or_else(|e| panic!("{e}")))
}

/// A node of an effect in a fresh host.
pub fn node(profile: &str, effect: &str, context: Context) -> (Host, Node) {
    let host = host(profile);
    let effect = host.effect(&bundle(), effect).unwrap_or_else(|e| panic!("{e}"));
    let node = effect.create(context).unwrap_or_else(|e| panic!("{profile}: {e}"));
    (host, node)
}

/// Panics with all that the host has seen the plug-in do wrong.
pub fn assert_clean(host: &Host) {
    let violations = host.take_violations();
    let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{}: {}", host.profile().name, list.join("\n"));
}

/// The `splitline` command that belongs to the bundle: `SPLITLINE`, or what `make bundle` has built.
pub fn command() -> PathBuf {
    std::env::var_os("SPLITLINE").map_or_else(|| project().join("target/release/splitline"), PathBuf::from)
}

/// Runs the `splitline` command in a folder, with the bundle where it lies, so that ONNX Runtime is beside the binary; what it tells
/// scripts. Panics where it fails or the plug-in breaks a rule of OpenFX.
pub fn splitline(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let mut run = Command::new(command());
    run.args(["--json", "--strict", "--bundle"]).arg(bundle_path()).args(arguments).current_dir(folder);
    let output = run.output().unwrap_or_else(|e| panic!("{}: {e}", command().display()));
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}"))
}
