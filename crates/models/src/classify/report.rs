//! The report: one self-contained page that says how good a classifier is, where it fails, and whether it beats what
//! costs less.

use ressac_chart::reliability::{Bin, ReliabilityPlot};
use ressac_chart::{ConfusionMatrix, Page};

use super::classifier::Classifier;
use super::evaluation::{ABOUT, Evaluation, FIGURES};
use super::told::{CLASS_HEADS, class_lines};
use crate::Model;
use crate::evaluated::accuracy_verdict;
use crate::measure::{self, percent};

/// More classes than this are neither drawn nor listed.
const LISTED: usize = 40;
/// Letters of a text that are shown.
const SHOWN: usize = 300;

/// Whether the model is worth having, in one sentence.
pub(super) fn verdict(evaluation: &Evaluation) -> String {
    let rival = evaluation.difference.as_ref();
    accuracy_verdict(
        evaluation.methods[0].accuracy,
        rival.map(|(rival, interval)| (*rival, interval)),
    )
}

/// The report of the examples called `part` of `files`.
pub(super) fn page(model: &Classifier, evaluation: &Evaluation, part: &str, files: &str) -> Page {
    let classes = &evaluation.classes;
    let rows: Vec<Vec<String>> = evaluation
        .methods()
        .map(|method| measure::line(&FIGURES, method))
        .collect();
    let mut page = Page::new(format!("Classification into {}", shortened(classes)))
        .paragraph(&format!(
            "{}. {} examples of the {part} part of {files}.",
            model.network(),
            evaluation.examples
        ))
        .notice(&verdict(evaluation))
        .figures(&key_figures(evaluation))
        .heading("Beside classifiers that cost less")
        .table(&measure::heads(&FIGURES), &rows)
        .paragraph(&format!(
            "Fitted on the same training part and scored on the same examples: {ABOUT}."
        ));
    for sentence in &evaluation.left_out {
        page = page.paragraph(sentence);
    }
    if classes.len() <= LISTED {
        let matrix = ConfusionMatrix::new(
            "Examples by true and predicted class",
            classes,
            evaluation.confusion.counts(),
        );
        page = page
            .heading("Which class is taken for which")
            .plot(&matrix, "Rows are true classes, columns predicted ones.")
            .heading("Class by class")
            .table(&CLASS_HEADS, &class_lines(evaluation));
    }
    page = page
        .heading("Whether its probabilities can be believed")
        .plot(
            &ReliabilityPlot::new("Accuracy by confidence", &bins(evaluation)),
            "Of the examples given 80 %, 80 % should be right.",
        );
    if evaluation.mistakes.is_empty() {
        return page;
    }
    let mistakes: Vec<Vec<String>> = evaluation
        .mistakes
        .iter()
        .map(|mistake| {
            vec![
                cut(&mistake.example),
                classes[mistake.truth].clone(),
                classes[mistake.predicted].clone(),
                percent(mistake.probability),
            ]
        })
        .collect();
    page = page
        .heading("The errors it was surest of")
        .table(&["example", "class", "taken for", "probability"], &mistakes);
    let explained = || {
        let mistakes = evaluation.mistakes.iter();
        mistakes.filter(|mistake| !mistake.words.is_empty())
    };
    if explained().next().is_some() {
        page = page.subheading("Which words decided").paragraph(
            "Green words speak for the class that was predicted, orange ones against it: what its probability loses when the text is read without the word.",
        );
    }
    for mistake in explained() {
        let words: Vec<(&str, f64)> = (mistake.words.iter())
            .map(|word| (word.word.as_str(), word.effect))
            .collect();
        page = page.marked(&format!("{}:", classes[mistake.predicted]), &words);
    }
    page
}

fn bins(evaluation: &Evaluation) -> Vec<Bin> {
    let bins = evaluation.reliability.bins.iter();
    bins.map(|bin| Bin {
        lower: bin.lower,
        upper: bin.upper,
        confidence: bin.confidence,
        accuracy: bin.accuracy,
        count: bin.count,
    })
    .collect()
}

fn key_figures(evaluation: &Evaluation) -> Vec<(String, String, String)> {
    let model = &evaluation.methods[0];
    let rival = evaluation.difference.as_ref().and_then(|(rival, _)| {
        let mut methods = evaluation.methods.iter();
        methods.find(|method| method.method == *rival)
    });
    let note = |rival: Option<String>| rival.unwrap_or_default();
    let mut figures = vec![
        (
            "accuracy".to_owned(),
            percent(model.accuracy),
            note(rival.map(|rival| format!("{}: {}", rival.method, percent(rival.accuracy)))),
        ),
        (
            "macro f1".to_owned(),
            format!("{:.3}", model.macro_f1),
            note(rival.map(|rival| format!("{}: {:.3}", rival.method, rival.macro_f1))),
        ),
    ];
    if let Some(probable) = &model.probable {
        if !probable.auroc.is_nan() {
            figures.push((
                "auroc".into(),
                format!("{:.3}", probable.auroc),
                String::new(),
            ));
        }
        figures.push((
            "calibration error".into(),
            percent(probable.ece),
            "0 where a probability of 80 % is right in 80 % of the cases".into(),
        ));
    }
    figures
}

fn shortened(names: &[String]) -> String {
    match names {
        [first, second, third, _, _, ..] => {
            format!("{first}, {second}, {third} and {} more", names.len() - 3)
        }
        names => names.join(", "),
    }
}

fn cut(text: &str) -> String {
    let mut letters = text.chars();
    let shown: String = letters.by_ref().take(SHOWN).collect();
    match letters.next() {
        Some(_) => format!("{shown} …"),
        None => shown,
    }
}
