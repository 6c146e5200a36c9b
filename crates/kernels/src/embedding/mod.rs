//! A table of vectors that is read by numbers: the first layer of whatever reads tokens.
//!
//! Row-major `f32`: table `[entries, width]`, ids `[n]`, output `[n, width]`. Forward, row i of the output is row
//! `ids[i]` of the table. Backward, a row of the table sums the gradients of all places where it was read:
//!
//! ```text
//! d table[e] = Σ over i with ids[i] = e, i ascending:  d output[i]
//! ```
//!
//! The places are brought into the order of their ids first (a counting sort), so each sum is one chain in ascending
//! order. Work is cut by columns: an id that is read in half of all places, as padding is, keeps no thread waiting, and
//! the bits do not depend on the number of threads.
#[cfg(test)]
mod reference;
mod rows;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_rows;

pub use rows::{NO_ROW, Rows};

use crate::context::Context;
use crate::error::ShapeError;
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::Shared;
use crate::shares::shares;
use std::ops::Range;

/// The sizes of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embedding {
    /// Rows: ids are below this.
    pub entries: usize,
    /// Values of a row.
    pub width: usize,
}

/// Columns are cut in steps of one cache line.
const LINE: usize = 16;

impl Embedding {
    /// Copies the rows of `ids` out of the table.
    ///
    /// # Errors
    /// An id that is not below the number of entries; a buffer that does not fit.
    pub fn forward(
        &self,
        context: &Context,
        table: &[f32],
        ids: &[u32],
        output: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check("table", table.len())?;
        self.check_output("output", ids, output.len())?;
        let width = self.width;
        let threads = context.threads_for(size_of_val(output));
        let to = Shared::new(output);
        shares(ids.len(), threads).run(threads, |places| {
            for place in places {
                let from = &table[ids[place] as usize * width..][..width];
                // SAFETY: each place has a row of its own.
                let to = unsafe { std::slice::from_raw_parts_mut(to.at(place * width), width) };
                to.copy_from_slice(from);
            }
        });
        Ok(())
    }

    /// The gradient of the table from that of the output, written in full: zero where no id points.
    ///
    /// # Errors
    /// As [`Embedding::forward`].
    pub fn backward(
        &self,
        context: &Context,
        ids: &[u32],
        output_gradient: &[f32],
        table_gradient: &mut [f32],
    ) -> Result<(), ShapeError> {
        self.check("table gradient", table_gradient.len())?;
        self.check_output("output gradient", ids, output_gradient.len())?;
        let call = Back {
            sizes: *self,
            threads: context
                .threads_for(size_of_val(output_gradient).max(size_of_val(table_gradient))),
            places: Places::of(ids, self.entries),
            output_gradient,
            table_gradient: Shared::new(table_gradient),
        };
        // SAFETY: the context's instruction set is available and the buffers fit.
        unsafe { crate::lanes::run(context.instruction_set(), call) };
        Ok(())
    }

    fn check(&self, what: &str, found: usize) -> Result<(), ShapeError> {
        let shape = [("entries", self.entries), ("width", self.width)];
        ShapeError::check(&format!("embedding: {what}"), &shape, found)
    }

    /// Whether every id is in the table.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check_ids(&self, ids: &[u32]) -> Result<(), ShapeError> {
        match ids.iter().position(|&id| id as usize >= self.entries) {
            None => Ok(()),
            Some(place) => Err(ShapeError::new(
                format!("embedding: ids[{place}]"),
                format!("an id below {}, the entries of the table", self.entries),
                ids[place].to_string(),
            )),
        }
    }

    fn check_output(&self, what: &str, ids: &[u32], found: usize) -> Result<(), ShapeError> {
        self.check_ids(ids)?;
        let shape = [("ids", ids.len()), ("width", self.width)];
        ShapeError::check(&format!("embedding: {what}"), &shape, found)
    }
}

/// The places at which each entry is read, in ascending order.
struct Places {
    /// Where each entry's places begin in `places`, and the end.
    first: Vec<usize>,
    places: Vec<usize>,
}

impl Places {
    fn of(ids: &[u32], entries: usize) -> Self {
        let mut first = vec![0; entries + 1];
        for &id in ids {
            first[id as usize + 1] += 1;
        }
        for entry in 0..entries {
            first[entry + 1] += first[entry];
        }
        let (mut next, mut places) = (first.clone(), vec![0; ids.len()]);
        for (place, &id) in ids.iter().enumerate() {
            places[next[id as usize]] = place;
            next[id as usize] += 1;
        }
        Self { first, places }
    }

    fn of_entry(&self, entry: usize) -> &[usize] {
        &self.places[self.first[entry]..self.first[entry + 1]]
    }
}

/// The sums.
struct Back<'a> {
    sizes: Embedding,
    threads: usize,
    places: Places,
    output_gradient: &'a [f32],
    table_gradient: Shared<f32>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let width = self.sizes.width;
        shares(width.div_ceil(LINE), self.threads).run(self.threads, |lines| {
            let columns = lines.start * LINE..(lines.end * LINE).min(width);
            // SAFETY: the instruction set is there, and each task writes its own columns.
            unsafe {
                V::enter(Columns {
                    call: &self,
                    columns,
                });
            }
        });
    }
}

/// The sums of some columns.
struct Columns<'a> {
    call: &'a Back<'a>,
    columns: Range<usize>,
}

impl Kernel for Columns<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, columns } = self;
        let width = call.sizes.width;
        for entry in 0..call.sizes.entries {
            let places = call.places.of_entry(entry);
            for (column, there) in vectors::<V>(columns.clone()) {
                // SAFETY: the caller checked both buffers, and these columns are this task's.
                unsafe {
                    let mut sum = V::splat(0.0);
                    for place in places {
                        let from = call.output_gradient.as_ptr().add(place * width + column);
                        sum = sum.add(&V::load_first(from, there));
                    }
                    sum.store_first(call.table_gradient.at(entry * width + column), there);
                }
            }
        }
    }
}
