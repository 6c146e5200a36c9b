//! The recurrent engine: any [`Cell`], over time and batch, forward and backward.
//!
//! An [`Engine`] joins a cell with its sizes and [`Options`]. It owns time, batch, lengths, direction,
//! threads, packing and memory; the cell owns only its formula. Buffers, with B = batch, T = time,
//! I = input features, H = hidden units, O = width of the output (H, or that of the projection),
//! F = width of the state that is fed back (O where that is h, else H), all row-major `f32`:
//!
//! | | shape | |
//! |---|---|---|
//! | input | `[B, T, I]` | read |
//! | output | `[B, T, O]` | written; zero where there is no real step |
//! | state k | `[B, O]` for h, `[B, H]` for the others | initial: read, final: written |
//! | W, U, bias | `[columns that read the input · H, I]`, `[columns that read the state · H, F]`, `[columns · H]` | see [`Cell`] |
//! | unit weights | `[unit weights of the cell · H]` | peepholes |
//! | gain | `[columns · H]` | with [`Options::normalised`] |
//! | projection | `[O, H]` | with [`Options::projection`] |
//!
//! The final state of a row is that of its last real step. With `reverse`, a row is read from its last
//! real step to its first, and its output stays where its input is.
mod backward;
pub mod checkpoint;
mod engine;
mod fit;
mod forward;
mod gate;
mod layout;
mod normalise;
pub mod reference;
mod sequence;
mod step;
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
pub use sequence::Steps;
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

/// What stands around a cell's formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Project the output to this width before it leaves the step and before it is fed back (LSTMP, Sak,
    /// Senior & Beaufays 2014; PyTorch's `proj_size`). For cells that allow it ([`Cell::PROJECTABLE`]).
    pub projection: Option<usize>,
    /// Layer normalisation (Ba, Kiros & Hinton 2016): every column, that is every gate by itself, is brought
    /// to mean 0 and variance 1 over the units of the row (ε = 10⁻⁵), then multiplied by the gain; the bias is
    /// added after. The sum of the input and the recurrent product is normalised, not each by itself.
    pub normalised: bool,
}

/// The widths of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Widths {
    /// I.
    pub input: usize,
    /// H.
    pub hidden: usize,
    /// O.
    pub output: usize,
    /// F.
    pub fed: usize,
    /// Weights that each unit has of its own.
    pub units: usize,
    /// Whether the output is projected (it may be to the same width).
    pub is_projected: bool,
}

/// The parameters of a layer, in the shapes the [module](self) describes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Weights<'a> {
    /// W.
    pub input: &'a [f32],
    /// U.
    pub recurrent: &'a [f32],
    /// The bias of every column.
    pub bias: &'a [f32],
    /// Unit weights; empty where the cell has none.
    pub units: &'a [f32],
    /// Gain of every normalised column; empty without normalisation.
    pub gain: &'a [f32],
    /// The projection; empty without.
    pub projection: &'a [f32],
}

/// Gradients of the parameters, in the shapes of [`Weights`]: written in full.
#[derive(Debug, Default)]
pub struct WeightGradients<'a> {
    /// Of W.
    pub input: &'a mut [f32],
    /// Of U.
    pub recurrent: &'a mut [f32],
    /// Of the bias.
    pub bias: &'a mut [f32],
    /// Of the unit weights.
    pub units: &'a mut [f32],
    /// Of the gain.
    pub gain: &'a mut [f32],
    /// Of the projection.
    pub projection: &'a mut [f32],
}

/// How much of a state stays as it was: zoneout (Krueger et al. 2017), `s_t = m ⊙ s_(t−1) + (1 − m) ⊙ new`.
///
/// What the formula computes from the new states (the LSTM's h from its c) sees them before the zoneout, as in
/// the paper.
#[derive(Debug, Clone, Copy)]
pub enum Zone<'a> {
    /// The same share everywhere: 0 for a state without zoneout, the probability in inference.
    Share(f32),
    /// m for each value, `[B, T, H]`: 1 where the old one stays, 0 where not.
    Kept(&'a [f32]),
}

/// What disturbs a training on purpose; the backward call is given the same as the forward one.
#[derive(Debug, Clone, Copy, Default)]
pub struct Noise<'a> {
    /// Variational dropout of the recurrent connections (Gal & Ghahramani 2016): the fed-back state of each row is
    /// multiplied by the same factors at every step before the recurrent product, `[B, F]`.
    pub recurrent: Option<&'a [f32]>,
    /// Zoneout, one for each state. Not with a projection.
    pub zoneout: Option<&'a [Zone<'a>]>,
}

/// One forward call.
pub struct Forward<'a> {
    /// Batch and time.
    pub sizes: Sizes,
    /// `[B, T, I]`.
    pub input: &'a [f32],
    /// Which steps are real.
    pub steps: Steps<'a>,
    /// Read each row from its last real step to its first.
    pub reverse: bool,
    /// One slice for each state; `None`: zeros.
    pub initial: Option<&'a [&'a [f32]]>,
    /// Dropout and zoneout.
    pub noise: Noise<'a>,
    /// `[B, T, O]`, written in full.
    pub output: &'a mut [f32],
    /// One slice for each state, written in full.
    pub finals: &'a mut [&'a mut [f32]],
    /// Where to remember what the backward pass needs; `None` in inference.
    pub tape: Option<&'a mut Tape>,
}

/// One backward call, after a forward call with the same arguments and its tape.
#[derive(Clone, Copy)]
pub struct Backward<'a> {
    /// The parameters of the forward call.
    pub weights: Weights<'a>,
    /// The input of the forward call, `[B, T, I]`.
    pub input: &'a [f32],
    /// The output of the forward call, `[B, T, O]`.
    pub output: &'a [f32],
    /// The initial states of the forward call.
    pub initial: Option<&'a [&'a [f32]]>,
    /// The noise of the forward call.
    pub noise: Noise<'a>,
    /// Gradient of the output, `[B, T, O]`; what it holds at padding is not read. `None`: zeros.
    pub output_gradient: Option<&'a [f32]>,
    /// Gradient of each final state; `None`: zeros.
    pub finals_gradient: Option<&'a [&'a [f32]]>,
}

/// Where the gradients go; every buffer given is written in full, those left out cost nothing.
#[derive(Default)]
pub struct Gradients<'a> {
    /// `[B, T, I]`, zero at padding.
    pub input: Option<&'a mut [f32]>,
    /// Of the parameters.
    pub weights: Option<WeightGradients<'a>>,
    /// One slice for each state.
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
    options: Options,
    set: crate::context::InstructionSet,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            input,
            hidden,
            options,
            set,
            ..
        } = self;
        write!(f, "{name}, input {input}, hidden {hidden}")?;
        if let Some(width) = options.projection {
            write!(f, ", projected to {width}")?;
        }
        if options.normalised {
            write!(f, ", normalised")?;
        }
        write!(f, ", {}", set.name())
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
    /// `[panel, R, kept, P]`: what the cell keeps, where it does not lie in `columns`.
    pub(crate) kept: Buffer,
    /// `[panel, B + R, states − 1, P]`: the states after h; the first B rows are the initial ones.
    pub(crate) carried: Buffer,
    /// `[panel, R, columns or kept, P]`, whichever are more: for thin batches the input products; what the cell
    /// keeps; then the gradients of the columns, each in the place of the one before.
    pub(crate) columns: Buffer,
    /// `[panel, R, states, P]`: with zoneout, the states before it.
    pub(crate) candidates: Buffer,
    /// `[B + R, F]`: what the recurrent products read, where it is not the output itself; the first B
    /// rows are the initial ones.
    pub(crate) fed: Buffer,
    /// `[R, H]`: the gated state.
    pub(crate) gated: Buffer,
    /// `[R, H]`: the output before its projection.
    pub(crate) unprojected: Buffer,
    /// `[panel, R, columns, P]`: with normalisation, the columns at mean 0 and variance 1.
    pub(crate) normal: Buffer,
    /// `[R, columns]`: one by the deviation of each column.
    pub(crate) scales: Buffer,
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
    /// The name with what the value of the cell adds to it.
    fn describe(&self) -> String;
    /// The type of the cell, for those who must know it for certain: names are anyone's to give.
    fn cell_type(&self) -> std::any::TypeId;
    /// The widths of the layer.
    fn widths(&self) -> Widths;
    /// What stands around the formula.
    fn options(&self) -> Options;
    /// How many states the cell carries.
    fn states(&self) -> usize;
    /// The width of a state.
    fn state_width(&self, state: usize) -> usize {
        let widths = self.widths();
        if state == 0 {
            widths.output
        } else {
            widths.hidden
        }
    }
    /// Which state is fed back.
    fn fed_state(&self) -> usize;
    /// What each column sums.
    fn sources(&self) -> &'static [Source];
    /// What each column is called.
    fn column_names(&self) -> &'static [&'static str];
    /// Packs the parameters for forward calls. Worth keeping while the parameters stay the same.
    ///
    /// # Errors
    /// A parameter of the wrong length.
    fn pack(&self, context: &Context, weights: Weights<'_>) -> Result<PackedWeights, ShapeError>;
    /// Whether the buffers of a forward call fit, whatever the weights.
    ///
    /// # Errors
    /// A buffer that does not.
    fn check(&self, call: &Forward<'_>) -> Result<(), ShapeError>;
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
    /// Whether the buffers of a backward call fit a forward call of these sizes.
    ///
    /// # Errors
    /// A buffer that does not.
    fn check_backward(
        &self,
        sizes: Sizes,
        call: &Backward<'_>,
        gradients: &Gradients<'_>,
    ) -> Result<(), ShapeError>;
    /// Back-propagation through time. It uses the tape up: the gradients come to lie where its values were.
    ///
    /// # Errors
    /// A buffer that does not fit, or a tape that no forward call has written since the last backward one.
    fn backward(
        &self,
        context: &Context,
        tape: &mut Tape,
        call: Backward<'_>,
        gradients: Gradients<'_>,
    ) -> Result<(), ShapeError>;
}
