//! What a recurrent network carries from one call to the next.
use crate::NnError;
use burn::tensor::Tensor;

/// The states of every layer and direction: for each, `[states, batch, hidden]`, state 0 being the output
/// h (the LSTM has c after it). Order: layer by layer, forward before reverse.
///
/// Where a projection makes h narrower than the other states, the part is `[1, batch, output + (states − 1) ·
/// hidden]`: h first, then the others, side by side.
#[derive(Debug, Clone)]
pub struct State {
    parts: Vec<Tensor<3>>,
    /// The width of h, where the parts hold their states side by side.
    projected: Option<usize>,
}

impl State {
    /// From the parts, one for each layer and direction.
    pub const fn new(parts: Vec<Tensor<3>>) -> Self {
        Self {
            parts,
            projected: None,
        }
    }

    /// Says how wide h is, of a network with a projection.
    #[must_use]
    pub const fn with_projection(mut self, width: usize) -> Self {
        self.projected = Some(width);
        self
    }

    /// The parts.
    pub fn parts(&self) -> &[Tensor<3>] {
        &self.parts
    }

    /// The output h of the last layer at each row's last real step: `[batch, hidden]`, or the projected width. Of a
    /// bidirectional network it is that of the reverse direction, which ends at each row's first step.
    pub fn last_output(&self) -> Option<Tensor<2>> {
        self.parts.last().map(|part| {
            let h = part.clone().narrow(0, 0, 1).squeeze_dim::<2>(0);
            match self.projected {
                Some(width) => h.narrow(1, 0, width),
                None => h,
            }
        })
    }

    /// The same values, cut off from the graph: for truncated back-propagation through time.
    #[must_use]
    pub fn detach(self) -> Self {
        Self {
            parts: self.parts.into_iter().map(Tensor::detach).collect(),
            projected: self.projected,
        }
    }

    pub(super) fn part(&self, index: usize) -> Tensor<3> {
        self.parts[index].clone()
    }

    pub(super) fn check(&self, parts: usize, expected: [usize; 3]) -> Result<(), NnError> {
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
