//! What an evaluation found.

use serde::Serialize;

use super::figures::Figures;
use super::slices::Slices;

/// A method and its figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MethodFigures {
    /// `model`, `repeat-last`, `seasonal-naive` or `naive2` (the seasonally adjusted naive forecast
    /// of the M4 competition).
    pub method: String,
    /// Over every column of every series.
    pub overall: Figures,
    /// Column by column and series by series, in the panel's order.
    pub columns: Vec<(String, Figures)>,
}

/// How often the truth lay in the interval between the lowest and the highest quantile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Coverage {
    /// The share the interval promises.
    pub nominal: f64,
    /// The share that lay inside.
    pub inside: f64,
    /// The interval's mean width, in deviations of the training part.
    pub width: f64,
}

/// How much of the reference's absolute error the model takes away, with an interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Skill {
    /// 1 − error / the naive method's error, on z-scores: 1 is perfect, 0 no better.
    pub skill: f64,
    /// The lower end of the interval.
    pub lower: f64,
    /// The upper end.
    pub upper: f64,
    /// How sure the interval is: 0.95.
    pub level: f64,
}

impl Evaluation {
    /// The mean absolute error of the reference, on z-scores.
    pub fn reference_mae(&self) -> f64 {
        self.methods
            .iter()
            .find(|method| method.method == self.reference)
            .map_or(f64::NAN, |method| method.overall.mae)
    }
}

impl Skill {
    /// Whether the model is better beyond doubt of the interval.
    pub fn better(&self) -> bool {
        self.lower > 0.0
    }
}

/// Mean absolute errors at one step of the horizon, on z-scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StepErrors {
    /// The model's.
    pub model: f64,
    /// The naive reference's.
    pub reference: f64,
}

/// Errors of one month, of the first target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Period {
    /// The month, as `2018-01`.
    pub name: String,
    /// Forecast values in it.
    pub values: usize,
    /// Mean absolute error, in the column's unit.
    pub mae: f64,
    /// That of the naive reference.
    pub reference: f64,
    /// Mean absolute percentage error; absent where a truth is not above zero.
    pub mape: Option<f64>,
    /// The share inside the interval, when there is one.
    pub inside: Option<f64>,
}

/// One forecast whole, to be drawn: of the first target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sample {
    /// The series' name; empty where there is one.
    pub series: String,
    /// The target's name.
    pub column: String,
    /// The row of the first truth.
    pub first_row: usize,
    /// The times of the truths.
    pub stamps: Option<Vec<i64>>,
    /// What was before and after the origin.
    pub truth: Vec<f64>,
    /// The place of the first step forecast among the truths.
    pub origin: usize,
    /// `quantiles[level][step]`.
    pub quantiles: Vec<Vec<f64>>,
    /// The seasonal-naive forecast; without a season, the last value repeated.
    pub naive: Vec<f64>,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many windows were forecast.
    pub windows: usize,
    /// The model first, then the naive methods.
    pub methods: Vec<MethodFigures>,
    /// The M4 competition's overall weighted average, relative to `naive2`; absent where that one
    /// is, or where the percentage errors are not defined.
    pub owa: Option<f64>,
    /// The interval's coverage, when there is an interval.
    pub coverage: Option<Coverage>,
    /// The levels of the quantiles.
    pub levels: Vec<f64>,
    /// The naive method with the smaller absolute error, the one to beat: `seasonal-naive` or
    /// `repeat-last`.
    pub reference: String,
    /// The skill against the naive reference; absent for too few windows.
    pub skill: Option<Skill>,
    /// Errors step by step of the horizon.
    pub steps: Vec<StepErrors>,
    /// Errors month by month; empty without times.
    pub months: Vec<Period>,
    /// Errors told apart as was asked for.
    pub slices: Option<Slices>,
    /// Some forecasts whole.
    pub samples: Vec<Sample>,
}
