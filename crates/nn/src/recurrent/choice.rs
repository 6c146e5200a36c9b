//! Cells chosen by value: the list of those that options can name, and that this crate compiles the engine for.
use crate::words;
use ressac_kernels::cell::{
    Cell, Elman, Gru, GruBefore, Identity, Lstm, MinimalGru, MinimalLstm, Sigmoid, Source,
};

words! {
    /// The activation φ of the simple unit.
    Activation: "activation" {
        /// The hyperbolic tangent, the usual one.
        Tanh = "tanh",
        /// max(x, 0).
        Relu = "relu",
        /// 1 / (1 + e^−x).
        Sigmoid = "sigmoid",
        /// x itself: a linear recurrence.
        Identity = "identity",
    }
}

words! {
    /// What the gates of the LSTM read beside the input.
    Gates: "gate input" {
        /// The output of the step before, the usual form.
        Hidden = "hidden",
        /// The cell state of the step before through full matrices: the second form of the lecture.
        Cell = "cell",
        /// The output, and the cell state of their own unit (Gers and Schmidhuber 2000).
        Peephole = "peephole",
    }
}

words! {
    /// Where the reset gate of the GRU stands.
    Reset: "reset" {
        /// After the recurrent product: PyTorch, cuDNN.
        After = "after",
        /// Before it: the first version of Cho et al. 2014.
        Before = "before",
    }
}

/// A cell, with what makes it another than the usual one of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellChoice {
    /// The plain recurrent unit.
    Rnn(Activation),
    /// Long short-term memory.
    Lstm(Gates),
    /// The gated recurrent unit.
    Gru(Reset),
    /// The minimal GRU.
    MinimalGru,
    /// The minimal LSTM.
    MinimalLstm,
}

/// Something that is done with a cell of any type: it is compiled for each of them, in the crate that does it.
pub trait UseCell {
    /// What comes of it.
    type Output;
    /// Does it.
    fn with<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        self,
        cell: C,
    ) -> Self::Output
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>;
}

/// How many weights each unit of a cell has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CellSize {
    /// Columns that read the input.
    pub inputs: usize,
    /// Columns that read the fed-back or the gated state.
    pub states: usize,
    /// Columns in all, each with its bias.
    pub columns: usize,
    /// Weights of its own, such as peepholes.
    pub units: usize,
    /// States that it carries from step to step, each as wide as it has hidden units.
    pub carried: usize,
}

impl CellChoice {
    /// Hands the cell over.
    pub fn give<U: UseCell>(self, to: U) -> U::Output {
        match self {
            Self::Rnn(Activation::Tanh) => to.with(Elman::tanh()),
            Self::Rnn(Activation::Relu) => to.with(Elman::relu()),
            Self::Rnn(Activation::Sigmoid) => to.with(Elman::new(Sigmoid)),
            Self::Rnn(Activation::Identity) => to.with(Elman::new(Identity)),
            Self::Lstm(Gates::Hidden) => to.with(Lstm),
            Self::Lstm(Gates::Cell) => to.with(Lstm::from_cell()),
            Self::Lstm(Gates::Peephole) => to.with(Lstm::peephole()),
            Self::Gru(Reset::After) => to.with(Gru),
            Self::Gru(Reset::Before) => to.with(GruBefore),
            Self::MinimalGru => to.with(MinimalGru),
            Self::MinimalLstm => to.with(MinimalLstm),
        }
    }

    /// Its weights.
    pub fn size(self) -> CellSize {
        self.give(Count)
    }
}

struct Count;

impl UseCell for Count {
    type Output = CellSize;
    fn with<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>(
        self,
        _cell: C,
    ) -> CellSize
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        let reading =
            |reads: fn(&Source) -> bool| C::SOURCES.iter().filter(|source| reads(source)).count();
        CellSize {
            inputs: reading(|source| source.reads_input()),
            states: reading(|source| source.reads_state()),
            columns: COLUMNS,
            units: UNITS,
            carried: STATES,
        }
    }
}
