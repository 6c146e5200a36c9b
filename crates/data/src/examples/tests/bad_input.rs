//! Files that are wrong, cut short, in another encoding, or of a size that nobody expects.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::*;

fn of_bytes(name: &str, bytes: &[u8]) -> Result<(Examples, Vec<String>), String> {
    let files = [(Path::new(name), bytes)];
    read_examples_bytes(&files, &ExampleOptions::default())
        .map(|(examples, told)| (examples, told.iter().map(said).collect()))
        .map_err(|error| error.to_string())
}

#[test]
fn a_text_of_a_million_characters_is_read_at_once() {
    let long = "à la \"pêche\", ".repeat(1_000_000 / 13);
    let quoted = long.replace('"', "\"\"");
    let json = long.replace('"', "\\\"");
    for (name, text) in [
        ("x.csv", format!("text,label\n\"{quoted}\",a\nshort,b\n")),
        ("x.tsv", format!("{long}\ta\nshort\tb\nlong\ta\n")),
        ("x.txt", format!("{long}\nshort\n")),
        (
            "x.jsonl",
            format!("{{\"text\": \"{json}\", \"label\": \"a\"}}\n"),
        ),
    ] {
        let begun = Instant::now();
        let (examples, _) = read(name, &text, &ExampleOptions::default());
        remarks(&examples);
        // A square of the length would take minutes; the machine may be busy.
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{name}: {:?}",
            begun.elapsed()
        );
        assert_eq!(texts(&examples)[0], long.trim(), "{name}");
    }
    // A class of that length is shown short.
    let message = refusal(
        "x.csv",
        &format!("text,label\na,{}\nb,\n", "x".repeat(1_000_000)),
        &ExampleOptions::default(),
    );
    assert!(message.len() < 300, "{message}");
}

#[test]
fn texts_in_utf_16_and_latin_1_are_read_and_their_encoding_told() {
    let text = "text,label\nun café crème,bon\nun thé vert,bon\nune nuit sans fin,triste\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let expected = read("x.csv", text, &ExampleOptions::default()).0;
    for (bytes, encoding) in [
        (wide, "encoding: UTF-16, low byte first"),
        (latin, "encoding: Windows-1252 (line 2 is not UTF-8)"),
    ] {
        let (examples, told) = of_bytes("x.csv", &bytes).unwrap();
        assert_eq!(examples, expected);
        assert!(told.contains(&encoding.to_owned()), "{told:?}");
    }
}

#[test]
fn a_packed_file_that_is_cut_short_is_named_and_a_whole_one_read() {
    let text = "text,label\n".to_owned() + &"some words,a\nother words,b\n".repeat(50);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    let bytes = packed.finish().unwrap();
    assert_eq!(of_bytes("x.csv.gz", &bytes).unwrap().0.len(), 100);
    let message = of_bytes("x.csv.gz", &bytes[..bytes.len() - 9]).unwrap_err();
    assert!(
        message.starts_with("x.csv.gz: the gzip file is cut short"),
        "{message}"
    );
}

#[test]
fn files_of_nothing_or_of_a_header_alone_are_said_to_be_so() {
    for name in ["x.csv", "x.tsv", "x.txt", "x.jsonl", "x"] {
        for text in ["", "\n\n"] {
            let message = of_bytes(name, text.as_bytes()).unwrap_err();
            assert!(
                message.starts_with(&format!("{name}: the file is empty")),
                "{message}"
            );
        }
    }
    let message = of_bytes("x.ts", b"").unwrap_err();
    assert!(
        message.starts_with("x.ts, line 1: expected a line `@data`"),
        "{message}"
    );
    for text in ["text,label\n", "x,y,class"] {
        let message = of_bytes("x.csv", text.as_bytes()).unwrap_err();
        assert!(
            message.starts_with("x.csv: only a header line, no rows"),
            "{message}"
        );
    }
}

#[test]
fn empty_texts_and_a_class_of_one_example_are_remarked_on() {
    let text = "text,label\n,a\nfine,a\n  ,b\ngood,b\nodd,c\n";
    let (examples, _) = read("x.csv", text, &ExampleOptions::default());
    let found = remarks(&examples);
    assert!(
        found.contains(&LabelRemark::EmptyTexts {
            examples: vec![0, 2]
        }),
        "{found:?}"
    );
    assert!(
        found.contains(&LabelRemark::Single {
            classes: vec!["c".to_owned()]
        }),
        "{found:?}"
    );
}

#[test]
fn a_ts_header_that_says_a_thing_twice_or_two_things_at_once_is_refused() {
    for (from, to, said) in [
        (
            "@classLabel true a b",
            "@classLabel true a b\n@classLabel false",
            "line 9: expected each tag once, found `@classlabel` again, after line 8. Remove one",
        ),
        (
            "@classLabel true a b",
            "@classLabel false a b",
            "line 8: expected after `@classLabel true` the name of each class once",
        ),
        (
            "@classLabel true a b",
            "@classLabel true a b a",
            "line 8: expected after `@classLabel true` the name of each class once",
        ),
        (
            "@classLabel true a b",
            "@classLabel false",
            "line 10: expected 2 dimensions, separated by colons, found 3",
        ),
        (
            "@equalLength false",
            "@seriesLength 4",
            "line 10: expected 4 values, after @seriesLength 4, found 3",
        ),
        (
            "@equalLength false",
            "@equalLength false\n@seriesLength 4",
            "line 10: expected no @seriesLength, after @equalLength false, found @seriesLength 4",
        ),
        (
            "7:-8e1:b",
            "7:-8e1:B",
            "line 12: expected a class that @classLabel names, found `B`",
        ),
    ] {
        let message = refusal(
            "toy.ts",
            &TS.replacen(from, to, 1),
            &ExampleOptions::default(),
        );
        assert!(
            message.starts_with(&format!("toy.ts, {said}")),
            "{to}: {message}"
        );
    }
}

#[test]
fn no_message_names_its_file_twice() {
    for text in [
        "",
        "text,label\n",
        "text,label\na b,x\nc d,\n",
        "text,label\n\"open,x\n",
        "a,b,label\n1,inf,x\n2,3,y\n",
        "a\n\"b c\",d,e\n",
    ] {
        let message = refusal("rand.csv", text, &ExampleOptions::default());
        assert_eq!(message.matches("rand.csv").count(), 1, "{message}");
    }
}
