//! Gradients of some sentences.
use super::forward::TASKS;
use super::kernel::{Dot, Left, Panel, clear, dots, product, sums};
use super::{Attention, Operands, Score};
use crate::lanes::{Kernel, Lanes, vectors};
use crate::memory::{Buffer, Shared, Shelf};
use crate::product::{MAX_VECTORS, STRIP, sum_rows};
use crate::shares::shares;
use std::ops::Range;

/// Buffers of a task.
#[derive(Default)]
struct Room {
    /// de, `[targets, sources]`.
    scores: Buffer,
    panel: Buffer,
    /// A vector of features of each key, and of its gradient.
    keys: Buffer,
}

static ROOM: Shelf<Room> = Shelf::new(64);
static VECTORS: Shelf<Buffer> = Shelf::new(2);

pub(super) struct Back<'a> {
    pub(super) attention: Attention<'a>,
    pub(super) threads: usize,
    pub(super) operands: Operands<'a>,
    pub(super) weights: &'a [f32],
    pub(super) output_gradient: &'a [f32],
    pub(super) queries: Option<Shared<f32>>,
    pub(super) keys: Option<Shared<f32>>,
    pub(super) values: Option<Shared<f32>>,
    pub(super) vector: Option<Shared<f32>>,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let Attention { batch, width, .. } = self.attention;
        let threads = self.threads;
        let stride = width.next_multiple_of(V::WIDTH);
        let mut buffer = VECTORS.take();
        let vectors = self.vector.map(|_| {
            // Whole vectors beyond, so that the last row may be read in full.
            let vectors = buffer.reserve(batch * stride + MAX_VECTORS * V::WIDTH);
            (Shared::new(vectors), stride)
        });
        shares(batch, threads * TASKS).run(threads, |sentences| {
            let part = Part {
                call: &self,
                vectors,
                sentences,
            };
            // SAFETY: the instruction set is there, and each task has sentences of its own.
            unsafe { V::enter(part) };
        });
        if let (Some(vector), Some((vectors, _))) = (self.vector, vectors) {
            shares(batch.div_ceil(STRIP), 1).run(1, |strips| {
                for strip in strips {
                    let start = strip * STRIP;
                    let count = STRIP.min(batch - start);
                    // SAFETY: every sentence has written its row, and this is the one task.
                    unsafe {
                        let (rows, to) = (vectors.at(start * stride), vector.at(0));
                        sum_rows::<V>(start > 0, rows, count, stride, to, width);
                    }
                }
            });
        }
        VECTORS.put(buffer);
    }
}

/// Some sentences.
struct Part<'a> {
    call: &'a Back<'a>,
    /// `[batch, width padded]`: what each sentence adds to dv.
    vectors: Option<(Shared<f32>, usize)>,
    sentences: Range<usize>,
}

impl Kernel for Part<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes>(self) {
        let call = self.call;
        let Attention {
            score,
            targets,
            sources,
            width,
            values,
            ..
        } = call.attention;
        let wants_scores = call.queries.is_some() || call.keys.is_some() || call.vector.is_some();
        let mut room = ROOM.take();
        let de = room.scores.reserve(targets * sources).as_mut_ptr();
        let most = Panel::room::<V>(targets.max(sources), width);
        let panel = (room.panel).reserve(most.max(Panel::room::<V>(targets, values)));
        let key_room = room.keys.reserve(2 * sources * V::WIDTH).as_mut_ptr();
        for sentence in self.sentences {
            let (real_targets, real) = call.attention.real(sentence);
            let queries = call.operands.queries[sentence * targets * width..].as_ptr();
            let keys = call.operands.keys[sentence * sources * width..].as_ptr();
            let x = call.operands.values[sentence * sources * values..].as_ptr();
            let a = call.weights[sentence * targets * sources..].as_ptr();
            let dy = call.output_gradient[sentence * targets * values..].as_ptr();
            // Sums over targets, for each source: the weights are read down their columns.
            let down = |first: *const f32| Left {
                first,
                rows: real,
                row: 1,
                step: sources,
                length: real_targets,
            };
            // SAFETY: the caller checked every buffer, and this sentence is this task's.
            unsafe {
                let own = |gradient: Option<Shared<f32>>, size: usize| {
                    gradient.map(|gradient| gradient.at(sentence * size))
                };
                let d_queries = own(call.queries, targets * width);
                let d_keys = own(call.keys, sources * width);
                let d_values = own(call.values, sources * values);
                if let Some(to) = d_values {
                    let right = Panel::new::<V>(dy, real_targets, values, panel);
                    product::<V>(down(a), right, to);
                    clear(to, real, sources, values);
                }
                if let Some(to) = d_queries {
                    clear(to, real_targets, targets, width);
                }
                if let Some(to) = d_keys {
                    clear(to, real, sources, width);
                }
                if !wants_scores {
                    continue;
                }
                for target in 0..real_targets {
                    let (a, de) = (a.add(target * sources), de.add(target * sources));
                    dots::<V>(dy.add(target * values), x, real, values, de);
                    of_softmax::<V>(a, de, real);
                }
                match score {
                    Score::Dot { scale } => {
                        let scale = V::splat(scale);
                        for target in 0..real_targets {
                            for (first, there) in vectors::<V>(0..real) {
                                let e = de.add(target * sources + first);
                                V::load_first(e, there).mul(&scale).store_first(e, there);
                            }
                        }
                        if let Some(to) = d_queries {
                            let across = Left {
                                first: de,
                                rows: real_targets,
                                row: sources,
                                step: 1,
                                length: real,
                            };
                            product::<V>(across, Panel::new::<V>(keys, real, width, panel), to);
                        }
                        if let Some(to) = d_keys {
                            let right = Panel::new::<V>(queries, real_targets, width, panel);
                            product::<V>(down(de), right, to);
                        }
                    }
                    Score::Additive { vector } => {
                        let vectors = self.vectors;
                        let pairs = Pairs {
                            targets: real_targets,
                            sources: real,
                            width,
                            stride: sources,
                            scores: de,
                            queries,
                            keys,
                            vector: vector.as_ptr(),
                            d_queries,
                            d_keys,
                            d_vector: vectors.map(|(all, stride)| all.at(sentence * stride)),
                            key_room,
                        };
                        pairs.run::<V>();
                    }
                }
            }
        }
        ROOM.put(room);
    }
}

/// de from a and da, in place of da.
#[inline(always)]
unsafe fn of_softmax<V: Lanes>(a: *const f32, de: *mut f32, count: usize) {
    // SAFETY: the caller vouches for both rows, and is within `enter`.
    unsafe {
        let others = [de.cast_const()];
        let [mean] = sums::<V, 1>(count, &Dot { row: a, others });
        let mean = V::splat(mean);
        for (first, there) in vectors::<V>(0..count) {
            let to = de.add(first);
            let away = V::load_first(to, there).sub(&mean);
            let weights = V::load_first(a.add(first), there);
            weights.mul(&away).store_first(to, there);
        }
    }
}

/// The additive score of every pair of a sentence, backward.
struct Pairs {
    targets: usize,
    sources: usize,
    width: usize,
    /// Distance between rows of `scores`.
    stride: usize,
    /// de.
    scores: *const f32,
    queries: *const f32,
    keys: *const f32,
    vector: *const f32,
    d_queries: Option<*mut f32>,
    d_keys: Option<*mut f32>,
    d_vector: Option<*mut f32>,
    /// Two vectors for each source.
    key_room: *mut f32,
}

impl Pairs {
    /// A vector of features after the other, each over all pairs: sums over sources lie in a register, those over targets
    /// in the first-level cache.
    #[inline(always)]
    unsafe fn run<V: Lanes>(&self) {
        // SAFETY: the caller vouches for the sentence, and is within `enter`.
        unsafe {
            let zero = V::splat(0.0);
            let key = |source: usize| self.key_room.add(2 * source * V::WIDTH);
            for (first, there) in vectors::<V>(0..self.width) {
                let vector = V::load_first(self.vector.add(first), there);
                for source in 0..self.sources {
                    let from = self.keys.add(source * self.width + first);
                    V::load_first(from, there).store(key(source));
                    zero.store(key(source).add(V::WIDTH));
                }
                let mut d_vector = zero;
                for target in 0..self.targets {
                    let at = target * self.width + first;
                    let query = V::load_first(self.queries.add(at), there);
                    let mut d_query = zero;
                    for source in 0..self.sources {
                        let e = V::splat(*self.scores.add(target * self.stride + source));
                        let (key, d_key) = (key(source), key(source).add(V::WIDTH));
                        let tanh = query.add(&V::load(key)).tanh();
                        d_vector = e.mul_add(&tanh, &d_vector);
                        let slope = tanh.tanh_slope();
                        d_query = e.mul_add(&slope, &d_query);
                        e.mul_add(&slope, &V::load(d_key)).store(d_key);
                    }
                    if let Some(to) = self.d_queries {
                        d_query.mul(&vector).store_first(to.add(at), there);
                    }
                }
                if let Some(to) = self.d_keys {
                    for source in 0..self.sources {
                        let d_key = V::load(key(source).add(V::WIDTH)).mul(&vector);
                        let to = to.add(source * self.width + first);
                        d_key.store_first(to, there);
                    }
                }
                if let Some(to) = self.d_vector {
                    d_vector.store_first(to.add(first), there);
                }
            }
        }
    }
}
