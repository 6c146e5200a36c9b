//! How the system's allocator treats the memory that tensors come and go in.

/// Tells the system's allocator to keep freed memory instead of giving it back at once: worth calling at
/// the start of a program that trains or serves. Tensors of some hundred kilobytes come and go many
/// times a second, and with glibc's defaults each of them is handed back to the system and faulted in
/// again, page by page. Returns whether there was anything to tell (glibc on Linux; elsewhere nothing is
/// done).
pub fn keep_freed_memory() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // From malloc.h, where they are part of the ABI; 32 MiB is the largest threshold it takes.
        const TRIM_THRESHOLD: i32 = -1;
        const MMAP_THRESHOLD: i32 = -3;
        unsafe extern "C" {
            fn mallopt(parameter: i32, value: i32) -> i32;
        }
        // SAFETY: mallopt may be called at any time from any thread; it changes two thresholds.
        unsafe { mallopt(TRIM_THRESHOLD, i32::MAX) != 0 && mallopt(MMAP_THRESHOLD, 1 << 25) != 0 }
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    {
        false
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn glibc_takes_both_thresholds() {
        let glibc = cfg!(all(target_os = "linux", target_env = "gnu"));
        assert_eq!(super::keep_freed_memory(), glibc);
    }
}
