//! The other suites, and how all are fetched.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::LazyLock;

use ofx_sys as sys;

use super::{FakeEffect, Props, effects, params, props};

static PARAMS: LazyLock<sys::OfxParameterSuiteV1> = LazyLock::new(params::suite);
static MESSAGE1: LazyLock<sys::OfxMessageSuiteV1> =
    LazyLock::new(|| sys::OfxMessageSuiteV1 { message: Some(variadic(message)) });
static MESSAGE2: LazyLock<sys::OfxMessageSuiteV2> = LazyLock::new(|| sys::OfxMessageSuiteV2 {
    message: Some(variadic(message)),
    setPersistentMessage: Some(variadic(persistent)),
    clearPersistentMessage: Some(clear),
});
/// As in Resolve 14.
static EMPTY_MESSAGE2: sys::OfxMessageSuiteV2 =
    sys::OfxMessageSuiteV2 { message: None, setPersistentMessage: None, clearPersistentMessage: None };

pub unsafe extern "C" fn fetch(
    host: sys::OfxPropertySetHandle,
    name: *const c_char,
    version: c_int,
) -> *const c_void {
    let Some(host) = Props::of(host) else { return core::ptr::null() };
    // SAFETY: the layer passes a terminated string.
    let name = unsafe { CStr::from_ptr(name) };
    let key = format!("{}{version}", name.to_str().unwrap());
    if host.lacks_suite(&key) {
        return core::ptr::null();
    }
    let broken_messages = host.get(c"FakeEmptyMessages").is_some();
    match (name, version) {
        (n, 1) if n == sys::kOfxPropertySuite => (&raw const props::SUITE).cast(),
        (n, 1) if n == sys::kOfxImageEffectSuite => (&raw const effects::SUITE).cast(),
        (n, 1) if n == sys::kOfxParameterSuite => (&raw const *PARAMS).cast(),
        (n, 1) if n == sys::kOfxMessageSuite => (&raw const *MESSAGE1).cast(),
        (n, 2) if n == sys::kOfxMessageSuite && broken_messages => (&raw const EMPTY_MESSAGE2).cast(),
        (n, 2) if n == sys::kOfxMessageSuite => (&raw const *MESSAGE2).cast(),
        (n, 1) if n == sys::kOfxProgressSuite => (&raw const PROGRESS).cast(),
        (n, 1) if n == sys::kOfxMultiThreadSuite => (&raw const THREADS).cast(),
        (n, 1) if n == sys::kOfxMemorySuite => (&raw const MEMORY).cast(),
        (n, 1) if n == sys::kOfxInteractSuite => (&raw const INTERACT).cast(),
        (n, 1) if n == sys::kOfxDrawSuite => (&raw const DRAW).cast(),
        (n, 1) if n == sys::kFnOfxImageEffectPlaneSuite => (&raw const effects::PLANES1).cast(),
        (n, 2) if n == sys::kFnOfxImageEffectPlaneSuite => (&raw const effects::PLANES2).cast(),
        _ => core::ptr::null(),
    }
}

// ---- messages

type Message = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, *const c_char) -> i32;
type Variadic = unsafe extern "C" fn(*mut c_void, *const c_char, *const c_char, *const c_char, ...) -> i32;

fn variadic(f: Message) -> Variadic {
    // SAFETY: see the head of the test crate.
    unsafe { core::mem::transmute::<Message, Variadic>(f) }
}

/// Natron 2.5 loses the arguments of a format, so the layer passes none.
fn note(how: &str, effect: *mut c_void, kind: *const c_char, format: *const c_char) {
    // SAFETY: the layer passes terminated strings.
    let [kind, format] = [kind, format].map(|s| unsafe { CStr::from_ptr(s) }.to_str().unwrap());
    let text = format.replace("%%", "\u{1}");
    assert!(!text.contains('%'), "{format} wants arguments");
    let text = text.replace('\u{1}', "%");
    let effect = FakeEffect::of(effect.cast()).expect("an effect");
    effect.record.messages.lock().unwrap().push((format!("{how} {kind}"), text));
}

unsafe extern "C" fn message(
    effect: *mut c_void,
    kind: *const c_char,
    _: *const c_char,
    format: *const c_char,
) -> i32 {
    if effect.is_null() {
        return sys::kOfxStatOK;
    }
    note("once", effect, kind, format);
    sys::kOfxStatOK
}

unsafe extern "C" fn persistent(
    effect: *mut c_void,
    kind: *const c_char,
    _: *const c_char,
    format: *const c_char,
) -> i32 {
    note("kept", effect, kind, format);
    sys::kOfxStatOK
}

unsafe extern "C" fn clear(effect: *mut c_void) -> i32 {
    *FakeEffect::of(effect.cast()).expect("an effect").record.cleared.lock().unwrap() += 1;
    sys::kOfxStatOK
}

// ---- progress

fn progress(effect: *mut c_void, what: String) -> i32 {
    let record = &FakeEffect::of(effect.cast()).expect("an effect").record;
    record.progress.lock().unwrap().push(what);
    sys::kOfxStatOK
}

unsafe extern "C" fn progress_start(effect: *mut c_void, label: *const c_char) -> i32 {
    // SAFETY: the layer passes a terminated string.
    let label = unsafe { CStr::from_ptr(label) }.to_str().unwrap();
    progress(effect, format!("start {label}"))
}

/// The artist cancels at half.
unsafe extern "C" fn progress_update(effect: *mut c_void, done: f64) -> i32 {
    progress(effect, format!("{done}"));
    if done < 0.5 { sys::kOfxStatOK } else { sys::kOfxStatReplyNo }
}

unsafe extern "C" fn progress_end(effect: *mut c_void) -> i32 {
    progress(effect, "end".to_owned())
}

static PROGRESS: sys::OfxProgressSuiteV1 = sys::OfxProgressSuiteV1 {
    progressStart: Some(progress_start),
    progressUpdate: Some(progress_update),
    progressEnd: Some(progress_end),
};

// ---- threads

std::thread_local! {
    static SPAWNED: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

unsafe extern "C" fn multi_thread(f: sys::OfxThreadFunctionV1, n: c_uint, arg: *mut c_void) -> i32 {
    assert!(!SPAWNED.get(), "multiThread inside multiThread");
    let (f, arg) = (f.unwrap(), arg.expose_provenance());
    std::thread::scope(|s| {
        for i in 0..n {
            s.spawn(move || {
                SPAWNED.set(true);
                // SAFETY: the layer's function with its own argument.
                unsafe { f(i, n, core::ptr::with_exposed_provenance_mut(arg)) };
            });
        }
    });
    sys::kOfxStatOK
}

unsafe extern "C" fn cpus(out: *mut c_uint) -> i32 {
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = 3 };
    sys::kOfxStatOK
}

unsafe extern "C" fn is_spawned() -> c_int {
    SPAWNED.get().into()
}

static THREADS: sys::OfxMultiThreadSuiteV1 = sys::OfxMultiThreadSuiteV1 {
    multiThread: Some(multi_thread),
    multiThreadNumCPUs: Some(cpus),
    multiThreadIndex: None,
    multiThreadIsSpawnedThread: Some(is_spawned),
    mutexCreate: None,
    mutexDestroy: None,
    mutexLock: None,
    mutexUnLock: None,
    mutexTryLock: None,
};

// ---- memory

unsafe extern "C" fn alloc(_: *mut c_void, bytes: usize, out: *mut *mut c_void) -> i32 {
    let block = vec![0xa5a5_a5a5_a5a5_a5a5u64; bytes.div_ceil(8)].leak();
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = block.as_mut_ptr().cast() };
    sys::kOfxStatOK
}

unsafe extern "C" fn free(_: *mut c_void) -> i32 {
    sys::kOfxStatOK
}

static MEMORY: sys::OfxMemorySuiteV1 =
    sys::OfxMemorySuiteV1 { memoryAlloc: Some(alloc), memoryFree: Some(free) };

// ---- interacts: an interact's handle is its property set

unsafe extern "C" fn redraw(interact: sys::OfxInteractHandle) -> i32 {
    Props::of(interact.cast()).expect("an interact").set(c"FakeRedrawn", 1);
    sys::kOfxStatOK
}

unsafe extern "C" fn interact_props(
    interact: sys::OfxInteractHandle,
    out: *mut sys::OfxPropertySetHandle,
) -> i32 {
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = interact.cast() };
    sys::kOfxStatOK
}

static INTERACT: sys::OfxInteractSuiteV1 = sys::OfxInteractSuiteV1 {
    interactSwapBuffers: None,
    interactRedraw: Some(redraw),
    interactGetPropertySet: Some(interact_props),
};

// ---- drawing: a context is an effect, whose record gets what is drawn

fn drawn(context: sys::OfxDrawContextHandle, what: String) -> i32 {
    let effect = FakeEffect::of(context.cast()).expect("a context");
    effect.record.drawn.lock().unwrap().push(what);
    sys::kOfxStatOK
}

unsafe extern "C" fn get_colour(
    _: sys::OfxDrawContextHandle,
    _: sys::OfxStandardColour,
    out: *mut sys::OfxRGBAColourF,
) -> i32 {
    // SAFETY: the layer passes a pointer to write to.
    unsafe { *out = sys::OfxRGBAColourF { r: 0.25, g: 0.5, b: 0.75, a: 1.0 } };
    sys::kOfxStatOK
}

unsafe extern "C" fn set_colour(c: sys::OfxDrawContextHandle, colour: *const sys::OfxRGBAColourF) -> i32 {
    // SAFETY: the layer passes a pointer to read.
    let colour = unsafe { *colour };
    drawn(c, format!("colour {} {} {} {}", colour.r, colour.g, colour.b, colour.a))
}

unsafe extern "C" fn set_width(c: sys::OfxDrawContextHandle, width: f32) -> i32 {
    drawn(c, format!("width {width}"))
}

unsafe extern "C" fn set_stipple(c: sys::OfxDrawContextHandle, pattern: u32) -> i32 {
    drawn(c, format!("stipple {pattern}"))
}

unsafe extern "C" fn draw(
    c: sys::OfxDrawContextHandle,
    primitive: u32,
    points: *const sys::OfxPointD,
    count: c_int,
) -> i32 {
    // SAFETY: the layer passes `count` points.
    let points = unsafe { core::slice::from_raw_parts(points, count as usize) };
    let points: Vec<String> = points.iter().map(|p| format!("{},{}", p.x, p.y)).collect();
    drawn(c, format!("draw {primitive} {}", points.join(" ")))
}

unsafe extern "C" fn text(
    c: sys::OfxDrawContextHandle,
    text: *const c_char,
    at: *const sys::OfxPointD,
    flags: c_int,
) -> i32 {
    // SAFETY: the layer passes a terminated string and a point.
    let (text, at) = unsafe { (CStr::from_ptr(text).to_str().unwrap(), *at) };
    drawn(c, format!("text {text} {},{} {flags}", at.x, at.y))
}

static DRAW: sys::OfxDrawSuiteV1 = sys::OfxDrawSuiteV1 {
    getColour: Some(get_colour),
    setColour: Some(set_colour),
    setLineWidth: Some(set_width),
    setLineStipple: Some(set_stipple),
    draw: Some(draw),
    drawText: Some(text),
};
