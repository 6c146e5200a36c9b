//! How a cell's columns lie in a panel.
use crate::cell::Source;
use crate::lanes::Lanes;
use crate::product::pack::Blocks;

/// Panels of units and slots of columns.
///
/// In a panel the columns that only read the input come first and those that only read the state come
/// last, so that each product covers one contiguous range of slots.
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
    /// For every slot, the block of the bias.
    pub(crate) bias_order: Vec<usize>,
    /// For each row block of U, its slot.
    pub(crate) state_slots: Vec<usize>,
    /// For each row block of W, its slot.
    pub(crate) input_slots: Vec<usize>,
}

impl Layout {
    pub(crate) fn new<V: Lanes>(sources: &[Source], units: usize) -> Self {
        let mut bias_order: Vec<usize> = (0..sources.len()).collect();
        bias_order.sort_by_key(|&column| match sources[column] {
            Source::Input => 0,
            Source::Both => 1,
            Source::Recurrent => 2,
        });
        let mut slot = vec![0; sources.len()];
        for (place, &column) in bias_order.iter().enumerate() {
            slot[column] = place;
        }
        let ranked = |reads: fn(Source) -> bool| -> (Vec<usize>, Vec<usize>) {
            let readers: Vec<usize> = (0..sources.len())
                .filter(|&column| reads(sources[column]))
                .collect();
            let order = bias_order
                .iter()
                .filter_map(|column| readers.iter().position(|reader| reader == column))
                .collect();
            let slots = readers.iter().map(|&column| slot[column]).collect();
            (order, slots)
        };
        let (input_order, input_slots) = ranked(Source::reads_input);
        let (state_order, state_slots) = ranked(Source::reads_state);
        Self {
            blocks: Blocks {
                units,
                width: V::WIDTH * vectors_of_units(sources.len(), units.div_ceil(V::WIDTH)),
            },
            columns: sources.len(),
            slot,
            input_order,
            state_order,
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
    /// Whether both products cover the whole row, so that one tile can sum both.
    pub(crate) fn is_uniform(&self) -> bool {
        self.input_order.len() == self.columns && self.state_order.len() == self.columns
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
