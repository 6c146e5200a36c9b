//! The recurrent neuron (or layer): a loop that carries the output into the next step, and the same
//! thing unfolded over time.

use super::Steps;
use super::unfolded::{Carried, Unfolded};
use crate::sketch::{Anchor, Language, Sketch, Tone, Wire};

pub(super) fn sketch(language: Language, steps: Option<Steps>) -> Sketch {
    let title = match steps {
        None => language.of("The recurrent neuron", "Le neurone récurrent"),
        Some(_) => language.of(
            "The recurrent neuron, folded and unfolded",
            "Le neurone récurrent, replié et déplié",
        ),
    };
    let mut s = Sketch::new(title, language);
    looped(&mut s);
    if let Some(steps) = steps {
        s.add(Wire::new(Tone::Quiet, &[(130.0, 0.0), (205.0, 0.0)]));
        let word = s.say("unfold", "déplier");
        s.note((166.0, -20.0), Anchor::Middle, word);
        Unfolded {
            cell: "$Σ | φ$",
            carried: &[Carried {
                tone: Tone::Output,
                letter: "Y",
                weight: "$ω_Y$",
                dy: 0.0,
            }],
            input_weight: "$ω_X$",
        }
        .draw(&mut s, 370.0, steps);
    }
    s.formula("$Y_t = φ(ω'_X X_t + ω'_Y Y_{t-1} + ω_0)$");
    s.remark(match steps {
        None => s.say(
            "The output comes back one step later: what was read before has its part in what comes out now.",
            "La sortie revient un pas plus tard : ce qui fut lu avant a sa part dans ce qui sort maintenant.",
        ),
        Some(_) => s.say(
            "The same weights at every step.",
            "Les mêmes poids à chaque pas.",
        ),
    });
    s
}

fn looped(s: &mut Sketch) {
    let cell = s.block(Tone::Gate, (0.0, 0.0), (96.0, 72.0), "$Σ | φ$");
    let input = s.circle(Tone::Input, (0.0, 130.0), "$X_t$");
    let output = s.circle(Tone::Output, (0.0, -150.0), "$Y_t$");
    s.arrow(Tone::Ink, &[input.top(), cell.bottom()]);
    s.label((14.0, 70.0), Anchor::Start, "$ω_X$");
    s.arrow(Tone::Ink, &[cell.top(), output.bottom()]);
    s.dot(Tone::Output, (0.0, -80.0));
    let delay = s.block(Tone::Quiet, (-150.0, -40.0), (74.0, 40.0), "");
    let word = s.say("1 step", "1 pas");
    s.note((-150.0, -40.0), Anchor::Middle, word);
    s.arrow(Tone::Output, &[(0.0, -80.0), (-150.0, -80.0), delay.top()]);
    s.arrow(Tone::Output, &[delay.bottom(), (-150.0, 0.0), cell.left()]);
    s.label((-92.0, 20.0), Anchor::Middle, "$ω_Y$");
    s.label((-160.0, 14.0), Anchor::End, "$Y_{t-1}$");
}
