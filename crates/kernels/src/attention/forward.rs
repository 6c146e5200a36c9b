//! Scores, weights and output of some sentences.
use super::kernel::{Additive, Left, Panel, clear, dots, product, sums};
use super::{Attention, Operands, Score};
use crate::lanes::sums::{Exponentials, largest, long_sum};
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::{Buffer, Shared, Shelf};
use crate::shares::shares;
use std::ops::Range;

/// Tasks for each thread: sentences are not equally long.
pub(super) const TASKS: usize = 8;

static ROOM: Shelf<Buffer> = Shelf::new(64);

pub(super) struct Ahead<'a> {
    pub(super) attention: Attention<'a>,
    pub(super) threads: usize,
    pub(super) operands: Operands<'a>,
    pub(super) output: Shared<f32>,
    pub(super) weights: Shared<f32>,
}

impl Kernel for Ahead<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let threads = self.threads;
        shares(self.attention.batch, threads * TASKS).run(threads, |sentences| {
            let call = &self;
            // SAFETY: the instruction set is there, and each task has sentences of its own.
            unsafe { V::enter(Part { call, sentences }) };
        });
    }
}

/// Some sentences.
struct Part<'a> {
    call: &'a Ahead<'a>,
    sentences: Range<usize>,
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Self { call, sentences } = self;
        let Attention {
            score,
            targets,
            sources,
            width,
            values,
            ..
        } = call.attention;
        let Operands {
            queries,
            keys,
            values: x,
        } = call.operands;
        let mut buffer = ROOM.take();
        let room = buffer.reserve(Panel::room::<V>(sources, values));
        for sentence in sentences {
            let (real_targets, real) = call.attention.real(sentence);
            let queries = queries[sentence * targets * width..].as_ptr();
            let keys = keys[sentence * sources * width..].as_ptr();
            let x = x[sentence * sources * values..].as_ptr();
            // SAFETY: the caller checked every buffer, and this sentence is this task's.
            unsafe {
                let weights = call.weights.at(sentence * targets * sources);
                let output = call.output.at(sentence * targets * values);
                for target in 0..real_targets {
                    let query = queries.add(target * width);
                    let row = weights.add(target * sources);
                    match score {
                        Score::Dot { scale } => {
                            dots::<V>(query, keys, real, width, row);
                            let scale = V::splat(scale);
                            for (first, there) in vectors::<V>(0..real) {
                                let e = row.add(first);
                                V::load_first(e, there).mul(&scale).store_first(e, there);
                            }
                        }
                        Score::Additive { vector } => {
                            for source in 0..real {
                                let terms = Additive {
                                    query,
                                    key: keys.add(source * width),
                                    vector: vector.as_ptr(),
                                };
                                [*row.add(source)] = sums::<V, 1>(width, &terms);
                            }
                        }
                    }
                    softmax::<V>(row, real);
                    clear(row, real, sources, 1);
                }
                clear(weights, real_targets, targets, sources);
                if real_targets > 0 {
                    let left = Left {
                        first: weights,
                        rows: real_targets,
                        row: sources,
                        step: 1,
                        length: real,
                    };
                    product::<V>(left, Panel::new::<V>(x, real, values, room), output);
                }
                clear(output, real_targets, targets, values);
            }
        }
        ROOM.put(buffer);
    }
}

/// e^x over the sum of all of them, in place.
#[inline(always)]
unsafe fn softmax<V: Lanes>(row: *mut f32, count: usize) {
    // SAFETY: the caller vouches for the row, and is within `enter`.
    unsafe {
        let terms = Exponentials {
            x: row,
            highest: largest::<V>(row, count),
            to: Some(row),
        };
        let total = long_sum::<V>(count, &terms);
        let factor = V::splat((1.0 / total) as f32);
        for (first, there) in vectors::<V>(0..count) {
            let to = row.add(first);
            V::load_first(to, there).mul(&factor).store_first(to, there);
        }
    }
}
