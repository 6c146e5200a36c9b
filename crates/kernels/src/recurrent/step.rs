//! The cell's formula over a tile of rows and units: what happens between two products.
//!
//! The product leaves its sums in a small buffer that stays in the first-level cache; from there the
//! formula takes them, lane by lane. (Keeping them in registers instead would save a few loads for each
//! hundred instructions of activations, and tie every cell to every shape of tile.)
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes};
use crate::product::MAX_ROWS;

/// A row pointer for each row of a tile; null: none.
pub(super) type RowPointers = *const *const f32;

/// A panel-major array `[panel, row, slots, width]` from the first row of a tile on.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    /// The tile's first row in panel 0.
    pub(super) start: *mut f32,
    /// Distance between panels.
    pub(super) stride: usize,
    /// Distance between rows.
    pub(super) row: usize,
}

impl Panels {
    /// Of a state that a cell does not carry.
    pub(super) fn none() -> Self {
        Self {
            start: std::ptr::null_mut(),
            stride: 0,
            row: 0,
        }
    }

    /// Row `row` of panel `block`.
    #[inline(always)]
    pub(super) fn at(self, block: usize, row: usize) -> *mut f32 {
        self.start
            .wrapping_add(block * self.stride + row * self.row)
    }
}

/// Where a tile's rows and units lie.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) rows: usize,
    /// The first unit, a multiple of the lane width, and how many.
    pub(super) unit: usize,
    pub(super) units: usize,
    /// Units of a panel.
    pub(super) width: usize,
    /// Slot of each column.
    pub(super) slot: &'a [usize],
}

/// How much of a state stays, for the rows of a tile.
#[derive(Clone, Copy)]
pub(super) enum TileZone {
    Share(f32),
    /// For each row, the mask from unit 0 on.
    Kept(RowPointers),
}

impl TileZone {
    #[inline(always)]
    unsafe fn at<V: Lanes>(self, row: usize, unit: usize, there: usize) -> V {
        // SAFETY: the caller vouches for the rows.
        unsafe {
            match self {
                Self::Share(share) => V::splat(share),
                Self::Kept(rows) => part::<V>((*rows.add(row)).add(unit), there),
            }
        }
    }
}

/// One step forward.
pub(super) struct Ahead<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) cell: &'a C,
    pub(super) span: Span<'a>,
    /// `[panel, row, columns, width]`: the columns.
    pub(super) columns: Panels,
    /// `[panel, unit weights, width]`, all panels.
    pub(super) units: *const f32,
    /// For each row, h_(t−1) from unit 0 on; null: zeros.
    pub(super) h_before: RowPointers,
    /// For each row, h_t from unit 0 on.
    pub(super) h: *const *mut f32,
    /// `[panel, row, states − 1, width]`: the other states before and after; may be the same place.
    pub(super) carried_before: Panels,
    pub(super) carried: Panels,
    /// `[panel, row, kept, width]`, which may be where the columns are; `None` in inference.
    pub(super) kept: Option<Panels>,
    pub(super) zones: Option<[TileZone; STATES]>,
    /// `[panel, row, states, width]`: the states before the zoneout, in training with zoneout.
    pub(super) candidates: Option<Panels>,
    /// Where the state that is fed back goes, if not to the output; null: nowhere.
    pub(super) fed: *const *mut f32,
    /// The factors it is multiplied with; null: none.
    pub(super) factors: RowPointers,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Ahead<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    /// The formula for one row and one vector of units.
    ///
    /// # Safety
    /// The arrays are there for the row and the units; panel-major rows are padded to whole vectors,
    /// row-major ones are read and written only as far as the units are there.
    #[inline(always)]
    pub(super) unsafe fn apply<V: Lanes>(
        &self,
        columns: [V; COLUMNS],
        row: usize,
        (unit, there): (usize, usize),
    ) {
        let width = self.span.width;
        let (block, inside) = (unit / width, unit % width);
        // SAFETY: by contract.
        unsafe {
            let before = self.carried_before.at(block, row);
            let previous = states::<V, STATES>(
                h_at(self.h_before, row),
                before.wrapping_add(inside),
                (unit, there, width),
            );
            let weights = unit_weights::<V, UNITS>(self.units, block, inside, width);
            let (mut next, kept) = self.cell.forward(columns, previous, weights);
            if let Some(zones) = &self.zones {
                if let Some(places) = self.candidates {
                    let to = places.at(block, row).add(inside);
                    for (state, value) in next.iter().enumerate() {
                        value.store(to.add(state * width));
                    }
                }
                for ((next, previous), zone) in next.iter_mut().zip(&previous).zip(zones) {
                    let stays: V = zone.at(row, unit, there);
                    *next = stays.mul(previous).add(&stays.one_minus().mul(next));
                }
            }
            put(next[0], (*self.h.add(row)).add(unit), there);
            let after = self.carried.at(block, row);
            for (state, value) in next.iter().enumerate().skip(1) {
                value.store(after.add(inside + (state - 1) * width));
            }
            if let Some(places) = self.kept {
                let to = places.at(block, row);
                for (index, value) in kept.iter().enumerate() {
                    value.store(to.add(inside + index * width));
                }
            }
            if !self.fed.is_null() {
                let mut fed = next[C::FED];
                if !self.factors.is_null() {
                    fed = fed.mul(&part((*self.factors.add(row)).add(unit), there));
                }
                put(fed, (*self.fed.add(row)).add(unit), there);
            }
        }
    }
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for Ahead<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Span {
            rows,
            unit,
            units,
            width,
            slot,
        } = self.span;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| slot[column] * width);
        let end = unit + units;
        for unit in (unit..end).step_by(V::WIDTH) {
            let (block, inside) = (unit / width, unit % width);
            let there = (end - unit).min(V::WIDTH);
            for row in 0..rows {
                // SAFETY: the caller vouches for the arrays.
                unsafe {
                    let sums = self.columns.at(block, row).add(inside);
                    let columns = std::array::from_fn(|column| V::load(sums.add(slot[column])));
                    self.apply(columns, row, (unit, there));
                }
            }
        }
    }
}

/// What flows back through the recurrent product where it does not go to h as it is.
#[derive(Clone, Copy)]
pub(super) struct FedBack {
    /// `[row, sums_stride]`, from the span's first unit on.
    pub(super) sums: *const f32,
    /// The factors of the forward pass; null: none.
    pub(super) factors: RowPointers,
}

/// One step back.
pub(super) struct Back<
    'a,
    C,
    const COLUMNS: usize,
    const STATES: usize,
    const KEPT: usize,
    const UNITS: usize,
> {
    pub(super) cell: &'a C,
    pub(super) span: Span<'a>,
    /// `[panel, unit weights, width]`, all panels.
    pub(super) units: *const f32,
    /// `[row, sums_stride]`, from the span's first unit on: gradient of h_t through the output and the
    /// next step's products.
    pub(super) sums: *const f32,
    pub(super) sums_stride: usize,
    /// The gradient of the fed-back state, where it is not in `sums`.
    pub(super) fed: Option<FedBack>,
    /// `[panel, row, states, width]`: what the next step passes on directly; replaced by what this one
    /// does.
    pub(super) carry: Panels,
    /// Whether this is the last step of these rows: `carry` then holds nothing yet, and the gradients of
    /// the final states come in: for each state and row, from unit 0 on; null: zeros.
    pub(super) last: Option<[[*const f32; MAX_ROWS]; STATES]>,
    pub(super) h_before: RowPointers,
    pub(super) h: RowPointers,
    pub(super) carried_before: Panels,
    pub(super) carried: Panels,
    /// `[panel, row, kept, width]`; may be where the gradients of the columns go.
    pub(super) kept: Panels,
    pub(super) zones: Option<[TileZone; STATES]>,
    /// `[panel, row, states, width]`: the states before the zoneout.
    pub(super) candidates: Option<Panels>,
    /// `[panel, row, columns, width]`: the gradients of the columns.
    pub(super) columns: Panels,
    /// `[panel, row, sums, width]`: sums over the steps of a row; the first are those of the unit weights.
    pub(super) totals: Panels,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Kernel
    for Back<'_, C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Span {
            rows,
            unit: first,
            units,
            width,
            slot,
        } = self.span;
        let slot: [usize; COLUMNS] = std::array::from_fn(|column| slot[column] * width);
        let end = first + units;
        for unit in (first..end).step_by(V::WIDTH) {
            let (block, inside) = (unit / width, unit % width);
            let there = (end - unit).min(V::WIDTH);
            let place = (unit, there, width);
            for row in 0..rows {
                // SAFETY: as in `Ahead`.
                unsafe {
                    let carry = self.carry.at(block, row).add(inside);
                    let mut gradient = [V::splat(0.0); STATES];
                    for (state, value) in gradient.iter_mut().enumerate() {
                        match &self.last {
                            None => *value = V::load(carry.add(state * width)),
                            Some(finals) if !finals[state][row].is_null() => {
                                *value = part::<V>(finals[state][row].add(unit), there);
                            }
                            Some(_) => {}
                        }
                    }
                    let at = row * self.sums_stride + unit - first;
                    gradient[0] = part::<V>(self.sums.add(at), there).add(&gradient[0]);
                    if let Some(fed) = self.fed {
                        let mut through = part::<V>(fed.sums.add(at), there);
                        if !fed.factors.is_null() {
                            let factors = (*fed.factors.add(row)).add(unit);
                            through = through.mul(&part(factors, there));
                        }
                        gradient[C::FED] = through.add(&gradient[C::FED]);
                    }
                    let from = self.kept.at(block, row).wrapping_add(inside);
                    let kept = std::array::from_fn(|index| V::load(from.add(index * width)));
                    let before = self.carried_before.at(block, row);
                    let previous = states::<V, STATES>(
                        h_at(self.h_before, row),
                        before.wrapping_add(inside),
                        place,
                    );
                    let after = self.carried.at(block, row);
                    let mut next =
                        states::<V, STATES>(*self.h.add(row), after.wrapping_add(inside), place);
                    let mut stays = [V::splat(0.0); STATES];
                    if let (Some(zones), Some(candidates)) = (&self.zones, self.candidates) {
                        let from = candidates.at(block, row).add(inside);
                        for state in 0..STATES {
                            next[state] = V::load(from.add(state * width));
                            let share: V = zones[state].at(row, unit, there);
                            stays[state] = share.mul(&gradient[state]);
                            gradient[state] = share.one_minus().mul(&gradient[state]);
                        }
                    }
                    let weights = unit_weights::<V, UNITS>(self.units, block, inside, width);
                    let (columns, mut passed, of_units) =
                        self.cell.backward(kept, previous, next, weights, gradient);
                    if self.zones.is_some() {
                        for (passed, stays) in passed.iter_mut().zip(&stays) {
                            *passed = passed.add(stays);
                        }
                    }
                    let to = self.columns.at(block, row).add(inside);
                    for (column, value) in columns.iter().enumerate() {
                        value.store(to.add(slot[column]));
                    }
                    for (state, value) in passed.iter().enumerate() {
                        value.store(carry.add(state * width));
                    }
                    if UNITS > 0 {
                        let totals = self.totals.at(block, row).add(inside);
                        for (index, value) in of_units.iter().enumerate() {
                            let total = totals.add(index * width);
                            V::load(total).add(value).store(total);
                        }
                    }
                }
            }
        }
    }
}

/// The unit weights of a vector of units.
#[inline(always)]
unsafe fn unit_weights<V: Lanes, const UNITS: usize>(
    units: *const f32,
    block: usize,
    inside: usize,
    width: usize,
) -> [V; UNITS] {
    std::array::from_fn(|index| {
        // SAFETY: the caller vouches for `[panel, unit weights, width]`.
        unsafe { V::load(units.add((block * UNITS + index) * width + inside)) }
    })
}

#[inline(always)]
pub(super) unsafe fn h_at(rows: RowPointers, row: usize) -> *const f32 {
    if rows.is_null() {
        std::ptr::null()
    } else {
        // SAFETY: the caller vouches for a pointer for each row.
        unsafe { *rows.add(row) }
    }
}

/// The states of a vector of units: h from its row (null: zeros), the others from their panel.
#[inline(always)]
pub(super) unsafe fn states<V: Lanes, const STATES: usize>(
    h: *const f32,
    carried: *const f32,
    (unit, there, width): (usize, usize, usize),
) -> [V; STATES] {
    // SAFETY: the caller vouches for the arrays.
    unsafe {
        let mut states = [V::splat(0.0); STATES];
        if !h.is_null() {
            states[0] = part::<V>(h.add(unit), there);
        }
        for (state, value) in states.iter_mut().enumerate().skip(1) {
            *value = V::load(carried.add((state - 1) * width));
        }
        states
    }
}

/// Reads a whole vector, or its first `there` lanes.
#[inline(always)]
pub(super) unsafe fn part<V: Lanes>(from: *const f32, there: usize) -> V {
    // SAFETY: the caller vouches for `there` reads.
    unsafe {
        if there == V::WIDTH {
            V::load(from)
        } else {
            V::load_first(from, there)
        }
    }
}

/// Writes a whole vector, or its first `there` lanes.
#[inline(always)]
pub(super) unsafe fn put<V: Lanes>(value: V, to: *mut f32, there: usize) {
    // SAFETY: the caller vouches for `there` writes.
    unsafe {
        if there == V::WIDTH {
            value.store(to);
        } else {
            value.store_first(to, there);
        }
    }
}
