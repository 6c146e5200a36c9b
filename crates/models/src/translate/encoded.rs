//! Pairs as the network reads them.

use ressac_data::pairs::Pairs;
use ressac_nn::loss::PADDING;

use super::pipeline::TranslatePipeline;
use crate::text::{Codes, Encoding};

/// Pairs as numbers.
#[derive(Debug, Clone)]
pub(super) struct Encoded {
    pub(super) sources: Vec<Vec<u32>>,
    pub(super) targets: Vec<Vec<u32>>,
    /// Tokens of both sides together.
    pub(super) lengths: Vec<usize>,
}

impl Encoded {
    /// The pairs that have a text on both sides, and none that is longer than the tokenizers read: only these are learnt
    /// from.
    pub(super) fn to_learn_from(sources: Codes<'_>, targets: Codes<'_>, pairs: &Pairs) -> Self {
        let whole = |read: Encoding| (!read.empty && !read.cut).then_some(read.numbers);
        let read = pairs.sources.iter().zip(&pairs.targets);
        Self::of(read.filter_map(|(source, target)| {
            Some((whole(sources.read(source))?, whole(targets.read(target))?))
        }))
    }

    /// All pairs, of which long texts are cut; those without a source or a target are left out.
    pub(super) fn to_score(pipeline: &TranslatePipeline, pairs: &Pairs) -> Self {
        let (sources, targets) = (pipeline.sources(), pipeline.targets());
        let encoded = pairs.sources.iter().zip(&pairs.targets);
        let encoded = encoded.map(|(s, t)| (sources.encode(s), targets.encode(t)));
        Self::of(encoded.filter(|(s, t)| !s.is_empty() && !t.is_empty()))
    }

    fn of(pairs: impl Iterator<Item = (Vec<u32>, Vec<u32>)>) -> Self {
        let (sources, targets): (Vec<_>, Vec<_>) = pairs.unzip();
        let both = sources.iter().zip(&targets);
        Self {
            lengths: both
                .map(|(source, target)| source.len() + target.len() + 1)
                .collect(),
            sources,
            targets,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.sources.len()
    }

    /// Those at these places.
    pub(super) fn batch(&self, places: &[usize], end: u32) -> Batch {
        let targets = || places.iter().map(|place| &self.targets[*place]);
        let longest = targets().map(Vec::len).max().unwrap_or(0) + 1;
        let mut next = vec![PADDING; places.len() * longest];
        for (target, to) in targets().zip(next.chunks_exact_mut(longest)) {
            to[..target.len()].copy_from_slice(target);
            to[target.len()] = end;
        }
        let read = targets().map(|target| [end].iter().chain(target).copied().collect());
        Batch {
            sources: places
                .iter()
                .map(|place| self.sources[*place].clone())
                .collect(),
            read: read.collect(),
            tokens: targets().map(|target| target.len() + 1).sum(),
            next,
        }
    }
}

/// Some pairs beside one another.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    /// The sources.
    pub(super) sources: Vec<Vec<u32>>,
    /// What the decoder reads: the targets, each behind an end.
    pub(super) read: Vec<Vec<u32>>,
    /// What it is to say at each step, with padding.
    pub(super) next: Vec<u32>,
    /// Steps that are no padding.
    pub(super) tokens: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoder_reads_what_it_said_a_step_ago() {
        let encoded =
            Encoded::of(vec![(vec![1, 2], vec![3, 4, 5]), (vec![1], vec![6])].into_iter());
        assert_eq!(encoded.lengths, [6, 3]);
        let batch = encoded.batch(&[1, 0], 9);
        assert_eq!(batch.sources, [vec![1], vec![1, 2]]);
        assert_eq!(batch.read, [vec![9, 6], vec![9, 3, 4, 5]]);
        assert_eq!(batch.next, [6, 9, PADDING, PADDING, 3, 4, 5, 9]);
        assert_eq!(batch.tokens, 6);
    }
}
