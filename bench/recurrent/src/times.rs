//! How long calls take, one by one.

use serde::Serialize;
use std::time::{Duration, Instant};

/// The times of the calls of one request.
#[derive(Serialize)]
pub(crate) struct Times {
    median_ms: f64,
    min_ms: f64,
    calls: usize,
}

/// Times `call` one by one for `length`: two calls and a tenth of the time first, uncounted, then at least three.
pub(crate) fn times(
    mut call: impl FnMut() -> Result<(), String>,
    length: Duration,
) -> Result<Times, String> {
    let warm = Instant::now();
    call()?;
    call()?;
    while warm.elapsed() < length / 10 {
        call()?;
    }
    let mut milliseconds = Vec::new();
    let start = Instant::now();
    while start.elapsed() < length || milliseconds.len() < 3 {
        let one = Instant::now();
        call()?;
        milliseconds.push(one.elapsed().as_secs_f64() * 1e3);
    }
    milliseconds.sort_by(f64::total_cmp);
    Ok(Times {
        median_ms: milliseconds[milliseconds.len() / 2],
        min_ms: milliseconds[0],
        calls: milliseconds.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measurement_has_at_least_three_calls_in_order() {
        let mut calls = 0;
        let times = times(
            || {
                calls += 1;
                Ok(())
            },
            Duration::ZERO,
        )
        .unwrap();
        assert_eq!((times.calls, calls), (3, 5));
        assert!(0.0 <= times.min_ms && times.min_ms <= times.median_ms);
    }
}
