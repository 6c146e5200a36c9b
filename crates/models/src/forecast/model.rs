//! A forecaster as every verb knows it.

use std::ops::Range;
use std::path::PathBuf;

use toml::Table;

use ressac_data::panel::Panel;
use ressac_data::rows::Sink;
use ressac_data::{Assumption, write_long_rows};
use ressac_nn::import::ImportedNetwork;

use super::ask::ForecastAsk;
use super::evaluate::Scored;
use super::family::TASK;
use super::forecaster::Forecaster;
use super::parts::parts;
use super::slices::SliceBy;
use super::{source, structure, told};
use crate::error::option_error;
use crate::family::COMMAND_LINE;
use crate::model::{Export, Fact, Import, Model, OnnxFile, Sources, saved_by};
use crate::options::{Files, Options};
use crate::part::Part;
use crate::recurrence::Recurrence;
use crate::{Evaluated, ModelError, Structure, import};

impl Model for Forecaster {
    fn task(&self) -> &'static str {
        TASK
    }

    fn network(&self) -> String {
        let config = self.config();
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            count => format!("{count} {word}s"),
        };
        format!(
            "{} · {} of {} · context {} → horizon {} · {}",
            config.model,
            plural(config.recurrent.layers, "layer"),
            config.recurrent.hidden,
            config.context,
            config.horizon,
            plural(self.pipeline().targets.len(), "column"),
        )
    }

    fn facts(&self) -> Vec<Fact> {
        let (config, pipeline) = (self.config(), self.pipeline());
        let covariates = pipeline.known.iter().chain(&pipeline.past);
        let reads: Vec<&str> = covariates
            .map(|(name, _)| name.as_str())
            .chain(pipeline.statics.iter().map(|(name, _)| name.as_str()))
            .chain((!pipeline.calendar.is_empty()).then_some("the calendar"))
            .chain(config.holidays.as_deref().map(|_| "holidays"))
            .collect();
        let season = pipeline.season.map(|season| format!("{season} steps"));
        let levels: Vec<String> = self.levels().iter().map(f64::to_string).collect();
        let mut facts = vec![
            Fact::new(
                "split",
                format!("{} rows to train, validate, test", config.split),
            ),
            Fact::new(
                "step",
                pipeline.step.clone().unwrap_or_else(|| "not known".into()),
            ),
            Fact::new("season", season.unwrap_or_else(|| "none".into())),
            Fact::new(
                "reads",
                match reads.is_empty() {
                    true => "none".to_owned(),
                    false => reads.join(", "),
                },
            ),
            Fact::new("series", pipeline.own.len().to_string()),
            Fact::new("quantiles", levels.join(", ")),
        ];
        for (name, scale) in pipeline.targets.iter().zip(&pipeline.pooled) {
            facts.push(Fact::new(
                "column",
                format!(
                    "{name}: mean {:.6}, standard deviation {:.6} in the training part",
                    scale.mean, scale.deviation
                ),
            ));
        }
        facts
    }

    fn structure(&self) -> Structure {
        structure::of(self)
    }

    saved_by!(self => self.config(), self.pipeline(), self.layers());

    fn trained_on(&self) -> Vec<PathBuf> {
        self.config().data.paths()
    }

    fn predict(
        &self,
        sources: &Sources,
        _ask: &Table,
        sink: &mut dyn Sink,
    ) -> Result<Vec<String>, ModelError> {
        let (panel, _) = source::for_model(sources, self.config(), None)?;
        let forecasts = self.forecast(&panel)?;
        let mut told = Vec::new();
        if forecasts.iter().any(|(_, table)| table.time.is_none()) {
            told.push("the file has no times at even steps, so the rows are the steps after its last one, in order".to_owned());
        }
        write_long_rows(sink, self.pipeline().series_column.as_deref(), &forecasts)?;
        told.push(format!(
            "{} steps of {} series",
            self.config().horizon,
            forecasts.len()
        ));
        Ok(told)
    }

    fn evaluate(&self, sources: &Sources, ask: &Table) -> Result<Evaluated, ModelError> {
        let ask = ForecastAsk::read(ask, COMMAND_LINE.as_ref())?;
        let Scoring {
            panel,
            rows,
            part,
            slices,
            assumptions,
        } = self.to_score(sources, &ask)?;
        let scored = Scored {
            rows,
            stride: ask.stride.unwrap_or(1),
            clock: ask.origin.map(|clock| clock.0),
            slices,
        };
        let evaluation = self.score(&panel, &scored)?;
        let mut evaluated = told::evaluated(self, &evaluation, &scored, (&part, &sources.named()));
        evaluated.assumptions = assumptions;
        Ok(evaluated)
    }

    fn export(&self) -> Option<&dyn Export> {
        Some(self)
    }

    fn recurrence(&self) -> Option<&dyn Recurrence> {
        Some(self)
    }

    fn import(&self) -> Option<&dyn Import> {
        Some(self)
    }
}

/// What is scored.
struct Scoring {
    panel: Panel,
    rows: Vec<Range<usize>>,
    part: String,
    slices: Option<SliceBy>,
    assumptions: Vec<Assumption>,
}

impl Forecaster {
    /// Reads what is to be scored: the part asked for, the history before it, the column to slice by.
    fn to_score(&self, sources: &Sources, ask: &ForecastAsk) -> Result<Scoring, ModelError> {
        let (mut panel, mut assumptions) = source::for_model(sources, self.config(), None)?;
        // A column to slice by that the model does not read is read beside the others, then taken out.
        let foreign = ask
            .slice
            .as_deref()
            .filter(|name| !SliceBy::is_known(&panel, name));
        let read = |sources: &Sources| {
            source::for_model(sources, self.config(), foreign).map_err(|error| match foreign {
                None => error,
                Some(name) => option_error(
                    "slice",
                    &format!(
                        "is `{name}`: {error} Beside a column of numbers or one that the model reads, it may be {}",
                        SliceBy::WORDS.join(", ")
                    ),
                ),
            })
        };
        if foreign.is_some() {
            (panel, assumptions) = read(sources)?;
        }
        let history = ask.history.as_ref().map(Files::paths).unwrap_or_default();
        let (rows, part) = if history.is_empty() {
            let part = Part::to_score(ask.part, sources)?;
            (self.rows(part, &panel)?, part.to_string())
        } else {
            if ask.part.is_some_and(|part| part != Part::All) {
                return Err(option_error(
                    "part",
                    "is for files that hold what came before too; with `--history` all of them is scored. Leave it out",
                ));
            }
            if sources.trained_on {
                return Err(option_error(
                    "history",
                    "is what came before the files to score. Name those with `--data`",
                ));
            }
            let later: Vec<(String, usize)> = panel
                .series
                .iter()
                .map(|series| (series.name.clone(), series.rows()))
                .collect();
            panel = Panel::append(read(&Sources::files(&history, false))?.0, panel)?;
            let rows = panel
                .series
                .iter()
                .map(|series| {
                    let new = later
                        .iter()
                        .find(|(name, _)| *name == series.name)
                        .map_or(0, |(_, rows)| *rows);
                    series.rows() - new..series.rows()
                })
                .collect();
            (rows, "all".to_owned())
        };
        let slices = match (&ask.slice, foreign) {
            (Some(_), Some(name)) => Some(taken_out(&mut panel, name)),
            (Some(name), None) => Some(SliceBy::new(&panel, name)?),
            (None, _) => None,
        };
        Ok(Scoring {
            panel,
            rows,
            part,
            slices,
            assumptions,
        })
    }

    /// The rows of a part of each series.
    pub(super) fn rows(&self, part: Part, panel: &Panel) -> Result<Vec<Range<usize>>, ModelError> {
        if part == Part::All {
            return Ok(panel
                .series
                .iter()
                .map(|series| 0..series.observed())
                .collect());
        }
        Ok(parts(panel, Some(&self.config().split))?
            .into_iter()
            .map(|split| match part {
                Part::Train => split.train,
                Part::Valid => split.valid,
                Part::Test | Part::All => split.test,
            })
            .collect())
    }
}

/// The slices by a column that was read only for them, which leaves the panel.
fn taken_out(panel: &mut Panel, name: &str) -> SliceBy {
    panel.roles.past.pop();
    let values: Vec<Vec<f64>> = panel
        .series
        .iter_mut()
        .map(|series| series.past.pop().unwrap_or_default())
        .collect();
    let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
    SliceBy::of_values(name, &values)
}

impl Export for Forecaster {
    fn to_onnx(&self) -> Result<OnnxFile, ModelError> {
        Forecaster::to_onnx(self)
    }

    fn without_lengths(&self) -> Option<String> {
        Some(format!(
            "a {TASK} model reads a context of exactly {} steps, so its graph has no lengths to take",
            self.config().context
        ))
    }
}

impl Import for Forecaster {
    fn other_function(&self, network: &ImportedNetwork) -> Option<String> {
        import::other_function(&self.config().recurrent, self.config().cell(), network)
    }
}
