//! The generative adversarial network (Goodfellow et al. 2014): two networks, two losses.

use crate::sketch::{Anchor, Language, Sketch, Tone, Wire};

pub(super) fn sketch(language: Language) -> Sketch {
    let title = language.of(
        "The generative adversarial network (GAN)",
        "Le réseau antagoniste génératif (GAN)",
    );
    let mut s = Sketch::new(title, language);
    let noise = s.circle(Tone::Loss, (0.0, 90.0), "$Z$");
    let generator = s.say("$G$\ngenerator", "$G$\ngénérateur");
    let generator = s.block(Tone::Gate, (150.0, 90.0), (130.0, 76.0), generator);
    let fake = s.circle(Tone::Cell, (310.0, 90.0), "$X\u{303}$");
    let real = s.circle(Tone::Input, (310.0, -90.0), "$X$");
    let discriminator = s.say("$D$\ndiscriminator", "$D$\ndiscriminateur");
    let discriminator = s.block(Tone::Gate, (500.0, 0.0), (140.0, 90.0), discriminator);
    let verdict = s.say("real or\nmade?", "réel ou\nfabriqué ?");
    let said = s.block(Tone::Output, (670.0, 0.0), (104.0, 76.0), "");
    for (row, line) in verdict.split('\n').enumerate() {
        s.note((670.0, -10.0 + 20.0 * row as f64), Anchor::Middle, line);
    }
    let to_d = s.block(Tone::Loss, (850.0, -60.0), (76.0, 50.0), "$L_D$");
    let to_g = s.block(Tone::Loss, (850.0, 60.0), (76.0, 50.0), "$L_G$");

    s.arrow(Tone::Ink, &[noise.right(), generator.left()]);
    s.arrow(Tone::Ink, &[generator.right(), fake.left()]);
    let (left, _) = discriminator.left();
    s.arrow(
        Tone::Ink,
        &[real.right(), (385.0, -90.0), (385.0, -18.0), (left, -18.0)],
    );
    s.arrow(
        Tone::Ink,
        &[fake.right(), (385.0, 90.0), (385.0, 18.0), (left, 18.0)],
    );
    s.arrow(Tone::Ink, &[discriminator.right(), said.left()]);
    s.dot(Tone::Ink, (765.0, 0.0));
    s.add(Wire::new(Tone::Ink, &[said.right(), (765.0, 0.0)]).plain());
    s.arrow(Tone::Ink, &[(765.0, 0.0), (765.0, -60.0), to_d.left()]);
    s.arrow(Tone::Ink, &[(765.0, 0.0), (765.0, 60.0), to_g.left()]);
    let up = [
        to_d.top(),
        (850.0, -145.0),
        (500.0, -145.0),
        discriminator.top(),
    ];
    s.add(Wire::new(Tone::Loss, &up).dashed());
    let down = [
        to_g.bottom(),
        (850.0, 180.0),
        (150.0, 180.0),
        generator.bottom(),
    ];
    s.add(Wire::new(Tone::Loss, &down).dashed());

    let (noise, data, made) = (
        s.say("noise", "bruit"),
        s.say("data", "données"),
        s.say("made", "fabriqué"),
    );
    s.note((0.0, 134.0), Anchor::Middle, noise);
    s.note((310.0, -134.0), Anchor::Middle, data);
    s.note((310.0, 134.0), Anchor::Middle, made);
    let (d, g) = (
        s.say(
            "gradient: $D$ learns to tell them apart",
            "gradient : $D$ apprend à les distinguer",
        ),
        s.say(
            "gradient: $G$ learns to be taken for real",
            "gradient : $G$ apprend à passer pour réel",
        ),
    );
    s.note((675.0, -164.0), Anchor::Middle, d);
    s.note((500.0, 200.0), Anchor::Middle, g);
    s.formula("$X\u{303} = G(Z)$\u{2003}\u{2003}$L_D = -log D(X) - log(1 - D(X\u{303}))$\u{2003}\u{2003}$L_G = -log D(X\u{303})$");
    s
}
