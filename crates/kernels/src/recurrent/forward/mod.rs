//! The forward pass.
//!
//! ```text
//! for each range of positions (one task; rows never meet, so no barrier is needed):
//!     for each step, for each panel of units, for each tile of rows:
//!         columns = bias + x_t·W + s_(t−1)·U        (product, into a small buffer)
//!         states, kept = cell(columns, states)      (step)
//! ```
//!
//! The input product sits inside the step, where its weights are in cache beside the recurrent ones;
//! only for one or two rows it is done beforehand for all steps at once, because a tile of one row
//! reads the weights without reusing them. Both orders sum bias, x·W, s·U, so the bits are the same.
//!
//! What needs a whole row of units at once takes all panels of a tile together: between product and formula
//! the normalisation and the gated product, after it the projection. A cell whose units never meet (no U) is
//! cut over threads by panels too.
mod places;
mod single;
mod tile;

use super::sequence::Sequence;
use super::step::Panels;
use super::{Engine, Forward, Noise, PackedWeights};
use crate::cell::Cell;
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::{MAX_ROWS, MAX_VECTORS, tiles};
use crate::shares::shares;
use std::ops::Range;

/// At most this many rows in a task get their input product beforehand.
const THIN: usize = 2;

/// Buffers of an inference call and of its tasks.
#[derive(Default)]
struct Scratch {
    carried: Buffer,
    columns: Buffer,
    fed: Buffer,
    gated: Buffer,
    unprojected: Buffer,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(16);
static TILES: Shelf<Buffer> = Shelf::new(64);

pub(super) struct Pass<
    'a,
    'b,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT, UNITS>,
    pub(super) context: &'a Context,
    pub(super) weights: &'a PackedWeights,
    pub(super) sequence: Sequence,
    pub(super) call: Forward<'b>,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for Pass<'_, '_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
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
        let widths = engine.measures();
        let (panels, width) = (layout.blocks.count(), layout.blocks.width);
        let records = sequence.records();
        let batch = sequence.batch;
        let (inputs, hidden) = (widths.input, widths.hidden);
        let work = records * (inputs + widths.fed) * layout.columns * hidden;
        let threads = context.threads_for(work);
        let ranges = sequence.cut(threads);
        let thin = sequence.longest() > 1 && ranges.iter().any(|range| range.len() <= THIN);
        let by_panels = shares(panels, engine.cuts_of_units(threads, ranges.len()));

        let mut scratch = SCRATCH.take();
        let training = call.tape.is_some();
        let carried_rows = if training { batch + records } else { batch };
        let feeds_separately = engine.feeds_separately(&call.noise);
        let columns_row = if training {
            engine.record_columns() * width
        } else {
            layout.row()
        };
        let sizes = [
            panels * carried_rows * (STATES - 1) * width,
            if training || thin {
                panels * records * columns_row
            } else {
                0
            },
            match (feeds_separately, training) {
                (false, _) => 0,
                (true, true) => (batch + records) * widths.fed,
                (true, false) => 2 * batch * widths.fed,
            },
        ];
        let inner = |wanted: bool| match (wanted, training) {
            (false, _) => 0,
            (true, true) => records * hidden,
            (true, false) => batch * hidden,
        };
        let (gated_size, unprojected_size) = (
            inner(Engine::<C, COLUMNS, STATES, KEPT, UNITS>::GATED),
            inner(widths.is_projected),
        );
        let (mut kept, mut candidates) = (Shared::null(), Shared::null());
        let (mut normal, mut scales) = (Shared::null(), Shared::null());
        let [carried, columns, fed, gated, unprojected] = match &mut call.tape {
            Some(tape) => {
                let memory = &mut tape.memory;
                if engine.keeps_apart() {
                    kept = Shared::new(memory.kept.reserve(panels * records * KEPT * width));
                }
                if call.noise.zoneout.is_some() {
                    let length = panels * records * STATES * width;
                    candidates = Shared::new(memory.candidates.reserve(length));
                }
                if engine.is_normalised() {
                    normal = Shared::new(memory.normal.reserve(panels * records * layout.row()));
                    scales = Shared::new(memory.scales.reserve(records * COLUMNS));
                }
                [
                    &mut memory.carried,
                    &mut memory.columns,
                    &mut memory.fed,
                    &mut memory.gated,
                    &mut memory.unprojected,
                ]
            }
            None => [
                &mut scratch.carried,
                &mut scratch.columns,
                &mut scratch.fed,
                &mut scratch.gated,
                &mut scratch.unprojected,
            ],
        };
        let kept_row = if engine.keeps_apart() {
            KEPT * width
        } else {
            columns_row
        };
        let reserve = |buffer: &mut Buffer, length: usize| match length {
            0 => Shared::null(),
            _ => Shared::new(buffer.reserve(length)),
        };
        let mut finals = [Shared::null(); STATES];
        for (shared, state) in finals.iter_mut().zip(call.finals.iter_mut()) {
            *shared = Shared::new(state);
        }
        let columns = reserve(columns, sizes[1]);
        if training && !engine.keeps_apart() {
            kept = columns;
        }
        let rows = Rows {
            engine,
            weights,
            sequence: &sequence,
            input: call.input,
            initial: call.initial,
            noise: call.noise,
            output: Shared::new(call.output),
            finals,
            training,
            feeds_separately,
            carried_rows,
            kept,
            kept_row,
            carried: reserve(carried, sizes[0]),
            columns,
            columns_row,
            candidates,
            fed: reserve(fed, sizes[2]),
            gated: reserve(gated, gated_size),
            unprojected: reserve(unprojected, unprojected_size),
            normal,
            scales,
        };
        pool::run(threads, ranges.len() * by_panels.len(), &|task| {
            let (range, share) = (task / by_panels.len(), task % by_panels.len());
            // SAFETY: ranges are disjoint, and a task touches only the rows and records of its own; tasks
            // that share a range have panels of their own, of units that never meet.
            unsafe { rows.run::<V>(ranges[range].clone(), by_panels.part(share)) }
        });
        SCRATCH.put(scratch);
        if let Some(tape) = call.tape {
            tape.sequence = sequence;
            tape.written_by = Some(weights.identity);
        }
    }
}

/// A tile of rows at a step.
struct TileRows {
    step: usize,
    /// Position of the first row, and its place in the task's lists.
    position: usize,
    first: usize,
    rows: usize,
    /// Whether x_t·W is there already.
    has_input: bool,
}

/// What the tasks of a forward pass share.
pub(super) struct Rows<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT, UNITS>,
    pub(super) weights: &'a PackedWeights,
    pub(super) sequence: &'a Sequence,
    pub(super) input: &'a [f32],
    pub(super) initial: Option<&'a [&'a [f32]]>,
    pub(super) noise: Noise<'a>,
    pub(super) output: Shared<f32>,
    pub(super) finals: [Shared<f32>; STATES],
    pub(super) training: bool,
    /// Whether the recurrent product reads something else than the output.
    pub(super) feeds_separately: bool,
    pub(super) carried_rows: usize,
    kept: Shared<f32>,
    /// Distance between rows of `kept`, and of `columns`.
    kept_row: usize,
    columns_row: usize,
    pub(super) carried: Shared<f32>,
    columns: Shared<f32>,
    candidates: Shared<f32>,
    pub(super) fed: Shared<f32>,
    pub(super) gated: Shared<f32>,
    pub(super) unprojected: Shared<f32>,
    normal: Shared<f32>,
    scales: Shared<f32>,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Rows<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// All steps of a range of positions, for some panels.
    ///
    /// # Safety
    /// No other task runs with these panels of a position of the range; V's instruction set is there.
    unsafe fn run<V: Lanes>(&self, positions: Range<usize>, panels: Range<usize>) {
        let layout = &self.weights.layout;
        let steps = self.sequence.length(positions.start);
        let thin = positions.len() <= THIN && !self.columns.is_null() && steps > 1;
        let vectors = (layout.row() / V::WIDTH).min(MAX_VECTORS);
        let height = V::TILE_ROWS[vectors - 1];
        let mut tile_buffer = TILES.take();
        let buffer = tile_buffer
            .reserve(panels.len() * MAX_ROWS * layout.row())
            .as_mut_ptr();
        let mut places = self.places(positions.len());
        // SAFETY: positions belong to this task alone; offsets are those the buffers were reserved for.
        unsafe {
            self.start(&positions, &panels);
            if thin {
                self.input_products::<V>(&positions, &panels, height);
            }
            for step in 0..steps {
                let active = self.sequence.active(step, &positions);
                self.find(&mut places, positions.start, active, step);
                // With a single tile of rows the formula takes all panels at once, so that their
                // latencies overlap; otherwise it follows each product while its sums are in cache.
                let group = if active <= height || self.needs_whole_rows() {
                    panels.len()
                } else {
                    1
                };
                for first_panel in panels.clone().step_by(group) {
                    for (first, rows) in tiles(active, height) {
                        let tile = TileRows {
                            step,
                            position: positions.start + first,
                            first,
                            rows,
                            has_input: thin,
                        };
                        let records = self.sequence.records();
                        let record = self.sequence.record(step, tile.position);
                        let columns = if thin {
                            Panels {
                                start: self
                                    .columns
                                    .at((first_panel * records + record) * self.columns_row),
                                stride: records * self.columns_row,
                                row: self.columns_row,
                            }
                        } else {
                            Panels {
                                start: buffer,
                                stride: MAX_ROWS * layout.row(),
                                row: layout.row(),
                            }
                        };
                        self.tile::<V>(first_panel..first_panel + group, &tile, &places, columns);
                    }
                }
            }
            self.finish(&positions, &panels);
        }
        TILES.put(tile_buffer);
    }

    fn needs_whole_rows(&self) -> bool {
        self.engine.is_normalised() || !self.gated.is_null() || !self.unprojected.is_null()
    }
}
