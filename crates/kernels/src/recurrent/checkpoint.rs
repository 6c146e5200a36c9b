//! Memory against time: back-propagation through time that keeps the states only every so many steps and runs
//! the steps between once more when it needs them (Chen et al. 2016, "Training deep nets with sublinear memory
//! cost"; for recurrent networks Gruslys et al. 2016).
//!
//! With a checkpoint every S steps a training keeps T/S states and the tape of S steps instead of the tape of T
//! steps; with S near √T that is least. It costs one more forward pass. Outputs are the bits of the ordinary
//! pass; gradients of the parameters are summed window by window, so they differ from the ordinary ones by
//! rounding.
use super::sequence::Sequence;
use super::{
    Backward, Forward, Gradients, Identity, Noise, PackedWeights, Recurrence, Sizes, Steps, Tape,
    WeightGradients, Zone,
};
use crate::context::Context;
use crate::error::ShapeError;

/// What a checkpointed forward pass remembers: the states at the start of each window.
#[derive(Debug, Default)]
pub struct Checkpoints {
    every: usize,
    sequence: Sequence,
    written_by: Option<Identity>,
    /// For each window, for each state: a row for each position alive at its start.
    states: Vec<Vec<Vec<f32>>>,
}

/// Some steps of the rows that are alive at the first of them.
struct Window<'a> {
    sequence: &'a Sequence,
    start: usize,
    steps: usize,
    rows: usize,
}

impl<'a> Window<'a> {
    fn all(sequence: &'a Sequence, every: usize) -> Vec<Self> {
        let longest = sequence.longest();
        (0..longest)
            .step_by(every.max(1))
            .map(|start| Self {
                sequence,
                start,
                steps: every.min(longest - start),
                rows: sequence.active(start, &(0..sequence.batch)),
            })
            .collect()
    }

    fn lengths(&self) -> Vec<usize> {
        (0..self.rows)
            .map(|position| (self.sequence.length(position) - self.start).min(self.steps))
            .collect()
    }

    /// Whether a row goes on after the window.
    fn goes_on(&self, position: usize) -> bool {
        self.sequence.length(position) > self.start + self.steps
    }

    /// Goes through the real steps: the place in `[B, T]` and the place in the window.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        self.lengths()
            .into_iter()
            .enumerate()
            .flat_map(move |(position, length)| {
                (0..length).map(move |step| {
                    let from = self.sequence.place(position, self.start + step);
                    (from, position * self.steps + step)
                })
            })
    }

    /// The window of an array `[B, T, width]`.
    fn gather(&self, values: &[f32], width: usize) -> Vec<f32> {
        let mut window = vec![0.0; self.rows * self.steps * width];
        for (from, to) in self.places() {
            window[to * width..][..width].copy_from_slice(&values[from * width..][..width]);
        }
        window
    }

    /// The inverse of `gather`.
    fn scatter(&self, window: &[f32], width: usize, values: &mut [f32]) {
        for (to, from) in self.places() {
            values[to * width..][..width].copy_from_slice(&window[from * width..][..width]);
        }
    }

    /// The rows of an array `[B, width]`, in the order of positions.
    fn rows_of(&self, values: &[f32], width: usize) -> Vec<f32> {
        (0..self.rows)
            .flat_map(|position| &values[self.sequence.row(position) * width..][..width])
            .copied()
            .collect()
    }
}

/// The noise of a window, with the arrays it points to.
struct WindowNoise<'a> {
    recurrent: Option<Vec<f32>>,
    zones: Option<Vec<(Zone<'a>, Vec<f32>)>>,
}

impl<'a> WindowNoise<'a> {
    fn of(noise: &Noise<'a>, window: &Window<'_>, recurrence: &dyn Recurrence) -> Self {
        let widths = recurrence.widths();
        Self {
            recurrent: noise
                .recurrent
                .map(|factors| window.rows_of(factors, widths.fed)),
            zones: noise.zoneout.map(|zones| {
                zones
                    .iter()
                    .map(|zone| match zone {
                        Zone::Share(_) => (*zone, Vec::new()),
                        Zone::Kept(mask) => (*zone, window.gather(mask, widths.hidden)),
                    })
                    .collect()
            }),
        }
    }

    fn zones(&self) -> Option<Vec<Zone<'_>>> {
        self.zones.as_ref().map(|zones| {
            zones
                .iter()
                .map(|(zone, mask)| match zone {
                    Zone::Share(share) => Zone::Share(*share),
                    Zone::Kept(_) => Zone::Kept(mask),
                })
                .collect()
        })
    }
}

fn slices(states: &[Vec<f32>]) -> Vec<&[f32]> {
    states.iter().map(Vec::as_slice).collect()
}

/// Runs a window forward: its output and its final states, by position.
fn run_window(
    recurrence: &dyn Recurrence,
    context: &Context,
    weights: &PackedWeights,
    window: &Window<'_>,
    (input, noise): (&[f32], Noise<'_>),
    initial: Option<&[&[f32]]>,
    tape: Option<&mut Tape>,
) -> Result<(Vec<f32>, Vec<Vec<f32>>), ShapeError> {
    let widths = recurrence.widths();
    let mut output = vec![0.0; window.rows * window.steps * widths.output];
    let mut finals: Vec<Vec<f32>> = (0..recurrence.states())
        .map(|state| vec![0.0; window.rows * recurrence.state_width(state)])
        .collect();
    let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
    recurrence.forward(
        context,
        weights,
        Forward {
            sizes: Sizes {
                batch: window.rows,
                time: window.steps,
            },
            input,
            steps: Steps::Lengths(&window.lengths()),
            reverse: false,
            initial,
            noise,
            output: &mut output,
            finals: &mut places,
            tape,
        },
    )?;
    Ok((output, finals))
}

/// As [`Recurrence::forward`], remembering the states every `every` steps; the call's own tape is not used.
///
/// # Errors
/// As [`Recurrence::forward`]; and `every` of zero.
pub fn forward(
    recurrence: &dyn Recurrence,
    context: &Context,
    weights: &PackedWeights,
    call: Forward<'_>,
    every: usize,
) -> Result<Checkpoints, ShapeError> {
    if every == 0 {
        return Err(ShapeError::new("checkpoint every", "at least 1 step", "0"));
    }
    let Sizes { batch, time } = call.sizes;
    recurrence.check(&call)?;
    let sequence = Sequence::new(batch, time, call.steps, call.reverse)?;
    let widths = recurrence.widths();
    let width = |state: usize| recurrence.state_width(state);
    let mut checkpoints = Vec::new();
    // The states at the start of the window; none: zeros.
    let mut states: Option<Vec<Vec<f32>>> = None;
    for (state, last) in call.finals.iter_mut().enumerate() {
        match call.initial {
            Some(initial) => last.copy_from_slice(initial[state]),
            None => last.fill(0.0),
        }
    }
    for window in Window::all(&sequence, every) {
        let initial = match (&states, call.initial) {
            (Some(states), _) => {
                // Rows that have ended are left behind.
                let alive = states.iter().enumerate();
                Some(
                    alive
                        .map(|(state, rows)| rows[..window.rows * width(state)].to_vec())
                        .collect::<Vec<_>>(),
                )
            }
            (None, Some(initial)) => {
                let states = initial.iter().enumerate();
                Some(
                    states
                        .map(|(state, rows)| window.rows_of(rows, width(state)))
                        .collect(),
                )
            }
            (None, None) => None,
        };
        let input = window.gather(call.input, widths.input);
        let noise = WindowNoise::of(&call.noise, &window, recurrence);
        let zones = noise.zones();
        let noise = Noise {
            recurrent: noise.recurrent.as_deref(),
            zoneout: zones.as_deref(),
        };
        let given = initial.as_deref().map(slices);
        let (output, finals) = run_window(
            recurrence,
            context,
            weights,
            &window,
            (&input, noise),
            given.as_deref(),
            None,
        )?;
        window.scatter(&output, widths.output, call.output);
        for (state, rows) in finals.iter().enumerate() {
            let width = width(state);
            for position in (0..window.rows).filter(|&position| !window.goes_on(position)) {
                let to = sequence.row(position) * width;
                call.finals[state][to..to + width]
                    .copy_from_slice(&rows[position * width..][..width]);
            }
        }
        checkpoints.push(initial.unwrap_or_default());
        states = Some(finals);
    }
    for padding in sequence.padding(0..batch) {
        call.output[padding.start * widths.output..padding.end * widths.output].fill(0.0);
    }
    Ok(Checkpoints {
        every,
        sequence,
        written_by: Some(weights.identity),
        states: checkpoints,
    })
}

/// As [`Recurrence::backward`], after [`forward`] with the same arguments.
///
/// # Errors
/// As [`Recurrence::backward`]; and checkpoints of another layer, or of none.
pub fn backward(
    recurrence: &dyn Recurrence,
    context: &Context,
    packed: &PackedWeights,
    checkpoints: &Checkpoints,
    call: Backward<'_>,
    gradients: Gradients<'_>,
) -> Result<(), ShapeError> {
    let sequence = &checkpoints.sequence;
    let (batch, time) = (sequence.batch, sequence.time);
    packed.identity.check(
        "recurrent backward: checkpoints of",
        checkpoints.written_by.as_ref(),
    )?;
    recurrence.check_backward(Sizes { batch, time }, &call, &gradients)?;
    let (widths, count) = (recurrence.widths(), recurrence.states());
    let width = |state: usize| recurrence.state_width(state);
    let mut gradients = gradients;
    let mut sums = gradients.weights.take().map(|weights| {
        let mut parts = weights.into_parts();
        for part in &mut parts {
            part.fill(0.0);
        }
        let of_window = parts.each_ref().map(|part| vec![0.0; part.len()]);
        (parts, of_window)
    });
    if let Some(input) = &mut gradients.input {
        input.fill(0.0);
    }
    let mut tape = Tape::new();
    // The gradient of the states after the window, for the rows that go on.
    let mut after: Vec<Vec<f32>> = vec![Vec::new(); count];
    for (window, states) in Window::all(sequence, checkpoints.every)
        .iter()
        .zip(&checkpoints.states)
        .rev()
    {
        let input = window.gather(call.input, widths.input);
        let noise = WindowNoise::of(&call.noise, window, recurrence);
        let zones = noise.zones();
        let noise = Noise {
            recurrent: noise.recurrent.as_deref(),
            zoneout: zones.as_deref(),
        };
        let initial = (!states.is_empty()).then(|| slices(states));
        let (output, _) = run_window(
            recurrence,
            context,
            packed,
            window,
            (&input, noise),
            initial.as_deref(),
            Some(&mut tape),
        )?;
        let finals: Vec<Vec<f32>> = (0..count)
            .map(|state| {
                let width = width(state);
                let mut rows = match call.finals_gradient {
                    Some(finals) => window.rows_of(finals[state], width),
                    None => vec![0.0; window.rows * width],
                };
                // Rows that go on come first.
                rows[..after[state].len()].copy_from_slice(&after[state]);
                rows
            })
            .collect();
        let output_gradient = call
            .output_gradient
            .map(|gradient| window.gather(gradient, widths.output));
        let mut of_input = gradients.input.is_some().then(|| vec![0.0; input.len()]);
        let mut before: Vec<Vec<f32>> = (0..count)
            .map(|state| vec![0.0; window.rows * width(state)])
            .collect();
        let mut before_places: Vec<&mut [f32]> = before.iter_mut().map(Vec::as_mut_slice).collect();
        recurrence.backward(
            context,
            &mut tape,
            Backward {
                weights: call.weights,
                input: &input,
                output: &output,
                initial: initial.as_deref(),
                noise,
                output_gradient: output_gradient.as_deref(),
                finals_gradient: Some(&slices(&finals)),
            },
            Gradients {
                input: of_input.as_deref_mut(),
                weights: sums
                    .as_mut()
                    .map(|(_, of_window)| WeightGradients::from_parts(of_window.each_mut())),
                initial: Some(&mut before_places),
            },
        )?;
        if let (Some(to), Some(from)) = (&mut gradients.input, &of_input) {
            window.scatter(from, widths.input, to);
        }
        if let Some((parts, of_window)) = &mut sums {
            for (to, from) in parts.iter_mut().zip(of_window) {
                for (to, from) in to.iter_mut().zip(from.iter()) {
                    *to += from;
                }
            }
        }
        after = before;
    }
    if let Some(initial) = gradients.initial {
        for (state, to) in initial.iter_mut().enumerate() {
            let width = width(state);
            if sequence.records() == 0 {
                match call.finals_gradient {
                    Some(finals) => to.copy_from_slice(finals[state]),
                    None => to.fill(0.0),
                }
                continue;
            }
            for position in 0..sequence.batch {
                to[sequence.row(position) * width..][..width]
                    .copy_from_slice(&after[state][position * width..][..width]);
            }
        }
    }
    Ok(())
}
