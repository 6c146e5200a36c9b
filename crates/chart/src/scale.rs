//! Round numbers for an axis: where its ticks stand and how they are written.

/// Nothing is drawn beyond this magnitude: a span of two such ends is still a finite number.
const LARGEST: f64 = 1e300;

/// The numbers an axis covers, with its ticks.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Value and label, ascending.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Scale {
    /// The finite values' range widened to whole ticks; nothing without a finite value.
    pub(crate) fn around(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Scale> {
        let (low, high) = range(values)?;
        let step = round_step((high - low) / ticks.max(1) as f64);
        // A tenth of a step beyond a tick is let through: an axis must not double for a hair.
        let first = (low / step + 0.1).floor().min(low / step);
        let last = (high / step - 0.1).ceil().max(high / step);
        Some(Self::with_ticks(first * step, last * step, step))
    }

    /// The finite values' range as it is, with ticks inside it; nothing without a finite value.
    pub(crate) fn within(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Scale> {
        let (low, high) = range(values)?;
        Some(Self::with_ticks(
            low,
            high,
            round_step((high - low) / ticks.max(1) as f64),
        ))
    }

    /// Where a value stands between the ends: 0 at `low`, 1 at `high`.
    pub(crate) fn place(&self, value: f64) -> f64 {
        (value.clamp(-LARGEST, LARGEST) - self.low) / (self.high - self.low)
    }

    fn with_ticks(low: f64, high: f64, step: f64) -> Scale {
        let tolerance = 1e-9;
        let first = (low / step - tolerance).ceil();
        let last = (high / step + tolerance).floor();
        let mut values = Vec::new();
        let mut k = first;
        // More ticks than this means that the step is below the precision of the ends.
        while k <= last && values.len() < 64 {
            // Adding zero turns -0 into 0.
            values.push(k * step + 0.0);
            k += 1.0;
        }
        let ticks = labels(&values, step).into_iter();
        Scale {
            low,
            high,
            ticks: values.iter().copied().zip(ticks).collect(),
        }
    }
}

/// Least and greatest finite value, moved apart if they are one.
pub(crate) fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .map(|value| value.clamp(-LARGEST, LARGEST))
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
            (low.min(v), high.max(v))
        });
    if low > high {
        return None;
    }
    // Below this, neighbouring ticks would be the same number.
    let resolved = (low.abs().max(high.abs()) * 1e-9).max(f64::MIN_POSITIVE * 1e9);
    if high - low > resolved {
        return Some((low, high));
    }
    let room = if low == 0.0 && high == 0.0 {
        1.0
    } else {
        low.abs().max(high.abs()) * 0.05
    };
    Some((low - room, high + room))
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `raw`.
fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    [1.0, 2.0, 5.0]
        .iter()
        .map(|m| m * power)
        .find(|step| *step >= raw * 0.999_999)
        .unwrap_or(10.0 * power)
}

/// Labels of equal precision, shortened with k, M, G where the numbers are long.
fn labels(values: &[f64], step: f64) -> Vec<String> {
    let largest = values
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    if largest >= 1e13 || step < 1e-5 {
        return values.iter().map(|value| scientific(*value)).collect();
    }
    let (unit, suffix) = match largest {
        v if v >= 1e10 => (1e9, "G"),
        v if v >= 1e7 => (1e6, "M"),
        v if v >= 1e4 => (1e3, "k"),
        _ => (1.0, ""),
    };
    // Digits after the point that a multiple of the step can have: 6 at the most, see above.
    let digits = (-(step / unit).log10() - 1e-9).ceil().max(0.0) as usize;
    values
        .iter()
        .map(|value| match value / unit {
            0.0 => "0".to_owned(),
            scaled => format!("{scaled:.digits$}{suffix}").replace('-', "\u{2212}"),
        })
        .collect()
}

/// Four digits at the most, without the zeros that say nothing: `2.5e−7`.
fn scientific(value: f64) -> String {
    let text = format!("{:.3e}", value + 0.0);
    let Some((digits, power)) = text.split_once('e') else {
        return text;
    };
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    let text = if value == 0.0 {
        "0".to_owned()
    } else {
        format!("{digits}e{power}")
    };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ticks(values: &[f64]) -> Vec<String> {
        let scale = Scale::around(values.iter().copied(), 5).unwrap();
        scale.ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_of_one_precision() {
        assert_eq!(ticks(&[0.0, 1.0]), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(ticks(&[-12.0, 31.0]), ["−20", "−10", "0", "10", "20", "30"]);
        assert_eq!(
            ticks(&[31_000.0, 86_000.0]),
            ["20k", "40k", "60k", "80k", "100k"]
        );
        assert_eq!(
            ticks(&[0.012, 0.019]),
            ["0.012", "0.014", "0.016", "0.018", "0.020"]
        );
        assert_eq!(ticks(&[-1e-7, 3e-8]), ["−1e−7", "−5e−8", "0", "5e−8"]);
        assert_eq!(
            ticks(&[5.0, 5.0]),
            ["4.7", "4.8", "4.9", "5.0", "5.1", "5.2", "5.3"]
        );
    }

    proptest! {
        #[test]
        fn any_numbers_get_few_ticks_in_order_and_lie_on_the_axis(
            values in prop::collection::vec(proptest::num::f64::ANY, 0..20),
        ) {
            let Some(scale) = Scale::around(values.iter().copied(), 5) else {
                prop_assert!(values.iter().all(|value| !value.is_finite()));
                return Ok(());
            };
            prop_assert!((2..=9).contains(&scale.ticks.len()), "{scale:?}");
            prop_assert!(scale.ticks.windows(2).all(|pair| pair[0].0 < pair[1].0));
            for value in values.iter().filter(|value| value.is_finite()) {
                let place = scale.place(*value);
                prop_assert!((-1e-6..=1.000_001).contains(&place), "{value} at {place} of {scale:?}");
            }
        }
    }
}
