//! What needs whole rows of units in a step backward: the projected output before the formula; the
//! normalisation and the gated product after it; and at the end the gradients of the initial states.
use super::rows::{NO_SUMS, Rows, Through, pointer};
use super::{OutputPanel, output_panels};
use crate::cell::Cell;
use crate::lanes::Lanes;
use crate::product::{MAX_VECTORS, Start, tiles};
use crate::recurrent::gate::GateBack;
use crate::recurrent::normalise::{NormaliseBack, Place};
use crate::recurrent::step::{Panels, Span};
use std::ops::Range;

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Rows<'_, '_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// The gradient of a panel of the projected output: dy, what the next step read of it, and that of the final
    /// state.
    ///
    /// # Safety
    /// The rows belong to this task.
    pub(super) unsafe fn projected_tile<V: Lanes>(
        &self,
        step: usize,
        position: usize,
        rows: usize,
        panel: OutputPanel,
        last: bool,
    ) {
        let stride = MAX_VECTORS * V::WIDTH;
        let (mut sums, mut fed) = (NO_SUMS, NO_SUMS);
        let output_gradient = self.output_gradient(step, position, rows, panel.first);
        let start = match &output_gradient {
            Some(starts) => Start::Rows(starts.as_ptr()),
            None => Start::Zero,
        };
        let through = if last || C::FED != 0 {
            Through::Nothing
        } else {
            Through::State(step + 1)
        };
        let factors = self.factors(position, rows).filter(|_| C::FED == 0);
        // SAFETY: rows of this task's own; the buffers have room for a tile.
        unsafe {
            if let Some(factors) = &factors {
                let nothing = Through::Nothing;
                self.product::<V>(nothing, position, rows, panel, start, sums.as_mut_ptr());
                let zero = Start::Zero;
                self.product::<V>(through, position, rows, panel, zero, fed.as_mut_ptr());
                for (m, factors) in factors.iter().enumerate().take(rows) {
                    for index in 0..panel.outputs {
                        let factor = *factors.add(panel.first + index);
                        let at = m * stride + index;
                        sums[at] = fed[at].mul_add(factor, sums[at]);
                    }
                }
            } else {
                self.product::<V>(through, position, rows, panel, start, sums.as_mut_ptr());
            }
        }
        let (blocks, records) = (self.projected, self.sequence.records());
        let record = self.sequence.record(step, position);
        let finals = self.call.finals_gradient.filter(|_| last);
        for m in 0..rows {
            let row = self.sequence.row(position + m) * blocks.units;
            for index in 0..panel.outputs {
                let unit = panel.first + index;
                let of_final = finals.map_or(0.0, |finals| finals[0][row + unit]);
                let (block, inside) = (unit / blocks.width, unit % blocks.width);
                let at = (block * records + record + m) * blocks.width + inside;
                // SAFETY: records of this task's own.
                unsafe {
                    *self.projected_gradient.at(at) = sums[m * stride + index] + of_final;
                }
            }
        }
    }

    /// Takes the gradients of the columns of a tile of rows, all units of them, back through the normalisation and
    /// the gated product.
    ///
    /// # Safety
    /// The rows belong to this task.
    pub(super) unsafe fn whole_rows<V: Lanes>(&self, step: usize, position: usize, rows: usize) {
        let layout = self.layout;
        let (width, units) = (layout.blocks.width, layout.blocks.units);
        let records = self.sequence.records();
        let record = self.sequence.record(step, position);
        let gated = layout.gated_first..layout.gated_first + layout.gated_order.len();
        // SAFETY: by contract; every array is that of the forward pass.
        unsafe {
            let normalise = |slots: Range<usize>| {
                if !self.engine.is_normalised() || slots.is_empty() {
                    return;
                }
                let row = layout.row();
                V::enter(NormaliseBack {
                    place: Place {
                        rows,
                        units,
                        width,
                        columns: COLUMNS,
                        gain: self.gain,
                    },
                    slots,
                    columns: self.columns_of(record),
                    normal: Panels {
                        start: self.normal.as_ptr().cast_mut().wrapping_add(record * row),
                        stride: records * row,
                        row,
                    },
                    scales: self.scales[record * COLUMNS..].as_ptr(),
                    totals: self.totals_of(position),
                    first_total: UNITS,
                });
            };
            normalise(gated.clone());
            if !gated.is_empty() {
                let h_before = self.h_before(step, position, rows);
                let factors = self.factors(position, rows);
                let all = layout.state_slots.len() * units;
                for panel in output_panels::<V>(units, all) {
                    let mut sums = NO_SUMS;
                    let (through, out) = (Through::Gated(step), sums.as_mut_ptr());
                    self.product::<V>(through, position, rows, panel, Start::Zero, out);
                    V::enter(GateBack {
                        cell: self.engine.cell(),
                        span: Span {
                            rows,
                            unit: panel.first,
                            units: panel.outputs,
                            width,
                            slot: &layout.slot,
                        },
                        sums: sums.as_ptr(),
                        sums_stride: MAX_VECTORS * V::WIDTH,
                        factors: pointer(&factors),
                        h_before: pointer(&h_before),
                        carried_before: self.carried_before(step, position),
                        kept: self.kept(record),
                        columns: self.columns_of(record),
                        carry: self.carry_of(position),
                    });
                }
            }
            normalise(0..gated.start);
            normalise(gated.end..COLUMNS);
        }
    }

    /// Gradients of the initial states: what step 0 passes on, through its products and directly.
    ///
    /// # Safety
    /// The positions and panels belong to this task.
    pub(super) unsafe fn initial_gradients<V: Lanes>(
        &self,
        positions: Range<usize>,
        panels: Range<usize>,
        height: usize,
    ) {
        let widths = self.widths;
        let stride = MAX_VECTORS * V::WIDTH;
        let rows = self.layout.state_slots.len() * widths.hidden;
        for (state, to) in self.initial.iter().enumerate() {
            let is_output = state == 0 && widths.is_projected;
            let width = if is_output {
                widths.output
            } else {
                widths.hidden
            };
            let through = if state == C::FED {
                Through::State(0)
            } else {
                Through::Nothing
            };
            // Only a layer without projection is cut by panels.
            let (first, count) = if is_output {
                (0, usize::MAX)
            } else {
                (panels.start, panels.len())
            };
            for panel in output_panels::<V>(width, rows).skip(first).take(count) {
                for (first, count) in tiles(positions.len(), height) {
                    let position = positions.start + first;
                    let mut sums = NO_SUMS;
                    // SAFETY: rows of this task's own; the buffer has room for a tile.
                    unsafe {
                        let (start, out) = (Start::Zero, sums.as_mut_ptr());
                        self.product::<V>(through, position, count, panel, start, out);
                    }
                    let factors = self.factors(position, count).filter(|_| state == C::FED);
                    for m in 0..count {
                        let row = self.sequence.row(position + m) * width;
                        for index in 0..panel.outputs {
                            let unit = panel.first + index;
                            let mut sum = sums[m * stride + index];
                            // SAFETY: as above.
                            unsafe {
                                if let Some(factors) = &factors {
                                    sum *= *factors[m].add(unit);
                                }
                                if !is_output {
                                    sum += *self.carry_at(position + m, state, unit);
                                }
                                *to.at(row + unit) = sum;
                            }
                        }
                    }
                }
            }
        }
    }

    /// What is on its way to a state before the first step.
    unsafe fn carry_at(&self, position: usize, state: usize, unit: usize) -> *const f32 {
        let width = self.layout.blocks.width;
        let (block, inside) = (unit / width, unit % width);
        let row = (block * self.sequence.batch + position) * STATES + state;
        // SAFETY: the buffer holds every panel, position and state.
        unsafe { self.carry.at(row * width + inside) }
    }
}
