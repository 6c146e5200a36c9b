//! A cell of one's own: the minimal gated unit (Zhou et al. 2016), whose one gate both forgets and
//! resets.
//!
//! ```text
//! f = σ(W_f x_t + U_f h_(t−1) + b_f)        n = tanh(W_n x_t + b_n + f ⊙ (U_n h_(t−1) + b_u))
//! h_t = (1 − f) ⊙ h_(t−1) + f ⊙ n
//! ```
//!
//! The paper gates h before the product, U_n (f ⊙ h); here the gate comes after it, as in the GRU of
//! PyTorch and cuDNN, so that one product over h serves both columns.
//!
//! Both formulas are `#[inline(always)]`: the engine compiles them anew for each instruction set, and a
//! formula that stayed a function of its own would be called with the vectors passed through memory.
use ressac_kernels::algebra::Algebra;
use ressac_kernels::cell::{BackwardStep, Cell, Source};

/// The minimal gated unit. Columns: f, n (input only), u (state only); no weights of each unit's own, hence the
/// empty arrays.
#[derive(Debug, Clone)]
pub(crate) struct MinimalGated;

impl Cell<3, 1, 3> for MinimalGated {
    const NAME: &'static str = "mgu";
    const SOURCES: [Source; 3] = [Source::Both, Source::Input, Source::Recurrent];
    const COLUMN_NAMES: [&'static str; 3] = ["f", "n", "u"];

    #[inline(always)]
    fn forward<A: Algebra>(&self, [f, n, u]: [A; 3], [h]: [A; 1], []: [A; 0]) -> ([A; 1], [A; 3]) {
        let f = f.sigmoid();
        let n = f.mul_add(&u, &n).tanh();
        ([f.mul_add(&n.sub(&h), &h)], [f, n, u])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [f, n, u]: [A; 3],
        [h]: [A; 1],
        _next: [A; 1],
        []: [A; 0],
        [dh]: [A; 1],
    ) -> BackwardStep<A, 3, 1, 0> {
        let dn = dh.mul(&f).mul(&n.tanh_slope());
        let df = dh.mul(&n.sub(&h)).add(&dn.mul(&u));
        (
            [df.mul(&f.sigmoid_slope()), dn.clone(), dn.mul(&f)],
            [dh.mul(&f.one_minus())],
            [],
        )
    }
}
