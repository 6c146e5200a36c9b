//! Generating texts token by token: what is asked of the network, and how the next token is drawn.

use burn::tensor::{Device, Int, Tensor, TensorData};

use ressac_nn::attention::Attended;
use ressac_nn::random::Generator;
use ressac_nn::weights::values;
use ressac_nn::{Lengths, NnError};

use super::network::{Decoder, DecoderState};

/// A network that reads tokens row by row.
pub(crate) trait Steps {
    /// Reads a token for each row; the logits of what may follow, `[rows · tokens]`.
    ///
    /// # Errors
    /// When the network refuses its input.
    fn read(&mut self, tokens: &[u32]) -> Result<Vec<f32>, NnError>;

    /// Goes on with these of its rows, in this order; one may come several times.
    ///
    /// # Errors
    /// No row.
    fn keep(&mut self, rows: &[usize]) -> Result<(), NnError>;

    /// What each row attended to when it read the last token, `[rows · sources]`, and how many sources; none without
    /// attention.
    fn attended(&self) -> (Vec<f32>, usize);
}

/// A decoder in the middle of some texts.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    decoder: &'a Decoder,
    state: Option<DecoderState>,
    to: Option<Attended>,
    weights: Option<Tensor<3>>,
    /// The sentence that each row attends to.
    of: Vec<usize>,
}

impl<'a> Running<'a> {
    /// Before the first token of so many rows.
    pub(crate) fn new(
        decoder: &'a Decoder,
        rows: usize,
        state: Option<DecoderState>,
        to: Option<Attended>,
    ) -> Self {
        Self {
            decoder,
            state,
            to,
            weights: None,
            of: (0..rows).collect(),
        }
    }

    /// Reads several tokens for each row, as many for each; the logits behind the last.
    ///
    /// # Errors
    /// As [`Steps::read`].
    pub(crate) fn read_all(&mut self, tokens: &[Vec<u32>]) -> Result<Vec<f32>, NnError> {
        let decoded = (self.decoder).forward(tokens, self.state.take(), self.to.as_ref(), None)?;
        let [_, steps, _] = decoded.read.dims();
        let last = decoded.read.narrow(1, steps - 1, 1).squeeze_dim::<2>(1);
        self.weights = decoded.weights;
        self.state = Some(decoded.state);
        let logits = self.decoder.logits(last)?;
        Ok(values(logits))
    }
}

/// These rows of a tensor.
fn rows_of(values: &Tensor<3>, rows: &[usize], device: &Device) -> Tensor<3> {
    let places: Vec<i64> = rows.iter().map(|row| *row as i64).collect();
    let places = TensorData::new(places, [rows.len()]);
    values
        .clone()
        .select(0, Tensor::<1, Int>::from_data(places, device))
}

impl Steps for Running<'_> {
    fn read(&mut self, tokens: &[u32]) -> Result<Vec<f32>, NnError> {
        let rows: Vec<Vec<u32>> = tokens.iter().map(|token| vec![*token]).collect();
        self.read_all(&rows)
    }

    fn keep(&mut self, rows: &[usize]) -> Result<(), NnError> {
        self.state = self.state.as_ref().map(|state| state.select(rows));
        let of: Vec<usize> = rows.iter().map(|row| self.of[*row]).collect();
        // Hypotheses of one sentence only change places among themselves: what they attend to stays.
        if of != self.of {
            if let Some(to) = &self.to {
                let device = to.keys.device();
                let counts = to.lengths.counts();
                let lengths: Vec<usize> = rows.iter().map(|row| counts[*row]).collect();
                self.to = Some(Attended {
                    keys: rows_of(&to.keys, rows, &device),
                    values: rows_of(&to.values, rows, &device),
                    lengths: Lengths::new(lengths)?,
                });
            }
            self.of = of;
        }
        Ok(())
    }

    fn attended(&self) -> (Vec<f32>, usize) {
        let Some(weights) = &self.weights else {
            return (Vec::new(), 0);
        };
        let [_, steps, sources] = weights.dims();
        let last = weights.clone().narrow(1, steps - 1, 1);
        (values(last), sources)
    }
}

/// How the next token is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sampling {
    /// The logits are divided by it: below 1 the likely tokens come more often, 0 takes the most likely one.
    pub(crate) temperature: f64,
    /// Only so many of the most likely tokens are drawn from.
    pub(crate) top_k: Option<usize>,
    /// Only the most likely tokens that have this share of the probability together are drawn from (nucleus sampling,
    /// Holtzman et al. 2020).
    pub(crate) top_p: Option<f64>,
}

impl Sampling {
    /// The next token, one of those that `allowed` says.
    pub(crate) fn draw(
        &self,
        logits: &[f32],
        allowed: impl Fn(u32) -> bool,
        generator: &mut Generator,
    ) -> Option<u32> {
        let mut all: Vec<(u32, f64)> = (0_u32..)
            .zip(logits)
            .filter(|(token, _)| allowed(*token))
            .map(|(token, logit)| (token, f64::from(*logit)))
            .collect();
        // The most likely first, of equal ones the smaller number.
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let (first, largest) = *all.first()?;
        if self.temperature <= 0.0 {
            return Some(first);
        }
        all.truncate(self.top_k.unwrap_or(usize::MAX).max(1));
        for (_, value) in &mut all {
            *value = ((*value - largest) / self.temperature).exp();
        }
        let mut total: f64 = all.iter().map(|(_, share)| share).sum();
        if let Some(share) = self.top_p {
            let (mut sum, mut count) = (0.0, 0);
            while count < all.len() && (count == 0 || sum < share * total) {
                sum += all[count].1;
                count += 1;
            }
            all.truncate(count);
            total = sum;
        }
        let mut left = generator.uniform() * total;
        let drawn = all.iter().find(|(_, share)| {
            left -= share;
            left < 0.0
        });
        // Rounding may leave the last one over.
        drawn.or(all.last()).map(|(token, _)| *token)
    }
}
