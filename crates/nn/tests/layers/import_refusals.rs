//! Files of weights that are refused, or asked about, and what is said of them.
use ressac_nn::import::{
    Activation, CellKind, ImportError, ImportOptions, ImportedNetwork, Reset, WeightFile, import,
    networks_of, put_into, to_torch,
};
use ressac_nn::weights::{HostTensor, NamedTensors, collect};
use ressac_nn::{Gru, RecurrentConfig, random::Stream};

fn bytes(name: &str) -> Vec<u8> {
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/../../fixtures/import/{name}");
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn file(name: &str) -> WeightFile {
    WeightFile::read(bytes(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn with(name: &str, options: ImportOptions) -> Result<ImportedNetwork, ImportError> {
    import(&file(name), &options)
}

fn plain(name: &str) -> Result<ImportedNetwork, ImportError> {
    with(name, ImportOptions::default())
}

fn prefixed(prefixes: &[&str]) -> ImportOptions {
    ImportOptions {
        prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect(),
        ..ImportOptions::default()
    }
}

#[track_caller]
fn assert_says<T: std::fmt::Debug>(found: Result<T, ImportError>, words: &[&str]) {
    let message = found.unwrap_err().to_string();
    for word in words {
        assert!(message.contains(word), "no {word:?} in: {message}");
    }
}

#[test]
fn several_networks_are_listed_and_chosen_by_their_prefix() {
    let torch = "torch/files/two-networks.pt";
    let listed = plain(torch);
    assert!(matches!(listed, Err(ImportError::Choose(_))));
    assert_says(
        listed,
        &[
            "2 recurrent networks",
            "`decoder` (lstm, input 2, hidden 5, 1 layer, 1 direction)",
            "`encoder` (gru, input 3, hidden 4, 1 layer, 1 direction)",
            "--prefix decoder",
        ],
    );
    for prefix in ["encoder", "encoder."] {
        let chosen = with(torch, prefixed(&[prefix])).unwrap();
        assert_eq!((chosen.found.cell, chosen.found.hidden), (CellKind::Gru, 4));
    }
    assert_says(
        with(torch, prefixed(&["encodr"])),
        &["`encodr`", "`decoder`, `encoder`"],
    );
    let lstm = ImportOptions {
        layer: Some(CellKind::Lstm),
        ..ImportOptions::default()
    };
    assert_eq!(with(torch, lstm).unwrap().found.prefix, "decoder");
    let rnn = ImportOptions {
        layer: Some(CellKind::Rnn),
        ..ImportOptions::default()
    };
    assert_says(
        with(torch, rnn.clone()),
        &["no rnn in the file", "`decoder` (lstm"],
    );
    let both = ImportOptions {
        prefixes: vec!["decoder".into()],
        ..rnn
    };
    assert_says(with(torch, both), &["`decoder` is lstm, not rnn"]);
}

#[test]
fn control_characters_in_a_files_names_do_not_reach_the_terminal() {
    let matrix = |shape: [usize; 2]| HostTensor {
        shape: shape.to_vec(),
        values: vec![0.5; shape[0] * shape[1]],
    };
    let mut weights = NamedTensors::new();
    for prefix in ["\u{1b}[2Ja", "b\nc"] {
        weights.insert(format!("{prefix}.weight_ih"), matrix([4, 2]));
        weights.insert(format!("{prefix}.weight_hh"), matrix([4, 4]));
    }
    let file = WeightFile::read(ressac_nn::weights::to_bytes(&weights).unwrap()).unwrap();
    for options in [ImportOptions::default(), prefixed(&["\u{7}"])] {
        let message = import(&file, &options).unwrap_err().to_string();
        assert!(!message.chars().any(char::is_control), "{message:?}");
        assert!(message.contains("\\u{1b}[2Ja"), "{message}");
    }
}

#[test]
fn layers_of_keras_are_joined_only_when_asked_and_where_they_fit() {
    let stacked = "keras/files/lstm-stacked.weights.h5";
    assert_says(
        plain(stacked),
        &[
            "`layers/lstm` (lstm, input 3",
            "`layers/lstm_1` (lstm, input 4",
            "FIRST,SECOND",
        ],
    );
    assert_says(
        with(stacked, prefixed(&["layers/lstm_1", "layers/lstm"])),
        &["`layers/lstm` reads 3 features", "gives 4"],
    );
    let several = "keras/files/several.weights.h5";
    assert_says(
        with(several, prefixed(&["layers/lstm", "layers/gru"])),
        &["cannot be layers of one network", "`layers/gru` (gru"],
    );
    let before = with(several, prefixed(&["layers/bidirectional"])).unwrap();
    assert_eq!(before.found.cell, CellKind::GruBefore);
    let gru = ImportOptions {
        layer: Some(CellKind::Gru),
        ..ImportOptions::default()
    };
    assert_says(
        with(several, gru),
        &["`layers/gru` (gru,", "`layers/bidirectional` (gru-before"],
    );
}

#[test]
fn a_pickle_that_asks_for_more_than_tensors_is_refused_by_the_name_it_asks_for() {
    let refused = WeightFile::read(bytes("torch/files/whole-module.pt"));
    assert!(matches!(refused, Err(ImportError::Unsupported(_))));
    assert_says(
        refused,
        &["make_torch.Twice", "torch.save(model.state_dict()"],
    );
}

#[test]
fn files_of_other_forms_say_what_they_are_and_what_to_do() {
    let read = |bytes: &[u8]| WeightFile::read(bytes.to_vec());
    assert_says(read(b""), &["empty"]);
    assert_says(
        read(b"time,load\n1,2\n"),
        &["torch.save", "safetensors", ".weights.h5", ".keras"],
    );
    assert_says(
        read(&bytes("torch/files/old-form.pt")),
        &["before 1.6", "torch.load"],
    );
    assert_says(
        plain("torch/files/no-network.pt"),
        &["no recurrent layer", "`bias`, `weight`"],
    );
    let mut other = bytes("keras/files/lstm-archive.keras");
    let name = b"model.weights.h5";
    for at in 0..other.len() - name.len() {
        if other[at..].starts_with(name) {
            other[at] = b'M';
        }
    }
    assert_says(
        read(&other),
        &["zip archive", "data.pkl", "model.weights.h5"],
    );
}

#[test]
fn a_file_cut_short_is_damage() {
    for name in [
        "torch/files/lstm-2x2.pt",
        "torch/files/gru-1x1.safetensors",
        "keras/files/lstm.weights.h5",
        "keras/files/lstm-latest.weights.h5",
        "keras/files/lstm-archive.keras",
    ] {
        let whole = bytes(name);
        for kept in [9, 100, whole.len() / 2, whole.len() - 1] {
            let cut = WeightFile::read(whole[..kept].to_vec());
            assert!(
                matches!(cut, Err(ImportError::Damaged(_))),
                "{name} cut to {kept}: {cut:?}"
            );
        }
    }
}

#[test]
fn a_changed_value_in_an_archive_is_found_by_its_checksum() {
    let network = plain("torch/files/lstm-1x1.pt").unwrap();
    let value = network.parameters["layers.0.input_weights"].values[5].to_le_bytes();
    let mut whole = bytes("torch/files/lstm-1x1.pt");
    let at = whole.windows(4).position(|bytes| bytes == value).unwrap();
    whole[at] ^= 1;
    let found = WeightFile::read(whole).and_then(|file| import(&file, &ImportOptions::default()));
    assert!(matches!(found, Err(ImportError::Damaged(_))));
    assert_says(found, &["checksum"]);
}

#[test]
fn options_that_contradict_the_file_are_refused() {
    let activation = ImportOptions {
        activation: Some(Activation::Relu),
        ..ImportOptions::default()
    };
    assert_says(
        with("torch/files/lstm-1x1.pt", activation.clone()),
        &["is lstm", "only rnn"],
    );
    assert_eq!(
        with("torch/files/rnn-tanh-1x1.pt", activation.clone())
            .unwrap()
            .activation,
        Some(Activation::Relu)
    );
    let reset = |reset: Reset| ImportOptions {
        reset: Some(reset),
        ..ImportOptions::default()
    };
    assert_says(
        with("torch/files/gru-2x2.pt", reset(Reset::Before)),
        &["resets after"],
    );
    assert_says(
        with("keras/files/gru-before.weights.h5", reset(Reset::After)),
        &["resets before"],
    );
    assert_says(
        with("keras/files/lstm.weights.h5", reset(Reset::After)),
        &["is lstm"],
    );
    let unbiased = "keras/files/gru-nobias.weights.h5";
    assert_eq!(
        with(unbiased, reset(Reset::Before)).unwrap().found.cell,
        CellKind::GruBefore
    );
    let assumed = plain(unbiased).unwrap();
    assert!(
        assumed.assumptions[0].contains("reset_after True"),
        "{:?}",
        assumed.assumptions
    );
}

#[test]
fn what_a_keras_archive_says_is_read_and_what_we_have_not_is_refused() {
    let archive = plain("keras/files/lstm-archive.keras").unwrap();
    assert!(archive.assumptions.is_empty(), "{:?}", archive.assumptions);
    assert!(
        !plain("keras/files/lstm.weights.h5")
            .unwrap()
            .assumptions
            .is_empty()
    );
    let hard = "keras/files/hard.keras";
    assert_says(
        with(hard, prefixed(&["layers/lstm"])),
        &[
            "`layers/lstm`",
            "recurrent_activation",
            "hard_sigmoid",
            "sigmoid",
        ],
    );
    // Of the layers beside it nothing keeps us from reading them.
    assert!(
        with(hard, prefixed(&["layers/gru"]))
            .unwrap()
            .assumptions
            .is_empty()
    );
}

#[test]
fn values_that_are_no_finite_numbers_are_refused_by_name_and_place() {
    let tensor = |shape: [usize; 2], value: f32| HostTensor {
        shape: shape.to_vec(),
        values: vec![value; shape[0] * shape[1]],
    };
    let mut weights = NamedTensors::from([
        ("weight_ih_l0".to_owned(), tensor([4, 2], 0.5)),
        ("weight_hh_l0".to_owned(), tensor([4, 4], 0.5)),
    ]);
    weights.get_mut("weight_hh_l0").unwrap().values[6] = f32::NAN;
    let bytes = ressac_nn::weights::to_bytes(&weights).unwrap();
    let found = import(&WeightFile::read(bytes).unwrap(), &ImportOptions::default());
    assert_says(found, &["`weight_hh_l0`", "NaN", "place 6"]);
}

/// Parameters as a model with an encoder, a decoder and a head has them.
fn model() -> NamedTensors {
    let mut all = NamedTensors::new();
    for (path, input) in [("encoder", 3), ("head.Decoder.decoder", 2)] {
        let layer = RecurrentConfig::new(Gru, input, 4)
            .init(&Stream::new(3, path), &burn::tensor::Device::flex())
            .unwrap();
        for (name, tensor) in collect(&layer) {
            all.insert(format!("body.Recurrent.{path}.{name}"), tensor);
        }
    }
    let weight = HostTensor {
        shape: vec![1, 4],
        values: vec![0.25; 4],
    };
    all.insert("body.Recurrent.head.Decoder.output.weight".into(), weight);
    all
}

#[test]
fn imported_weights_take_the_place_of_one_network_and_leave_the_rest() {
    let network = with("torch/files/two-networks.pt", prefixed(&["encoder"])).unwrap();
    let before = model();
    let paths: Vec<String> = networks_of(&before)
        .into_iter()
        .map(|found| found.prefix)
        .collect();
    assert_eq!(
        paths,
        [
            "body.Recurrent.encoder",
            "body.Recurrent.head.Decoder.decoder"
        ]
    );
    let mut after = before.clone();
    let path = put_into(&mut after, Some("encoder"), &network).unwrap();
    assert_eq!(path, "body.Recurrent.encoder");
    for (name, tensor) in &after {
        match name.strip_prefix("body.Recurrent.encoder.") {
            Some(own) => assert_eq!(tensor, &network.parameters[own], "{name}"),
            None => assert_eq!(tensor, &before[name], "{name}"),
        }
    }
    assert_eq!(after.len(), before.len());
    assert_ne!(after, before);
}

#[test]
fn a_place_that_is_not_there_or_of_another_size_leaves_everything_as_it_was() {
    let network = with("torch/files/two-networks.pt", prefixed(&["encoder"])).unwrap();
    let before = model();
    let mut after = before.clone();
    assert_says(
        put_into(&mut after, None, &network),
        &["several", "`encoder`, `decoder`", "--to encoder"],
    );
    assert_says(
        put_into(&mut after, Some("encodr"), &network),
        &["`encodr`", "`encoder`"],
    );
    assert_says(
        put_into(&mut after, Some("decoder"), &network),
        &[
            "decoder is gru, input 2, hidden 4",
            "the file has gru, input 3, hidden 4",
        ],
    );
    assert_eq!(after, before);
    assert_says(
        put_into(&mut NamedTensors::new(), None, &network),
        &["no recurrent network", "rnn, lstm or gru"],
    );
}

#[test]
fn only_what_pytorch_has_is_given_to_it() {
    let before = plain("keras/files/gru-before.weights.h5").unwrap();
    let error = to_torch(&before.parameters, 1).unwrap_err().to_string();
    assert!(error.contains("no GRU that resets before"), "{error}");
    let gru = plain("keras/files/gru.weights.h5").unwrap();
    assert!(to_torch(&gru.parameters, 3).is_err());
    assert!(to_torch(&model(), 1).is_err());
    assert!(to_torch(&NamedTensors::new(), 1).is_err());
    let mut broken = gru.parameters.clone();
    broken.get_mut("layers.0.bias").unwrap().values.pop();
    assert!(to_torch(&broken, 1).is_err());
    // u, the bias inside the reset, is PyTorch's second bias of n; its r and z are zeros.
    let dictionary = to_torch(&gru.parameters, 1).unwrap();
    let (ours, hidden) = (&gru.parameters["layers.0.bias"].values, gru.found.hidden);
    assert_eq!(dictionary["bias_ih_l0"].values, ours[..3 * hidden]);
    assert_eq!(
        dictionary["bias_hh_l0"].values[2 * hidden..],
        ours[3 * hidden..]
    );
    assert!(
        dictionary["bias_hh_l0"].values[..2 * hidden]
            .iter()
            .all(|&value| value == 0.0)
    );
}
