//! Latent vectors: drawn from the standard normal distribution, and on the way from one to another.

use ressac_nn::random::{Generator, Stream};

/// Times that a number beyond the truncation is drawn anew before it is cut off.
const ATTEMPTS: usize = 100;

/// Vectors `[count · width]` of the standard normal distribution, each a function of the stream and its place; none of their numbers
/// is beyond ±`truncation` (Brock, Donahue and Simonyan 2019).
pub(crate) fn drawn(
    count: usize,
    width: usize,
    truncation: Option<f64>,
    stream: &Stream,
) -> Vec<f64> {
    let number = |generator: &mut Generator| match truncation {
        None => generator.normal(),
        Some(most) => {
            let mut attempts = (0..ATTEMPTS).map(|_| generator.normal());
            let within = attempts.find(|value| value.abs() <= most);
            // Only a truncation near 0 comes here.
            within.unwrap_or_else(|| (2.0 * generator.uniform() - 1.0) * most)
        }
    };
    let vectors = (0..count as u64).flat_map(|place| {
        let mut generator = stream.at(place).generator();
        (0..width)
            .map(|_| number(&mut generator))
            .collect::<Vec<f64>>()
    });
    vectors.collect()
}

/// Vectors on the way from each of `ends` to the next and from the last to the first, `steps` of them for each, `count` in all, along
/// the arc between them: on a straight line they would come nearer to 0 than drawn ones are (White 2016).
pub(crate) fn between(ends: &[f64], width: usize, count: usize, steps: usize) -> Vec<f64> {
    let places = (ends.len() / width.max(1)).max(1);
    let steps = steps.max(1);
    let norm = |vector: &[f64]| vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    let way = (0..count).flat_map(|at| {
        let (from, step) = ((at / steps) % places, at % steps);
        let (a, b) = (
            &ends[from * width..][..width],
            &ends[(from + 1) % places * width..][..width],
        );
        let share = step as f64 / steps as f64;
        let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
        let angle = (dot / (norm(a) * norm(b)).max(1e-300))
            .clamp(-1.0, 1.0)
            .acos();
        let (of_a, of_b) = match angle.sin() < 1e-6 {
            true => (1.0 - share, share),
            false => (
                ((1.0 - share) * angle).sin() / angle.sin(),
                (share * angle).sin() / angle.sin(),
            ),
        };
        a.iter()
            .zip(b)
            .map(|(a, b)| of_a * a + of_b * b)
            .collect::<Vec<f64>>()
    });
    way.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_beyond_the_truncation_and_a_vector_depends_on_its_place_alone() {
        let stream = Stream::new(3, "latent");
        for most in [0.001, 0.5, 2.0] {
            let vectors = drawn(20, 5, Some(most), &stream);
            assert!(vectors.iter().all(|value| value.abs() <= most), "{most}");
        }
        assert_eq!(
            drawn(2, 5, None, &stream)[..],
            drawn(9, 5, None, &stream)[..10]
        );
    }

    #[test]
    fn the_way_begins_at_each_end_and_keeps_the_length_of_unit_vectors() {
        let ends = [1.0, 0.0, 0.0, 1.0];
        let way = between(&ends, 2, 8, 4);
        assert_eq!(way[..2], ends[..2]);
        for (got, wanted) in way[8..10].iter().zip(&ends[2..]) {
            assert!((got - wanted).abs() < 1e-12);
        }
        for vector in way.chunks_exact(2) {
            assert!((vector[0].hypot(vector[1]) - 1.0).abs() < 1e-12);
        }
    }
}
