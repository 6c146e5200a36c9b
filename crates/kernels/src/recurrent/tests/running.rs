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
) -> Results<f32>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let mut inferred = Vec::new();
    let all = pass(
        cell,
        case,
        context,
        |engine, packed, call| {
            let mut output = unwritten(call.output.len());
            let mut finals: Vec<Vec<f32>> = call
                .finals
                .iter()
                .map(|state| unwritten(state.len()))
                .collect();
            let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
            let inference = Forward {
                sizes: call.sizes,
                input: call.input,
                steps: call.steps,
                reverse: call.reverse,
                initial: call.initial,
                noise: call.noise,
                output: &mut output,
                finals: &mut places,
                tape: None,
            };
            engine.forward(context, packed, inference).unwrap();
            inferred = vec![output];
            inferred.append(&mut finals);
            engine.forward(context, packed, call).unwrap();
        },
        |engine, _, ((), tape), call, gradients| {
            engine.backward(context, tape, call, gradients).unwrap();
        },
    );
    let trained = all
        .0
        .iter()
        .filter(|(name, _)| name == "output" || name.starts_with("final"));
    for ((name, trained), inferred) in trained.zip(&inferred) {
        let what = format!("{name} in inference and in training");
        assert_eq!(bits_of(inferred), bits_of(trained), "{what}");
    }
    all
}

/// Gives a case, in `f32`, to one function forward and to another backward. What the buffers hold before is
/// not-a-number: it must not matter.
pub(super) fn pass<
    C,
    T,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
>(
    cell: &C,
    case: &Case,
    context: &Context,
    ahead: impl FnOnce(&Engine<C, COLUMNS, STATES, KEPT, UNITS>, &PackedWeights, Forward<'_>) -> T,
    back: impl FnOnce(
        &Engine<C, COLUMNS, STATES, KEPT, UNITS>,
        &PackedWeights,
        (T, &mut Tape),
        Backward<'_>,
        Gradients<'_>,
    ),
) -> Results<f32>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    let problem = &case.problem;
    let engine = Engine::new(cell.clone(), problem.input_size, problem.hidden)
        .and_then(|engine| engine.with_options(problem.options))
        .unwrap();
    let parts = Parameters::of(problem);
    let packed = engine.pack(context, parts.weights()).unwrap();
    let x = narrow(&problem.input);
    let initial: Vec<Vec<f32>> = problem.initial.iter().map(|state| narrow(state)).collect();
    let initial: Vec<&[f32]> = initial.iter().map(Vec::as_slice).collect();
    let initial = case.has_initial.then_some(initial.as_slice());
    let disturbance = Disturbance::of(problem);
    let zones = disturbance.zones();
    let noise = disturbance.noise(zones.as_deref());
    let nan = |like: &Vec<f64>| unwritten(like.len());
    let mut tape = Tape::new();
    let mut output = nan(&case.output_gradient);
    let mut finals: Vec<Vec<f32>> = problem.initial.iter().map(nan).collect();
    let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
    let call = Forward {
        sizes: Sizes {
            batch: problem.batch,
            time: problem.time,
        },
        input: &x,
        steps: case.steps(),
        reverse: problem.reverse,
        initial,
        noise,
        output: &mut output,
        finals: &mut places,
        tape: Some(&mut tape),
    };
    let kept = ahead(&engine, &packed, call);

    let dy = narrow(&case.output_gradient);
    let df: Vec<Vec<f32>> = case.finals_gradient.iter().map(|s| narrow(s)).collect();
    let df: Vec<&[f32]> = df.iter().map(Vec::as_slice).collect();
    let mut dx = unwritten(x.len());
    let mut of_parts = parts.like(f32::NAN);
    let mut di: Vec<Vec<f32>> = problem.initial.iter().map(nan).collect();
    let mut places: Vec<&mut [f32]> = di.iter_mut().map(Vec::as_mut_slice).collect();
    let call = Backward {
        weights: parts.weights(),
        input: &x,
        output: &output,
        initial,
        noise,
        output_gradient: Some(&dy),
        finals_gradient: Some(&df),
    };
    let gradients = Gradients {
        input: Some(&mut dx),
        weights: Some(of_parts.gradients()),
        initial: Some(&mut places),
    };
    back(&engine, &packed, (kept, &mut tape), call, gradients);

    named([output, dx], of_parts.0, finals, di)
}

/// What a layer gives, by name: output and gradient of the input, gradients of the parameters, final states and
/// gradients of the initial ones.
fn named<T>(
    [output, dx]: [Vec<T>; 2],
    parameters: [Vec<T>; 6],
    finals: Vec<Vec<T>>,
    initial: Vec<Vec<T>>,
) -> Results<T> {
    let mut all = Results::new([("output", output), ("d input", dx)]);
    for (name, gradient) in PARAMETERS.iter().zip(parameters) {
        all = all.with(&format!("d {name}"), Some(gradient));
    }
    for (state, (last, first)) in finals.into_iter().zip(initial).enumerate() {
        all = all
            .with(&format!("final state {state}"), Some(last))
            .with(&format!("d initial state {state}"), Some(first));
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

/// What the reference gives, in the shape of [`run`].
pub(super) fn exact(outcome: Outcome, gradient: Gradient) -> Results<f64> {
    let parameters = [
        gradient.input_weights,
        gradient.recurrent_weights,
        gradient.bias,
        gradient.unit_weights,
        gradient.gain,
        gradient.projection,
    ];
    let first = [outcome.output, gradient.input];
    named(first, parameters, outcome.finals, gradient.initial)
}
