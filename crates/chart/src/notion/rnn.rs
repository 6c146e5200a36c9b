//! The inside of a simple recurrent unit (Elman 1990).

use crate::sketch::{Anchor, Language, Op, Sketch, Tone, Wire};

pub(super) fn sketch(language: Language) -> Sketch {
    let title = language.of("The simple recurrent unit", "L’unité récurrente simple");
    let mut s = Sketch::new(title, language);
    s.frame(Tone::Quiet, (0.0, 0.0, 480.0, 230.0));
    let past = s.block(Tone::Gate, (90.0, 110.0), (68.0, 50.0), "$ω_H$");
    let weights = s.block(Tone::Gate, (190.0, 185.0), (68.0, 50.0), "$ω_X$");
    let sum = s.operation(Op::Add, (190.0, 110.0));
    let tanh = s.block(Tone::Gate, (295.0, 110.0), (80.0, 50.0), "$tanh$");
    s.arrow(Tone::Output, &[(-70.0, 110.0), past.left()]);
    s.label((-80.0, 110.0), Anchor::End, "$H_{t-1}$");
    let input = s.circle(Tone::Input, (190.0, 300.0), "$X_t$");
    s.arrow(Tone::Input, &[input.top(), weights.bottom()]);
    s.arrow(Tone::Ink, &[past.right(), sum.left()]);
    s.arrow(Tone::Ink, &[weights.top(), sum.bottom()]);
    s.arrow(Tone::Ink, &[(190.0, 62.0), sum.top()]);
    s.label((190.0, 44.0), Anchor::Middle, "$ω_0$");
    s.arrow(Tone::Ink, &[sum.right(), tanh.left()]);
    s.arrow(Tone::Output, &[tanh.right(), (550.0, 110.0)]);
    s.label((560.0, 110.0), Anchor::Start, "$H_t$");
    s.dot(Tone::Output, (410.0, 110.0));
    let output = s.circle(Tone::Output, (410.0, -70.0), "$Y_t$");
    s.add(Wire::new(Tone::Output, &[(410.0, 110.0), output.bottom()]));
    formulas(&mut s);
    s.remark(s.say(
        "+ sum; a dot divides a wire into copies. H comes back at the next step through the same weights.",
        "+ somme ; un point divise un fil en copies. H revient au pas suivant par les mêmes poids.",
    ));
    s
}

pub(super) fn formulas(s: &mut Sketch) {
    s.formula("$H_t = tanh(ω'_X X_t + ω'_H H_{t-1} + ω_0)$");
    s.formula("$Y_t = H_t$");
}
