//! A recurrent layer, an affine one on top, and the updates between a new batch and the time limit.

use crate::options::{Cell, Options, Start};
use crate::task::{Batch, Target, Task};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData, activation};
use ressac_kernels::context::set_threads;
use ressac_nn::init::{Init, Weights};
use ressac_nn::optim::GradientsParams;
use ressac_nn::optim::{AdamW, AdamWConfig};
use ressac_nn::random::Stream;
use ressac_nn::{
    Elman, Gru, Linear, LinearConfig, Lstm, NnError, Recurrent, RecurrentConfig, weights,
};
use serde::Serialize;
use std::time::{Duration, Instant};

/// The network of either problem.
#[derive(Module, Debug)]
struct Network {
    recurrent: Recurrent,
    head: Linear,
}

/// What is known of a training while it runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum Event {
    /// Before the first update.
    Start {
        parameters: usize,
        memoryless_loss: f64,
    },
    /// After every few updates: their mean loss, each on sequences never seen before, and the largest norm of their
    /// gradients before clipping.
    Progress {
        update: usize,
        loss: f64,
        largest_gradient: f64,
        seconds: f64,
    },
    /// After the last one.
    End {
        updates: usize,
        ended_by: Ending,
        seconds: f64,
        /// On sequences of streams of their own; absent where the network's numbers are not finite.
        #[serde(flatten)]
        judgements: Option<Judgements>,
    },
}

/// Why a training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ending {
    /// All planned updates were made.
    Updates,
    /// The time limit.
    Time,
    /// The loss fell below the one asked.
    Solved,
    /// A loss or a gradient was not finite.
    Diverged,
}

/// How good the network is on sequences it was not trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Judgements {
    /// For choosing options.
    validation: Judgement,
    /// For the figure that is reported.
    test: Judgement,
}

/// How good the network is on the sequences of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Judgement {
    /// Adding: mean squared error. Copying: nats a step, over all steps.
    loss: f64,
    /// Adding: share of the sums that are within 0.04, as Hochreiter & Schmidhuber (1997) count. Copying: share of
    /// the copied symbols that are right.
    accuracy: f64,
}

/// Trains and judges, telling `report` as it goes.
pub(crate) fn train(
    options: &Options,
    mut report: impl FnMut(Event) -> Result<(), String>,
) -> Result<(), String> {
    set_threads(options.threads);
    let start = Instant::now();
    let limit = Duration::try_from_secs_f64(options.time_limit)
        .map_err(|error| format!("--time-limit: {error}"))?;
    let root = Stream::new(options.seed, "memory");
    let device = Device::default().autodiff();
    let mut network = Network::new(options, &root, &device).map_err(|error| error.to_string())?;
    report(Event::Start {
        parameters: weights::collect(&network)
            .values()
            .map(|tensor| tensor.values.len())
            .sum(),
        memoryless_loss: options.task.memoryless_loss(options.steps),
    })?;
    let mut optimiser = AdamW::new(AdamWConfig {
        clip: Some(options.clip),
        beta2: options.beta2,
        ..AdamWConfig::default()
    });
    let mut window = Window::default();
    let (mut updates, mut ended_by) = (0, Ending::Updates);
    while updates < options.updates {
        if start.elapsed() >= limit {
            ended_by = Ending::Time;
            break;
        }
        let stream = root.child("training").at(updates as u64);
        let batch = options.task.batch(options.batch, options.steps, &stream);
        let (loss, gradients) = network
            .gradients(&batch, &device)
            .map_err(|error| error.to_string())?;
        let norm = optimiser
            .step(options.rate(updates), &mut network, gradients)
            .map_err(|error| error.to_string())?;
        updates += 1;
        if !loss.is_finite() || !norm.is_finite() {
            ended_by = Ending::Diverged;
            break;
        }
        window.add(loss, norm);
        if window.losses == options.every {
            let Window { sum, largest, .. } = std::mem::take(&mut window);
            let mean = sum / options.every as f64;
            report(Event::Progress {
                update: updates,
                loss: mean,
                largest_gradient: largest,
                seconds: start.elapsed().as_secs_f64(),
            })?;
            if mean < options.stop_below {
                ended_by = Ending::Solved;
                break;
            }
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let judgements = match ended_by {
        Ending::Diverged => None,
        _ => {
            let (network, device) = (network.valid(), device.inner());
            let judge = |stream: &str| {
                network
                    .judge(options, &root.child(stream), &device)
                    .map_err(|error| error.to_string())
            };
            Some(Judgements {
                validation: judge("validation")?,
                test: judge("test")?,
            })
        }
    };
    report(Event::End {
        updates,
        ended_by,
        seconds,
        judgements,
    })
}

/// The updates since the last report.
#[derive(Default)]
struct Window {
    losses: usize,
    sum: f64,
    largest: f64,
}

impl Window {
    fn add(&mut self, loss: f64, norm: f64) {
        self.losses += 1;
        self.sum += loss;
        self.largest = self.largest.max(norm);
    }
}

impl Network {
    fn new(options: &Options, root: &Stream, device: &Device) -> Result<Self, NnError> {
        let (features, hidden) = (options.task.features(), options.hidden);
        let config = match options.cell {
            Cell::Rnn => RecurrentConfig::new(Elman::tanh(), features, hidden),
            Cell::Relu => RecurrentConfig::new(Elman::relu(), features, hidden),
            Cell::Lstm => RecurrentConfig::new(Lstm, features, hidden),
            Cell::Gru => RecurrentConfig::new(Gru, features, hidden),
        };
        let mut init = match options.init {
            Start::Pytorch => Init::pytorch(),
            Start::Keras => Init::keras(),
            Start::Orthogonal => Init::orthogonal(),
            Start::Chrono => Init::chrono(options.longest()),
            Start::Irnn => Init::irnn(),
        };
        if let (Some(factor), Weights::Xavier { gain, .. }) = (options.input_gain, &mut init.input)
        {
            *gain *= factor;
        }
        let stream = root.child("weights");
        Ok(Self {
            recurrent: config
                .with_init(init)
                .init(&stream.child("recurrent"), device)?,
            head: LinearConfig::new(hidden, options.task.outputs())
                .init(&stream.child("head"), device)?,
        })
    }

    /// The answers of a batch: `[rows]` sums, or scores `[rows · time, symbols]`.
    fn forward(&self, batch: &Batch, device: &Device) -> Result<Tensor<2>, NnError> {
        let [rows, time, _] = batch.shape;
        let input = TensorData::new(batch.input.clone(), batch.shape);
        let input = Tensor::<3>::from_data(input, device);
        let (output, _) = self.recurrent.forward(input, None, None)?;
        let [_, _, hidden] = output.dims();
        self.head.forward(match &batch.target {
            Target::Number(_) => output.narrow(1, time - 1, 1).reshape([rows, hidden]),
            Target::Symbols(_) => output.reshape([rows * time, hidden]),
        })
    }

    /// The loss of a batch and its gradients.
    fn gradients(&self, batch: &Batch, device: &Device) -> Result<(f64, GradientsParams), NnError> {
        let answers = self.forward(batch, device)?;
        let [rows, width] = answers.dims();
        let loss = match &batch.target {
            Target::Number(sums) => {
                let sums = TensorData::new(sums.clone(), [rows, 1]);
                let error = answers - Tensor::<2>::from_data(sums, device);
                (error.clone() * error).mean()
            }
            Target::Symbols(symbols) => {
                let mut indicators = vec![0.0f32; rows * width];
                for (row, &symbol) in indicators.chunks_exact_mut(width).zip(symbols) {
                    row[symbol] = -1.0 / rows as f32;
                }
                let indicators = TensorData::new(indicators, [rows, width]);
                let indicators = Tensor::<2>::from_data(indicators, device);
                (activation::log_softmax(answers, 1) * indicators).sum()
            }
        };
        let value = f64::from(numbers(loss.clone().inner())[0]);
        Ok((value, GradientsParams::from_grads(loss.backward(), self)))
    }

    /// Loss and accuracy on the sequences of a stream, computed in `f64` from the network's answers.
    fn judge(
        &self,
        options: &Options,
        stream: &Stream,
        device: &Device,
    ) -> Result<Judgement, NnError> {
        let (mut loss, mut right, mut asked, mut terms) = (0.0, 0, 0, 0);
        let mut judged = 0;
        while judged < options.judged {
            let rows = options.batch.min(options.judged - judged);
            let batch = options
                .task
                .batch(rows, options.steps, &stream.at(judged as u64));
            let answers = numbers(self.forward(&batch, device)?);
            judged += rows;
            match &batch.target {
                Target::Number(sums) => {
                    for (answer, sum) in answers.iter().zip(sums) {
                        let error = f64::from(answer - sum);
                        loss += error * error;
                        right += usize::from(error.abs() < 0.04);
                    }
                    terms += rows;
                    asked += rows;
                }
                Target::Symbols(symbols) => {
                    for (scores, &symbol) in answers.chunks(Task::Copying.outputs()).zip(symbols) {
                        loss += surprise(scores, symbol);
                        if symbol != 0 {
                            asked += 1;
                            right +=
                                usize::from(scores.iter().all(|&score| score <= scores[symbol]));
                        }
                    }
                    terms += symbols.len();
                }
            }
        }
        Ok(Judgement {
            loss: loss / terms as f64,
            accuracy: right as f64 / asked as f64,
        })
    }
}

/// −ln of the share that softmax gives to `symbol`.
fn surprise(scores: &[f32], symbol: usize) -> f64 {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let above = |score: f32| f64::from(score) - f64::from(largest);
    let sum: f64 = scores.iter().map(|&score| above(score).exp()).sum();
    sum.ln() - above(scores[symbol])
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor
        .into_data()
        .try_to_vec()
        .expect("the device computes in f32")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Vec<Event> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let mut events = Vec::new();
        train(&Options::read(&words).unwrap(), |event| {
            events.push(event);
            Ok(())
        })
        .unwrap();
        events
    }

    fn progress(events: &[Event]) -> Vec<(usize, f64)> {
        events
            .iter()
            .filter_map(|event| match event {
                Event::Progress { update, loss, .. } => Some((*update, *loss)),
                _ => None,
            })
            .collect()
    }

    const SHORT: &str = "--task copying --steps 3 --cell gru --init chrono --hidden 16 --batch 8 --learning-rate 0.01 \
                         --clip 1 --updates 60 --every 20 --time-limit 60 --judged 20 --seed 1";

    #[test]
    fn the_loss_falls_below_that_of_an_untrained_network_and_repeats_to_the_bit() {
        let events = run(SHORT);
        let losses = progress(&events);
        assert_eq!(losses.len(), 3);
        assert_eq!(losses[2].0, 60);
        // 23 steps: from about ln 10 to less than the loss of knowing nothing but when to be blank.
        assert!(losses[0].1 > 1.2 && losses[2].1 < 1.0, "{losses:?}");
        let Some(Event::End {
            updates,
            ended_by,
            judgements: Some(Judgements { test, .. }),
            ..
        }) = events.last()
        else {
            panic!("{events:?}");
        };
        assert_eq!((*updates, *ended_by), (60, Ending::Updates));
        assert!((test.loss - losses[2].1).abs() < 0.3, "{test:?}");
        assert_eq!(progress(&run(SHORT)), losses);
    }

    #[test]
    fn a_training_ends_when_it_is_told_to() {
        let ending = |line: &str| match run(line).pop() {
            Some(Event::End {
                ended_by,
                judgements,
                ..
            }) => (ended_by, judgements.is_some()),
            other => panic!("{other:?}"),
        };
        let adding = SHORT.replace("copying", "adding");
        assert_eq!(
            ending(&format!("{adding} --stop-below 100")),
            (Ending::Solved, true)
        );
        assert_eq!(
            ending(&adding.replace("limit 60", "limit 1e-9")),
            (Ending::Time, true)
        );
        let wild = adding
            .replace("0.01", "1e38")
            .replace("gru --init chrono", "relu --init irnn");
        assert_eq!(ending(&wild), (Ending::Diverged, false));
    }

    #[test]
    fn surprise_is_the_cross_entropy() {
        let scores = [1.0, 2.0, 3.0];
        let sum: f64 = scores.iter().map(|&score| f64::from(score).exp()).sum();
        for (symbol, &score) in scores.iter().enumerate() {
            let expected = sum.ln() - f64::from(score);
            assert!((surprise(&scores, symbol) - expected).abs() < 1e-12);
        }
    }
}
