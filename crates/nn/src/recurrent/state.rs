//! What a recurrent network carries from one call to the next.
use crate::NnError;
use burn::tensor::Tensor;

/// The states of every layer and direction: for each, `[states, batch, hidden]`, state 0 being the output
/// h (the LSTM has c after it). Order: layer by layer, forward before reverse.
#[derive(Debug, Clone)]
pub struct State {
    parts: Vec<Tensor<3>>,
}

impl State {
    /// From the parts, one for each layer and direction, `[states, batch, hidden]`.
    pub const fn new(parts: Vec<Tensor<3>>) -> Self {
        Self { parts }
    }

    /// The parts.
    pub fn parts(&self) -> &[Tensor<3>] {
        &self.parts
    }

    /// The output h of the last layer at each row's last real step: `[batch, hidden]`. Of a bidirectional
    /// network it is that of the reverse direction, which ends at each row's first step.
    pub fn last_output(&self) -> Option<Tensor<2>> {
        self.parts
            .last()
            .map(|part| part.clone().narrow(0, 0, 1).squeeze_dim(0))
    }

    /// The same values, cut off from the graph: for truncated back-propagation through time.
    #[must_use]
    pub fn detach(self) -> Self {
        Self {
            parts: self.parts.into_iter().map(Tensor::detach).collect(),
        }
    }

    pub(super) fn part(&self, index: usize) -> Tensor<3> {
        self.parts[index].clone()
    }

    pub(super) fn check(
        &self,
        parts: usize,
        states: usize,
        batch: usize,
        hidden: usize,
    ) -> Result<(), NnError> {
        let expected = [states, batch, hidden];
        let fits =
            self.parts.len() == parts && self.parts.iter().all(|part| part.dims() == expected);
        if fits {
            return Ok(());
        }
        let found: Vec<_> = self.parts.iter().map(Tensor::dims).collect();
        Err(NnError::shape(
            "state",
            format!("{parts} parts of [states, batch, hidden] = {expected:?}"),
            format!("{found:?}"),
        ))
    }
}
