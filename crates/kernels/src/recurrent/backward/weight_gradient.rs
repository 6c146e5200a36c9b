//! Gradients of the parameters and of the input, once the gradients of all columns are known.
//!
//! dW = Σ over records of d_columnsᵀ·x: one product over time × batch, cut by rows of W so that every
//! sum stays whole and in the order of the records, whatever the number of threads. Records come in
//! strips that fit the cache; the sum goes on from where the last strip left it.
use super::output_panels;
use crate::lanes::Lanes;
use crate::memory::{Buffer, Shared, Shelf};
use crate::product::pack::{Blocks, Transpose};
use crate::product::{
    MAX_VECTORS, STRIP, Segment, Start, Tile, multiply, pack, row_pointers, row_pointers_mut,
    sum_rows, tiles, wide,
};
use crate::recurrent::Widths;
use crate::recurrent::layout::Layout;
use crate::recurrent::sequence::Sequence;
use std::ops::Range;

static TRANSPOSED: Shelf<Buffer> = Shelf::new(64);

/// The sums on their way: `[panel, I, input slots · P]`, `[panel, F, state slots · P]`, `[panel, H, gated slots ·
/// P]`, `[panel, slots · P]`, `[panel of outputs, H, P]`.
#[derive(Default)]
pub(super) struct Sums {
    input: Buffer,
    recurrent: Buffer,
    gated: Buffer,
    bias: Buffer,
    projection: Buffer,
}

/// Where the sums lie.
#[derive(Clone, Copy)]
pub(super) struct SumPlaces {
    input: Shared<f32>,
    recurrent: Shared<f32>,
    gated: Shared<f32>,
    bias: Shared<f32>,
    projection: Shared<f32>,
}

impl Sums {
    pub(super) fn reserve(&mut self, products: &Products<'_>) -> SumPlaces {
        let (layout, widths) = (products.layout, products.widths);
        let panels = layout.blocks.count();
        let outputs = if widths.is_projected {
            products.projected.count() * products.projected.width
        } else {
            0
        };
        let place = |buffer: &mut Buffer, length: usize| Shared::new(buffer.reserve(length));
        SumPlaces {
            input: place(&mut self.input, panels * widths.input * layout.input_row()),
            recurrent: place(
                &mut self.recurrent,
                panels * widths.fed * layout.state_row(),
            ),
            gated: place(&mut self.gated, panels * widths.hidden * layout.gated_row()),
            bias: place(&mut self.bias, panels * layout.row()),
            projection: place(&mut self.projection, outputs * widths.hidden),
        }
    }
}

/// The operands.
pub(super) struct Products<'a> {
    pub(super) layout: &'a Layout,
    pub(super) sequence: &'a Sequence,
    pub(super) widths: Widths,
    /// Which state is fed back.
    pub(super) fed_state: usize,
    pub(super) input: &'a [f32],
    pub(super) output: &'a [f32],
    /// `[B + R, F]`: what the recurrent products read, where it is not the output.
    pub(super) fed: Option<&'a [f32]>,
    /// The states before the first step.
    pub(super) initial: Option<&'a [&'a [f32]]>,
    /// `[R, H]`.
    pub(super) gated: &'a [f32],
    pub(super) unprojected: &'a [f32],
    /// Panels of the projected output.
    pub(super) projected: Blocks,
    /// `[panel, R, columns, P]`.
    pub(super) columns: Shared<f32>,
    /// Distance between its rows, of which the columns fill the beginning.
    pub(super) columns_row: usize,
    /// `[panel of outputs, R, P]`.
    pub(super) projected_gradient: Shared<f32>,
    /// `[panel, B, totals_row]`: sums over the steps of each row: unit weights, gain, shift.
    pub(super) totals: Shared<f32>,
    pub(super) totals_row: usize,
    pub(super) unit_order: &'a [usize],
    /// The order of gain and shift; empty without normalisation.
    pub(super) gain_order: &'a [usize],
}

/// An operand in columns: `[tile][record][element]`.
struct Columns<'a> {
    values: &'a mut [f32],
    elements: usize,
    height: usize,
}

impl Columns<'_> {
    /// Lays a strip of rows out.
    ///
    /// # Safety
    /// Every row has `elements` values, or is null.
    unsafe fn fill<V: Lanes>(&mut self, rows: &[*const f32]) {
        // SAFETY: the buffer has room for a strip.
        unsafe {
            V::enter(Transpose {
                rows,
                tiles: tiles(self.elements, self.height),
                out: self.values.as_mut_ptr(),
            });
        }
    }
}

fn tile_height<V: Lanes>(columns: usize) -> usize {
    V::TILE_ROWS[(columns / V::WIDTH).clamp(1, MAX_VECTORS) - 1]
}

impl Products<'_> {
    /// The gradients of everything but the projection for the units of some panels.
    ///
    /// # Safety
    /// No other task has these panels; `sums` was reserved for this layout.
    pub(super) unsafe fn weights<V: Lanes>(
        &self,
        panels: Range<usize>,
        sums: SumPlaces,
        gradients: [Shared<f32>; 6],
    ) {
        let layout = self.layout;
        let Widths {
            input: inputs,
            hidden,
            fed,
            ..
        } = self.widths;
        let records = self.sequence.records();
        let (input_row, state_row, gated_row, row) = (
            layout.input_row(),
            layout.state_row(),
            layout.gated_row(),
            layout.row(),
        );
        let record_row = self.columns_row;
        let from_zero = match self.initial {
            Some(_) => 0,
            None => self.sequence.active(0, &(0..self.sequence.batch)),
        };
        let mut buffer = TRANSPOSED.take();
        let gated_elements = if gated_row > 0 { hidden } else { 0 };
        let room = buffer.reserve(STRIP * (inputs + fed + gated_elements));
        let (x, rest) = room.split_at_mut(STRIP * inputs);
        let (s, q) = rest.split_at_mut(STRIP * fed);
        let columns = |values, elements, columns| Columns {
            values,
            elements,
            height: tile_height::<V>(columns),
        };
        let mut x = columns(x, inputs, input_row);
        let mut s = columns(s, fed, state_row);
        let mut q = columns(q, gated_elements, gated_row);
        let mut rows = [[std::ptr::null(); STRIP]; 3];
        for start in (0..records).step_by(STRIP) {
            let strip = start..(start + STRIP).min(records);
            let count = strip.len();
            for (index, (step, position)) in self.sequence.walk(strip).enumerate() {
                let place = self.sequence.place(position, step) * inputs;
                rows[0][index] = self.input[place..].as_ptr();
                rows[1][index] = self.fed_before(step, position);
                if gated_row > 0 {
                    rows[2][index] = self.gated[(start + index) * hidden..].as_ptr();
                }
            }
            // SAFETY: every row has as many elements as its tiles cover.
            unsafe {
                x.fill::<V>(&rows[0][..count]);
                if state_row > 0 {
                    s.fill::<V>(&rows[1][..count]);
                }
                if gated_row > 0 {
                    q.fill::<V>(&rows[2][..count]);
                }
            }
            let strip = Strip {
                first: start == 0,
                records: count,
                zeros: 0,
                row: record_row,
            };
            // Nothing was fed back into the first step of rows that start from zero.
            let fed_strip = Strip {
                zeros: from_zero.saturating_sub(start).min(count),
                ..strip
            };
            for panel in panels.clone() {
                // SAFETY: the panel's records and sums lie where the layout says.
                unsafe {
                    let columns = self
                        .columns
                        .at((panel * records + start) * record_row)
                        .cast_const();
                    let to = sums.input.at(panel * inputs * input_row);
                    strip.product::<V>(&x, columns, input_row, to);
                    let to = sums.recurrent.at(panel * fed * state_row);
                    fed_strip.product::<V>(&s, columns.add(row - state_row), state_row, to);
                    if gated_row > 0 {
                        let to = sums.gated.at(panel * hidden * gated_row);
                        let from = columns.add(layout.gated_first * layout.blocks.width);
                        strip.product::<V>(&q, from, gated_row, to);
                    }
                    if self.gain_order.is_empty() {
                        let sums = sums.bias.at(panel * row);
                        sum_rows::<V>(start > 0, columns, count, record_row, sums, row);
                    }
                }
            }
        }
        TRANSPOSED.put(buffer);
        for panel in panels {
            // SAFETY: as above; a panel's units are rows of the gradients that no other task writes.
            unsafe { self.unpack::<V>(panel, sums, gradients) };
        }
    }

    /// What the recurrent product of a step read; null where it is zero.
    fn fed_before(&self, step: usize, position: usize) -> *const f32 {
        let width = self.widths.fed;
        if step == 0 && self.initial.is_none() {
            return std::ptr::null();
        }
        if let Some(fed) = self.fed {
            let row = match step {
                0 => position,
                _ => self.sequence.batch + self.sequence.record(step - 1, position),
            };
            return fed[row * width..].as_ptr();
        }
        match (step, self.initial) {
            (0, Some(initial)) => {
                initial[self.fed_state][self.sequence.row(position) * width..].as_ptr()
            }
            (0, None) => std::ptr::null(),
            _ => self.output[self.sequence.place(position, step - 1) * width..].as_ptr(),
        }
    }

    unsafe fn unpack<V: Lanes>(&self, panel: usize, sums: SumPlaces, gradients: [Shared<f32>; 6]) {
        let layout = self.layout;
        let Widths {
            input,
            hidden,
            fed,
            units,
            ..
        } = self.widths;
        let [w, u, b, unit_weights, gain, _] = gradients;
        let width = layout.blocks.width;
        for (from, order, k, to) in [
            (sums.input, &layout.input_order, input, w),
            (sums.recurrent, &layout.state_order, fed, u),
            (sums.gated, &layout.gated_order, hidden, u),
        ] {
            let length = k * order.len() * width;
            // SAFETY: the sums of this panel, written by this task, whose units they are.
            unsafe {
                let sums = std::slice::from_raw_parts(from.at(panel * length), length);
                pack::from_units::<V>(sums, layout.blocks, panel, order, k, to);
            }
        }
        if self.gain_order.is_empty() {
            let length = layout.row();
            // SAFETY: as above.
            unsafe {
                let sums = std::slice::from_raw_parts(sums.bias.at(panel * length), length);
                pack::from_units::<V>(sums, layout.blocks, panel, &layout.bias_order, 1, b);
            }
        }
        if self.totals_row == 0 {
            return;
        }
        let total = self.total(panel);
        let (of_units, rest) = total.split_at(units * width);
        let (of_gain, of_shift) = rest.split_at(rest.len() / 2);
        for (sums, order, to) in [
            (of_units, self.unit_order, unit_weights),
            (of_gain, self.gain_order, gain),
            (of_shift, self.gain_order, b),
        ] {
            // SAFETY: as above; without an order there is nothing to write.
            unsafe { pack::from_units::<V>(sums, layout.blocks, panel, order, 1, to) };
        }
    }

    /// The sum over the rows of the batch of what each summed over its steps, for a panel.
    fn total(&self, panel: usize) -> Vec<f32> {
        let (batch, length) = (self.sequence.batch, self.totals_row);
        let mut total = vec![0.0f32; length];
        for position in 0..batch {
            // SAFETY: written by the steps, which are over.
            let row = unsafe {
                let from = self.totals.at((panel * batch + position) * length);
                std::slice::from_raw_parts(from, length)
            };
            for (total, value) in total.iter_mut().zip(row) {
                *total += value;
            }
        }
        total
    }

    /// The gradient of the projection for some panels of outputs.
    ///
    /// # Safety
    /// No other task has these panels.
    pub(super) unsafe fn projection<V: Lanes>(
        &self,
        panels: Range<usize>,
        sums: SumPlaces,
        gradient: Shared<f32>,
    ) {
        let (blocks, hidden) = (self.projected, self.widths.hidden);
        let records = self.sequence.records();
        let mut buffer = TRANSPOSED.take();
        let mut y = Columns {
            values: buffer.reserve(STRIP * hidden),
            elements: hidden,
            height: tile_height::<V>(blocks.width),
        };
        let mut rows = [std::ptr::null(); STRIP];
        for start in (0..records).step_by(STRIP) {
            let count = STRIP.min(records - start);
            for (index, row) in rows.iter_mut().enumerate().take(count) {
                *row = self.unprojected[(start + index) * hidden..].as_ptr();
            }
            let strip = Strip {
                first: start == 0,
                records: count,
                zeros: 0,
                row: blocks.width,
            };
            // SAFETY: every row has H values; a panel's records and sums lie where they were reserved.
            unsafe {
                y.fill::<V>(&rows[..count]);
                for panel in panels.clone() {
                    let from = (panel * records + start) * blocks.width;
                    let columns = self.projected_gradient.at(from).cast_const();
                    let to = sums.projection.at(panel * hidden * blocks.width);
                    strip.product::<V>(&y, columns, blocks.width, to);
                }
            }
        }
        TRANSPOSED.put(buffer);
        let length = hidden * blocks.width;
        for panel in panels {
            // SAFETY: as above; a panel's outputs are rows of the gradient that no other task writes.
            unsafe {
                let sums = std::slice::from_raw_parts(sums.projection.at(panel * length), length);
                pack::from_units::<V>(sums, blocks, panel, &[0], hidden, gradient);
            }
        }
    }

    /// dx for some records.
    ///
    /// # Safety
    /// No other task has these records; `weights` is Wᵀ packed by `output_panels`.
    pub(super) unsafe fn input<V: Lanes>(
        &self,
        records: Range<usize>,
        weights: *const f32,
        gradient: Shared<f32>,
    ) {
        let inputs = self.widths.input;
        let (hidden, width, row) = (
            self.layout.blocks.units,
            self.layout.blocks.width,
            self.columns_row,
        );
        let total = self.sequence.records();
        let slots = &self.layout.input_slots;
        let mut segments = Vec::with_capacity(slots.len());
        let mut pointers = Vec::with_capacity(slots.len());
        for (first, rows) in tiles(records.len(), V::TILE_ROWS[MAX_VECTORS - 1]) {
            let record = records.start + first;
            let mut places = [0; crate::product::MAX_ROWS];
            for (place, (step, position)) in places
                .iter_mut()
                .zip(self.sequence.walk(record..record + rows))
            {
                *place = self.sequence.place(position, step) * inputs;
            }
            pointers.clear();
            // SAFETY: the columns of these records, which follow one another.
            pointers.extend(slots.iter().map(|slot| unsafe {
                row_pointers(rows, |m| {
                    self.columns
                        .at((record + m) * row + slot * width)
                        .cast_const()
                })
            }));
            for panel in output_panels::<V>(inputs, slots.len() * hidden) {
                segments.clear();
                segments.extend(pointers.iter().enumerate().map(|(index, rows)| Segment {
                    rows: rows.as_ptr(),
                    step: 1,
                    run: width,
                    run_stride: total * row,
                    length: hidden,
                    panel: weights.wrapping_add(panel.offset + index * hidden * panel.stride),
                    panel_stride: panel.stride,
                }));
                // SAFETY: Wᵀ has a row for each column's unit; a record has its own row of the gradient.
                unsafe {
                    let out = row_pointers_mut(rows, |m| gradient.at(places[m] + panel.first));
                    let tile = Tile {
                        start: Start::Zero,
                        segments: &segments,
                        out: out.as_ptr(),
                        columns: panel.outputs,
                    };
                    multiply::<V>(rows, panel.stride / V::WIDTH, &tile);
                }
            }
        }
    }
}

/// A stretch of records, for one panel.
#[derive(Clone, Copy)]
struct Strip {
    first: bool,
    records: usize,
    /// How many of the first records have an operand of zeros.
    zeros: usize,
    /// Distance between records.
    row: usize,
}

impl Strip {
    /// sums\[k\]\[columns\] += Σ over the strip of a\[k\]·columns.
    unsafe fn product<V: Lanes>(
        &self,
        operand: &Columns<'_>,
        columns: *const f32,
        width: usize,
        sums: *mut f32,
    ) {
        let records = self.records - self.zeros;
        if width == 0 || (records == 0 && !self.first) {
            return;
        }
        let columns = columns.wrapping_add(self.zeros * self.row);
        for (first, rows) in tiles(operand.elements, operand.height) {
            let a = &operand.values[first * self.records + self.zeros * rows..];
            // SAFETY: the caller vouches for columns and sums; the tile of `a` was packed this high.
            unsafe {
                let out = row_pointers_mut(rows, |m| sums.add((first + m) * width));
                let start = if self.first {
                    Start::Zero
                } else {
                    Start::Rows(out.as_ptr().cast())
                };
                let a = row_pointers(rows, |m| a.as_ptr().add(m));
                let segment = Segment {
                    rows: a.as_ptr(),
                    step: rows,
                    run: records,
                    run_stride: 0,
                    length: records,
                    panel: columns,
                    panel_stride: self.row,
                };
                wide::<V>(rows, start, &mut [segment], out.as_ptr(), width);
            }
        }
    }
}
