//! The bundle in hosts that others wrote: melt and the reference host library. `make test-hosts` installs both and runs this.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use host::{Bundle, Context, Host, Profile, RenderJob, io};
use shapes::{Key, Point, Shape};
use tests::FaceShot;

const EFFECTS: [&str; 4] = [
    "org.splitline.Motion2Roto",
    "org.splitline.MotionVectors",
    "org.splitline.FaceRoto",
    "org.splitline.MatteToRoto",
];
const FILTER: &str = EFFECTS[0];

/// One step of 8 bits: both hosts let the effect render bytes, and take them as they are.
const MATTE_TOLERANCE: f32 = 1.001 / 255.0;

/// Frames rendered in melt, from the sample's first one.
const FRAMES: usize = 12;

#[test]
fn melt_finds_every_effect() {
    let folder = MeltFolder::new();
    let listed = folder.melt(&["-query", "filters"]);
    for effect in EFFECTS {
        assert!(listed.contains(&format!("openfx.{effect}")), "melt does not list {effect}:\n{listed}");
    }
}

#[test]
fn melt_renders_the_mattes_that_our_host_renders() {
    let folder = MeltFolder::new();
    let plate = root().join("resources/sample/plate.####.jpg").display().to_string();
    let shapes = folder.outside().join("shapes.json");
    solve(&plate, &shapes);

    let pattern = io::Pattern::new(&plate);
    for (to, frame) in pattern.frames().unwrap().into_iter().take(FRAMES).enumerate() {
        let copy = folder.outside().join(format!("plate.{to:04}.jpg"));
        std::fs::copy(pattern.path(frame), copy).unwrap();
    }
    let source =
        Arc::new(io::Sequence::open(&folder.outside().join("plate.####.jpg").display().to_string()).unwrap());
    let bounds = host::FrameSource::format(&*source).bounds;
    folder.write_profile(bounds.width(), bounds.height());
    folder.melt(&[
        "-silent",
        "-profile",
        &folder.inside("profile"),
        &folder.inside("plate.%04d.jpg"),
        "begin=0",
        "ttl=1",
        "-filter",
        &format!("openfx.{FILTER}"),
        &format!("shapesFile={}", folder.inside("shapes.json")),
        "-consumer",
        &format!("avformat:{}", folder.inside("out.rgba")),
        "f=rawvideo",
        "vcodec=rawvideo",
        "pix_fmt=rgba",
        "an=1",
        "real_time=-1",
    ]);
    let theirs = std::fs::read(folder.outside().join("out.rgba")).unwrap();
    let frame_bytes = bounds.width() * bounds.height() * 4;
    assert_eq!(theirs.len(), FRAMES * frame_bytes, "melt rendered another number of frames");

    let bundle = Bundle::load(bundle()).unwrap();
    let host = Host::new(Profile::named("mlt").unwrap());
    let mut node = host.effect(&bundle, FILTER).unwrap().create(Context::Filter).unwrap();
    node.connect("Source", source).unwrap();
    node.assign(&format!("shapesFile={}", shapes.display())).unwrap();
    for (time, theirs) in theirs.chunks_exact(frame_bytes).enumerate() {
        let ours = node.render(&RenderJob::at(time as f64)).unwrap();
        let (mut worst, mut sum) = (0.0f32, 0.0);
        for (i, their) in theirs.chunks_exact(4).enumerate() {
            let (x, row) = (i % bounds.width(), i / bounds.width());
            let our = ours.sample(bounds.x1 + x as i32, bounds.y2 - 1 - row as i32, 3);
            worst = worst.max((our - f32::from(their[3]) / 255.0).abs());
            sum += f64::from(our);
        }
        let covered = sum / (theirs.len() / 4) as f64;
        assert!((0.005..0.95).contains(&covered), "frame {time}: {covered} of the picture is matte");
        assert!(worst <= MATTE_TOLERANCE, "frame {time}: the mattes differ by {} of 255", worst * 255.0);
    }
}

/// Learns a face in our own host.
fn learn(file: &str) {
    let bundle = Bundle::load_isolated(bundle()).unwrap();
    let host = Host::new(Profile::named("full").unwrap());
    let mut node = host.effect(&bundle, EFFECTS[2]).unwrap().create(Context::Filter).unwrap();
    node.connect("Source", FaceShot::new(3).source()).unwrap();
    node.set("shapes", FaceShot::new(3).document(&[1, 3]).to_json().unwrap()).unwrap();
    node.set("faceFile", file).unwrap();
    node.press("learn").unwrap();
}

#[test]
fn the_reference_host_runs_every_effect() {
    let folder = tempfile::tempdir().unwrap();
    // The reference host's pictures are 720x576 with pixels 768/720 wide: 768 wide in the document's square pixels.
    let corners = [(192.0, 72.0), (576.0, 72.0), (576.0, 288.0), (192.0, 288.0)];
    let points = corners.map(|(x, y)| Point::corner(x, y)).to_vec();
    let mut document = FaceShot::new(1).document(&[0]);
    (document.width, document.height) = (768, 576);
    document.shapes = vec![Shape::new("box", true, vec![Key::new(0.0, points)])];
    let shapes = folder.path().join("box.json");
    document.save(&shapes).unwrap();
    let in_folder = |name: &str| folder.path().join(name).display().to_string();
    learn(&in_folder("box.face"));
    let out = Command::new(cache().join("reference/reference"))
        .arg(folder.path())
        .arg("org.splitline.")
        .arg(format!("shapesFile={}", shapes.display()))
        .args(["useClipRange=0", "firstFrame=0", "lastFrame=3"])
        // The document that loadFile brings has no such landmark to remove.
        .args(["landmarkName=middle", "removeLandmark=no"])
        .arg(format!("resultFile={}", in_folder("result.json")))
        .arg(format!("importFile={}", shapes.display()))
        .arg(format!("exportFile={}", in_folder("exported.json")))
        .args(["exportFormat=1", "exportOverwrite=1"])
        .arg(format!("faceFile={}", in_folder("box.face")))
        .env("OFX_PLUGIN_PATH", bundle().parent().unwrap())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{text}\n{}", String::from_utf8_lossy(&out.stderr));
    for effect in EFFECTS {
        assert!(
            text.contains(&format!("ok {effect} OfxImageEffectContextFilter")),
            "{effect} did not run:\n{text}"
        );
    }

    let rendered =
        std::fs::read(folder.path().join(format!("{FILTER}.OfxImageEffectContextFilter.rgba"))).unwrap();
    for (i, pixel) in rendered.chunks_exact(4).enumerate() {
        let (x, y) = (i % 720, i / 720);
        let inside = (180..540).contains(&x) && (72..288).contains(&y);
        assert_eq!(pixel[3], if inside { 255 } else { 0 }, "the matte of a box, at ({x}, {y})");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn bundle() -> PathBuf {
    let bundle = root().join("dist/Splitline.ofx.bundle");
    assert!(bundle.is_dir(), "{} is missing: run `make test-hosts`", bundle.display());
    bundle
}

/// Where `make test-hosts` installs the hosts.
fn cache() -> PathBuf {
    std::env::var_os("SPLITLINE_CACHE")
        .map(PathBuf::from)
        .expect("SPLITLINE_CACHE is unset: run `make test-hosts`")
}

/// The sample's splines on every frame, as the command line makes them.
fn solve(plate: &str, shapes: &Path) {
    let splitline = std::env::var_os("SPLITLINE").expect("SPLITLINE is unset: run `make test-hosts`");
    let status = Command::new(splitline)
        .args(["-q", "motion2roto", "--plate", plate, "--shapes"])
        .arg(root().join("resources/sample/keys.json"))
        .arg("--out-shapes")
        .arg(shapes)
        .arg("--bundle")
        .arg(bundle())
        .status()
        .unwrap();
    assert!(status.success(), "splitline motion2roto: {status}");
}

/// A folder within melt's own root, with a copy of the bundle.
struct MeltFolder {
    root: PathBuf,
    folder: tempfile::TempDir,
}

impl MeltFolder {
    fn new() -> Self {
        let root = cache().join("melt");
        let folder = tempfile::tempdir_in(root.join("tmp")).unwrap();
        let copied = Command::new("cp").arg("-R").arg(bundle()).arg(folder.path()).status().unwrap();
        assert!(copied.success(), "copying the bundle: {copied}");
        MeltFolder { root, folder }
    }

    /// Its path for us.
    fn outside(&self) -> &Path {
        self.folder.path()
    }

    /// The path of one of its files for melt.
    fn inside(&self, name: &str) -> String {
        Path::new("/")
            .join(self.folder.path().strip_prefix(&self.root).unwrap())
            .join(name)
            .display()
            .to_string()
    }

    fn write_profile(&self, width: usize, height: usize) {
        let text = format!(
            "description=sample\nframe_rate_num=24\nframe_rate_den=1\nwidth={width}\nheight={height}\nprogressive=1\n\
             sample_aspect_num=1\nsample_aspect_den=1\ndisplay_aspect_num={width}\ndisplay_aspect_den={height}\n\
             colorspace=709\n"
        );
        std::fs::write(self.outside().join("profile"), text).unwrap();
    }

    /// What melt prints. Its exit status says little: look at what it made.
    fn melt(&self, args: &[&str]) -> String {
        let out = Command::new("chroot")
            .arg(&self.root)
            .args([
                "env",
                &format!("OFX_PLUGIN_PATH={}", self.inside("")),
                "MLT_REPOSITORY_DENY=libmltqt6",
                "melt",
            ])
            .args(args)
            .output()
            .unwrap();
        assert!(out.status.success(), "melt: {}\n{}", out.status, String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    }
}
