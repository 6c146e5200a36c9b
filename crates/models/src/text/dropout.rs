//! Words taken for unknown ones in training, so that a network learns to read a text with a word it does not know.

use ressac_nn::random::Stream;

use super::tokenizer::UNKNOWN;

/// Takes a share of the tokens for unknown ones, drawn from `draw`.
pub(crate) fn drop_tokens(texts: &mut [Vec<u32>], share: f64, draw: &Stream) {
    if share > 0.0 {
        let mut generator = draw.generator();
        for token in texts.iter_mut().flatten() {
            if generator.uniform() < share {
                *token = UNKNOWN;
            }
        }
    }
}
