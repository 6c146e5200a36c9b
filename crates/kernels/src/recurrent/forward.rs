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
use super::step::{Ahead, Panels, Span};
use super::{Engine, Forward, PackedWeights, Recurrence, single};
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
            tape.written_by = Some(weights.identity);
        }
    }
}

/// For each position of a task, where its rows of this step lie.
struct Places {
    input: Vec<*const f32>,
    /// h of the step before: in the output, or an initial state (which is only read).
    before: Vec<*mut f32>,
    h: Vec<*mut f32>,
}

impl Places {
    fn new(rows: usize) -> Self {
        Self {
            input: vec![std::ptr::null(); rows],
            before: vec![std::ptr::null_mut(); rows],
            h: vec![std::ptr::null_mut(); rows],
        }
    }

    /// Pointers to h_(t−1) from a position on; null where it is zero.
    fn before(&self, step: usize, initial: bool, first: usize) -> *const *const f32 {
        if step > 0 || initial {
            self.before[first..].as_ptr().cast()
        } else {
            std::ptr::null()
        }
    }
}

/// A tile of rows at a step; an array pointer for each thing a row has.
struct TileRows {
    step: usize,
    /// Position of the first row.
    position: usize,
    rows: usize,
    /// x_t; `None` when its product is there already.
    input: Option<*const *const f32>,
    /// h_(t−1); null: zeros.
    h_before: *const *const f32,
    h: *const *mut f32,
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
        let panels = layout.blocks.count();
        let steps = self.sequence.length(positions.start);
        let thin = positions.len() <= THIN && !self.columns.is_null() && steps > 1;
        let vectors = (layout.row() / V::WIDTH).min(MAX_VECTORS);
        let height = V::TILE_ROWS[vectors - 1];
        let mut tile_buffer = TILES.take();
        let buffer = tile_buffer
            .reserve(panels * MAX_ROWS * layout.row())
            .as_mut_ptr();
        let mut places = Places::new(positions.len());
        // SAFETY: positions belong to this task alone; offsets are those the buffers were reserved for.
        unsafe {
            self.start(&positions);
            if thin {
                self.input_products::<V>(&positions, height);
            }
            for step in 0..steps {
                let active = self.sequence.active(step, &positions);
                self.find::<V>(&mut places, positions.start, active, step);
                // With a single tile of rows the formula takes all panels at once, so that their
                // latencies overlap; otherwise it follows each product while its sums are in cache.
                let group = if active <= height { panels } else { 1 };
                for first_panel in (0..panels).step_by(group) {
                    for (first, rows) in tiles(active, height) {
                        let tile = TileRows {
                            step,
                            position: positions.start + first,
                            rows,
                            input: (!thin).then(|| places.input[first..].as_ptr()),
                            h_before: places.before(step, self.initial.is_some(), first),
                            h: places.h[first..].as_ptr(),
                        };
                        let records = self.sequence.records();
                        let record = self.sequence.record(step, tile.position);
                        let columns = if thin {
                            Panels {
                                start: self
                                    .columns
                                    .at((first_panel * records + record) * layout.row()),
                                stride: records * layout.row(),
                            }
                        } else {
                            Panels {
                                start: buffer,
                                stride: MAX_ROWS * layout.row(),
                            }
                        };
                        self.tile::<V>(first_panel..first_panel + group, &tile, columns);
                    }
                }
            }
            self.finish(&positions);
        }
        TILES.put(tile_buffer);
    }

    /// Where the rows of a step lie.
    unsafe fn find<V: Lanes>(&self, places: &mut Places, start: usize, active: usize, step: usize) {
        let (inputs, hidden) = (self.engine.input(), self.engine.hidden());
        std::mem::swap(&mut places.before, &mut places.h);
        for index in 0..active {
            let place = self.sequence.place(start + index, step);
            places.input[index] = self.input.as_ptr().wrapping_add(place * inputs);
            // SAFETY: the place of a step of a position lies in the output.
            places.h[index] = unsafe { self.output.at(place * hidden) };
            if step == 0
                && let Some(states) = self.initial
            {
                let row = self.sequence.row(start + index);
                places.before[index] = states[0][row * hidden..].as_ptr().cast_mut();
            }
        }
    }

    /// Products and formula of some panels for a tile of rows.
    unsafe fn tile<V: Lanes>(&self, panels: Range<usize>, tile: &TileRows, columns: Panels) {
        let layout = &self.weights.layout;
        let width = layout.blocks.width;
        let unit = panels.start * width;
        let units = (layout.blocks.units - unit).min(panels.len() * width);
        let records = self.sequence.records();
        let record = self.sequence.record(tile.step, tile.position);
        let carried_row = (STATES - 1) * width;
        // SAFETY: as in `run`.
        unsafe {
            // Panel-major arrays are handed over at panel 0.
            let back = |panels_of: Panels| Panels {
                start: panels_of
                    .start
                    .wrapping_sub(panels.start * panels_of.stride),
                ..panels_of
            };
            let carried = |step: usize| Panels {
                start: self
                    .carried
                    .at(self.carried_row(step, tile.position) * carried_row),
                stride: self.carried_rows * carried_row,
            };
            let step = Ahead {
                cell: self.engine.cell(),
                span: Span {
                    rows: tile.rows,
                    unit,
                    units,
                    width,
                    slot: &layout.slot,
                },
                columns: back(columns),
                h_before: tile.h_before,
                h: tile.h,
                carried_before: carried(tile.step),
                carried: carried(tile.step + 1),
                kept: self.training.then(|| Panels {
                    start: self.kept.at(record * KEPT * width),
                    stride: records * KEPT * width,
                }),
            };
            if tile.rows == 1 && tile.input.is_none() {
                return single::run::<V, _, COLUMNS, STATES, KEPT>(
                    step,
                    self.weights.all_recurrent(),
                );
            }
            for (index, block) in panels.clone().enumerate() {
                let start = columns.start.add(index * columns.stride);
                let rows = row_pointers_mut(tile.rows, |m| start.add(m * layout.row()));
                self.columns::<V>(block, tile, &rows);
            }
            V::enter(step);
        }
    }

    /// The row of `carried` that holds a position's states *before* a step.
    fn carried_row(&self, step: usize, position: usize) -> usize {
        match step {
            _ if !self.training => position,
            0 => position,
            _ => self.sequence.batch + self.sequence.record(step - 1, position),
        }
    }

    /// The columns of one panel: bias + x·W + h·U; without an input they hold bias + x·W already.
    unsafe fn columns<V: Lanes>(
        &self,
        block: usize,
        tile: &TileRows,
        columns: &[*mut f32; MAX_ROWS],
    ) {
        let layout = &self.weights.layout;
        let (row, state_row) = (layout.row(), layout.state_row());
        let weights = self.weights.recurrent(block).as_ptr();
        let state = (!tile.h_before.is_null())
            .then(|| Segment::rows(tile.h_before, self.engine.hidden(), weights, state_row));
        // SAFETY: the panels hold what the layout says; the caller vouches for rows and columns.
        unsafe {
            match (tile.input, state) {
                (Some(input), Some(state)) if layout.is_uniform() => {
                    let bias = Start::Row(self.weights.bias(block).as_ptr());
                    let segments = &mut [self.input_segment(block, input), state];
                    return wide::<V>(tile.rows, bias, segments, columns.as_ptr(), row);
                }
                (Some(input), _) => self.input_columns::<V>(block, tile.rows, input, columns),
                (None, _) => {}
            }
            if let Some(state) = state {
                let to = row_pointers_mut(tile.rows, |m| columns[m].add(row - state_row));
                let start = Start::Rows(to.as_ptr().cast());
                wide::<V>(tile.rows, start, &mut [state], to.as_ptr(), state_row);
            }
        }
    }

    fn input_segment(&self, block: usize, input: *const *const f32) -> Segment {
        let panel = self.weights.input(block).as_ptr();
        let row = self.weights.layout.input_row();
        Segment::rows(input, self.engine.input(), panel, row)
    }

    /// bias + x·W; columns that do not read the input get their bias.
    unsafe fn input_columns<V: Lanes>(
        &self,
        block: usize,
        rows: usize,
        input: *const *const f32,
        columns: &[*mut f32; MAX_ROWS],
    ) {
        let (row, input_row) = (self.weights.layout.row(), self.weights.layout.input_row());
        let bias = self.weights.bias(block).as_ptr();
        let segments = &mut [self.input_segment(block, input)];
        // SAFETY: as in `columns`.
        unsafe {
            wide::<V>(
                rows,
                Start::Row(bias),
                segments,
                columns.as_ptr(),
                input_row,
            );
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
                        self.input_columns::<V>(block, rows, input.as_ptr(), &out);
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
