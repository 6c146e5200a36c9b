//! A running text of our own making: tales in which what was said earlier decides what can be said later.

use crate::corpus::Corpus;
use crate::draws::Draws;
use crate::error::Place;

/// Names with the pronouns that stand for them.
const PEOPLE: &[(&str, Pronouns)] = &[
    ("Clara", SHE),
    ("Nina", SHE),
    ("Alice", SHE),
    ("Mary", SHE),
    ("Ruth", SHE),
    ("Tom", HE),
    ("Peter", HE),
    ("Oscar", HE),
    ("Simon", HE),
    ("Leo", HE),
];
const PETS: &[(&str, Pronouns)] = &[
    ("Rex", HE),
    ("Bruno", HE),
    ("Max", HE),
    ("Luna", SHE),
    ("Bella", SHE),
    ("Mimi", SHE),
];
const ANIMALS: &[&str] = &["dog", "cat", "horse", "goat", "donkey", "parrot"];
const COLOURS: &[&str] = &["black", "white", "brown", "grey", "red"];
const SIZES: &[&str] = &["small", "large", "old", "quiet", "narrow", "pretty"];
const HOMES: &[&str] = &["house", "cottage", "mill", "flat", "cabin"];
const LANDMARKS: &[&str] = &["river", "forest", "station", "church", "harbour", "bridge"];
const DAYS: &[&str] = &[
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const GOODS: &[[&str; 2]] = &[
    ["apple", "apples"],
    ["pear", "pears"],
    ["cake", "cakes"],
    ["candle", "candles"],
    ["book", "books"],
    ["rose", "roses"],
];
const SPOTS: &[&str] = &[
    "in the garden",
    "under the table",
    "behind the door",
    "near the fire",
    "on the stairs",
];
const NUMBERS: [&str; 10] = [
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
];

/// Subject, object, possessive.
type Pronouns = [&'static str; 3];
const SHE: Pronouns = ["she", "her", "her"];
const HE: Pronouns = ["he", "him", "his"];

/// `lines` lines of tales in English, a sentence or two of direct speech a line and an empty line after each tale.
///
/// A tale keeps to what it said: the pronoun of a name, the animal with its colour and its own name, the home, how
/// many of the things that were bought are left, quotes and brackets that close. So a model that remembers only the last
/// few words cannot know what follows. The same seed gives the same text on every machine, and more lines only
/// add to the first.
pub fn tales(seed: u64, lines: usize) -> Corpus {
    let mut draws = Draws::of_purpose(seed, "tales");
    let mut told = Vec::with_capacity(lines);
    while told.len() < lines {
        tale(&mut draws, &mut told);
        told.push(String::new());
    }
    told.truncate(lines);
    Corpus {
        ends: true,
        places: (1..=told.len())
            .map(|line| (0, Place::Line(line)))
            .collect(),
        lines: told,
        files: vec!["tales".into()],
        column: None,
    }
}

fn tale(draws: &mut Draws, told: &mut Vec<String>) {
    let mut one = |items: &[&'static str]| draws.one_of(items).unwrap_or_default();
    let (animal, colour, size) = (one(ANIMALS), one(COLOURS), one(SIZES));
    let (home, landmark, day) = (one(HOMES), one(LANDMARKS), one(DAYS));
    let (name, [she, her, hers]) = PEOPLE[draws.below(PEOPLE.len())];
    // Someone else: the names behind this one, round the end.
    let at = PEOPLE.iter().position(|(other, _)| *other == name);
    let step = 1 + draws.below(PEOPLE.len() - 1);
    let (friend, [he, him, his]) = PEOPLE[(at.unwrap_or(0) + step) % PEOPLE.len()];
    let (pet, [it, ..]) = PETS[draws.below(PETS.len())];
    let goods = GOODS[draws.below(GOODS.len())];
    let thing = |count: usize| goods[usize::from(count != 1)];

    told.push(format!(
        "{name} lives in a{} {size} {home} near the {landmark}.",
        n(size)
    ));
    let age = 2 + draws.below(8);
    let years = NUMBERS[age];
    told.push(match draws.below(3) {
        0 => format!("{} has a {colour} {animal} named {pet}.", capital(she)),
        1 => format!(
            "{} {animal} is {colour} (the name of the {animal} is {pet}).",
            capital(hers)
        ),
        _ => format!(
            "{} has a {colour} {animal} ({pet} is {years} years old).",
            capital(she)
        ),
    });
    // What is bought is given away in parts, and counted.
    let mut left = 4 + draws.below(6);
    told.push(format!(
        "On {day}, {she} goes to the market and buys {} {}.",
        NUMBERS[left],
        thing(left)
    ));
    if draws.below(2) == 0 {
        told.push(format!(
            "{pet} waits {} (the {animal} knows the way).",
            draws
                .one_of(&["at the gate", "in the street", "near the well"])
                .unwrap_or_default()
        ));
    }
    let met = draws.below(2) == 0;
    told.push(match met {
        true => format!(
            "There {she} meets {friend} and gives {him} {}.",
            gift(draws, &mut left)
        ),
        false => format!(
            "{friend} comes to the {home}, and {name} gives {him} {}.",
            gift(draws, &mut left)
        ),
    });
    told.push(format!(
        "Now {name} has {} {} left.",
        NUMBERS[left],
        thing(left)
    ));
    let spot = draws.one_of(SPOTS).unwrap_or_default();
    if draws.below(3) > 0 {
        told.push(format!("\"Where is {pet}?\" asks {friend}."));
        told.push(match draws.below(2) {
            0 => format!("\"{} is {spot},\" says {name}.", capital(it)),
            _ => format!("\"I saw {pet} {spot},\" {name} tells {him}."),
        });
        told.push(match draws.below(2) {
            0 => format!("So {he} looks {spot} and finds the {colour} {animal}."),
            _ => format!(
                "The {animal} is still {spot}, and {friend} calls {} mother.",
                his
            ),
        });
    }
    if left > 1 && draws.below(2) == 0 {
        let given = gift(draws, &mut left);
        told.push(format!(
            "{} asks for more, and {name} gives {him} {given}.",
            capital(he)
        ));
        told.push(match left {
            0 => format!("There are no {} left for {her}.", goods[1]),
            1 => format!("There is one {} left for {her}.", goods[0]),
            _ => format!("There are {} {} left for {her}.", NUMBERS[left], goods[1]),
        });
    }
    told.push(match draws.below(3) {
        0 => format!("In the evening, {pet} and {name} sleep in the {size} {home}."),
        1 => format!(
            "{friend} goes home, and {name} walks past the {landmark} with {hers} {animal}."
        ),
        _ => format!(
            "Then {she} closes the door of the {size} {home} (the {colour} {animal} is asleep)."
        ),
    });
}

/// Some of what is left, at least one.
fn gift(draws: &mut Draws, left: &mut usize) -> &'static str {
    let given = 1 + draws.below((*left).clamp(1, 4));
    *left = left.saturating_sub(given);
    NUMBERS[given]
}

/// What makes `a` fit the word.
fn n(word: &str) -> &'static str {
    match word.starts_with(['a', 'e', 'i', 'o', 'u']) {
        true => "n",
        false => "",
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint;

    #[test]
    fn a_seed_gives_the_same_text_and_more_only_adds_to_it() {
        let made = tales(1, 500);
        assert_eq!(made.len(), 500);
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(made.text().as_bytes()),
            "281ccb992a9e9d3e6a2a0c3d877eff772e257e2e245bd8a8bc6bfa037f08e7dc"
        );
        assert!(tales(7, 300).text().starts_with(&tales(7, 41).text()));
        assert_ne!(tales(8, 20), tales(7, 20));
        assert!(tales(1, 0).is_empty());
        let mut bytes = Vec::new();
        made.write(&mut bytes).unwrap();
        let (read, _) =
            crate::corpus::read_corpus(&[("tales".as_ref(), &bytes)], &Default::default()).unwrap();
        assert_eq!(read, made);
    }

    #[test]
    fn a_tale_keeps_to_what_it_said() {
        let made = tales(3, 8_000);
        let text = made.text();
        let tales: Vec<&str> = text.split("\n\n").collect();
        let mut starts = std::collections::HashSet::new();
        for tale in &tales[..tales.len() - 1] {
            assert_eq!(tale.matches('"').count() % 2, 0, "{tale}");
            assert_eq!(tale.matches('(').count(), tale.matches(')').count());
            starts.insert(*tale);
            let name = tale.split(' ').next().unwrap();
            let [she, ..] = PEOPLE.iter().find(|(other, _)| *other == name).unwrap().1;
            assert!(
                tale.contains(&format!(", {she} goes to the market")),
                "{tale}"
            );
            let animals = ANIMALS
                .iter()
                .filter(|animal| tale.contains(*animal))
                .count();
            let pets = PETS.iter().filter(|(pet, _)| tale.contains(pet)).count();
            let homes = HOMES
                .iter()
                .filter(|home| tale.contains(&format!(" {home}")))
                .count();
            assert!(animals == 1 && pets <= 1 && homes == 1, "{tale}");
            // What is bought less what is given is what is left.
            let words: Vec<&str> = tale
                .split([' ', '.', '\n', ','])
                .filter(|w| !w.is_empty())
                .collect();
            let number = |word: &str| NUMBERS.iter().position(|n| *n == word);
            let after = |word: &str| -> usize {
                let found = words.windows(3).filter(|three| three[0] == word);
                found
                    .filter_map(|three| number(three[1]).or(number(three[2])))
                    .sum()
            };
            let counted = words.windows(3).rfind(|three| three[2] == "left").unwrap();
            assert_eq!(
                number(counted[0]).unwrap(),
                after("buys") - after("gives"),
                "{tale}"
            );
        }
        assert!(starts.len() * 100 > 99 * (tales.len() - 1));
    }
}
