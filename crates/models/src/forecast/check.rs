//! What `check` finds in series: a line for each column, and what is wrong with them.

use serde_json::{Value, json};

use ressac_data::panel::Panel;
use ressac_stats::season;

use super::config::ForecastOptions;
use super::remarks;
use super::resolve::Resolved;
use super::scale::ColumnScale;
use super::source::titled;
use crate::family::{Inspection, Remark};

/// A column with a larger share of missing values is a problem.
const MOST_MISSING: f64 = 0.2;

/// Deviations (robust ones) beyond which a value is looked at by hand.
const FAR: f64 = 20.0;

/// A horizon for a check that was given none: a season, or a step.
pub(super) fn horizon(panel: &Panel) -> usize {
    let step = panel
        .series
        .iter()
        .find_map(|series| series.time.as_ref()?.step);
    step.and_then(|step| season::from_step(step.nominal_seconds()))
        .unwrap_or(1)
}

/// Looks at every column, and at what the parts hold.
pub(super) fn inspect(
    options: &ForecastOptions,
    panel: &Panel,
    resolved: Option<&Resolved>,
) -> Inspection {
    let mut problems = Vec::new();
    let columns = columns(panel, &mut problems);
    problems.extend(remarks::counting(panel));
    let mut lines = vec![table(&columns)];
    if let Some(resolved) = resolved {
        parts(panel, resolved, options.split.as_deref(), &mut problems);
        lines.push(format!(
            "context {} → horizon {}: {} windows to train on, {} to validate, {} to test",
            resolved.config.context,
            resolved.config.horizon,
            windows(resolved, |split| split.train.clone(), true),
            windows(resolved, |split| split.valid.clone(), false),
            windows(resolved, |split| split.test.clone(), false),
        ));
    }
    let figures = [
        ("rows", json!(panel.rows())),
        ("series", json!(panel.series.len())),
        (
            "columns",
            columns
                .iter()
                .map(Column::as_json)
                .collect::<Vec<_>>()
                .into(),
        ),
    ];
    Inspection {
        lines,
        problems,
        figures: figures
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
    }
}

/// What a column of a series looks like.
struct Column {
    name: String,
    rows: usize,
    missing: usize,
    least: f64,
    most: f64,
    scale: Option<ColumnScale>,
}

impl Column {
    fn of(name: String, values: &[f64]) -> Self {
        let there = || values.iter().copied().filter(|value| !value.is_nan());
        Self {
            name,
            rows: values.len(),
            missing: values.len() - there().count(),
            least: there().fold(f64::INFINITY, f64::min),
            most: there().fold(f64::NEG_INFINITY, f64::max),
            scale: ColumnScale::fit(values.iter()),
        }
    }

    fn as_json(&self) -> Value {
        json!({
            "name": self.name, "rows": self.rows, "missing": self.missing,
            "min": self.scale.as_ref().map(|_| self.least),
            "max": self.scale.as_ref().map(|_| self.most),
            "mean": self.scale.as_ref().map(|scale| scale.mean),
        })
    }
}

fn columns(panel: &Panel, problems: &mut Vec<Remark>) -> Vec<Column> {
    let counts = (panel.series.len(), panel.roles.targets.len());
    let mut columns = Vec::new();
    let mut found: [Vec<Remark>; 3] = Default::default();
    for series in &panel.series {
        let observed = series.observed();
        for (name, values) in panel.roles.targets.iter().zip(&series.targets) {
            let values = &values[..observed];
            let column = Column::of(titled(series, name, counts), values);
            let share = column.missing as f64 / column.rows.max(1) as f64;
            if column.scale.is_none() {
                found[0].push(format!("`{}` has no value at all", column.name).into());
            } else if share > MOST_MISSING {
                found[1].push(
                    format!(
                        "`{}` lacks {:.0} % of its values",
                        column.name,
                        100.0 * share
                    )
                    .into(),
                );
            }
            if let Some((row, value)) = farthest(values) {
                let place = match &series.time {
                    Some(axis) => axis.write(axis.stamps[row]),
                    None => format!("row {}", row + 1),
                };
                found[2].push(format!(
                    "`{}` is {value} at {place}, far from all the others: an error of the meter, or of the file?",
                    column.name
                ).into());
            }
            columns.push(column);
        }
    }
    let [empty, sparse, far] = found;
    for kind in [empty, sparse, remarks::constant(panel), far] {
        problems.extend(remarks::some(kind));
    }
    columns
}

/// The value farthest from the median, when it is farther than [`FAR`] times the spread of the middle
/// half: a deviation that a single wrong value does not move.
fn farthest(values: &[f64]) -> Option<(usize, f64)> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * (sorted.len().checked_sub(1)? as f64)) as usize);
    let (low, middle, high) = (*at(0.25)?, *at(0.5)?, *at(0.75)?);
    let spread = (high - low) / 1.349;
    let far = |value: f64| (value - middle).abs();
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, value)| spread > 0.0 && far(*value) > FAR * spread)
        .max_by(|(_, a), (_, b)| far(*a).total_cmp(&far(*b)))
}

fn windows(
    resolved: &Resolved,
    part: fn(&ressac_data::split::Split) -> std::ops::Range<usize>,
    strided: bool,
) -> usize {
    let config = &resolved.config;
    let stride = if strided { config.stride } else { 1 };
    resolved
        .parts
        .iter()
        .map(|split| {
            ressac_data::window::origins(part(split), config.context, config.horizon, stride).len()
        })
        .sum()
}

fn parts(panel: &Panel, resolved: &Resolved, given: Option<&str>, problems: &mut Vec<Remark>) {
    problems.extend(remarks::too_short(panel, resolved));
    problems.extend(remarks::unused(panel, resolved));
    problems.extend(remarks::without_a_window(resolved, given));
}

fn table(columns: &[Column]) -> String {
    const SHOWN: usize = 30;
    let mut text = String::from("column: rows, missing, least, mean, most\n");
    for column in columns.iter().take(SHOWN) {
        match &column.scale {
            Some(scale) => text.push_str(&format!(
                "  {}: {}, {}, {}, {:.6}, {}\n",
                column.name, column.rows, column.missing, column.least, scale.mean, column.most
            )),
            None => text.push_str(&format!(
                "  {}: {}, all missing\n",
                column.name, column.rows
            )),
        }
    }
    if columns.len() > SHOWN {
        text.push_str(&format!("  … and {} more\n", columns.len() - SHOWN));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_far_from_all_others_is_found_and_a_heavy_tail_is_not() {
        let mut values: Vec<f64> = (0..200).map(|row| f64::from(row % 24)).collect();
        assert_eq!(farthest(&values), None);
        values[77] = 99_999.0;
        values[80] = f64::NAN;
        assert_eq!(farthest(&values), Some((77, 99_999.0)));
        assert_eq!(farthest(&[]), None);
        assert_eq!(farthest(&[1.0; 5]), None);
    }
}
