//! Our layers beside their graphs: every cell, stacked, in both directions, with lengths, with states.
use crate::cases::{Call, Named, agrees_with_tract, keep, named, numbers};
use burn::tensor::{Device, Tensor, TensorData};
use ressac_nn::cell::{CoupledLstm, Identity, Peephole, Sigmoid};
use ressac_nn::onnx::{self, Values, WithLengths};
use ressac_nn::random::Stream;
use ressac_nn::{Elman, Gru, GruBefore, Lengths, Lstm, Recurrent, RecurrentConfig, State};

const INPUT: usize = 3;
const HIDDEN: usize = 5;

struct Tried {
    name: &'static str,
    config: RecurrentConfig,
    /// Whether tract reads the activations of the node.
    tract: bool,
    states: usize,
}

fn cells() -> Vec<Tried> {
    let tried = |name, config, tract, states| Tried {
        name,
        config,
        tract,
        states,
    };
    vec![
        tried("lstm", RecurrentConfig::new(Lstm, INPUT, HIDDEN), true, 2),
        tried(
            "lstm-peephole",
            RecurrentConfig::new(Lstm::peephole(), INPUT, HIDDEN),
            true,
            2,
        ),
        // Tract knows no coupled gates.
        tried(
            "lstm-coupled",
            RecurrentConfig::new(Lstm::coupled(), INPUT, HIDDEN),
            false,
            2,
        ),
        tried(
            "lstm-coupled-peephole",
            RecurrentConfig::new(CoupledLstm::<Peephole>::new(), INPUT, HIDDEN),
            false,
            2,
        ),
        tried("gru", RecurrentConfig::new(Gru, INPUT, HIDDEN), true, 1),
        tried(
            "gru-before",
            RecurrentConfig::new(GruBefore, INPUT, HIDDEN),
            true,
            1,
        ),
        tried(
            "rnn-tanh",
            RecurrentConfig::new(Elman::tanh(), INPUT, HIDDEN),
            true,
            1,
        ),
        tried(
            "rnn-relu",
            RecurrentConfig::new(Elman::relu(), INPUT, HIDDEN),
            false,
            1,
        ),
        tried(
            "rnn-sigmoid",
            RecurrentConfig::new(Elman::new(Sigmoid), INPUT, HIDDEN),
            false,
            1,
        ),
        tried(
            "rnn-identity",
            RecurrentConfig::new(Elman::new(Identity), INPUT, HIDDEN),
            false,
            1,
        ),
    ]
}

fn tensor<const D: usize>(values: &[f32], shape: [usize; D]) -> Tensor<D> {
    Tensor::from_data(TensorData::new(values.to_vec(), shape), &Device::flex())
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_into_vec().unwrap()
}

/// Runs the layer, and says what a graph of it must do.
fn call(
    layer: &Recurrent,
    parts: usize,
    states: usize,
    [batch, time]: [usize; 2],
    lengths: Option<&[usize]>,
) -> Call {
    let input = numbers(&format!("input {batch} {time}"), batch * time * INPUT);
    let initial: Vec<Vec<f32>> = (0..parts)
        .map(|part| numbers(&format!("initial {part}"), states * batch * HIDDEN))
        .collect();
    let state = State::new(
        initial
            .iter()
            .map(|part| tensor(part, [states, batch, HIDDEN]))
            .collect(),
    );
    let given = lengths.map(|lengths| Lengths::new(lengths.to_vec()).unwrap());
    let (output, finals) = layer
        .forward(
            tensor(&input, [batch, time, INPUT]),
            given.as_ref(),
            Some(state),
        )
        .unwrap();
    let finals: Vec<Vec<f32>> = finals.parts().iter().cloned().map(values).collect();
    // `[parts, states, batch, hidden]` → one array for each state.
    let state = |name: &'static str, parts: &[Vec<f32>], state: usize| {
        let size = batch * HIDDEN;
        let picked = parts
            .iter()
            .flat_map(|part| part[state * size..(state + 1) * size].iter().copied());
        named(name, &[parts.len(), batch, HIDDEN], picked.collect())
    };
    let mut inputs = vec![named("input", &[batch, time, INPUT], input.clone())];
    inputs.extend(lengths.map(|lengths| Named {
        name: "lengths",
        shape: vec![batch],
        values: Values::I32(lengths.iter().map(|&length| length as i32).collect()),
    }));
    let mut outputs = vec![named(
        "output",
        &[batch, time, layer.output_size()],
        values(output),
    )];
    for (place, (before, after)) in [("initial_h", "final_h"), ("initial_c", "final_c")]
        .into_iter()
        .take(states)
        .enumerate()
    {
        inputs.push(state(before, &initial, place));
        outputs.push(state(after, &finals, place));
    }
    Call { inputs, outputs }
}

fn every_layer(each: impl Fn(&str, &Tried, &Recurrent, usize)) {
    for tried in cells() {
        for (layers, bidirectional) in [(1, false), (1, true), (3, false), (2, true)] {
            let layer = tried
                .config
                .clone()
                .with_layers(layers)
                .with_bidirectional(bidirectional)
                .init(&Stream::new(3, "weights"), &Device::flex())
                .unwrap();
            let name = format!(
                "{}-{layers}{}",
                tried.name,
                if bidirectional { "-bidirectional" } else { "" }
            );
            each(
                &name,
                &tried,
                &layer,
                layers * (1 + usize::from(bidirectional)),
            );
        }
    }
}

#[test]
fn a_graph_gives_what_its_layer_gives_for_any_batch_and_time() {
    every_layer(|name, tried, layer, parts| {
        let calls: Vec<Call> = [[2, 7], [5, 3], [1, 1]]
            .into_iter()
            .map(|sizes| call(layer, parts, tried.states, sizes, None))
            .collect();
        let graph = onnx::recurrent(layer, WithLengths::No).unwrap();
        let file = keep(name, graph, &calls);
        if tried.tract {
            agrees_with_tract(name, &file, &calls);
        }
    });
}

#[test]
fn a_graph_with_lengths_has_them_as_the_nodes_own_input() {
    every_layer(|name, tried, layer, parts| {
        let calls: Vec<Call> = [([4, 6], [6, 2, 5, 1]), ([4, 4], [3, 4, 1, 4])]
            .into_iter()
            .map(|(sizes, lengths)| call(layer, parts, tried.states, sizes, Some(&lengths)))
            .collect();
        let graph = onnx::recurrent(layer, WithLengths::Yes).unwrap();
        let lengths = graph
            .inputs()
            .iter()
            .find(|port| port.name == "lengths")
            .unwrap();
        assert_eq!(lengths.to_string(), "lengths int32 [batch]");
        // Tract knows no lengths; ONNX Runtime runs what is kept here.
        keep(&format!("{name}-lengths"), graph, &calls);
    });
}

#[test]
fn a_stack_of_layers_is_as_many_nodes_and_a_direction_is_none() {
    every_layer(|name, tried, layer, parts| {
        let graph = onnx::recurrent(layer, WithLengths::No).unwrap();
        let operator = match tried.name {
            name if name.starts_with("lstm") => "LSTM",
            name if name.starts_with("gru") => "GRU",
            _ => "RNN",
        };
        let layers = parts / (layer.output_size() / HIDDEN);
        assert_eq!(graph.count(operator), layers, "{name}");
    });
}

#[test]
fn the_ports_say_names_types_and_shapes() {
    let layer = RecurrentConfig::new(Lstm, INPUT, HIDDEN)
        .with_layers(2)
        .with_bidirectional(true)
        .init(&Stream::new(3, "weights"), &Device::flex())
        .unwrap();
    let graph = onnx::recurrent(&layer, WithLengths::No).unwrap();
    let words = |ports: &[onnx::Port]| -> Vec<String> {
        ports.iter().map(|port| port.to_string()).collect()
    };
    assert_eq!(
        words(graph.inputs()),
        [
            "input float32 [batch, time, 3]",
            "initial_h float32 [4, batch, 5]",
            "initial_c float32 [4, batch, 5]"
        ]
    );
    assert_eq!(
        words(graph.outputs()),
        [
            "output float32 [batch, time, 10]",
            "final_h float32 [4, batch, 5]",
            "final_c float32 [4, batch, 5]"
        ]
    );
}
