//! Gradients of the affine layer: dx = s·W, dW = sᵀ·x, db = Σ s, where s = dy ⊙ φ'(y).
use super::{Activation, Linear, LinearGradients, SCRATCH};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack::{self, Transpose};
use crate::product::{
    MAX_VECTORS, STRIP, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, sum_rows,
    tiles,
};
use crate::shares::shares;
use std::ops::Range;

static STRIPS: Shelf<Buffer> = Shelf::new(64);

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

pub(super) struct Back<'a> {
    pub(super) layer: Linear,
    pub(super) context: Context,
    pub(super) rows: usize,
    pub(super) input: &'a [f32],
    pub(super) weights: &'a [f32],
    pub(super) output: &'a [f32],
    pub(super) output_gradient: &'a [f32],
    pub(super) gradients: LinearGradients<'a>,
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
        let to = Shared::new(slopes);
        let threads = self.context.threads();
        let by_rows = shares(self.rows, threads);
        by_rows.run(threads, |rows| {
            for row in rows {
                // SAFETY: rows of the sizes checked by the caller, each task its own.
                unsafe {
                    V::enter(Slopes {
                        activation: self.layer.activation,
                        output: self.output[row * outputs..].as_ptr(),
                        gradient: self.output_gradient[row * outputs..].as_ptr(),
                        to: to.at(row * stride),
                        count: outputs,
                    });
                }
            }
        });
        let slopes = &*slopes;
        let packed = if self.gradients.input.is_some() {
            let packed = scratch
                .weights
                .reserve(outputs * inputs.next_multiple_of(lane));
            let panels = (piece, lane);
            pack::by_column(self.weights, outputs, inputs, panels, self.context, packed);
            &*packed
        } else {
            &[]
        };
        let operands = Operands {
            context: self.context,
            rows: self.rows,
            inputs,
            outputs,
            stride,
            input: self.input,
            slopes,
            weights: packed,
        };
        let shared = |gradient: Option<&mut [f32]>| gradient.map(Shared::new);
        let (dx, dw, db) = (
            shared(self.gradients.input),
            shared(self.gradients.weights),
            shared(self.gradients.bias),
        );
        let by_outputs = shares(outputs, threads);
        let weight_tasks = dw.map_or(0, |_| by_outputs.len());
        let input_tasks = dx.map_or(0, |_| by_rows.len());
        let tasks = weight_tasks + input_tasks + usize::from(db.is_some());
        pool::run(threads, tasks, &|task| {
            // SAFETY: each task writes its own rows of dW, its own rows of dx, or db; slopes are padded to
            // whole vectors.
            unsafe {
                match (dw, dx, db) {
                    (Some(dw), _, _) if task < weight_tasks => {
                        operands.weights::<V>(by_outputs.part(task), dw);
                    }
                    (_, Some(dx), _) if task < weight_tasks + input_tasks => {
                        let rows = by_rows.part(task - weight_tasks);
                        operands.input::<V>(rows, dx);
                    }
                    (_, _, Some(db)) => operands.bias::<V>(db),
                    _ => {}
                }
            }
        });
        SCRATCH.put(scratch);
    }
}

struct Operands<'a> {
    context: Context,
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
            let room = &mut b[..count * padded];
            pack::by_column(
                x,
                count,
                self.inputs,
                (piece, lane),
                self.context.alone(),
                room,
            );
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

    /// db = Σ over rows of slopes, strip after strip.
    unsafe fn bias<V: Lanes>(&self, gradient: Shared<f32>) {
        for start in (0..self.rows).step_by(STRIP) {
            let count = STRIP.min(self.rows - start);
            let rows = self.slopes[start * self.stride..].as_ptr();
            // SAFETY: by contract.
            unsafe {
                let sums = gradient.at(0);
                sum_rows::<V>(start > 0, rows, count, self.stride, sums, self.outputs);
            }
        }
    }
}
