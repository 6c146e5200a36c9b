//! The gated recurrent unit (Cho et al. 2014), with the reset gate after or before the product.
//!
//! ```text
//! r = σ(W_r x_t + U_r h_(t−1) + b_r)        z = σ(W_z x_t + U_z h_(t−1) + b_z)
//! after:   n = tanh(W_n x_t + b_n + r ⊙ (U_n h_(t−1) + b_u))
//! before:  n = tanh(W_n x_t + b_n + U_n (r ⊙ h_(t−1)))
//! h_t = (1 − z) ⊙ n + z ⊙ h_(t−1)
//! ```
//!
//! *After* is the form of version 3 of the paper, PyTorch, cuDNN and Keras' default; *before* that of version 1
//! and of Keras with `reset_after=False`. They are different functions of the same weights. In some texts z and
//! 1 − z change places.
use super::{BackwardStep, Cell, Source};
use crate::algebra::Algebra;

/// The GRU, reset after. Columns **r, z, n, u**: n sums the input only and u the state only, so W has
/// rows r, z, n and U rows r, z, u (`[3·hidden, …]` as in PyTorch; Keras has z, r, n), and the bias is
/// `[4·hidden]` in the order r, z, n, u. States: h.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gru;

impl Cell<4, 1, 4> for Gru {
    const NAME: &'static str = "gru";
    const SOURCES: [Source; 4] = [Source::Both, Source::Both, Source::Input, Source::Recurrent];
    const COLUMN_NAMES: [&'static str; 4] = ["r", "z", "n", "u"];

    #[inline(always)]
    fn forward<A: Algebra>(
        &self,
        [r, z, n, u]: [A; 4],
        [h]: [A; 1],
        []: [A; 0],
    ) -> ([A; 1], [A; 4]) {
        let (r, z) = (r.sigmoid(), z.sigmoid());
        let n = r.mul_add(&u, &n).tanh();
        let h = z.mul_add(&h.sub(&n), &n);
        ([h], [r, z, n, u])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [r, z, n, u]: [A; 4],
        [h_previous]: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 4, 1, 0> {
        let direct = dh.mul(&z);
        let d_z = dh.mul(&h_previous.sub(&n)).mul(&z.sigmoid_slope());
        let d_n = dh.sub(&direct).mul(&n.tanh_slope());
        let d_u = d_n.mul(&r);
        let d_r = d_n.mul(&u).mul(&r.sigmoid_slope());
        ([d_r, d_z, d_n, d_u], [direct], [])
    }
}

/// The GRU, reset before. Columns **r, z, n**, of which n reads the gated state r ⊙ h; W, U and bias have
/// rows r, z, n (Keras has z, r, n). States: h.
#[derive(Debug, Clone, Copy, Default)]
pub struct GruBefore;

impl Cell<3, 1, 3> for GruBefore {
    const NAME: &'static str = "gru-before";
    const SOURCES: [Source; 3] = [Source::Both, Source::Both, Source::Gated];
    const COLUMN_NAMES: [&'static str; 3] = ["r", "z", "n"];

    #[inline(always)]
    fn gate<A: Algebra>(&self, [r, z, n]: [A; 3], [h]: [A; 1]) -> (A, [A; 3]) {
        let r = r.sigmoid();
        (r.mul(&h), [r, z, n])
    }

    #[inline(always)]
    fn forward<A: Algebra>(&self, [r, z, n]: [A; 3], [h]: [A; 1], []: [A; 0]) -> ([A; 1], [A; 3]) {
        let (z, n) = (z.sigmoid(), n.tanh());
        let h = z.mul_add(&h.sub(&n), &n);
        ([h], [r, z, n])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [_, z, n]: [A; 3],
        [h_previous]: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 3, 1, 0> {
        let direct = dh.mul(&z);
        let d_z = dh.mul(&h_previous.sub(&n)).mul(&z.sigmoid_slope());
        let d_n = dh.sub(&direct).mul(&n.tanh_slope());
        // What reaches r comes through the gated state.
        ([dh.constant(0.0), d_z, d_n], [direct], [])
    }

    #[inline(always)]
    fn gate_backward<A: Algebra>(
        &self,
        [r, z, _]: [A; 3],
        [h_previous]: [A; 1],
        gradient: A,
    ) -> ([A; 3], [A; 1]) {
        let d_r = gradient.mul(&h_previous).mul(&r.sigmoid_slope());
        let zero = z.constant(0.0);
        ([d_r, zero.clone(), zero], [gradient.mul(&r)])
    }
}
