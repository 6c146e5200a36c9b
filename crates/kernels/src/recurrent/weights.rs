//! Parameters in the order the forward products read them.
use super::layout::{Layout, plain_blocks};
use super::{Identity, Recurrence, Weights, Widths};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack::{self, Blocks};
use std::fmt;

/// The parameters of a layer, packed for one instruction set. Making them costs about as much as one
/// step of one tile of rows; a layer that runs many short calls keeps them.
pub struct PackedWeights {
    pub(super) identity: Identity,
    pub(super) layout: Layout,
    /// Panels of the projected output.
    pub(super) projected: Blocks,
    widths: Widths,
    memory: PackMemory,
}

/// Panels of P units.
#[derive(Default)]
struct PackMemory {
    /// `[panel, I, columns that read the input, P]`.
    input: Buffer,
    /// `[panel, F, columns that read the state, P]`.
    recurrent: Buffer,
    /// `[panel, H, columns that read the gated state, P]`.
    gated: Buffer,
    /// `[panel, columns, P]`: what the products start from.
    bias: Buffer,
    /// `[panel, columns, P]`: what comes after a normalisation: gain, and shift (the bias then).
    gain: Buffer,
    shift: Buffer,
    /// `[panel, unit weights, P]`.
    units: Buffer,
    /// `[panel of outputs, H, P]`.
    projection: Buffer,
}

static SHELF: Shelf<PackMemory> = Shelf::new(16);

struct Pack<'a> {
    context: &'a Context,
    recurrence: &'a dyn Recurrence,
    identity: Identity,
    weights: Weights<'a>,
}

/// One matrix on its way into panels.
struct Matrix<'a> {
    from: &'a [f32],
    blocks: Blocks,
    order: &'a [usize],
    k: usize,
    to: Shared<f32>,
}

impl<'a> Matrix<'a> {
    fn new(
        from: &'a [f32],
        blocks: Blocks,
        order: &'a [usize],
        k: usize,
        buffer: &mut Buffer,
    ) -> Self {
        let panel = order.len() * blocks.width * k;
        let to = Shared::new(buffer.reserve(blocks.count() * panel));
        Self {
            from,
            blocks,
            order,
            k,
            to,
        }
    }

    /// # Safety
    /// Within `enter`; nobody else writes this panel.
    unsafe fn pack<V: Lanes>(&self, block: usize) {
        if block >= self.blocks.count() || self.order.is_empty() {
            return;
        }
        let panel = self.order.len() * self.blocks.width * self.k;
        // SAFETY: the buffer was reserved for every panel, and this one is the caller's.
        unsafe {
            let to = std::slice::from_raw_parts_mut(self.to.at(block * panel), panel);
            pack::by_unit::<V>(self.from, self.blocks, block, self.order, self.k, to);
        }
    }
}

impl Kernel for Pack<'_> {
    type Output = PackedWeights;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> PackedWeights {
        let widths = self.recurrence.widths();
        let layout = Layout::new::<V>(self.recurrence.sources(), widths.hidden);
        let projected = plain_blocks::<V>(widths.output);
        let mut memory = SHELF.take();
        let blocks = layout.blocks;
        let weights = self.weights;
        let normalised = !weights.gain.is_empty();
        let unit_order: Vec<usize> = (0..widths.units).collect();
        let projection_order: &[usize] = if widths.is_projected { &[0] } else { &[] };
        let matrix = Matrix::new;
        let bias_order = layout.bias_order.as_slice();
        let (bias, shift): (&[usize], &[usize]) = if normalised {
            // The products start from zero.
            memory.bias.reserve(blocks.count() * layout.row()).fill(0.0);
            (&[], bias_order)
        } else {
            (bias_order, &[])
        };
        let mut matrices = vec![
            matrix(
                weights.input,
                blocks,
                &layout.input_order,
                widths.input,
                &mut memory.input,
            ),
            matrix(
                weights.recurrent,
                blocks,
                &layout.state_order,
                widths.fed,
                &mut memory.recurrent,
            ),
            matrix(
                weights.recurrent,
                blocks,
                &layout.gated_order,
                widths.fed,
                &mut memory.gated,
            ),
            matrix(weights.bias, blocks, shift, 1, &mut memory.shift),
            matrix(weights.gain, blocks, shift, 1, &mut memory.gain),
            matrix(weights.units, blocks, &unit_order, 1, &mut memory.units),
            matrix(
                weights.projection,
                projected,
                projection_order,
                widths.hidden,
                &mut memory.projection,
            ),
        ];
        if !normalised {
            matrices.push(matrix(weights.bias, blocks, bias, 1, &mut memory.bias));
        }
        let total = weights.input.len() + weights.recurrent.len() + weights.projection.len();
        let threads = self.context.threads_for(total * size_of::<f32>());
        let tasks = blocks.count().max(projected.count());
        pool::run(threads, tasks, &|block| {
            for matrix in &matrices {
                // SAFETY: each task writes its own panel of each buffer.
                unsafe { matrix.pack::<V>(block) };
            }
        });
        PackedWeights {
            identity: self.identity,
            layout,
            projected,
            widths,
            memory,
        }
    }
}

/// A panel of `panel` floats of a buffer.
fn panel_of(buffer: &Buffer, panels: usize, panel: usize, block: usize) -> &[f32] {
    &buffer.get(panels * panel)[block * panel..][..panel]
}

impl PackedWeights {
    pub(super) fn new(
        context: &Context,
        recurrence: &dyn Recurrence,
        identity: Identity,
        weights: Weights<'_>,
    ) -> Self {
        // SAFETY: the context's instruction set is available; the kernel only reads and writes slices.
        unsafe {
            crate::lanes::run(
                context.instruction_set(),
                Pack {
                    context,
                    recurrence,
                    identity,
                    weights,
                },
            )
        }
    }

    fn panels(&self) -> usize {
        self.layout.blocks.count()
    }
    fn state_panel(&self) -> usize {
        self.layout.state_row() * self.widths.fed
    }
    /// The input weights of a panel: `[I, columns that read the input, P]`.
    pub(super) fn input(&self, block: usize) -> &[f32] {
        let panel = self.layout.input_row() * self.widths.input;
        panel_of(&self.memory.input, self.panels(), panel, block)
    }
    /// The recurrent weights of a panel: `[F, columns that read the state, P]`.
    pub(super) fn recurrent(&self, block: usize) -> &[f32] {
        panel_of(
            &self.memory.recurrent,
            self.panels(),
            self.state_panel(),
            block,
        )
    }
    /// The recurrent weights of all panels, one after another.
    pub(super) fn all_recurrent(&self) -> &[f32] {
        self.memory
            .recurrent
            .get(self.panels() * self.state_panel())
    }
    /// The recurrent weights of a panel that read the gated state: `[H, columns that read it, P]`.
    pub(super) fn gated(&self, block: usize) -> &[f32] {
        let panel = self.layout.gated_row() * self.widths.fed;
        panel_of(&self.memory.gated, self.panels(), panel, block)
    }
    /// What the sums of a panel start from: `[columns, P]`.
    pub(super) fn bias(&self, block: usize) -> &[f32] {
        panel_of(&self.memory.bias, self.panels(), self.layout.row(), block)
    }
    /// Gain and shift of the normalised columns of all panels, `[panel, columns, P]` each.
    pub(super) fn gain_and_shift(&self) -> [&[f32]; 2] {
        let length = self.panels() * self.layout.row();
        [&self.memory.gain, &self.memory.shift].map(|buffer| buffer.get(length))
    }
    /// The unit weights of all panels: `[panel, unit weights, P]`.
    pub(super) fn units(&self) -> &[f32] {
        let length = self.panels() * self.widths.units * self.layout.blocks.width;
        self.memory.units.get(length)
    }
    /// The projection of a panel of outputs: `[H, P]`.
    pub(super) fn projection(&self, block: usize) -> &[f32] {
        let panel = self.projected.width * self.widths.hidden;
        panel_of(
            &self.memory.projection,
            self.projected.count(),
            panel,
            block,
        )
    }
}

impl Drop for PackedWeights {
    fn drop(&mut self) {
        SHELF.put(std::mem::take(&mut self.memory));
    }
}

impl fmt::Debug for PackedWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedWeights")
            .field("identity", &self.identity)
            .field("layout", &self.layout)
            .finish_non_exhaustive()
    }
}
