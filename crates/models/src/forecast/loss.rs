//! How far forecasts are from what came, on the network's scale; missing truths have no part in it.

use burn::tensor::{Device, Tensor, TensorData};

use super::choices::Loss;
use super::dataset::Truth;

/// A loss over forecasts `[windows, horizon, targets, quantiles]`.
#[derive(Debug, Clone)]
pub(super) struct LossFunction {
    kind: Loss,
    /// The quantiles' levels `[1, 1, 1, quantiles]`.
    levels: Option<Tensor<4>>,
}

impl LossFunction {
    pub(super) fn new(kind: Loss, levels: &[f64], device: &Device) -> Self {
        let levels = (kind == Loss::Quantile).then(|| {
            let values: Vec<f32> = levels.iter().map(|level| *level as f32).collect();
            let shape = [1, 1, 1, values.len()];
            Tensor::from_data(TensorData::new(values, shape), device)
        });
        Self { kind, levels }
    }

    /// The same on another device.
    pub(super) fn on(&self, device: &Device) -> Self {
        Self {
            kind: self.kind,
            levels: self
                .levels
                .as_ref()
                .map(|levels| Tensor::from_data(levels.clone().into_data(), device)),
        }
    }

    /// The mean over the truths that are there.
    pub(super) fn of(&self, forecast: Tensor<4>, truth: Truth) -> Tensor<1> {
        let quantiles = forecast.dims()[3];
        let error = truth.values.unsqueeze_dim::<4>(3) - forecast;
        let losses = match (self.kind, &self.levels) {
            (Loss::Mse, _) => error.clone() * error,
            (Loss::Quantile, Some(levels)) => {
                // max(τ·e, (τ − 1)·e) = τ·e + max(−e, 0)
                levels.clone() * error.clone() + burn::tensor::activation::relu(-error)
            }
            _ => error.abs(),
        };
        match truth.observed {
            None => losses.mean(),
            Some(observed) => {
                let count = observed.clone().sum().mul_scalar(quantiles as f32);
                (losses * observed.unsqueeze_dim::<4>(3)).sum() / count
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::default())
    }

    fn value(kind: Loss, levels: &[f64], forecast: Tensor<4>, truth: Truth) -> f32 {
        let loss = LossFunction::new(kind, levels, &Device::default());
        loss.of(forecast, truth)
            .into_data()
            .iter::<f32>()
            .next()
            .unwrap()
    }

    #[test]
    fn the_quantile_loss_is_the_pinball_loss() {
        let truth = Truth {
            values: tensor(&[1.0, 2.0], [1, 2, 1]),
            observed: None,
        };
        let forecast = tensor(&[0.0, 3.0, 1.0, 2.5], [1, 2, 1, 2]);
        // Level 0.1: 0.1·1 and 0.1·1; level 0.8: 0.2·2 and 0.2·0.5.
        let expected = (0.1 + 0.4 + 0.1 + 0.1) / 4.0;
        let found = value(Loss::Quantile, &[0.1, 0.8], forecast, truth);
        assert!((found - expected).abs() < 1e-6, "{found}");
    }

    #[test]
    fn missing_truths_have_no_part_whatever_was_forecast() {
        let truth = |observed| Truth {
            values: tensor(&[1.0, 0.0], [1, 2, 1]),
            observed,
        };
        let forecast = tensor(&[3.0, 100.0], [1, 2, 1, 1]);
        let there = Some(tensor(&[1.0, 0.0], [1, 2, 1]));
        assert_eq!(
            value(Loss::Mse, &[], forecast.clone(), truth(there.clone())),
            4.0
        );
        assert_eq!(value(Loss::Mae, &[], forecast, truth(there)), 2.0);
    }
}
