//! Reading few rows of a table, and their gradient, against `f64` and finite differences.
use super::reference::{TOLERANCE, reference};
use super::tests::SIZES;
use super::*;
use crate::check::{
    Results, THREADS, bits_of, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};

struct Case {
    sizes: Embedding,
    table: Vec<f32>,
    ids: Vec<u32>,
    factors: Option<Vec<f32>>,
    output_gradient: Vec<f32>,
}

impl Case {
    /// A fifth of the places read no row; the others are drawn, and some rows are read often and some never.
    fn new((places, entries, width): (usize, usize, usize), dropped: bool) -> Self {
        let id = |(place, value): (usize, f32)| match place % 5 {
            3 => NO_ROW,
            _ => (f64::from(value).max(0.0) * (entries - 1) as f64) as u32,
        };
        let factor = |value: f32| if value < 0.1 { 0.0 } else { 1.0 + value };
        let factors = numbers(4, places * width, 1.0).into_iter().map(factor);
        Self {
            sizes: Embedding { entries, width },
            table: numbers(2, entries * width, 1.0),
            ids: numbers(1, places, 1.0)
                .into_iter()
                .enumerate()
                .map(id)
                .collect(),
            factors: dropped.then(|| factors.collect()),
            output_gradient: numbers(3, places * width, 1.0),
        }
    }

    fn factors(&self) -> Vec<f64> {
        match &self.factors {
            Some(factors) => wide(factors),
            None => vec![1.0; self.output_gradient.len()],
        }
    }

    /// By the definition of the whole table: places of no row read a row of zeros after the last.
    fn reference(&self, table: &[f64]) -> Results<f64> {
        let Embedding { entries, width } = self.sizes;
        let sizes = Embedding {
            entries: entries + 1,
            width,
        };
        let table = [table, &vec![0.0; width]].concat();
        let ids: Vec<u32> = (self.ids.iter())
            .map(|&id| id.min(entries as u32))
            .collect();
        let factors = self.factors();
        let times = |values: &[f64]| -> Vec<f64> {
            let pairs = values.iter().zip(&factors);
            pairs.map(|(value, factor)| value * factor).collect()
        };
        let dy = times(&wide(&self.output_gradient));
        let all = reference(sizes, &table, &ids, &dy);
        let rows = Rows::of(&self.ids);
        let of_rows = rows.rows().iter().flat_map(|&row| {
            let first = row as usize * width;
            all["d table"][first..first + width].to_vec()
        });
        Results::new([
            ("output", times(&all["output"])),
            ("d rows", of_rows.collect()),
        ])
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let mut output = unwritten(self.output_gradient.len());
        let (factors, sizes) = (self.factors.as_deref(), self.sizes);
        sizes
            .read(context, &self.table, &self.ids, factors, &mut output)
            .unwrap();
        let rows = Rows::of(&self.ids);
        let mut d_rows = unwritten(rows.rows().len() * sizes.width);
        let dy = &self.output_gradient;
        rows.gradient(context, sizes.width, factors, dy, &mut d_rows)
            .unwrap();
        Results::new([("output", output), ("d rows", d_rows)])
    }
}

#[test]
fn rows_read_and_their_gradients_are_the_reference_on_every_instruction_set() {
    for sizes in SIZES {
        for dropped in [false, true] {
            let case = Case::new(sizes, dropped);
            let what = format!("{sizes:?}, dropped {dropped}");
            let exact = case.reference(&wide(&case.table));
            close_on_every_set(&what, &exact, TOLERANCE, |context| case.run(context));
        }
    }
}

#[test]
fn the_reference_gradient_of_the_rows_is_its_central_difference() {
    let case = Case::new((11, 5, 3), true);
    let table = wide(&case.table);
    let exact = case.reference(&table);
    let mut claimed = vec![0.0; table.len()];
    for (at, &row) in Rows::of(&case.ids).rows().iter().enumerate() {
        claimed[row as usize * 3..][..3].copy_from_slice(&exact["d rows"][at * 3..][..3]);
    }
    central_differences(
        "rows",
        &[("table", table, &claimed)],
        |given| {
            let output = &case.reference(&given[0])["output"];
            let dy = wide(&case.output_gradient);
            output.iter().zip(&dy).map(|(y, dy)| y * dy).sum()
        },
        1e-4,
        1e-9,
    );
}

#[test]
fn bits_of_rows_depend_neither_on_threads_nor_on_the_instruction_set() {
    for sizes in [(2003, 211, 101), (40_009, 3, 17)] {
        let case = Case::new(sizes, true);
        assert!(case.output_gradient.len() * size_of::<f32>() >= crate::context::WORTH_SHARING);
        same_bits_everywhere(&format!("{sizes:?}"), &THREADS, |context| case.run(context));
    }
}

#[test]
fn without_factors_the_gradient_of_the_rows_is_that_of_the_whole_table_to_the_bit() {
    let mut case = Case::new((211, 17, 37), false);
    case.ids.iter_mut().for_each(|id| *id = (*id).min(16));
    let context = contexts(2)[0];
    let mut whole = unwritten(case.table.len());
    case.sizes
        .backward(&context, &case.ids, &case.output_gradient, &mut whole)
        .unwrap();
    let found = &case.run(&context)["d rows"];
    for (at, &row) in Rows::of(&case.ids).rows().iter().enumerate() {
        let expected = &whole[row as usize * 37..][..37];
        assert_eq!(bits_of(&found[at * 37..][..37]), bits_of(expected));
    }
}

#[test]
fn rows_are_named_once_in_order_and_what_does_not_fit_is_refused() {
    assert_eq!(Rows::of(&[7, NO_ROW, 2, 7, 0]).rows(), [0, 2, 7]);
    assert!(Rows::of(&[NO_ROW]).rows().is_empty());
    let context = contexts(1)[0];
    let sizes = Embedding {
        entries: 3,
        width: 2,
    };
    let read = |ids: &[u32], factors: usize, output: usize| {
        let (factors, mut output) = (vec![0.0; factors], vec![0.0; output]);
        sizes
            .read(&context, &[0.0; 6], ids, Some(&factors), &mut output)
            .map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(read(&[2, NO_ROW], 4, 4), "");
    assert!(read(&[2, 3], 4, 4).contains("ids[1]: expected an id below 3"));
    assert!(read(&[2, 0], 3, 4).contains("factors: expected 4"));
    assert!(read(&[2, 0], 4, 3).contains("output: expected 4"));
    let gradient = |of_output: usize, of_rows: usize| {
        let (from, mut to) = (vec![0.0; of_output], vec![0.0; of_rows]);
        Rows::of(&[1, 1])
            .gradient(&context, 2, None, &from, &mut to)
            .map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(gradient(4, 2), "");
    assert!(gradient(3, 2).contains("output gradient: expected 4"));
    assert!(gradient(4, 4).contains("gradient: expected 2"));
}
