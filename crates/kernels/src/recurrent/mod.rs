//! The recurrent engine: any [`Cell`], over time and batch, forward and backward.
//!
//! An [`Engine`] joins a cell with its sizes. It owns time, batch, lengths, direction, threads, packing
//! and memory; the cell owns only its formula. Buffers, with B = batch, T = time, I = input features,
//! H = hidden units, all row-major `f32`:
//!
//! | | shape | |
//! |---|---|---|
//! | input | `[B, T, I]` | read |
//! | output | `[B, T, H]` | written; zero at padding |
//! | state k | `[B, H]`, one slice for each state of the cell | initial: read, final: written |
//! | W, U, bias | `[columns that read the input · H, I]`, `[columns that read the state · H, H]`, `[columns · H]` | see [`Cell`] |
//!
//! The final state of a row is that of its last real step. With `reverse`, a row is read from its last
//! real step to its first, and its output stays where its input is.
mod backward;
mod engine;
mod forward;
mod layout;
pub mod reference;
mod sequence;
mod single;
mod step;
mod weight_gradient;
mod weights;

#[cfg(test)]
mod tests;

#[cfg(doc)]
use crate::cell::Cell;
use crate::cell::Source;
use crate::context::Context;
use crate::error::ShapeError;
use crate::memory::{Buffer, Shelf};
pub use engine::Engine;
use sequence::Sequence;
use std::fmt;
pub use weights::PackedWeights;

/// Sizes of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows, B.
    pub batch: usize,
    /// Steps of the longest row, T.
    pub time: usize,
}

/// The parameters of a cell, in the shapes [`Cell`] describes.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a> {
    /// W.
    pub input: &'a [f32],
    /// U.
    pub recurrent: &'a [f32],
    /// The bias of every column.
    pub bias: &'a [f32],
}

/// One forward call.
pub struct Forward<'a> {
    /// Batch and time.
    pub sizes: Sizes,
    /// `[B, T, I]`.
    pub input: &'a [f32],
    /// Real steps of each row, 1 to T, in any order; `None`: all T.
    pub lengths: Option<&'a [usize]>,
    /// Read each row from its last real step to its first.
    pub reverse: bool,
    /// `[B, H]` for each state; `None`: zeros.
    pub initial: Option<&'a [&'a [f32]]>,
    /// `[B, T, H]`, written in full.
    pub output: &'a mut [f32],
    /// `[B, H]` for each state, written in full.
    pub finals: &'a mut [&'a mut [f32]],
    /// Where to remember what the backward pass needs; `None` in inference.
    pub tape: Option<&'a mut Tape>,
}

/// One backward call, after a forward call with the same arguments and its tape.
pub struct Backward<'a> {
    /// W, U and bias of the forward call.
    pub weights: Weights<'a>,
    /// The input of the forward call, `[B, T, I]`.
    pub input: &'a [f32],
    /// The output of the forward call, `[B, T, H]`.
    pub output: &'a [f32],
    /// The initial states of the forward call.
    pub initial: Option<&'a [&'a [f32]]>,
    /// Gradient of the output, `[B, T, H]`; what it holds at padding is not read. `None`: zeros.
    pub output_gradient: Option<&'a [f32]>,
    /// Gradient of each final state, `[B, H]`; `None`: zeros.
    pub finals_gradient: Option<&'a [&'a [f32]]>,
}

/// Where the gradients go; every buffer given is written in full, those left out cost nothing.
#[derive(Default)]
pub struct Gradients<'a> {
    /// `[B, T, I]`, zero at padding.
    pub input: Option<&'a mut [f32]>,
    /// The shapes of [`Weights`]: W, U and bias.
    pub weights: Option<[&'a mut [f32]; 3]>,
    /// `[B, H]` for each state.
    pub initial: Option<&'a mut [&'a mut [f32]]>,
}

/// What a forward pass remembers for the backward one. Its memory comes from a shelf and goes back
/// there when dropped.
pub struct Tape {
    pub(crate) sequence: Sequence,
    pub(crate) memory: TapeMemory,
    /// Which layer wrote it, and on which instruction set: the panels are laid out for both.
    pub(crate) written_by: Option<Identity>,
}

/// What a layout depends on: a layer's cell and sizes, and the instruction set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity {
    name: &'static str,
    cell: std::any::TypeId,
    input: usize,
    hidden: usize,
    set: crate::context::InstructionSet,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            input,
            hidden,
            set,
            ..
        } = self;
        write!(f, "{name}, input {input}, hidden {hidden}, {}", set.name())
    }
}

impl Identity {
    /// Errors unless what was prepared by `found` is what this layer needs.
    fn check(&self, argument: &str, found: Option<&Self>) -> Result<(), ShapeError> {
        match found {
            Some(found) if found == self => Ok(()),
            Some(found) => Err(ShapeError::new(
                argument,
                self.to_string(),
                found.to_string(),
            )),
            None => Err(ShapeError::new(argument, self.to_string(), "none")),
        }
    }
}

/// Buffers of a tape; R records, panels of P units.
#[derive(Default)]
pub(crate) struct TapeMemory {
    /// `[panel, R, kept, P]`: what the cell keeps.
    pub(crate) kept: Buffer,
    /// `[panel, B + R, states − 1, P]`: the states after h; the first B rows are the initial ones.
    pub(crate) carried: Buffer,
    /// `[panel, R, columns, P]`: the gradients of the columns (and, for thin batches, the input
    /// products on the way forward).
    pub(crate) columns: Buffer,
}

static TAPES: Shelf<TapeMemory> = Shelf::new(16);

impl Tape {
    /// An empty tape.
    pub fn new() -> Self {
        Self {
            sequence: Sequence::default(),
            memory: TAPES.take(),
            written_by: None,
        }
    }
}

impl Default for Tape {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        TAPES.put(std::mem::take(&mut self.memory));
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

/// A cell with its sizes: what a layer calls. Object-safe, so that a layer need not know its cell.
pub trait Recurrence: fmt::Debug + Send + Sync {
    /// The cell's name.
    fn name(&self) -> &'static str;
    /// Input features, I.
    fn input(&self) -> usize;
    /// Hidden units, H.
    fn hidden(&self) -> usize;
    /// How many states the cell carries.
    fn states(&self) -> usize;
    /// What each column sums.
    fn sources(&self) -> &'static [Source];
    /// Packs the parameters for forward calls. Worth keeping while the parameters stay the same.
    ///
    /// # Errors
    /// A parameter of the wrong length.
    fn pack(&self, context: &Context, weights: Weights<'_>) -> Result<PackedWeights, ShapeError>;
    /// Runs the sequences.
    ///
    /// # Errors
    /// A buffer or length that does not fit, or weights packed for other sizes or another context.
    fn forward(
        &self,
        context: &Context,
        weights: &PackedWeights,
        call: Forward<'_>,
    ) -> Result<(), ShapeError>;
    /// Back-propagation through time.
    ///
    /// # Errors
    /// A buffer that does not fit, or a tape that no forward call has written.
    fn backward(
        &self,
        context: &Context,
        tape: &mut Tape,
        call: Backward<'_>,
        gradients: Gradients<'_>,
    ) -> Result<(), ShapeError>;
}
