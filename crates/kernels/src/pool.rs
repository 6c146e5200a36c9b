//! Worker threads for barrier-free work: a call is cut into tasks that anybody may take.
//!
//! The caller works too, and never waits for a worker that has not begun: it takes tasks until none is
//! left, then waits only for those a worker is in the midst of. So on a busy machine a call costs at
//! most what it would cost alone. Several threads may call at once: one of them gets the workers, the
//! others run their tasks by themselves. Idle workers spin briefly (the next call usually comes within
//! microseconds), then yield, then sleep.
use crate::float_mode::FlushDenormals;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, TryLockError};
use std::thread::Thread;
use std::time::Duration;

/// Spins before a worker begins to yield: about as long as the gap between two calls of a training step.
const SPINS: u32 = 4_000;
/// Yields before a worker goes to sleep.
const YIELDS: u32 = 60;
/// More workers than this are never started.
const MOST_WORKERS: usize = 255;

type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// A call in progress; lives on the caller's stack.
struct Job<'a> {
    work: &'a Task<'a>,
    next: AtomicUsize,
    tasks: usize,
    panicked: AtomicBool,
}

impl Job<'_> {
    /// Takes tasks until none is left.
    fn work(&self) {
        let _mode = FlushDenormals::new();
        loop {
            let task = self.next.fetch_add(1, Ordering::Relaxed);
            if task >= self.tasks {
                return;
            }
            (self.work)(task);
        }
    }
}

/// State word: the number of the call in the high half, an open bit, and the number of workers inside.
const OPEN: u64 = 1 << 31;
const INSIDE: u64 = OPEN - 1;
const CALL: u64 = 1 << 32;

struct Door {
    state: AtomicU64,
    job: UnsafeCell<*const Job<'static>>,
}

// SAFETY: `job` is written only by the one caller that holds the pool's lock, while the door is closed
// and nobody is inside; it is read only by workers that entered through the open door.
unsafe impl Sync for Door {}
// SAFETY: as above; the pointer is only followed under that protocol.
unsafe impl Send for Door {}

struct Worker {
    thread: Thread,
    asleep: Arc<AtomicBool>,
}

struct Pool {
    door: Arc<Door>,
    workers: Mutex<Vec<Worker>>,
}

static POOL: OnceLock<Pool> = OnceLock::new();

fn pool() -> &'static Pool {
    POOL.get_or_init(|| Pool {
        door: Arc::new(Door {
            state: AtomicU64::new(0),
            job: UnsafeCell::new(std::ptr::null()),
        }),
        workers: Mutex::new(Vec::new()),
    })
}

/// Runs `work(0) … work(tasks − 1)`, on at most `threads` threads, with denormals flushed to zero.
/// Returns when all are done. A panic in a task reaches the caller.
pub(crate) fn run(threads: usize, tasks: usize, work: &Task<'_>) {
    let job = Job {
        work,
        next: AtomicUsize::new(0),
        tasks,
        panicked: AtomicBool::new(false),
    };
    let helpers = threads.min(tasks).saturating_sub(1).min(MOST_WORKERS);
    if helpers == 0 {
        return job.work();
    }
    let pool = pool();
    let workers = match pool.workers.try_lock() {
        Ok(workers) => workers,
        Err(TryLockError::Poisoned(poison)) => poison.into_inner(),
        // Another thread has the workers: do the work here rather than wait for them.
        Err(TryLockError::WouldBlock) => return job.work(),
    };
    pool.share(workers, helpers, &job);
}

impl Pool {
    fn share(&self, mut workers: MutexGuard<'_, Vec<Worker>>, helpers: usize, job: &Job<'_>) {
        while workers.len() < helpers {
            match Worker::start(Arc::clone(&self.door)) {
                Ok(worker) => workers.push(worker),
                // No more threads to be had: those we have, and the caller, do the work.
                Err(_) => break,
            }
        }
        let door = &*self.door;
        // SAFETY: we hold the lock and the door is closed with nobody inside, so nobody reads it. The
        // lifetime is forgotten here and made good by `Closing`, which does not let this function end,
        // even by a panic, before every worker has left.
        unsafe { *door.job.get() = (&raw const *job).cast() };
        let call = (door.state.load(Ordering::Relaxed) & !(CALL - 1)).wrapping_add(CALL);
        door.state.store(call | OPEN, Ordering::SeqCst);
        let closing = Closing(door);
        for worker in workers.iter().take(helpers) {
            if worker.asleep.load(Ordering::SeqCst) {
                worker.thread.unpark();
            }
        }
        job.work();
        drop(closing);
        if job.panicked.load(Ordering::Acquire) {
            drop(workers);
            resume_unwind(Box::new("a kernel task panicked on a worker thread"));
        }
    }
}

/// Closes the door when dropped and waits until nobody is inside.
struct Closing<'a>(&'a Door);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.state.fetch_and(!OPEN, Ordering::AcqRel);
        let mut waited = 0u32;
        while self.0.state.load(Ordering::Acquire) & INSIDE != 0 {
            waited += 1;
            if waited < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

impl Worker {
    fn start(door: Arc<Door>) -> std::io::Result<Self> {
        let asleep = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asleep);
        let handle = std::thread::Builder::new()
            .name("ressac-kernels".into())
            .spawn(move || serve(&door, &flag))?;
        Ok(Self {
            thread: handle.thread().clone(),
            asleep,
        })
    }
}

fn serve(door: &Door, asleep: &AtomicBool) {
    let mut served = 0u64;
    loop {
        let state = wait_for_call(door, asleep, served);
        // Enter, unless the call ended meanwhile.
        if door
            .state
            .compare_exchange(state, state + 1, Ordering::AcqRel, Ordering::Relaxed)
            .is_err()
        {
            continue;
        }
        served = state & !(CALL - 1);
        // SAFETY: we are inside, so the caller that set the pointer is waiting for us in `Closing`.
        let job = unsafe { &**door.job.get() };
        if catch_unwind(AssertUnwindSafe(|| job.work())).is_err() {
            job.panicked.store(true, Ordering::Release);
        }
        door.state.fetch_sub(1, Ordering::Release);
    }
}

/// Returns the state of an open door of a call not served yet.
fn wait_for_call(door: &Door, asleep: &AtomicBool, served: u64) -> u64 {
    let mut idle = 0u32;
    loop {
        let state = door.state.load(Ordering::Acquire);
        if state & OPEN != 0 && state & !(CALL - 1) != served {
            return state;
        }
        idle += 1;
        if idle < SPINS {
            std::hint::spin_loop();
        } else if idle < SPINS + YIELDS {
            std::thread::yield_now();
        } else {
            // The flag goes up before the last look, and a caller opens the door before it looks at the
            // flag, so one of the two sees the other.
            asleep.store(true, Ordering::SeqCst);
            let state = door.state.load(Ordering::SeqCst);
            if state & OPEN == 0 || state & !(CALL - 1) == served {
                std::thread::park_timeout(Duration::from_millis(500));
            }
            asleep.store(false, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(threads: usize, tasks: usize) -> Vec<usize> {
        let counts: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
        run(threads, tasks, &|task| {
            counts[task].fetch_add(1, Ordering::Relaxed);
        });
        counts.into_iter().map(AtomicUsize::into_inner).collect()
    }

    #[test]
    fn every_task_runs_once_whatever_the_number_of_threads() {
        for threads in [1, 2, 3, 8] {
            for tasks in [0, 1, 2, 7, 64] {
                assert!(counts(threads, tasks).into_iter().all(|count| count == 1));
            }
        }
    }

    #[test]
    fn several_threads_may_call_at_once_and_from_within_a_task() {
        std::thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        run(3, 4, &|_| {
                            assert!(counts(2, 3).into_iter().all(|count| count == 1));
                        });
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_in_a_task_reaches_the_caller_and_the_pool_lives_on() {
        for _ in 0..20 {
            let caught = catch_unwind(|| run(4, 16, &|task| assert!(task != 5, "task five")));
            assert!(caught.is_err());
            assert!(counts(4, 16).into_iter().all(|count| count == 1));
        }
    }
}
