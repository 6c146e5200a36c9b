//! What one would take instead of a network, fitted on the same training part and calibrated on the same held-back examples:
//! principal components, as many as the code has numbers, and the distance to the nearest training example; of a series a
//! normal distribution over the rows before and all principal components of sub-sequences too.

use ressac_stats::rival::neighbour::{Distance, NearestNeighbour, Scaling, cost};
use ressac_stats::rival::{Pca, PcaOfWindows, windowed_gaussian};

use super::autoencoder::Autoencoder;
use super::encoded::Encoded;
use super::parts::AutoencodeParts;
use crate::ModelError;

const SUB_PCA: &str = "principal components of sub-sequences";
/// Values of a window of which all principal components are taken at the most: time grows with their cube.
const WIDEST: usize = 1_000;
const NEIGHBOUR: &str = "one nearest neighbour";

/// Rows that a windowed Gaussian looks back on, as in the Numenta anomaly benchmark.
const BEFORE: usize = 6_400;

/// Differences of two numbers that a search for neighbours may take: about half a minute.
const MOST_OPERATIONS: u64 = 10_000_000_000;

/// What a rival says of the examples scored.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    /// Its name.
    pub(super) name: String,
    /// How unusual each example is.
    pub(super) scores: Vec<f64>,
    /// The same of the examples held back.
    pub(super) held_back: Vec<f64>,
    /// What it writes of each example, in deviations, step by step; nothing for one that writes nothing.
    pub(super) written: Option<Vec<Vec<f64>>>,
}

/// Rows of an encoded part.
fn rows(of: &Encoded) -> Vec<Vec<f64>> {
    (0..of.len()).map(|at| of.row(at)).collect()
}

/// What every rival says, and a sentence for one that is left out; the classes of examples that are `judged` decide whether the
/// neighbour, which writes nothing, has anything to say.
pub(super) fn answers(
    model: &Autoencoder,
    prepared: &AutoencodeParts,
    scored: &Encoded,
    judged: bool,
) -> Result<(Vec<Answer>, Vec<String>), ModelError> {
    let train = model.encoded(&prepared.parts.train)?;
    let held_back = model.encoded(&prepared.held_back)?;
    let (mut answers, mut left_out) = (Vec::new(), Vec::new());
    let components = model.config().code();
    let of_one_length = model.pipeline().steps.is_some();
    match of_one_length {
        true => match components_of(&train, &held_back, scored, components) {
            Some(answer) => answers.push(answer),
            None => left_out
                .push("principal components are left out: the training part has none".into()),
        },
        false => {
            left_out.push("principal components are left out: the examples differ in length".into())
        }
    }
    if judged && model.config().windowed().is_some() {
        let valid = model.encoded(&prepared.parts.valid)?;
        answers.push(gaussian(&[&train, &valid], &held_back, scored));
        match of_windows(&train, &held_back, scored) {
            Ok(answer) => answers.push(answer),
            Err(why) => left_out.push(why),
        }
    }
    if judged {
        match neighbour(&train, &held_back, scored, of_one_length) {
            Ok(answer) => answers.push(answer),
            Err(why) => left_out.push(why),
        }
    }
    Ok((answers, left_out))
}

fn components_of(
    train: &Encoded,
    held_back: &Encoded,
    scored: &Encoded,
    components: usize,
) -> Option<Answer> {
    let width = train.row(0).len();
    let all: Vec<f64> = (0..train.len()).flat_map(|at| train.row(at)).collect();
    let components = components.min(width);
    let fitted = Pca::fit(&all, width, components)?;
    let error = |row: &Vec<f64>| fitted.error(row);
    let scored = rows(scored);
    Some(Answer {
        name: match components {
            1 => "1 principal component".into(),
            components => format!("{components} principal components"),
        },
        scores: scored.iter().map(error).collect::<Option<_>>()?,
        held_back: rows(held_back).iter().map(error).collect::<Option<_>>()?,
        written: Some(
            scored
                .iter()
                .map(|row| fitted.reconstruct(row))
                .collect::<Option<_>>()?,
        ),
    })
}

/// All principal components of windows, the rarer directions counting more.
fn of_windows(train: &Encoded, held_back: &Encoded, scored: &Encoded) -> Result<Answer, String> {
    let width = train.row(0).len();
    let why = |why: &str| format!("{SUB_PCA} are left out: {why}");
    if width > WIDEST {
        return Err(why(&format!(
            "a window has {width} values, more than {WIDEST}"
        )));
    }
    let all = |of: &Encoded| -> Vec<f64> { rows(of).concat() };
    let fitted =
        PcaOfWindows::fit(&all(train), width).ok_or_else(|| why("the training part has none"))?;
    let scores = |of: &Encoded| match of.len() {
        0 => Some(Vec::new()),
        _ => fitted.scores(&all(of)),
    };
    let both = scores(scored).zip(scores(held_back));
    let (scores, held_back) = both.ok_or_else(|| why("a score is not finite"))?;
    Ok(Answer {
        name: SUB_PCA.into(),
        scores,
        held_back,
        written: None,
    })
}

/// The last row of each window beside those before it.
fn gaussian(before: &[&Encoded], held_back: &Encoded, scored: &Encoded) -> Answer {
    let dims = scored.row(0).len() / scored.lengths()[0].max(1);
    let parts = || before.iter().chain([&held_back, &scored]);
    let mut most = vec![0.0_f64; parts().map(|part| part.len()).sum()];
    for dim in 0..dims {
        let last = |part: &Encoded, at: usize| {
            let row = part.row(at);
            row[row.len() - dims + dim]
        };
        let series = parts().flat_map(|part| (0..part.len()).map(move |at| last(part, at)));
        let scores = windowed_gaussian(&series.collect::<Vec<_>>(), BEFORE);
        for (most, score) in most.iter_mut().zip(scores) {
            *most = most.max(score);
        }
    }
    let scored = most.split_off(most.len() - scored.len());
    Answer {
        name: "windowed Gaussian".into(),
        held_back: most.split_off(most.len() - held_back.len()),
        scores: scored,
        written: None,
    }
}

fn neighbour(
    train: &Encoded,
    held_back: &Encoded,
    scored: &Encoded,
    of_one_length: bool,
) -> Result<Answer, String> {
    let distance = match of_one_length {
        true => Distance::Euclidean,
        false => Distance::Warped { band: 0.1 },
    };
    let dims = train.row(0).len() / train.lengths()[0].max(1);
    let queries = [held_back.lengths(), scored.lengths()].concat();
    let whole = cost(train.lengths(), &queries, dims, distance).operations;
    // Evenly spaced ones, where all of them are too many.
    let share = (MOST_OPERATIONS as f64 / whole.max(1) as f64).min(1.0);
    let kept = ((train.len() as f64 * share) as usize).max(1);
    let places = (0..kept).map(|at| at * train.len() / kept);
    let known: Vec<Vec<f64>> = places.map(|at| train.row(at)).collect();
    let fitted = NearestNeighbour::fit(&known, dims, &vec![0; kept], Scaling::Training, distance)
        .map_err(|error| format!("{NEIGHBOUR} is left out: {error}"))?;
    let distances = |of: &Encoded| -> Result<Vec<f64>, String> {
        let found = fitted.nearest(&rows(of));
        let found = found.map_err(|error| format!("{NEIGHBOUR} is left out: {error}"))?;
        Ok(found.iter().map(|near| near.distance).collect())
    };
    Ok(Answer {
        name: match kept == train.len() {
            true => NEIGHBOUR.into(),
            false => format!("{NEIGHBOUR} among {kept}"),
        },
        scores: distances(scored)?,
        held_back: distances(held_back)?,
        written: None,
    })
}
