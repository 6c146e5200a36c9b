//! The values of a stretch of channels, vector by vector: whole ones as such, and only the last one as a part.
//!
//! What a masked store has written must reach the cache before it can be read again, which costs more than the
//! arithmetic between the two; a branch that always goes the same way costs nothing.
use crate::lanes::Lanes;

/// Reads the first `there` values of a vector, the others are zero.
///
/// # Safety
/// As [`Lanes::load_first`].
#[inline(always)]
pub(crate) unsafe fn load<V: Lanes>(from: *const f32, there: usize) -> V {
    // SAFETY: by contract.
    unsafe {
        if there == V::WIDTH {
            V::load(from)
        } else {
            V::load_first(from, there)
        }
    }
}

/// Writes the first `there` values of a vector.
///
/// # Safety
/// As [`Lanes::store_first`].
#[inline(always)]
pub(crate) unsafe fn store<V: Lanes>(values: V, to: *mut f32, there: usize) {
    // SAFETY: by contract.
    unsafe {
        if there == V::WIDTH {
            values.store(to);
        } else {
            values.store_first(to, there);
        }
    }
}
