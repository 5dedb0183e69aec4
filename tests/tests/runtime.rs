//! ONNX Runtime in the bundle: nobody loads it before a model is opened, and nothing else depends on it.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};

use host::{Bundle, Profile};
use inference::Runtime;
use inference::runtime::FILE_NAME;

fn library(bundle: &Path) -> PathBuf {
    let folder = if cfg!(target_arch = "aarch64") { "Linux-aarch64" } else { "Linux-x86-64" };
    bundle.join("Contents").join(folder).join(FILE_NAME)
}

/// Loads a bundle under every profile, and describes and creates each effect in each of its contexts.
fn describe_all(bundle: &Path) {
    let bundle = Bundle::load_isolated(bundle).unwrap();
    for profile in Profile::NAMES {
        let host = tests::host(profile);
        for effect in host.effects(&bundle).unwrap() {
            for context in effect.contexts() {
                effect.create(context).unwrap();
            }
        }
        tests::assert_clean(&host);
    }
}

fn is_mapped() -> bool {
    std::fs::read_to_string("/proc/self/maps").unwrap().contains("onnxruntime")
}

/// One test, because what it asks about is the process's.
#[test]
fn it_is_loaded_on_first_use_and_not_before() {
    let bundle = tests::bundle_path();
    describe_all(&bundle);
    assert!(!is_mapped(), "describing the effects loads ONNX Runtime");
    if library(&bundle).is_file() {
        Runtime::load(Some(&library(&bundle))).unwrap();
        assert!(is_mapped());
    }
}

#[test]
fn a_wrong_library_keeps_no_effect_from_loading() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("Splitline.ofx.bundle");
    let (from, to) = (library(&tests::bundle_path()), library(&copy));
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    std::fs::copy(from.with_file_name("Splitline.ofx"), to.with_file_name("Splitline.ofx")).unwrap();
    describe_all(&copy);
    std::fs::write(to, "no library").unwrap();
    describe_all(&copy);
}
