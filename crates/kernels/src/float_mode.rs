//! Flush-to-zero around a kernel call.
//!
//! Denormal numbers cost x86 processors up to a hundred cycles each, and saturated gates and vanishing
//! gradients are full of them. A [`FlushDenormals`] switches them off for the thread and gives the
//! caller's mode back when dropped, on every path out.

/// While it lives, this thread treats denormal results and operands as zero (x86-64; elsewhere it does
/// nothing).
pub(crate) struct FlushDenormals {
    #[cfg(target_arch = "x86_64")]
    before: u32,
    /// The mode belongs to the thread, so the guard must not leave it.
    _this_thread: std::marker::PhantomData<*const ()>,
}

#[cfg(target_arch = "x86_64")]
const FLUSH_TO_ZERO_AND_DENORMALS_ARE_ZERO: u32 = 0x8040;

#[cfg(target_arch = "x86_64")]
fn read() -> u32 {
    let mut mode = 0u32;
    // SAFETY: stmxcsr writes four bytes to the given place; SSE is part of x86-64.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut mode, options(nostack)) }
    mode
}

#[cfg(target_arch = "x86_64")]
fn write(mode: u32) {
    // SAFETY: the mode comes from `read` with only the two denormal bits changed, so exception masks
    // and rounding stay as the compiler assumes them; code that runs meanwhile gets zero where it
    // would get a denormal, which every kernel accepts.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const mode, options(nostack, readonly)) }
}

impl FlushDenormals {
    pub(crate) fn new() -> Self {
        #[cfg(target_arch = "x86_64")]
        let before = {
            let before = read();
            write(before | FLUSH_TO_ZERO_AND_DENORMALS_ARE_ZERO);
            before
        };
        Self {
            #[cfg(target_arch = "x86_64")]
            before,
            _this_thread: std::marker::PhantomData,
        }
    }
}

impl Drop for FlushDenormals {
    fn drop(&mut self) {
        #[cfg(target_arch = "x86_64")]
        write(self.before);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn the_mode_of_the_caller_comes_back() {
        let before = read();
        {
            let _outer = FlushDenormals::new();
            assert_ne!(read() & FLUSH_TO_ZERO_AND_DENORMALS_ARE_ZERO, 0);
            let _inner = FlushDenormals::new();
            let tiny = std::hint::black_box(f32::MIN_POSITIVE);
            assert_eq!(std::hint::black_box(tiny * 0.5), 0.0);
        }
        assert_eq!(read(), before);
        let tiny = std::hint::black_box(f32::MIN_POSITIVE);
        assert_ne!(std::hint::black_box(tiny * 0.5), 0.0);
    }
}
