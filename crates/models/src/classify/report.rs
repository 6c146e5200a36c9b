//! The report: one self-contained page that says how good a classifier is, where it fails, and whether it beats what
//! costs less.

use ressac_chart::reliability::{Bin, ReliabilityPlot};
use ressac_chart::{BarPlot, ConfusionMatrix, Page};

use super::classifier::Classifier;
use super::evaluation::{Evaluation, Mistake};
use super::figures::{about, measures};
use super::told::{CLASS_HEADS, class_lines};
use crate::Model;
use crate::evaluated::{accuracy_verdict, f1_verdict};
use crate::measure::{self, percent};

/// More classes than this are neither drawn nor listed.
const LISTED: usize = 40;
/// Letters of a text that are shown.
const SHOWN: usize = 300;

/// Whether the model is worth having, in one sentence.
pub(super) fn verdict(evaluation: &Evaluation) -> String {
    let rival = evaluation.difference.as_ref();
    let rival = rival.map(|(rival, interval)| (*rival, interval));
    let own = &evaluation.methods[0];
    match &own.of_sets {
        Some(of_sets) => f1_verdict(of_sets.micro_f1, rival),
        None => accuracy_verdict(own.accuracy, rival),
    }
}

/// The report of the examples called `part` of `files`.
pub(super) fn page(model: &Classifier, evaluation: &Evaluation, part: &str, files: &str) -> Page {
    let classes = &evaluation.classes;
    let several = evaluation.of_several();
    let measures = measures(several);
    let rows: Vec<Vec<String>> = evaluation
        .methods()
        .map(|method| measure::line(measures, method))
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
        .table(&measure::heads(measures), &rows)
        .paragraph(&format!(
            "Fitted on the same training part and scored on the same examples: {}.",
            about(several)
        ));
    for sentence in &evaluation.left_out {
        page = page.paragraph(sentence);
    }
    if classes.len() <= LISTED {
        if let Some(confusion) = &evaluation.confusion {
            let title = "Examples by true and predicted class";
            let matrix = ConfusionMatrix::new(title, classes, confusion.counts());
            page = page
                .heading("Which class is taken for which")
                .plot(&matrix, "Rows are true classes, columns predicted ones.");
        }
        page = page
            .heading("Class by class")
            .table(&CLASS_HEADS, &class_lines(evaluation));
        if several {
            let f1: Vec<f64> = evaluation.by_class.iter().map(|score| score.f1).collect();
            let bars = BarPlot::new("F1 by class", classes).y_label("f1");
            page = page.plot(
                &bars.bars("", &f1),
                "Precision and recall in one: 1 is best.",
            );
        }
    }
    let (title, said) = match several {
        false => (
            "Accuracy by confidence",
            "Of the examples given 80 %, 80 % should be right.",
        ),
        true => (
            "How often a class holds, by its probability",
            "All pairs of an example and a class: of those given 80 %, the class should hold in 80 %.",
        ),
    };
    let plot = ReliabilityPlot::new(title, &bins(evaluation));
    let plot = if several { plot.of_pairs() } else { plot };
    page = page
        .heading("Whether its probabilities can be believed")
        .plot(&plot, said);
    if evaluation.mistakes.is_empty() {
        return page;
    }
    let heads: &[&str] = match several {
        false => &["example", "class", "taken for", "probability"],
        true => &[
            "example",
            "classes",
            "predicted",
            "surest error",
            "its probability",
        ],
    };
    let mistakes = evaluation.mistakes.iter();
    let mistakes: Vec<Vec<String>> = mistakes.map(|of| mistake(evaluation, of)).collect();
    page = page
        .heading("The errors it was surest of")
        .table(heads, &mistakes);
    let explained = || {
        let mistakes = evaluation.mistakes.iter();
        mistakes.filter(|mistake| !mistake.words.is_empty())
    };
    if explained().next().is_some() {
        page = page.subheading("Which words decided").paragraph(
            "Green words speak for the class that is named, orange ones against it: what its probability loses when the text is read without the word.",
        );
    }
    for mistake in explained() {
        let words: Vec<(String, f64)> = (mistake.words.iter())
            .map(|word| (format!(" {}", word.word), word.effect))
            .collect();
        page = page.marked(&format!("{}:", classes[mistake.class]), &words);
    }
    page
}

/// A line of the table of errors.
fn mistake(evaluation: &Evaluation, mistake: &Mistake) -> Vec<String> {
    let mut line = vec![
        cut(&mistake.example),
        evaluation.named(&mistake.truth),
        evaluation.named(&mistake.predicted),
    ];
    if evaluation.of_several() {
        let how = match mistake.predicted.contains(&mistake.class) {
            true => "predicted",
            false => "missed",
        };
        line.push(format!("{} {how}", evaluation.classes[mistake.class]));
    }
    line.push(percent(mistake.probability));
    line
}

fn bins(evaluation: &Evaluation) -> Vec<Bin> {
    let bins = evaluation.reliability.iter().flat_map(|of| &of.bins);
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
    // The figure that the verdict is about, and the next one.
    let first = measures(evaluation.of_several()).iter().take(2);
    let first = first.map(|measure| {
        let beside = rival.map(|rival| format!("{}: {}", rival.method, measure.written(rival)));
        (
            measure.head.to_owned(),
            measure.written(model),
            beside.unwrap_or_default(),
        )
    });
    let mut figures: Vec<(String, String, String)> = first.collect();
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
