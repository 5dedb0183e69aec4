//! Face Roto, stopped: by the artist at the progress bar, and by a host that wants no more of a render.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use host::picture::Picture;
use host::source::{FrameSource, SourceError, SourceFormat};
use host::{CancelToken, Context, Error, Host, Node, Progress, RenderJob};
use tests::{FACE_ROTO, FaceShot, assert_clean, node};

const LAST: i32 = 6;

/// A shot that counts the pictures it gives, and cancels with one of them.
struct Counted {
    shot: FaceShot,
    given: Arc<AtomicUsize>,
    stop: Option<(usize, CancelToken)>,
}

impl FrameSource for Counted {
    fn format(&self) -> SourceFormat {
        self.shot.format()
    }

    fn frame_range(&self) -> (f64, f64) {
        self.shot.frame_range()
    }

    fn picture(&self, time: f64) -> Result<Arc<Picture>, SourceError> {
        let count = self.given.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some((at, token)) = &self.stop
            && count == *at
        {
            token.cancel();
        }
        self.shot.picture(time)
    }
}

/// A node on a shot with two keyed frames, whose pictures are counted; the picture of this number cancels.
fn counted(profile: &str, stop: Option<usize>) -> (Host, Node, Arc<AtomicUsize>) {
    let (host, mut node) = node(profile, FACE_ROTO, Context::Filter);
    let shot = FaceShot::new(LAST);
    node.set("shapes", shot.document(&[1, LAST]).to_json().unwrap()).unwrap();
    let given = Arc::new(AtomicUsize::new(0));
    let stop = stop.map(|at| (at, node.cancel_token()));
    node.connect("Source", Arc::new(Counted { shot, given: Arc::clone(&given), stop })).unwrap();
    node.set_text("plateEncoding", None, "Display or log").unwrap();
    node.set_time(1.0);
    (host, node, given)
}

fn text(node: &Node, name: &str) -> String {
    node.get(name).unwrap().as_text().unwrap().to_owned()
}

/// How often a button asks whether to go on, when it may.
fn asked_in_all(button: &str) -> usize {
    let (host, mut node, _) = counted("full", None);
    let asked = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&asked);
    host.on_progress(move |p| {
        counting.fetch_add(usize::from(matches!(p, Progress::Update(_))), Ordering::Relaxed);
        true
    });
    node.press(button).unwrap();
    asked.load(Ordering::Relaxed)
}

#[test]
fn cancelling_at_any_time_ends_the_work_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("puppet.face");
    let all = asked_in_all("analyse");
    assert!(all > 12, "asked {all} times");
    let analysing = [1, 2, 3, all / 4, all / 2, all - 1].map(|stop| ("analyse", "", stop));
    let learning = [1, 2, 3].map(|stop| ("learn", file.to_str().unwrap(), stop));
    for (button, face, stop) in analysing.into_iter().chain(learning) {
        let (host, mut node, given) = counted("full", None);
        node.set("faceFile", face).unwrap();
        let before = text(&node, "shapes");
        let token = node.cancel_token();
        let (asked, given_then) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (asking, counting, now) = (Arc::clone(&asked), Arc::clone(&given_then), Arc::clone(&given));
        host.on_progress(move |p| {
            if matches!(p, Progress::Update(_)) && asking.fetch_add(1, Ordering::Relaxed) + 1 == stop {
                counting.store(now.load(Ordering::Relaxed), Ordering::Relaxed);
                token.cancel();
            }
            true
        });
        match node.press(button) {
            Ok(()) | Err(Error::Cancelled) => {}
            Err(e) => panic!("{button}, {stop}: {e}"),
        }
        assert_eq!(asked.load(Ordering::Relaxed), stop, "{button}: asked after it was told to stop");
        assert_eq!(
            given.load(Ordering::Relaxed),
            given_then.load(Ordering::Relaxed),
            "{button}, {stop}: pictures were fetched after it was told to stop"
        );
        assert_eq!(text(&node, "shapes"), before, "{button}, {stop}");
        assert!(!file.exists(), "{button}, {stop}");
        node.cancel_token().reset();
        drop(node);
        assert_clean(&host);
    }
}

#[test]
fn a_render_that_is_not_wanted_any_more_ends_its_analysis() {
    let all = {
        let (_host, mut node, given) = counted("resolve", None);
        node.set("analyseWhileRendering", true).unwrap();
        node.render(&RenderJob::at(1.0)).unwrap();
        given.load(Ordering::Relaxed)
    };
    assert!(all >= LAST as usize, "{all} pictures");
    for stop in [2, 3, all - 1, all] {
        let (host, mut node, given) = counted("resolve", Some(stop));
        node.set("analyseWhileRendering", true).unwrap();
        assert!(matches!(node.render(&RenderJob::at(1.0)), Err(Error::Cancelled)), "{stop}");
        assert_eq!(
            given.load(Ordering::Relaxed),
            stop,
            "pictures were fetched after the render was cancelled"
        );
        node.cancel_token().reset();
        // The next render begins anew.
        assert!(node.render(&RenderJob::at(1.0)).is_ok(), "{stop}");
        drop(node);
        assert_clean(&host);
    }
}
