//! The score of the Numenta anomaly benchmark, in which early detections count more.

/// Share of a series at its start in which nothing is scored, and the points it is at the most.
const PROBATION: (f64, f64) = (0.15, 750.0);

/// What a false alarm costs in the standard profile; a window found, or missed, is worth 1.
const FALSE_ALARM: f64 = 0.11;

/// The score of one series in the Numenta anomaly benchmark, standard profile, at the threshold that is best for it: 0 for a
/// detector that never gives an alarm, 100 for one that finds each window at its first point without a false alarm; many
/// false alarms never make it negative, because no alarm at all is a threshold too.
///
/// `scores` are of the points in order, higher for what is more unusual; `windows` are start and end (not included) of the
/// stretches in which a detection counts, ascending and apart. Each window counts once, by its earliest detection: S(x) = 2
/// / (1 + e^(5x)) − 1 at the relative position x from −1 (first point) to nearly 0 (last), divided by S(−1). A detection
/// outside costs 0.11, less just behind a window. The first 15 % of the points (750 at the most) are not scored; a window
/// that lies in them does not count. Where the benchmark divides by the width less one, a window of one point counts as two
/// wide.
///
/// The benchmark takes one threshold for all its files; this is the figure of one file alone.
/// Nothing if no window counts, a window is empty, not in order or beyond the series, or a score is NaN.
///
/// Lavin, Ahmad, "Evaluating real-time anomaly detection algorithms: the Numenta anomaly benchmark" (2015), ICMLA.
pub fn nab_score(scores: &[f64], windows: &[(usize, usize)]) -> Option<f64> {
    let n = scores.len();
    let in_order = windows.windows(2).all(|two| two[0].1 <= two[1].0);
    let sound = windows.iter().all(|(start, end)| start < end && *end <= n);
    if !in_order || !sound || scores.iter().any(|score| score.is_nan()) {
        return None;
    }
    let probation = (PROBATION.0 * n as f64).floor().min(PROBATION.1) as usize;
    let counted = windows.iter().filter(|(_, end)| *end > probation).count();
    if counted == 0 {
        return None;
    }
    let mut order: Vec<usize> = (probation..n).collect();
    order.sort_unstable_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let mut parts = vec![-1.0_f64; windows.len()];
    let (mut sum, mut best) = (-(counted as f64), -(counted as f64));
    for tied in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        for at in tied {
            let (window, worth) = worth(*at, windows);
            match window {
                None => sum += worth,
                Some(window) if worth > parts[window] => {
                    sum += worth - parts[window];
                    parts[window] = worth;
                }
                Some(_) => {}
            }
        }
        best = best.max(sum);
    }
    Some(100.0 * (best + counted as f64) / (2.0 * counted as f64))
}

/// The window a detection at a point lies in, and what it is worth.
fn worth(at: usize, windows: &[(usize, usize)]) -> (Option<usize>, f64) {
    let begun = windows.partition_point(|(start, _)| *start <= at);
    let Some((start, end)) = begun.checked_sub(1).map(|last| windows[last]) else {
        return (None, -FALSE_ALARM);
    };
    let width = (end - start) as f64;
    if at < end {
        let position = -((end - at) as f64) / width;
        return (Some(begun - 1), sigmoid(position) / sigmoid(-1.0));
    }
    let behind = (at + 1 - end) as f64 / (width - 1.0).max(1.0);
    (None, FALSE_ALARM * sigmoid(behind))
}

/// From 1 far left of a window's end to -1 far behind it.
fn sigmoid(position: f64) -> f64 {
    match position >= 3.0 {
        true => -1.0,
        false => 2.0 / (1.0 + (5.0 * position).exp()) - 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perfect_and_silent_detectors_have_100_and_0() {
        let windows = [(30, 40), (70, 80)];
        let mut scores = vec![0.0; 100];
        assert_eq!(nab_score(&scores, &windows), Some(0.0));
        (scores[30], scores[70]) = (1.0, 1.0);
        assert_eq!(nab_score(&scores, &windows), Some(100.0));
        // Found at the last point: a tenth of the window is left.
        (scores[70], scores[79]) = (0.0, 1.0);
        let late = (2.0 / (1.0 + (-0.5_f64).exp()) - 1.0) / (2.0 / (1.0 + (-5.0_f64).exp()) - 1.0);
        let found = nab_score(&scores, &windows).unwrap();
        assert!(
            (found - 100.0 * (3.0 + late) / 4.0).abs() < 1e-12,
            "{found}"
        );
        // A false alarm before any window, and one right behind the first (a ninth of its width less one).
        (scores[20], scores[40]) = (1.0, 1.0);
        let behind = 0.11 * (2.0 / (1.0 + (5.0_f64 / 9.0).exp()) - 1.0);
        let found = nab_score(&scores, &windows).unwrap();
        let by_hand = 100.0 * (3.0 + late - 0.11 + behind) / 4.0;
        assert!((found - by_hand).abs() < 1e-12, "{found} {by_hand}");
        // In the probationary part nothing counts.
        scores[14] = 2.0;
        assert_eq!(nab_score(&scores, &windows), Some(found));
    }

    #[test]
    fn windows_that_are_no_windows_have_no_score() {
        for windows in [
            &[][..],
            &[(0, 10)],
            &[(5, 5)],
            &[(50, 101)],
            &[(50, 60), (59, 70)],
        ] {
            assert_eq!(nab_score(&[0.0; 100], windows), None, "{windows:?}");
        }
        assert_eq!(nab_score(&[f64::NAN; 100], &[(50, 60)]), None);
        assert!(nab_score(&[0.0; 100], &[(50, 51), (51, 60)]).is_some());
    }
}
