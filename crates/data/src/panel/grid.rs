//! From the rows there are to even steps: rows between the steps left out, missing steps put in.

use std::collections::HashMap;

use super::order::{Ordered, Slot, common_gap, skips_an_hour};
use crate::civil::{DAY, date_from_days, month_index};
use crate::time::{Step, month_stamp};

/// Leaves out the rows that are not on the grid of `every`.
///
/// Hours and minutes are counted from midnight, months from January; other steps, and a series
/// with no row on such a grid, from the first row.
///
/// # Errors
/// The step of the rows, if the grid is finer than they are or no multiple of it.
pub(super) fn keep_every(ordered: &mut Ordered, every: Step) -> Result<(), Step> {
    let (Some(&first), Some(gap)) = (ordered.stamps.first(), common_gap(&ordered.stamps)) else {
        return Ok(());
    };
    let kept: Vec<bool> = match every {
        Step::Seconds(seconds) => {
            let multiple = gap < 28 * DAY && seconds % gap == 0;
            if Step::of(&ordered.stamps).is_some() && !multiple || gap > seconds {
                return Err(Step::of(&ordered.stamps).unwrap_or(Step::Seconds(gap)));
            }
            let on = |origin: i64| move |stamp: &i64| (stamp - origin).rem_euclid(seconds) == 0;
            let midnight = DAY % seconds == 0 && ordered.stamps.iter().any(on(0));
            let origin = if midnight { 0 } else { first };
            ordered.stamps.iter().map(on(origin)).collect()
        }
        Step::Months(months) => {
            match Step::of(&ordered.stamps) {
                Some(Step::Months(rows)) if months % rows != 0 => return Err(Step::Months(rows)),
                None | Some(Step::Months(_)) => {}
                Some(Step::Seconds(rows)) if rows <= DAY => {}
                Some(rows) => return Err(rows),
            }
            let on = |origin: i64| {
                let (index, day) = month_and_day(origin);
                move |stamp: &i64| {
                    let (other, _) = month_and_day(*stamp);
                    (other - index).rem_euclid(months) == 0
                        && *stamp == month_stamp(other, day, origin.rem_euclid(DAY))
                }
            };
            // Month 0 is January of the year 0.
            let january = month_stamp(0, 1, 0);
            let from_january = ordered.stamps.iter().any(on(january));
            let origin = if from_january { january } else { first };
            ordered.stamps.iter().map(on(origin)).collect()
        }
    };
    retain(ordered, &kept);
    Ok(())
}

fn month_and_day(stamp: i64) -> (i64, u32) {
    let date = date_from_days(stamp.div_euclid(DAY));
    (month_index(date), date.day)
}

fn retain(ordered: &mut Ordered, kept: &[bool]) {
    let mut flags = kept.iter();
    ordered
        .stamps
        .retain(|_| flags.next().is_some_and(|kept| *kept));
    let mut flags = kept.iter();
    ordered
        .slots
        .retain(|_| flags.next().is_some_and(|kept| *kept));
}

/// What was put in where steps were missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// Steps put in, and the first of them.
    pub(super) holes: usize,
    pub(super) first: Option<i64>,
    /// First stamps of the hours that spring skips, whose steps are put in too.
    pub(super) springs: Vec<i64>,
}

/// Puts the missing steps in, if the rows lie on a grid and at least half of it is there;
/// otherwise the rows stay uneven. The grid is that of `every`, else that of the most common gap.
pub(super) fn fill(ordered: &mut Ordered, every: Option<Step>) -> Filled {
    let mut filled = Filled::default();
    if ordered.stamps.len() < 3 || Step::of(&ordered.stamps).is_some() {
        return filled;
    }
    let Some(grid) = month_grid(&ordered.stamps, every)
        .or_else(|| second_grid(&ordered.stamps, every))
        .filter(|grid| grid.len() <= 2 * ordered.stamps.len())
    else {
        return filled;
    };
    let mut slots = Vec::with_capacity(grid.len());
    let mut here = ordered.stamps.iter().zip(&ordered.slots).peekable();
    let mut run: Vec<i64> = Vec::new();
    for stamp in &grid {
        match here.next_if(|(own, _)| *own == stamp) {
            Some((_, slot)) => {
                filled.note(&run, *stamp);
                run.clear();
                slots.push(*slot);
            }
            None => {
                run.push(*stamp);
                slots.push(Slot::Hole);
            }
        }
    }
    ordered.stamps = grid;
    ordered.slots = slots;
    filled
}

impl Filled {
    /// Counts a run of missing steps before `next`: one hour on a night when clocks are put
    /// forward is none of the file's fault.
    fn note(&mut self, run: &[i64], next: i64) {
        let Some(&first) = run.first() else { return };
        if next - first == 3_600 && skips_an_hour(first) {
            self.springs.push(first);
            return;
        }
        self.first = self.first.or(Some(first));
        self.holes += run.len();
    }
}

/// The grid of the most common gap in seconds, if every stamp is on it.
fn second_grid(stamps: &[i64], every: Option<Step>) -> Option<Vec<i64>> {
    let step = match every {
        None => common_gap(stamps)?,
        Some(Step::Seconds(seconds)) => seconds,
        Some(Step::Months(_)) => return None,
    };
    let (&first, &last) = (stamps.first()?, stamps.last()?);
    let whole = stamps.iter().all(|stamp| (stamp - first) % step == 0);
    let steps = usize::try_from((last - first) / step).ok()?;
    (whole && steps < 2 * stamps.len()).then(|| {
        (0_i64..)
            .zip(0..=steps)
            .map(|(k, _)| first + k * step)
            .collect()
    })
}

/// The grid of the most common gap in months, if every stamp is on it.
fn month_grid(stamps: &[i64], every: Option<Step>) -> Option<Vec<i64>> {
    let dates: Vec<(i64, u32)> = stamps.iter().map(|stamp| month_and_day(*stamp)).collect();
    let step = match every {
        Some(Step::Months(months)) => months,
        Some(Step::Seconds(_)) => return None,
        None => {
            let mut counts: HashMap<i64, usize> = HashMap::new();
            for pair in dates.windows(2) {
                *counts.entry(pair[1].0 - pair[0].0).or_default() += 1;
            }
            let most = counts
                .into_iter()
                .max_by_key(|(gap, count)| (*count, std::cmp::Reverse(*gap)));
            most.map(|(gap, _)| gap).filter(|gap| *gap > 0)?
        }
    };
    let (first, last) = (dates.first()?.0, dates.last()?.0);
    let day = dates.iter().map(|(_, day)| *day).max()?;
    let clock = stamps.first()?.rem_euclid(DAY);
    let whole = dates.iter().zip(stamps).all(|((index, _), stamp)| {
        (index - first) % step == 0 && month_stamp(*index, day, clock) == *stamp
    });
    let steps = usize::try_from((last - first) / step).ok()?;
    (whole && steps < 2 * stamps.len()).then(|| {
        (0_i64..)
            .zip(0..=steps)
            .map(|(k, _)| month_stamp(first + k * step, day, clock))
            .collect()
    })
}

/// How many steps of the rows make one step of the values, over all series: more than one where
/// every value of a target stands on a coarser grid, at least half of which is there.
///
/// `observed` tells whether a slot has a value of any target.
pub(super) fn value_steps(
    series: &[Ordered],
    observed: impl Fn(&Slot) -> bool,
) -> Option<(usize, Vec<usize>)> {
    let (mut common, mut values) = (0, 0);
    let mut spans = Vec::with_capacity(series.len());
    for ordered in series {
        Step::of(&ordered.stamps)?;
        let mut span: Option<(usize, usize)> = None;
        for (row, _) in ordered
            .slots
            .iter()
            .enumerate()
            .filter(|(_, s)| observed(s))
        {
            let (first, _) = *span.get_or_insert((row, row));
            common = gcd(common, row - first);
            span = Some((first, row));
            values += 1;
        }
        spans.push(span);
    }
    let coarse: usize = spans
        .iter()
        .flatten()
        .map(|(first, last)| (last - first) / common.max(1) + 1)
        .sum();
    let real = common > 1 && values >= 4 && 2 * values >= coarse;
    let phase = |span: &Option<(usize, usize)>| span.map_or(0, |(first, _)| first % common);
    real.then(|| (common, spans.iter().map(phase).collect()))
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Keeps one row of `steps`, from `phase` on.
pub(super) fn thin(ordered: &mut Ordered, steps: usize, phase: usize) {
    let kept: Vec<bool> = (0..ordered.stamps.len())
        .map(|row| row % steps == phase)
        .collect();
    retain(ordered, &kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stamp::StampFormat;
    use proptest::prelude::*;

    const HOUR: i64 = 3_600;

    fn of(stamps: &[i64]) -> Ordered {
        Ordered {
            stamps: stamps.to_vec(),
            slots: (0..stamps.len()).map(Slot::Row).collect(),
            repairs: Vec::new(),
        }
    }

    fn at(cell: &str) -> i64 {
        let format = StampFormat::candidates(cell)[0];
        format.parse(cell).unwrap()
    }

    #[test]
    fn a_missing_month_is_put_in_though_months_are_uneven_in_seconds() {
        let stamps = ["2015-01-31", "2015-02-28", "2015-04-30", "2015-05-31"].map(at);
        let mut ordered = of(&stamps);
        let filled = fill(&mut ordered, None);
        assert_eq!((filled.holes, filled.first), (1, Some(at("2015-03-31"))));
        assert_eq!(Step::of(&ordered.stamps), Some(Step::Months(1)));
        assert_eq!(ordered.slots[2], Slot::Hole);
    }

    #[test]
    fn the_hour_that_spring_skips_is_not_counted_as_a_hole_of_the_file() {
        let start = at("2018-03-25 00:00");
        let mut ordered = of(&[0, 1, 3, 4, 6].map(|h| start + h * HOUR));
        let filled = fill(&mut ordered, None);
        assert_eq!(filled.springs, [start + 2 * HOUR]);
        assert_eq!((filled.holes, filled.first), (1, Some(start + 5 * HOUR)));
        assert_eq!(ordered.stamps.len(), 7);
    }

    #[test]
    fn a_grid_of_which_less_than_half_is_there_stays_uneven() {
        let mut ordered = of(&[0, HOUR, 2 * HOUR, 20 * HOUR]);
        assert_eq!(fill(&mut ordered, None), Filled::default());
        assert_eq!(ordered.stamps.len(), 4);
    }

    #[test]
    fn rows_are_kept_on_the_grid_of_the_clock_and_of_the_calendar() {
        let mut ordered = of(&[5, 6, 7, 8, 9, 10].map(|q| q * 900));
        keep_every(&mut ordered, Step::Seconds(HOUR)).unwrap();
        assert_eq!(ordered.stamps, [2 * HOUR]);
        // No row on the hour: the hours begin with the first row.
        let mut ordered = of(&[0, 1, 2, 3, 4, 5].map(|q| 420 + q * 900));
        keep_every(&mut ordered, Step::Seconds(HOUR)).unwrap();
        assert_eq!(ordered.stamps, [420, 420 + HOUR]);
        let days: Vec<i64> = (0..120).map(|d| at("2015-01-15") + d * DAY).collect();
        let mut ordered = of(&days);
        keep_every(&mut ordered, Step::Months(1)).unwrap();
        let firsts = ["2015-02-01", "2015-03-01", "2015-04-01", "2015-05-01"];
        assert_eq!(ordered.stamps, firsts.map(at));
        let hourly = || of(&[0, 1, 2, 3].map(|h| h * HOUR));
        for finer in [Step::Seconds(900), Step::Seconds(5_400)] {
            assert_eq!(keep_every(&mut hourly(), finer), Err(Step::Seconds(HOUR)));
        }
    }

    #[test]
    fn values_on_every_other_row_are_found_in_all_series_together() {
        let series = [of(&[0, 1, 2, 3, 4, 5]), of(&[0, 1, 2, 3, 4])];
        let even = |slot: &Slot| matches!(slot, Slot::Row(row) if row % 2 == 1);
        assert_eq!(value_steps(&series, even), Some((2, vec![1, 1])));
        let all = |_: &Slot| true;
        assert_eq!(value_steps(&series, all), None);
        // Two values far apart are no grid.
        let few = |slot: &Slot| matches!(slot, Slot::Row(0 | 4));
        assert_eq!(value_steps(&series[..1], few), None);
    }

    proptest! {
        #[test]
        fn filling_keeps_every_row_and_makes_the_steps_even_or_changes_nothing(
            gaps in prop::collection::vec(1_i64..4, 0..40), unit in prop::sample::select(vec![900, HOUR, DAY]),
        ) {
            let mut stamps = vec![at("2016-02-28")];
            for gap in gaps {
                stamps.push(stamps[stamps.len() - 1] + gap * unit);
            }
            let mut ordered = of(&stamps);
            let filled = fill(&mut ordered, None);
            let kept: Vec<i64> = ordered.stamps.iter().zip(&ordered.slots)
                .filter(|(_, slot)| **slot != Slot::Hole).map(|(stamp, _)| *stamp).collect();
            prop_assert_eq!(&kept, &stamps);
            prop_assert!(ordered.stamps.len() <= 2 * stamps.len());
            if filled != Filled::default() {
                prop_assert!(Step::of(&ordered.stamps).is_some());
            } else {
                prop_assert_eq!(ordered.stamps, stamps);
            }
        }
    }
}
