//! Every option, with the plain cell it is compared to and what it computes.

use crate::counts::Counts;
use crate::layer::{Around, Call, call};
use ressac_kernels::cell::{
    CoupledLstm, Elman, FromCell, Gru, GruBefore, Identity, Lstm, MinimalGru, MinimalLstm, Peephole,
};
use ressac_kernels::context::Context;
use ressac_kernels::recurrent::Options;

/// One line of the table.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The plain cell of its kind.
    pub(crate) plain: &'static str,
    pub(crate) counts: Counts,
    pub(crate) run: Call,
}

/// Every case. The counts of other operations are those of the code, load by load and store by store: see
/// `crates/kernels/src/recurrent/{step,gate,normalise}.rs`.
pub(crate) fn cases(shape: [usize; 4], context: &Context) -> Result<Vec<Case>, String> {
    let [_, time, input, hidden] = shape;
    let plain = Around::default();
    let normalised = Around {
        options: Options {
            normalised: true,
            ..Options::default()
        },
        ..plain
    };
    let half = hidden.div_ceil(2);
    let projected = Around {
        options: Options {
            projection: Some(half),
            ..Options::default()
        },
        ..plain
    };
    let dropped = Around {
        recurrent_dropout: true,
        ..plain
    };
    let zoned = Around {
        zoneout: true,
        ..plain
    };
    let checkpointed = Around {
        checkpoint_every: Some(((time as f64).sqrt().ceil()) as usize),
        ..plain
    };
    let products = |input_columns, state_columns| {
        Counts::products(input_columns, input, state_columns, hidden)
    };
    // Activations: forward, and what the backward formula computes again (tanh c).
    let rnn = products(1, 1).activations(1, 0);
    let lstm = products(4, 4).activations(5, 1);
    let gru = products(4, 4).activations(3, 0);
    // The GRU's u reads no input and its n no state.
    let gru = Counts {
        forward_products: gru.forward_products - (input + hidden) as f64,
        backward_products: gru.backward_products - (input + 2 * hidden) as f64,
        ..gru
    };
    // A normalised column: 14 operations forward in three passes, 21 backward in two.
    let norm = |counts: Counts, columns: usize| counts.others(14 * columns, 21 * columns);
    // The forward pass again, and the copies of a window's input and output gradient.
    let again = |counts: Counts| Counts {
        backward_products: counts.backward_products + counts.forward_products,
        backward_activations: counts.backward_activations + counts.forward_activations,
        backward_others: counts.backward_others + 4.0,
        ..counts
    };
    let mut cases = Vec::new();
    macro_rules! case {
        ($name:literal, $plain:literal, $cell:expr, $around:expr, $counts:expr) => {
            cases.push(Case {
                name: $name,
                plain: $plain,
                counts: $counts,
                run: call($cell, shape, $around, context)?,
            });
        };
    }
    case!("rnn tanh", "rnn tanh", Elman::tanh(), plain, rnn);
    case!(
        "rnn identity",
        "rnn tanh",
        Elman::new(Identity),
        plain,
        products(1, 1)
    );
    case!(
        "rnn relu",
        "rnn tanh",
        Elman::relu(),
        plain,
        products(1, 1).others(1, 1)
    );
    case!(
        "rnn normalised",
        "rnn tanh",
        Elman::tanh(),
        normalised,
        norm(rnn, 1)
    );
    case!(
        "rnn zoneout",
        "rnn tanh",
        Elman::tanh(),
        zoned,
        rnn.others(4, 7)
    );
    case!("lstm", "lstm", Lstm, plain, lstm);
    case!(
        "lstm clipped",
        "lstm",
        Lstm::clipped(3.0),
        plain,
        lstm.others(2, 6)
    );
    case!(
        "lstm gates from cell",
        "lstm",
        Lstm::from_cell(),
        plain,
        lstm.others(1, 2)
    );
    case!(
        "lstm peephole",
        "lstm",
        Lstm::peephole(),
        plain,
        lstm.others(6, 18)
    );
    let coupled = products(3, 3).activations(4, 1);
    case!("lstm coupled", "lstm", Lstm::coupled(), plain, coupled);
    case!(
        "lstm coupled from cell",
        "lstm",
        CoupledLstm::<FromCell>::new(),
        plain,
        coupled.others(1, 2)
    );
    case!(
        "lstm coupled peephole",
        "lstm",
        CoupledLstm::<Peephole>::new(),
        plain,
        coupled.others(4, 12)
    );
    let narrow = Counts::products(4, input, 4, half)
        .activations(5, 1)
        .projected(half);
    case!("lstm projected to half", "lstm", Lstm, projected, narrow);
    case!("lstm normalised", "lstm", Lstm, normalised, norm(lstm, 4));
    case!("lstm zoneout", "lstm", Lstm, zoned, lstm.others(8, 14));
    case!(
        "lstm recurrent dropout",
        "lstm",
        Lstm,
        dropped,
        lstm.others(3, 4)
    );
    case!("lstm checkpoints", "lstm", Lstm, checkpointed, again(lstm));
    case!("gru", "gru", Gru, plain, gru);
    case!(
        "gru reset before",
        "gru",
        GruBefore,
        plain,
        products(3, 3).activations(3, 0).others(8, 12)
    );
    case!("gru normalised", "gru", Gru, normalised, norm(gru, 4));
    case!("gru zoneout", "gru", Gru, zoned, gru.others(4, 7));
    case!(
        "gru recurrent dropout",
        "gru",
        Gru,
        dropped,
        gru.others(3, 4)
    );
    case!("gru checkpoints", "gru", Gru, checkpointed, again(gru));
    case!(
        "minimal gru",
        "gru",
        MinimalGru,
        plain,
        products(2, 0).activations(1, 0)
    );
    case!(
        "minimal lstm",
        "lstm",
        MinimalLstm,
        plain,
        products(3, 0).activations(2, 0)
    );
    Ok(cases)
}
