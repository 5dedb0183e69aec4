//! Groups and pages: how params are arranged.

use core::ffi::CStr;

use ofx_sys as sys;

use super::common::{Common, Param, ParamProps, builders};
use crate::error::Result;
use crate::props::optional;

/// A group of params under one heading that folds.
#[derive(Debug, Clone, Copy)]
pub struct Group<'a> {
    common: Common<'a>,
    open: bool,
}

impl<'a> Group<'a> {
    /// Open at first.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label), open: true }
    }

    /// Folded at first, where the host knows OpenFX 1.2.
    pub const fn closed(mut self) -> Self {
        self.open = false;
        self
    }
}

builders!(all Group);

impl Param for Group<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypeGroup
    }

    fn describe(&self, p: &ParamProps<'_>) -> Result<()> {
        if p.since(1, 2) {
            optional(p.set_int(sys::kOfxParamPropGroupOpen, 0, self.open.into()));
        }
        Ok(())
    }
}

/// A page (tab) of params, in hosts that have pages.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    common: Common<'a>,
}

impl<'a> Page<'a> {
    /// A page.
    pub const fn new(name: &'a CStr, label: &'a CStr) -> Self {
        Self { common: Common::new(name, label) }
    }
}

builders!(all Page);

impl Param for Page<'_> {
    fn common(&self) -> Common<'_> {
        self.common
    }

    fn kind(&self) -> &'static CStr {
        sys::kOfxParamTypePage
    }

    fn describe(&self, _: &ParamProps<'_>) -> Result<()> {
        Ok(())
    }
}
