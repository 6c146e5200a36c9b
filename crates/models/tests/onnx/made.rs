//! Series made for the tests, and forecasters of random weights fitted to their scales.

use burn::module::Module;
use burn::tensor::Device;
use ressac_data::panel::{Layout, Panel, Roles, Series};
use ressac_data::{StampFormat, TimeAxis};
use ressac_models::forecast::{
    ForecastNetwork, ForecastOptions, ForecastPipeline, Forecaster, resolve,
};
use ressac_nn::random::Stream;
use ressac_nn::weights::{apply, collect};

/// A panel in the making: series of a wave with noise, each on a level and a scale of its own.
pub(crate) struct Making {
    pub(crate) series: usize,
    pub(crate) rows: usize,
    pub(crate) targets: usize,
    pub(crate) past: usize,
    pub(crate) known: usize,
    /// A column of numbers and one of words.
    pub(crate) statics: bool,
    /// Every n-th target value is missing.
    pub(crate) missing: Option<usize>,
    /// The first stamp and the step, in seconds.
    pub(crate) clock: Option<(i64, i64)>,
    /// Rows after the last target that hold the known columns.
    pub(crate) ahead: usize,
}

impl Default for Making {
    fn default() -> Self {
        Self {
            series: 1,
            rows: 300,
            targets: 1,
            past: 0,
            known: 0,
            statics: false,
            missing: None,
            clock: None,
            ahead: 0,
        }
    }
}

impl Making {
    pub(crate) fn panel(&self) -> Panel {
        let names = |stem: &str, count: usize| -> Vec<String> {
            (0..count).map(|index| format!("{stem}{index}")).collect()
        };
        let words = ["north", "south", "west"];
        let column = |series: usize, index: usize, rows: usize| -> Vec<f64> {
            let stream = Stream::new(5, "panel").at(series as u64).at(index as u64);
            let mut generator = stream.generator();
            let level = 50_000.0 * (1 + series) as f64;
            let size = 10.0_f64.powi(2 + index as i32 % 3);
            (0..rows)
                .map(|row| {
                    let wave = (row as f64 * 0.26 + index as f64).sin();
                    level + size * (wave + 0.3 * generator.normal())
                })
                .collect()
        };
        let series = (0..self.series)
            .map(|series| {
                let rows = self.rows + self.ahead;
                let targets = (0..self.targets)
                    .map(|target| {
                        let mut values = column(series, target, self.rows);
                        if let Some(every) = self.missing {
                            for (row, value) in values.iter_mut().enumerate() {
                                // Runs of two, at other rows in each column; the last row stays.
                                if (row + target) % every < 2 && row + 1 < self.rows {
                                    *value = f64::NAN;
                                }
                            }
                        }
                        values.resize(rows, f64::NAN);
                        values
                    })
                    .collect();
                let mut past: Vec<Vec<f64>> = (0..self.past)
                    .map(|index| column(series, 10 + index, self.rows))
                    .collect();
                for values in &mut past {
                    values[self.rows - 5] = f64::NAN;
                    values.resize(rows, f64::NAN);
                }
                let mut known: Vec<Vec<f64>> = (0..self.known)
                    .map(|index| column(series, 20 + index, rows))
                    .collect();
                for values in &mut known {
                    values[rows - 2] = f64::NAN;
                }
                Series {
                    name: if self.series == 1 {
                        String::new()
                    } else {
                        format!("shop {series}")
                    },
                    time: self.clock.map(|(start, step)| {
                        let stamps = (0..rows as i64).map(|row| start + row * step).collect();
                        TimeAxis::new("time", stamps, StampFormat::ISO)
                    }),
                    targets,
                    past,
                    known,
                    statics: if self.statics {
                        vec![format!("{}", 10 + 7 * series), words[series % 3].to_owned()]
                    } else {
                        vec![]
                    },
                }
            })
            .collect();
        Panel {
            roles: Roles {
                targets: names("load", self.targets),
                known: names("price", self.known),
                past: names("wind", self.past),
                statics: if self.statics {
                    vec!["size".into(), "region".into()]
                } else {
                    vec![]
                },
            },
            series_column: (self.series > 1).then(|| "shop".to_owned()),
            layout: Layout::Long,
            series,
        }
    }
}

/// A forecaster with random weights, twice as large as training begins with, so that gates saturate and quantiles
/// spread; calibrated on the panel where asked for.
pub(crate) fn forecaster(panel: &Panel, options: &ForecastOptions, calibrated: bool) -> Forecaster {
    let device = Device::flex();
    let resolved = resolve(options, panel).unwrap();
    let pipeline = ForecastPipeline::fit(panel, &resolved.parts, &resolved.config).unwrap();
    let stream = Stream::new(9, "weights");
    let network = ForecastNetwork::new(
        &resolved.config,
        pipeline.widths().unwrap(),
        &stream,
        &device,
    )
    .unwrap();
    let mut weights = collect(&network);
    for tensor in weights.values_mut() {
        for value in &mut tensor.values {
            *value *= 2.0;
        }
    }
    let network = apply(network, &weights).unwrap();
    assert!(network.num_params() > 0);
    let forecaster = Forecaster::new(resolved.config, pipeline, network, device);
    match calibrated {
        true => forecaster.calibrated(panel, &resolved.parts).unwrap(),
        false => forecaster,
    }
}
