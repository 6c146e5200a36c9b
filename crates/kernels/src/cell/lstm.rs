//! Long short-term memory (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000).
//!
//! ```text
//! i = σ(W_i x_t + U_i h_(t−1) + b_i)      f = σ(…_f)      g = tanh(…_g)      o = σ(…_o)
//! c_t = f ⊙ c_(t−1) + i ⊙ g               h_t = o ⊙ tanh c_t
//! ```
use super::{Cell, Source};
use crate::algebra::Algebra;

/// The LSTM whose gates read h_(t−1). Column order **i, f, g, o** as in PyTorch and cuDNN (Keras has
/// i, f, c, o, which is the same; ONNX has i, o, f, c). W is `[4·hidden, input]`, U `[4·hidden,
/// hidden]`, bias `[4·hidden]`. States: h, c.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lstm;

impl Cell<4, 2, 4> for Lstm {
    const NAME: &'static str = "lstm";
    const SOURCES: [Source; 4] = [Source::Both; 4];

    #[inline(always)]
    fn forward<A: Algebra>(&self, [i, f, g, o]: [A; 4], [_, c]: [A; 2]) -> ([A; 2], [A; 4]) {
        let (i, f, g, o) = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid());
        let c = f.mul_add(&c, &i.mul(&g));
        let h = o.mul(&c.tanh());
        ([h, c], [i, f, g, o])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [i, f, g, o]: [A; 4],
        [h_previous, c_previous]: [A; 2],
        [_, c]: [A; 2],
        [dh, dc]: [A; 2],
    ) -> ([A; 4], [A; 2]) {
        let tanh_c = c.tanh();
        let dc = dh.mul(&o).mul_add(&tanh_c.tanh_slope(), &dc);
        let d_i = dc.mul(&g).mul(&i.sigmoid_slope());
        let d_f = dc.mul(&c_previous).mul(&f.sigmoid_slope());
        let d_g = dc.mul(&i).mul(&g.tanh_slope());
        let d_o = dh.mul(&tanh_c).mul(&o.sigmoid_slope());
        ([d_i, d_f, d_g, d_o], [h_previous.constant(0.0), dc.mul(&f)])
    }
}
