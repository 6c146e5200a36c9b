//! A recurrent stack unrolled over time in plain f64, with its exact step Jacobians.
//!
//! The fused kernels answer how fast; this answers how: every gate of every step is kept, and the
//! step's derivative can be applied from either side. One step maps the carried states s_(t−1) of
//! **all** layers to s_t; with J_t = ∂s_t/∂s_(t−1), [`Unrolled::pull_back`] gives vᵀ·J_t (what
//! back-propagation through time does) and [`Unrolled::push_forward`] J_t·v.
//!
//! Conventions are those of `ressac-kernels`: LSTM columns i, f, g, o; GRU with reset after the
//! product, rows r, z, n of W, r, z, u of U, and biases r, z, n, u.

use ressac_nn::weights::NamedTensors;

/// The activation of a plain recurrent unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phi {
    /// tanh.
    Tanh,
    /// max(x, 0).
    Relu,
    /// 1 / (1 + e^−x).
    Sigmoid,
    /// The value itself: a linear recurrence.
    Identity,
}

/// Which cell a layer is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// h = φ(W x + U h + b).
    Rnn(Phi),
    /// Long short-term memory: states h and c.
    Lstm,
    /// Gated recurrent unit, reset after the product.
    Gru,
}

impl CellKind {
    /// Blocks of `hidden` rows in W, in U, and in the bias.
    const fn blocks(self) -> (usize, usize, usize) {
        match self {
            CellKind::Rnn(_) => (1, 1, 1),
            CellKind::Lstm => (4, 4, 4),
            CellKind::Gru => (3, 3, 4),
        }
    }

    /// States carried from step to step.
    const fn states(self) -> usize {
        match self {
            CellKind::Lstm => 2,
            _ => 1,
        }
    }

    /// What the kept values of a step are, in their order.
    pub const fn gates(self) -> &'static [&'static str] {
        match self {
            CellKind::Rnn(_) => &["h"],
            CellKind::Lstm => &["i", "f", "g", "o"],
            CellKind::Gru => &["r", "z", "n", "u"],
        }
    }
}

/// The parameters of one layer, row-major.
#[derive(Debug, Clone)]
struct Layer {
    cell: CellKind,
    input: usize,
    hidden: usize,
    w: Vec<f64>,
    u: Vec<f64>,
    b: Vec<f64>,
}

/// What one layer did in one step.
#[derive(Debug, Clone)]
pub struct LayerStep {
    /// The values of [`CellKind::gates`], `hidden` of each.
    pub gates: Vec<f64>,
    before: Vec<f64>,
    /// The states after the step: h, then c of the LSTM.
    pub after: Vec<f64>,
}

/// What every layer did in every step: `steps[t][layer]`.
#[derive(Debug, Clone)]
pub struct Trace {
    /// Steps in the order of time.
    pub steps: Vec<Vec<LayerStep>>,
}

/// A stack of recurrent layers of one cell.
#[derive(Debug, Clone)]
pub struct Unrolled {
    layers: Vec<Layer>,
    cell: CellKind,
}

impl Unrolled {
    /// A stack from its layers' input weights, recurrent weights and biases, lowest layer first.
    ///
    /// # Errors
    /// Sizes that do not fit the cell or one another, said in words.
    pub fn new(
        cell: CellKind,
        hidden: usize,
        layers: Vec<(Vec<f64>, Vec<f64>, Vec<f64>)>,
    ) -> Result<Self, String> {
        let (in_w, in_u, in_b) = cell.blocks();
        let mut stack = Vec::with_capacity(layers.len());
        for (index, (w, u, b)) in layers.into_iter().enumerate() {
            let input = w.len() / (in_w * hidden).max(1);
            let below = if index == 0 { input } else { hidden };
            let fits = hidden > 0
                && input == below
                && input > 0
                && w.len() == in_w * hidden * input
                && u.len() == in_u * hidden * hidden
                && b.len() == in_b * hidden;
            if !fits {
                return Err(format!(
                    "layer {index} has {} input weights, {} recurrent weights and {} biases, which is no {cell:?} of {hidden} units",
                    w.len(),
                    u.len(),
                    b.len()
                ));
            }
            stack.push(Layer {
                cell,
                input,
                hidden,
                w,
                u,
                b,
            });
        }
        match stack.is_empty() {
            true => Err("there is no recurrent layer".into()),
            false => Ok(Self {
                layers: stack,
                cell,
            }),
        }
    }

    /// The stack whose parameters are named `…{path}{k}.input_weights` and so on, `k` from 0.
    ///
    /// # Errors
    /// As [`Unrolled::new`].
    pub fn from_named(cell: CellKind, tensors: &NamedTensors, path: &str) -> Result<Self, String> {
        let find = |layer: usize, what: &str| {
            let end = format!("{path}{layer}.{what}");
            tensors.iter().find(|(name, _)| {
                name.strip_suffix(end.as_str())
                    .is_some_and(|before| before.is_empty() || before.ends_with('.'))
            })
        };
        let wide = |tensor: &ressac_nn::weights::HostTensor| -> Vec<f64> {
            tensor
                .values
                .iter()
                .map(|value| f64::from(*value))
                .collect()
        };
        let mut layers = Vec::new();
        let mut hidden = 0;
        while let (Some((_, w)), Some((_, u)), Some((_, b))) = (
            find(layers.len(), "input_weights"),
            find(layers.len(), "recurrent_weights"),
            find(layers.len(), "bias"),
        ) {
            hidden = u.shape.last().copied().unwrap_or(0);
            layers.push((wide(w), wide(u), wide(b)));
        }
        Self::new(cell, hidden, layers)
    }

    /// The cell of every layer.
    pub const fn cell(&self) -> CellKind {
        self.cell
    }

    /// The number of layers.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// Units of each layer.
    pub fn hidden(&self) -> usize {
        self.layers[0].hidden
    }

    /// Features of the input.
    pub fn input(&self) -> usize {
        self.layers[0].input
    }

    /// Numbers carried from step to step, over all layers: layer by layer, h before c.
    pub fn carried(&self) -> usize {
        self.layers.iter().map(Layer::carried).sum()
    }

    /// Multiplications of one row of [`Unrolled::pull_back`] without inputs.
    pub fn work(&self) -> usize {
        let of = |(index, layer): (usize, &Layer)| {
            layer.u.len() + if index == 0 { 0 } else { layer.w.len() }
        };
        self.layers.iter().enumerate().map(of).sum()
    }

    /// Runs `input` `[steps, features]` from zero states.
    pub fn run(&self, input: &[f64]) -> Trace {
        let mut states: Vec<Vec<f64>> = self
            .layers
            .iter()
            .map(|layer| vec![0.0; layer.carried()])
            .collect();
        let steps = input
            .chunks_exact(self.input())
            .map(|x| {
                let mut x = x.to_vec();
                let mut step = Vec::with_capacity(self.layers.len());
                for (layer, state) in self.layers.iter().zip(&mut states) {
                    let done = layer.step(&x, state);
                    x = done.after[..layer.hidden].to_vec();
                    state.clone_from(&done.after);
                    step.push(done);
                }
                step
            })
            .collect();
        Trace { steps }
    }

    /// Rows vᵀ of `cotangents` `[rows, carried]` times the step's Jacobian: `[rows, carried]`; with
    /// `inputs`, also vᵀ·∂s_t/∂x_t, `[rows, features]`.
    pub fn pull_back(
        &self,
        step: &[LayerStep],
        cotangents: &[f64],
        inputs: bool,
    ) -> (Vec<f64>, Vec<f64>) {
        let carried = self.carried();
        let rows = cotangents.len() / carried;
        let mut previous = vec![0.0; rows * carried];
        let mut end = carried;
        // What the layer above hands down to this one's output, `[rows, hidden]`.
        let mut from_above: Vec<f64> = Vec::new();
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let start = end - layer.carried();
            let (wide_w, wide_u) = (layer.w.len() / layer.input, layer.u.len() / layer.hidden);
            let mut g_w = vec![0.0; rows * wide_w];
            let mut g_u = vec![0.0; rows * wide_u];
            for row in 0..rows {
                let mut own = cotangents[row * carried + start..row * carried + end].to_vec();
                if let Some(above) = from_above.get(row * layer.hidden..(row + 1) * layer.hidden) {
                    own.iter_mut()
                        .zip(above)
                        .for_each(|(own, above)| *own += above);
                }
                layer.pull_back(
                    &step[index],
                    &own,
                    &mut g_w[row * wide_w..(row + 1) * wide_w],
                    &mut g_u[row * wide_u..(row + 1) * wide_u],
                    &mut previous[row * carried + start..row * carried + end],
                );
            }
            for row in 0..rows {
                let at = row * carried + start;
                times(
                    &g_u[row * wide_u..(row + 1) * wide_u],
                    &layer.u,
                    &mut previous[at..at + layer.hidden],
                );
            }
            from_above = Vec::new();
            if index > 0 || inputs {
                from_above = vec![0.0; rows * layer.input];
                for row in 0..rows {
                    times(
                        &g_w[row * wide_w..(row + 1) * wide_w],
                        &layer.w,
                        &mut from_above[row * layer.input..(row + 1) * layer.input],
                    );
                }
            }
            end = start;
        }
        (previous, from_above)
    }

    /// The step's Jacobian times one column `tangent` `[carried]`, the input held.
    pub fn push_forward(&self, step: &[LayerStep], tangent: &[f64]) -> Vec<f64> {
        let mut next = Vec::with_capacity(tangent.len());
        let mut dx: Option<Vec<f64>> = None;
        let mut start = 0;
        for (layer, step) in self.layers.iter().zip(step) {
            let own = &tangent[start..start + layer.carried()];
            let done = layer.push_forward(step, own, dx.as_deref());
            dx = Some(done[..layer.hidden].to_vec());
            next.extend(done);
            start += layer.carried();
        }
        next
    }
}

impl Layer {
    fn carried(&self) -> usize {
        self.cell.states() * self.hidden
    }

    fn step(&self, x: &[f64], state: &[f64]) -> LayerStep {
        let n = self.hidden;
        let h = &state[..n];
        let a = |block: usize, unit: usize| dot(&self.w, block * n + unit, x);
        let r = |block: usize, unit: usize| dot(&self.u, block * n + unit, h);
        let b = |block: usize, unit: usize| self.b[block * n + unit];
        let mut gates = vec![0.0; self.cell.gates().len() * n];
        let mut after = vec![0.0; state.len()];
        for j in 0..n {
            match self.cell {
                CellKind::Rnn(phi) => {
                    let sum = a(0, j) + r(0, j) + b(0, j);
                    after[j] = match phi {
                        Phi::Tanh => sum.tanh(),
                        Phi::Relu => sum.max(0.0),
                        Phi::Sigmoid => sigmoid(sum),
                        Phi::Identity => sum,
                    };
                    gates[j] = after[j];
                }
                CellKind::Lstm => {
                    let column = |k: usize| a(k, j) + r(k, j) + b(k, j);
                    let (i, f) = (sigmoid(column(0)), sigmoid(column(1)));
                    let (g, o) = (column(2).tanh(), sigmoid(column(3)));
                    let c = f * state[n + j] + i * g;
                    (after[j], after[n + j]) = (o * c.tanh(), c);
                    for (k, gate) in [i, f, g, o].into_iter().enumerate() {
                        gates[k * n + j] = gate;
                    }
                }
                CellKind::Gru => {
                    let reset = sigmoid(a(0, j) + r(0, j) + b(0, j));
                    let z = sigmoid(a(1, j) + r(1, j) + b(1, j));
                    let u = r(2, j) + b(3, j);
                    let new = (a(2, j) + b(2, j) + reset * u).tanh();
                    after[j] = (1.0 - z) * new + z * h[j];
                    for (k, gate) in [reset, z, new, u].into_iter().enumerate() {
                        gates[k * n + j] = gate;
                    }
                }
            }
        }
        LayerStep {
            gates,
            before: state.to_vec(),
            after,
        }
    }

    /// From the gradient of the states after the step: that of the columns of W and of U, and what
    /// goes to the states before the step other than through U.
    fn pull_back(
        &self,
        step: &LayerStep,
        after: &[f64],
        g_w: &mut [f64],
        g_u: &mut [f64],
        before: &mut [f64],
    ) {
        let n = self.hidden;
        for j in 0..n {
            let gate = |k: usize| step.gates[k * n + j];
            match self.cell {
                CellKind::Rnn(phi) => {
                    g_w[j] = after[j] * phi.slope(gate(0));
                    g_u[j] = g_w[j];
                }
                CellKind::Lstm => {
                    let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3));
                    let tanh_c = step.after[n + j].tanh();
                    let d_c = after[n + j] + after[j] * o * (1.0 - tanh_c * tanh_c);
                    let columns = [
                        d_c * g * i * (1.0 - i),
                        d_c * step.before[n + j] * f * (1.0 - f),
                        d_c * i * (1.0 - g * g),
                        after[j] * tanh_c * o * (1.0 - o),
                    ];
                    for (k, column) in columns.into_iter().enumerate() {
                        (g_w[k * n + j], g_u[k * n + j]) = (column, column);
                    }
                    before[n + j] = d_c * f;
                }
                CellKind::Gru => {
                    let (r, z, new, u) = (gate(0), gate(1), gate(2), gate(3));
                    let d_new = after[j] * (1.0 - z) * (1.0 - new * new);
                    let d_z = after[j] * (step.before[j] - new) * z * (1.0 - z);
                    let d_r = d_new * u * r * (1.0 - r);
                    (g_w[j], g_w[n + j], g_w[2 * n + j]) = (d_r, d_z, d_new);
                    (g_u[j], g_u[n + j], g_u[2 * n + j]) = (d_r, d_z, d_new * r);
                    before[j] = after[j] * z;
                }
            }
        }
    }

    /// The change of the states after the step, from that of the states before it and of the input.
    fn push_forward(&self, step: &LayerStep, before: &[f64], dx: Option<&[f64]>) -> Vec<f64> {
        let n = self.hidden;
        let a = |block: usize, unit: usize| dx.map_or(0.0, |dx| dot(&self.w, block * n + unit, dx));
        let r = |block: usize, unit: usize| dot(&self.u, block * n + unit, &before[..n]);
        let mut after = vec![0.0; before.len()];
        for j in 0..n {
            let gate = |k: usize| step.gates[k * n + j];
            match self.cell {
                CellKind::Rnn(phi) => after[j] = phi.slope(gate(0)) * (a(0, j) + r(0, j)),
                CellKind::Lstm => {
                    let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3));
                    let column = |k: usize| a(k, j) + r(k, j);
                    let tanh_c = step.after[n + j].tanh();
                    let d_c = f * before[n + j]
                        + step.before[n + j] * f * (1.0 - f) * column(1)
                        + g * i * (1.0 - i) * column(0)
                        + i * (1.0 - g * g) * column(2);
                    after[n + j] = d_c;
                    after[j] =
                        tanh_c * o * (1.0 - o) * column(3) + o * (1.0 - tanh_c * tanh_c) * d_c;
                }
                CellKind::Gru => {
                    let (reset, z, new, u) = (gate(0), gate(1), gate(2), gate(3));
                    let d_r = reset * (1.0 - reset) * (a(0, j) + r(0, j));
                    let d_z = z * (1.0 - z) * (a(1, j) + r(1, j));
                    let d_new = (1.0 - new * new) * (a(2, j) + d_r * u + reset * r(2, j));
                    after[j] = (1.0 - z) * d_new + z * before[j] + d_z * (step.before[j] - new);
                }
            }
        }
        after
    }
}

impl Phi {
    /// φ', from φ's value.
    fn slope(self, y: f64) -> f64 {
        match self {
            Phi::Tanh => 1.0 - y * y,
            Phi::Relu if y > 0.0 => 1.0,
            Phi::Relu => 0.0,
            Phi::Sigmoid => y * (1.0 - y),
            Phi::Identity => 1.0,
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Row `row` of a matrix whose rows are as long as `x`, times `x`.
fn dot(matrix: &[f64], row: usize, x: &[f64]) -> f64 {
    let row = &matrix[row * x.len()..(row + 1) * x.len()];
    row.iter().zip(x).map(|(a, b)| a * b).sum()
}

/// `sum += row · matrix`, the matrix as wide as `sum`.
fn times(row: &[f64], matrix: &[f64], sum: &mut [f64]) {
    for (factor, line) in row.iter().zip(matrix.chunks_exact(sum.len())) {
        for (sum, value) in sum.iter_mut().zip(line) {
            *sum += factor * value;
        }
    }
}
