//! The architectures of autoencoders, small, side by side.

use crate::sketch::{Anchor, Op, Point, Shape, Sketch, Spot, Tone, Wire};

const ACROSS: f64 = 400.0;
const DOWN: f64 = 300.0;

/// Draws one architecture in its panel.
type Drawing = fn(&mut Sketch, Point);

/// Six panels below the height `y`.
pub(super) fn draw(s: &mut Sketch, y: f64) {
    // Title and note, each in English and French.
    let kinds: [(&str, &str, &str, &str, Drawing); 6] = [
        (
            "dense, undercomplete",
            "dense, sous-complet",
            "fewer units in the code than inputs",
            "moins d’unités dans le code que d’entrées",
            dense,
        ),
        (
            "denoising",
            "débruiteur",
            "reads X with noise, must give the clean X",
            "lit X bruité, doit rendre X propre",
            denoising,
        ),
        (
            "sparse",
            "parcimonieux",
            "many units in the code, few at work",
            "beaucoup d’unités dans le code, peu actives",
            sparse,
        ),
        (
            "variational",
            "variationnel",
            "the code is drawn at random: $Z = μ + σ ⊙ ε$",
            "le code est tiré au hasard : $Z = μ + σ ⊙ ε$",
            variational,
        ),
        (
            "convolutional",
            "convolutif",
            "maps grow smaller and more, then back",
            "des cartes petites et nombreuses, et retour",
            convolutional,
        ),
        (
            "recurrent",
            "récurrent",
            "a series to one vector, and back to a series",
            "une série vers un vecteur, puis vers une série",
            recurrent,
        ),
    ];
    for (k, (english, french, about, about_french, kind)) in kinds.into_iter().enumerate() {
        let at = (
            (k % 3) as f64 * ACROSS - ACROSS,
            y + 70.0 + (k / 3) as f64 * DOWN,
        );
        s.frame(
            Tone::Quiet,
            (at.0 - 188.0, at.1 - 110.0, at.0 + 188.0, at.1 + 165.0),
        );
        let name = s.say(english, french);
        s.heading((at.0, at.1 - 86.0), name);
        kind(s, at);
        let about = s.say(about, about_french);
        s.note((at.0, at.1 + 142.0), Anchor::Middle, about);
    }
}

/// A column of units; those of `active` are at work.
fn column(s: &mut Sketch, (x, y): Point, tone: Tone, count: usize, active: &[usize]) -> Vec<Spot> {
    (0..count)
        .map(|k| {
            let at = (x, y + (k as f64 - (count - 1) as f64 / 2.0) * 20.0);
            s.shape(Shape::Unit(active.contains(&k)), tone, at, (13.0, 13.0))
        })
        .collect()
}

/// Every unit of a column to every unit of the next.
fn connected(s: &mut Sketch, columns: &[Vec<Spot>]) {
    for pair in columns.windows(2) {
        for from in &pair[0] {
            for to in &pair[1] {
                let way = [from.right(), to.left()];
                s.add(Wire::new(Tone::Ink, &way).plain().thin());
            }
        }
    }
}

fn layers(s: &mut Sketch, (x, y): Point, counts: &[(usize, Tone)], active: Option<&[usize]>) {
    let middle = counts.len() / 2;
    let pitch = 280.0 / (counts.len() - 1) as f64;
    let columns: Vec<Vec<Spot>> = counts
        .iter()
        .enumerate()
        .map(|(k, (count, tone))| {
            let all: Vec<usize> = (0..*count).collect();
            let active = match active {
                Some(active) if k == middle => active,
                _ => &all,
            };
            let at = (x + (k as f64 - middle as f64) * pitch, y + 12.0);
            column(s, at, *tone, *count, active)
        })
        .collect();
    connected(s, &columns);
    for (k, letter) in [
        (0, "$X$"),
        (middle, "$Z$"),
        (counts.len() - 1, "$X\u{302}$"),
    ] {
        let x = x + (k as f64 - middle as f64) * pitch;
        s.note((x, y + 108.0), Anchor::Middle, letter);
    }
}

fn dense(s: &mut Sketch, at: Point) {
    let counts = [
        (7, Tone::Input),
        (4, Tone::Gate),
        (2, Tone::Cell),
        (4, Tone::Gate),
        (7, Tone::Output),
    ];
    layers(s, at, &counts, None);
}

fn sparse(s: &mut Sketch, at: Point) {
    let counts = [(5, Tone::Input), (8, Tone::Cell), (5, Tone::Output)];
    layers(s, at, &counts, Some(&[1, 5]));
}

/// Encoder and decoder of a small drawing.
fn taper(s: &mut Sketch, at: Point, narrows: bool) -> Spot {
    let (first, last) = if narrows { (1.0, 0.5) } else { (0.5, 1.0) };
    s.shape(Shape::Taper(first, last), Tone::Gate, at, (46.0, 84.0))
}

fn denoising(s: &mut Sketch, (x, y): Point) {
    let y = y + 10.0;
    let clean = s.bead(Tone::Input, (x - 158.0, y), "$X$");
    let add = s.operation(Op::Add, (x - 98.0, y));
    let noise = s.bead(Tone::Loss, (x - 98.0, y - 58.0), "$ε$");
    let encoder = taper(s, (x - 26.0, y), true);
    let code = s.bead(Tone::Cell, (x + 40.0, y), "$Z$");
    let decoder = taper(s, (x + 102.0, y), false);
    let given = s.bead(Tone::Output, (x + 162.0, y), "$X\u{302}$");
    s.arrow(Tone::Ink, &[clean.right(), add.left()]);
    s.arrow(Tone::Ink, &[noise.bottom(), add.top()]);
    s.arrow(Tone::Ink, &[add.right(), encoder.left()]);
    s.arrow(Tone::Ink, &[encoder.right(), code.left()]);
    s.arrow(Tone::Ink, &[code.right(), decoder.left()]);
    s.arrow(Tone::Ink, &[decoder.right(), given.left()]);
    let back = [
        given.bottom(),
        (x + 162.0, y + 72.0),
        (x - 158.0, y + 72.0),
        clean.bottom(),
    ];
    s.add(Wire::new(Tone::Loss, &back).dashed());
    s.note((x, y + 92.0), Anchor::Middle, "$X\u{302} ≈ X$");
}

fn variational(s: &mut Sketch, (x, y): Point) {
    let narrow = (34.0, 84.0);
    let read = s.bead(Tone::Input, (x - 162.0, y), "$X$");
    let encoder = s.shape(Shape::Taper(1.0, 0.5), Tone::Gate, (x - 112.0, y), narrow);
    let mean = s.bead(Tone::Cell, (x - 58.0, y - 36.0), "$μ$");
    let spread = s.bead(Tone::Cell, (x - 58.0, y + 46.0), "$σ$");
    let times = s.operation(Op::Times, (x - 6.0, y + 46.0));
    let add = s.operation(Op::Add, (x - 6.0, y));
    let noise = s.bead(Tone::Loss, (x - 6.0, y + 100.0), "$ε$");
    let code = s.bead(Tone::Cell, (x + 47.0, y), "$Z$");
    let decoder = s.shape(Shape::Taper(0.5, 1.0), Tone::Gate, (x + 102.0, y), narrow);
    let given = s.bead(Tone::Output, (x + 160.0, y), "$X\u{302}$");
    s.arrow(Tone::Ink, &[read.right(), encoder.left()]);
    let (right, _) = encoder.right();
    for (dy, drawn) in [(-12.0, mean), (12.0, spread)] {
        let from = (right, y + dy);
        s.arrow(Tone::Ink, &[from, drawn.toward(from)]);
    }
    s.arrow(Tone::Ink, &[mean.right(), (x - 6.0, y - 36.0), add.top()]);
    s.arrow(Tone::Ink, &[spread.right(), times.left()]);
    s.arrow(Tone::Ink, &[noise.top(), times.bottom()]);
    s.arrow(Tone::Ink, &[times.top(), add.bottom()]);
    s.arrow(Tone::Ink, &[add.right(), code.left()]);
    s.arrow(Tone::Ink, &[code.right(), decoder.left()]);
    s.arrow(Tone::Ink, &[decoder.right(), given.left()]);
}

fn convolutional(s: &mut Sketch, (x, y): Point) {
    let y = y + 12.0;
    let read = s.bead(Tone::Input, (x - 158.0, y), "$X$");
    let given = s.bead(Tone::Output, (x + 158.0, y), "$X\u{302}$");
    let maps = [
        (-107.0, 10.0, 130.0, Tone::Gate),
        (-60.0, 24.0, 84.0, Tone::Gate),
        (0.0, 44.0, 44.0, Tone::Cell),
        (60.0, 24.0, 84.0, Tone::Gate),
        (107.0, 10.0, 130.0, Tone::Gate),
    ];
    let mut before = read;
    for (dx, width, height, tone) in maps {
        let label = if tone == Tone::Cell { "$Z$" } else { "" };
        let map = s.block(tone, (x + dx, y), (width, height), label);
        s.arrow(Tone::Ink, &[before.right(), map.left()]);
        before = map;
    }
    s.arrow(Tone::Ink, &[before.right(), given.left()]);
}

fn recurrent(s: &mut Sketch, (x, y): Point) {
    let y = y + 22.0;
    let mut before: Option<Spot> = None;
    for k in 0..5 {
        let x = x + (f64::from(k) - 2.0) * 70.0;
        let unit = match k {
            2 => s.bead(Tone::Cell, (x, y), "$Z$"),
            _ => s.block(Tone::Gate, (x, y), (40.0, 36.0), ""),
        };
        if let Some(before) = before {
            s.arrow(Tone::Ink, &[before.right(), unit.left()]);
        }
        before = Some(unit);
        if k < 2 {
            let read = s.bead(Tone::Input, (x, y + 68.0), &format!("$X_{}$", k + 1));
            s.arrow(Tone::Ink, &[read.top(), unit.bottom()]);
        } else if k > 2 {
            let label = format!("$X\u{302}_{}$", k - 2);
            let given = s.bead(Tone::Output, (x, y - 62.0), &label);
            s.arrow(Tone::Ink, &[unit.top(), given.bottom()]);
        }
    }
}
