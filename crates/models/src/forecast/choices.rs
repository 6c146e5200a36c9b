//! The choices an option of a forecaster takes, as they are written in files and on the command line.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// The network.
    ModelKind: "model" {
        /// The plain recurrent unit with tanh (Elman 1990).
        Rnn = "rnn",
        /// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers 1999).
        Lstm = "lstm",
        /// Gated recurrent unit (Cho et al. 2014), reset gate after the recurrent product.
        Gru = "gru",
        /// A GRU over segments with parallel decoding, each column by itself (SegRNN, Lin et al. 2023).
        Segment = "segment",
        /// The minimal GRU, whose gate reads no state (Feng et al. 2024).
        MinimalGru = "minimal-gru",
        /// The minimal LSTM, likewise.
        MinimalLstm = "minimal-lstm",
    }
}

words! {
    /// Where the weights of the recurrent layers start.
    Start: "initialisation" {
        /// Uniform on ±1/√hidden.
        Pytorch = "pytorch",
        /// Xavier and orthogonal weights, bias zero, forget gate 1.
        Keras = "keras",
        /// Xavier and orthogonal weights block by block, bias zero (Saxe et al. 2014).
        Orthogonal = "orthogonal",
        /// As orthogonal, with gates that forget over all times up to the context (Tallec and Ollivier 2018).
        Chrono = "chrono",
    }
}

words! {
    /// How a recurrent network comes from its summary of the context to the steps of the horizon.
    Head: "head" {
        /// Every step at once, each from the summary and what is known of that step (Wen et al.
        /// 2017, "A multi-horizon quantile recurrent forecaster").
        Direct = "direct",
        /// A second recurrent network that starts from the summary and reads what is known of each
        /// step; it never reads its own forecasts.
        Decoder = "decoder",
    }
}

words! {
    /// What training makes small, on scaled values.
    Loss: "loss" {
        /// Mean squared error: the forecast aims at the mean.
        Mse = "mse",
        /// Mean absolute error: the forecast aims at the median, and minds outliers less.
        Mae = "mae",
        /// The quantile (pinball) loss, mean over the quantiles (Koenker and Bassett 1978).
        Quantile = "quantile",
    }
}

words! {
    /// What values are divided by before the network reads them.
    Scale: "scaling" {
        /// The z-score of the column over the training parts of all series.
        Standard = "standard",
        /// The z-score of each series by itself.
        Series = "series",
        /// The z-score of the series, then that of each window's context, put back after the
        /// network (reversible instance normalisation, Kim et al. 2022, without its affine part).
        Reversible = "reversible",
    }
}

words! {
    /// How a file lays out its series.
    FileLayout: "layout" {
        /// One row a time; several series under one another.
        Long = "long",
        /// One row a series, one column a time.
        WideRows = "wide-rows",
    }
}

/// One word or several: `"a"` and `["a", "b"]` both stand in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Names(pub Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a text or a list of texts")]
        enum Given {
            One(String),
            Several(Vec<String>),
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::One(name) => Names(vec![name]),
            Given::Several(names) => Names(names),
        })
    }
}

/// A length of time as people write it: `90s`, `10m`, `2h`, or a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimit(pub Duration);

impl FromStr for TimeLimit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let seconds = match &text[digits..] {
            "" | "s" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            other => {
                return Err(format!(
                    "`{other}` is no unit of time; write `90s`, `10m` or `2h`"
                ));
            }
        };
        let number: f64 = text[..digits]
            .parse()
            .map_err(|_| format!("`{text}` is no length of time; write `90s`, `10m` or `2h`"))?;
        Duration::try_from_secs_f64(number * seconds)
            .map(TimeLimit)
            .map_err(|_| format!("`{text}` is too long a time"))
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}s", self.0.as_secs_f64())
    }
}

impl Serialize for TimeLimit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeLimit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_write_them() {
        let seconds = |text: &str| text.parse::<TimeLimit>().map(|limit| limit.0.as_secs_f64());
        assert_eq!(seconds("90"), Ok(90.0));
        assert_eq!(seconds("90s"), Ok(90.0));
        assert_eq!(seconds("1.5m"), Ok(90.0));
        assert_eq!(seconds("2h"), Ok(7200.0));
        for wrong in [
            "",
            "m",
            "10 parsecs",
            "-3s",
            "1e999h",
            "99999999999999999999h",
        ] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_word_reads_back_and_another_lists_them() {
        for word in ModelKind::WORDS {
            assert_eq!(word.parse::<ModelKind>().unwrap().to_string(), *word);
        }
        let error = "grue".parse::<ModelKind>().unwrap_err();
        assert!(error.contains("rnn, lstm, gru, segment"), "{error}");
    }

    #[test]
    fn one_name_and_a_list_of_names_are_read() {
        #[derive(Deserialize)]
        struct File {
            a: Names,
            b: Names,
        }
        let file: File = toml::from_str("a = \"x\"\nb = [\"y\", \"z\"]").unwrap();
        assert_eq!(file.a.0, ["x"]);
        assert_eq!(file.b.0, ["y", "z"]);
    }

    #[test]
    fn a_length_of_time_writes_back_to_itself() {
        let limit: TimeLimit = "1.5m".parse().unwrap();
        assert_eq!(limit.to_string().parse(), Ok(limit));
    }
}
