//! The forward pass.
//!
//! ```text
//! for each range of positions (one task; rows never meet, so no barrier is needed):
//!     for each step, for each panel of units, for each tile of rows:
//!         columns = bias + x_t·W + h_(t−1)·U        (product, into a small buffer)
//!         states, kept = cell(columns, states)      (step)
//! ```
//!
//! The input product sits inside the step, where its weights are in cache beside the recurrent ones;
//! only for one or two rows it is done beforehand for all steps at once, because a tile of one row
//! reads the weights without reusing them. Both orders sum bias, x·W, h·U, so the bits are the same.
use super::step::Ahead;
use super::{Engine, Forward, PackedWeights, Recurrence};
use crate::cell::Cell;
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::{
    MAX_ROWS, MAX_VECTORS, Segment, Start, row_pointers, row_pointers_mut, tiles, wide,
};
use crate::recurrent::sequence::Sequence;
use std::ops::Range;

/// Multiply-adds below which a call stays on its thread: waking a sleeping worker costs more.
pub(super) const WORTH_SHARING: usize = 1 << 19;
/// At most this many rows in a task get their input product beforehand.
const THIN: usize = 2;

/// Buffers of an inference call and of its tasks.
#[derive(Default)]
struct Scratch {
    carried: Buffer,
    columns: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(16);
static TILES: Shelf<Buffer> = Shelf::new(64);

pub(super) struct Pass<'a, 'b, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT>,
    pub(super) context: &'a Context,
    pub(super) weights: &'a PackedWeights,
    pub(super) sequence: Sequence,
    pub(super) call: Forward<'b>,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> Kernel
    for Pass<'_, '_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            engine,
            context,
            weights,
            sequence,
            mut call,
        } = self;
        let layout = &weights.layout;
        let (panels, width) = (layout.blocks.count(), layout.blocks.width);
        let records = sequence.records();
        let batch = sequence.batch;
        let work = records * (engine.input() + engine.hidden()) * layout.columns * engine.hidden();
        let threads = if work < WORTH_SHARING {
            1
        } else {
            context.threads()
        };
        let ranges = sequence.cut(threads);
        let thin = sequence.longest() > 1 && ranges.iter().any(|range| range.len() <= THIN);

        let mut scratch = SCRATCH.take();
        let carried_rows = match call.tape {
            Some(_) => batch + records,
            None => batch,
        };
        let carried_length = panels * carried_rows * (STATES - 1) * width;
        let columns_length = panels * records * layout.row();
        let (kept, carried, columns) = match &mut call.tape {
            Some(tape) => {
                let memory = &mut tape.memory;
                (
                    Shared::new(memory.kept.reserve(panels * records * KEPT * width)),
                    Shared::new(memory.carried.reserve(carried_length)),
                    Shared::new(memory.columns.reserve(columns_length)),
                )
            }
            None => (
                Shared::null(),
                Shared::new(scratch.carried.reserve(carried_length)),
                if thin {
                    Shared::new(scratch.columns.reserve(columns_length))
                } else {
                    Shared::null()
                },
            ),
        };
        let mut finals = [Shared::null(); STATES];
        for (shared, state) in finals.iter_mut().zip(call.finals.iter_mut()) {
            *shared = Shared::new(state);
        }
        let rows = Rows {
            engine,
            weights,
            sequence: &sequence,
            input: call.input,
            initial: call.initial,
            output: Shared::new(call.output),
            finals,
            training: call.tape.is_some(),
            carried_rows,
            kept,
            carried,
            columns,
        };
        pool::run(threads, ranges.len(), &|task| {
            // SAFETY: ranges are disjoint, and a task touches only the rows and records of its own.
            unsafe { rows.run::<V>(ranges[task].clone()) }
        });
        SCRATCH.put(scratch);
        if let Some(tape) = call.tape {
            tape.sequence = sequence;
            tape.context = Some(*context);
        }
    }
}

/// What the tasks of a forward pass share.
struct Rows<'a, C, const COLUMNS: usize, const STATES: usize, const KEPT: usize> {
    engine: &'a Engine<C, COLUMNS, STATES, KEPT>,
    weights: &'a PackedWeights,
    sequence: &'a Sequence,
    input: &'a [f32],
    initial: Option<&'a [&'a [f32]]>,
    output: Shared<f32>,
    finals: [Shared<f32>; STATES],
    training: bool,
    carried_rows: usize,
    kept: Shared<f32>,
    carried: Shared<f32>,
    columns: Shared<f32>,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize>
    Rows<'_, C, COLUMNS, STATES, KEPT>
where
    C: Cell<COLUMNS, STATES, KEPT>,
{
    /// All steps of a range of positions.
    ///
    /// # Safety
    /// No other task runs with a position of the range; V's instruction set is there.
    unsafe fn run<V: Lanes>(&self, positions: Range<usize>) {
        let layout = &self.weights.layout;
        let (inputs, hidden) = (self.engine.input(), self.engine.hidden());
        let width = layout.blocks.width;
        let steps = self.sequence.length(positions.start);
        let thin = positions.len() <= THIN && !self.columns.is_null() && steps > 1;
        let vectors = (layout.row() / V::WIDTH).min(MAX_VECTORS);
        let height = V::TILE_ROWS[vectors - 1];
        let mut tile_buffer = TILES.take();
        let tile_columns = tile_buffer.reserve(MAX_ROWS * layout.row()).as_mut_ptr();
        // SAFETY: positions belong to this task alone; offsets are those the buffers were reserved for.
        unsafe {
            self.start(&positions);
            if thin {
                self.input_products::<V>(&positions, height);
            }
            for step in 0..steps {
                let active = self.sequence.active(step, &positions);
                for block in 0..layout.blocks.count() {
                    for (first, rows) in tiles(active, height) {
                        let position = positions.start + first;
                        let place = |m: usize| self.sequence.place(position + m, step);
                        let h_before = row_pointers(rows, |m| self.h_before(position + m, step));
                        let record = self.sequence.record(step, position);
                        let columns = if thin {
                            self.columns
                                .at((block * self.sequence.records() + record) * layout.row())
                        } else {
                            tile_columns
                        };
                        let column_rows = row_pointers_mut(rows, |m| columns.add(m * layout.row()));
                        let input =
                            row_pointers(rows, |m| self.input.as_ptr().add(place(m) * inputs));
                        self.columns::<V>(
                            block,
                            rows,
                            (!thin).then_some(input),
                            h_before,
                            column_rows,
                        );
                        let unit = block * width;
                        let here = |step: usize| {
                            (STATES - 1)
                                * width
                                * (block * self.carried_rows + self.carried_row(step, position))
                        };
                        V::enter(Ahead {
                            cell: self.engine.cell(),
                            rows,
                            units: layout.blocks.units_in(block),
                            width,
                            slot: &layout.slot,
                            columns,
                            h_before: row_pointers(rows, |m| {
                                if h_before[m].is_null() {
                                    h_before[m]
                                } else {
                                    h_before[m].add(unit)
                                }
                            }),
                            h: row_pointers_mut(rows, |m| self.output.at(place(m) * hidden + unit)),
                            carried_before: self.carried.at(here(step)),
                            carried: self.carried.at(here(step + 1)),
                            kept: if self.training {
                                self.kept
                                    .at((block * self.sequence.records() + record) * KEPT * width)
                            } else {
                                std::ptr::null_mut()
                            },
                        });
                    }
                }
            }
            self.finish(&positions);
        }
        TILES.put(tile_buffer);
    }

    /// The row of `carried` that holds a position's states *before* a step.
    fn carried_row(&self, step: usize, position: usize) -> usize {
        match step {
            _ if !self.training => position,
            0 => position,
            _ => self.sequence.batch + self.sequence.record(step - 1, position),
        }
    }

    /// Where h_(t−1) of a position lies; null where it is zero.
    unsafe fn h_before(&self, position: usize, step: usize) -> *const f32 {
        let hidden = self.engine.hidden();
        if step > 0 {
            // SAFETY: the place of a step of a position lies in the output.
            return unsafe {
                self.output
                    .at(self.sequence.place(position, step - 1) * hidden)
            };
        }
        self.initial.map_or(std::ptr::null(), |states| {
            states[0][self.sequence.row(position) * hidden..].as_ptr()
        })
    }

    /// The columns of one tile: bias + x·W + h·U; without `input`, `columns` holds bias + x·W already.
    unsafe fn columns<V: Lanes>(
        &self,
        block: usize,
        rows: usize,
        input: Option<[*const f32; MAX_ROWS]>,
        h_before: [*const f32; MAX_ROWS],
        columns: [*mut f32; MAX_ROWS],
    ) {
        let layout = &self.weights.layout;
        let (row, state_row) = (layout.row(), layout.state_row());
        let weights = self.weights.recurrent(block).as_ptr();
        let state = (!h_before[0].is_null())
            .then(|| Segment::rows(h_before, self.engine.hidden(), weights, state_row));
        // SAFETY: the panels hold what the layout says; the caller vouches for rows and columns.
        unsafe {
            match (input, state) {
                (Some(input), Some(state)) if layout.is_uniform() => {
                    let bias = Start::Row(self.weights.bias(block).as_ptr());
                    let segments = &mut [self.input_segment(block, input), state];
                    return wide::<V>(rows, bias, segments, columns, row);
                }
                (Some(input), _) => self.input_columns::<V>(block, rows, input, columns),
                (None, _) => {}
            }
            if let Some(state) = state {
                let to = row_pointers_mut(rows, |m| columns[m].add(row - state_row));
                let start = Start::Rows(row_pointers(rows, |m| to[m].cast_const()));
                wide::<V>(rows, start, &mut [state], to, state_row);
            }
        }
    }

    fn input_segment(&self, block: usize, input: [*const f32; MAX_ROWS]) -> Segment {
        let panel = self.weights.input(block).as_ptr();
        Segment::rows(
            input,
            self.engine.input(),
            panel,
            self.weights.layout.input_row(),
        )
    }

    /// bias + x·W; columns that do not read the input get their bias.
    unsafe fn input_columns<V: Lanes>(
        &self,
        block: usize,
        rows: usize,
        input: [*const f32; MAX_ROWS],
        columns: [*mut f32; MAX_ROWS],
    ) {
        let (row, input_row) = (self.weights.layout.row(), self.weights.layout.input_row());
        let bias = self.weights.bias(block).as_ptr();
        let segments = &mut [self.input_segment(block, input)];
        // SAFETY: as in `columns`.
        unsafe {
            wide::<V>(rows, Start::Row(bias), segments, columns, input_row);
            for to in columns.iter().take(rows) {
                let (from, to) = (bias.add(input_row), to.add(input_row));
                std::ptr::copy_nonoverlapping(from, to, row - input_row);
            }
        }
    }

    /// bias + x·W for every record of a thin range, into the records' own columns.
    unsafe fn input_products<V: Lanes>(&self, positions: &Range<usize>, height: usize) {
        let layout = &self.weights.layout;
        let (inputs, row) = (self.engine.input(), layout.row());
        for block in 0..layout.blocks.count() {
            for position in positions.clone() {
                for (first, rows) in tiles(self.sequence.length(position), height) {
                    // SAFETY: as in `run`.
                    unsafe {
                        let input = row_pointers(rows, |m| {
                            self.input
                                .as_ptr()
                                .add(self.sequence.place(position, first + m) * inputs)
                        });
                        let out = row_pointers_mut(rows, |m| {
                            let record = self.sequence.record(first + m, position);
                            self.columns
                                .at((block * self.sequence.records() + record) * row)
                        });
                        self.input_columns::<V>(block, rows, input, out);
                    }
                }
            }
        }
    }

    /// Lays out the initial states that the cell carries beside h.
    unsafe fn start(&self, positions: &Range<usize>) {
        let blocks = self.weights.layout.blocks;
        for state in 1..STATES {
            for position in positions.clone() {
                for block in 0..blocks.count() {
                    let to = ((block * self.carried_rows + position) * (STATES - 1) + state - 1)
                        * blocks.width;
                    // SAFETY: a row of this task's own, of `width` floats.
                    let to = unsafe {
                        std::slice::from_raw_parts_mut(self.carried.at(to), blocks.width)
                    };
                    to.fill(0.0);
                    if let Some(initial) = self.initial {
                        let from =
                            self.sequence.row(position) * blocks.units + block * blocks.width;
                        let there = blocks.units_in(block);
                        to[..there].copy_from_slice(&initial[state][from..from + there]);
                    }
                }
            }
        }
    }

    /// Writes the final states, and zeros at padding.
    unsafe fn finish(&self, positions: &Range<usize>) {
        let blocks = self.weights.layout.blocks;
        let hidden = blocks.units;
        for position in positions.clone() {
            let length = self.sequence.length(position);
            let row = self.sequence.row(position);
            // SAFETY: rows of this task's own, inside output, finals and carried.
            unsafe {
                let last = self
                    .output
                    .at(self.sequence.place(position, length - 1) * hidden);
                std::ptr::copy_nonoverlapping(last, self.finals[0].at(row * hidden), hidden);
                for state in 1..STATES {
                    for block in 0..blocks.count() {
                        let from = block * self.carried_rows + self.carried_row(length, position);
                        let from = (from * (STATES - 1) + state - 1) * blocks.width;
                        std::ptr::copy_nonoverlapping(
                            self.carried.at(from),
                            self.finals[state].at(row * hidden + block * blocks.width),
                            blocks.units_in(block),
                        );
                    }
                }
            }
        }
        for padding in self.sequence.padding(positions.clone()) {
            // SAFETY: as above.
            unsafe {
                std::slice::from_raw_parts_mut(
                    self.output.at(padding.start * hidden),
                    padding.len() * hidden,
                )
                .fill(0.0);
            }
        }
    }
}
