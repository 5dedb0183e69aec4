//! Loops compiled for the widest registers of the machine at hand.

pub(crate) use pulp::NullaryFnOnce;

/// Runs `f` as compiled for the best instruction set there is. Results do not depend on the set: the compiler never
/// fuses or reorders sums of floats by itself. Only what is inlined into `f` gains, and a closure that holds much is not
/// inlined itself: a type whose `call` is marked `#[inline(always)]` is.
///
/// The compiler uses wide registers for a loop only if it can see that what is written is not what is read: so
/// kernels write to an array of their own, [`LANES`] values at a time, and copy it out.
#[inline(always)]
pub(crate) fn wide<R>(f: impl NullaryFnOnce<Output = R>) -> R {
    pulp::Arch::new().dispatch(f)
}

/// Values that a kernel makes before it copies them out.
pub(crate) const LANES: usize = 64;
