//! A panel continued by later rows: how a file that holds only the future is judged.

use super::{Panel, Series};
use crate::error::{DataError, shown};
use crate::nearest::nearest;
use crate::time::{Step, TimeAxis};

impl Panel {
    /// The rows of `later` after those of `history`, series by series, by their names; a series
    /// that has no later rows stays as it is.
    ///
    /// Rows of `history` after the last that has a target (they hold only the future of known
    /// columns) give way to later rows of the same times. Without times, later rows are taken to
    /// follow at once.
    ///
    /// # Errors
    /// [`DataError::NotContinued`] for a series that `history` does not have, for other columns or
    /// static cells, and for times that do not go on with the step of the history.
    pub fn append(history: Panel, later: Panel) -> Result<Panel, DataError> {
        if history.roles != later.roles {
            return Err(refused(
                "the columns or their roles differ".to_owned(),
                "Read both files with the same columns.",
            ));
        }
        let mut panel = history;
        for series in later.series {
            let found = panel.series.iter().position(|own| own.name == series.name);
            let Some(at) = found else {
                let names = panel.series.iter().map(|own| own.name.as_str());
                let near = nearest(&series.name, names);
                let near = near.map(|name| format!(" (the nearest is `{}`)", shown(name)));
                return Err(refused(
                    format!(
                        "the history has no series `{}`{}",
                        shown(&series.name),
                        near.unwrap_or_default()
                    ),
                    "Give the history of every series.",
                ));
            };
            panel.series[at].extend(series)?;
        }
        Ok(panel)
    }
}

fn refused(problem: String, advice: &'static str) -> DataError {
    DataError::NotContinued { problem, advice }
}

impl Series {
    fn extend(&mut self, later: Series) -> Result<(), DataError> {
        let of = match self.name.as_str() {
            "" => String::new(),
            name => format!(" of series `{}`", shown(name)),
        };
        if self.statics != later.statics {
            return Err(refused(
                format!("the static cells{of} differ"),
                "Correct them: a static column has one value for a series.",
            ));
        }
        match (self.time.take(), later.time) {
            (None, None) => {}
            (Some(own), Some(next)) => {
                self.time = Some(self.joined(own, next, &of)?);
            }
            _ => {
                return Err(refused(
                    format!("the rows{of} have times in one file and none in the other"),
                    "Give both with times, or both without.",
                ));
            }
        }
        for (own, next) in [
            (&mut self.targets, later.targets),
            (&mut self.known, later.known),
            (&mut self.past, later.past),
        ] {
            for (own, next) in own.iter_mut().zip(next) {
                own.extend(next);
            }
        }
        Ok(())
    }

    /// The times of both, after the rows that `next` replaces are cut off.
    fn joined(
        &mut self,
        mut own: TimeAxis,
        next: TimeAxis,
        of: &str,
    ) -> Result<TimeAxis, DataError> {
        let observed = self.observed();
        if let Some(first) = next.stamps.first()
            && own.stamps.get(observed) == Some(first)
        {
            own.stamps.truncate(observed);
            let columns = self.targets.iter_mut().chain(&mut self.known);
            for values in columns.chain(&mut self.past) {
                values.truncate(observed);
            }
        }
        let format = own.format;
        let kept = own.stamps.len();
        let mut stamps = own.stamps;
        stamps.extend(next.stamps);
        let joined = TimeAxis::new(own.name, stamps, format);
        let (Some(last), Some(begins)) = (
            kept.checked_sub(1).map(|row| joined.stamps[row]),
            joined.stamps.get(kept).copied(),
        ) else {
            return Ok(joined);
        };
        let even = match own.step {
            Some(step) => joined.step == Some(step),
            None => joined.stamps.is_sorted_by(|a, b| a < b),
        };
        if even {
            return Ok(joined);
        }
        let step = own
            .step
            .map_or(String::new(), |step: Step| format!(" every {step}"));
        Err(refused(
            format!(
                "the rows{of}{step} end at {} and go on at {}",
                joined.write(last),
                joined.write(begins)
            ),
            "Give rows that follow at the next step, at the same distance.",
        ))
    }
}
