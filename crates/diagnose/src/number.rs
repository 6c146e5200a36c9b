//! Numbers that a cell's formula is evaluated in: plain ones, and ones that carry their slope.

use ressac_nn::Algebra;

/// What a layer's step needs beside the cell's own [`Algebra`].
pub(super) trait Number: Algebra + Copy {
    /// A constant.
    fn of(value: f64) -> Self;
    /// One by the square root.
    fn inverse_root(self) -> Self;
}

impl Number for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn inverse_root(self) -> Self {
        1.0 / self.sqrt()
    }
}

/// A dual number: a value and its derivative in one direction. Arithmetic on duals is exact forward
/// differentiation (Wengert 1964).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dual {
    /// The value.
    pub(super) value: f64,
    /// Its derivative.
    pub(super) slope: f64,
}

impl Dual {
    /// What a function of slope `by` at this value makes of it.
    fn through(self, value: f64, by: f64) -> Self {
        let slope = self.slope * by;
        Self { value, slope }
    }
}

impl Number for Dual {
    fn of(value: f64) -> Self {
        Self { value, slope: 0.0 }
    }
    fn inverse_root(self) -> Self {
        let value = 1.0 / self.value.sqrt();
        self.through(value, -0.5 * value / self.value)
    }
}

impl Algebra for Dual {
    fn constant(&self, value: f64) -> Self {
        Self::of(value)
    }
    fn add(&self, other: &Self) -> Self {
        Self {
            value: self.value + other.value,
            slope: self.slope + other.slope,
        }
    }
    fn sub(&self, other: &Self) -> Self {
        Self {
            value: self.value - other.value,
            slope: self.slope - other.slope,
        }
    }
    fn mul(&self, other: &Self) -> Self {
        Self {
            value: self.value * other.value,
            slope: self.slope * other.value + self.value * other.slope,
        }
    }
    fn div(&self, other: &Self) -> Self {
        let value = self.value / other.value;
        Self {
            value,
            slope: (self.slope - value * other.slope) / other.value,
        }
    }
    fn mul_add(&self, factor: &Self, term: &Self) -> Self {
        self.mul(factor).add(term)
    }
    fn exp(&self) -> Self {
        let value = self.value.exp();
        self.through(value, value)
    }
    fn sigmoid(&self) -> Self {
        let value = self.value.sigmoid();
        self.through(value, value.sigmoid_slope())
    }
    fn tanh(&self) -> Self {
        let value = self.value.tanh();
        self.through(value, value.tanh_slope())
    }
    fn relu(&self) -> Self {
        self.through(self.value.relu(), self.value.positive())
    }
    fn positive(&self) -> Self {
        Self::of(self.value.positive())
    }
    fn clamp(&self, low: f64, high: f64) -> Self {
        let inside = self.value > low && self.value < high;
        self.through(self.value.clamp(low, high), f64::from(u8::from(inside)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_every_operation_is_that_of_central_differences() {
        type Function = fn(Dual) -> Dual;
        let of = |function: Function, value: f64| function(Dual { value, slope: 1.0 });
        let functions: [Function; 13] = [
            |x| x.add(&x),
            |x| Dual::of(2.0).sub(&x),
            |x| x.mul(&x),
            |x| Dual::of(2.0).div(&x),
            |x| x.div(&x.add(&Dual::of(2.0))),
            |x| x.mul_add(&x, &x),
            |x| x.exp(),
            |x| x.sigmoid(),
            |x| x.tanh(),
            |x| x.relu(),
            |x| x.positive(),
            |x| x.clamp(-0.5, 0.5),
            |x| x.mul(&x).add(&Dual::of(1.0)).inverse_root(),
        ];
        for (place, function) in functions.into_iter().enumerate() {
            for at in [-1.3, -0.4, 0.3, 0.9] {
                let value = |x: f64| of(function, x).value;
                let wanted = (value(at + 1e-6) - value(at - 1e-6)) / 2e-6;
                let found = of(function, at).slope;
                assert!(
                    (found - wanted).abs() < 1e-8 * (1.0 + wanted.abs()),
                    "operation {place} at {at}: {found}, {wanted}"
                );
            }
        }
    }
}
