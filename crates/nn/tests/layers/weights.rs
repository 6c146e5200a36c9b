//! Parameters to bytes and back, and what is refused on the way.
use crate::support::{bits, cells, fused, numbers};
use burn::tensor::Device;
use ressac_nn::random::Stream;
use ressac_nn::weights::{HostTensor, NamedTensors, apply, collect, from_bytes, to_bytes};
use ressac_nn::{Gru, Recurrent, RecurrentConfig};
use safetensors::tensor::{Dtype, TensorView};

fn layer(seed: u64) -> Recurrent {
    RecurrentConfig::new(Gru, 3, 5)
        .with_layers(2)
        .init(&Stream::new(seed, "weights"), &fused())
        .unwrap()
}

#[test]
fn parameters_have_the_documented_names_and_shapes() {
    let expected: [(&str, usize, usize, usize); 4] = [
        ("lstm", 4, 4, 4),
        ("gru", 3, 3, 4),
        ("rnn-tanh", 1, 1, 1),
        ("rnn-relu", 1, 1, 1),
    ];
    for ((name, config), (cell, input, recurrent, bias)) in cells(7, 5).into_iter().zip(expected) {
        assert_eq!(name, cell);
        let layer = config
            .with_layers(2)
            .with_bidirectional(true)
            .init(&Stream::new(1, "weights"), &Device::flex())
            .unwrap();
        let found = collect(&layer);
        assert_eq!(found.len(), 12, "{name}");
        for index in 0..4 {
            let features = if index < 2 { 7 } else { 10 };
            let shape = |part: &str| &found[&format!("layers.{index}.{part}")].shape;
            assert_eq!(*shape("input_weights"), [input * 5, features], "{name}");
            assert_eq!(*shape("recurrent_weights"), [recurrent * 5, 5], "{name}");
            assert_eq!(*shape("bias"), [bias * 5], "{name}");
        }
        let bound = 1.0 / 5f32.sqrt();
        for (parameter, tensor) in &found {
            let inside = tensor.values.iter().all(|value| value.abs() <= bound);
            assert!(inside, "{name}: {parameter}");
            let most = tensor.values.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            assert!(most > 0.5 * bound, "{name}: {parameter} is all small");
        }
    }
}

#[test]
fn a_seed_gives_the_same_parameters_on_every_device_and_another_seed_others() {
    let config = RecurrentConfig::new(Gru, 3, 5).with_layers(2);
    let on = |device: Device| collect(&config.init(&Stream::new(1, "weights"), &device).unwrap());
    assert_eq!(on(fused()), collect(&layer(1)));
    assert_eq!(on(crate::support::composed()), collect(&layer(1)));
    assert_ne!(collect(&layer(1)), collect(&layer(2)));
    let found = collect(&layer(1));
    assert_ne!(
        found["layers.0.recurrent_weights"], found["layers.1.recurrent_weights"],
        "every layer draws its own"
    );
}

#[test]
fn bytes_give_back_every_bit_of_every_value() {
    let mut tensors = collect(&layer(1));
    let odd = vec![
        f32::from_bits(0x7fc0_1234),
        f32::NEG_INFINITY,
        -0.0,
        f32::from_bits(1),
        f32::MAX,
        f32::MIN_POSITIVE,
    ];
    let odd = HostTensor {
        shape: vec![2, 3],
        values: odd,
    };
    tensors.insert("odd".into(), odd);
    let empty = HostTensor {
        shape: vec![0, 3],
        values: Vec::new(),
    };
    tensors.insert("nothing".into(), empty);
    tensors.insert(
        "größe.0".into(),
        HostTensor {
            shape: Vec::new(),
            values: vec![1.5],
        },
    );
    let back = from_bytes(&to_bytes(&tensors).unwrap()).unwrap();
    assert_eq!(back.len(), tensors.len());
    for (name, tensor) in &tensors {
        assert_eq!(back[name].shape, tensor.shape, "{name}");
        assert_eq!(bits(&back[name].values), bits(&tensor.values), "{name}");
    }
    let restored = apply(layer(2), &collect(&layer(1))).unwrap();
    assert_eq!(collect(&restored), collect(&layer(1)));
    assert_eq!(to_bytes(&tensors).unwrap(), to_bytes(&back).unwrap());
}

#[test]
fn bytes_cut_at_any_length_are_an_error() {
    let tensor = HostTensor {
        shape: vec![2, 3],
        values: numbers("cut", 6),
    };
    let tensors = NamedTensors::from([("a".to_owned(), tensor.clone()), ("b".to_owned(), tensor)]);
    let bytes = to_bytes(&tensors).unwrap();
    for length in 0..bytes.len() {
        let error = from_bytes(&bytes[..length]).unwrap_err().to_string();
        assert!(error.contains("weights file"), "{length}: {error}");
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(from_bytes(&longer).is_err(), "bytes after the end");
    assert_eq!(from_bytes(&bytes).unwrap(), tensors);
}

#[test]
fn bytes_with_any_one_byte_changed_never_panic() {
    let tensor = HostTensor {
        shape: vec![2],
        values: vec![1.0, 2.0],
    };
    let bytes = to_bytes(&NamedTensors::from([("a".to_owned(), tensor)])).unwrap();
    let mut refused = 0;
    for place in 0..bytes.len() {
        for value in [0, 1, b'0', b'9', b'"', b'{', 0x7f, 0xff] {
            let mut damaged = bytes.clone();
            damaged[place] = value;
            refused += usize::from(from_bytes(&damaged).is_err());
        }
    }
    assert!(refused > bytes.len(), "{refused} refused");
    // A header longer than any memory.
    let endless = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    assert!(from_bytes(&endless).is_err());
}

#[test]
fn values_of_another_type_are_refused_by_name() {
    let data = 1.0f64.to_le_bytes();
    let view = TensorView::new(Dtype::F64, vec![1], &data).unwrap();
    let bytes = safetensors::serialize([("head.bias", view)], None).unwrap();
    let error = from_bytes(&bytes).unwrap_err().to_string();
    for part in ["head.bias", "F32", "F64"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn an_array_whose_values_do_not_fit_its_shape_is_not_written() {
    let tensor = HostTensor {
        shape: vec![2, 3],
        values: vec![0.0; 5],
    };
    let error = to_bytes(&NamedTensors::from([("odd".to_owned(), tensor)])).unwrap_err();
    assert!(error.to_string().contains("odd"), "{error}");
}

#[test]
fn missing_extra_and_misshapen_parameters_are_refused_by_name() {
    let good = collect(&layer(1));
    let refusal = |change: &dyn Fn(&mut NamedTensors)| {
        let mut tensors = good.clone();
        change(&mut tensors);
        apply(layer(2), &tensors).unwrap_err().to_string()
    };
    let message = refusal(&|tensors| drop(tensors.remove("layers.1.bias")));
    assert!(message.contains("layers.1.bias is missing"), "{message}");

    let message = refusal(&|tensors| {
        let bias = tensors["layers.0.bias"].clone();
        tensors.insert("layers.2.bias".into(), bias);
    });
    assert!(
        message.contains("layers.2.bias is not in the model"),
        "{message}"
    );

    let message = refusal(&|tensors| {
        let tensor = tensors.get_mut("layers.0.input_weights").unwrap();
        tensor.shape.reverse();
    });
    for part in ["layers.0.input_weights", "[3, 15]", "[15, 3]"] {
        assert!(message.contains(part), "{message}");
    }

    // Several at once are all named, and a renamed one is both missing and too much.
    let message = refusal(&|tensors| {
        let bias = tensors.remove("layers.1.bias").unwrap();
        tensors.insert("layers.1.b".into(), bias);
        tensors.remove("layers.0.bias");
    });
    for part in ["layers.1.bias is missing", "layers.0.bias is missing"] {
        assert!(message.contains(part), "{message}");
    }

    // Right shape, wrong number of values: a caller's own array.
    let message = refusal(&|tensors| {
        tensors.get_mut("layers.0.bias").unwrap().values.pop();
    });
    assert!(message.contains("layers.0.bias"), "{message}");
}
