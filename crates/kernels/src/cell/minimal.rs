//! The minimal GRU and LSTM (Feng, Tung, Ahmed, Bengio & Hajimirsadeghi 2024, "Were RNNs all we needed?").
//!
//! ```text
//! minimal GRU:   z = σ(W_z x_t + b_z)     n = W_n x_t + b_n     h_t = (1 − z) ⊙ h_(t−1) + z ⊙ n
//! minimal LSTM:  f = σ(W_f x_t + b_f)     i = σ(W_i x_t + b_i)  n = W_n x_t + b_n
//!                h_t = f/(f + i) ⊙ h_(t−1) + i/(f + i) ⊙ n
//! ```
//!
//! No gate reads the state, so all products are one product over time × batch, and what is left of the
//! recurrence is elementwise: the engine cuts the units of such a cell over threads as well as the rows. This is
//! the paper's plain form (its section 3; the form in its appendix for logarithms keeps n positive).
use super::{BackwardStep, Cell, Source};
use crate::algebra::Algebra;

/// The minimal GRU. Columns **z, n**; no U. States: h.
#[derive(Debug, Clone, Copy, Default)]
pub struct MinimalGru;

impl Cell<2, 1, 2> for MinimalGru {
    const NAME: &'static str = "minimal-gru";
    const SOURCES: [Source; 2] = [Source::Input; 2];
    const COLUMN_NAMES: [&'static str; 2] = ["z", "n"];

    #[inline(always)]
    fn forward<A: Algebra>(&self, [z, n]: [A; 2], [h]: [A; 1], []: [A; 0]) -> ([A; 1], [A; 2]) {
        let z = z.sigmoid();
        ([z.mul_add(&n.sub(&h), &h)], [z, n])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [z, n]: [A; 2],
        [h_previous]: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 2, 1, 0> {
        let d_n = dh.mul(&z);
        let d_z = dh.mul(&n.sub(&h_previous)).mul(&z.sigmoid_slope());
        let direct = dh.sub(&d_n);
        ([d_z, d_n], [direct], [])
    }
}

/// f/(f + i). Where both gates are shut as far as numbers go, half the state stays: the smallest normal number is added
/// to each, so that the quotient is one of two positive numbers.
#[inline(always)]
fn share<A: Algebra>(f: &A, i: &A) -> A {
    let least = f.constant(f64::from(f32::MIN_POSITIVE));
    let f = f.add(&least);
    f.div(&f.add(&i.add(&least)))
}

/// The minimal LSTM. Columns **f, i, n**; no U. States: h.
#[derive(Debug, Clone, Copy, Default)]
pub struct MinimalLstm;

impl Cell<3, 1, 3> for MinimalLstm {
    const NAME: &'static str = "minimal-lstm";
    const SOURCES: [Source; 3] = [Source::Input; 3];
    const COLUMN_NAMES: [&'static str; 3] = ["f", "i", "n"];

    #[inline(always)]
    fn forward<A: Algebra>(&self, [f, i, n]: [A; 3], [h]: [A; 1], []: [A; 0]) -> ([A; 1], [A; 3]) {
        let (f, i) = (f.sigmoid(), i.sigmoid());
        let share = share(&f, &i);
        ([share.mul_add(&h.sub(&n), &n)], [f, i, n])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [f, i, n]: [A; 3],
        [h_previous]: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 3, 1, 0> {
        let share = share(&f, &i);
        let direct = dh.mul(&share);
        let d_n = dh.sub(&direct);
        // With s = f/(f + i): ∂s/∂f·f' = s(1 − s)(1 − f), and the same for i with the other sign.
        let d_share = dh.mul(&h_previous.sub(&n)).mul(&share.sigmoid_slope());
        let d_f = d_share.mul(&f.one_minus());
        let d_i = d_share.mul(&i.sub(&i.constant(1.0)));
        ([d_f, d_i, d_n], [direct], [])
    }
}
