//! Every notion, in every form and language, held to the geometry of a slide.

use super::*;
use crate::sketch::geometry::faults;

/// Every drawing there is: each option alone and with the fewest, some and the most steps.
fn all() -> Vec<Notion> {
    let mut steps = vec![None];
    steps.extend((1..=Steps::MOST).map(|count| Some(Steps::new(count).unwrap())));
    let mut all = vec![
        Notion::Neuron,
        Notion::Mappings,
        Notion::Autoencoder,
        Notion::Gan,
    ];
    for steps in steps {
        all.extend([Notion::Recurrent(steps), Notion::Rnn(steps)]);
        for gates in [Gates::Hidden, Gates::Cell, Gates::Peephole] {
            all.push(Notion::Lstm(gates, steps));
        }
        for reset in [Reset::After, Reset::Before] {
            all.push(Notion::Gru(reset, steps));
        }
    }
    all
}

#[test]
fn no_label_meets_another_no_wire_ends_in_the_void_nothing_leaves_the_picture() {
    let mut wrong = Vec::new();
    for notion in all() {
        for language in [Language::English, Language::French] {
            for fault in faults(&notion.sketch(language)) {
                wrong.push(format!("{notion:?} {language:?}: {fault}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} faults:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_fault_of_each_kind_is_found() {
    use crate::sketch::{Anchor, Tone, Wire};
    let mut s = Sketch::new("title", Language::English);
    s.block(
        Tone::Gate,
        (0.0, 0.0),
        (60.0, 40.0),
        "much too long for the block",
    );
    s.arrow(Tone::Ink, &[(-200.0, 0.0), (-45.0, 0.0)]);
    s.label((100.0, 100.0), Anchor::Middle, "one");
    s.label((110.0, 105.0), Anchor::Middle, "two");
    s.arrow(Tone::Ink, &[(50.0, 100.0), (150.0, 100.0)]);
    s.add(Wire::new(Tone::Ink, &[(-100.0, -50.0), (-100.0, 50.0)]).over((500.0, 500.0)));
    let found = faults(&s).join("\n");
    for kind in [
        "on the border of a shape",
        "in the void",
        "meets",
        "runs through",
        "crosses nothing",
        "wires cross",
    ] {
        assert!(found.contains(kind), "{kind} is missing in {found}");
    }
}

#[test]
fn a_number_of_steps_is_from_one_to_the_most() {
    assert_eq!(Steps::new(0), None);
    assert_eq!(Steps::new(1).map(Steps::get), Some(1));
    assert_eq!(Steps::new(12).map(Steps::get), Some(12));
    assert_eq!(Steps::new(13), None);
}

#[test]
fn every_name_is_a_notion_and_another_is_none() {
    for name in Notion::NAMES {
        assert!(Notion::named(name).is_some(), "{name}");
    }
    assert_eq!(Notion::named("lstn"), None);
}
