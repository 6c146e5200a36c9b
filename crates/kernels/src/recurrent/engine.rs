//! The engine for one cell: checks at the door, then the passes.
use super::sequence::Sequence;
use super::{
    Backward, Forward, Gradients, Identity, PackedWeights, Recurrence, Sizes, Tape, Weights,
    backward, forward,
};
use crate::cell::{Cell, Source};
use crate::context::Context;
use crate::error::ShapeError;

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
