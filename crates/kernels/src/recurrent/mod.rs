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
mod forward;
mod layout;
pub mod reference;
mod sequence;
mod step;
mod weight_gradient;
mod weights;

#[cfg(test)]
mod tests;

use crate::cell::{Cell, Source};
use crate::context::Context;
use crate::error::ShapeError;
use crate::memory::{Buffer, Shelf};
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

/// The engine for one cell. The number of values kept, columns and states follow from the cell.
#[derive(Debug, Clone)]
pub struct Engine<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    cell: C,
    input: usize,
    hidden: usize,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>
    Engine<C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    /// A cell for `input` features and `hidden` units.
    ///
    /// # Errors
    /// A size of zero.
    pub fn new(cell: C, input: usize, hidden: usize) -> Result<Self, ShapeError> {
        for (name, size) in [("input size", input), ("hidden size", hidden)] {
            if size == 0 {
                return Err(ShapeError::new(
                    format!("{}: {name}", C::NAME),
                    "at least 1",
                    "0",
                ));
            }
        }
        Ok(Self {
            cell,
            input,
            hidden,
        })
    }

    /// The cell.
    pub const fn cell(&self) -> &C {
        &self.cell
    }

    const INPUT_COLUMNS: usize = count(&C::SOURCES, true);
    const STATE_COLUMNS: usize = count(&C::SOURCES, false);

    fn identity(&self, context: &Context) -> Identity {
        Identity {
            name: C::NAME,
            cell: std::any::TypeId::of::<C>(),
            input: self.input,
            hidden: self.hidden,
            set: context.instruction_set(),
        }
    }

    fn check_weights(&self, weights: &Weights<'_>) -> Result<(), ShapeError> {
        let rows = |columns| ("columns", columns);
        let units = ("hidden", self.hidden);
        ShapeError::check(
            "recurrent: input weights",
            &[rows(Self::INPUT_COLUMNS), units, ("input", self.input)],
            weights.input.len(),
        )?;
        ShapeError::check(
            "recurrent: recurrent weights",
            &[rows(Self::STATE_COLUMNS), units, ("hidden", self.hidden)],
            weights.recurrent.len(),
        )?;
        ShapeError::check(
            "recurrent: bias",
            &[rows(COLUMNS), units],
            weights.bias.len(),
        )
    }

    fn check_states(
        &self,
        what: &str,
        batch: usize,
        states: impl ExactSizeIterator<Item = usize>,
    ) -> Result<(), ShapeError> {
        ShapeError::check(what, &[("states", STATES)], states.len())?;
        for length in states {
            ShapeError::check(what, &[("batch", batch), ("hidden", self.hidden)], length)?;
        }
        Ok(())
    }
}

const fn count(sources: &[Source], input: bool) -> usize {
    let (mut found, mut column) = (0, 0);
    while column < sources.len() {
        let source = sources[column];
        if (input && source.reads_input()) || (!input && source.reads_state()) {
            found += 1;
        }
        column += 1;
    }
    found
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> Recurrence
    for Engine<C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    fn name(&self) -> &'static str {
        C::NAME
    }
    fn input(&self) -> usize {
        self.input
    }
    fn hidden(&self) -> usize {
        self.hidden
    }
    fn states(&self) -> usize {
        STATES
    }
    fn sources(&self) -> &'static [Source] {
        const { &C::SOURCES }
    }

    fn pack(&self, context: &Context, weights: Weights<'_>) -> Result<PackedWeights, ShapeError> {
        self.check_weights(&weights)?;
        Ok(PackedWeights::new(
            context,
            self,
            self.identity(context),
            weights,
        ))
    }

    fn forward(
        &self,
        context: &Context,
        weights: &PackedWeights,
        call: Forward<'_>,
    ) -> Result<(), ShapeError> {
        let Sizes { batch, time } = call.sizes;
        let (rows, steps) = (("batch", batch), ("time", time));
        ShapeError::check(
            "recurrent: input",
            &[rows, steps, ("input", self.input)],
            call.input.len(),
        )?;
        ShapeError::check(
            "recurrent: output",
            &[rows, steps, ("hidden", self.hidden)],
            call.output.len(),
        )?;
        if let Some(initial) = call.initial {
            self.check_states(
                "recurrent: initial state",
                batch,
                initial.iter().map(|state| state.len()),
            )?;
        }
        self.check_states(
            "recurrent: final state",
            batch,
            call.finals.iter().map(|state| state.len()),
        )?;
        self.identity(context)
            .check("recurrent: weights packed for", Some(&weights.identity))?;
        let sequence = Sequence::new(batch, time, call.lengths, call.reverse)?;
        if sequence.records() == 0 {
            // No step is made: the states pass as they are.
            for (state, last) in call.finals.iter_mut().enumerate() {
                match call.initial {
                    Some(initial) => last.copy_from_slice(initial[state]),
                    None => last.fill(0.0),
                }
            }
            if let Some(tape) = call.tape {
                tape.sequence = sequence;
                tape.written_by = Some(weights.identity);
            }
            return Ok(());
        }
        // SAFETY: the context's instruction set is available and the buffers fit, as checked above.
        unsafe {
            crate::lanes::run(
                context.instruction_set(),
                forward::Pass {
                    engine: self,
                    context,
                    weights,
                    sequence,
                    call,
                },
            );
        }
        Ok(())
    }

    fn backward(
        &self,
        context: &Context,
        tape: &mut Tape,
        call: Backward<'_>,
        gradients: Gradients<'_>,
    ) -> Result<(), ShapeError> {
        let sequence = &tape.sequence;
        let (rows, steps) = (("batch", sequence.batch), ("time", sequence.time));
        let hidden = ("hidden", self.hidden);
        self.identity(context)
            .check("recurrent backward: tape of", tape.written_by.as_ref())?;
        self.check_weights(&call.weights)?;
        let features = ("input", self.input);
        ShapeError::check(
            "recurrent backward: input",
            &[rows, steps, features],
            call.input.len(),
        )?;
        ShapeError::check(
            "recurrent backward: output",
            &[rows, steps, hidden],
            call.output.len(),
        )?;
        if let Some(gradient) = call.output_gradient {
            ShapeError::check(
                "recurrent backward: output gradient",
                &[rows, steps, hidden],
                gradient.len(),
            )?;
        }
        for (what, states) in [
            ("recurrent backward: initial state", call.initial),
            ("recurrent backward: final gradient", call.finals_gradient),
        ] {
            if let Some(states) = states {
                self.check_states(what, sequence.batch, states.iter().map(|state| state.len()))?;
            }
        }
        if let Some(gradient) = &gradients.input {
            ShapeError::check(
                "recurrent backward: input gradient",
                &[rows, steps, features],
                gradient.len(),
            )?;
        }
        if let Some([input, recurrent, bias]) = &gradients.weights {
            self.check_weights(&Weights {
                input,
                recurrent,
                bias,
            })?;
        }
        if let Some(initial) = &gradients.initial {
            self.check_states(
                "recurrent backward: initial gradient",
                sequence.batch,
                initial.iter().map(|state| state.len()),
            )?;
        }
        if sequence.records() == 0 {
            // Sums without terms; the products write nothing where there is nothing to add.
            for gradient in gradients.weights.into_iter().flatten() {
                gradient.fill(0.0);
            }
            for (state, gradient) in gradients.initial.into_iter().flatten().enumerate() {
                match call.finals_gradient {
                    Some(finals) => gradient.copy_from_slice(finals[state]),
                    None => gradient.fill(0.0),
                }
            }
            return Ok(());
        }
        // SAFETY: the context's instruction set is available and the buffers fit, as checked above.
        unsafe {
            crate::lanes::run(
                context.instruction_set(),
                backward::Pass {
                    engine: self,
                    context,
                    tape,
                    call,
                    gradients,
                },
            );
        }
        Ok(())
    }
}
