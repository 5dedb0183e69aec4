//! The memory suite, and image memory of the image effect suite.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ofx_sys::{OfxImageEffectHandle, OfxImageMemoryHandle, OfxMemorySuiteV1, OfxStatus};

use crate::call::{self, answer, null, put};
use crate::handle::{self, Handle, Object};
use crate::object::EffectObject;
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::violation::{Rule, Severity};

pub(super) static SUITE: OfxMemorySuiteV1 =
    OfxMemorySuiteV1 { memoryAlloc: Some(memory_alloc), memoryFree: Some(memory_free) };

/// OpenFX names no alignment; vectors of any machine like this one.
const ALIGNMENT: usize = 64;

/// A block of memory, freed on drop.
pub(crate) struct Block {
    pointer: *mut u8,
    layout: Layout,
    /// The plug-in that asked for it.
    pub plugin: Arc<str>,
}

// SAFETY: the block is owned; plug-ins may pass it between threads.
unsafe impl Send for Block {}
// SAFETY: this side never reads it.
unsafe impl Sync for Block {}

impl Block {
    fn new(bytes: usize) -> Option<Block> {
        let layout = Layout::from_size_align(bytes.max(1), ALIGNMENT).ok()?;
        // SAFETY: the size is not zero.
        let pointer = unsafe { alloc(layout) };
        let plugin = call::current().map_or_else(|| "".into(), |c| c.plugin);
        (!pointer.is_null()).then_some(Block { pointer, layout, plugin })
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`, and freed once.
        unsafe { dealloc(self.pointer, self.layout) };
    }
}

/// The host that this thread works for, or else the one most likely.
fn host() -> Result<Arc<Shared>, Status> {
    call::current().map(|c| c.shared).or_else(|| Shared::suspects().into_iter().next()).ok_or(Status::FAILED)
}

unsafe extern "C" fn memory_alloc(instance: *mut c_void, bytes: usize, to: *mut *mut c_void) -> OfxStatus {
    answer("memoryAlloc", || {
        let shared = match instance.is_null() {
            true => host()?,
            false => handle::find::<EffectObject>(instance, "memoryAlloc")?.shared.clone(),
        };
        let block = Block::new(bytes).ok_or(Status::MEMORY)?;
        let pointer = block.pointer;
        // SAFETY: the plug-in gives room for a pointer.
        unsafe { put(to, pointer.cast(), "memoryAlloc") }?;
        lock(&shared.blocks).insert(pointer as usize, block);
        Ok(())
    })
}

unsafe extern "C" fn memory_free(pointer: *mut c_void) -> OfxStatus {
    answer("memoryFree", || {
        if pointer.is_null() {
            return Err(null("memoryFree"));
        }
        let found = Shared::all().iter().any(|h| lock(&h.blocks).remove(&(pointer as usize)).is_some());
        if !found {
            let message = "memoryFree was given a pointer that is not of the memory suite, or freed already";
            call::violate(Rule::BadHandle, Severity::Error, message.into());
            return Err(Status::BAD_HANDLE);
        }
        Ok(())
    })
}

/// A block of image memory.
pub(crate) struct ImageMemory {
    pub handle: Handle,
    block: Block,
    locks: AtomicUsize,
    effect: Mutex<std::sync::Weak<EffectObject>>,
}

pub(super) unsafe extern "C" fn image_alloc(
    effect: OfxImageEffectHandle,
    bytes: usize,
    to: *mut OfxImageMemoryHandle,
) -> OfxStatus {
    answer("imageMemoryAlloc", || {
        let effect = handle::find::<EffectObject>(effect.cast(), "imageMemoryAlloc")?;
        let block = Block::new(bytes).ok_or(Status::MEMORY)?;
        let memory = Arc::new_cyclic(|me| ImageMemory {
            handle: Handle::new(Object::Memory(me.clone())),
            block,
            locks: AtomicUsize::new(0),
            effect: Mutex::new(Arc::downgrade(&effect)),
        });
        // SAFETY: the plug-in gives room for a handle.
        unsafe { put(to, memory.handle.as_ptr(), "imageMemoryAlloc") }?;
        lock(&effect.memory).insert(memory.handle.raw(), memory);
        Ok(())
    })
}

pub(super) unsafe extern "C" fn image_free(memory: OfxImageMemoryHandle) -> OfxStatus {
    answer("imageMemoryFree", || {
        let memory = handle::find::<ImageMemory>(memory as *const c_void, "imageMemoryFree")?;
        if memory.locks.load(Ordering::SeqCst) > 0 {
            let message = "imageMemoryFree on memory that is locked".to_owned();
            call::violate(Rule::LeakedMemory, Severity::Warning, message);
        }
        let effect = lock(&memory.effect).upgrade().ok_or(Status::BAD_HANDLE)?;
        lock(&effect.memory).remove(&memory.handle.raw());
        Ok(())
    })
}

pub(super) unsafe extern "C" fn image_lock(memory: OfxImageMemoryHandle, to: *mut *mut c_void) -> OfxStatus {
    answer("imageMemoryLock", || {
        let memory = handle::find::<ImageMemory>(memory as *const c_void, "imageMemoryLock")?;
        // SAFETY: the plug-in gives room for a pointer.
        unsafe { put(to, memory.block.pointer.cast(), "imageMemoryLock") }?;
        memory.locks.fetch_add(1, Ordering::SeqCst);
        Ok(())
    })
}

pub(super) unsafe extern "C" fn image_unlock(memory: OfxImageMemoryHandle) -> OfxStatus {
    answer("imageMemoryUnlock", || {
        let memory = handle::find::<ImageMemory>(memory as *const c_void, "imageMemoryUnlock")?;
        let before = memory.locks.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if before.is_err() {
            let message = "imageMemoryUnlock on memory that is not locked".to_owned();
            call::violate(Rule::ForbiddenCall, Severity::Warning, message);
        }
        Ok(())
    })
}
