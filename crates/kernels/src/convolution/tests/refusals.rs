//! What does not fit is refused at the door, with what was expected and what came.
use super::*;

fn plain() -> Convolution {
    layer(([3, 5, 1], square(3, 2, 1, 1), None))
}

fn transposed() -> Convolution {
    layer(([3, 5, 1], square(3, 2, 1, 1), Some([1, 1])))
}

#[test]
fn sizes_of_outputs_are_pytorchs() {
    assert_eq!(plain().output_size([7, 8]), Ok([4, 4]));
    assert_eq!(transposed().output_size([4, 5]), Ok([8, 10]));
    let wide = Convolution {
        dilation: [3, 2],
        ..plain()
    };
    assert_eq!(wide.output_size([7, 8]), Ok([2, 3]));
}

#[test]
fn settings_that_mean_nothing_are_refused() {
    let refused = |layer: Convolution| {
        let error = layer.output_size([5, 5]).unwrap_err();
        error.to_string()
    };
    for (layer, expected) in [
        (
            Convolution {
                channels_in: 0,
                ..plain()
            },
            "convolution: channels: expected 1 to",
        ),
        (
            Convolution {
                kernel: [3, 0],
                ..plain()
            },
            "convolution: kernel: expected 1 to",
        ),
        (
            Convolution {
                stride: [0, 1],
                ..plain()
            },
            "convolution: stride: expected 1 to",
        ),
        (
            Convolution {
                dilation: [0, 1],
                ..plain()
            },
            "convolution: dilation: expected 1 to",
        ),
        (
            Convolution {
                padding: [usize::MAX, 1],
                ..plain()
            },
            "convolution: padding: expected 0 to",
        ),
        (
            Convolution {
                groups: 2,
                ..plain()
            },
            "convolution: groups: expected a divisor of 3 channels, found 2",
        ),
        (
            Convolution {
                groups: 0,
                ..plain()
            },
            "convolution: groups: expected a divisor of 3",
        ),
        (
            Convolution {
                kernel: [8, 3],
                ..plain()
            },
            "convolution: kernel: expected at most 7 pixels, those of the padded input, found 8",
        ),
        (
            Convolution {
                activation: Activation::LeakyRelu(-0.1),
                ..plain()
            },
            "convolution: slope of the leaky ReLU",
        ),
    ] {
        let found = refused(layer);
        assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
    }
    assert!(plain().output_size([0, 5]).is_err());
}

#[test]
fn settings_that_mean_nothing_are_refused_transposed() {
    let refused = |layer: Convolution| {
        let error = layer.output_size([1, 5]).unwrap_err();
        error.to_string()
    };
    for (layer, expected) in [
        (
            Convolution {
                transposed: Some([2, 0]),
                ..transposed()
            },
            "transposed convolution: output padding: expected less than 2",
        ),
        (
            Convolution {
                padding: [2, 0],
                ..transposed()
            },
            "transposed convolution: output size: expected 1 to",
        ),
        (
            Convolution {
                groups: 5,
                ..transposed()
            },
            "transposed convolution: groups: expected a divisor of 3 channels",
        ),
    ] {
        let found = refused(layer);
        assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
    }
}

#[test]
fn wrong_buffers_are_refused_with_what_was_expected() {
    let layer = plain();
    let context = contexts(1)[0];
    let zeros = |length: usize| vec![0.0f32; length];
    let size = [4, 4];
    let forward = |[x, w, b, y]: [usize; 4]| {
        let call = Forward {
            input: &zeros(x),
            weights: &zeros(w),
            bias: Some(&zeros(b)),
            output: &mut zeros(y),
        };
        let result = layer.forward(&context, size, call);
        result.map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(forward([96, 135, 5, 40]), "");
    for (lengths, expected) in [
        (
            [95, 135, 5, 40],
            "convolution: input: expected images of 48 values (height 4 × width 4 × channels 3), found 95",
        ),
        (
            [96, 134, 5, 40],
            "convolution: weights: expected 135 values (channels out 5 × channels in of a group 3 × kernel",
        ),
        (
            [96, 135, 3, 40],
            "convolution: bias: expected 5 values (channels out 5), found 3",
        ),
        (
            [96, 135, 5, 20],
            "convolution: output: expected 40 values (batch 2 × height 2 × width 2 × channels 5), found 20",
        ),
    ] {
        let found = forward(lengths);
        assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
    }
    let backward = |[y, dy, dx, dw, db]: [usize; 5]| {
        let gradients = ConvolutionGradients {
            input: Some(&mut zeros(dx)),
            weights: Some(&mut zeros(dw)),
            bias: Some(&mut zeros(db)),
        };
        let (x, w, y, dy) = (zeros(96), zeros(135), zeros(y), zeros(dy));
        let call = Backward {
            input: &x,
            weights: &w,
            output: &y,
            output_gradient: &dy,
            gradients,
        };
        let result = layer.backward(&context, size, call);
        result.map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(backward([40, 40, 96, 135, 5]), "");
    for (lengths, expected) in [
        ([39, 40, 96, 135, 5], "convolution: output: expected 40"),
        (
            [40, 39, 96, 135, 5],
            "convolution: output gradient: expected 40",
        ),
        (
            [40, 40, 95, 135, 5],
            "convolution: input gradient: expected 96",
        ),
        (
            [40, 40, 96, 134, 5],
            "convolution: weight gradient: expected 135",
        ),
        (
            [40, 40, 96, 135, 4],
            "convolution: bias gradient: expected 5",
        ),
    ] {
        let found = backward(lengths);
        assert!(found.starts_with(expected), "{found:?}, not {expected:?}");
    }
}
