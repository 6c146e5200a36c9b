//! The learner: a text cut into as many streams as a batch has rows, read window by window with the state carried on.

use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;
use ressac_nn::weights::HostTensor;
use ressac_train::{
    Learner, LearnerState, Place, Single, Size, StepContext, StepReport, TrainError, Validation,
    number, refuse_too_large,
};

use super::config::LanguageConfig;
use super::error::LanguageError;
use super::pipeline::LanguagePipeline;
use super::resolve::Resolved;
use crate::ModelError;
use crate::decoder::{Decoder, DecoderConfig, DecoderState};
use crate::options::memory_of;
use crate::text::drop_tokens;

/// The name under which the carried state is saved.
const CARRIED: &str = "carried";

/// Streams that a validation part is cut into: enough to be quick, few enough that hardly a token lacks its past.
const VALIDATED_SIDE_BY_SIDE: usize = 10;

/// A language model in training.
#[derive(Debug)]
pub struct LanguageLearner {
    single: Single<Decoder>,
    training: Streams,
    validation: Option<Streams>,
    /// The state behind the last window; none before the first of an epoch.
    carried: Option<DecoderState>,
    word_dropout: f64,
    device: Device,
    size: Size,
}

/// A text in rows of equal length, one below the other.
#[derive(Debug, Clone)]
struct Streams {
    /// The tokens, with the end of a line before the first.
    tokens: Vec<u32>,
    rows: usize,
    /// Tokens that each row predicts.
    length: usize,
    /// Tokens of a window at the most.
    window: usize,
}

impl Streams {
    /// A text of `rows · length` tokens to predict at the most; what is left over at its end is not read.
    fn new(mut tokens: Vec<u32>, end: u32, rows: usize, window: usize) -> Option<Self> {
        let length = tokens.len() / rows.max(1);
        tokens.insert(0, end);
        (length > 0).then_some(Self {
            tokens,
            rows,
            length,
            window: window.min(length),
        })
    }

    /// Windows of an epoch: as many as are needed, or one more, whichever lets the first one end at more places.
    fn windows(&self) -> usize {
        let (count, window) = (self.length.div_ceil(self.window), self.window);
        let lacking = count * window - self.length;
        match count > 1 && 2 * lacking + 2 < window {
            true => count + 1,
            false => count,
        }
    }

    /// The windows of an epoch, each its first step and its steps. Where the first one ends is drawn, so that no token is
    /// always the last that a gradient reaches.
    fn drawn(&self, draw: &Stream) -> Vec<Vec<usize>> {
        let (count, window) = (self.windows(), self.window);
        if count == 1 {
            return vec![vec![0, self.length]];
        }
        // What the first and the last window lack together, at least a step left to each.
        let lacking = count * window - self.length;
        let (least, most) = (lacking.saturating_sub(window - 1), lacking.min(window - 1));
        let of_first = least + draw.generator().below((most - least + 1) as u64) as usize;
        let mut windows = Vec::with_capacity(count);
        let mut from = 0;
        for place in 0..count {
            let steps = match place {
                0 => window - of_first,
                _ => window.min(self.length - from),
            };
            windows.push(vec![from, steps]);
            from += steps;
        }
        windows
    }

    /// The windows of a text that is read in order.
    fn in_order(&self) -> impl Iterator<Item = [usize; 2]> {
        (0..self.length)
            .step_by(self.window)
            .map(|from| [from, self.window.min(self.length - from)])
    }

    /// The tokens read in a window, row by row, and those that follow each.
    fn read(&self, [from, steps]: [usize; 2]) -> (Vec<Vec<u32>>, Vec<u32>) {
        let rows = (0..self.rows).map(|row| row * self.length + from);
        let read = rows.clone().map(|at| self.tokens[at..at + steps].to_vec());
        let next = rows.flat_map(|at| self.tokens[at + 1..=at + steps].iter().copied());
        (read.collect(), next.collect())
    }
}

/// A learner at its first step, and what it fitted on the training part.
///
/// # Errors
/// A training part shorter than a batch needs, or a network that the machine has not the memory for.
pub(super) fn learner(
    resolved: &Resolved,
    device: &Device,
) -> Result<(LanguageLearner, LanguagePipeline), ModelError> {
    let (config, parts) = (&resolved.config, &resolved.parts);
    let pipeline = parts.pipeline();
    let codes = pipeline.codes();
    let (batch, window) = (config.training.batch, config.window);
    let tokens = parts.training.clone();
    let count = tokens.len();
    let training = Streams::new(tokens, codes.end(), batch, window).ok_or_else(|| {
        ModelError::from(LanguageError::TooShort {
            tokens: count,
            unit: pipeline.texts.kind().unit().to_owned(),
            batch,
            least: batch,
        })
    })?;
    let valid = codes.stream(parts.parts.valid.iter().map(String::as_str));
    let rows = VALIDATED_SIDE_BY_SIDE
        .min(valid.len().div_ceil(window))
        .max(1);
    let validation = Streams::new(valid, codes.end(), rows, window);
    let decoder = decoder_config(config, &pipeline);
    let parameters = decoder.parameters();
    let size = Size {
        items: "windows",
        training: training.windows() * batch,
        validation: validation
            .as_ref()
            .map_or(0, |valid| valid.windows() * valid.rows),
        parameters,
        memory: memory(config, &decoder, count),
    };
    refuse_too_large(
        &size,
        batch,
        "Give a smaller `hidden`, `layers`, `batch` or `window`, or fewer `words`",
    )?;
    let device = device.clone().autodiff();
    let stream = Stream::new(config.training.seed, "weights");
    let network = decoder.init(&stream, parts.fitted.vectors.as_ref(), &device)?;
    let learner = LanguageLearner {
        single: Single::new(network, &config.training.single()),
        training,
        validation,
        carried: None,
        word_dropout: config.texts.word_dropout.unwrap_or(0.0),
        device,
        size,
    };
    Ok((learner, pipeline))
}

/// The layers of a language model.
pub(super) fn decoder_config(
    config: &LanguageConfig,
    pipeline: &LanguagePipeline,
) -> DecoderConfig {
    DecoderConfig {
        cell: config.model,
        recurrent: config.recurrent.clone(),
        tokens: pipeline.codes().count(),
        embedding: config.texts.embedding.unwrap_or(config.recurrent.hidden),
        tied: config.tied,
        attention: None,
        memory: config.window,
        embedding_dropout: config.texts.embedding_dropout.unwrap_or(0.0),
        weight_dropout: config.weight_dropout,
        variational: config.variational,
    }
}

/// About how many bytes training holds at once.
fn memory(config: &LanguageConfig, decoder: &DecoderConfig, tokens: usize) -> usize {
    let per_step = (config.recurrent)
        .kept_per_step(config.model, 1)
        .saturating_add(decoder.embedding.saturating_mul(6));
    let activations = [config.window, per_step]
        .into_iter()
        .fold(config.training.batch, usize::saturating_mul);
    memory_of(decoder.parameters(), activations).saturating_add(tokens.saturating_mul(4))
}

impl LanguageLearner {
    /// The mean loss of a window, and the state behind it.
    fn window(
        network: &Decoder,
        streams: &Streams,
        window: [usize; 2],
        state: Option<DecoderState>,
        draw: Option<(&Stream, f64)>,
    ) -> Result<(Tensor<1>, DecoderState), TrainError> {
        let (mut read, next) = streams.read(window);
        if let Some((draw, share)) = draw {
            drop_tokens(&mut read, share, &draw.child("words"));
        }
        let draw = draw.map(|(draw, _)| draw);
        let decoded = network.forward(&read, state, None, draw)?;
        let losses = network.loss(decoded.read, &next, 0.0)?;
        Ok((losses.mean, decoded.state))
    }
}

impl Learner for LanguageLearner {
    fn size(&self) -> Size {
        self.size.clone()
    }

    fn epoch(&self, _: usize, draw: &Stream) -> Vec<Vec<usize>> {
        self.training.drawn(draw)
    }

    fn step(&mut self, batch: &[usize], context: &StepContext) -> Result<StepReport, TrainError> {
        let [from, steps] = [batch[0], batch[1]];
        let state = self.carried.take().filter(|_| context.within > 0);
        let draw = context.stream.child("dropout");
        let (loss, state) = Self::window(
            self.single.network(),
            &self.training,
            [from, steps],
            state,
            Some((&draw, self.word_dropout)),
        )?;
        self.carried = Some(state.detach());
        self.single.step(context, loss, |_| {
            Ok(Place::Output("the recurrent layers or the output layer"))
        })
    }

    fn validate(&mut self) -> Result<Option<Validation>, TrainError> {
        let Some(streams) = &self.validation else {
            return Ok(None);
        };
        let network = self.single.validated()?;
        let (mut sum, mut state) = (0.0, None);
        for window in streams.in_order() {
            let (loss, after) = Self::window(&network, streams, window, state, None)?;
            sum += number(loss) * window[1] as f64;
            state = Some(after);
        }
        let loss = sum / streams.length as f64;
        Ok(Some(Validation {
            loss,
            figures: vec![("perplexity", loss.exp())],
            ..Validation::default()
        }))
    }

    fn weights(&self) -> ressac_train::NamedTensors {
        self.single.weights()
    }

    fn state(&self) -> LearnerState {
        let mut state = self.single.state();
        let parts = self.carried.iter().flat_map(DecoderState::parts);
        let named = parts.enumerate().map(|(place, part)| {
            let shape = part.dims().to_vec();
            let values = part.into_data().iter::<f32>().collect();
            (place.to_string(), HostTensor { shape, values })
        });
        state.put(CARRIED, named.collect());
        state
    }

    fn restore(&mut self, state: &LearnerState) -> Result<(), TrainError> {
        self.single.restore(state)?;
        let named = state.take(CARRIED);
        let parts = (0..named.len()).map(|place| {
            let part = named.get(&place.to_string())?;
            let shape: [usize; 3] = part.shape.clone().try_into().ok()?;
            let values = TensorData::new(part.values.clone(), shape);
            Some(Tensor::<3>::from_data(values, &self.device))
        });
        let parts: Option<Vec<Tensor<3>>> = parts.collect();
        let parts = parts.ok_or_else(|| {
            TrainError::Checkpoint("the carried state is not of this network".to_owned())
        })?;
        let layers = self.single.network().layers_of_first();
        self.carried = (!parts.is_empty()).then(|| DecoderState::new(parts, layers));
        Ok(())
    }

    fn find_non_finite(&self) -> Option<Place> {
        self.single.find_non_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_every_step_once_wherever_the_first_one_ends() {
        for (length, window) in [
            (1, 4),
            (4, 4),
            (5, 4),
            (21, 4),
            (23, 4),
            (7, 1),
            (7, 2),
            (100, 17),
        ] {
            let streams = Streams::new(vec![1; 3 * length], 2, 3, window).unwrap();
            let mut firsts = std::collections::BTreeSet::new();
            for seed in 0..200 {
                let windows = streams.drawn(&Stream::new(seed, "epoch"));
                assert_eq!(windows.len(), streams.windows(), "{length} {window}");
                let mut next = 0;
                for of in &windows {
                    assert_eq!(of[0], next);
                    assert!((1..=window).contains(&of[1]), "{windows:?}");
                    next += of[1];
                }
                assert_eq!(next, length);
                firsts.insert(windows[0][1]);
            }
            if length > 2 * window {
                let lacking = length.div_ceil(window) * window - length;
                let places = (lacking + 1).max((window - 1).saturating_sub(lacking));
                assert_eq!(firsts.len(), places, "{length} {window}: {firsts:?}");
            }
        }
    }

    #[test]
    fn each_row_goes_on_where_the_one_above_ends_and_every_token_is_predicted_once() {
        let streams = Streams::new((0..10).collect(), 99, 3, 2).unwrap();
        assert_eq!(streams.length, 3);
        let (read, next) = streams.read([0, 2]);
        assert_eq!(read, [[99, 0], [2, 3], [5, 6]]);
        assert_eq!(next, [0, 1, 3, 4, 6, 7]);
        let (read, next) = streams.read([2, 1]);
        assert_eq!(
            (read, next),
            (vec![vec![1], vec![4], vec![7]], vec![2, 5, 8])
        );
        assert!(Streams::new(vec![1, 2], 99, 3, 2).is_none());
    }
}
