//! Quantiles that cannot cross: the median, and steps away from it that are never negative.

use burn::tensor::{Tensor, activation};

/// The place of the quantile nearest to one half.
pub(in crate::forecast) fn median(levels: &[f64]) -> usize {
    let distance = |level: &f64| (level - 0.5).abs();
    levels
        .iter()
        .enumerate()
        .min_by(|(_, a), (_, b)| distance(a).total_cmp(&distance(b)))
        .map_or(0, |(place, _)| place)
}

/// Free outputs → quantiles in rising order, along the last axis: the output in the median's place
/// is the median, the others are steps away from their neighbour, made positive by softplus.
pub(super) fn spread(raw: Tensor<4>, levels: &[f64]) -> Tensor<4> {
    let count = raw.dims()[3];
    if count < 2 {
        return raw;
    }
    let median = median(levels);
    let mut quantiles: Vec<Tensor<4>> = Vec::with_capacity(count);
    let middle = raw.clone().narrow(3, median, 1);
    let mut below = middle.clone();
    for place in (0..median).rev() {
        below = below - activation::softplus(raw.clone().narrow(3, place, 1), 1.0);
        quantiles.push(below.clone());
    }
    quantiles.reverse();
    quantiles.push(middle.clone());
    let mut above = middle;
    for place in median + 1..count {
        above = above + activation::softplus(raw.clone().narrow(3, place, 1), 1.0);
        quantiles.push(above.clone());
    }
    Tensor::cat(quantiles, 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    #[test]
    fn quantiles_rise_whatever_the_outputs() {
        let outputs: Vec<f32> = vec![5.0, -40.0, 3.0, 0.0, -2.5, 88.0, 1.0, 0.1, -0.1, 7.0];
        let raw =
            Tensor::<4>::from_data(TensorData::new(outputs, [1, 2, 1, 5]), &Device::default());
        let levels = [0.05, 0.2, 0.5, 0.8, 0.95];
        let spread: Vec<f32> = spread(raw, &levels).into_data().iter::<f32>().collect();
        for row in spread.chunks(5) {
            assert!(row.is_sorted(), "{row:?}");
        }
        assert_eq!((spread[2], spread[7]), (3.0, 0.1));
    }

    #[test]
    fn the_median_is_the_level_nearest_to_one_half() {
        assert_eq!(median(&[0.1, 0.5, 0.9]), 1);
        assert_eq!(median(&[0.1, 0.4]), 1);
        assert_eq!(median(&[]), 0);
    }
}
