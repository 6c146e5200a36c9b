//! A forecaster's recurrence over its context, for a diagnosis: of an encoder and decoder the encoder, of the model
//! `segment` the recurrence over the segments of the context.

use std::ops::Range;

use burn::module::Module;
use burn::tensor::{Device, Tensor};

use ressac_data::panel::Panel;
use ressac_data::split::Split;
use ressac_nn::State;
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_train::Learner;

use super::choices::{ModelKind, Scale};
use super::config::ForecastConfig;
use super::dataset::{Batch, ScaledPanel, Window};
use super::error::ForecastError;
use super::family::Forecasting;
use super::forecaster::Forecaster;
use super::loss::LossFunction;
use super::network::ForecastNetwork;
use super::source;
use crate::ModelError;
use crate::family::fresh;
use crate::model::Sources;
use crate::part::Part;
use crate::recurrence::{Cure, Exchange, Patient, Recurrence, Sequence, Subject, host};

/// Steps of the series in one step of the recurrence.
fn segment(config: &ForecastConfig) -> usize {
    match config.model {
        ModelKind::Segment => config.segment,
        _ => 1,
    }
}

/// What a forecaster has against forgetting, `season` steps being one that it could remember.
fn against_forgetting(config: &ForecastConfig, season: Option<usize>) -> Vec<Cure> {
    let mut cures = Vec::new();
    let longer = 2 * config.segment;
    match config.model {
        ModelKind::Segment => {
            if longer <= config.context.min(config.horizon) {
                cures.push(Cure::new("longer segments", "segment", longer.to_string()));
            }
            return cures;
        }
        // Gates come first.
        ModelKind::Rnn => {}
        _ => cures.push(Cure::new(
            "fewer and longer steps",
            "model",
            ModelKind::Segment.to_string(),
        )),
    }
    // The season before the first step forecast of the last one.
    let lag = season.map(|season| season * config.horizon.div_ceil(season));
    if let Some(lag) = lag.filter(|lag| config.lags.is_empty() && *lag <= config.context) {
        cures.push(Cure::new(
            "the season handed to the head",
            "lags",
            lag.to_string(),
        ));
    }
    cures
}

impl Recurrence for Forecaster {
    fn patient(&self) -> Patient {
        let config = self.config();
        let segment = segment(config);
        let steps = config.context / segment;
        let season = self
            .pipeline()
            .season
            .map(|season| season.div_ceil(segment));
        let (needed, why) = match season {
            Some(season) if season <= steps => (season, "a season"),
            Some(_) => (steps, "the context"),
            None => (steps.div_ceil(2), "half of the context"),
        };
        Patient {
            model: config.model.to_string(),
            cell: config.cell(),
            recurrent: config.recurrent.clone(),
            fixed: config.model == ModelKind::Segment,
            training: config.training.clone(),
            looked_at: match config.model {
                ModelKind::Segment => {
                    "the one over the segments of the context, each column by itself; its input is the embedded segment"
                }
                _ => "the encoder, from the first step of the context to the last",
            },
            reads: "context",
            // A shorter context could not hold the lags.
            length: config.lags.is_empty().then_some("context"),
            steps,
            segment,
            needed,
            needed_why: why,
            lags: config.lags.clone(),
            gives: "forecast",
            against_forgetting: against_forgetting(
                config,
                season.filter(|season| *season <= steps),
            ),
            against_saturation: match config.scale {
                Scale::Reversible => vec![],
                _ => vec![Cure::new(
                    "a scale for each window by itself",
                    "scale",
                    Scale::Reversible.to_string(),
                )],
            },
        }
    }

    fn subject(
        &self,
        sources: &Sources,
        items: usize,
        device: &Device,
    ) -> Result<Box<dyn Subject + '_>, ModelError> {
        let (panel, _) = source::for_model(sources, self.config(), None)?;
        let part = match sources.trained_on {
            true => Part::Valid,
            false => Part::All,
        };
        let rows = self.rows(part, &panel)?;
        let before: Vec<Range<usize>> = panel
            .series
            .iter()
            .zip(&rows)
            .map(|(series, rows)| match rows.start {
                0 => 0..series.observed(),
                start => 0..start,
            })
            .collect();
        let scaled = self.scale(&panel, &before)?;
        let windows = chosen(&scaled, &rows, self.config(), items)?;
        let recording = device.clone().autodiff();
        let tensors = weights::collect(self.layers());
        let config = self.config();
        let network = ForecastNetwork::new(
            config,
            self.pipeline().widths()?,
            &Stream::new(config.training.seed, "weights"),
            &recording,
        )?;
        let network = weights::apply(network, &tensors)?;
        Ok(Box::new(Windows {
            plain: network.clone().valid(),
            own: scaled.batch(&windows, device)?,
            loss: LossFunction::new(config.loss, &config.quantiles, &recording),
            network,
            tensors,
            model: self,
            named: match sources.trained_on {
                true => format!("validation part of {}", sources.named()),
                false => format!("rows of {}", sources.named()),
            },
            trained_on: sources.trained_on,
            panel,
            scaled,
            windows,
            recording,
            device: device.clone(),
        }))
    }
}

/// At most `count` windows, spread evenly over those that lie in the rows.
fn chosen(
    scaled: &ScaledPanel,
    rows: &[Range<usize>],
    config: &ForecastConfig,
    count: usize,
) -> Result<Vec<Window>, ModelError> {
    let parts: Vec<Split> = rows
        .iter()
        .map(|rows| Split {
            train: 0..rows.start,
            valid: rows.clone(),
            test: rows.end..rows.end,
        })
        .collect();
    let all = scaled.windows(&parts, |split| &split.valid, 1);
    if all.len() < 2 {
        let rows: usize = rows.iter().map(ExactSizeIterator::len).sum();
        return Err(ForecastError::NoWindow(format!(
            "the part looked at has {rows} rows, in which {} windows of {} rows of context and {} to forecast fit, and a diagnosis compares at least 2. Give more rows with `data`",
            all.len(),
            config.context,
            config.horizon
        ))
        .into());
    }
    let count = count.clamp(2, all.len());
    let at = |place: usize| all[place * (all.len() - 1) / (count - 1)];
    Ok((0..count).map(at).collect())
}

/// Windows before the network.
struct Windows<'a> {
    model: &'a Forecaster,
    /// The network on the device that records gradients.
    network: ForecastNetwork,
    /// The same network on the device that records none.
    plain: ForecastNetwork,
    tensors: NamedTensors,
    loss: LossFunction,
    panel: Panel,
    scaled: ScaledPanel,
    windows: Vec<Window>,
    /// The windows as one batch, for the plain network.
    own: Batch,
    named: String,
    trained_on: bool,
    recording: Device,
    device: Device,
}

impl Subject for Windows<'_> {
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
        (self.tensors.clone(), self.network.encoder_layers())
    }

    fn sequences(&self, item: usize) -> Result<Vec<Sequence>, ModelError> {
        let window = [self.windows[item]];
        let batch = self.scaled.batch(&window, &self.recording)?;
        let truth = self.scaled.truth(&window, &self.recording);
        let input = self.network.encoder_input(batch.clone())?;
        let parts: Vec<Tensor<3>> = self
            .network
            .encode(input.clone())?
            .parts()
            .iter()
            .map(|part| part.clone().detach().require_grad())
            .collect();
        let forecast = self
            .network
            .forward_from(batch, State::new(parts.clone()))?;
        let gradients = self.loss.of(forecast, truth).backward();
        let rows = input.dims()[0];
        let read = host(input);
        let mut found: Vec<Sequence> = read
            .chunks_exact(read.len() / rows)
            .map(|input| Sequence {
                input: input.to_vec(),
                gradient: Vec::new(),
            })
            .collect();
        for part in &parts {
            let [states, _, hidden] = part.dims();
            // A state the head does not read gets no gradient.
            let values = match part.grad(&gradients) {
                Some(gradient) => host(gradient),
                None => vec![0.0; states * rows * hidden],
            };
            for state in values.chunks_exact(rows * hidden) {
                for (row, values) in state.chunks_exact(hidden).enumerate() {
                    found[row].gradient.extend_from_slice(values);
                }
            }
        }
        Ok(found)
    }

    fn outputs(&self, exchange: Option<(&[usize], Exchange)>) -> Result<Vec<f32>, ModelError> {
        let (network, own) = (&self.plain, &self.own);
        let other = |partners: &[usize]| {
            let partners: Vec<Window> = partners.iter().map(|other| self.windows[*other]).collect();
            self.scaled.batch(&partners, &self.device)
        };
        let forecast = match exchange {
            Some((partners, Exchange::Whole(back))) => {
                // Of segments the oldest steps that fill none are left out, so places count from the end.
                let segment = segment(self.model.config());
                let first = own.values.dims()[1] - (back + 1) * segment;
                network.forward(
                    exchanged_batch(own, &other(partners)?, first, segment),
                    None,
                )?
            }
            exchange => {
                let mut input = network.encoder_input(own.clone())?;
                if let Some((partners, Exchange::Recurrent(back))) = exchange {
                    let other = network.encoder_input(other(partners)?)?;
                    let at = input.dims()[1] - 1 - back;
                    input = exchanged(&input, &other, at, 1);
                }
                let state = network.encode(input)?;
                network.forward_from(own.clone(), state)?
            }
        };
        Ok(forecast.into_data().iter::<f32>().collect())
    }

    fn learner(&self) -> Result<Option<Box<dyn Learner>>, ModelError> {
        if !self.trained_on {
            return Ok(None);
        }
        fresh::<Forecasting>(self.model.config(), &self.panel, &self.device).map(Some)
    }
}

fn exchanged_batch(own: &Batch, other: &Batch, first: usize, count: usize) -> Batch {
    let exchange = |own: &Tensor<3>, other: &Tensor<3>| exchanged(own, other, first, count);
    let both = |own: &Option<Tensor<3>>, other: &Option<Tensor<3>>| {
        own.as_ref()
            .zip(other.as_ref())
            .map(|(own, other)| exchange(own, other))
    };
    Batch {
        values: exchange(&own.values, &other.values),
        observed: both(&own.observed, &other.observed),
        past: both(&own.past, &other.past),
        known: both(&own.known, &other.known),
    }
}

/// `own` with `count` steps from `first` on taken from `other`; both `[rows, steps, features]`.
fn exchanged(own: &Tensor<3>, other: &Tensor<3>, first: usize, count: usize) -> Tensor<3> {
    let steps = own.dims()[1];
    let mut parts = Vec::with_capacity(3);
    if first > 0 {
        parts.push(own.clone().narrow(1, 0, first));
    }
    parts.push(other.clone().narrow(1, first, count));
    if first + count < steps {
        parts.push(own.clone().narrow(1, first + count, steps - first - count));
    }
    Tensor::cat(parts, 1)
}
