//! Sentences in English with their translations into French, from a small grammar of both languages.
//!
//! French wants what English does not have: gender and number of articles and adjectives, adjectives behind the noun,
//! pronouns before the verb, negation in two parts, elision, articles joined to prepositions. So a translation
//! word by word is wrong more often than not, and everything that makes it right stands in the sentence.

mod phrase;
#[cfg(test)]
mod tests;
mod words;

use phrase::{Named, Phrase, Role, choose, english, form, french, noun_phrase};
use words::{
    ADJECTIVES, AVAIT, EST, ETAIT, GO, Gender, HAVE, NAMES, NUMBERS, OBJECTS, STATES, VERBS, Verb,
    WHEN, WHERE, kind,
};

use crate::draws::Draws;
use crate::error::Place;
use crate::pairs::{PairPlace, Pairs};

/// `count` sentences in English with their translations into French.
///
/// The same seed gives the same pairs on every machine, and more pairs only add to the first. Short sentences may stand more
/// than once.
pub fn pairs(seed: u64, count: usize) -> Pairs {
    let mut draws = Draws::of_purpose(seed, "pairs");
    let mut made = Pairs {
        files: vec!["pairs".into()],
        ..Pairs::default()
    };
    while made.len() < count {
        let Some((source, target)) = sentence(&mut draws) else {
            break;
        };
        let place = (0, Place::Row(made.len() + 1));
        made.sources.push(source);
        made.targets.push(target);
        made.places.push(PairPlace {
            source: place,
            target: place,
        });
    }
    made
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tense {
    Present,
    Past,
    Future,
}

/// Who does it.
struct Subject {
    phrase: Phrase,
    /// Place of its form in the tables of verbs: I, he or she, we, they.
    person: usize,
    /// Nothing where French would have to know who speaks.
    gender: Option<Gender>,
    kind: u8,
}

impl Subject {
    fn is_plural(&self) -> bool {
        self.person > 1
    }

    fn of(named: Named) -> Subject {
        Subject {
            phrase: named.phrase,
            person: if named.plural { 3 } else { 1 },
            gender: Some(named.gender),
            kind: named.kind,
        }
    }
}

/// What English and French say in one place.
struct Clause {
    tense: Tense,
    negated: bool,
    question: bool,
}

impl Clause {
    fn draw(draws: &mut Draws) -> Clause {
        let tense = match draws.below(4) {
            0 | 1 => Tense::Present,
            2 => Tense::Past,
            _ => Tense::Future,
        };
        let kind = draws.below(10);
        Clause {
            tense,
            negated: kind < 3,
            question: kind == 9,
        }
    }
}

fn subject(draws: &mut Draws, kinds: u8) -> Option<Subject> {
    let of = |en, fr, person, gender| Subject {
        phrase: Phrase {
            en: vec![en],
            fr: vec![fr],
        },
        person,
        gender,
        kind: kind::PERSON,
    };
    Some(match draws.below(12) {
        0 => of("I", "je", 0, None),
        1 => of("he", "il", 1, Some(Gender::M)),
        2 => of("she", "elle", 1, Some(Gender::F)),
        3 => of("we", "nous", 2, None),
        4 => of("they", "ils", 3, Some(Gender::M)),
        5 | 6 => {
            let (name, gender) = choose(draws, NAMES, |_| true)?;
            of(*name, *name, 1, Some(*gender))
        }
        7 => {
            let (one, first) = choose(draws, NAMES, |_| true)?;
            let (other, second) = choose(draws, NAMES, |(name, _)| name != one)?;
            let gender = if first == second { *first } else { Gender::M };
            let mut both = of(*one, *one, 3, Some(gender));
            both.phrase.push("and", "et");
            both.phrase.push(other, other);
            both
        }
        _ => Subject::of(noun_phrase(draws, kinds, Role::Subject)?),
    })
}

fn sentence(draws: &mut Draws) -> Option<(String, String)> {
    let mut clause = Clause::draw(draws);
    let told = match draws.below(12) {
        0..=4 => with_object(draws, &clause)?,
        5 => with_pronoun(draws, &mut clause)?,
        6 => with_adjective(draws, &clause)?,
        7 | 8 => somewhere(draws, &clause)?,
        9 => going(draws, &mut clause)?,
        10 => state(draws, &clause)?,
        _ => having(draws, &mut clause)?,
    };
    finish(draws, &clause, told)
}

/// Subject and predicate, apart so that a question can be made of them.
struct Told {
    subject: Subject,
    /// The first word of the predicate in English, which a question puts before the subject (`does`, `is`).
    first: Option<&'static str>,
    rest: Phrase,
    /// Whether it happens at a time.
    timed: bool,
}

/// Adds the time, and the words that make a question or a statement of it.
fn finish(draws: &mut Draws, clause: &Clause, told: Told) -> Option<(String, String)> {
    let mut when = match told.timed {
        true => time(draws, clause.tense)?,
        false => Phrase::default(),
    };
    let mut all = Phrase::default();
    let ahead = !when.en.is_empty() && !clause.question && draws.below(4) == 0;
    if ahead {
        all.extend(std::mem::take(&mut when));
        all.push(",", ",");
    }
    if clause.question {
        all.en.extend(told.first);
        all.fr.extend(["est-ce", "que"]);
        all.extend(told.subject.phrase);
    } else {
        all.extend(told.subject.phrase);
        all.en.extend(told.first);
    }
    all.extend(told.rest);
    all.extend(when);
    let marks = if clause.question {
        ("?", " ?")
    } else {
        (".", ".")
    };
    Some((
        capital(english(&all.en)) + marks.0,
        capital(french(&all.fr)) + marks.1,
    ))
}

fn capital(text: String) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

/// When it happens; nothing in half of the sentences.
fn time(draws: &mut Draws, tense: Tense) -> Option<Phrase> {
    let mut phrase = Phrase::default();
    match draws.below(8) {
        0 | 1 => {
            let (en, fr) = choose(draws, WHEN[tense as usize], |_| true)?;
            phrase.push(en, fr);
        }
        2 => {
            let (en, fr) = choose(draws, WHEN[3], |_| true)?;
            phrase.push(en, fr);
        }
        3 => clock(draws, &mut phrase)?,
        _ => {}
    }
    Some(phrase)
}

/// A time by the clock, in words.
fn clock(draws: &mut Draws, phrase: &mut Phrase) -> Option<()> {
    let (en, fr) = choose(draws, NUMBERS, |(hour, _)| *hour != "twelve")?;
    phrase.push("at", "à");
    match draws.below(4) {
        0 => {
            phrase.en.extend(["half", "past", en]);
            phrase.fr.extend([fr, "heures", "et", "demie"]);
        }
        1 => {
            phrase.en.extend(["a", "quarter", "to", en]);
            phrase.fr.extend([fr, "heures", "moins", "le", "quart"]);
        }
        _ => {
            phrase.en.extend([en, "o'clock"]);
            phrase.fr.extend([fr, "heures"]);
        }
    }
    Some(())
}

/// A verb with its object, in French a pronoun before it or a phrase behind it.
fn predicate(
    clause: &Clause,
    subject: Subject,
    verb: &Verb,
    pronoun: Option<(&'static str, &'static str)>,
    object: Phrase,
) -> Told {
    let person = subject.person;
    let third = person == 1;
    let [base, in_third, past] = verb.en;
    let helper = |present: &'static str| match clause.tense {
        Tense::Present => present,
        Tense::Past => "did",
        Tense::Future => ["am", "is", "are", "are"][person],
    };
    let mut rest = Phrase::default();
    let helped = clause.negated || clause.question || clause.tense == Tense::Future;
    let first = helped.then(|| helper(if third { "does" } else { "do" }));
    if clause.negated {
        rest.en.push("not");
        rest.fr.push("ne");
    }
    match clause.tense {
        Tense::Present if !helped && third => rest.en.push(in_third),
        Tense::Past if !helped => rest.en.push(past),
        Tense::Future => rest.en.extend(["going", "to", base]),
        _ => rest.en.push(base),
    }
    rest.en.extend(pronoun.map(|(en, _)| en));
    let pronoun = pronoun.map(|(_, fr)| fr);
    let (helper, behind) = match clause.tense {
        Tense::Present => {
            rest.fr.extend(pronoun);
            (verb.fr[person], None)
        }
        Tense::Past => (HAVE.fr[person], Some(verb.fr[4])),
        Tense::Future => (GO.fr[person], Some(verb.fr[5])),
    };
    rest.fr.push(helper);
    if clause.negated {
        rest.fr.push("pas");
    }
    if clause.tense == Tense::Future {
        rest.fr.extend(pronoun);
    }
    rest.fr.extend(behind);
    rest.extend(object);
    Told {
        subject,
        first,
        rest,
        timed: true,
    }
}

fn with_object(draws: &mut Draws, clause: &Clause) -> Option<Told> {
    let verb = choose(draws, VERBS, |verb| verb.of != 0)?;
    let doer = subject(draws, doers(verb))?;
    let role = Role::Object {
        negated: clause.negated,
    };
    let object = noun_phrase(draws, verb.of, role)?.phrase;
    Some(predicate(clause, doer, verb, None, object))
}

fn doers(verb: &Verb) -> u8 {
    if verb.animals {
        kind::LIVING
    } else {
        kind::PERSON
    }
}

fn with_pronoun(draws: &mut Draws, clause: &mut Clause) -> Option<Told> {
    // In the past the participle would agree with a person whose gender is not said.
    if clause.tense == Tense::Past {
        clause.tense = Tense::Present;
    }
    let verb = choose(draws, VERBS, |verb| verb.of & kind::PERSON != 0)?;
    let doer = subject(draws, doers(verb))?;
    let own = ["me", "", "us", ""][doer.person];
    let (en, fr) = choose(draws, OBJECTS, |(en, _)| *en != own)?;
    // `We … me` and `I … us` name a person twice.
    let twice = matches!((doer.person, *en), (0, "us") | (2, "me"));
    let (en, fr) = if twice { ("them", "les") } else { (*en, *fr) };
    Some(predicate(
        clause,
        doer,
        verb,
        Some((en, fr)),
        Phrase::default(),
    ))
}

fn somewhere(draws: &mut Draws, clause: &Clause) -> Option<Told> {
    let verb = choose(draws, VERBS, |verb| verb.of == 0)?;
    let doer = subject(draws, doers(verb))?;
    let (en, fr) = choose(draws, WHERE, |_| true)?;
    let mut place = Phrase {
        en: vec![en],
        fr: fr.to_vec(),
    };
    place.extend(noun_phrase(draws, kind::PLACE, Role::Place)?.phrase);
    Some(predicate(clause, doer, verb, None, place))
}

/// `aller` has its past with `être`, and agrees.
fn going(draws: &mut Draws, clause: &mut Clause) -> Option<Told> {
    let doer = subject(draws, kind::LIVING)?;
    if doer.gender.is_none() && clause.tense == Tense::Past {
        clause.tense = Tense::Present;
    }
    let mut place = Phrase {
        en: vec!["to"],
        fr: vec!["à"],
    };
    place.extend(noun_phrase(draws, kind::PLACE, Role::Place)?.phrase);
    if clause.tense != Tense::Past {
        return Some(predicate(clause, doer, &GO, None, place));
    }
    let gone = match (doer.gender, doer.is_plural()) {
        (Some(Gender::F), false) => "allée",
        (Some(Gender::F), true) => "allées",
        (_, false) => "allé",
        (_, true) => "allés",
    };
    let mut told = predicate(clause, doer, &GO, None, Phrase::default());
    told.rest.fr.clear();
    around(&mut told.rest.fr, clause, EST[told.subject.person]);
    told.rest.fr.push(gone);
    told.rest.extend(place);
    Some(told)
}

/// The verb within its negation.
fn around(fr: &mut Vec<&'static str>, clause: &Clause, verb: &'static str) {
    match clause.negated {
        true => fr.extend(["ne", verb, "pas"]),
        false => fr.push(verb),
    }
}

/// `to be` in English, and in French what the tables say.
fn being(
    clause: &Clause,
    subject: Subject,
    french: [&[&'static str]; 2],
    infinitive: &'static str,
    said: Phrase,
) -> Told {
    let person = subject.person;
    let [present, past] = french;
    let is = ["am", "is", "are", "are"][person];
    let was = ["was", "was", "were", "were"][person];
    let first = Some(if clause.tense == Tense::Past { was } else { is });
    let mut rest = Phrase::default();
    if clause.negated {
        rest.en.push("not");
    }
    match clause.tense {
        Tense::Present => around(&mut rest.fr, clause, present[person]),
        Tense::Past => around(&mut rest.fr, clause, past[person]),
        Tense::Future => {
            rest.en.extend(["going", "to", "be"]);
            around(&mut rest.fr, clause, GO.fr[person]);
            rest.fr.push(infinitive);
        }
    }
    rest.extend(said);
    Told {
        subject,
        first,
        rest,
        timed: false,
    }
}

fn with_adjective(draws: &mut Draws, clause: &Clause) -> Option<Told> {
    let mut doer = subject(draws, kind::ANY)?;
    let gender = match doer.gender {
        Some(gender) => gender,
        None => {
            let named = noun_phrase(draws, kind::DEAD, Role::Subject)?;
            let gender = named.gender;
            doer = Subject::of(named);
            gender
        }
    };
    let kinds = doer.kind;
    // Not one that the subject has already.
    let already = doer.phrase.en.clone();
    let adjective = choose(draws, ADJECTIVES, |adjective| {
        adjective.of & kinds != 0 && !already.contains(&adjective.en)
    })?;
    let said = Phrase {
        en: vec![adjective.en],
        fr: vec![form(adjective, gender, doer.is_plural(), false)],
    };
    Some(being(clause, doer, [&EST, &ETAIT], "être", said))
}

/// Hungry or twelve years old: in French one has hunger or years.
fn state(draws: &mut Draws, clause: &Clause) -> Option<Told> {
    let doer = subject(draws, kind::LIVING)?;
    let mut said = Phrase::default();
    let timed = draws.below(2) == 0;
    if timed {
        let (en, fr) = choose(draws, STATES, |_| true)?;
        said.push(en, fr);
    } else {
        let (en, fr) = choose(draws, NUMBERS, |_| true)?;
        said.en.extend([en, "years", "old"]);
        said.fr.extend([fr, "ans"]);
    }
    Some(Told {
        timed,
        ..being(clause, doer, [&HAVE.fr, &AVAIT], "avoir", said)
    })
}

fn having(draws: &mut Draws, clause: &mut Clause) -> Option<Told> {
    if clause.tense == Tense::Past {
        clause.tense = Tense::Present;
    }
    let doer = subject(draws, kind::PERSON)?;
    let role = Role::Object {
        negated: clause.negated,
    };
    let object = noun_phrase(draws, kind::ANIMAL | kind::DEAD, role)?.phrase;
    Some(predicate(clause, doer, &HAVE, None, object))
}
