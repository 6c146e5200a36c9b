//! Parameters in the order the forward products read them.
use super::layout::Layout;
use super::{Identity, Recurrence, Weights};
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::pack;
use std::fmt;

/// The parameters of a layer, packed for one instruction set. Making them costs about as much as one
/// step of one tile of rows; a layer that runs many short calls keeps them.
pub struct PackedWeights {
    pub(super) identity: Identity,
    pub(super) layout: Layout,
    input_size: usize,
    memory: PackMemory,
}

/// Panels of P units.
#[derive(Default)]
struct PackMemory {
    /// `[panel, I, columns that read the input, P]`.
    input: Buffer,
    /// `[panel, H, columns that read the state, P]`.
    recurrent: Buffer,
    /// `[panel, columns, P]`.
    bias: Buffer,
}

static SHELF: Shelf<PackMemory> = Shelf::new(16);

/// Below this many parameters packing stays on the calling thread.
const WORTH_SHARING: usize = 1 << 17;

struct Pack<'a> {
    context: &'a Context,
    recurrence: &'a dyn Recurrence,
    identity: Identity,
    weights: Weights<'a>,
}

impl Kernel for Pack<'_> {
    type Output = PackedWeights;

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) -> PackedWeights {
        let (inputs, hidden) = (self.recurrence.input(), self.recurrence.hidden());
        let layout = Layout::new::<V>(self.recurrence.sources(), hidden);
        let mut memory = SHELF.take();
        let blocks = layout.blocks;
        let (input_panel, state_panel) = (layout.input_row() * inputs, layout.state_row() * hidden);
        let row = layout.row();
        let input = Shared::new(memory.input.reserve(blocks.count() * input_panel));
        let recurrent = Shared::new(memory.recurrent.reserve(blocks.count() * state_panel));
        let bias = Shared::new(memory.bias.reserve(blocks.count() * row));
        let weights = self.weights;
        let total = weights.input.len() + weights.recurrent.len();
        let threads = if total < WORTH_SHARING {
            1
        } else {
            self.context.threads()
        };
        pool::run(threads, blocks.count(), &|block| {
            // SAFETY: each task writes its own block of each buffer, reserved above.
            let (input, recurrent, bias) = unsafe {
                (
                    std::slice::from_raw_parts_mut(input.at(block * input_panel), input_panel),
                    std::slice::from_raw_parts_mut(recurrent.at(block * state_panel), state_panel),
                    std::slice::from_raw_parts_mut(bias.at(block * row), row),
                )
            };
            pack::by_unit(
                weights.input,
                blocks,
                block,
                &layout.input_order,
                inputs,
                input,
            );
            pack::by_unit(
                weights.recurrent,
                blocks,
                block,
                &layout.state_order,
                hidden,
                recurrent,
            );
            pack::by_unit(weights.bias, blocks, block, &layout.bias_order, 1, bias);
        });
        PackedWeights {
            identity: self.identity,
            layout,
            input_size: inputs,
            memory,
        }
    }
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

    fn inputs_panel(&self) -> usize {
        self.layout.input_row() * self.input_size
    }
    fn state_panel(&self) -> usize {
        self.layout.state_row() * self.layout.blocks.units
    }
    /// The input weights of a panel: `[I, columns that read the input, P]`.
    pub(super) fn input(&self, block: usize) -> &[f32] {
        let (panel, count) = (self.inputs_panel(), self.layout.blocks.count());
        &self.memory.input.get(count * panel)[block * panel..][..panel]
    }
    /// The recurrent weights of a panel: `[H, columns that read the state, P]`.
    pub(super) fn recurrent(&self, block: usize) -> &[f32] {
        let (panel, count) = (self.state_panel(), self.layout.blocks.count());
        &self.memory.recurrent.get(count * panel)[block * panel..][..panel]
    }
    /// The recurrent weights of all panels, one after another.
    pub(super) fn all_recurrent(&self) -> &[f32] {
        let (panel, count) = (self.state_panel(), self.layout.blocks.count());
        self.memory.recurrent.get(count * panel)
    }
    /// The bias of a panel: `[columns, P]`.
    pub(super) fn bias(&self, block: usize) -> &[f32] {
        let (panel, count) = (self.layout.row(), self.layout.blocks.count());
        &self.memory.bias.get(count * panel)[block * panel..][..panel]
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
