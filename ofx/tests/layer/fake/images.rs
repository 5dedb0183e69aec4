//! Images.

use core::ffi::{CStr, c_void};
use std::sync::Mutex;

use ofx::{Components, Depth, RectI};
use ofx_sys as sys;

use super::{Props, Value};

/// Guard bytes around the pixels.
const GUARD: usize = 64;
const GUARD_BYTE: u8 = 0xa5;

/// Pixels with a guard on both sides and between rows.
pub struct FakeImage {
    pub bounds: RectI,
    pub depth: Depth,
    pub components: Components,
    pub stride: usize,
    pub upside_down: bool,
    memory: Mutex<Vec<u8>>,
    /// Overrides of single properties, to break it.
    pub broken: Mutex<Vec<(&'static CStr, Vec<Value>)>>,
}

impl FakeImage {
    pub fn leak(bounds: RectI, depth: Depth, components: Components, upside_down: bool) -> &'static Self {
        let stride = bounds.width() * depth.bytes() * components.channels() + 16;
        let memory = vec![GUARD_BYTE; stride * bounds.height() + 2 * GUARD];
        let (memory, broken) = (Mutex::new(memory), Mutex::default());
        Box::leak(Box::new(Self { bounds, depth, components, stride, upside_down, memory, broken }))
    }

    fn row_start(&self, y: i32) -> usize {
        let up = (y - self.bounds.y1) as usize;
        let row = if self.upside_down { self.bounds.height() - 1 - up } else { up };
        GUARD + row * self.stride
    }

    fn row_length(&self) -> usize {
        self.bounds.width() * self.depth.bytes() * self.components.channels()
    }

    pub fn row(&self, y: i32) -> Vec<u8> {
        let start = self.row_start(y);
        self.memory.lock().unwrap()[start..start + self.row_length()].to_vec()
    }

    pub fn put_row(&self, y: i32, bytes: &[u8]) {
        let start = self.row_start(y);
        self.memory.lock().unwrap()[start..start + self.row_length()].copy_from_slice(bytes);
    }

    /// Whether nothing but pixels was written.
    pub fn guards_hold(&self) -> bool {
        let mut memory = self.memory.lock().unwrap().clone();
        for y in self.bounds.y1..self.bounds.y2 {
            let start = self.row_start(y);
            memory[start..start + self.row_length()].fill(GUARD_BYTE);
        }
        memory.iter().all(|&b| b == GUARD_BYTE)
    }

    pub fn break_with(&self, name: &'static CStr, values: &[Value]) -> &Self {
        self.broken.lock().unwrap().push((name, values.to_vec()));
        self
    }

    /// A new property set for it.
    pub fn describe(&self) -> &'static Props {
        let p = Props::leak();
        let b = self.bounds;
        let rect = [b.x1, b.y1, b.x2, b.y2].map(Value::Int);
        p.set_all(sys::kOfxImagePropBounds, &rect);
        p.set_all(sys::kOfxImagePropRegionOfDefinition, &rect);
        let stride = self.stride as i32;
        p.set(sys::kOfxImagePropRowBytes, if self.upside_down { -stride } else { stride });
        p.set(sys::kOfxImageEffectPropPixelDepth, self.depth.to_name());
        p.set(sys::kOfxImageEffectPropComponents, self.components.to_name().unwrap());
        p.set_all(sys::kOfxImageEffectPropRenderScale, &[Value::Double(1.0), Value::Double(1.0)]);
        p.set(sys::kOfxImagePropPixelAspectRatio, 1.0);
        p.set(sys::kOfxImagePropField, sys::kOfxImageFieldNone);
        p.set(sys::kOfxImageEffectPropPreMultiplication, sys::kOfxImagePreMultiplied);
        p.set(sys::kOfxImagePropUniqueIdentifier, "unique");
        let start = self.row_start(b.y1);
        let mut memory = self.memory.lock().unwrap();
        p.set(sys::kOfxImagePropData, memory.as_mut_ptr().wrapping_add(start).cast::<c_void>());
        for (name, values) in self.broken.lock().unwrap().iter() {
            if values.is_empty() { p.remove(name) } else { p.set_all(name, values) }
        }
        p
    }
}
