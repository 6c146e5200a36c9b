//! The two problems, as Bai, Kolter & Koltun (2018, arXiv 1803.01271) pose them: both ask a network to carry
//! something unchanged over hundreds of steps in which nothing helps it.

use ressac_nn::random::Stream;
use serde::{Deserialize, Serialize};
use std::f64::consts::LN_2;

/// Symbols to be copied, of the alphabet 1 to [`COPIED_ALPHABET`].
const COPIED: usize = 10;
const COPIED_ALPHABET: u64 = 8;
/// What stands where nothing is said.
const BLANK: usize = 0;
/// What asks for the symbols.
const DELIMITER: usize = 9;
/// Blank, eight symbols, delimiter: what can be answered.
const SYMBOLS: usize = 10;
/// What can be shown: a feature for each of these but the blank.
const SHOWN: usize = SYMBOLS - 1;

/// A problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Task {
    /// Hochreiter & Schmidhuber (1997), in the form of Bai et al. (2018): of each step's two features the first is
    /// uniform on [0, 1), the second 0 except at two different steps, drawn evenly, where it is 1. After the last step
    /// the answer is the sum of the two marked values.
    Adding,
    /// Hochreiter & Schmidhuber (1997), in the form of Bai et al. (2018): ten symbols of 1 to 8, then `delay` − 1
    /// blanks, then eleven delimiters, one symbol a step. The answer is blank for `delay` + 10 steps and the ten
    /// symbols, in order, at the last ten. Each symbol and the delimiter has a feature that is 1 where it stands; a
    /// blank is the absence of all, as it is the number 0 in the published form. (Arjovsky et al. 2016 give it a
    /// feature of its own, and ask with a single delimiter.)
    Copying,
}

/// Sequences of a task and what is asked of the network.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batch {
    /// `[rows, time, features]`.
    pub(crate) input: Vec<f32>,
    pub(crate) shape: [usize; 3],
    pub(crate) target: Target,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// One number after the last step `[rows]`.
    Number(Vec<f32>),
    /// One symbol at each step `[rows, time]`.
    Symbols(Vec<usize>),
}

impl Task {
    /// Features of the input at each step.
    pub(crate) const fn features(self) -> usize {
        match self {
            Self::Adding => 2,
            Self::Copying => SHOWN,
        }
    }

    /// Numbers that the network gives at each step: the sum, or a score for each symbol.
    pub(crate) const fn outputs(self) -> usize {
        match self {
            Self::Adding => 1,
            Self::Copying => SYMBOLS,
        }
    }

    /// Steps of a sequence of the given length (adding) or delay (copying).
    pub(crate) const fn time(self, steps: usize) -> usize {
        match self {
            Self::Adding => steps,
            Self::Copying => steps + 2 * COPIED,
        }
    }

    /// The fewest steps for which the problem is one.
    pub(crate) const fn least_steps(self) -> usize {
        match self {
            Self::Adding => 2,
            Self::Copying => 1,
        }
    }

    /// The loss of the best answer that remembers nothing. Adding: always 1, the mean, whose squared error is the
    /// variance of a sum of two uniform numbers, 2/12. Copying: blank where blank is due, which is known from the
    /// input's delimiters, and one of eight symbols at ten steps: 10·ln 8 nats over all steps (Arjovsky et al. 2016).
    pub(crate) fn memoryless_loss(self, steps: usize) -> f64 {
        match self {
            Self::Adding => 1.0 / 6.0,
            Self::Copying => COPIED as f64 * 3.0 * LN_2 / self.time(steps) as f64,
        }
    }

    /// `rows` sequences, a function of `stream` alone.
    pub(crate) fn batch(self, rows: usize, steps: usize, stream: &Stream) -> Batch {
        match self {
            Self::Adding => adding(rows, steps, stream),
            Self::Copying => copying(rows, steps, stream),
        }
    }
}

fn adding(rows: usize, steps: usize, stream: &Stream) -> Batch {
    let mut generator = stream.generator();
    let mut input = vec![0.0; rows * steps * 2];
    let mut sums = Vec::with_capacity(rows);
    for row in input.chunks_exact_mut(steps * 2) {
        for step in row.chunks_exact_mut(2) {
            step[0] = generator.uniform() as f32;
        }
        let first = generator.below(steps as u64) as usize;
        let other = generator.below(steps as u64 - 1) as usize;
        // The steps without the first, which makes every pair as likely.
        let second = if other < first { other } else { other + 1 };
        for marked in [first, second] {
            row[2 * marked + 1] = 1.0;
        }
        sums.push(row[2 * first] + row[2 * second]);
    }
    Batch {
        input,
        shape: [rows, steps, 2],
        target: Target::Number(sums),
    }
}

fn copying(rows: usize, delay: usize, stream: &Stream) -> Batch {
    let time = Task::Copying.time(delay);
    let mut generator = stream.generator();
    let mut input = vec![0.0; rows * time * SHOWN];
    let mut target = vec![BLANK; rows * time];
    for (row, answer) in input
        .chunks_exact_mut(time * SHOWN)
        .zip(target.chunks_exact_mut(time))
    {
        for (step, indicator) in row.chunks_exact_mut(SHOWN).enumerate() {
            let symbol = if step < COPIED {
                let symbol = 1 + generator.below(COPIED_ALPHABET) as usize;
                answer[time - COPIED + step] = symbol;
                symbol
            } else if step < COPIED + delay - 1 {
                BLANK
            } else {
                DELIMITER
            };
            if symbol != BLANK {
                indicator[symbol - 1] = 1.0;
            }
        }
    }
    Batch {
        input,
        shape: [rows, time, SHOWN],
        target: Target::Symbols(target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding_marks_two_steps_and_asks_for_the_sum_of_their_values() {
        let batch = Task::Adding.batch(500, 13, &Stream::new(1, "test"));
        assert_eq!(batch.shape, [500, 13, 2]);
        let Target::Number(sums) = &batch.target else {
            panic!("a number is asked");
        };
        let mut marked_at = [0; 13];
        let (mut mean, mut variance) = (0.0, 0.0);
        for (row, sum) in batch.input.chunks(26).zip(sums) {
            assert!(row.chunks(2).all(|step| (0.0..1.0).contains(&step[0])));
            let marked: Vec<usize> = (0..13).filter(|step| row[2 * step + 1] == 1.0).collect();
            assert!(row.chunks(2).all(|step| step[1] == 0.0 || step[1] == 1.0));
            assert_eq!(marked.len(), 2);
            assert_eq!(row[2 * marked[0]] + row[2 * marked[1]], *sum);
            for step in marked {
                marked_at[step] += 1;
            }
            mean += f64::from(*sum) / 500.0;
            variance += (f64::from(*sum) - 1.0).powi(2) / 500.0;
        }
        // 1000 marks on 13 steps: 77 each, with a standard deviation of 8.
        assert!(
            marked_at.iter().all(|count| (40..115).contains(count)),
            "{marked_at:?}"
        );
        assert!((mean - 1.0).abs() < 0.1);
        let baseline = Task::Adding.memoryless_loss(13);
        assert!((variance / baseline - 1.0).abs() < 0.2, "{variance}");
    }

    #[test]
    fn copying_asks_for_the_ten_symbols_after_the_delay() {
        let (delay, time) = (7, 27);
        let batch = Task::Copying.batch(200, delay, &Stream::new(2, "test"));
        assert_eq!(batch.shape, [200, time, 9]);
        let Target::Symbols(answers) = &batch.target else {
            panic!("symbols are asked");
        };
        let mut seen = [0; 10];
        for (row, answer) in batch.input.chunks(time * 9).zip(answers.chunks(time)) {
            let symbols: Vec<usize> = row
                .chunks(9)
                .map(|step| {
                    let shown = step.iter().position(|&x| x == 1.0);
                    let count = step.iter().filter(|&&x| x != 0.0).count();
                    assert_eq!(count, usize::from(shown.is_some()));
                    shown.map_or(BLANK, |feature| feature + 1)
                })
                .collect();
            assert!(symbols[10..16].iter().all(|&symbol| symbol == BLANK));
            assert!(symbols[16..].iter().all(|&symbol| symbol == DELIMITER));
            assert!(answer[..17].iter().all(|&symbol| symbol == BLANK));
            assert_eq!(answer[17..], symbols[..10]);
            for &symbol in &symbols[..10] {
                seen[symbol] += 1;
            }
        }
        // 2000 symbols on eight: 250 each, with a standard deviation of 15.
        assert_eq!((seen[BLANK], seen[DELIMITER]), (0, 0));
        assert!(
            seen[1..9].iter().all(|count| (180..320).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn the_memoryless_losses_are_the_published_ones() {
        // Bai et al. (2018) report 0.0204 for networks that learnt nothing of copying with a delay of 1000.
        let copying = Task::Copying.memoryless_loss(1000);
        assert!((copying - 0.020_387).abs() < 1e-6, "{copying}");
        assert!((Task::Adding.memoryless_loss(600) - 0.166_667).abs() < 1e-6);
    }

    #[test]
    fn a_batch_depends_on_its_stream_and_on_nothing_else() {
        for task in [Task::Adding, Task::Copying] {
            let stream = Stream::new(3, "test");
            assert_eq!(
                task.batch(3, 5, &stream.at(1)),
                task.batch(3, 5, &stream.at(1))
            );
            assert_ne!(
                task.batch(3, 5, &stream.at(1)),
                task.batch(3, 5, &stream.at(2))
            );
        }
    }
}
