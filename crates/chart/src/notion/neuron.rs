//! The formal neuron (McCulloch and Pitts 1943), spelt out and condensed.

use crate::sketch::{Anchor, Language, Shape, Sketch, Tone, Wire};

pub(super) fn sketch(language: Language) -> Sketch {
    let mut s = Sketch::new(
        language.of("The formal neuron", "Le neurone formel"),
        language,
    );
    spelt_out(&mut s);
    condensed(&mut s);
    s.formula("$Y = φ(ω_0 + ω_1 X^1 + ω_2 X^2 + … + ω_p X^p) = φ(ω_0 + ω' X)$");
    s.remark(s.say(
        "It sees one X and keeps nothing of those before: a neuron without a loop has no memory.",
        "Il voit un seul X et ne garde rien des précédents : un neurone sans boucle n’a pas de mémoire.",
    ));
    s
}

fn spelt_out(s: &mut Sketch) {
    let heading = s.say("spelt out", "forme développée");
    s.heading((230.0, -190.0), heading);
    let sum = s.shape(Shape::Circle, Tone::Gate, (230.0, 0.0), (72.0, 72.0));
    s.label((230.0, 0.0), Anchor::Middle, "$Σ$");
    let inputs = [
        (-110.0, "$X^1$", "$ω_1$"),
        (-30.0, "$X^2$", "$ω_2$"),
        (120.0, "$X^p$", "$ω_p$"),
    ];
    for (y, input, weight) in inputs {
        let from = s.circle(Tone::Input, (0.0, y), input);
        let [start, end] = from.to(sum);
        s.arrow(Tone::Ink, &[start, end]);
        // Beside the wire, a third of the way along.
        let at = (
            start.0 + 0.36 * (end.0 - start.0),
            start.1 + 0.36 * (end.1 - start.1),
        );
        let above = if y > 0.0 { -22.0 } else { -20.0 - 0.04 * y };
        s.label((at.0, at.1 + above), Anchor::Middle, weight);
    }
    for y in [34.0, 45.0, 56.0] {
        s.shape(Shape::Dot, Tone::Input, (0.0, y), (5.0, 5.0));
    }
    let bias = s.circle(Tone::Quiet, (230.0, -110.0), "$1$");
    s.arrow(Tone::Ink, &[bias.bottom(), sum.top()]);
    s.label((244.0, -61.0), Anchor::Start, "$ω_0$");
    let activation = s.block(Tone::Gate, (340.0, 0.0), (60.0, 60.0), "$φ$");
    let output = s.circle(Tone::Output, (450.0, 0.0), "$Y$");
    s.arrow(Tone::Ink, &[sum.right(), activation.left()]);
    s.arrow(Tone::Ink, &[activation.right(), output.left()]);
    let note = s.say("sum", "somme");
    s.note((230.0, 54.0), Anchor::Middle, note);
    s.note((340.0, 54.0), Anchor::Middle, "activation");
}

fn condensed(s: &mut Sketch) {
    let heading = s.say("condensed", "forme condensée");
    s.heading((750.0, -190.0), heading);
    let input = s.circle(Tone::Input, (610.0, 0.0), "$X$");
    let neuron = s.block(Tone::Gate, (750.0, 0.0), (96.0, 72.0), "$Σ | φ$");
    let output = s.circle(Tone::Output, (890.0, 0.0), "$Y$");
    s.arrow(Tone::Ink, &[input.right(), neuron.left()]);
    s.label((668.0, -18.0), Anchor::Middle, "$ω$");
    s.arrow(Tone::Ink, &[neuron.right(), output.left()]);
    let (x, y) = neuron.top();
    s.arrow(Tone::Ink, &[(x, y - 56.0), (x, y)]);
    s.label((x, y - 72.0), Anchor::Middle, "$ω_0$");
    let note = s.say("all of $X^1, …, X^p$", "tous les $X^1, …, X^p$");
    s.note((610.0, 46.0), Anchor::Middle, note);
    // Between the two forms.
    s.add(
        Wire::new(Tone::Quiet, &[(520.0, -190.0), (520.0, 150.0)])
            .plain()
            .thin(),
    );
}
