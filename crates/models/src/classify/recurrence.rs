//! A classifier's recurrence over an example, for a diagnosis: its forward direction, from the first step to the last.
//!
//! Where outputs at all steps are pooled, a loss has no gradient to the last states alone: the gradient to the pooled
//! vector stands for it, as if the last outputs were what is pooled.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_train::Learner;

use super::choices::Pool;
use super::classifier::Classifier;
use super::encoded::Encoded;
use super::error::ClassifyError;
use super::family::Classification;
use super::network::{ClassifyNetwork, Widths, beside};
use super::parts;
use super::source;
use super::target::{Loss, Target};
use crate::ModelError;
use crate::error::option_error;
use crate::examples::{chosen, named};
use crate::family::fresh;
use crate::model::Sources;
use crate::recurrence::{Cure, Exchange, Patient, Recurrence, Sequence, Subject, host};

impl Recurrence for Classifier {
    fn patient(&self) -> Patient {
        let (config, pipeline) = (self.config(), self.pipeline());
        let mut recurrent = config.recurrent.clone();
        if config.bidirectional {
            recurrent.layers = 1;
        }
        let stride = config.stride.unwrap_or(1).max(1);
        let mut against_forgetting = Vec::new();
        if config.pool == Pool::Last {
            let max = Pool::Max.to_string();
            against_forgetting.push(Cure::new("every step before the output", "pool", max));
        }
        Patient {
            model: config.model.to_string(),
            cell: config.cell(),
            recurrent,
            fixed: false,
            training: config.training.clone(),
            looked_at: match config.bidirectional {
                true => "the forward direction, from the first step to the last",
                false => "the layers, from the first step to the last",
            },
            reads: "example",
            length: None,
            steps: pipeline.longest_steps.div_ceil(stride),
            segment: stride,
            needed: pipeline.median_steps.div_ceil(2 * stride),
            needed_why: "half of an example",
            lags: Vec::new(),
            gives: "prediction",
            against_forgetting,
            against_saturation: Vec::new(),
        }
    }

    fn subject(
        &self,
        sources: &Sources,
        items: usize,
        device: &Device,
    ) -> Result<Box<dyn Subject + '_>, ModelError> {
        let config = self.config();
        if config.recurrent.layers == 0 {
            return Err(option_error(
                "layers",
                "is 0: this model pools what its convolutions give, and has no recurrence to look into",
            ));
        }
        if config.bidirectional && config.recurrent.layers > 1 {
            return Err(option_error(
                "layers",
                &format!(
                    "is {}, and of a bidirectional network one layer alone can be looked into: the second reads both directions of the first. Train with `layers = 1` or `bidirectional = false` to look",
                    config.recurrent.layers
                ),
            ));
        }
        let (examples, parts) = match sources.trained_on {
            true => {
                let (data, _) = source::trained_on(config)?;
                let seed = config.training.seed;
                let (parts, _) = parts::cut(&data, config.split.as_deref(), seed)?;
                (parts.valid.clone(), Some(data))
            }
            false => {
                let (examples, _) = source::for_model(sources, config, self.pipeline(), true)?;
                (examples, None)
            }
        };
        if examples.len() < 2 {
            return Err(ClassifyError::TooFew.into());
        }
        let count = items.clamp(2, examples.len());
        let at = |place: usize| place * (examples.len() - 1) / (count - 1);
        let examples = chosen(&examples, &(0..count).map(at).collect::<Vec<_>>());
        let recording = device.clone().autodiff();
        let network = ClassifyNetwork::new(
            config,
            Widths::of(config, self.pipeline()),
            &Stream::new(config.training.seed, "weights"),
            &recording,
        )?;
        let tensors = weights::collect(self.layers());
        Ok(Box::new(Compared {
            network: weights::apply(network, &tensors)?,
            tensors: looked_at(tensors, config.bidirectional),
            encoded: Encoded::new(self.pipeline(), &examples)?,
            truth: self.pipeline().truth(&examples)?,
            model: self,
            named: match sources.trained_on {
                true => format!("validation part of {}", named(&examples)),
                false => sources.named(),
            },
            data: parts,
            recording,
            device: device.clone(),
        }))
    }
}

/// The parameters of the recurrence that is looked at: of two directions the forward one.
fn looked_at(mut tensors: NamedTensors, bidirectional: bool) -> NamedTensors {
    if bidirectional {
        let first = format!("{}0.", ClassifyNetwork::RECURRENT);
        tensors.retain(|name, _| name.starts_with(&first));
    }
    tensors
}

/// Examples before the network.
struct Compared<'a> {
    model: &'a Classifier,
    /// The network on the device that records gradients.
    network: ClassifyNetwork,
    tensors: NamedTensors,
    encoded: Encoded,
    truth: Target,
    named: String,
    /// The data trained on, where that is looked at.
    data: Option<source::Labelled>,
    recording: Device,
    device: Device,
}

impl Subject for Compared<'_> {
    fn items(&self) -> usize {
        self.encoded.len()
    }

    fn unit(&self) -> &'static str {
        "examples"
    }

    fn named(&self) -> String {
        self.named.clone()
    }

    fn layers(&self) -> (NamedTensors, &'static str) {
        (self.tensors.clone(), ClassifyNetwork::RECURRENT)
    }

    fn sequences(&self, item: usize) -> Result<Vec<Sequence>, ModelError> {
        let config = self.model.config();
        let batch = self.encoded.batch(&[item], &self.recording)?;
        let wide = self.network.wide(&batch)?;
        let (input, lengths) = self.network.input(batch)?;
        let pooled = self.network.pooled(input.clone(), &lengths, None)?;
        let pooled = pooled.detach().require_grad();
        let logits = beside(self.network.head(pooled.clone())?, wide);
        let loss = Loss::default().of(logits, &self.truth, &[item])?;
        let gradients = loss.backward();
        let hidden = config.recurrent.hidden;
        let of_output = match pooled.grad(&gradients) {
            Some(gradient) => host(gradient),
            None => vec![0.0; hidden * config.directions()],
        };
        // The last output is the state h of the last layer; other states and layers have no part in it.
        let layers = if config.bidirectional {
            1
        } else {
            config.recurrent.layers
        };
        let states = self.network.states();
        let mut gradient = vec![0.0; layers * states * hidden];
        let last = (layers - 1) * states * hidden;
        gradient[last..last + hidden].copy_from_slice(&of_output[..hidden]);
        Ok(vec![Sequence {
            input: host(input),
            gradient,
        }])
    }

    fn outputs(&self, exchange: Option<(&[usize], Exchange)>) -> Result<Vec<f32>, ModelError> {
        let network = self.network.clone().valid();
        let all: Vec<usize> = (0..self.encoded.len()).collect();
        let batch = self.encoded.batch(&all, &self.device)?;
        let wide = network.wide(&batch)?;
        let (mut input, lengths) = network.input(batch)?;
        if let Some((partners, Exchange::Recurrent(back) | Exchange::Whole(back))) = exchange {
            input = exchanged(&input, &lengths.counts(), partners, back);
        }
        let logits = beside(network.forward_from(input, &lengths, None)?, wide);
        Ok(logits.into_data().iter::<f32>().collect())
    }

    fn learner(&self) -> Result<Option<Box<dyn Learner>>, ModelError> {
        let Some(data) = &self.data else {
            return Ok(None);
        };
        fresh::<Classification>(self.model.config(), data, &self.device).map(Some)
    }
}

/// `input` with the step so far back from the last of each example taken from that of its partner, where both have one.
fn exchanged(input: &Tensor<3>, lengths: &[usize], partners: &[usize], back: usize) -> Tensor<3> {
    let [rows, time, width] = input.dims();
    let mut values: Vec<f32> = input.clone().into_data().iter::<f32>().collect();
    let own = values.clone();
    for (row, partner) in partners.iter().enumerate() {
        if back < lengths[row].min(lengths[*partner]) {
            let at = |row: usize| (row * time + lengths[row] - 1 - back) * width;
            let (to, from) = (at(row), at(*partner));
            values[to..to + width].copy_from_slice(&own[from..from + width]);
        }
    }
    let data = burn::tensor::TensorData::new(values, [rows, time, width]);
    Tensor::from_data(data, &input.device())
}
