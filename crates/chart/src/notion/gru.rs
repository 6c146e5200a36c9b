//! The inside of a GRU unit (Cho et al. 2014), its reset gate acting after or before the product
//! with the recurrent weights.

use super::Reset;
use crate::sketch::{Anchor, Language, Op, Sketch, Tone, Wire};

/// Heights: the state's line, what is blended, the gates, the lines that the gates read.
const STATE: f64 = 60.0;
const BLEND: f64 = 125.0;
const GATE: f64 = 205.0;
const READ_STATE: f64 = 300.0;
const READ_INPUT: f64 = 345.0;
/// Where each gate stands; the product with the reset gate; the right end.
const UPDATE: f64 = 150.0;
const RESET: f64 = 280.0;
const PRODUCT: f64 = 385.0;
const RIGHT: f64 = 730.0;

pub(super) fn sketch(language: Language, reset: Reset) -> Sketch {
    let title = match reset {
        Reset::After => language.of(
            "The GRU unit, reset after the product",
            "L’unité GRU, réinitialisation après le produit",
        ),
        Reset::Before => language.of(
            "The GRU unit, reset before the product",
            "L’unité GRU, réinitialisation avant le produit",
        ),
    };
    let mut s = Sketch::new(title, language);
    let candidate = match reset {
        Reset::After => 500.0,
        Reset::Before => 590.0,
    };
    let right = RIGHT + candidate - 560.0;
    s.frame(Tone::Quiet, (0.0, 0.0, right, 390.0));
    state(&mut s, candidate, right);
    gates(&mut s, candidate);
    reset_state(&mut s, reset, candidate);
    formulas(&mut s, reset);
    s.remark(s.say(
        "⊙ product, + sum, 1− what is left to one, element by element. A dot divides a wire into copies.",
        "⊙ produit, + somme, 1− le complément à un, terme à terme. Un point divise un fil en copies.",
    ));
    s
}

/// The line at the top: the old state, of which Z keeps a share, and the new one.
fn state(s: &mut Sketch, candidate: f64, right: f64) {
    let keep = s.operation(Op::Times, (UPDATE, STATE));
    let add = s.operation(Op::Add, (candidate, STATE));
    s.arrow(Tone::Output, &[(-70.0, STATE), keep.left()]);
    s.label((-80.0, STATE), Anchor::End, "$H_{t-1}$");
    s.arrow(Tone::Output, &[keep.right(), add.left()]);
    s.arrow(Tone::Output, &[add.right(), (right + 70.0, STATE)]);
    s.label((right + 80.0, STATE), Anchor::Start, "$H_t$");
    let out = right - 60.0;
    let given = s.circle(Tone::Output, (out, -70.0), "$Y_t$");
    s.dot(Tone::Output, (out, STATE));
    s.arrow(Tone::Output, &[(out, STATE), given.bottom()]);
}

fn gates(s: &mut Sketch, candidate: f64) {
    let update = s.block(Tone::Gate, (UPDATE, GATE), (76.0, 52.0), "$σ$");
    let reset = s.block(Tone::Gate, (RESET, GATE), (76.0, 52.0), "$σ$");
    let new = s.block(Tone::Gate, (candidate, GATE), (76.0, 52.0), "$tanh$");
    let blend = s.operation(Op::Times, (candidate, BLEND));
    // Z keeps, 1 − Z lets the new in.
    s.arrow(Tone::Ink, &[update.top(), (UPDATE, STATE + 15.0)]);
    s.label((UPDATE - 12.0, 152.0), Anchor::End, "$Z_t$");
    s.dot(Tone::Ink, (UPDATE, BLEND));
    let rest = s.block(Tone::Quiet, (RESET, BLEND), (60.0, 36.0), "$1-$");
    s.arrow(Tone::Ink, &[(UPDATE, BLEND), rest.left()]);
    s.arrow(Tone::Ink, &[rest.right(), blend.left()]);
    s.arrow(Tone::Ink, &[new.top(), blend.bottom()]);
    s.label((candidate + 12.0, 160.0), Anchor::Start, "$G_t$");
    s.arrow(Tone::Ink, &[blend.top(), (candidate, STATE + 15.0)]);

    // X_t on the lower line, H_(t−1) on the upper; the lower one bridges the upper.
    let (left, right) = (-12.0, 12.0);
    let bottom = GATE + 26.0;
    s.dot(Tone::Output, (40.0, STATE));
    let down = [
        (40.0, STATE),
        (40.0, READ_STATE),
        (UPDATE + left, READ_STATE),
    ];
    s.add(Wire::new(Tone::Output, &down).plain());
    for x in [UPDATE + left, RESET + left] {
        s.dot(Tone::Output, (x, READ_STATE));
        s.arrow(Tone::Output, &[(x, READ_STATE), (x, bottom)]);
    }
    let input = s.circle(Tone::Input, (72.0, 460.0), "$X_t$");
    let along = [
        input.top(),
        (72.0, READ_INPUT),
        (candidate, READ_INPUT),
        (candidate, bottom),
    ];
    s.arrow(Tone::Input, &along);
    for x in [UPDATE + right, RESET + right] {
        s.dot(Tone::Input, (x, READ_INPUT));
        let up = Wire::new(Tone::Input, &[(x, READ_INPUT), (x, bottom)]);
        s.add(up.over((x, READ_STATE)));
    }
    s.arrow(Tone::Ink, &[reset.right(), (PRODUCT - 15.0, GATE)]);
    s.label((344.0, GATE - 17.0), Anchor::Middle, "$R_t$");
}

/// The state as the candidate reads it: reset and multiplied, in one order or the other.
fn reset_state(s: &mut Sketch, reset: Reset, candidate: f64) {
    let product = s.operation(Op::Times, (PRODUCT, GATE));
    let along = [(UPDATE - 12.0, READ_STATE), (PRODUCT, READ_STATE)];
    let entry = (candidate - 38.0, GATE);
    match reset {
        Reset::After => {
            let weights = s.block(Tone::Gate, (PRODUCT, 255.0), (60.0, 38.0), "$ω_H$");
            let [start, corner] = along;
            s.arrow(Tone::Output, &[start, corner, weights.bottom()]);
            s.arrow(Tone::Ink, &[weights.top(), product.bottom()]);
            s.arrow(Tone::Ink, &[product.right(), entry]);
        }
        Reset::Before => {
            let [start, corner] = along;
            s.arrow(Tone::Output, &[start, corner, product.bottom()]);
            let weights = s.block(Tone::Gate, (468.0, GATE), (60.0, 38.0), "$ω_H$");
            s.arrow(Tone::Ink, &[product.right(), weights.left()]);
            s.arrow(Tone::Ink, &[weights.right(), entry]);
        }
    }
}

pub(super) fn formulas(s: &mut Sketch, reset: Reset) {
    s.formula("$R_t, Z_t = σ(ω'_H H_{t-1} + ω'_X X_t + ω_0)$");
    s.formula(match reset {
        Reset::After => "$G_t = tanh(ω'_X X_t + R_t ⊙ (ω'_H H_{t-1} + ω_H) + ω_0)$",
        Reset::Before => "$G_t = tanh(ω'_X X_t + ω'_H (R_t ⊙ H_{t-1}) + ω_0)$",
    });
    s.formula("$H_t = Z_t ⊙ H_{t-1} + (1 - Z_t) ⊙ G_t$\u{2003}\u{2003}$Y_t = H_t$");
    s.remark(s.say(
        "R resets what the candidate G reads, Z keeps what was; each gate has weights of its own.",
        "R efface ce que lit le candidat G, Z garde ce qui était ; chaque porte a ses propres poids.",
    ));
}
