//! Where a call runs: which instruction set, how many threads. Chosen once, in one place.
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The environment variable that forces an instruction set: `portable`, `avx2` or `avx512`.
pub const INSTRUCTION_SET_VARIABLE: &str = "RESSAC_ISA";

/// An instruction set the kernels are written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstructionSet {
    /// Plain Rust, any processor. Correct everywhere; slow where the processor has no fused multiply-add.
    Portable,
    /// AVX2 with FMA (x86-64-v3): eight lanes.
    Avx2,
    /// AVX-512 F, DQ and VL: sixteen lanes.
    Avx512,
}

impl InstructionSet {
    /// Every set, slowest first.
    pub const ALL: [Self; 3] = [Self::Portable, Self::Avx2, Self::Avx512];

    /// The name used by [`INSTRUCTION_SET_VARIABLE`] and in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Whether this processor has it.
    pub fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        match self {
            Self::Portable => true,
            Self::Avx2 => {
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("fma")
            }
            Self::Avx512 => {
                Self::Avx2.is_available()
                    && std::arch::is_x86_feature_detected!("avx512f")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            self == Self::Portable
        }
    }

    /// The sets this processor has, slowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|set| set.is_available())
            .collect()
    }

    /// Reads a name; the error is a sentence for the user.
    ///
    /// # Errors
    /// An unknown name, or a set this processor does not have.
    pub fn parse(name: &str) -> Result<Self, String> {
        let Some(set) = Self::ALL.into_iter().find(|set| set.name() == name) else {
            return Err(format!(
                "{INSTRUCTION_SET_VARIABLE}={name}: expected portable, avx2 or avx512"
            ));
        };
        if set.is_available() {
            Ok(set)
        } else {
            Err(format!(
                "{INSTRUCTION_SET_VARIABLE}={name}: this processor does not have it; available: {}",
                Self::available()
                    .iter()
                    .map(|set| set.name())
                    .collect::<Vec<_>>()
                    .join(", ")
            ))
        }
    }

    /// What [`INSTRUCTION_SET_VARIABLE`] asks for, or the widest set of this processor.
    ///
    /// # Errors
    /// As [`InstructionSet::parse`], so that a program can tell its user before any work.
    pub fn chosen() -> Result<Self, String> {
        match std::env::var(INSTRUCTION_SET_VARIABLE) {
            Ok(name) if !name.is_empty() => Self::parse(&name),
            _ => Ok(*Self::available().last().unwrap_or(&Self::Portable)),
        }
    }
}

/// Work below which a call stays on its thread: waking a sleeping worker costs more. In multiply-adds or bytes, see
/// [`Context::threads_for`].
pub(crate) const WORTH_SHARING: usize = 1 << 19;
/// What one value of a cell's formula costs, in multiply-adds.
pub(crate) const FORMULA: usize = 32;

/// How a kernel call runs. The bits of the result do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Context {
    instruction_set: InstructionSet,
    threads: usize,
}

static THREADS: AtomicUsize = AtomicUsize::new(0);
static CHOSEN: OnceLock<InstructionSet> = OnceLock::new();

/// Sets how many threads [`Context::global`] uses from now on; 0 means all the processor's cores.
pub fn set_threads(threads: usize) {
    THREADS.store(threads, Ordering::Relaxed);
}

impl Context {
    /// The process's own: the instruction set chosen at the first call, the threads of [`set_threads`].
    ///
    /// # Panics
    /// When the environment names an instruction set that is unknown or not there. A program checks
    /// [`InstructionSet::chosen`] first.
    pub fn global() -> Self {
        let instruction_set = *CHOSEN.get_or_init(|| match InstructionSet::chosen() {
            Ok(set) => set,
            Err(message) => panic!("{message}"),
        });
        let threads = match THREADS.load(Ordering::Relaxed) {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        Self {
            instruction_set,
            threads,
        }
    }

    /// A context of one's own, or `None` where the processor lacks the instruction set.
    pub fn new(instruction_set: InstructionSet, threads: usize) -> Option<Self> {
        instruction_set.is_available().then_some(Self {
            instruction_set,
            threads: threads.max(1),
        })
    }

    /// The instruction set in use.
    pub const fn instruction_set(&self) -> InstructionSet {
        self.instruction_set
    }

    /// The largest number of threads a call may use.
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// How many threads so much work is worth: multiply-adds of a call that computes, bytes read of one that waits
    /// for memory.
    pub const fn threads_for(&self, work: usize) -> usize {
        if work < WORTH_SHARING {
            1
        } else {
            self.threads
        }
    }

    /// The same with as many threads as so much work is worth.
    pub(crate) const fn for_work(self, work: usize) -> Self {
        Self {
            threads: self.threads_for(work),
            ..self
        }
    }

    /// The same on the calling thread alone: for what is part of a task.
    pub(crate) const fn alone(self) -> Self {
        Self { threads: 1, ..self }
    }
}
