//! The step of some rows against the definition in `f64` and against AdamW on the whole table.
use super::reference::{TOLERANCE, reference};
use super::*;
use crate::check::{
    Results, THREADS, assert_close, bits_of, close_on_every_set, contexts, numbers,
    same_bits_everywhere, wide,
};

const SETTINGS: AdamW = AdamW {
    learning_rate: 0.01,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weight_decay: 0.01,
    step: 1,
    gradient_scale: 0.7,
};

#[derive(Debug, Clone)]
struct Trained {
    width: usize,
    values: Vec<f32>,
    squares: Vec<f32>,
    read: Vec<u64>,
}

impl Trained {
    fn new(entries: usize, width: usize) -> Self {
        Self {
            width,
            values: numbers(1, entries * width, 1.0),
            squares: vec![0.0; entries * width],
            read: vec![0; entries],
        }
    }

    fn step(
        &mut self,
        settings: &AdamW,
        context: &Context,
        rows: &[u32],
        gradient: &[f32],
    ) -> Result<(), ShapeError> {
        let mut table = Table {
            width: self.width,
            values: &mut self.values,
            squares: &mut self.squares,
            read: &mut self.read,
        };
        settings.step_rows(context, &mut table, rows, gradient)
    }

    fn results(self) -> Results<f32> {
        Results::new([("values", self.values), ("squares", self.squares)])
    }
}

/// The rows of each of eleven steps and their gradient: some in every step, some seldom, some never.
fn steps(entries: usize, width: usize) -> Vec<(AdamW, Vec<u32>, Vec<f32>)> {
    let read = |step: u64, row: u32| match row % 5 {
        0 => true,
        1 => step.is_multiple_of(2),
        2 => step == 1 || step == 9,
        3 => step == 7,
        _ => false,
    };
    (1..12)
        .map(|step| {
            let rows: Vec<u32> = (0..entries as u32).filter(|row| read(step, *row)).collect();
            let gradient = numbers(100 + step, rows.len() * width, 1.0);
            (AdamW { step, ..SETTINGS }, rows, gradient)
        })
        .collect()
}

fn run(context: &Context, entries: usize, width: usize) -> Results<f32> {
    let mut trained = Trained::new(entries, width);
    for (settings, rows, gradient) in steps(entries, width) {
        trained.step(&settings, context, &rows, &gradient).unwrap();
    }
    trained.results()
}

/// By the reference of AdamW with β₁ = 0: every step for the mean square, with a gradient of zero where a row is not
/// read; the weights only where it is. The mean squares are as of the step a row was last read in.
fn exact(entries: usize, width: usize) -> Results<f64> {
    let mut values = wide(&numbers(1, entries * width, 1.0));
    let (mut squares, mut kept) = (vec![0.0; values.len()], vec![0.0; values.len()]);
    for (settings, rows, gradient) in steps(entries, width) {
        let settings = AdamW {
            beta1: 0.0,
            ..settings
        };
        for entry in 0..entries {
            let found = rows.iter().position(|row| *row as usize == entry);
            for column in 0..width {
                let at = entry * width + column;
                let g = found.map_or(0.0, |row| f64::from(gradient[row * width + column]));
                let [theta, _, v] = reference(&settings, values[at], g, 0.0, squares[at]);
                squares[at] = v;
                if found.is_some() {
                    (values[at], kept[at]) = (theta, v);
                }
            }
        }
    }
    Results::new([("values", values), ("squares", kept)])
}

/// Entries and width.
const SIZES: [(usize, usize); 4] = [(1, 1), (7, 3), (101, 16), (23, 37)];

#[test]
fn steps_of_rows_are_the_definition_on_every_instruction_set() {
    for (entries, width) in SIZES {
        let what = format!("{entries} × {width}");
        close_on_every_set(&what, &exact(entries, width), TOLERANCE, |context| {
            run(context, entries, width)
        });
    }
}

#[test]
fn without_weight_decay_it_is_adamw_without_momentum_on_the_whole_table() {
    let (entries, width) = (23, 37);
    let context = contexts(2)[0];
    let mut trained = Trained::new(entries, width);
    let mut dense = trained.clone();
    let mut unused = vec![0.0; dense.values.len()];
    for (settings, rows, gradient) in steps(entries, width) {
        let settings = AdamW {
            weight_decay: 0.0,
            beta1: 0.0,
            ..settings
        };
        trained.step(&settings, &context, &rows, &gradient).unwrap();
        let mut whole = vec![0.0; dense.values.len()];
        for (row, values) in rows.iter().zip(gradient.chunks(width)) {
            whole[*row as usize * width..][..width].copy_from_slice(values);
        }
        let (values, squares) = (&mut dense.values, &mut dense.squares);
        settings
            .step(&context, values, &whole, &mut unused, squares)
            .unwrap();
    }
    let exact = Results::new([("values", wide(&dense.values))]);
    let found = Results::new([("values", trained.values)]);
    assert_close("rows", &found, &exact, TOLERANCE);
}

#[test]
fn a_row_that_is_not_read_keeps_its_bits() {
    let mut trained = Trained::new(5, 3);
    let before = trained.values.clone();
    let context = contexts(2)[0];
    trained
        .step(&SETTINGS, &context, &[1, 3], &numbers(2, 6, 1.0))
        .unwrap();
    for row in [0, 2, 4] {
        let at = row * 3..row * 3 + 3;
        assert_eq!(bits_of(&trained.values[at.clone()]), bits_of(&before[at]));
    }
    assert_ne!(trained.values[3..6], before[3..6]);
    assert_eq!(trained.read, [0, 1, 0, 1, 0]);
}

#[test]
fn bits_of_a_step_of_rows_depend_neither_on_threads_nor_on_the_instruction_set() {
    assert!(2003 * 101 * 4 / 5 * size_of::<f32>() >= crate::context::WORTH_SHARING);
    same_bits_everywhere("rows", &THREADS, |context| run(context, 2003, 101));
}

#[test]
fn rows_that_do_not_fit_are_refused_and_nothing_moves() {
    let context = contexts(1)[0];
    let refused = |step: u64, rows: &[u32], gradient: usize| {
        let mut trained = Trained::new(5, 2);
        trained.read[2] = 3;
        let before = trained.values.clone();
        let settings = AdamW { step, ..SETTINGS };
        let error = trained
            .step(&settings, &context, rows, &vec![1.0; gradient])
            .unwrap_err();
        assert_eq!(trained.values, before);
        error.to_string()
    };
    assert_eq!(
        refused(4, &[1, 1], 4),
        "adamw: rows: expected each once, in ascending order, found 1 before 1"
    );
    assert!(refused(4, &[1, 5], 4).contains("rows below 5"));
    assert!(refused(4, &[1, 2], 3).contains("gradient: expected 4"));
    assert!(refused(3, &[1, 2], 4).contains("step: expected more than 3"));
    assert!(refused(0, &[1], 2).contains("step: expected more than 0"));
}
