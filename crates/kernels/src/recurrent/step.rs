//! The cell's formula over a tile of rows and units: what happens between two products.
//!
//! The product leaves its sums in a small buffer that stays in the first-level cache; from there the
//! formula takes them, lane by lane. (Keeping them in registers instead would save a few loads for each
//! hundred instructions of activations, and tie every cell to every shape of tile.)
use crate::cell::Cell;
use crate::lanes::{Kernel, Lanes, vectors};
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

    /// Where a vector of units lies in slot 0 of a row.
    #[inline(always)]
    pub(super) fn of(self, row: usize, units: Units) -> *mut f32 {
        self.at(units.block, row).wrapping_add(units.inside)
    }

    /// Reads a vector of units from the first slots of a row.
    ///
    /// # Safety
    /// The panels hold the row, with that many slots.
    #[inline(always)]
    pub(super) unsafe fn load<V: Lanes, const SLOTS: usize>(
        self,
        row: usize,
        units: Units,
    ) -> [V; SLOTS] {
        let from = self.of(row, units);
        // SAFETY: by contract.
        std::array::from_fn(|slot| unsafe { V::load(from.add(slot * units.width)) })
    }

    /// Writes a vector of units to the first slots of a row.
    ///
    /// # Safety
    /// As [`Panels::load`]; nobody else has the row.
    #[inline(always)]
    pub(super) unsafe fn store<V: Lanes>(self, values: &[V], row: usize, units: Units) {
        let to = self.of(row, units);
        for (slot, value) in values.iter().enumerate() {
            // SAFETY: by contract.
            unsafe { value.store(to.add(slot * units.width)) };
        }
    }

    /// Adds to what the first slots of a row hold.
    ///
    /// # Safety
    /// As [`Panels::store`].
    #[inline(always)]
    pub(super) unsafe fn add<V: Lanes>(self, values: &[V], row: usize, units: Units) {
        let to = self.of(row, units);
        for (slot, value) in values.iter().enumerate() {
            // SAFETY: by contract.
            unsafe {
                let to = to.add(slot * units.width);
                V::load(to).add(value).store(to);
            }
        }
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

impl Span<'_> {
    /// The vectors of units.
    #[inline(always)]
    pub(super) fn vectors<V: Lanes>(self) -> impl Iterator<Item = Units> {
        let width = self.width;
        vectors::<V>(self.unit..self.unit + self.units)
            .map(move |(unit, there)| Units::new(unit, there, width))
    }

    /// Where each column begins in the row of a panel.
    #[inline(always)]
    pub(super) fn starts<const COLUMNS: usize>(self) -> [usize; COLUMNS] {
        std::array::from_fn(|column| self.slot[column] * self.width)
    }
}

/// A vector of units, and where it lies in panels.
#[derive(Clone, Copy)]
pub(super) struct Units {
    /// The first unit, and how many of the lanes are units.
    pub(super) unit: usize,
    pub(super) there: usize,
    /// The panel, and the place in each of its slots.
    pub(super) block: usize,
    pub(super) inside: usize,
    /// Units of a panel.
    pub(super) width: usize,
}

impl Units {
    #[inline(always)]
    pub(super) fn new(unit: usize, there: usize, width: usize) -> Self {
        Self {
            unit,
            there,
            block: unit / width,
            inside: unit % width,
            width,
        }
    }
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
    unsafe fn at<V: Lanes>(self, row: usize, units: Units) -> V {
        // SAFETY: the caller vouches for the rows.
        unsafe {
            match self {
                Self::Share(share) => V::splat(share),
                Self::Kept(rows) => part(*rows.add(row), units),
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
    pub(super) unsafe fn apply<V: Lanes>(&self, columns: [V; COLUMNS], row: usize, units: Units) {
        // SAFETY: by contract.
        unsafe {
            let previous = states::<V, STATES>(self.h_before, self.carried_before, row, units);
            let weights = unit_weights::<V, UNITS>(self.units, units);
            let (mut next, kept) = self.cell.forward(columns, previous, weights);
            if let Some(zones) = &self.zones {
                if let Some(candidates) = self.candidates {
                    candidates.store(&next, row, units);
                }
                for ((next, previous), zone) in next.iter_mut().zip(&previous).zip(zones) {
                    let stays: V = zone.at(row, units);
                    *next = stays.mul(previous).add(&stays.one_minus().mul(next));
                }
            }
            put(next[0], *self.h.add(row), units);
            self.carried.store(&next[1..], row, units);
            if let Some(places) = self.kept {
                places.store(&kept, row, units);
            }
            if !self.fed.is_null() {
                let mut fed = next[C::FED];
                if !self.factors.is_null() {
                    fed = fed.mul(&part(*self.factors.add(row), units));
                }
                put(fed, *self.fed.add(row), units);
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
        let starts = self.span.starts::<COLUMNS>();
        for units in self.span.vectors::<V>() {
            for row in 0..self.span.rows {
                // SAFETY: the caller vouches for the arrays.
                unsafe {
                    let sums = self.columns.of(row, units);
                    self.apply(starts.map(|start| V::load(sums.add(start))), row, units);
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
        let starts = self.span.starts::<COLUMNS>();
        let first = self.span.unit;
        for units in self.span.vectors::<V>() {
            for row in 0..self.span.rows {
                // SAFETY: as in `Ahead`.
                unsafe {
                    let mut gradient = [V::splat(0.0); STATES];
                    match &self.last {
                        None => gradient = self.carry.load(row, units),
                        Some(finals) => {
                            for (value, rows) in gradient.iter_mut().zip(finals) {
                                if !rows[row].is_null() {
                                    *value = part(rows[row], units);
                                }
                            }
                        }
                    }
                    // The sums begin at the span's first unit.
                    let of_sums = |sums: *const f32| {
                        let row = sums.add(row * self.sums_stride);
                        part::<V>(row.wrapping_sub(first), units)
                    };
                    gradient[0] = of_sums(self.sums).add(&gradient[0]);
                    if let Some(fed) = self.fed {
                        let mut through = of_sums(fed.sums);
                        if !fed.factors.is_null() {
                            through = through.mul(&part(*fed.factors.add(row), units));
                        }
                        gradient[C::FED] = through.add(&gradient[C::FED]);
                    }
                    let kept = self.kept.load(row, units);
                    let previous =
                        states::<V, STATES>(self.h_before, self.carried_before, row, units);
                    let mut next = states::<V, STATES>(self.h, self.carried, row, units);
                    let mut stays = [V::splat(0.0); STATES];
                    if let (Some(zones), Some(candidates)) = (&self.zones, self.candidates) {
                        next = candidates.load(row, units);
                        for ((zone, stays), gradient) in
                            zones.iter().zip(&mut stays).zip(&mut gradient)
                        {
                            let share: V = zone.at(row, units);
                            *stays = share.mul(gradient);
                            *gradient = share.one_minus().mul(gradient);
                        }
                    }
                    let weights = unit_weights::<V, UNITS>(self.units, units);
                    let (columns, mut passed, of_units) =
                        self.cell.backward(kept, previous, next, weights, gradient);
                    if self.zones.is_some() {
                        for (passed, stays) in passed.iter_mut().zip(&stays) {
                            *passed = passed.add(stays);
                        }
                    }
                    let to = self.columns.of(row, units);
                    for (start, value) in starts.into_iter().zip(&columns) {
                        value.store(to.add(start));
                    }
                    self.carry.store(&passed, row, units);
                    self.totals.add(&of_units, row, units);
                }
            }
        }
    }
}

/// The unit weights of a vector of units.
#[inline(always)]
unsafe fn unit_weights<V: Lanes, const UNITS: usize>(
    weights: *const f32,
    units: Units,
) -> [V; UNITS] {
    std::array::from_fn(|index| {
        let slot = units.block * UNITS + index;
        // SAFETY: the caller vouches for `[panel, unit weights, width]`.
        unsafe { V::load(weights.add(slot * units.width + units.inside)) }
    })
}

/// The states of a vector of units: h from its row (no rows, or null: zeros), the others from their panels.
#[inline(always)]
pub(super) unsafe fn states<V: Lanes, const STATES: usize>(
    h: RowPointers,
    carried: Panels,
    row: usize,
    units: Units,
) -> [V; STATES] {
    // SAFETY: the caller vouches for the arrays.
    unsafe {
        let mut states = [V::splat(0.0); STATES];
        if !h.is_null() && !(*h.add(row)).is_null() {
            states[0] = part(*h.add(row), units);
        }
        let carried = carried.of(row, units);
        for (slot, value) in states[1..].iter_mut().enumerate() {
            *value = V::load(carried.add(slot * units.width));
        }
        states
    }
}

/// Reads a vector of units of a row that begins at unit 0: whole, or as many lanes as there are units.
#[inline(always)]
pub(super) unsafe fn part<V: Lanes>(row: *const f32, units: Units) -> V {
    // SAFETY: the caller vouches for the row.
    unsafe {
        let from = row.wrapping_add(units.unit);
        if units.there == V::WIDTH {
            V::load(from)
        } else {
            V::load_first(from, units.there)
        }
    }
}

/// Writes a vector of units of a row, as [`part`] reads it.
#[inline(always)]
pub(super) unsafe fn put<V: Lanes>(value: V, row: *mut f32, units: Units) {
    // SAFETY: the caller vouches for the row.
    unsafe {
        let to = row.wrapping_add(units.unit);
        if units.there == V::WIDTH {
            value.store(to);
        } else {
            value.store_first(to, units.there);
        }
    }
}
