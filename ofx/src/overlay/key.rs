//! Keys by their symbols. Letters, digits and signs have the number of their ASCII character.

use ofx_sys as sys;

/// Back space.
pub const BACKSPACE: i32 = sys::kOfxKey_BackSpace;
/// Tab.
pub const TAB: i32 = sys::kOfxKey_Tab;
/// Return.
pub const RETURN: i32 = sys::kOfxKey_Return;
/// Enter, on the number pad.
pub const ENTER: i32 = sys::kOfxKey_KP_Enter;
/// Escape.
pub const ESCAPE: i32 = sys::kOfxKey_Escape;
/// Delete.
pub const DELETE: i32 = sys::kOfxKey_Delete;
/// Home.
pub const HOME: i32 = sys::kOfxKey_Home;
/// End.
pub const END: i32 = sys::kOfxKey_End;
/// Left.
pub const LEFT: i32 = sys::kOfxKey_Left;
/// Up.
pub const UP: i32 = sys::kOfxKey_Up;
/// Right.
pub const RIGHT: i32 = sys::kOfxKey_Right;
/// Down.
pub const DOWN: i32 = sys::kOfxKey_Down;
/// Page up.
pub const PAGE_UP: i32 = sys::kOfxKey_Page_Up;
/// Page down.
pub const PAGE_DOWN: i32 = sys::kOfxKey_Page_Down;
/// Left shift.
pub const SHIFT_LEFT: i32 = sys::kOfxKey_Shift_L;
/// Right shift.
pub const SHIFT_RIGHT: i32 = sys::kOfxKey_Shift_R;
/// Left control.
pub const CONTROL_LEFT: i32 = sys::kOfxKey_Control_L;
/// Right control.
pub const CONTROL_RIGHT: i32 = sys::kOfxKey_Control_R;
/// Left alt.
pub const ALT_LEFT: i32 = sys::kOfxKey_Alt_L;
/// Right alt.
pub const ALT_RIGHT: i32 = sys::kOfxKey_Alt_R;
/// Left meta (command).
pub const META_LEFT: i32 = sys::kOfxKey_Meta_L;
/// Right meta (command).
pub const META_RIGHT: i32 = sys::kOfxKey_Meta_R;
