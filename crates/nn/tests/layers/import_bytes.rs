//! Whatever bytes a file of weights holds, the readers answer: arrays that keep their promises, or a
//! sentence. No panic, and no more memory than the file can account for.
use proptest::prelude::*;
use ressac_nn::import::{ImportOptions, WeightFile, import};

const FILES: [&str; 11] = [
    "torch/files/gru-1x1.safetensors",
    "torch/files/gru-2x2.pt",
    "torch/files/gru-strided.pt",
    "torch/files/gru-checkpoint.pt",
    "torch/files/lstm-deflated.pt",
    "keras/files/lstm.weights.h5",
    "keras/files/lstm-cells.weights.h5",
    "keras/files/lstm-latest.weights.h5",
    "keras/files/lstm-packed.weights.h5",
    "keras/files/lstm-archive.keras",
    "keras/files/lstm-older.h5",
];

fn files() -> Vec<Vec<u8>> {
    let root = env!("CARGO_MANIFEST_DIR");
    let read = |name: &&str| std::fs::read(format!("{root}/../../fixtures/import/{name}")).unwrap();
    FILES.iter().map(read).collect()
}

fn check(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    let sentence = |message: String| {
        prop_assert!(!message.is_empty() && message.len() < 4_000, "{}", message);
        prop_assert!(!message.chars().any(char::is_control), "{:?}", message);
        Ok(())
    };
    // Deflate's ratio, and f64 to f32 or half to f32 on top.
    let most = bytes.len() * 1032;
    let file = match WeightFile::read(bytes) {
        Ok(file) => file,
        Err(error) => return sentence(error.to_string()),
    };
    for (name, shape) in file.shapes() {
        match file.values(name) {
            Ok(values) => {
                prop_assert_eq!(values.len(), shape.iter().product::<usize>());
                prop_assert!(values.len() <= most);
            }
            Err(error) => sentence(error.to_string())?,
        }
    }
    match import(&file, &ImportOptions::default()) {
        Ok(network) => {
            prop_assert!(network.found.layers >= 1 && network.found.hidden >= 1);
            for tensor in network.parameters.values() {
                prop_assert_eq!(tensor.values.len(), tensor.shape.iter().product::<usize>());
                prop_assert!(tensor.values.iter().all(|value| value.is_finite()));
            }
        }
        Err(error) => sentence(error.to_string())?,
    }
    Ok(())
}

/// Bytes a reader may be misled by: extremes, and the letters of its own structures.
fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        any::<u8>(),
        prop::sample::select(vec![0x00, 0x01, 0x7f, 0x80, 0xff])
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn real_files_with_bytes_changed_and_cut_give_arrays_or_a_sentence(
        which in 0..FILES.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), byte(), 1..9usize), 0..6),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        thread_local!(static READ: Vec<Vec<u8>> = files());
        let mut bytes = READ.with(|files| files[which].clone());
        for (at, byte, length) in changes {
            let at = at.index(bytes.len());
            // A run of one value makes huge numbers out of any width of them.
            let end = (at + length).min(bytes.len());
            bytes[at..end].fill(byte);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len() + 1));
        }
        check(bytes)?;
    }

    #[test]
    fn parts_of_a_file_moved_over_others_give_arrays_or_a_sentence(
        which in 0..FILES.len(),
        from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>(), length in 1..200usize,
    ) {
        thread_local!(static READ: Vec<Vec<u8>> = files());
        let mut bytes = READ.with(|files| files[which].clone());
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let length = length.min(bytes.len() - from.max(to));
        bytes.copy_within(from..from + length, to);
        check(bytes)?;
    }

    #[test]
    fn anything_behind_a_known_head_gives_arrays_or_a_sentence(
        head in prop::sample::select(vec![
            &b""[..], b"PK\x03\x04", b"PK\x05\x06", b"\x89HDF\r\n\x1a\n\x00", b"\x89HDF\r\n\x1a\n\x02\x08\x08",
            b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", b"\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}",
        ]),
        rest in prop::collection::vec(byte(), 0..300),
    ) {
        check([head, &rest].concat())?;
    }
}
