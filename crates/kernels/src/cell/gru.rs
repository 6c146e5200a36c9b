//! The gated recurrent unit (Cho et al. 2014), with the reset gate applied **after** the product.
//!
//! ```text
//! r = σ(W_r x_t + U_r h_(t−1) + b_r)        z = σ(W_z x_t + U_z h_(t−1) + b_z)
//! n = tanh(W_n x_t + b_n + r ⊙ (U_n h_(t−1) + b_u))
//! h_t = (1 − z) ⊙ n + z ⊙ h_(t−1)
//! ```
//!
//! This is the form of version 3 of the paper, PyTorch, cuDNN and Keras' default; version 1 applies r to
//! h before the product, which is a different function of the same weights.
use super::{Cell, Source};
use crate::algebra::Algebra;

/// The GRU, reset after. Columns **r, z, n, u**: n sums the input only and u the state only, so W has
/// rows r, z, n and U rows r, z, u (`[3·hidden, …]` as in PyTorch; Keras has z, r, n), and the bias is
/// `[4·hidden]` in the order r, z, n, u. States: h.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gru;

impl Cell<4, 1, 4> for Gru {
    const NAME: &'static str = "gru";
    const SOURCES: [Source; 4] = [Source::Both, Source::Both, Source::Input, Source::Recurrent];

    #[inline(always)]
    fn forward<A: Algebra>(&self, [r, z, n, u]: [A; 4], [h]: [A; 1]) -> ([A; 1], [A; 4]) {
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
        [dh]: [A; 1],
    ) -> ([A; 4], [A; 1]) {
        let direct = dh.mul(&z);
        let d_z = dh.mul(&h_previous.sub(&n)).mul(&z.sigmoid_slope());
        let d_n = dh.sub(&direct).mul(&n.tanh_slope());
        let d_u = d_n.mul(&r);
        let d_r = d_n.mul(&u).mul(&r.sigmoid_slope());
        ([d_r, d_z, d_n, d_u], [direct])
    }
}
