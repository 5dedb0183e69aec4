//! Overlays with a real OpenGL, where Mesa's off-screen library is installed (`libosmesa6`); elsewhere nothing is
//! tested here.

use core::ffi::{c_int, c_uint, c_void};

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use ofx::overlay::{Align, Colour, LineStyle};
use ofx::{Instance, OverlayArgs, Pen, PointD, RenderArgs, Result};
use ofx_sys as sys;

use crate::fake::{FakeHost, Props, effect};
use crate::overlays::{call, entry, event};

const SIDE: usize = 64;
const RGBA: c_uint = 0x1908;
const UNSIGNED_BYTE: c_uint = 0x1401;

effect!(Painted {
    fn render(&self, _: &Instance, _: &RenderArgs) -> Result<()> {
        Ok(())
    }

    const OVERLAY: bool = true;

    fn overlay_draw(&self, _: &Instance, _: &OverlayArgs<'_>, pen: &mut dyn Pen) -> Result<()> {
        pen.colour(Colour::rgb(1.0, 0.0, 0.0));
        pen.rectangle(PointD::new(0.0, 0.0), PointD::new(16.0, 8.0));
        pen.colour(Colour::rgb(0.0, 1.0, 0.0));
        pen.line_width(3.0);
        pen.line_strip(&[PointD::new(-32.0, 20.0), PointD::new(32.0, 20.0)]);
        pen.line_style(LineStyle::Dot);
        pen.line_strip(&[PointD::new(-32.0, -20.0), PointD::new(32.0, -20.0)]);
        pen.line_style(LineStyle::Solid);
        pen.line_width(1.0);
        pen.colour(Colour::rgb(0.0, 0.0, 1.0));
        pen.text(PointD::new(-30.0, -10.0), "Key 7", Align::Left);
        Ok(())
    }
});

type Create = unsafe extern "C" fn(c_uint, *mut c_void) -> *mut c_void;
type MakeCurrent = unsafe extern "C" fn(*mut c_void, *mut c_void, c_uint, c_int, c_int) -> u8;
type Ortho = unsafe extern "C" fn(f64, f64, f64, f64, f64, f64);
type OfInt = unsafe extern "C" fn(c_uint, *mut c_int);
type Plain = unsafe extern "C" fn();

/// Mesa with a context that is current, whose canonical view is 64 units wide around 0, 0.
struct Mesa {
    library: Library,
    pixels: Vec<u8>,
}

impl Mesa {
    fn start() -> Option<Self> {
        // SAFETY: Mesa's initialisers do no harm. Global, so that OpenGL is found as in a host that links it.
        let library = unsafe { Library::open(Some("libOSMesa.so.8"), RTLD_NOW | RTLD_GLOBAL) }.ok()?;
        let mut mesa = Self { library, pixels: vec![0; SIDE * SIDE * 4] };
        let side = SIDE as c_int;
        // SAFETY: the functions have these types in Mesa; the pixels are as many as the size says, and outlive the
        // context, which is never used again after the test.
        unsafe {
            let create: Create = *mesa.library.get(c"OSMesaCreateContext").ok()?;
            let make_current: MakeCurrent = *mesa.library.get(c"OSMesaMakeCurrent").ok()?;
            let context = create(RGBA, core::ptr::null_mut());
            let pixels = mesa.pixels.as_mut_ptr().cast();
            assert_eq!(make_current(context, pixels, UNSIGNED_BYTE, side, side), 1);
            let ortho: Ortho = *mesa.library.get(c"glOrtho").ok()?;
            ortho(-32.0, 32.0, -32.0, 32.0, -1.0, 1.0);
        }
        Some(mesa)
    }

    fn int(&self, name: c_uint) -> c_int {
        let mut value = -1;
        // SAFETY: a context is current; these names have one value.
        unsafe {
            let get: OfInt = *self.library.get(c"glGetIntegerv").unwrap();
            get(name, &raw mut value);
        }
        value
    }

    fn finish(&self) {
        // SAFETY: a context is current.
        unsafe {
            let finish: Plain = *self.library.get(c"glFinish").unwrap();
            finish();
        }
    }

    /// Red, green, blue at a canonical point.
    fn at(&self, x: i32, y: i32) -> [u8; 3] {
        let at = ((y + 32) as usize * SIDE + (x + 32) as usize) * 4;
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    fn count(&self, colour: [u8; 3], rows: core::ops::Range<i32>) -> usize {
        let row = |y| (-32..32).filter(move |&x| self.at(x, y) == colour).count();
        rows.map(row).sum()
    }
}

#[test]
fn opengl_draws_and_leaves_no_trace() {
    let Some(mesa) = Mesa::start() else { return };
    let mut host = FakeHost::new("test");
    let (_, effect) = host.instance::<Painted>();
    let entry = entry(effect, sys::kOfxImageEffectPluginPropOverlayInteractV1);
    // Blend, line smooth, matrix mode, depths of the attribute and matrix stacks, the error.
    let state = || [0xbe2, 0xb20, 0xba0, 0xbb0, 0xba3, 0xba4].map(|name| mesa.int(name));
    let before = state();
    let draw = call(entry, sys::kOfxInteractActionDraw, Props::leak(), Some(event(effect)));
    mesa.finish();
    assert_eq!(draw, sys::kOfxStatOK);
    assert_eq!(state(), before);
    // y is up, and so is Mesa's first row down.
    assert_eq!(mesa.count([255, 0, 0], 0..8), 16 * 8);
    assert_eq!(mesa.at(-1, 4), [0, 0, 0]);
    let (solid, dotted) = (mesa.count([0, 255, 0], 19..21), mesa.count([0, 255, 0], -21..-19));
    assert!(solid >= 120, "{solid}");
    assert!((40..90).contains(&dotted), "{dotted}");
    let text = (-10..-4).flat_map(|y| (-32..32).map(move |x| (x, y))).filter(|&(x, y)| mesa.at(x, y)[2] > 40);
    let text = text.count();
    assert!((30..200).contains(&text), "{text}");
}
