//! Whole models with weights put there by hand, and what is said of them.

use std::time::Duration;

use burn::tensor::Device;

use ressac_data::panel::{Layout, Panel, Roles, Series};
use ressac_folder::{ConfigFile, ModelFolder, RunRecord};
use ressac_models::Family;
use ressac_models::forecast::{ForecastOptions, Forecaster, Forecasting, ModelKind, resolve};
use ressac_models::options::Config;
use ressac_models::recurrence::Recurrence;
use ressac_models::{Source, Sources};
use ressac_nn::random::Stream;
use ressac_nn::weights::NamedTensors;
use ressac_train::{Learner, write_weights};

use super::super::*;

pub(super) const CONTEXT: usize = 24;

/// A wave of 12 steps with noise over it.
pub(super) fn wave(rows: usize) -> Panel {
    let mut draw = Stream::new(1, "noise").generator();
    let value = |row: usize| (std::f64::consts::TAU * row as f64 / 12.0).sin();
    Panel {
        roles: Roles {
            targets: vec!["load".into()],
            ..Roles::default()
        },
        series_column: None,
        layout: Layout::Long,
        series: vec![Series {
            name: String::new(),
            time: None,
            targets: vec![(0..rows).map(|row| value(row) + draw.normal()).collect()],
            known: vec![],
            past: vec![],
            statics: vec![],
        }],
    }
}

/// The panel as the text of a CSV file, which is the data trained on.
fn csv(panel: &Panel) -> Sources {
    let column = &panel.roles.targets[0];
    let rows = panel.series[0].targets[0].iter();
    let text = rows.fold(format!("{column}\n"), |text, value| {
        format!("{text}{value}\n")
    });
    Sources {
        of: vec![Source::Bytes {
            name: "load.csv".into(),
            bytes: text.into_bytes(),
        }],
        trained_on: true,
    }
}

pub(super) struct Place {
    folder: ModelFolder,
    panel: Panel,
    _parent: tempfile::TempDir,
}

/// A model of random weights, changed by hand, as if trained.
pub(super) fn place(
    model: ModelKind,
    options: impl FnOnce(&mut ForecastOptions),
    change: impl FnOnce(&mut NamedTensors),
) -> Place {
    let panel = wave(300);
    let mut given = ForecastOptions {
        model: Some(model),
        horizon: Some(4),
        context: Some(CONTEXT),
        season: Some(12),
        lags: Some(vec![]),
        // The context's last value would be most of the forecasts' spread.
        subtract_last: Some(false),
        split: Some("200,60,40".into()),
        ..ForecastOptions::default()
    };
    given.recurrent.hidden = Some(4);
    given.training.batch = Some(16);
    options(&mut given);
    let resolved = resolve(&given, &panel).unwrap();
    let (learner, pipeline) = Forecasting::learner(&resolved, &panel, &Device::default()).unwrap();
    let parent = tempfile::tempdir().unwrap();
    let folder = ModelFolder::create(&parent.path().join("model")).unwrap();
    let mut tensors = learner.weights();
    change(&mut tensors);
    folder.write_pipeline(&pipeline).unwrap();
    write_weights(&folder, &tensors).unwrap();
    let file = ConfigFile {
        task: Some("forecast".into()),
        options: resolved.config.table(),
        run: RunRecord::default(),
    };
    folder.write_config(&file).unwrap();
    Place {
        folder,
        panel,
        _parent: parent,
    }
}

impl Place {
    fn diagnose_with(
        &self,
        sources: &Sources,
        windows: usize,
        rate_test: Option<RateTestOptions>,
    ) -> Result<Diagnosis, ModelError> {
        let device = Device::default();
        let model = Forecaster::open(&self.folder, &device)?;
        let subject = model.subject(sources, windows, &device)?;
        let options = DiagnoseOptions {
            threshold: 0.01,
            rate_test,
        };
        diagnose(&model.patient(), &*subject, &[], &options, &mut |_| ())
    }

    pub(super) fn diagnosed(&self) -> Diagnosis {
        self.diagnose_with(&csv(&self.panel), 16, None).unwrap()
    }

    pub(super) fn patient(&self) -> Patient {
        Forecaster::open(&self.folder, &Device::default())
            .unwrap()
            .patient()
    }
}

/// The tensor whose name ends so.
fn tensor<'a>(tensors: &'a mut NamedTensors, end: &str) -> &'a mut Vec<f32> {
    let name = tensors
        .keys()
        .find(|name| name.ends_with(end))
        .unwrap()
        .clone();
    &mut tensors.get_mut(&name).unwrap().values
}

const W: &str = "encoder.layers.0.input_weights";
const U: &str = "encoder.layers.0.recurrent_weights";
const B: &str = "encoder.layers.0.bias";

/// A plain recurrence that turns its state in two planes and stretches it by `by` at each step,
/// reading so little that tanh is the identity.
pub(super) fn turning(by: f32, reads: f32) -> Place {
    place(
        ModelKind::Rnn,
        |_| (),
        |tensors| {
            let (cos, sin) = (0.8 * by, 0.6 * by);
            let u = [
                [cos, -sin, 0.0, 0.0],
                [sin, cos, 0.0, 0.0],
                [0.0, 0.0, cos, -sin],
                [0.0, 0.0, sin, cos],
            ];
            tensor(tensors, U).copy_from_slice(u.as_flattened());
            tensor(tensors, W).fill(reads);
            tensor(tensors, B).fill(0.0);
        },
    )
}

#[test]
fn a_recurrence_that_shrinks_its_state_is_told_that_its_gradient_vanishes() {
    let found = turning(0.4, 1e-3).diagnosed();
    assert_eq!(found.verdict.case, Case::Vanishes, "{:?}", found.verdict);
    // 0.4⁷ > 0.001 > 0.4⁸.
    assert_eq!(found.gradient.gone_after, Some(8));
    assert!((found.jacobian.growth_rate - 0.4_f64.ln()).abs() < 1e-3);
    let sentence = &found.verdict.sentence;
    assert!(
        sentence.starts_with("The gradient vanishes: after 8 steps")
            && sentence.contains("--model lstm"),
        "{sentence}"
    );
}

#[test]
fn a_recurrence_that_stretches_its_state_is_told_that_its_gradient_explodes() {
    let found = turning(1.3, 1e-6).diagnosed();
    assert_eq!(found.verdict.case, Case::Explodes, "{:?}", found.verdict);
    assert!((found.jacobian.growth_rate - 1.3_f64.ln()).abs() < 1e-3);
    let wanted = 1.3_f64.powi(CONTEXT as i32 - 1);
    let grown = found.gradient.largest_growth;
    assert!((grown / wanted - 1.0).abs() < 1e-2, "{grown} {wanted}");
    assert!(
        found.verdict.sentence.contains("--clip"),
        "{}",
        found.verdict.sentence
    );
}

#[test]
fn a_recurrence_that_only_turns_its_state_is_healthy_and_remembers_all_it_reads() {
    let found = turning(1.0, 1e-3).diagnosed();
    assert_eq!(found.verdict.case, Case::Healthy, "{:?}", found.verdict);
    assert_eq!(found.gradient.gone_after, None);
    assert!(
        (found.gradient.left - 1.0).abs() < 1e-2,
        "{}",
        found.gradient.left
    );
    assert_eq!(found.memory.length, CONTEXT);
}

#[test]
fn a_register_of_four_places_remembers_four_steps() {
    let found = place(
        ModelKind::Rnn,
        |_| (),
        |tensors| {
            // The first unit reads, each other takes what the one before it held.
            let mut u = [0.0; 16];
            (1..4).for_each(|unit| u[unit * 4 + unit - 1] = 1.0);
            tensor(tensors, U).copy_from_slice(&u);
            tensor(tensors, W).copy_from_slice(&[1e-2, 0.0, 0.0, 0.0]);
            tensor(tensors, B).fill(0.0);
        },
    )
    .diagnosed();
    assert_eq!(found.memory.length, 4);
    assert!(
        found.memory.recurrent[..4]
            .iter()
            .all(|change| *change > 0.1)
    );
    assert!(
        found.memory.recurrent[4..]
            .iter()
            .all(|change| *change == 0.0)
    );
    // What is gone after four steps is gone to the last bit.
    assert_eq!(found.gradient.gone_after, Some(4));
}

/// An LSTM whose forget gates stand at σ(bias) whatever they read.
fn forgetting(bias: f32) -> Diagnosis {
    place(
        ModelKind::Lstm,
        |_| (),
        |tensors| {
            tensor(tensors, U).fill(0.0);
            let w = tensor(tensors, W);
            w.fill(0.0);
            // g reads, and nothing else does.
            w[8..12].copy_from_slice(&[0.5, -0.4, 0.3, 0.2]);
            let b = tensor(tensors, B);
            b.fill(0.0);
            b[4..8].fill(bias);
        },
    )
    .diagnosed()
}

#[test]
fn an_lstm_that_keeps_remembers_all_and_one_that_forgets_two_steps() {
    let (keeps, forgets) = (forgetting(5.0), forgetting(-5.0));
    let constant = |found: &Diagnosis| found.saturation.time_constant.clone().unwrap().mean;
    assert!((constant(&keeps) - (1.0 + 5.0_f64.exp())).abs() < 0.1);
    assert!((constant(&forgets) - (1.0 + (-5.0_f64).exp())).abs() < 1e-4);
    assert_eq!(keeps.memory.length, CONTEXT);
    assert!(forgets.memory.length <= 2, "{}", forgets.memory.length);
    assert_eq!(keeps.verdict.case, Case::Healthy, "{:?}", keeps.verdict);
    assert_eq!(
        forgets.verdict.case,
        Case::Vanishes,
        "{:?}",
        forgets.verdict
    );
    assert!(keeps.gradient.cell.is_some());
}

#[test]
fn a_network_of_random_weights_of_every_kind_is_diagnosed_in_finite_numbers() {
    let test = RateTestOptions {
        steps: 25,
        time_limit: Duration::from_secs(60),
    };
    for model in [
        ModelKind::Rnn,
        ModelKind::Lstm,
        ModelKind::Gru,
        ModelKind::MinimalGru,
        ModelKind::MinimalLstm,
        ModelKind::Segment,
    ] {
        let place = place(
            model,
            |options| {
                options.recurrent.layers = Some(2);
                if model == ModelKind::Segment {
                    options.lags = None;
                    options.segment = Some(4);
                } else {
                    options.lags = Some(vec![12]);
                }
            },
            |_| (),
        );
        let found = place
            .diagnose_with(&csv(&place.panel), 16, Some(test))
            .unwrap();
        let segments = if model == ModelKind::Segment {
            6
        } else {
            CONTEXT
        };
        assert_eq!(found.steps, segments);
        assert_eq!(found.gradient.state.mean.len(), segments);
        assert!(
            found
                .gradient
                .state
                .mean
                .iter()
                .all(|norm| norm.is_finite())
        );
        assert!(found.gradient.input.mean[0] > 0.0);
        assert!(found.jacobian.growth_rate.is_finite());
        assert_eq!(found.memory.back.len(), segments);
        if model != ModelKind::Segment {
            // The lag reads 12 to 9 steps before the end, past the recurrence.
            assert_eq!(
                found.memory.whole_length,
                12.max(found.memory.length),
                "{model}"
            );
        }
        let rates = found.rate_test.clone().unwrap();
        assert!(rates.rates.len() > 5 && rates.losses[0].is_finite());
        let page = report::page(
            &found,
            &report::About {
                model: "<model>".into(),
                part: "validation part of a.csv".into(),
            },
        );
        assert!(
            page.contains("&lt;model&gt;") && !page.contains("NaN"),
            "{page}"
        );
        let sentence = found.verdict.sentence.replace('`', "");
        assert!(page.contains(&sentence), "{sentence}");
        let figures = figures(&found);
        assert!(
            figures
                .iter()
                .all(|(_, svg)| svg.starts_with("<svg") && !svg.contains("no data"))
        );
        let again = place
            .diagnose_with(&csv(&place.panel), 16, Some(test))
            .unwrap();
        assert_eq!(again.verdict, found.verdict);
        assert_eq!(again.memory, found.memory);
    }
}

#[test]
fn units_without_ends_are_stuck_at_none() {
    let relu = |options: &mut ForecastOptions| {
        options.recurrent.activation = Some(ressac_models::cell::Activation::Relu);
    };
    let found = place(ModelKind::Rnn, relu, |_| ()).diagnosed();
    assert_eq!(found.saturation.gates, []);
    assert_eq!(found.saturation.worst, None);
    let about = report::About {
        model: "model".into(),
        part: "validation part".into(),
    };
    let page = report::page(&found, &about);
    assert!(
        page.contains("has no ends") && !page.contains("upper end, %"),
        "{page}"
    );
}

#[test]
fn a_part_without_two_windows_damaged_weights_and_other_columns_are_refused_in_words() {
    let refused = |place: &Place, sources: &Sources| {
        let found = place.diagnose_with(sources, 4, None);
        found.unwrap_err().to_string()
    };
    let narrow = place(
        ModelKind::Rnn,
        |options| options.split = Some("200,4,96".into()),
        |_| (),
    );
    let few = refused(&narrow, &csv(&narrow.panel));
    assert!(
        few.contains("4 rows") && few.contains("at least 2"),
        "{few}"
    );

    let place = turning(1.0, 1e-3);
    let mut other = wave(300);
    other.roles.targets = vec!["price".into()];
    let columns = refused(&place, &csv(&other));
    assert!(
        columns.contains("load") && columns.contains("price"),
        "{columns}"
    );

    place.folder.write("weights.safetensors", b"short").unwrap();
    let damaged = refused(&place, &csv(&place.panel));
    assert!(
        damaged.contains("weights.safetensors") && damaged.contains("damaged"),
        "{damaged}"
    );
}

#[test]
fn other_data_is_looked_at_whole_and_no_rate_is_tested_on_it() {
    let place = turning(1.0, 1e-3);
    let mut sources = csv(&wave(120));
    sources.trained_on = false;
    let test = RateTestOptions {
        steps: 25,
        time_limit: Duration::from_secs(60),
    };
    let found = place.diagnose_with(&sources, 1000, Some(test)).unwrap();
    // Every window of 24 + 4 of the 120 rows.
    assert_eq!((found.items, found.item_name), (93, "windows"));
    assert_eq!(found.rate_test, None);
}
