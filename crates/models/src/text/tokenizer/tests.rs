//! Tokenizers of every kind: read back equal, unknown tokens, empty and long texts, damaged files.

use std::time::{Duration, Instant};

use super::*;
use crate::text::options::{TextDefaults, TextOptions};

fn fitted(kind: TokenizerKind, max_length: Option<usize>) -> Tokenizer {
    let texts: Vec<String> = ["it 's a good film", "a good, good day"]
        .map(str::to_owned)
        .into();
    let options = TextOptions {
        tokenizer: Some(kind),
        max_length,
        at_least: Some(1),
        ..TextOptions::default()
    };
    let config = options.resolve(&TextDefaults::default()).unwrap();
    Tokenizer::fit(&texts, &config)
}

const KINDS: [TokenizerKind; 4] = [
    TokenizerKind::Words,
    TokenizerKind::Spaces,
    TokenizerKind::Subwords,
    TokenizerKind::Characters,
];

#[test]
fn a_tokenizer_of_any_kind_is_the_same_when_read_back() {
    for kind in KINDS {
        for length in [None, Some(7)] {
            let tokenizer = fitted(kind, length);
            let text = serde_json::to_string(&tokenizer).unwrap();
            let back: Tokenizer = serde_json::from_str(&text).unwrap();
            assert_eq!(back, tokenizer, "{text}");
            assert_eq!(back.encode("a good dog"), tokenizer.encode("a good dog"));
        }
    }
}

#[test]
fn words_of_earlier_versions_read_as_they_did() {
    let old = r#"{"lower_case": true, "words": ["'", "s", "it"]}"#;
    let tokenizer: Tokenizer = serde_json::from_str(old).unwrap();
    assert_eq!(tokenizer.encode("It 's").numbers, [3, 1, 2]);
    assert_eq!(
        fitted(TokenizerKind::Words, None)
            .encode("It 's")
            .numbers
            .len(),
        2
    );
}

#[test]
fn a_text_without_a_token_is_an_unknown_one_and_a_long_one_is_cut() {
    for kind in KINDS {
        let tokenizer = fitted(kind, Some(3));
        let empty = tokenizer.encode("");
        assert_eq!(
            (empty.numbers, empty.empty, empty.cut),
            (vec![UNKNOWN], true, false)
        );
        let read = tokenizer.encode("a good film, good day");
        assert!(read.numbers.len() == 3 && read.cut && !read.empty, "{kind}");
        let texts = ["a", "", "й й й й й"].map(str::to_owned);
        let counts = tokenizer.count(&texts);
        assert_eq!(
            (counts.texts, counts.empty, counts.cut),
            (3, 1, 1),
            "{kind}"
        );
        assert!(
            counts.unknown >= 2 && counts.unknown < counts.tokens,
            "{kind} {counts:?}"
        );
    }
}

#[test]
fn numbers_are_texts_again() {
    for kind in KINDS {
        let tokenizer = fitted(kind, None);
        let numbers = tokenizer.encode("A good film").numbers;
        assert_eq!(tokenizer.decode(&numbers), "a good film", "{kind}");
    }
}

#[test]
fn what_is_unknown_keeps_its_place_and_its_letters() {
    for kind in KINDS {
        let tokenizer = fitted(kind, None);
        let text = "a жо film";
        let numbers = tokenizer.encode(text).numbers;
        let pieces = tokenizer.pieces(text, numbers.len());
        assert_eq!(pieces.len(), numbers.len(), "{kind} {pieces:?}");
        let filled = tokenizer.decode_with(&numbers, |place| pieces.get(place).cloned());
        assert_eq!(filled, text, "{kind} {pieces:?}");
        assert!(tokenizer.decode(&numbers).contains("<unk>"), "{kind}");
    }
}

#[test]
fn a_million_characters_are_read_in_a_moment() {
    for text in [
        "x".repeat(1_000_000),
        "ab, ".repeat(250_000),
        "'".repeat(1_000_000),
    ] {
        for kind in KINDS {
            let begun = Instant::now();
            let texts = [text.clone()];
            let options = TextOptions {
                tokenizer: Some(kind),
                ..TextOptions::default()
            };
            let config = options.resolve(&TextDefaults::default()).unwrap();
            let tokenizer = Tokenizer::fit(&texts, &config);
            assert!(!tokenizer.encode(&text).numbers.is_empty());
            // The square of the length would take hours.
            assert!(begun.elapsed() < Duration::from_secs(60), "{kind}");
        }
    }
}

#[test]
fn a_damaged_tokenizer_is_refused_in_words() {
    for (text, said) in [
        (r#"{"lower_case": true}"#, "without its `words`"),
        (
            r#"{"lower_case": true, "tokenizer": "bytes", "words": []}"#,
            "`bytes`",
        ),
        (
            r#"{"lower_case": true, "max_length": 0, "words": []}"#,
            "max_length",
        ),
        (
            r#"{"lower_case": true, "tokenizer": "subwords", "subwords": {}}"#,
            "vocab",
        ),
    ] {
        let error = serde_json::from_str::<Tokenizer>(text)
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{error}");
    }
}
