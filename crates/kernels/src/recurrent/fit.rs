//! Whether what a call is given fits the layer: refused at the door, with what was expected and what came.
use super::{Backward, Engine, Forward, Gradients, Noise, Recurrence, Sizes, Widths, Zone};
use crate::cell::Cell;
use crate::error::ShapeError;

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Engine<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// Checks the lengths of the parameters, in the order of [`Weights`].
    pub(super) fn check_weights(&self, lengths: [usize; 6]) -> Result<(), ShapeError> {
        let Widths {
            input,
            output,
            fed,
            is_projected,
            ..
        } = self.measures();
        let normalised = if self.is_normalised() { COLUMNS } else { 0 };
        let projected = if is_projected { output } else { 0 };
        let units = ("hidden", self.measures().hidden);
        let shapes: [(&str, &[(&str, usize)]); 6] = [
            (
                "recurrent: input weights",
                &[("columns", Self::INPUT_COLUMNS), units, ("input", input)],
            ),
            (
                "recurrent: recurrent weights",
                &[("columns", Self::STATE_COLUMNS), units, ("fed back", fed)],
            ),
            ("recurrent: bias", &[("columns", COLUMNS), units]),
            ("recurrent: unit weights", &[("unit weights", UNITS), units]),
            (
                "recurrent: gain",
                &[("normalised columns", normalised), units],
            ),
            ("recurrent: projection", &[("projected", projected), units]),
        ];
        for ((what, shape), length) in shapes.iter().zip(lengths) {
            ShapeError::check(what, shape, length)?;
        }
        Ok(())
    }

    fn check_states(
        &self,
        what: &str,
        batch: usize,
        states: impl ExactSizeIterator<Item = usize>,
    ) -> Result<(), ShapeError> {
        ShapeError::check(what, &[("states", STATES)], states.len())?;
        for (state, length) in states.enumerate() {
            let width = self.state_width(state);
            ShapeError::check(what, &[("batch", batch), ("width", width)], length)?;
        }
        Ok(())
    }

    fn check_noise(&self, noise: &Noise<'_>, batch: usize, time: usize) -> Result<(), ShapeError> {
        let widths = self.measures();
        let rows = ("batch", batch);
        if let Some(factors) = noise.recurrent {
            if Self::STATE_COLUMNS == 0 {
                return Err(ShapeError::new(
                    "recurrent: dropout of the fed-back state",
                    "a cell that feeds its state back through weights",
                    C::NAME,
                ));
            }
            let shape = [rows, ("fed back", widths.fed)];
            ShapeError::check(
                "recurrent: dropout of the fed-back state",
                &shape,
                factors.len(),
            )?;
        }
        let Some(zones) = noise.zoneout else {
            return Ok(());
        };
        if widths.is_projected {
            return Err(ShapeError::new(
                "recurrent: zoneout",
                "a layer without projection",
                "a projection",
            ));
        }
        ShapeError::check("recurrent: zoneout", &[("states", STATES)], zones.len())?;
        for zone in zones {
            if let Zone::Kept(mask) = zone {
                let shape = [rows, ("time", time), ("hidden", self.measures().hidden)];
                ShapeError::check("recurrent: zoneout", &shape, mask.len())?;
            }
        }
        Ok(())
    }

    pub(super) fn fits_forward(&self, call: &Forward<'_>) -> Result<(), ShapeError> {
        let Sizes { batch, time } = call.sizes;
        let (rows, steps) = (("batch", batch), ("time", time));
        let output = ("output", self.measures().output);
        ShapeError::check(
            "recurrent: input",
            &[rows, steps, ("input", self.measures().input)],
            call.input.len(),
        )?;
        ShapeError::check(
            "recurrent: output",
            &[rows, steps, output],
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
        self.check_noise(&call.noise, batch, time)
    }

    pub(super) fn fits_backward(
        &self,
        sizes: Sizes,
        call: &Backward<'_>,
        gradients: &Gradients<'_>,
    ) -> Result<(), ShapeError> {
        let Sizes { batch, time } = sizes;
        let (rows, steps) = (("batch", batch), ("time", time));
        let output = ("output", self.measures().output);
        self.check_noise(&call.noise, batch, time)?;
        self.check_weights(call.weights.lengths())?;
        let features = ("input", self.measures().input);
        ShapeError::check(
            "recurrent backward: input",
            &[rows, steps, features],
            call.input.len(),
        )?;
        ShapeError::check(
            "recurrent backward: output",
            &[rows, steps, output],
            call.output.len(),
        )?;
        if let Some(gradient) = call.output_gradient {
            ShapeError::check(
                "recurrent backward: output gradient",
                &[rows, steps, output],
                gradient.len(),
            )?;
        }
        for (what, states) in [
            ("recurrent backward: initial state", call.initial),
            ("recurrent backward: final gradient", call.finals_gradient),
        ] {
            if let Some(states) = states {
                self.check_states(what, batch, states.iter().map(|state| state.len()))?;
            }
        }
        if let Some(gradient) = &gradients.input {
            ShapeError::check(
                "recurrent backward: input gradient",
                &[rows, steps, features],
                gradient.len(),
            )?;
        }
        if let Some(weights) = &gradients.weights {
            self.check_weights(weights.lengths())?;
        }
        if let Some(initial) = &gradients.initial {
            self.check_states(
                "recurrent backward: initial gradient",
                batch,
                initial.iter().map(|state| state.len()),
            )?;
        }
        Ok(())
    }
}
