//! What is said of measurements, and whether it can be done.

use ressac_models::folder::TaskOptions;
use ressac_models::forecast::{ForecastOptions, ModelKind, Start, resolve};

use super::super::*;
use super::patients::{CONTEXT, turning, wave};

#[test]
fn every_cure_names_options_that_exist() {
    let mut found = turning(1.0, 1e-3).diagnosed();
    found.saturation.worst = Some(("h".into(), 0.7));
    let mut deaf = found.memory.clone();
    deaf.length = 0;
    let test = RateTest {
        rates: vec![0.1],
        losses: vec![1.0],
        smoothed: vec![1.0],
        steepest: Some(0.03),
        diverges: Some(0.3),
        suggested: Some(0.03),
        cut_short: false,
    };
    let cases = [
        Case::Broken,
        Case::Explodes,
        Case::Vanishes,
        Case::Forgets,
        Case::Saturated,
        Case::TooFast,
        Case::Crawls,
        Case::Unfinished,
    ];
    for model in [
        ModelKind::Rnn,
        ModelKind::Lstm,
        ModelKind::Gru,
        ModelKind::MinimalGru,
        ModelKind::Segment,
    ] {
        for (clip, lags) in [(0.0, vec![]), (1.0, vec![12])] {
            let panel = wave(300);
            let options = ForecastOptions {
                model: Some(model),
                horizon: Some(4),
                context: Some(CONTEXT),
                clip: Some(clip),
                lags: (model != ModelKind::Segment).then_some(lags),
                ..ForecastOptions::default()
            };
            let config = resolve(&options, &panel).unwrap().config;
            for (case, memory) in cases
                .into_iter()
                .map(|case| (case, &found.memory))
                .chain([(Case::Forgets, &deaf)])
            {
                let findings = Findings {
                    config: &config,
                    needed: 12,
                    is_season: true,
                    unit: "steps",
                    gradient: &found.gradient,
                    jacobian: &found.jacobian,
                    saturation: &found.saturation,
                    memory,
                    convergence: found.convergence.as_ref(),
                    rate_test: Some(&test),
                };
                let sentence = sentence::sentence(case, &findings);
                let named: Vec<String> = sentence
                    .split("`--")
                    .skip(1)
                    .map(|rest| {
                        let word = rest.split([' ', '`']).next().unwrap();
                        word.replace('-', "_")
                    })
                    .collect();
                assert!(!named.is_empty(), "{case}: no cure in {sentence}");
                for option in named {
                    assert!(
                        ForecastOptions::KEYS.contains(&option.as_str()),
                        "{option}: {sentence}"
                    );
                }
                if let Some(start) = offered(&sentence, "--init ") {
                    let cured = ForecastOptions {
                        init: Some(start.parse().unwrap()),
                        ..options.clone()
                    };
                    resolve(&cured, &panel).unwrap();
                }
                assert_eq!(
                    sentence.matches(". ").count(),
                    0,
                    "more than one sentence: {sentence}"
                );
            }
        }
    }
}

/// The value offered with an option.
fn offered<'a>(sentence: &'a str, option: &str) -> Option<&'a str> {
    let (_, rest) = sentence.split_once(option)?;
    rest.split('`').next()
}

#[test]
fn a_start_of_the_weights_is_offered_to_those_that_did_not_have_it() {
    let found = turning(1.0, 1e-3).diagnosed();
    let said = |model: ModelKind, init: Option<Start>| {
        let options = ForecastOptions {
            model: Some(model),
            horizon: Some(4),
            context: Some(CONTEXT),
            lags: Some(vec![]),
            init,
            ..ForecastOptions::default()
        };
        let config = resolve(&options, &wave(300)).unwrap().config;
        let findings = Findings {
            config: &config,
            needed: 12,
            is_season: false,
            unit: "steps",
            gradient: &found.gradient,
            jacobian: &found.jacobian,
            saturation: &found.saturation,
            memory: &found.memory,
            convergence: None,
            rate_test: None,
        };
        sentence::sentence(Case::Vanishes, &findings)
    };
    for (model, start, name) in [
        (ModelKind::Rnn, Start::Orthogonal, "orthogonal"),
        (ModelKind::Lstm, Start::Chrono, "chrono"),
        (ModelKind::Gru, Start::Chrono, "chrono"),
    ] {
        let sentence = said(model, None);
        assert_eq!(offered(&sentence, "--init "), Some(name), "{sentence}");
        let sentence = said(model, Some(start));
        assert_eq!(offered(&sentence, "--init "), None, "{sentence}");
        assert!(
            sentence.contains("; try ") && sentence.contains("`--model "),
            "{sentence}"
        );
    }
    let minimal = said(ModelKind::MinimalGru, None);
    assert_eq!(offered(&minimal, "--init "), None, "{minimal}");
}

#[test]
fn a_rate_far_too_low_crawls_and_one_near_the_edge_is_too_fast() {
    let found = turning(1.0, 1e-3).diagnosed();
    let test = RateTest {
        rates: vec![0.1],
        losses: vec![1.0],
        smoothed: vec![1.0],
        steepest: Some(0.03),
        diverges: Some(0.3),
        suggested: Some(0.03),
        cut_short: false,
    };
    let case = |lr: f64| {
        let options = ForecastOptions {
            horizon: Some(4),
            context: Some(CONTEXT),
            lr: Some(lr),
            ..ForecastOptions::default()
        };
        let config = resolve(&options, &wave(300)).unwrap().config;
        verdict(&Findings {
            config: &config,
            needed: 12,
            is_season: true,
            unit: "steps",
            gradient: &found.gradient,
            jacobian: &found.jacobian,
            saturation: &found.saturation,
            memory: &found.memory,
            convergence: None,
            rate_test: Some(&test),
        })
    };
    assert_eq!(case(0.01).case, Case::Healthy);
    assert_eq!(case(0.2).case, Case::TooFast);
    let crawls = case(0.001);
    assert_eq!(crawls.case, Case::Crawls);
    assert!(
        crawls.sentence.contains("raise it to `--lr 0.03`"),
        "{}",
        crawls.sentence
    );
}
