//! A subject of no family, whose items are of unequal length: what is measured and said of it.

use std::time::Duration;

use ressac_models::cell::{Activation, CellChoice, CellKind};
use ressac_models::options::{Budget, RecurrentOptions, TrainingDefaults, TrainingOptions};
use ressac_models::recurrence::Exchange;
use ressac_nn::weights::{HostTensor, NamedTensors};
use ressac_train::{Average, Learner};

use super::super::*;

/// Texts of numbers before the linear unit s_t = u·s_(t−1) + x_t, whose last state is the output.
struct Texts {
    u: f64,
    texts: Vec<Vec<f64>>,
}

impl Texts {
    /// Texts of these lengths, of numbers from a seed.
    fn new(u: f64, lengths: &[usize]) -> Self {
        let mut draw = Stream::new(3, "texts").generator();
        let texts = lengths
            .iter()
            .map(|length| (0..*length).map(|_| draw.normal()).collect())
            .collect();
        Self { u, texts }
    }

    fn last(&self, text: &[f64]) -> f64 {
        text.iter().fold(0.0, |state, x| self.u * state + x)
    }
}

impl Subject for Texts {
    fn items(&self) -> usize {
        self.texts.len()
    }
    fn unit(&self) -> &'static str {
        "texts"
    }
    fn named(&self) -> String {
        "texts made for a test".into()
    }
    fn layers(&self) -> (NamedTensors, &'static str) {
        let tensors = [
            ("input_weights", vec![1, 1], 1.0),
            ("recurrent_weights", vec![1, 1], self.u as f32),
            ("bias", vec![1], 0.0),
        ];
        let named = tensors.map(|(name, shape, value)| {
            let values = vec![value];
            (format!("layers.0.{name}"), HostTensor { shape, values })
        });
        (named.into(), "layers.")
    }
    fn sequences(&self, item: usize) -> Result<Vec<Sequence>, ModelError> {
        Ok(vec![Sequence {
            input: self.texts[item].clone(),
            gradient: vec![1.0],
        }])
    }
    fn outputs(&self, exchange: Option<(&[usize], Exchange)>) -> Result<Vec<f32>, ModelError> {
        let of = |(item, text): (usize, &Vec<f64>)| {
            let mut text = text.clone();
            if let Some((partners, Exchange::Recurrent(back) | Exchange::Whole(back))) = exchange {
                let other = &self.texts[partners[item]];
                if back < text.len().min(other.len()) {
                    let at = text.len() - 1 - back;
                    text[at] = other[other.len() - 1 - back];
                }
            }
            self.last(&text) as f32
        };
        Ok(self.texts.iter().enumerate().map(of).collect())
    }
    fn learner(&self) -> Result<Option<Box<dyn Learner>>, ModelError> {
        Ok(None)
    }
}

fn patient(steps: usize) -> Patient {
    let defaults = TrainingDefaults {
        batch: 8,
        lr: 1e-3,
        averaging: Average::None,
        weight_decay: 0.0,
        budget: Budget {
            epochs: 1,
            least: 100,
            most: 100,
        },
    };
    Patient {
        model: "rnn".into(),
        cell: CellChoice::Rnn(Activation::Identity),
        recurrent: RecurrentOptions::default().resolve(Some(CellKind::Rnn), (1, 1, 0.0)),
        fixed: false,
        training: TrainingOptions::default().resolve(&defaults, 10).unwrap(),
        looked_at: "the only one, over the words of a text",
        reads: "text",
        length: None,
        steps,
        segment: 1,
        needed: steps.div_ceil(2),
        needed_why: "half of the longest text",
        lags: vec![],
        gives: "prediction",
        against_forgetting: vec![],
        against_saturation: vec![],
    }
}

fn diagnosed(subject: &Texts, patient: &Patient) -> Diagnosis {
    let options = DiagnoseOptions {
        threshold: 0.01,
        // No learner, so none is run.
        rate_test: Some(RateTestOptions {
            steps: 20,
            time_limit: Duration::from_secs(1),
        }),
    };
    diagnose(patient, subject, &[], &options, &mut |_| ()).unwrap()
}

#[test]
fn items_of_unequal_length_are_measured_as_far_back_as_each_reaches() {
    let lengths = [3, 11, 7, 1, 11];
    let (subject, patient) = (Texts::new(0.5, &lengths), patient(11));
    let found = diagnosed(&subject, &patient);
    assert_eq!((found.items, found.sequences, found.steps), (5, 5, 11));
    let power = |k: usize| 0.5_f64.powi(k as i32);
    for (k, norm) in found.gradient.state.mean.iter().enumerate() {
        assert!((norm / power(k) - 1.0).abs() < 1e-12, "{k}: {norm}");
    }
    assert_eq!(found.gradient.state.mean.len(), 11);
    assert_eq!(found.gradient.gone_after, Some(10));
    assert_eq!(found.jacobian.steps, (1..=11).collect::<Vec<_>>());
    for (k, log) in found
        .jacobian
        .steps
        .iter()
        .zip(&found.jacobian.log10_largest)
    {
        assert!((log - power(*k).log10()).abs() < 1e-9, "{k}: {log}");
    }
    assert_eq!(found.memory.back, (0..11).collect::<Vec<_>>());
    assert_eq!(found.memory.recurrent, found.memory.whole);
    assert!(found.memory.recurrent[0] > found.memory.recurrent[5]);
    assert_eq!(found.rate_test, None);
}

#[test]
fn what_is_said_has_the_words_of_the_subject_and_offers_nothing_it_lacks() {
    let subject = Texts::new(0.1, &[9, 9, 8]);
    let found = diagnosed(&subject, &patient(9));
    assert_eq!(found.verdict.case, Case::Vanishes, "{:?}", found.verdict);
    assert_eq!(
        found.verdict.sentence,
        "The gradient vanishes: after 4 steps less than a thousandth is left, and half of the longest text is 5; try gates (`--model lstm` or `--model gru`) or weights that keep lengths at the start (`--init orthogonal`)."
    );
    let about = report::About {
        model: "texts".into(),
        part: subject.named(),
    };
    let page = report::page(&found, &about);
    let figures: String = figures(&found).into_iter().map(|(_, svg)| svg).collect();
    for word in ["forecast", "window", "context", "season", "lags"] {
        let at = page
            .find(word)
            .map(|at| &page[at.saturating_sub(80)..at + 20]);
        assert_eq!(at, None);
        assert!(!figures.contains(word), "{word}");
    }
    assert!(page.contains("3 texts, spread evenly over the texts made for a test"));

    // Nothing else is left to a fixed network without options of its own.
    let fixed = Patient {
        fixed: true,
        ..patient(9)
    };
    let sentence = diagnosed(&subject, &fixed).verdict.sentence;
    assert!(
        sentence.ends_with("; try a larger state (`--hidden 2`)."),
        "{sentence}"
    );
}

#[test]
fn weights_that_are_not_those_of_the_cell_are_refused_in_words() {
    let subject = Texts::new(0.5, &[4, 4]);
    let other = Patient {
        cell: CellChoice::MinimalLstm,
        ..patient(4)
    };
    let options = DiagnoseOptions {
        threshold: 0.01,
        rate_test: None,
    };
    let error = diagnose(&other, &subject, &[], &options, &mut |_| ()).unwrap_err();
    assert!(error.to_string().contains("layer"), "{error}");
}
