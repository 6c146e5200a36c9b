//! Labelled texts of our own making: reviews from a small grammar.

use super::waves::origin;
use crate::draws::Draws;
use crate::examples::{Examples, Inputs};

const THINGS: &[&str] = &[
    "film", "book", "hotel", "phone", "meal", "lamp", "concert", "bicycle", "kettle", "course",
    "jacket", "camera",
];
const PARTS: &[&str] = &[
    "service", "price", "design", "sound", "ending", "staff", "battery", "colour", "story",
    "quality",
];
const GOOD: &[&str] = &[
    "good",
    "great",
    "lovely",
    "pleasant",
    "excellent",
    "charming",
    "solid",
    "impressive",
    "fresh",
    "reliable",
];
const BAD: &[&str] = &[
    "bad",
    "poor",
    "awful",
    "dull",
    "terrible",
    "clumsy",
    "weak",
    "disappointing",
    "stale",
    "fragile",
];
const PLAIN: &[&str] = &[
    "ordinary", "average", "usual", "plain", "medium", "standard", "grey", "large", "small", "new",
];
const DEGREES: &[&str] = &["", "", "", "very ", "really ", "quite ", "rather "];
const NOTS: &[&str] = &["not ", "never ", "hardly "];
const FACTS: &[&str] = &[
    "it arrived on a Tuesday",
    "i bought it in the spring",
    "my sister has one too",
    "it comes in a box",
    "we were four people",
    "it was my second one",
];

/// `count` short reviews in English, one to three clauses each, with the classes `positive`,
/// `negative` and `neutral`.
///
/// A clause praises, blames or describes; a fifth of the judgements are negated ("was not great"),
/// and where one clause is set against another by "but" the last one decides. So the words alone
/// tell most classes, and their order the rest. The same seed gives the same texts on every machine,
/// and more texts only add to the first.
pub fn sentences(seed: u64, count: usize) -> Examples {
    let mut draws = Draws::of_purpose(seed, "sentences");
    let (mut texts, mut labels) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let (text, class) = review(&mut draws);
        texts.push(text);
        labels.push(class.name().to_owned());
    }
    Examples {
        inputs: Inputs::Texts(texts),
        labels: Some(labels),
        origins: (1..=count).map(origin).collect(),
        files: vec!["sentences".into()],
        media: None,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Positive,
    Negative,
    Neutral,
}

impl Class {
    fn name(self) -> &'static str {
        match self {
            Class::Positive => "positive",
            Class::Negative => "negative",
            Class::Neutral => "neutral",
        }
    }

    fn opposite(self) -> Class {
        match self {
            Class::Positive => Class::Negative,
            Class::Negative => Class::Positive,
            Class::Neutral => Class::Neutral,
        }
    }
}

fn pick(draws: &mut Draws, items: &'static [&'static str]) -> &'static str {
    draws.one_of(items).unwrap_or_default()
}

fn review(draws: &mut Draws) -> (String, Class) {
    let class = match draws.below(3) {
        0 => Class::Positive,
        1 => Class::Negative,
        _ => Class::Neutral,
    };
    let thing = pick(draws, THINGS);
    let mut text = if class == Class::Neutral {
        let mut text = clause(draws, thing, class);
        if draws.below(2) == 0 {
            let fact = pick(draws, FACTS);
            text.push_str(&format!(" and {fact}"));
        }
        text
    } else {
        match draws.below(4) {
            // Set against one another: the last clause decides.
            0 => {
                let part = pick(draws, PARTS);
                let first = clause(draws, part, class.opposite());
                format!("{first} but {}", clause(draws, thing, class))
            }
            1 => {
                let part = pick(draws, PARTS);
                let first = clause(draws, thing, class);
                format!("{first} and {}", clause(draws, part, class))
            }
            2 => {
                let fact = pick(draws, FACTS);
                format!("{fact} and {}", clause(draws, thing, class))
            }
            _ => clause(draws, thing, class),
        }
    };
    if draws.below(3) == 0 {
        text.push_str(" .");
    }
    (text, class)
}

/// A judgement of a thing or of a part of it.
fn clause(draws: &mut Draws, subject: &str, class: Class) -> String {
    let negated = class != Class::Neutral && draws.below(5) == 0;
    let said = if negated { class.opposite() } else { class };
    let words = match said {
        Class::Positive => GOOD,
        Class::Negative => BAD,
        Class::Neutral => PLAIN,
    };
    let not = if negated { pick(draws, NOTS) } else { "" };
    let degree = if negated { "" } else { pick(draws, DEGREES) };
    let word = pick(draws, words);
    format!("the {subject} was {not}{degree}{word}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::label_counts;
    use crate::fingerprint;

    fn texts(examples: &Examples) -> &[String] {
        match &examples.inputs {
            Inputs::Texts(texts) => texts,
            Inputs::Sequences(_) => panic!("expected texts"),
        }
    }

    #[test]
    fn a_seed_gives_the_same_texts_and_more_only_add_to_them() {
        let made = sentences(1, 200);
        // Recorded from this very generator: it changes only if the data of every seed changes.
        let joined = texts(&made).join("\n");
        assert_eq!(
            fingerprint::bytes(joined.as_bytes()),
            "e36ec95be83d72fb2bb836f566edc4c74cbbbaab2879cee4eff3f0f35750a015"
        );
        let (short, long) = (sentences(7, 5), sentences(7, 50));
        assert_eq!(texts(&short), &texts(&long)[..5]);
        assert_ne!(texts(&sentences(8, 5)), texts(&short));
    }

    #[test]
    fn counted_words_tell_most_classes_but_not_all() {
        let made = sentences(5, 3_000);
        assert!(label_counts(&made).iter().all(|(_, count)| *count > 900));
        let right = texts(&made).iter().zip(made.labels.iter().flatten());
        let right = right.filter(|(text, label)| {
            let count = |words: &[&str]| {
                let said = text.split(' ');
                said.filter(|word| words.contains(word)).count()
            };
            let guess = match count(GOOD).cmp(&count(BAD)) {
                _ if count(GOOD) + count(BAD) == 0 => "neutral",
                std::cmp::Ordering::Greater => "positive",
                _ => "negative",
            };
            guess == label.as_str()
        });
        let share = right.count() as f64 / 3_000.0;
        assert!((0.75..0.9).contains(&share), "{share}");
    }
}
