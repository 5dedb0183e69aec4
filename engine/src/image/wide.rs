//! Loops compiled for the widest registers of the machine at hand.

/// Runs `f` as compiled for the best instruction set there is. Results do not depend on the set: the compiler never
/// fuses or reorders sums of floats by itself. Only what is inlined into `f` gains.
///
/// The compiler uses wide registers for a loop only if it can see that what is written is not what is read: so
/// kernels write to an array of their own, [`LANES`] values at a time, and copy it out.
#[inline(always)]
pub(crate) fn wide<R>(f: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(f)
}

/// Values that a kernel makes before it copies them out.
pub(crate) const LANES: usize = 64;
