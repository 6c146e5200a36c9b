//! What the networks are trained by, against derivatives of differences and values computed in f64; the alarm of collapse.

use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};

use ressac_nn::random::Stream;
use ressac_nn::weights::{self, values};
use ressac_train::{Learner, StepContext, number};

use super::super::augment::augmented;
use super::super::choices::GanLoss;
use super::super::config::GanOptions;
use super::super::family::Gan;
use super::super::images::normals;
use super::super::learner::GanLearner;
use super::super::loss::{beside, slope};
use super::super::network::power;
use super::{BARS, options, place};
use crate::family::Family;
use crate::options::Options;

const LOSSES: [GanLoss; 5] = [
    GanLoss::Relativistic,
    GanLoss::Hinge,
    GanLoss::NonSaturating,
    GanLoss::LeastSquares,
    GanLoss::Wasserstein,
];

fn row(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// A loss of what the discriminator says of real images and of made ones.
type Loss<'a> = &'a dyn Fn(Tensor<1>, Tensor<1>) -> Tensor<1>;

#[test]
fn the_gradients_of_every_loss_are_those_of_differences() {
    let device = Device::default().autodiff();
    let (real, made) = ([0.7, -1.3, 2.1_f32], [-0.4, 0.9, -2.2_f32]);
    for loss in LOSSES {
        let of_discriminator = |real: Tensor<1>, made: Tensor<1>| loss.of_discriminator(real, made);
        let of_generator = |real: Tensor<1>, made: Tensor<1>| loss.of_generator(Some(real), made);
        let both: [(&str, Loss<'_>); 2] = [
            ("discriminator", &of_discriminator),
            ("generator", &of_generator),
        ];
        for (name, of) in both {
            let wanted = row(&made, &device).require_grad();
            let found = of(row(&real, &device), wanted.clone());
            let gradients = found.backward();
            let gradient = wanted.grad(&gradients).map(values);
            for at in 0..made.len() {
                let moved = |by: f32| {
                    let mut made = made;
                    made[at] += by;
                    number(of(row(&real, &device), row(&made, &device)).inner())
                };
                let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
                let own = gradient
                    .as_ref()
                    .map_or(0.0, |values| f64::from(values[at]));
                assert!(
                    (own - difference).abs() < 2e-3,
                    "{loss}, {name}: {own} and {difference}"
                );
            }
        }
        // The discriminator wants real images above made ones, the generator the other way round.
        let of = |real: &[f32], made: &[f32]| {
            number(
                loss.of_discriminator(row(real, &device), row(made, &device))
                    .inner(),
            )
        };
        assert!(of(&[0.9], &[0.1]) < of(&[0.1], &[0.9]), "{loss}");
    }
}

#[test]
fn the_penalty_is_half_the_squared_norm_of_the_gradient_in_the_mean() {
    let device = Device::default();
    // A function of 48 values with a gradient that is known: a·x + ½ b x².
    let (batch, width) = (64, 48);
    let a = normals(1, width, &Stream::new(1, "a"), &device);
    let images = normals(batch, width, &Stream::new(2, "x"), &device);
    let says = |map: Tensor<4>| -> Tensor<1> {
        let [batch, channels, height, wide] = map.dims();
        let rows: Tensor<2> = map
            .permute([0, 2, 3, 1])
            .reshape([batch, channels * height * wide]);
        let squares = (rows.clone() * rows.clone()).sum_dim(1) * 0.15;
        ((rows * a.clone()).sum_dim(1) + squares).squeeze_dim(1)
    };
    let gradient = values(images.clone() * 0.3 + a.clone());
    let wanted = gradient
        .iter()
        .map(|value| f64::from(value * value))
        .sum::<f64>()
        / batch as f64
        / 2.0;
    let map = images.reshape([batch, 4, 4, 3]).permute([0, 3, 1, 2]);
    let at = says(map.clone());
    let draws = 400;
    let found = (0..draws).map(|draw| {
        let near = says(beside(map.clone(), &Stream::new(3, "beside").at(draw)));
        number(slope(at.clone(), near))
    });
    let found = found.sum::<f64>() / draws as f64;
    assert!((found / wanted - 1.0).abs() < 0.03, "{found} and {wanted}");
}

/// The largest singular value in f64: of Wᵀ·W by as many steps as it takes.
fn largest(weights: &[f32], inputs: usize) -> f64 {
    let rows: Vec<&[f32]> = weights.chunks_exact(inputs).collect();
    let mut along = vec![1.0_f64; inputs];
    let mut found = 0.0;
    for _ in 0..2_000 {
        let forth: Vec<f64> = (rows.iter())
            .map(|row| row.iter().zip(&along).map(|(w, x)| f64::from(*w) * x).sum())
            .collect();
        let mut back = vec![0.0; inputs];
        for (row, by) in rows.iter().zip(&forth) {
            for (sum, weight) in back.iter_mut().zip(*row) {
                *sum += f64::from(*weight) * by;
            }
        }
        let length = back.iter().map(|x| x * x).sum::<f64>().sqrt();
        found = length.sqrt();
        along = back.iter().map(|x| x / length).collect();
    }
    found
}

#[test]
fn the_power_iteration_finds_the_largest_singular_value() {
    let (outputs, inputs) = (7, 11);
    let mut generator = Stream::new(4, "matrix").generator();
    let weights: Vec<f32> = (0..outputs * inputs)
        .map(|_| generator.normal() as f32)
        .collect();
    let mut direction = vec![1.0_f32; outputs];
    let mut found = 0.0;
    for _ in 0..500 {
        let (next, _, length) = power(&weights, inputs, &direction);
        (direction, found) = (next, length);
    }
    let wanted = largest(&weights, inputs);
    assert!((found / wanted - 1.0).abs() < 1e-5, "{found} and {wanted}");
}

#[test]
fn augmentation_leaves_images_alone_where_it_is_off_and_lets_gradients_pass() {
    let device = Device::default().autodiff();
    let images = || {
        normals(6, 9 * 7 * 3, &Stream::new(5, "images"), &device)
            .reshape([6, 9, 7, 3])
            .permute([0, 3, 1, 2])
    };
    let draw = Stream::new(6, "augment");
    let same = values(augmented(images(), 0.0, &draw).inner());
    for (got, wanted) in same.iter().zip(values(images().inner())) {
        assert!((got - wanted).abs() < 1e-6);
    }
    let other = augmented(images(), 1.0, &draw);
    assert_eq!(other.dims(), [6, 3, 9, 7]);
    assert_ne!(values(other.inner()), same);
    // The sum of weighted pixels has differences for a gradient: the operations are linear but for the mean.
    let read = images().require_grad();
    let weights = normals(6 * 3, 63, &Stream::new(7, "weights"), &device).reshape([6, 3, 9, 7]);
    let loss = |read: Tensor<4>| (augmented(read, 1.0, &draw) * weights.clone()).sum();
    let gradients = loss(read.clone()).backward();
    let gradient = values(read.grad(&gradients).unwrap());
    let base = values(images().inner());
    for at in [0, 17, 200, 700, 1_100] {
        let moved = |by: f32| {
            let mut values = base.clone();
            values[at] += by;
            let moved = Tensor::<4>::from_data(TensorData::new(values, [6, 3, 9, 7]), &device);
            number(loss(moved).inner())
        };
        let difference = (moved(0.05) - moved(-0.05)) / 0.1;
        assert!(
            (f64::from(gradient[at]) - difference).abs() < 5e-3,
            "{at}: {} and {difference}",
            gradient[at]
        );
    }
}

fn learner(text: &str) -> GanLearner {
    let place = place();
    let options = options(&place, BARS, text);
    let options = GanOptions::read(&options, "test".as_ref()).unwrap();
    let (material, _) = Gan::read(&options).unwrap();
    let resolved = Gan::resolve(&options, &material).unwrap();
    Gan::learner(&resolved, &material, &Device::default())
        .unwrap()
        .0
}

#[test]
fn a_generator_that_collapses_is_told_and_its_last_healthy_weights_are_put_back() {
    let mut learner = learner("averaging = \"none\"");
    let step = |learner: &mut GanLearner, step: u64| {
        let context = StepContext {
            step,
            within: step,
            planned: 100,
            learning_rate: 1e-3,
            stream: Stream::new(1, "step").at(step),
        };
        learner.step(&[0, 1, 2, 3, 4, 5, 6, 7], &context).unwrap()
    };
    step(&mut learner, 0);
    learner.validate().unwrap().unwrap();
    learner.declare_healthy();
    let healthy = learner.weights();
    // A generator whose every weight is zero makes one image.
    learner.flatten();
    let found = learner.validate().unwrap().unwrap();
    assert_eq!(found.figures, [("diversity", 0.0)]);
    assert!(
        found.notes[0].contains("collapse") && found.notes[0].contains("0.5"),
        "{:?}",
        found.notes
    );
    assert_eq!(learner.weights(), healthy);
    let lowered = learner.state();
    assert_eq!(lowered.counters["watch/rolled-back"], 1);
    // The alarm and the lower rate are part of the state.
    let mut other = self::learner("averaging = \"none\"");
    other.restore(&lowered).unwrap();
    let both = [&mut learner, &mut other].map(|learner| {
        let report = step(learner, 1);
        (report, learner.weights())
    });
    assert_eq!(both[0], both[1]);
}

#[test]
fn a_number_that_is_not_finite_is_told_and_nothing_moves() {
    let mut learner = learner("");
    learner.spoil();
    let before = learner.state();
    let context = StepContext {
        step: 0,
        within: 0,
        planned: 10,
        learning_rate: 1e-3,
        stream: Stream::new(1, "step"),
    };
    let report = learner.step(&[0, 1, 2, 3], &context).unwrap();
    assert!(!report.loss.is_finite() || !report.gradient_norm.is_finite());
    let after = learner.state();
    let names: Vec<&String> = before.tensors.keys().collect();
    assert_eq!(names, after.tensors.keys().collect::<Vec<_>>());
    for (name, tensor) in &before.tensors {
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        assert_eq!(
            bits(&tensor.values),
            bits(&after.tensors[name].values),
            "{name}"
        );
    }
    assert!(learner.find_non_finite().is_some());
}

impl GanLearner {
    /// Takes the weights as they are for healthy ones.
    fn declare_healthy(&mut self) {
        let pair = &self.pair;
        let both = || {
            [
                weights::collect(&pair.generator),
                weights::collect(&pair.discriminator),
            ]
        };
        self.watch.look(1.0, 0.0, both);
    }

    /// Makes every weight of the generator zero.
    fn flatten(&mut self) {
        self.scale(0.0);
    }

    /// Makes every weight of the generator infinite or not a number.
    fn spoil(&mut self) {
        self.scale(f32::INFINITY);
    }

    fn scale(&mut self, by: f32) {
        let mut tensors = weights::collect(&self.pair.generator);
        let each = tensors.values_mut().flat_map(|tensor| &mut tensor.values);
        each.for_each(|value| *value *= by);
        self.pair.generator = weights::apply(self.pair.generator.clone(), &tensors).unwrap();
        assert!(self.pair.generator.num_params() > 0);
    }
}
