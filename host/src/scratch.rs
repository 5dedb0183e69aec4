//! Strings lent to plug-ins. Each is good until the next call on the same thread; a host with transient strings makes
//! sure that one kept longer is seen to be wrong.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::{CString, c_char};

/// Lent strings that are kept alive: by number, and by bytes.
const KEPT: usize = 512;
const KEPT_BYTES: usize = 32 << 20;

thread_local! {
    static LENT: RefCell<VecDeque<Vec<Vec<u8>>>> = const { RefCell::new(VecDeque::new()) };
}

/// Pointers to copies of the strings; `transient` spoils what was lent before.
pub(crate) fn lend(strings: Vec<CString>, transient: bool) -> Vec<*mut c_char> {
    let mut copies: Vec<Vec<u8>> = strings.into_iter().map(CString::into_bytes_with_nul).collect();
    let pointers = copies.iter_mut().map(|c| c.as_mut_ptr().cast()).collect();
    LENT.with_borrow_mut(|lent| {
        for copy in lent.back_mut().into_iter().flatten().filter(|_| transient) {
            let n = copy.len();
            copy[..n - 1].fill(b'?');
        }
        lent.push_back(copies);
        let bytes = |l: &VecDeque<Vec<Vec<u8>>>| l.iter().flatten().map(Vec::len).sum::<usize>();
        while lent.len() > 1 && (lent.len() > KEPT || (lent.len() > 8 && bytes(lent) > KEPT_BYTES)) {
            lent.pop_front();
        }
    });
    pointers
}
