//! The secret that a watermark is made from, and the fair signs and seeds drawn from it.

use sha2::{Digest as _, Sha256};

/// The key of a watermark: who has it can find the mark, and remove or forge it too.
///
/// Marks that anybody shall be able to find are made with [`Key::project`], which is public and so stops nobody who wants
/// to remove them; a private key of 32 random bytes is kept like a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    /// Without the bytes: a key must not reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(..)")
    }
}

impl Key {
    /// A key of any bytes; 32 random ones make a private key.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Key(digest(&[b"ressac-marks key\0", bytes]))
    }

    /// The public key of this project: the same in every copy of Ressac, so that each finds the marks of all.
    ///
    /// Made from a sentence, so that it was not chosen to fit some image.
    pub fn project() -> Self {
        Key::from_bytes(b"Ressac marks what its models make.")
    }

    /// 32 bytes for one purpose, of a name that is not the beginning of another's, and `data`: unrelated to all others.
    pub(crate) fn bytes(&self, purpose: &[u8], data: &[u8]) -> [u8; 32] {
        digest(&[&self.0, purpose, data])
    }

    /// `count` signs, +1 or −1, for one purpose: the bits of successive digests of SHA-256.
    pub(crate) fn signs(&self, purpose: &[u8], count: usize) -> Vec<f32> {
        let digests = (0_u64..).flat_map(|n| self.bytes(purpose, &n.to_le_bytes()));
        let bits = digests.flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
        let signs = bits.map(|bit| if bit == 1 { 1.0 } else { -1.0 });
        signs.take(count).collect()
    }
}

/// SHA-256 of all parts, one after another.
pub(crate) fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
