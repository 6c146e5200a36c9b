//! Attention against `f64` and finite differences, and its promises about bits.
use super::reference::{Given, TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_same_bits, bits_of, central_differences, close_on_every_set, contexts,
    numbers, same_bits_everywhere, unwritten, wide,
};
use crate::context::WORTH_SHARING;
use crate::golden_file::folder;

/// Batch, targets, sources, width, values.
type Shape = [usize; 5];

#[derive(Debug, Clone)]
struct Case {
    shape: Shape,
    additive: bool,
    lengths: Option<(Vec<usize>, Vec<usize>)>,
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    vector: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(shape: Shape, additive: bool, padded: bool) -> Self {
        let [batch, targets, sources, width, values] = shape;
        let lengths = || {
            let of_targets = (0..batch).map(|sentence| (targets + sentence * 5) % (targets + 1));
            let of_sources = (0..batch).map(|sentence| 1 + (sources + sentence * 7 - 1) % sources);
            (of_targets.collect(), of_sources.collect())
        };
        Self {
            shape,
            additive,
            lengths: padded.then(lengths),
            queries: numbers(1, batch * targets * width, 1.5),
            keys: numbers(2, batch * sources * width, 1.5),
            values: numbers(3, batch * sources * values, 1.0),
            vector: numbers(4, width, 4.0 / (width as f32).sqrt()),
            output_gradient: numbers(5, batch * targets * values, 1.0),
        }
    }

    fn attention(&self) -> Attention<'_> {
        let [batch, targets, sources, width, values] = self.shape;
        let lengths = self.lengths.as_ref();
        Attention {
            score: match self.additive {
                true => Score::Additive {
                    vector: &self.vector,
                },
                false => Score::Dot {
                    scale: 1.0 / (width as f32).sqrt(),
                },
            },
            batch,
            targets,
            sources,
            width,
            values,
            target_lengths: lengths.map(|(targets, _)| targets.as_slice()),
            source_lengths: lengths.map(|(_, sources)| sources.as_slice()),
        }
    }

    fn operands(&self) -> Operands<'_> {
        Operands {
            queries: &self.queries,
            keys: &self.keys,
            values: &self.values,
        }
    }

    fn given(&self) -> Given {
        [&self.queries, &self.keys, &self.values, &self.vector].map(|given| wide(given))
    }

    fn reference(&self) -> Results<f64> {
        let dy = wide(&self.output_gradient);
        reference(&self.attention(), &self.given(), &dy)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let [batch, targets, sources, ..] = self.shape;
        let (attention, operands) = (self.attention(), self.operands());
        let mut output = unwritten(self.output_gradient.len());
        let mut weights = unwritten(batch * targets * sources);
        attention
            .forward(context, operands, &mut output, &mut weights)
            .unwrap();
        let [mut queries, mut keys, mut values] =
            [&self.queries, &self.keys, &self.values].map(|given| unwritten(given.len()));
        let mut vector = self.additive.then(|| unwritten(self.vector.len()));
        let gradients = AttentionGradients {
            queries: Some(&mut queries),
            keys: Some(&mut keys),
            values: Some(&mut values),
            vector: vector.as_deref_mut(),
        };
        let dy = &self.output_gradient;
        attention
            .backward(context, operands, &weights, dy, gradients)
            .unwrap();
        Results::new([
            ("output", output),
            ("weights", weights),
            ("d queries", queries),
            ("d keys", keys),
            ("d values", values),
        ])
        .with("d vector", vector)
    }

    /// One sentence, its real steps alone.
    fn only(&self, sentence: usize) -> Self {
        let [_, targets, sources, width, values] = self.shape;
        let (real_targets, real) = self.attention().real(sentence);
        let part = |all: &[f32], steps: usize, real: usize, width: usize| {
            all[sentence * steps * width..][..real * width].to_vec()
        };
        Self {
            shape: [1, real_targets, real, width, values],
            additive: self.additive,
            lengths: None,
            queries: part(&self.queries, targets, real_targets, width),
            keys: part(&self.keys, sources, real, width),
            values: part(&self.values, sources, real, values),
            vector: self.vector.clone(),
            output_gradient: part(&self.output_gradient, targets, real_targets, values),
        }
    }

    /// Whether a step of a sentence is padding, of its targets or its sources.
    fn is_padding(&self, sentence: usize, step: usize, of_targets: bool) -> bool {
        let (targets, sources) = self.attention().real(sentence);
        step >= if of_targets { targets } else { sources }
    }

    fn name(&self) -> String {
        let padded = self.lengths.is_some();
        format!(
            "{:?}, additive {}, padded {padded}",
            self.shape, self.additive
        )
    }
}

/// One of each, unequal primes, whole and broken vectors, more sources than a vector has lanes.
fn cases() -> impl Iterator<Item = Case> {
    let shapes = [
        [1, 1, 1, 1, 1],
        [3, 2, 5, 7, 3],
        [2, 7, 3, 64, 16],
        [5, 11, 13, 19, 131],
        [3, 17, 37, 131, 67],
        [5, 1, 15, 48, 32],
    ];
    shapes.into_iter().flat_map(|shape| {
        [(false, false), (false, true), (true, false), (true, true)]
            .map(|(additive, padded)| Case::new(shape, additive, padded))
    })
}

/// Made by PyTorch 2.15.0 in f64 (`fixtures/attention/make.py`), in short:
///
/// ```python
/// scores = scale * queries @ keys.transpose(1, 2)  # or torch.tanh(queries[:, :, None] + keys[:, None]) @ vector
/// weights = scores.masked_fill(absent, -torch.inf).softmax(2)
/// (weights @ values).backward(upstream)
/// ```
#[test]
fn every_golden_attention_is_pytorchs() {
    let mut scores = Vec::new();
    for file in folder("attention") {
        let shape = ["batch", "targets", "sources", "width", "values"].map(|of| file.number(of));
        let [batch, targets, _, width, _] = shape;
        let additive = file.text("score") == "additive";
        let real = file.values("sources").iter().map(|length| *length as usize);
        let case = Case {
            shape,
            additive,
            lengths: Some((vec![targets; batch], real.collect())),
            queries: file.singles("queries"),
            keys: file.singles("keys"),
            values: file.singles("values"),
            vector: match additive {
                true => file.singles("vector"),
                false => vec![0.0; width],
            },
            output_gradient: file.singles("upstream.output"),
        };
        let of = |name: &str| file.values(name).to_vec();
        let exact = Results::new([
            ("output", of("output")),
            ("weights", of("weights")),
            ("d queries", of("gradient.queries")),
            ("d keys", of("gradient.keys")),
            ("d values", of("gradient.values")),
        ])
        .with("d vector", additive.then(|| of("gradient.vector")));
        close_on_every_set(&file.name, &exact, TOLERANCE, |context| case.run(context));
        scores.push(additive);
    }
    assert_eq!(scores, [true, true, false, false]);
}

#[test]
fn outputs_weights_and_gradients_are_the_reference_on_every_instruction_set() {
    for case in cases() {
        close_on_every_set(&case.name(), &case.reference(), TOLERANCE, |context| {
            case.run(context)
        });
    }
}

#[test]
fn the_reference_gradients_are_its_central_differences() {
    for additive in [false, true] {
        let case = Case::new([3, 2, 4, 5, 3], additive, true);
        let exact = case.reference();
        let dy = wide(&case.output_gradient);
        let [queries, keys, values, vector] = case.given();
        let mut given = vec![
            ("queries", queries, exact["d queries"].as_slice()),
            ("keys", keys, &exact["d keys"]),
            ("values", values, &exact["d values"]),
        ];
        if additive {
            given.push(("vector", vector, &exact["d vector"]));
        }
        central_differences(
            &case.name(),
            &given,
            |moved| {
                let mut given = case.given();
                given[..moved.len()].clone_from_slice(moved);
                let output = &reference(&case.attention(), &given, &dy)["output"];
                output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
            },
            1e-5,
            1e-8,
        );
    }
}

#[test]
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for shape in [[41, 11, 13, 67, 37], [131, 3, 17, 101, 64], [3, 2, 5, 7, 3]] {
        let [batch, targets, sources, width, values] = shape;
        let work = batch * targets * sources * (width + values);
        assert!(batch < 10 || work >= WORTH_SHARING);
        for additive in [false, true] {
            let case = Case::new(shape, additive, true);
            same_bits_everywhere(&case.name(), &THREADS, |context| case.run(context));
        }
    }
}

#[test]
fn a_sentence_alone_has_the_bits_it_has_among_others_and_padding_is_not_read() {
    for additive in [false, true] {
        let mut case = Case::new([7, 5, 11, 23, 21], additive, true);
        let [batch, targets, sources, width, values] = case.shape;
        let plain = case.run(&contexts(2)[0]);
        for sentence in 0..batch {
            let fill = |all: &mut [f32], step: usize, steps: usize, width: usize| {
                all[(sentence * steps + step) * width..][..width].fill(f32::NAN);
            };
            for step in 0..targets {
                if case.is_padding(sentence, step, true) {
                    fill(&mut case.queries, step, targets, width);
                    fill(&mut case.output_gradient, step, targets, values);
                }
            }
            for step in 0..sources {
                if case.is_padding(sentence, step, false) {
                    fill(&mut case.keys, step, sources, width);
                    fill(&mut case.values, step, sources, values);
                }
            }
        }
        for context in contexts(2) {
            let found = case.run(&context);
            assert_same_bits("with padding that is no number", &plain, &found);
            for sentence in 0..batch {
                let (real_targets, real) = case.attention().real(sentence);
                let part = |name: &str, steps: usize, row: usize| {
                    found[name][sentence * steps * row..][..steps * row].to_vec()
                };
                let beyond = |name: &str, steps: usize, real: usize, row: usize| {
                    part(name, steps, row)[real * row..]
                        .iter()
                        .all(|&value| value.to_bits() == 0)
                };
                assert!(beyond("output", targets, real_targets, values));
                assert!(beyond("weights", targets, real_targets, sources));
                assert!(beyond("d queries", targets, real_targets, width));
                assert!(beyond("d keys", sources, real, width));
                assert!(beyond("d values", sources, real, values));
                if real_targets == 0 {
                    continue;
                }
                let alone = case.only(sentence).run(&context);
                for (name, steps, real, row) in [
                    ("output", targets, real_targets, values),
                    ("d queries", targets, real_targets, width),
                    ("d keys", sources, real, width),
                    ("d values", sources, real, values),
                ] {
                    let among = &part(name, steps, row)[..real * row];
                    let what = format!("{name} of sentence {sentence}");
                    assert!(bits_of(&alone[name]) == bits_of(among), "{what}");
                }
                let rows = part("weights", targets, sources);
                let rows = rows.chunks_exact(sources).take(real_targets);
                for (row, alone) in rows.zip(alone["weights"].chunks_exact(real)) {
                    assert_eq!(bits_of(&row[..real]), bits_of(alone));
                    assert!(row[real..].iter().all(|a| a.to_bits() == 0));
                }
            }
        }
    }
}

#[test]
fn a_step_alone_has_the_bits_it_has_among_others() {
    for additive in [false, true] {
        let case = Case::new([1, 13, 11, 37, 21], additive, false);
        let context = contexts(1)[0];
        let all = case.run(&context);
        for target in 0..13 {
            let mut step = case.clone();
            step.shape[1] = 1;
            step.queries = case.queries[target * 37..][..37].to_vec();
            step.output_gradient = case.output_gradient[target * 21..][..21].to_vec();
            let alone = step.run(&context);
            for (name, row) in [("output", 21), ("weights", 11), ("d queries", 37)] {
                let among = &all[name][target * row..][..row];
                assert_eq!(bits_of(&alone[name]), bits_of(among), "{name}");
            }
        }
    }
}

#[test]
fn weights_are_shares_and_a_single_source_has_them_all() {
    for additive in [false, true] {
        let mut case = Case::new([2, 3, 7, 5, 4], additive, false);
        case.lengths = Some((vec![3, 3], vec![1, 7]));
        let found = case.run(&contexts(1)[0]);
        for (place, row) in found["weights"].chunks_exact(7).enumerate() {
            let sum: f32 = row.iter().sum();
            assert!((sum - 1.0).abs() < 1e-6);
            assert!(place >= 3 || row[0] == 1.0);
        }
        assert_eq!(found["output"][..4], case.values[..4]);
    }
}

#[test]
fn gradients_are_the_same_whichever_are_asked_for() {
    for additive in [false, true] {
        let case = Case::new([3, 5, 7, 11, 13], additive, true);
        let context = contexts(1)[0];
        let all = case.run(&context);
        for name in ["d queries", "d keys", "d values", "d vector"] {
            if name == "d vector" && !additive {
                continue;
            }
            let mut found = unwritten(all[name].len());
            let mut gradients = AttentionGradients::default();
            *match name {
                "d queries" => &mut gradients.queries,
                "d keys" => &mut gradients.keys,
                "d values" => &mut gradients.values,
                _ => &mut gradients.vector,
            } = Some(&mut found);
            let (weights, dy) = (&all["weights"], &case.output_gradient);
            case.attention()
                .backward(&context, case.operands(), weights, dy, gradients)
                .unwrap();
            assert!(bits_of(&found) == bits_of(&all[name]), "{name}");
        }
    }
}

mod refusals {
    use super::*;

    type Change = fn(&mut Case);

    /// What a forward and a backward call with every gradient say to a changed case, and to shapes of before the change.
    fn refused(additive: bool, change: Change) -> [String; 2] {
        let context = contexts(1)[0];
        let plain = Case::new([2, 3, 4, 5, 6], additive, true);
        let mut results = plain.run(&context);
        let mut case = plain;
        change(&mut case);
        let (mut output, mut weights) = (results["output"].clone(), results["weights"].clone());
        let attention = case.attention();
        let forward = attention.forward(&context, case.operands(), &mut output, &mut weights);
        let mut vector = vec![0.0; 5];
        let mut gradients = AttentionGradients {
            vector: Some(&mut vector),
            ..Default::default()
        };
        for (name, values) in &mut results.0 {
            match name.as_str() {
                "d queries" => gradients.queries = Some(values),
                "d keys" => gradients.keys = Some(values),
                "d values" => gradients.values = Some(values),
                _ => {}
            }
        }
        let dy = &case.output_gradient;
        let backward = attention.backward(&context, case.operands(), &weights, dy, gradients);
        [forward, backward].map(|found| found.map_or_else(|e| e.to_string(), |()| String::new()))
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_was_expected() {
        assert_eq!(refused(true, |_| {}), ["", ""]);
        let both: [(Change, &str); 9] = [
            (
                |case| case.shape[3] = 0,
                "attention: width: expected at least 1, found 0",
            ),
            (
                |case| case.queries.truncate(29),
                "attention: queries: expected 30 values (batch 2 × targets 3 × features 5), found 29",
            ),
            (
                |case| case.keys.truncate(39),
                "attention: keys: expected 40 values (batch 2 × sources 4 × features 5), found 39",
            ),
            (
                |case| case.values.truncate(47),
                "attention: values: expected 48 values (batch 2 × sources 4 × features 6), found 47",
            ),
            (
                |case| case.vector.truncate(4),
                "attention: vector: expected 5 values (width 5), found 4",
            ),
            (
                |case| case.lengths = Some((vec![3], vec![4, 4])),
                "attention: target lengths: expected 2 values (batch 2), found 1",
            ),
            (
                |case| case.lengths = Some((vec![0, 4], vec![4, 4])),
                "attention: target lengths[1]: expected 0 to 3 steps, found 4",
            ),
            (
                |case| case.lengths = Some((vec![3, 3], vec![0, 4])),
                "attention: source lengths[0]: expected 1 to 4 steps, found 0",
            ),
            (
                |case| {
                    case.shape[1] = 2;
                    case.queries.truncate(20);
                    case.lengths = None;
                },
                "",
            ),
        ];
        for (change, expected) in both {
            let [forward, backward] = refused(true, change);
            if expected.is_empty() {
                assert!(forward.contains("output: expected 24 values"), "{forward}");
                assert!(backward.contains("weights: expected 16"), "{backward}");
            } else {
                assert_eq!([forward, backward], [expected; 2]);
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_backward() {
        let of_vector =
            "attention: vector gradient: expected none, as the score has no vector, found 5 values";
        assert_eq!(refused(false, |_| {}), ["", of_vector]);
        let [_, backward] = refused(true, |case| case.output_gradient.truncate(35));
        assert!(backward.contains("output gradient: expected 36 values"));
    }
}
