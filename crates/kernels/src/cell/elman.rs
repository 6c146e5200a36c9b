//! The simple recurrent unit h_t = φ(W x_t + U h_(t−1) + b) (Elman 1990).
use super::{BackwardStep, Cell, Source};
use crate::algebra::Algebra;
use std::fmt::Debug;

/// An activation φ of the simple recurrent unit, with its derivative written from its value.
///
/// A user's own φ implements this trait and goes into [`Elman::new`].
pub trait Phi: Clone + Debug + Send + Sync + 'static {
    /// The name of the activation, in lower case.
    const NAME: &'static str;
    /// φ(x).
    fn apply<A: Algebra>(&self, x: A) -> A;
    /// φ'(x), as a function of y = φ(x).
    fn slope<A: Algebra>(&self, y: A) -> A;
}

/// φ = tanh.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tanh;
/// φ = max(x, 0).
#[derive(Debug, Clone, Copy, Default)]
pub struct Relu;
/// φ = 1 / (1 + e^−x).
#[derive(Debug, Clone, Copy, Default)]
pub struct Sigmoid;
/// φ(x) = x: a linear recurrence.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity;

impl Phi for Tanh {
    const NAME: &'static str = "tanh";
    #[inline(always)]
    fn apply<A: Algebra>(&self, x: A) -> A {
        x.tanh()
    }
    #[inline(always)]
    fn slope<A: Algebra>(&self, y: A) -> A {
        y.tanh_slope()
    }
}

impl Phi for Relu {
    const NAME: &'static str = "relu";
    #[inline(always)]
    fn apply<A: Algebra>(&self, x: A) -> A {
        x.relu()
    }
    #[inline(always)]
    fn slope<A: Algebra>(&self, y: A) -> A {
        y.positive()
    }
}

impl Phi for Sigmoid {
    const NAME: &'static str = "sigmoid";
    #[inline(always)]
    fn apply<A: Algebra>(&self, x: A) -> A {
        x.sigmoid()
    }
    #[inline(always)]
    fn slope<A: Algebra>(&self, y: A) -> A {
        y.sigmoid_slope()
    }
}

impl Phi for Identity {
    const NAME: &'static str = "identity";
    #[inline(always)]
    fn apply<A: Algebra>(&self, x: A) -> A {
        x
    }
    #[inline(always)]
    fn slope<A: Algebra>(&self, y: A) -> A {
        y.constant(1.0)
    }
}

/// The simple recurrent unit. Parameters: one column, so W is `[hidden, input]`, U `[hidden, hidden]`,
/// bias `[hidden]` (PyTorch's `nn.RNN` has two biases, which only ever act as their sum).
#[derive(Debug, Clone, Copy, Default)]
pub struct Elman<P> {
    phi: P,
}

/// The unit with φ = tanh as a value, so that `Elman` can be written where `Lstm` and `Gru` can.
#[expect(
    non_upper_case_globals,
    reason = "a cell is named like a type, as the unit structs `Lstm` and `Gru` are"
)]
pub const Elman: Elman<Tanh> = Elman::tanh();

impl Elman<Tanh> {
    /// φ = tanh, the usual choice.
    pub const fn tanh() -> Self {
        Self::new(Tanh)
    }
}

impl Elman<Relu> {
    /// φ = max(x, 0).
    pub const fn relu() -> Self {
        Self::new(Relu)
    }
}

impl<P> Elman<P> {
    /// A unit with an activation of your own.
    pub const fn new(phi: P) -> Self {
        Self { phi }
    }
}

impl<P: Phi> Cell<1, 1, 0> for Elman<P> {
    const NAME: &'static str = "rnn";
    const SOURCES: [Source; 1] = [Source::Both];
    const COLUMN_NAMES: [&'static str; 1] = ["h"];
    const PROJECTABLE: bool = true;

    fn describe(&self) -> String {
        format!("rnn-{}", P::NAME)
    }

    #[inline(always)]
    fn forward<A: Algebra>(&self, [a]: [A; 1], _previous: [A; 1], []: [A; 0]) -> ([A; 1], [A; 0]) {
        ([self.phi.apply(a)], [])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        []: [A; 0],
        [previous]: [A; 1],
        [h]: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 1, 1, 0> {
        ([dh.mul(&self.phi.slope(h))], [previous.constant(0.0)], [])
    }
}
