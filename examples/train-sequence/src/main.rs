//! A small network from data to saved weights: a GRU learns to say which of two letters came first in a line of others.
//!
//! ```text
//! cargo run --release     trains, prints the accuracy, saves the weights and loads them again
//! cargo test              the same, checked
//! ```
//!
//! The letter that decides may lie twenty steps back, so the network has to remember it; the lines are of unequal
//! length, so the batch has padding.
use burn::module::Module;
use burn::tensor::{Device, Tensor, activation};
use ressac_nn::optim::{self, AdamW, AdamWConfig};
use ressac_nn::random::Stream;
use ressac_nn::{
    Embedding, EmbeddingConfig, Lengths, Linear, LinearConfig, NnError, Recurrent, RecurrentConfig,
    pool, weights,
};

/// Letters of the alphabet; the first two are those that count.
const LETTERS: u32 = 8;

/// Lines of letters by their numbers, and for each whether letter 0 came before letter 1.
struct Lines {
    letters: Vec<Vec<u32>>,
    answers: Vec<f32>,
}

/// Every number that is drawn comes from a stream: a seed and a purpose. The same stream gives the same lines.
fn lines(count: usize, stream: &Stream) -> Lines {
    let mut generator = stream.generator();
    let (mut letters, mut answers) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let length = 8 + generator.below(17) as usize;
        let mut line: Vec<u32> = (0..length)
            .map(|_| 2 + generator.below(u64::from(LETTERS) - 2) as u32)
            .collect();
        // Both letters stand somewhere, the earlier one in the first half.
        let first = generator.below(2) as u32;
        let half = length / 2;
        line[generator.below(half as u64) as usize] = first;
        line[half + generator.below(half as u64) as usize] = 1 - first;
        answers.push(if first == 0 { 1.0 } else { 0.0 });
        letters.push(line);
    }
    Lines { letters, answers }
}

/// The network. `derive(Module)` gives it what optimiser, saving and loading need; the names of the fields become the
/// names of the weights.
#[derive(Module, Debug)]
struct Network {
    embedding: Embedding,
    recurrent: Recurrent,
    head: Linear,
}

impl Network {
    /// Random weights; each part draws from a stream of its own.
    fn new(stream: &Stream, device: &Device) -> Result<Self, NnError> {
        Ok(Self {
            embedding: EmbeddingConfig::new(LETTERS as usize, 8)
                .init(&stream.child("embedding"), device)?,
            recurrent: RecurrentConfig::gru(8, 24).init(&stream.child("recurrent"), device)?,
            head: LinearConfig::new(24, 1).init(&stream.child("head"), device)?,
        })
    }

    /// The logarithm of the odds that letter 0 came first, for each line: `[lines]`.
    fn forward(&self, letters: &[Vec<u32>]) -> Result<Tensor<1>, NnError> {
        let lengths = Lengths::of(letters)?;
        let vectors = self.embedding.forward(letters)?; // [lines, longest, 8]
        let (output, _state) = self.recurrent.forward(vectors, Some(&lengths), None)?; // [lines, longest, 24]
        let last = pool::last(output, Some(&lengths))?; // [lines, 24]
        Ok(self.head.forward(last)?.squeeze_dim(1))
    }

    /// The share of lines that it gets right.
    fn accuracy(&self, lines: &Lines) -> Result<f64, NnError> {
        let odds = self.forward(&lines.letters)?.into_data();
        let right = odds
            .iter::<f32>()
            .zip(&lines.answers)
            .filter(|(odds, answer)| (*odds > 0.0) == (**answer > 0.5))
            .count();
        Ok(right as f64 / lines.answers.len() as f64)
    }
}

/// Trains a network on lines that are drawn anew for every step.
fn train(stream: &Stream, steps: u64) -> Result<Network, NnError> {
    // Gradients are recorded only on a device that says so.
    let device = Device::default().autodiff();
    let mut network = Network::new(&stream.child("weights"), &device)?;
    let mut optimiser = AdamW::new(AdamWConfig {
        clip: Some(1.0), // recurrent networks now and then have a very large gradient
        ..AdamWConfig::default()
    });
    for step in 0..steps {
        let batch = lines(64, &stream.child("training").at(step));
        let odds = network.forward(&batch.letters)?;
        let answers = Tensor::<1>::from_floats(batch.answers.as_slice(), &device);
        // Binary cross-entropy from the logarithm of the odds x and the answer y: log(1 + eˣ) − x·y.
        let loss = (activation::softplus(odds.clone(), 1.0) - odds * answers).mean();
        let gradients = optim::gradients(&loss, &network)?;
        optimiser.step(0.01, &mut network, gradients)?;
        if (step + 1) % 50 == 0 {
            println!("step {}: loss {:.4}", step + 1, loss.into_scalar::<f32>());
        }
    }
    Ok(network.valid()) // the same weights on the device without gradients
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Worth a third of the time of a training: freed tensors stay in the process instead of going back to the system.
    ressac_nn::keep_freed_memory();
    let stream = Stream::new(42, "which came first");
    let network = train(&stream, 300)?;
    let unseen = lines(1000, &stream.child("test"));
    println!(
        "accuracy on unseen lines: {:.1} %",
        100.0 * network.accuracy(&unseen)?
    );

    let path = std::env::temp_dir().join("which-came-first.safetensors");
    std::fs::write(&path, weights::to_bytes(&weights::collect(&network))?)?;
    // Loading: a network of the same shape, whatever its weights, and the saved ones in their place.
    let fresh = Network::new(&Stream::new(0, "anything"), &Device::default())?;
    let loaded = weights::apply(fresh, &weights::from_bytes(&std::fs::read(&path)?)?)?;
    println!(
        "loaded from {}: {:.1} %",
        path.display(),
        100.0 * loaded.accuracy(&unseen)?
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_learns_the_task_and_loaded_weights_give_the_same_bits() {
        let stream = Stream::new(42, "which came first");
        let network = train(&stream, 300).unwrap();
        let unseen = lines(1000, &stream.child("test"));
        let accuracy = network.accuracy(&unseen).unwrap();
        assert!(accuracy > 0.99, "{accuracy}");

        let bytes = weights::to_bytes(&weights::collect(&network)).unwrap();
        let fresh = Network::new(&Stream::new(0, "anything"), &Device::default()).unwrap();
        assert!(fresh.accuracy(&unseen).unwrap() < 0.7);
        let loaded = weights::apply(fresh, &weights::from_bytes(&bytes).unwrap()).unwrap();
        let odds = |network: &Network| network.forward(&unseen.letters).unwrap().into_data();
        assert_eq!(odds(&loaded), odds(&network));
    }
}
