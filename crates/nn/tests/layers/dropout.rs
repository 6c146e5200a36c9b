//! Dropout between layers: its masks, their expectation, and where there is none.
use crate::support::{bits, fused, numbers, tensor, values};
use burn::tensor::Tensor;
use ressac_nn::cell::{Elman, Identity};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_nn::{Lstm, Recurrent, RecurrentConfig};

const DROPOUT: f64 = 0.3;
const SHAPE: [usize; 3] = [16, 32, 20];

/// Layers that pass on what they read, so that the output shows the mask.
fn transparent(layers: usize, dropout: f64) -> Recurrent {
    let size = SHAPE[2];
    let layer = RecurrentConfig::new(Elman::new(Identity), size, size)
        .with_layers(layers)
        .with_dropout(dropout)
        .init(&Stream::new(1, "transparent"), &fused())
        .unwrap();
    let mut parameters: NamedTensors = weights::collect(&layer);
    for (name, tensor) in &mut parameters {
        tensor.values.fill(0.0);
        if name.ends_with("input_weights") {
            for index in 0..size {
                tensor.values[index * size + index] = 1.0;
            }
        }
    }
    weights::apply(layer, &parameters).unwrap()
}

fn input() -> Tensor<3> {
    let ones = vec![1.0; SHAPE.iter().product()];
    tensor(&ones, SHAPE, &fused())
}

fn drawn(layer: &Recurrent, stream: &Stream) -> Vec<f32> {
    let (output, _) = layer.forward_train(input(), None, None, stream).unwrap();
    values(output)
}

#[test]
fn a_stream_draws_one_mask_and_another_step_another() {
    let layer = RecurrentConfig::new(Lstm, SHAPE[2], 11)
        .with_layers(2)
        .with_dropout(DROPOUT)
        .init(&Stream::new(1, "weights"), &fused())
        .unwrap();
    let stream = Stream::new(4, "dropout");
    let first = drawn(&layer, &stream.at(0));
    assert_eq!(bits(&first), bits(&drawn(&layer, &stream.at(0))));
    assert_ne!(first, drawn(&layer, &stream.at(1)));
    assert_ne!(first, drawn(&layer, &Stream::new(5, "dropout").at(0)));
}

#[test]
fn a_value_is_dropped_with_the_probability_asked_for_and_the_others_keep_the_expectation() {
    let found = drawn(&transparent(2, DROPOUT), &Stream::new(4, "dropout"));
    let kept = (1.0 / (1.0 - DROPOUT)) as f32;
    assert!(found.iter().all(|&value| value == 0.0 || value == kept));
    let count = found.len() as f64;
    let dropped = found.iter().filter(|&&value| value == 0.0).count() as f64;
    // Five standard deviations of a binomial share of 10240 values.
    let margin = 5.0 * (DROPOUT * (1.0 - DROPOUT) / count).sqrt();
    assert!(
        (dropped / count - DROPOUT).abs() < margin,
        "{dropped} of {count}"
    );
    let mean = found.iter().map(|&value| f64::from(value)).sum::<f64>() / count;
    assert!((mean - 1.0).abs() < margin / (1.0 - DROPOUT), "{mean}");
    // Every row, step and feature has a draw of its own.
    for feature in 0..SHAPE[2] {
        let column = found.iter().skip(feature).step_by(SHAPE[2]);
        let dropped = column.filter(|&&value| value == 0.0).count();
        assert!(
            (90..220).contains(&dropped),
            "{dropped} of 512 in {feature}"
        );
    }
}

#[test]
fn every_gap_between_layers_has_a_mask_of_its_own_and_none_follows_the_last_layer() {
    let stream = Stream::new(4, "dropout");
    let dropped = |layers| {
        let found = drawn(&transparent(layers, DROPOUT), &stream);
        let zeros = found.iter().filter(|&&value| value == 0.0).count();
        zeros as f64 / found.len() as f64
    };
    let (two, three) = (dropped(2), dropped(3));
    // Independent masks: what survives both is (1 − p)².
    assert!((two - DROPOUT).abs() < 0.025, "{two}");
    let twice = 1.0 - (1.0 - DROPOUT).powi(2);
    assert!((three - twice).abs() < 0.025, "{three}");
}

#[test]
fn nothing_is_dropped_outside_training_or_with_a_probability_of_zero() {
    let layer = transparent(3, DROPOUT);
    let (output, _) = layer.forward(input(), None, None).unwrap();
    assert!(values(output).iter().all(|&value| value == 1.0));
    let whole = drawn(&transparent(3, 0.0), &Stream::new(4, "dropout"));
    assert!(whole.iter().all(|&value| value == 1.0));
}

#[test]
fn what_is_dropped_gets_no_gradient_and_what_is_kept_the_scaled_one() {
    let layer = transparent(2, DROPOUT);
    let upstream = numbers("upstream", SHAPE.iter().product());
    let input = input().require_grad();
    let stream = Stream::new(4, "dropout");
    let (output, _) = layer
        .forward_train(input.clone(), None, None, &stream)
        .unwrap();
    let loss = output.clone() * tensor(&upstream, SHAPE, &fused());
    let gradients = loss.sum().backward();
    let gradient = values(input.grad(&gradients).unwrap());
    for ((gradient, mask), upstream) in gradient.iter().zip(values(output)).zip(upstream) {
        assert_eq!(*gradient, mask * upstream);
    }
}
