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
//! panel width. What needs whole rows of units (projection, gated product, normalisation) stands in
//! [`super::complete`], before and after the formula of a step.
mod complete;
mod rows;
mod weight_gradient;

use super::layout::{Layout, plain_blocks};
use super::{Backward, Engine, Gradients, Tape};
use crate::cell::Cell;
use crate::context::Context;
use crate::lanes::{Kernel, Lanes};
use crate::memory::{Buffer, Shared, Shelf};
use crate::pool;
use crate::product::{MAX_VECTORS, pack};
use crate::shares::shares;
use rows::Rows;

/// Buffers of a backward call.
#[derive(Default)]
struct Scratch {
    /// Uᵀ, Wᵀ and the projection's: `[panel of outputs, column · unit, outputs of the panel]`.
    recurrent: Buffer,
    input: Buffer,
    projection: Buffer,
    /// `[panel, unit weights, P]` and `[panel, columns, P]`.
    units: Buffer,
    gain: Buffer,
    /// `[panel, B, states, P]`: gradients on their way to the step before.
    carry: Buffer,
    /// `[panel of outputs, R, P]`: the gradient of the projected output.
    projected: Buffer,
    /// `[panel, B, totals, P]`: gradients that are sums over the steps of a row.
    totals: Buffer,
    weights: weight_gradient::Sums,
}

static SCRATCH: Shelf<Scratch> = Shelf::new(8);

pub(super) struct Pass<
    'a,
    'b,
    'c,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) engine: &'a Engine<C, COLUMNS, STATES, KEPT, UNITS>,
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
) -> impl ExactSizeIterator<Item = OutputPanel> {
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

/// Packs a matrix `[rows, columns]` as the operand of a product over its rows.
fn transposed<'a, V: Lanes>(
    matrix: &[f32],
    rows: usize,
    columns: usize,
    context: Context,
    buffer: &'a mut Buffer,
) -> &'a [f32] {
    let to = buffer.reserve(rows * columns.next_multiple_of(V::WIDTH));
    let piece = MAX_VECTORS * V::WIDTH;
    pack::by_column(matrix, rows, columns, (piece, V::WIDTH), context, to);
    to
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for Pass<'_, '_, '_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
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
        let widths = engine.measures();
        let (inputs, hidden) = (widths.input, widths.hidden);
        let layout = Layout::new::<V>(&C::SOURCES, hidden);
        let projected = plain_blocks::<V>(widths.output);
        let sequence = std::mem::take(&mut tape.sequence);
        let (panels, width) = (layout.blocks.count(), layout.blocks.width);
        let (batch, records) = (sequence.batch, sequence.records());
        let work = records * (inputs + widths.fed) * COLUMNS * hidden;
        let context = context.for_work(work);
        let threads = context.threads();

        let mut scratch = SCRATCH.take();
        let (input_rows, state_rows) = (
            layout.input_slots.len() * hidden,
            layout.state_slots.len() * hidden,
        );
        let given = call.weights;
        let recurrent = transposed::<V>(
            given.recurrent,
            state_rows,
            widths.fed,
            context,
            &mut scratch.recurrent,
        );
        let input_packed = if gradients.input.is_some() {
            transposed::<V>(given.input, input_rows, inputs, context, &mut scratch.input)
        } else {
            &[]
        };
        let projection = if widths.is_projected {
            let rows = widths.output;
            transposed::<V>(
                given.projection,
                rows,
                hidden,
                context,
                &mut scratch.projection,
            )
        } else {
            &[]
        };
        let unit_order: [usize; UNITS] = std::array::from_fn(|unit| unit);
        let gain_order: &[usize] = if engine.is_normalised() {
            &layout.bias_order
        } else {
            &[]
        };
        let blocks = layout.blocks;
        // SAFETY: within `enter`.
        let (units, gain) = unsafe {
            let (units, gain) = (&mut scratch.units, &mut scratch.gain);
            let alone = context.alone();
            (
                pack::all_by_unit::<V>(given.units, blocks, &unit_order, 1, alone, units),
                pack::all_by_unit::<V>(given.gain, blocks, gain_order, 1, alone, gain),
            )
        };
        let totals_row = (UNITS + 2 * gain_order.len()) * width;
        let totals = scratch.totals.reserve(panels * batch * totals_row);
        totals.fill(0.0);
        let totals = Shared::new(totals);
        let projected_gradient = if widths.is_projected {
            let length = projected.count() * records * projected.width;
            Shared::new(scratch.projected.reserve(length))
        } else {
            Shared::null()
        };
        let memory = &mut tape.memory;
        let columns_row = engine.record_columns() * width;
        let columns = Shared::new(memory.columns.get_mut(panels * records * columns_row));
        let (kept, kept_row) = if engine.keeps_apart() {
            let row = KEPT * width;
            (
                Shared::new(memory.kept.get_mut(panels * records * row)),
                row,
            )
        } else {
            (columns, columns_row)
        };
        let mut initial = [Shared::null(); STATES];
        if let Some(states) = &mut gradients.initial {
            for (shared, state) in initial.iter_mut().zip(states.iter_mut()) {
                *shared = Shared::new(state);
            }
        }
        let feeds_separately = engine.feeds_separately(&call.noise);
        let kept_if = |wanted: bool, length: usize| if wanted { length } else { 0 };
        let gated_records = kept_if(Engine::<C, COLUMNS, STATES, KEPT, UNITS>::GATED, records);
        let fed = memory
            .fed
            .get(kept_if(feeds_separately, (batch + records) * widths.fed));
        let gated = memory.gated.get(gated_records * hidden);
        let unprojected = memory
            .unprojected
            .get(kept_if(widths.is_projected, records * hidden));
        let normal_records = kept_if(engine.is_normalised(), records);
        let zoned = call.noise.zoneout.is_some();
        let rows = Rows {
            engine,
            widths,
            layout: &layout,
            sequence: &sequence,
            call: &call,
            feeds_separately,
            recurrent,
            projection,
            projected,
            units,
            gain,
            kept,
            kept_row,
            carried: memory
                .carried
                .get(panels * (batch + records) * (STATES - 1) * width),
            candidates: memory
                .candidates
                .get(kept_if(zoned, panels * records * STATES * width)),
            normal: memory.normal.get(panels * normal_records * layout.row()),
            scales: memory.scales.get(normal_records * COLUMNS),
            unprojected,
            carry: Shared::new(scratch.carry.reserve(panels * batch * STATES * width)),
            columns,
            columns_row,
            projected_gradient,
            totals,
            totals_row,
            initial,
        };
        let ranges = sequence.cut(threads);
        let all = output_panels::<V>(hidden, state_rows).len();
        let by_panels = shares(all, engine.cuts_of_units(threads, ranges.len()));
        pool::run(threads, ranges.len() * by_panels.len(), &|task| {
            let (range, share) = (task / by_panels.len(), task % by_panels.len());
            // SAFETY: ranges are disjoint, and a task touches only the rows and records of its own; tasks
            // that share a range have panels of their own, of units that never meet.
            unsafe { rows.run::<V>(ranges[range].clone(), by_panels.part(share)) }
        });

        let products = weight_gradient::Products {
            layout: &layout,
            sequence: &sequence,
            widths,
            fed_state: C::FED,
            input: call.input,
            output: call.output,
            fed: feeds_separately.then_some(fed),
            initial: call.initial,
            gated,
            unprojected,
            projected,
            columns,
            columns_row,
            projected_gradient,
            totals,
            totals_row,
            unit_order: &unit_order,
            gain_order,
        };
        let weights = gradients
            .weights
            .take()
            .map(|weights| weights.into_parts().map(Shared::new));
        let sums = scratch.weights.reserve(&products);
        let input_gradient = gradients
            .input
            .as_mut()
            .map(|gradient| Shared::new(gradient));
        let (by_panels, by_records) = (shares(panels, threads), shares(records, threads));
        let weight_tasks = weights.map_or(0, |_| by_panels.len());
        let input_tasks = input_gradient.map_or(0, |_| by_records.len());
        let by_outputs = shares(projected.count(), weight_tasks);
        pool::run(threads, weight_tasks + input_tasks, &|task| {
            if let (Some(weights), true) = (weights, task < weight_tasks) {
                // SAFETY: each task sums and writes the rows of its own panels.
                unsafe {
                    products.weights::<V>(by_panels.part(task), sums, weights);
                    if widths.is_projected && task < by_outputs.len() {
                        products.projection::<V>(by_outputs.part(task), sums, weights[5]);
                    }
                }
            } else if let Some(gradient) = input_gradient {
                let part = by_records.part(task - weight_tasks);
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
        tape.written_by = None;
    }
}
