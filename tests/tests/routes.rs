//! The routes to a solved document give the same splines: the button, solving while rendering with and without
//! neighbouring frames, and the command line.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicI32, Ordering};

use host::{Context, Depth, Node, RangeJob, io};
use shapes::Document;
use tests::{MOTION2ROTO, Shot, assert_clean, bundle_path, document, node};

const LAST: i32 = 9;

fn set_up(profile: &str) -> (host::Host, Node) {
    let (host, mut node) = node(profile, MOTION2ROTO, Context::Filter);
    node.connect("Source", Shot::new(LAST).source()).unwrap();
    node.set("shapes", keys().to_json().unwrap()).unwrap();
    node.set("useClipRange", false).unwrap();
    node.set("firstFrame", 1).unwrap();
    node.set("lastFrame", LAST).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    (host, node)
}

fn keys() -> Document {
    document(&[1, 5, LAST])
}

fn by_button(profile: &str) -> Document {
    let (host, mut node) = set_up(profile);
    node.set_time(3.0);
    node.press("solve").unwrap();
    let text = node.get("shapes").unwrap();
    drop(node);
    assert_clean(&host);
    Document::from_json(text.as_text().unwrap()).unwrap()
}

fn while_rendering(profile: &str, passes: usize) -> Document {
    // Each its own file: an earlier result for the same keys would be taken up.
    static RUN: AtomicI32 = AtomicI32::new(0);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(format!("{}.json", RUN.fetch_add(1, Ordering::Relaxed)));
    let (host, mut node) = set_up(profile);
    node.set("solveWhileRendering", true).unwrap();
    node.set("resultFile", file.to_str().unwrap()).unwrap();
    for _ in 0..passes {
        let mut frames = 0;
        node.render_range(&RangeJob::new(1.0, f64::from(LAST)), &mut |_, _| {
            frames += 1;
            true
        })
        .unwrap();
        assert_eq!(frames, LAST);
    }
    drop(node);
    assert_clean(&host);
    Document::load(&file).unwrap()
}

fn by_command(plate_folder: &Path) -> Document {
    let shot = Shot::new(LAST);
    for frame in 1..=LAST {
        let picture = shot.frame(frame).convert(host::Components::Rgb, Depth::Byte);
        io::write(&plate_folder.join(format!("plate.{frame:04}.png")), &picture).unwrap();
    }
    let keys_file = plate_folder.join("keys.json");
    keys().save(&keys_file).unwrap();
    let out = plate_folder.join("solved.json");
    let output = Command::new(tests::command())
        .args(["-q", "motion2roto", "--bundle"])
        .arg(bundle_path())
        .arg("--plate")
        .arg(plate_folder.join("plate.%04d.png"))
        .arg("--shapes")
        .arg(keys_file)
        .args(["--frames", "1-9", "--out-shapes"])
        .arg(&out)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Document::load(&out).unwrap()
}

/// The largest distance between the points of two documents, px.
fn distance(a: &Document, b: &Document) -> f64 {
    let (a, b) = (&a.shapes[0], &b.shapes[0]);
    assert_eq!(a.keys.len(), LAST as usize, "a key on every frame");
    assert_eq!(b.keys.len(), LAST as usize, "a key on every frame");
    let pairs = a.keys.iter().zip(&b.keys).flat_map(|(k, l)| k.points.iter().zip(&l.points));
    pairs.map(|(p, q)| (p.x - q.x).hypot(p.y - q.y)).fold(0.0, f64::max)
}

#[test]
fn all_routes_give_the_same_splines() {
    let button = by_button("natron");
    let folder = tempfile::tempdir().unwrap();
    let routes = [
        ("button in nuke", by_button("nuke")),
        ("while rendering in resolve", while_rendering("resolve", 1)),
        ("while rendering in natron", while_rendering("natron", 1)),
        ("while rendering in mlt", while_rendering("mlt", 1)),
        ("command line", by_command(folder.path())),
    ];
    let far = routes.map(|(name, other)| (name, distance(&button, &other)));
    assert!(far.iter().all(|(_, px)| *px < 1e-3), "px off: {far:?}");
}

#[test]
fn the_splines_follow_the_card() {
    let solved = by_button("full");
    for key in &solved.shapes[0].keys {
        let truth = tests::outline(key.frame as i32);
        for (p, q) in key.points.iter().zip(&truth) {
            let far = (p.x - q.x).hypot(p.y - q.y);
            assert!(far < 0.25, "frame {}: {far} px off", key.frame);
        }
    }
}

#[test]
fn the_artists_keys_are_never_touched() {
    let solved = by_button("full");
    for key in &keys().shapes[0].keys {
        let after = solved.shapes[0].key_at(key.frame).unwrap();
        assert_eq!(after.points, key.points);
        assert!(after.is_artists());
    }
}

#[test]
fn solving_twice_gives_the_same() {
    let (_host, mut node) = set_up("full");
    let mut press = || {
        node.press("solve").unwrap();
        Document::from_json(node.get("shapes").unwrap().as_text().unwrap()).unwrap()
    };
    assert_eq!(press(), press());
}
