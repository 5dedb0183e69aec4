//! Readers survive anything: a truncated, mutated or hostile file is an error that names a line or a byte, or it is read.

mod common;

use common::{named, sample, samples};
use interchange::{FORMATS, Format, ReadError, Settings};
use proptest::prelude::*;

fn settings() -> Settings {
    Settings { width: Some(320), height: Some(240), ..Settings::default() }
}

/// Reads, and checks what an error says.
fn survives(format: &Format, bytes: &[u8]) {
    if let Err(error) = format.read(bytes, &settings()) {
        let said = error.to_string();
        let placed = matches!(error, ReadError::Syntax { .. });
        assert!(!placed || said.starts_with("line ") || said.starts_with("byte "), "{said}");
        assert!(said.len() < 500 && !said.contains('\n'), "{said}");
    }
}

#[test]
fn truncated_anywhere() {
    for (format, text) in samples() {
        for end in 0..text.len() {
            survives(format, &text.as_bytes()[..end]);
        }
    }
}

#[test]
fn other_formats_files() {
    for (_, text) in samples() {
        for format in FORMATS.iter().filter(|f| f.can_read()) {
            survives(format, text.as_bytes());
        }
    }
}

fn refused(format: &str, text: &str, words: &str) {
    let error = named(format).read(text.as_bytes(), &settings()).unwrap_err().to_string();
    assert!(error.contains(words), "{format}: {error}");
    assert!(error.len() < 500 && !error.contains('\n'), "{format}: {error}");
}

#[test]
fn hostile_xml() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><Silhouette>&b;</Silhouette>";
    refused("silhouette", bomb, "document types are not read");
    refused(
        "silhouette",
        "<Silhouette><Layer>&b;</Layer></Silhouette>",
        "byte 19: entities are not read here",
    );
    refused(
        "silhouette",
        "<Silhouette><Layer label=\"&b;\"/><Layer label=\"&b;\"></Layer></Silhouette>",
        "byte 32",
    );
    refused("silhouette", &format!("<Silhouette>{}", "<Layer>".repeat(100_000)), "nested too deeply");
    refused("silhouette", "<html></html>", "an element Silhouette is expected, not html");
    refused("silhouette", "<Silhouette width='nan'></Silhouette>", "\"nan\" is not a number");
    let path = |point: &str| {
        format!(
            "<Silhouette><Object type='Shape'><Property id='path'><Path><Point>{point}</Point></Path></Property></Object></Silhouette>"
        )
    };
    refused("silhouette", &path("(1,2),(inf,4),(5,6)"), "\"inf\" is not a number");
    refused("silhouette", &path("(1,2),(3,4)"), "three pairs");
    let layer = |property: &str, key: &str| {
        let shape = "<Object type='Shape'><Property id='path'><Path><Point>(1,2),(3,4),(5,6)</Point></Path></Property></Object>";
        format!("<Silhouette><Layer><Property id='{property}'>{key}</Property>{shape}</Layer></Silhouette>")
    };
    let key =
        |frame: f64, shift: u8| format!("<Key frame='{frame}'>(1,0,0,0,0,1,0,0,0,0,1,0,{shift},0,0,1)</Key>");
    refused(
        "silhouette",
        &layer("transform.matrix", "<Value>(1,2,3)</Value>"),
        "a matrix is sixteen numbers",
    );
    refused("silhouette", &layer("transform.matrix", ""), "a matrix is sixteen numbers");
    let long = layer("transform.matrix", &(key(0.0, 0) + &key(1e15, 1)));
    refused("silhouette", &long, "its transform would need keys on more than");
    let uneven = "<Silhouette><Layer><Object type='Shape'><Property id='path'><Key frame='5'><Path><Point>(1,2),(3,4),(5,6)</Point></Path></Key>\
                  <Key frame='0'><Path><Point>(1,2),(3,4),(5,6)</Point><Point>(1,2),(3,4),(5,6)</Point></Path></Key></Property></Object>\
                  <Property id='transform.matrix'><Key frame='0'>(1,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1)</Key><Key frame='9'>(1,0,0,0,0,1,0,0,0,0,1,0,5,0,0,1)</Key></Property></Layer></Silhouette>";
    refused("silhouette", uneven, "different numbers of points");
    let tracker = |value: &str| {
        format!(
            "<Silhouette><Object type='Tracker'><Property id='position'><Value>{value}</Value></Property></Object></Silhouette>"
        )
    };
    refused("silhouette", &tracker("(1)"), "a position is two numbers");
    refused("silhouette", &tracker("(1,nan)"), "\"nan\" is not a number");
}

#[test]
fn hostile_nuke() {
    let roto = |curves: &str| format!("Roto {{\n curves {{{curves}}}\n}}\n");
    let deep = |count| format!("{}{}", "{".repeat(count), "}".repeat(count));
    refused("nuke", &roto(&deep(100_000)), "line 2: lists are nested too deeply");
    let layers = format!("{}{}", "{layer a ".repeat(1000), "}".repeat(1000));
    refused("nuke", &roto(&layers), "layers are nested too deeply");
    let shape = |points: &str| {
        roto(&format!("{{{{layer Root {{curvegroup a 512 bezier {{{{cc {{f 0}} {{p {points}}}}}}}}}}}}}"))
    };
    refused("nuke", &shape("{nan 1} {1 1} {1 1}"), "\"nan\" is not a number");
    refused("nuke", &shape("{1 1} {1 1}"), "line 2: a list with two coordinates is expected");
    refused("nuke", &shape("{{{1}} 1}"), "a number is expected");
    refused("nuke", "Blur {\n}\n", "there is no Roto");
    let moved = |transform: &str| {
        roto(&format!(
            "{{{{layer Root {{t {transform}}} {{curvegroup a 512 bezier {{{{cc {{f 0}} {{px 1 {{1 1}} {{2 2}} {{3 3}}}}}}}}}}}}}}"
        ))
    };
    refused("nuke", &moved("0 0 0 {{1 0} {1000000000 5}}"), "its transform would need keys on more than");
    refused("nuke", &moved("0 0 0 0 0 0 0 0 0 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0"), "not finite");
    refused("nuke", &moved("0 0 0 x"), "is not a number");
    // Keys on ever other frames in every coordinate would make points without number.
    let points: String = (0..6000)
        .map(|i| format!("{{{{{{{} 0}}}} {{{{{} 0}}}}}} {{0 0}} {{0 0}} ", i * 2, i * 2 + 1))
        .collect();
    refused("nuke", &shape(&points), "the keys have more than");
    let faded = "{{layer Root {curvegroup a 512 bezier {{cc {f 0} {px 1 {1 1} {2 2} {3 3}}}} {a opc {{1 0 257} {1000000000 1 257}} ltt 4 ltn 1 ltm 9}}}}";
    refused("nuke", &roto(faded), "would need more than");
    let pin = |knob: &str| format!("CornerPin2D {{\n to1 {knob}\n}}\n");
    refused("nuke", &pin("5"), "line 2: a list with two numbers is expected");
    refused("nuke", &pin("{{curve x1 2 x"), "line 1: this brace is never closed");
    refused("nuke", &pin("{{curve x1 2 xnan 3} 4}"), "line 2: a frame is expected behind x");
    refused("nuke", &pin("{{curve x1 2}}"), "line 2: a number is expected");
    refused("nuke", "Tracker4 {\n tracks {{1 31 9} {{5 1 20 name}} {{{}}}}\n}\n", "line 2");
}

#[test]
fn hostile_tracks() {
    refused("tracks", "99999999999999999999\n", "line 1: a count up to");
    refused(
        "tracks",
        "100000\nnose\n0\n2000000\n",
        "line 5: frame, x and y is expected, not the end of the file",
    );
    refused("tracks", "1\nnose\n0\n1\n1 nan 2\n", "line 5: \"nan\" is not a number");
    refused("tracks", "1\nnose\n0\n2\n1 1 2\n1 1 2\n", "two keys at frame 1");
    refused("after-effects", "Adobe After Effects 8.0 Keyframe Data\n\n\tSource Width\tx\n", "line 3: \"x\"");
    refused("after-effects", "hello\n", "line 1");
}

#[test]
fn hostile_fusion() {
    let mask = |polyline: &str| {
        format!(
            "{{ Tools = {{ M = PolylineMask {{ Inputs = {{ Polyline = Input {{ {polyline} }} }} }}, S = BezierSpline {{ KeyFrames = {{ [0] = {{ 0, RH = {{ 5, 9 }}, Value = Polyline {{ Points = {{ {{ X = 1 }} }} }} }}, [1e15] = {{ 1 }} }} }} }} }}"
        )
    };
    refused("fusion", "", "a table is expected");
    refused("fusion", "{}", "there is no PolylineMask");
    refused("fusion", &"{".repeat(1 << 20), "line 1: tables are nested too deeply");
    refused("fusion", &format!("{{{}", "Tools={".repeat(1 << 20)), "line 1: tables are nested too deeply");
    refused("fusion", "{ a = ", "line 1: a table is never closed");
    refused("fusion", &mask("SourceOp = \"S\""), "\"M\": the keys have more than");
    refused("fusion", &mask("SourceOp = \"M\""), "there is no PolylineMask");
    let track = "{ Tools = { T = Transform { Inputs = { Center = Input { SourceOp = \"P\" } } }, P = PolyPath { Inputs = { Displacement = Input { SourceOp = \"S\" } } }, S = BezierSpline { KeyFrames = { [-1e15] = { 0 }, [1e15] = { 1 } } } } }";
    refused("fusion", track, "\"T\": the keys have more than");
    let many = format!("{{{}}}", "{X=1},".repeat(2_000_001));
    refused("fusion", &many, "line 1: there are more than 2000000 points");
}

#[test]
fn long_texts_are_cut_from_what_is_said() {
    let long = format!("\"{}\"", "x\\n".repeat(5000));
    let error = named("shapes").read(long.as_bytes(), &settings()).unwrap_err().to_string();
    assert!(
        error.len() < 500 && !error.contains('\n') && error.ends_with("at line 1 column 15002"),
        "{error}"
    );
    let name = "x".repeat(5000);
    refused(
        "shapes",
        &format!(
            "{{\"format\":\"shapes\",\"version\":1,\"shapes\":[{{\"name\":\"{name}\",\"closed\":true,\"keys\":[]}}]}}"
        ),
        "has no keys",
    );
}

#[test]
fn a_hundred_megabytes() {
    let big = "1 ".repeat(50 << 20);
    for (format, text) in samples() {
        survives(format, big.as_bytes());
        let mut text = text.into_bytes();
        text.extend(big.as_bytes());
        survives(format, &text);
    }
    let huge = vec![b' '; (256 << 20) + 1];
    let error = named("nuke").read(&huge, &settings()).unwrap_err();
    assert!(matches!(error, ReadError::TooMuch(_)), "{error}");
}

#[test]
fn a_size_that_nobody_says_is_asked_for() {
    let (text, _) = named("tracks").write(&sample(), &Settings::default()).unwrap();
    let error = named("tracks").read(text.as_bytes(), &Settings::default()).unwrap_err();
    assert!(matches!(error, ReadError::SizeUnknown), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn mutated(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>(), 0..40usize), 1..6),
    ) {
        for (format, text) in samples() {
            let mut bytes = text.into_bytes();
            for (at, kind, byte, length) in &edits {
                let at = at.index(bytes.len());
                let end = (at + length).min(bytes.len());
                match kind {
                    0 => bytes[at] = *byte,
                    1 => drop(bytes.drain(at..end)),
                    2 => {
                        let part = bytes[at..end].to_vec();
                        bytes.splice(at..at, part.iter().copied().cycle().take(part.len() * 3));
                    }
                    _ => {
                        let words: [&[u8]; 6] = [b"{", b"}", b"1e999", b"-", b"\"", b"<"];
                        bytes.splice(at..at, words[usize::from(*byte) % 6].iter().copied());
                    }
                }
                if bytes.is_empty() {
                    bytes.push(b' ');
                }
            }
            survives(format, &bytes);
        }
    }
}
