//! Runs a case, in the shape that every test compares.
use super::*;

/// The noise of a problem, in `f32`.
pub(super) struct Disturbance {
    factors: Option<Vec<f32>>,
    zones: Option<Vec<(f32, Option<Vec<f32>>)>>,
}

impl Disturbance {
    pub(super) fn of(problem: &Problem) -> Self {
        Self {
            factors: problem.recurrent_factors.as_deref().map(narrow),
            zones: problem.zoneout.as_ref().map(|zones| {
                zones
                    .iter()
                    .map(|zone| match zone {
                        Zoning::Share(share) => (*share as f32, None),
                        Zoning::Kept(mask) => (0.0, Some(narrow(mask))),
                    })
                    .collect()
            }),
        }
    }
    pub(super) fn zones(&self) -> Option<Vec<Zone<'_>>> {
        self.zones.as_ref().map(|zones| {
            zones
                .iter()
                .map(|(share, mask)| mask.as_deref().map_or(Zone::Share(*share), Zone::Kept))
                .collect()
        })
    }
    pub(super) fn noise<'a>(&'a self, zones: Option<&'a [Zone<'a>]>) -> Noise<'a> {
        Noise {
            recurrent: self.factors.as_deref(),
            zoneout: zones,
        }
    }
}

/// Everything a layer gives, by name.
pub(super) type Everything = Vec<(String, Vec<f32>)>;

pub(super) fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// Runs a case forward (in inference and in training, which must agree) and backward.
pub(super) fn run<
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    case: &Case,
    context: &Context,
) -> Everything
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let problem = &case.problem;
    let engine = Engine::new(cell.clone(), problem.input_size, problem.hidden)
        .and_then(|engine| engine.with_options(problem.options))
        .unwrap();
    let parts = Parameters::of(problem);
    let x = narrow(&problem.input);
    let initial: Vec<Vec<f32>> = problem.initial.iter().map(|state| narrow(state)).collect();
    let initial: Vec<&[f32]> = initial.iter().map(Vec::as_slice).collect();
    let initial = case.has_initial.then_some(initial.as_slice());
    let packed = engine.pack(context, parts.weights()).unwrap();
    let sizes = Sizes {
        batch: problem.batch,
        time: problem.time,
    };
    let disturbance = Disturbance::of(problem);
    let zones = disturbance.zones();
    let noise = disturbance.noise(zones.as_deref());
    let steps = case.steps();
    let state_lengths: Vec<usize> = problem.initial.iter().map(Vec::len).collect();
    let output_length = case.output_gradient.len();
    let mut tape = Tape::new();
    let forward = |tape: Option<&mut Tape>| {
        // What the buffers hold before must not matter.
        let mut output = vec![f32::NAN; output_length];
        let mut finals: Vec<Vec<f32>> = state_lengths
            .iter()
            .map(|&length| vec![f32::NAN; length])
            .collect();
        let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
        engine
            .forward(
                context,
                &packed,
                Forward {
                    sizes,
                    input: &x,
                    steps,
                    reverse: problem.reverse,
                    initial,
                    noise,
                    output: &mut output,
                    finals: &mut places,
                    tape,
                },
            )
            .unwrap();
        (output, finals)
    };
    let inferred = forward(None);
    let (output, finals) = forward(Some(&mut tape));
    assert_eq!(
        bits_of(&inferred.0),
        bits_of(&output),
        "inference and training"
    );
    assert_eq!(
        bits_of(&inferred.1.concat()),
        bits_of(&finals.concat()),
        "inference and training: final states"
    );

    let dy = narrow(&case.output_gradient);
    let df: Vec<Vec<f32>> = case
        .finals_gradient
        .iter()
        .map(|state| narrow(state))
        .collect();
    let df: Vec<&[f32]> = df.iter().map(Vec::as_slice).collect();
    let mut dx = vec![f32::NAN; x.len()];
    let mut of_parts = parts.like(f32::NAN);
    let mut di: Vec<Vec<f32>> = state_lengths
        .iter()
        .map(|&length| vec![f32::NAN; length])
        .collect();
    let mut places: Vec<&mut [f32]> = di.iter_mut().map(Vec::as_mut_slice).collect();
    engine
        .backward(
            context,
            &mut tape,
            Backward {
                weights: parts.weights(),
                input: &x,
                output: &output,
                initial,
                noise,
                output_gradient: Some(&dy),
                finals_gradient: Some(&df),
            },
            Gradients {
                input: Some(&mut dx),
                weights: Some(of_parts.gradients()),
                initial: Some(&mut places),
            },
        )
        .unwrap();
    everything(output, dx, of_parts, finals, di)
}

pub(super) fn everything(
    output: Vec<f32>,
    dx: Vec<f32>,
    of_parts: Parameters,
    finals: Vec<Vec<f32>>,
    di: Vec<Vec<f32>>,
) -> Everything {
    let mut all = vec![("output".to_owned(), output), ("d input".to_owned(), dx)];
    for (name, gradient) in PARAMETERS.iter().zip(of_parts.0) {
        all.push((format!("d {name}"), gradient));
    }
    for (state, (last, first)) in finals.into_iter().zip(di).enumerate() {
        all.push((format!("final state {state}"), last));
        all.push((format!("d initial state {state}"), first));
    }
    all
}

/// The names of the parameters.
pub(super) const PARAMETERS: [&str; 6] = [
    "input weights",
    "recurrent weights",
    "bias",
    "unit weights",
    "gain",
    "projection",
];

/// Parameters, or their gradients.
pub(super) struct Parameters(pub(super) [Vec<f32>; 6]);

impl Parameters {
    pub(super) fn of(problem: &Problem) -> Self {
        Self(
            [
                &problem.input_weights,
                &problem.recurrent_weights,
                &problem.bias,
                &problem.unit_weights,
                &problem.gain,
                &problem.projection,
            ]
            .map(|values| narrow(values)),
        )
    }
    pub(super) fn like(&self, value: f32) -> Self {
        Self(self.0.each_ref().map(|part| vec![value; part.len()]))
    }
    pub(super) fn weights(&self) -> Weights<'_> {
        let [input, recurrent, bias, units, gain, projection] = self.0.each_ref();
        Weights {
            input,
            recurrent,
            bias,
            units,
            gain,
            projection,
        }
    }
    pub(super) fn gradients(&mut self) -> WeightGradients<'_> {
        let [input, recurrent, bias, units, gain, projection] = self.0.each_mut();
        WeightGradients {
            input,
            recurrent,
            bias,
            units,
            gain,
            projection,
        }
    }
}

/// What the reference gives under one of the names of [`run`].
pub(super) fn expected<'a>(name: &str, outcome: &'a Outcome, gradient: &'a Gradient) -> &'a [f64] {
    let state = || name[name.len() - 1..].parse::<usize>().unwrap();
    match name {
        "output" => &outcome.output,
        "d input" => &gradient.input,
        "d input weights" => &gradient.input_weights,
        "d recurrent weights" => &gradient.recurrent_weights,
        "d bias" => &gradient.bias,
        "d unit weights" => &gradient.unit_weights,
        "d gain" => &gradient.gain,
        "d projection" => &gradient.projection,
        _ if name.starts_with('d') => &gradient.initial[state()],
        _ => &outcome.finals[state()],
    }
}
