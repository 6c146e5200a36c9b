//! The drawings of the lecture's notions, read back as a reader's program would.

mod markup;

use markup::read_markup;
use ressac_chart::notion::{Gates, Notion, Reset, Steps};
use ressac_chart::{Language, Page};

const LANGUAGES: [Language; 2] = [Language::English, Language::French];

/// Every notion in every form.
fn every() -> Vec<Notion> {
    let mut all = vec![
        Notion::Neuron,
        Notion::Mappings,
        Notion::Autoencoder,
        Notion::Gan,
    ];
    let unfolded = (1..=Steps::MOST).map(Steps::new);
    for steps in std::iter::once(None).chain(unfolded) {
        all.extend([Notion::Recurrent(steps), Notion::Rnn(steps)]);
        all.extend(
            [Gates::Hidden, Gates::Cell, Gates::Peephole].map(|gates| Notion::Lstm(gates, steps)),
        );
        all.extend([Reset::After, Reset::Before].map(|reset| Notion::Gru(reset, steps)));
    }
    all
}

fn text(notion: Notion, language: Language) -> String {
    let text = read_markup(&notion.sketch(language).file()).unwrap();
    // Spaces at the border of an element are held by ones that do not break.
    text.replace('\u{a0}', " ")
}

#[test]
fn every_drawing_is_well_formed_and_asks_for_nothing_from_outside() {
    for notion in every() {
        for language in LANGUAGES {
            let svg = notion.sketch(language).file();
            if let Err(problem) = read_markup(&svg) {
                panic!("{notion:?} {language:?}: {problem}");
            }
            let inner = svg.replacen("http://www.w3.org/2000/svg", "", 1);
            for trace in [
                "http", "//", "url(", "href", "@import", "<script", "var(", "NaN", "inf",
            ] {
                assert!(!inner.contains(trace), "{trace} in {notion:?}");
            }
            assert!(svg.contains("prefers-color-scheme:dark"));
            assert!(svg.contains(&format!("lang=\"{}\"", language.code())));
        }
    }
}

#[test]
fn the_letters_of_the_lecture_stand_in_the_drawing_of_each_unit() {
    for (notion, letters) in [
        (Notion::Neuron, &["X1", "Xp", "ωp", "ω0", "Σ", "φ", "Y"][..]),
        (
            Notion::Recurrent(None),
            &["Xt", "Yt", "Yt−1", "ωX", "ωY", "φ"],
        ),
        (Notion::Recurrent(Steps::new(3)), &["X3", "Y3", "Y0", "ωY"]),
        (Notion::Rnn(None), &["Xt", "Ht−1", "Ht", "Yt", "tanh", "ω0"]),
        (
            Notion::Lstm(Gates::Hidden, None),
            &[
                "Ft", "It", "Gt", "Ot", "Ct−1", "Ct", "Ht−1", "Ht", "Xt", "Yt", "σ", "tanh", "ω′H",
            ],
        ),
        (
            Notion::Lstm(Gates::Peephole, None),
            &["Ft", "ωC ⊙ Ct−1", "ωC ⊙ Ct"],
        ),
        (
            Notion::Gru(Reset::After, None),
            &["Rt", "Zt", "Gt", "1−", "Rt ⊙ (ω′H Ht−1"],
        ),
        (Notion::Gru(Reset::Before, None), &["ω′H (Rt ⊙ Ht−1)"]),
        (Notion::Autoencoder, &["X", "Z", "X\u{302} ≈ X", "μ", "ε"]),
        (Notion::Gan, &["Z", "G", "D", "LD", "LG", "X\u{303}"]),
    ] {
        let text = text(notion, Language::English);
        for letter in letters {
            assert!(
                text.contains(letter),
                "{letter} is missing in {notion:?}: {text}"
            );
        }
    }
}

#[test]
fn where_gates_read_the_cell_state_none_reads_the_hidden_state() {
    for steps in [None, Steps::new(3)] {
        let text = text(Notion::Lstm(Gates::Cell, steps), Language::English);
        assert!(text.contains("ω′C Ct−1 + ω′X Xt + ω0"), "{text}");
        assert!(
            text.contains("Ht = Ot ⊙ tanh Ct") && !text.contains("Ht−1"),
            "{text}"
        );
        assert!(!text.contains("H0") && !text.contains("H1"), "{text}");
    }
}

#[test]
fn so_many_steps_stand_side_by_side() {
    for count in [1, 5, 12] {
        for notion in [
            Notion::Rnn(Steps::new(count)),
            Notion::Lstm(Gates::Hidden, Steps::new(count)),
            Notion::Gru(Reset::Before, Steps::new(count)),
        ] {
            let svg = notion.sketch(Language::French).file();
            assert_eq!(svg.matches("<circle class=\"block t1\"").count(), count);
            assert_eq!(svg.matches("<circle class=\"block t3\"").count(), count);
        }
    }
}

#[test]
fn the_four_mappings_and_six_architectures_are_named_in_both_languages() {
    for (notion, names) in [
        (
            Notion::Mappings,
            [
                [
                    "series – series",
                    "vector – series",
                    "series – vector",
                    "encoder – decoder",
                    "prediction",
                    "image annotation",
                    "sentiment analysis",
                    "translation",
                ],
                [
                    "série – série",
                    "vecteur – série",
                    "série – vecteur",
                    "encodeur – décodeur",
                    "prédiction",
                    "annotation d’images",
                    "analyse de sentiments",
                    "traduction",
                ],
            ],
        ),
        (
            Notion::Autoencoder,
            [
                [
                    "dense, undercomplete",
                    "denoising",
                    "sparse",
                    "variational",
                    "convolutional",
                    "recurrent",
                    "encoder",
                    "decoder",
                ],
                [
                    "dense, sous-complet",
                    "débruiteur",
                    "parcimonieux",
                    "variationnel",
                    "convolutif",
                    "récurrent",
                    "encodeur",
                    "décodeur",
                ],
            ],
        ),
    ] {
        for (language, names) in LANGUAGES.into_iter().zip(names) {
            let text = text(notion, language);
            for name in names {
                assert!(text.contains(name), "{name} is missing in {text}");
            }
        }
    }
}

#[test]
fn a_drawing_stands_in_a_page_without_an_address() {
    let svg = Notion::named("lstm")
        .unwrap()
        .sketch(Language::English)
        .file();
    let page = Page::new("The lecture").svg(&svg, "one unit").render();
    read_markup(&page).unwrap();
    assert!(!page.contains("http:") && page.contains("<figcaption>one unit"));
}
