//! Windows of rows: each some rows that follow one another in a file, as one sequence.

use super::{Examples, Inputs, Sequence, Sequences};

/// The rows at which a window of so many rows of one file can end, ascending. Of examples that are not rows, none.
pub fn window_ends(rows: &Examples, steps: usize) -> Vec<usize> {
    let Inputs::Sequences(sequences) = &rows.inputs else {
        return Vec::new();
    };
    let (mut ends, mut run) = (Vec::new(), 0);
    for (at, (item, origin)) in sequences.items.iter().zip(&rows.origins).enumerate() {
        let follows = at > 0 && rows.origins[at - 1].file == origin.file;
        run = match (item.steps, follows) {
            (1, true) => run + 1,
            (1, false) => 1,
            _ => 0,
        };
        if run >= steps.max(1) {
            ends.push(at);
        }
    }
    ends
}

/// Windows of `steps` rows that end at these rows, of [`window_ends`]: each a sequence with the class, the name and the place of its
/// last row. A window of which a row is not there is left out.
pub fn windows(rows: &Examples, ends: &[usize], steps: usize) -> Examples {
    let (mut items, mut kept) = (Vec::new(), Vec::new());
    let mut dims = Vec::new();
    if let Inputs::Sequences(sequences) = &rows.inputs {
        dims.clone_from(&sequences.dims);
        for end in ends {
            let first = (end + 1).checked_sub(steps);
            let Some(own) = first.and_then(|first| sequences.items.get(first..=*end)) else {
                continue;
            };
            let of_dims = (0..dims.len()).flat_map(|dim| own.iter().map(move |row| row.dim(dim)));
            let values = of_dims.filter_map(|row| row.first().copied()).collect();
            items.push(Sequence { values, steps });
            kept.push(*end);
        }
    }
    Examples {
        inputs: Inputs::Sequences(Sequences { dims, items }),
        labels: (rows.labels.as_ref())
            .map(|labels| kept.iter().map(|end| labels[*end].clone()).collect()),
        origins: kept.iter().map(|end| rows.origins[*end].clone()).collect(),
        files: rows.files.clone(),
        media: rows.media,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::examples::Origin;

    /// Two files of five and three rows of two dimensions.
    fn rows() -> Examples {
        let item = |at: usize| Sequence {
            values: vec![at as f64, -(at as f64)],
            steps: 1,
        };
        Examples {
            inputs: Inputs::Sequences(Sequences {
                dims: vec!["a".into(), "b".into()],
                items: (0..8).map(item).collect(),
            }),
            labels: Some((0..8).map(|at| format!("class {at}")).collect()),
            origins: (0..8)
                .map(|at| Origin {
                    file: usize::from(at >= 5),
                    place: Place::Line(at + 2),
                    id: Some(format!("row {at}")),
                })
                .collect(),
            files: vec!["one.csv".into(), "two.csv".into()],
            media: None,
        }
    }

    #[test]
    fn a_window_is_of_one_file_and_is_named_by_its_last_row() {
        let rows = rows();
        assert_eq!(window_ends(&rows, 3), [2, 3, 4, 7]);
        assert_eq!(window_ends(&rows, 1).len(), 8);
        assert_eq!(window_ends(&rows, 6), [0_usize; 0]);
        let cut = windows(&rows, &[2, 7], 3);
        let Inputs::Sequences(sequences) = &cut.inputs else {
            panic!("{cut:?}");
        };
        assert_eq!(sequences.items[0].values, [0.0, 1.0, 2.0, -0.0, -1.0, -2.0]);
        assert_eq!(sequences.items[1].dim(0), [5.0, 6.0, 7.0]);
        assert_eq!(cut.labels.unwrap(), ["class 2", "class 7"]);
        assert_eq!(cut.origins[1].id.as_deref(), Some("row 7"));
        assert_eq!(cut.origins[1].file, 1);
    }

    #[test]
    fn a_window_that_is_not_there_is_left_out() {
        assert!(windows(&rows(), &[1, 99], 3).is_empty());
        let longer = Examples {
            inputs: Inputs::Sequences(Sequences {
                dims: vec!["a".into()],
                items: vec![
                    Sequence {
                        values: vec![1.0, 2.0],
                        steps: 2
                    };
                    3
                ],
            }),
            ..rows()
        };
        assert_eq!(window_ends(&longer, 2), [0_usize; 0]);
    }
}
