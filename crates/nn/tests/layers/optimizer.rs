//! AdamW: PyTorch's numbers, and a state that continues where it stopped.
use crate::support::{Golden, fused, largest_error, numbers, tensor, values};
use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::optim::{self, AdamW, AdamWConfig, global_norm};
use ressac_nn::weights::{self, HostTensor, NamedTensors};

/// Largest error allowed, relative to the largest value of the same array.
const TOLERANCE: f64 = 1e-6;

/// Parameters of three shapes, one of them inside another module.
#[derive(Module, Debug)]
struct Three {
    zero: Param<Tensor<2>>,
    one: Param<Tensor<1>>,
    inner: Inner,
}

#[derive(Module, Debug)]
struct Inner {
    two: Param<Tensor<3>>,
}

const NAMES: [&str; 3] = ["zero", "one", "inner.two"];

fn three(values: [&[f32]; 3], device: &Device) -> Three {
    Three {
        zero: Param::from_tensor(tensor(values[0], [7, 5], device)),
        one: Param::from_tensor(tensor(values[1], [11], device)),
        inner: Inner {
            two: Param::from_tensor(tensor(values[2], [3, 2, 13], device)),
        },
    }
}

/// The gradients a loss that is linear in the parameters has.
fn gradients(module: &Three, values: [&[f32]; 3]) -> GradientsParams {
    let device = fused();
    let (zero, one, two) = (
        module.zero.val() * tensor(values[0], [7, 5], &device),
        module.one.val() * tensor(values[1], [11], &device),
        module.inner.two.val() * tensor(values[2], [3, 2, 13], &device),
    );
    let mut gradients = (zero.sum() + one.sum() + two.sum()).backward();
    GradientsParams::from_module(&mut gradients, module)
}

#[test]
fn five_steps_are_pytorchs_with_norms_and_moments() {
    // Made in f64 by PyTorch 2.15.0 (`fixtures/adamw/make.py`), in short:
    //
    //     optimizer = torch.optim.AdamW(
    //         parameters, lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01
    //     )
    //     for step in range(1, 6):
    //         norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    //         optimizer.step()
    let files = Golden::folder("adamw");
    assert_eq!(files.len(), 1);
    let file = &files[0];
    let number = |key: &str| file.number::<f64>(key);
    let given = |name: &dyn Fn(usize) -> String| [0, 1, 2].map(|p| file.given(&name(p)));
    let parameters = given(&|p| format!("parameter.{p}"));
    let mut module = three(parameters.each_ref().map(Vec::as_slice), &fused());
    let mut optimizer = AdamW::new(AdamWConfig {
        beta1: number("beta1"),
        beta2: number("beta2"),
        epsilon: number("epsilon"),
        weight_decay: number("weight_decay"),
        clip: Some(number("clip")),
    });
    let close = |what: &str, found: &[f32], exact: &str| {
        let error = largest_error(found, file.exact(exact), 0.0);
        assert!(error <= TOLERANCE, "{what} is off by {error:.1e}");
    };
    for step in 1..=5 {
        let of_step = given(&|p| format!("gradient.{p}.step.{step}"));
        let mut gradients = gradients(&module, of_step.each_ref().map(Vec::as_slice));
        let exact = file.exact(&format!("norm.step.{step}"))[0];
        let norm = global_norm(&module, &mut gradients);
        assert!((norm / exact - 1.0).abs() < 1e-12, "norm {norm}, {exact}");
        let reported = optimizer
            .step(number("learning_rate"), &mut module, gradients)
            .unwrap();
        assert_eq!(reported, norm);
        let found = weights::collect(&module);
        for (p, name) in NAMES.iter().enumerate() {
            let what = format!("step {step}: {name}");
            close(
                &what,
                &found[*name].values,
                &format!("parameter.{p}.step.{step}"),
            );
        }
    }
    assert_eq!(optimizer.steps(), 5);
    let state = optimizer.state();
    for (p, name) in NAMES.iter().enumerate() {
        for moment in ["first", "second"] {
            let found = &state[&format!("{moment}.{name}")].values;
            close(
                &format!("{moment} moment of {name}"),
                found,
                &format!("{moment}.{p}"),
            );
        }
    }
}

const SETTINGS: AdamWConfig = AdamWConfig {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weight_decay: 0.1,
    clip: Some(0.5),
};

fn start() -> Three {
    let values = [35, 11, 78].map(|count| numbers(&format!("start {count}"), count));
    three(values.each_ref().map(Vec::as_slice), &fused())
}

/// Some steps, of which only some parameters have a gradient.
fn steps(mut module: Three, optimizer: &mut AdamW, range: std::ops::Range<u64>) -> Three {
    for step in range {
        let values = [35, 11, 78].map(|count| numbers(&format!("{step} {count}"), count));
        let mut gradients = gradients(&module, values.each_ref().map(Vec::as_slice));
        if step == 0 {
            gradients.remove::<1>(module.one.id);
        }
        optimizer.step(0.01, &mut module, gradients).unwrap();
    }
    module
}

#[test]
fn a_state_that_was_saved_and_restored_continues_with_the_same_bits() {
    let mut unbroken = AdamW::new(SETTINGS);
    let expected = steps(start(), &mut unbroken, 0..7);
    let mut first = AdamW::new(SETTINGS);
    let module = steps(start(), &mut first, 0..3);
    let bytes = weights::to_bytes(&first.state()).unwrap();
    let saved = weights::collect(&module);

    let mut second = AdamW::new(SETTINGS);
    second
        .restore(&weights::from_bytes(&bytes).unwrap())
        .unwrap();
    assert_eq!(second.steps(), 3);
    let module = steps(weights::apply(start(), &saved).unwrap(), &mut second, 3..7);
    assert_eq!(weights::collect(&module), weights::collect(&expected));
    assert_eq!(second.state(), unbroken.state());

    // Without the state it would be another training: the test above can fail.
    let module = steps(
        weights::apply(start(), &saved).unwrap(),
        &mut AdamW::new(SETTINGS),
        3..7,
    );
    assert_ne!(weights::collect(&module), weights::collect(&expected));
}

#[test]
fn a_count_of_steps_beyond_what_f32_holds_is_restored_exactly() {
    for steps in [0u64, 1, (1 << 24) - 1, (1 << 24) + 1, (1 << 30) + 12_345] {
        let mut optimizer = AdamW::new(SETTINGS);
        let halves = vec![(steps >> 24) as f32, (steps & 0xff_ffff) as f32];
        let count = HostTensor {
            shape: vec![2],
            values: halves,
        };
        let state = NamedTensors::from([("steps".to_owned(), count)]);
        optimizer.restore(&state).unwrap();
        assert_eq!(optimizer.steps(), steps);
        assert_eq!(optimizer.state(), state);
    }
}

#[test]
fn parameters_without_a_gradient_stay_and_keep_their_place_in_the_graph() {
    let mut module = start();
    let before = weights::collect(&module);
    let values = [35, 11, 78].map(|count| numbers(&format!("g {count}"), count));
    let mut gradients = gradients(&module, values.each_ref().map(Vec::as_slice));
    gradients.remove::<2>(module.zero.id);
    let mut optimizer = AdamW::new(SETTINGS);
    optimizer.step(0.01, &mut module, gradients).unwrap();
    let after = weights::collect(&module);
    assert_eq!(before["zero"], after["zero"]);
    assert_ne!(before["one"], after["one"]);
    assert!(!optimizer.state().contains_key("first.zero"));
    // Moved parameters ask for gradients as before.
    let loss = module.zero.val().sum() + module.one.val().sum() + module.inner.two.val().sum();
    let backward = loss.backward();
    assert!(module.zero.val().grad(&backward).is_some());
    assert!(module.one.val().grad(&backward).is_some());
    assert!(module.inner.two.val().grad(&backward).is_some());
}

#[test]
fn the_norm_is_clipped_over_all_parameters_together() {
    // Without decay and with equal betas of zero, the first moment is the clipped gradient.
    let mut module = start();
    let values_of = [35, 11, 78].map(|count| numbers(&format!("clip {count}"), count));
    let gradients = gradients(&module, values_of.each_ref().map(Vec::as_slice));
    let mut optimizer = AdamW::new(AdamWConfig {
        beta1: 0.0,
        ..SETTINGS
    });
    let norm = optimizer.step(0.01, &mut module, gradients).unwrap();
    let all = values_of.concat();
    let exact = all
        .iter()
        .map(|&x| f64::from(x).powi(2))
        .sum::<f64>()
        .sqrt();
    assert!((norm / exact - 1.0).abs() < 1e-12);
    let state = optimizer.state();
    let moments: Vec<f32> = NAMES
        .iter()
        .flat_map(|name| state[&format!("first.{name}")].values.clone())
        .collect();
    let clipped: Vec<f64> = all
        .iter()
        .map(|&x| f64::from(x) * 0.5 / (exact + 1e-6))
        .collect();
    assert!(largest_error(&moments, &clipped, 0.0) < 1e-6);
}

#[test]
fn states_that_are_not_of_this_optimiser_or_module_are_refused_by_name() {
    let mut trained = AdamW::new(SETTINGS);
    steps(start(), &mut trained, 0..2);
    let state = trained.state();
    let refusal = |change: &dyn Fn(&mut NamedTensors)| {
        let mut state = state.clone();
        change(&mut state);
        let mut optimizer = AdamW::new(SETTINGS);
        let error = optimizer.restore(&state).unwrap_err().to_string();
        assert_eq!(
            optimizer.steps(),
            0,
            "a refused state leaves nothing behind"
        );
        error
    };
    let message = refusal(&|state| drop(state.remove("steps")));
    assert!(message.contains("step count is missing"), "{message}");
    let message = refusal(&|state| drop(state.remove("second.one")));
    assert!(message.contains("second moment of one"), "{message}");
    let message = refusal(&|state| drop(state.remove("first.one")));
    assert!(message.contains("partner"), "{message}");
    let message = refusal(&|state| state.get_mut("steps").unwrap().values.push(0.0));
    assert!(message.contains("step count"), "{message}");
    for moment in ["first", "second"] {
        let name = format!("{moment}.one");
        let message = refusal(&|state| state.get_mut(&name).unwrap().values.truncate(1));
        assert!(
            message.contains(&format!("{moment} moment of one")),
            "{message}"
        );
    }

    // Moments of another module's shape are found at the step, which names the parameter: also
    // where the number of values is the same.
    for (name, shape) in [("one", vec![3]), ("zero", vec![5, 7])] {
        let mut other = state.clone();
        for moment in ["first", "second"] {
            let tensor = HostTensor {
                values: vec![0.0; shape.iter().product()],
                shape: shape.clone(),
            };
            other.insert(format!("{moment}.{name}"), tensor);
        }
        let mut optimizer = AdamW::new(SETTINGS);
        optimizer.restore(&other).unwrap();
        let mut module = start();
        let before = weights::collect(&module);
        let values = [35, 11, 78].map(|count| numbers(&format!("g {count}"), count));
        let gradients = gradients(&module, values.each_ref().map(Vec::as_slice));
        let error = optimizer.step(0.01, &mut module, gradients).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        // A refused step has moved nothing, not even the parameters that come before.
        assert_eq!(weights::collect(&module), before);
        assert_eq!(optimizer.state(), other);
    }
}

#[test]
fn a_step_leaves_copies_of_the_module_as_they_were() {
    let mut module = start();
    let copy = module.clone();
    let before = weights::collect(&copy);
    let values = [35, 11, 78].map(|count| numbers(&format!("g {count}"), count));
    let gradients = gradients(&module, values.each_ref().map(Vec::as_slice));
    AdamW::new(SETTINGS)
        .step(0.01, &mut module, gradients)
        .unwrap();
    assert_eq!(weights::collect(&copy), before);
    assert_ne!(weights::collect(&module), before);
}

#[test]
fn a_forgotten_autodiff_is_said_in_words() {
    let plain = Device::flex();
    let values = [35, 11, 78].map(|count| numbers(&format!("start {count}"), count));
    let mut module = three(values.each_ref().map(Vec::as_slice), &plain);
    let error = optim::gradients(&module.one.val().sum(), &module).unwrap_err();
    assert!(error.to_string().contains(".autodiff()"), "{error}");

    let mut optimizer = AdamW::new(SETTINGS);
    let before = weights::collect(&module);
    let error = optimizer
        .step(0.01, &mut module, GradientsParams::new())
        .unwrap_err();
    assert!(error.to_string().contains(".autodiff()"), "{error}");
    assert_eq!(weights::collect(&module), before);
    assert_eq!(optimizer.steps(), 0);
}

#[test]
fn a_loss_of_another_module_is_said_in_words_and_one_of_this_gives_its_gradients() {
    let (module, other) = (start(), start());
    let loss = || module.one.val().square().sum();
    let error = optim::gradients(&loss(), &other).unwrap_err();
    assert!(error.to_string().contains("another module"), "{error}");
    let found = optim::gradients(&loss(), &module).unwrap();
    let twice: Vec<f32> = values(module.one.val()).iter().map(|x| 2.0 * x).collect();
    assert_eq!(values(found.get::<1>(module.one.id).unwrap()), twice);
    assert_eq!(found.len(), 1);
}

#[test]
fn a_gradient_that_is_not_finite_shows_in_the_norm() {
    let module = start();
    let mut one = numbers("nan", 11);
    one[3] = f32::NAN;
    let (zero, two) = (numbers("z", 35), numbers("t", 78));
    let mut gradients = gradients(&module, [&zero, &one, &two]);
    assert!(global_norm(&module, &mut gradients).is_nan());
    assert!(
        values(module.one.val())
            .iter()
            .all(|value| value.is_finite())
    );
}
