//! The inside of an LSTM unit (Hochreiter and Schmidhuber 1997; forget gate: Gers et al. 2000), in
//! the usual form, in the lecture's second form, and with peepholes (Gers and Schmidhuber 2000).

use super::Gates;
use crate::sketch::{Anchor, Language, Op, Sketch, Tone, Wire};

/// Heights: the line of the cell state, the products, the gates, the line that the gates read.
const CELL: f64 = 60.0;
const PRODUCT: f64 = 130.0;
const GATE: f64 = 205.0;
const READ: f64 = 300.0;
/// Where each gate stands.
const FORGET: f64 = 150.0;
const INPUT: f64 = 270.0;
const CANDIDATE: f64 = 380.0;
const OUTPUT: f64 = 500.0;
/// The product that gives the output.
const LAST: f64 = 620.0;
const RIGHT: f64 = 740.0;

pub(super) fn sketch(language: Language, gates: Gates) -> Sketch {
    let title = match gates {
        Gates::Hidden => language.of("The LSTM unit", "L’unité LSTM"),
        Gates::Cell => language.of(
            "The LSTM unit, its gates reading the cell state",
            "L’unité LSTM, portes lisant l’état de cellule",
        ),
        Gates::Peephole => language.of(
            "The LSTM unit with peepholes",
            "L’unité LSTM à judas (peepholes)",
        ),
    };
    let mut s = Sketch::new(title, language);
    s.frame(Tone::Quiet, (0.0, 0.0, RIGHT, 345.0));
    cell_state(&mut s);
    read(&mut s, gates);
    gate_row(&mut s);
    output(&mut s, gates);
    if gates == Gates::Peephole {
        peepholes(&mut s);
    }
    formulas(&mut s, gates);
    s.remark(s.say(
        "⊙ product, + sum, element by element. Wires that join are read together; a dot divides a wire into copies.",
        "⊙ produit, + somme, terme à terme. Les fils qui se joignent sont lus ensemble ; un point divise un fil en copies.",
    ));
    s
}

/// The line at the top: what is kept, what is added.
fn cell_state(s: &mut Sketch) {
    let forget = s.operation(Op::Times, (FORGET, CELL));
    let add = s.operation(Op::Add, (CANDIDATE, CELL));
    s.arrow(Tone::Cell, &[(-70.0, CELL), forget.left()]);
    s.label((-80.0, CELL), Anchor::End, "$C_{t-1}$");
    s.arrow(Tone::Cell, &[forget.right(), add.left()]);
    s.arrow(Tone::Cell, &[add.right(), (RIGHT + 70.0, CELL)]);
    s.label((RIGHT + 80.0, CELL), Anchor::Start, "$C_t$");
}

/// The line at the bottom, that all gates read: X_t, with H_(t−1) or C_(t−1).
fn read(s: &mut Sketch, gates: Gates) {
    let (tone, past) = match gates {
        Gates::Cell => {
            s.dot(Tone::Cell, (36.0, CELL));
            (Tone::Cell, vec![(36.0, CELL), (36.0, READ), (90.0, READ)])
        }
        Gates::Hidden | Gates::Peephole => {
            s.label((-80.0, READ), Anchor::End, "$H_{t-1}$");
            (Tone::Output, vec![(-70.0, READ), (90.0, READ)])
        }
    };
    s.add(Wire::new(tone, &past).plain());
    let input = s.circle(Tone::Input, (72.0, 410.0), "$X_t$");
    s.add(Wire::new(Tone::Input, &[input.top(), (72.0, READ), (90.0, READ)]).plain());
    s.add(Wire::new(
        Tone::Ink,
        &[(90.0, READ), (OUTPUT, READ), (OUTPUT, GATE + 26.0)],
    ));
    for x in [FORGET, INPUT, CANDIDATE] {
        s.dot(Tone::Ink, (x, READ));
        s.arrow(Tone::Ink, &[(x, READ), (x, GATE + 26.0)]);
    }
}

fn gate_row(s: &mut Sketch) {
    let forget = s.block(Tone::Gate, (FORGET, GATE), (76.0, 52.0), "$σ$");
    let input = s.block(Tone::Gate, (INPUT, GATE), (76.0, 52.0), "$σ$");
    let candidate = s.block(Tone::Gate, (CANDIDATE, GATE), (76.0, 52.0), "$tanh$");
    let product = s.operation(Op::Times, (CANDIDATE, PRODUCT));
    s.arrow(Tone::Ink, &[forget.top(), (FORGET, CELL + 15.0)]);
    s.label((FORGET + 12.0, PRODUCT), Anchor::Start, "$F_t$");
    s.arrow(Tone::Ink, &[input.top(), (INPUT, PRODUCT), product.left()]);
    s.label((INPUT + 36.0, PRODUCT - 17.0), Anchor::Middle, "$I_t$");
    s.arrow(Tone::Ink, &[candidate.top(), product.bottom()]);
    s.label((CANDIDATE + 12.0, 162.0), Anchor::Start, "$G_t$");
    s.arrow(Tone::Ink, &[product.top(), (CANDIDATE, CELL + 15.0)]);
}

fn output(s: &mut Sketch, gates: Gates) {
    let gate = s.block(Tone::Gate, (OUTPUT, GATE), (76.0, 52.0), "$σ$");
    let squash = s.block(Tone::Quiet, (LAST, PRODUCT), (76.0, 44.0), "$tanh$");
    let product = s.operation(Op::Times, (LAST, GATE));
    s.dot(Tone::Cell, (LAST, CELL));
    s.arrow(Tone::Cell, &[(LAST, CELL), squash.top()]);
    s.arrow(Tone::Ink, &[squash.bottom(), product.top()]);
    s.arrow(Tone::Ink, &[gate.right(), product.left()]);
    s.label((570.0, GATE - 17.0), Anchor::Middle, "$O_t$");
    let given = s.circle(Tone::Output, (690.0, -70.0), "$Y_t$");
    let over = (690.0, CELL);
    if gates == Gates::Cell {
        // Nothing reads H at the next step: it only goes out.
        let up = [
            product.bottom(),
            (LAST, READ),
            (690.0, READ),
            given.bottom(),
        ];
        s.add(Wire::new(Tone::Output, &up).over(over));
        s.label((655.0, READ - 17.0), Anchor::Middle, "$H_t$");
    } else {
        let out = [product.bottom(), (LAST, READ), (RIGHT + 70.0, READ)];
        s.arrow(Tone::Output, &out);
        s.label((RIGHT + 80.0, READ), Anchor::Start, "$H_t$");
        s.dot(Tone::Output, (690.0, READ));
        s.add(Wire::new(Tone::Output, &[(690.0, READ), given.bottom()]).over(over));
    }
}

/// C_(t−1) to the gates F and I, C_t to O, unit by unit.
fn peepholes(s: &mut Sketch) {
    const DOWN: f64 = 36.0;
    const UNDER: f64 = 256.0;
    s.dot(Tone::Cell, (DOWN, CELL));
    s.add(
        Wire::new(
            Tone::Cell,
            &[(DOWN, CELL), (DOWN, GATE), (FORGET - 38.0, GATE)],
        )
        .dashed(),
    );
    s.dot(Tone::Cell, (80.0, GATE));
    let to_input = [
        (80.0, GATE),
        (80.0, UNDER),
        (INPUT - 60.0, UNDER),
        (INPUT - 60.0, GATE),
        (INPUT - 38.0, GATE),
    ];
    s.add(
        Wire::new(Tone::Cell, &to_input)
            .dashed()
            .over((FORGET, UNDER)),
    );
    s.dot(Tone::Cell, (OUTPUT, CELL));
    s.add(Wire::new(Tone::Cell, &[(OUTPUT, CELL), (OUTPUT, GATE - 26.0)]).dashed());
}

pub(super) fn formulas(s: &mut Sketch, gates: Gates) {
    match gates {
        Gates::Hidden => {
            s.formula("$F_t, I_t, O_t = σ(ω'_H H_{t-1} + ω'_X X_t + ω_0)$\u{2003}\u{2003}$G_t = tanh(ω'_H H_{t-1} + ω'_X X_t + ω_0)$");
        }
        Gates::Cell => {
            s.formula("$F_t, I_t, O_t = σ(ω'_C C_{t-1} + ω'_X X_t + ω_0)$\u{2003}\u{2003}$G_t = tanh(ω'_C C_{t-1} + ω'_X X_t + ω_0)$");
        }
        Gates::Peephole => {
            s.formula("$F_t, I_t = σ(ω'_H H_{t-1} + ω'_X X_t + ω_C ⊙ C_{t-1} + ω_0)$\u{2003}\u{2003}$G_t = tanh(ω'_H H_{t-1} + ω'_X X_t + ω_0)$");
            s.formula("$O_t = σ(ω'_H H_{t-1} + ω'_X X_t + ω_C ⊙ C_t + ω_0)$");
        }
    }
    s.formula("$C_t = F_t ⊙ C_{t-1} + I_t ⊙ G_t$\u{2003}\u{2003}$H_t = O_t ⊙ tanh C_t$\u{2003}\u{2003}$Y_t = H_t$");
    s.remark(s.say(
        "F forgets, I lets in, G proposes, O lets out; each gate has weights of its own.",
        "F oublie, I laisse entrer, G propose, O laisse sortir ; chaque porte a ses propres poids.",
    ));
}
