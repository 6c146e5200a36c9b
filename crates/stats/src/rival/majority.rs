//! The most frequent class, whatever the input: what an accuracy is compared with first.

/// The classes of a training part, counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Majority {
    /// The most frequent class, the first of equally frequent ones.
    pub class: usize,
    /// The share of each class: as probabilities, the best that know nothing of the input.
    pub shares: Vec<f64>,
}

/// Counts the labels of a training part. Nothing without a label, or where one is not below
/// `classes`.
pub fn majority(labels: &[usize], classes: usize) -> Option<Majority> {
    let mut counts = vec![0_usize; classes];
    for label in labels {
        *counts.get_mut(*label)? += 1;
    }
    let most = *counts.iter().max().filter(|most| **most > 0)?;
    let share = |count: &usize| *count as f64 / labels.len() as f64;
    Some(Majority {
        class: counts.iter().position(|count| *count == most)?,
        shares: counts.iter().map(share).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_most_frequent_classes_is_taken() {
        let found = majority(&[2, 1, 2, 1, 4], 6).unwrap();
        assert_eq!(found.class, 1);
        assert_eq!(found.shares, [0.0, 0.4, 0.4, 0.0, 0.2, 0.0]);
    }

    #[test]
    fn without_a_label_or_with_a_wrong_one_there_is_none() {
        assert_eq!(majority(&[], 3), None);
        assert_eq!(majority(&[], 0), None);
        assert_eq!(majority(&[0, 3], 3), None);
    }
}
