//! The affine layer y = φ(x·Wᵀ + b), forward and backward, over the same products as the recurrent engine.
//!
//! Row-major `f32`: x `[rows, input]`, W `[output, input]` (as in PyTorch), b `[output]`, y `[rows,
//! output]`. A row's bits do not depend on the other rows.
use crate::algebra::Algebra;
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack::{self, Blocks, Transpose};
use crate::product::{
    MAX_VECTORS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, tiles, wide,
};
use std::ops::Range;

/// φ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activation {
    /// φ(x) = x.
    #[default]
    Identity,
    /// φ(x) = max(x, 0).
    Relu,
    /// φ(x) = 1 / (1 + e^−x).
    Sigmoid,
    /// φ = tanh.
    Tanh,
}

impl Activation {
    /// φ(x), over any [`Algebra`].
    #[inline(always)]
    pub fn apply<A: Algebra>(self, x: A) -> A {
        match self {
            Self::Identity => x,
            Self::Relu => x.relu(),
            Self::Sigmoid => x.sigmoid(),
            Self::Tanh => x.tanh(),
        }
    }

    /// φ'(x) as a function of y = φ(x), over any [`Algebra`].
    #[inline(always)]
    pub fn slope<A: Algebra>(self, y: A) -> A {
        match self {
            Self::Identity => y.constant(1.0),
            Self::Relu => y.positive(),
            Self::Sigmoid => y.sigmoid_slope(),
            Self::Tanh => y.tanh_slope(),
        }
    }
}

/// A layer's sizes and activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    /// Features in.
    pub input: usize,
    /// Features out.
    pub output: usize,
    /// φ.
    pub activation: Activation,
}

/// Where the gradients go; every buffer given is written in full.
#[derive(Default)]
pub struct LinearGradients<'a> {
    /// `[rows, input]`.
    pub input: Option<&'a mut [f32]>,
    /// `[output, input]`.
    pub weights: Option<&'a mut [f32]>,
    /// `[output]`.
    pub bias: Option<&'a mut [f32]>,
}

/// Multiply-adds below which a call stays on its thread.
const WORTH_SHARING: usize = 1 << 19;
/// Rows in a strip of the weight gradient.
const STRIP: usize = 128;

#[derive(Default)]
struct Scratch {
    weights: Buffer,
    bias: Buffer,
    slopes: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);
static STRIPS: Shelf<Buffer> = Shelf::new(64);

impl Linear {
    fn rows(&self, what: &str, length: usize, width: usize) -> Result<usize, ShapeError> {
        if width == 0 || !length.is_multiple_of(width) {
            return Err(ShapeError::new(
                format!("linear: {what}"),
                format!("rows of {width} values"),
                format!("{length} values"),
            ));
        }
        Ok(length / width)
    }

    fn check(&self, weights: usize, bias: Option<usize>) -> Result<(), ShapeError> {
        if self.output == 0 {
            return Err(ShapeError::new("linear: output size", "at least 1", "0"));
        }
        let output = ("output", self.output);
        ShapeError::check("linear: weights", &[output, ("input", self.input)], weights)?;
        match bias {
            Some(bias) => ShapeError::check("linear: bias", &[output], bias),
            None => Ok(()),
        }
    }

    /// y = φ(x·Wᵀ + b).
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        input: &[f32],
        weights: &[f32],
        bias: Option<&[f32]>,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check(weights.len(), bias.map(<[f32]>::len))?;
        let rows = self.rows("input", input.len(), self.input)?;
        let dimensions = [("rows", rows), ("output", self.output)];
        ShapeError::check("linear: output", &dimensions, output.len())?;
        let call = Ahead {
            layer: *self,
            threads: self.threads(context, rows),
            rows,
            input,
            weights,
            bias,
            output: Shared::new(output),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    /// Gradients from that of y; `output` is what the forward call gave.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn backward(
        &self,
        context: &Context,
        input: &[f32],
        weights: &[f32],
        output: &[f32],
        output_gradient: &[f32],
        gradients: LinearGradients<'_>,
    ) -> Result<(), ShapeError> {
        self.check(
            weights.len(),
            gradients.bias.as_ref().map(|bias| bias.len()),
        )?;
        let rows = self.rows("input", input.len(), self.input)?;
        let (row, out, features) = (
            ("rows", rows),
            ("output", self.output),
            ("input", self.input),
        );
        ShapeError::check("linear: output", &[row, out], output.len())?;
        ShapeError::check(
            "linear: output gradient",
            &[row, out],
            output_gradient.len(),
        )?;
        if let Some(gradient) = &gradients.input {
            ShapeError::check("linear: input gradient", &[row, features], gradient.len())?;
        }
        if let Some(gradient) = &gradients.weights {
            ShapeError::check("linear: weight gradient", &[out, features], gradient.len())?;
        }
        if rows == 0 {
            // Sums without terms; the products write nothing where there is nothing to add.
            for gradient in [gradients.weights, gradients.bias].into_iter().flatten() {
                gradient.fill(0.0);
            }
            return Ok(());
        }
        let call = Back {
            layer: *self,
            threads: self.threads(context, rows),
            rows,
            input,
            weights,
            output,
            output_gradient,
            gradients,
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    fn threads(&self, context: &Context, rows: usize) -> usize {
        if rows * self.input * self.output < WORTH_SHARING {
            1
        } else {
            context.threads()
        }
    }
}

/// Part `part` of `parts` equal shares of `0..of`.
fn share(of: usize, parts: usize, part: usize) -> Range<usize> {
    of * part / parts..of * (part + 1) / parts
}

struct Ahead<'a> {
    layer: Linear,
    threads: usize,
    rows: usize,
    input: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    output: Shared<f32>,
}

impl Kernel for Ahead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Linear { input, output, .. } = self.layer;
        let blocks = Blocks {
            units: output,
            width: (MAX_VECTORS * V::WIDTH).min(output.next_multiple_of(V::WIDTH)),
        };
        let panel = blocks.width * input;
        let mut scratch = SCRATCH.take();
        let weights = scratch.weights.reserve(blocks.count() * panel);
        for (block, panel) in weights.chunks_exact_mut(panel).enumerate() {
            pack::by_unit(self.weights, blocks, block, &[0], input, panel);
        }
        let bias = scratch.bias.reserve(blocks.count() * blocks.width);
        bias.fill(0.0);
        if let Some(values) = self.bias {
            bias[..output].copy_from_slice(values);
        }
        let (weights, bias) = (&*weights, &*bias);
        let height = V::TILE_ROWS[blocks.width / V::WIDTH - 1];
        let tasks = self.threads.min(self.rows);
        pool::run(self.threads, tasks, &|task| {
            let rows = share(self.rows, tasks, task);
            for block in 0..blocks.count() {
                let columns = blocks.units_in(block);
                for (first, height) in tiles(rows.len(), height) {
                    let first = rows.start + first;
                    // SAFETY: each task has its own rows of the output; panels are packed to full width.
                    unsafe {
                        let a =
                            row_pointers(height, |m| self.input.as_ptr().add((first + m) * input));
                        let panel = weights[block * panel..].as_ptr();
                        let out = row_pointers_mut(height, |m| {
                            self.output.at((first + m) * output + block * blocks.width)
                        });
                        let tile = Tile {
                            start: Start::Row(bias[block * blocks.width..].as_ptr()),
                            segments: &[Segment::rows(a.as_ptr(), input, panel, blocks.width)],
                            out: out.as_ptr(),
                            columns,
                        };
                        multiply::<V>(height, columns.div_ceil(V::WIDTH), &tile);
                        if self.layer.activation != Activation::Identity {
                            for row in out.into_iter().take(height) {
                                V::enter(Activate(self.layer.activation, row, columns));
                            }
                        }
                    }
                }
            }
        });
        SCRATCH.put(scratch);
    }
}

/// φ over a few values in place.
struct Activate(Activation, *mut f32, usize);

impl Kernel for Activate {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self(activation, values, count) = self;
        for first in (0..count).step_by(V::WIDTH) {
            let there = (count - first).min(V::WIDTH);
            // SAFETY: the caller vouches for `count` values.
            unsafe {
                let at = values.add(first);
                activation
                    .apply(V::load_first(at, there))
                    .store_first(at, there);
            }
        }
    }
}

/// dy ⊙ φ'(y) of one row, padded with zeros to whole vectors.
struct Slopes {
    activation: Activation,
    output: *const f32,
    gradient: *const f32,
    to: *mut f32,
    count: usize,
}

impl Kernel for Slopes {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        for first in (0..self.count).step_by(V::WIDTH) {
            let there = (self.count - first).min(V::WIDTH);
            // SAFETY: the caller vouches for `count` values to read and whole vectors to write.
            unsafe {
                let y = V::load_first(self.output.add(first), there);
                let dy = V::load_first(self.gradient.add(first), there);
                dy.mul(&self.activation.slope(y)).store(self.to.add(first));
            }
        }
    }
}

struct Back<'a> {
    layer: Linear,
    threads: usize,
    rows: usize,
    input: &'a [f32],
    weights: &'a [f32],
    output: &'a [f32],
    output_gradient: &'a [f32],
    gradients: LinearGradients<'a>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let (inputs, outputs) = (self.layer.input, self.layer.output);
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        let mut scratch = SCRATCH.take();
        let stride = outputs.next_multiple_of(lane);
        // One vector beyond, so that a panel at the end of the last row may be read in full.
        let slopes = scratch.slopes.reserve(self.rows * stride + piece);
        for row in 0..self.rows {
            // SAFETY: rows of the sizes checked by the caller.
            unsafe {
                V::enter(Slopes {
                    activation: self.layer.activation,
                    output: self.output[row * outputs..].as_ptr(),
                    gradient: self.output_gradient[row * outputs..].as_ptr(),
                    to: slopes[row * stride..].as_mut_ptr(),
                    count: outputs,
                });
            }
        }
        let slopes = &*slopes;
        let packed = if self.gradients.input.is_some() {
            let packed = scratch
                .weights
                .reserve(outputs * inputs.next_multiple_of(lane));
            pack::by_column(self.weights, outputs, inputs, piece, lane, packed);
            &*packed
        } else {
            &[]
        };
        let operands = Operands {
            rows: self.rows,
            inputs,
            outputs,
            stride,
            input: self.input,
            slopes,
            weights: packed,
        };
        let shared = |gradient: Option<&mut [f32]>| gradient.map(|gradient| Shared::new(gradient));
        let (dx, dw, db) = (
            shared(self.gradients.input),
            shared(self.gradients.weights),
            shared(self.gradients.bias),
        );
        let weight_tasks = if dw.is_some() {
            self.threads.min(outputs)
        } else {
            0
        };
        let input_tasks = if dx.is_some() {
            self.threads.min(self.rows)
        } else {
            0
        };
        pool::run(self.threads, weight_tasks + input_tasks, &|task| {
            // SAFETY: each task writes its own rows of dW, or its own rows of dx.
            unsafe {
                match (dw, dx) {
                    (Some(dw), _) if task < weight_tasks => {
                        operands.weights::<V>(share(outputs, weight_tasks, task), dw);
                    }
                    (_, Some(dx)) => {
                        let rows = share(self.rows, input_tasks, task - weight_tasks);
                        operands.input::<V>(rows, dx);
                    }
                    _ => {}
                }
            }
        });
        if let Some(db) = db {
            // SAFETY: one row of `outputs` values; slopes are padded to whole vectors.
            unsafe { operands.bias::<V>(db) };
        }
        SCRATCH.put(scratch);
    }
}

struct Operands<'a> {
    rows: usize,
    inputs: usize,
    outputs: usize,
    /// Distance between rows of `slopes`.
    stride: usize,
    input: &'a [f32],
    slopes: &'a [f32],
    /// W, `[panel of inputs, output, inputs of the panel]`.
    weights: &'a [f32],
}

impl Operands<'_> {
    /// dW = Σ over rows of slopesᵀ·x, for some outputs.
    unsafe fn weights<V: Lanes>(&self, outputs: Range<usize>, gradient: Shared<f32>) {
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        let height = V::TILE_ROWS[MAX_VECTORS - 1];
        let padded = self.inputs.next_multiple_of(lane);
        let mut buffer = STRIPS.take();
        let (a, b) = buffer
            .reserve(STRIP * (outputs.len() + padded))
            .split_at_mut(STRIP * outputs.len());
        let mut slopes = [std::ptr::null(); STRIP];
        for start in (0..self.rows).step_by(STRIP) {
            let count = STRIP.min(self.rows - start);
            for (index, row) in slopes.iter_mut().take(count).enumerate() {
                *row = self.slopes[(start + index) * self.stride + outputs.start..].as_ptr();
            }
            // SAFETY: rows of `outputs` slopes from this task's first on; the buffer has room for them.
            unsafe {
                V::enter(Transpose {
                    rows: &slopes[..count],
                    tiles: tiles(outputs.len(), height),
                    out: a.as_mut_ptr(),
                });
            }
            let x = &self.input[start * self.inputs..][..count * self.inputs];
            pack::by_column(x, count, self.inputs, piece, lane, b);
            for first in (0..self.inputs).step_by(piece) {
                let columns = (self.inputs - first).min(piece);
                let width = columns.next_multiple_of(lane);
                for (output, height) in tiles(outputs.len(), height) {
                    // SAFETY: this task's rows of dW; the operands were packed just above.
                    unsafe {
                        let out = row_pointers_mut(height, |m| {
                            gradient.at((outputs.start + output + m) * self.inputs + first)
                        });
                        let rows = row_pointers(height, |m| a[output * count + m..].as_ptr());
                        let tile = Tile {
                            start: if start == 0 {
                                Start::Zero
                            } else {
                                Start::Rows(out.as_ptr().cast())
                            },
                            segments: &[Segment {
                                rows: rows.as_ptr(),
                                step: height,
                                run: count,
                                run_stride: 0,
                                length: count,
                                panel: b[first * count..].as_ptr(),
                                panel_stride: width,
                            }],
                            out: out.as_ptr(),
                            columns,
                        };
                        multiply::<V>(height, width / lane, &tile);
                    }
                }
            }
        }
        STRIPS.put(buffer);
    }

    /// dx = slopes·W, for some rows.
    unsafe fn input<V: Lanes>(&self, rows: Range<usize>, gradient: Shared<f32>) {
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        for first in (0..self.inputs).step_by(piece) {
            let columns = (self.inputs - first).min(piece);
            let width = columns.next_multiple_of(lane);
            for (row, height) in tiles(rows.len(), V::TILE_ROWS[MAX_VECTORS - 1]) {
                let row = rows.start + row;
                let a = row_pointers(height, |m| self.slopes[(row + m) * self.stride..].as_ptr());
                let panel = self.weights[first * self.outputs..].as_ptr();
                // SAFETY: this task's rows of dx.
                unsafe {
                    let out =
                        row_pointers_mut(height, |m| gradient.at((row + m) * self.inputs + first));
                    let tile = Tile {
                        start: Start::Zero,
                        segments: &[Segment::rows(a.as_ptr(), self.outputs, panel, width)],
                        out: out.as_ptr(),
                        columns,
                    };
                    multiply::<V>(height, width / lane, &tile);
                }
            }
        }
    }

    /// db = Σ over rows of slopes: the product with a row of ones, strip after strip.
    unsafe fn bias<V: Lanes>(&self, gradient: Shared<f32>) {
        static ONES: [f32; STRIP] = [1.0; STRIP];
        for start in (0..self.rows).step_by(STRIP) {
            let count = STRIP.min(self.rows - start);
            let panel = self.slopes[start * self.stride..].as_ptr();
            let ones = ONES.as_ptr();
            // SAFETY: by contract.
            unsafe {
                let out = gradient.at(0);
                let from = match start {
                    0 => Start::Zero,
                    _ => Start::Rows((&raw const out).cast()),
                };
                let segment = Segment::rows(&raw const ones, count, panel, self.stride);
                wide::<V>(1, from, &mut [segment], &raw const out, self.outputs);
            }
        }
    }
}

#[cfg(test)]
#[path = "linear_tests.rs"]
mod tests;
