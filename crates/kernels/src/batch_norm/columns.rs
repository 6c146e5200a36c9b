//! How the kernels of batch normalisation walk: tiles of rows, and within a tile blocks of channels, each of which goes
//! through all rows of the tile while its coefficients stay in registers.
use crate::lanes::Lanes;
use crate::linear::Activation;

/// Rows whose sums are one chain. Part of the definition of every sum over rows, so of the bits.
pub(super) const TILE: usize = 64;
/// Parts of the work for each thread: a thread that comes late, on a machine that is busy, leaves its parts to the others.
pub(super) const TASKS: usize = 4;
/// Vectors of a wide block.
const WIDE: usize = 4;

/// What is done with the channels of a tile. Not a closure: what handles lanes must melt into its caller.
pub(super) trait Columns {
    /// φ, where the work knows one.
    fn activation(&self) -> Activation;

    /// The channels from `first` on, of which so many are there: `N` whole vectors, or part of one where `N` is 1.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`]; the channels are there, and what the implementation writes is its caller's.
    unsafe fn block<V: Lanes, const N: usize>(
        &self,
        activation: Activation,
        first: usize,
        there: usize,
    );
}

/// Does the work with all channels, block after block.
///
/// # Safety
/// As [`Columns::block`].
#[inline(always)]
pub(super) unsafe fn columns<V: Lanes>(channels: usize, work: &impl Columns) {
    use Activation::{Identity, LeakyRelu, Relu, Sigmoid, Tanh};
    // Each with its activation as a constant, so that the choice is not made again for every value.
    // SAFETY: by contract.
    unsafe {
        match work.activation() {
            Identity => blocks::<V>(channels, work, Identity),
            Relu => blocks::<V>(channels, work, Relu),
            LeakyRelu(slope) => blocks::<V>(channels, work, LeakyRelu(slope)),
            Sigmoid => blocks::<V>(channels, work, Sigmoid),
            Tanh => blocks::<V>(channels, work, Tanh),
        }
    }
}

/// # Safety
/// As [`Columns::block`].
#[inline(always)]
unsafe fn blocks<V: Lanes>(channels: usize, work: &impl Columns, activation: Activation) {
    let wide = WIDE * V::WIDTH;
    let mut first = 0;
    // SAFETY: by contract; the blocks lie within the channels.
    unsafe {
        while first + wide <= channels {
            work.block::<V, WIDE>(activation, first, wide);
            first += wide;
        }
        while first < channels {
            work.block::<V, 1>(activation, first, (channels - first).min(V::WIDTH));
            first += V::WIDTH;
        }
    }
}

/// The values of a block.
///
/// # Safety
/// Called within [`Lanes::enter`]; `there` values can be read.
#[inline(always)]
pub(super) unsafe fn load<V: Lanes, const N: usize>(from: *const f32, there: usize) -> [V; N] {
    // SAFETY: by contract: only a single vector may be a part.
    unsafe {
        let mut values = [V::splat(0.0); N];
        for (index, value) in values.iter_mut().enumerate() {
            *value = match N {
                1 => V::load_first(from, there),
                _ => V::load(from.add(index * V::WIDTH)),
            };
        }
        values
    }
}

/// Writes the values of a block.
///
/// # Safety
/// As [`load`], for writes.
#[inline(always)]
pub(super) unsafe fn store<V: Lanes, const N: usize>(values: [V; N], to: *mut f32, there: usize) {
    // SAFETY: by contract.
    unsafe {
        for (index, value) in values.into_iter().enumerate() {
            match N {
                1 => value.store_first(to, there),
                _ => value.store(to.add(index * V::WIDTH)),
            }
        }
    }
}
