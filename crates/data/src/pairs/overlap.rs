//! How much of one part stands in another: a test on what was learned by heart tells nothing.

use std::collections::{HashMap, HashSet};

use super::Pairs;

/// What a part has in common with the training part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Pairs of the part whose source is one of the training part.
    pub sources: usize,
    /// Those of them whose target, too, is one that the source has there.
    pub pairs: usize,
    /// Pairs of the part.
    pub of: usize,
    /// The first of `sources`, from 0.
    pub first: Option<usize>,
}

impl Overlap {
    /// Share of the part whose source is known from the training part.
    pub fn share(&self) -> f64 {
        self.sources as f64 / self.of.max(1) as f64
    }

    /// The sentence that tells it, `part` being the name of the part (`test`); nothing where there is no overlap.
    /// `other` are the pairs of the part, which name the place.
    pub fn sentence(&self, part: &str, other: &Pairs) -> Option<String> {
        let first = self.first?;
        let same = match self.pairs {
            0 => "with another target".to_owned(),
            all if all == self.sources => "with the same target".to_owned(),
            some => format!("{some} of them with the same target"),
        };
        let stand = if self.sources == 1 { "stands" } else { "stand" };
        Some(format!(
            "{} of the {} sources of the {part} part ({:.1} %) {stand} in the training part too, {same}; the first is {}",
            self.sources,
            self.of,
            100.0 * self.share(),
            other.place(first)
        ))
    }
}

/// Looks for the sources of `other` among those of `training`. Case and the number of spaces make no difference; pairs with
/// an empty source are not looked at.
pub fn overlap(training: &Pairs, other: &Pairs) -> Overlap {
    let mut known: HashMap<String, HashSet<String>> = HashMap::new();
    for (source, target) in training.sources.iter().zip(&training.targets) {
        known
            .entry(folded(source))
            .or_default()
            .insert(folded(target));
    }
    let mut found = Overlap {
        sources: 0,
        pairs: 0,
        of: other.len(),
        first: None,
    };
    for (at, (source, target)) in other.sources.iter().zip(&other.targets).enumerate() {
        let source = folded(source);
        if source.is_empty() {
            continue;
        }
        if let Some(targets) = known.get(&source) {
            found.sources += 1;
            found.pairs += usize::from(targets.contains(&folded(target)));
            found.first = found.first.or(Some(at));
        }
    }
    found
}

fn folded(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
