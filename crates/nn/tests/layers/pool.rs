//! Pooling over time, held against the same sums in `f64` and against itself under other padding.
use crate::support::{
    Found, assert_same_bits, by_name, composed, fused, largest_error, numbers, tensor, values,
};
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::pool::{self, AttentionPool, AttentionPoolConfig};
use ressac_nn::random::Stream;
use ressac_nn::{Lengths, weights};

const SHAPE: [usize; 3] = [5, 7, 3];
const HIDDEN: usize = 11;
const LENGTHS: [usize; 5] = [4, 7, 1, 5, 2];
const TOLERANCE: f64 = 1e-5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Last,
    Mean,
    Max,
    Attention,
}
const KINDS: [Kind; 4] = [Kind::Last, Kind::Mean, Kind::Max, Kind::Attention];

fn layer(device: &Device) -> AttentionPool {
    AttentionPoolConfig::new(SHAPE[2], HIDDEN)
        .init(&Stream::new(3, "attention"), device)
        .unwrap()
}

/// One batch, and which of its steps are real.
#[derive(Clone)]
struct Batch {
    shape: [usize; 3],
    values: Vec<f32>,
    real: Vec<Vec<bool>>,
    upstream: Vec<f32>,
}

impl Batch {
    fn new(lengths: &[usize]) -> Self {
        let [batch, time, features] = SHAPE;
        let row = |&length: &usize| (0..time).map(|step| step < length).collect();
        Self {
            shape: SHAPE,
            values: numbers("values", batch * time * features),
            real: lengths.iter().map(row).collect(),
            upstream: numbers("upstream", batch * features),
        }
    }

    /// Steps that are not real stand between those that are.
    fn with_holes() -> Self {
        let mut batch = Self::new(&[7; 5]);
        for (row, holes) in [vec![0, 3], vec![6], vec![1, 2, 4, 5, 6], vec![], vec![0, 1]]
            .into_iter()
            .enumerate()
        {
            for step in holes {
                batch.real[row][step] = false;
            }
        }
        batch
    }

    fn at(&self, row: usize, step: usize, feature: usize) -> usize {
        (row * self.shape[1] + step) * self.shape[2] + feature
    }

    /// The same batch with other padding: so many steps in all, padding filled with `value`.
    fn padded(&self, time: usize, value: f32) -> Self {
        let [batch, _, features] = self.shape;
        let mut padded = Self {
            shape: [batch, time, features],
            values: vec![value; batch * time * features],
            real: vec![vec![false; time]; batch],
            upstream: self.upstream.clone(),
        };
        self.each_real(|row, step, feature| {
            padded.real[row][step] = true;
            let place = padded.at(row, step, feature);
            padded.values[place] = self.values[self.at(row, step, feature)];
        });
        padded
    }

    fn row(&self, row: usize) -> Self {
        let [_, time, features] = self.shape;
        let cut = |values: &[f32], size: usize| values[row * size..][..size].to_vec();
        Self {
            shape: [1, time, features],
            values: cut(&self.values, time * features),
            real: vec![self.real[row].clone()],
            upstream: cut(&self.upstream, features),
        }
    }

    fn each_real(&self, mut visit: impl FnMut(usize, usize, usize)) {
        for (row, steps) in self.real.iter().enumerate() {
            for step in (0..steps.len()).filter(|&step| steps[step]) {
                (0..self.shape[2]).for_each(|feature| visit(row, step, feature));
            }
        }
    }

    /// As lengths where that is what they are, else as a mask; nothing where every step is real.
    fn lengths(&self) -> Option<Lengths> {
        if self.real.iter().flatten().all(|&real| real) {
            return None;
        }
        let counts: Vec<usize> = Lengths::from_mask(&self.real).unwrap().counts();
        let first = |(row, &count): (&Vec<bool>, &usize)| row[..count].iter().all(|&real| real);
        Some(if self.real.iter().zip(&counts).all(first) {
            Lengths::new(counts).unwrap()
        } else {
            Lengths::from_mask(&self.real).unwrap()
        })
    }

    fn run(&self, kind: Kind, device: &Device) -> Found {
        let input: Tensor<3> = tensor(&self.values, self.shape, device).require_grad();
        let lengths = self.lengths();
        let (layer, lengths) = (layer(device), lengths.as_ref());
        let mut found = Found::new();
        let output = match kind {
            Kind::Last => pool::last(input.clone(), lengths).unwrap(),
            Kind::Mean => pool::mean(input.clone(), lengths).unwrap(),
            Kind::Max => pool::max(input.clone(), lengths).unwrap(),
            Kind::Attention => {
                let (output, shares) = layer.forward(input.clone(), lengths).unwrap();
                found.insert("shares".into(), values(shares));
                output
            }
        };
        found.insert("output".into(), values(output.clone()));
        let upstream = tensor(&self.upstream, output.dims(), device);
        let mut gradients = (output * upstream).sum().backward();
        found.insert(
            "gradient.input".into(),
            values(input.grad(&gradients).unwrap()),
        );
        if kind == Kind::Attention {
            let gradients = GradientsParams::from_module(&mut gradients, &layer);
            for (name, gradient) in by_name(&layer, &gradients) {
                found.insert(format!("gradient.{name}"), gradient);
            }
        }
        found
    }
}

/// W, b and v of the attention, and the values of the batch: everything the loss depends on.
type Numbers = [Vec<f64>; 4];

fn numbers_of(batch: &Batch) -> Numbers {
    let layer = weights::collect(&layer(&fused()));
    let exact = |values: &[f32]| values.iter().map(|&x| f64::from(x)).collect();
    [
        exact(&layer["hidden.weights"].values),
        exact(&layer["hidden.bias"].values),
        exact(&layer["score.weights"].values),
        exact(&batch.values),
    ]
}

/// The pooled rows, in `f64`.
fn reference(kind: Kind, batch: &Batch, [w, b, v, values]: &Numbers) -> Vec<f64> {
    let [_, time, features] = batch.shape;
    let mut pooled = Vec::new();
    for row in 0..batch.shape[0] {
        let steps: Vec<&[f64]> = (0..time)
            .filter(|&step| batch.real[row][step])
            .map(|step| &values[batch.at(row, step, 0)..][..features])
            .collect();
        let scores: Vec<f64> = steps
            .iter()
            .map(|x| {
                let unit = |unit: usize| {
                    let dot: f64 = (0..features).map(|k| w[unit * features + k] * x[k]).sum();
                    v[unit] * (b[unit] + dot).tanh()
                };
                (0..HIDDEN).map(unit).sum::<f64>().exp()
            })
            .collect();
        let total: f64 = scores.iter().sum();
        for feature in 0..features {
            let mut all = steps.iter().map(|x| x[feature]);
            pooled.push(match kind {
                Kind::Last => all.next_back().unwrap(),
                Kind::Mean => all.sum::<f64>() / steps.len() as f64,
                Kind::Max => all.fold(f64::NEG_INFINITY, f64::max),
                Kind::Attention => all.zip(&scores).map(|(x, s)| x * s / total).sum(),
            });
        }
    }
    pooled
}

/// Central differences of the loss in `f64` by everything it depends on.
fn differences(kind: Kind, batch: &Batch) -> Numbers {
    const STEP: f64 = 1e-6;
    let numbers = numbers_of(batch);
    let loss = |numbers: &Numbers| -> f64 {
        let pooled = reference(kind, batch, numbers);
        let pairs = pooled.iter().zip(&batch.upstream);
        pairs.map(|(x, &upstream)| x * f64::from(upstream)).sum()
    };
    let mut found = numbers.clone();
    for (part, place) in
        (0..4).flat_map(|part| (0..numbers[part].len()).map(move |place| (part, place)))
    {
        let moved = |by: f64| {
            let mut moved = numbers.clone();
            moved[part][place] += by;
            loss(&moved)
        };
        found[part][place] = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
    }
    found
}

#[test]
fn outputs_are_those_of_f64_and_gradients_its_finite_differences() {
    let batches = [
        ("every step", Batch::new(&[7; 5])),
        ("lengths", Batch::new(&LENGTHS)),
        ("mask", Batch::with_holes()),
    ];
    for (what, batch) in &batches {
        for kind in KINDS {
            let exact = reference(kind, batch, &numbers_of(batch));
            let [w, b, v, input] = differences(kind, batch);
            for device in [fused(), composed()] {
                let found = batch.run(kind, &device);
                let mut expected = vec![("output", &exact), ("gradient.input", &input)];
                if kind == Kind::Attention {
                    expected.extend([
                        ("gradient.hidden.weights", &w),
                        ("gradient.hidden.bias", &b),
                        ("gradient.score.weights", &v),
                    ]);
                }
                for (name, exact) in expected {
                    let error = largest_error(&found[name], exact, 1e-2);
                    assert!(
                        error < TOLERANCE,
                        "{what}, {kind:?}: {name} is off by {error:.1e}"
                    );
                }
            }
        }
    }
}

#[test]
fn weights_of_attention_are_zero_at_padding_and_sum_to_one() {
    let batch = Batch::with_holes();
    let shares = &batch.run(Kind::Attention, &fused())["shares"];
    for (row, shares) in shares.chunks(SHAPE[1]).enumerate() {
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        for (share, real) in shares.iter().zip(&batch.real[row]) {
            assert_eq!(*share > 0.0, *real);
        }
    }
}

#[test]
fn padding_leaves_no_trace_in_bits_whatever_it_holds_and_however_long_it_is() {
    for batch in [Batch::new(&LENGTHS), Batch::with_holes()] {
        for kind in KINDS {
            let plain = batch.run(kind, &fused());
            for (time, value) in [(7, f32::NAN), (7, 1e30), (13, f32::INFINITY), (23, 0.0)] {
                let padded = batch.padded(time, value);
                let mut found = padded.run(kind, &fused());
                // The gradient of what is real, and nothing but zeros elsewhere.
                let gradient = found.remove("gradient.input").unwrap();
                let mut real = vec![0.0; plain["gradient.input"].len()];
                let mut elsewhere = gradient.clone();
                batch.each_real(|row, step, feature| {
                    let place = padded.at(row, step, feature);
                    real[batch.at(row, step, feature)] = gradient[place];
                    elsewhere[place] = 0.0;
                });
                assert!(elsewhere.iter().all(|&value| value == 0.0), "{kind:?}");
                found.insert("gradient.input".into(), real);
                let mut expected = plain.clone();
                for runs in [&mut found, &mut expected] {
                    runs.remove("shares");
                }
                assert_same_bits(
                    &format!("{kind:?}, {time} steps of {value}"),
                    &found,
                    &expected,
                );
            }
        }
    }
}

#[test]
fn a_row_alone_has_the_bits_it_has_in_a_batch() {
    for batch in [
        Batch::new(&[7; 5]),
        Batch::new(&LENGTHS),
        Batch::with_holes(),
    ] {
        for kind in KINDS {
            let together = batch.run(kind, &fused());
            for row in 0..SHAPE[0] {
                let alone = batch.row(row).run(kind, &fused());
                for name in ["output", "gradient.input"] {
                    let size = alone[name].len();
                    let expected = together[name][row * size..][..size].to_vec();
                    assert_same_bits(
                        &format!("{kind:?}, row {row}"),
                        &Found::from([(name.to_owned(), alone[name].clone())]),
                        &Found::from([(name.to_owned(), expected)]),
                    );
                }
            }
        }
    }
}

#[test]
fn a_view_with_swapped_axes_is_summed_in_the_same_order() {
    let [batch, time, features] = [1, 67, 19];
    let plain: Tensor<3> = tensor(
        &numbers("swapped", time * features),
        [batch, time, features],
        &fused(),
    );
    // Laid out features first, as a view of it.
    let laid: Tensor<3> = tensor(
        &values(plain.clone().swap_dims(1, 2)),
        [batch, features, time],
        &fused(),
    );
    let found = [plain, laid.swap_dims(1, 2)].map(|input| values(pool::mean(input, None).unwrap()));
    assert_eq!(found[0], found[1]);
}

#[test]
fn a_mask_tells_real_steps_from_padding() {
    let device = fused();
    let lengths = Lengths::of(&[vec!['a', 'b'], vec!['c', 'd', 'e']]).unwrap();
    let mask = values(lengths.mask(4, &device).unwrap());
    assert_eq!(mask, [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0]);
    let error = lengths.mask(2, &device).unwrap_err().to_string();
    assert!(
        error.contains("lengths[1]") && error.contains("at most 2"),
        "{error}"
    );
    let holes = Lengths::from_mask(&[vec![false, true], vec![true, true]]).unwrap();
    assert_eq!(
        values(holes.mask(2, &device).unwrap()),
        [0.0, 1.0, 1.0, 1.0]
    );
    assert!(holes.mask(3, &device).is_err());
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let device = fused();
    let input = || Tensor::<3>::zeros([2, 3, 5], &device);
    let lengths = Lengths::new(vec![1, 4]).unwrap();
    for (name, result) in [
        ("last", pool::last(input(), Some(&lengths))),
        ("mean", pool::mean(input(), Some(&lengths))),
        ("max", pool::max(input(), Some(&lengths))),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains(&format!("pool::{name}")), "{error}");
        assert!(error.contains("lengths[1]"), "{error}");
    }
    let error = pool::mean(Tensor::zeros([2, 0, 5], &device), None).unwrap_err();
    assert!(
        error.to_string().contains("at least one row and one step"),
        "{error}"
    );
    let error = layer(&device)
        .forward(input(), None)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("input features") && error.contains('5'),
        "{error}"
    );
}

/// Every pool, forward and backward: what must not depend on the number of threads.
pub(crate) fn everything() -> Found {
    let mut all = Found::new();
    for kind in KINDS {
        for (name, values) in Batch::new(&LENGTHS).padded(31, 0.5).run(kind, &fused()) {
            all.insert(format!("{kind:?}.{name}"), values);
        }
    }
    all
}
