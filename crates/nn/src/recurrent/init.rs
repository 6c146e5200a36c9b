//! Where the parameters of a recurrent layer start.
//!
//! An [`Init`] has three parts, for W, U and the bias, that combine freely; its constructors are the
//! combinations that have a name. It knows no cell, only what each *column* is for ([`Role`]), so one
//! initialisation serves every cell, and is a pure function of columns, sizes and stream.
//!
//! # Conventions
//!
//! - W is `[columns that read the input · hidden, input]`, U `[columns that read the state · hidden,
//!   output]`; a *block* is the `hidden` rows of one column. Keras stores the transposes side by side.
//! - There is one bias where PyTorch has two; their sum is what counts, so a gate bias given here is the
//!   whole of it. (In PyTorch, setting `bias_ih` of the forget gate to 1 leaves the uniform `bias_hh`.)
//! - A gate bias is *set*, not added to what was drawn.
//! - The update gate z of our GRU keeps the state where it is 1: h_t = (1 − z) ⊙ n + z ⊙ h_(t−1), as in
//!   PyTorch and Keras. Papers that write it the other way round have the opposite sign for its bias.
mod orthogonal;

use crate::NnError;
use crate::random::{Generator, Stream};
use orthogonal::orthogonal;
use ressac_kernels::cell::Source;

/// What a column is for, as far as an initialisation cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// i of the LSTM and z of the minimal GRU: lets the candidate in.
    InputGate,
    /// f of the LSTM: keeps the state where it is 1.
    ForgetGate,
    /// z of the GRU: keeps the state where it is 1, lets the candidate in where it is 0.
    UpdateGate,
    /// r of the GRU: what of the state the candidate sees.
    ResetGate,
    /// o of the LSTM: what of the state is shown.
    OutputGate,
    /// The new content: g of the LSTM, n of the GRU, the whole of the simple unit.
    Candidate,
    /// The part of the candidate that reads the state, where it is a column of its own: u of the GRU.
    RecurrentCandidate,
    /// A column of a cell that initialisations do not know.
    Other,
}

/// One column of a cell: what it is for and what it sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// What it is for.
    pub role: Role,
    /// Which products it sums, and so in which matrices it has rows.
    pub source: Source,
}

impl Column {
    /// The columns of a cell by its name, sources and the names of its columns. A cell of your own whose name begins as
    /// one of the library's (`lstm-mine`) has the roles of that one's columns where they are named alike; all others have
    /// [`Role::Other`]: every initialisation of weights applies to them, none of gate biases.
    pub fn of(cell: &str, sources: &[Source], names: &[&str]) -> Vec<Self> {
        let role = |name: &str| match (cell, name) {
            ("rnn", _) => Role::Candidate,
            // Its z lets the candidate in, where the GRU's keeps the state.
            ("minimal-gru", "z") => Role::InputGate,
            (_, "n") if cell.starts_with("gru") || cell.starts_with("minimal") => Role::Candidate,
            ("gru" | "gru-before", "r") => Role::ResetGate,
            ("gru" | "gru-before", "z") => Role::UpdateGate,
            ("gru", "u") => Role::RecurrentCandidate,
            _ if !cell.starts_with("lstm") && cell != "minimal-lstm" => Role::Other,
            (_, "i") => Role::InputGate,
            (_, "f") => Role::ForgetGate,
            (_, "g") => Role::Candidate,
            (_, "o") => Role::OutputGate,
            _ => Role::Other,
        };
        sources
            .iter()
            .zip(names)
            .map(|(&source, name)| Self {
                role: role(name),
                source,
            })
            .collect()
    }
}

/// Whether a formula is applied to the block of each column or to all of them as one matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Each column's block is a matrix of its own: what the theory of the simple unit is about.
    Block,
    /// The blocks together are one matrix: what Keras does, whose kernels hold all columns.
    Whole,
}

/// How a weight matrix starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Weights {
    /// Uniform on ±1/√hidden, for W as for U: PyTorch.
    Uniform,
    /// Uniform on ±gain·√(6 / (rows + columns)), which keeps the variance of what flows forward and
    /// backward (Glorot & Bengio 2010; "glorot uniform", "Xavier"). Rows and columns are those of the
    /// extent.
    Xavier {
        /// What the formula sees as one matrix.
        extent: Extent,
        /// Multiplies the bound.
        gain: f64,
    },
    /// A random orthogonal matrix times `gain`, so that every singular value is `gain`: a product over
    /// many steps neither explodes nor vanishes for `gain` 1 (Saxe, McClelland & Ganguli 2014). Drawn
    /// evenly among all orthogonal matrices: Q of the QR decomposition of a normal matrix, with the
    /// diagonal of R positive (Mezzadri 2007). Where the matrix is not square, its rows or its columns are
    /// orthonormal, whichever are fewer.
    Orthogonal {
        /// What is orthogonal: [`Extent::Whole`] makes the columns of the whole U orthonormal, which leaves
        /// each of k blocks with singular values between 0 and `gain`, of root mean square `gain`/√k.
        extent: Extent,
        /// The singular values.
        gain: f64,
    },
    /// `scale` on the diagonal of each block, zero elsewhere (Le, Jaitly & Hinton 2015).
    Identity {
        /// The diagonal.
        scale: f64,
    },
    /// Normal with mean 0.
    Normal {
        /// The standard deviation.
        deviation: f64,
    },
}

/// How the bias starts, before its gates are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bias {
    /// Uniform on ±1/√hidden: PyTorch (of whose two biases either has this distribution).
    Uniform,
    /// Zero.
    Zeros,
}

/// What the biases of the gates that keep the state are set to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gates {
    /// Nothing: as the other biases.
    Unset,
    /// The forget gate starts at σ(`bias`); 1 is the advice of Gers et al. (2000) and of Jozefowicz,
    /// Zaremba & Sutskever (2015). A cell without a forget gate is refused.
    Forget {
        /// The value.
        bias: f64,
    },
    /// Keras' `unit_forget_bias`: [`Gates::Forget`] with 1 where the cell has a forget gate, nothing where
    /// it has none.
    UnitForget,
    /// Chrono initialisation (Tallec & Ollivier 2018): b ~ log U(1, `longest` − 1) for each unit, so that
    /// the units forget over all times from 2 to `longest` steps. The gate that keeps the state gets b,
    /// the one that lets the candidate in −b: f and i of the LSTM (the same draw for both), z of the GRU.
    /// A cell without such a gate is refused.
    Chrono {
        /// The longest dependency expected, in steps; at least 3.
        longest: usize,
    },
}

/// Where the parameters of a recurrent layer start; see the [module](self) for the conventions.
///
/// ```
/// use ressac_nn::init::{Bias, Gates, Init};
/// let mut init = Init::pytorch();
/// init.gates = Gates::Forget { bias: 1.0 };
/// assert_eq!(init.bias, Bias::Uniform);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Init {
    /// W.
    pub input: Weights,
    /// U.
    pub recurrent: Weights,
    /// The bias.
    pub bias: Bias,
    /// The biases of the gates, set after the bias.
    pub gates: Gates,
}

/// The sizes of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Features of the input, the columns of W.
    pub input: usize,
    /// Units, the rows of a block.
    pub hidden: usize,
    /// Features of the output that U reads, its columns: `hidden`, except under a projection.
    pub output: usize,
}

/// The starting values, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    /// W `[columns that read the input · hidden, input]`.
    pub input: Vec<f32>,
    /// U `[columns that read the state · hidden, output]`.
    pub recurrent: Vec<f32>,
    /// The bias `[columns · hidden]`.
    pub bias: Vec<f32>,
}

impl Default for Init {
    fn default() -> Self {
        Self::pytorch()
    }
}

impl Init {
    /// Everything uniform on ±1/√hidden: PyTorch, and the default.
    pub const fn pytorch() -> Self {
        Self {
            input: Weights::Uniform,
            recurrent: Weights::Uniform,
            bias: Bias::Uniform,
            gates: Gates::Unset,
        }
    }

    /// Keras' default: W Xavier and U orthogonal, each as one matrix; bias zero, forget gate 1 where there
    /// is one.
    pub const fn keras() -> Self {
        Self {
            input: Weights::Xavier {
                extent: Extent::Whole,
                gain: 1.0,
            },
            recurrent: Weights::Orthogonal {
                extent: Extent::Whole,
                gain: 1.0,
            },
            bias: Bias::Zeros,
            gates: Gates::UnitForget,
        }
    }

    /// W Xavier and U orthogonal, block by block, bias zero: every column starts as the simple unit of
    /// Saxe et al. (2014) would.
    pub const fn orthogonal() -> Self {
        Self {
            input: Weights::Xavier {
                extent: Extent::Block,
                gain: 1.0,
            },
            recurrent: Weights::Orthogonal {
                extent: Extent::Block,
                gain: 1.0,
            },
            bias: Bias::Zeros,
            gates: Gates::Unset,
        }
    }

    /// [`Init::orthogonal`] with chrono gates for dependencies of up to `longest` steps
    /// ([`Gates::Chrono`]); the other biases are zero.
    pub const fn chrono(longest: usize) -> Self {
        Self {
            gates: Gates::Chrono { longest },
            ..Self::orthogonal()
        }
    }

    /// U the identity, W normal with deviation 0.001, bias zero (Le, Jaitly & Hinton 2015). It is meant
    /// for the simple unit with φ = relu, which then starts by remembering everything.
    pub const fn irnn() -> Self {
        Self {
            input: Weights::Normal { deviation: 1e-3 },
            recurrent: Weights::Identity { scale: 1.0 },
            bias: Bias::Zeros,
            gates: Gates::Unset,
        }
    }

    /// The starting values of the cell called `cell` with these columns, drawn from the children "input
    /// weights", "recurrent weights", "bias" and "chrono" of `stream`.
    ///
    /// # Errors
    /// Gate biases for a cell that has no such gate; a gain, scale, deviation or bias that is not finite;
    /// chrono gates for fewer than 3 steps.
    pub fn values(
        &self,
        cell: &str,
        columns: &[Column],
        sizes: Sizes,
        stream: &Stream,
    ) -> Result<Values, NnError> {
        let Sizes {
            input,
            hidden,
            output,
        } = sizes;
        self.input.check(cell, "input weights")?;
        self.recurrent.check(cell, "recurrent weights")?;
        let count = |reads: fn(Source) -> bool| {
            columns.iter().filter(|column| reads(column.source)).count()
        };
        let generator = |purpose: &str| stream.child(purpose).generator();
        let bias = match self.bias {
            Bias::Uniform => {
                let bound = 1.0 / (hidden as f64).sqrt();
                uniform(&mut generator("bias"), bound, columns.len() * hidden)
            }
            Bias::Zeros => vec![0.0; columns.len() * hidden],
        };
        let mut values = Values {
            input: self.input.draw(
                [count(Source::reads_input), hidden, input],
                generator("input weights"),
            ),
            recurrent: self.recurrent.draw(
                [count(Source::reads_state), hidden, output],
                generator("recurrent weights"),
            ),
            bias,
        };
        self.gates
            .set(cell, columns, hidden, &mut values.bias, stream)?;
        Ok(values)
    }
}

impl Weights {
    fn check(self, cell: &str, matrix: &str) -> Result<(), NnError> {
        let (what, value) = match self {
            Self::Uniform => return Ok(()),
            Self::Xavier { gain, .. } | Self::Orthogonal { gain, .. } => ("gain", gain),
            Self::Identity { scale } => ("scale", scale),
            Self::Normal { deviation } => ("deviation", deviation),
        };
        finite(cell, &format!("{what} of the {matrix}"), value)
    }

    /// `blocks` of `[rows, columns]` under one another.
    fn draw(self, [blocks, rows, columns]: [usize; 3], mut generator: Generator) -> Vec<f32> {
        let count = blocks * rows * columns;
        let parts = |extent| match extent {
            Extent::Block => (blocks, rows),
            Extent::Whole => (1, blocks * rows),
        };
        match self {
            Self::Uniform => uniform(&mut generator, 1.0 / (rows as f64).sqrt(), count),
            Self::Xavier { extent, gain } => {
                let (_, rows) = parts(extent);
                let bound = gain * (6.0 / (rows + columns) as f64).sqrt();
                uniform(&mut generator, bound, count)
            }
            Self::Orthogonal { extent, gain } => {
                let (parts, rows) = parts(extent);
                (0..parts)
                    .flat_map(|_| orthogonal(&mut generator, rows, columns))
                    .map(|value| (gain * value) as f32)
                    .collect()
            }
            Self::Identity { scale } => (0..count)
                .map(|place| match place / columns % rows == place % columns {
                    true => scale as f32,
                    false => 0.0,
                })
                .collect(),
            Self::Normal { deviation } => (0..count)
                .map(|_| (deviation * generator.normal()) as f32)
                .collect(),
        }
    }
}

impl Gates {
    fn set(
        self,
        cell: &str,
        columns: &[Column],
        hidden: usize,
        bias: &mut [f32],
        stream: &Stream,
    ) -> Result<(), NnError> {
        // What each role gets, in multiples of one value for each unit.
        let sign = |role| match (self, role) {
            (_, Role::ForgetGate) => Some(1.0),
            (Self::Chrono { .. }, Role::InputGate) => Some(-1.0),
            (Self::Chrono { .. }, Role::UpdateGate) => Some(1.0),
            _ => None,
        };
        let is_there = columns.iter().any(|column| sign(column.role).is_some());
        let units: Vec<f64> = match self {
            Self::Unset => return Ok(()),
            Self::UnitForget => vec![1.0; hidden],
            Self::Forget { bias } => {
                finite(cell, "forget bias", bias)?;
                if !is_there {
                    return Err(NnError::shape(
                        format!("{cell}: forget bias"),
                        "a cell with a forget gate, as the LSTM (the update gate of a GRU has chrono \
                         initialisation)",
                        "a cell without one",
                    ));
                }
                vec![bias; hidden]
            }
            Self::Chrono { longest } => {
                let expected = |what: &str, found: String| {
                    Err(NnError::shape(
                        format!("{cell}: chrono initialisation"),
                        what,
                        found,
                    ))
                };
                if longest < 3 {
                    return expected(
                        "a longest dependency of 3 steps or more",
                        longest.to_string(),
                    );
                }
                if !is_there {
                    return expected(
                        "a cell with a gate that keeps its state, as an LSTM or a GRU",
                        "a cell without one".into(),
                    );
                }
                let mut generator = stream.child("chrono").generator();
                let width = (longest - 2) as f64;
                (0..hidden)
                    .map(|_| libm::log(1.0 + width * generator.uniform()))
                    .collect()
            }
        };
        for (column, bias) in columns.iter().zip(bias.chunks_mut(hidden)) {
            if let Some(sign) = sign(column.role) {
                for (bias, unit) in bias.iter_mut().zip(&units) {
                    *bias = (sign * unit) as f32;
                }
            }
        }
        Ok(())
    }
}

fn finite(cell: &str, what: &str, value: f64) -> Result<(), NnError> {
    if (value as f32).is_finite() {
        return Ok(());
    }
    Err(NnError::shape(
        format!("{cell}: {what}"),
        "a finite number",
        value.to_string(),
    ))
}

fn uniform(generator: &mut Generator, bound: f64, count: usize) -> Vec<f32> {
    (0..count)
        .map(|_| (bound * (2.0 * generator.uniform() - 1.0)) as f32)
        .collect()
}
