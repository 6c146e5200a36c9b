//! The grammar: the same for a seed, few repetitions, and French as it should be.

use std::collections::{HashMap, HashSet};

use super::phrase::begins_with_vowel;
use super::words::{Gender, NOUNS, kind};
use super::*;
use crate::fingerprint;
use crate::pairs::{remarks, write_pairs};

#[test]
fn a_seed_gives_the_same_pairs_and_more_only_add_to_them() {
    let mut bytes = Vec::new();
    write_pairs(&pairs(1, 500), &mut bytes).unwrap();
    // Recorded from this very generator: it changes only if the data of every seed changes.
    assert_eq!(
        fingerprint::bytes(&bytes),
        "87922e636d5b7334dd17f6d75589f4d1abb86cb5fdb06033825ad6631f9fed3f"
    );
    let (short, long) = (pairs(7, 20), pairs(7, 200));
    assert_eq!(short.targets, long.targets[..20]);
    assert_ne!(pairs(8, 20).targets, short.targets);
    assert!(pairs(1, 0).is_empty());
    let read = crate::pairs::read_pairs(&[("a.tsv".as_ref(), &bytes)], &Default::default());
    assert_eq!(read.unwrap().0.targets, pairs(1, 500).targets);
}

#[test]
fn few_pairs_are_repeated_and_nothing_else_is_to_be_said_of_them() {
    let made = pairs(2, 4_000);
    let told = remarks(&made, 30);
    assert!(told.len() <= 1, "{told:?}");
    let distinct: HashSet<&String> = made.sources.iter().collect();
    assert!(distinct.len() > 3_800, "{}", distinct.len());
    let mut words: HashMap<String, usize> = HashMap::new();
    let all = made
        .targets
        .iter()
        .flat_map(|text| text.split([' ', '\'', '.', ',']));
    all.for_each(|word| *words.entry(word.to_lowercase()).or_default() += 1);
    assert!((250..450).contains(&words.len()), "{}", words.len());
    // A translation may depend on nothing that its source does not say.
    let many = pairs(6, 20_000);
    let mut met: HashMap<&String, &String> = HashMap::new();
    for (source, target) in many.sources.iter().zip(&many.targets) {
        assert_eq!(*met.entry(source).or_insert(target), target, "{source}");
    }
}

#[test]
fn known_sentences_are_right() {
    let made = pairs(4, 60_000);
    let of: HashMap<&str, &str> = made
        .sources
        .iter()
        .map(String::as_str)
        .zip(made.targets.iter().map(String::as_str))
        .collect();
    let mut missing = Vec::new();
    for (source, target) in [
        ("I am hungry.", "J'ai faim."),
        ("She is not afraid.", "Elle n'a pas peur."),
        ("Anna is twelve years old.", "Anna a douze ans."),
        (
            "We are not going to be right.",
            "Nous n'allons pas avoir raison.",
        ),
        ("He looks for her.", "Il la cherche."),
        ("I listen to him.", "Je l'écoute."),
        ("She does not see me.", "Elle ne me voit pas."),
        ("They are going to follow us.", "Ils vont nous suivre."),
        (
            "Is he going to wait for them?",
            "Est-ce qu'il va les attendre ?",
        ),
        ("He was young.", "Il était jeune."),
    ] {
        match of.get(source) {
            Some(found) => assert_eq!(*found, target),
            None => missing.push(source),
        }
    }
    assert!(missing.len() < 4, "{missing:?}");
}

#[test]
fn french_agrees_elides_and_joins_its_articles() {
    let made = pairs(3, 20_000);
    let mut seen = HashSet::new();
    for target in &made.targets {
        let text = target.trim_end_matches(['.', '?', ' ']).to_lowercase();
        let words: Vec<&str> = text
            .split([' ', ','])
            .filter(|word| !word.is_empty())
            .collect();
        for pair in words.windows(2) {
            let (word, next) = (pair[0], pair[1]);
            let loses = matches!(
                word,
                "le" | "la"
                    | "de"
                    | "ne"
                    | "je"
                    | "me"
                    | "que"
                    | "ma"
                    | "sa"
                    | "ce"
                    | "beau"
                    | "vieux"
            );
            // Plurals of vieux do not change before a vowel, and `vieux` may stand behind a verb.
            let exempt = word == "vieux" || (word == "ce" && next == "soir");
            assert!(!loses || exempt || !begins_with_vowel(next), "{target}");
            assert!(!matches!((word, next), ("de" | "à", "les")), "{target}");
            assert!(!matches!((word, next), ("de" | "à", "le")), "{target}");
            let noun = NOUNS.iter().find(|noun| noun.fr.contains(&next));
            if let Some(noun) = noun {
                let plural = noun.fr[1] == next;
                let feminine = noun.gender == Gender::F;
                let right = match word {
                    "le" | "un" | "ce" | "cet" | "du" | "au" | "vieil" | "bel" | "grand"
                    | "petit" | "bon" => !plural && !feminine,
                    "la" | "une" | "cette" | "ma" | "sa" | "vieille" | "belle" | "grande"
                    | "petite" | "bonne" => !plural && feminine,
                    "mon" | "son" => !plural && (!feminine || begins_with_vowel(next)),
                    "les" | "des" | "ces" | "mes" | "ses" | "nos" | "leurs" | "aux" | "deux"
                    | "douze" => plural,
                    "vieilles" | "belles" | "grandes" | "petites" | "bonnes" => plural && feminine,
                    _ => continue,
                };
                assert!(right, "{target}");
                seen.insert(word.to_owned());
            }
            let follows = NOUNS.iter().find(|noun| noun.fr.contains(&word));
            if let Some(noun) = follows.filter(|noun| noun.kind & kind::DEAD != 0) {
                let (plural, feminine) = (noun.fr[1] == word, noun.gender == Gender::F);
                let right = match next {
                    "bleu" | "vert" | "blanc" | "noir" | "lourd" | "cher" => !plural && !feminine,
                    "bleue" | "verte" | "blanche" | "noire" | "lourde" | "chère" => {
                        !plural && feminine
                    }
                    "bleus" | "verts" | "blancs" | "noirs" | "lourds" | "chers" => {
                        plural && !feminine
                    }
                    "bleues" | "vertes" | "blanches" | "noires" | "lourdes" | "chères" => {
                        plural && feminine
                    }
                    _ => continue,
                };
                assert!(right, "{target}");
                seen.insert(next.to_owned());
            }
        }
        let negated = words
            .iter()
            .any(|word| *word == "ne" || word.starts_with("n'"));
        assert_eq!(negated, words.contains(&"pas"), "{target}");
    }
    assert!(seen.len() > 50, "{seen:?}");
    for source in &made.sources {
        for word in source.split(' ').zip(source.split(' ').skip(1)) {
            let vowel = word.1.starts_with(['a', 'e', 'i', 'o', 'u']);
            let wrong = if vowel { "a" } else { "an" };
            assert_ne!(word.0, wrong, "{source}");
        }
    }
}

#[test]
fn negation_is_in_both_languages_or_in_neither() {
    let made = pairs(5, 5_000);
    let mut negated = 0;
    for (source, target) in made.sources.iter().zip(&made.targets) {
        let not = source.split(' ').any(|word| word == "not");
        assert_eq!(not, target.contains(" pas"), "{source}");
        assert_eq!(source.ends_with('?'), target.ends_with(" ?"), "{source}");
        negated += usize::from(not);
    }
    assert!((1_200..1_800).contains(&negated), "{negated}");
}
