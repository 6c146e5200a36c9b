//! The fused attention and the composed one are the same function.
use super::*;

const SENTENCES: usize = 3;
const TARGETS: usize = 4;
const STEPS: usize = 6;

fn drawn<const D: usize>(purpose: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let mut generator = Stream::new(3, purpose).generator();
    let count = shape.iter().product();
    let values: Vec<f32> = (0..count).map(|_| generator.normal() as f32).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter::<f32>().collect()
}

/// Contexts, weights, and the gradients of queries, values, keys' weights and the vector.
fn both(device: Device, score: Score, lengths: Option<[usize; 3]>) -> Vec<Vec<f32>> {
    let device = device.autodiff();
    let config = AttentionConfig::new(score, 5, 7);
    let layer = config.init(&Stream::new(1, "weights"), &device).unwrap();
    let queries = drawn("queries", [SENTENCES, TARGETS, 5], &device).require_grad();
    let values = drawn("values", [SENTENCES, STEPS, 7], &device).require_grad();
    let to = Lengths::new([2, 6, 5]).unwrap();
    let to = layer.attend_to(values.clone(), to).unwrap();
    let lengths = lengths.map(|lengths| Lengths::new(lengths).unwrap());
    let (contexts, weights) = layer
        .forward(queries.clone(), lengths.as_ref(), &to)
        .unwrap();
    let factors = drawn("factors", [SENTENCES, TARGETS, 7], &device);
    let gradients = (contexts.clone() * factors).sum().backward();
    let mut all = vec![
        numbers(contexts),
        numbers(weights),
        numbers(queries.grad(&gradients).unwrap()),
        numbers(values.grad(&gradients).unwrap()),
    ];
    if let Some(vector) = &layer.vector {
        all.push(numbers(vector.val().grad(&gradients).unwrap()));
    }
    all
}

#[test]
fn the_fused_attention_and_that_of_other_devices_agree_forward_and_backward() {
    #[expect(
        deprecated,
        reason = "the one other device that needs nothing of the machine"
    )]
    let other = Device::ndarray();
    assert!(is_fused(&Device::default()) && !is_fused(&other));
    for score in [Score::Multiplicative, Score::Additive] {
        for lengths in [None, Some([4, 1, 3])] {
            let found = both(Device::default(), score, lengths);
            let expected = both(other.clone(), score, lengths);
            assert_eq!(found.len(), expected.len());
            for (part, (found, expected)) in found.iter().zip(&expected).enumerate() {
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(expected) {
                    let off = (found - expected).abs();
                    assert!(off < 2e-5, "{score:?} {part}: {found} for {expected}");
                }
            }
            // Weights of the first query of the first sentence, which has two real steps.
            let weights = &found[1][..STEPS];
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert_eq!(weights[2..], [0.0; STEPS - 2]);
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let device = Device::default();
    let stream = Stream::new(1, "weights");
    let layer = AttentionConfig::new(Score::Multiplicative, 5, 7);
    let layer = layer.init(&stream, &device).unwrap();
    let values = drawn("values", [2, 3, 7], &device);
    let too_long = Lengths::new([3, 4]).unwrap();
    assert!(layer.attend_to(values.clone(), too_long).is_err());
    let to = layer
        .attend_to(values, Lengths::new([3, 2]).unwrap())
        .unwrap();
    for shape in [[2, 2, 4], [1, 2, 5]] {
        let error = layer
            .forward(drawn("queries", shape, &device), None, &to)
            .unwrap_err();
        assert!(error.to_string().contains("attention: "), "{error}");
    }
    let nothing = AttentionConfig::new(Score::Additive, 0, 7);
    assert!(nothing.init(&stream, &device).is_err());
}
