//! The suites beside properties, effects and params; and binaries.

// The tests are the plug-in: what OpenFX asks of a plug-in holds at each of its calls.
#![allow(unsafe_code, clippy::undocumented_unsafe_blocks)]

mod support;

use std::ffi::{CStr, c_uint, c_void};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use host::{Bundle, Context, Error, MessageKind, Progress, RenderJob, Rule};
use support::*;

static FOUND: Mutex<Vec<bool>> = Mutex::new(Vec::new());
const ASKED: [(&CStr, i32); 11] = [
    (kOfxParametricParameterSuite, 1),
    (kOfxMessageSuite, 2),
    (kOfxProgressSuite, 1),
    (kOfxProgressSuite, 2),
    (kOfxTimeLineSuite, 1),
    (kOfxInteractSuite, 1),
    (kOfxDrawSuite, 1),
    (kFnOfxImageEffectPlaneSuite, 2),
    (kOfxDialogSuite, 1),
    (kOfxOpenGLRenderSuite, 1),
    (kOfxPropertySuite, 2),
];
plugin!(fetches, |api, act| {
    if act.is(kOfxActionLoad) {
        let found = ASKED.iter().map(|(n, v)| api.suite::<u8>(n, *v).is_some()).collect();
        *FOUND.lock().unwrap() = found;
    }
    copier(api, act)
});

#[test]
fn each_host_has_its_suites() {
    for (profile, expected) in [
        ("full", "ynyyyyyynn"),
        ("nuke", "yyynyynynn"),
        ("resolve", "nnynyynnnn"),
        ("natron", "yyyyyynynn"),
        ("mlt", "yyyyyynnnn"),
        ("minimal", "nnnnnnnnnn"),
    ] {
        let host = host(profile);
        host.effects(&fetches::bundle()).unwrap();
        let found: String = FOUND.lock().unwrap().iter().map(|f| if *f { 'y' } else { 'n' }).collect();
        let expected = if profile == "full" { "yyyyyyyyynn".into() } else { format!("{expected}n") };
        assert_eq!(found, expected, "{profile}");
    }
}

static HOST_SEEN: Mutex<String> = Mutex::new(String::new());
plugin!(asks_host, |api, act| {
    if act.is(kOfxActionLoad) {
        let p = unsafe { (*api.host).host };
        let version = api.int(p, kOfxPropVersion, 0);
        let api_version = [0, 1].map(|i| api.int(p, kOfxPropAPIVersion, i).unwrap());
        let flag = |n| api.int(p, n, 0).unwrap();
        let flags = [
            flag(kOfxImageEffectPropSupportsOverlays),
            flag(kOfxImageEffectPropSupportsMultiResolution),
            flag(kOfxImageEffectPropSupportsTiles),
            flag(kOfxImageEffectPropTemporalClipAccess),
            flag(kOfxParamHostPropSupportsStringAnimation),
        ];
        let name = api.text(p, kOfxPropName).unwrap();
        *HOST_SEEN.lock().unwrap() = format!("{name} {api_version:?} {} {flags:?}", version.is_some());
    }
    copier(api, act)
});

#[test]
fn host_properties_are_the_profile() {
    for (profile, expected) in [
        ("nuke", "uk.co.thefoundry.nuke [1, 2] true [1, 1, 1, 1, 0]"),
        ("resolve", "DaVinciResolve [1, 3] false [1, 0, 0, 1, 0]"),
        ("natron", "fr.inria.Natron [1, 4] true [1, 1, 1, 1, 1]"),
        ("mlt", "MLT [1, 5] true [0, 0, 0, 0, 0]"),
        ("minimal", "org.splitline.minimal [1, 0] false [0, 0, 0, 0, 0]"),
    ] {
        let host = host(profile);
        host.effects(&asks_host::bundle()).unwrap();
        assert_eq!(*HOST_SEEN.lock().unwrap(), expected);
    }
}

plugin!(speaks, |api, act| with_button(api, act, |api, effect| {
    let m = api.suite::<OfxMessageSuiteV2>(kOfxMessageSuite, 2).unwrap();
    let handle = effect.cast::<c_void>();
    let long = c(&"x".repeat(2000));
    unsafe {
        let format = c"%d frames of %s at %.1f".as_ptr();
        m.message.unwrap()(
            handle,
            kOfxMessageWarning.as_ptr(),
            c"id".as_ptr(),
            format,
            12,
            c"Source".as_ptr(),
            2.5,
        );
        m.message.unwrap()(handle, kOfxMessageLog.as_ptr(), std::ptr::null(), c"%s".as_ptr(), long.as_ptr());
        assert_eq!(
            m.message.unwrap()(handle, kOfxMessageQuestion.as_ptr(), std::ptr::null(), c"?".as_ptr()),
            13
        );
        m.setPersistentMessage.unwrap()(
            handle,
            kOfxMessageError.as_ptr(),
            std::ptr::null(),
            c"no keys".as_ptr(),
        );
    }
    1
}));

#[test]
fn messages_are_heard_and_explain_failures() {
    let host = host("full");
    host.on_message(|m| m.kind != MessageKind::Question);
    let mut node = node(&host, &speaks::bundle());
    let error = node.press("go").unwrap_err().to_string();
    assert!(
        error.contains("test.speaks failed OfxActionInstanceChanged with kOfxStatFailed: no keys"),
        "{error}"
    );
    let all = host.messages();
    assert_eq!((all[0].kind, all[0].id.as_str()), (MessageKind::Warning, "id"));
    assert_eq!(all[0].text, "12 frames of Source at 2.5");
    assert_eq!(all[1].text.len(), 2000);
    assert_eq!(node.persistent_message().unwrap().text, "no keys");
    assert_eq!(host.violations(), []);
}

plugin!(works, |api, act| with_button(api, act, |api, effect| {
    let p = api.suite::<OfxProgressSuiteV2>(kOfxProgressSuite, 2).unwrap();
    let handle = effect.cast::<c_void>();
    unsafe {
        p.progressStart.unwrap()(handle, c"Solving".as_ptr(), std::ptr::null());
        let mut status = OK;
        for i in 1..=4 {
            let (fetched, image) = api.image_at(effect, c"Source", f64::from(i * 2), None);
            assert_eq!((fetched, api.release(image)), (OK, OK));
            if p.progressUpdate.unwrap()(handle, f64::from(i) / 4.0) == kOfxStatReplyNo {
                status = kOfxStatFailed;
                break;
            }
        }
        p.progressEnd.unwrap()(handle);
        status
    }
}));

#[test]
fn buttons_work_over_time_show_progress_and_stop() {
    let full = host("full");
    let steps = Arc::new(Mutex::new(Vec::new()));
    let heard = steps.clone();
    full.on_progress(move |p| {
        heard.lock().unwrap().push(p.clone());
        true
    });
    let mut first = node(&full, &works::bundle());
    first.press("go").unwrap();
    let seen = steps.lock().unwrap().clone();
    assert_eq!((seen.len(), &seen[0]), (6, &Progress::Start { label: "Solving".into() }));
    assert_eq!(full.violations(), []);
    let token = first.cancel_token();
    full.on_progress(move |p| {
        if matches!(p, Progress::Update(x) if *x >= 0.5) {
            token.cancel();
        }
        true
    });
    assert!(matches!(first.press("go"), Err(Error::Cancelled)));
    first.cancel_token().reset();
    full.on_progress(|p| !matches!(p, Progress::Update(_)));
    assert!(matches!(first.press("go"), Err(Error::Action { .. })));
    let mlt = host("mlt");
    assert!(matches!(node(&mlt, &works::bundle()).press("go"), Err(Error::Unsupported { .. })));
}

static PRESSES: AtomicU32 = AtomicU32::new(0);

plugin!(nervous, |api, act| {
    if act.is(kOfxImageEffectActionDescribeInContext) {
        api.define(act.effect(), kOfxParamTypeDouble, c"gain");
    }
    with_button(api, act, |api, effect| {
        let p = api.suite::<OfxProgressSuiteV1>(kOfxProgressSuite, 1).unwrap();
        let n = PRESSES.fetch_add(1, Ordering::SeqCst);
        let gain = api.param(effect, c"gain");
        let mut v = -1.0f64;
        unsafe {
            assert_eq!(api.params().paramSetValueAtTime.unwrap()(gain, 3.0, f64::from(n) + 1.0), OK);
            assert_eq!(api.params().paramGetValue.unwrap()(gain, &mut v as *mut f64), OK);
            p.progressUpdate.unwrap()(effect.cast(), 0.5);
        }
        OLD.lock().unwrap().push(v);
        OK
    })
});
static OLD: Mutex<Vec<f64>> = Mutex::new(Vec::new());

#[test]
fn a_second_click_comes_from_within_and_sets_wait_while_it_plays() {
    let host = host("natron");
    let mut node = node(&host, &nervous::bundle());
    node.press_twice("go").unwrap();
    assert_eq!(PRESSES.load(Ordering::SeqCst), 2);
    node.play(true);
    node.press("go").unwrap();
    assert_eq!(node.get("gain").unwrap(), 3.0.into());
    node.play(false);
    // The inner press ended first; the last read what the second had left.
    assert_eq!(*OLD.lock().unwrap(), [2.0, 1.0, 2.0]);
    assert_eq!(host.violations(), []);
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

struct Shared {
    api: Api,
    mutex: OfxMutexHandle,
    effect: OfxImageEffectHandle,
}

unsafe extern "C" fn slice(index: c_uint, number: c_uint, arg: *mut c_void) {
    let shared = unsafe { &*arg.cast::<Shared>() };
    let t = shared.api.suite::<OfxMultiThreadSuiteV1>(kOfxMultiThreadSuite, 1).unwrap();
    let mut own = 0;
    unsafe {
        assert_eq!(t.multiThreadIndex.unwrap()(&mut own), OK);
        assert_eq!((own, number, t.multiThreadIsSpawnedThread.unwrap()()), (index, 4, 1));
        for _ in 0..100 {
            t.mutexLock.unwrap()(shared.mutex);
            t.mutexLock.unwrap()(shared.mutex);
            let now = COUNTER.load(Ordering::Relaxed);
            std::hint::spin_loop();
            COUNTER.store(now + 1, Ordering::Relaxed);
            t.mutexUnLock.unwrap()(shared.mutex);
            t.mutexUnLock.unwrap()(shared.mutex);
        }
        let (status, image) = shared.api.image_at(shared.effect, c"Source", 3.0, None);
        assert_eq!((status, shared.api.release(image)), (OK, OK));
    }
}

plugin!(threads, |api, act| with_button(api, act, |api, effect| {
    let t = api.suite::<OfxMultiThreadSuiteV1>(kOfxMultiThreadSuite, 1).unwrap();
    let (mut mutex, mut cpus, mut own) = (std::ptr::null_mut(), 0, 0);
    unsafe {
        t.multiThreadNumCPUs.unwrap()(&mut cpus);
        assert!(cpus > 0 && t.multiThreadIsSpawnedThread.unwrap()() == 0);
        assert_eq!(t.multiThreadIndex.unwrap()(&mut own), kOfxStatFailed);
        t.mutexCreate.unwrap()(&mut mutex, 0);
        let mut shared = Shared { api: *api, mutex, effect };
        assert_eq!(t.multiThread.unwrap()(Some(slice), 4, std::ptr::from_mut(&mut shared).cast()), OK);
        assert_eq!(t.mutexTryLock.unwrap()(mutex), OK);
        assert_eq!(t.mutexUnLock.unwrap()(mutex), OK);
        assert_eq!(t.mutexUnLock.unwrap()(mutex), kOfxStatFailed);
        t.mutexDestroy.unwrap()(mutex);
        assert_eq!(t.mutexLock.unwrap()(mutex), kOfxStatErrBadHandle);
    }
    OK
}));

#[test]
fn threads_and_mutexes_are_real() {
    let host = host("natron");
    node(&host, &threads::bundle()).press("go").unwrap();
    assert_eq!(COUNTER.load(Ordering::SeqCst), 400);
    assert_eq!(rules(&host.violations()), [Rule::ForbiddenCall, Rule::BadHandle]);
}

plugin!(travels, |api, act| with_button(api, act, |api, effect| {
    let t = api.suite::<OfxTimeLineSuiteV1>(kOfxTimeLineSuite, 1).unwrap();
    let (mut a, mut b, mut now) = (0.0, 0.0, 0.0);
    unsafe {
        t.getTimeBounds.unwrap()(effect.cast(), &mut a, &mut b);
        t.getTime.unwrap()(effect.cast(), &mut now);
        t.gotoTime.unwrap()(effect.cast(), b);
    }
    assert_eq!((a, b, now), (1.0, 10.0, 4.0));
    OK
}));

#[test]
fn the_timeline_moves() {
    let host = host("full");
    let mut node = node(&host, &travels::bundle());
    node.set_time(4.0);
    node.press("go").unwrap();
    assert_eq!(node.time(), 10.0);
}

plugin!(curves, |api, act| {
    let suite = || api.suite::<OfxParametricParameterSuiteV1>(kOfxParametricParameterSuite, 1).unwrap();
    if act.is(kOfxImageEffectActionDescribeInContext) {
        let p = api.define(act.effect(), kOfxParamTypeParametric, c"curve");
        api.set_int(p, kOfxParamPropParametricDimension, 0, 2);
    }
    with_button(api, act, |api, effect| {
        let p = api.param(effect, c"curve");
        let (s, mut v, mut n) = (suite(), 0.0, 0);
        unsafe {
            s.parametricParamAddControlPoint.unwrap()(p, 1, 0.0, 0.5, 2.0, false);
            assert_eq!(s.parametricParamGetValue.unwrap()(p, 1, 0.0, 0.25, &mut v), OK);
            assert_eq!(v, 1.0);
            s.parametricParamGetNControlPoints.unwrap()(p, 0, 0.0, &mut n);
            assert_eq!(n, 2);
            assert_eq!(s.parametricParamGetValue.unwrap()(p, 2, 0.0, 0.5, &mut v), kOfxStatErrBadIndex);
        }
        OK
    })
});

#[test]
fn curves_are_kept_and_saved() {
    let full = host("full");
    let mut node = node(&full, &curves::bundle());
    let before = node.save_state().unwrap();
    node.press("go").unwrap();
    let after = node.save_state().unwrap();
    assert_ne!(before, after);
    node.restore_state(&after).unwrap();
    assert_eq!(node.save_state().unwrap(), after);
    assert_eq!(full.violations(), []);
    let resolve = host("resolve");
    resolve.effects(&curves::bundle()).unwrap()[0].create(Context::Filter).unwrap();
    assert!(rules(&resolve.violations()).contains(&Rule::BadDescription));
}

plugin!(optional, |api, act| {
    let effect = act.effect();
    if act.is(kOfxImageEffectActionDescribeInContext) {
        copier(api, act);
        let mask = api.define_clip(effect, c"Mask");
        return api.set_int(mask, kOfxImageClipPropOptional, 0, 1);
    }
    if act.is(kOfxImageEffectActionRender) {
        let connected = api.int(api.clip_props(effect, c"Mask"), kOfxImageClipPropConnected, 0);
        let (status, image) = api.image_at(effect, c"Mask", 2.0, None);
        *SEEN_MASK.lock().unwrap() = (connected, status, image.is_null());
        if !image.is_null() {
            assert_eq!(api.pointer(image, kOfxImagePropData), None);
            api.release(image);
        }
    }
    copier(api, act)
});
static SEEN_MASK: Mutex<(Option<i32>, i32, bool)> = Mutex::new((None, 0, false));

#[test]
fn unconnected_clips_are_what_each_host_makes_of_them() {
    for (profile, expected) in [
        ("full", (Some(0), kOfxStatFailed, true)),
        ("resolve", (Some(1), OK, true)),
        ("mlt", (None, OK, false)),
    ] {
        let host = host(profile);
        node(&host, &optional::bundle()).render(&RenderJob::at(2.0)).unwrap();
        assert_eq!(*SEEN_MASK.lock().unwrap(), expected, "{profile}");
        assert_eq!(host.violations(), []);
    }
}

/// A plug-in of one file of C, built by the machine's own compiler.
const SOURCE: &str = r#"
typedef struct { const char *api; int version; const char *id; unsigned major, minor;
                 void (*set_host)(void *); int (*entry)(const char *, const void *, void *, void *); } Plugin;
static int loads;
static void set_host(void *host) { (void)host; }
static int entry(const char *a, const void *h, void *i, void *o)
{ (void)h; (void)i; (void)o; if (a[9] == 'L') return loads++ ? 1 : 0; return 14; }
static Plugin plugin = { "OfxImageEffectPluginAPI", 1, "test.binary", 3, 4, set_host, entry };
int OfxGetNumberOfPlugins(void) { return 1; }
Plugin *OfxGetPlugin(int n) { return n == 0 ? &plugin : 0; }
"#;

#[test]
fn binaries_are_opened_or_explained() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("plugin.c");
    std::fs::write(&source, SOURCE).unwrap();
    let bundle = folder.path().join("Test.ofx.bundle");
    let arch = if cfg!(target_arch = "aarch64") { "Linux-aarch64" } else { "Linux-x86-64" };
    let inside = bundle.join("Contents").join(arch);
    let error = |path: &std::path::Path| Bundle::load(path).err().unwrap().to_string();
    assert!(error(&bundle).contains("no such file"));
    std::fs::create_dir_all(&inside).unwrap();
    assert!(error(&bundle).contains("it has no Contents"));
    let binary = inside.join("Test.ofx");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let built = std::process::Command::new(&compiler)
        .args(["-shared", "-fPIC", "-o"])
        .args([&binary, &source])
        .status()
        .unwrap();
    assert!(built.success());
    assert_eq!(Bundle::load(&bundle).unwrap().ids(), ["test.binary"]);
    assert_eq!(Bundle::load(&binary).unwrap().ids(), ["test.binary"]);
    // Each private copy counts its own loads, and fails the second.
    let host = host("full");
    for _ in 0..2 {
        let copy = Bundle::load_isolated(&bundle).unwrap();
        let failed = host.effect(&copy, "test.binary").err().unwrap();
        assert!(failed.to_string().contains("OfxActionDescribe"), "{failed}");
        let failed = host.effect(&copy, "test.binary").err().unwrap();
        assert!(failed.to_string().contains("OfxActionLoad"), "{failed}");
    }
    let other = folder.path().join("Other.ofx");
    std::fs::write(&source, "int nothing;").unwrap();
    let built = std::process::Command::new(compiler)
        .args(["-shared", "-fPIC", "-o"])
        .args([&other, &source])
        .status();
    assert!(built.unwrap().success());
    assert!(error(&other).contains("does not export OfxGetNumberOfPlugins"));
    std::fs::write(&other, "no library").unwrap();
    assert!(error(&other).contains("cannot load"));
}
