//! The runs of each length, sorted, with their counts and what smoothing needs of them.

use std::ops::Range;

/// The mark in front of a sequence. It is above every token and so the last of sorted runs.
pub(super) const BEGIN: u32 = u32::MAX;

/// No run of this length begins here.
const NONE: u32 = u32::MAX;

/// Discounts where the data give none: those that KenLM falls back on.
const FALLBACK: [f64; 3] = [0.5, 1.0, 1.5];

/// The runs of one length, sorted; runs that go on from the same shorter one lie side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    /// The last token of each run.
    pub(super) tokens: Vec<u32>,
    /// How often each occurs; but for the longest and those with the mark of the beginning, after
    /// how many different tokens it does.
    pub(super) counts: Vec<u32>,
    /// Where the runs of one token more begin, in their level, and their end; nothing for the longest.
    first: Vec<u32>,
    /// Sum of the counts of the runs of one token more.
    pub(super) totals: Vec<f64>,
    /// γ: the share of the total that discounts leave to shorter runs.
    left: Vec<f64>,
    /// D of the counts 1, 2 and more of the runs of one token more.
    discounts: [f64; 3],
}

impl Level {
    pub(super) fn runs(&self) -> usize {
        self.tokens.len()
    }

    /// The runs of one token more that begin with `run`, in their level.
    pub(super) fn children(&self, run: usize) -> Range<usize> {
        self.first[run] as usize..self.first[run + 1] as usize
    }

    /// The probability of a token that was counted so often after `run` (with a total above 0), from
    /// that after the shorter run.
    pub(super) fn interpolated(&self, run: usize, count: u32, shorter: f64) -> f64 {
        self.seen(run, count) + self.left[run] * shorter
    }

    /// The part of that probability that is due to the count.
    pub(super) fn seen(&self, run: usize, count: u32) -> f64 {
        (f64::from(count) - discount(&self.discounts, count)) / self.totals[run]
    }

    /// Totals and shares of each run, once the counts of the next level are final.
    fn close(&mut self, next: &Level) {
        self.discounts = discounts(&next.counts);
        for run in 0..self.runs() {
            let counts = &next.counts[self.children(run)];
            let total: f64 = counts.iter().copied().map(f64::from).sum();
            let left: f64 = counts
                .iter()
                .map(|count| discount(&self.discounts, *count))
                .sum();
            self.totals.push(total);
            self.left.push(if total > 0.0 { left / total } else { 1.0 });
        }
    }
}

/// The levels of a stream of sequences with [`BEGIN`] before each, from runs of no token to `order`.
pub(super) fn levels(stream: &[u32], order: usize) -> Vec<Level> {
    let mut levels = vec![Level {
        tokens: vec![BEGIN],
        counts: vec![0],
        ..Level::default()
    }];
    // Of each position, the number of the run of the last level that begins there.
    let mut of_position = vec![0; stream.len()];
    // The first run of the last level that begins with the mark.
    let mut marked = 0;
    for length in 1..=order {
        let mut level = Level::default();
        let mut longer = vec![NONE; stream.len()];
        let mut ends: Vec<(u64, u32)> = ends(stream, &of_position, length).collect();
        ends.sort_unstable();
        if let Some(shorter) = levels.last_mut() {
            if length > 1 {
                shorter.counts[..marked].fill(0);
            }
            for same in ends.chunk_by(|a, b| a.0 == b.0) {
                let ((key, position), run) = (same[0], level.tokens.len() as u32);
                while shorter.first.len() as u64 <= key >> 32 {
                    shorter.first.push(run);
                }
                level.tokens.push(key as u32);
                level.counts.push(same.len() as u32);
                for (_, position) in same {
                    longer[*position as usize] = run;
                }
                // The same run without its first token has one token more that it comes after.
                if length > 1 {
                    let end = of_position[position as usize + 1] as usize;
                    shorter.counts[end] += 1;
                }
            }
            shorter
                .first
                .resize(shorter.runs() + 1, level.tokens.len() as u32);
            marked = match length {
                1 => level.runs() - usize::from(!stream.is_empty()),
                _ => shorter.first[marked] as usize,
            };
        }
        if length == 1 && !stream.is_empty() {
            level.counts[marked] = 0;
        }
        of_position = longer;
        levels.push(level);
    }
    for at in 1..levels.len() {
        let (shorter, longer) = levels.split_at_mut(at);
        shorter[at - 1].close(&longer[0]);
    }
    levels
}

/// The runs of `length` tokens: the shorter run they begin with and their last token, as one number,
/// and where they begin.
fn ends(stream: &[u32], shorter: &[u32], length: usize) -> impl Iterator<Item = (u64, u32)> {
    let last = stream.iter().skip(length - 1);
    let runs = shorter.iter().zip(last).enumerate();
    runs.filter(move |(_, (run, token))| **run != NONE && (length == 1 || **token != BEGIN))
        .map(|(position, (run, token))| {
            ((u64::from(*run) << 32) | u64::from(*token), position as u32)
        })
}

fn discount(discounts: &[f64; 3], count: u32) -> f64 {
    match count {
        0 => 0.0,
        1 | 2 => discounts[count as usize - 1],
        _ => discounts[2],
    }
}

/// The discounts of Chen and Goodman from how many runs have each of the counts 1 to 4.
fn discounts(counts: &[u32]) -> [f64; 3] {
    let mut runs = [0.0_f64; 4];
    for count in counts {
        if let 1..=4 = count {
            runs[*count as usize - 1] += 1.0;
        }
    }
    let y = runs[0] / (runs[0] + 2.0 * runs[1]);
    let found = [1.0, 2.0, 3.0].map(|k| {
        let at = k as usize;
        k - (k + 1.0) * y * runs[at] / runs[at - 1]
    });
    // Not a number where no run has a count; a discount of 0 would leave nothing to unseen tokens.
    match found.iter().all(|discount| *discount > 0.0) {
        true => found,
        false => FALLBACK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounts_are_those_of_the_counts_of_counts() {
        // Five runs once, three twice, two three times, one four times: Y = 5/11.
        let found = discounts(&[1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 9, 0]);
        let y = 5.0 / 11.0;
        let expected = [
            1.0 - 2.0 * y * 0.6,
            2.0 - 3.0 * y * 2.0 / 3.0,
            3.0 - 4.0 * y * 0.5,
        ];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12);
        }
        assert_eq!(discounts(&[]), FALLBACK);
        assert_eq!(
            discounts(&[1, 1, 2, 3]),
            [1.0 - 2.0 * 0.5 * 0.5, 2.0 - 1.5, 3.0]
        );
        // Many runs of three tokens would make the second discount negative.
        assert_eq!(discounts(&[1, 1, 1, 1, 2, 3, 3, 3, 3]), FALLBACK);
    }
}
