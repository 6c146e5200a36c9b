//! A table of which a batch reads few rows: read together with its dropout and its padding, and a gradient that has
//! those rows alone, so that no work is as large as the table.
//!
//! ```text
//! output[i] = factors[i] ⊙ table[ids[i]],  zero where ids[i] is NO_ROW
//! d table[e] = Σ over i with ids[i] = e, i ascending:  factors[i] ⊙ d output[i]     for the rows e that occur
//! ```
use super::{Embedding, LINE};
use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// The id of a place that reads no row, as padding: zeros stand there, and it has no part in a gradient.
pub const NO_ROW: u32 = u32::MAX;

impl Embedding {
    /// Copies the rows of `ids` out of the table, times `factors` where there are some: one for each value of the
    /// output, as dropout has. Zeros stand at [`NO_ROW`].
    ///
    /// # Errors
    /// An id that is neither [`NO_ROW`] nor below the number of entries; a buffer that does not fit.
    pub fn read(
        &self,
        context: &Context,
        table: &[f32],
        ids: &[u32],
        factors: Option<&[f32]>,
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check("table", table.len())?;
        self.check_rows(ids)?;
        let shape = [("ids", ids.len()), ("width", self.width)];
        ShapeError::check("embedding: output", &shape, output.len())?;
        if let Some(factors) = factors {
            ShapeError::check("embedding: factors", &shape, factors.len())?;
        }
        let width = self.width;
        let threads = context.threads_for(size_of_val(output));
        let to = Shared::new(output);
        shares(ids.len(), threads).run(threads, |places| {
            for place in places {
                // SAFETY: each place has a row of its own.
                let to = unsafe { std::slice::from_raw_parts_mut(to.at(place * width), width) };
                if ids[place] == NO_ROW {
                    to.fill(0.0);
                    continue;
                }
                let from = &table[ids[place] as usize * width..][..width];
                match factors {
                    None => to.copy_from_slice(from),
                    Some(factors) => {
                        let factors = &factors[place * width..][..width];
                        for ((to, from), factor) in to.iter_mut().zip(from).zip(factors) {
                            *to = from * factor;
                        }
                    }
                }
            }
        });
        Ok(())
    }

    /// Whether every id is in the table, or [`NO_ROW`].
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_rows(&self, ids: &[u32]) -> Result<(), ShapeError> {
        let beyond = |&id: &u32| id as usize >= self.entries && id != NO_ROW;
        match ids.iter().position(beyond) {
            None => Ok(()),
            Some(place) => Err(ShapeError::new(
                format!("embedding: ids[{place}]"),
                format!("an id below {}, the entries of the table", self.entries),
                ids[place].to_string(),
            )),
        }
    }
}

/// The rows that some places read, and the places of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    rows: Vec<u32>,
    /// Where the places of each begin in `places`, and the end.
    first: Vec<usize>,
    places: Vec<u32>,
    /// Places there are, those of no row among them.
    count: usize,
}

impl Rows {
    /// Of the rows that places read one after another, at most 2³² of them.
    pub fn of(ids: &[u32]) -> Self {
        let numbered = ids.iter().zip(0_u32..);
        let mut read: Vec<u64> = numbered
            .filter(|(id, _)| **id != NO_ROW)
            .map(|(&id, place)| (u64::from(id) << 32) | u64::from(place))
            .collect();
        read.sort_unstable();
        let (mut rows, mut first) = (Vec::new(), Vec::new());
        for (at, key) in read.iter().enumerate() {
            let row = (key >> 32) as u32;
            if rows.last() != Some(&row) {
                rows.push(row);
                first.push(at);
            }
        }
        first.push(read.len());
        Self {
            rows,
            first,
            places: read.into_iter().map(|key| key as u32).collect(),
            count: ids.len(),
        }
    }

    /// The rows, each once, in ascending order.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// The gradient of these rows, `[rows, width]`, from that of the output `[places, width]`.
    ///
    /// # Errors
    /// A buffer that does not fit.
    pub fn gradient(
        &self,
        context: &Context,
        width: usize,
        factors: Option<&[f32]>,
        output_gradient: &[f32],
        gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        let shape = [("places", self.count), ("width", width)];
        ShapeError::check("rows: output gradient", &shape, output_gradient.len())?;
        if let Some(factors) = factors {
            ShapeError::check("rows: factors", &shape, factors.len())?;
        }
        let shape = [("rows", self.rows.len()), ("width", width)];
        ShapeError::check("rows: gradient", &shape, gradient.len())?;
        let threads = context.threads_for(size_of_val(output_gradient));
        let call = Sum {
            rows: self,
            width,
            factors,
            output_gradient,
            gradient: Shared::new(gradient),
        };
        // By columns, so that a row that is read in most places keeps no thread waiting.
        shares(width.div_ceil(LINE), threads).run(threads, |lines| {
            let columns = lines.start * LINE..(lines.end * LINE).min(width);
            let columns = Columns {
                call: &call,
                columns,
            };
            // SAFETY: the context's instruction set is available, the buffers fit, and each task writes its own columns.
            unsafe { crate::lanes::run(context.instruction_set(), columns) };
        });
        Ok(())
    }
}

/// The sums.
struct Sum<'a> {
    rows: &'a Rows,
    width: usize,
    factors: Option<&'a [f32]>,
    output_gradient: &'a [f32],
    gradient: Shared<f32>,
}

/// The sums of some columns.
struct Columns<'a> {
    call: &'a Sum<'a>,
    columns: Range<usize>,
}

impl Kernel for Columns<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, columns } = self;
        let Sum { rows, width, .. } = *call;
        for row in 0..rows.rows.len() {
            let places = &rows.places[rows.first[row]..rows.first[row + 1]];
            for (column, there) in vectors::<V>(columns.clone()) {
                // SAFETY: the caller checked the buffers, and these columns are this task's.
                unsafe {
                    let mut sum = V::splat(0.0);
                    for &place in places {
                        let at = place as usize * width + column;
                        let value = V::load_first(call.output_gradient.as_ptr().add(at), there);
                        sum = match call.factors {
                            Some(factors) => {
                                let factor = V::load_first(factors.as_ptr().add(at), there);
                                factor.mul_add(&value, &sum)
                            }
                            None => sum.add(&value),
                        };
                    }
                    sum.store_first(call.gradient.at(row * width + column), there);
                }
            }
        }
    }
}
