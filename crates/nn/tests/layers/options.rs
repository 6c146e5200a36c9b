//! Every cell and every option of a recurrent layer: the fused path against the composed one, which Burn
//! differentiates; and what does not go together is refused.
use crate::support::{Case, Found, assert_close, assert_same_bits, composed, fused, values};
use burn::tensor::{Device, Tensor};
use ressac_nn::cell::{CoupledLstm, FromCell, Identity, Peephole, Sigmoid};
use ressac_nn::random::Stream;
use ressac_nn::{
    Elman, Gru, GruBefore, Lengths, Lstm, MinimalGru, MinimalLstm, RecurrentConfig, State,
};

/// As for the plain cells.
const TOLERANCE: f64 = 1e-5;
/// A normalisation divides by a deviation that may be small.
const NORMALISED_TOLERANCE: f64 = 5e-5;

const FEATURES: usize = 5;
const HIDDEN: usize = 11;

/// Every cell of the library.
fn cells() -> Vec<(&'static str, RecurrentConfig)> {
    macro_rules! cells {
        ($($name:literal $cell:expr;)*) => {
            vec![$(($name, RecurrentConfig::new($cell, FEATURES, HIDDEN)),)*]
        };
    }
    cells! {
        "rnn tanh" Elman::tanh();
        "rnn sigmoid" Elman::new(Sigmoid);
        "rnn identity" Elman::new(Identity);
        "lstm" Lstm;
        "lstm clipped" Lstm::clipped(0.2);
        "lstm from cell" Lstm::from_cell();
        "lstm peephole" Lstm::peephole();
        "lstm coupled" Lstm::coupled();
        "lstm coupled from cell" CoupledLstm::<FromCell>::new();
        "lstm coupled peephole clipped" CoupledLstm::<Peephole>::new().with_clip(0.3);
        "gru" Gru;
        "gru before" GruBefore;
        "minimal gru" MinimalGru;
        "minimal lstm" MinimalLstm;
    }
}

fn is_minimal(name: &str) -> bool {
    name.starts_with("minimal")
}

fn is_projectable(name: &str) -> bool {
    name.starts_with("lstm") || name.starts_with("rnn")
}

/// Runs a configuration on both paths and compares everything they give.
fn compare(
    what: &str,
    config: &RecurrentConfig,
    tolerance: f64,
    change: &dyn Fn(&mut Case),
) -> Found {
    let run = |device: Device| {
        let layer = config.init(&Stream::new(7, "options"), &device).unwrap();
        let mut case = Case::new(&layer, 3, 7, FEATURES);
        change(&mut case);
        case.run(&layer, &device)
    };
    let found = run(fused());
    assert_close(what, &found, &run(composed()), tolerance);
    found
}

#[test]
fn every_cell_of_the_library_gives_the_same_on_both_paths() {
    for (name, config) in cells() {
        for (layers, bidirectional) in [(1, false), (2, true)] {
            let config = config.clone();
            let config = config.with_layers(layers).with_bidirectional(bidirectional);
            compare(name, &config, TOLERANCE, &|case| {
                case.lengths = Some(vec![4, 7, 1])
            });
        }
    }
}

#[test]
fn every_option_gives_the_same_on_both_paths_in_training_and_in_inference() {
    for (name, config) in cells() {
        let config = config.with_layers(2);
        let mut options = vec![
            ("zoneout", config.clone().with_zoneout(0.3, 0.2), TOLERANCE),
            (
                "normalisation",
                config.clone().with_normalisation(true),
                NORMALISED_TOLERANCE,
            ),
            ("residual", config.clone().with_residual(true), TOLERANCE),
            (
                "learned state",
                config.clone().with_learned_state(true),
                TOLERANCE,
            ),
            (
                "variational dropout",
                config
                    .clone()
                    .with_dropout(0.4)
                    .with_variational_dropout(true),
                TOLERANCE,
            ),
        ];
        if !is_minimal(name) {
            let weights = config.clone().with_weight_dropout(0.4);
            options.push(("weight dropout", weights, TOLERANCE));
            let recurrent = config.clone().with_recurrent_dropout(0.4);
            options.push(("recurrent dropout", recurrent.clone(), TOLERANCE));
            options.push((
                "everything",
                recurrent
                    .with_zoneout(0.1, 0.3)
                    .with_normalisation(true)
                    .with_residual(true)
                    .with_learned_state(true)
                    .with_bidirectional(true)
                    .with_dropout(0.2),
                NORMALISED_TOLERANCE,
            ));
        }
        if is_projectable(name) {
            let projected = config.clone().with_projection(4);
            options.push(("projection", projected.clone(), TOLERANCE));
            options.push((
                "projection and more",
                projected
                    .with_recurrent_dropout(0.3)
                    .with_learned_state(true)
                    .with_bidirectional(true),
                TOLERANCE,
            ));
        }
        for (option, config, tolerance) in options {
            for trains in [false, true] {
                let what = format!("{name}, {option}, training {trains}");
                compare(&what, &config, tolerance, &|case| {
                    case.trains = trains;
                    case.lengths = Some(vec![4, 7, 2]);
                });
            }
        }
    }
}

#[test]
fn a_step_mask_is_the_sequence_without_the_steps_that_are_not_real() {
    let mask = vec![
        vec![true, false, true, true, false, false, true],
        vec![false, false, false, true, false, false, false],
        vec![true; 7],
    ];
    for (name, config) in cells() {
        for bidirectional in [false, true] {
            let config = config.clone().with_bidirectional(bidirectional);
            let found = compare(name, &config, TOLERANCE, &|case| {
                case.mask = Some(mask.clone())
            });
            // The first row by itself, its real steps only.
            let layer = config.init(&Stream::new(7, "options"), &fused()).unwrap();
            let input = ressac_nn_input(&mask[0]);
            let (output, _) = layer.forward(input, None, None).unwrap();
            let width = layer.output_size();
            let row = &found["output"][..7 * width];
            let real: Vec<f32> = (0..7)
                .filter(|&step| mask[0][step])
                .flat_map(|step| row[step * width..][..width].to_vec())
                .collect();
            assert_eq!(values(output), real, "{name}");
            let padding = (0..7).filter(|&step| !mask[0][step]);
            for step in padding {
                assert!(row[step * width..][..width].iter().all(|&y| y == 0.0));
            }
        }
    }
}

/// The real steps of the first row of the input that [`Case::new`] draws.
fn ressac_nn_input(mask: &[bool]) -> Tensor<3> {
    let all = crate::support::numbers("input", 3 * 7 * FEATURES);
    let real: Vec<f32> = (0..7)
        .filter(|&step| mask[step])
        .flat_map(|step| all[step * FEATURES..][..FEATURES].to_vec())
        .collect();
    let steps = real.len() / FEATURES;
    crate::support::tensor(&real, [1, steps, FEATURES], &fused())
}

#[test]
fn checkpoints_give_the_bits_of_the_output_and_the_gradients_to_rounding() {
    for (name, config) in cells() {
        let config = config.with_layers(2).with_bidirectional(true);
        let run = |config: &RecurrentConfig| {
            let layer = config.init(&Stream::new(7, "options"), &fused()).unwrap();
            let mut case = Case::new(&layer, 3, 7, FEATURES);
            case.lengths = Some(vec![4, 7, 2]);
            case.run(&layer, &fused())
        };
        let plain = run(&config);
        for every in [1, 3, 20] {
            let found = run(&config.clone().with_checkpoints_every(every));
            assert_close(name, &found, &plain, 1e-5);
            let outputs = |found: &Found| -> Found {
                let outputs = found
                    .iter()
                    .filter(|(name, _)| !name.starts_with("gradient"));
                outputs
                    .map(|(name, values)| (name.clone(), values.clone()))
                    .collect()
            };
            assert_same_bits(name, &outputs(&found), &outputs(&plain));
        }
    }
}

#[test]
fn steps_of_a_projected_and_normalised_stream_are_the_sequence() {
    let config = RecurrentConfig::new(Lstm::peephole(), FEATURES, HIDDEN)
        .with_layers(2)
        .with_projection(4)
        .with_normalisation(true);
    let device = fused().inner();
    let layer = config.init(&Stream::new(7, "options"), &device).unwrap();
    let input = crate::support::tensor(
        &crate::support::numbers("input", 2 * 6 * FEATURES),
        [2, 6, FEATURES],
        &device,
    );
    let (whole, last) = layer.forward(input.clone(), None, None).unwrap();
    let mut state: Option<State> = None;
    for step in 0..6 {
        let now = input.clone().narrow(1, step, 1).squeeze_dim::<2>(1);
        let (output, next) = layer.step(now, state).unwrap();
        let expected = whole.clone().narrow(1, step, 1).squeeze_dim::<2>(1);
        assert_eq!(values(output), values(expected));
        state = Some(next);
    }
    let state = state.unwrap();
    assert_eq!(state.parts()[1].dims(), [1, 2, 4 + HIDDEN]);
    assert_eq!(
        values(state.last_output().unwrap()),
        values(last.last_output().unwrap())
    );
    assert_eq!(last.last_output().unwrap().dims(), [2, 4]);
}

#[test]
fn a_detached_state_cuts_back_propagation_at_the_chunk() {
    let layer = RecurrentConfig::new(Gru, FEATURES, HIDDEN)
        .init(&Stream::new(7, "options"), &fused())
        .unwrap();
    let input = |name: &str| {
        let values = crate::support::numbers(name, 2 * 4 * FEATURES);
        crate::support::tensor(&values, [2, 4, FEATURES], &fused()).require_grad()
    };
    let (first, second) = (input("first chunk"), input("second chunk"));
    for detached in [false, true] {
        let (_, state) = layer.forward(first.clone(), None, None).unwrap();
        let state = if detached { state.detach() } else { state };
        let (output, _) = layer.forward(second.clone(), None, Some(state)).unwrap();
        let gradients = output.sum().backward();
        assert!(second.grad(&gradients).is_some());
        let of_first = first.grad(&gradients).map(values);
        let reaches = of_first.is_some_and(|values| values.iter().any(|&d| d != 0.0));
        assert_eq!(reaches, !detached);
    }
}

#[test]
fn what_does_not_go_together_is_refused_with_what_was_expected() {
    let init = |config: RecurrentConfig| {
        let made = config.init(&Stream::new(7, "options"), &Device::default());
        made.map_or_else(|error| error.to_string(), |_| String::new())
    };
    let gru = RecurrentConfig::new(Gru, FEATURES, HIDDEN);
    let lstm = RecurrentConfig::new(Lstm, FEATURES, HIDDEN);
    let minimal = RecurrentConfig::new(MinimalGru, FEATURES, HIDDEN);
    for (config, expected) in [
        (
            gru.clone().with_projection(4),
            "gru: projection: expected an LSTM",
        ),
        (
            lstm.clone().with_projection(0),
            "lstm: projection: expected a width of at least 1",
        ),
        (
            lstm.clone().with_projection(4).with_zoneout(0.1, 0.0),
            "lstm: zoneout: expected no projection beside it",
        ),
        (
            lstm.clone().with_zoneout(1.0, 0.0),
            "lstm: zoneout: expected a probability",
        ),
        (
            gru.clone().with_recurrent_dropout(-0.1),
            "gru: recurrent dropout: expected a probability",
        ),
        (
            gru.clone().with_weight_dropout(1.0),
            "gru: weight dropout: expected a probability",
        ),
        (
            minimal.with_recurrent_dropout(0.1),
            "minimal-gru: recurrent dropout: expected a cell that reads its state",
        ),
        (
            gru.clone().with_residual(true),
            "gru: residual: expected two layers",
        ),
        (
            gru.with_checkpoints_every(0),
            "gru: checkpoints: expected every step or more",
        ),
    ] {
        let message = init(config);
        assert!(message.starts_with(expected), "{message}");
    }
    let refused = |mask: &[Vec<bool>]| Lengths::from_mask(mask).unwrap_err().to_string();
    assert!(
        refused(&[vec![true], vec![false]]).starts_with("mask[1]: expected at least 1 real step")
    );
    assert!(refused(&[vec![true], vec![]]).starts_with("mask[1]: expected 1 steps"));
    assert!(refused(&[]).starts_with("mask: expected"));
    let layer = lstm
        .init(&Stream::new(7, "options"), &Device::default())
        .unwrap();
    let input = Tensor::<3>::zeros([1, 3, FEATURES], &Device::default());
    let mask = Lengths::from_mask(&[vec![true, false]]).unwrap();
    let error = layer.forward(input, Some(&mask), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "lstm: mask: expected 3 steps, as the input, found 2"
    );
}
