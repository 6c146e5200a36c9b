//! The program on the page about training: truncated backpropagation through time with a carried state.
//! The page shows this file from the first `use` on; the test below it keeps the two the same.

use burn::tensor::{Device, Tensor};
use ressac_nn::optim::{AdamW, AdamWConfig, GradientsParams};
use ressac_nn::random::Stream;
use ressac_nn::{Gru, NnError, RecurrentConfig, State};

/// Goes through a long series chunk by chunk; gives the loss of each. A chunk is what is read, `[batch,
/// time, 1]`, and what is asked for at every step, `[batch, time, 8]`.
pub(crate) fn train(chunks: Vec<[Tensor<3>; 2]>, device: &Device) -> Result<Vec<f32>, NnError> {
    let mut layer = RecurrentConfig::new(Gru, 1, 8).init(&Stream::new(1, "weights"), device)?;
    let mut optimizer = AdamW::new(AdamWConfig {
        clip: Some(1.0),
        ..AdamWConfig::default()
    });
    let mut state: Option<State> = None;
    let mut losses = Vec::new();
    for [read, asked] in chunks {
        let (output, last) = layer.forward(read, None, state)?;
        let loss = (output - asked).square().mean();
        losses.push(loss.clone().into_scalar());
        let mut gradients = loss.backward(); // to the beginning of this chunk, no further
        let gradients = GradientsParams::from_module(&mut gradients, &layer);
        optimizer.step(0.01, &mut layer, gradients)?;
        state = Some(last.detach()); // the numbers go on, the graph does not
    }
    Ok(losses)
}
