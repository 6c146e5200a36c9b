//! How a cell's columns lie in a panel.
use crate::cell::Source;
use crate::lanes::Lanes;
use crate::product::pack::Blocks;

/// Panels of units and slots of columns.
///
/// In a panel the columns that only read the input come first, then those that read the gated state, and
/// those that only read the state come last, so that each product covers one contiguous range of slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) blocks: Blocks,
    pub(crate) columns: usize,
    /// The slot of each column.
    pub(crate) slot: Vec<usize>,
    /// For slots 0.., the row block of W.
    pub(crate) input_order: Vec<usize>,
    /// For slots `columns − len`.., the row block of U.
    pub(crate) state_order: Vec<usize>,
    /// For slots `gated_first`.., the row block of U.
    pub(crate) gated_order: Vec<usize>,
    /// The first slot that reads the gated state.
    pub(crate) gated_first: usize,
    /// For every slot, the block of the bias.
    pub(crate) bias_order: Vec<usize>,
    /// For each row block of U, its slot and whether it reads the gated state.
    pub(crate) state_slots: Vec<(usize, bool)>,
    /// For each row block of W, its slot.
    pub(crate) input_slots: Vec<usize>,
}

impl Layout {
    pub(crate) fn new<V: Lanes>(sources: &[Source], units: usize) -> Self {
        let mut bias_order: Vec<usize> = (0..sources.len()).collect();
        bias_order.sort_by_key(|&column| match sources[column] {
            Source::Input => 0,
            Source::Gated => 1,
            Source::Both => 2,
            Source::Recurrent => 3,
        });
        let mut slot = vec![0; sources.len()];
        for (place, &column) in bias_order.iter().enumerate() {
            slot[column] = place;
        }
        let readers = |reads: fn(Source) -> bool| -> Vec<usize> {
            (0..sources.len())
                .filter(|&column| reads(sources[column]))
                .collect()
        };
        let (inputs, states) = (readers(Source::reads_input), readers(Source::reads_state));
        // The row blocks of a matrix in the order of the slots, of those columns that pass the filter.
        let ranked = |blocks: &[usize], passes: &dyn Fn(Source) -> bool| -> Vec<usize> {
            let slots = bias_order.iter().filter(|&&column| passes(sources[column]));
            slots
                .filter_map(|column| blocks.iter().position(|reader| reader == column))
                .collect()
        };
        let input_order = ranked(&inputs, &Source::reads_input);
        let state_order = ranked(&states, &|source| {
            source.reads_state() && !source.is_gated()
        });
        let gated_order = ranked(&states, &Source::is_gated);
        let state_slots = states
            .iter()
            .map(|&column| (slot[column], sources[column].is_gated()))
            .collect();
        let input_slots = inputs.iter().map(|&column| slot[column]).collect();
        Self {
            blocks: Blocks {
                units,
                width: V::WIDTH * vectors_of_units(sources.len(), units.div_ceil(V::WIDTH)),
            },
            columns: sources.len(),
            slot,
            input_order,
            gated_first: sources
                .iter()
                .filter(|source| **source == Source::Input)
                .count(),
            state_order,
            gated_order,
            bias_order,
            state_slots,
            input_slots,
        }
    }

    /// Floats of one row of a panel.
    pub(crate) fn row(&self) -> usize {
        self.columns * self.blocks.width
    }
    /// Floats of a panel row that the input product covers, from its start.
    pub(crate) fn input_row(&self) -> usize {
        self.input_order.len() * self.blocks.width
    }
    /// Floats of a panel row that the recurrent product covers, up to its end.
    pub(crate) fn state_row(&self) -> usize {
        self.state_order.len() * self.blocks.width
    }
    /// Floats of a panel row that the product on the gated state covers, from `gated_first` on.
    pub(crate) fn gated_row(&self) -> usize {
        self.gated_order.len() * self.blocks.width
    }
    /// Whether both products cover the whole row, so that one tile can sum both.
    pub(crate) fn is_uniform(&self) -> bool {
        self.input_order.len() == self.columns && self.state_order.len() == self.columns
    }
}

/// Panels for a product of `outputs` columns that no formula follows: as wide as a tile.
pub(crate) fn plain_blocks<V: Lanes>(outputs: usize) -> Blocks {
    Blocks {
        units: outputs,
        width: V::WIDTH * vectors_of_units(1, outputs.div_ceil(V::WIDTH)),
    }
}

/// How many vectors of units share a panel: a tile should be up to four vectors wide, without computing
/// many units that are not there.
fn vectors_of_units(columns: usize, vectors: usize) -> usize {
    let most = (4 / columns).max(1);
    (1..=most)
        .rev()
        .find(|width| {
            let padded = vectors.next_multiple_of(*width);
            (padded - vectors) * 8 <= vectors
        })
        .unwrap_or(1)
}
