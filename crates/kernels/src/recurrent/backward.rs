//! Back-propagation through time.
//!
//! ```text
//! for each range of positions (one task):
//!     for each step, last to first, for each panel of units, for each tile of rows:
//!         dh = dy_t + d_columns_(t+1)·Uᵀ             (product)
//!         d_columns_t, carry = cell.backward(dh + carry, …)
//! then, cut by output and not by time or batch:
//!     dW, dU, db  = one product over all records     (weight_gradient)
//!     dx          = d_columns·Wᵀ
//! ```
//!
//! The sums over hidden units run column by column of the parameters, units ascending, whatever the
//! panel width.
use super::forward::WORTH_SHARING;
use super::layout::Layout;
use super::step::{Back, Panels, Span};
use super::{Backward, Engine, Gradients, Recurrence, Tape, weight_gradient};
use crate::cell::Cell;
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::{
    MAX_ROWS, MAX_VECTORS, Segment, Start, Tile, multiply, pack, row_pointers, row_pointers_mut,
    tiles,
};
use crate::recurrent::sequence::Sequence;
use std::ops::Range;

/// Buffers of a backward call.
#[derive(Default)]
pub(super) struct Scratch {
    /// Uᵀ and Wᵀ: `[panel of outputs, column · unit, outputs of the panel]`.
    recurrent: Buffer,
    input: Buffer,
    /// `[panel, B, states, P]`: gradients on their way to the step before.
    carry: Buffer,
    pub(super) weights: weight_gradient::Sums,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);

pub(super) struct Pass<'a, 'b, 'c, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>
{
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT>,
    pub(super) context: &'a Context,
    pub(super) tape: &'a mut Tape,
    pub(super) call: Backward<'b>,
    pub(super) gradients: Gradients<'c>,
}

/// A panel of a transposed matrix: a few of a product's outputs.
#[derive(Clone, Copy)]
pub(super) struct OutputPanel {
    pub(super) first: usize,
    pub(super) outputs: usize,
    /// Where the panel starts in the packed buffer.
    pub(super) offset: usize,
    /// Distance between its rows.
    pub(super) stride: usize,
}

/// The panels of a matrix of `rows` rows packed by [`pack::by_column`].
pub(super) fn output_panels<V: Lanes>(
    outputs: usize,
    rows: usize,
) -> impl Iterator<Item = OutputPanel> {
    let width = MAX_VECTORS * V::WIDTH;
    (0..outputs).step_by(width).map(move |first| {
        let here = (outputs - first).min(width);
        OutputPanel {
            first,
            outputs: here,
            offset: first * rows,
            stride: here.next_multiple_of(V::WIDTH),
        }
    })
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> Kernel
    for Pass<'_, '_, '_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            engine,
            context,
            tape,
            call,
            mut gradients,
        } = self;
        let (inputs, hidden) = (engine.input(), engine.hidden());
        let layout = Layout::new::<V>(&C::SOURCES, hidden);
        let sequence = std::mem::take(&mut tape.sequence);
        let (panels, width) = (layout.blocks.count(), layout.blocks.width);
        let (batch, records) = (sequence.batch, sequence.records());
        let work = records * (inputs + hidden) * COLUMNS * hidden;
        let threads = if work < WORTH_SHARING {
            1
        } else {
            context.threads()
        };

        let mut scratch = SCRATCH.take();
        let lane = V::WIDTH;
        let piece = MAX_VECTORS * lane;
        let (input_rows, state_rows) = (
            layout.input_slots.len() * hidden,
            layout.state_slots.len() * hidden,
        );
        let packed = scratch
            .recurrent
            .reserve(state_rows * hidden.next_multiple_of(lane));
        pack::by_column(
            call.weights.recurrent,
            state_rows,
            hidden,
            piece,
            lane,
            packed,
        );
        let input_packed = if gradients.input.is_some() {
            let packed = scratch
                .input
                .reserve(input_rows * inputs.next_multiple_of(lane));
            pack::by_column(call.weights.input, input_rows, inputs, piece, lane, packed);
            &*packed
        } else {
            &[]
        };
        let memory = &mut tape.memory;
        let columns = Shared::new(memory.columns.reserve(panels * records * layout.row()));
        let mut initial = [Shared::null(); STATES];
        if let Some(states) = &mut gradients.initial {
            for (shared, state) in initial.iter_mut().zip(states.iter_mut()) {
                *shared = Shared::new(state);
            }
        }
        let rows = Rows {
            engine,
            layout: &layout,
            sequence: &sequence,
            call: &call,
            recurrent: packed,
            kept: memory.kept.get(panels * records * KEPT * width),
            carried: memory
                .carried
                .get(panels * (batch + records) * (STATES - 1) * width),
            carry: Shared::new(scratch.carry.reserve(panels * batch * STATES * width)),
            columns,
            initial,
        };
        let ranges = sequence.cut(threads);
        pool::run(threads, ranges.len(), &|task| {
            // SAFETY: ranges are disjoint, and a task touches only the rows and records of its own.
            unsafe { rows.run::<V>(ranges[task].clone()) }
        });

        let products = weight_gradient::Products {
            layout: &layout,
            sequence: &sequence,
            inputs,
            input: call.input,
            output: call.output,
            initial: call.initial.map(|states| states[0]),
            columns,
        };
        let weights = gradients
            .weights
            .as_mut()
            .map(|[w, u, b]| [Shared::new(w), Shared::new(u), Shared::new(b)]);
        let sums = scratch.weights.reserve(&layout, inputs);
        let input_gradient = gradients
            .input
            .as_mut()
            .map(|gradient| Shared::new(gradient));
        let weight_tasks = if weights.is_some() {
            threads.min(panels)
        } else {
            0
        };
        let input_tasks = if input_gradient.is_some() { threads } else { 0 };
        pool::run(threads, weight_tasks + input_tasks, &|task| {
            let share =
                |of: usize, parts: usize, part: usize| of * part / parts..of * (part + 1) / parts;
            if let (Some(weights), true) = (weights, task < weight_tasks) {
                // SAFETY: each task sums and writes the rows of its own panels.
                unsafe { products.weights::<V>(share(panels, weight_tasks, task), sums, weights) }
            } else if let Some(gradient) = input_gradient {
                let part = share(records, input_tasks, task - weight_tasks);
                // SAFETY: each record has its own row of the gradient, each task its own records.
                unsafe { products.input::<V>(part, input_packed.as_ptr(), gradient) }
            }
        });
        if let Some(gradient) = gradients.input {
            for padding in sequence.padding(0..batch) {
                gradient[padding.start * inputs..padding.end * inputs].fill(0.0);
            }
        }
        SCRATCH.put(scratch);
        tape.sequence = sequence;
    }
}

/// What the tasks of the steps backward share.
struct Rows<'a, 'b, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    engine: &'a Engine<C, COLUMNS, STATES, KEPT>,
    layout: &'a Layout,
    sequence: &'a Sequence,
    call: &'a Backward<'b>,
    /// Uᵀ.
    recurrent: &'a [f32],
    kept: &'a [f32],
    carried: &'a [f32],
    carry: Shared<f32>,
    columns: Shared<f32>,
    initial: [Shared<f32>; STATES],
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>
    Rows<'_, '_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    /// All steps of a range of positions, last to first.
    ///
    /// # Safety
    /// No other task runs with a position of the range; V's instruction set is there.
    unsafe fn run<V: Lanes>(&self, positions: Range<usize>) {
        let hidden = self.engine.hidden();
        let height = V::TILE_ROWS[MAX_VECTORS - 1];
        let steps = self.sequence.length(positions.start);
        let rows = self.layout.state_slots.len() * hidden;
        for step in (0..steps).rev() {
            let active = self.sequence.active(step, &positions);
            let later = self.sequence.active(step + 1, &positions);
            for panel in output_panels::<V>(hidden, rows) {
                for (start, count, last) in [(0, later, false), (later, active - later, true)] {
                    for (first, height) in tiles(count, height) {
                        let position = positions.start + start + first;
                        // SAFETY: these rows and their records belong to this task.
                        unsafe { self.tile::<V>(step, position, height, panel, last) };
                    }
                }
            }
        }
        if !self.initial[0].is_null() {
            // SAFETY: as above.
            unsafe { self.initial_gradients::<V>(positions, height) };
        }
    }

    /// The gradient of h for `rows` rows and a panel of units, through the columns of step `through`.
    unsafe fn product<V: Lanes>(
        &self,
        through: Option<usize>,
        position: usize,
        rows: usize,
        panel: OutputPanel,
        start: Start,
        out: *mut f32,
    ) {
        let (hidden, row) = (self.engine.hidden(), self.layout.row());
        let width = self.layout.blocks.width;
        let mut segments = [Segment::rows(std::ptr::null(), 0, std::ptr::null(), 0); COLUMNS];
        let mut pointers = [[std::ptr::null(); MAX_ROWS]; COLUMNS];
        let mut count = 0;
        if let Some(step) = through {
            let record = self.sequence.record(step, position);
            for (&slot, pointers) in self.layout.state_slots.iter().zip(&mut pointers) {
                // SAFETY: the records of a step's rows follow one another.
                *pointers = row_pointers(rows, |m| unsafe {
                    self.columns
                        .at((record + m) * row + slot * width)
                        .cast_const()
                });
                segments[count] = Segment {
                    rows: pointers.as_ptr(),
                    step: 1,
                    run: width,
                    run_stride: self.sequence.records() * row,
                    length: hidden,
                    panel: self.recurrent[panel.offset + count * hidden * panel.stride..].as_ptr(),
                    panel_stride: panel.stride,
                };
                count += 1;
            }
        }
        // SAFETY: the buffer has room for every row of a tile.
        let out = row_pointers_mut(rows, |m| unsafe { out.add(m * MAX_VECTORS * V::WIDTH) });
        let tile = Tile {
            start,
            segments: &segments[..count],
            out: out.as_ptr(),
            columns: panel.outputs,
        };
        // SAFETY: all as said above; rows and vectors are within the table.
        unsafe { multiply::<V>(rows, panel.stride / V::WIDTH, &tile) }
    }

    unsafe fn tile<V: Lanes>(
        &self,
        step: usize,
        position: usize,
        rows: usize,
        panel: OutputPanel,
        last: bool,
    ) {
        let (unit, units) = (panel.first, panel.outputs);
        let hidden = self.engine.hidden();
        let place = |m: usize| self.sequence.place(position + m, step) * hidden;
        let mut sums = [0.0f32; MAX_ROWS * MAX_VECTORS * 16];
        let sums_stride = MAX_VECTORS * V::WIDTH;
        let starts;
        let start = match self.call.output_gradient {
            Some(gradient) => {
                starts = row_pointers(rows, |m| gradient[place(m) + unit..].as_ptr());
                Start::Rows(starts.as_ptr())
            }
            None => Start::Zero,
        };
        // SAFETY: by contract.
        unsafe {
            let through = (!last).then_some(step + 1);
            self.product::<V>(through, position, rows, panel, start, sums.as_mut_ptr());
        }
        let finals = last.then(|| match self.call.finals_gradient {
            Some(finals) => std::array::from_fn(|state| {
                row_pointers(rows, |m| {
                    finals[state][self.sequence.row(position + m) * hidden..].as_ptr()
                })
            }),
            None => [[std::ptr::null(); MAX_ROWS]; STATES],
        });
        let width = self.layout.blocks.width;
        let (batch, records) = (self.sequence.batch, self.sequence.records());
        let record = self.sequence.record(step, position);
        let before = match step {
            0 => position,
            _ => batch + self.sequence.record(step - 1, position),
        };
        let h = row_pointers(rows, |m| self.call.output[place(m)..].as_ptr());
        let h_before = match (step, self.call.initial) {
            (0, None) => None,
            (0, Some(states)) => Some(row_pointers(rows, |m| {
                states[0][self.sequence.row(position + m) * hidden..].as_ptr()
            })),
            _ => Some(row_pointers(rows, |m| {
                let place = self.sequence.place(position + m, step - 1) * hidden;
                self.call.output[place..].as_ptr()
            })),
        };
        // What is only read is cast to the pointer type that what is written needs.
        let read = |from: &[f32], row: usize, rows: usize, slots: usize| Panels {
            start: from.as_ptr().cast_mut().wrapping_add(row * slots * width),
            stride: rows * slots * width,
        };
        let carried = |row| read(self.carried, row, batch + records, STATES - 1);
        // SAFETY: every array is that of the forward pass, at the rows of this tile.
        unsafe {
            V::enter(Back {
                cell: self.engine.cell(),
                span: Span {
                    rows,
                    unit,
                    units,
                    width,
                    slot: &self.layout.slot,
                },
                sums: sums.as_ptr(),
                sums_stride,
                carry: Panels {
                    start: self.carry.at(position * STATES * width),
                    stride: batch * STATES * width,
                },
                last: finals,
                h_before: h_before
                    .as_ref()
                    .map_or(std::ptr::null(), |rows| rows.as_ptr()),
                h: h.as_ptr(),
                carried_before: carried(before),
                carried: carried(batch + record),
                kept: read(self.kept, record, records, KEPT),
                columns: Panels {
                    start: self.columns.at(record * self.layout.row()),
                    stride: records * self.layout.row(),
                },
            });
        }
    }

    /// Gradients of the initial states: what step 0 passes on, through its products and directly.
    unsafe fn initial_gradients<V: Lanes>(&self, positions: Range<usize>, height: usize) {
        let hidden = self.engine.hidden();
        let (batch, width) = (self.sequence.batch, self.layout.blocks.width);
        let rows = self.layout.state_slots.len() * hidden;
        let stride = MAX_VECTORS * V::WIDTH;
        let mut sums = [0.0f32; MAX_ROWS * MAX_VECTORS * 16];
        for panel in output_panels::<V>(hidden, rows) {
            for (first, count) in tiles(positions.len(), height) {
                let position = positions.start + first;
                // SAFETY: rows of this task's own; the buffer has room for a tile.
                unsafe {
                    let start = Start::Zero;
                    self.product::<V>(Some(0), position, count, panel, start, sums.as_mut_ptr());
                }
                let (unit, units) = (panel.first, panel.outputs);
                for m in 0..count {
                    let row = self.sequence.row(position + m) * hidden;
                    for index in 0..units {
                        let (block, inside) = ((unit + index) / width, (unit + index) % width);
                        let carry = (block * batch + position + m) * STATES * width + inside;
                        for (state, to) in self.initial.iter().enumerate() {
                            let through = if state == 0 {
                                sums[m * stride + index]
                            } else {
                                0.0
                            };
                            // SAFETY: as above.
                            unsafe {
                                *to.at(row + unit + index) =
                                    through + *self.carry.at(carry + state * width);
                            }
                        }
                    }
                }
            }
        }
    }
}
