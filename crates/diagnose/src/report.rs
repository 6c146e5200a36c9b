//! The diagnosis as one self-contained page.

use ressac_chart::Page;
use ressac_train::one_digit;

use super::figures::{gradient_plot, histogram, jacobian_plot, loss_plot, memory_plot, rate_plot};
use super::rate_test::RateTest;
use super::saturation::named;
use super::sentence::amount;
use super::{Diagnosis, GONE};

/// Gates of so many layers are drawn one by one.
const LAYERS_DRAWN: usize = 3;

/// What the page is about.
#[derive(Debug, Clone)]
pub struct About {
    /// The model's folder.
    pub model: String,
    /// The part looked at (`validation part`), and of which files.
    pub part: String,
}

/// The diagnosis as HTML.
pub fn page(diagnosis: &Diagnosis, about: &About) -> String {
    let unit = diagnosis.unit();
    let mut page = Page::new(format!("Diagnosis of {}", about.model))
        .paragraph(&format!(
            "{} with {} of {} units, reading {} {unit}. {} {}, spread evenly over the {}.",
            diagnosis.model,
            plural(diagnosis.layers, "layer"),
            diagnosis.hidden,
            diagnosis.steps,
            diagnosis.items,
            diagnosis.item_name,
            about.part
        ))
        .notice(&diagnosis.verdict.sentence.replace('`', ""))
        .figures(&key_figures(diagnosis))
        .heading("What was asked, in this order")
        .table(
            &["question", "so?", "found", "yes from"],
            &checks(diagnosis),
        )
        .heading("The gradient on its way back")
        .paragraph(
            "To learn that something long ago matters, the error made at the end has to travel back to that moment. At each step it is multiplied by the step's Jacobian. If it shrinks at each step, what is far back gets no correction: the gradient vanishes. If it grows, one far step outshouts all others: it explodes.",
        )
        .plot(&gradient_plot(diagnosis), &gradient_caption(diagnosis))
        .heading("What a step does to the state")
        .paragraph(
            "The product of the Jacobians from then to now says what is left of a small change of the carried state. Its largest singular value belongs to the direction that keeps most, its smallest to the one that keeps least.",
        )
        .plot(&jacobian_plot(diagnosis), &jacobian_caption(diagnosis));
    page = gates(page, diagnosis);
    page = page
        .heading("How far back it remembers")
        .paragraph(&format!(
            "One step of the past is taken from another one of the {}, and the {} made anew. How much it changes says whether the network still uses that step.",
            diagnosis.item_name, diagnosis.gives
        ))
        .plot(&memory_plot(diagnosis), &memory_caption(diagnosis));
    page = learning(page, diagnosis);
    page.details("How this was measured", |page| method(page, diagnosis))
        .render()
}

fn plural(count: usize, word: &str) -> String {
    match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    }
}

fn key_figures(diagnosis: &Diagnosis) -> Vec<(&'static str, String, String)> {
    let unit = match diagnosis.segment {
        1 => "steps",
        _ => "segments",
    };
    let mut figures = vec![
        (
            "gradient: a thousandth after",
            diagnosis
                .gradient
                .gone_after
                .map_or_else(|| "not within".into(), |gone| format!("{gone} {unit}")),
            format!("of {} read", diagnosis.steps),
        ),
        (
            "growth of a state, per step",
            format!("{:+.3}", diagnosis.jacobian.growth_rate),
            match diagnosis.jacobian.steps_to_a_thousandth() {
                Some(steps) => format!("a thousandth after {steps:.0}"),
                None => "above 0: it grows".into(),
            },
        ),
        (
            "memory",
            format!("{} {unit}", diagnosis.memory.length),
            format!("needed: {}", diagnosis.needed),
        ),
    ];
    if let Some(constant) = &diagnosis.saturation.time_constant {
        figures.push((
            "a unit keeps its value for",
            format!("{} {unit}", amount(constant.mean)),
            format!("mean {} = {:.2}", constant.gate, constant.mean_gate),
        ));
    }
    if let Some(rate) = diagnosis.rate_test.as_ref().and_then(|test| test.suggested) {
        figures.push((
            "learning rate to try",
            one_digit(rate),
            format!("trained with {}", diagnosis.learning_rate),
        ));
    }
    figures
}

fn checks(diagnosis: &Diagnosis) -> Vec<Vec<String>> {
    let row = |check: &super::Check| {
        let answer = match check.is_so {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        vec![
            check.question.to_owned(),
            answer.to_owned(),
            check.found.clone(),
            check.threshold.clone(),
        ]
    };
    diagnosis.verdict.checks.iter().map(row).collect()
}

fn gradient_caption(diagnosis: &Diagnosis) -> String {
    let gradient = &diagnosis.gradient;
    let fate = match gradient.gone_after {
        Some(gone) => format!(
            "After {gone} {} less than {GONE} of the gradient at the last step is left: what lies farther back is hardly learnt from.",
            diagnosis.unit()
        ),
        None => format!(
            "At the oldest step {} of the gradient at the last step is left.",
            amount(gradient.left)
        ),
    };
    format!(
        "{fate} The lines are means over {} sequences, the bands hold 80 % of them; what is below a trillionth of the largest is not drawn.",
        diagnosis.sequences
    )
}

fn jacobian_caption(diagnosis: &Diagnosis) -> String {
    let jacobian = &diagnosis.jacobian;
    let rate = jacobian.growth_rate;
    let fate = match jacobian.steps_to_a_thousandth() {
        Some(steps) => format!(
            "a thousandth is left after about {steps:.0} {}",
            diagnosis.unit()
        ),
        None => "changes grow: the gradient can explode".to_owned(),
    };
    let only_largest = match jacobian.log10_median.is_empty() {
        true => format!(
            " Of a state of {} numbers only the largest is found, by power iteration.",
            jacobian.carried
        ),
        false => String::new(),
    };
    format!(
        "At 1 a change of the state arrives as large as it was. In the long run the direction that keeps most is multiplied by {:.3} at each step (growth λ = {rate:+.3}): {fate}. Means of the logarithms over {} sequences; the smallest are not resolved below 1e-14 of the largest.{only_largest}",
        rate.exp(),
        jacobian.sequences
    )
}

fn gates(page: Page, diagnosis: &Diagnosis) -> Page {
    let saturation = &diagnosis.saturation;
    let explained = match diagnosis.cell {
        "rnn" => match saturation.gates.first() {
            None => {
                "A plain unit has no gates, and the activation of these has no ends at which they could be stuck."
            }
            Some(values) if values.signed => {
                "A plain unit has no gates; its output h is a tanh. Near −1 and 1 the tanh is flat, and nothing is learnt through it."
            }
            Some(_) => {
                "A plain unit has no gates; its output h is a sigmoid. Near 0 and 1 the sigmoid is flat, and nothing is learnt through it."
            }
        },
        "minimal-gru" => {
            "z says how much of the old state gives way to the new value, which has no ends. A z near 0 is what a long memory looks like, and no fault."
        }
        "minimal-lstm" => {
            "f/(f + i) of the old state is kept, and i/(f + i) of the new value taken, which has no ends. An f far above i is what a long memory looks like, and no fault."
        }
        "gru" | "gru-before" => {
            "r says how much of the old state the new value n reads, z how much of the old state is kept. At either end a gate's slope is small, so it hardly learns. A z near 1 is what a long memory looks like, and no fault."
        }
        _ => {
            "i lets the new value g in, f keeps the old cell c, o lets the cell out. At 0 a gate is shut, at 1 it is open; at either end its slope is small, so it hardly learns. An f near 1 is what a long memory looks like, and no fault."
        }
    };
    let rows: Vec<Vec<String>> = saturation
        .gates
        .iter()
        .map(|values| {
            vec![
                named(values, diagnosis.layers),
                format!("{:.3}", values.mean),
                format!("{:.1}", 100.0 * values.low),
                format!("{:.1}", 100.0 * values.high),
            ]
        })
        .collect();
    let drawings: Vec<String> = saturation
        .gates
        .iter()
        .filter(|values| values.layer <= LAYERS_DRAWN)
        .map(|values| histogram(values, diagnosis.layers).render())
        .collect();
    let page = page.heading("Where the gates stand").paragraph(explained);
    if rows.is_empty() {
        return page;
    }
    let page = page
        .table(&["gate", "mean", "lower end, %", "upper end, %"], &rows)
        .paragraph(&format!(
            "Lower end: below 0.05, or below −0.95 of a tanh; upper end: above 0.95. Over all units, steps and {}.",
            diagnosis.item_name
        ))
        .grid(&drawings);
    match &saturation.time_constant {
        None => page,
        Some(constant) => page.paragraph(&format!(
            "{} keeps a value for 1/(1 − {}) {}: {} in the mean, {} for the middle unit, and {} or more for the slowest tenth of the units.",
            constant.gate,
            constant.gate,
            diagnosis.unit(),
            amount(constant.mean),
            amount(constant.median_unit),
            amount(constant.slow_unit),
        )),
    }
}

fn memory_caption(diagnosis: &Diagnosis) -> String {
    let memory = &diagnosis.memory;
    format!(
        "Through the recurrence the last {} {} change the {} by more than {} % of its spread; {} are wanted ({}). By all ways, what goes past the recurrence included, it is the last {}.",
        memory.length,
        diagnosis.unit(),
        diagnosis.gives,
        100.0 * memory.threshold,
        diagnosis.needed,
        diagnosis.needed_why,
        memory.whole_length
    )
}

fn learning(page: Page, diagnosis: &Diagnosis) -> Page {
    let mut page = page.heading("How fast it learnt");
    page = match &diagnosis.convergence {
        None => page.paragraph(
            "The folder has no metrics.jsonl, so the course of the training is not known.",
        ),
        Some(found) => {
            let slope = found.slope_per_epoch.map_or_else(
                || "Too few validations to tell a slope.".to_owned(),
                |slope| {
                    format!(
                        "Over the last half of the training its loss changed by {:+.1} % an epoch.",
                        100.0 * (slope.exp() - 1.0)
                    )
                },
            );
            let share = found.last_quarter.map_or_else(String::new, |share| {
                format!(
                    " {:.0} % of its whole fall came in the last quarter.",
                    100.0 * share
                )
            });
            page.plot(&loss_plot(found), &format!("{slope}{share}"))
        }
    };
    match &diagnosis.rate_test {
        None => page.paragraph("The learning-rate range test was left out."),
        Some(test) => page
            .paragraph("A fresh network is trained for a few steps while the learning rate rises from tiny to far too large. A good rate is where the loss falls fastest, well before it blows up.")
            .plot(&rate_plot(test, diagnosis.learning_rate), &rate_caption(test, diagnosis.learning_rate)),
    }
}

fn rate_caption(test: &RateTest, used: f64) -> String {
    let steepest = test.steepest.map_or_else(
        || "The loss never fell clearly".to_owned(),
        |rate| format!("The loss falls fastest at about {}", one_digit(rate)),
    );
    let diverges = test.diverges.map_or_else(
        || "did not blow up".to_owned(),
        |rate| format!("blows up (twice its lowest) at {}", one_digit(rate)),
    );
    let cut = match test.cut_short {
        true => " The clock ended the test early; give it longer with --time-limit.",
        false => "",
    };
    format!(
        "{steepest} and {diverges}; the model was trained at {used}. {} steps, one batch each.{cut}",
        test.rates.len()
    )
}

fn method(page: Page, diagnosis: &Diagnosis) -> Page {
    page.paragraph(&format!(
        "The recurrence looked at is {}. Its carried state s holds the states of all {}: {} numbers. The gradient of the loss to the last s is exact (automatic differentiation of head and loss); from there back the recurrence is evaluated in double precision with exact Jacobians ∂s_t/∂s_(t−1).",
        diagnosis.looked_at,
        plural(diagnosis.layers, "layer"),
        diagnosis.jacobian.carried
    ))
    .paragraph(&format!(
        "The spread of the {0}s is their standard deviation over the {1}, everything that goes past the recurrence included: a step counts by what it is worth to the {0}.",
        diagnosis.gives, diagnosis.item_name
    ))
    .paragraph("Growth per step: the largest Lyapunov exponent along each sequence, by Gram–Schmidt at every step. Range test: Smith 2017; smoothing 0.9; a rate to try is the steepest one, at most a third of the one at which the loss blows up. Every number is in diagnose.json.")
}
