//! Units side by side, one for each step, and what each hands to the next.

use super::{Gates, Reset, Steps, gru, lstm, rnn};
use crate::sketch::{Anchor, Language, Sketch, Tone, Wire};

/// What a unit hands to the next.
pub(super) struct Carried<'a> {
    pub(super) tone: Tone,
    pub(super) letter: &'a str,
    /// The weights on its wire; none where they are inside the unit.
    pub(super) weight: &'a str,
    /// Its height relative to the middle of the unit.
    pub(super) dy: f64,
}

/// A recurrence over time.
pub(super) struct Unfolded<'a> {
    pub(super) cell: &'a str,
    pub(super) carried: &'a [Carried<'a>],
    pub(super) input_weight: &'a str,
}

/// From one unit to the next.
const PITCH: f64 = 150.0;

impl Unfolded<'_> {
    /// Draws the steps, the first unit's middle at `x`.
    pub(super) fn draw(&self, s: &mut Sketch, x: f64, steps: Steps) {
        let steps = steps.get();
        let tall = if self.carried.len() > 1 { 96.0 } else { 72.0 };
        let mut before: Option<f64> = None;
        for step in 1..=steps {
            let x = x + (step - 1) as f64 * PITCH;
            let unit = s.block(Tone::Gate, (x, 0.0), (96.0, tall), self.cell);
            let input = s.circle(Tone::Input, (x, 130.0), &format!("$X_{{{step}}}$"));
            s.arrow(Tone::Ink, &[input.top(), unit.bottom()]);
            s.label((x + 10.0, 74.0), Anchor::Start, self.input_weight);
            let output = s.circle(Tone::Output, (x, -150.0), &format!("$Y_{{{step}}}$"));
            s.arrow(Tone::Ink, &[unit.top(), output.bottom()]);
            for carried in self.carried {
                let y = carried.dy;
                let from = before.unwrap_or(x - PITCH + 10.0 + 48.0);
                s.arrow(carried.tone, &[(from, y), (x - 48.0, y)]);
                let above = match carried.weight {
                    "" => format!("${}_{{{}}}$", carried.letter, step - 1),
                    weight => weight.to_owned(),
                };
                if before.is_none() {
                    let start = format!("${}_0$", carried.letter);
                    s.label((from - 8.0, y), Anchor::End, &start);
                }
                if before.is_some() || !carried.weight.is_empty() {
                    s.label(
                        ((from + x - 48.0) / 2.0 - 4.0, y - 17.0),
                        Anchor::Middle,
                        &above,
                    );
                }
            }
            before = Some(x + 48.0);
        }
        // Out of the last unit the series goes on.
        let from = before.unwrap_or(x);
        for carried in self.carried {
            let y = carried.dy;
            s.add(Wire::new(carried.tone, &[(from, y), (from + 44.0, y)]));
            let end = format!("${}_{{{steps}}}$", carried.letter);
            s.label((from + 52.0, y), Anchor::Start, &end);
        }
    }
}

fn sketch(
    language: Language,
    title: &str,
    cell: &str,
    carried: &[Carried<'_>],
    steps: Steps,
) -> Sketch {
    let mut s = Sketch::new(title, language);
    Unfolded {
        cell,
        carried,
        input_weight: "",
    }
    .draw(&mut s, 0.0, steps);
    s
}

fn same_weights(s: &mut Sketch) {
    s.remark(s.say(
        "One unit at successive steps: the same weights in every box.",
        "Une même unité à des pas successifs : les mêmes poids dans chaque boîte.",
    ));
}

const HIDDEN: Carried<'static> = Carried {
    tone: Tone::Output,
    letter: "H",
    weight: "",
    dy: 0.0,
};

pub(super) fn rnn(language: Language, steps: Steps) -> Sketch {
    let title = language.of(
        "The simple recurrent unit, unfolded",
        "L’unité récurrente simple, dépliée",
    );
    let mut s = sketch(language, title, "RNN", &[HIDDEN], steps);
    rnn::formulas(&mut s);
    same_weights(&mut s);
    s
}

pub(super) fn lstm(language: Language, gates: Gates, steps: Steps) -> Sketch {
    let title = language.of("LSTM, unfolded", "LSTM déplié");
    let cell = Carried {
        tone: Tone::Cell,
        letter: "C",
        weight: "",
        dy: -24.0,
    };
    // Where the gates read the cell state, nothing reads the hidden state of the step before.
    let mut s = match gates {
        Gates::Cell => {
            let cell = Carried { dy: 0.0, ..cell };
            sketch(language, title, "LSTM", &[cell], steps)
        }
        Gates::Hidden | Gates::Peephole => {
            let hidden = Carried { dy: 24.0, ..HIDDEN };
            sketch(language, title, "LSTM", &[cell, hidden], steps)
        }
    };
    lstm::formulas(&mut s, gates);
    same_weights(&mut s);
    s
}

pub(super) fn gru(language: Language, reset: Reset, steps: Steps) -> Sketch {
    let title = language.of("GRU, unfolded", "GRU déplié");
    let mut s = sketch(language, title, "GRU", &[HIDDEN], steps);
    gru::formulas(&mut s, reset);
    same_weights(&mut s);
    s
}
