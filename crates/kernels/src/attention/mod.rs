//! Attention of each target step of a sentence to its source steps (Bahdanau, Cho & Bengio 2015; Luong, Pham & Manning
//! 2015), forward and backward.
//!
//! Row-major `f32`: queries q `[batch, targets, width]`, keys k `[batch, sources, width]`, values x `[batch, sources,
//! values]`, output y `[batch, targets, values]`, weights a `[batch, targets, sources]`. Within a sentence, over its real
//! sources s:
//!
//! ```text
//! Dot        e[t, s] = scale · Σ_h q[t, h] · k[s, h]
//! Additive   e[t, s] = Σ_h v[h] · tanh(q[t, h] + k[s, h])
//!
//! a[t]       = softmax(e[t])            y[t] = Σ_s a[t, s] · x[s]
//!
//! da[t, s]   = Σ_j dy[t, j] · x[s, j]   dx[s] = Σ_t a[t, s] · dy[t]
//! de[t, s]   = a[t, s] · (da[t, s] − Σ_r a[t, r] · da[t, r])
//!
//! Dot        dq[t] = Σ_s scale · de[t, s] · k[s]      dk[s] = Σ_t scale · de[t, s] · q[t]
//! Additive   dq[t] = v ⊙ Σ_s de[t, s] · (1 − tanh²)   dk[s] = v ⊙ Σ_t de[t, s] · (1 − tanh²)
//!            dv    = Σ over sentences of Σ_t Σ_s de[t, s] · tanh
//! ```
//!
//! What lies beyond the lengths of a sentence is not read; output, weights and gradients are zero there. Hyperbolic tangents
//! are computed again in the backward pass: keeping them would take width times the memory of the weights.
//!
//! Work is cut by sentences. Sums over h and j and those of the softmax run in sixteen chains, which are joined in a defined
//! order; the other sums over s and t are one chain in ascending order, and so is that of dv over sentences. So the bits of
//! a sentence do not depend on those beside it or on padding, and the output of a step not on the steps beside it.
mod backward;
mod forward;
mod kernel;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use crate::context::{Context, FORMULA};
use crate::error::ShapeError;
use crate::memory::Shared;
use backward::Back;
use forward::Ahead;

/// How well a query fits a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Score<'a> {
    /// Their product, scaled.
    Dot {
        /// 1, or 1/√width (Vaswani et al. 2017).
        scale: f32,
    },
    /// A layer of hyperbolic tangents over their sum.
    Additive {
        /// v, `[width]`.
        vector: &'a [f32],
    },
}

/// Sizes of a call, and the score.
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    /// The score.
    pub score: Score<'a>,
    /// Sentences.
    pub batch: usize,
    /// Target steps of each, the padding with them.
    pub targets: usize,
    /// Source steps of each, the padding with them.
    pub sources: usize,
    /// Features of a query and of a key.
    pub width: usize,
    /// Features of a value.
    pub values: usize,
    /// How many target steps of each sentence are real: the first so many, or all.
    pub target_lengths: Option<&'a [usize]>,
    /// How many source steps, at least one: the first so many, or all.
    pub source_lengths: Option<&'a [usize]>,
}

/// What a call reads.
#[derive(Debug, Clone, Copy)]
pub struct Operands<'a> {
    /// `[batch, targets, width]`.
    pub queries: &'a [f32],
    /// `[batch, sources, width]`.
    pub keys: &'a [f32],
    /// `[batch, sources, values]`.
    pub values: &'a [f32],
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Default)]
pub struct AttentionGradients<'a> {
    /// `[batch, targets, width]`.
    pub queries: Option<&'a mut [f32]>,
    /// `[batch, sources, width]`.
    pub keys: Option<&'a mut [f32]>,
    /// `[batch, sources, values]`.
    pub values: Option<&'a mut [f32]>,
    /// `[width]`, of the additive score's vector.
    pub vector: Option<&'a mut [f32]>,
}

/// What a buffer holds one row of for each step.
#[derive(Clone, Copy)]
enum Steps {
    Targets,
    Sources,
}

impl Attention<'_> {
    /// Output `[batch, targets, values]` and weights `[batch, targets, sources]`, both written in full.
    ///
    /// # Errors
    /// A size of zero, lengths or a buffer that do not fit.
    pub fn forward(
        &self,
        context: &Context,
        operands: Operands<'_>,
        output: &mut [f32],
        weights: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(&operands)?;
        self.fits("output", Steps::Targets, self.values, output.len())?;
        self.fits("weights", Steps::Targets, self.sources, weights.len())?;
        let call = Ahead {
            attention: *self,
            threads: self.threads(context),
            operands,
            output: Shared::new(output),
            weights: Shared::new(weights),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    /// Gradients from that of the output; `weights` are what the forward call gave.
    ///
    /// # Errors
    /// As [`Attention::forward`]; a gradient of a vector that the score does not have.
    pub fn backward(
        &self,
        context: &Context,
        operands: Operands<'_>,
        weights: &[f32],
        output_gradient: &[f32],
        gradients: AttentionGradients<'_>,
    ) -> Result<(), ShapeError> {
        use Steps::{Sources, Targets};
        self.check(&operands)?;
        let Self { width, values, .. } = *self;
        self.fits("weights", Targets, self.sources, weights.len())?;
        self.fits("output gradient", Targets, values, output_gradient.len())?;
        for (name, steps, features, gradient) in [
            ("query gradient", Targets, width, &gradients.queries),
            ("key gradient", Sources, width, &gradients.keys),
            ("value gradient", Sources, values, &gradients.values),
        ] {
            if let Some(gradient) = gradient {
                self.fits(name, steps, features, gradient.len())?;
            }
        }
        if let Some(gradient) = &gradients.vector {
            if let Score::Dot { .. } = self.score {
                return Err(ShapeError::new(
                    "attention: vector gradient",
                    "none, as the score has no vector",
                    format!("{} values", gradient.len()),
                ));
            }
            let shape = [("width", width)];
            ShapeError::check("attention: vector gradient", &shape, gradient.len())?;
        }
        let shared = |gradient: Option<&mut [f32]>| gradient.map(Shared::new);
        let call = Back {
            attention: *self,
            threads: self.threads(context),
            operands,
            weights,
            output_gradient,
            queries: shared(gradients.queries),
            keys: shared(gradients.keys),
            values: shared(gradients.values),
            vector: shared(gradients.vector),
        };
        // SAFETY: as above.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    /// How many steps of a sentence are real: targets and sources.
    fn real(&self, sentence: usize) -> (usize, usize) {
        (
            self.target_lengths.map_or(self.targets, |l| l[sentence]),
            self.source_lengths.map_or(self.sources, |l| l[sentence]),
        )
    }

    fn threads(&self, context: &Context) -> usize {
        let score = match self.score {
            Score::Dot { .. } => self.width,
            Score::Additive { .. } => self.width.saturating_mul(FORMULA),
        };
        let pairs = self.batch * self.targets * self.sources;
        context.threads_for(pairs.saturating_mul(score.saturating_add(self.values)))
    }

    fn fits(
        &self,
        name: &str,
        steps: Steps,
        features: usize,
        found: usize,
    ) -> Result<(), ShapeError> {
        let steps = match steps {
            Steps::Targets => ("targets", self.targets),
            Steps::Sources => ("sources", self.sources),
        };
        let shape = [("batch", self.batch), steps, ("features", features)];
        ShapeError::check(&format!("attention: {name}"), &shape, found)
    }

    fn check(&self, operands: &Operands<'_>) -> Result<(), ShapeError> {
        for (name, size) in [
            ("batch", self.batch),
            ("targets", self.targets),
            ("sources", self.sources),
            ("width", self.width),
            ("values", self.values),
        ] {
            if size == 0 {
                return Err(ShapeError::new(
                    format!("attention: {name}"),
                    "at least 1",
                    "0",
                ));
            }
        }
        self.fits(
            "queries",
            Steps::Targets,
            self.width,
            operands.queries.len(),
        )?;
        self.fits("keys", Steps::Sources, self.width, operands.keys.len())?;
        self.fits("values", Steps::Sources, self.values, operands.values.len())?;
        if let Score::Additive { vector } = self.score {
            ShapeError::check("attention: vector", &[("width", self.width)], vector.len())?;
        }
        for (name, lengths, allowed) in [
            ("target lengths", self.target_lengths, 0..=self.targets),
            ("source lengths", self.source_lengths, 1..=self.sources),
        ] {
            let Some(lengths) = lengths else { continue };
            let shape = [("batch", self.batch)];
            ShapeError::check(&format!("attention: {name}"), &shape, lengths.len())?;
            if let Some(row) = lengths.iter().position(|length| !allowed.contains(length)) {
                return Err(ShapeError::new(
                    format!("attention: {name}[{row}]"),
                    format!("{} to {} steps", allowed.start(), allowed.end()),
                    lengths[row].to_string(),
                ));
            }
        }
        Ok(())
    }
}
