//! An evaluation of made images told: a table, a verdict in a sentence, the same by name for programs.

use serde_json::{Value, json};

use ressac_data::examples::Examples;

use super::evaluation::{COPIED, Copies, Evaluation, MethodFigures};
use super::generator::ImageGenerator;
use super::parts::GanParts;
use super::report;
use crate::examples::named;
use crate::measure::{Measure, Method, percent, significant, three};
use crate::model::Model;
use crate::part::Part;
use crate::{Evaluated, ModelError};

type Figure = Measure<MethodFigures>;

const MEASURES: [Figure; 7] = [
    Measure {
        key: "kid",
        head: "kid",
        of: |method| method.kid,
        write: |value| format!("{value:.4}"),
    },
    Measure {
        key: "frechet",
        head: "fréchet",
        of: |method| method.frechet,
        write: significant,
    },
    Measure {
        key: "precision",
        head: "precision",
        of: |method| method.precision,
        write: three,
    },
    Measure {
        key: "recall",
        head: "recall",
        of: |method| method.recall,
        write: three,
    },
    Measure {
        key: "density",
        head: "density",
        of: |method| method.density,
        write: three,
    },
    Measure {
        key: "coverage",
        head: "coverage",
        of: |method| method.coverage,
        write: three,
    },
    Measure {
        key: "diversity",
        head: "diversity",
        of: |method| method.diversity,
        write: percent,
    },
];

/// What explains the table.
const ABOUT: &str = "kid, fréchet: distance of made images from real ones, the lower the better (kernel distance with a cubic kernel, unbiased, so about 0 for images as good as real ones and at times below it). precision: share of made images that lie among real ones; recall: share of real ones among made ones; density and coverage: the same counted by neighbours. diversity: how much images differ, of what real ones differ by. All on features of an encoder trained on these training images: not comparable with published FID or KID. The row `training images` is real images that were learnt from: what can be reached. `normal distribution` draws pixels with their mean and principal components.";

impl ImageGenerator {
    /// Scores made images against real ones, `part` of what it was trained on or others; makes as many as `asked`.
    ///
    /// # Errors
    /// As [`ImageGenerator::evaluation`].
    pub(super) fn evaluated(
        &self,
        scored: &Examples,
        prepared: Result<&GanParts, String>,
        part: Part,
        asked: Option<usize>,
    ) -> Result<Evaluated, ModelError> {
        let evaluation = self.evaluation(scored, prepared, asked)?;
        let methods: Vec<Method<'_, MethodFigures>> = (evaluation.methods.iter())
            .map(|method| (method.name.as_str(), method))
            .collect();
        let [made, real] = evaluation.counts;
        let alarms: usize = self.history().iter().map(|line| line.notes.len()).sum();
        let mut counts: Vec<(&str, Value)> = vec![
            ("part", part.to_string().into()),
            ("made", made.into()),
            ("images", real.into()),
            ("collapse_alarms", alarms.into()),
        ];
        if let Some(copies) = &evaluation.copies {
            counts.push((
                "copies",
                json!({
                    "made_to_training": copies.medians[0],
                    "held_back_to_training": copies.medians[1],
                    "near_share": copies.near,
                    "found": copies.near > COPIED,
                }),
            ));
        }
        let mut evaluated = Evaluated::of_methods(
            ("GAN", &self.network(), ABOUT),
            (
                format!(
                    "{}: {part} part, {real} images beside {made} made ones",
                    named(scored)
                ),
                &counts,
            ),
            &MEASURES,
            &methods,
            verdict(&evaluation),
        );
        let mut told: Vec<String> = evaluation
            .copies
            .as_ref()
            .map(of_copies)
            .into_iter()
            .collect();
        let notes = self.history().iter().flat_map(|line| {
            let step = line.step;
            line.notes
                .iter()
                .map(move |note| format!("At step {step}: {note}."))
        });
        told.extend(notes);
        evaluated.page = report::page(self, &evaluation, &told, evaluated.page)?;
        evaluated.sentences.extend(told);
        evaluated.notes.extend(evaluation.left_out);
        Ok(evaluated)
    }
}

/// Whether the model is worth having, in one sentence.
fn verdict(evaluation: &Evaluation) -> String {
    let kid = |name: &str| {
        let mut methods = evaluation.methods.iter();
        methods.find(|method| method.name == name)?.kid
    };
    let written = |value: f64| format!("{value:.4}").replace('-', "\u{2212}");
    let own = kid("model").unwrap_or(f64::NAN);
    let ceiling = kid("training images").map_or_else(String::new, |real| {
        format!("; real images have {}", written(real))
    });
    match kid("normal distribution") {
        Some(rival) if own < rival => format!(
            "Better than pixels drawn from a normal distribution: kid {} against {}{ceiling}.",
            written(own),
            written(rival)
        ),
        Some(rival) => format!(
            "No better than pixels drawn from a normal distribution: kid {} against {}{ceiling}.",
            written(own),
            written(rival)
        ),
        None => format!(
            "kid {}{ceiling}; there is no rival to compare it with.",
            written(own)
        ),
    }
}

/// Whether made images are copies, in one sentence.
fn of_copies(copies: &Copies) -> String {
    let [made, real] = copies.medians.map(significant);
    let share = percent(copies.near);
    match copies.near > COPIED {
        true => format!(
            "Made images may be copies: {share} of them are nearer to an image learnt from than all but 1 % of held-back ones are (median distance {made}, of held-back ones {real}, in pixels from 0 to 1). Look at the pairs in the report; more images or a larger `augment` help."
        ),
        false => format!(
            "No sign of copies: the median distance of a made image to the nearest one learnt from is {made}, of a held-back one {real} (in pixels from 0 to 1); {share} are nearer than all but 1 % of held-back ones."
        ),
    }
}
