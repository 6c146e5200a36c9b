//! The steps of some rows, last to first.
use super::{OutputPanel, output_panels};
use crate::cell::Cell;
use crate::lanes::Lanes;
use crate::memory::Shared;
use crate::product::pack::Blocks;
use crate::product::{
    MAX_ROWS, MAX_VECTORS, Segment, Start, Tile, multiply, row_pointers, row_pointers_mut, tiles,
};
use crate::recurrent::layout::Layout;
use crate::recurrent::sequence::Sequence;
use crate::recurrent::step::{Back, FedBack, Panels, Span, TileZone};
use crate::recurrent::{Backward, Engine, Widths, Zone};
use std::ops::Range;

/// What the tasks of the steps backward share.
pub(super) struct Rows<
    'a,
    'b,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT, UNITS>,
    pub(super) widths: Widths,
    pub(super) layout: &'a Layout,
    pub(super) sequence: &'a Sequence,
    pub(super) call: &'a Backward<'b>,
    pub(super) feeds_separately: bool,
    /// Uᵀ.
    pub(super) recurrent: &'a [f32],
    /// The projection, transposed.
    pub(super) projection: &'a [f32],
    /// Panels of the projected output.
    pub(super) projected: Blocks,
    pub(super) units: &'a [f32],
    pub(super) gain: &'a [f32],
    pub(super) kept: Shared<f32>,
    /// Distance between rows of `kept`, and of `columns`.
    pub(super) kept_row: usize,
    pub(super) columns_row: usize,
    pub(super) carried: &'a [f32],
    pub(super) candidates: &'a [f32],
    pub(super) normal: &'a [f32],
    pub(super) scales: &'a [f32],
    pub(super) unprojected: &'a [f32],
    pub(super) carry: Shared<f32>,
    pub(super) columns: Shared<f32>,
    pub(super) projected_gradient: Shared<f32>,
    pub(super) totals: Shared<f32>,
    pub(super) totals_row: usize,
    pub(super) initial: [Shared<f32>; STATES],
}

/// Room for the sums of a tile.
pub(super) type TileSums = [f32; MAX_ROWS * MAX_VECTORS * 16];
/// No sums yet.
pub(super) const NO_SUMS: TileSums = [0.0; MAX_ROWS * MAX_VECTORS * 16];

/// The rows of a tile, or null where there are none.
pub(super) fn pointer(rows: &Option<[*const f32; MAX_ROWS]>) -> *const *const f32 {
    rows.as_ref().map_or(std::ptr::null(), |rows| rows.as_ptr())
}

/// Which of the recurrent columns a product goes through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Through {
    /// Those that read the fed-back state, of this step.
    State(usize),
    /// Those that read the gated state, of this step.
    Gated(usize),
    /// None: the product is what it starts from.
    Nothing,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Rows<'_, '_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// All steps of a range of positions, last to first, for some panels.
    ///
    /// # Safety
    /// No other task runs with these panels of a position of the range; V's instruction set is there.
    pub(super) unsafe fn run<V: Lanes>(&self, positions: Range<usize>, panels: Range<usize>) {
        let hidden = self.widths.hidden;
        let height = V::TILE_ROWS[MAX_VECTORS - 1];
        let steps = self.sequence.length(positions.start);
        let state_rows = self.layout.state_slots.len() * hidden;
        let (first, count) = (panels.start, panels.len());
        let needs_whole_rows = self.engine.is_normalised() || !self.layout.gated_order.is_empty();
        for step in (0..steps).rev() {
            let active = self.sequence.active(step, &positions);
            let later = self.sequence.active(step + 1, &positions);
            let parts = [(0, later, false), (later, active - later, true)];
            let each_tile = |each: &dyn Fn(usize, usize, bool)| {
                for (start, count, last) in parts {
                    for (first, height) in tiles(count, height) {
                        each(positions.start + start + first, height, last);
                    }
                }
            };
            // SAFETY: these rows and their records belong to this task.
            unsafe {
                if self.widths.is_projected {
                    for panel in output_panels::<V>(self.widths.output, state_rows) {
                        each_tile(&|position, rows, last| {
                            self.projected_tile::<V>(step, position, rows, panel, last);
                        });
                    }
                }
                for panel in output_panels::<V>(hidden, state_rows)
                    .skip(first)
                    .take(count)
                {
                    each_tile(&|position, rows, last| {
                        self.tile::<V>(step, position, rows, panel, last);
                    });
                }
                if needs_whole_rows {
                    each_tile(&|position, rows, _| self.whole_rows::<V>(step, position, rows));
                }
            }
        }
        if !self.initial[0].is_null() {
            // SAFETY: as above.
            unsafe { self.initial_gradients::<V>(positions, panels, height) };
        }
    }

    /// `start` and the gradient of the fed-back (or gated) state for `rows` rows and a panel of it.
    ///
    /// # Safety
    /// The rows belong to this task; `out` has room for a tile.
    pub(super) unsafe fn product<V: Lanes>(
        &self,
        through: Through,
        position: usize,
        rows: usize,
        panel: OutputPanel,
        start: Start,
        out: *mut f32,
    ) {
        let (hidden, row) = (self.widths.hidden, self.columns_row);
        let width = self.layout.blocks.width;
        let mut segments = [Segment::rows(std::ptr::null(), 0, std::ptr::null(), 0); COLUMNS];
        let mut pointers = [[std::ptr::null(); MAX_ROWS]; COLUMNS];
        let mut count = 0;
        if let Through::State(step) | Through::Gated(step) = through {
            let record = self.sequence.record(step, position);
            let wanted = matches!(through, Through::Gated(_));
            let slots = self.layout.state_slots.iter().enumerate();
            let slots = slots.filter(|(_, (_, gated))| *gated == wanted);
            for ((index, (slot, _)), pointers) in slots.zip(&mut pointers) {
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
                    panel: self.recurrent[panel.offset + index * hidden * panel.stride..].as_ptr(),
                    panel_stride: panel.stride,
                };
                count += 1;
            }
        }
        // SAFETY: all as said above.
        unsafe { Self::sum::<V>(rows, panel, start, &segments[..count], out) }
    }

    /// A product into the room of a tile.
    ///
    /// # Safety
    /// As [`multiply`].
    unsafe fn sum<V: Lanes>(
        rows: usize,
        panel: OutputPanel,
        start: Start,
        segments: &[Segment],
        out: *mut f32,
    ) {
        // SAFETY: the buffer has room for every row of a tile; rows and vectors are within the table.
        unsafe {
            let out = row_pointers_mut(rows, |m| out.add(m * MAX_VECTORS * V::WIDTH));
            let tile = Tile {
                start,
                segments,
                out: out.as_ptr(),
                columns: panel.outputs,
            };
            multiply::<V>(rows, panel.stride / V::WIDTH, &tile);
        }
    }

    /// The gradient of the formula's h, from that of the projected output at this step.
    unsafe fn through_projection<V: Lanes>(
        &self,
        record: usize,
        rows: usize,
        unit: usize,
        out: *mut f32,
    ) {
        let (blocks, records) = (self.projected, self.sequence.records());
        let panels = output_panels::<V>(self.widths.hidden, self.widths.output);
        let Some(panel) = panels.into_iter().find(|panel| panel.first == unit) else {
            return;
        };
        // SAFETY: the gradient of these records was written before; the projection has a row for each output.
        unsafe {
            let pointers = row_pointers(rows, |m| {
                self.projected_gradient
                    .at((record + m) * blocks.width)
                    .cast_const()
            });
            let segment = Segment {
                rows: pointers.as_ptr(),
                step: 1,
                run: blocks.width,
                run_stride: records * blocks.width,
                length: blocks.units,
                panel: self.projection[panel.offset..].as_ptr(),
                panel_stride: panel.stride,
            };
            Self::sum::<V>(rows, panel, Start::Zero, &[segment], out);
        }
    }

    /// Pointers to the rows of the output gradient, from a unit on.
    pub(super) fn output_gradient(
        &self,
        step: usize,
        position: usize,
        rows: usize,
        unit: usize,
    ) -> Option<[*const f32; MAX_ROWS]> {
        let width = self.widths.output;
        // Beyond the output's width there is nothing: a tile of units behind a projection to fewer.
        let gradient = self.call.output_gradient.filter(|_| unit < width)?;
        Some(row_pointers(rows, |m| {
            gradient[self.sequence.place(position + m, step) * width + unit..].as_ptr()
        }))
    }

    /// Pointers to the factors of the fed-back state.
    pub(super) fn factors(&self, position: usize, rows: usize) -> Option<[*const f32; MAX_ROWS]> {
        let factors = self.call.noise.recurrent?;
        let width = self.widths.fed;
        Some(row_pointers(rows, |m| {
            factors[self.sequence.row(position + m) * width..].as_ptr()
        }))
    }

    /// Pointers to h before a step; `None`: zeros.
    pub(super) fn h_before(
        &self,
        step: usize,
        position: usize,
        rows: usize,
    ) -> Option<[*const f32; MAX_ROWS]> {
        let hidden = self.widths.hidden;
        match (step, self.call.initial) {
            _ if self.widths.is_projected => None,
            (0, None) => None,
            (0, Some(states)) => Some(row_pointers(rows, |m| {
                states[0][self.sequence.row(position + m) * hidden..].as_ptr()
            })),
            _ => Some(row_pointers(rows, |m| {
                let place = self.sequence.place(position + m, step - 1) * hidden;
                self.call.output[place..].as_ptr()
            })),
        }
    }

    /// An array of the forward pass; what is only read is cast to the pointer type that what is written needs.
    fn read(&self, from: &[f32], row: usize, rows: usize, slots: usize) -> Panels {
        let width = self.layout.blocks.width;
        Panels {
            start: from.as_ptr().cast_mut().wrapping_add(row * slots * width),
            stride: rows * slots * width,
            row: slots * width,
        }
    }

    /// The states beside h before a step.
    pub(super) fn carried_before(&self, step: usize, position: usize) -> Panels {
        let (batch, records) = (self.sequence.batch, self.sequence.records());
        let row = match step {
            0 => position,
            _ => batch + self.sequence.record(step - 1, position),
        };
        self.read(self.carried, row, batch + records, STATES - 1)
    }

    /// What the formula kept of a record.
    ///
    /// # Safety
    /// The record is one of this task's.
    pub(super) unsafe fn kept(&self, record: usize) -> Panels {
        Panels {
            // SAFETY: the buffer holds every record.
            start: unsafe { self.kept.at(record * self.kept_row) },
            stride: self.sequence.records() * self.kept_row,
            row: self.kept_row,
        }
    }

    /// Where the gradients of the columns of a record lie.
    ///
    /// # Safety
    /// The record is one of this task's.
    pub(super) unsafe fn columns_of(&self, record: usize) -> Panels {
        let (row, records) = (self.columns_row, self.sequence.records());
        Panels {
            // SAFETY: the buffer holds every record.
            start: unsafe { self.columns.at(record * row) },
            stride: records * row,
            row,
        }
    }

    /// Where the gradients on their way to the step before lie.
    ///
    /// # Safety
    /// The position is one of this task's.
    pub(super) unsafe fn carry_of(&self, position: usize) -> Panels {
        let width = self.layout.blocks.width;
        Panels {
            // SAFETY: the buffer holds every position.
            start: unsafe { self.carry.at(position * STATES * width) },
            stride: self.sequence.batch * STATES * width,
            row: STATES * width,
        }
    }

    /// Where the sums over the steps of a position lie.
    ///
    /// # Safety
    /// As [`Rows::carry_of`].
    pub(super) unsafe fn totals_of(&self, position: usize) -> Panels {
        Panels {
            // SAFETY: as above.
            start: unsafe { self.totals.at(position * self.totals_row) },
            stride: self.sequence.batch * self.totals_row,
            row: self.totals_row,
        }
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
        let hidden = self.widths.hidden;
        let is_projected = self.widths.is_projected;
        let record = self.sequence.record(step, position);
        let (mut sums, mut fed_sums) = (NO_SUMS, NO_SUMS);
        let output_gradient = self.output_gradient(step, position, rows, unit);
        let start = match &output_gradient {
            Some(starts) => Start::Rows(starts.as_ptr()),
            None => Start::Zero,
        };
        let through = if last {
            Through::Nothing
        } else {
            Through::State(step + 1)
        };
        let feeds_here = self.feeds_separately && !(is_projected && C::FED == 0);
        // SAFETY: by contract.
        unsafe {
            if is_projected {
                self.through_projection::<V>(record, rows, unit, sums.as_mut_ptr());
            } else {
                let through = if feeds_here {
                    Through::Nothing
                } else {
                    through
                };
                self.product::<V>(through, position, rows, panel, start, sums.as_mut_ptr());
            }
            if feeds_here {
                let (start, out) = (Start::Zero, fed_sums.as_mut_ptr());
                self.product::<V>(through, position, rows, panel, start, out);
            }
        }
        let factors = self.factors(position, rows);
        let finals = last.then(|| match self.call.finals_gradient {
            Some(finals) => std::array::from_fn(|state| match state {
                // It came in with the gradient of the projected output.
                0 if is_projected => [std::ptr::null(); MAX_ROWS],
                _ => row_pointers(rows, |m| {
                    finals[state][self.sequence.row(position + m) * hidden..].as_ptr()
                }),
            }),
            None => [[std::ptr::null(); MAX_ROWS]; STATES],
        });
        let (batch, records) = (self.sequence.batch, self.sequence.records());
        let place = |m: usize| self.sequence.place(position + m, step) * hidden;
        let h = row_pointers(rows, |m| {
            if is_projected {
                self.unprojected[(record + m) * hidden..].as_ptr()
            } else {
                self.call.output[place(m)..].as_ptr()
            }
        });
        let h_before = self.h_before(step, position, rows);
        let masks: [[*const f32; MAX_ROWS]; STATES];
        let zones = match self.call.noise.zoneout {
            None => None,
            Some(zones) => {
                masks = std::array::from_fn(|state| match zones[state] {
                    Zone::Kept(mask) => row_pointers(rows, |m| mask[place(m)..].as_ptr()),
                    Zone::Share(_) => [std::ptr::null(); MAX_ROWS],
                });
                Some(std::array::from_fn(|state| match zones[state] {
                    Zone::Share(share) => TileZone::Share(share),
                    Zone::Kept(_) => TileZone::Kept(masks[state].as_ptr()),
                }))
            }
        };
        // SAFETY: every array is that of the forward pass, at the rows of this tile.
        unsafe {
            V::enter(Back {
                cell: self.engine.cell(),
                span: Span {
                    rows,
                    unit,
                    units,
                    width: self.layout.blocks.width,
                    slot: &self.layout.slot,
                },
                units: self.units.as_ptr(),
                sums: sums.as_ptr(),
                sums_stride: MAX_VECTORS * V::WIDTH,
                fed: feeds_here.then(|| FedBack {
                    sums: fed_sums.as_ptr(),
                    factors: pointer(&factors),
                }),
                carry: self.carry_of(position),
                last: finals,
                h_before: pointer(&h_before),
                h: h.as_ptr(),
                carried_before: self.carried_before(step, position),
                carried: self.read(self.carried, batch + record, batch + records, STATES - 1),
                kept: self.kept(record),
                zones,
                candidates: zones
                    .is_some()
                    .then(|| self.read(self.candidates, record, records, STATES)),
                columns: self.columns_of(record),
                totals: self.totals_of(position),
            });
        }
    }
}
