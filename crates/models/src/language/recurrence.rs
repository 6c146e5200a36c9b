//! A language model's recurrence over a window of text, for a diagnosis: from its first token to its last.

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_train::Learner;

use super::error::LanguageError;
use super::family::Language;
use super::learner::decoder_config;
use super::model::LanguageModel;
use super::resolve::cut_parts;
use super::source::{self, Text};
use crate::ModelError;
use crate::decoder::Decoder;
use crate::family::fresh;
use crate::model::Sources;
use crate::recurrence::{Exchange, Patient, Recurrence, Sequence, Subject, host};

impl Recurrence for LanguageModel {
    fn patient(&self) -> Patient {
        let config = self.config();
        Patient {
            model: config.model.to_string(),
            cell: config.cell(),
            recurrent: config.recurrent.clone(),
            fixed: false,
            training: config.training.clone(),
            looked_at: "the layers, from the first token of a window to the last",
            reads: "window",
            length: Some("window"),
            steps: config.window,
            segment: 1,
            needed: config.window.div_ceil(2),
            needed_why: "half of a window",
            lags: Vec::new(),
            gives: "prediction",
            against_forgetting: Vec::new(),
            against_saturation: Vec::new(),
        }
    }

    fn subject(
        &self,
        sources: &Sources,
        items: usize,
        device: &Device,
    ) -> Result<Box<dyn Subject + '_>, ModelError> {
        let (lines, text) = match sources.trained_on {
            true => {
                let (text, _) = source::trained_on(self.config())?;
                let parts = cut_parts(&text, self.config().split.as_deref())?;
                (parts.valid, Some(text))
            }
            false => (source::for_model(sources, self.config())?.0, None),
        };
        let stream = self
            .pipeline()
            .codes()
            .stream(lines.iter().map(String::as_str));
        let length = self.config().window;
        // Each window and the token behind it, spread evenly.
        let last = stream
            .len()
            .checked_sub(length + 1)
            .filter(|last| *last > 0);
        let last = last.ok_or(LanguageError::TooFew(length))?;
        let count = items.clamp(2, last + 1);
        let windows = (0..count).map(|place| {
            let from = place * last / (count - 1);
            (stream[from..from + length].to_vec(), stream[from + length])
        });
        let (windows, next): (Vec<Vec<u32>>, Vec<u32>) = windows.unzip();
        let recording = device.clone().autodiff();
        let draw = Stream::new(self.config().training.seed, "weights");
        let network =
            decoder_config(self.config(), self.pipeline()).init(&draw, None, &recording)?;
        let tensors = weights::collect(self.layers());
        Ok(Box::new(Read {
            network: weights::apply(network, &tensors)?,
            tensors,
            model: self,
            windows,
            next,
            named: match sources.trained_on {
                true => "validation part".to_owned(),
                false => sources.named(),
            },
            text,
            device: device.clone(),
        }))
    }
}

/// Windows of text before the network.
struct Read<'a> {
    model: &'a LanguageModel,
    /// The network on the device that records gradients.
    network: Decoder,
    tensors: NamedTensors,
    windows: Vec<Vec<u32>>,
    /// The token behind each window.
    next: Vec<u32>,
    named: String,
    /// The text trained on, where that is looked at.
    text: Option<Text>,
    device: Device,
}

impl Subject for Read<'_> {
    fn items(&self) -> usize {
        self.windows.len()
    }

    fn unit(&self) -> &'static str {
        "windows"
    }

    fn named(&self) -> String {
        self.named.clone()
    }

    fn layers(&self) -> (NamedTensors, &'static str) {
        (self.tensors.clone(), Decoder::RECURRENT)
    }

    fn sequences(&self, item: usize) -> Result<Vec<Sequence>, ModelError> {
        let window = &self.windows[item..=item];
        let input = self.network.embedding().forward(window)?;
        let decoded = self.network.forward(window, None, None, None)?;
        let [_, steps, width] = decoded.outputs.dims();
        // The last output is the state h of the last layer; other states and layers have no part in what follows it.
        let output: Tensor<3> = decoded
            .outputs
            .narrow(1, steps - 1, 1)
            .detach()
            .require_grad();
        let read = self.network.read_out(output.clone())?;
        let gradients = self
            .network
            .loss(read, &[self.next[item]], 0.0)?
            .mean
            .backward();
        let of_output = match output.grad(&gradients) {
            Some(gradient) => host(gradient),
            None => vec![0.0; width],
        };
        let config = self.model.config();
        let states = config.cell().size().carried;
        let mut gradient = vec![0.0; config.recurrent.layers * states * width];
        let last = (config.recurrent.layers - 1) * states * width;
        gradient[last..last + width].copy_from_slice(&of_output);
        Ok(vec![Sequence {
            input: host(input),
            gradient,
        }])
    }

    fn outputs(&self, exchange: Option<(&[usize], Exchange)>) -> Result<Vec<f32>, ModelError> {
        let network = self.network.clone().valid();
        let mut windows = self.windows.clone();
        if let Some((partners, Exchange::Recurrent(back) | Exchange::Whole(back))) = exchange {
            for (window, partner) in windows.iter_mut().zip(partners) {
                let place = window.len().checked_sub(back + 1);
                if let Some(place) = place {
                    window[place] = self.windows[*partner][place];
                }
            }
        }
        let decoded = network.forward(&windows, None, None, None)?;
        let [_, steps, _] = decoded.read.dims();
        let last = decoded.read.narrow(1, steps - 1, 1).squeeze_dim::<2>(1);
        Ok(weights::values(network.logits(last)?))
    }

    fn learner(&self) -> Result<Option<Box<dyn Learner>>, ModelError> {
        let Some(text) = &self.text else {
            return Ok(None);
        };
        fresh::<Language>(self.model.config(), text, &self.device).map(Some)
    }
}
