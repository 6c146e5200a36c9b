//! Eight lanes on AVX2 with FMA.
use super::{Kernel, Lanes, lanes_algebra};
use std::arch::x86_64::*;

/// Eight floats. A value of this type only exists within [`Lanes::enter`], so the instructions behind
/// its safe methods are known to be there.
#[derive(Clone, Copy)]
pub(crate) struct Avx2(__m256);

// SAFETY (all of them): a value exists, so we are within `enter` and the processor has AVX2 and FMA.
lanes_algebra!(
    Avx2,
    // SAFETY: as above.
    add: |a: Avx2, b: Avx2| Avx2(unsafe { _mm256_add_ps(a.0, b.0) }),
    // SAFETY: as above.
    sub: |a: Avx2, b: Avx2| Avx2(unsafe { _mm256_sub_ps(a.0, b.0) }),
    // SAFETY: as above.
    mul: |a: Avx2, b: Avx2| Avx2(unsafe { _mm256_mul_ps(a.0, b.0) }),
    // SAFETY: as above.
    div: |a: Avx2, b: Avx2| Avx2(unsafe { _mm256_div_ps(a.0, b.0) }),
    // SAFETY: as above.
    mul_add: |a: Avx2, b: Avx2, c: Avx2| Avx2(unsafe { _mm256_fmadd_ps(a.0, b.0, c.0) }),
    // SAFETY: as above. A mask rather than a maximum, which would keep the sign of −0; not-a-number
    // compares as "not at most zero" and stays.
    relu: |a: Avx2| Avx2(unsafe {
        let kept = _mm256_cmp_ps::<_CMP_NLE_UQ>(a.0, _mm256_setzero_ps());
        _mm256_and_ps(kept, a.0)
    }),
    // SAFETY: as above.
    positive: |a: Avx2| Avx2(unsafe {
        let above = _mm256_cmp_ps::<_CMP_GT_OQ>(a.0, _mm256_setzero_ps());
        _mm256_and_ps(above, _mm256_set1_ps(1.0))
    }),
);

/// A window of eight that starts `8 − count` in is a mask of the first `count` lanes.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

#[inline(always)]
unsafe fn first(count: usize) -> __m256i {
    debug_assert!(count <= 8);
    // SAFETY: within `enter`; the window lies inside MASKS since count ≤ 8.
    unsafe { _mm256_loadu_si256(MASKS.as_ptr().add(8 - count).cast()) }
}

impl Lanes for Avx2 {
    const WIDTH: usize = 8;
    const TILE_ROWS: [usize; 4] = [8, 6, 4, 3];

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    unsafe fn enter<K: Kernel>(kernel: K) -> K::Output {
        // SAFETY: the caller vouches for the instruction set and for the kernel.
        unsafe { kernel.run::<Self>() }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: within `enter`, by contract.
        Self(unsafe { _mm256_set1_ps(value) })
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: within `enter`, and the caller vouches for the reads.
        Self(unsafe { _mm256_loadu_ps(from) })
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        // SAFETY: within `enter`; masked lanes are not read.
        Self(unsafe { _mm256_maskload_ps(from, first(count)) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: a value exists; the caller vouches for the writes.
        unsafe { _mm256_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: a value exists; masked lanes are not written.
        unsafe { _mm256_maskstore_ps(to, first(count), self.0) }
    }
    #[inline(always)]
    unsafe fn turn(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: within `enter`, and the caller vouches for the rows.
        unsafe {
            let rows: [__m256; 8] =
                std::array::from_fn(|row| _mm256_loadu_ps(from.add(row * from_stride)));
            // Each four rows: `fours[4r + c]` holds, in its half l, column 4l + c of rows 4r to 4r + 3.
            let mut fours = rows;
            for (rows, fours) in rows.chunks_exact(4).zip(fours.chunks_exact_mut(4)) {
                let pair = |a: __m256, b: __m256| {
                    let low = _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
                    (low, _mm256_castps_pd(_mm256_unpackhi_ps(a, b)))
                };
                let (low, high) = pair(rows[0], rows[1]);
                let (low_next, high_next) = pair(rows[2], rows[3]);
                fours[0] = _mm256_castpd_ps(_mm256_unpacklo_pd(low, low_next));
                fours[1] = _mm256_castpd_ps(_mm256_unpackhi_pd(low, low_next));
                fours[2] = _mm256_castpd_ps(_mm256_unpacklo_pd(high, high_next));
                fours[3] = _mm256_castpd_ps(_mm256_unpackhi_pd(high, high_next));
            }
            for column in 0..4 {
                let (first, next) = (fours[column], fours[4 + column]);
                let low = _mm256_permute2f128_ps::<0x20>(first, next);
                let high = _mm256_permute2f128_ps::<0x31>(first, next);
                _mm256_storeu_ps(to.add(column * to_stride), low);
                _mm256_storeu_ps(to.add((4 + column) * to_stride), high);
            }
        }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: a value exists.
        Self(unsafe { _mm256_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        // SAFETY: a value exists. The second operand is returned where either is not a number.
        Self(unsafe { _mm256_min_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        // SAFETY: a value exists. The second operand is returned where either is not a number.
        Self(unsafe { _mm256_max_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: a value exists.
        Self(unsafe {
            _mm256_castsi256_ps(_mm256_add_epi32(
                _mm256_slli_epi32::<23>(_mm256_castps_si256(self.0)),
                _mm256_set1_epi32(0x3f80_0000),
            ))
        })
    }
}
