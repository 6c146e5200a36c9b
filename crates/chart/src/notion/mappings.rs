//! The four mappings of recurrent networks, each with the lecture's example.

use crate::sketch::{Anchor, Language, Sketch, Spot, Tone};

/// Between units, between panels; heights within a panel.
const PITCH: f64 = 92.0;
const ACROSS: f64 = 540.0;
const DOWN: f64 = 440.0;
const REACH: f64 = 105.0;

pub(super) fn sketch(language: Language) -> Sketch {
    let title = language.of(
        "Four mappings of a recurrent network",
        "Quatre applications d’un réseau récurrent",
    );
    let mut s = Sketch::new(title, language);
    series_to_series(&mut s, (0.0, 0.0));
    vector_to_series(&mut s, (ACROSS, 0.0));
    series_to_vector(&mut s, (0.0, DOWN));
    encoder_to_decoder(&mut s, (ACROSS, DOWN));
    s
}

fn panel(s: &mut Sketch, (x, y): (f64, f64), name: &'static str, example: &'static str) {
    s.frame(Tone::Quiet, (x - 245.0, y - 245.0, x + 245.0, y + 165.0));
    s.heading((x, y - 217.0), name);
    s.note((x, y - 190.0), Anchor::Middle, example);
}

/// Units in a row around a place, each handing its state to the next.
fn units(s: &mut Sketch, (x, y): (f64, f64), tones: &[Tone]) -> Vec<Spot> {
    let first = x - (tones.len() - 1) as f64 * PITCH / 2.0;
    let mut units: Vec<Spot> = Vec::with_capacity(tones.len());
    for (k, tone) in tones.iter().enumerate() {
        let unit = s.block(*tone, (first + k as f64 * PITCH, y), (56.0, 46.0), "");
        if let Some(before) = units.last() {
            s.arrow(Tone::Ink, &[before.right(), unit.left()]);
        }
        units.push(unit);
    }
    units
}

fn read(s: &mut Sketch, unit: Spot, letter: &str, word: &str) {
    let from = s.bead(Tone::Input, (unit.x, unit.y + REACH), letter);
    s.arrow(Tone::Ink, &[from.top(), unit.bottom()]);
    s.note((unit.x, unit.y + REACH + 36.0), Anchor::Middle, word);
}

fn give(s: &mut Sketch, unit: Spot, letter: &str, word: &str) {
    let to = s.bead(Tone::Output, (unit.x, unit.y - REACH), letter);
    s.arrow(Tone::Ink, &[unit.top(), to.bottom()]);
    s.note((unit.x, unit.y - REACH - 36.0), Anchor::Middle, word);
}

fn indexed(letter: char, index: usize) -> String {
    format!("${letter}_{index}$")
}

fn series_to_series(s: &mut Sketch, at: (f64, f64)) {
    let name = s.say("series – series", "série – série");
    let example = s.say(
        "time-series prediction: the next hour, at each hour",
        "prédiction de séries temporelles : l’heure suivante",
    );
    panel(s, at, name, example);
    for (k, unit) in units(s, at, &[Tone::Gate; 4]).into_iter().enumerate() {
        read(s, unit, &indexed('X', k + 1), &format!("{} h", k + 1));
        give(s, unit, &indexed('Y', k + 1), &format!("{} h", k + 2));
    }
}

fn vector_to_series(s: &mut Sketch, at: (f64, f64)) {
    let name = s.say("vector – series", "vecteur – série");
    let example = s.say("image annotation", "annotation d’images");
    panel(s, at, name, example);
    let words = s.say("a boat at sea", "un bateau en mer").split(' ');
    for (k, (unit, word)) in units(s, at, &[Tone::Gate; 4])
        .into_iter()
        .zip(words)
        .enumerate()
    {
        if k == 0 {
            read(s, unit, "$X$", "image");
        }
        give(s, unit, &indexed('Y', k + 1), word);
    }
}

fn series_to_vector(s: &mut Sketch, at: (f64, f64)) {
    let name = s.say("series – vector", "série – vecteur");
    let example = s.say("sentiment analysis", "analyse de sentiments");
    panel(s, at, name, example);
    let words = s.say("what a fine film", "un très beau film").split(' ');
    for (k, (unit, word)) in units(s, at, &[Tone::Gate; 4])
        .into_iter()
        .zip(words)
        .enumerate()
    {
        read(s, unit, &indexed('X', k + 1), word);
        if k == 3 {
            let verdict = s.say("positive", "positif");
            give(s, unit, "$Y$", verdict);
        }
    }
}

fn encoder_to_decoder(s: &mut Sketch, at: (f64, f64)) {
    let name = s.say("encoder – decoder", "encodeur – décodeur");
    let example = s.say("translation", "traduction");
    panel(s, at, name, example);
    let (english, french) = ("the sea rises", "la mer monte");
    let tones = [Tone::Gate, Tone::Gate, Tone::Cell, Tone::Cell, Tone::Cell];
    let row = units(s, at, &tones);
    let (source, target) = match s.say("en", "fr") {
        "en" => (english, french),
        _ => (french, english),
    };
    let source: Vec<&str> = source.split(' ').collect();
    let target: Vec<&str> = target.split(' ').collect();
    // Two units read, the second the last words together; three give.
    let read_words = [source[0].to_owned(), source[1..].join(" ")];
    for (k, (unit, word)) in row.iter().zip(&read_words).enumerate() {
        read(s, *unit, &indexed('X', k + 1), word);
    }
    for (k, (unit, word)) in row[2..].iter().zip(target).enumerate() {
        give(s, *unit, &indexed('Y', k + 1), word);
    }
    let (encoder, decoder) = (s.say("encoder", "encodeur"), s.say("decoder", "décodeur"));
    s.note((at.0 - 1.5 * PITCH, at.1 - 44.0), Anchor::Middle, encoder);
    s.note((at.0 + PITCH, at.1 + 44.0), Anchor::Middle, decoder);
}
