//! Work that is cut into shares for threads: who does a share never shows in what comes out.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Additions and multiplications below which threads would cost more than they save.
const ALONE: usize = 4_000_000;

/// What `share` makes of each of 0 to `count`, in this order, however many threads there are. `work` is the number of
/// additions or multiplications of them all; where it is small, this thread does them alone. Each thread takes the next
/// share that nobody has, so that shares of unequal size end together.
pub(crate) fn in_order<T: Send>(
    count: usize,
    work: usize,
    share: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let threads = match work < ALONE {
        true => 1,
        false => thread::available_parallelism().map_or(1, usize::from),
    };
    on_threads(threads.min(count), count, share)
}

fn on_threads<T: Send>(threads: usize, count: usize, share: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            // The last first: in a triangle of work it is the largest.
            done.push((count - 1 - at, share(count - 1 - at)));
        }
    };
    let mut done = thread::scope(|scope| {
        // A thread that cannot be had leaves its shares to the others.
        let others: Vec<_> = (1..threads)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, worker).ok())
            .collect();
        let mut done = worker();
        for other in others {
            match other.join() {
                Ok(found) => done.extend(found),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, found)| found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_back_in_order_from_any_number_of_threads() {
        for (threads, count) in [(0, 0), (1, 7), (2, 7), (5, 3), (3, 1_009)] {
            let found = on_threads(threads, count, |at| at * at);
            assert_eq!(found, (0..count).map(|at| at * at).collect::<Vec<_>>());
        }
        assert_eq!(
            in_order(11, usize::MAX, |at| at + 1),
            (1..12).collect::<Vec<_>>()
        );
    }
}
