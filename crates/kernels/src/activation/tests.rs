//! The activations against f64, on every instruction set.
use super::*;
use crate::algebra::Algebra;
use crate::context::InstructionSet;
use crate::float_mode::FlushDenormals;
use crate::lanes::Kernel;

/// A function of the table, on lanes and in `f64`.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Function {
    Exp,
    Sigmoid,
    Tanh,
    Relu,
    Positive,
}
use Function::{Exp, Positive, Relu, Sigmoid, Tanh};

const ALL: [Function; 5] = [Exp, Sigmoid, Tanh, Relu, Positive];

impl Function {
    fn on<A: Algebra>(self, x: A) -> A {
        match self {
            Exp => x.exp(),
            Sigmoid => x.sigmoid(),
            Tanh => x.tanh(),
            Relu => x.relu(),
            Positive => x.positive(),
        }
    }
}

/// A function over a slice, in place.
struct Apply<'a>(Function, &'a mut [f32]);

impl Kernel for Apply<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self(function, values) = self;
        for part in values.chunks_mut(V::WIDTH) {
            // SAFETY: `part` has so many values; the caller vouches for the instruction set.
            unsafe {
                let x = V::load_first(part.as_ptr(), part.len());
                function.on(x).store_first(part.as_mut_ptr(), part.len());
            }
        }
    }
}

/// A function as the kernels run it: with denormals flushed to zero.
fn apply(set: InstructionSet, function: Function, inputs: &[f32]) -> Vec<f32> {
    let mut values = inputs.to_vec();
    let _mode = FlushDenormals::new();
    // SAFETY: the set is one of those available.
    unsafe { crate::lanes::run(set, Apply(function, &mut values)) };
    values
}

fn one(set: InstructionSet, function: Function, x: f32) -> f32 {
    apply(set, function, &[x])[0]
}

/// 2²² evenly spaced points of a range.
fn dense(from: f64, to: f64) -> Vec<f32> {
    const POINTS: u32 = 1 << 22;
    (0..POINTS)
        .map(|index| (from + (to - from) * f64::from(index) / f64::from(POINTS - 1)) as f32)
        .collect()
}

/// Both signs of every power of two that is a normal number, with its neighbours and a few numbers up
/// to the next one.
fn scales() -> Vec<f32> {
    (-126..=127)
        .flat_map(|exponent| {
            let power = 2f32.powi(exponent);
            let between = [0x0012_3456, 0x0035_04f3, 0x0040_0000, 0x0067_89ab]
                .map(|mantissa| f32::from_bits(power.to_bits() | mantissa));
            let near = [power.next_down(), power, power.next_up()];
            near.into_iter().chain(between)
        })
        .filter(|x| x.is_normal())
        .flat_map(|x| [x, -x])
        .collect()
}

/// The largest relative error over all points of a domain, the same on every instruction set.
fn largest_error(function: Function, points: &[f32]) -> (f64, f32) {
    let exact: Vec<f64> = points.iter().map(|&x| function.on(f64::from(x))).collect();
    let mut worst = (0.0, 0.0);
    for set in InstructionSet::available() {
        let found = apply(set, function, points);
        for ((&found, &exact), &x) in found.iter().zip(&exact).zip(points) {
            let difference = (f64::from(found) - exact).abs();
            let error = if difference == 0.0 {
                0.0
            } else {
                difference / exact.abs()
            };
            assert!(error.is_finite(), "{function:?}({x:e}) = {found:e}");
            if error > worst.0 {
                worst = (error, x);
            }
        }
    }
    worst
}

/// A row of the module's table: largest relative error, and the domain where it holds.
type Row = (Function, f64, f32, f32);

const TABLE: [Row; 3] = [
    (Exp, 8.5e-8, -87.0, 88.0),
    (Sigmoid, 1.5e-7, -87.33, f32::INFINITY),
    (Tanh, 1.8e-7, f32::NEG_INFINITY, f32::INFINITY),
];

#[test]
fn errors_over_every_scale_and_four_million_points_are_those_of_the_table() {
    for (function, bound, from, to) in TABLE {
        let mut points = dense(from.max(-100.0).into(), to.min(100.0).into());
        points.extend(scales());
        points.extend([f32::NEG_INFINITY, 0.0, f32::INFINITY]);
        points.retain(|x| (from..=to).contains(x));
        let (error, x) = largest_error(function, &points);
        assert!(error <= bound, "{function:?}: {error:.3e} at {x:e}");
    }
    // Where tanh is steepest and nothing may cancel.
    let (error, x) = largest_error(Tanh, &dense(-0.5, 0.5));
    assert!(error <= 1.8e-7, "Tanh: {error:.3e} at {x:e}");
}

/// One `f32` in sixteen between two magnitudes, in pieces. (All of them, tried once, gave no larger error.)
fn many_floats(sign: f32, from: f32, to: f32) -> impl Iterator<Item = Vec<f32>> {
    (from.to_bits()..=to.to_bits())
        .step_by(1 << 20)
        .map(move |first| {
            let last = (first + 0xf_ffff).min(to.to_bits());
            let magnitudes = (first..=last).step_by(16).map(f32::from_bits);
            magnitudes.map(|x| x.copysign(sign)).collect()
        })
}

#[test]
fn no_f32_in_sixteen_has_a_larger_error_and_exp_and_sigmoid_never_fall() {
    let set = *InstructionSet::available().last().unwrap();
    for (function, bound, from, to) in TABLE {
        for (sign, furthest) in [(1.0, to), (-1.0, from)] {
            let mut last = function.on(0.0) as f32;
            for points in many_floats(sign, 1e-5, furthest.abs().min(100.0)) {
                let found = apply(set, function, &points);
                for (&y, &x) in found.iter().zip(&points) {
                    let exact = function.on(f64::from(x));
                    let error = (f64::from(y) - exact).abs() / exact.abs();
                    assert!(error <= bound, "{function:?}({x:e}): {error:.3e}");
                    // Tanh falls by one rounding at one place near 1.
                    let grows = (y - last) * sign >= 0.0;
                    assert!(grows || function == Tanh, "{function:?} falls at {x:e}");
                    last = y;
                }
            }
        }
    }
}

#[test]
fn beyond_the_clamps_nothing_moves_and_before_them_nothing_exceeds_them() {
    for set in InstructionSet::available() {
        for (function, clamp) in [(Exp, 88.0), (Sigmoid, 88.0), (Tanh, 9.5f32)] {
            let upper = one(set, function, clamp);
            let lower_clamp = if function == Exp { -87.0 } else { -clamp };
            let lower = one(set, function, lower_clamp);
            for beyond in [1.0, 1.001, 2.0, 1e10, f32::MAX, f32::INFINITY] {
                assert_eq!(one(set, function, clamp * beyond), upper, "{function:?}");
                assert_eq!(
                    one(set, function, lower_clamp * beyond),
                    lower,
                    "{function:?}"
                );
            }
            let near = |clamp: f32| -> Vec<f32> {
                let bits = clamp.to_bits();
                (bits - 100_000..bits).map(f32::from_bits).collect()
            };
            let below = apply(set, function, &near(clamp));
            assert!(below.iter().all(|&y| y <= upper), "{function:?}");
            let above = apply(set, function, &near(lower_clamp));
            assert!(above.iter().all(|&y| y >= lower), "{function:?}");
        }
        assert_eq!(one(set, Sigmoid, f32::NEG_INFINITY), 0.0);
        assert_eq!(one(set, Sigmoid, f32::INFINITY), 1.0);
        assert_eq!(one(set, Tanh, f32::NEG_INFINITY), -1.0);
        assert_eq!(one(set, Tanh, f32::INFINITY), 1.0);
        assert!(one(set, Exp, f32::NEG_INFINITY) > 0.0);
        assert!(one(set, Exp, f32::INFINITY).is_finite());
    }
}

#[test]
fn denormal_inputs_count_as_zero() {
    for set in InstructionSet::available() {
        for bits in [1, 0x0000_1234, 0x007f_ffff] {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                assert_eq!(one(set, Exp, x), 1.0);
                assert_eq!(one(set, Sigmoid, x), 0.5);
                for function in [Tanh, Relu, Positive] {
                    assert_eq!(one(set, function, x), 0.0, "{function:?}({x:e})");
                }
            }
        }
    }
}

#[test]
fn not_a_number_comes_out_where_it_went_in_and_nowhere_else() {
    const WIDEST: usize = 16;
    for set in InstructionSet::available() {
        for nan in [f32::NAN, -f32::NAN, f32::from_bits(0x7fab_cdef)] {
            for lane in 0..WIDEST {
                let mut inputs = [0.75; WIDEST];
                inputs[lane] = nan;
                for function in [Exp, Sigmoid, Tanh, Relu] {
                    for (at, y) in apply(set, function, &inputs).into_iter().enumerate() {
                        assert_eq!(y.is_nan(), at == lane, "{function:?} lane {at}");
                    }
                }
                // The derivative of a ReLU is one or nothing.
                assert_eq!(apply(set, Positive, &inputs)[lane], 0.0);
            }
        }
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    let mut points = dense(-100.0, 100.0);
    points.extend(scales());
    points.extend([0.0, f32::from_bits(1), f32::from_bits(0x007f_ffff)]);
    points.extend([f32::MAX, f32::INFINITY]);
    points.extend(points.clone().iter().map(|x| -x));
    for function in ALL {
        let bits = |set| -> Vec<u32> {
            let values = apply(set, function, &points);
            values.into_iter().map(f32::to_bits).collect()
        };
        let portable = bits(InstructionSet::Portable);
        for set in InstructionSet::available() {
            for ((&found, &expected), x) in bits(set).iter().zip(&portable).zip(&points) {
                assert_eq!(found, expected, "{function:?}({x:e}) on {}", set.name());
            }
        }
    }
}
