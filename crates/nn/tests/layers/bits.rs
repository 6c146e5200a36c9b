//! The promises about bits: threads, company, padding and steps change nothing.
use crate::support::{Case, Found, assert_same_bits, bits, cells, fused, numbers, tensor, values};
use burn::tensor::Tensor;
use ressac_nn::random::Stream;
use ressac_nn::{Gru, Lengths, Lstm, Recurrent, RecurrentConfig, State};

fn init(config: &RecurrentConfig) -> Recurrent {
    config.init(&Stream::new(3, "bits"), &fused()).unwrap()
}

#[test]
fn a_sequence_at_once_has_the_bits_of_its_steps() {
    let [batch, time, features, hidden] = [3, 29, 5, 37];
    for (name, config) in cells(features, hidden) {
        let layer = init(&config.with_layers(2));
        let sizes = [batch, time, features];
        let input = tensor(&numbers("input", sizes.iter().product()), sizes, &fused());
        for given in [false, true] {
            let case = Case::new(&layer, batch, 1, features).with_initial(&layer);
            let shapes = layer.forward(input.clone(), None, None).unwrap().1;
            let initial = given.then(|| {
                let parts = case.initial.iter().flatten().zip(shapes.parts());
                State::new(
                    parts
                        .map(|(part, like)| tensor(part, like.dims(), &fused()))
                        .collect(),
                )
            });
            let (output, last) = layer.forward(input.clone(), None, initial.clone()).unwrap();
            let mut state = initial;
            for step in 0..time {
                let now: Tensor<2> = input.clone().narrow(1, step, 1).squeeze_dim(1);
                let (answer, next) = layer.step(now, state).unwrap();
                let there: Tensor<2> = output.clone().narrow(1, step, 1).squeeze_dim(1);
                assert!(
                    bits(&values(answer)) == bits(&values(there)),
                    "{name}, state {given}, step {step}"
                );
                state = Some(next);
            }
            let state = state.unwrap();
            for (found, expected) in state.parts().iter().zip(last.parts()) {
                assert_eq!(
                    bits(&values(found.clone())),
                    bits(&values(expected.clone())),
                    "{name}"
                );
            }
        }
    }
}

/// What one row of a run of a batch came to, without the parameters' gradients, which are of all rows.
fn row_of(found: &Found, case: &Case, row: usize, steps: usize) -> Found {
    let mut of_row = Found::new();
    for (name, values) in found {
        let cut = if name.starts_with("gradient.layers") {
            continue;
        } else if name.contains("state") || name.contains("initial") {
            // [states, batch, hidden]; one or two states of the same size.
            let hidden = HIDDEN;
            values
                .chunks_exact(case.batch * hidden)
                .flat_map(|state| &state[row * hidden..][..hidden])
                .copied()
                .collect()
        } else {
            let width = values.len() / (case.batch * case.time);
            values[row * case.time * width..][..steps * width].to_vec()
        };
        of_row.insert(name.clone(), cut);
    }
    of_row
}

const HIDDEN: usize = 19;

#[test]
fn a_row_alone_has_the_bits_it_has_among_seventeen_and_unpadded_those_it_has_padded() {
    let [batch, time, features] = [17, 13, 7];
    let lengths: Vec<usize> = (0..batch).map(|row| 1 + (row * 5 + 3) % 11).collect();
    for (name, config) in cells(features, HIDDEN) {
        for bidirectional in [false, true] {
            let layer = init(
                &config
                    .clone()
                    .with_layers(2)
                    .with_bidirectional(bidirectional),
            );
            let together = Case::new(&layer, batch, time, features)
                .with_initial(&layer)
                .with_lengths(&lengths);
            let found = together.run(&layer, &fused());
            for row in 0..batch {
                let steps = lengths[row];
                let rows = |values: &[f32], steps: usize| {
                    let width = values.len() / (batch * time);
                    values[row * time * width..][..steps * width].to_vec()
                };
                let state = |part: &Vec<f32>| -> Vec<f32> {
                    part.chunks_exact(batch * HIDDEN)
                        .flat_map(|state| &state[row * HIDDEN..][..HIDDEN])
                        .copied()
                        .collect()
                };
                let upstream = together.output_upstream.as_ref().unwrap();
                let alone = |steps: usize, lengths: Option<Vec<usize>>| Case {
                    batch: 1,
                    time: steps,
                    features,
                    input: rows(&together.input, steps),
                    lengths,
                    mask: None,
                    trains: false,
                    initial: together
                        .initial
                        .as_ref()
                        .map(|parts| parts.iter().map(state).collect()),
                    output_upstream: Some(rows(upstream, steps)),
                    finals_upstream: together
                        .finals_upstream
                        .iter()
                        .map(|part| part.as_ref().map(state))
                        .collect(),
                };
                let expected = row_of(&found, &together, row, steps);
                let padded = alone(time, Some(vec![steps]));
                let padded_found = padded.run(&layer, &fused());
                let exact = alone(steps, None);
                let exact_found = exact.run(&layer, &fused());
                let what = format!("{name}, bidirectional {bidirectional}, row {row}");
                assert_same_bits(&what, &row_of(&padded_found, &padded, 0, steps), &expected);
                assert_same_bits(&what, &row_of(&exact_found, &exact, 0, steps), &expected);
                // Alone, the parameters' gradients are of this row, so padding must not move them.
                let parameters = |found: &Found| -> Found {
                    let all = found.clone().into_iter();
                    all.filter(|(name, _)| name.starts_with("gradient.layers"))
                        .collect()
                };
                assert_same_bits(&what, &parameters(&padded_found), &parameters(&exact_found));
            }
        }
    }
}

const LARGE: &str = "more than 4 Mi values";

#[test]
fn one_two_three_and_eight_threads_give_the_same_bits_forward_and_backward() {
    let ragged: Vec<usize> = (0..17).map(|row| 1 + (row * 7 + 3) % 23).collect();
    let large: Vec<usize> = (0..67).map(|row| 211 - (row * 13) % 83).collect();
    let mut cases: Vec<(String, Recurrent, Case)> = Vec::new();
    for (name, config) in cells(31, 67) {
        let layer = init(&config.with_layers(2).with_bidirectional(true));
        let case = Case::new(&layer, 17, 23, 31)
            .with_initial(&layer)
            .with_lengths(&ragged);
        cases.push((name.to_owned(), layer, case));
    }
    for (name, config) in [
        ("a batch of one", RecurrentConfig::new(Lstm, 61, 257)),
        ("a batch of two", RecurrentConfig::new(Gru, 61, 257)),
    ] {
        let batch = if name.ends_with("one") { 1 } else { 2 };
        let layer = init(&config);
        let case = Case::new(&layer, batch, 41, 61);
        cases.push((name.to_owned(), layer, case));
    }
    // More than 4 Mi values of output, whose weight gradients sum over more than ten thousand records.
    let layer = init(&RecurrentConfig::new(Lstm, 5, 307));
    let case = Case::new(&layer, 67, 211, 5).with_lengths(&large);
    cases.push((LARGE.to_owned(), layer, case));

    for (name, layer, case) in cases {
        // The only place that sets the number: other tests run on whatever it is, and must not notice.
        let run = |threads: usize| {
            ressac_nn::set_threads(threads);
            case.run(&layer, &fused())
        };
        let one = run(1);
        assert!(one["output"].iter().any(|&value| value != 0.0));
        if name == LARGE {
            assert!(one["output"].len() > 4 << 20);
        }
        for threads in [2, 3, 8] {
            assert_same_bits(&format!("{name}, {threads} threads"), &run(threads), &one);
        }
    }
    let pooled = |threads: usize| {
        ressac_nn::set_threads(threads);
        crate::pool::everything()
    };
    let one = pooled(1);
    for threads in [2, 3, 8] {
        assert_same_bits(&format!("pools, {threads} threads"), &pooled(threads), &one);
    }
    ressac_nn::set_threads(0);
}

#[test]
fn the_order_of_the_rows_moves_the_rows_and_nothing_else() {
    let [batch, time, features] = [5, 7, 3];
    let lengths = [7, 2, 5, 5, 1];
    for (name, config) in cells(features, HIDDEN) {
        let layer = init(&config);
        let input = numbers("input", batch * time * features);
        let run = |order: &[usize]| {
            let size = time * features;
            let rows: Vec<f32> = order
                .iter()
                .flat_map(|&row| &input[row * size..][..size])
                .copied()
                .collect();
            let of_rows: Vec<usize> = order.iter().map(|&row| lengths[row]).collect();
            let input = tensor(&rows, [batch, time, features], &fused());
            let lengths = Lengths::new(of_rows).unwrap();
            values(layer.forward(input, Some(&lengths), None).unwrap().0)
        };
        let order = [3, 0, 4, 1, 2];
        let (plain, moved) = (run(&[0, 1, 2, 3, 4]), run(&order));
        let size = time * HIDDEN;
        for (place, &row) in order.iter().enumerate() {
            assert_eq!(
                bits(&moved[place * size..][..size]),
                bits(&plain[row * size..][..size]),
                "{name}, row {row}"
            );
        }
    }
}
