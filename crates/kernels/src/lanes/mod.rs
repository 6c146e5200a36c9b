//! SIMD lanes: a few floats handled as one value, one type for each instruction set.
//!
//! The kernels are generic over [`Lanes`]; everything marked `#[inline(always)]` melts into the one
//! function that carries the `#[target_feature]` attribute, [`Lanes::enter`]. Every operation is the
//! same IEEE operation on every type (in particular, multiply-add is fused everywhere), which is why
//! the bits of a result do not depend on the instruction set.
use crate::algebra::Algebra;
use crate::context::InstructionSet;
use std::ops::Range;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod portable;
pub(crate) mod sums;

#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
pub(crate) use portable::Portable;

/// Work that is compiled once for each lane type, with its instruction set switched on.
pub(crate) trait Kernel {
    /// What the work returns.
    type Output;
    /// The work. Implementations are `#[inline(always)]`, and so is all they call that handles lanes.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`, and every pointer in `self` is valid for what the
    /// implementation says it reads and writes.
    unsafe fn run<V: Lanes>(self) -> Self::Output;
}

/// A pack of `WIDTH` floats.
pub(crate) trait Lanes: Algebra + Copy + 'static {
    /// How many floats.
    const WIDTH: usize;
    /// Rows of a register tile, for tiles 1, 2, 3 and 4 vectors wide: chosen so that accumulators, one
    /// row of the panel and a broadcast fit the register file.
    const TILE_ROWS: [usize; 4];

    /// Runs a kernel with the instruction set switched on.
    ///
    /// # Safety
    /// The processor has it, and the kernel's own conditions hold.
    unsafe fn enter<K: Kernel>(kernel: K) -> K::Output;

    /// All lanes equal.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`].
    unsafe fn splat(value: f32) -> Self;
    /// Reads `WIDTH` floats.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; `from` is valid for that many reads (no alignment needed).
    unsafe fn load(from: *const f32) -> Self;
    /// Reads `count ≤ WIDTH` floats, the other lanes are zero.
    ///
    /// # Safety
    /// As [`Lanes::load`], for `count` reads.
    unsafe fn load_first(from: *const f32, count: usize) -> Self;
    /// Writes `WIDTH` floats.
    ///
    /// # Safety
    /// `to` is valid for that many writes.
    unsafe fn store(self, to: *mut f32);
    /// Writes the first `count ≤ WIDTH` floats.
    ///
    /// # Safety
    /// As [`Lanes::store`], for `count` writes.
    unsafe fn store_first(self, to: *mut f32, count: usize);

    /// Turns a square of `WIDTH` × `WIDTH` floats: row i from `from + i · from_stride`, its column j to
    /// `to + j · to_stride`.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; every row is valid for `WIDTH` reads, or writes.
    unsafe fn turn(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize);

    /// Square root, correctly rounded.
    fn sqrt(self) -> Self;
    /// The smaller of the two; not-a-number in `self` stays.
    fn at_most(self, bound: Self) -> Self;
    /// The larger of the two; not-a-number in `self` stays.
    fn at_least(self, bound: Self) -> Self;
    /// 2^n, for lanes that hold 1.5·2²³ + n with −126 ≤ n ≤ 127: n sits in the low bits of the mantissa
    /// and is moved into the exponent of 1.0.
    fn power_of_two(self) -> Self;
}

/// The vectors that cover a range: where each begins, and how many of its lanes are in the range.
#[inline(always)]
pub(crate) fn vectors<V: Lanes>(range: Range<usize>) -> impl Iterator<Item = (usize, usize)> {
    let end = range.end;
    range
        .step_by(V::WIDTH)
        .map(move |first| (first, (end - first).min(V::WIDTH)))
}

/// Runs a kernel on an instruction set.
///
/// # Safety
/// `set` is available (a [`crate::context::Context`] only holds such sets) and the kernel's own
/// conditions hold.
pub(crate) unsafe fn run<K: Kernel>(set: InstructionSet, kernel: K) -> K::Output {
    debug_assert!(set.is_available());
    // SAFETY: the caller vouches for the instruction set and for the kernel.
    unsafe {
        match set {
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => Avx512::enter(kernel),
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => Avx2::enter(kernel),
            _ => Portable::enter(kernel),
        }
    }
}

/// Implements [`Algebra`] for a lane type from its arithmetic and the shared activations.
macro_rules! lanes_algebra {
    ($lanes:ty, add: $add:expr, sub: $sub:expr, mul: $mul:expr, div: $div:expr, mul_add: $mul_add:expr,
     relu: $relu:expr, positive: $positive:expr $(,)?) => {
        impl crate::algebra::Algebra for $lanes {
            #[inline(always)]
            fn constant(&self, value: f64) -> Self {
                // SAFETY: `self` exists, so we are within `enter`.
                unsafe { <Self as crate::lanes::Lanes>::splat(value as f32) }
            }
            #[inline(always)]
            fn add(&self, other: &Self) -> Self {
                $add(*self, *other)
            }
            #[inline(always)]
            fn sub(&self, other: &Self) -> Self {
                $sub(*self, *other)
            }
            #[inline(always)]
            fn mul(&self, other: &Self) -> Self {
                $mul(*self, *other)
            }
            #[inline(always)]
            fn div(&self, other: &Self) -> Self {
                $div(*self, *other)
            }
            #[inline(always)]
            fn mul_add(&self, factor: &Self, term: &Self) -> Self {
                $mul_add(*self, *factor, *term)
            }
            #[inline(always)]
            fn exp(&self) -> Self {
                crate::activation::exp(*self)
            }
            #[inline(always)]
            fn sigmoid(&self) -> Self {
                crate::activation::sigmoid(*self)
            }
            #[inline(always)]
            fn tanh(&self) -> Self {
                crate::activation::tanh(*self)
            }
            #[inline(always)]
            fn relu(&self) -> Self {
                $relu(*self)
            }
            #[inline(always)]
            fn positive(&self) -> Self {
                $positive(*self)
            }
            #[inline(always)]
            fn clamp(&self, low: f64, high: f64) -> Self {
                use crate::lanes::Lanes;
                self.at_least(self.constant(low))
                    .at_most(self.constant(high))
            }
        }
    };
}
pub(crate) use lanes_algebra;
