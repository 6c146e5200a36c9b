//! The measurement itself: the layer as its users call it, through Burn.

use crate::request::{Kind, Mode, Request};
use crate::times::{Times, times};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_kernels::context::set_threads;
use ressac_nn::random::Stream;
use ressac_nn::{Elman, Gru, Lstm, NnError, Recurrent, RecurrentConfig};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

/// The layers made so far, so that a later round meets warm weights and workspaces.
#[derive(Default)]
pub(crate) struct Layers {
    made: HashMap<(Kind, usize, usize, bool), Recurrent>,
}

impl Layers {
    fn get(&mut self, request: &Request, device: &Device) -> Result<&Recurrent, NnError> {
        let (kind, input, hidden) = (request.kind, request.input, request.hidden);
        let key = (kind, input, hidden, request.mode == Mode::Train);
        match self.made.entry(key) {
            Entry::Occupied(made) => Ok(made.into_mut()),
            Entry::Vacant(place) => {
                let config = match kind {
                    Kind::Rnn => RecurrentConfig::new(Elman::tanh(), input, hidden),
                    Kind::Lstm => RecurrentConfig::new(Lstm, input, hidden),
                    Kind::Gru => RecurrentConfig::new(Gru, input, hidden),
                };
                Ok(place.insert(config.init(&Stream::new(1, "benchmark weights"), device)?))
            }
        }
    }
}

/// Calls the layer for about the seconds asked, after calls that are not counted.
pub(crate) fn run(layers: &mut Layers, request: &Request) -> Result<Times, String> {
    set_threads(request.threads);
    let device = match request.mode {
        Mode::Train => Device::default().autodiff(),
        Mode::Infer => Device::default(),
    };
    let layer = layers
        .get(request, &device)
        .map_err(|error| error.to_string())?;
    let shape = [request.batch, request.time, request.input];
    let mut generator = Stream::new(1, "benchmark input").generator();
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| generator.normal() as f32)
        .collect();
    let input = Tensor::<3>::from_data(TensorData::new(values, shape), &device);
    let call = || -> Result<(), String> {
        let (output, _) = layer
            .forward(input.clone(), None, None)
            .map_err(|error| error.to_string())?;
        match request.mode {
            Mode::Train => drop(output.sum().backward()),
            Mode::Infer => drop(output),
        }
        Ok(())
    };
    times(call, Duration::from_secs_f64(request.seconds))
}
