//! Writes `ofx-sys/src/bindings.rs` from the OpenFX headers, or with `--check` proves that it is up to date.
//!
//! The headers come from two published crates that carry the OpenFX source tree; `cargo metadata` brings a
//! crate's source onto the machine without compiling it. Needs libclang (Debian: `apt install libclang-dev`).

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// OpenFX 1.4 with the draw suite of 1.5.
const OPENFX: (&str, &str) = ("openfx-sys", "=0.1.0");
/// The same tree with the host vendors' extension headers, of which Nuke's are used.
const EXTENSIONS: (&str, &str) = ("ofx_sys", "=0.2.0");

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("bindings: {e}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = here.join("../src/bindings.rs");
    let text = generate(here)?;
    if std::env::args().any(|a| a == "--check") {
        if std::fs::read_to_string(&target)? != text {
            return Err("ofx-sys/src/bindings.rs is not what the headers give; run `make bindings`".into());
        }
        println!("bindings: up to date");
    } else {
        std::fs::write(&target, text)?;
    }
    Ok(())
}

fn generate(here: &Path) -> Result<String, Box<dyn Error>> {
    let build = tempfile::tempdir()?;
    let openfx = crate_source(OPENFX)?.join("openfx/include");
    let extensions = crate_source(EXTENSIONS)?.join("native/openfx/include");
    let bindings = bindgen::Builder::default()
        .header(here.join("wrapper.h").to_string_lossy())
        .clang_arg(format!("-I{}", openfx.display()))
        .clang_arg(format!("-I{}", extensions.display()))
        .allowlist_item("(k?Ofx|k?Fn|k?Nuke).*")
        .generate_cstr(true)
        .generate_comments(false)
        .layout_tests(true)
        .derive_default(false)
        .prepend_enum_name(false)
        // Statuses are written as casts in parentheses, which only the fallback evaluates.
        .clang_macro_fallback()
        .clang_macro_fallback_build_dir(build.path())
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        .use_core()
        .rust_target(bindgen::RustTarget::stable(85, 0).map_err(|e| e.to_string())?)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .formatter(bindgen::Formatter::Prettyplease)
        .generate()?;
    Ok(bindings.to_string())
}

/// The folder of a published crate's source, downloaded by cargo where it is not on the machine yet.
fn crate_source((name, version): (&str, &str)) -> Result<PathBuf, Box<dyn Error>> {
    let dir = tempfile::tempdir()?;
    let manifest = dir.path().join("Cargo.toml");
    std::fs::write(dir.path().join("lib.rs"), "")?;
    std::fs::write(
        &manifest,
        format!(
            "[package]\nname = \"headers\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n\
             [dependencies]\n{name} = \"{version}\"\n[workspace]\n"
        ),
    )?;
    let out = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(&manifest)
        .output()?;
    if !out.status.success() {
        return Err(format!("cargo metadata for {name}: {}", String::from_utf8_lossy(&out.stderr)).into());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout)?;
    let package = metadata["packages"]
        .as_array()
        .and_then(|all| all.iter().find(|p| p["name"] == name))
        .ok_or_else(|| format!("cargo metadata lists no {name}"))?;
    let manifest = package["manifest_path"].as_str().ok_or("cargo metadata gives no manifest path")?;
    Ok(Path::new(manifest).parent().ok_or("a manifest without a folder")?.to_path_buf())
}
