//! Sizes, lengths and directions nobody thought of: every cell against the reference and against the
//! portable path.
use super::*;
use proptest::prelude::*;

/// Largest error allowed, relative to the largest value of the same array. The largest of 20 000 draws
/// was 1.2e-6.
const TOLERANCE: f64 = 4e-6;
/// As for the fixed shapes: a deviation may be small.
const NORMALISED_TOLERANCE: f64 = 1e-4;
/// Drawn sizes go down to arrays of a single number, which may be a difference of larger ones: up to this
/// scale, about that of every state and gradient here, an error counts as absolute.
const FLOOR: f64 = 1.0;

/// The place of the ReLU cell among those drawn.
const RELU: usize = 1;
/// How many cells are drawn from.
const CELLS: usize = 14;

/// What is drawn beside the sizes.
#[derive(Debug, Clone)]
struct Draw {
    shape: Shape,
    lengths: Vec<usize>,
    cell: usize,
    set: usize,
    threads: usize,
}

fn draw() -> impl Strategy<Value = Draw> {
    let sizes = (1..=9usize, 1..=12usize, 1..=40usize, 1..=70usize);
    let arounds = (any::<[bool; 4]>(), prop::option::of(1..=40usize));
    let drawn = (sizes, any::<[bool; 3]>(), arounds);
    drawn.prop_flat_map(|((batch, time, input, hidden), flags, around)| {
        let [lengths, reverse, initial] = flags;
        let ([mask, factors, zoneout, normalised], projection) = around;
        let shape = Shape {
            batch,
            time,
            input,
            hidden,
            lengths,
            reverse,
            initial,
            around: Around {
                mask,
                factors,
                zoneout,
                // Two units are always at ±1, whatever they were.
                normalised: normalised && hidden > 2,
                projection,
            },
        };
        let lengths = prop::collection::vec(if lengths { 1..=time } else { time..=time }, batch);
        let sets = InstructionSet::available().len();
        (lengths, 0..CELLS, 0..sets, 1..=8usize).prop_map(move |(lengths, cell, set, threads)| {
            Draw {
                shape,
                lengths,
                cell,
                set,
                threads,
            }
        })
    })
}

/// Where `f32` and `f64` fall on different sides of a ReLU's kink both are right, and their gradients
/// have nothing to do with each other.
fn is_across_a_kink(found: &[f32], exact: &[f64]) -> bool {
    let mut pairs = found.iter().zip(exact);
    pairs.any(|(&found, &exact)| (found > 0.0) != (exact > 0.0))
}

fn holds<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
    cell: &C,
    draw: &Draw,
) -> Result<(), TestCaseError>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let mut shape = draw.shape;
    if !C::PROJECTABLE {
        shape.around.projection = None;
    }
    shape.around.zoneout &= shape.around.projection.is_none();
    let mut case = Case::new(cell, shape);
    case.problem.lengths.clone_from(&draw.lengths);
    let set = InstructionSet::available()[draw.set];
    let fast = run(cell, &case, &Context::new(set, draw.threads).unwrap());
    let plain = Context::new(InstructionSet::Portable, 1).unwrap();
    let exact = case.reference(cell);
    let portable = run(cell, &case, &plain);
    let kink = draw.cell == RELU && is_across_a_kink(&fast["output"], &exact["output"]);
    for (name, fast) in &fast.0 {
        let portable = bits_of(&portable[name]);
        prop_assert_eq!(bits_of(fast), portable, "{}: {}", C::NAME, name);
        if kink && name.starts_with('d') {
            continue;
        }
        let error = check::largest_error(fast, &exact[name], FLOOR);
        let tolerance = if draw.shape.around.normalised {
            NORMALISED_TOLERANCE
        } else {
            TOLERANCE
        };
        prop_assert!(
            error <= tolerance,
            "{} on {}: {name} is off by {error:.1e}",
            C::NAME,
            set.name()
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 160,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_sizes_lengths_and_threads_give_the_reference_and_the_portable_bits(draw in draw()) {
        match draw.cell {
            0 => holds(&Elman::tanh(), &draw)?,
            RELU => holds(&Elman::relu(), &draw)?,
            2 => holds(&Elman::new(crate::cell::Sigmoid), &draw)?,
            3 => holds(&Elman::new(crate::cell::Identity), &draw)?,
            4 => holds(&Lstm, &draw)?,
            5 => holds(&Gru, &draw)?,
            6 => holds(&GruBefore, &draw)?,
            7 => holds(&Lstm::from_cell(), &draw)?,
            8 => holds(&Lstm::peephole(), &draw)?,
            9 => holds(&Lstm::coupled(), &draw)?,
            10 => holds(&CoupledLstm::<FromCell>::new(), &draw)?,
            11 => holds(&CoupledLstm::<Peephole>::new(), &draw)?,
            12 => holds(&MinimalGru, &draw)?,
            _ => holds(&MinimalLstm, &draw)?,
        }
    }
}

fn nothing_gives_zeros<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
) where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    // Gradients of an ordinary call, so that kept buffers are not zero by chance.
    for context in contexts(2) {
        run(cell, &Case::new(cell, shape(3, 5, 7, 11)), &context);
        for (batch, time) in [(0, 5), (3, 0)] {
            let case = Case::new(
                cell,
                Shape {
                    initial: true,
                    ..shape(batch, time, 7, 11)
                },
            );
            for (name, found) in run(cell, &case, &context).0 {
                let expected = match name.strip_prefix("final state ") {
                    Some(state) => narrow(&case.problem.initial[state.parse::<usize>().unwrap()]),
                    None => match name.strip_prefix("d initial state ") {
                        Some(state) => {
                            narrow(&case.finals_gradient[state.parse::<usize>().unwrap()])
                        }
                        None => vec![0.0; found.len()],
                    },
                };
                assert_eq!(
                    found,
                    expected,
                    "{}: {name}, {batch} rows, {time} steps",
                    C::NAME
                );
            }
        }
    }
}

#[test]
fn without_rows_or_steps_states_pass_and_gradients_are_zero() {
    every_cell!(nothing_gives_zeros);
}
