//! Tests of the layers of options: what a file and the command line make together.

use super::*;
use crate::family;

fn table(text: &str) -> Table {
    text.parse().unwrap()
}

/// What a training keeps: four options, two of them given.
fn kept() -> ConfigFile {
    ConfigFile {
        task: Some("forecast".into()),
        options: table("horizon = 3\nmodel = \"gru\"\nreset = \"after\"\nlags = [24]"),
        run: RunRecord {
            steps: Some(7),
            given: Some(vec!["horizon".into(), "model".into()]),
            ..RunRecord::default()
        },
    }
}

fn layered(file: &ConfigFile, flags: &str) -> Layers {
    let family = family("forecast").unwrap();
    let path = Path::new("config.toml");
    Layers::new(family, Some((file, path)), table(flags)).unwrap()
}

#[test]
fn a_kept_file_alone_or_with_the_same_options_holds_whole() {
    for flags in ["", "horizon = 3", "time_limit = \"9m\""] {
        let layers = layered(&kept(), flags);
        for (key, value) in &kept().options {
            assert_eq!(layers.options.get(key), Some(value), "{flags}: {key}");
        }
    }
}

#[test]
fn another_option_leaves_what_was_given_and_drops_what_was_inferred() {
    let layers = layered(&kept(), "model = \"lstm\"");
    assert_eq!(layers.options, table("horizon = 3\nmodel = \"lstm\""));
    let layers = layered(&kept(), "context = 48");
    assert_eq!(layers.given, ["horizon", "model", "context"]);
    assert_eq!(
        layers.options,
        table("horizon = 3\nmodel = \"gru\"\ncontext = 48")
    );
}

#[test]
fn a_file_written_by_hand_is_given_whole() {
    let file = ConfigFile {
        run: RunRecord::default(),
        ..kept()
    };
    let layers = layered(&file, "model = \"lstm\"");
    assert_eq!(layers.options["lags"], toml::Value::from(vec![24]));
    assert_eq!(layers.given.len(), 4);
}

#[test]
fn a_file_of_another_task_and_an_unknown_flag_are_refused() {
    let family = family("forecast").unwrap();
    let file = ConfigFile {
        task: Some("other".into()),
        ..kept()
    };
    let path = Path::new("my.toml");
    let error = Layers::new(family, Some((&file, path)), Table::new()).unwrap_err();
    assert!(error.to_string().contains("`other`"), "{error}");
    let error = Layers::new(family, None, table("hiden = 3")).unwrap_err();
    assert!(error.to_string().contains("`hidden`"), "{error}");
}
