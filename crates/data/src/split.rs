//! Which rows or examples are for training, validation and test.
//!
//! Rows in time ([`Split`]): the parts are consecutive and in the order of time, so that a model is
//! judged only on rows after all those it was fitted on. Examples without an order
//! ([`stratified()`], of several classes each [`stratified_sets`]): each class by its shares.

mod sets;
mod stratified;

use std::ops::Range;

pub use sets::stratified_sets;
pub use stratified::{Parts, stratified};

use crate::error::DataError;

/// Three consecutive ranges of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to fit on; never empty.
    pub train: Range<usize>,
    /// Rows to choose on; may be empty.
    pub valid: Range<usize>,
    /// Rows to judge on; may be empty.
    pub test: Range<usize>,
}

impl Split {
    /// Reads `8640,2880,2880` (rows; the rest of the table is left out), `rest,48,0` (one part takes
    /// the rows that the others leave) or `0.7,0.1,0.2` (shares).
    ///
    /// Shares are rounded down, and when they add up to one the validation part takes the rows
    /// that rounding leaves: this is the split of the published long-horizon forecasts (Zeng et
    /// al. 2023, "Are Transformers Effective for Time Series Forecasting?").
    ///
    /// # Errors
    /// [`DataError::BadSplit`] when the text is not three numbers, the training part would be
    /// empty, or the parts need more rows than there are.
    pub fn parse(text: &str, rows: usize) -> Result<Split, DataError> {
        let bad = |reason: String| DataError::BadSplit {
            text: text.to_owned(),
            reason,
        };
        let parts: Vec<&str> = text.split(',').map(str::trim).collect();
        let [train, valid, test] = parts[..] else {
            return Err(bad(format!("expected 3 numbers, found {}", parts.len())));
        };
        let sizes = if text.contains('.') {
            shares([train, valid, test], rows).map_err(bad)?
        } else {
            counts([train, valid, test], rows).map_err(bad)?
        };
        if sizes[0] == 0 {
            return Err(bad(format!(
                "of {rows} rows, none would be left for training"
            )));
        }
        Ok(Self::of_sizes(sizes))
    }

    /// 70 % train, 10 % valid, 20 % test.
    pub fn default_for(rows: usize) -> Split {
        Self::of_sizes(of_shares([0.7, 0.1, 0.2], rows))
    }

    fn of_sizes([train, valid, test]: [usize; 3]) -> Split {
        Split {
            train: 0..train,
            valid: train..train + valid,
            test: train + valid..train + valid + test,
        }
    }
}

fn counts(parts: [&str; 3], rows: usize) -> Result<[usize; 3], String> {
    let mut sizes = [0_usize; 3];
    let mut rest = None;
    for (place, (size, part)) in sizes.iter_mut().zip(parts).enumerate() {
        if part != "rest" {
            *size = part
                .parse()
                .map_err(|_| format!("`{part}` is not a number of rows"))?;
        } else if rest.replace(place).is_some() {
            return Err("only one part can take the rest".to_owned());
        }
    }
    let total = sizes
        .iter()
        .try_fold(0_usize, |total, size| total.checked_add(*size));
    match (total.and_then(|total| rows.checked_sub(total)), rest) {
        (Some(left), Some(place)) => {
            sizes[place] = left;
            Ok(sizes)
        }
        (Some(_), None) => Ok(sizes),
        (None, _) => Err(format!(
            "the parts need more rows than the {rows} of the table"
        )),
    }
}

fn shares(parts: [&str; 3], rows: usize) -> Result<[usize; 3], String> {
    let mut shares = [0.0_f64; 3];
    for (share, part) in shares.iter_mut().zip(parts) {
        *share = part
            .parse()
            .ok()
            .filter(|share| (0.0..=1.0).contains(share))
            .ok_or_else(|| format!("`{part}` is not a share between 0 and 1"))?;
    }
    let total: f64 = shares.iter().sum();
    if total > 1.0 + 1e-9 {
        return Err(format!("the shares add up to {total:.3}, more than 1"));
    }
    Ok(of_shares(shares, rows))
}

fn of_shares(shares: [f64; 3], rows: usize) -> [usize; 3] {
    // The small constant keeps 0.7 × 10 = 6.999… from losing a row.
    let floor = |share: f64| (((rows as f64) * share + 1e-9).floor() as usize).min(rows);
    let (train, test) = (floor(shares[0]), floor(shares[2]));
    let whole = (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9;
    let left = rows.saturating_sub(train).saturating_sub(test);
    let valid = if whole && shares[1] > 0.0 {
        left
    } else {
        floor(shares[1]).min(left)
    };
    [train, valid, test.min(rows - train - valid)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_are_taken_in_order_and_the_rest_is_left_out() {
        let split = Split::parse("8640, 2880,2880", 17_420).unwrap();
        assert_eq!(
            (split.train, split.valid, split.test),
            (0..8640, 8640..11_520, 11_520..14_400)
        );
    }

    #[test]
    fn shares_round_as_the_published_protocol_does() {
        let split = Split::parse("0.7,0.1,0.2", 7_588).unwrap();
        assert_eq!(
            (split.train, split.valid, split.test),
            (0..5311, 5311..6071, 6071..7588)
        );
        assert_eq!(
            Split::default_for(7_588),
            Split::parse("0.7,0.1,0.2", 7_588).unwrap()
        );
        assert_eq!(Split::default_for(10).train, 0..7);
        assert_eq!(Split::parse("0.8,0.,0.2", 10).unwrap().valid, 8..8);
    }

    #[test]
    fn one_part_can_take_what_the_others_leave() {
        let split = Split::parse("rest, 48, 0", 700).unwrap();
        assert_eq!(
            (split.train, split.valid, split.test),
            (0..652, 652..700, 700..700)
        );
        assert!(Split::parse("rest,rest,1", 100).is_err());
        assert!(Split::parse("rest,90,10", 100).is_err());
    }

    #[test]
    fn what_cannot_be_cut_says_why() {
        let reason = |text| Split::parse(text, 100).unwrap_err().to_string();
        assert!(reason("50,50").contains("expected 3 numbers, found 2"));
        assert!(reason("50,a,5").contains("`a` is not a number of rows"));
        assert!(reason("90,10,1").contains("more rows than the 100"));
        assert!(reason("0,50,50").contains("none would be left for training"));
        assert!(reason("0.9,0.1,0.1").contains("more than 1"));
        assert!(reason("0.9,NaN,0.1").contains("`NaN` is not a share"));
        assert!(reason("18446744073709551615,1,1").contains("more rows"));
    }

    proptest! {
        #[test]
        fn any_shares_give_consecutive_parts_inside_the_table(
            rows in 0_usize..5_000, a in 0.0_f64..1.0, b in 0.0_f64..1.0,
        ) {
            let (low, high) = (a.min(b), a.max(b));
            let text = format!("{low:.6},{:.6},{:.6}", high - low, 1.0 - high);
            if let Ok(split) = Split::parse(&text, rows) {
                prop_assert_eq!(split.train.end, split.valid.start);
                prop_assert_eq!(split.valid.end, split.test.start);
                prop_assert!(split.test.end <= rows && split.train.end > 0);
            }
        }
    }
}
