//! What the driver asks: `kind batch time input hidden mode threads seconds`, on one line.

use std::str::FromStr;

/// A recurrent cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Rnn,
    Lstm,
    Gru,
}

impl Kind {
    /// The cell of a name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "rnn" => Ok(Self::Rnn),
            "lstm" => Ok(Self::Lstm),
            "gru" => Ok(Self::Gru),
            other => Err(format!("expected rnn, lstm or gru, found `{other}`")),
        }
    }
}

/// What one call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Forward and backward to the weights, from the sum of the outputs.
    Train,
    /// Forward only, without a graph.
    Infer,
}

/// One measurement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    pub(crate) kind: Kind,
    pub(crate) batch: usize,
    pub(crate) time: usize,
    pub(crate) input: usize,
    pub(crate) hidden: usize,
    pub(crate) mode: Mode,
    pub(crate) threads: usize,
    pub(crate) seconds: f64,
}

impl FromStr for Request {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [kind, batch, time, input, hidden, mode, threads, seconds] = words.as_slice() else {
            return Err(format!(
                "expected `kind batch time input hidden mode threads seconds`, found `{line}`"
            ));
        };
        let kind = Kind::named(kind)?;
        let mode = match *mode {
            "train" => Mode::Train,
            "infer" => Mode::Infer,
            other => return Err(format!("expected train or infer, found `{other}`")),
        };
        Ok(Self {
            kind,
            batch: size(batch)?,
            time: size(time)?,
            input: size(input)?,
            hidden: size(hidden)?,
            mode,
            threads: size(threads)?,
            seconds: duration(seconds)?,
        })
    }
}

/// A number of seconds.
pub(crate) fn duration(word: &str) -> Result<f64, String> {
    word.parse::<f64>()
        .ok()
        .filter(|seconds| seconds.is_finite() && *seconds >= 0.0)
        .ok_or_else(|| format!("expected a number of seconds, found `{word}`"))
}

/// A number of at least 1.
pub(crate) fn size(word: &str) -> Result<usize, String> {
    word.parse()
        .ok()
        .filter(|size| *size > 0)
        .ok_or_else(|| format!("expected a number of at least 1, found `{word}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_in_order() {
        let request: Request = "gru 32 96 8 64 train 2 0.5".parse().unwrap();
        assert_eq!(
            request,
            Request {
                kind: Kind::Gru,
                batch: 32,
                time: 96,
                input: 8,
                hidden: 64,
                mode: Mode::Train,
                threads: 2,
                seconds: 0.5,
            }
        );
    }

    #[test]
    fn a_bad_line_says_what_was_expected() {
        for (line, part) in [
            ("gru 32", "expected `kind batch"),
            ("mlp 1 1 1 1 train 1 1", "rnn, lstm or gru, found `mlp`"),
            ("gru 0 1 1 1 train 1 1", "at least 1, found `0`"),
            ("gru 1 1 1 1 learn 1 1", "train or infer, found `learn`"),
            ("gru 1 1 1 1 train 1 nan", "seconds, found `nan`"),
        ] {
            let error = line.parse::<Request>().unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
