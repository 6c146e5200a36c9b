//! Squared distances of sequences, given up as soon as they are too large, and what they are at
//! least.

/// The largest and smallest value within reach of each step, in each dimension.
///
/// Keogh, Ratanamahatana, "Exact indexing of dynamic time warping" (2005), Knowledge and Information
/// Systems 7.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    upper: Vec<f64>,
    lower: Vec<f64>,
}

/// Rows of the dynamic programme, kept between comparisons.
#[derive(Default)]
pub(super) struct Scratch {
    above: Vec<f64>,
    row: Vec<f64>,
    costs: Vec<f64>,
    rest: Vec<f64>,
}

impl Envelope {
    pub(super) fn of(values: &[f64], dims: usize, reach: usize) -> Self {
        let steps = values.len() / dims;
        let mut envelope = Envelope {
            upper: values.to_vec(),
            lower: values.to_vec(),
        };
        for step in 0..steps {
            let near = step.saturating_sub(reach)..steps.min(step.saturating_add(reach + 1));
            let place = step * dims..(step + 1) * dims;
            let (upper, lower) = (
                &mut envelope.upper[place.clone()],
                &mut envelope.lower[place],
            );
            for other in values[near.start * dims..near.end * dims].chunks(dims) {
                for ((upper, lower), value) in upper.iter_mut().zip(&mut *lower).zip(other) {
                    *upper = greater(*upper, *value);
                    *lower = less(*lower, *value);
                }
            }
        }
        envelope
    }

    /// What the values of a step add at least to a squared distance.
    fn excess(&self, step: usize, values: &[f64]) -> f64 {
        let place = step * values.len()..(step + 1) * values.len();
        let ends = self.upper[place.clone()].iter().zip(&self.lower[place]);
        let outside = |(value, (upper, lower)): (&f64, (&f64, &f64))| {
            let outside = greater(greater(value - upper, lower - value), 0.0);
            outside * outside
        };
        values.iter().zip(ends).map(outside).sum()
    }
}

/// What the squared distance of two sequences is at least: by the envelope of the second if lengths
/// agree, by both ends otherwise; 0 where there is no envelope.
pub(super) fn bound(query: &[f64], other: &[f64], around: Option<&Envelope>, dims: usize) -> f64 {
    let Some(around) = around else {
        return 0.0;
    };
    if query.len() == other.len() {
        let steps = query.chunks(dims).enumerate();
        return steps
            .map(|(step, values)| around.excess(step, values))
            .sum();
    }
    // Every alignment begins with both first steps and ends with both last ones; of lengths that
    // differ, one is more than 1, so these are two places.
    let last = |values: &[f64]| values.len() - dims;
    let first = squared(&query[..dims], &other[..dims]);
    first + squared(&query[last(query)..], &other[last(other)..])
}

/// Squared distance step by step, or infinity once it is above the limit.
pub(super) fn euclidean(query: &[f64], other: &[f64], limit: f64) -> f64 {
    const PART: usize = 64;
    let mut sum = 0.0;
    for (query, other) in query.chunks(PART).zip(other.chunks(PART)) {
        sum += squared(query, other);
        if sum > limit {
            return f64::INFINITY;
        }
    }
    sum
}

/// Squared distance along the best alignment of steps at most `reach` apart (at least the difference
/// of the lengths), or infinity once it is above the limit. The envelope of the other sequence, if
/// given, tells earlier.
pub(super) fn warped(
    query: &[f64],
    other: &[f64],
    dims: usize,
    reach: usize,
    (around, limit): (Option<&Envelope>, f64),
    scratch: &mut Scratch,
) -> f64 {
    let (n, m) = (query.len() / dims, other.len() / dims);
    let Scratch {
        above,
        row,
        costs,
        rest,
    } = scratch;
    // What the steps from each one on add at least.
    rest.clear();
    rest.resize(n + 1, 0.0);
    if let Some(around) = around {
        for (step, values) in query.chunks(dims).enumerate().rev() {
            rest[step] = rest[step + 1] + around.excess(step, values);
        }
    }
    // Place j + 1 is the best alignment up to step j; infinity stands outside the band.
    for row in [&mut *above, &mut *row] {
        row.clear();
        row.resize(m + 2, f64::INFINITY);
    }
    above[0] = 0.0;
    costs.resize(m.max(costs.len()), 0.0);
    for (step, values) in query.chunks(dims).enumerate() {
        let (from, to) = (step.saturating_sub(reach), m.min(step + reach + 1));
        let costs = &mut costs[..to - from];
        let others = other[from * dims..to * dims].chunks(dims);
        if let [value] = values {
            for (cost, other) in costs.iter_mut().zip(&other[from..to]) {
                *cost = (value - other) * (value - other);
            }
        } else {
            for (cost, other) in costs.iter_mut().zip(others) {
                *cost = squared(values, other);
            }
        }
        // What does not wait for the place before, first.
        let ways = above[from..=to].windows(2);
        let places = &mut row[from + 1..=to];
        for (place, way) in places.iter_mut().zip(ways) {
            *place = less(way[0], way[1]);
        }
        let (mut before, mut least) = (f64::INFINITY, f64::INFINITY);
        for (place, cost) in places.iter_mut().zip(&*costs) {
            before = less(*place, before) + cost;
            *place = before;
            least = less(least, before);
        }
        if least + rest[step + 1] > limit {
            return f64::INFINITY;
        }
        row[from] = f64::INFINITY;
        row[to + 1] = f64::INFINITY;
        std::mem::swap(above, row);
    }
    above[m]
}

/// In four sums that do not wait for one another, always the same four.
fn squared(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    for (a, b) in a.chunks(4).zip(b.chunks(4)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}

// As the processor has them; those of the language also say what becomes of a NaN.

fn less(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

fn greater(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
