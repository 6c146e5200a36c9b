//! The one way in which work is cut: `0..of` in parts of nearly equal length.
//!
//! Where the cuts lie has no influence on any result; that they are the same everywhere makes it easy to see
//! that no row is computed twice or left out.
use crate::pool;
use std::ops::Range;

/// A number of rows, panels or vectors, cut in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shares {
    of: usize,
    parts: usize,
}

/// Cuts `0..of` in at most `most` parts, none of them empty.
#[inline(always)]
pub(crate) fn shares(of: usize, most: usize) -> Shares {
    Shares {
        of,
        parts: most.min(of),
    }
}

impl Shares {
    /// How many parts.
    pub(crate) fn len(self) -> usize {
        self.parts
    }

    /// One of them.
    #[inline(always)]
    pub(crate) fn part(self, part: usize) -> Range<usize> {
        self.of * part / self.parts..self.of * (part + 1) / self.parts
    }

    /// All of them, in order.
    #[inline(always)]
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Range<usize>> {
        (0..self.parts).map(move |part| self.part(part))
    }

    /// Runs `work` on every part, a task each, on at most so many threads.
    pub(crate) fn run(self, threads: usize, work: impl Fn(Range<usize>) + Sync) {
        pool::run(threads, self.parts, &|part| work(self.part(part)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn parts_follow_one_another_and_differ_by_one_at_most() {
        for of in [0, 1, 2, 7, 64, 101] {
            for most in [1, 2, 3, 8, 200] {
                let shares = shares(of, most);
                let parts: Vec<Range<usize>> = shares.iter().collect();
                assert_eq!(parts.len(), most.min(of));
                assert_eq!(parts.iter().cloned().flatten().count(), of);
                assert!(parts.iter().cloned().flatten().eq(0..of));
                let lengths = parts.iter().map(Range::len);
                let (least, largest) = (lengths.clone().min(), lengths.max());
                assert!(least.zip(largest).is_none_or(|(a, b)| a > 0 && b - a <= 1));
            }
        }
    }

    #[test]
    fn every_part_is_run_once() {
        for threads in [1, 2, 3, 8] {
            let done = Mutex::new(Vec::new());
            shares(101, 8).run(threads, |part| done.lock().unwrap().extend(part));
            let mut done = done.into_inner().unwrap();
            done.sort_unstable();
            assert!(done.into_iter().eq(0..101));
        }
    }
}
