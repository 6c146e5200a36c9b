//! Lanes in plain Rust, for any processor. The compiler turns them into what the target has.
use super::{Kernel, Lanes, lanes_algebra};

const WIDTH: usize = 4;

/// Four floats.
#[derive(Clone, Copy)]
pub(crate) struct Portable([f32; WIDTH]);

#[inline(always)]
fn each(a: Portable, b: Portable, f: impl Fn(f32, f32) -> f32) -> Portable {
    Portable(std::array::from_fn(|lane| f(a.0[lane], b.0[lane])))
}

lanes_algebra!(
    Portable,
    add: |a, b| each(a, b, |a, b| a + b),
    sub: |a, b| each(a, b, |a, b| a - b),
    mul: |a, b| each(a, b, |a, b| a * b),
    div: |a, b| each(a, b, |a, b| a / b),
    mul_add: |a: Portable, b: Portable, c: Portable| Portable(std::array::from_fn(
        |lane| a.0[lane].mul_add(b.0[lane], c.0[lane])
    )),
    relu: |a| each(a, a, |x, _| if x <= 0.0 { 0.0 } else { x }),
    positive: |a| each(a, a, |x, _| if x > 0.0 { 1.0 } else { 0.0 }),
);

impl Lanes for Portable {
    const WIDTH: usize = WIDTH;
    const TILE_ROWS: [usize; 4] = [8, 6, 4, 2];

    #[inline(always)]
    unsafe fn enter<K: Kernel>(kernel: K) -> K::Output {
        // SAFETY: no instruction set is needed; the caller vouches for the kernel.
        unsafe { kernel.run::<Self>() }
    }
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Self([value; WIDTH])
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller vouches for WIDTH reads.
        Self(std::array::from_fn(|lane| unsafe { *from.add(lane) }))
    }
    #[inline(always)]
    unsafe fn load_first(from: *const f32, count: usize) -> Self {
        Self(std::array::from_fn(|lane| {
            if lane < count {
                // SAFETY: the caller vouches for `count` reads.
                unsafe { *from.add(lane) }
            } else {
                0.0
            }
        }))
    }
    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller vouches for WIDTH writes.
        unsafe { self.store_first(to, WIDTH) }
    }
    #[inline(always)]
    unsafe fn store_first(self, to: *mut f32, count: usize) {
        for (lane, value) in self.0.iter().enumerate().take(count) {
            // SAFETY: the caller vouches for `count` writes.
            unsafe { *to.add(lane) = *value }
        }
    }
    #[inline(always)]
    unsafe fn turn(from: *const f32, from_stride: usize, to: *mut f32, to_stride: usize) {
        for row in 0..WIDTH {
            for column in 0..WIDTH {
                // SAFETY: the caller vouches for the rows.
                unsafe {
                    *to.add(column * to_stride + row) = *from.add(row * from_stride + column);
                }
            }
        }
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }
    #[inline(always)]
    fn at_most(self, bound: Self) -> Self {
        each(self, bound, |x, bound| if x > bound { bound } else { x })
    }
    #[inline(always)]
    fn at_least(self, bound: Self) -> Self {
        each(self, bound, |x, bound| if x < bound { bound } else { x })
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        Self(
            self.0
                .map(|x| f32::from_bits((x.to_bits() << 23).wrapping_add(1.0f32.to_bits()))),
        )
    }
}
