//! What options of a translation model can be.

use ressac_nn::attention::Score;

use crate::options::from_text;
use crate::words::words;

words! {
    /// What the decoder sees of the encoder beside its last state.
    Attention: "attention" {
        /// Nothing: the encoder–decoder of Sutskever et al. 2014.
        None = "none",
        /// Every step, compared by a product (Luong et al. 2015, "general").
        Luong = "luong",
        /// Every step, compared by a layer of tanh (Bahdanau et al. 2015).
        Bahdanau = "bahdanau",
    }
}

from_text!(Attention, "an attention in quotes");

impl Attention {
    /// How a query and a key are compared.
    pub(super) fn score(self) -> Option<Score> {
        match self {
            Attention::None => None,
            Attention::Luong => Some(Score::Multiplicative),
            Attention::Bahdanau => Some(Score::Additive),
        }
    }
}
