//! Sixteen lanes on AVX-512.
use super::{Kernel, Lanes, lanes_algebra};
use std::arch::x86_64::*;

/// Sixteen floats. A value of this type only exists within [`Lanes::enter`], so the instructions behind
/// its safe methods are known to be there.
#[derive(Clone, Copy)]
pub(crate) struct Avx512(__m512);

// SAFETY (all of them): a value exists, so we are within `enter` and the processor has AVX-512.
lanes_algebra!(
    Avx512,
    // SAFETY: as above.
    add: |a: Avx512, b: Avx512| Avx512(unsafe { _mm512_add_ps(a.0, b.0) }),
    // SAFETY: as above.
    sub: |a: Avx512, b: Avx512| Avx512(unsafe { _mm512_sub_ps(a.0, b.0) }),
    // SAFETY: as above.
    mul: |a: Avx512, b: Avx512| Avx512(unsafe { _mm512_mul_ps(a.0, b.0) }),
    // SAFETY: as above.
    div: |a: Avx512, b: Avx512| Avx512(unsafe { _mm512_div_ps(a.0, b.0) }),
    // SAFETY: as above.
    mul_add: |a: Avx512, b: Avx512, c: Avx512| Avx512(unsafe { _mm512_fmadd_ps(a.0, b.0, c.0) }),
    // SAFETY: as above. A mask rather than a maximum, which would keep the sign of −0; not-a-number
    // compares as "not at most zero" and stays.
    relu: |a: Avx512| Avx512(unsafe {
        let kept = _mm512_cmp_ps_mask::<_CMP_NLE_UQ>(a.0, _mm512_setzero_ps());
        _mm512_maskz_mov_ps(kept, a.0)
    }),
    // SAFETY: as above.
    positive: |a: Avx512| Avx512(unsafe {
        let above = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a.0, _mm512_setzero_ps());
        _mm512_maskz_mov_ps(above, _mm512_set1_ps(1.0))
    }),
);

#[inline(always)]
fn first(count: usize) -> __mmask16 {
    debug_assert!(count <= 16);
    ((1u32 << count) - 1) as __mmask16
}

impl Lanes for Avx512 {
    const WIDTH: usize = 16;
    const TILE_ROWS: [usize; 4] = [8, 8, 8, 6];

    #[inline]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2,fma")]
    unsafe fn enter<K: Kernel>(kernel: K) -> K::Output {
        // SAFETY: the caller vouches for the instruction set and for the kernel.
        unsafe { kernel.run::<Self>() }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: within `enter`, by contract.
        Self(unsafe { _mm512_set1_ps(value) })
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: within `enter`, and the caller vouches for the reads.
        Self(unsafe { _mm512_loadu_ps(from) })
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        // SAFETY: within `enter`; masked lanes are not read.
        Self(unsafe { _mm512_maskz_loadu_ps(first(count), from) })
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: a value exists; the caller vouches for the writes.
        unsafe { _mm512_storeu_ps(to, self.0) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        // SAFETY: a value exists; masked lanes are not written.
        unsafe { _mm512_mask_storeu_ps(to, first(count), self.0) }
    }
    #[inline(always)]
    unsafe fn turn(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        // SAFETY: within `enter`, and the caller vouches for the rows.
        unsafe {
            let rows: [__m512; 16] =
                std::array::from_fn(|row| _mm512_loadu_ps(from.add(row * from_stride)));
            // Each four rows: `fours[4r + c]` holds, in its lane of 128 bits l, column 4l + c of rows 4r to 4r + 3.
            let mut fours = rows;
            for (rows, fours) in rows.chunks_exact(4).zip(fours.chunks_exact_mut(4)) {
                let pair = |a: __m512, b: __m512| {
                    let low = _mm512_castps_pd(_mm512_unpacklo_ps(a, b));
                    (low, _mm512_castps_pd(_mm512_unpackhi_ps(a, b)))
                };
                let (low, high) = pair(rows[0], rows[1]);
                let (low_next, high_next) = pair(rows[2], rows[3]);
                fours[0] = _mm512_castpd_ps(_mm512_unpacklo_pd(low, low_next));
                fours[1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low, low_next));
                fours[2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high, high_next));
                fours[3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high, high_next));
            }
            for column in 0..4 {
                let of = |row: usize| fours[4 * row + column];
                let even = _mm512_shuffle_f32x4::<0x88>(of(0), of(1));
                let odd = _mm512_shuffle_f32x4::<0xdd>(of(0), of(1));
                let even_next = _mm512_shuffle_f32x4::<0x88>(of(2), of(3));
                let odd_next = _mm512_shuffle_f32x4::<0xdd>(of(2), of(3));
                for (lane, turned) in [
                    (0, _mm512_shuffle_f32x4::<0x88>(even, even_next)),
                    (1, _mm512_shuffle_f32x4::<0x88>(odd, odd_next)),
                    (2, _mm512_shuffle_f32x4::<0xdd>(even, even_next)),
                    (3, _mm512_shuffle_f32x4::<0xdd>(odd, odd_next)),
                ] {
                    _mm512_storeu_ps(to.add((4 * lane + column) * to_stride), turned);
                }
            }
        }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: a value exists.
        Self(unsafe { _mm512_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        // SAFETY: a value exists. The second operand is returned where either is not a number.
        Self(unsafe { _mm512_min_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        // SAFETY: a value exists. The second operand is returned where either is not a number.
        Self(unsafe { _mm512_max_ps(bound.0, self.0) })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        // SAFETY: a value exists.
        Self(unsafe {
            _mm512_castsi512_ps(_mm512_add_epi32(
                _mm512_slli_epi32::<23>(_mm512_castps_si512(self.0)),
                _mm512_set1_epi32(0x3f80_0000),
            ))
        })
    }
}
