//! One nearest neighbour over sequences of numbers: the class of the most similar training sequence.
//!
//! With dynamic time warping it is the reference of sequence classification, hard to beat for years
//! (Bagnall, Lines, Bostrom, Large, Keogh, "The great time series classification bake off" (2017),
//! Data Mining and Knowledge Discovery 31). It learns nothing and compares everything: ask [`cost`]
//! before a large search.
//!
//! A sequence lies step by step, `values[step * dims + dim]`, and each dimension is brought to mean 0
//! and variance 1 before it is compared ([`Scaling`]); one that is constant becomes 0.

mod distance;
mod scale;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use thiserror::Error;

use distance::{Envelope, Scratch, bound, euclidean, warped};
use scale::{Moments, moments, normalised, resampled};

/// How two sequences are compared. Both sum squared differences over steps and dimensions and take
/// the root.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distance {
    /// Step by step. Where lengths differ, every sequence is brought to the number of steps of the
    /// longest in the training part, by straight lines between its steps.
    Euclidean,
    /// Along the best alignment that keeps the order, all dimensions together (dynamic time warping;
    /// Sakoe, Chiba, "Dynamic programming algorithm optimization for spoken word recognition" (1978),
    /// IEEE Transactions on Acoustics, Speech, and Signal Processing 26).
    Warped {
        /// How many steps apart two aligned steps may be, as a share of the longer sequence, 0 to 1,
        /// rounded down; never less than the difference of the lengths, without which there is no
        /// alignment. At 0, sequences of one length are compared step by step. 0.1 is usual.
        band: f64,
    },
}

/// Over what each dimension has mean 0 and variance 1.
///
/// Which is better depends on the data: the levels tell the speakers of JapaneseVowels apart, shape
/// alone hardly does. Try both on a validation part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scaling {
    /// Each sequence by itself: only shape counts, as usual for the series of the UCR archive.
    Own,
    /// All steps of the training part: level and size of a sequence count too.
    Training,
}

/// Why sequences cannot be compared.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeighbourError {
    /// There is nothing to compare with.
    #[error("a nearest neighbour needs at least one training sequence, found none")]
    NoSequences,
    /// There is not one label for each sequence.
    #[error(
        "there is one label for each sequence, found {sequences} sequences and {labels} labels"
    )]
    Lengths {
        /// Sequences given.
        sequences: usize,
        /// Labels given.
        labels: usize,
    },
    /// A sequence has no step, or not a whole number of them.
    #[error("sequence {sequence}: {values} values are not one or more steps of {dims} dimensions")]
    Steps {
        /// Index of the sequence.
        sequence: usize,
        /// Values it has.
        values: usize,
        /// Dimensions of all sequences.
        dims: usize,
    },
    /// A value is missing or infinite.
    #[error(
        "sequence {sequence}, step {step}: {value} cannot be compared, fill missing values before"
    )]
    Value {
        /// Index of the sequence.
        sequence: usize,
        /// Index of the step.
        step: usize,
        /// What stands there.
        value: f64,
    },
    /// The band is not a share.
    #[error("the band is a share of the length from 0 to 1 (0.1), found {0}")]
    Band(f64),
}

/// The training sequence most similar to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its index; the lowest of those equally near.
    pub index: usize,
    /// Its class.
    pub label: usize,
    /// Its distance.
    pub distance: f64,
}

/// Training sequences made ready for comparing.
#[derive(Clone, Debug)]
pub struct NearestNeighbour {
    distance: Distance,
    dims: usize,
    /// Mean and deviation of each dimension in the training part; nothing if each sequence has its own.
    moments: Option<Vec<Moments>>,
    /// Steps of the longest training sequence.
    longest: usize,
    training: Vec<(Vec<f64>, Option<Envelope>)>,
    labels: Vec<usize>,
}

impl NearestNeighbour {
    /// Takes training sequences of `dims` dimensions, their lengths may differ, with a class each.
    ///
    /// # Errors
    /// When there is no sequence, one has no whole number of steps or a value that is not finite, the
    /// labels are not as many, or the band is no share.
    pub fn fit<S: AsRef<[f64]>>(
        sequences: &[S],
        dims: usize,
        labels: &[usize],
        scaling: Scaling,
        distance: Distance,
    ) -> Result<Self, NeighbourError> {
        if let Distance::Warped { band } = distance
            && !(0.0..=1.0).contains(&band)
        {
            return Err(NeighbourError::Band(band));
        }
        if sequences.is_empty() {
            return Err(NeighbourError::NoSequences);
        }
        if sequences.len() != labels.len() {
            return Err(NeighbourError::Lengths {
                sequences: sequences.len(),
                labels: labels.len(),
            });
        }
        let lengths = sequences.iter().enumerate();
        let lengths: Vec<usize> = lengths
            .map(|(index, sequence)| check(index, sequence.as_ref(), dims))
            .collect::<Result<_, _>>()?;
        let mut fitted = NearestNeighbour {
            distance,
            dims,
            moments: (scaling == Scaling::Training).then(|| moments(sequences, dims)),
            longest: lengths.into_iter().max().unwrap_or(0),
            training: Vec::with_capacity(sequences.len()),
            labels: labels.to_vec(),
        };
        for sequence in sequences {
            let ready = fitted.ready(sequence.as_ref());
            fitted.training.push(ready);
        }
        Ok(fitted)
    }

    /// The nearest training sequence of each of these.
    ///
    /// # Errors
    /// When a sequence has no whole number of steps or a value that is not finite.
    pub fn nearest<S: AsRef<[f64]>>(
        &self,
        sequences: &[S],
    ) -> Result<Vec<Neighbour>, NeighbourError> {
        for (index, sequence) in sequences.iter().enumerate() {
            check(index, sequence.as_ref(), self.dims)?;
        }
        let mut scratch = Scratch::default();
        Ok(sequences
            .iter()
            .map(|sequence| self.search(sequence.as_ref(), &mut scratch))
            .collect())
    }

    /// A sequence as it is compared, with the envelope that bounds its warped distances.
    fn ready(&self, sequence: &[f64]) -> (Vec<f64>, Option<Envelope>) {
        let values = match &self.moments {
            Some(moments) => normalised(sequence, moments),
            None => normalised(sequence, &moments(&[sequence], self.dims)),
        };
        match self.distance {
            Distance::Euclidean => (resampled(&values, self.dims, self.longest), None),
            Distance::Warped { band } => {
                let steps = values.len() / self.dims;
                let reach = reach(band, steps, steps);
                let envelope = Envelope::of(&values, self.dims, reach);
                (values, Some(envelope))
            }
        }
    }

    fn search(&self, sequence: &[f64], scratch: &mut Scratch) -> Neighbour {
        let (query, envelope) = self.ready(sequence);
        // Nearest first by what a distance is at least: the others are then hardly looked at.
        let mut order: Vec<(f64, usize)> = self
            .training
            .iter()
            .enumerate()
            .map(|(index, (other, around))| {
                (bound(&query, other, around.as_ref(), self.dims), index)
            })
            .collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (mut best, mut least) = (0, f64::INFINITY);
        for (at_least, index) in order {
            // The bound is rounded otherwise than the distance, and must not take a tie away.
            let limit = least * (1.0 + 1e-9);
            if at_least > limit {
                break;
            }
            let (other, around) = &self.training[index];
            let squared = match self.distance {
                Distance::Euclidean => euclidean(&query, other, limit),
                Distance::Warped { band } => {
                    let (n, m) = (query.len() / self.dims, other.len() / self.dims);
                    if bound(other, &query, envelope.as_ref(), self.dims) > limit {
                        continue;
                    }
                    let reach = reach(band, n, m);
                    let around = around.as_ref().filter(|_| n == m);
                    warped(&query, other, self.dims, reach, (around, limit), scratch)
                }
            };
            if squared < least || squared == least && index < best {
                (best, least) = (index, squared);
            }
        }
        Neighbour {
            index: best,
            label: self.labels[best],
            distance: least.sqrt(),
        }
    }
}

/// What a search costs at most; skipping what cannot be nearest saves most of it on data with
/// structure, and little on noise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Pairs of sequences.
    pub comparisons: u64,
    /// Differences of two numbers; a few hundred million a second without skipping.
    pub operations: u64,
}

/// What it costs to find the nearest of training sequences of these lengths for sequences of those,
/// both in steps of `dims` dimensions.
pub fn cost(training: &[usize], queries: &[usize], dims: usize, distance: Distance) -> Cost {
    let longest = training.iter().copied().max().unwrap_or(0);
    let mut total = Cost {
        comparisons: 0,
        operations: 0,
    };
    let (training, queries) = (by_length(training), by_length(queries));
    for (m, others) in &training {
        for (n, sequences) in &queries {
            let pairs = others.saturating_mul(*sequences);
            let cells = match distance {
                Distance::Euclidean => longest as u64,
                Distance::Warped { band } => {
                    let reach = reach(band, *n, *m);
                    let across = |row: usize| {
                        let end = row.saturating_add(reach).min(m.saturating_sub(1)) + 1;
                        end.saturating_sub(row.saturating_sub(reach)) as u64
                    };
                    (0..*n).map(across).sum()
                }
            };
            let each = cells.saturating_mul(dims as u64);
            total.comparisons = total.comparisons.saturating_add(pairs);
            total.operations = total.operations.saturating_add(pairs.saturating_mul(each));
        }
    }
    total
}

/// How many sequences have each length.
fn by_length(lengths: &[usize]) -> BTreeMap<usize, u64> {
    let mut counts = BTreeMap::new();
    for length in lengths {
        *counts.entry(*length).or_insert(0) += 1;
    }
    counts
}

/// Steps that two aligned steps may be apart.
fn reach(band: f64, n: usize, m: usize) -> usize {
    let share = (band * n.max(m) as f64) as usize;
    share.max(n.abs_diff(m))
}

/// The steps of a sequence, if it can be compared.
fn check(sequence: usize, values: &[f64], dims: usize) -> Result<usize, NeighbourError> {
    if values.is_empty() || dims == 0 || !values.len().is_multiple_of(dims) {
        return Err(NeighbourError::Steps {
            sequence,
            values: values.len(),
            dims,
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values.len() / dims),
        Some(at) => Err(NeighbourError::Value {
            sequence,
            step: at / dims,
            value: values[at],
        }),
    }
}
