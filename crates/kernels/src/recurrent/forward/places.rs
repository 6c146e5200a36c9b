//! Where the rows of a step lie, in the forward pass; and its borders: initial and final states, padding.
use super::Rows;
use crate::cell::Cell;
use crate::recurrent::step::TileZone;
use crate::recurrent::{Recurrence, Zone};
use std::ops::Range;

/// For each position of a task, where its rows of this step lie. Lists that a layer does not need stay empty.
pub(super) struct Places<const STATES: usize> {
    pub(super) input: Vec<*const f32>,
    /// The output of the step before, or the initial h (which is only read).
    before: Vec<*mut f32>,
    /// The output of this step.
    pub(super) output: Vec<*mut f32>,
    /// What the recurrent product reads, where it is not the output before; and where this step leaves it.
    operand: Vec<*const f32>,
    pub(super) fed: Vec<*mut f32>,
    pub(super) factors: Vec<*const f32>,
    pub(super) gated: Vec<*mut f32>,
    pub(super) unprojected: Vec<*mut f32>,
    pub(super) zones: [Vec<*const f32>; STATES],
    step: usize,
    has_initial: bool,
}

impl<const STATES: usize> Places<STATES> {
    /// Pointers to h_(t−1) from a position on; null where it is zero.
    pub(super) fn before(&self, first: usize) -> *const *const f32 {
        if self.step > 0 || self.has_initial {
            self.before[first..].as_ptr().cast()
        } else {
            std::ptr::null()
        }
    }

    /// Pointers to what the recurrent product reads; null where it is zero.
    pub(super) fn operand(&self, first: usize) -> *const *const f32 {
        if self.operand.is_empty() {
            self.before(first)
        } else if self.step > 0 || self.has_initial {
            self.operand[first..].as_ptr()
        } else {
            std::ptr::null()
        }
    }
}

/// The pointers from a position on, or null where there is no such list.
pub(super) fn from_or_null<T>(list: &[T], first: usize) -> *const T {
    list.get(first..)
        .filter(|rest| !rest.is_empty())
        .map_or(std::ptr::null(), <[T]>::as_ptr)
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Rows<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    pub(super) fn places(&self, rows: usize) -> Places<STATES> {
        let write = |wanted: bool| vec![std::ptr::null_mut(); if wanted { rows } else { 0 }];
        let read = |wanted: bool| vec![std::ptr::null(); if wanted { rows } else { 0 }];
        let masked = |state: usize| matches!(self.noise.zoneout, Some(zones) if matches!(zones[state], Zone::Kept(_)));
        Places {
            input: read(true),
            before: write(true),
            output: write(true),
            operand: read(self.feeds_separately),
            fed: write(self.feeds_separately),
            factors: read(self.noise.recurrent.is_some()),
            gated: write(!self.gated.is_null()),
            unprojected: write(!self.unprojected.is_null()),
            zones: std::array::from_fn(|state| read(masked(state))),
            step: 0,
            has_initial: self.initial.is_some(),
        }
    }

    /// Where the rows of a step lie.
    ///
    /// # Safety
    /// The positions belong to this task, and `active` of them are alive at the step.
    pub(super) unsafe fn find(
        &self,
        places: &mut Places<STATES>,
        start: usize,
        active: usize,
        step: usize,
    ) {
        let widths = self.engine.widths();
        places.step = step;
        std::mem::swap(&mut places.before, &mut places.output);
        for index in 0..active {
            let position = start + index;
            let place = self.sequence.place(position, step);
            places.input[index] = self.input.as_ptr().wrapping_add(place * widths.input);
            // SAFETY: the place of a step of a position lies in the output, its rows in the arrays.
            unsafe {
                places.output[index] = self.output.at(place * widths.output);
                if self.feeds_separately {
                    let [before, after] = self.fed_rows(step, position);
                    places.operand[index] = self.fed.at(before * widths.fed);
                    places.fed[index] = self.fed.at(after * widths.fed);
                }
                let row = self.inner_row(step, position) * widths.hidden;
                if let Some(gated) = places.gated.get_mut(index) {
                    *gated = self.gated.at(row);
                }
                if let Some(unprojected) = places.unprojected.get_mut(index) {
                    *unprojected = self.unprojected.at(row);
                }
            }
            let row = self.sequence.row(position);
            if step == 0
                && let Some(states) = self.initial
            {
                places.before[index] = states[0][row * widths.output..].as_ptr().cast_mut();
            }
            if let Some(factors) = self.noise.recurrent {
                places.factors[index] = factors[row * widths.fed..].as_ptr();
            }
            for (state, rows) in places.zones.iter_mut().enumerate() {
                if let Some(Zone::Kept(mask)) = self.zone(state)
                    && let Some(to) = rows.get_mut(index)
                {
                    *to = mask[place * widths.hidden..].as_ptr();
                }
            }
        }
    }

    fn zone(&self, state: usize) -> Option<Zone<'_>> {
        self.noise.zoneout.map(|zones| zones[state])
    }

    /// The zoneout of a tile of rows.
    pub(super) fn tile_zones(
        &self,
        places: &Places<STATES>,
        first: usize,
    ) -> Option<[TileZone; STATES]> {
        self.noise.zoneout.map(|zones| {
            std::array::from_fn(|state| match zones[state] {
                Zone::Share(share) => TileZone::Share(share),
                Zone::Kept(_) => TileZone::Kept(places.zones[state][first..].as_ptr()),
            })
        })
    }

    /// The row of `carried` that holds a position's states *before* a step.
    pub(super) fn carried_row(&self, step: usize, position: usize) -> usize {
        match step {
            _ if !self.training => position,
            0 => position,
            _ => self.sequence.batch + self.sequence.record(step - 1, position),
        }
    }

    /// The rows of `fed` before and after a step. In inference two rows of each position take turns, because
    /// the panels of a step all read the one while they write the other.
    fn fed_rows(&self, step: usize, position: usize) -> [usize; 2] {
        if self.training {
            [step, step + 1].map(|step| self.carried_row(step, position))
        } else {
            [step, step + 1].map(|step| step % 2 * self.sequence.batch + position)
        }
    }

    /// The row of what a step needs only for itself.
    pub(super) fn inner_row(&self, step: usize, position: usize) -> usize {
        if self.training {
            self.sequence.record(step, position)
        } else {
            position
        }
    }

    /// Lays out the initial states that the cell carries beside h, and what the first product reads.
    ///
    /// # Safety
    /// The positions and panels belong to this task.
    pub(super) unsafe fn start(&self, positions: &Range<usize>, panels: &Range<usize>) {
        let blocks = self.weights.layout.blocks;
        let widths = self.engine.widths();
        for state in 1..STATES {
            for position in positions.clone() {
                for block in panels.clone() {
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
        let (true, Some(initial)) = (self.feeds_separately, self.initial) else {
            return;
        };
        for position in positions.clone() {
            let row = self.sequence.row(position) * widths.fed;
            let from = &initial[C::FED][row..row + widths.fed];
            // SAFETY: as above.
            let to = unsafe {
                let to = self.fed.at(self.fed_rows(0, position)[0] * widths.fed);
                std::slice::from_raw_parts_mut(to, widths.fed)
            };
            to.copy_from_slice(from);
            if let Some(factors) = self.noise.recurrent {
                for (value, factor) in to.iter_mut().zip(&factors[row..]) {
                    *value *= factor;
                }
            }
        }
    }

    /// Writes the final states, and zeros at padding.
    ///
    /// # Safety
    /// As [`Rows::start`].
    pub(super) unsafe fn finish(&self, positions: &Range<usize>, panels: &Range<usize>) {
        let blocks = self.weights.layout.blocks;
        let widths = self.engine.widths();
        let all = panels.len() == blocks.count();
        let units = if all {
            0..widths.output
        } else {
            // Only a layer without projection is cut by units.
            panels.start * blocks.width..(panels.end * blocks.width).min(blocks.units)
        };
        for position in positions.clone() {
            let length = self.sequence.length(position);
            let row = self.sequence.row(position);
            // SAFETY: rows of this task's own, inside output, finals and carried.
            unsafe {
                let place = self.sequence.place(position, length - 1) * widths.output;
                let last = self.output.at(place + units.start);
                let to = self.finals[0].at(row * widths.output + units.start);
                std::ptr::copy_nonoverlapping(last, to, units.len());
                for state in 1..STATES {
                    for block in panels.clone() {
                        let from = block * self.carried_rows + self.carried_row(length, position);
                        let from = (from * (STATES - 1) + state - 1) * blocks.width;
                        std::ptr::copy_nonoverlapping(
                            self.carried.at(from),
                            self.finals[state].at(row * blocks.units + block * blocks.width),
                            blocks.units_in(block),
                        );
                    }
                }
            }
        }
        if panels.start > 0 {
            return;
        }
        for padding in self.sequence.padding(positions.clone()) {
            // SAFETY: as above; of the tasks that share these positions the first does this.
            unsafe {
                std::slice::from_raw_parts_mut(
                    self.output.at(padding.start * widths.output),
                    padding.len() * widths.output,
                )
                .fill(0.0);
            }
        }
    }
}
