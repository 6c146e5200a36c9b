//! Phrases around a noun, with the agreement of French, and words joined to a text with its elisions.

use super::words::{ADJECTIVES, Adjective, Gender, NAMES, NOUNS, NUMBERS, Noun, WHOSE, kind};
use crate::draws::Draws;

/// A phrase in both languages.
#[derive(Default)]
pub(super) struct Phrase {
    pub(super) en: Vec<&'static str>,
    pub(super) fr: Vec<&'static str>,
}

impl Phrase {
    pub(super) fn push(&mut self, en: &'static str, fr: &'static str) {
        self.en.push(en);
        self.fr.push(fr);
    }

    pub(super) fn extend(&mut self, other: Phrase) {
        self.en.extend(other.en);
        self.fr.extend(other.fr);
    }
}

/// Where a phrase stands, which says what determiners it may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Subject,
    Object { negated: bool },
    Place,
}

/// A phrase with what agrees with it.
pub(super) struct Named {
    pub(super) phrase: Phrase,
    pub(super) gender: Gender,
    pub(super) plural: bool,
    pub(super) kind: u8,
}

/// One of some items of a table.
pub(super) fn choose<'a, T>(
    draws: &mut Draws,
    items: &'a [T],
    fits: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    let fitting: Vec<&T> = items.iter().filter(|item| fits(item)).collect();
    draws.one_of(&fitting)
}

/// The form of an adjective; before a vowel for the one masculine form that knows it.
pub(super) fn form(
    adjective: &Adjective,
    gender: Gender,
    plural: bool,
    before_vowel: bool,
) -> &'static str {
    adjective.fr[match (gender, plural) {
        (Gender::M, false) => usize::from(before_vowel),
        (Gender::F, false) => 2,
        (Gender::M, true) => 3,
        (Gender::F, true) => 4,
    }]
}

/// A noun of these kinds with its determiner and at most two adjectives.
pub(super) fn noun_phrase(draws: &mut Draws, kinds: u8, role: Role) -> Option<Named> {
    let noun = choose(draws, NOUNS, |noun| noun.kind & kinds != 0)?;
    let plural = role != Role::Place && draws.below(10) < 3;
    let fits =
        |adjective: &Adjective, before| adjective.of & noun.kind != 0 && adjective.before == before;
    let (with_before, with_after) = (draws.below(3) == 0, draws.below(3) == 0);
    let before = match with_before {
        true => choose(draws, ADJECTIVES, |adjective| fits(adjective, true)),
        false => None,
    };
    let after = match with_after {
        true => choose(draws, ADJECTIVES, |adjective| fits(adjective, false)),
        false => None,
    };
    let word = noun.fr[usize::from(plural)];
    let before_form =
        before.map(|adjective| form(adjective, noun.gender, plural, begins_with_vowel(word)));
    let next = before_form.unwrap_or(word);
    let mut core = Phrase::default();
    core.en.extend(before.map(|adjective| adjective.en));
    core.en.extend(after.map(|adjective| adjective.en));
    core.en.push(noun.en[usize::from(plural)]);
    core.fr.extend(before_form);
    core.fr.push(word);
    core.fr
        .extend(after.map(|adjective| form(adjective, noun.gender, plural, false)));

    let mut phrase = Phrase::default();
    let mut owner = Phrase::default();
    let vowel = begins_with_vowel(next);
    let feminine = noun.gender == Gender::F;
    match draws.below(12) {
        0 | 1 => {
            let (en, [masculine, of_feminine, of_plural]) = choose(draws, WHOSE, |_| true)?;
            let fr = match (plural, feminine && !vowel) {
                (true, _) => of_plural,
                (false, true) => of_feminine,
                (false, false) => masculine,
            };
            phrase.push(en, fr);
        }
        2 => {
            let fr = match (plural, feminine, vowel) {
                (true, _, _) => "ces",
                (false, true, _) => "cette",
                (false, false, true) => "cet",
                (false, false, false) => "ce",
            };
            phrase.push(if plural { "these" } else { "this" }, fr);
        }
        3 | 4 if noun.kind != kind::PERSON => {
            phrase.fr.push(article(noun, plural));
            owner.fr.push("de");
            let by_name = draws.below(3) > 0;
            if by_name {
                let (name, _) = choose(draws, NAMES, |_| true)?;
                phrase.en.extend([*name, GENITIVE]);
                owner.fr.push(name);
            } else {
                let person = choose(draws, NOUNS, |noun| noun.kind == kind::PERSON)?;
                phrase.en.extend(["the", person.en[0], GENITIVE]);
                owner.fr.extend([article(person, false), person.fr[0]]);
            }
        }
        5..=8 if matches!(role, Role::Object { .. }) => {
            let negated = role == Role::Object { negated: true };
            match (plural, negated) {
                (false, false) => {
                    phrase.push(indefinite(core.en[0]), if feminine { "une" } else { "un" })
                }
                (false, true) => phrase.push(indefinite(core.en[0]), "de"),
                (true, true) => phrase.push("any", "de"),
                // Before an adjective the plural article is `de`.
                (true, false) => phrase.push("some", if before.is_some() { "de" } else { "des" }),
            }
        }
        9 if plural => {
            phrase.push("many", "beaucoup");
            phrase.fr.push("de");
        }
        9 | 10 if plural => {
            let (en, fr) = choose(draws, NUMBERS, |_| true)?;
            phrase.push(en, fr);
        }
        _ => phrase.push("the", article(noun, plural)),
    }
    phrase.extend(core);
    phrase.extend(owner);
    Some(Named {
        phrase,
        gender: noun.gender,
        plural,
        kind: noun.kind,
    })
}

/// Joined to the word before it.
pub(super) const GENITIVE: &str = "'s";

fn article(noun: &Noun, plural: bool) -> &'static str {
    match (plural, noun.gender) {
        (true, _) => "les",
        (false, Gender::M) => "le",
        (false, Gender::F) => "la",
    }
}

fn indefinite(next: &str) -> &'static str {
    if next.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    }
}

/// Whether a French word lets the one before it lose its vowel. Every `h` of the vocabulary but that of `huit`
/// is mute.
pub(super) fn begins_with_vowel(word: &str) -> bool {
    const VOWELS: [char; 16] = [
        'a', 'à', 'â', 'e', 'é', 'è', 'ê', 'h', 'i', 'o', 'ô', 'u', 'œ', 'A', 'O', 'î',
    ];
    !matches!(word, "huit" | "onze") && word.starts_with(VOWELS)
}

/// English words as a text, without its mark at the end.
pub(super) fn english(words: &[&str]) -> String {
    let mut text = String::new();
    for word in words {
        if !text.is_empty() && !matches!(*word, GENITIVE | ",") {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// French words as a text, with elisions (`l'homme`) and articles joined (`du garçon`).
pub(super) fn french(words: &[&str]) -> String {
    const ELIDED: [&str; 7] = ["le", "la", "de", "ne", "je", "me", "que"];
    let elides = |at: usize| {
        let next = words.get(at + 1);
        ELIDED.contains(&words[at]) && next.is_some_and(|next| begins_with_vowel(next))
    };
    let (mut text, mut at, mut joined) = (String::new(), 0, true);
    while at < words.len() {
        let next = words.get(at + 1).copied();
        let (word, taken) = match (words[at], next) {
            ("de", Some("le")) if !elides(at + 1) => ("du", 2),
            ("à", Some("le")) if !elides(at + 1) => ("au", 2),
            ("de", Some("les")) => ("des", 2),
            ("à", Some("les")) => ("aux", 2),
            (word, _) => (word, 1),
        };
        if !joined && word != "," {
            text.push(' ');
        }
        joined = taken == 1 && elides(at);
        match joined {
            true => {
                text.push_str(word.trim_end_matches(['e', 'a']));
                text.push('\'');
            }
            false => text.push_str(word),
        }
        at += taken;
    }
    text
}
