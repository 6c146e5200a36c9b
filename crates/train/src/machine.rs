//! How much memory there is, so that a training that cannot fit is refused instead of killed.

use std::fs;

use crate::{Size, TrainError};

/// Refuses a training of so much memory on a machine that has less. `batch` items are learnt from at once; `advice` is
/// what to make smaller.
///
/// # Errors
/// [`TrainError::TooLarge`]; never where the system does not tell its memory.
pub fn refuse_too_large(size: &Size, batch: usize, advice: &'static str) -> Result<(), TrainError> {
    match memory() {
        Some(there) if size.memory > there => Err(TrainError::TooLarge {
            needed: size.memory,
            there,
            parameters: size.parameters,
            batch: format!("{batch} {}", size.items),
            advice,
        }),
        _ => Ok(()),
    }
}

/// The bytes this process may hold: those of the machine, or fewer where its group is limited. `None`
/// where the system does not tell.
fn memory() -> Option<usize> {
    let machine = total(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok();
    // Without a limit the file holds `max`.
    let group = group.and_then(|text| text.trim().parse().ok());
    Some(group.map_or(machine, |group: usize| machine.min(group)))
}

/// The total in the text of `/proc/meminfo`, which counts in KiB.
fn total(text: &str) -> Option<usize> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let number = line.trim().strip_suffix("kB")?.trim();
    number.parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_in_bytes() {
        let text = "MemTotal:       24628276 kB\nMemFree:        17905692 kB\n";
        assert_eq!(total(text), Some(24_628_276 * 1024));
        assert_eq!(total("MemFree: 1 kB\n"), None);
        assert_eq!(total("MemTotal: many kB\n"), None);
    }
}
