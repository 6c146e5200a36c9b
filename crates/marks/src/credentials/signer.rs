//! The local key that statements are signed with: Ed25519 (RFC 8032), one file on this machine.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

use crate::{MarkError, hex};

/// Signs statements. Who made the key is nobody's testimony: a signature says that the statement and the content are as the
/// owner of the key left them, not who that is.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.fingerprint())
    }
}

impl Signer {
    /// The key of a seed of 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Signer(SigningKey::from_bytes(seed))
    }

    /// The key in a file; where there is no file, a key is drawn from the system's random numbers and the file made, which on
    /// Unix only its owner may read. The folder must exist.
    ///
    /// # Errors
    /// [`MarkError::File`]: the file cannot be read or made, or is no key.
    pub fn open_or_create(file: &Path) -> Result<Self, MarkError> {
        let problem = |problem: String| MarkError::File {
            file: file.to_owned(),
            problem,
        };
        match std::fs::read_to_string(file) {
            Ok(text) => {
                let seed = hex::decoded(text.trim())
                    .ok_or_else(|| problem("this is not a signing key of 64 digits".into()))?;
                Ok(Signer::from_seed(&seed))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let mut seed = [0; 32];
                getrandom::fill(&mut seed).map_err(|error| problem(error.to_string()))?;
                let mut options = OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let made = options.open(file);
                made.and_then(|mut to| writeln!(to, "{}", hex::encoded(&seed)))
                    .map_err(|error| problem(error.to_string()))?;
                Ok(Signer::from_seed(&seed))
            }
            Err(error) => Err(problem(error.to_string())),
        }
    }

    /// The public key.
    pub fn public_key(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// What the public key is told by: see [`fingerprint`].
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.public_key())
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

/// The first 16 hexadecimal digits of the SHA-256 digest of a public key, in fours.
pub fn fingerprint(public_key: &[u8; 32]) -> String {
    let digest = crate::key::digest(&[public_key]);
    let fours = digest[..8].chunks_exact(2).map(hex::encoded);
    fours.collect::<Vec<_>>().join(" ")
}

/// Whether the signature is that of the key over the message; keys of small order, which sign everything, are refused.
pub(crate) fn is_signed(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(public_key).is_ok_and(|key| {
        key.verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    })
}
