//! The figures of a diagnosis.

use ressac_chart::{BarPlot, Plot};

use super::Diagnosis;
use super::convergence::Convergence;
use super::gradient::Curve;
use super::rate_test::RateTest;
use super::saturation::{BARS, GateValues, named};

/// What lies so far below the largest value of a plot is not drawn.
const DRAWN: f64 = 1e-12;

/// The figures by themselves, each with a name for its file.
pub fn figures(diagnosis: &Diagnosis) -> Vec<(String, String)> {
    let mut figures = vec![
        ("gradient".to_owned(), gradient_plot(diagnosis).render()),
        ("jacobian".to_owned(), jacobian_plot(diagnosis).render()),
        ("memory".to_owned(), memory_plot(diagnosis).render()),
    ];
    for values in &diagnosis.saturation.gates {
        let name = format!("gate-{}-{}", values.layer, values.gate.replace(' ', "-"));
        figures.push((name, histogram(values, diagnosis.layers).render()));
    }
    if let Some(convergence) = &diagnosis.convergence {
        figures.push(("loss".to_owned(), loss_plot(convergence).render()));
    }
    if let Some(test) = &diagnosis.rate_test {
        let plot = rate_plot(test, diagnosis.learning_rate);
        figures.push(("learning-rate".to_owned(), plot.render()));
    }
    figures
}

/// The axis of all plots through time.
fn back(diagnosis: &Diagnosis) -> String {
    format!("{} back from the last one read", diagnosis.unit())
}

/// The values of a curve as far as they can be told from nothing.
fn points(values: &[f64]) -> Vec<(f64, f64)> {
    let floor = DRAWN
        * values
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .fold(0.0, f64::max);
    let seen = |value: f64| if value > floor { value } else { f64::NAN };
    values
        .iter()
        .enumerate()
        .map(|(k, value)| (k as f64, seen(*value)))
        .collect()
}

fn banded(plot: Plot, (name, short): (&str, &str), curve: &Curve) -> Plot {
    let line = points(&curve.mean);
    let x: Vec<f64> = line.iter().map(|(x, _)| *x).collect();
    // A band beside a mean that is not drawn would hang in the air.
    let only = |values: &[f64]| -> Vec<f64> {
        let shown = values.iter().zip(&line);
        let least = DRAWN * curve.mean.iter().copied().fold(0.0, f64::max);
        shown
            .map(|(v, (_, y))| if y.is_nan() { *y } else { v.max(least) })
            .collect()
    };
    plot.band(
        format!("{short}, 80 %"),
        &x,
        &only(&curve.low),
        &only(&curve.high),
    )
    .line(name, &line)
}

pub(super) fn gradient_plot(diagnosis: &Diagnosis) -> Plot {
    let gradient = &diagnosis.gradient;
    let mut plot = Plot::new("Gradient of the loss at each past step")
        .x_label(back(diagnosis))
        .y_label("norm of the gradient, logarithmic")
        .y_log();
    plot = banded(plot, ("to the output h", "h"), &gradient.hidden);
    if let Some(cell) = &gradient.cell {
        plot = banded(plot, ("to the cell c", "c"), cell);
    }
    plot = banded(plot, ("to the input x", "x"), &gradient.input);
    match gradient.gone_after {
        Some(gone) => plot.mark(gone as f64, "a thousandth left"),
        None => plot,
    }
}

pub(super) fn jacobian_plot(diagnosis: &Diagnosis) -> Plot {
    let jacobian = &diagnosis.jacobian;
    let line = |logs: &[f64]| -> Vec<(f64, f64)> {
        let most = jacobian
            .log10_largest
            .iter()
            .copied()
            .fold(f64::MIN, f64::max);
        jacobian
            .steps
            .iter()
            .zip(logs)
            .map(|(k, log)| {
                let seen = *log > most + DRAWN.log10();
                (*k as f64, if seen { 10.0_f64.powf(*log) } else { f64::NAN })
            })
            .collect()
    };
    let mut plot = Plot::new("Singular values of the Jacobian product")
        .x_label(back(diagnosis))
        .y_label("factor on a change of the state, logarithmic")
        .y_log()
        .line("largest", &line(&jacobian.log10_largest));
    if !jacobian.log10_median.is_empty() {
        plot = plot
            .line("median", &line(&jacobian.log10_median))
            .line("smallest", &line(&jacobian.log10_smallest));
    }
    plot
}

pub(super) fn histogram(values: &GateValues, layers: usize) -> BarPlot {
    let (from, width) = if values.signed {
        (-1.0, 2.0)
    } else {
        (0.0, 1.0)
    };
    let label = |bar: usize| format!("{:.2}", from + width * bar as f64 / BARS as f64);
    let labels: Vec<String> = (0..BARS).map(label).collect();
    let shares: Vec<f64> = values.histogram.iter().map(|share| 100.0 * share).collect();
    BarPlot::new(named(values, layers), &labels)
        .x_label("value of the gate, each bar from")
        .y_label("% of the values")
        .bars("", &shares)
}

pub(super) fn memory_plot(diagnosis: &Diagnosis) -> Plot {
    let memory = &diagnosis.memory;
    let line = |values: &[f64]| -> Vec<(f64, f64)> {
        let percent = |(back, value): (&usize, &f64)| (*back as f64, 100.0 * value);
        memory.back.iter().zip(values).map(percent).collect()
    };
    let last = memory.back.last().copied().unwrap_or(0) as f64;
    let threshold = 100.0 * memory.threshold;
    Plot::new(format!(
        "Change of the {} by one past step",
        diagnosis.gives
    ))
    .x_label(back(diagnosis))
    .y_label(format!(
        "% of the spread of the {}s, logarithmic",
        diagnosis.gives
    ))
    .y_log()
    .line("through the recurrence", &line(&memory.recurrent))
    .line("by all ways", &line(&memory.whole))
    .line(
        format!("threshold, {threshold} %"),
        &[(0.0, threshold), (last, threshold)],
    )
}

pub(super) fn loss_plot(convergence: &Convergence) -> Plot {
    let x = || convergence.epochs.iter().copied();
    let train: Vec<(f64, f64)> = x().zip(convergence.train_loss.iter().copied()).collect();
    let valid = convergence
        .valid_loss
        .iter()
        .map(|loss| loss.unwrap_or(f64::NAN));
    let valid: Vec<(f64, f64)> = x().zip(valid).collect();
    Plot::new("Loss by epoch")
        .x_label("epoch")
        .y_label("loss, logarithmic")
        .y_log()
        .line("training", &train)
        .line("validation", &valid)
}

pub(super) fn rate_plot(test: &RateTest, used: f64) -> Plot {
    let lowest = test
        .smoothed
        .iter()
        .copied()
        .filter(|v| v.is_finite())
        .fold(f64::MAX, f64::min);
    let line = |values: &[f64]| -> Vec<(f64, f64)> {
        let points = test.rates.iter().zip(values);
        // What is far above the rest would flatten all else.
        let seen = |loss: f64| if loss < 8.0 * lowest { loss } else { f64::NAN };
        points
            .map(|(rate, loss)| (rate.log10(), seen(*loss)))
            .collect()
    };
    let mut plot = Plot::new("Learning-rate range test")
        .x_label("log10 of the learning rate (−3 is 0.001)")
        .y_label("loss of a fresh network, logarithmic")
        .y_log()
        .line("each batch", &line(&test.losses))
        .line("smoothed", &line(&test.smoothed))
        .mark(used.log10(), "used");
    if let Some(rate) = test.steepest {
        plot = plot.mark(rate.log10(), "best");
    }
    if let Some(rate) = test.diverges {
        plot = plot.mark(rate.log10(), "too high");
    }
    plot
}
