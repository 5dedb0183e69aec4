//! Loops compiled for the widest registers of the machine at hand.

/// Runs `f` as compiled for the best instruction set there is. Results do not depend on the set: the compiler never
/// fuses or reorders sums of floats by itself. Only what is inlined gains: the closure has to be marked `#[inline(always)]`.
///
/// The compiler uses wide registers for a loop only if it can see that what is written is not what is read: so
/// kernels write to an array of their own, [`LANES`] values at a time, and copy it out.
#[inline(always)]
pub(crate) fn wide<R>(f: impl FnMut() -> R) -> R {
    pulp::Arch::new().dispatch(Kernel(f))
}

/// A closure that is called as `FnMut`: as `FnOnce` it would be called by way of a function that is not inlined, whatever its mark.
struct Kernel<F>(F);

impl<R, F: FnMut() -> R> pulp::NullaryFnOnce for Kernel<F> {
    type Output = R;

    #[inline(always)]
    fn call(mut self) -> R {
        (self.0)()
    }
}

/// Values that a kernel makes before it copies them out.
pub(crate) const LANES: usize = 64;
