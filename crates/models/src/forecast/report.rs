//! The report: one self-contained page that says how good a forecaster is, where it fails, and
//! whether it beats what costs nothing.

use ressac_chart::{BarPlot, Page, Plot};

use super::evaluation::{Evaluation, Period, Sample, StepErrors};
use super::figures::{ABOUT, FIGURES};
use super::forecaster::Forecaster;
use super::slices::{Slice, Slices};
use super::told;
use crate::Model;
use crate::measure;

/// More columns or series than this are not listed one by one.
const LISTED: usize = 30;

/// More than this from what it promises, and an interval is not to be taken by its word.
const COVERAGE_OFF: f64 = 0.05;

/// Whether the model is worth having, in one sentence; and in another whether its interval is, where
/// it does not hold what it promises.
pub(super) fn verdict(evaluation: &Evaluation) -> String {
    let mut words = worth(evaluation);
    if let Some(coverage) = &evaluation.coverage {
        let off = coverage.inside - coverage.nominal;
        if off.abs() > COVERAGE_OFF {
            words.push_str(&format!(
                " The {:.0} % interval held {:.1} %: take it for {} than it says.",
                100.0 * coverage.nominal,
                100.0 * coverage.inside,
                if off < 0.0 { "narrower" } else { "wider" }
            ));
        }
    }
    words
}

fn worth(evaluation: &Evaluation) -> String {
    let own = evaluation.methods[0].overall.mae;
    let reference = &evaluation.reference;
    let share = |skill: f64| format!("{:.1} %", 100.0 * skill).replace('-', "\u{2212}");
    if evaluation.reference_mae() == 0.0 {
        return format!("No better than {reference}: it is exact here, and costs nothing.");
    }
    match &evaluation.skill {
        Some(skill) if skill.better() => format!(
            "Better than {reference}: the absolute error is {} lower ({:.0} % interval: {} to {}).",
            share(skill.skill),
            100.0 * skill.level,
            share(skill.lower),
            share(skill.upper),
        ),
        Some(skill) if skill.skill < 0.0 => format!(
            "No better than {reference}: the absolute error is {} higher ({:.0} % interval: {} to {}).",
            share(-skill.skill),
            100.0 * skill.level,
            share(-skill.upper),
            share(-skill.lower),
        ),
        Some(skill) => format!(
            "No better than {reference}, as far as these windows tell: the absolute error is {} lower, but its {:.0} % interval ({} to {}) allows for none.",
            share(skill.skill),
            100.0 * skill.level,
            share(skill.lower),
            share(skill.upper),
        ),
        None if own < evaluation.reference_mae() => format!(
            "Better than {reference} on these {} windows: the absolute error is {} lower; they are too few to say how sure that is.",
            evaluation.windows,
            share(1.0 - own / evaluation.reference_mae()),
        ),
        None => format!(
            "No better than {reference} on these {} windows.",
            evaluation.windows
        ),
    }
}

/// The report of the rows called `part` of `files`.
pub(super) fn page(model: &Forecaster, evaluation: &Evaluation, part: &str, files: &str) -> Page {
    let config = model.config();
    let mut page = Page::new(format!(
        "Forecast of {}",
        shortened(&model.pipeline().targets)
    ))
    .paragraph(&format!(
        "{}. {} forecasts of {} steps on the {} part of {}.",
        model.network(),
        evaluation.windows,
        config.horizon,
        part,
        files,
    ))
    .notice(&verdict(evaluation))
    .figures(&key_figures(evaluation));

    if !evaluation.samples.is_empty() {
        page = page.heading("Forecasts against what came");
        let drawings: Vec<String> = evaluation
            .samples
            .iter()
            .map(|sample| drawn(sample, &evaluation.levels))
            .collect();
        page = page.grid(&drawings);
    }
    let heads = measure::heads(&FIGURES);
    let methods: Vec<Vec<String>> = told::methods(evaluation)
        .map(|method| measure::line(&FIGURES, method))
        .collect();
    page = page
        .heading("Beside the forecasts that need no training")
        .table(&heads, &methods)
        .paragraph(ABOUT);
    page = page.heading("Error by step of the horizon").plot(
        &by_step(evaluation),
        "Mean absolute error on z-scores: how far ahead the forecast is worth having.",
    );
    if evaluation.months.len() > 1 {
        page = by_month(page, evaluation, &model.pipeline().targets[0]);
    }
    if let Some(slices) = &evaluation.slices {
        page = by_slice(page, slices, &evaluation.reference);
    }
    let columns = &evaluation.methods[0].columns;
    if columns.len() > 1 {
        page = page.heading("Column by column").table(
            &heads,
            &columns
                .iter()
                .take(LISTED)
                .map(|(name, of)| measure::line(&FIGURES, (name, of)))
                .collect::<Vec<_>>(),
        );
        if columns.len() > LISTED {
            page = page.paragraph(&format!(
                "The first {LISTED} of {}; `ressac evaluate --json` has all.",
                columns.len()
            ));
        }
    }
    page
}

fn shortened(names: &[String]) -> String {
    match names {
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third} and {} more", names.len() - 3)
        }
        names => names.join(", "),
    }
}

fn key_figures(evaluation: &Evaluation) -> Vec<(String, String, String)> {
    let overall = &evaluation.methods[0].overall;
    let figure = |label: &str, value: String, note: String| (label.to_owned(), value, note);
    let mut figures = vec![figure(
        "mean absolute error (z-score)",
        format!("{:.4}", overall.mae),
        format!(
            "{}: {:.4}",
            evaluation.reference,
            evaluation.reference_mae()
        ),
    )];
    if let Some(mape) = overall.mape {
        figures.push(figure("mape", format!("{mape:.2} %"), String::new()));
    }
    if let Some(skill) = &evaluation.skill {
        figures.push(figure(
            "skill",
            format!("{:.1} %", 100.0 * skill.skill),
            format!(
                "{:.0} % interval: {:.1} to {:.1} %",
                100.0 * skill.level,
                100.0 * skill.lower,
                100.0 * skill.upper
            )
            .replace('-', "\u{2212}"),
        ));
    }
    if let Some(coverage) = &evaluation.coverage {
        figures.push(figure(
            "inside the interval",
            format!("{:.1} %", 100.0 * coverage.inside),
            format!("promised: {:.0} %", 100.0 * coverage.nominal),
        ));
    }
    if let Some(owa) = evaluation.owa {
        figures.push(figure(
            "owa",
            format!("{owa:.3}"),
            "relative to naive2, as in the M4 competition".into(),
        ));
    }
    figures
}

fn drawn(sample: &Sample, levels: &[f64]) -> String {
    let at = |place: usize| match &sample.stamps {
        Some(stamps) => stamps[place] as f64,
        None => (sample.first_row + place + 1) as f64,
    };
    let ahead: Vec<f64> = (sample.origin..sample.truth.len()).map(at).collect();
    let points = |values: &[f64]| -> Vec<(f64, f64)> {
        ahead.iter().copied().zip(values.iter().copied()).collect()
    };
    let title = match sample.series.is_empty() {
        true => sample.column.clone(),
        false => format!("{}: {}", sample.series, sample.column),
    };
    let truth: Vec<(f64, f64)> = sample
        .truth
        .iter()
        .enumerate()
        .map(|(place, value)| (at(place), *value))
        .collect();
    let mut plot = Plot::new(title).line("truth", &truth);
    if sample.stamps.is_some() {
        plot = plot.x_times();
    }
    let middle = levels.len() / 2;
    for place in 0..middle {
        let opposite = levels.len() - 1 - place;
        plot = plot.band(
            format!("{:.0} %", 100.0 * (levels[opposite] - levels[place])),
            &ahead,
            &sample.quantiles[place],
            &sample.quantiles[opposite],
        );
    }
    plot.line("forecast", &points(&sample.quantiles[middle]))
        .line("naive", &points(&sample.naive))
        .mark(at(sample.origin), "forecast")
        .render()
}

fn by_step(evaluation: &Evaluation) -> Plot {
    let points = |get: fn(&StepErrors) -> f64| -> Vec<(f64, f64)> {
        evaluation
            .steps
            .iter()
            .enumerate()
            .map(|(step, errors)| ((step + 1) as f64, get(errors)))
            .collect()
    };
    Plot::new("Mean absolute error by step")
        .x_label("steps ahead")
        .y_label("z-score")
        .line("model", &points(|errors| errors.model))
        .line(
            evaluation.reference.as_str(),
            &points(|errors| errors.reference),
        )
}

fn by_month(page: Page, evaluation: &Evaluation, column: &str) -> Page {
    let months = &evaluation.months;
    let values = |get: fn(&Period) -> f64| -> Vec<f64> { months.iter().map(get).collect() };
    let names: Vec<&str> = months.iter().map(|month| month.name.as_str()).collect();
    let bars = BarPlot::new(format!("Mean absolute error of {column} by month"), &names)
        .bars("model", &values(|month| month.mae))
        .bars(
            evaluation.reference.as_str(),
            &values(|month| month.reference),
        );
    let rows: Vec<Vec<String>> = months
        .iter()
        .map(|month| {
            vec![
                month.name.clone(),
                month.values.to_string(),
                format!("{:.4}", month.mae),
                format!("{:.4}", month.reference),
                month.mape.map_or_else(String::new, |v| format!("{v:.2}")),
                month
                    .inside
                    .map_or_else(String::new, |v| format!("{:.1}", 100.0 * v)),
            ]
        })
        .collect();
    let reference = format!("{} mae", evaluation.reference);
    page.heading("Error by month").plot(&bars, "").table(
        &["month", "values", "mae", &reference, "mape, %", "inside, %"],
        &rows,
    )
}

/// Errors slice by slice, those of the largest slices drawn.
fn by_slice(page: Page, slices: &Slices, reference: &str) -> Page {
    let rows: Vec<Vec<String>> = slices
        .slices
        .iter()
        .take(LISTED)
        .map(|slice| {
            vec![
                slice.name.clone(),
                slice.values.to_string(),
                format!("{:.4}", slice.mse),
                format!("{:.4}", slice.mae),
                format!("{:.4}", slice.reference),
                slice.mape.map_or_else(String::new, |v| format!("{v:.2}")),
                slice
                    .inside
                    .map_or_else(String::new, |v| format!("{:.1}", 100.0 * v)),
            ]
        })
        .collect();
    let shown = &slices.slices[..slices.slices.len().min(LISTED)];
    let names: Vec<&str> = shown.iter().map(|slice| slice.name.as_str()).collect();
    let values = |get: fn(&Slice) -> f64| -> Vec<f64> { shown.iter().map(get).collect() };
    let bars = BarPlot::new(format!("Mean absolute error by {}", slices.by), &names)
        .bars("model", &values(|slice| slice.mae))
        .bars(reference, &values(|slice| slice.reference));
    let reference = format!("{reference} mae");
    let heads = [
        slices.by.as_str(),
        "values",
        "mse",
        "mae",
        &reference,
        "mape, %",
        "inside, %",
    ];
    let page = page
        .heading(&format!("Error by {}", slices.by))
        .plot(&bars, "On z-scores of the training part.")
        .table(&heads, &rows);
    match slices.slices.len() {
        count if count > LISTED => page.paragraph(&format!(
            "The first {LISTED} of {count}; `ressac evaluate --slice {} --json` has all.",
            slices.by
        )),
        _ => page,
    }
}

#[cfg(test)]
mod tests {
    use super::super::evaluation::{MethodFigures, Skill};
    use super::super::figures::Figures;
    use super::*;

    fn evaluation(own: f64, naive: f64, skill: Option<Skill>) -> Evaluation {
        let method = |name: &str, mae: f64| MethodFigures {
            method: name.into(),
            overall: Figures {
                mae,
                ..Figures::default()
            },
            columns: vec![],
        };
        Evaluation {
            windows: 20,
            methods: vec![method("model", own), method("seasonal-naive", naive)],
            owa: None,
            coverage: None,
            levels: vec![0.5],
            reference: "seasonal-naive".into(),
            skill,
            steps: vec![],
            months: vec![],
            slices: None,
            samples: vec![],
        }
    }

    fn skill(skill: f64, lower: f64, upper: f64) -> Option<Skill> {
        Some(Skill {
            skill,
            lower,
            upper,
            level: 0.95,
        })
    }

    #[test]
    fn a_gain_that_luck_explains_is_no_gain() {
        let better = verdict(&evaluation(0.5, 1.0, skill(0.5, 0.4, 0.6)));
        assert!(
            better.starts_with("Better than seasonal-naive: the absolute error is 50.0 % lower"),
            "{better}"
        );
        let unsure = verdict(&evaluation(0.98, 1.0, skill(0.02, -0.03, 0.06)));
        assert!(
            unsure.starts_with("No better than seasonal-naive"),
            "{unsure}"
        );
        let worse = verdict(&evaluation(1.2, 1.0, skill(-0.2, -0.3, -0.1)));
        assert!(worse.contains("20.0 % higher"), "{worse}");
        let few = verdict(&evaluation(0.9, 1.0, None));
        assert!(few.contains("too few"), "{few}");
        let none = verdict(&evaluation(1.0, 1.0, None));
        assert!(none.starts_with("No better"), "{none}");
    }
}
