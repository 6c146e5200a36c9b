//! What is said of measurements, and whether it can be done.

use ressac_models::forecast::{ForecastOptions, ModelKind, resolve};
use ressac_models::options::{Options, Start};

use super::super::*;
use super::patients::{CONTEXT, place, turning, wave};

fn test() -> RateTest {
    RateTest {
        rates: vec![0.1],
        losses: vec![1.0],
        smoothed: vec![1.0],
        steepest: Some(0.03),
        diverges: Some(0.3),
        suggested: Some(0.03),
        cut_short: false,
    }
}

#[test]
fn every_cure_names_options_that_exist() {
    let mut found = turning(1.0, 1e-3).diagnosed();
    found.saturation.worst = Some(("h".into(), 0.7));
    let mut deaf = found.memory.clone();
    deaf.length = 0;
    let test = test();
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
            let mut options = ForecastOptions {
                model: Some(model),
                horizon: Some(4),
                context: Some(CONTEXT),
                season: Some(12),
                lags: (model != ModelKind::Segment).then_some(lags),
                ..ForecastOptions::default()
            };
            options.recurrent.hidden = Some(4);
            options.training.clip = Some(clip);
            let patient = place(model, |given| *given = options.clone(), |_| ()).patient();
            for (case, memory) in cases
                .into_iter()
                .map(|case| (case, &found.memory))
                .chain([(Case::Forgets, &deaf)])
            {
                let findings = Findings {
                    patient: &patient,
                    unit: "steps",
                    gradient: &found.gradient,
                    jacobian: &found.jacobian,
                    saturation: &found.saturation,
                    memory,
                    convergence: found.convergence.as_ref(),
                    rate_test: Some(&test),
                };
                let sentence = sentence::sentence(case, &findings);
                let named: Vec<(String, Option<&str>)> = sentence
                    .split("`--")
                    .skip(1)
                    .map(|rest| {
                        let flag = rest.split('`').next().unwrap();
                        let (word, value) = flag.split_once(' ').unzip();
                        (word.unwrap_or(flag).replace('-', "_"), value)
                    })
                    .collect();
                assert!(!named.is_empty(), "{case}: no cure in {sentence}");
                for (option, value) in named {
                    let keys = ForecastOptions::keys();
                    let key = keys.iter().find(|key| key.name == option);
                    let key = key.unwrap_or_else(|| panic!("{option}: {sentence}"));
                    if let Some(value) = value {
                        key.parse(&[value.to_owned()]).unwrap();
                    }
                }
                if let Some(start) = offered(&sentence, "--init ") {
                    let mut cured = options.clone();
                    cured.recurrent.init = Some(start.parse().unwrap());
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
        let without_season = |given: &mut ForecastOptions| {
            given.season = None;
            given.recurrent.init = init;
        };
        let patient = place(model, without_season, |_| ()).patient();
        assert_eq!(
            (patient.needed, patient.needed_why),
            (12, "half of the context")
        );
        let findings = Findings {
            patient: &patient,
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
    let test = test();
    let case = |lr: f64| {
        let at = |given: &mut ForecastOptions| given.training.lr = Some(lr);
        let patient = place(ModelKind::Gru, at, |_| ()).patient();
        assert_eq!((patient.needed, patient.needed_why), (12, "a season"));
        verdict(&Findings {
            patient: &patient,
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

#[test]
fn a_longer_training_is_asked_for_in_the_unit_it_was_given_in() {
    let found = turning(1.0, 1e-3).diagnosed();
    let said = |epochs: Option<usize>, steps: Option<usize>| {
        let length = |given: &mut ForecastOptions| {
            given.training.epochs = epochs;
            given.training.steps = steps;
        };
        let patient = place(ModelKind::Gru, length, |_| ()).patient();
        let findings = Findings {
            patient: &patient,
            unit: "steps",
            gradient: &found.gradient,
            jacobian: &found.jacobian,
            saturation: &found.saturation,
            memory: &found.memory,
            convergence: None,
            rate_test: None,
        };
        sentence::sentence(Case::Unfinished, &findings)
    };
    let epochs = said(Some(3), None);
    assert_eq!(offered(&epochs, "--epochs "), Some("6"), "{epochs}");
    let steps = said(None, Some(400));
    assert_eq!(offered(&steps, "--steps "), Some("800"), "{steps}");
    // Nobody said how long: the budget is in steps.
    let budget = said(None, None);
    assert_eq!(offered(&budget, "--steps "), Some("2000"), "{budget}");
}

#[test]
fn what_the_family_has_is_offered_where_it_can_be_set() {
    let found = turning(1.0, 1e-3).diagnosed();
    let said = |model: ModelKind, change: fn(&mut ForecastOptions), case: Case| {
        let patient = place(model, change, |_| ()).patient();
        let findings = Findings {
            patient: &patient,
            unit: "steps",
            gradient: &found.gradient,
            jacobian: &found.jacobian,
            saturation: &found.saturation,
            memory: &found.memory,
            convergence: None,
            rate_test: None,
        };
        sentence::sentence(case, &findings)
    };
    // A season of 12 for every one of 4 steps: lag 12, which the context of 24 holds.
    let gru = said(ModelKind::Gru, |_| (), Case::Vanishes);
    assert!(
        gru.contains("and a season is 12; try gates that start open for as long as the context (`--init chrono`), fewer and longer steps (`--model segment`) or the season handed to the head (`--lags 12`)."),
        "{gru}"
    );
    let lags: fn(&mut ForecastOptions) = |given| given.lags = Some(vec![12]);
    let given = said(ModelKind::Rnn, lags, Case::Forgets);
    assert!(
        given.contains("; the lags (12) carry") && !given.contains("--context"),
        "{given}"
    );
    let plain = said(ModelKind::Rnn, |_| (), Case::Forgets);
    assert_eq!(offered(&plain, "--context "), Some("24"), "{plain}");
    let segment: fn(&mut ForecastOptions) = |given| given.segment = Some(2);
    let longer = said(ModelKind::Segment, segment, Case::Forgets);
    assert_eq!(offered(&longer, "--segment "), Some("4"), "{longer}");
    assert!(
        !longer.contains("--context") && !longer.contains("--init"),
        "{longer}"
    );
    // Segments of 8 do not fit into a horizon of 4.
    let segment: fn(&mut ForecastOptions) = |given| given.segment = Some(4);
    let shorter = said(ModelKind::Segment, segment, Case::Forgets);
    assert_eq!(offered(&shorter, "--context "), Some("96"), "{shorter}");

    let standard = said(ModelKind::Gru, |_| (), Case::Saturated);
    assert_eq!(
        offered(&standard, "--scale "),
        Some("reversible"),
        "{standard}"
    );
    let own: fn(&mut ForecastOptions) =
        |given| given.scale = Some(ressac_models::forecast::Scale::Reversible);
    let reversible = said(ModelKind::Gru, own, Case::Saturated);
    assert_eq!(offered(&reversible, "--scale "), None, "{reversible}");
}
