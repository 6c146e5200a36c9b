//! Dynamic evaluation: a model that goes on learning from the text that it is scored on, each part after it was predicted.
//!
//! Krause, Kahembwe, Murray & Renals 2018, "Dynamic evaluation of neural sequence models", here with the steps of AdamW
//! without decay.

use ressac_nn::random::Stream;
use ressac_nn::weights;
use ressac_train::{Average, Place, Single, SingleConfig, StepContext};

use super::learner::decoder_config;
use super::model::LanguageModel;
use crate::ModelError;

/// Tokens that are predicted before the model learns from them.
const WINDOW: usize = 20;

impl LanguageModel {
    /// −ln p of every token of a running text by a copy of the model that takes a step of this learning rate after every
    /// 20 of them.
    ///
    /// # Errors
    /// When the network refuses its input.
    pub(super) fn nats_learning(&self, stream: &[u32], rate: f64) -> Result<Vec<f32>, ModelError> {
        // Where the model runs.
        let device = self.layers().embedding().table().device().autodiff();
        let draw = Stream::new(0, "dynamic evaluation");
        let copy = decoder_config(self.config(), self.pipeline()).init(&draw, None, &device)?;
        let copy = weights::apply(copy, &weights::collect(self.layers()))?;
        let mut single = Single::new(
            copy,
            &SingleConfig {
                weight_decay: 0.0,
                clip: 1.0,
                averaging: Average::None,
            },
        );
        let mut before = self.pipeline().codes().end();
        let (mut all, mut state) = (Vec::with_capacity(stream.len()), None);
        for (step, next) in (0..).zip(stream.chunks(WINDOW)) {
            let mut read = vec![before];
            read.extend(&next[..next.len() - 1]);
            before = next.last().copied().unwrap_or(before);
            let decoded = single.network().forward(&[read], state, None, None)?;
            let losses = single.network().loss(decoded.read, next, 0.0)?;
            all.extend(losses.rows.into_data().iter::<f32>());
            state = Some(decoded.state.detach());
            let context = StepContext {
                step,
                within: step,
                planned: u64::MAX,
                learning_rate: rate,
                stream: draw.at(step),
            };
            single.step(&context, losses.mean, |_| Ok(Place::Output("the network")))?;
        }
        Ok(all)
    }
}
