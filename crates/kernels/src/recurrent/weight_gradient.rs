//! Gradients of the parameters and of the input, once the gradients of all columns are known.
//!
//! dW = Σ over records of d_columnsᵀ·x: one product over time × batch, cut by rows of W so that every
//! sum stays whole and in the order of the records, whatever the number of threads. Records come in
//! strips that fit the cache; the sum goes on from where the last strip left it.
use super::backward::output_panels;
use super::layout::Layout;
use super::sequence::Sequence;
use crate::lanes::Lanes;
use crate::memory::{Buffer, Shared, Shelf};
use crate::product::pack::Transpose;
use crate::product::{
    MAX_VECTORS, Segment, Start, Tile, multiply, pack, row_pointers, row_pointers_mut, tiles, wide,
};
use std::ops::Range;

/// Records in a strip: a strip of one panel of columns is 32 KiB.
const STRIP: usize = 128;

static TRANSPOSED: Shelf<Buffer> = Shelf::new(64);

/// The sums on their way: `[panel, I, input slots · P]`, `[panel, H, state slots · P]`, `[panel, slots · P]`.
#[derive(Default)]
pub(super) struct Sums {
    input: Buffer,
    recurrent: Buffer,
    bias: Buffer,
}

/// Where the sums lie.
#[derive(Clone, Copy)]
pub(super) struct SumPlaces {
    input: Shared<f32>,
    recurrent: Shared<f32>,
    bias: Shared<f32>,
}

impl Sums {
    pub(super) fn reserve(&mut self, layout: &Layout, inputs: usize) -> SumPlaces {
        let panels = layout.blocks.count();
        SumPlaces {
            input: Shared::new(self.input.reserve(panels * inputs * layout.input_row())),
            recurrent: Shared::new(
                self.recurrent
                    .reserve(panels * layout.blocks.units * layout.state_row()),
            ),
            bias: Shared::new(self.bias.reserve(panels * layout.row())),
        }
    }
}

/// The operands.
pub(super) struct Products<'a> {
    pub(super) layout: &'a Layout,
    pub(super) sequence: &'a Sequence,
    pub(super) inputs: usize,
    pub(super) input: &'a [f32],
    pub(super) output: &'a [f32],
    /// h before the first step.
    pub(super) initial: Option<&'a [f32]>,
    /// `[panel, R, columns, P]`.
    pub(super) columns: Shared<f32>,
}

impl Products<'_> {
    /// dW, dU and db for the units of some panels.
    ///
    /// # Safety
    /// No other task has these panels; `sums` was reserved for this layout.
    pub(super) unsafe fn weights<V: Lanes>(
        &self,
        panels: Range<usize>,
        sums: SumPlaces,
        gradients: [Shared<f32>; 3],
    ) {
        let (records, hidden) = (self.sequence.records(), self.layout.blocks.units);
        let (input_row, state_row, row) = (
            self.layout.input_row(),
            self.layout.state_row(),
            self.layout.row(),
        );
        let height = |columns: usize| V::TILE_ROWS[(columns / V::WIDTH).min(MAX_VECTORS) - 1];
        let (input_height, state_height) = (height(input_row), height(state_row));
        let mut buffer = TRANSPOSED.take();
        let (x, h) = buffer
            .reserve(STRIP * (self.inputs + hidden))
            .split_at_mut(STRIP * self.inputs);
        let (mut inputs, mut states) = ([std::ptr::null(); STRIP], [std::ptr::null(); STRIP]);
        for start in (0..records).step_by(STRIP) {
            let strip = start..(start + STRIP).min(records);
            let count = strip.len();
            for (index, (step, position)) in self.sequence.walk(strip).enumerate() {
                let place = self.sequence.place(position, step) * self.inputs;
                inputs[index] = self.input[place..].as_ptr();
                states[index] = self.h_before(step, position);
            }
            // SAFETY: every row has as many elements as its tiles cover, and the buffer room for them.
            unsafe {
                V::enter(Transpose {
                    rows: &inputs[..count],
                    tiles: tiles(self.inputs, input_height),
                    out: x.as_mut_ptr(),
                });
                V::enter(Transpose {
                    rows: &states[..count],
                    tiles: tiles(hidden, state_height),
                    out: h.as_mut_ptr(),
                });
            }
            for panel in panels.clone() {
                // SAFETY: the panel's records and sums lie where the layout says.
                unsafe {
                    let columns = self
                        .columns
                        .at((panel * records + start) * row)
                        .cast_const();
                    let strip = Strip {
                        first: start == 0,
                        records: count,
                        row,
                    };
                    let to = sums.input.at(panel * self.inputs * input_row);
                    strip.product::<V>(x, (self.inputs, input_height), columns, input_row, to);
                    let to = sums.recurrent.at(panel * hidden * state_row);
                    let from = columns.add(row - state_row);
                    strip.product::<V>(h, (hidden, state_height), from, state_row, to);
                    strip.bias::<V>(columns, sums.bias.at(panel * row));
                }
            }
        }
        TRANSPOSED.put(buffer);
        for panel in panels {
            // SAFETY: as above; a panel's units are rows of the gradients that no other task writes.
            unsafe { self.unpack(panel, sums, gradients) };
        }
    }

    /// h_(t−1); null where it is zero.
    fn h_before(&self, step: usize, position: usize) -> *const f32 {
        let hidden = self.layout.blocks.units;
        if step > 0 {
            return self.output[self.sequence.place(position, step - 1) * hidden..].as_ptr();
        }
        self.initial.map_or(std::ptr::null(), |initial| {
            initial[self.sequence.row(position) * hidden..].as_ptr()
        })
    }

    unsafe fn unpack(&self, panel: usize, sums: SumPlaces, [w, u, b]: [Shared<f32>; 3]) {
        let layout = self.layout;
        let hidden = layout.blocks.units;
        for (from, order, k, to) in [
            (sums.input, &layout.input_order, self.inputs, w),
            (sums.recurrent, &layout.state_order, hidden, u),
            (sums.bias, &layout.bias_order, 1, b),
        ] {
            let length = k * order.len() * layout.blocks.width;
            // SAFETY: the sums of this panel, written by this task, whose units they are.
            unsafe {
                let sums = std::slice::from_raw_parts(from.at(panel * length), length);
                pack::from_units(sums, layout.blocks, panel, order, k, to);
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
        let (hidden, width, row) = (
            self.layout.blocks.units,
            self.layout.blocks.width,
            self.layout.row(),
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
                *place = self.sequence.place(position, step) * self.inputs;
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
            for panel in output_panels::<V>(self.inputs, slots.len() * hidden) {
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
struct Strip {
    first: bool,
    records: usize,
    /// Distance between records.
    row: usize,
}

impl Strip {
    /// sums\[k\]\[columns\] += Σ over the strip of a\[k\]·columns.
    unsafe fn product<V: Lanes>(
        &self,
        transposed: &[f32],
        (k, height): (usize, usize),
        columns: *const f32,
        width: usize,
        sums: *mut f32,
    ) {
        for (first, rows) in tiles(k, height) {
            let a = &transposed[first * self.records..];
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
                    run: self.records,
                    run_stride: 0,
                    length: self.records,
                    panel: columns,
                    panel_stride: self.row,
                };
                wide::<V>(rows, start, &mut [segment], out.as_ptr(), width);
            }
        }
    }

    /// sums\[columns\] += Σ over the strip: the product with a single row of ones.
    unsafe fn bias<V: Lanes>(&self, columns: *const f32, sums: *mut f32) {
        static ONES: [f32; STRIP] = [1.0; STRIP];
        // SAFETY: the caller vouches for columns and sums.
        unsafe {
            let start = if self.first {
                Start::Zero
            } else {
                Start::Rows((&raw const sums).cast())
            };
            let ones = ONES.as_ptr();
            let segment = Segment::rows(&raw const ones, self.records, columns, self.row);
            wide::<V>(1, start, &mut [segment], &raw const sums, self.row);
        }
    }
}
