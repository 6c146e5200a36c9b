//! The promises about bits.
use super::*;

fn same(what: &str, left: &Everything, right: &Everything) {
    for ((name, left), (_, right)) in left.iter().zip(right) {
        assert_eq!(bits_of(left), bits_of(right), "{what}: {name}");
    }
}

fn threads_do_not_matter<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    // Large enough that the work is shared.
    for (lengths, reverse) in [(false, false), (true, true)] {
        let large = Shape {
            lengths,
            reverse,
            initial: true,
            ..shape(17, 13, 29, 67)
        };
        let case = Case::new(cell, large);
        for set in InstructionSet::available() {
            let on = |threads| run(cell, &case, &Context::new(set, threads).unwrap());
            let one = on(1);
            for threads in [2, 3, 8] {
                same(
                    &format!("{} with {threads} threads", C::NAME),
                    &one,
                    &on(threads),
                );
            }
        }
    }
}

#[test]
fn results_are_the_same_to_the_bit_with_1_2_3_and_8_threads() {
    every_cell!(threads_do_not_matter);
}

#[test]
fn results_above_four_million_elements_are_the_same_with_1_and_3_threads() {
    // 4.3 Mi elements of input.
    let case = Case::new(
        &Gru,
        Shape {
            lengths: true,
            ..shape(17, 2003, 127, 5)
        },
    );
    assert!(case.problem.input.len() > 4 << 20);
    let set = *InstructionSet::available().last().unwrap();
    let on = |threads| run(&Gru, &case, &Context::new(set, threads).unwrap());
    same("gru", &on(1), &on(3));
}

fn instruction_sets_agree<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    for shape in shapes() {
        let case = Case::new(cell, shape);
        let all: Vec<Everything> = contexts(2)
            .iter()
            .map(|context| run(cell, &case, context))
            .collect();
        for other in &all[1..] {
            same(C::NAME, &all[0], other);
        }
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    every_cell!(instruction_sets_agree);
}

/// One row of a case by itself, padded to `time` steps.
fn alone(case: &Case, row: usize, time: usize) -> Case {
    let problem = &case.problem;
    let cut = |values: &[f64], width: usize| -> Vec<f64> {
        let length = problem.lengths[row];
        let mut cut = values[row * problem.time * width..][..length * width].to_vec();
        // Padding is garbage that must not be read.
        cut.resize(time * width, f64::NAN);
        cut
    };
    let states = |states: &[Vec<f64>]| -> Vec<Vec<f64>> {
        states
            .iter()
            .map(|state| state[row * problem.hidden..][..problem.hidden].to_vec())
            .collect()
    };
    Case {
        problem: Problem {
            batch: 1,
            time,
            input: cut(&problem.input, problem.input_size),
            lengths: vec![problem.lengths[row]],
            initial: states(&problem.initial),
            ..problem.clone()
        },
        has_lengths: true,
        has_initial: case.has_initial,
        output_gradient: cut(&case.output_gradient, problem.hidden),
        finals_gradient: states(&case.finals_gradient),
    }
}

fn company_does_not_matter<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(
    cell: &C,
) where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    for reverse in [false, true] {
        let case = Case::new(
            cell,
            Shape {
                lengths: true,
                reverse,
                initial: true,
                ..shape(17, 9, 5, 23)
            },
        );
        for context in contexts(2) {
            let together = run(cell, &case, &context);
            for row in [0, 4, 16] {
                let length = case.problem.lengths[row];
                for time in [length, length + 3] {
                    let single = run(cell, &alone(&case, row, time), &context);
                    for ((name, all), (_, one)) in together.iter().zip(&single) {
                        let width = match name.as_str() {
                            "output" => case.problem.hidden,
                            "d input" => case.problem.input_size,
                            // Sums over the rows.
                            "d input weights" | "d recurrent weights" | "d bias" => continue,
                            _ => {
                                let hidden = case.problem.hidden;
                                let all = &all[row * hidden..][..hidden];
                                assert_eq!(bits_of(all), bits_of(one), "{name}");
                                continue;
                            }
                        };
                        let all = &all[row * case.problem.time * width..][..length * width];
                        assert_eq!(
                            bits_of(all),
                            bits_of(&one[..length * width]),
                            "{} {name}",
                            C::NAME
                        );
                        assert!(
                            one[length * width..].iter().all(|&value| value == 0.0),
                            "padding"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_row_alone_or_among_seventeen_padded_or_not_has_the_same_bits() {
    every_cell!(company_does_not_matter);
}

fn steps_are_the_sequence<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>(cell: &C)
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    for (batch, time, input, hidden) in [(1, 7, 3, 19), (5, 6, 11, 33)] {
        let case = Case::new(
            cell,
            Shape {
                initial: true,
                ..shape(batch, time, input, hidden)
            },
        );
        let problem = &case.problem;
        for context in contexts(1) {
            let whole = run(cell, &case, &context);
            let engine = Engine::new(cell.clone(), input, hidden).unwrap();
            let (w, u, b) = (
                narrow(&problem.input_weights),
                narrow(&problem.recurrent_weights),
                narrow(&problem.bias),
            );
            let weights = Weights {
                input: &w,
                recurrent: &u,
                bias: &b,
            };
            let packed = engine.pack(&context, weights).unwrap();
            let mut states: Vec<Vec<f32>> =
                problem.initial.iter().map(|state| narrow(state)).collect();
            let x = narrow(&problem.input);
            for step in 0..time {
                let now: Vec<f32> = (0..batch)
                    .flat_map(|row| x[(row * time + step) * input..][..input].to_vec())
                    .collect();
                let mut output = vec![f32::NAN; batch * hidden];
                let mut next = states.clone();
                let initial: Vec<&[f32]> = states.iter().map(Vec::as_slice).collect();
                let mut places: Vec<&mut [f32]> = next.iter_mut().map(Vec::as_mut_slice).collect();
                engine
                    .forward(
                        &context,
                        &packed,
                        Forward {
                            sizes: Sizes { batch, time: 1 },
                            input: &now,
                            lengths: None,
                            reverse: false,
                            initial: Some(&initial),
                            output: &mut output,
                            finals: &mut places,
                            tape: None,
                        },
                    )
                    .unwrap();
                for row in 0..batch {
                    assert_eq!(
                        bits_of(&whole[0].1[(row * time + step) * hidden..][..hidden]),
                        bits_of(&output[row * hidden..][..hidden]),
                        "{} step {step}",
                        C::NAME
                    );
                }
                states = next;
            }
        }
    }
}

#[test]
fn a_sequence_at_once_is_its_steps_one_by_one() {
    every_cell!(steps_are_the_sequence);
}
