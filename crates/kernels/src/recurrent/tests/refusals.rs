//! What does not fit is refused at the door, with what was expected and what came.
use super::*;

fn refused(lengths: Option<&[usize]>, input: usize, output: usize) -> String {
    let engine = Engine::new(Lstm, 3, 2).unwrap();
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let (w, u, b) = (vec![0.0; 24], vec![0.0; 16], vec![0.0; 8]);
    let weights = Weights {
        input: &w,
        recurrent: &u,
        bias: &b,
        ..Weights::default()
    };
    let packed = engine.pack(&context, weights).unwrap();
    let mut finals = vec![vec![0.0; 4]; 2];
    let mut places: Vec<&mut [f32]> = finals.iter_mut().map(Vec::as_mut_slice).collect();
    engine
        .forward(
            &context,
            &packed,
            Forward {
                sizes: Sizes { batch: 2, time: 5 },
                input: &vec![0.0; input],
                steps: lengths.map_or(Steps::All, Steps::Lengths),
                reverse: false,
                initial: None,
                noise: Noise::default(),
                output: &mut vec![0.0; output],
                finals: &mut places,
                tape: None,
            },
        )
        .map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn a_call_that_fits_is_accepted() {
    assert_eq!(refused(Some(&[5, 1]), 30, 20), "");
}

#[test]
fn wrong_lengths_and_buffers_are_refused_with_what_was_expected() {
    assert!(refused(Some(&[5, 0]), 30, 20).contains("lengths[1]: expected 1 to 5"));
    assert!(refused(Some(&[6, 1]), 30, 20).contains("lengths[0]: expected 1 to 5"));
    assert!(refused(Some(&[5]), 30, 20).contains("lengths: expected 2 values (batch 2), found 1"));
    assert!(
        refused(None, 29, 20)
            .contains("input: expected 30 values (batch 2 × time 5 × input 3), found 29")
    );
    assert!(refused(None, 30, 21).contains("output: expected 20 values"));
}

/// What a forward call of one row and one step says to packed weights.
fn infer(
    engine: &dyn Recurrence,
    context: &Context,
    packed: &crate::recurrent::PackedWeights,
) -> String {
    let widths = engine.widths();
    let (input, mut output) = (vec![0.0; widths.input], vec![0.0; widths.output]);
    let mut last = vec![0.0; widths.output];
    let call = Forward {
        sizes: Sizes { batch: 1, time: 1 },
        input: &input,
        steps: Steps::All,
        reverse: false,
        initial: None,
        noise: Noise::default(),
        output: &mut output,
        finals: &mut [&mut last],
        tape: None,
    };
    engine
        .forward(context, packed, call)
        .map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn weights_packed_for_another_layer_are_refused() {
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let (w, u, b) = (vec![0.0; 4], vec![0.0; 4], vec![0.0; 2]);
    let weights = Weights {
        input: &w,
        recurrent: &u,
        bias: &b,
        ..Weights::default()
    };
    let packed = Engine::new(Elman::tanh(), 2, 2)
        .unwrap()
        .pack(&context, weights)
        .unwrap();
    // Another size; another cell of the same name and shape.
    let error = infer(
        &Engine::new(Elman::tanh(), 2, 3).unwrap(),
        &context,
        &packed,
    );
    assert!(error.contains("expected rnn, input 2, hidden 3"), "{error}");
    let error = infer(
        &Engine::new(Elman::relu(), 2, 2).unwrap(),
        &context,
        &packed,
    );
    assert!(error.contains("weights packed for"), "{error}");
    assert_eq!(
        infer(
            &Engine::new(Elman::tanh(), 2, 2).unwrap(),
            &context,
            &packed
        ),
        ""
    );
    assert!(Engine::new(Lstm, 0, 3).is_err());
}

#[test]
fn a_backward_pass_wants_a_tape_that_was_written() {
    let engine = Engine::new(Elman::tanh(), 1, 1).unwrap();
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let one = [0.0];
    let error = engine
        .backward(
            &context,
            &mut Tape::new(),
            Backward {
                weights: Weights {
                    input: &one,
                    recurrent: &one,
                    bias: &one,
                    ..Weights::default()
                },
                input: &[],
                output: &[],
                initial: None,
                noise: Noise::default(),
                output_gradient: None,
                finals_gradient: None,
            },
            Gradients::default(),
        )
        .unwrap_err();
    assert!(error.to_string().contains("tape"), "{error}");
}

#[test]
fn a_tape_serves_one_backward_pass() {
    let case = Case::new(&Gru, shape(2, 5, 3, 4));
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    pass(
        &Gru,
        &case,
        &context,
        |engine, packed, call| engine.forward(&context, packed, call).unwrap(),
        |engine, _, ((), tape), call, gradients| {
            engine.backward(&context, tape, call, gradients).unwrap();
            let error = engine
                .backward(&context, tape, call, Gradients::default())
                .unwrap_err();
            assert!(error.to_string().contains("tape of"), "{error}");
        },
    );
}

/// What a forward call of two rows and five steps with this noise says, in a layer with this around it.
fn disturbed<'a>(options: Options, steps: Steps<'a>, noise: Noise<'a>) -> String {
    let engine = Engine::new(Lstm, 3, 2).unwrap().with_options(options);
    let engine = engine.unwrap();
    let context = Context::new(InstructionSet::Portable, 1).unwrap();
    let output = engine.widths().output;
    let (w, u, b) = (vec![0.0; 24], vec![0.0; 8 * output], vec![0.0; 8]);
    let projection = vec![0.0; options.projection.unwrap_or(0) * 2];
    let weights = Weights {
        input: &w,
        recurrent: &u,
        bias: &b,
        projection: &projection,
        ..Weights::default()
    };
    let packed = engine.pack(&context, weights).unwrap();
    let (mut h, mut c) = (vec![0.0; 2 * output], vec![0.0; 4]);
    let call = Forward {
        sizes: Sizes { batch: 2, time: 5 },
        input: &[0.0; 30],
        steps,
        reverse: false,
        initial: None,
        noise,
        output: &mut vec![0.0; 10 * output],
        finals: &mut [&mut h, &mut c],
        tape: None,
    };
    engine
        .forward(&context, &packed, call)
        .map_or_else(|error| error.to_string(), |()| String::new())
}

#[test]
fn what_stands_around_a_cell_is_refused_where_it_does_not_fit() {
    let none = Options::default();
    let quiet = Noise::default();
    assert_eq!(disturbed(none, Steps::All, quiet), "");
    let mut mask = [true; 10];
    assert_eq!(disturbed(none, Steps::Mask(&mask), quiet), "");
    mask[5..].fill(false);
    let error = disturbed(none, Steps::Mask(&mask), quiet);
    assert!(
        error.contains("mask[1]: expected 1 to 5, real steps, found 0"),
        "{error}"
    );
    let error = disturbed(none, Steps::Mask(&mask[1..]), quiet);
    assert!(
        error.contains("mask: expected 10 values (batch 2 × time 5), found 9"),
        "{error}"
    );
    let factors = Noise {
        recurrent: Some(&[1.0; 5]),
        ..quiet
    };
    let error = disturbed(none, Steps::All, factors);
    assert!(
        error.contains("expected 4 values (batch 2 × fed back 2)"),
        "{error}"
    );
    let zones = [Zone::Share(0.1), Zone::Share(0.1)];
    let zoneout = Noise {
        zoneout: Some(&zones),
        ..quiet
    };
    assert_eq!(disturbed(none, Steps::All, zoneout), "");
    let projected = Options {
        projection: Some(3),
        ..none
    };
    assert_eq!(disturbed(projected, Steps::All, quiet), "");
    let error = disturbed(projected, Steps::All, zoneout);
    assert!(
        error.contains("zoneout: expected a layer without projection"),
        "{error}"
    );
    let kept = [Zone::Kept(&[0.0; 19]), Zone::Share(0.0)];
    let zoneout = Noise {
        zoneout: Some(&kept),
        ..quiet
    };
    let error = disturbed(none, Steps::All, zoneout);
    assert!(
        error.contains("expected 20 values (batch 2 × time 5 × hidden 2)"),
        "{error}"
    );
    let gru = Engine::new(Gru, 3, 2).unwrap().with_options(projected);
    assert!(gru.unwrap_err().to_string().contains("gru: projection"));
}
