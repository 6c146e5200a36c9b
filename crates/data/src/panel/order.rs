//! The rows of one series in the order of time, and the two nights a year when local clocks jump.
//!
//! A time must come after the one before. Local times without a zone break this honestly: in
//! autumn an hour is there twice, and in spring an hour is not there, or its rows are all stamped
//! with its end. These, and nothing else, are put right, and told.

use std::collections::HashMap;

use crate::civil::{DAY, date_from_days, weekday};

/// Where the values of one step of a series come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// A row.
    Row(usize),
    /// The mean of the two rows of an hour that is there twice.
    Mean(usize, usize),
    /// Nowhere: the file skips this time.
    Hole,
}

/// What was put right in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    /// The hour from this stamp on stands twice, on a night when clocks are put back.
    ClockBack(i64),
    /// The hour from this stamp on stands twice, on another day.
    HourTwice(i64),
    /// All rows of an hour were stamped with its end, this stamp.
    Squeezed(i64),
}

/// Rows of one series with their stamps, which increase.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ordered {
    pub(super) stamps: Vec<i64>,
    pub(super) slots: Vec<Slot>,
    pub(super) repairs: Vec<Repair>,
}

const HOUR: i64 = 3_600;

/// Puts `rows`, whose stamps are `stamps`, in order. With `universal` there are no jumps of the
/// clock to put right.
///
/// # Errors
/// The position, from 1, of the first row that is not later than the row before.
pub(super) fn order(rows: &[usize], stamps: &[i64], universal: bool) -> Result<Ordered, usize> {
    let Some(first_fault) = stamps.windows(2).position(|pair| pair[1] <= pair[0]) else {
        return Ok(Ordered {
            stamps: stamps.to_vec(),
            slots: rows.iter().copied().map(Slot::Row).collect(),
            repairs: Vec::new(),
        });
    };
    let step = common_gap(stamps).filter(|step| *step <= HOUR && HOUR % step == 0 && !universal);
    let Some(step) = step else {
        return Err(first_fault + 1);
    };
    // At most 3,600, so the cast loses nothing.
    let hour = Hour {
        step,
        rows: (HOUR / step) as usize,
    };
    let mut ordered = Ordered::default();
    let mut at = 0;
    while at < stamps.len() {
        if ordered.stamps.last().is_none_or(|last| stamps[at] > *last) {
            ordered.stamps.push(stamps[at]);
            ordered.slots.push(Slot::Row(rows[at]));
            at += 1;
            continue;
        }
        // In a few hours of rows, an hour twice is as likely two series.
        let used = stamps.len() < 4 * hour.rows
            || ordered
                .repairs
                .iter()
                .any(|r| matches!(r, Repair::HourTwice(_)));
        at += hour
            .spread(&mut ordered, rows, stamps, at)
            .or_else(|| hour.average_block(&mut ordered, rows, stamps, at, used))
            .or_else(|| hour.average_pairs(&mut ordered, rows, stamps, at, used))
            .ok_or(at)?;
    }
    Ok(ordered)
}

/// An hour as rows: `rows` of them, `step` seconds apart.
#[derive(Clone, Copy)]
struct Hour {
    step: i64,
    rows: usize,
}

impl Hour {
    /// Rows of an hour that spring skips, all stamped with its end, where they fill exactly the
    /// steps between the row before and the row after. `at` is the second of them.
    fn spread(
        self,
        ordered: &mut Ordered,
        rows: &[usize],
        stamps: &[i64],
        at: usize,
    ) -> Option<usize> {
        let begin = at.checked_sub(1)?;
        let stamp = stamps[begin];
        let end = begin + self.rows;
        let (before, after) = (*stamps.get(begin.checked_sub(1)?)?, *stamps.get(end)?);
        let all_alike = stamps.get(begin..end)?.iter().all(|other| *other == stamp);
        let fits = after.checked_sub(before) == Some(HOUR + self.step);
        // The row at `begin` must stand in `ordered` as itself, to be put back.
        let whole = ordered.slots.last() == Some(&Slot::Row(rows[begin]));
        if !(all_alike && fits && whole && self.rows > 1 && skips_an_hour(stamp - HOUR)) {
            return None;
        }
        ordered.stamps.pop();
        ordered.slots.pop();
        for (row, next) in rows[begin..end].iter().zip(1_i64..) {
            ordered.stamps.push(before + next * self.step);
            ordered.slots.push(Slot::Row(*row));
        }
        ordered.repairs.push(Repair::Squeezed(stamp));
        Some(self.rows - 1)
    }

    /// An hour, then the same hour again.
    fn average_block(
        self,
        ordered: &mut Ordered,
        rows: &[usize],
        stamps: &[i64],
        at: usize,
        used: bool,
    ) -> Option<usize> {
        let begin = at.checked_sub(self.rows)?;
        let (first, second) = (&stamps[begin..at], stamps.get(at..at + self.rows)?);
        let whole = first == second && stamps[at - 1] - stamps[begin] == HOUR - self.step;
        let unmixed = ordered
            .slots
            .iter()
            .rev()
            .zip(rows[begin..at].iter().rev())
            .all(|(slot, row)| *slot == Slot::Row(*row));
        if !whole || !unmixed || ordered.slots.len() < self.rows {
            return None;
        }
        ordered.repairs.push(self.twice(stamps[begin], used)?);
        let from = ordered.slots.len() - self.rows;
        for (slot, k) in ordered.slots[from..].iter_mut().zip(0..) {
            *slot = Slot::Mean(rows[begin + k], rows[at + k]);
        }
        Some(self.rows)
    }

    /// An hour of which every row stands twice. `at` is the second row of the first pair.
    fn average_pairs(
        self,
        ordered: &mut Ordered,
        rows: &[usize],
        stamps: &[i64],
        at: usize,
        used: bool,
    ) -> Option<usize> {
        let begin = at.checked_sub(1)?;
        let pairs = stamps.get(begin..begin + 2 * self.rows)?;
        let start = pairs[0];
        let even = pairs
            .chunks(2)
            .zip(0_i64..)
            .all(|(pair, k)| pair.iter().all(|stamp| *stamp == start + k * self.step));
        if !even || ordered.slots.last() != Some(&Slot::Row(rows[begin])) {
            return None;
        }
        ordered.repairs.push(self.twice(start, used)?);
        ordered.stamps.pop();
        ordered.slots.pop();
        for (pair, k) in rows[begin..begin + 2 * self.rows].chunks(2).zip(0_i64..) {
            ordered.stamps.push(start + k * self.step);
            ordered.slots.push(Slot::Mean(pair[0], pair[1]));
        }
        Some(2 * self.rows - 1)
    }

    /// Whether an hour may stand twice: at night on a Sunday when clocks are put back; on another
    /// day (other zones, a clock corrected by hand) once, and only if several rows agree.
    fn twice(self, start: i64, used: bool) -> Option<Repair> {
        let month = date_from_days(start.div_euclid(DAY)).month;
        if is_sunday_night(start) && matches!(month, 3 | 4 | 9 | 10 | 11) {
            return Some(Repair::ClockBack(start));
        }
        (self.rows > 1 && !used).then_some(Repair::HourTwice(start))
    }
}

fn is_sunday_night(stamp: i64) -> bool {
    weekday(stamp) == 6 && stamp.rem_euclid(DAY) < 4 * HOUR
}

/// Whether clocks may be put forward at this time: at night on a Sunday of March, April, September
/// or October.
pub(super) fn skips_an_hour(stamp: i64) -> bool {
    let month = date_from_days(stamp.div_euclid(DAY)).month;
    is_sunday_night(stamp) && matches!(month, 3 | 4 | 9 | 10)
}

/// The most common distance from a row to a later next one, in seconds; the least of several.
pub(super) fn common_gap(stamps: &[i64]) -> Option<i64> {
    let mut counts: HashMap<i64, usize> = HashMap::new();
    for pair in stamps.windows(2) {
        if let Some(gap) = pair[1].checked_sub(pair[0]).filter(|gap| *gap > 0) {
            *counts.entry(gap).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .max_by_key(|(gap, count)| (*count, std::cmp::Reverse(*gap)))
        .map(|(gap, _)| gap)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::StampFormat;
    use proptest::prelude::*;

    fn at(cell: &str) -> i64 {
        StampFormat::ISO.parse(cell).unwrap()
    }

    fn ordered(stamps: &[i64]) -> Result<Ordered, usize> {
        let rows: Vec<usize> = (100..100 + stamps.len()).collect();
        order(&rows, stamps, false)
    }

    #[test]
    fn an_hour_that_stands_twice_in_autumn_is_averaged() {
        let start = at("2018-10-28 00:00:00");
        // Hourly: 0, 1, 2, 2, 3.
        let stamps: Vec<i64> = [0, 1, 2, 2, 3].iter().map(|h| start + h * HOUR).collect();
        let found = ordered(&stamps).unwrap();
        assert_eq!(found.stamps, [0, 1, 2, 3].map(|h| start + h * HOUR));
        assert_eq!(found.slots[2], Slot::Mean(102, 103));
        assert_eq!(found.slots[3], Slot::Row(104));
        assert_eq!(found.repairs, [Repair::ClockBack(start + 2 * HOUR)]);
        // Half-hours, as a block and as pairs.
        let half = |h: &[i64]| -> Vec<i64> { h.iter().map(|h| start + h * HOUR / 2).collect() };
        for (cells, means) in [
            ([2, 3, 4, 5, 4, 5, 6], [(102, 104), (103, 105)]),
            ([2, 3, 4, 4, 5, 5, 6], [(102, 103), (104, 105)]),
        ] {
            let found = ordered(&half(&cells)).unwrap();
            assert_eq!(found.stamps, half(&[2, 3, 4, 5, 6]), "{cells:?}");
            assert_eq!(found.slots[2], Slot::Mean(means[0].0, means[0].1));
            assert_eq!(found.slots[3], Slot::Mean(means[1].0, means[1].1));
        }
    }

    #[test]
    fn rows_squeezed_into_the_end_of_the_hour_that_spring_skips_are_spread() {
        let before = at("2014-03-09 01:59:00");
        let squeezed = at("2014-03-09 03:00:00");
        let mut stamps = vec![before - 300, before];
        stamps.extend([squeezed; 12]);
        stamps.extend([before + 3_900, before + 4_200]);
        let found = ordered(&stamps).unwrap();
        let even: Vec<i64> = (-1..=14).map(|k| before + 300 * k).collect();
        assert_eq!(found.stamps, even);
        assert_eq!(found.repairs, [Repair::Squeezed(squeezed)]);
        // On a Monday, or with a row too few, it is disorder.
        let monday: Vec<i64> = stamps.iter().map(|s| s + DAY).collect();
        assert_eq!(ordered(&monday), Err(3));
        stamps.remove(5);
        assert_eq!(ordered(&stamps), Err(3));
    }

    #[test]
    fn an_hour_twice_on_another_day_is_accepted_once_and_only_from_several_rows() {
        let start = at("2014-01-07 01:00:00");
        let hours = |h: &[i64]| -> Vec<i64> { h.iter().map(|h| start + h * HOUR / 4).collect() };
        let later: Vec<i64> = (4..13).collect();
        let once = [&[0, 1, 2, 3, 0, 1, 2, 3][..], &later].concat();
        let found = ordered(&hours(&once)).unwrap();
        assert_eq!(found.repairs, [Repair::HourTwice(start)]);
        assert_eq!(found.stamps.len(), 13);
        // Twice, and where the hour is most of what there is.
        let twice = [&once[..], &[9, 10, 11, 12, 13]].concat();
        assert_eq!(ordered(&hours(&twice)), Err(17));
        assert_eq!(ordered(&hours(&once[..9])), Err(4));
        assert_eq!(ordered(&[start, start, start + HOUR]), Err(1));
        assert_eq!(order(&[0; 17], &hours(&once), true), Err(4));
    }

    proptest! {
        #[test]
        fn any_stamps_come_out_in_order_or_not_at_all(
            gaps in prop::collection::vec(prop::sample::select(vec![0_i64, 300, 300, 1_800, 3_600, 3_600, -3_300, -1_800, -2_700]), 0..60),
            start in prop::sample::select(vec!["2018-10-28 00:00:00", "2018-03-25 00:00:00", "2018-05-05 00:00:00"]),
        ) {
            let mut stamps = vec![at(start)];
            for gap in gaps {
                stamps.push(stamps[stamps.len() - 1] + gap);
            }
            if let Ok(found) = ordered(&stamps) {
                prop_assert!(found.stamps.is_sorted_by(|a, b| a < b));
                prop_assert_eq!(found.stamps.len(), found.slots.len());
                // Every row is in one place.
                let mut rows: Vec<usize> = found.slots.iter().flat_map(|slot| match slot {
                    Slot::Row(row) => vec![*row],
                    Slot::Mean(a, b) => vec![*a, *b],
                    Slot::Hole => vec![],
                }).collect();
                rows.sort_unstable();
                let all: Vec<usize> = (100..100 + stamps.len()).collect();
                prop_assert_eq!(rows, all);
            }
        }
    }
}
