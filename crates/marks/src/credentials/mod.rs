//! Signed statements of origin: that a trained model made an image, which one, and whether the image was changed since.
//!
//! The statement stands in the PNG file as XMP, under the property that IPTC has for it, signed with a local Ed25519 key
//! ([`Signer`]); the signature covers the statement and every pixel. It shows tampering, not the author: nobody vouches for the key, and who removes
//! the packet leaves nothing of it, which is what the watermark is for. Files of other kinds have it beside them: [`sidecar`].

mod container;
pub mod sidecar;
mod signer;
mod statement;
mod xmp;

use std::path::Path;

pub use signer::{Signer, fingerprint};
pub(crate) use statement::Signed;
pub use statement::{Content, Finding, SOURCE_TYPE, State, Statement};

use crate::{MarkError, Pixels};
use xmp::Packet;

/// Puts a signed statement into a PNG file, in the place of any XMP packet that it has; all else stays as it is.
///
/// # Errors
/// [`MarkError::Data`] if it cannot be decoded, [`MarkError::NotPng`] if it is of another format.
pub fn attach(bytes: &[u8], model: &str, signer: &Signer) -> Result<Vec<u8>, MarkError> {
    let pixels = Pixels::decode("image.png".as_ref(), bytes)?;
    let statement = Statement::new(model, Content::of_pixels(&pixels));
    let packet = xmp::written(&Signed::new(statement, signer));
    container::with_packet(bytes, &packet).ok_or(MarkError::NotPng)
}

/// Looks for a statement in a PNG or JPEG file and holds it against the pixels. (A PNG made a JPEG by a program that keeps
/// XMP has one, of other pixels.) `file` is named in errors alone.
///
/// # Errors
/// [`MarkError::Data`] if there is a signed statement and the pixels cannot be decoded.
pub fn verify(file: &Path, bytes: &[u8]) -> Result<Finding, MarkError> {
    match container::packet(bytes).map_or(Packet::Silent, xmp::read) {
        Packet::Silent => Ok(Finding::Nothing),
        Packet::Unsigned => Ok(Finding::Unsigned),
        Packet::Signed(signed) => {
            let pixels = Pixels::decode(file, bytes)?;
            Ok(signed.checked(Content::of_pixels(&pixels)))
        }
    }
}

#[cfg(test)]
mod tests;
