//! A learning curve: the same training on growing shares of what it learns from, each scored on the same test part.

use std::sync::atomic::Ordering;

use serde_json::{Map, Value, json};

use ressac_chart::Plot;
use ressac_folder::ModelFolder;
use ressac_train::{Learner as _, Progress, Trainer};

use super::{Prepared, RunOptions};
use crate::evaluated::Headline;
use crate::family::{Family, Resolved};
use crate::{Evaluated, ModelError};

/// The sub-folder in which the models of the shares stand while they are trained.
const FOLDER: &str = "learning-curve";

/// What came of one share.
struct Point {
    /// Items learnt from.
    items: usize,
    /// The figure of the model and of its rivals.
    headline: Headline,
}

impl<F: Family> Prepared<F> {
    /// Trains on each of the shares, and adds the curve to the evaluation of the whole training, which learnt from `items`
    /// called `name`. The models of the shares are deleted.
    ///
    /// # Errors
    /// As a training.
    pub(super) fn curve(
        &self,
        shares: &[Resolved<F::Config, F::Parts>],
        (evaluated, items, name): (&mut Evaluated, usize, &str),
        folder: &ModelFolder,
        run: &RunOptions<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), ModelError> {
        // A training that was interrupted is no point of a curve.
        let is_stopped = run.stop.load(Ordering::Relaxed);
        let Some(whole) = evaluated.headline.clone().filter(|_| !is_stopped) else {
            return Ok(());
        };
        let mut points = Vec::new();
        for share in shares {
            let place = folder.within(FOLDER)?;
            let (mut learner, pipeline) = F::learner(share, &self.data, &self.device)?;
            let learnt = learner.size().training;
            progress.share(learnt, items);
            place.write_pipeline(&pipeline)?;
            place.write_config(&self.record(&share.config, run))?;
            let trainer = Trainer::new(F::training(&share.config).trainer());
            trainer.run(&mut learner, Some(&place), None, run.stop, progress)?;
            if run.stop.load(Ordering::Relaxed) {
                return Ok(place.delete()?);
            }
            let model = F::finish(F::open(&place, &self.device)?, &self.data, share)?;
            let scored = F::score(&model, &self.data, share)?;
            place.delete()?;
            if let Some(headline) = scored.and_then(|scored| scored.headline) {
                points.push(Point {
                    items: learnt,
                    headline,
                });
            }
        }
        if !points.is_empty() {
            points.push(Point {
                items,
                headline: whole,
            });
            add(evaluated, &points, name);
        }
        Ok(())
    }
}

/// Adds the curve to tables, figures and report.
fn add(evaluated: &mut Evaluated, points: &[Point], name: &str) {
    let Some(Point { headline, .. }) = points.last() else {
        return;
    };
    let methods: Vec<&str> = headline
        .methods
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let of = |point: &Point, method: &str| {
        let found = point
            .headline
            .methods
            .iter()
            .find(|(name, _)| *name == method);
        found.map_or(f64::NAN, |(_, value)| *value)
    };
    let heads = [name].into_iter().chain(methods.iter().copied());
    let mut table = vec![heads.map(str::to_owned).collect::<Vec<_>>()];
    table.extend(points.iter().map(|point| {
        let figures = methods.iter().map(|method| {
            let value = Some(of(point, method)).filter(|value| !value.is_nan());
            value.map_or_else(|| "–".to_owned(), headline.write)
        });
        [point.items.to_string()]
            .into_iter()
            .chain(figures)
            .collect()
    }));
    let mut plot = Plot::new("Learning curve")
        .x_label(format!("{name} learnt from"))
        .y_label(headline.head);
    for method in &methods {
        let line: Vec<(f64, f64)> = (points.iter())
            .map(|point| (point.items as f64, of(point, method)))
            .collect();
        plot = plot.line(*method, &line);
    }
    let all = points.iter().map(|point| {
        let mut figures = Map::new();
        figures.insert(name.to_owned(), point.items.into());
        figures.extend(
            point
                .headline
                .methods
                .iter()
                .map(|(name, value)| (name.clone(), json!(value))),
        );
        Value::Object(figures)
    });
    evaluated
        .figures
        .insert("learning_curve".into(), all.collect());
    let page = std::mem::replace(&mut evaluated.page, ressac_chart::Page::new(""));
    evaluated.page = page
        .heading("Whether more data would help")
        .plot(
            &plot,
            "The same training on an eighth, a quarter and half of what it learns from, each share a part of the next, for as many steps; scored on the same test part.",
        )
        .table(&table[0], &table[1..]);
    evaluated.tables.push(table);
}
