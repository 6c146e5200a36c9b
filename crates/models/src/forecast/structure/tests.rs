//! The structure against the sizes the networks are built with.

use burn::tensor::Device;

use ressac_data::panel::{Layout, Panel, Roles, Series};
use ressac_data::split::Split;
use ressac_nn::random::Stream;

use super::*;
use crate::forecast::{ForecastNetwork, ForecastOptions, ForecastPipeline, resolve};

/// A forecaster of two targets and one known column, untrained.
fn forecaster(model: ModelKind, head: Head, known: bool, lags: Vec<usize>) -> Forecaster {
    let wave = |k: usize| (k % 7) as f64;
    let panel = Panel {
        roles: Roles {
            targets: vec!["load".into(), "heat".into()],
            known: if known { vec!["price".into()] } else { vec![] },
            ..Roles::default()
        },
        series_column: None,
        layout: Layout::Long,
        series: vec![Series {
            name: String::new(),
            time: None,
            targets: vec![(0..200).map(wave).collect(); 2],
            known: if known {
                vec![(0..200).map(wave).collect()]
            } else {
                vec![]
            },
            past: vec![],
            statics: vec![],
        }],
    };
    let options = ForecastOptions {
        horizon: Some(5),
        context: Some(24),
        segment: Some(4),
        model: Some(model),
        head: Some(head),
        lags: (model != ModelKind::Segment).then_some(lags),
        quantiles: Some(vec![0.1, 0.5, 0.9]),
        recurrent: crate::options::RecurrentOptions {
            hidden: Some(11),
            layers: Some(2),
            ..Default::default()
        },
        ..ForecastOptions::default()
    };
    let config = resolve(&options, &panel).unwrap().config;
    let parts = [Split {
        train: 0..140,
        valid: 140..160,
        test: 160..200,
    }];
    let pipeline = ForecastPipeline::fit(&panel, &parts, &config).unwrap();
    let device = Device::default();
    let stream = Stream::new(1, "weights");
    let network =
        ForecastNetwork::new(&config, pipeline.widths().unwrap(), &stream, &device).unwrap();
    Forecaster::new(config, pipeline, network, device)
}

#[test]
fn the_layers_of_every_network_hold_all_of_its_parameters() {
    for model in [
        ModelKind::Rnn,
        ModelKind::Lstm,
        ModelKind::Gru,
        ModelKind::Segment,
    ] {
        for head in [Head::Direct, Head::Decoder] {
            for known in [false, true] {
                for lags in [vec![], vec![7, 13]] {
                    let structure = of(&forecaster(model, head, known, lags));
                    let layers = structure.stages.iter().flat_map(|stage| &stage.layers);
                    let sum: usize = layers.clone().map(|layer| layer.parameters).sum();
                    assert_eq!(sum, structure.parameters, "{structure:?}");
                    for layer in layers {
                        assert!(layer.input > 0 && layer.output > 0, "{layer:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn an_lstm_with_decoder_has_the_sizes_it_was_built_with() {
    let structure = of(&forecaster(ModelKind::Lstm, Head::Decoder, true, vec![7]));
    let sizes: Vec<(&str, usize, usize, usize)> = structure
        .stages
        .iter()
        .flat_map(|stage| {
            stage.layers.iter().map(|layer| {
                (
                    stage.heading.en.as_str(),
                    layer.input,
                    layer.output,
                    layer.parameters,
                )
            })
        })
        .collect();
    let lstm = |input: usize| 4 * 11 * (input + 11 + 1);
    assert_eq!(
        sizes,
        [
            ("encoder", 3, 11, lstm(3)),
            ("encoder", 11, 11, lstm(11)),
            // One known column, and a lag of each target.
            ("decoder", 3, 11, lstm(3)),
            ("decoder", 11, 11, lstm(11)),
            ("head", 11, 6, 6 * 12),
            ("plus the lags", 1, 1, 1),
        ]
    );
    let steps = |stage: usize| structure.stages[stage].steps.as_ref().unwrap().count;
    assert_eq!((steps(0), steps(1)), (Some(24), Some(5)));
    assert_eq!(structure.inputs[1].name, Words::same("price"));
}

#[test]
fn what_is_known_ahead_enters_the_layer_that_reads_it() {
    let ahead = |model, head| {
        let structure = of(&forecaster(model, head, true, vec![7]));
        let stages = structure.stages.into_iter();
        stages
            .filter_map(|stage| {
                let numbers = stage.beside?.notes[0].en.clone();
                Some((stage.heading.en, numbers, stage.layers[0].input))
            })
            .collect::<Vec<_>>()
    };
    // A share of 16 numbers of the summary, one known column, a lag of each target.
    assert_eq!(
        ahead(ModelKind::Gru, Head::Direct),
        [("head".into(), "3 numbers".into(), 16 + 3)]
    );
    assert_eq!(
        ahead(ModelKind::Gru, Head::Decoder),
        [("decoder".into(), "3 numbers".into(), 3)]
    );
    // Four steps in a segment, one known column.
    assert_eq!(
        ahead(ModelKind::Segment, Head::Direct),
        [("decoder".into(), "1 number".into(), 4)]
    );
}
