//! Pools against `f64` and finite differences, and their promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, bits_of, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};

const KINDS: [Kind; 3] = [Kind::Max, Kind::Mean, Kind::Last];

/// Which steps of a case are real.
#[derive(Debug, Clone, Copy)]
enum Real {
    All,
    Lengths,
    Mask,
}

struct Case {
    kind: Kind,
    shape: [usize; 3],
    real: Real,
    lengths: Vec<usize>,
    mask: Vec<bool>,
    values: Vec<f32>,
    output_gradient: Vec<f32>,
}

impl Case {
    fn new(kind: Kind, shape: [usize; 3], real: Real) -> Self {
        let [batch, time, features] = shape;
        let mut mask: Vec<bool> = (numbers(7, batch * time, 1.0).into_iter())
            .map(|value| value > 0.0)
            .collect();
        mask.chunks_mut(time)
            .for_each(|row| row[row.len() / 2] = true);
        Self {
            kind,
            shape,
            real,
            lengths: (0..batch).map(|row| 1 + row * 7 % time).collect(),
            mask,
            values: numbers(1, batch * time * features, 1.0),
            output_gradient: numbers(2, batch * features, 1.0),
        }
    }

    fn pooling(&self) -> Pooling<'_> {
        let [batch, time, features] = self.shape;
        Pooling {
            kind: self.kind,
            batch,
            time,
            features,
            steps: match self.real {
                Real::All => Steps::All,
                Real::Lengths => Steps::Lengths(&self.lengths),
                Real::Mask => Steps::Mask(&self.mask),
            },
        }
    }

    fn reference(&self, values: &[f64]) -> Results<f64> {
        let [batch, time, _] = self.shape;
        let is_real = |row: usize, step: usize| match self.real {
            Real::All => true,
            Real::Lengths => step < self.lengths[row],
            Real::Mask => self.mask[row * time + step],
        };
        let steps = |row| (0..time).filter(|step| is_real(row, *step)).collect();
        let real: Vec<Vec<usize>> = (0..batch).map(steps).collect();
        let dy = wide(&self.output_gradient);
        reference(self.kind, self.shape, &real, values, &dy)
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let mut output = unwritten(self.output_gradient.len());
        let mut places = vec![u32::MAX; output.len()];
        let pooling = self.pooling();
        pooling
            .forward(context, &self.values, &mut output, Some(&mut places))
            .unwrap();
        let mut d_values = vec![0.0; self.values.len()];
        pooling
            .backward(&places, &self.output_gradient, &mut d_values)
            .unwrap();
        Results::new([("output", output), ("d values", d_values)])
    }
}

const SHAPES: [[usize; 3]; 4] = [[1, 1, 1], [3, 7, 5], [13, 11, 16], [5, 37, 67]];

#[test]
fn pools_and_their_gradients_are_the_reference_on_every_instruction_set() {
    for shape in SHAPES {
        for kind in KINDS {
            for real in [Real::All, Real::Lengths, Real::Mask] {
                let case = Case::new(kind, shape, real);
                let exact = case.reference(&wide(&case.values));
                let what = format!("{kind:?} of {shape:?}, {real:?}");
                close_on_every_set(&what, &exact, TOLERANCE, |context| case.run(context));
            }
        }
    }
}

#[test]
fn the_reference_gradients_of_pools_are_their_central_differences() {
    for kind in KINDS {
        let case = Case::new(kind, [3, 5, 2], Real::Lengths);
        let values = wide(&case.values);
        let exact = case.reference(&values);
        central_differences(
            &format!("{kind:?}"),
            &[("values", values, &exact["d values"])],
            |given| {
                let output = &case.reference(&given[0])["output"];
                let dy = wide(&case.output_gradient);
                output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
            },
            1e-5,
            1e-8,
        );
    }
}

#[test]
fn bits_of_pools_depend_neither_on_threads_nor_on_the_instruction_set() {
    for kind in KINDS {
        let case = Case::new(kind, [31, 41, 211], Real::Lengths);
        assert!(case.values.len() * size_of::<f32>() >= crate::context::WORTH_SHARING);
        same_bits_everywhere(&format!("{kind:?}"), &THREADS, |context| case.run(context));
    }
}

#[test]
fn of_equal_values_the_first_has_the_gradient_and_what_is_no_number_is_not_lost() {
    let pooling = Pooling {
        kind: Kind::Max,
        batch: 1,
        time: 4,
        features: 2,
        steps: Steps::All,
    };
    let values = [1.0, 5.0, 3.0, f32::NAN, 3.0, 7.0, 2.0, f32::NAN];
    for context in contexts(1) {
        let (mut output, mut places) = ([0.0; 2], [9; 2]);
        pooling
            .forward(&context, &values, &mut output, Some(&mut places))
            .unwrap();
        assert!(output[0] == 3.0 && output[1].is_nan());
        assert_eq!(places, [1, 1]);
        let mut gradient = [0.0; 8];
        pooling
            .backward(&places, &[2.0, 4.0], &mut gradient)
            .unwrap();
        assert_eq!(gradient, [0.0, 0.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
    }
}

#[test]
fn padding_and_the_rows_beside_it_leave_no_trace_in_a_rows_bits() {
    let context = contexts(2)[0];
    for kind in KINDS {
        let case = Case::new(kind, [5, 11, 19], Real::Lengths);
        let all = &case.run(&context)["output"];
        for row in 0..5 {
            let length = case.lengths[row];
            let alone = Pooling {
                kind,
                batch: 1,
                time: length,
                features: 19,
                steps: Steps::All,
            };
            let values = &case.values[row * 11 * 19..][..length * 19];
            let mut output = unwritten(19);
            alone.forward(&context, values, &mut output, None).unwrap();
            assert_eq!(bits_of(&output), bits_of(&all[row * 19..][..19]));
        }
    }
}

#[test]
fn what_does_not_fit_a_pool_is_refused() {
    let context = contexts(1)[0];
    let refused = |steps: Steps<'_>, values: usize, output: usize| {
        let pooling = Pooling {
            kind: Kind::Max,
            batch: 2,
            time: 3,
            features: 1,
            steps,
        };
        let (values, mut output) = (vec![0.0; values], vec![0.0; output]);
        pooling
            .forward(&context, &values, &mut output, None)
            .map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(refused(Steps::All, 6, 2), "");
    assert!(refused(Steps::All, 5, 2).contains("values: expected 6"));
    assert!(refused(Steps::All, 6, 3).contains("output: expected 2"));
    assert!(refused(Steps::Lengths(&[1]), 6, 2).contains("lengths: expected 2"));
    assert!(refused(Steps::Lengths(&[1, 4]), 6, 2).contains("at most 3"));
    assert!(refused(Steps::Lengths(&[1, 0]), 6, 2).contains("row 1: expected a real step"));
    assert!(refused(Steps::Mask(&[true; 5]), 6, 2).contains("mask: expected 6"));
    let pooling = Pooling {
        kind: Kind::Max,
        batch: 1,
        time: 2,
        features: 1,
        steps: Steps::All,
    };
    let error = pooling.backward(&[2], &[1.0], &mut [0.0; 2]).unwrap_err();
    assert!(error.to_string().contains("steps below 2"));
}
