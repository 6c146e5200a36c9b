//! The continuous cache: words of the recent past are likely to come again where the state is alike.
//!
//! Grave, Joulin & Usunier 2017, "Improving neural language models with a continuous cache": with h the output of the last
//! layer at each step, p(w) = (1 − λ) · p_model(w) + λ · Σ over the past i with w_{i+1} = w of softmax(θ · h · h_i).

use std::collections::VecDeque;

/// How the past is remembered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CacheConfig {
    /// Tokens.
    pub(super) size: usize,
    /// λ.
    pub(super) weight: f64,
    /// θ.
    pub(super) flatness: f64,
}

/// The states of the past, and the token that came after each.
#[derive(Debug)]
pub(super) struct Cache {
    config: CacheConfig,
    past: VecDeque<(Vec<f32>, u32)>,
}

impl Cache {
    pub(super) fn new(config: CacheConfig) -> Self {
        Self {
            config,
            past: VecDeque::with_capacity(config.size + 1),
        }
    }

    /// −ln p of the token that follows `state`, where the model alone has `nats`; then it is remembered.
    pub(super) fn next(&mut self, state: &[f32], token: u32, nats: f64) -> f64 {
        let CacheConfig {
            size,
            weight,
            flatness,
        } = self.config;
        let scores: Vec<f64> = (self.past.iter())
            .map(|(past, _)| {
                let product: f32 = past.iter().zip(state).map(|(a, b)| a * b).sum();
                flatness * f64::from(product)
            })
            .collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (mut all, mut own) = (0.0, 0.0);
        for (score, (_, seen)) in scores.iter().zip(&self.past) {
            let share = (score - largest).exp();
            all += share;
            if *seen == token {
                own += share;
            }
        }
        self.past.push_back((state.to_vec(), token));
        if self.past.len() > size {
            self.past.pop_front();
        }
        match all > 0.0 {
            true => -((1.0 - weight) * (-nats).exp() + weight * own / all).ln(),
            // Nothing is remembered yet.
            false => nats,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_after_a_state_like_this_one_becomes_likelier() {
        let config = CacheConfig {
            size: 2,
            weight: 0.5,
            flatness: 10.0,
        };
        let mut cache = Cache::new(config);
        let nats = 10.0_f64.ln();
        assert_eq!(cache.next(&[1.0, 0.0], 3, nats), nats);
        // The only state of the past says 3.
        let again = cache.next(&[1.0, 0.0], 3, nats);
        assert!((again - -(0.5 * 0.1 + 0.5_f64).ln()).abs() < 1e-12);
        let other = cache.next(&[0.0, 1.0], 5, nats);
        assert!((other - -(0.05_f64).ln()).abs() < 1e-12);
        // Two are remembered, alike with weights e^0 and e^10.
        let share = 10.0_f64.exp() / (1.0 + 10.0_f64.exp());
        let found = cache.next(&[0.0, 1.0], 5, nats);
        assert!((found - -(0.05 + 0.5 * share).ln()).abs() < 1e-9);
    }
}
