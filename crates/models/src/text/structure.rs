//! Texts in the drawing of a network.

use super::tokenizer::{Tokenizer, TokenizerKind};
use crate::structure::{Item, Words};

impl TokenizerKind {
    /// What tokens are called in a sentence.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            TokenizerKind::Words | TokenizerKind::Spaces => "words",
            TokenizerKind::Subwords => "subwords",
            TokenizerKind::Characters => "characters",
        }
    }

    /// What a token is called.
    pub(crate) fn noun(self) -> Words {
        match self {
            TokenizerKind::Words | TokenizerKind::Spaces => Words::new("word", "mot"),
            TokenizerKind::Subwords => Words::new("subword", "fragment"),
            TokenizerKind::Characters => Words::new("character", "caractère"),
        }
    }
}

impl Tokenizer {
    /// A text that is read or given in these tokens.
    pub(crate) fn item(&self, name: Words) -> Item {
        let how = match self.kind() {
            TokenizerKind::Words | TokenizerKind::Spaces => Words::new("as words", "mot par mot"),
            TokenizerKind::Subwords => Words::new("as subwords", "par fragments de mots"),
            TokenizerKind::Characters => Words::new("as characters", "caractère par caractère"),
        };
        let letters = match self.lower_case() {
            true => Words::new("in small letters", "en minuscules"),
            false => Words::new("as written", "tel quel"),
        };
        Item::new(name, [how, letters])
    }
}
