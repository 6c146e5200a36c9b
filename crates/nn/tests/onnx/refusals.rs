//! What ONNX has no node for is refused by name, and parameters that do not fit are not written.
use burn::tensor::Device;
use ressac_nn::cell::{BackwardStep, Cell, CoupledLstm, FromCell, Phi, Source};
use ressac_nn::onnx::{
    self, Beyond, Description, Form, OnnxError, Reset, RnnActivation, WithLengths,
};
use ressac_nn::random::Stream;
use ressac_nn::weights::{HostTensor, NamedTensors, collect};
use ressac_nn::{Algebra, Elman, Gru, Lstm, MinimalGru, MinimalLstm, Recurrent, RecurrentConfig};

/// A unit that forgets half of its state at each step.
#[derive(Debug, Clone)]
struct Leaky;

impl Cell<1, 1, 0> for Leaky {
    const NAME: &'static str = "leaky";
    const SOURCES: [Source; 1] = [Source::Both];
    const COLUMN_NAMES: [&'static str; 1] = ["h"];
    fn forward<A: Algebra>(&self, [a]: [A; 1], [h]: [A; 1], []: [A; 0]) -> ([A; 1], [A; 0]) {
        ([h.mul(&h.constant(0.5)).sub(&a)], [])
    }
    fn backward<A: Algebra>(
        &self,
        []: [A; 0],
        _previous: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 1, 1, 0> {
        let half = dh.constant(0.5);
        ([dh.constant(0.0).sub(&dh)], [dh.mul(&half)], [])
    }
}

/// x² as an activation.
#[derive(Debug, Clone)]
struct Square;

impl Phi for Square {
    const NAME: &'static str = "square";
    fn apply<A: Algebra>(&self, x: A) -> A {
        x.mul(&x)
    }
    fn slope<A: Algebra>(&self, y: A) -> A {
        y.constant(1.0)
    }
}

fn layer(config: RecurrentConfig) -> Recurrent {
    config
        .init(&Stream::new(1, "weights"), &Device::flex())
        .unwrap()
}

fn refused(layer: &Recurrent) -> String {
    onnx::recurrent(layer, WithLengths::No)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_cell_of_the_users_own_is_refused_by_its_name() {
    let message = refused(&layer(RecurrentConfig::new(Leaky, 2, 3)));
    assert!(
        message.contains("own cells") && message.contains("`leaky`"),
        "{message}"
    );
}

#[test]
fn an_activation_of_the_users_own_is_refused_by_its_name() {
    let message = refused(&layer(RecurrentConfig::new(Elman::new(Square), 2, 3)));
    assert!(
        message.contains("own activations") && message.contains("`square`"),
        "{message}"
    );
}

#[test]
fn every_refusal_names_what_is_refused_and_why() {
    for (beyond, words) in [
        (Beyond::CellFedGates, "cell-fed gates: "),
        (Beyond::CellClip, "cell clip: "),
        (Beyond::Projection, "projection: "),
        (Beyond::LayerNormalisation, "layer normalisation: "),
        (Beyond::Zoneout, "zoneout: "),
        (Beyond::MinimalCell, "minimal cells: "),
        (Beyond::Residual, "residual connections: "),
        (Beyond::LearnedState, "a learned initial state: "),
    ] {
        let message = OnnxError::from(beyond).to_string();
        assert!(
            message.contains(words) && message.contains("ONNX's") | message.contains("ONNX has"),
            "{message}"
        );
    }
}

#[test]
fn a_layer_with_what_onnx_has_not_is_refused() {
    let lstm = RecurrentConfig::new(Lstm, 3, 3);
    for (config, words) in [
        (
            RecurrentConfig::new(Lstm::from_cell(), 2, 3),
            "cell-fed gates",
        ),
        (
            RecurrentConfig::new(CoupledLstm::<FromCell>::new(), 2, 3),
            "cell-fed gates",
        ),
        (RecurrentConfig::new(Lstm::clipped(2.0), 2, 3), "cell clip"),
        (RecurrentConfig::new(MinimalGru, 2, 3), "minimal cells"),
        (RecurrentConfig::new(MinimalLstm, 2, 3), "minimal cells"),
        (lstm.clone().with_projection(2), "projection"),
        (lstm.clone().with_normalisation(true), "layer normalisation"),
        (lstm.clone().with_zoneout(0.1, 0.0), "zoneout"),
        (lstm.clone().with_residual(true), "residual connections"),
        (lstm.with_learned_state(true), "a learned initial state"),
    ] {
        let message = refused(&layer(config));
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_layer_says_what_it_is() {
    let config = RecurrentConfig::new(Gru, 2, 3)
        .with_layers(2)
        .with_bidirectional(true);
    assert_eq!(
        Description::of(&layer(config)).unwrap(),
        Description {
            form: Form::Gru(Reset::After),
            input_size: 2,
            hidden_size: 3,
            layers: 2,
            bidirectional: true,
        }
    );
    let relu = Description::of(&layer(RecurrentConfig::new(Elman::relu(), 2, 3))).unwrap();
    assert_eq!(relu.form, Form::Rnn(RnnActivation::Relu));
}

/// The message for the parameters of a GRU after `change`.
fn with(change: impl FnOnce(&mut NamedTensors)) -> String {
    let gru = layer(RecurrentConfig::new(Gru, 2, 3));
    let mut parameters = collect(&gru);
    change(&mut parameters);
    let description = Description::of(&gru).unwrap();
    onnx::recurrent_from_parameters(description, &parameters, WithLengths::No)
        .unwrap_err()
        .to_string()
}

#[test]
fn a_parameter_that_is_missing_or_of_another_shape_is_named() {
    let message = with(|parameters| {
        parameters.remove("layers.0.bias");
    });
    assert!(message.contains("`layers.0.bias` is missing"), "{message}");
    let message = with(|parameters| {
        let wrong = HostTensor {
            shape: vec![9],
            values: vec![0.0; 9],
        };
        parameters.insert("layers.0.bias".into(), wrong);
    });
    assert!(
        message.contains("shape [9], and [12] was expected"),
        "{message}"
    );
}

#[test]
fn a_parameter_without_a_place_in_the_node_is_named_and_not_dropped() {
    let message = with(|parameters| {
        let gain = HostTensor {
            shape: vec![3],
            values: vec![1.0; 3],
        };
        parameters.insert("layers.0.gain".into(), gain);
    });
    assert!(
        message.contains("`layers.0.gain` has no place in ONNX's GRU"),
        "{message}"
    );
}
