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
    /// Whether equal ratios, not equal differences, are equally far apart.
    pub(crate) log: bool,
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

    /// The finite values' range as it is, with ticks inside it; nothing without a finite value. Between
    /// whole numbers (steps, epochs) there are no ticks.
    pub(crate) fn within(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Scale> {
        let mut whole = true;
        let (low, high) = range(values.inspect(|value| whole &= value.fract() == 0.0))?;
        let step = round_step((high - low) / ticks.max(1) as f64);
        let step = if whole { step.max(1.0) } else { step };
        Some(Self::with_ticks(low, high, step))
    }

    /// A logarithmic scale over the finite values above zero, widened to whole ticks: powers of ten,
    /// and 1, 2, 5 times them where the range is short; nothing without such a value.
    pub(crate) fn logarithmic(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Scale> {
        let above = values.filter(|value| *value > 0.0 && value.is_finite());
        let (low, high) = above
            .map(|value| value.clamp(1.0 / LARGEST, LARGEST).log10())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            });
        if low > high {
            return None;
        }
        let near = 1e-9;
        let first = (low + near).floor() as i32;
        let last = ((high - near).ceil() as i32).max(first + 1);
        let ticks = ticks.max(1) as i32;
        let values: Vec<f64> = if last - first <= 2 {
            let steps: Vec<f64> = (first..=last)
                .flat_map(|power| [1.0, 2.0, 5.0].map(|m| m * 10_f64.powi(power)))
                .collect();
            let start = steps.iter().rposition(|step| step.log10() <= low + near);
            let end = steps.iter().position(|step| step.log10() >= high - near);
            let (start, end) = (start.unwrap_or(0), end.unwrap_or(steps.len() - 1));
            // A single value on a tick still needs room above it.
            steps[start..=end.max(start + 1).min(steps.len() - 1)].to_vec()
        } else {
            let step = (last - first + ticks - 1) / ticks;
            let (first, last) = (first.div_euclid(step), -((-last).div_euclid(step)));
            (first..=last)
                .map(|k| 10_f64.powi((k * step).clamp(-307, 307)))
                .collect()
        };
        let label = |value: f64| match value {
            v if (1e-3..1e4).contains(&v) => short(v),
            v => scientific(v),
        };
        Some(Scale {
            low: values[0],
            high: values[values.len() - 1],
            ticks: values.iter().map(|value| (*value, label(*value))).collect(),
            log: true,
        })
    }

    /// A logarithmic scale over the values' range as it is, widened to the marks above zero, with powers of ten inside
    /// it; nothing unless the values are all above zero and the largest is more than a hundred times the least.
    /// Values that are not finite do not count.
    pub(crate) fn skewed(
        values: impl Iterator<Item = f64>,
        marks: impl Iterator<Item = f64>,
        ticks: usize,
    ) -> Option<Scale> {
        let ends = |(low, high): (f64, f64), value: f64| {
            let value = value.clamp(1.0 / LARGEST, LARGEST);
            (low.min(value), high.max(value))
        };
        let mut above = true;
        let (low, high) = values
            .filter(|value| value.is_finite())
            .inspect(|value| above &= *value > 0.0)
            .fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        if !above || low > high || high / low <= 100.0 {
            return None;
        }
        let (low, high) = marks.filter(|x| x.is_finite()).fold((low, high), ends);
        let mut scale = Scale::logarithmic([low, high].into_iter(), ticks)?;
        scale.ticks.retain(|(tick, _)| (low..=high).contains(tick));
        Some(Scale { low, high, ..scale })
    }

    /// The value at a place, where [`Scale::place`] finds it again.
    pub(crate) fn value_at(&self, place: f64) -> f64 {
        if self.log {
            let (low, high) = (self.low.log10(), self.high.log10());
            return 10_f64.powf(low + place * (high - low));
        }
        self.low + place * (self.high - self.low)
    }

    /// Where a value stands between the ends: 0 at `low`, 1 at `high`.
    pub(crate) fn place(&self, value: f64) -> f64 {
        if self.log {
            let (low, high) = (self.low.log10(), self.high.log10());
            return (value.clamp(1.0 / LARGEST, LARGEST).log10() - low) / (high - low);
        }
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
            log: false,
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

/// A single value in four digits: `1234`, `0.0312`, `2.5e−7`.
pub(crate) fn short(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-3..1e6).contains(&magnitude) {
        return scientific(value);
    }
    let digits = (3.0 - magnitude.max(1e-3).log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{:.digits$}", value + 0.0);
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    text.replace('-', "\u{2212}")
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

    #[test]
    fn between_whole_numbers_there_are_no_ticks() {
        let ticks = |values: &[f64]| -> Vec<String> {
            let scale = Scale::within(values.iter().copied(), 6).unwrap();
            scale.ticks.into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(ticks(&[1.0, 2.0, 3.0]), ["1", "2", "3"]);
        assert_eq!(ticks(&[1.0, 2.5, 3.0]), ["1.0", "1.5", "2.0", "2.5", "3.0"]);
        assert_eq!(ticks(&[1.0]), ["1"]);
        assert_eq!(ticks(&[0.0, 24.0]), ["0", "5", "10", "15", "20"]);
    }

    fn log_ticks(values: &[f64]) -> Vec<String> {
        let scale = Scale::logarithmic(values.iter().copied(), 5).unwrap();
        scale.ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_or_near_them() {
        assert_eq!(log_ticks(&[0.03, 80.0]), ["0.01", "0.1", "1", "10", "100"]);
        assert_eq!(log_ticks(&[0.3, 4.0]), ["0.2", "0.5", "1", "2", "5"]);
        assert_eq!(log_ticks(&[0.1, 1.0]), ["0.1", "0.2", "0.5", "1"]);
        assert_eq!(log_ticks(&[1.0]), ["1", "2"]);
        assert_eq!(
            log_ticks(&[3e-9, 2.0]),
            ["1e−10", "1e−8", "1e−6", "1e−4", "0.01", "1", "100"]
        );
        assert_eq!(
            log_ticks(&[-1.0, 0.0, f64::INFINITY, 2e4, 3e5]),
            ["2e4", "5e4", "1e5", "2e5", "5e5"]
        );
        assert_eq!(Scale::logarithmic([0.0, -1.0].into_iter(), 5), None);
        let scale = Scale::logarithmic([1.0, 100.0].into_iter(), 5).unwrap();
        assert!((scale.place(10.0) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn only_numbers_above_zero_and_far_apart_are_skewed() {
        let skewed = |values: &[f64], mark: f64| {
            Scale::skewed(values.iter().copied(), [mark].into_iter(), 6)
        };
        let scale = skewed(&[0.03, f64::NAN, 80.0], 200.0).unwrap();
        let ticks: Vec<&str> = scale.ticks.iter().map(|(_, label)| &**label).collect();
        assert_eq!(ticks, ["0.1", "1", "10", "100"]);
        assert_eq!((scale.low, scale.high), (0.03, 200.0));
        assert!((scale.place(scale.value_at(0.3)) - 0.3).abs() < 1e-12);
        for values in [&[1.0, 100.0][..], &[0.0, 1e3], &[1e-310, 1e-305], &[]] {
            assert_eq!(skewed(values, 1e9), None, "{values:?}");
        }
    }

    #[test]
    fn a_single_value_is_said_in_four_digits() {
        for (value, said) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1234.6, "1235"),
            (-0.031_25, "−0.03125"),
            (9.9996, "10"),
            (120.0, "120"),
            (2.5e-7, "2.5e−7"),
            (3e9, "3e9"),
        ] {
            assert_eq!(short(value), said);
        }
    }

    proptest! {
        #[test]
        fn any_numbers_above_zero_get_few_logarithmic_ticks_and_lie_on_the_axis(
            values in prop::collection::vec(proptest::num::f64::ANY, 0..20),
        ) {
            let Some(scale) = Scale::logarithmic(values.iter().copied(), 5) else {
                prop_assert!(values.iter().all(|value| !(value.is_finite() && *value > 0.0)));
                return Ok(());
            };
            prop_assert!((2..=9).contains(&scale.ticks.len()), "{scale:?}");
            prop_assert!(scale.ticks.windows(2).all(|pair| pair[0].0 < pair[1].0));
            for value in values.iter().filter(|value| value.is_finite() && **value > 0.0) {
                let place = scale.place(*value);
                prop_assert!((-1e-6..=1.000_001).contains(&place), "{value} at {place} of {scale:?}");
            }
        }

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
