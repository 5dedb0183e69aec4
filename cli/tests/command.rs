//! The command as a script sees it: exit codes, one sentence on stderr, results on stdout. What needs the built bundle
//! is in the package `tests`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use host::{Components, Depth, Picture, RectI};

fn splitline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_splitline"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("SPLITLINE_BUNDLE")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Exit code 2, nothing on stdout, one line on stderr with these words.
fn assert_refused(folder: &Path, arguments: &[&str], words: &str) {
    let output = splitline(folder, arguments);
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    assert!(said.starts_with("splitline: ") && said.contains(words), "{arguments:?}: {said}");
}

fn write_shot(folder: &Path) -> PathBuf {
    for frame in 1..=4 {
        let picture = Picture::from_fn(RectI::of_size(32, 18), Components::Rgb, |x, _| [x as f32 / 32.0; 4]);
        let picture = picture.convert(Components::Rgb, Depth::Byte);
        host::io::write(&folder.join(format!("s.{frame:04}.png")), &picture).unwrap();
    }
    folder.join("s.####.png")
}

#[test]
fn bad_input_is_one_sentence_and_exit_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_shot(here);
    assert_refused(here, &[], "say what to do");
    assert_refused(here, &["rendr"], "unrecognized subcommand 'rendr'");
    assert_refused(here, &["render", "--effect", "x"], "--out <FILES>");
    assert_refused(
        here,
        &["plugins", "--bundle", "none.ofx.bundle"],
        "none.ofx.bundle: there is no such bundle",
    );
    let sheet = |arguments: &[&'static str], words| {
        let mut line = vec!["contact-sheet", "--out"];
        line.extend(arguments);
        assert_refused(here, &line, words);
    };
    sheet(&["o.png", "s.####.png", "--frames", "4-1"], "ends before it begins");
    sheet(&["o.png", "s.####.png", "--frames", "3-6"], "there is no frame 5; there are frames 1-4");
    sheet(&["o.gif", "s.####.png"], "cannot write .gif files");
    sheet(&["o.png", "t.####.png"], "no file has a name of this pattern");
    sheet(&["o.png", "no/t.####.png"], "there is no such folder");
    sheet(&["o.png", "t.png"], "t.png: there is no such file");
    assert!(!here.join("o.png").exists() && !here.join("o.gif").exists());
}

#[test]
fn a_contact_sheet_is_made_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let shot = write_shot(here);
    let shot = shot.to_str().unwrap();
    let line = ["contact-sheet", shot, "--columns", "2", "--width", "212", "--out", "new/o.png"];
    let output = splitline(here, &line);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "4 frames written to new/o.png\n");
    assert!(output.stderr.is_empty());
    let picture = host::io::read(&here.join("new/o.png")).unwrap().picture;
    assert_eq!(picture.bounds(), RectI::of_size(212, 2 * 60 + 4));

    let quiet = splitline(here, &[&["-q"], &line[..]].concat());
    assert!(quiet.status.success() && quiet.stdout.is_empty() && quiet.stderr.is_empty());
    let json = splitline(here, &[&line[..], &["--json", "--frames", "1-4x3"]].concat());
    let told: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(told, serde_json::json!({ "frames": [1, 4], "out": "new/o.png" }));
}

#[test]
fn help_and_version_are_results() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["--help"][..], &["--version"], &["render", "--help"], &["help", "flow"]] {
        let output = splitline(folder.path(), arguments);
        assert!(
            output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty(),
            "{arguments:?}"
        );
    }
}

const DOCUMENT: &str = r#"{"format":"shapes","version":1,"width":64,"height":32,"fps":24,"shapes":[{"name":"eye","closed":true,
"blend":"holdout","keys":[{"frame":3,"points":[{"x":1,"y":2},{"x":9,"y":2},{"x":5,"y":8}]}]}]}"#;

#[test]
fn convert_carries_shapes_and_says_what_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("a.json"), DOCUMENT).unwrap();
    let output = splitline(here, &["convert", "a.json", "new/b.nk"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "1 shape and 0 tracks read as shapes, written to new/b.nk as nuke\n"
    );
    assert_eq!(
        stderr(&output),
        "splitline: warning: \"eye\", blend mode: holdout is not known here: written as add\n"
    );
    let first = std::fs::read(here.join("new/b.nk")).unwrap();
    let again = splitline(here, &["convert", "a.json", "new/b.nk", "--force", "-q", "--json"]);
    let told: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!((&told["to"], &told["warnings"][0]["shape"]), (&"nuke".into(), &"eye".into()));
    assert_eq!(std::fs::read(here.join("new/b.nk")).unwrap(), first);

    let back = splitline(here, &["convert", "new/b.nk", "c.json", "--width", "64", "--height", "32"]);
    assert!(back.status.success(), "{}", stderr(&back));
    let document = shapes::Document::load(&here.join("c.json")).unwrap();
    assert_eq!((document.width, document.shapes[0].keys[0].frame), (64, 3.0));
    assert_eq!((document.shapes[0].keys[0].points[2].x, document.shapes[0].keys[0].points[2].y), (5.0, 8.0));
}

#[test]
fn convert_writes_as_few_keys_as_keep_the_tolerance() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut document = shapes::Document::new(640, 480);
    let key = |f: i32| {
        let x = f64::from(f) + 0.1 * f64::from(f % 3);
        let points = [(0.0, 0.0), (40.0, 0.0), (20.0, 30.0)].map(|(a, b)| shapes::Point::corner(a + x, b));
        shapes::Key { confidence: Some(0.9), ..shapes::Key::new(f64::from(f), points.to_vec()) }
    };
    document.shapes.push(shapes::Shape::new("eye", true, (1..=200).map(key).collect()));
    document.save(&here.join("a.json")).unwrap();
    for (out, tolerance, kept) in [
        ("a.fxs", None, 2),
        ("b.fxs", Some("0.25"), 2),
        ("c.fxs", Some("0"), 200),
        ("d.json", None, 200),
        ("e.json", Some("0.25"), 2),
    ] {
        let mut arguments = vec!["convert", "a.json", out, "--json"];
        arguments.extend(tolerance.map(|t| ["--tolerance", t]).into_iter().flatten());
        let output = splitline(here, &arguments);
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&told["keys"]["read"], &told["keys"]["kept"]), (&200.into(), &kept.into()), "{out}");
    }
    let output = splitline(here, &["convert", "a.json", "f.nk"]);
    assert!(
        stdout(&output).ends_with("as nuke, with 2 of 200 keys that keep 0.25 px\n"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn convert_reads_the_folder_of_a_shot() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::create_dir(here.join("shot9")).unwrap();
    let shape =
        r#"{"eye": [[[1, 0, 9, 0], [2, 1, 2, 1]], [[9, 0, 1, 0], [2, -1, 2, -1]]], "points": [[3, 4]]}"#;
    for frame in ["000", "001"] {
        std::fs::write(here.join(format!("shot9/revec_shapes-shot9-frame{frame}.json")), shape).unwrap();
    }
    let output = splitline(here, &["convert", "shot9", "keys.json", "--start-frame", "1001"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "1 shape and 1 track read as sir-lionel, written to keys.json as shapes\n"
    );
    let document = shapes::Document::load(&here.join("keys.json")).unwrap();
    assert_eq!((document.width, document.shapes[0].keys[1].frame), (800, 1002.0));
    assert_refused(here, &["convert", "shot9", "b.json", "--from", "nuke"], "nuke is the format of a file");
    assert_refused(here, &["convert", ".", "b.json"], "there are no files of a shot in it");
}

#[test]
fn convert_refuses_in_one_sentence_and_leaves_files_alone() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("a.json"), DOCUMENT).unwrap();
    std::fs::write(here.join("b.nk"), "Roto {\n curves {\n").unwrap();
    let refuse = |arguments: &[&'static str], words| {
        assert_refused(here, &[&["convert"], arguments].concat(), words);
    };
    refuse(&["a.json", "b.nk"], "b.nk is there already: give --force");
    refuse(
        &["a.json", "c.py"],
        "c.py: say which of these with --to: nuke-python, silhouette-python, natron, blender",
    );
    refuse(&["a.json", "c.gif"], "c.gif: no format has this ending; --to takes shapes, nuke");
    refuse(&["a.json", "c.txt", "--to", "maya"], "invalid value 'maya'");
    refuse(&["none.nk", "c.json"], "none.nk: No such file");
    refuse(&["b.nk", "c.json"], "b.nk: line 1: this brace is never closed");
    refuse(&["a.json", "c.txt", "--to", "tracks"], "the document has no tracks to write");
    std::fs::write(here.join("t.txt"), "1\nnose\n0\n1\n1 2 3\n").unwrap();
    refuse(&["t.txt", "c.json"], "give the width and height");
    assert!(!here.join("c.json").exists() && !here.join("c.txt").exists());
    assert_eq!(std::fs::read_to_string(here.join("b.nk")).unwrap(), "Roto {\n curves {\n");
}
