//! The report: BLEU by sentence length, what attention saw, and translations to read.

use ressac_chart::{BarPlot, HeatMap, Page};
use ressac_data::pairs::Pairs;
use ressac_stats::translation::BleuCounts;

use super::evaluation::OfLength;
use super::translator::Translated;

/// Sentences whose attention is drawn, and their tokens at the most.
const DRAWN: (usize, usize) = (3, 16);
/// Translations that are shown, spread over the part.
const EXAMPLES: usize = 12;
/// Translations shown of those that are furthest from their references.
const WORST: usize = 6;

/// What is shown of an evaluation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) pairs: &'a Pairs,
    pub(super) translated: &'a [Translated],
    pub(super) counts: &'a [BleuCounts],
    pub(super) lengths: &'a [OfLength],
}

/// The page of an evaluation with what can be seen of translations.
pub(super) fn extended(page: Page, shown: &Shown<'_>) -> Page {
    let names: Vec<&str> = shown.lengths.iter().map(|of| of.words.as_str()).collect();
    let values: Vec<f64> = shown.lengths.iter().map(|of| of.bleu).collect();
    let bars = BarPlot::new("BLEU by the words of the source", &names).y_label("BLEU");
    let rows: Vec<Vec<String>> = (shown.lengths.iter())
        .map(|of| {
            vec![
                of.words.clone(),
                of.sentences.to_string(),
                format!("{:.1}", of.bleu),
            ]
        })
        .collect();
    let mut page = page
        .heading("Long sentences and short ones")
        .plot(
            &bars.bars("", &values),
            "Where the decoder sees the last state of the encoder alone, long sentences lose most.",
        )
        .table(&["words of the source", "sentences", "BLEU"], &rows);
    page = attended(page, shown);
    let count = shown.pairs.len();
    let places = (0..EXAMPLES.min(count)).map(|at| at * count / EXAMPLES.min(count).max(1));
    page = page
        .heading("Translations")
        .paragraph("Spread evenly over the part, not chosen.")
        .table(
            &["source", "translation", "reference"],
            &lines(shown, places),
        );
    let mut worst: Vec<usize> = (0..count).collect();
    let bleu = |at: usize| {
        // Of one sentence, each count one more than it is: runs of four are rare.
        let mut counts = shown.counts[at];
        counts.matches.iter_mut().for_each(|matches| *matches += 1);
        counts.totals.iter_mut().for_each(|total| *total += 1);
        counts.bleu().score
    };
    worst.sort_by(|a, b| bleu(*a).total_cmp(&bleu(*b)));
    page.heading("Furthest from their references").table(
        &["source", "translation", "reference"],
        &lines(shown, worst.into_iter().take(WORST)),
    )
}

fn lines(shown: &Shown<'_>, places: impl Iterator<Item = usize>) -> Vec<Vec<String>> {
    let line = |at: usize| {
        vec![
            shown.pairs.sources[at].clone(),
            shown.translated[at].text.clone(),
            shown.pairs.targets[at].clone(),
        ]
    };
    places.map(line).collect()
}

/// What each token of some translations attended to.
fn attended(mut page: Page, shown: &Shown<'_>) -> Page {
    let fits =
        |found: &&Translated| !found.found.attended.is_empty() && found.source.len() <= DRAWN.1;
    let mut drawn = shown
        .translated
        .iter()
        .filter(fits)
        .take(DRAWN.0)
        .peekable();
    if drawn.peek().is_none() {
        return page;
    }
    page = page.heading("What it looked at").paragraph(
        "Each row is a token of the translation: how its attention is spread over the tokens of the source.",
    );
    for found in drawn {
        let written: Vec<String> = found.written.clone();
        let values: Vec<f64> = (found.found.attended.iter().flatten())
            .map(|weight| f64::from(*weight))
            .collect();
        // The mark of a word's beginning says nothing to who reads the words side by side.
        let source: Vec<String> = found
            .source
            .iter()
            .map(|piece| piece.trim_start_matches('▁').to_owned())
            .collect();
        let map = HeatMap::new(&found.text, &written, &source, &values)
            .row_label("translation")
            .column_label("source");
        page = page.plot(&map, "");
    }
    page
}
