//! What the bundle's binary asks of a machine: read from the file itself.
//!
//! `SPLITLINE_BUNDLE` names another bundle than dist's; `SPLITLINE_GLIBC` (as 2.28) the newest glibc it may need, checked
//! only if set, as only `make release` builds for an older one.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use object::elf::{FileHeader64, SHN_UNDEF, STB_LOCAL};
use object::read::elf::{Dyn, ElfFile64, FileHeader, Sym};
use object::{Endianness, elf};

/// The bundle's folder, and its binary for this machine.
fn bundle() -> (PathBuf, PathBuf) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = std::env::var_os("SPLITLINE_BUNDLE")
        .map_or_else(|| root.join("dist/Splitline.ofx.bundle"), PathBuf::from);
    let folder = if cfg!(target_arch = "aarch64") { "Linux-aarch64" } else { "Linux-x86-64" };
    let binary = bundle.join("Contents").join(folder).join("Splitline.ofx");
    assert!(binary.is_file(), "{} is missing: run `make bundle` first", binary.display());
    (bundle, binary)
}

/// What the dynamic section and symbol table say.
struct Needs {
    /// Shared libraries, DT_NEEDED.
    libraries: BTreeSet<String>,
    exports: BTreeSet<String>,
    /// `symbol` and the version it is needed in, such as `GLIBC_2.17`.
    versions: BTreeSet<(String, String)>,
}

fn needs(binary: &Path) -> Result<Needs, object::Error> {
    let data = std::fs::read(binary).unwrap();
    let file = ElfFile64::<Endianness>::parse(&*data)?;
    let endian = file.endian();
    let header: &FileHeader64<Endianness> = file.elf_header();
    let sections = header.sections(endian, &*data)?;
    let symbols = sections.symbols(endian, &*data, elf::SHT_DYNSYM)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();

    let mut libraries = BTreeSet::new();
    if let Some((entries, link)) = sections.dynamic(endian, &*data)? {
        let strings = sections.strings(endian, &*data, link)?;
        for entry in entries.iter().filter(|e| e.tag32(endian) == Some(elf::DT_NEEDED)) {
            libraries.insert(text(entry.string(endian, strings)?));
        }
    }

    let table = sections.versions(endian, &*data)?;
    let (mut exports, mut versions) = (BTreeSet::new(), BTreeSet::new());
    for (index, symbol) in symbols.enumerate() {
        let name = text(symbol.name(endian, symbols.strings())?);
        if symbol.st_shndx(endian) != SHN_UNDEF {
            if symbol.st_bind() != STB_LOCAL {
                exports.insert(name);
            }
        } else if let Some(table) = &table
            && let Some(version) = table.version(table.version_index(endian, index))?
        {
            versions.insert((name, text(version.name())));
        }
    }
    Ok(Needs { libraries, exports, versions })
}

#[test]
fn exports_only_the_three_entry_points() {
    let found = needs(&bundle().1).unwrap().exports;
    let expected = ["OfxGetNumberOfPlugins", "OfxGetPlugin", "OfxSetHost"];
    assert_eq!(found, expected.map(String::from).into());
}

#[test]
fn needs_no_cpp_runtime_and_no_libgl() {
    // What every glibc system has; anything else is a host's own library or a missing one.
    let allowed = [
        "ld-linux",
        "libc.so",
        "libdl.so",
        "libgcc_s.so",
        "libm.so",
        "libpthread.so",
        "librt.so",
        "libutil.so",
    ];
    for library in needs(&bundle().1).unwrap().libraries {
        assert!(allowed.iter().any(|a| library.starts_with(a)), "the bundle links {library}");
    }
}

#[test]
fn needs_no_newer_glibc_than_promised() {
    let Ok(promise) = std::env::var("SPLITLINE_GLIBC") else { return };
    let number = |text: &str| text.split('.').map(|n| n.parse::<u32>().unwrap()).collect::<Vec<_>>();
    let binary = bundle().1;
    for library in [binary.with_file_name("libonnxruntime.so"), binary] {
        let needs = needs(&library).unwrap();
        assert!(!needs.versions.is_empty(), "no versioned symbol was read");
        for (symbol, version) in needs.versions {
            if let Some(glibc) = version.strip_prefix("GLIBC_") {
                let file = library.display();
                assert!(
                    number(glibc) <= number(&promise),
                    "{file}: {symbol} needs glibc {glibc}, newer than {promise}"
                );
            }
        }
    }
}

#[test]
fn holds_no_link_and_no_stray_file() {
    let (bundle, _) = bundle();
    let mut folders = vec![bundle.join("Contents")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            assert!(!kind.is_symlink(), "Resolve follows no link: {}", entry.path().display());
            if kind.is_dir() {
                folders.push(entry.path());
            } else {
                names.insert(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    for name in [
        "Info.plist",
        "Splitline.ofx",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "THIRD_PARTY.md",
        "THIRD_PARTY_CRATES.txt",
    ] {
        assert!(names.contains(name), "the bundle lacks {name}");
    }
    // It is built without where there is no network; CI has one.
    let runtime = names.contains("libonnxruntime.so");
    assert!(runtime || std::env::var_os("CI").is_none(), "the bundle lacks ONNX Runtime");
    assert_eq!(runtime, names.contains("THIRD_PARTY_ONNXRUNTIME.txt"), "ONNX Runtime's notices");
}
