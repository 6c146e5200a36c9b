//! Whole training steps of networks for images: the requests `image network side threads seconds` of `bench/images/run.py`. The side
//! is `ressac` or `burn`: the same network over our layers, or over Burn's own operations on the same device.

mod burn_side;
mod network;

use std::collections::HashMap;
use std::time::Duration;

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::context::set_threads;
use ressac_nn::optim::{AdamW, AdamWConfig, GradientsParams};
use ressac_nn::random::Stream;
use ressac_nn::weights;

use crate::request::{duration, size};
use crate::times::{Times, times};
use network::{Network, Plan};

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
    /// Answers a request, its words after `image`.
    pub(crate) fn run(&mut self, words: &[&str]) -> Result<Times, String> {
        let [network, side, threads, seconds] = words else {
            return Err(format!(
                "expected `image network side threads seconds`, found {words:?}"
            ));
        };
        let plan: Plan = network.parse()?;
        set_threads(size(threads)?);
        let device = Device::default().autodiff();
        let stream = Stream::new(1, "benchmark weights");
        let length = Duration::from_secs_f64(duration(seconds)?);
        match *side {
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
