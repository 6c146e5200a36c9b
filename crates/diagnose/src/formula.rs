//! One step of a layer of any cell, ahead and behind, from the formula the cell itself states.
//!
//! A [`Cell`] is written over any kind of number: with `f64` it gives the states and, backward, what
//! [`Formula::pull_back`] needs; with dual numbers it gives [`Formula::push_forward`].

use std::fmt::Debug;
use std::sync::Arc;

use ressac_nn::Cell;
use ressac_nn::cell::Source;

use super::layer::{Layer, LayerStep, dot, normalised, times, units};
use super::number::{Dual, Number};

/// A sum at which every activation that has an end has reached it.
const FAR: f64 = 1e3;

/// A value of a step that lies between two ends, where its slope is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// Its letter.
    pub name: &'static str,
    /// Whether it lies between −1 and 1 (tanh), and not between 0 and 1.
    pub signed: bool,
}

/// A cell whose type has been forgotten, so that a stack is one type whatever its cell.
#[derive(Debug, Clone)]
pub struct AnyCell(pub(super) Arc<dyn Formula>);

impl AnyCell {
    /// Forgets the type of `cell`.
    pub fn new<
        C,
        const COLUMNS: usize,
        const STATES: usize,
        const KEPT: usize,
        const UNITS: usize,
    >(
        cell: C,
    ) -> Self
    where
        C: Cell<COLUMNS, STATES, KEPT, UNITS>,
    {
        Self(Arc::new(Typed::new(cell)))
    }

    /// The cell's name: `lstm`, `gru-before`.
    pub fn name(&self) -> &'static str {
        self.0.counts().name
    }

    /// States carried from step to step.
    pub fn states(&self) -> usize {
        self.0.counts().states
    }

    /// The values of a step that have ends: those of its columns which do, and tanh c of a cell state.
    pub fn gates(&self) -> Vec<Gate> {
        self.0.gates()
    }
}

/// How much of everything a cell has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) name: &'static str,
    pub(super) columns: usize,
    pub(super) states: usize,
    pub(super) units: usize,
    /// Columns that read the input, and those that read the state.
    pub(super) read: (usize, usize),
}

/// A step of a layer, whatever its cell.
pub(super) trait Formula: Debug + Send + Sync {
    fn counts(&self) -> Counts;
    fn gates(&self) -> Vec<Gate>;
    /// From what the layer reads and the states before to those after.
    fn step(&self, layer: &Layer, x: &[f64], before: &[f64]) -> LayerStep;
    /// Adds to `before` what the gradient of the states after the step is of those before it, and to
    /// `x`, where it is wanted, what it is of what the layer read.
    fn pull_back(
        &self,
        layer: &Layer,
        step: &LayerStep,
        after: &[f64],
        before: &mut [f64],
        x: Option<&mut [f64]>,
    );
    /// The change of the states after the step, from that of the states before and of what it read.
    fn push_forward(
        &self,
        layer: &Layer,
        step: &LayerStep,
        before: &[f64],
        dx: Option<&[f64]>,
    ) -> Vec<f64>;
}

#[derive(Debug)]
struct Typed<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> {
    cell: C,
    /// Each kept value that has ends.
    ends: Vec<(usize, Gate)>,
}

/// A step in numbers of any kind.
struct Passage<N> {
    kept: Vec<N>,
    next: Vec<N>,
    after: Vec<N>,
    normal: Vec<(Vec<N>, N)>,
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize>
    Typed<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    const GATED: bool = {
        let (mut column, mut found) = (0, false);
        while column < COLUMNS {
            found = found || C::SOURCES[column].is_gated();
            column += 1;
        }
        found
    };

    /// Finds which of the cell's values have ends by asking its formula for those of sums far out.
    fn new(cell: C) -> Self {
        let ends = C::COLUMN_NAMES
            .into_iter()
            .zip(Self::at(&cell, -FAR).into_iter().zip(Self::at(&cell, FAR)))
            .enumerate()
            .filter_map(|(place, (name, (low, high)))| {
                let signed = low < 0.0;
                let low_end = if signed { -1.0 } else { 0.0 };
                (low == low_end && high == 1.0).then_some((place, Gate { name, signed }))
            })
            .collect();
        Self { cell, ends }
    }

    /// What a step keeps, or of a cell that keeps nothing its output, with every sum at `far`.
    fn at(cell: &C, far: f64) -> Vec<f64> {
        let columns = [far; COLUMNS];
        let columns = match Self::GATED {
            true => cell.gate(columns, [0.0; STATES]).1,
            false => columns,
        };
        let (next, kept) = cell.forward(columns, [0.0; STATES], [0.0; UNITS]);
        match KEPT {
            0 => vec![next[0]],
            _ => kept.to_vec(),
        }
    }

    /// The products of each column, without what reads the gated state.
    fn sums(layer: &Layer, x: Option<&[f64]>, state: &[f64]) -> Vec<f64> {
        let n = layer.hidden;
        let fed = &state[C::FED * n..(C::FED + 1) * n];
        let mut sums = vec![0.0; COLUMNS * n];
        let (mut input, mut recurrent) = (0, 0);
        for (column, source) in C::SOURCES.into_iter().enumerate() {
            let sums = &mut sums[column * n..(column + 1) * n];
            for (unit, sum) in sums.iter_mut().enumerate() {
                if let (true, Some(x)) = (source.reads_input(), x) {
                    *sum += dot(&layer.weights.input, input * n + unit, x);
                }
                if source.reads_state() && !source.is_gated() {
                    *sum += dot(&layer.weights.recurrent, recurrent * n + unit, fed);
                }
            }
            input += usize::from(source.reads_input());
            recurrent += usize::from(source.reads_state());
        }
        sums
    }

    /// The rest of the step, from the sums on.
    fn advance<N: Number>(&self, layer: &Layer, mut sums: Vec<N>, before: &[N]) -> Passage<N> {
        let n = layer.hidden;
        let columns_of = |sums: &[N], unit: usize| -> [N; COLUMNS] {
            std::array::from_fn(|column| sums[column * n + unit])
        };
        let previous =
            |unit: usize| -> [N; STATES] { std::array::from_fn(|state| before[state * n + unit]) };
        let mut normal = vec![(Vec::new(), N::of(0.0)); COLUMNS];
        let mut finish = |sums: &mut [N], gated: bool| {
            for (column, source) in C::SOURCES.into_iter().enumerate() {
                if source.is_gated() == gated {
                    let part = column * n..(column + 1) * n;
                    let bias = &layer.weights.bias[part.clone()];
                    match layer.weights.gain.get(part.clone()) {
                        Some(gain) => normal[column] = normalised(&mut sums[part], gain, bias),
                        None => {
                            for (sum, bias) in sums[part].iter_mut().zip(bias) {
                                *sum = sum.add(&N::of(*bias));
                            }
                        }
                    }
                }
            }
        };
        finish(&mut sums, false);
        if Self::GATED {
            let mut gated = Vec::with_capacity(n);
            for unit in 0..n {
                let (value, columns) = self.cell.gate(columns_of(&sums, unit), previous(unit));
                gated.push(value);
                for (column, value) in columns.into_iter().enumerate() {
                    sums[column * n + unit] = value;
                }
            }
            for (column, block) in blocks(C::SOURCES, Source::reads_state) {
                if C::SOURCES[column].is_gated() {
                    for unit in 0..n {
                        let row = &layer.weights.recurrent[(block * n + unit) * n..][..n];
                        let sum = &mut sums[column * n + unit];
                        for (weight, value) in row.iter().zip(&gated) {
                            *sum = value.mul_add(&N::of(*weight), sum);
                        }
                    }
                }
            }
            finish(&mut sums, true);
        }
        let mut kept = vec![N::of(0.0); KEPT * n];
        let mut next = vec![N::of(0.0); STATES * n];
        for unit in 0..n {
            let columns = columns_of(&sums, unit);
            let (states, values) = self.cell.forward(
                columns,
                previous(unit),
                units(layer).map(|w| N::of(w[unit])),
            );
            for (state, value) in states.into_iter().enumerate() {
                next[state * n + unit] = value;
            }
            for (place, value) in values.into_iter().enumerate() {
                kept[place * n + unit] = value;
            }
        }
        let stays = N::of(layer.zoneout);
        let mixed = |(next, before): (&N, &N)| before.sub(next).mul_add(&stays, next);
        let after = match layer.zoneout > 0.0 {
            true => next.iter().zip(before).map(mixed).collect(),
            false => next.clone(),
        };
        Passage {
            kept,
            next,
            after,
            normal,
        }
    }

    /// The gradient of normalised columns, brought before the normalisation.
    fn before_normalisation(layer: &Layer, step: &LayerStep, d: &mut [f64], gated: bool) {
        let n = layer.hidden;
        for column in 0..COLUMNS {
            let part = column * n..(column + 1) * n;
            if let (Some(gain), true) = (
                layer.weights.gain.get(part.clone()),
                C::SOURCES[column].is_gated() == gated,
            ) {
                let (normal, scale) = &step.normal[column];
                let d = &mut d[part];
                d.iter_mut().zip(gain).for_each(|(d, gain)| *d *= gain);
                let mean = d.iter().sum::<f64>() / n as f64;
                let along = d.iter().zip(normal).map(|(d, x)| d * x).sum::<f64>() / n as f64;
                for (d, x) in d.iter_mut().zip(normal) {
                    *d = (*d - mean - x * along) * scale;
                }
            }
        }
    }
}

impl<C, const COLUMNS: usize, const STATES: usize, const KEPT: usize, const UNITS: usize> Formula
    for Typed<C, COLUMNS, STATES, KEPT, UNITS>
where
    C: Cell<COLUMNS, STATES, KEPT, UNITS>,
{
    fn counts(&self) -> Counts {
        Counts {
            name: C::NAME,
            columns: COLUMNS,
            states: STATES,
            units: UNITS,
            read: (
                blocks(C::SOURCES, Source::reads_input).count(),
                blocks(C::SOURCES, Source::reads_state).count(),
            ),
        }
    }

    fn gates(&self) -> Vec<Gate> {
        let cell_state = (STATES > 1).then_some(Gate {
            name: "tanh c",
            signed: true,
        });
        let own = self.ends.iter().map(|(_, gate)| *gate);
        own.chain(cell_state).collect()
    }

    fn step(&self, layer: &Layer, x: &[f64], before: &[f64]) -> LayerStep {
        let n = layer.hidden;
        let sums = Self::sums(layer, Some(x), before);
        let done = self.advance(layer, sums.clone(), before);
        let values = match KEPT {
            0 => &done.next,
            _ => &done.kept,
        };
        let mut gates = Vec::new();
        for &(place, _) in &self.ends {
            gates.extend_from_slice(&values[place * n..(place + 1) * n]);
        }
        if STATES > 1 {
            gates.extend(done.next[n..2 * n].iter().map(|c| c.tanh()));
        }
        LayerStep {
            gates,
            after: done.after,
            before: before.to_vec(),
            sums,
            kept: done.kept,
            next: done.next,
            normal: done.normal,
        }
    }

    fn pull_back(
        &self,
        layer: &Layer,
        step: &LayerStep,
        after: &[f64],
        before: &mut [f64],
        x: Option<&mut [f64]>,
    ) {
        let n = layer.hidden;
        let at = |values: &[f64], place: usize, unit: usize| values[place * n + unit];
        let previous = |unit: usize| -> [f64; STATES] {
            std::array::from_fn(|state| at(&step.before, state, unit))
        };
        let kept = |unit: usize| -> [f64; KEPT] {
            std::array::from_fn(|place| at(&step.kept, place, unit))
        };
        let mut columns = vec![0.0; COLUMNS * n];
        for unit in 0..n {
            let (of_columns, passed, _) = self.cell.backward(
                kept(unit),
                previous(unit),
                std::array::from_fn(|state| at(&step.next, state, unit)),
                units(layer).map(|weights| weights[unit]),
                std::array::from_fn(|state| (1.0 - layer.zoneout) * at(after, state, unit)),
            );
            for (column, d) in of_columns.into_iter().enumerate() {
                columns[column * n + unit] = d;
            }
            for (state, passed) in passed.into_iter().enumerate() {
                before[state * n + unit] += passed + layer.zoneout * at(after, state, unit);
            }
        }
        let lines = |block: usize, wide: usize| block * n * wide..(block + 1) * n * wide;
        if Self::GATED {
            Self::before_normalisation(layer, step, &mut columns, true);
            let mut gated = vec![0.0; n];
            for (column, block) in blocks(C::SOURCES, Source::reads_state) {
                if C::SOURCES[column].is_gated() {
                    let d = &columns[column * n..(column + 1) * n];
                    times(d, &layer.weights.recurrent[lines(block, n)], &mut gated);
                }
            }
            for (unit, gated) in gated.into_iter().enumerate() {
                let (of_columns, passed) =
                    self.cell.gate_backward(kept(unit), previous(unit), gated);
                for (column, d) in of_columns.into_iter().enumerate() {
                    if !C::SOURCES[column].is_gated() {
                        columns[column * n + unit] += d;
                    }
                }
                for (state, passed) in passed.into_iter().enumerate() {
                    before[state * n + unit] += passed;
                }
            }
        }
        Self::before_normalisation(layer, step, &mut columns, false);
        let fed = &mut before[C::FED * n..(C::FED + 1) * n];
        for (column, block) in blocks(C::SOURCES, Source::reads_state) {
            if !C::SOURCES[column].is_gated() {
                let d = &columns[column * n..(column + 1) * n];
                times(d, &layer.weights.recurrent[lines(block, n)], fed);
            }
        }
        if let Some(x) = x {
            for (column, block) in blocks(C::SOURCES, Source::reads_input) {
                let d = &columns[column * n..(column + 1) * n];
                times(d, &layer.weights.input[lines(block, layer.input)], x);
            }
        }
    }

    fn push_forward(
        &self,
        layer: &Layer,
        step: &LayerStep,
        before: &[f64],
        dx: Option<&[f64]>,
    ) -> Vec<f64> {
        let dual = |(value, slope): (&f64, &f64)| Dual {
            value: *value,
            slope: *slope,
        };
        let slopes = Self::sums(layer, dx, before);
        let sums = step.sums.iter().zip(&slopes).map(dual).collect();
        let states: Vec<Dual> = step.before.iter().zip(before).map(dual).collect();
        let done = self.advance(layer, sums, &states);
        done.after.into_iter().map(|state| state.slope).collect()
    }
}

/// Each column that reads so, with the place of its rows in the matrix it reads through.
fn blocks<const COLUMNS: usize>(
    sources: [Source; COLUMNS],
    reads: fn(Source) -> bool,
) -> impl Iterator<Item = (usize, usize)> {
    let columns = (0..COLUMNS).filter(move |column| reads(sources[*column]));
    columns.enumerate().map(|(block, column)| (column, block))
}
