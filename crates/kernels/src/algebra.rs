//! The arithmetic a cell is written in, so that one formula serves every kind of number.
//!
//! A [`crate::cell::Cell`] states its forward and backward formulas once, over any [`Algebra`]. They are
//! then instantiated with `f64` (the reference the tests trust), with SIMD lanes (the fast paths) and,
//! in `ressac-nn`, with Burn tensors (the path for other devices).

/// Numbers, or arrays of numbers taken element by element.
///
/// Operations take references because a tensor is not `Copy`; on lanes they cost nothing.
pub trait Algebra: Clone {
    /// A constant of the same shape as `self`.
    fn constant(&self, value: f64) -> Self;
    /// `self + other`.
    fn add(&self, other: &Self) -> Self;
    /// `self − other`.
    fn sub(&self, other: &Self) -> Self;
    /// `self · other`, element by element.
    fn mul(&self, other: &Self) -> Self;
    /// `self / other`, element by element.
    fn div(&self, other: &Self) -> Self;
    /// `self · factor + term`, with one rounding where the hardware has a fused operation.
    fn mul_add(&self, factor: &Self, term: &Self) -> Self;
    /// The exponential. Lanes saturate at e^±87 instead of overflowing.
    fn exp(&self) -> Self;
    /// The logistic function 1 / (1 + e^−x).
    fn sigmoid(&self) -> Self;
    /// The hyperbolic tangent.
    fn tanh(&self) -> Self;
    /// max(x, 0); not-a-number stays not-a-number.
    fn relu(&self) -> Self;
    /// 1 where x > 0, else 0: the derivative of [`Algebra::relu`].
    fn positive(&self) -> Self;

    /// `self` kept within `low` and `high`; not-a-number stays not-a-number.
    fn clamp(&self, low: f64, high: f64) -> Self;

    /// `1 − self`.
    #[inline(always)]
    fn one_minus(&self) -> Self {
        self.constant(1.0).sub(self)
    }

    /// `self · (1 − self)`: the derivative of the logistic function, from its value.
    #[inline(always)]
    fn sigmoid_slope(&self) -> Self {
        self.mul(&self.one_minus())
    }

    /// `1 − self²`: the derivative of the hyperbolic tangent, from its value.
    #[inline(always)]
    fn tanh_slope(&self) -> Self {
        self.constant(1.0).sub(&self.mul(self))
    }
}

impl Algebra for f64 {
    fn constant(&self, value: f64) -> Self {
        value
    }
    fn add(&self, other: &Self) -> Self {
        self + other
    }
    fn sub(&self, other: &Self) -> Self {
        self - other
    }
    fn mul(&self, other: &Self) -> Self {
        self * other
    }
    fn div(&self, other: &Self) -> Self {
        self / other
    }
    fn mul_add(&self, factor: &Self, term: &Self) -> Self {
        f64::mul_add(*self, *factor, *term)
    }
    fn exp(&self) -> Self {
        f64::exp(*self)
    }
    fn sigmoid(&self) -> Self {
        1.0 / (1.0 + (-self).exp())
    }
    fn tanh(&self) -> Self {
        f64::tanh(*self)
    }
    fn relu(&self) -> Self {
        if *self <= 0.0 { 0.0 } else { *self }
    }
    fn positive(&self) -> Self {
        if *self > 0.0 { 1.0 } else { 0.0 }
    }
    fn clamp(&self, low: f64, high: f64) -> Self {
        f64::clamp(*self, low, high)
    }
}
