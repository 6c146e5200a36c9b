//! Chunk after chunk of rows: logits, loss and gradient in their place, dx; then the chunk's part of dW and db.
use super::Operands;
use crate::context::Context;
use crate::cross_entropy::{Row, RowLoss};
use crate::lanes::{Kernel, Lanes};
use crate::linear::{Columns, Panels, Records};
use crate::memory::{Buffer, Shared, Shelf};
use crate::product::MAX_VECTORS;
use crate::shares::shares;

/// Rows of a chunk, at most. Their logits lie in memory: fewer would be read from a nearer cache, but dW, W and W once more
/// pass by for each chunk.
const CHUNK: usize = 256;
/// Parts of the classes for each thread: what a busy core leaves another takes.
const PARTS: usize = 4;
/// Floats of a cache line.
const LINE: usize = 16;

/// What stands for a loss before it is known.
pub(super) const NO_LOSS: RowLoss = RowLoss {
    whole: 0.0,
    of_target: 0.0,
};

/// Buffers of a call.
#[derive(Default)]
struct Scratch {
    panels: Buffer,
    bias: Buffer,
    columns: Buffer,
    input: Buffer,
    logits: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(2);

pub(super) struct Chunks<'a> {
    pub(super) context: Context,
    pub(super) inputs: usize,
    pub(super) row: Row<'a>,
    pub(super) operands: Operands<'a>,
    /// The rows that count.
    pub(super) real: &'a [usize],
    /// Their losses.
    pub(super) losses: Shared<RowLoss>,
    pub(super) dx: Option<Shared<f32>>,
    pub(super) dw: Option<Shared<f32>>,
    pub(super) db: Option<Shared<f32>>,
}

impl Kernel for Chunks<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            context, inputs, ..
        } = self;
        let Operands { input, weights, .. } = self.operands;
        let classes = self.row.loss.classes;
        let threads = context.threads();
        let mut scratch = SCRATCH.take();
        let buffers = (&mut scratch.panels, &mut scratch.bias);
        let sizes = (inputs, classes);
        // SAFETY: within `enter`.
        let (panels, dx) = unsafe {
            let bias = self.operands.bias;
            let panels = Panels::pack::<V>(context, sizes, weights, bias, buffers);
            let room = &mut scratch.columns;
            let dx = (self.dx).map(|dx| (Columns::pack::<V>(context, sizes, weights, room), dx));
            (panels, dx)
        };
        let wants_gradient = dx.is_some() || self.dw.is_some() || self.db.is_some();
        let chunks = shares(self.real.len(), self.real.len().div_ceil(CHUNK));
        // An odd number of cache lines, so that a column of many rows does not fall into few sets of the cache.
        let stride = (classes.div_ceil(LINE) | 1) * LINE;
        // Whole vectors beyond, so that a panel at the end of the last row may be read in full.
        let most = CHUNK.min(self.real.len());
        let logits = (scratch.logits).reserve(most * stride + MAX_VECTORS * V::WIDTH);
        let gathered = scratch.input.reserve(most * inputs);
        for chunk in chunks.iter() {
            let start = chunk.start;
            let real = &self.real[chunk];
            for (to, row) in gathered.chunks_exact_mut(inputs).zip(real) {
                to.copy_from_slice(&input[row * inputs..][..inputs]);
            }
            let x = &gathered[..real.len() * inputs];
            let to = Shared::new(&mut *logits);
            shares(real.len(), threads).run(threads, |rows| {
                // SAFETY: each task has rows of its own, of the logits, the losses and dx.
                unsafe {
                    let own = |row: usize| to.at((rows.start + row) * stride);
                    panels.multiply::<V>(
                        (rows.len(), panels.all()),
                        |row| x[(rows.start + row) * inputs..].as_ptr(),
                        own,
                        |_, _| {},
                    );
                    for row in rows.clone() {
                        let logits = own(row - rows.start);
                        *self.losses.at(start + row) = V::enter(Softmax {
                            row: self.row,
                            target: self.operands.targets[real[row]],
                            logits,
                            gradient: wants_gradient.then_some(logits),
                        });
                    }
                    if let Some((weights, dx)) = &dx {
                        weights.multiply::<V>(
                            rows.len(),
                            |row| own(row).cast_const(),
                            |row| dx.at(real[rows.start + row] * inputs),
                        );
                    }
                }
            });
            if self.dw.is_none() && self.db.is_none() {
                continue;
            }
            let records = Records {
                context,
                rows: real.len(),
                inputs,
                stride,
                input: x,
                slopes: logits,
                go_on: start > 0,
            };
            shares(classes, threads * PARTS).run(threads, |some| {
                // SAFETY: each task has its own rows of dW and its own part of db.
                unsafe {
                    if let Some(dw) = self.dw {
                        records.weights::<V>(some.clone(), dw);
                    }
                    if let Some(db) = self.db {
                        records.bias::<V>(some, db);
                    }
                }
            });
        }
        SCRATCH.put(scratch);
    }
}

/// Loss of a row and its gradient.
struct Softmax<'a> {
    row: Row<'a>,
    target: u32,
    logits: *const f32,
    gradient: Option<*mut f32>,
}

impl Kernel for Softmax<'_> {
    type Output = RowLoss;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> RowLoss {
        // SAFETY: the caller vouches for a row of logits, and for a target that is one of the classes.
        unsafe { self.row.run::<V>(self.logits, self.target, self.gradient) }
    }
}
