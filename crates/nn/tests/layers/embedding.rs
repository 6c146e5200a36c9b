//! Words as vectors: what is looked up, what its gradient is, what is refused.
use crate::support::{bits, by_name, composed, fused, numbers, tensor, values};
use burn::tensor::Device;
use ressac_nn::optim::GradientsParams;
use ressac_nn::random::Stream;
use ressac_nn::{Embedding, EmbeddingConfig, weights};

const WORDS: usize = 13;
const WIDTH: usize = 5;

fn table(device: &Device) -> Embedding {
    EmbeddingConfig::new(WORDS, WIDTH)
        .init(&Stream::new(2, "embedding"), device)
        .unwrap()
}

fn sentences() -> Vec<Vec<u32>> {
    vec![vec![3, 0, 12], vec![7], vec![3, 3, 1, 12, 0, 3, 5]]
}

#[test]
fn given_vectors_stand_in_their_rows_and_the_others_are_drawn_as_ever() {
    let config = EmbeddingConfig::new(WORDS, WIDTH);
    let stream = Stream::new(2, "embedding");
    let vector = [1.0, -2.0, 3.0, 0.5, 0.0];
    let given = config
        .init_from([(7, &vector[..])], &stream, &fused())
        .unwrap();
    let rows = &weights::collect(&given)["weights"].values;
    let mut expected = weights::collect(&table(&fused()))["weights"].values.clone();
    expected[7 * WIDTH..8 * WIDTH].copy_from_slice(&vector);
    assert_eq!(bits(rows), bits(&expected));
    for (word, numbers) in [(WORDS, &vector[..]), (0, &vector[..4])] {
        let refused = config.init_from([(word, numbers)], &stream, &fused());
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("given vectors"), "{error}");
    }
}

#[test]
fn every_word_gets_its_row_and_what_follows_a_sentence_is_zero() {
    for device in [fused(), fused().inner(), composed()] {
        let table = table(&device);
        let rows = &weights::collect(&table)["weights"].values;
        let output = table.forward(&sentences()).unwrap();
        assert_eq!(output.dims(), [3, 7, WIDTH]);
        let mut expected = Vec::new();
        for sentence in sentences() {
            for step in 0..7 {
                expected.extend(match sentence.get(step) {
                    Some(&word) => rows[word as usize * WIDTH..][..WIDTH].to_vec(),
                    None => vec![0.0; WIDTH],
                });
            }
        }
        assert_eq!(bits(&values(output)), bits(&expected));
    }
}

#[test]
fn the_gradient_of_a_row_is_the_sum_over_the_places_of_its_word_in_their_order() {
    let upstream = numbers("upstream", 3 * 7 * WIDTH);
    let mut expected = vec![0.0f32; WORDS * WIDTH];
    for (row, sentence) in sentences().iter().enumerate() {
        for (step, &word) in sentence.iter().enumerate() {
            for k in 0..WIDTH {
                expected[word as usize * WIDTH + k] += upstream[(row * 7 + step) * WIDTH + k];
            }
        }
    }
    let gradient = |device: &Device| {
        let table = table(device);
        let output = table.forward(&sentences()).unwrap();
        let loss = (output * tensor(&upstream, [3, 7, WIDTH], device)).sum();
        let gradients = GradientsParams::from_module(&mut loss.backward(), &table);
        by_name(&table, &gradients)["weights"].clone()
    };
    assert_eq!(bits(&gradient(&fused())), bits(&expected));
    assert_eq!(gradient(&composed()), expected);
}

#[test]
fn a_table_starts_from_its_stream_and_a_larger_one_from_the_same_rows() {
    let values = |words: usize, stream: &str, deviation: f64| {
        let config = EmbeddingConfig::new(words, 97).with_deviation(deviation);
        let table = config.init(&Stream::new(2, stream), &fused()).unwrap();
        weights::collect(&table)["weights"].values.clone()
    };
    let small = values(101, "a", 1.0);
    assert_eq!(small, values(101, "a", 1.0));
    assert_ne!(small, values(101, "b", 1.0));
    assert_eq!(values(211, "a", 1.0)[..small.len()], small);
    // Five standard errors of mean and variance.
    let count = small.len() as f64;
    let mean = small.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let square = small.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / count;
    assert!(mean.abs() < 5.0 / count.sqrt(), "{mean}");
    assert!(
        (square - 1.0).abs() < 5.0 * (2.0 / count).sqrt(),
        "{square}"
    );
    let halves: Vec<f32> = small.iter().map(|&x| x / 2.0).collect();
    assert_eq!(values(101, "a", 0.5), halves);
}

#[test]
fn words_that_are_not_in_the_table_and_sentences_without_words_are_refused_by_their_place() {
    let table = table(&fused());
    let says = |sentences: &[Vec<u32>], parts: &[&str]| {
        let message = table.forward(sentences).unwrap_err().to_string();
        for part in parts {
            assert!(message.contains(part), "`{part}` is not in: {message}");
        }
    };
    says(
        &[vec![1], vec![2, 4, 13]],
        &["word 2 of sentence 1", "below 13", "found 13"],
    );
    says(&[vec![1], vec![]], &["lengths[1]", "at least 1"]);
    says(&[], &["lengths", "none"]);
    let refused = |config: EmbeddingConfig, part: &str| {
        let error = config.init(&Stream::new(1, "e"), &fused()).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    };
    refused(EmbeddingConfig::new(0, 3), "embedding: words");
    refused(EmbeddingConfig::new(3, 0), "embedding: width");
    let config = EmbeddingConfig::new(3, 3);
    refused(config.with_deviation(f64::NAN), "embedding: deviation");
    refused(config.with_deviation(-1.0), "embedding: deviation");
}
