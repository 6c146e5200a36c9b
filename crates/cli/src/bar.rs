//! Progress of a training: a bar with rate and remaining time on a terminal, plain lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use ressac_train::{MetricsLine, Progress, StepEvent};

use crate::output::Output;

/// Lines closer together than this tell nothing new in a log.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// Tells a training's progress on standard error.
pub(crate) struct Bar {
    output: Output,
    bar: Option<ProgressBar>,
    told: Instant,
    first_step: Option<u64>,
}

impl Bar {
    /// A bar over `planned` steps, or lines when standard error is no terminal.
    pub(crate) fn new(output: &Output, planned: u64) -> Self {
        let bar = (!output.quiet() && stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(planned);
            // The template is a constant, so it parses; the default style is the fallback.
            let template = "{bar:32} {pos}/{len} steps · {per_sec} · at most {eta} left · {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar
        });
        Self {
            output: *output,
            bar,
            told: Instant::now(),
            first_step: None,
        }
    }

    /// Clears the bar, so that what follows starts on a clean line.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => self.output.say(text),
        }
    }
}

impl Progress for Bar {
    fn step(&mut self, event: &StepEvent) {
        let first = *self.first_step.get_or_insert(event.step);
        if let Some(bar) = &self.bar {
            if event.step == first {
                // A resumed training starts here: earlier steps say nothing about this run's pace.
                bar.set_position(event.step);
                bar.reset_eta();
            }
            bar.set_position(event.step);
            bar.set_message(format!(
                "epoch {}/{} · loss {:.4}",
                event.epoch, event.epochs, event.loss
            ));
        } else if self.told.elapsed() >= BETWEEN_LINES {
            self.told = Instant::now();
            let rate = (event.step - first + 1) as f64 / event.elapsed.as_secs_f64().max(1e-9);
            let left = (event.planned - event.step) as f64 / rate;
            self.line(&format!(
                "step {}/{} · epoch {}/{} · loss {:.4} · {rate:.1} steps/s · at most {} left",
                event.step,
                event.planned,
                event.epoch,
                event.epochs,
                event.loss,
                duration(left)
            ));
        }
    }

    fn share(&mut self, items: usize, of: usize) {
        self.first_step = None;
        self.line(&format!(
            "learning curve: the same training on {items} of the {of}"
        ));
    }

    fn validated(&mut self, line: &MetricsLine, best: bool) {
        self.told = Instant::now();
        let valid = line
            .valid_loss
            .map_or_else(String::new, |loss| format!(" · validation loss {loss:.4}"));
        let figures: String = line
            .valid
            .iter()
            .map(|(name, value)| format!(" · {name} {value:.4}"))
            .collect();
        self.line(&format!(
            "step {}, epoch {} · training loss {:.4}{valid}{figures}{} · {}",
            line.step,
            epochs(line.epoch),
            line.train_loss,
            if best { " (best)" } else { "" },
            duration(line.seconds)
        ));
        for note in &line.notes {
            self.line(note);
        }
    }
}

/// Epochs, whole ones without digits behind the point.
fn epochs(count: f64) -> String {
    match count.fract() == 0.0 {
        true => format!("{count:.0}"),
        false => format!("{count:.2}"),
    }
}

/// Seconds as people say them: `45 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match whole {
        0 if seconds > 0.0 => "less than 1 s".into(),
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        assert_eq!(duration(0.2), "less than 1 s");
        assert_eq!(duration(59.4), "59 s");
        assert_eq!(duration(200.0), "3 min 20 s");
        assert_eq!(duration(7500.0), "2 h 5 min");
    }
}
