//! Pairs and texts of public data sets: Multi30k, tiny Shakespeare, the Penn Treebank.

mod development;

use std::path::Path;

use ressac_data::corpus::{Corpus, CorpusOptions, read_corpus};
use ressac_data::pairs::{
    PairOptions, Pairs, Tongues, overlap, read_pairs, read_parallel, write_pairs,
};
use ressac_data::read_file;

fn multi30k(folder: &Path, part: &str) -> Pairs {
    let file = |language: &str| folder.join(format!("multi30k_en_fr/{part}.{language}"));
    let [en, fr] = [file("en"), file("fr")];
    let (source, target) = (read_file(&en).unwrap(), read_file(&fr).unwrap());
    let read = read_parallel(&[(&en, &source)], &[(&fr, &target)]);
    read.unwrap().0
}

fn corpus(folder: &Path, file: &str) -> Corpus {
    let file = folder.join(file);
    let bytes = read_file(&file).unwrap();
    let read = read_corpus(&[(&file, &bytes)], &CorpusOptions::default());
    read.unwrap().0
}

#[test]
fn the_languages_of_multi30k_are_told_apart_and_its_lines_are_kept_in_a_table() {
    let Some(folder) = development::folder() else {
        return;
    };
    let training = multi30k(&folder, "train");
    assert_eq!(training.len(), 29_000);
    let tongues = Tongues::of(&training);
    for part in ["val", "test_2016_flickr"] {
        let other = multi30k(&folder, part);
        assert!(!tongues.are_exchanged(&other) && tongues.are_exchanged(&other.exchanged()));
        assert!(overlap(&training, &other).share() < 0.02);
        let rows: Vec<usize> = (0..other.len()).collect();
        for size in [1, 3, 10] {
            for rows in rows.chunks_exact(size) {
                let few = other.subset(rows);
                assert!(!tongues.are_exchanged(&few) && !tongues.are_targets(&few.sources));
                // Ten sentences are always enough.
                let fires = tongues.are_exchanged(&few.exchanged());
                assert!(fires || size < 10, "{}", few.place(0));
                assert!(tongues.are_targets(&few.targets) || size < 10);
            }
        }
    }
    let mut table = Vec::new();
    write_pairs(&training, &mut table).unwrap();
    let read = read_pairs(&[("train.tsv".as_ref(), &table)], &PairOptions::default());
    let (read, _) = read.unwrap();
    assert!(read.sources == training.sources && read.targets == training.targets);
}

#[test]
fn running_texts_are_kept_to_the_character() {
    let Some(folder) = development::folder() else {
        return;
    };
    let shakespeare = corpus(&folder, "tinyshakespeare/input.txt");
    assert_eq!(shakespeare.text().chars().count(), 1_115_394);
    let parts = shakespeare.cut([0.9, 0.05, 0.05]);
    assert_eq!(parts.concat(), shakespeare.lines);
    let characters =
        |part: &Vec<String>| -> usize { part.iter().map(|line| line.chars().count() + 1).sum() };
    // To half a line.
    for (part, exact) in parts.iter().zip([1_003_854, 55_770, 55_770]) {
        assert!(
            characters(part).abs_diff(exact) < 80,
            "{}",
            characters(part)
        );
    }
    // Words and an end of sentence a line, as the published counts have it.
    let test = corpus(&folder, "ptb/ptb.test.txt");
    let tokens = test
        .lines
        .iter()
        .map(|line| line.split_whitespace().count() + 1);
    assert_eq!(tokens.sum::<usize>(), 82_430);
}
