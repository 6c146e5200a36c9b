//! What does not fit is refused at the door, with what was expected and what came.
use super::*;

/// The refusal of a forward call with buffers of these lengths; the layer is 3 → 5.
fn refused(input: usize, weights: usize, bias: usize, output: usize) -> String {
    let layer = Linear {
        input: 3,
        output: 5,
        activation: Activation::Identity,
    };
    let zeros = |length: usize| vec![0.0; length];
    layer
        .forward(
            &contexts(1)[0],
            &zeros(input),
            &zeros(weights),
            Some(&zeros(bias)),
            &mut zeros(output),
        )
        .map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn wrong_buffers_are_refused_forward_with_what_was_expected() {
    assert_eq!(refused(6, 15, 5, 10), "");
    let cases = [
        (
            refused(7, 15, 5, 10),
            "linear: input: expected rows of 3 values, found 7 values",
        ),
        (
            refused(6, 14, 5, 10),
            "linear: weights: expected 15 values (output 5 × input 3), found 14",
        ),
        (
            refused(6, 15, 3, 10),
            "linear: bias: expected 5 values (output 5), found 3",
        ),
        (
            refused(6, 15, 5, 11),
            "linear: output: expected 10 values (rows 2 × output 5), found 11",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn wrong_buffers_are_refused_backward_with_what_was_expected() {
    /// Lengths of output, output gradient, and of the gradients of input, weights and bias.
    fn refused([output, upstream, input, weights, bias]: [usize; 5]) -> String {
        let layer = Linear {
            input: 3,
            output: 5,
            activation: Activation::Identity,
        };
        let zeros = |length: usize| vec![0.0; length];
        layer
            .backward(
                &contexts(1)[0],
                &zeros(6),
                &zeros(15),
                &zeros(output),
                &zeros(upstream),
                LinearGradients {
                    input: Some(&mut zeros(input)),
                    weights: Some(&mut zeros(weights)),
                    bias: Some(&mut zeros(bias)),
                },
            )
            .map_or_else(|error| error.to_string(), |()| String::new())
    }
    assert_eq!(refused([10, 10, 6, 15, 5]), "");
    for (lengths, expected) in [
        ([9, 10, 6, 15, 5], "linear: output: expected 10 values"),
        (
            [10, 5, 6, 15, 5],
            "linear: output gradient: expected 10 values",
        ),
        (
            [10, 10, 3, 15, 5],
            "linear: input gradient: expected 6 values",
        ),
        (
            [10, 10, 6, 16, 5],
            "linear: weight gradient: expected 15 values",
        ),
        ([10, 10, 6, 15, 4], "linear: bias"),
    ] {
        let found = refused(lengths);
        assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
    }
}

#[test]
fn a_layer_without_features_is_refused() {
    for (input, output) in [(0, 5), (3, 0), (0, 0)] {
        let layer = Linear {
            input,
            output,
            activation: Activation::Identity,
        };
        assert!(
            layer
                .forward(&contexts(1)[0], &[], &[], None, &mut [])
                .is_err(),
            "{layer:?} forward"
        );
        assert!(
            layer
                .backward(
                    &contexts(1)[0],
                    &[],
                    &[],
                    &[],
                    &[],
                    LinearGradients::default()
                )
                .is_err(),
            "{layer:?} backward"
        );
    }
}

#[test]
fn sizes_whose_product_is_no_number_are_refused() {
    let sizes = [("batch", 1 << 60), ("hidden", 16)];
    let error = ShapeError::check("state", &sizes, 0)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("state: expected more values (batch "),
        "{error}"
    );
}
