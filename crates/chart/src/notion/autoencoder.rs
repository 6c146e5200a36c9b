//! The autoencoder: the principle above, six architectures below.

use super::kinds;
use crate::sketch::{Anchor, Language, Shape, Sketch, Tone, Wire};

pub(super) fn sketch(language: Language) -> Sketch {
    let title = language.of(
        "The autoencoder: principle and architectures",
        "L’autoencodeur : principe et architectures",
    );
    let mut s = Sketch::new(title, language);
    principle(&mut s);
    kinds::draw(&mut s, 210.0);
    s.formula("$min  ‖X - X\u{302}‖^2$");
    s
}

fn principle(s: &mut Sketch) {
    let (encoder, decoder, code) = (
        s.say("encoder", "encodeur"),
        s.say("decoder", "décodeur"),
        "code",
    );
    let input = s.circle(Tone::Input, (-330.0, 0.0), "$X$");
    let narrow = s.shape(
        Shape::Taper(1.0, 0.55),
        Tone::Gate,
        (-170.0, 0.0),
        (150.0, 110.0),
    );
    s.label((-170.0, 0.0), Anchor::Middle, encoder);
    let middle = s.circle(Tone::Cell, (0.0, 0.0), "$Z$");
    let wide = s.shape(
        Shape::Taper(0.55, 1.0),
        Tone::Gate,
        (170.0, 0.0),
        (150.0, 110.0),
    );
    s.label((170.0, 0.0), Anchor::Middle, decoder);
    let output = s.circle(Tone::Output, (330.0, 0.0), "$X\u{302}$");
    s.arrow(Tone::Ink, &[input.right(), narrow.left()]);
    s.arrow(Tone::Ink, &[narrow.right(), middle.left()]);
    s.arrow(Tone::Ink, &[middle.right(), wide.left()]);
    s.arrow(Tone::Ink, &[wide.right(), output.left()]);
    s.note((0.0, 44.0), Anchor::Middle, code);
    let back = [
        output.bottom(),
        (330.0, 95.0),
        (-330.0, 95.0),
        input.bottom(),
    ];
    s.add(Wire::new(Tone::Loss, &back).dashed());
    let compared = s.say(
        "$X\u{302} ≈ X$: as near as the code allows",
        "$X\u{302} ≈ X$ : aussi proche que le code le permet",
    );
    s.note((0.0, 118.0), Anchor::Middle, compared);
}
