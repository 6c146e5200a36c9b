//! Any bytes at all are read as pairs or as a text, or refused: no panic, and what is read can be used.

use std::path::Path;

use proptest::prelude::*;
use ressac_data::corpus::{CorpusOptions, read_corpus};
use ressac_data::pairs::{
    PairOptions, Tongues, overlap, read_pairs, read_parallel, remarks, write_pairs,
};
use ressac_data::{ColumnRef, read_lines};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "\n",
        "\r\n",
        "\r",
        "\t",
        "\"",
        "\"\"",
        ",",
        ";",
        " ",
        "source\ttarget\n",
        "en,fr\n",
        "un",
        "œuf",
        "{\"source\": \"a\", \"target\": \"b\"}\n",
        "\u{feff}",
        "\0",
        "column_1",
    ]);
    let text = prop::collection::vec(piece, 0..30).prop_map(|parts| parts.concat().into_bytes());
    prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

fn column() -> impl Strategy<Value = Option<ColumnRef>> {
    let named = prop::sample::select(vec!["1", "2", "source", "column_1", "0", ""]);
    prop::option::of(named.prop_map(|name| {
        let Ok(column) = name.parse::<ColumnRef>();
        column
    }))
}

proptest! {
    #[test]
    fn pairs_are_read_or_refused(
        a in bytes(), b in bytes(), source in column(), target in column(),
        header in prop::option::of(any::<bool>()),
        name in prop::sample::select(vec!["a.tsv", "a.csv", "a.jsonl", "a.txt", "a"]),
    ) {
        let options = PairOptions { source, target, header };
        let tables = read_pairs(&[(Path::new(name), &a)], &options);
        let lines = read_parallel(&[(Path::new(name), &a)], &[("b".as_ref(), &b)]);
        for (pairs, _) in [tables, lines].into_iter().flatten() {
            prop_assert_eq!(pairs.targets.len(), pairs.len());
            prop_assert_eq!(pairs.places.len(), pairs.len());
            let _ = remarks(&pairs, 3);
            let _ = overlap(&pairs, &pairs).sentence("test", &pairs);
            prop_assert!(!Tongues::of(&pairs).are_exchanged(&pairs));
            let _ = write_pairs(&pairs.subset(&[0, 2]), Vec::new());
        }
    }

    #[test]
    fn a_text_is_read_or_refused_and_cut_without_a_loss(
        a in bytes(), column in column(), header in prop::option::of(any::<bool>()),
        name in prop::sample::select(vec!["a.tsv", "a.csv", "a.jsonl", "a.txt", "a"]),
    ) {
        if let Ok((read, _)) = read_lines(Path::new(name), &a) {
            prop_assert!(!read.lines.is_empty());
            prop_assert!(read.lines.iter().all(|line| !line.contains('\n')));
        }
        let options = CorpusOptions { column, header };
        if let Ok((corpus, _)) = read_corpus(&[(Path::new(name), &a)], &options) {
            prop_assert_eq!(corpus.cut([0.5, 0.25, 0.25]).concat(), corpus.lines);
        }
    }
}
