//! What an evaluation gives to whoever tells it: figures beside rivals, a verdict, and the report's page.

use ressac_chart::{Page, Plot};
use serde_json::{Map, Value};

use ressac_data::Assumption;
use ressac_stats::bootstrap::{Interval, SetCounts, accuracy_difference, micro_f1_difference};
use ressac_train::MetricsLine;

use crate::measure::{self, Measure, Method, percent, three};
use crate::part::Part;

/// A table of texts: the first line are its heads, the first column its names.
pub type TextTable = Vec<Vec<String>>;

/// The figure that decides, of the model and of its rivals.
#[derive(Debug, Clone)]
pub struct Headline {
    /// What it is, such as `accuracy`.
    pub head: &'static str,
    /// How people read it.
    pub write: fn(f64) -> String,
    /// The model first.
    pub methods: Vec<(String, f64)>,
}

/// What an evaluation found.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// What was scored: `test part, rows 7 to 9, 20 windows of 3 steps`.
    pub scored: String,
    /// Figures, the model's row first, its rivals below.
    pub tables: Vec<TextTable>,
    /// Sentences of figures, such as the coverage of an interval.
    pub sentences: Vec<String>,
    /// What explains the tables, for who reads them the first time.
    pub notes: Vec<String>,
    /// The figure that decides; absent where a family names none.
    pub headline: Option<Headline>,
    /// Whether the model is worth having, in a sentence.
    pub verdict: String,
    /// The same figures by name: the keys of `evaluate --json`.
    pub figures: Map<String, Value>,
    /// The report, up to what every family's ends with ([`Evaluated::report`]).
    pub page: Page,
    /// What was found in the data and assumed.
    pub assumptions: Vec<Assumption>,
}

impl Headline {
    fn new<T>(measure: &Measure<T>, methods: &[Method<'_, T>]) -> Self {
        let values = methods.iter();
        Self {
            head: measure.head,
            write: measure.write,
            methods: values
                .map(|(name, of)| ((*name).to_owned(), (measure.of)(of).unwrap_or(f64::NAN)))
                .collect(),
        }
    }
}

impl Evaluated {
    /// An evaluation that is told by the figures of its methods alone, the model's first: `title` stands above the report,
    /// `about` explains the figures, `scored` says what was scored and `counts` the same by name.
    pub(crate) fn of_methods<T>(
        (title, network, about): (&str, &str, &str),
        (scored, counts): (String, &[(&str, Value)]),
        measures: &[Measure<T>],
        methods: &[Method<'_, T>],
        verdict: String,
    ) -> Self {
        let table = measure::table(measures, methods.iter().copied());
        let mut figures = measure::by_name(measures, methods.iter().copied());
        figures.extend((counts.iter()).map(|(name, count)| ((*name).to_owned(), count.clone())));
        let page = Page::new(title)
            .paragraph(&format!("{network}. {scored}."))
            .notice(&verdict)
            .table(&table[0], &table[1..])
            .paragraph(about);
        Self {
            scored,
            tables: vec![table],
            sentences: Vec::new(),
            notes: vec![about.to_owned()],
            headline: measures
                .first()
                .map(|measure| Headline::new(measure, methods)),
            verdict,
            figures,
            page,
            assumptions: Vec::new(),
        }
    }

    /// An evaluation of methods that are right or wrong about each item, the model first: accuracies, the best rival, a verdict.
    /// `part` of `named` was scored; `item` is what an item is called, in the plural.
    pub fn of_answers(
        about: (&str, &str, &str),
        (part, named, item): (Part, &str, &str),
        methods: &[Right<'_>],
    ) -> Self {
        let accuracies: Vec<f64> = methods.iter().map(|(_, right)| accuracy(right)).collect();
        let own = methods.first().map_or(&[][..], |(_, right)| right);
        let best = best_rival(own, methods.get(1..).unwrap_or_default());
        let names = methods.iter().map(|(name, _)| *name);
        let scored: Vec<Method<'_, f64>> = names.zip(&accuracies).collect();
        let count = own.len();
        Self::of_methods(
            about,
            (
                format!("{named}: {part} part, {count} {item}"),
                &[("part", part.to_string().into()), (item, count.into())],
            ),
            &ACCURACY,
            &scored,
            accuracy_verdict(
                accuracies.first().copied().unwrap_or(f64::NAN),
                best.as_ref().map(|(rival, interval)| (*rival, interval)),
            ),
        )
    }

    /// The whole report: the family's page, how training went where there are `lines` of it, what was assumed, and the
    /// configuration.
    pub fn report(&self, lines: &[MetricsLine], configuration: &str) -> String {
        let mut page = self.page.clone();
        if lines.len() > 1 {
            page = page
                .heading("Training")
                .plot(&course(lines), "The training and the validation loss.");
        }
        if !self.assumptions.is_empty() {
            let rows: Vec<Vec<String>> = self
                .assumptions
                .iter()
                .map(|told| vec![told.what.clone(), told.found.clone()])
                .collect();
            page = page
                .heading("What was found and assumed")
                .paragraph("Read from the files, where no option said it.")
                .table(&["", ""], &rows);
        }
        page.details("Configuration", |page| page.verbatim(configuration))
            .render()
    }
}

/// How sure the interval of a difference is.
const LEVEL: f64 = 0.95;
/// Draws that it is made of.
const RESAMPLES: usize = 2_000;

/// What a method answered: `model` or a rival's name, and for each item whether it was right.
pub type Right<'a> = (&'a str, Vec<bool>);

/// The place of the largest value of a row, the first of equal ones: the answer of logits or probabilities.
pub(crate) fn top<T: PartialOrd>(row: &[T]) -> usize {
    (1..row.len()).fold(0, |best, at| if row[at] > row[best] { at } else { best })
}

/// The share of answers that are right.
pub(crate) fn accuracy(right: &[bool]) -> f64 {
    right.iter().filter(|right| **right).count() as f64 / right.len().max(1) as f64
}

/// The rival that is right most often, of equal ones the last, and the model's accuracy minus its own with an interval.
pub(crate) fn best_rival<'a>(own: &[bool], rivals: &[Right<'a>]) -> Option<(&'a str, Interval)> {
    let by_accuracy = |a: &&Right<'_>, b: &&Right<'_>| accuracy(&a.1).total_cmp(&accuracy(&b.1));
    let (name, right) = rivals.iter().max_by(by_accuracy)?;
    let interval = accuracy_difference(own, right, LEVEL, RESAMPLES, 0).ok()?;
    Some((name, interval))
}

/// As [`best_rival`], by the micro F1 of several classes at once.
pub(crate) fn best_rival_by_f1<'a>(
    own: &[SetCounts],
    rivals: &[(&'a str, Vec<SetCounts>)],
) -> Option<(&'a str, Interval)> {
    let f1 = |rival: &(&str, Vec<SetCounts>)| SetCounts::micro_f1(&rival.1);
    let best = rivals.iter().max_by(|a, b| f1(a).total_cmp(&f1(b)));
    let (name, counts) = best?;
    let interval = micro_f1_difference(own, counts, LEVEL, RESAMPLES, 0).ok()?;
    Some((name, interval))
}

/// The one figure of answers that are right or wrong.
const ACCURACY: [Measure<f64>; 1] = [Measure {
    key: "accuracy",
    head: "accuracy",
    of: |accuracy| Some(*accuracy),
    write: percent,
}];

/// Whether a model of this accuracy is worth having beside its best rival, in one sentence.
pub(crate) fn accuracy_verdict(own: f64, best: Option<(&str, &Interval)>) -> String {
    let Some((rival, interval)) = best else {
        return format!(
            "Right in {} of the examples; there is no rival to compare it with.",
            percent(own)
        );
    };
    let points = |share: f64| format!("{:+.1}", 100.0 * share);
    let written = [percent(own), percent(own - interval.estimate)];
    beside("accuracy", &written, (rival, interval), points, " points")
}

/// As [`accuracy_verdict`], about a micro F1.
pub(crate) fn f1_verdict(own: f64, best: Option<(&str, &Interval)>) -> String {
    let Some((rival, interval)) = best else {
        return format!(
            "Micro f1 {}; there is no rival to compare it with.",
            three(own)
        );
    };
    let written = [three(own), three(own - interval.estimate)];
    beside(
        "micro f1",
        &written,
        (rival, interval),
        |step| format!("{step:+.3}"),
        "",
    )
}

/// Whether a figure is better than a rival's: both as written, and how a difference of theirs is written.
pub(crate) fn beside(
    what: &str,
    [own, other]: &[String; 2],
    (rival, interval): (&str, &Interval),
    difference: impl Fn(f64) -> String,
    unit: &str,
) -> String {
    let written = |value: f64| difference(value).replace('-', "\u{2212}");
    let figures = format!(
        "{what} {own} against {other} ({:.0} % interval of the difference: {} to {}{unit}).",
        100.0 * interval.level,
        written(interval.lower),
        written(interval.upper)
    );
    match interval.lower > 0.0 {
        true => format!("Better than {rival}: {figures}"),
        false => format!("No better than {rival}: {figures}"),
    }
}

/// The losses of a training over its steps.
fn course(lines: &[MetricsLine]) -> Plot {
    let points = |get: fn(&MetricsLine) -> f64| -> Vec<(f64, f64)> {
        let points = lines.iter();
        points.map(|line| (line.step as f64, get(line))).collect()
    };
    Plot::new("Loss by step")
        .x_label("steps")
        .y_label("loss")
        .line("training", &points(|line| line.train_loss))
        .line(
            "validation",
            &points(|line| line.valid_loss.unwrap_or(f64::NAN)),
        )
}
