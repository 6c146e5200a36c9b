//! Beam search: the most likely texts, several hypotheses of each sentence at a time.

use ressac_nn::NnError;
use ressac_nn::loss::log_sum_exp;

use super::generate::Steps;

/// How texts are searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Search {
    /// Hypotheses of a sentence that go on at a time; 1 takes the most likely token at each step (greedy).
    pub(crate) beam: usize,
    /// α of the length penalty ((5 + length) / 6)^α, by which the log-probability is divided (Wu et al. 2016).
    pub(crate) length_penalty: f64,
    /// β of the coverage penalty β · Σ_j ln min(Σ_i α_ij, 1), which is added (the same paper).
    pub(crate) coverage_penalty: f64,
    /// The token that a text begins and ends with.
    pub(crate) end: u32,
    /// A token that is never generated.
    pub(crate) never: Option<u32>,
}

/// A text that was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Found {
    /// Its tokens, without that of the end.
    pub(crate) tokens: Vec<u32>,
    /// Its log-probability with that of its end, in nats.
    pub(crate) log_probability: f64,
    /// What hypotheses are compared by.
    pub(crate) score: f64,
    /// What each token attended to; nothing without attention.
    pub(crate) attended: Vec<Vec<f32>>,
    /// Whether it ends by itself, rather than at the longest length.
    pub(crate) ended: bool,
}

/// A sentence whose text is being searched for.
struct Sentence {
    place: usize,
    longest: usize,
    alive: Vec<Found>,
    done: Vec<Found>,
}

/// A way to go on with a hypothesis.
struct Candidate {
    hypothesis: usize,
    token: u32,
    log_probability: f64,
}

impl Search {
    /// The best text for each sentence, of at most so many tokens each; `steps` has a row for each sentence and has read
    /// nothing yet.
    ///
    /// # Errors
    /// When the network refuses its input.
    pub(crate) fn run(
        &self,
        steps: &mut dyn Steps,
        longest: &[usize],
    ) -> Result<Vec<Found>, NnError> {
        let mut found = vec![Found::default(); longest.len()];
        let mut sentences: Vec<Sentence> = (longest.iter().enumerate())
            .map(|(place, longest)| Sentence {
                place,
                longest: (*longest).max(1),
                alive: vec![Found::default()],
                done: Vec::new(),
            })
            .collect();
        while !sentences.is_empty() {
            let alive = sentences.iter().flat_map(|sentence| &sentence.alive);
            let tokens: Vec<u32> = alive
                .map(|text| text.tokens.last().copied().unwrap_or(self.end))
                .collect();
            let logits = steps.read(&tokens)?;
            let attended = steps.attended();
            let width = logits.len() / tokens.len().max(1);
            let sums = log_sum_exp(&logits, width)?;
            let (mut row, mut kept, mut left) = (0, Vec::new(), Vec::new());
            for mut sentence in sentences {
                let count = sentence.alive.len();
                let of = &logits[row * width..][..count * width];
                let weights = attended.get(row..row + count).unwrap_or_default();
                let parents = self.advance(&mut sentence, (of, &sums[row..]), weights);
                match self.best(&mut sentence) {
                    Some(best) => found[sentence.place] = best,
                    None => {
                        kept.extend(parents.into_iter().map(|parent| row + parent));
                        left.push(sentence);
                    }
                }
                row += count;
            }
            sentences = left;
            if !kept.is_empty() && !kept.iter().copied().eq(0..row) {
                steps.keep(&kept)?;
            }
        }
        Ok(found)
    }

    /// One token more for the hypotheses of a sentence; which hypothesis each of the new ones goes on from.
    fn advance(
        &self,
        sentence: &mut Sentence,
        (logits, sums): (&[f32], &[f64]),
        weights: &[Vec<f32>],
    ) -> Vec<usize> {
        let width = logits.len() / sentence.alive.len().max(1);
        // So many that `beam` go on even where as many end.
        let wanted = 2 * self.beam;
        let mut candidates: Vec<Candidate> = Vec::with_capacity(wanted * sentence.alive.len());
        for (hypothesis, logits) in logits.chunks_exact(width.max(1)).enumerate() {
            let before = sentence.alive[hypothesis].log_probability - sums[hypothesis];
            let best = largest(logits, wanted, self.never).into_iter();
            candidates.extend(best.map(|token| Candidate {
                hypothesis,
                token,
                log_probability: before + f64::from(logits[token as usize]),
            }));
        }
        // Of equally likely ones the first: the order does not depend on the sentences beside.
        candidates.sort_by(|a, b| b.log_probability.total_cmp(&a.log_probability));
        let (mut alive, mut parents) = (Vec::with_capacity(self.beam), Vec::new());
        for (rank, candidate) in candidates.into_iter().take(wanted).enumerate() {
            let parent = &sentence.alive[candidate.hypothesis];
            let mut text = parent.clone();
            text.log_probability = candidate.log_probability;
            if let Some(weights) = weights.get(candidate.hypothesis) {
                text.attended.push(weights.clone());
            }
            if candidate.token == self.end {
                // One that ends must be among the best to count, or short texts would win by chance.
                if rank < self.beam {
                    text.score = self.score(&text, parent.tokens.len() + 1);
                    text.ended = true;
                    text.attended.truncate(text.tokens.len());
                    sentence.done.push(text);
                }
                continue;
            }
            if alive.len() < self.beam {
                text.tokens.push(candidate.token);
                parents.push(candidate.hypothesis);
                alive.push(text);
            }
        }
        sentence.alive = alive;
        parents
    }

    /// The best text of a sentence, once there is nothing more to search.
    fn best(&self, sentence: &mut Sentence) -> Option<Found> {
        let length = sentence.alive.first().map_or(0, |text| text.tokens.len());
        let at_end = sentence.alive.is_empty() || length >= sentence.longest;
        if at_end && sentence.done.is_empty() {
            for mut text in std::mem::take(&mut sentence.alive) {
                text.score = self.score(&text, text.tokens.len());
                sentence.done.push(text);
            }
        }
        if !at_end && sentence.done.len() < self.beam {
            return None;
        }
        let mut done = std::mem::take(&mut sentence.done);
        // Stable: of equal ones the first.
        done.sort_by(|a, b| b.score.total_cmp(&a.score));
        Some(done.into_iter().next().unwrap_or_default())
    }

    fn score(&self, text: &Found, length: usize) -> f64 {
        let penalty = ((5.0 + length as f64) / 6.0).powf(self.length_penalty);
        let sources = text.attended.first().map_or(0, Vec::len);
        let coverage = (0..sources).map(|source| {
            let sum: f64 = (text.attended.iter())
                .map(|weights| f64::from(weights[source]))
                .sum();
            // Padding has no weight, and no share in the penalty.
            match sum > 0.0 {
                true => sum.min(1.0).ln(),
                false => 0.0,
            }
        });
        let coverage = match self.coverage_penalty == 0.0 {
            true => 0.0,
            false => coverage.sum::<f64>(),
        };
        text.log_probability / penalty + self.coverage_penalty * coverage
    }
}

/// The places of the `count` largest values, the largest first, of equal ones the smaller place.
fn largest(values: &[f32], count: usize, never: Option<u32>) -> Vec<u32> {
    let mut best: Vec<u32> = Vec::with_capacity(count + 1);
    let mut least = f32::NEG_INFINITY;
    for (place, value) in (0_u32..).zip(values) {
        if best.len() == count && *value <= least || Some(place) == never {
            continue;
        }
        let at = best.partition_point(|other| values[*other as usize] >= *value);
        best.insert(at, place);
        best.truncate(count);
        if let Some(last) = best.last().filter(|_| best.len() == count) {
            least = values[*last as usize];
        }
    }
    best
}
