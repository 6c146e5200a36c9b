//! What does not fit is refused in a sentence that says what was expected and what came.
use crate::support::{cells, composed, fused};
use burn::tensor::{Device, Tensor};
use ressac_nn::random::Stream;
use ressac_nn::{Gru, Lengths, LinearConfig, Lstm, NnError, Recurrent, RecurrentConfig, State};

fn stream() -> Stream {
    Stream::new(1, "weights")
}

fn layer(device: &Device) -> Recurrent {
    let config = RecurrentConfig::new(Lstm, 3, 5);
    config.with_layers(2).init(&stream(), device).unwrap()
}

fn says<T: std::fmt::Debug>(result: Result<T, NnError>, parts: &[&str]) {
    let message = result.unwrap_err().to_string();
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

#[test]
fn sizes_and_settings_that_make_no_layer_are_refused() {
    let device = fused();
    for (name, config) in cells(0, 5) {
        let name = &name[..3];
        says(
            config.init(&stream(), &device),
            &[name, "input size", "at least 1", "0"],
        );
    }
    let lstm = |input, hidden| RecurrentConfig::new(Lstm, input, hidden);
    says(
        lstm(3, 0).init(&stream(), &device),
        &["lstm", "hidden size"],
    );
    says(
        lstm(3, 5).with_layers(0).init(&stream(), &device),
        &["lstm", "layers", "at least 1"],
    );
    for dropout in [-0.1, 1.0, 1.5, f64::NAN] {
        says(
            lstm(3, 5).with_dropout(dropout).init(&stream(), &device),
            &["lstm", "dropout", "from 0 to below 1"],
        );
    }
    says(
        lstm(3, 5).with_dropout(0.2).init(&stream(), &device),
        &[
            "lstm",
            "dropout",
            "two layers",
            "drop_out",
            "0.2 on one layer",
        ],
    );
    says(
        lstm(3, 5)
            .with_layers(2)
            .with_variational_dropout(true)
            .init(&stream(), &device),
        &["lstm", "variational dropout", "with_dropout"],
    );
    says(
        LinearConfig::new(0, 2).init(&stream(), &device),
        &["linear", "input size"],
    );
    says(
        LinearConfig::new(2, 0).init(&stream(), &device),
        &["linear", "output size"],
    );
}

#[test]
fn inputs_that_do_not_fit_are_refused_on_both_paths() {
    for device in [fused(), fused().inner(), composed()] {
        let layer = layer(&device);
        let zeros = |shape: [usize; 3]| Tensor::<3>::zeros(shape, &device);
        says(
            layer.forward(zeros([2, 4, 7]), None, None),
            &["lstm", "features", "expected 3", "found 7"],
        );
        says(
            layer.step(Tensor::zeros([2, 7], &device), None),
            &["lstm", "features", "expected 3", "found 7"],
        );
        says(
            layer.forward(zeros([2, 0, 3]), None, None),
            &["at least one row and one step", "time 0"],
        );
        says(
            layer.forward(zeros([0, 4, 3]), None, None),
            &["at least one row and one step", "batch 0"],
        );
        let lengths = |lengths: &[usize]| Lengths::new(lengths.to_vec()).unwrap();
        says(
            layer.forward(zeros([2, 4, 3]), Some(&lengths(&[1, 2, 3])), None),
            &["lstm", "lengths", "2, one for each row", "found 3"],
        );
        says(
            layer.forward(zeros([2, 4, 3]), Some(&lengths(&[4, 5])), None),
            &["lstm", "lengths[1]", "at most 4", "found 5"],
        );
        let head = LinearConfig::new(3, 2).init(&stream(), &device).unwrap();
        says(
            head.forward(zeros([2, 4, 7])),
            &["linear", "features", "expected 3", "found 7"],
        );
    }
}

#[test]
fn lengths_of_nothing_and_of_zero_steps_are_refused() {
    says(Lengths::new(Vec::new()), &["lengths", "one for each row"]);
    says(
        Lengths::new(vec![3, 0, 2]),
        &[
            "lengths[1]",
            "at least 1",
            "leave rows without steps out",
            "0",
        ],
    );
}

#[test]
fn states_of_another_network_or_batch_are_refused_on_both_paths() {
    for device in [fused(), composed()] {
        let layer = layer(&device);
        let input = Tensor::<3>::zeros([2, 4, 3], &device);
        let state = |parts: usize, shape: [usize; 3]| {
            State::new(vec![Tensor::zeros(shape, &device); parts])
        };
        for wrong in [
            state(1, [2, 2, 5]),
            state(0, [2, 2, 5]),
            state(3, [2, 2, 5]),
            state(2, [1, 2, 5]),
            state(2, [2, 3, 5]),
            state(2, [2, 2, 6]),
        ] {
            let found: Vec<_> = wrong.parts().iter().map(Tensor::dims).collect();
            let found = format!("{found:?}");
            says(
                layer.forward(input.clone(), None, Some(wrong)),
                &["state", "2 parts", "[2, 2, 5]", &found],
            );
        }
        let gru = RecurrentConfig::new(Gru, 3, 5)
            .with_layers(2)
            .init(&stream(), &device)
            .unwrap();
        let (_, of_gru) = gru.forward(input.clone(), None, None).unwrap();
        says(
            layer.forward(input.clone(), None, Some(of_gru)),
            &["state", "[2, 2, 5]", "[1, 2, 5]"],
        );
        let (_, own) = layer.forward(input.clone(), None, None).unwrap();
        assert!(layer.forward(input, None, Some(own)).is_ok());
    }
}

#[test]
fn a_bidirectional_layer_does_not_step() {
    let layer = RecurrentConfig::new(Gru, 3, 5)
        .with_bidirectional(true)
        .init(&stream(), &fused())
        .unwrap();
    says(
        layer.step(Tensor::zeros([2, 3], &fused()), None),
        &["gru", "step", "bidirectional"],
    );
}
