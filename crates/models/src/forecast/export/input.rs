//! The inputs of the graph, and their way to the network's scale.

use ressac_nn::onnx::{Element, Graph, Port, Size, Value, Values};

use super::calendar;
use crate::ModelError;
use crate::forecast::config::ForecastConfig;
use crate::forecast::network::GraphBatch;
use crate::forecast::pipeline::ForecastPipeline;
use crate::forecast::scale::{ColumnScale, StaticScale};

/// A mean and a deviation for each target, 64-bit, `[1, 1, targets]` or `[batch, 1, targets]`.
#[derive(Debug, Clone)]
pub(super) struct Scales {
    pub(super) mean: Value,
    pub(super) deviation: Value,
}

/// What the output needs of the inputs.
#[derive(Debug, Clone)]
pub(super) struct Inputs {
    /// The scales the network reads targets on.
    pub(super) network: Scales,
    /// The deviations of the series' own targets, which the calibration counts in.
    pub(super) own_deviation: Value,
    /// The names of the columns of `statics`.
    pub(super) statics: Vec<String>,
    /// The names of the series that `series` counts, if there is that input.
    pub(super) series: Option<Vec<String>>,
}

/// The ports of one graph, all with the batch in front.
struct Ports<'a> {
    graph: &'a mut Graph,
}

impl Ports<'_> {
    fn input(&mut self, name: &str, element: Element, shape: &[usize], holds: &str) -> Value {
        let fixed = shape.iter().map(|size| Size::Fixed(*size));
        self.graph.input(Port {
            name: name.to_owned(),
            element,
            shape: std::iter::once(Size::Any("batch")).chain(fixed).collect(),
            holds: holds.to_owned(),
        })
    }
}

impl Inputs {
    /// Adds the inputs of a forecaster to `graph`, and what the network reads of them.
    pub(super) fn new(
        graph: &mut Graph,
        config: &ForecastConfig,
        pipeline: &ForecastPipeline,
    ) -> Result<(Self, GraphBatch), ModelError> {
        let (context, targets) = (config.context, pipeline.targets.len());
        let whole = context + config.horizon;
        let static_columns = static_columns(pipeline);
        let calendar_features = pipeline.calendar()?;
        // Each series has a scale of its own, and the network or the calibration asks for it.
        let by_series =
            pipeline.own.len() > 1 && (pipeline.by_series || pipeline.calibration.is_some());

        let mut ports = Ports { graph };
        let values = ports.input(
            "values",
            Element::F64,
            &[context, targets],
            "the targets, oldest step first; NaN is missing",
        );
        let observed = pipeline.masked.then(|| {
            ports.input(
                "observed",
                Element::Bool,
                &[context, targets],
                "false where `values` holds a stand-in for a missing value",
            )
        });
        let past = (!pipeline.past.is_empty()).then(|| {
            ports.input(
                "past",
                Element::F64,
                &[context, pipeline.past.len()],
                "the columns whose future is not known; NaN is missing",
            )
        });
        let known = (!pipeline.known.is_empty()).then(|| {
            ports.input(
                "known",
                Element::F64,
                &[whole, pipeline.known.len()],
                "the columns whose future is known, context and horizon; NaN is missing",
            )
        });
        let time = (calendar_features.width() > 0).then(|| {
            ports.input("time", Element::I64, &[whole], "the times of context and horizon: seconds since 1970-01-01 00:00 in the data's own clock")
        });
        let statics = (!static_columns.is_empty()).then(|| {
            ports.input("statics", Element::F64, &[static_columns.len()], "the static columns: numbers as they are, 1 for a series' word and 0 for the others")
        });
        let series = by_series.then(|| {
            ports.input(
                "series",
                Element::I64,
                &[],
                "the series of each row: its place in the property `series`, from 0",
            )
        });

        let own: Vec<&Vec<ColumnScale>> = pipeline.own.values().collect();
        let pooled = graph.within("scale", |graph| {
            constants(graph, "pooled", &[&pipeline.pooled])
        });
        let own = graph.within("scale", |graph| match &series {
            Some(series) => {
                let series = refusing_negative(graph, series, own.len());
                let table = constants(graph, "own", &own);
                Scales {
                    mean: graph.node("Gather", &[&table.mean, &series], &[]),
                    deviation: graph.node("Gather", &[&table.deviation, &series], &[]),
                }
            }
            None => match own.as_slice() {
                [one] => constants(graph, "own", &[one]),
                // Nothing asks for it.
                _ => pooled.clone(),
            },
        });
        let network = if pipeline.by_series {
            own.clone()
        } else {
            pooled
        };

        let scaled = graph.within("scale", |graph| on_scale(graph, &values, &network));
        let mask = observed.map(|observed| {
            graph.within("observed", |graph| {
                let missing = graph.node("IsNaN", &[&scaled], &[]);
                let there = graph.node("Not", &[&missing], &[]);
                let there = graph.node("And", &[&observed, &there], &[]);
                graph.cast(&there, Element::F32)
            })
        });
        let values = graph.within("fill", |graph| filled(graph, &scaled, context));
        let covariate = |graph: &mut Graph,
                         name: &str,
                         values: &Value,
                         columns: &[(String, ColumnScale)],
                         steps: usize| {
            graph.within(name, |graph| {
                let scales: Vec<ColumnScale> =
                    columns.iter().map(|(_, scale)| scale.clone()).collect();
                let scales = constants(graph, "scale", &[&scales]);
                let scaled = on_scale(graph, values, &scales);
                filled(graph, &scaled, steps)
            })
        };
        let past = past.map(|past| {
            let width = pipeline.past.len();
            (
                covariate(graph, "past_columns", &past, &pipeline.past, context),
                width,
            )
        });
        let mut moments = Vec::new();
        if let Some(known) = &known {
            moments.push(covariate(
                graph,
                "known_columns",
                known,
                &pipeline.known,
                whole,
            ));
        }
        if let Some(time) = &time {
            moments.push(graph.within("calendar", |graph| {
                calendar::features(graph, time, &pipeline.calendar, calendar_features.country())
            })?);
        }
        if let Some(statics) = &statics {
            moments.push(graph.within("static_columns", |graph| {
                static_features(graph, statics, pipeline, whole)
            }));
        }
        let known = (!moments.is_empty())
            .then(|| pipeline.known_width())
            .transpose()?
            .map(|width| (graph.concat(&moments, 2), width));
        let batch = GraphBatch {
            values,
            observed: mask,
            past,
            known,
            context,
        };
        let inputs = Self {
            network,
            own_deviation: own.deviation,
            statics: static_columns,
            series: by_series.then(|| pipeline.own.keys().cloned().collect()),
        };
        Ok((inputs, batch))
    }
}

/// Means and deviations as constants `[rows, 1, columns]`.
fn constants(graph: &mut Graph, name: &str, rows: &[&Vec<ColumnScale>]) -> Scales {
    let columns = rows.first().map_or(0, |row| row.len());
    let mut constant = |what: &str, of: fn(&ColumnScale) -> f64| {
        let values = rows.iter().flat_map(|row| row.iter().map(of)).collect();
        graph.constant(
            &format!("{name}_{what}"),
            &[rows.len(), 1, columns],
            &Values::F64(values),
        )
    };
    Scales {
        mean: constant("mean", |scale| scale.mean),
        deviation: constant("deviation", |scale| scale.deviation),
    }
}

/// Gather counts a negative place from the end; a place that is no series must not be answered with another's.
fn refusing_negative(graph: &mut Graph, series: &Value, count: usize) -> Value {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let zero = graph.whole_number("first", 0);
    let outside = graph.whole_number("outside", count);
    let negative = graph.node("Less", &[series, &zero], &[]);
    graph.select(&negative, &outside, series)
}

/// z-scores, made in 64 bits and then 32-bit, NaN where a value is missing.
fn on_scale(graph: &mut Graph, values: &Value, scales: &Scales) -> Value {
    let centred = graph.sub(values, &scales.mean);
    let scaled = graph.div(&centred, &scales.deviation);
    graph.cast(&scaled, Element::F32)
}

/// Each missing value replaced by the one before it along axis 1, by 0 where there is none.
///
/// Steps double: after the one of width w each place holds the latest value of the 2w places up to it.
fn filled(graph: &mut Graph, values: &Value, steps: usize) -> Value {
    let mut values = values.clone();
    let mut width = 1;
    while width < steps {
        let head = graph.slice(&values, 1, 0, width);
        let before = graph.slice(&values, 1, 0, steps - width);
        let here = graph.slice(&values, 1, width, steps);
        let missing = graph.node("IsNaN", &[&here], &[]);
        let here = graph.select(&missing, &before, &here);
        values = graph.concat(&[head, here], 1);
        width *= 2;
    }
    let missing = graph.node("IsNaN", &[&values], &[]);
    let mean = graph.number("mean", 0.0);
    graph.select(&missing, &mean, &values)
}

/// The names of the columns of `statics`: a column of numbers by its name, a column of words once for each word.
fn static_columns(pipeline: &ForecastPipeline) -> Vec<String> {
    pipeline
        .statics
        .iter()
        .flat_map(|(name, scale)| match scale {
            StaticScale::Number(_) => vec![name.clone()],
            StaticScale::Words(words) => {
                words.iter().map(|word| format!("{name}={word}")).collect()
            }
        })
        .collect()
}

/// `statics [batch, columns]` on the network's scale, repeated over `[batch, steps, columns]`.
fn static_features(
    graph: &mut Graph,
    statics: &Value,
    pipeline: &ForecastPipeline,
    steps: usize,
) -> Value {
    let as_it_is = ColumnScale {
        mean: 0.0,
        deviation: 1.0,
    };
    let scales: Vec<ColumnScale> = pipeline
        .statics
        .iter()
        .flat_map(|(_, scale)| match scale {
            StaticScale::Number(scale) => vec![scale.clone()],
            StaticScale::Words(words) => vec![as_it_is.clone(); words.len()],
        })
        .collect();
    let scales = constants(graph, "scale", &[&scales]);
    let statics = graph.unsqueeze(statics, &[1]);
    let scaled = on_scale(graph, &statics, &scales);
    let steps = i64::try_from(steps).unwrap_or(i64::MAX);
    graph.expand(&scaled, &[1, steps, 1])
}
