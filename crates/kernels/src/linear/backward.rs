//! Gradients of the affine layer: dx = s·W, dW = sᵀ·x, db = Σ s, where s = dy ⊙ φ'(y).
use super::{Activation, Linear, LinearGradients, SCRATCH};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack::{self, Transpose};
use crate::product::{
    MAX_ROWS, MAX_VECTORS, STRIP, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut,
    sum_rows, tiles,
};
use crate::shares::shares;
use std::ops::Range;

static STRIPS: Shelf<Buffer> = Shelf::new(64);

/// Outputs whose part of a product is run together, so that what it reads again and again stays in the second-level cache.
const TOGETHER: usize = 512;

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
        let weights = self.gradients.input.is_some().then(|| {
            let sizes = (inputs, outputs);
            // SAFETY: within `enter`.
            unsafe { Columns::pack::<V>(self.context, sizes, self.weights, &mut scratch.weights) }
        });
        let records = Records {
            context: self.context,
            rows: self.rows,
            inputs,
            stride,
            input: self.input,
            slopes,
            go_on: false,
        };
        let shared = |gradient: Option<&mut [f32]>| gradient.map(Shared::new);
        let (dx, dw, db) = (
            weights.zip(shared(self.gradients.input)),
            shared(self.gradients.weights),
            shared(self.gradients.bias),
        );
        let by_outputs = shares(outputs, threads);
        let weight_tasks = dw.map_or(0, |_| by_outputs.len());
        let input_tasks = dx.as_ref().map_or(0, |_| by_rows.len());
        let tasks = weight_tasks + input_tasks + usize::from(db.is_some());
        pool::run(threads, tasks, &|task| {
            // SAFETY: each task writes its own rows of dW, its own rows of dx, or db; slopes are padded to
            // whole vectors.
            unsafe {
                match (dw, &dx, db) {
                    (Some(dw), _, _) if task < weight_tasks => {
                        records.weights::<V>(by_outputs.part(task), dw);
                    }
                    (_, Some((weights, dx)), _) if task < weight_tasks + input_tasks => {
                        let rows = by_rows.part(task - weight_tasks);
                        weights.multiply::<V>(
                            rows.len(),
                            |row| slopes[(rows.start + row) * stride..].as_ptr(),
                            |row| dx.at((rows.start + row) * inputs),
                        );
                    }
                    (_, _, Some(db)) => records.bias::<V>(0..outputs, db),
                    _ => {}
                }
            }
        });
        SCRATCH.put(scratch);
    }
}

/// W in panels of inputs, as the product s·W reads it.
pub(crate) struct Columns<'a> {
    inputs: usize,
    outputs: usize,
    /// `[panel of inputs, output, inputs of the panel]`.
    weights: &'a [f32],
}

impl<'a> Columns<'a> {
    /// Packs W `[outputs, inputs]`.
    ///
    /// # Safety
    /// Called within [`Lanes::enter`].
    pub(crate) unsafe fn pack<V: Lanes>(
        context: Context,
        (inputs, outputs): (usize, usize),
        weights: &[f32],
        buffer: &'a mut Buffer,
    ) -> Self {
        let lane = V::WIDTH;
        let packed = buffer.reserve(outputs * inputs.next_multiple_of(lane));
        let panels = (MAX_VECTORS * lane, lane);
        pack::by_column(weights, outputs, inputs, panels, context, packed);
        Self {
            inputs,
            outputs,
            weights: packed,
        }
    }

    /// dx = s·W for so many rows, each from where its slopes lie to where it goes.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`, for which W was packed; the rows are there, and nobody else writes
    /// those that are written.
    pub(crate) unsafe fn multiply<V: Lanes>(
        &self,
        rows: usize,
        slopes: impl Fn(usize) -> *const f32,
        to: impl Fn(usize) -> *mut f32,
    ) {
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        for start in (0..self.outputs).step_by(TOGETHER) {
            let depth = TOGETHER.min(self.outputs - start);
            for first in (0..self.inputs).step_by(piece) {
                let columns = (self.inputs - first).min(piece);
                let width = columns.next_multiple_of(lane);
                let panel = self.weights[first * self.outputs + start * width..].as_ptr();
                for (row, height) in tiles(rows, V::TILE_ROWS[MAX_VECTORS - 1]) {
                    // SAFETY: by contract.
                    unsafe {
                        let a = row_pointers(height, |m| slopes(row + m).add(start));
                        let out = row_pointers_mut(height, |m| to(row + m).add(first));
                        let tile = Tile {
                            start: begin(start > 0, &out),
                            segments: &[Segment::rows(a.as_ptr(), depth, panel, width)],
                            out: out.as_ptr(),
                            columns,
                        };
                        multiply::<V>(height, width / lane, &tile);
                    }
                }
            }
        }
    }
}

/// What a sum starts from: nothing, or the part of it that lies in its place.
fn begin(goes_on: bool, out: &[*mut f32; MAX_ROWS]) -> Start {
    if goes_on {
        Start::Rows(out.as_ptr().cast())
    } else {
        Start::Zero
    }
}

/// Rows of x and of the slopes, as the sums over rows read them.
pub(crate) struct Records<'a> {
    pub(crate) context: Context,
    pub(crate) rows: usize,
    pub(crate) inputs: usize,
    /// Distance between rows of `slopes`.
    pub(crate) stride: usize,
    /// Row after row.
    pub(crate) input: &'a [f32],
    /// Row after row, and whole vectors after the last.
    pub(crate) slopes: &'a [f32],
    /// Whether the gradients hold the sums over the rows before these.
    pub(crate) go_on: bool,
}

impl Records<'_> {
    /// dW = Σ over rows of sᵀ·x, for some outputs.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`; nobody else writes these outputs' rows of dW.
    pub(crate) unsafe fn weights<V: Lanes>(&self, outputs: Range<usize>, gradient: Shared<f32>) {
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        let height = V::TILE_ROWS[MAX_VECTORS - 1];
        let padded = self.inputs.next_multiple_of(lane);
        let mut buffer = STRIPS.take();
        let (a, b) = buffer
            .reserve(STRIP * (TOGETHER + padded))
            .split_at_mut(STRIP * TOGETHER);
        let mut slopes = [std::ptr::null(); STRIP];
        for start in (0..self.rows).step_by(STRIP) {
            let count = STRIP.min(self.rows - start);
            let x = &self.input[start * self.inputs..][..count * self.inputs];
            let room = &mut b[..count * padded];
            let context = self.context.alone();
            pack::by_column(x, count, self.inputs, (piece, lane), context, room);
            for base in outputs.clone().step_by(TOGETHER) {
                let together = TOGETHER.min(outputs.end - base);
                for (index, row) in slopes.iter_mut().take(count).enumerate() {
                    *row = self.slopes[(start + index) * self.stride + base..].as_ptr();
                }
                // SAFETY: these outputs of each row's slopes; the buffer has room for them.
                unsafe {
                    V::enter(Transpose {
                        rows: &slopes[..count],
                        tiles: tiles(together, height),
                        out: a.as_mut_ptr(),
                    });
                }
                for first in (0..self.inputs).step_by(piece) {
                    let columns = (self.inputs - first).min(piece);
                    let width = columns.next_multiple_of(lane);
                    for (output, height) in tiles(together, height) {
                        // SAFETY: this task's rows of dW; the operands were packed just above.
                        unsafe {
                            let out = row_pointers_mut(height, |m| {
                                gradient.at((base + output + m) * self.inputs + first)
                            });
                            let rows = row_pointers(height, |m| a[output * count + m..].as_ptr());
                            let tile = Tile {
                                start: begin(self.go_on || start > 0, &out),
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
        }
        STRIPS.put(buffer);
    }

    /// db = Σ over rows of s, for some outputs, strip after strip.
    ///
    /// # Safety
    /// As [`Records::weights`], for db.
    pub(crate) unsafe fn bias<V: Lanes>(&self, outputs: Range<usize>, gradient: Shared<f32>) {
        for start in (0..self.rows).step_by(STRIP) {
            let count = STRIP.min(self.rows - start);
            let rows = self.slopes[start * self.stride + outputs.start..].as_ptr();
            // SAFETY: by contract.
            unsafe {
                let sums = gradient.at(outputs.start);
                let goes_on = self.go_on || start > 0;
                sum_rows::<V>(goes_on, rows, count, self.stride, sums, outputs.len());
            }
        }
    }
}
