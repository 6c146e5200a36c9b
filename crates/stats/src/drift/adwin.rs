//! Adaptive windowing: as many of the last values as have one mean.

use std::collections::VecDeque;

/// Buckets of each size at the most.
const BUCKETS: usize = 5;
/// Values in a part of the window at least.
const PART: f64 = 5.0;
/// Values in a window that is tested at least.
const TESTED: f64 = 10.0;

/// Some values in a row, of which the sum and the sum of squares about their mean are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    sum: f64,
    squares: f64,
}

/// Watches the mean of a stream by a window over its last values, which grows as long as no cut makes two parts of
/// significantly different means; where one does, the oldest values leave until none does, and that is an alarm. So after an
/// alarm the window holds what came since the change. Values lie in buckets of 1, 2, 4, … values, five of each size at the
/// most, so a window of n values takes memory and time in proportion to ln n.
///
/// The bound on the difference of means has a part for the spread of the values and one that takes their range to be
/// about 1, as in errors from 0 to 1: bring others to that range. As in the package `river`, with its defaults, but
/// that `river` forgets the window with the first value after an alarm: [`Adwin::restart`] does that. (Releases of it before
/// it was written in Rust left out the newest bucket of each size when looking for a cut.)
///
/// Bifet, Gavaldà, "Learning from time-changing data with adaptive windowing" (2007), SIAM International Conference on Data
/// Mining; the version with buckets, ADWIN2, and the bound of their equation 3.1.
#[derive(Clone, Debug, PartialEq)]
pub struct Adwin {
    risk: f64,
    every: usize,
    /// Of size 1, 2, 4, …; in each the oldest first.
    sizes: Vec<VecDeque<Bucket>>,
    count: f64,
    sum: f64,
    squares: f64,
    since: usize,
}

impl Adwin {
    /// With the chance of an alarm without a change that is accepted at a test (`risk`, 0.002 is usual; between 0 and 1),
    /// testing after every so many values (`every`, 32; 1 finds changes soonest and takes most time). Nothing if `risk` is
    /// not between 0 and 1 or `every` is 0.
    pub fn new(risk: f64, every: usize) -> Option<Self> {
        (risk > 0.0 && risk < 1.0 && every > 0).then(|| Self::begun(risk, every))
    }

    fn begun(risk: f64, every: usize) -> Self {
        Adwin {
            risk,
            every,
            sizes: Vec::new(),
            count: 0.0,
            sum: 0.0,
            squares: 0.0,
            since: 0,
        }
    }

    /// Takes the next value; whether the mean has changed. A value that is not finite is left out.
    pub fn next(&mut self, value: f64) -> bool {
        if !value.is_finite() {
            return false;
        }
        if self.count > 0.0 {
            let beyond = value - self.sum / self.count;
            self.squares += self.count * beyond * beyond / (self.count + 1.0);
        }
        self.count += 1.0;
        self.sum += value;
        self.insert(value);
        self.since += 1;
        if self.since < self.every {
            return false;
        }
        self.since = 0;
        let mut changed = false;
        while self.count > TESTED && self.is_cut() && self.drop_oldest() {
            changed = true;
        }
        changed
    }

    /// Forgets all values.
    pub fn restart(&mut self) {
        *self = Self::begun(self.risk, self.every);
    }

    /// Values in the window.
    pub fn count(&self) -> usize {
        self.count as usize
    }

    /// Their mean; 0 if there is none.
    pub fn mean(&self) -> f64 {
        if self.count > 0.0 {
            self.sum / self.count
        } else {
            0.0
        }
    }

    /// Adds a bucket of one value, and joins the two oldest of each size of which there are too many.
    fn insert(&mut self, value: f64) {
        let mut next = Some(Bucket {
            sum: value,
            squares: 0.0,
        });
        let (mut at, mut size) = (0, 1.0);
        while let Some(bucket) = next.take() {
            if at == self.sizes.len() {
                self.sizes.push(VecDeque::new());
            }
            let buckets = &mut self.sizes[at];
            buckets.push_back(bucket);
            if buckets.len() > BUCKETS
                && let (Some(a), Some(b)) = (buckets.pop_front(), buckets.pop_front())
            {
                let apart = (a.sum - b.sum) / size;
                next = Some(Bucket {
                    sum: a.sum + b.sum,
                    squares: a.squares + b.squares + 0.5 * size * apart * apart,
                });
            }
            (at, size) = (at + 1, 2.0 * size);
        }
    }

    /// Whether there is a cut between two buckets with significantly different means before and behind it.
    fn is_cut(&self) -> bool {
        let log = (2.0 * self.count.ln() / self.risk).ln();
        let variance = (self.squares / self.count).max(0.0);
        let (mut before, mut sum) = (0.0, 0.0);
        for (at, buckets) in self.sizes.iter().enumerate().rev() {
            let size = f64::powi(2.0, at as i32);
            for bucket in buckets {
                before += size;
                sum += bucket.sum;
                let behind = self.count - before;
                if before < PART || behind < PART {
                    continue;
                }
                let apart = (sum / before - (self.sum - sum) / behind).abs();
                let spread = 1.0 / (before - PART + 1.0) + 1.0 / (behind - PART + 1.0);
                let bound = (2.0 * spread * variance * log).sqrt() + 2.0 / 3.0 * log * spread;
                if apart > bound {
                    return true;
                }
            }
        }
        false
    }

    /// Takes the oldest bucket out of the window; whether there was one beside others.
    fn drop_oldest(&mut self) -> bool {
        let Some(largest) = self.sizes.len().checked_sub(1) else {
            return false;
        };
        let size = f64::powi(2.0, largest as i32);
        let Some(bucket) = self.sizes[largest].pop_front() else {
            return false;
        };
        while self.sizes.last().is_some_and(VecDeque::is_empty) {
            self.sizes.pop();
        }
        self.count -= size;
        self.sum -= bucket.sum;
        if self.count <= 0.0 {
            self.restart();
            return true;
        }
        let apart = bucket.sum / size - self.sum / self.count;
        let joined = size * self.count / (size + self.count) * apart * apart;
        self.squares -= bucket.squares + joined;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Draws;

    #[test]
    fn the_window_grows_and_holds_what_came_since_a_change() {
        let mut draws = Draws::new(7);
        let mut stream = Adwin::new(0.002, 1).unwrap();
        for _ in 0..3_000 {
            stream.next(0.2 * draws.uniform());
        }
        assert!(stream.count() > 2_000 && (stream.mean() - 0.1).abs() < 0.01);
        let before = stream.clone();
        assert!(!stream.next(f64::NAN) && !stream.next(f64::NEG_INFINITY));
        assert_eq!(stream, before);
        let alarms = (0..1_000)
            .filter(|_| stream.next(0.5 + 0.2 * draws.uniform()))
            .count();
        assert!(
            alarms > 0 && stream.count() <= 1_024,
            "{alarms} {}",
            stream.count()
        );
        assert!((stream.mean() - 0.6).abs() < 0.02, "{}", stream.mean());
        stream.restart();
        assert_eq!((stream.count(), stream.mean()), (0, 0.0));
        assert!(stream.sizes.is_empty());
    }

    #[test]
    fn memory_grows_with_the_logarithm() {
        let mut stream = Adwin::new(0.002, 32).unwrap();
        let alarms = (0..100_000)
            .filter(|at| stream.next(f64::from(at % 7)))
            .count();
        assert_eq!((alarms, stream.count()), (0, 100_000));
        assert!(
            stream.sizes.len() < 17 && stream.sizes.iter().all(|buckets| buckets.len() <= BUCKETS)
        );
        for (risk, every) in [(0.0, 1), (1.0, 1), (f64::NAN, 1), (0.1, 0)] {
            assert_eq!(Adwin::new(risk, every), None);
        }
    }
}
