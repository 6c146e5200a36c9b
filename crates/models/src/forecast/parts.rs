//! The training, validation and test rows of every series of a panel.
//!
//! With times, the panel is cut at two moments, the same for every series, so that no series is
//! trained on what lies in another's future. Without, each series is cut by itself.

use ressac_data::DataError;
use ressac_data::panel::{Panel, Series};
use ressac_data::split::Split;

/// Cuts every series of `panel` as `text` says ([`Split::parse`]; absent, 70, 10 and 20 %).
///
/// # Errors
/// [`DataError::BadSplit`] when the text cannot be followed.
pub fn parts(panel: &Panel, text: Option<&str>) -> Result<Vec<Split>, DataError> {
    let cut = |rows: usize| match text {
        Some(text) => Split::parse(text, rows),
        None => Ok(Split::default_for(rows)),
    };
    if let Some(timeline) = timeline(panel) {
        let whole = cut(timeline.len())?;
        return Ok(panel
            .series
            .iter()
            .map(|series| on_timeline(series, &timeline, &whole))
            .collect());
    }
    panel
        .series
        .iter()
        .map(|series| cut(series.observed()))
        .collect()
}

/// Every moment at which some series was observed; nothing for a single series, or without times.
fn timeline(panel: &Panel) -> Option<Vec<i64>> {
    if panel.series.len() < 2 {
        return None;
    }
    let mut moments = Vec::new();
    for series in &panel.series {
        moments.extend_from_slice(series.time.as_ref()?.stamps.get(..series.observed())?);
    }
    moments.sort_unstable();
    moments.dedup();
    Some(moments)
}

fn on_timeline(series: &Series, timeline: &[i64], whole: &Split) -> Split {
    let stamps = series
        .time
        .as_ref()
        .map_or(&[][..], |axis| &axis.stamps[..series.observed()]);
    let row = |moment: usize| match timeline.get(moment) {
        Some(stamp) => stamps.partition_point(|own| own < stamp),
        None => stamps.len(),
    };
    let (start, valid, test, end) = (
        row(whole.train.start),
        row(whole.valid.start),
        row(whole.test.start),
        row(whole.test.end),
    );
    Split {
        train: start..valid,
        valid: valid..test,
        test: test..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ressac_data::panel::{Layout, Roles};
    use ressac_data::{StampFormat, TimeAxis};

    fn series(name: &str, first_day: i64, days: usize) -> Series {
        let stamps = (0..days as i64)
            .map(|day| (first_day + day) * 86_400)
            .collect();
        Series {
            name: name.into(),
            time: Some(TimeAxis::new("day", stamps, StampFormat::ISO)),
            targets: vec![(0..days).map(|day| day as f64).collect()],
            known: vec![],
            past: vec![],
            statics: vec![],
        }
    }

    fn panel(series: Vec<Series>) -> Panel {
        Panel {
            roles: Roles {
                targets: vec!["sales".into()],
                ..Roles::default()
            },
            series_column: Some("shop".into()),
            layout: Layout::Long,
            series,
        }
    }

    #[test]
    fn series_that_begin_at_other_times_are_cut_at_the_same_moments() {
        let panel = panel(vec![series("old", 0, 100), series("new", 40, 60)]);
        let cut = parts(&panel, None).unwrap();
        assert_eq!(
            (cut[0].train.clone(), cut[0].test.clone()),
            (0..70, 80..100)
        );
        assert_eq!((cut[1].train.clone(), cut[1].test.clone()), (0..30, 40..60));
    }

    #[test]
    fn series_without_times_are_each_cut_by_themselves() {
        let mut panel = panel(vec![series("a", 0, 100), series("b", 0, 50)]);
        for series in &mut panel.series {
            series.time = None;
        }
        let cut = parts(&panel, None).unwrap();
        assert_eq!(
            (cut[0].test.clone(), cut[1].test.clone()),
            (80..100, 40..50)
        );
    }

    #[test]
    fn rows_that_hold_only_the_future_of_known_columns_are_no_part() {
        let mut long = series("a", 0, 100);
        long.targets[0][90..].fill(f64::NAN);
        let cut = parts(&panel(vec![long]), Some("0.5,0.25,0.25")).unwrap();
        assert_eq!(cut[0].test.end, 90);
    }
}
