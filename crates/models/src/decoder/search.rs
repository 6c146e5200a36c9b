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

/// A token of a hypothesis, and the one before it: hypotheses of one beginning share it.
struct Node {
    before: Option<usize>,
    token: u32,
    /// The row of what it attended to.
    attended: usize,
}

/// A text so far.
#[derive(Clone, Copy)]
struct Hypothesis {
    /// Its last token.
    last: Option<usize>,
    length: usize,
    log_probability: f64,
}

/// A text that came to an end, or to the longest length.
struct Done {
    text: Hypothesis,
    score: f64,
    ended: bool,
}

/// A sentence whose text is being searched for.
struct Sentence {
    place: usize,
    longest: usize,
    nodes: Vec<Node>,
    /// What was attended to, a row for each hypothesis of each step.
    attended: Vec<f32>,
    /// Values of such a row; 0 without attention.
    sources: usize,
    alive: Vec<Hypothesis>,
    done: Vec<Done>,
}

/// A way to go on with a hypothesis.
#[derive(Clone, Copy)]
struct Candidate {
    hypothesis: usize,
    token: u32,
    log_probability: f64,
}

impl Sentence {
    fn new(place: usize, longest: usize) -> Self {
        Self {
            place,
            longest: longest.max(1),
            nodes: Vec::new(),
            attended: Vec::new(),
            sources: 0,
            alive: vec![Hypothesis {
                last: None,
                length: 0,
                log_probability: 0.0,
            }],
            done: Vec::new(),
        }
    }

    /// The tokens of a text from its last to its first.
    fn backwards(&self, text: Hypothesis) -> impl Iterator<Item = &Node> {
        let node = |at: Option<usize>| at.map(|at| &self.nodes[at]);
        std::iter::successors(node(text.last), move |last| node(last.before))
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.attended[row * self.sources..][..self.sources]
    }

    fn found(&self, done: &Done) -> Found {
        let mut tokens: Vec<u32> = self.backwards(done.text).map(|node| node.token).collect();
        tokens.reverse();
        let rows = self.backwards(done.text).filter(|_| self.sources > 0);
        let mut attended: Vec<Vec<f32>> =
            rows.map(|node| self.row(node.attended).to_vec()).collect();
        attended.reverse();
        Found {
            tokens,
            log_probability: done.text.log_probability,
            score: done.score,
            attended,
            ended: done.ended,
        }
    }
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
            .map(|(place, longest)| Sentence::new(place, *longest))
            .collect();
        while !sentences.is_empty() {
            let last = |sentence: &Sentence, text: &Hypothesis| {
                let last = text.last.map(|last| sentence.nodes[last].token);
                last.unwrap_or(self.end)
            };
            let alive = sentences
                .iter()
                .flat_map(|sentence| sentence.alive.iter().map(|text| last(sentence, text)));
            let tokens: Vec<u32> = alive.collect();
            let logits = steps.read(&tokens)?;
            let (attended, sources) = steps.attended();
            let width = logits.len() / tokens.len().max(1);
            let sums = log_sum_exp(&logits, width)?;
            let (mut row, mut kept, mut left) = (0, Vec::new(), Vec::new());
            for mut sentence in sentences {
                let count = sentence.alive.len();
                let of = &logits[row * width..][..count * width];
                sentence.sources = sources;
                let weights = &attended[row * sources..][..count * sources];
                let parents = self.advance(&mut sentence, (of, &sums[row..]), weights);
                match self.best(&sentence) {
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
        weights: &[f32],
    ) -> Vec<usize> {
        let width = logits.len() / sentence.alive.len().max(1);
        let first_row = sentence.attended.len() / sentence.sources.max(1);
        sentence.attended.extend(weights);
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
            let parent = sentence.alive[candidate.hypothesis];
            let text = Hypothesis {
                log_probability: candidate.log_probability,
                ..parent
            };
            let row = first_row + candidate.hypothesis;
            if candidate.token == self.end {
                // One that ends must be among the best to count, or short texts would win by chance.
                if rank < self.beam {
                    let score = self.score(sentence, text, Some(row));
                    sentence.done.push(Done {
                        text,
                        score,
                        ended: true,
                    });
                }
                continue;
            }
            if alive.len() < self.beam {
                sentence.nodes.push(Node {
                    before: parent.last,
                    token: candidate.token,
                    attended: row,
                });
                alive.push(Hypothesis {
                    last: Some(sentence.nodes.len() - 1),
                    length: parent.length + 1,
                    ..text
                });
                parents.push(candidate.hypothesis);
            }
        }
        sentence.alive = alive;
        parents
    }

    /// The best text of a sentence, once there is nothing more to search.
    fn best(&self, sentence: &Sentence) -> Option<Found> {
        let length = sentence.alive.first().map_or(0, |text| text.length);
        let at_end = sentence.alive.is_empty() || length >= sentence.longest;
        if !at_end && !self.is_through(sentence) {
            return None;
        }
        let cut: Vec<Done>;
        let done = match sentence.done.is_empty() {
            false => &sentence.done,
            true => {
                let all = sentence.alive.iter().map(|text| Done {
                    text: *text,
                    score: self.score(sentence, *text, None),
                    ended: false,
                });
                cut = all.collect();
                &cut
            }
        };
        // Of equal ones the first.
        let better = |best: Option<usize>, at: usize| match best {
            Some(best) if done[best].score >= done[at].score => Some(best),
            _ => Some(at),
        };
        let best = (0..done.len()).fold(None, better);
        Some(best.map_or_else(Found::default, |best| sentence.found(&done[best])))
    }

    /// Whether as many texts ended as are searched for, and none that goes on is better by now than the best of them: where a
    /// network is sure, unlikely ends are soon among the first.
    fn is_through(&self, sentence: &Sentence) -> bool {
        let best = |scores: &mut dyn Iterator<Item = f64>| scores.fold(f64::NEG_INFINITY, f64::max);
        let alive = sentence.alive.iter();
        let alive = best(&mut alive.map(|text| self.score(sentence, *text, None)));
        let ended = best(&mut sentence.done.iter().map(|done| done.score));
        sentence.done.len() >= self.beam && ended >= alive
    }

    /// What texts are compared by; `end` is the row of what the end attended to, where there is one.
    fn score(&self, sentence: &Sentence, text: Hypothesis, end: Option<usize>) -> f64 {
        let length = text.length + usize::from(end.is_some());
        let penalty = ((5.0 + length as f64) / 6.0).powf(self.length_penalty);
        let mut coverage = 0.0;
        if self.coverage_penalty > 0.0 {
            let mut sums = vec![0.0; sentence.sources];
            let rows = sentence
                .backwards(text)
                .map(|node| node.attended)
                .chain(end);
            for row in rows {
                for (sum, weight) in sums.iter_mut().zip(sentence.row(row)) {
                    *sum += f64::from(*weight);
                }
            }
            // Padding has no weight, and no share in the penalty.
            let seen = sums.iter().filter(|sum| **sum > 0.0);
            coverage = seen.map(|sum| sum.min(1.0).ln()).sum();
        }
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
