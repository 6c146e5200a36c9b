//! The measurement itself: whole training steps.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::context::set_threads;
use ressac_nn::optim::{AdamW, AdamWConfig, GradientsParams};
use ressac_nn::random::Stream;
use ressac_nn::weights;
use serde::Serialize;

use crate::burn_side;
use crate::network::{Network, Plan};

/// The times of the steps of one request.
#[derive(Serialize)]
pub(crate) struct Times {
    median_ms: f64,
    min_ms: f64,
    calls: usize,
}

/// A network in training.
struct Training<N> {
    network: N,
    optimiser: AdamW,
    input: Tensor<4>,
}

impl<N: Module> Training<N> {
    fn new(plan: &Plan, network: N, device: &Device) -> Self {
        let mut generator = Stream::new(1, "benchmark input").generator();
        let values: Vec<f32> = (0..plan.input.iter().product())
            .map(|_| generator.normal() as f32)
            .collect();
        Self {
            network,
            optimiser: AdamW::new(AdamWConfig::default()),
            input: Tensor::from_data(TensorData::new(values, plan.input), device),
        }
    }

    /// Forward, the mean square of what comes out, backward, optimiser.
    fn step(
        &mut self,
        forward: impl Fn(&N, Tensor<4>) -> Result<(Tensor<4>, Vec<ressac_nn::image::Running>), String>,
    ) -> Result<(), String> {
        let (output, running) = forward(&self.network, self.input.clone())?;
        let loss = (output.clone() * output).mean();
        let gradients = GradientsParams::from_grads(loss.backward(), &self.network);
        self.optimiser
            .step(1e-4, &mut self.network, gradients)
            .map_err(|error| error.to_string())?;
        let running = running.into_iter().flat_map(|running| running.0).collect();
        self.network = weights::set(self.network.clone(), running);
        Ok(())
    }
}

/// The trainings begun so far, so that a later round meets warm weights and workspaces.
#[derive(Default)]
pub(crate) struct Trainings {
    ours: HashMap<String, Training<Network>>,
    burn: HashMap<String, Training<burn_side::Network>>,
}

impl Trainings {
    pub(crate) fn run(
        &mut self,
        plan: Plan,
        side: &str,
        threads: usize,
        seconds: f64,
    ) -> Result<Times, String> {
        set_threads(threads);
        let device = Device::default().autodiff();
        let stream = Stream::new(1, "benchmark weights");
        let length = Duration::from_secs_f64(seconds);
        match side {
            "ressac" => {
                if !self.ours.contains_key(&plan.name) {
                    let network = Network::new(&plan.layers, &stream, &device);
                    let network = network.map_err(|error| error.to_string())?;
                    let training = Training::new(&plan, network, &device);
                    self.ours.insert(plan.name.clone(), training);
                }
                let Some(training) = self.ours.get_mut(&plan.name) else {
                    unreachable!("made just above");
                };
                let forward = |network: &Network, map| {
                    let mut running = Vec::new();
                    let output = network.forward(map, &mut running);
                    Ok((output.map_err(|error| error.to_string())?, running))
                };
                times(|| training.step(forward), length)
            }
            "burn" => {
                let training = self.burn.entry(plan.name.clone()).or_insert_with(|| {
                    let network = burn_side::Network::new(&plan.layers, &stream, &device);
                    Training::new(&plan, network, &device)
                });
                let forward = |network: &burn_side::Network, map| {
                    Ok((network.forward(&plan.layers, map), Vec::new()))
                };
                times(|| training.step(forward), length)
            }
            other => Err(format!("expected ressac or burn, found `{other}`")),
        }
    }
}

/// Times `call` one by one for `length`: two calls and a tenth of the time first, uncounted, then at least three.
fn times(mut call: impl FnMut() -> Result<(), String>, length: Duration) -> Result<Times, String> {
    let warm = Instant::now();
    call()?;
    call()?;
    while warm.elapsed() < length / 10 {
        call()?;
    }
    let mut milliseconds = Vec::new();
    let start = Instant::now();
    while start.elapsed() < length || milliseconds.len() < 3 {
        let one = Instant::now();
        call()?;
        milliseconds.push(one.elapsed().as_secs_f64() * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    Ok(Times {
        median_ms: milliseconds[milliseconds.len() / 2],
        min_ms: milliseconds[0],
        calls: milliseconds.len(),
    })
}
