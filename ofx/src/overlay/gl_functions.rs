//! OpenGL's fixed functions, found at run time in the library that the host has loaded: the bundle links no OpenGL.

use std::sync::OnceLock;

/// GLenum, GLbitfield, GLuint.
pub(crate) type Enum = u32;

macro_rules! functions {
    ($($field:ident = $symbol:literal ($($arg:ty),*);)+) => {
        /// The functions.
        pub(crate) struct GlFunctions {
            $(pub(crate) $field: unsafe extern "system" fn($($arg),*),)+
        }

        impl GlFunctions {
            fn from_library(library: &platform::Library) -> Option<Self> {
                Some(Self {
                    $($field: {
                        // SAFETY: OpenGL's ABI gives this name this type; the library is never unloaded.
                        let symbol = unsafe {
                            library.get::<unsafe extern "system" fn($($arg),*)>($symbol)
                        };
                        *symbol.ok()?
                    },)+
                })
            }
        }
    };
}

functions! {
    push_attrib = "glPushAttrib" (Enum);
    pop_attrib = "glPopAttrib" ();
    matrix_mode = "glMatrixMode" (Enum);
    push_matrix = "glPushMatrix" ();
    pop_matrix = "glPopMatrix" ();
    enable = "glEnable" (Enum);
    disable = "glDisable" (Enum);
    blend_func = "glBlendFunc" (Enum, Enum);
    hint = "glHint" (Enum, Enum);
    line_width = "glLineWidth" (f32);
    line_stipple = "glLineStipple" (i32, u16);
    polygon_mode = "glPolygonMode" (Enum, Enum);
    begin = "glBegin" (Enum);
    end = "glEnd" ();
    vertex = "glVertex2d" (f64, f64);
    colour = "glColor4f" (f32, f32, f32, f32);
}

pub(crate) const ENABLE_BIT: Enum = 0x2000;
pub(crate) const LINE_BIT: Enum = 0x4;
pub(crate) const POLYGON_BIT: Enum = 0x8;
pub(crate) const CURRENT_BIT: Enum = 0x1;
pub(crate) const COLOR_BUFFER_BIT: Enum = 0x4000;
pub(crate) const HINT_BIT: Enum = 0x8000;
pub(crate) const TRANSFORM_BIT: Enum = 0x1000;
pub(crate) const MODELVIEW: Enum = 0x1700;
pub(crate) const PROJECTION: Enum = 0x1701;
pub(crate) const BLEND: Enum = 0xbe2;
pub(crate) const LINE_SMOOTH: Enum = 0xb20;
pub(crate) const LINE_STIPPLE: Enum = 0xb24;
pub(crate) const LINE_SMOOTH_HINT: Enum = 0xc52;
pub(crate) const DONT_CARE: Enum = 0x1100;
pub(crate) const TEXTURE_1D: Enum = 0xde0;
pub(crate) const TEXTURE_2D: Enum = 0xde1;
pub(crate) const LIGHTING: Enum = 0xb50;
pub(crate) const DEPTH_TEST: Enum = 0xb71;
pub(crate) const CULL_FACE: Enum = 0xb44;
pub(crate) const SRC_ALPHA: Enum = 0x302;
pub(crate) const ONE_MINUS_SRC_ALPHA: Enum = 0x303;
pub(crate) const FRONT_AND_BACK: Enum = 0x408;
pub(crate) const FILL: Enum = 0x1b02;
pub(crate) const LINES: Enum = 0x1;
pub(crate) const LINE_LOOP: Enum = 0x2;
pub(crate) const LINE_STRIP: Enum = 0x3;
pub(crate) const POLYGON: Enum = 0x9;

/// The functions, if this process has OpenGL. Looked for once.
pub(crate) fn functions() -> Option<&'static GlFunctions> {
    static FUNCTIONS: OnceLock<Option<GlFunctions>> = OnceLock::new();
    let functions = FUNCTIONS.get_or_init(|| {
        let found = platform::libraries().find_map(|library| {
            let functions = GlFunctions::from_library(&library)?;
            // Never unloaded: the function pointers stay valid.
            core::mem::forget(library);
            Some(functions)
        });
        if found.is_none() {
            log::warn!("no OpenGL found: overlays are not drawn");
        }
        found
    });
    functions.as_ref()
}

#[cfg(unix)]
mod platform {
    pub(super) use libloading::os::unix::Library;
    use libloading::os::unix::{RTLD_LAZY, RTLD_LOCAL};

    #[cfg(target_os = "macos")]
    const NAMES: &[&str] = &["/System/Library/Frameworks/OpenGL.framework/OpenGL"];
    #[cfg(not(target_os = "macos"))]
    const NAMES: &[&str] = &["libGL.so.1", "libOpenGL.so.0"];
    #[cfg(target_os = "macos")]
    const NO_LOAD: i32 = 0x10;
    #[cfg(not(target_os = "macos"))]
    const NO_LOAD: i32 = 0x4;

    /// What the host has linked, then what it has loaded by itself, then what can be loaded.
    pub(super) fn libraries() -> impl Iterator<Item = Library> {
        let open = |name: &'static str, extra: i32| {
            // SAFETY: the system's OpenGL, whose initialisers run in every host that draws overlays anyway.
            unsafe { Library::open(Some(name), RTLD_LAZY | RTLD_LOCAL | extra) }.ok()
        };
        core::iter::once_with(Library::this)
            .chain(NAMES.iter().filter_map(move |name| open(name, NO_LOAD)))
            .chain(NAMES.iter().filter_map(move |name| open(name, 0)))
    }
}

#[cfg(windows)]
mod platform {
    pub(super) use libloading::os::windows::Library;

    pub(super) fn libraries() -> impl Iterator<Item = Library> {
        let loaded = core::iter::once_with(|| Library::open_already_loaded("opengl32.dll").ok());
        // SAFETY: the system's OpenGL, whose initialisers run in every host that draws overlays anyway.
        let fresh = core::iter::once_with(|| unsafe { Library::new("opengl32.dll") }.ok());
        loaded.chain(fresh).flatten()
    }
}
