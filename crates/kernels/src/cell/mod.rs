//! Recurrent cells: what happens to one unit in one step of time.
//!
//! A cell is a formula; the engine in [`crate::recurrent`] owns everything else (time, batch, threads,
//! products, memory). A cell says which *columns* it wants for each hidden unit, that is, which sums
//! the engine must prepare, and then computes the unit's new state from them, element by element. It
//! is written once over [`Algebra`] and needs no unsafe code and no intrinsics to run at full speed.
//!
//! For hidden unit `u`, column `c` and time `t` the engine prepares
//!
//! ```text
//! pre[c] = bias[c, u] + Σ_k W[c, u, k]·x_t[k] + Σ_k U[c, u, k]·s_(t−1)[k]
//! ```
//!
//! where a column may leave out the input sum or the recurrent one ([`Source`]). State 0 is always the
//! output `h`; a cell may carry more (the LSTM carries `c`). `s` is the state that the cell feeds back
//! ([`Cell::FED`]): `h`, unless it says otherwise.
//!
//! A cell whose second product reads a gated state (the GRU with the reset gate before the product) has
//! a column of [`Source::Gated`]: the engine asks the cell for the gated state ([`Cell::gate`]) once all
//! other columns are there, and completes that column with the product on it.
mod elman;
mod gru;
mod lstm;
mod minimal;

pub use elman::{Elman, Identity, Phi, Relu, Sigmoid, Tanh};
pub use gru::{Gru, GruBefore};
pub use lstm::{CoupledLstm, FromCell, FromHidden, GateInput, Lstm, LstmOf, Peephole};
pub use minimal::{MinimalGru, MinimalLstm};

use crate::algebra::Algebra;

/// Which products a column sums, beside its bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The input product x·W only.
    Input,
    /// The recurrent product s·U only.
    Recurrent,
    /// Both.
    Both,
    /// The input product, and the recurrent product on the gated state ([`Cell::gate`]) instead of the
    /// state itself.
    Gated,
}

impl Source {
    /// Whether the column has rows in the input weights W.
    pub const fn reads_input(self) -> bool {
        !matches!(self, Self::Recurrent)
    }
    /// Whether the column has rows in the recurrent weights U.
    pub const fn reads_state(self) -> bool {
        !matches!(self, Self::Input)
    }
    /// Whether its recurrent product reads the gated state.
    pub const fn is_gated(self) -> bool {
        matches!(self, Self::Gated)
    }
}

/// What a step backward gives: the gradients of the columns, of the previous states, of the unit weights.
pub type BackwardStep<A, const COLUMNS: usize, const STATES: usize, const UNITS: usize> =
    ([A; COLUMNS], [A; STATES], [A; UNITS]);

/// The formula of a recurrent unit.
///
/// `COLUMNS` sums go in, `STATES` values are carried from step to step (state 0 is the output `h`),
/// `KEPT` values of each step are remembered for the backward pass, and each unit has `UNITS` weights
/// of its own that the formula reads (the LSTM's peepholes; most cells have none).
///
/// # Parameters
/// The order of [`Cell::SOURCES`] is the order of the parameters: the rows of W are the columns that
/// read the input, in that order, `hidden` rows each; the rows of U the columns that read the state,
/// gated or not; the bias has one value for each unit of every column.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a recurrent cell",
    label = "expected a cell, such as `Lstm`, `Gru` or `Elman`",
    note = "a cell is a value of a type that implements `ressac_kernels::cell::Cell`: `Lstm`, `Lstm::peephole()`, \
            `Gru`, `Elman::tanh()`, `Elman::new(φ)`, or one of your own"
)]
pub trait Cell<const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize = 0>:
    Clone + std::fmt::Debug + Send + Sync + 'static
{
    /// The name users meet, in lower case: `lstm`.
    const NAME: &'static str;
    /// What each column sums.
    const SOURCES: [Source; COLUMNS];
    /// What each column is called, in the same order.
    const COLUMN_NAMES: [&'static str; COLUMNS];
    /// Which state the recurrent product reads.
    const FED: usize = 0;
    /// Whether the output may be projected to another width: true only if the formula never reads the
    /// previous h itself.
    const PROJECTABLE: bool = false;

    /// The name with what the value of the cell adds to it: `rnn-tanh`, `lstm, cell clip 3`.
    fn describe(&self) -> String {
        Self::NAME.to_owned()
    }

    /// One step: from the columns and the previous states to the next states and what the backward
    /// pass needs.
    fn forward<A: Algebra>(
        &self,
        columns: [A; COLUMNS],
        previous: [A; STATES],
        units: [A; UNITS],
    ) -> ([A; STATES], [A; KEPT]);

    /// The same step backward: from the gradient of the next states to the gradients of the columns,
    /// of the previous states and of the unit weights. The engine adds what flows through the products
    /// by itself: the second array holds only what the formula passes on directly.
    fn backward<A: Algebra>(
        &self,
        kept: [A; KEPT],
        previous: [A; STATES],
        next: [A; STATES],
        units: [A; UNITS],
        gradient: [A; STATES],
    ) -> BackwardStep<A, COLUMNS, STATES, UNITS>;

    /// For a cell with a gated column: what that column's recurrent product reads, from the other
    /// columns and the previous states; and the columns as [`Cell::forward`] will find them (a gate
    /// computed here need not be computed again). Without one it is never called. Of states that are zero the
    /// gated state must be zero: a first step without an initial state leaves its product out.
    #[inline(always)]
    fn gate<A: Algebra>(&self, columns: [A; COLUMNS], previous: [A; STATES]) -> (A, [A; COLUMNS]) {
        (previous[Self::FED].clone(), columns)
    }

    /// The gate backward: from the gradient of the gated state to what it adds to the gradients of the
    /// columns and of the previous states.
    #[inline(always)]
    fn gate_backward<A: Algebra>(
        &self,
        _kept: [A; KEPT],
        _previous: [A; STATES],
        gradient: A,
    ) -> ([A; COLUMNS], [A; STATES]) {
        let zero = gradient.constant(0.0);
        let mut states = std::array::from_fn(|_| zero.clone());
        states[Self::FED] = gradient;
        (std::array::from_fn(|_| zero.clone()), states)
    }
}
