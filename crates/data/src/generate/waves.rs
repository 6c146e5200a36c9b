//! Labelled sequences of our own making.

use crate::draws::Draws;
use crate::error::Place;
use crate::examples::{Examples, Inputs, Origin, Sequence, Sequences};

const SHAPES: [&str; 4] = ["sine", "square", "sawtooth", "chirp"];

/// `count` sequences of one dimension and 40 to 120 steps, each a wave of one of four classes:
/// `sine`, `square`, `sawtooth`, or `chirp`, whose frequency rises threefold from start to end.
///
/// Period, phase, size and level are drawn for each; noise of a quarter of the size lies on top, so
/// that no single step tells the class. The same seed gives the same bits on every machine, and
/// more sequences only add to the first.
pub fn waves(seed: u64, count: usize) -> Examples {
    let mut draws = Draws::of_purpose(seed, "waves");
    let (mut items, mut labels) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for _ in 0..count {
        let shape = draws.below(SHAPES.len());
        labels.push(SHAPES[shape].to_owned());
        let steps = 40 + draws.below(81);
        let period = 12.0 + 12.0 * draws.uniform();
        let phase = draws.uniform();
        let size = 0.5 + 1.5 * draws.uniform();
        let level = draws.normal();
        let values = (0..steps).map(|step| {
            let turns = phase + step as f64 / period;
            let wave = match shape {
                0 => sine(turns),
                1 => sine(turns).signum(),
                2 => 2.0 * (turns - turns.floor()) - 1.0,
                _ => {
                    // From half the frequency to one and a half times it.
                    let along = step as f64 / steps as f64;
                    sine(phase + step as f64 / period * (0.5 + 0.5 * along))
                }
            };
            rounded(level + size * (wave + 0.25 * draws.normal()))
        });
        items.push(Sequence {
            values: values.collect(),
            steps,
        });
    }
    Examples {
        inputs: Inputs::Sequences(Sequences {
            dims: vec!["value".to_owned()],
            items,
        }),
        labels: Some(labels),
        origins: (1..=count).map(origin).collect(),
        files: vec!["waves".into()],
        media: None,
    }
}

fn sine(turns: f64) -> f64 {
    libm::sin(std::f64::consts::TAU * turns)
}

/// To three digits after the point, so that the file stays small.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// Where a generated example comes from: a row of no file.
pub(super) fn origin(row: usize) -> Origin {
    Origin {
        file: 0,
        place: Place::Row(row),
        id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{ExampleOptions, read_examples_bytes, write_ts};
    use crate::fingerprint;

    #[test]
    fn a_seed_gives_the_same_sequences_and_more_only_add_to_them() {
        let mut bytes = Vec::new();
        write_ts(&waves(1, 100), "waves", &mut bytes).unwrap();
        // Recorded from this very generator: it changes only if the data of every seed changes.
        assert_eq!(
            fingerprint::bytes(&bytes),
            "6cf6f97f928d62e021528f9151c164ea6e7ab93a5ef14232d8e185199ab9dc10"
        );
        let (short, long) = (waves(7, 5), waves(7, 50));
        let (Inputs::Sequences(short), Inputs::Sequences(long)) = (&short.inputs, &long.inputs)
        else {
            panic!("expected sequences")
        };
        assert_eq!(short.items[..], long.items[..5]);
        assert_eq!(long.items[0].dim(0).len(), long.items[0].steps);
    }

    #[test]
    fn what_is_written_can_be_read_with_its_four_classes() {
        let made = waves(3, 200);
        let mut bytes = Vec::new();
        write_ts(&made, "waves", &mut bytes).unwrap();
        let files = [("waves.ts".as_ref(), &bytes[..])];
        let (read, _) = read_examples_bytes(&files, &ExampleOptions::default()).unwrap();
        assert_eq!((&read.inputs, &read.labels), (&made.inputs, &made.labels));
        assert_eq!(read.classes(), ["chirp", "sawtooth", "sine", "square"]);
        assert!(waves(3, 0).is_empty());
    }
}
