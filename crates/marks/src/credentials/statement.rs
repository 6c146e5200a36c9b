//! What is said of something that a model made, and the signature under it.

use std::fmt;

use ressac_data::picture::Colour;

use super::signer::{Signer, fingerprint, is_signed};
use crate::{Pixels, key::digest};

/// IPTC's word for what a trained model made, which the C2PA uses too.
pub const SOURCE_TYPE: &str =
    "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

/// The program that makes these statements.
pub(super) const PROGRAM: &str = concat!("ressac ", env!("CARGO_PKG_VERSION"));

/// The longest name of a model that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// What a statement is about, by SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Size, channels and levels of an image, so that the file may be packed anew.
    Pixels([u8; 32]),
    /// The bytes of a file.
    Bytes([u8; 32]),
}

impl Content {
    /// Of an image.
    pub fn of_pixels(pixels: &Pixels) -> Self {
        let (width, height) = pixels.dimensions();
        let channels = match pixels.colour() {
            Colour::Grey => 1,
            Colour::Rgb => 3,
        };
        let [width, height, channels] = [width, height, channels].map(|n| (n as u64).to_le_bytes());
        Content::Pixels(digest(&[
            b"ressac pixels 1\0",
            &width,
            &height,
            &channels,
            pixels.levels(),
        ]))
    }

    /// Of anything else.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Content::Bytes(digest(&[bytes]))
    }

    pub(super) fn digest(&self) -> &[u8; 32] {
        match self {
            Content::Pixels(digest) | Content::Bytes(digest) => digest,
        }
    }
}

/// That something was made by a trained model ([`SOURCE_TYPE`]), and by which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The model's name, as its user calls it.
    pub model: String,
    /// The program that ran it, with its version.
    pub program: String,
    /// What it made.
    pub content: Content,
}

impl Statement {
    /// A statement by this program. Characters that XML does not have become spaces, and the name ends after 200.
    pub fn new(model: &str, content: Content) -> Self {
        let allowed = |c: char| match c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') {
            true => ' ',
            false => c,
        };
        Statement {
            model: model.chars().map(allowed).take(LONGEST_NAME).collect(),
            program: PROGRAM.to_owned(),
            content,
        }
    }

    /// What is signed: each part after its length, so that none can run into another.
    fn message(&self, public_key: &[u8; 32]) -> Vec<u8> {
        let kind: &[u8] = match self.content {
            Content::Pixels(_) => b"pixels",
            Content::Bytes(_) => b"bytes",
        };
        let parts: [&[u8]; 7] = [
            b"ressac statement 1",
            SOURCE_TYPE.as_bytes(),
            self.model.as_bytes(),
            self.program.as_bytes(),
            kind,
            self.content.digest(),
            public_key,
        ];
        let with_length = |part: &&[u8]| [&(part.len() as u64).to_le_bytes(), *part].concat();
        parts.iter().flat_map(with_length).collect()
    }
}

/// A statement with the key that signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) statement: Statement,
    pub(crate) public_key: [u8; 32],
    pub(crate) signature: [u8; 64],
}

impl Signed {
    pub(crate) fn new(statement: Statement, signer: &Signer) -> Self {
        let public_key = signer.public_key();
        let signature = signer.sign(&statement.message(&public_key));
        Signed {
            statement,
            public_key,
            signature,
        }
    }

    /// Holds the statement against the content that it came with.
    pub(crate) fn checked(self, content: Content) -> Finding {
        let message = self.statement.message(&self.public_key);
        let state = match is_signed(&self.public_key, &message, &self.signature) {
            false => State::Forged,
            true if self.statement.content != content => State::Changed,
            true => State::Intact,
        };
        Finding::Signed {
            fingerprint: fingerprint(&self.public_key),
            statement: self.statement,
            state,
        }
    }
}

/// Whether a signed statement can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Statement and content are as they were signed.
    Intact,
    /// The statement is as it was signed, but of other content.
    Changed,
    /// The signature does not fit the statement.
    Forged,
}

/// What looking for a statement gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is none.
    Nothing,
    /// It says that a trained model made it, without a signature of ours: some other program does.
    Unsigned,
    /// There is one with a signature.
    Signed {
        /// What it says.
        statement: Statement,
        /// Of the public key: see [`super::fingerprint`].
        fingerprint: String,
        /// Whether it can be relied on.
        state: State,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Nothing => f.write_str("no statement of origin"),
            Finding::Unsigned => f.write_str(
                "says that a trained model made it; the statement is not signed, so anybody may have written it",
            ),
            Finding::Signed {
                statement,
                fingerprint,
                state,
            } => {
                let Statement { model, program, .. } = statement;
                match state {
                    State::Intact => write!(
                        f,
                        "made by the model {model:?} with {program}; unchanged since it was signed with the local key {fingerprint}, for which nobody vouches"
                    ),
                    State::Changed => write!(
                        f,
                        "the statement names the model {model:?} with {program}, signed with the local key {fingerprint}; the content was changed since, or is another"
                    ),
                    State::Forged => write!(
                        f,
                        "the statement names the model {model:?}, but its signature is not that of the key {fingerprint}: it was altered"
                    ),
                }
            }
        }
    }
}
