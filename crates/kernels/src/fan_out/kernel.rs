//! The formula over a range of units, for every row and branch.
use super::{Sizes, Sums};
use crate::cell::{Cell, Source};
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// The place of each column among those that read the input, and among those that read the state.
struct Places<const COLUMNS: usize> {
    input: [Option<usize>; COLUMNS],
    state: [Option<usize>; COLUMNS],
    inputs: usize,
    states: usize,
}

impl<const COLUMNS: usize> Places<COLUMNS> {
    fn new(sources: &[Source; COLUMNS]) -> Self {
        let place = |reads: fn(Source) -> bool| {
            let mut next = 0;
            let places = std::array::from_fn(|column| {
                reads(sources[column]).then(|| {
                    next += 1;
                    next - 1
                })
            });
            (places, next)
        };
        let (input, inputs) = place(Source::reads_input);
        let (state, states) = place(Source::reads_state);
        Self {
            input,
            state,
            inputs,
            states,
        }
    }
}

/// Cuts the units into one range of whole vectors for each thread and runs `work` on each.
fn by_units<V: Lanes>(hidden: usize, threads: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    shares(hidden.div_ceil(V::WIDTH), threads).run(threads, |vectors| {
        work(vectors.start * V::WIDTH..(vectors.end * V::WIDTH).min(hidden));
    });
}

/// What both passes read, at one vector of units.
struct Reader<'a, const COLUMNS: usize> {
    sizes: Sizes,
    from: Sums<'a>,
    places: Places<COLUMNS>,
}

impl<'a, const COLUMNS: usize> Reader<'a, COLUMNS> {
    fn new(sizes: Sizes, from: Sums<'a>, sources: &[Source; COLUMNS]) -> Self {
        Self {
            sizes,
            from,
            places: Places::new(sources),
        }
    }

    /// Where the sums over the input of `row` (of `members · branches`, or of `groups · branches`) begin.
    #[inline(always)]
    fn input(&self, row: usize, column: usize) -> usize {
        (row * self.places.inputs + column) * self.sizes.hidden
    }

    /// Where the sums over the state of `row` begin.
    #[inline(always)]
    fn state(&self, row: usize, column: usize) -> usize {
        (row * self.places.states + column) * self.sizes.hidden
    }

    /// Bias and recurrent sum of each column of a row.
    #[inline(always)]
    unsafe fn of_state<V: Lanes>(&self, row: usize, (unit, there): (usize, usize)) -> [V; COLUMNS] {
        std::array::from_fn(|column| {
            let at = column * self.sizes.hidden + unit;
            // SAFETY: a column, row and vector of units that the caller checked to be there.
            unsafe {
                let bias = V::load_first(self.from.bias.as_ptr().add(at), there);
                match self.places.state[column] {
                    Some(place) => {
                        let at = self.state(row, place) + unit;
                        bias.add(&V::load_first(self.from.sums.as_ptr().add(at), there))
                    }
                    None => bias,
                }
            }
        })
    }

    /// The columns of a row in one branch.
    #[inline(always)]
    unsafe fn columns<V: Lanes>(
        &self,
        of_state: &[V; COLUMNS],
        (group, member, branch): (usize, usize, usize),
        (unit, there): (usize, usize),
    ) -> [V; COLUMNS] {
        let branches = self.sizes.branches;
        std::array::from_fn(|column| {
            let Some(place) = self.places.input[column] else {
                return of_state[column];
            };
            // SAFETY: as above.
            unsafe {
                let load = |values: &[f32], row: usize| {
                    let at = self.input(row * branches + branch, place) + unit;
                    V::load_first(values.as_ptr().add(at), there)
                };
                let sum = of_state[column].add(&load(self.from.shared, member));
                match self.from.own {
                    Some(own) => sum.add(&load(own, group)),
                    None => sum,
                }
            }
        })
    }
}

/// The step forward.
pub(super) struct Ahead<'a, C, const COLUMNS: usize, const KEPT: usize> {
    pub(super) cell: &'a C,
    pub(super) sizes: Sizes,
    pub(super) threads: usize,
    pub(super) from: Sums<'a>,
    pub(super) output: Shared<f32>,
}

impl<C, const COLUMNS: usize, const KEPT: usize> Kernel for Ahead<'_, C, COLUMNS, KEPT>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let reader = Reader::new(self.sizes, self.from, &C::SOURCES);
        by_units::<V>(self.sizes.hidden, self.threads, &|units| {
            // SAFETY: the instruction set is there, and each task writes its own units.
            unsafe {
                V::enter(AheadPart::<C, COLUMNS, KEPT> {
                    call: &self,
                    reader: &reader,
                    units,
                });
            }
        });
    }
}

struct AheadPart<'a, C, const COLUMNS: usize, const KEPT: usize> {
    call: &'a Ahead<'a, C, COLUMNS, KEPT>,
    reader: &'a Reader<'a, COLUMNS>,
    units: Range<usize>,
}

impl<C, const COLUMNS: usize, const KEPT: usize> Kernel for AheadPart<'_, C, COLUMNS, KEPT>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self {
            call,
            reader,
            units,
        } = self;
        let Sizes {
            groups,
            members,
            branches,
            hidden,
        } = call.sizes;
        // Members outermost: what is shared by all groups stays in cache while they are gone through.
        for member in 0..members {
            for group in 0..groups {
                let row = group * members + member;
                for vector in vectors::<V>(units.clone()) {
                    let (unit, there) = vector;
                    // SAFETY: the caller checked every buffer, and these units are this task's.
                    unsafe {
                        let at = row * hidden + unit;
                        let h = V::load_first(call.from.state.as_ptr().add(at), there);
                        let of_state = reader.of_state::<V>(row, vector);
                        for branch in 0..branches {
                            let place = (group, member, branch);
                            let columns = reader.columns(&of_state, place, vector);
                            let ([next], _) = call.cell.forward(columns, [h], []);
                            let to = (row * branches + branch) * hidden + unit;
                            next.store_first(call.output.at(to), there);
                        }
                    }
                }
            }
        }
    }
}

/// The step backward.
pub(super) struct Back<'a, C, const COLUMNS: usize, const KEPT: usize> {
    pub(super) cell: &'a C,
    pub(super) sizes: Sizes,
    pub(super) threads: usize,
    pub(super) from: Sums<'a>,
    pub(super) output_gradient: &'a [f32],
    pub(super) bias: Shared<f32>,
    /// Zeros; added to.
    pub(super) shared: Shared<f32>,
    /// Zeros; added to.
    pub(super) own: Option<Shared<f32>>,
    pub(super) sums: Shared<f32>,
    pub(super) state: Shared<f32>,
}

impl<C, const COLUMNS: usize, const KEPT: usize> Kernel for Back<'_, C, COLUMNS, KEPT>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let reader = Reader::new(self.sizes, self.from, &C::SOURCES);
        by_units::<V>(self.sizes.hidden, self.threads, &|units| {
            // SAFETY: the instruction set is there, and each task writes its own units.
            unsafe {
                V::enter(BackPart::<C, COLUMNS, KEPT> {
                    call: &self,
                    reader: &reader,
                    units,
                });
            }
        });
    }
}

struct BackPart<'a, C, const COLUMNS: usize, const KEPT: usize> {
    call: &'a Back<'a, C, COLUMNS, KEPT>,
    reader: &'a Reader<'a, COLUMNS>,
    units: Range<usize>,
}

impl<C, const COLUMNS: usize, const KEPT: usize> Kernel for BackPart<'_, C, COLUMNS, KEPT>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Sizes {
            groups, members, ..
        } = self.call.sizes;
        for member in 0..members {
            for group in 0..groups {
                for vector in vectors::<V>(self.units.clone()) {
                    // SAFETY: these units are this task's.
                    unsafe { self.row::<V>(group, member, vector) };
                }
            }
        }
        for vector in vectors::<V>(self.units.clone()) {
            // SAFETY: as above; the sums it reads are those this task has just written.
            unsafe { self.bias::<V>(vector) };
        }
    }
}

impl<C, const COLUMNS: usize, const KEPT: usize> BackPart<'_, C, COLUMNS, KEPT>
where
    C: Cell<COLUMNS, 1, KEPT>,
{
    #[inline(always)]
    unsafe fn row<V: Lanes>(&self, group: usize, member: usize, vector: (usize, usize)) {
        let Self { call, reader, .. } = self;
        let (unit, there) = vector;
        let Sizes {
            members,
            branches,
            hidden,
            ..
        } = call.sizes;
        let row = group * members + member;
        // SAFETY: the caller checked every buffer, and these units are this task's.
        unsafe {
            let at = row * hidden + unit;
            let h = V::load_first(call.from.state.as_ptr().add(at), there);
            let of_state = reader.of_state::<V>(row, vector);
            let mut through_state = [V::splat(0.0); COLUMNS];
            let mut direct = V::splat(0.0);
            for branch in 0..branches {
                let columns = reader.columns(&of_state, (group, member, branch), vector);
                let (next, kept) = call.cell.forward(columns, [h], []);
                let from = (row * branches + branch) * hidden + unit;
                let gradient = V::load_first(call.output_gradient.as_ptr().add(from), there);
                let (columns, [passed], []) = call.cell.backward(kept, [h], next, [], [gradient]);
                direct = direct.add(&passed);
                for (column, value) in columns.iter().enumerate() {
                    through_state[column] = through_state[column].add(value);
                    let Some(place) = reader.places.input[column] else {
                        continue;
                    };
                    let add = |to: Shared<f32>, row: usize| {
                        let to = to.at(reader.input(row * branches + branch, place) + unit);
                        V::load_first(to, there).add(value).store_first(to, there);
                    };
                    add(call.shared, member);
                    if let Some(own) = call.own {
                        add(own, group);
                    }
                }
            }
            direct.store_first(call.state.at(at), there);
            for (column, value) in through_state.iter().enumerate() {
                if let Some(place) = reader.places.state[column] {
                    value.store_first(call.sums.at(reader.state(row, place) + unit), there);
                }
            }
        }
    }

    /// The gradient of the bias: all that flows through a column, summed from whichever of the sums
    /// that hold it has fewer rows.
    #[inline(always)]
    unsafe fn bias<V: Lanes>(&self, (unit, there): (usize, usize)) {
        let Self { call, reader, .. } = self;
        let sizes = call.sizes;
        for column in 0..COLUMNS {
            // SAFETY: as above.
            unsafe {
                let mut sum = V::splat(0.0);
                let mut add = |from: *const f32| sum = sum.add(&V::load_first(from, there));
                match (reader.places.input[column], reader.places.state[column]) {
                    (Some(place), _) => (0..sizes.members * sizes.branches)
                        .for_each(|row| add(call.shared.at(reader.input(row, place) + unit))),
                    (None, Some(place)) => (0..sizes.groups * sizes.members)
                        .for_each(|row| add(call.sums.at(reader.state(row, place) + unit))),
                    (None, None) => {}
                }
                sum.store_first(call.bias.at(column * sizes.hidden + unit), there);
            }
        }
    }
}
