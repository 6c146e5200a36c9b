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
//! pre[c] = bias[c, u] + Σ_k W[c, u, k]·x_t[k] + Σ_k U[c, u, k]·h_(t−1)[k]
//! ```
//!
//! where a column may leave out the input sum or the recurrent one ([`Source`]). State 0 is always the
//! output `h`, which feeds the recurrent sum; a cell may carry more (the LSTM carries `c`).
mod elman;
mod gru;
mod lstm;

pub use elman::{Elman, Identity, Phi, Relu, Sigmoid, Tanh};
pub use gru::Gru;
pub use lstm::Lstm;

use crate::algebra::Algebra;

/// Which products a column sums, beside its bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The input product x·W only.
    Input,
    /// The recurrent product h·U only.
    Recurrent,
    /// Both.
    Both,
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
}

/// The formula of a recurrent unit.
///
/// `COLUMNS` sums go in, `STATES` values are carried from step to step (state 0 is the output `h`),
/// and `KEPT` values of each step are remembered for the backward pass.
///
/// # Parameters
/// The order of [`Cell::SOURCES`] is the order of the parameters: the rows of W are the columns that
/// read the input, in that order, `hidden` rows each; the rows of U the columns that read the state;
/// the bias has one value for each unit of every column.
pub trait Cell<const COLUMNS: usize, const STATES: usize, const KEPT: usize>:
    Clone + std::fmt::Debug + Send + Sync + 'static
{
    /// The name users meet, in lower case: `lstm`.
    const NAME: &'static str;
    /// What each column sums.
    const SOURCES: [Source; COLUMNS];

    /// One step: from the columns and the previous states to the next states and what the backward
    /// pass needs.
    fn forward<A: Algebra>(
        &self,
        columns: [A; COLUMNS],
        previous: [A; STATES],
    ) -> ([A; STATES], [A; KEPT]);

    /// The same step backward: from the gradient of the next states to the gradients of the columns
    /// and of the previous states. The engine adds what flows through the products by itself: the
    /// second array holds only what the formula passes on directly.
    fn backward<A: Algebra>(
        &self,
        kept: [A; KEPT],
        previous: [A; STATES],
        next: [A; STATES],
        gradient: [A; STATES],
    ) -> ([A; COLUMNS], [A; STATES]);
}
