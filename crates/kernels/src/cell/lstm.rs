//! Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).
//!
//! ```text
//! i = σ(a_i)      f = σ(a_f)      g = tanh(a_g)      o = σ(a_o)
//! c_t = f ⊙ c_(t−1) + i ⊙ g       h_t = o ⊙ tanh c_t
//! ```
//!
//! What the gates read ([`GateInput`]) makes the forms of the literature:
//!
//! | | a |
//! |---|---|
//! | [`FromHidden`], the usual one | W x_t + U h_(t−1) + b |
//! | [`FromCell`], the second form of the lecture | W x_t + U c_(t−1) + b, for all four |
//! | [`Peephole`] (Gers & Schmidhuber 2000) | the usual one, and p ⊙ c_(t−1) for i and f, p ⊙ c_t for o |
//!
//! The lecture's slide of its second form, "F, I, G, O = φ(ω_C' C_(t−1) + ω_X' X_t + ω_0)", shows F, I and G; that O reads
//! C_(t−1) too is our completion, as is φ = σ for the gates and tanh for G. Its first form prints f ⊗ g where the
//! field has i ⊗ g; we read it as i ⊗ g.
//!
//! [`CoupledLstm`] has no input gate of its own: i = 1 − f (Greff et al. 2017, "LSTM: a search space odyssey"; ONNX calls
//! it `input_forget`). Any of them can clip the cell state to ±k, before the output reads it (as in TensorFlow and
//! Sak et al. 2014); the gradient stops where it is clipped.
use super::{BackwardStep, Cell, Source};
use crate::algebra::Algebra;
use std::fmt::Debug;
use std::marker::PhantomData;

/// The LSTM whose gates read h_(t−1). Column order **i, f, g, o** as in PyTorch and cuDNN (Keras has
/// i, f, c, o, which is the same; ONNX has i, o, f, c). W is `[4·hidden, input]`, U `[4·hidden,
/// hidden]`, bias `[4·hidden]`. States: h, c.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lstm;

impl Lstm {
    /// The second form of the lecture: every gate reads c_(t−1) through a full matrix.
    pub const fn from_cell() -> LstmOf<FromCell> {
        LstmOf::new()
    }
    /// Gates that also see the cell state of their own unit.
    pub const fn peephole() -> LstmOf<Peephole> {
        LstmOf::new()
    }
    /// i = 1 − f.
    pub const fn coupled() -> CoupledLstm<FromHidden> {
        CoupledLstm::new()
    }
    /// The usual LSTM, its cell state kept within ±`bound`.
    pub const fn clipped(bound: f64) -> LstmOf<FromHidden> {
        LstmOf::new().with_clip(bound)
    }
}

/// What the gates read: one of [`FromHidden`], [`FromCell`], [`Peephole`].
pub trait GateInput: Clone + Copy + Default + Debug + Send + Sync + 'static {
    /// The state that the recurrent product reads.
    const FED: usize;
    /// The names of the LSTM and of the coupled LSTM with such gates.
    const NAMES: [&'static str; 2];
}

/// The gates read h_(t−1).
#[derive(Debug, Clone, Copy, Default)]
pub struct FromHidden;
/// The gates read c_(t−1) through full matrices.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromCell;
/// The gates read h_(t−1), and the cell state of their own unit through one weight each, in the order
/// i, f, o: unit weights `[3·hidden]` (of the coupled LSTM f, o: `[2·hidden]`).
#[derive(Debug, Clone, Copy, Default)]
pub struct Peephole;

impl GateInput for FromHidden {
    const FED: usize = 0;
    const NAMES: [&'static str; 2] = ["lstm", "lstm-coupled"];
}
impl GateInput for FromCell {
    const FED: usize = 1;
    const NAMES: [&'static str; 2] = ["lstm-cell", "lstm-coupled-cell"];
}
impl GateInput for Peephole {
    const FED: usize = 0;
    const NAMES: [&'static str; 2] = ["lstm-peephole", "lstm-coupled-peephole"];
}

/// The LSTM with gates that read what `G` says. Columns i, f, g, o; states h, c.
#[derive(Debug, Clone, Copy, Default)]
pub struct LstmOf<G> {
    clip: Option<f64>,
    gates: PhantomData<G>,
}

/// The LSTM with i = 1 − f. Columns **f, g, o**; states h, c.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoupledLstm<G> {
    clip: Option<f64>,
    gates: PhantomData<G>,
}

impl<G> LstmOf<G> {
    /// Without a clip.
    pub const fn new() -> Self {
        Self {
            clip: None,
            gates: PhantomData,
        }
    }
    /// Keeps the cell state within ±`bound`, which is above zero.
    #[must_use]
    pub const fn with_clip(mut self, bound: f64) -> Self {
        self.clip = Some(bound);
        self
    }
}

impl<G> CoupledLstm<G> {
    /// Without a clip.
    pub const fn new() -> Self {
        Self {
            clip: None,
            gates: PhantomData,
        }
    }
    /// Keeps the cell state within ±`bound`, which is above zero.
    #[must_use]
    pub const fn with_clip(mut self, bound: f64) -> Self {
        self.clip = Some(bound);
        self
    }
}

fn describe(name: &str, clip: Option<f64>) -> String {
    match clip {
        Some(bound) => format!("{name}, cell clip {bound}"),
        None => name.to_owned(),
    }
}

/// The peepholes of a unit; zero-sized where there are none.
trait Holes<A: Algebra> {
    /// `sum + p·c` for the input, forget and output gate.
    fn add(&self, gate: usize, c: &A, sum: A) -> A;
    /// `sum + p·gradient`.
    fn back(&self, gate: usize, gradient: &A, sum: A) -> A;
}

impl<A: Algebra> Holes<A> for [A; 0] {
    #[inline(always)]
    fn add(&self, _gate: usize, _c: &A, sum: A) -> A {
        sum
    }
    #[inline(always)]
    fn back(&self, _gate: usize, _gradient: &A, sum: A) -> A {
        sum
    }
}

/// Gates of the whole LSTM count i, f, o; the coupled one has no i, so its f stands first.
macro_rules! holes {
    ($count:literal, $first:literal) => {
        impl<A: Algebra> Holes<A> for [A; $count] {
            #[inline(always)]
            fn add(&self, gate: usize, c: &A, sum: A) -> A {
                self[gate - $first].mul_add(c, &sum)
            }
            #[inline(always)]
            fn back(&self, gate: usize, gradient: &A, sum: A) -> A {
                self[gate - $first].mul_add(gradient, &sum)
            }
        }
    };
}
holes!(3, 0);
holes!(2, 1);

const I: usize = 0;
const F: usize = 1;
const O: usize = 2;

#[inline(always)]
fn clipped<A: Algebra>(c: A, clip: Option<f64>) -> A {
    match clip {
        Some(bound) => c.clamp(-bound, bound),
        None => c,
    }
}

/// One step: i (or 1 − f), f, g, o, and the states.
#[inline(always)]
fn ahead<A: Algebra>(
    i: Option<A>,
    [f, g, o]: [A; 3],
    c: &A,
    holes: &impl Holes<A>,
    clip: Option<f64>,
) -> ([A; 2], [A; 4]) {
    let f = holes.add(F, c, f).sigmoid();
    let i = match i {
        Some(i) => holes.add(I, c, i).sigmoid(),
        None => f.one_minus(),
    };
    let g = g.tanh();
    let c = clipped(f.mul_add(c, &i.mul(&g)), clip);
    let o = holes.add(O, &c, o).sigmoid();
    let h = o.mul(&c.tanh());
    ([h, c], [i, f, g, o])
}

/// What reaches the gates in a step backward.
struct Behind<A> {
    /// The gradients of i and f themselves, before their slopes: coupled gates share one.
    d_i: A,
    d_f: A,
    /// The gradients of the columns g and o.
    d_g: A,
    d_o: A,
    /// The gradient of o's peephole.
    d_o_hole: A,
    /// What f passes to c_(t−1).
    passed: A,
}

#[inline(always)]
fn behind<A: Algebra>(
    [i, f, g, o]: [&A; 4],
    c_previous: &A,
    c: &A,
    [dh, dc]: [A; 2],
    holes: &impl Holes<A>,
    clip: Option<f64>,
) -> Behind<A> {
    let tanh_c = c.tanh();
    let d_o = dh.mul(&tanh_c).mul(&o.sigmoid_slope());
    let dc = holes.back(O, &d_o, dc);
    let mut dc = dh.mul(o).mul_add(&tanh_c.tanh_slope(), &dc);
    if let Some(bound) = clip {
        // Where |c| has reached the bound the gradient stops.
        let inside = c.constant(bound).sub(c).positive();
        let inside = inside.mul(&c.add(&c.constant(bound)).positive());
        dc = dc.mul(&inside);
    }
    Behind {
        d_i: dc.mul(g),
        d_f: dc.mul(c_previous),
        d_g: dc.mul(i).mul(&g.tanh_slope()),
        d_o_hole: d_o.mul(c),
        d_o,
        passed: dc.mul(f),
    }
}

macro_rules! lstm {
    ($cell:ty, units: $units:literal, $holes:ident) => {
        impl Cell<4, 2, 4, $units> for $cell {
            lstm!(@names $cell, 0, 4, [Source::Both; 4], ["i", "f", "g", "o"]);

            #[inline(always)]
            fn forward<A: Algebra>(
                &self,
                [i, f, g, o]: [A; 4],
                [_, c]: [A; 2],
                units: [A; $units],
            ) -> ([A; 2], [A; 4]) {
                ahead(Some(i), [f, g, o], &c, &units, self.clip)
            }

            #[inline(always)]
            fn backward<A: Algebra>(
                &self,
                [i, f, g, o]: [A; 4],
                [h_previous, c_previous]: [A; 2],
                [_, c]: [A; 2],
                units: [A; $units],
                gradient: [A; 2],
            ) -> BackwardStep<A, 4, 2, $units> {
                let gates = [&i, &f, &g, &o];
                let behind = behind(gates, &c_previous, &c, gradient, &units, self.clip);
                let d_i = behind.d_i.mul(&i.sigmoid_slope());
                let d_f = behind.d_f.mul(&f.sigmoid_slope());
                let passed = units.back(I, &d_i, units.back(F, &d_f, behind.passed));
                let holes = lstm!(@$holes c_previous, behind, [d_i, d_f]);
                (
                    [d_i, d_f, behind.d_g, behind.d_o],
                    [h_previous.constant(0.0), passed],
                    holes,
                )
            }
        }
    };
    ($cell:ty, coupled, units: $units:literal, $holes:ident) => {
        impl Cell<3, 2, 3, $units> for $cell {
            lstm!(@names $cell, 1, 3, [Source::Both; 3], ["f", "g", "o"]);

            #[inline(always)]
            fn forward<A: Algebra>(
                &self,
                [f, g, o]: [A; 3],
                [_, c]: [A; 2],
                units: [A; $units],
            ) -> ([A; 2], [A; 3]) {
                let (states, [_, f, g, o]) =
                    ahead(None, [f, g, o], &c, &units, self.clip);
                (states, [f, g, o])
            }

            #[inline(always)]
            fn backward<A: Algebra>(
                &self,
                [f, g, o]: [A; 3],
                [h_previous, c_previous]: [A; 2],
                [_, c]: [A; 2],
                units: [A; $units],
                gradient: [A; 2],
            ) -> BackwardStep<A, 3, 2, $units> {
                let i = f.one_minus();
                let gates = [&i, &f, &g, &o];
                let behind = behind(gates, &c_previous, &c, gradient, &units, self.clip);
                let d_f = behind.d_f.sub(&behind.d_i).mul(&f.sigmoid_slope());
                let passed = units.back(F, &d_f, behind.passed);
                let holes = lstm!(@$holes c_previous, behind, [d_f]);
                (
                    [d_f, behind.d_g, behind.d_o],
                    [h_previous.constant(0.0), passed],
                    holes,
                )
            }
        }
    };
    (@names $cell:ty, $coupled:literal, $columns:literal, $sources:expr, $names:expr) => {
        const NAME: &'static str = <$cell as Named>::NAMES[$coupled];
        const SOURCES: [Source; $columns] = $sources;
        const COLUMN_NAMES: [&'static str; $columns] = $names;
        const FED: usize = <$cell as Named>::FED;
        const PROJECTABLE: bool = true;

        fn describe(&self) -> String {
            describe(Self::NAME, self.clip)
        }
    };
    (@none $c:ident, $behind:ident, [$($d:ident),*]) => { [] };
    (@holes $c:ident, $behind:ident, [$($d:ident),*]) => { [$($d.mul(&$c),)* $behind.d_o_hole] };
}

/// The names of a cell type, through its gates'.
trait Named {
    const FED: usize;
    const NAMES: [&'static str; 2];
}
impl<G: GateInput> Named for LstmOf<G> {
    const FED: usize = G::FED;
    const NAMES: [&'static str; 2] = G::NAMES;
}
impl<G: GateInput> Named for CoupledLstm<G> {
    const FED: usize = G::FED;
    const NAMES: [&'static str; 2] = G::NAMES;
}

lstm!(LstmOf<FromHidden>, units: 0, none);
lstm!(LstmOf<FromCell>, units: 0, none);
lstm!(LstmOf<Peephole>, units: 3, holes);
lstm!(CoupledLstm<FromHidden>, coupled, units: 0, none);
lstm!(CoupledLstm<FromCell>, coupled, units: 0, none);
lstm!(CoupledLstm<Peephole>, coupled, units: 2, holes);

impl Cell<4, 2, 4> for Lstm {
    const NAME: &'static str = "lstm";
    const SOURCES: [Source; 4] = [Source::Both; 4];
    const COLUMN_NAMES: [&'static str; 4] = ["i", "f", "g", "o"];
    const PROJECTABLE: bool = true;

    #[inline(always)]
    fn forward<A: Algebra>(
        &self,
        columns: [A; 4],
        previous: [A; 2],
        units: [A; 0],
    ) -> ([A; 2], [A; 4]) {
        LstmOf::<FromHidden>::new().forward(columns, previous, units)
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        kept: [A; 4],
        previous: [A; 2],
        next: [A; 2],
        units: [A; 0],
        gradient: [A; 2],
    ) -> BackwardStep<A, 4, 2, 0> {
        LstmOf::<FromHidden>::new().backward(kept, previous, next, units, gradient)
    }
}
