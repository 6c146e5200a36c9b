//! A line plot in Braille characters: two by four dots in each, so that a forecast can be seen in
//! any terminal.

use std::fmt::Write;

/// Dots of one character, column by column, as bits of the Braille block (U+2800).
const DOTS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];

/// Draws `past` and then `future`, with a line between them; `width` and `height` in characters.
///
/// Values that are not finite leave a gap.
pub(crate) fn plot(past: &[f64], future: &[f64], width: usize, height: usize) -> String {
    let values: Vec<f64> = past.iter().chain(future).copied().collect();
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    if low > high || width == 0 || height == 0 {
        return String::new();
    }
    let (columns, rows) = (2 * width, 4 * height);
    let span = if high > low { high - low } else { 1.0 };
    let x = |index: usize| index * (columns - 1) / values.len().saturating_sub(1).max(1);
    let y = |value: f64| ((high - value) / span * (rows - 1) as f64).round() as usize;
    let mut cells = vec![0_u32; width * height];
    let mut dot = |x: usize, y: usize| cells[y / 4 * width + x / 2] |= DOTS[x % 2][y % 4];
    for (index, pair) in values.windows(2).enumerate() {
        if pair[0].is_finite() && pair[1].is_finite() {
            segment((x(index), y(pair[0])), (x(index + 1), y(pair[1])), &mut dot);
        }
    }
    if let [single] = values[..] {
        dot(0, y(single));
    }

    let labels = [format!("{high:.4}"), format!("{low:.4}")].map(|label| shortened(&label));
    let margin = labels
        .iter()
        .map(|label| label.chars().count())
        .max()
        .unwrap_or(0);
    // The line stands at the first character that is wholly the future's.
    let border = (!future.is_empty()).then(|| x(past.len()) / 2);
    let mut text = String::new();
    for row in 0..height {
        let label = match row {
            0 => labels[0].as_str(),
            row if row + 1 == height => labels[1].as_str(),
            _ => "",
        };
        let _ = write!(text, "{label:>margin$} ");
        for column in 0..width {
            let bits = cells[row * width + column];
            text.push(if bits == 0 && border == Some(column) {
                '┊'
            } else {
                char::from_u32(0x2800 + bits).unwrap_or(' ')
            });
        }
        text.push('\n');
    }
    text
}

/// Dots from one point to the other, as many as the longer side needs.
fn segment(from: (usize, usize), to: (usize, usize), dot: &mut impl FnMut(usize, usize)) {
    let steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
    let between = |a: usize, b: usize, step: usize| {
        (a as f64 + (b as f64 - a as f64) * step as f64 / steps as f64).round() as usize
    };
    for step in 0..=steps {
        dot(between(from.0, to.0, step), between(from.1, to.1, step));
    }
}

/// A label without the zeros that say nothing.
fn shortened(label: &str) -> String {
    label.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_line_goes_from_the_lower_left_to_the_upper_right() {
        let text = plot(&[0.0, 1.0, 2.0, 3.0], &[], 2, 1);
        assert_eq!(text, "3 ⡠⠊\n");
    }

    #[test]
    fn the_forecast_begins_at_a_line_of_its_own() {
        let text = plot(&[0.0; 10], &[5.0; 10], 20, 4);
        assert_eq!(text.lines().count(), 4);
        assert!(text.contains('┊'), "{text}");
        assert!(text.starts_with("5 ") && text.contains("\n0 "), "{text}");
    }

    #[test]
    fn constant_short_or_missing_values_do_not_upset_it() {
        for (past, future) in [
            (vec![2.0; 3], vec![]),
            (vec![1.0], vec![]),
            (vec![], vec![]),
            (vec![f64::NAN], vec![1.0]),
        ] {
            let text = plot(&past, &future, 5, 2);
            assert!(text.lines().count() <= 2);
        }
    }
}
