//! The LSTM written down by a user as a type of their own: what the built-in one is timed against.
use ressac_kernels::algebra::Algebra;
use ressac_kernels::cell::{BackwardStep, Cell, Source};

/// Long short-term memory; columns i, f, g, o, states h, c.
#[derive(Debug, Clone)]
pub(crate) struct MyLstm;

impl Cell<4, 2, 4> for MyLstm {
    const NAME: &'static str = "my-lstm";
    const SOURCES: [Source; 4] = [Source::Both; 4];
    const COLUMN_NAMES: [&'static str; 4] = ["i", "f", "g", "o"];

    #[inline(always)]
    fn forward<A: Algebra>(
        &self,
        [i, f, g, o]: [A; 4],
        [_, c]: [A; 2],
        []: [A; 0],
    ) -> ([A; 2], [A; 4]) {
        let (i, f, g, o) = (i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid());
        let c = f.mul_add(&c, &i.mul(&g));
        ([o.mul(&c.tanh()), c], [i, f, g, o])
    }

    #[inline(always)]
    fn backward<A: Algebra>(
        &self,
        [i, f, g, o]: [A; 4],
        [h_before, c_before]: [A; 2],
        [_, c]: [A; 2],
        []: [A; 0],
        [dh, dc]: [A; 2],
    ) -> BackwardStep<A, 4, 2, 0> {
        let tanh_c = c.tanh();
        let dc = dh.mul(&o).mul_add(&tanh_c.tanh_slope(), &dc);
        let di = dc.mul(&g).mul(&i.sigmoid_slope());
        let df = dc.mul(&c_before).mul(&f.sigmoid_slope());
        let dg = dc.mul(&i).mul(&g.tanh_slope());
        let d_o = dh.mul(&tanh_c).mul(&o.sigmoid_slope());
        ([di, df, dg, d_o], [h_before.constant(0.0), dc.mul(&f)], [])
    }
}
