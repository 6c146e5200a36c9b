//! What the tests of every operation share: numbers from a seed, the comparison with `f64`, central differences,
//! and the promise that bits depend neither on the instruction set nor on the number of threads.
use crate::context::{Context, InstructionSet};
use std::ops::Index;

/// The numbers of threads that a result must not depend on.
pub(crate) const THREADS: [usize; 4] = [1, 2, 3, 8];

/// Uniform numbers on ±`scale`, from a linear congruence (Knuth's MMIX constants).
pub(crate) fn numbers(seed: u64, count: usize, scale: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            scale * ((state >> 40) as f32 / (1u32 << 23) as f32 - 1.0)
        })
        .collect()
}

/// The same numbers in `f64`.
pub(crate) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| value.into()).collect()
}

/// The bits of `f32` numbers.
pub(crate) fn bits_of(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// A buffer in which it shows when a value was never written.
pub(crate) fn unwritten(length: usize) -> Vec<f32> {
    vec![f32::NAN; length]
}

/// Every instruction set of this processor, the portable one first, with so many threads.
pub(crate) fn contexts(threads: usize) -> Vec<Context> {
    let sets = InstructionSet::available().into_iter();
    sets.map(|set| Context::new(set, threads).unwrap())
        .collect()
}

/// How far an operation may be from its `f64` reference.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    /// Largest error, relative to the largest value of the same array.
    pub(crate) relative: f64,
    /// An array whose largest value is below this counts as that large: what is all but zero has no relative error.
    pub(crate) floor: f64,
}

/// What an operation gives, forward and backward, by name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Results<T>(pub(crate) Vec<(String, Vec<T>)>);

impl<T> Results<T> {
    pub(crate) fn new<const N: usize>(named: [(&str, Vec<T>); N]) -> Self {
        let named = named.into_iter();
        Self(
            named
                .map(|(name, values)| (name.to_owned(), values))
                .collect(),
        )
    }

    /// With one more, where there is one.
    pub(crate) fn with(mut self, name: &str, values: Option<Vec<T>>) -> Self {
        self.0
            .extend(values.map(|values| (name.to_owned(), values)));
        self
    }
}

impl<T> Index<&str> for Results<T> {
    type Output = Vec<T>;
    fn index(&self, name: &str) -> &Vec<T> {
        let found = self.0.iter().find(|(other, _)| other == name);
        &found.unwrap_or_else(|| panic!("no result {name}")).1
    }
}

/// The largest difference, relative to the largest exact value of the array or to `floor`.
pub(crate) fn largest_error(found: &[f32], exact: &[f64], floor: f64) -> f64 {
    assert_eq!(found.len(), exact.len(), "lengths");
    let largest = exact
        .iter()
        .fold(floor, |most, value| most.max(value.abs()));
    found
        .iter()
        .zip(exact)
        .map(|(&found, &exact)| {
            assert!(found.is_finite(), "a value that was never written");
            (f64::from(found) - exact).abs() / largest
        })
        .fold(0.0, f64::max)
}

/// Asserts that an operation gave what it should, within its tolerance.
pub(crate) fn assert_close(
    what: &str,
    found: &Results<f32>,
    exact: &Results<f64>,
    tolerance: Tolerance,
) {
    assert_eq!(found.0.len(), exact.0.len(), "{what}");
    for (name, found) in &found.0 {
        let error = largest_error(found, &exact[name], tolerance.floor);
        assert!(
            error <= tolerance.relative,
            "{what}: {name} is off by {error:.1e}"
        );
    }
}

/// Asserts that two runs gave the same to the bit.
pub(crate) fn assert_same_bits(what: &str, left: &Results<f32>, right: &Results<f32>) {
    assert_eq!(left.0.len(), right.0.len(), "{what}");
    for (name, left) in &left.0 {
        // Not `assert_eq`: the arrays are too long to be read.
        assert!(bits_of(left) == bits_of(&right[name]), "{what}: {name}");
    }
}

/// Runs an operation with two threads on every instruction set and holds each to the reference.
pub(crate) fn close_on_every_set(
    what: &str,
    exact: &Results<f64>,
    tolerance: Tolerance,
    run: impl Fn(&Context) -> Results<f32>,
) {
    for context in contexts(2) {
        let what = format!("{what} on {}", context.instruction_set().name());
        assert_close(&what, &run(&context), exact, tolerance);
    }
}

/// Runs an operation on every instruction set with each of these numbers of threads and holds all to the bits of the
/// portable one.
pub(crate) fn same_bits_everywhere(
    what: &str,
    threads: &[usize],
    run: impl Fn(&Context) -> Results<f32>,
) {
    let plain = run(&contexts(threads[0])[0]);
    for &threads in threads {
        for context in contexts(threads) {
            let set = context.instruction_set().name();
            let what = format!("{what}, {threads} threads on {set}");
            assert_same_bits(&what, &plain, &run(&context));
        }
    }
}

/// Holds claimed gradients of a loss to its central differences. `given`: the arrays the loss is a function of, each
/// with its name and its claimed gradient; the tolerance is absolute.
pub(crate) fn central_differences(
    what: &str,
    given: &[(&str, Vec<f64>, &[f64])],
    loss: impl Fn(&[Vec<f64>]) -> f64,
    step: f64,
    tolerance: f64,
) {
    let arrays: Vec<Vec<f64>> = given.iter().map(|(_, values, _)| values.clone()).collect();
    for (array, (name, values, claimed)) in given.iter().enumerate() {
        assert_eq!(values.len(), claimed.len(), "{what}: {name}");
        for (index, claimed) in claimed.iter().enumerate() {
            let at = |shift: f64| {
                let mut moved = arrays.clone();
                moved[array][index] += shift;
                loss(&moved)
            };
            let measured = (at(step) - at(-step)) / (2.0 * step);
            assert!(
                (measured - claimed).abs() < tolerance,
                "{what}, {name}[{index}]: {measured} measured, {claimed} claimed"
            );
        }
    }
}
