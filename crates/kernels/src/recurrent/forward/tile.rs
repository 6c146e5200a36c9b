//! A tile of rows in the forward pass: products, what stands between them and the formula, the formula, and the
//! projection after it.
use super::places::{Places, from_or_null};
use super::{Rows, TileRows, single};
use crate::cell::Cell;
use crate::lanes::Lanes;
use crate::memory::Shared;
use crate::product::{MAX_ROWS, Segment, Start, row_pointers, row_pointers_mut, tiles, wide};
use crate::recurrent::gate::GateAhead;
use crate::recurrent::normalise::{Normalise, Place};
use crate::recurrent::step::{Ahead, Panels, Span};
use std::ops::Range;

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Rows<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// Products and formula of some panels for a tile of rows.
    pub(super) unsafe fn tile<V: Lanes>(
        &self,
        panels: Range<usize>,
        tile: &TileRows,
        places: &Places<STATES>,
        columns: Panels,
    ) {
        let layout = &self.weights.layout;
        let width = layout.blocks.width;
        let unit = panels.start * width;
        let units = (layout.blocks.units - unit).min(panels.len() * width);
        let records = self.sequence.records();
        let record = self.sequence.record(tile.step, tile.position);
        let carried_row = (STATES - 1) * width;
        let first = tile.first;
        // Panel-major arrays are handed over at panel 0.
        let back = |panels_of: Panels| Panels {
            start: panels_of
                .start
                .wrapping_sub(panels.start * panels_of.stride),
            ..panels_of
        };
        // SAFETY: as in `run`.
        unsafe {
            let carried = |step: usize| match STATES {
                1 => Panels::none(),
                _ => Panels {
                    start: self
                        .carried
                        .at(self.carried_row(step, tile.position) * carried_row),
                    stride: self.carried_rows * carried_row,
                    row: carried_row,
                },
            };
            let of_record = |array: Shared<f32>, row: usize| {
                (!array.is_null()).then(|| Panels {
                    start: array.at(record * row),
                    stride: records * row,
                    row,
                })
            };
            let span = Span {
                rows: tile.rows,
                unit,
                units,
                width,
                slot: &layout.slot,
            };
            let is_projected = !self.unprojected.is_null();
            let (h_before, h) = if is_projected {
                (std::ptr::null(), places.unprojected[first..].as_ptr())
            } else {
                (places.before(first), places.output[first..].as_ptr())
            };
            let feeds_after = is_projected && C::FED == 0;
            let step = Ahead {
                cell: self.engine.cell(),
                span,
                columns: back(columns),
                units: self.weights.units().as_ptr(),
                h_before,
                h,
                carried_before: carried(tile.step),
                carried: carried(tile.step + 1),
                kept: of_record(self.kept, self.kept_row),
                zones: self.tile_zones(places, first),
                candidates: of_record(self.candidates, STATES * width),
                fed: if feeds_after {
                    std::ptr::null()
                } else {
                    from_or_null(&places.fed, first)
                },
                factors: from_or_null(&places.factors, first),
            };
            let operand = places.operand(first);
            if tile.rows == 1
                && tile.has_input
                && !self.needs_whole_rows()
                && units > 0
                && unit == 0
            {
                let operand = match operand.is_null() {
                    true => std::ptr::null(),
                    false => *operand,
                };
                return single::run::<V, _, COLUMNS, STATES, KEPT, UNITS>(
                    step,
                    operand,
                    self.weights.all_recurrent(),
                );
            }
            for (index, block) in panels.clone().enumerate() {
                let start = columns.start.add(index * columns.stride);
                let rows = row_pointers_mut(tile.rows, |m| start.add(m * columns.row));
                let input = (!tile.has_input).then(|| places.input[first..].as_ptr());
                self.columns::<V>(block, tile.rows, (input, operand), &rows);
            }
            if self.needs_whole_rows() {
                self.whole_rows::<V>(&step, tile, places, record);
            }
            V::enter(step);
            if is_projected {
                self.project::<V>(tile.rows, first, places);
            }
        }
    }

    /// What happens to all columns of a row between product and formula.
    unsafe fn whole_rows<V: Lanes>(
        &self,
        step: &Ahead<'_, C, COLUMNS, STATES, KEPT, UNITS>,
        tile: &TileRows,
        places: &Places<STATES>,
        record: usize,
    ) {
        let layout = &self.weights.layout;
        let records = self.sequence.records();
        let gated = layout.gated_first..layout.gated_first + layout.gated_order.len();
        // SAFETY: as in `run`; all panels are here.
        unsafe {
            let normalise = |slots: Range<usize>| {
                if !self.engine.is_normalised() || slots.is_empty() {
                    return;
                }
                let [gain, shift] = self.weights.gain_and_shift();
                V::enter(Normalise {
                    place: Place {
                        rows: tile.rows,
                        units: layout.blocks.units,
                        width: layout.blocks.width,
                        columns: COLUMNS,
                        gain,
                    },
                    slots,
                    columns: step.columns,
                    shift,
                    normal: self.training.then(|| Panels {
                        start: self.normal.at(record * layout.row()),
                        stride: records * layout.row(),
                        row: layout.row(),
                    }),
                    scales: if self.training {
                        self.scales.at(record * COLUMNS)
                    } else {
                        std::ptr::null_mut()
                    },
                });
            };
            normalise(0..gated.start);
            normalise(gated.end..COLUMNS);
            if gated.is_empty() {
                return;
            }
            V::enter(GateAhead::<C, COLUMNS, STATES, KEPT, UNITS> {
                cell: step.cell,
                span: step.span,
                columns: step.columns,
                h_before: step.h_before,
                carried_before: step.carried_before,
                factors: step.factors,
                gated: places.gated[tile.first..].as_ptr(),
            });
            if !step.h_before.is_null() {
                for block in 0..layout.blocks.count() {
                    let operand = places.gated[tile.first..].as_ptr().cast();
                    let weights = self.weights.gated(block).as_ptr();
                    let hidden = layout.blocks.units;
                    let segment = Segment::rows(operand, hidden, weights, layout.gated_row());
                    let to = row_pointers_mut(tile.rows, |m| {
                        step.columns
                            .at(block, m)
                            .add(gated.start * layout.blocks.width)
                    });
                    let start = Start::Rows(to.as_ptr().cast());
                    let columns = layout.gated_row();
                    wide::<V>(tile.rows, start, &mut [segment], to.as_ptr(), columns);
                }
            }
            normalise(gated);
        }
    }

    /// The output from what the formula left.
    unsafe fn project<V: Lanes>(&self, rows: usize, first: usize, places: &Places<STATES>) {
        let blocks = self.weights.projected;
        let hidden = self.weights.layout.blocks.units;
        let operand = places.unprojected[first..].as_ptr().cast();
        // SAFETY: the rows are those of this task, of O values; the panels cover them.
        unsafe {
            for block in 0..blocks.count() {
                let weights = self.weights.projection(block).as_ptr();
                let segment = Segment::rows(operand, hidden, weights, blocks.width);
                let out =
                    row_pointers_mut(rows, |m| places.output[first + m].add(block * blocks.width));
                let columns = blocks.units_in(block);
                wide::<V>(rows, Start::Zero, &mut [segment], out.as_ptr(), columns);
            }
            if self.feeds_separately && C::FED == 0 {
                for row in first..first + rows {
                    for k in 0..blocks.units {
                        let value = *places.output[row].add(k) * *places.factors[row].add(k);
                        *places.fed[row].add(k) = value;
                    }
                }
            }
        }
    }

    /// The columns of one panel: bias + x·W + s·U; without an input they hold bias + x·W already.
    unsafe fn columns<V: Lanes>(
        &self,
        block: usize,
        rows: usize,
        (input, operand): (Option<*const *const f32>, *const *const f32),
        columns: &[*mut f32; MAX_ROWS],
    ) {
        let layout = &self.weights.layout;
        let (row, state_row) = (layout.row(), layout.state_row());
        let weights = self.weights.recurrent(block).as_ptr();
        let fed = self.engine.measures().fed;
        let state = (!operand.is_null() && state_row > 0)
            .then(|| Segment::rows(operand, fed, weights, state_row));
        // SAFETY: the panels hold what the layout says; the caller vouches for rows and columns.
        unsafe {
            match (input, state) {
                (Some(input), Some(state)) if layout.is_uniform() => {
                    let bias = Start::Row(self.weights.bias(block).as_ptr());
                    let segments = &mut [self.input_segment(block, input), state];
                    return wide::<V>(rows, bias, segments, columns.as_ptr(), row);
                }
                (Some(input), _) => self.input_columns::<V>(block, rows, input, columns),
                (None, _) => {}
            }
            if let Some(state) = state {
                let to = row_pointers_mut(rows, |m| columns[m].add(row - state_row));
                let start = Start::Rows(to.as_ptr().cast());
                wide::<V>(rows, start, &mut [state], to.as_ptr(), state_row);
            }
        }
    }

    fn input_segment(&self, block: usize, input: *const *const f32) -> Segment {
        let panel = self.weights.input(block).as_ptr();
        let row = self.weights.layout.input_row();
        Segment::rows(input, self.engine.measures().input, panel, row)
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
    pub(super) unsafe fn input_products<V: Lanes>(
        &self,
        positions: &Range<usize>,
        panels: &Range<usize>,
        height: usize,
    ) {
        let (inputs, row) = (self.engine.measures().input, self.columns_row);
        for block in panels.clone() {
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
}
