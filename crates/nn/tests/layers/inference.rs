//! One layer in many hands: packed parameters follow the parameters, and threads may share a layer.
use crate::support::{bits, cells, fused, numbers, tensor, values};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use ressac_nn::optim::GradientsParams;
use ressac_nn::optim::{AdamW, AdamWConfig};
use ressac_nn::random::Stream;
use ressac_nn::{Linear, LinearConfig, Lstm, NnError, Recurrent, RecurrentConfig, State, weights};
use std::sync::Barrier;

const SHAPE: [usize; 3] = [5, 11, 7];

fn input(device: &Device) -> Tensor<3> {
    tensor(&numbers("input", SHAPE.iter().product()), SHAPE, device)
}

fn answer(layer: &Recurrent) -> Vec<u32> {
    let device = layer.devices()[0].clone();
    let (output, state) = layer.forward(input(&device), None, None).unwrap();
    let state = state.last_output().unwrap();
    bits(&[values(output), values(state)].concat())
}

#[test]
fn inference_uses_the_parameters_of_now() {
    for (name, config) in cells(SHAPE[2], 19) {
        let config = config.with_layers(2);
        for device in [Device::flex(), fused()] {
            let make = |seed| config.init(&Stream::new(seed, "weights"), &device).unwrap();
            let (one, two) = (make(1), make(2));
            let (of_one, of_two) = (answer(&one), answer(&two));
            assert_ne!(of_one, of_two, "{name}");
            // Clones share what is packed; one of them gets other parameters.
            let clone = one.clone();
            let changed = weights::apply(clone, &weights::collect(&two)).unwrap();
            assert_eq!(answer(&changed), of_two, "{name}");
            assert_eq!(answer(&one), of_one, "{name}");
            assert_eq!(answer(&changed), of_two, "{name}");
            // And back, in the same memory if the allocator so chooses.
            let first = weights::collect(&one);
            drop(one);
            let back = weights::apply(changed, &first).unwrap();
            assert_eq!(answer(&back), of_one, "{name}");
        }
    }
}

#[test]
fn inference_after_a_step_of_the_optimiser_uses_the_new_parameters() {
    let device = fused();
    let config = RecurrentConfig::new(Lstm, SHAPE[2], 19).with_layers(2);
    let mut layer = config.init(&Stream::new(1, "weights"), &device).unwrap();
    let mut optimizer = AdamW::new(AdamWConfig::default());
    for _ in 0..3 {
        // What is packed for inference here must not serve the network after the step.
        let before = answer(&layer.clone().valid());
        let (output, _) = layer.forward(input(&device), None, None).unwrap();
        let mut gradients = output.sum().backward();
        let gradients = GradientsParams::from_module(&mut gradients, &layer);
        optimizer.step(0.05, &mut layer, gradients).unwrap();
        let after = answer(&layer.clone().valid());
        assert_ne!(before, after);
        // A layer that has never packed anything.
        let fresh = config
            .init(&Stream::new(9, "weights"), &Device::flex())
            .unwrap();
        let fresh = weights::apply(fresh, &weights::collect(&layer)).unwrap();
        assert_eq!(answer(&fresh), after);
        assert_eq!(answer(&layer), after);
    }
}

#[test]
fn layers_may_be_sent_and_shared() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Recurrent>();
    shared::<Linear>();
    shared::<State>();
    shared::<RecurrentConfig>();
    shared::<AdamW>();
    shared::<NnError>();
}

#[test]
fn several_threads_infer_with_one_layer_at_once_and_get_the_same_bits() {
    let device = Device::flex();
    for (name, config) in cells(SHAPE[2], 67) {
        let layer = config
            .with_layers(2)
            .with_bidirectional(true)
            .init(&Stream::new(1, "weights"), &device)
            .unwrap();
        let head = LinearConfig::new(2 * 67, 3)
            .init(&Stream::new(1, "head"), &device)
            .unwrap();
        let run = |layer: &Recurrent| {
            let (output, _) = layer.forward(input(&device), None, None).unwrap();
            bits(&values(head.forward(output).unwrap()))
        };
        // Another copy packs its parameters first, so that the threads meet an empty cache of `layer`.
        let alone = weights::apply(
            RecurrentConfig::clone(
                &cells(SHAPE[2], 67)
                    .into_iter()
                    .find(|c| c.0 == name)
                    .unwrap()
                    .1,
            )
            .with_layers(2)
            .with_bidirectional(true)
            .init(&Stream::new(2, "weights"), &device)
            .unwrap(),
            &weights::collect(&layer),
        )
        .unwrap();
        let expected = run(&alone);
        let start = Barrier::new(6);
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..20 {
                        assert_eq!(run(&layer), expected, "{name}");
                    }
                });
            }
        });
    }
}

#[test]
fn several_threads_train_copies_of_one_layer_at_once_and_get_the_same_bits() {
    let device = fused();
    let layer = RecurrentConfig::new(Lstm, SHAPE[2], 67)
        .init(&Stream::new(1, "weights"), &device)
        .unwrap();
    let train = |mut layer: Recurrent| {
        let mut optimizer = AdamW::new(AdamWConfig::default());
        for _ in 0..4 {
            let (output, _) = layer.forward(input(&device), None, None).unwrap();
            let mut gradients = output.powf_scalar(2.0).mean().backward();
            let gradients = GradientsParams::from_module(&mut gradients, &layer);
            optimizer.step(0.01, &mut layer, gradients).unwrap();
        }
        weights::collect(&layer)
    };
    let expected = train(layer.clone());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(train(layer.clone()), expected));
        }
    });
}
