//! Texts that a network writes: the tokens of a tokenizer and one more, the end.

use super::tokenizer::{Encoding, Tokenizer, UNKNOWN};

/// The tokens of a text that ends: those of a tokenizer, and behind their numbers that of the end, which is also what
/// stands before the first.
#[derive(Debug, Clone, Copy)]
pub struct Codes<'a> {
    tokenizer: &'a Tokenizer,
}

impl<'a> Codes<'a> {
    /// Over the tokens of `tokenizer`.
    pub fn new(tokenizer: &'a Tokenizer) -> Self {
        Self { tokenizer }
    }

    /// The number of the end.
    pub fn end(self) -> u32 {
        self.tokenizer.vectors() as u32
    }

    /// How many tokens there are.
    pub fn count(self) -> usize {
        self.tokenizer.vectors() + 1
    }

    /// The number of what the training part does not have.
    pub fn unknown(self) -> u32 {
        UNKNOWN
    }

    /// A text as numbers: no token for an empty one.
    pub fn read(self, text: &str) -> Encoding {
        let mut encoding = self.tokenizer.encode(text);
        if encoding.empty {
            encoding.numbers.clear();
        }
        encoding
    }

    /// The tokens of a text, none for an empty one.
    pub fn encode(self, text: &str) -> Vec<u32> {
        self.read(text).numbers
    }

    /// The tokens of lines that follow one another, each with its end.
    pub fn stream<'t>(self, lines: impl IntoIterator<Item = &'t str>) -> Vec<u32> {
        let mut stream = Vec::new();
        for line in lines {
            stream.extend(self.encode(line));
            stream.push(self.end());
        }
        stream
    }

    /// The first `count` tokens of a text as they stand in it.
    pub fn pieces(self, text: &str, count: usize) -> Vec<String> {
        self.tokenizer.pieces(text, count)
    }

    /// A token as it stands within a text: with the space before it where one does, the end as a sign and a line break.
    pub fn shown(self, token: u32) -> String {
        match token == self.end() {
            true => "↵\n".to_owned(),
            false => self.tokenizer.shown(token),
        }
    }

    /// The text that these tokens of one line are, with what `fill` says of a place in that of an unknown token.
    pub fn decode_with(self, tokens: &[u32], fill: impl FnMut(usize) -> Option<String>) -> String {
        self.tokenizer.decode_with(tokens, fill)
    }

    /// The text that these tokens are, with a line break at each end.
    pub fn decode(self, tokens: &[u32]) -> String {
        let lines = tokens.split(|token| *token == self.end());
        let lines: Vec<String> = lines.map(|line| self.tokenizer.decode(line)).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{TextDefaults, TextOptions, TokenizerKind};

    #[test]
    fn lines_become_one_stream_and_a_text_again() {
        let lines = ["to be, or", "", "not to be"];
        let texts: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for kind in [
            TokenizerKind::Spaces,
            TokenizerKind::Subwords,
            TokenizerKind::Characters,
        ] {
            let options = TextOptions {
                tokenizer: Some(kind),
                at_least: Some(1),
                ..TextOptions::default()
            };
            let config = options.resolve(&TextDefaults::default()).unwrap();
            let tokenizer = Tokenizer::fit(&texts, &config);
            let codes = Codes::new(&tokenizer);
            let stream = codes.stream(lines);
            let ends = stream.iter().filter(|token| **token == codes.end());
            assert_eq!(ends.count(), 3, "{kind}");
            assert_eq!(codes.decode(&stream), "to be, or\n\nnot to be\n", "{kind}");
            assert!(stream.iter().all(|token| (*token as usize) < codes.count()));
        }
    }
}
