//! The table against `f64` and finite differences, and its promises about bits.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, bits_of, central_differences, close_on_every_set, contexts, numbers,
    same_bits_everywhere, unwritten, wide,
};

#[derive(Debug, Clone)]
struct Case {
    sizes: Embedding,
    table: Vec<f32>,
    ids: Vec<u32>,
    output_gradient: Vec<f32>,
}

impl Case {
    /// Half of the places read entry 0, as padding would; the others are drawn, and some entries are never read.
    fn new(places: usize, entries: usize, width: usize) -> Self {
        let drawn = numbers(1, places, 1.0);
        let id = |value: f32| ((f64::from(value).max(0.0)) * (entries - 1) as f64) as u32;
        Self {
            sizes: Embedding { entries, width },
            table: numbers(2, entries * width, 1.0),
            ids: drawn.into_iter().map(id).collect(),
            output_gradient: numbers(3, places * width, 1.0),
        }
    }

    fn reference(&self, table: &[f64]) -> Results<f64> {
        reference(self.sizes, table, &self.ids, &wide(&self.output_gradient))
    }

    fn run(&self, context: &Context) -> Results<f32> {
        let mut output = unwritten(self.output_gradient.len());
        let mut d_table = unwritten(self.table.len());
        let sizes = self.sizes;
        sizes
            .forward(context, &self.table, &self.ids, &mut output)
            .unwrap();
        sizes
            .backward(context, &self.ids, &self.output_gradient, &mut d_table)
            .unwrap();
        Results::new([("output", output), ("d table", d_table)])
    }
}

/// Places, entries and width: one of each, unequal primes, whole and broken vectors and lines, no place.
pub(super) const SIZES: [(usize, usize, usize); 6] = [
    (1, 1, 1),
    (7, 5, 3),
    (13, 101, 16),
    (211, 17, 37),
    (509, 31, 64),
    (0, 3, 5),
];

#[test]
fn rows_and_gradients_are_the_reference_on_every_instruction_set() {
    for (places, entries, width) in SIZES {
        let case = Case::new(places, entries, width);
        let what = format!("{places} places of {:?}", case.sizes);
        let exact = case.reference(&wide(&case.table));
        close_on_every_set(&what, &exact, TOLERANCE, |context| case.run(context));
    }
}

#[test]
fn the_reference_gradient_is_its_central_difference() {
    let case = Case::new(11, 5, 3);
    let table = wide(&case.table);
    let exact = case.reference(&table);
    central_differences(
        "embedding",
        &[("table", table, &exact["d table"])],
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
fn bits_depend_neither_on_threads_nor_on_the_instruction_set() {
    for (places, entries, width) in [(2003, 211, 101), (40_009, 3, 17), (3, 50_021, 7)] {
        let case = Case::new(places, entries, width);
        let shared = case.output_gradient.len().max(case.table.len());
        assert!(shared * size_of::<f32>() >= crate::context::WORTH_SHARING);
        let what = format!("{:?}", case.sizes);
        same_bits_everywhere(&what, &THREADS, |context| case.run(context));
    }
}

#[test]
fn a_row_is_copied_to_the_bit_and_sums_run_in_the_order_of_the_places() {
    let sizes = Embedding {
        entries: 2,
        width: 1,
    };
    // In any other order the one would be lost beside the large ones.
    let gradient = [1e8, -1e8, 1.0, 5.0];
    for context in contexts(2) {
        let (mut output, mut d_table) = ([0.0; 4], [f32::NAN; 2]);
        let table = [f32::MIN_POSITIVE / 2.0, -0.0];
        sizes
            .forward(&context, &table, &[1, 0, 0, 1], &mut output)
            .unwrap();
        let expected = [table[1], table[0], table[0], table[1]];
        assert_eq!(bits_of(&output), bits_of(&expected));
        sizes
            .backward(&context, &[0, 0, 0, 1], &gradient, &mut d_table)
            .unwrap();
        assert_eq!(d_table, [1.0, 5.0]);
    }
}

#[test]
fn ids_beyond_the_table_and_wrong_buffers_are_refused() {
    let context = contexts(1)[0];
    let sizes = Embedding {
        entries: 3,
        width: 2,
    };
    let forward = |ids: &[u32], table: usize, output: usize| {
        let (table, mut output) = (vec![0.0; table], vec![0.0; output]);
        sizes
            .forward(&context, &table, ids, &mut output)
            .map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(forward(&[2, 0], 6, 4), "");
    assert_eq!(
        forward(&[2, 3], 6, 4),
        "embedding: ids[1]: expected an id below 3, the entries of the table, found 3"
    );
    assert_eq!(
        forward(&[2, 0], 5, 4),
        "embedding: table: expected 6 values (entries 3 × width 2), found 5"
    );
    assert_eq!(
        forward(&[2, 0], 6, 3),
        "embedding: output: expected 4 values (ids 2 × width 2), found 3"
    );
    let backward = |gradient: usize, table: usize| {
        let (gradient, mut table) = (vec![0.0; gradient], vec![0.0; table]);
        sizes
            .backward(&context, &[2, 0], &gradient, &mut table)
            .map_or_else(|error| error.to_string(), |()| String::new())
    };
    assert_eq!(backward(4, 6), "");
    assert!(backward(5, 6).starts_with("embedding: output gradient: expected 4"));
    assert!(backward(4, 7).starts_with("embedding: table gradient: expected 6"));
}
