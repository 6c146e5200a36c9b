//! The engine for one cell: checks at the door, then the passes.
use super::sequence::Sequence;
use super::{
    Backward, Forward, Gradients, Identity, Noise, Options, PackedWeights, Recurrence, Sizes, Tape,
    WeightGradients, Weights, Widths, backward, forward,
};
use crate::cell::{Cell, Source};
use crate::context::Context;
use crate::error::ShapeError;

/// The engine for one cell. The number of values kept, columns, states and unit weights follow from the
/// cell.
#[derive(Debug, Clone)]
pub struct Engine<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize = 0,
> {
    cell: C,
    input: usize,
    hidden: usize,
    options: Options,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Engine<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
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
        if Self::GATED {
            // Without an initial state the engine leaves the gated product of the first step out.
            for sum in [-1.0, 0.5] {
                let (gated, _) = cell.gate([sum; COLUMNS], [0.0; STATES]);
                if gated != 0.0 {
                    return Err(ShapeError::new(
                        format!("{}: gated state of states that are zero", C::NAME),
                        "zero",
                        gated.to_string(),
                    ));
                }
            }
        }
        Ok(Self {
            cell,
            input,
            hidden,
            options: Options::default(),
        })
    }

    /// With a projection or a normalisation around the cell.
    ///
    /// # Errors
    /// A projection to width zero, of a cell whose formula reads the previous output itself, or of one with a gated
    /// column.
    pub fn with_options(mut self, options: Options) -> Result<Self, ShapeError> {
        if let Some(width) = options.projection {
            let argument = format!("{}: projection", C::NAME);
            if !C::PROJECTABLE {
                return Err(ShapeError::new(
                    argument,
                    "an LSTM or a simple recurrent unit (this cell's formula reads its output of the step before)",
                    format!("width {width}"),
                ));
            }
            if Self::GATED {
                return Err(ShapeError::new(
                    argument,
                    "a cell without a gated column (that column reads as many values as there are units)",
                    format!("width {width}"),
                ));
            }
            if width == 0 {
                return Err(ShapeError::new(argument, "a width of at least 1", "0"));
            }
        }
        self.options = options;
        Ok(self)
    }

    /// The cell.
    pub const fn cell(&self) -> &C {
        &self.cell
    }

    /// The widths of the layer.
    pub(super) const fn measures(&self) -> Widths {
        let output = match self.options.projection {
            Some(width) => width,
            None => self.hidden,
        };
        Widths {
            input: self.input,
            hidden: self.hidden,
            output,
            fed: if C::FED == 0 { output } else { self.hidden },
            units: UNITS,
            is_projected: self.options.projection.is_some(),
        }
    }

    /// In how many parts the units of each of so many ranges of rows are cut: where no unit reads another they can
    /// be cut over threads as the rows can.
    pub(super) fn cuts_of_units(&self, threads: usize, ranges: usize) -> usize {
        let units_never_meet = Self::STATE_COLUMNS == 0
            && !self.options.normalised
            && self.options.projection.is_none();
        if units_never_meet {
            (threads / ranges).max(1)
        } else {
            1
        }
    }

    /// Whether the recurrent product reads something else than the output.
    pub(super) const fn feeds_separately(&self, noise: &Noise<'_>) -> bool {
        C::FED != 0 || noise.recurrent.is_some()
    }

    /// Whether what the formula keeps needs a place of its own. Otherwise it lies where the columns were and where
    /// their gradients will be: the formula reads the one before it writes the other. A gated column reads what was
    /// kept once more after that.
    pub(super) const fn keeps_apart(&self) -> bool {
        Self::GATED
    }

    /// Values for each unit in a row of the tape's columns.
    pub(super) const fn record_columns(&self) -> usize {
        if Self::GATED || KEPT < COLUMNS {
            COLUMNS
        } else {
            KEPT
        }
    }

    /// Whether the columns are normalised.
    pub(super) const fn is_normalised(&self) -> bool {
        self.options.normalised
    }

    /// Whether a column reads the gated state.
    pub(super) const GATED: bool = {
        let (mut gated, mut column) = (false, 0);
        while column < COLUMNS {
            gated = gated || C::SOURCES[column].is_gated();
            column += 1;
        }
        gated
    };
    /// Columns with rows in W.
    pub(super) const INPUT_COLUMNS: usize = count(&C::SOURCES, true);
    /// Columns with rows in U; none for a cell whose units never meet.
    pub(super) const STATE_COLUMNS: usize = count(&C::SOURCES, false);

    fn identity(&self, context: &Context) -> Identity {
        Identity {
            name: C::NAME,
            cell: std::any::TypeId::of::<C>(),
            input: self.input,
            hidden: self.hidden,
            options: self.options,
            set: context.instruction_set(),
        }
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

impl<'a> WeightGradients<'a> {
    pub(super) fn from_parts(parts: [&'a mut Vec<f32>; 6]) -> Self {
        let [input, recurrent, bias, units, gain, projection] = parts;
        Self {
            input,
            recurrent,
            bias,
            units,
            gain,
            projection,
        }
    }
    pub(super) fn into_parts(self) -> [&'a mut [f32]; 6] {
        [
            self.input,
            self.recurrent,
            self.bias,
            self.units,
            self.gain,
            self.projection,
        ]
    }
    pub(super) fn lengths(&self) -> [usize; 6] {
        [
            self.input.len(),
            self.recurrent.len(),
            self.bias.len(),
            self.units.len(),
            self.gain.len(),
            self.projection.len(),
        ]
    }
}

impl Weights<'_> {
    pub(super) fn lengths(&self) -> [usize; 6] {
        [
            self.input,
            self.recurrent,
            self.bias,
            self.units,
            self.gain,
            self.projection,
        ]
        .map(<[f32]>::len)
    }
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Recurrence
    for Engine<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    fn name(&self) -> &'static str {
        C::NAME
    }
    fn describe(&self) -> String {
        self.cell.describe()
    }
    fn cell_type(&self) -> std::any::TypeId {
        std::any::TypeId::of::<C>()
    }
    fn widths(&self) -> Widths {
        self.measures()
    }
    fn options(&self) -> Options {
        self.options
    }
    fn states(&self) -> usize {
        STATES
    }
    fn fed_state(&self) -> usize {
        C::FED
    }
    fn sources(&self) -> &'static [Source] {
        const { &C::SOURCES }
    }
    fn column_names(&self) -> &'static [&'static str] {
        const { &C::COLUMN_NAMES }
    }

    fn pack(&self, context: &Context, weights: Weights<'_>) -> Result<PackedWeights, ShapeError> {
        self.check_weights(weights.lengths())?;
        Ok(PackedWeights::new(
            context,
            self,
            self.identity(context),
            weights,
        ))
    }

    fn check(&self, call: &Forward<'_>) -> Result<(), ShapeError> {
        self.fits_forward(call)
    }

    fn forward(
        &self,
        context: &Context,
        weights: &PackedWeights,
        call: Forward<'_>,
    ) -> Result<(), ShapeError> {
        self.check(&call)?;
        let Sizes { batch, time } = call.sizes;
        self.identity(context)
            .check("recurrent: weights packed for", Some(&weights.identity))?;
        let sequence = Sequence::new(batch, time, call.steps, call.reverse)?;
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

    fn check_backward(
        &self,
        sizes: Sizes,
        call: &Backward<'_>,
        gradients: &Gradients<'_>,
    ) -> Result<(), ShapeError> {
        self.fits_backward(sizes, call, gradients)
    }

    fn backward(
        &self,
        context: &Context,
        tape: &mut Tape,
        call: Backward<'_>,
        gradients: Gradients<'_>,
    ) -> Result<(), ShapeError> {
        let sequence = &tape.sequence;
        let (batch, time) = (sequence.batch, sequence.time);
        self.identity(context)
            .check("recurrent backward: tape of", tape.written_by.as_ref())?;
        self.check_backward(Sizes { batch, time }, &call, &gradients)?;
        if sequence.records() == 0 {
            // Sums without terms; the products write nothing where there is nothing to add.
            if let Some(weights) = gradients.weights {
                for gradient in weights.into_parts() {
                    gradient.fill(0.0);
                }
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
