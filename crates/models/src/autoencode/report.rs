//! The report of an autoencoder: what was read beside what is written, where scores lie, the map of codes, and what a variational one
//! makes.

use ressac_chart::{Histogram, Page, Plot, Scatter};
use ressac_data::examples::Examples;
use ressac_data::picture::{Colour, encode_png};
use ressac_stats::rival::Pca;

use super::autoencoder::Autoencoder;
use super::evaluation::{Evaluation, stretches};
use super::rows;
use super::sample::codes;
use crate::ModelError;
use crate::evaluated::top;
use crate::examples::name_of;
use crate::latent::between;
use crate::measure::significant;

/// Examples shown of each kind.
const SHOWN: usize = 6;
/// Points along a series at the most.
const WIDE: usize = 1_000;
/// Stretches of unusual rows that are marked.
const MARKED: usize = 20;
/// Points of the map at the most, evenly spaced.
const POINTS: usize = 4_000;
/// Classes with a colour of their own.
const CLASSES: usize = 12;
/// Examples that a variational one makes, and how many of them are on the way from one to another.
const MADE: usize = 12;
const WAY: usize = 6;
/// How many times a side of an image is enlarged.
const SCALE: usize = 3;

/// The page up to what every family's ends with.
///
/// # Errors
/// When the network refuses codes that were drawn.
pub(super) fn page(
    model: &Autoencoder,
    scored: &Examples,
    evaluation: &Evaluation,
    told: &[String],
    mut page: Page,
) -> Result<Page, ModelError> {
    for sentence in told.iter().chain(&evaluation.left_out) {
        page = page.paragraph(sentence);
    }
    if model.config().windowed().is_some() {
        page = page.heading("The series").plot(
            &along(evaluation),
            "The score of each row, that of the window which ends with it: of many rows side by side the highest. Vertical lines stand where a stretch of unusual rows begins.",
        );
    }
    page = page.heading("How unusual the examples are").plot(
        &scores(evaluation),
        "The score is the mean squared residual over what is usual for its dimension: about 1 for a normal example.",
    );
    page = examples(model, scored, evaluation, page);
    if let Some(map) = map(model, scored, evaluation) {
        let caption = match model.config().code() {
            1 | 2 => "Each example at its code.",
            _ => {
                "Each example at its code, seen along the two directions in which codes differ most (principal components)."
            }
        };
        page = page.heading("Map of codes").plot(&map, caption);
    }
    made(model, page)
}

/// Scores in their order, beside the threshold.
fn along(evaluation: &Evaluation) -> Plot {
    let scores = &evaluation.scores;
    let together = scores.len().div_ceil(WIDE).max(1);
    let parts = scores.chunks(together).enumerate();
    let highest = parts.map(|(at, part)| {
        let most = part.iter().copied().fold(0.0, f64::max);
        ((at * together + 1) as f64, most.max(1e-6))
    });
    let mut plot = Plot::new("Scores along the series")
        .x_label("row")
        .y_log()
        .line("score", &highest.collect::<Vec<_>>());
    if let Some((rate, threshold)) = &evaluation.rate {
        let ends = [(1.0, *threshold), (scores.len() as f64, *threshold)];
        plot = plot.line(format!("alarms at {}", rate.written), &ends);
    }
    let unusual = evaluation.unusual.as_deref().unwrap_or_default();
    for (start, _) in stretches(unusual).into_iter().take(MARKED) {
        plot = plot.mark(start as f64 + 1.0, "");
    }
    plot
}

/// Scores of normal and unusual examples, and the threshold.
fn scores(evaluation: &Evaluation) -> Histogram {
    let of = |wanted: bool| -> Vec<f64> {
        let unusual = evaluation.unusual.iter().flatten();
        let each = evaluation.scores.iter().zip(unusual);
        each.filter(|(_, unusual)| **unusual == wanted)
            .map(|(score, _)| *score)
            .collect()
    };
    let mut histogram = Histogram::new("Scores").x_label("score");
    histogram = match evaluation.unusual {
        Some(_) => histogram
            .values("normal", &of(false))
            .values("unusual", &of(true)),
        None => histogram.values("examples", &evaluation.scores),
    };
    match &evaluation.rate {
        Some((rate, threshold)) => {
            histogram.mark(*threshold, format!("alarms at {}", rate.written))
        }
        None => histogram,
    }
}

/// Places of the examples shown: the most unusual ones, and some in the middle.
fn shown(evaluation: &Evaluation) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..evaluation.scores.len()).collect();
    order.sort_by(|a, b| evaluation.scores[*b].total_cmp(&evaluation.scores[*a]));
    let most = order.iter().take(SHOWN).copied().collect();
    let middle = order.len() / 2;
    let start = middle.saturating_sub(SHOWN / 2).max(SHOWN.min(order.len()));
    let usual = order[start..].iter().take(SHOWN).copied().collect();
    (most, usual)
}

/// What was read beside what is written.
fn examples(
    model: &Autoencoder,
    scored: &Examples,
    evaluation: &Evaluation,
    mut page: Page,
) -> Page {
    let (most, usual) = shown(evaluation);
    let kinds = [
        ("The most unusual", most),
        ("Examples in the middle", usual),
    ];
    page = page.heading("What was read and what is written");
    for (title, places) in kinds {
        if places.is_empty() {
            continue;
        }
        page = page.subheading(title);
        let caption = |at: usize| {
            let class = scored
                .labels
                .as_ref()
                .map(|labels| format!(", {}", labels[at]));
            format!(
                "{}{}: score {}",
                name_of(scored, at),
                class.unwrap_or_default(),
                significant(evaluation.scores[at])
            )
        };
        page = match (
            model.config().media.sides(),
            evaluation.encoded.lengths()[places[0]],
        ) {
            (Some(sides), _) => {
                let lines = places.iter().map(|at| {
                    let images = images(model, evaluation, *at, sides);
                    (caption(*at), images.to_vec())
                });
                let lines: Vec<_> = lines.collect();
                page.pictures(&["read", "written", "difference"], &lines, SCALE)
            }
            (None, 1) => table(model, evaluation, &places, caption, page),
            (None, _) => {
                let plots = places
                    .iter()
                    .map(|at| plot(model, evaluation, *at, &caption(*at)));
                page.grid(&plots.map(|plot| plot.render()).collect::<Vec<_>>())
            }
        };
    }
    page
}

fn images(
    model: &Autoencoder,
    evaluation: &Evaluation,
    at: usize,
    [height, width, channels]: [usize; 3],
) -> [Vec<u8>; 3] {
    let scales = &model.pipeline().scales;
    let dims = scales.names.len();
    let pixels = |values: &mut dyn Iterator<Item = f64>| -> Vec<f64> {
        let each = values.enumerate();
        each.map(|(place, value)| scales.unscaled(place % dims, value).clamp(0.0, 1.0))
            .collect()
    };
    let read = pixels(&mut evaluation.encoded.row(at).into_iter());
    let written = &evaluation.passed.written[at];
    let written = pixels(&mut written.iter().map(|value| f64::from(*value)));
    let difference: Vec<f64> = (read.iter().zip(&written))
        .map(|(read, written)| (read - written).abs())
        .collect();
    let colour = if channels == 3 {
        Colour::Rgb
    } else {
        Colour::Grey
    };
    [read, written, difference].map(|values| encode_png(&values, width, height, colour))
}

/// The columns of rows, read and written, in the units of the data, and what is to blame.
fn table(
    model: &Autoencoder,
    evaluation: &Evaluation,
    places: &[usize],
    caption: impl Fn(usize) -> String,
    page: Page,
) -> Page {
    let lines = places.iter().map(|at| {
        let written = &evaluation.passed.written[*at];
        let blame = model.blame(&evaluation.encoded, *at, written);
        let row = evaluation.encoded.row(*at);
        let columns = rows::by_blame(model, &blame);
        let told = columns.iter().take(3).map(|(column, _)| {
            let read = column.told(model, |dim| row[dim]);
            let written = column.told(model, |dim| f64::from(written[dim]));
            format!("{} {read} (written {written})", column.name)
        });
        let told = told.collect::<Vec<_>>().join(", ");
        vec![caption(*at), rows::blamed(model, &blame, 1), told]
    });
    page.table(
        &["row", "where it is unusual", "what was read"],
        &lines.collect::<Vec<_>>(),
    )
}

/// A sequence, read and written: the dimension that is to blame most.
fn plot(model: &Autoencoder, evaluation: &Evaluation, at: usize, caption: &str) -> Plot {
    let scales = &model.pipeline().scales;
    let dims = scales.names.len();
    let written = &evaluation.passed.written[at];
    let blame = model.blame(&evaluation.encoded, at, written);
    let mut of_dims = vec![0.0; dims];
    for (place, value) in blame.iter().enumerate() {
        of_dims[place % dims] += value;
    }
    let dim = top(&of_dims);
    let line = |values: &mut dyn Iterator<Item = f64>| -> Vec<(f64, f64)> {
        let own = values.skip(dim).step_by(dims).enumerate();
        own.map(|(step, value)| (step as f64 + 1.0, scales.unscaled(dim, value)))
            .collect()
    };
    let row = evaluation.encoded.row(at);
    let name = match dims {
        1 => String::new(),
        _ => format!(" ({})", scales.names[dim]),
    };
    Plot::new(format!("{caption}{name}"))
        .x_label("step")
        .line("read", &line(&mut row.into_iter()))
        .line(
            "written",
            &line(&mut written.iter().map(|value| f64::from(*value))),
        )
}

/// The map of codes: the first two numbers of a code of one or two, else its two principal components.
fn map(model: &Autoencoder, scored: &Examples, evaluation: &Evaluation) -> Option<Scatter> {
    let code = model.config().code();
    let codes = &evaluation.passed.codes;
    let count = codes.len() / code.max(1);
    if count < 3 {
        return None;
    }
    let classes = match (&evaluation.unusual, &scored.labels) {
        (None, Some(_)) => scored.classes(),
        (Some(_), _) => vec!["normal".to_owned(), "unusual".to_owned()],
        (None, None) => Vec::new(),
    };
    let class = |at: usize| match (&evaluation.unusual, &scored.labels) {
        (Some(unusual), _) => usize::from(unusual[at]),
        (None, Some(labels)) => (classes.iter())
            .position(|class| *class == labels[at])
            .unwrap_or(CLASSES),
        (None, None) => 0,
    };
    let fitted = (code > 2).then(|| Pca::fit(codes, code, 2));
    let place = |at: usize| -> Option<(f64, f64)> {
        let own = &codes[at * code..][..code];
        match &fitted {
            Some(fitted) => {
                let seen = fitted.as_ref()?.codes(own)?;
                Some((seen[0], seen.get(1).copied().unwrap_or(0.0)))
            }
            None => Some((own[0], own.get(1).copied().unwrap_or(0.0))),
        }
    };
    let step = count.div_ceil(POINTS);
    let points: Vec<(f64, f64, usize)> = (0..count)
        .step_by(step)
        .filter_map(|at| place(at).map(|(x, y)| (x, y, class(at))))
        .collect();
    let names = &classes[..classes.len().min(CLASSES)];
    let labels = match code {
        1 => ["code 1", ""],
        2 => ["code 1", "code 2"],
        _ => ["first principal component", "second principal component"],
    };
    Some(
        Scatter::new("Codes", names)
            .x_label(labels[0])
            .y_label(labels[1])
            .points(&points),
    )
}

/// What a variational one writes from codes that are drawn, and on the way from one to another.
fn made(model: &Autoencoder, page: Page) -> Result<Page, ModelError> {
    if !model.config().variational {
        return Ok(page);
    }
    let width = model.config().code();
    let steps = model
        .pipeline()
        .steps
        .unwrap_or(model.pipeline().median_steps);
    let new_codes = codes(MADE, width, 0);
    let new = model.written_from(&new_codes, steps)?;
    let way = between(&new_codes[..2 * width], width, WAY, WAY);
    let way = model.written_from(&way, steps)?;
    let scales = &model.pipeline().scales;
    let dims = scales.names.len();
    let values = |written: &[f32]| -> Vec<f64> {
        let each = written.iter().enumerate();
        each.map(|(at, value)| scales.unscaled(at % dims, f64::from(*value)))
            .collect()
    };
    let page = page
        .heading("What it makes")
        .paragraph("Written from codes drawn from the standard normal distribution, and from codes on the way from one to another. None of it was measured.");
    Ok(match model.config().media.sides() {
        Some([height, width, channels]) => {
            let colour = if channels == 3 {
                Colour::Rgb
            } else {
                Colour::Grey
            };
            let png = |written: &Vec<f32>| encode_png(&values(written), width, height, colour);
            let (first, second) = new.split_at(MADE / 2);
            let row = |name: &str, images: &[Vec<f32>]| {
                (name.to_owned(), images.iter().map(png).collect::<Vec<_>>())
            };
            let lines = [
                row("new", first),
                row("new", second),
                row("from one to another", &way),
            ];
            page.pictures(&["", "", "", "", "", ""], &lines, SCALE)
        }
        None if steps > 1 => {
            let plots = new.iter().take(SHOWN).enumerate().map(|(at, written)| {
                let line = values(written).into_iter().step_by(dims).enumerate();
                let line: Vec<(f64, f64)> = line
                    .map(|(step, value)| (step as f64 + 1.0, value))
                    .collect();
                Plot::new(format!("new {}", at + 1))
                    .x_label("step")
                    .line(scales.names[0].clone(), &line)
                    .render()
            });
            page.grid(&plots.collect::<Vec<_>>())
        }
        None => {
            let columns = rows::columns(model);
            let lines = new.iter().take(SHOWN).map(|written| {
                let cells = columns.iter();
                cells
                    .map(|column| column.told(model, |dim| f64::from(written[dim])))
                    .collect::<Vec<_>>()
            });
            let heads: Vec<&str> = columns.iter().map(|column| column.name).collect();
            page.table(&heads, &lines.collect::<Vec<_>>())
        }
    })
}
