//! The message suites; their variadic functions are in param_shim.c.

use std::ffi::{CStr, c_char, c_int, c_void};

use ofx_sys::{OfxMessageSuiteV1, OfxMessageSuiteV2, OfxStatus};

use crate::call::{self, answer, text};
use crate::handle;
use crate::object::EffectObject;
use crate::report::{Message, MessageKind};
use crate::shared::{Shared, lock};
use crate::status::Status;
use crate::violation::{Rule, Severity};

unsafe extern "C" {
    fn ofxhost_message_post(
        handle: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> OfxStatus;
    fn ofxhost_message_persist(
        handle: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> OfxStatus;
}

pub(super) static V1: OfxMessageSuiteV1 = OfxMessageSuiteV1 { message: Some(ofxhost_message_post) };

pub(super) static V2: OfxMessageSuiteV2 = OfxMessageSuiteV2 {
    message: Some(ofxhost_message_post),
    setPersistentMessage: Some(ofxhost_message_persist),
    clearPersistentMessage: Some(clear),
};

fn kind_of(name: &CStr) -> MessageKind {
    [
        (ofx_sys::kOfxMessageFatal, MessageKind::Fatal),
        (ofx_sys::kOfxMessageError, MessageKind::Error),
        (ofx_sys::kOfxMessageWarning, MessageKind::Warning),
        (ofx_sys::kOfxMessageMessage, MessageKind::Message),
        (ofx_sys::kOfxMessageLog, MessageKind::Log),
        (ofx_sys::kOfxMessageQuestion, MessageKind::Question),
    ]
    .iter()
    .find(|k| k.0 == name)
    .map_or(MessageKind::Unknown, |k| k.1)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ofxhost_message(
    handle: *mut c_void,
    persistent: c_int,
    kind: *const c_char,
    id: *const c_char,
    words: *const c_char,
) -> OfxStatus {
    let function = if persistent != 0 { "setPersistentMessage" } else { "message" };
    answer(function, || {
        // SAFETY: the plug-in gives C strings, and NULL where it has no id.
        let (kind, words) = unsafe { (text(kind, function)?, text(words, function)?) };
        let id = if id.is_null() {
            String::new()
        } else {
            // SAFETY: not null.
            unsafe { CStr::from_ptr(id) }.to_string_lossy().into_owned()
        };
        // Before there is an effect, plug-ins may give NULL.
        let effect = match handle.is_null() {
            true => None,
            false => Some(handle::find::<EffectObject>(handle, function)?),
        };
        let shared = effect.as_ref().map(|e| e.shared.clone());
        let shared = shared.or_else(|| call::current().map(|c| c.shared));
        let shared = shared.or_else(|| Shared::suspects().into_iter().next()).ok_or(Status::FAILED)?;
        let message = Message {
            kind: kind_of(kind),
            id,
            text: words.to_string_lossy().into_owned(),
            persistent: persistent != 0,
            effect: effect.as_ref().map(|e| e.id.to_string()).unwrap_or_default(),
        };
        if message.kind == MessageKind::Unknown {
            let text = format!("{function} of the unknown type {}", kind.to_string_lossy());
            shared.report(Rule::ForbiddenCall, Severity::Warning, text);
        }
        if let Some(effect) = &effect {
            *lock(&effect.said) = Some(message.text.clone());
        }
        if let (true, Some(effect)) = (message.persistent, &effect) {
            *lock(&effect.persistent) = Some(message.clone());
        }
        let question = message.kind == MessageKind::Question;
        match (question, shared.hear(message)) {
            (false, _) => Ok(()),
            (true, true) => Err(Status::REPLY_YES),
            (true, false) => Err(Status::REPLY_NO),
        }
    })
}

unsafe extern "C" fn clear(handle: *mut c_void) -> OfxStatus {
    answer("clearPersistentMessage", || {
        let effect = handle::find::<EffectObject>(handle, "clearPersistentMessage")?;
        *lock(&effect.persistent) = None;
        Ok(())
    })
}
