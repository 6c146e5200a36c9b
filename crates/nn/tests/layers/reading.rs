//! Training that reads few rows of a table: the gradient of those rows, and the optimiser that moves them alone.
use crate::support::{bits, composed, fused, numbers, tensor, values};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::optim::{AdamW, AdamWConfig, RowGradient, global_norm, global_norm_with_rows};
use ressac_nn::random::Stream;
use ressac_nn::weights::{self, NamedTensors};
use ressac_nn::{Embedding, EmbeddingConfig, drop_out};

const WORDS: usize = 13;
const WIDTH: usize = 5;

#[derive(Module, Debug)]
struct Network {
    table: Embedding,
    factor: Param<Tensor<1>>,
}

fn network(device: &Device) -> Network {
    Network {
        table: EmbeddingConfig::new(WORDS, WIDTH)
            .init(&Stream::new(2, "embedding"), device)
            .unwrap(),
        factor: Param::from_tensor(tensor(&numbers("factor", WIDTH), [WIDTH], device)),
    }
}

fn sentences(step: u64) -> Vec<Vec<u32>> {
    match step % 3 {
        0 => vec![vec![3, 0, 12], vec![7], vec![3, 3, 1, 12, 0, 3, 5]],
        1 => vec![vec![3, 4], vec![3]],
        _ => vec![vec![12, 1, 1, 7]],
    }
}

fn draw(step: u64) -> Stream {
    Stream::new(5, "dropout").at(step)
}

/// A loss of what was looked up.
fn loss(network: &Network, vectors: Tensor<3>) -> Tensor<1> {
    let (shape, device) = (vectors.dims(), vectors.device());
    let upstream = tensor(&numbers("upstream", shape.iter().product()), shape, &device);
    let factor = network.factor.val().unsqueeze::<3>();
    (vectors * factor * upstream).sum()
}

/// The gradients of a step, the table's by its rows.
fn by_rows(network: &Network, step: u64) -> (GradientsParams, Vec<RowGradient>) {
    let read = network
        .table
        .read(&sentences(step), 0.5, &draw(step))
        .unwrap();
    let mut graph = loss(network, read.vectors()).backward();
    let rows = read.gradient(&mut graph).unwrap();
    (GradientsParams::from_grads(graph, network), vec![rows])
}

/// The same, the table's as a whole.
fn whole(network: &Network, step: u64) -> GradientsParams {
    let vectors = network.table.forward(&sentences(step)).unwrap();
    let vectors = drop_out(vectors, 0.5, &draw(step));
    GradientsParams::from_grads(loss(network, vectors).backward(), network)
}

fn optimiser() -> AdamW {
    AdamW::new(AdamWConfig {
        weight_decay: 0.01,
        clip: Some(1.0),
        ..AdamWConfig::default()
    })
}

fn steps(mut network: Network, optimiser: &mut AdamW, range: std::ops::Range<u64>) -> Network {
    for step in range {
        let (mut gradients, rows) = by_rows(&network, step);
        let norm = global_norm_with_rows(&network, &mut gradients, &rows);
        optimiser
            .step_with_rows(0.1, &mut network, gradients, rows, norm)
            .unwrap();
    }
    network
}

fn table(network: &Network) -> Vec<f32> {
    weights::collect(network)["table.weights"].values.clone()
}

#[test]
fn what_is_read_with_dropout_is_what_is_looked_up_and_dropped() {
    for device in [fused(), composed()] {
        let network = network(&device);
        let read = network.table.read(&sentences(0), 0.5, &draw(0)).unwrap();
        let expected = drop_out(network.table.forward(&sentences(0)).unwrap(), 0.5, &draw(0));
        assert_eq!(values(read.vectors()), values(expected));
        let read = network.table.read(&sentences(0), 0.0, &draw(0)).unwrap();
        let expected = network.table.forward(&sentences(0)).unwrap();
        assert_eq!(bits(&values(read.vectors())), bits(&values(expected)));
    }
}

#[test]
fn the_gradient_of_the_rows_is_that_of_the_whole_table_in_those_rows_and_so_is_the_norm() {
    for device in [fused(), composed()] {
        let network = network(&device);
        for step in 0..3 {
            let (mut gradients, rows) = by_rows(&network, step);
            let mut expected = whole(&network, step);
            let norm = global_norm_with_rows(&network, &mut gradients, &rows);
            let expected_norm = global_norm(&network, &mut expected);
            assert!((norm - expected_norm).abs() < 1e-5 * expected_norm);
            let id = rows[0].parameter();
            let expected = values(expected.get::<2>(id).unwrap());
            let mut found = vec![0.0; WORDS * WIDTH];
            for (row, values) in rows[0].rows().iter().zip(rows[0].values().chunks(WIDTH)) {
                found[*row as usize * WIDTH..][..WIDTH].copy_from_slice(values);
            }
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
            }
            let mut named: Vec<u32> = sentences(step).concat();
            named.sort_unstable();
            named.dedup();
            assert_eq!(rows[0].rows(), named);
        }
    }
}

#[test]
fn a_step_moves_the_rows_that_were_read_and_keeps_the_bits_of_the_others() {
    let mut network = network(&fused());
    let before = table(&network);
    network = steps(network, &mut optimiser(), 1..2);
    let after = table(&network);
    for word in 0..WORDS {
        let row = word * WIDTH..(word + 1) * WIDTH;
        let same = bits(&before[row.clone()]) == bits(&after[row]);
        assert_eq!(same, !sentences(1).concat().contains(&(word as u32)));
    }
}

#[test]
fn rows_that_were_restored_continue_with_the_same_bits() {
    let mut whole = optimiser();
    let expected = steps(network(&fused()), &mut whole, 0..7);
    let mut first = optimiser();
    let half = steps(network(&fused()), &mut first, 0..4);
    let state: NamedTensors = first.state();
    let mut second = optimiser();
    second.restore(&state).unwrap();
    let found = steps(half, &mut second, 4..7);
    assert_eq!(weights::collect(&found), weights::collect(&expected));
    assert_eq!(second.state(), whole.state());
}

#[test]
fn states_and_gradients_of_another_kind_are_refused_by_name() {
    let mut optimiser = optimiser();
    let mut network = steps(network(&fused()), &mut optimiser, 0..2);
    let before = weights::collect(&network);
    let mut refused = |network: &mut Network, gradients, rows| {
        let error = optimiser.step_with_rows(0.1, network, gradients, rows, 1.0);
        error.unwrap_err().to_string()
    };
    let gradients = whole(&network, 0);
    let error = refused(&mut network, gradients, Vec::new());
    assert!(
        error.contains("table.weights: it was trained by rows"),
        "{error}"
    );
    let (gradients, rows) = (whole(&network, 0), by_rows(&network, 0).1);
    let error = refused(&mut network, gradients, rows);
    assert!(
        error.contains("gradient of rows and another one"),
        "{error}"
    );
    assert_eq!(weights::collect(&network), before);

    let mut dense = self::optimiser();
    let gradients = whole(&network, 0);
    dense
        .step_of_norm(0.1, &mut network, gradients, 1.0)
        .unwrap();
    let (gradients, rows) = by_rows(&network, 0);
    let error = dense.step_with_rows(0.1, &mut network, gradients, rows, 1.0);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("trained by a whole gradient"), "{error}");

    let state = optimiser.state();
    let broken = |change: &dyn Fn(&mut NamedTensors)| {
        let mut state = state.clone();
        change(&mut state);
        self::optimiser().restore(&state).unwrap_err().to_string()
    };
    let error = broken(&|state| drop(state.remove("read.table.weights")));
    assert!(
        error.contains("steps of the rows of table.weights are missing"),
        "{error}"
    );
    let error = broken(&|state| drop(state.remove("squares.table.weights")));
    assert!(error.contains("without a partner"), "{error}");
    let error = broken(&|state| {
        state.get_mut("read.table.weights").unwrap().values[1] = 9.0;
    });
    assert!(error.contains("read after the last step"), "{error}");
}
