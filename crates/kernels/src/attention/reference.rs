//! The definition, in `f64` and in the plainest loops.
use super::{Attention, Score};
use crate::check::{Results, Tolerance};

/// Scores of the tests are sums of up to 131 terms, each off by 2e-7 of a tangent; their rounding is a relative error of the
/// weights, and what is summed with these carries it. The largest error seen is 6.9e-7.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 1.5e-6,
    floor: 1e-2,
};

/// Numbers of a call in `f64`: queries, keys, values and the score's vector, which is empty where there is none.
pub(super) type Given = [Vec<f64>; 4];

/// Output, weights and gradients.
pub(super) fn reference(
    attention: &Attention<'_>,
    [queries, keys, values, vector]: &Given,
    output_gradient: &[f64],
) -> Results<f64> {
    let Attention { batch, width, .. } = *attention;
    let columns = attention.values;
    let mut output = vec![0.0; output_gradient.len()];
    let mut weights = vec![0.0; batch * attention.targets * attention.sources];
    let [mut d_queries, mut d_keys, mut d_values, mut d_vector] =
        [queries, keys, values, vector].map(|given| vec![0.0; given.len()]);
    for sentence in 0..batch {
        let (targets, sources) = attention.real(sentence);
        let key = |source: usize| (sentence * attention.sources + source) * width;
        let value = |source: usize| (sentence * attention.sources + source) * columns;
        for target in 0..targets {
            let place = sentence * attention.targets + target;
            let (query, out) = (place * width, place * columns);
            let score = |source: usize| -> f64 {
                let pairs = (0..width).map(|h| (h, queries[query + h], keys[key(source) + h]));
                match attention.score {
                    Score::Dot { scale } => {
                        f64::from(scale) * pairs.map(|(_, q, k)| q * k).sum::<f64>()
                    }
                    Score::Additive { .. } => {
                        pairs.map(|(h, q, k)| vector[h] * (q + k).tanh()).sum()
                    }
                }
            };
            let scores: Vec<f64> = (0..sources).map(score).collect();
            let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let all: f64 = scores.iter().map(|e| (e - largest).exp()).sum();
            let a: Vec<f64> = (scores.iter()).map(|e| (e - largest).exp() / all).collect();
            weights[place * attention.sources..][..sources].copy_from_slice(&a);
            let mut d_weights = vec![0.0; sources];
            for source in 0..sources {
                for j in 0..columns {
                    let dy = output_gradient[out + j];
                    output[out + j] += a[source] * values[value(source) + j];
                    d_values[value(source) + j] += a[source] * dy;
                    d_weights[source] += dy * values[value(source) + j];
                }
            }
            let mean: f64 = a.iter().zip(&d_weights).map(|(a, d)| a * d).sum();
            for source in 0..sources {
                let d_score = a[source] * (d_weights[source] - mean);
                for h in 0..width {
                    let (q, k) = (queries[query + h], keys[key(source) + h]);
                    match attention.score {
                        Score::Dot { scale } => {
                            d_queries[query + h] += f64::from(scale) * d_score * k;
                            d_keys[key(source) + h] += f64::from(scale) * d_score * q;
                        }
                        Score::Additive { .. } => {
                            let tanh = (q + k).tanh();
                            let slope = d_score * vector[h] * (1.0 - tanh * tanh);
                            d_queries[query + h] += slope;
                            d_keys[key(source) + h] += slope;
                            d_vector[h] += d_score * tanh;
                        }
                    }
                }
            }
        }
    }
    let additive = matches!(attention.score, Score::Additive { .. });
    Results::new([
        ("output", output),
        ("weights", weights),
        ("d queries", d_queries),
        ("d keys", d_keys),
        ("d values", d_values),
    ])
    .with("d vector", additive.then_some(d_vector))
}
