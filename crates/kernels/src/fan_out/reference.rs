//! The step in `f64`, written as the sums stand in the module's documentation.
use super::{Sizes, Sums};
use crate::cell::{Cell, Source};
use crate::check::{Results, Tolerance};

/// Sums of a few terms of magnitude 1, some hundred of them in the gradient of the bias.
pub(super) const TOLERANCE: Tolerance = Tolerance {
    relative: 2e-6,
    floor: 1e-2,
};

/// The output, and the gradients of what a step reads, by name.
pub(super) fn named<T>([output, bias, shared, own, sums, state]: [Vec<T>; 6]) -> Results<T> {
    Results::new([
        ("output", output),
        ("d bias", bias),
        ("d shared", shared),
        ("d own", own),
        ("d sums", sums),
        ("d state", state),
    ])
}

/// What a step gives, forward and backward.
pub(super) fn reference<C, const COLUMNS: usize, const KEPT: usize>(
    sizes: Sizes,
    cell: &C,
    from: Sums<'_>,
    output_gradient: &[f32],
) -> Results<f64>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    let Sizes {
        groups,
        members,
        branches,
        hidden,
    } = sizes;
    let zeros = |values: &[f32]| vec![0.0; values.len()];
    let mut all = [
        zeros(output_gradient),
        zeros(from.bias),
        zeros(from.shared),
        from.own.map(zeros).unwrap_or_default(),
        zeros(from.sums),
        zeros(from.state),
    ];
    let reading = |reads: fn(Source) -> bool| -> Vec<usize> {
        let sources = C::SOURCES.iter().enumerate();
        sources
            .filter(|(_, s)| reads(**s))
            .map(|(c, _)| c)
            .collect()
    };
    let inputs = reading(Source::reads_input);
    let states = reading(Source::reads_state);
    for (group, member, branch, unit) in (0..groups * members * branches * hidden).map(|i| {
        let (row, unit) = (i / hidden, i % hidden);
        let (row, branch) = (row / branches, row % branches);
        (row / members, row % members, branch, unit)
    }) {
        let row = group * members + member;
        // For each column, the places of its terms: which array, and where.
        let terms: [Vec<(usize, usize)>; COLUMNS] = std::array::from_fn(|column| {
            let mut terms = vec![(1, column * hidden + unit)];
            if let Some(place) = inputs.iter().position(|&c| c == column) {
                let at = |row: usize| ((row * branches + branch) * inputs.len() + place) * hidden;
                terms.push((2, at(member) + unit));
                if from.own.is_some() {
                    terms.push((3, at(group) + unit));
                }
            }
            if let Some(place) = states.iter().position(|&c| c == column) {
                terms.push((4, (row * states.len() + place) * hidden + unit));
            }
            terms
        });
        let own = from.own.unwrap_or_default();
        let arrays = [&[], from.bias, from.shared, own, from.sums];
        let columns = std::array::from_fn(|column| {
            let terms = &terms[column];
            terms.iter().map(|&(a, at)| f64::from(arrays[a][at])).sum()
        });
        let h = f64::from(from.state[row * hidden + unit]);
        let (next, kept) = cell.forward(columns, [h], []);
        let at = (row * branches + branch) * hidden + unit;
        all[0][at] = next[0];
        let gradient = [f64::from(output_gradient[at])];
        let (columns, passed, []) = cell.backward(kept, [h], next, [], gradient);
        all[5][row * hidden + unit] += passed[0];
        for (terms, value) in terms.iter().zip(columns) {
            for &(array, at) in terms {
                all[array][at] += value;
            }
        }
    }
    named(all)
}
