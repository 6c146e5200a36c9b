//! Figures of methods, declared once: their names for programs, their heads for people, and how they are written.
//!
//! A family lists its [`Measure`]s; tables, the keys of `evaluate --json` and the report follow from the list.

use serde_json::{Map, Value, json};

use crate::evaluated::TextTable;

/// One figure of what `T` holds of a method.
#[derive(Debug)]
pub(crate) struct Measure<T> {
    /// Its key, such as `macro_f1`.
    pub(crate) key: &'static str,
    /// Its head in a table, such as `macro f1`.
    pub(crate) head: &'static str,
    /// The figure; nothing for a method that has none.
    pub(crate) of: fn(&T) -> Option<f64>,
    /// How people read it.
    pub(crate) write: fn(f64) -> String,
}

impl<T> Measure<T> {
    /// The figure as people read it.
    pub(crate) fn written(&self, of: &T) -> String {
        let value = (self.of)(of).filter(|value| !value.is_nan());
        value.map_or_else(|| "–".to_owned(), self.write)
    }
}

/// A method, such as `model` or a rival, and what is known of it.
pub(crate) type Method<'a, T> = (&'a str, &'a T);

/// The heads of a table of these figures: one for the methods' names, then theirs.
pub(crate) fn heads<T>(measures: &[Measure<T>]) -> Vec<String> {
    let heads = measures.iter().map(|measure| measure.head);
    [""].into_iter().chain(heads).map(str::to_owned).collect()
}

/// A line of the table.
pub(crate) fn line<T>(measures: &[Measure<T>], (name, of): Method<'_, T>) -> Vec<String> {
    let figures = measures.iter().map(|measure| measure.written(of));
    [name.to_owned()].into_iter().chain(figures).collect()
}

/// The whole table: its heads, then a line for each method.
pub(crate) fn table<'a, T: 'a>(
    measures: &[Measure<T>],
    methods: impl IntoIterator<Item = Method<'a, T>>,
) -> TextTable {
    let lines = methods.into_iter().map(|method| line(measures, method));
    [heads(measures)].into_iter().chain(lines).collect()
}

/// The figures of one method by their keys.
pub(crate) fn by_key<T>(measures: &[Measure<T>], of: &T) -> Map<String, Value> {
    let figures = measures.iter();
    figures
        .map(|measure| (measure.key.to_owned(), json!((measure.of)(of))))
        .collect()
}

/// The figures by name: those of the first method, the model, are keys of their own; each rival's are an object under its
/// name.
pub(crate) fn by_name<'a, T: 'a>(
    measures: &[Measure<T>],
    methods: impl IntoIterator<Item = Method<'a, T>>,
) -> Map<String, Value> {
    let mut all = Map::new();
    for (at, (name, of)) in methods.into_iter().enumerate() {
        let figures = by_key(measures, of);
        match at {
            0 => all.extend(figures),
            _ => {
                all.insert(name.to_owned(), Value::Object(figures));
            }
        }
    }
    all
}

/// A share as a percentage with one decimal.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// Three decimals.
pub(crate) fn three(value: f64) -> String {
    format!("{value:.3}")
}

/// Four decimals.
pub(crate) fn four(value: f64) -> String {
    format!("{value:.4}")
}

/// Four digits that mean something, whatever the unit.
pub(crate) fn significant(value: f64) -> String {
    let before = value.abs().max(1e-300).log10().floor() as i32;
    format!("{value:.*}", (3 - before).clamp(0, 9) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Found {
        accuracy: f64,
        auroc: Option<f64>,
    }

    const MEASURES: [Measure<Found>; 2] = [
        Measure {
            key: "accuracy",
            head: "accuracy",
            of: |found| Some(found.accuracy),
            write: percent,
        },
        Measure {
            key: "auroc",
            head: "auroc",
            of: |found| found.auroc,
            write: three,
        },
    ];

    #[test]
    fn the_models_figures_are_keys_and_a_rivals_stand_under_its_name() {
        let model = Found {
            accuracy: 0.91,
            auroc: Some(0.95),
        };
        let rival = Found {
            accuracy: 0.5,
            auroc: None,
        };
        let methods = || [("model", &model), ("majority", &rival)];
        assert_eq!(
            table(&MEASURES, methods()),
            [
                ["", "accuracy", "auroc"],
                ["model", "91.0 %", "0.950"],
                ["majority", "50.0 %", "–"]
            ]
        );
        assert_eq!(
            Value::Object(by_name(&MEASURES, methods())),
            json!({ "accuracy": 0.91, "auroc": 0.95, "majority": { "accuracy": 0.5, "auroc": null } })
        );
    }

    #[test]
    fn figures_keep_four_digits_in_any_unit() {
        assert_eq!(significant(2456.4), "2456");
        assert_eq!(significant(2.4564), "2.456");
        assert_eq!(significant(0.0024564), "0.002456");
        assert_eq!(significant(0.0), "0.000000000");
    }
}
