//! Content credentials of the C2PA (specification 2.x), which other programs read and check: in PNG and JPEG files, with the crate `c2pa`.
//!
//! The certificate is made on this machine for each signature, its authority too: it is on nobody's trust list, and
//! programs that check say so. What it proves is that the file was not changed since.

use std::fmt;
use std::io::Cursor;

use c2pa::{
    Builder, BuilderIntent, Context, DigitalSourceType, EphemeralSigner, Reader, ValidationState,
};
use serde_json::{Value, json};

use super::{SOURCE_TYPE, statement::PROGRAM};
use crate::MarkError;

/// The assertion that names the model.
const MODEL: &str = "ressac.model";

/// Whether a manifest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// The file is as it was signed, by a certificate on a trust list.
    Trusted,
    /// The file is as it was signed, by a certificate that is on no trust list.
    LocalCertificate,
    /// The file or the manifest was changed since, or the manifest is malformed.
    Tampered,
}

/// What a file's manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The model, where Ressac made the manifest.
    pub model: Option<String>,
    /// Whether it says that a trained model made the file ([`SOURCE_TYPE`]).
    pub by_trained_model: bool,
    /// Who issued the certificate.
    pub issuer: Option<String>,
    /// Whether it holds.
    pub validity: Validity,
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let made = match self.by_trained_model {
            true => "content credentials: made by a trained model",
            false => "content credentials that name no trained model",
        };
        f.write_str(made)?;
        if let Some(model) = &self.model {
            write!(f, ", {model:?}")?;
        }
        f.write_str(match self.validity {
            Validity::Trusted => {
                "; unchanged since it was signed, by a certificate on a trust list"
            }
            Validity::LocalCertificate => {
                "; unchanged since it was signed, by a local certificate, not on a trust list"
            }
            Validity::Tampered => "; changed since it was signed, or malformed",
        })
    }
}

/// Nothing is fetched from elsewhere, whatever a file says.
fn context() -> c2pa::Result<Context> {
    let settings = json!({
        "verify": { "remote_manifest_fetch": false, "ocsp_fetch": false, "verify_after_sign": false }
    });
    Context::new().with_settings(settings.to_string().as_str())
}

/// The MIME type of a PNG or JPEG file.
fn format(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, ..] => Some("image/jpeg"),
        _ => None,
    }
}

/// A PNG or JPEG file with a signed manifest: the action `c2pa.created` with [`SOURCE_TYPE`], and the model's name.
///
/// # Errors
/// [`MarkError::Credentials`] if it is of another format or cannot be signed.
pub fn sign(bytes: &[u8], model: &str) -> Result<Vec<u8>, MarkError> {
    let failed = |error: c2pa::Error| MarkError::Credentials(error.to_string());
    let format = format(bytes)
        .ok_or_else(|| MarkError::Credentials("the file is neither PNG nor JPEG".into()))?;
    let signed = || {
        let mut builder = Builder::from_context(context()?).with_definition(
            json!({ "title": "image", "claim_generator_info": [{ "name": PROGRAM }] }),
        )?;
        builder.set_intent(BuilderIntent::Create(
            DigitalSourceType::TrainedAlgorithmicMedia,
        ));
        builder.add_assertion(MODEL, &json!({ "name": model }))?;
        let signer = EphemeralSigner::new("ressac.local")?;
        let mut out = Cursor::new(Vec::new());
        builder.sign(&signer, format, &mut Cursor::new(bytes), &mut out)?;
        Ok(out.into_inner())
    };
    signed().map_err(failed)
}

/// The manifest of a PNG or JPEG file, if it has one.
///
/// # Errors
/// [`MarkError::Credentials`] if there is one that cannot be read.
pub fn read(bytes: &[u8]) -> Result<Option<Manifest>, MarkError> {
    let Some(format) = format(bytes) else {
        return Ok(None);
    };
    let reader = context()
        .and_then(|context| Reader::from_context(context).with_stream(format, Cursor::new(bytes)));
    let reader = match reader {
        Ok(reader) => reader,
        Err(c2pa::Error::JumbfNotFound) => return Ok(None),
        Err(error) => return Err(MarkError::Credentials(error.to_string())),
    };
    let Some(manifest) = reader.active_manifest() else {
        return Ok(None);
    };
    let model = manifest.find_assertion::<Value>(MODEL).ok();
    let model = model.and_then(|value| Some(value.get("name")?.as_str()?.to_owned()));
    let actions = ["c2pa.actions.v2", "c2pa.actions"];
    let mut actions = actions
        .iter()
        .filter_map(|label| manifest.find_assertion::<Value>(label).ok());
    let made = |action: &Value| {
        action.get("action").and_then(Value::as_str) == Some("c2pa.created")
            && action.get("digitalSourceType").and_then(Value::as_str) == Some(SOURCE_TYPE)
    };
    let listed = |value: Value| {
        value
            .get("actions")
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(made))
    };
    Ok(Some(Manifest {
        model,
        by_trained_model: actions.any(listed),
        issuer: manifest.issuer(),
        validity: match reader.validation_state() {
            ValidationState::Trusted => Validity::Trusted,
            ValidationState::Valid => Validity::LocalCertificate,
            ValidationState::Invalid => Validity::Tampered,
        },
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pixels;
    use ressac_data::picture::Colour;

    fn png() -> Vec<u8> {
        let levels = (0..16 * 16 * 3).map(|k| (k * 11 % 256) as u8).collect();
        Pixels::new(16, 16, Colour::Rgb, levels)
            .unwrap()
            .encode_png()
    }

    #[test]
    fn a_manifest_names_the_model_and_shows_a_changed_file() {
        let file = sign(&png(), "shells").unwrap();
        let manifest = read(&file).unwrap().unwrap();
        assert_eq!(manifest.model.as_deref(), Some("shells"));
        assert!(manifest.by_trained_model);
        assert_eq!(manifest.validity, Validity::LocalCertificate);
        assert!(manifest.to_string().contains("not on a trust list"));
        // The last byte of pixels, before the end chunk and two checksums.
        let mut changed = file.clone();
        let at = changed.len() - 12 - 4 - 1;
        changed[at] ^= 1;
        let manifest = read(&changed).unwrap().unwrap();
        assert_eq!(manifest.validity, Validity::Tampered);
        assert_eq!(read(&png()).unwrap(), None);
        assert_eq!(read(b"text").unwrap(), None);
        assert!(sign(b"text", "m").is_err());
    }

    #[test]
    fn a_file_cut_short_does_no_harm() {
        let file = sign(&png(), "m").unwrap();
        for cut in (0..file.len()).step_by(97) {
            let whole = read(&file[..cut]).ok().flatten();
            assert!(whole.is_none_or(|manifest| manifest.validity == Validity::Tampered));
        }
    }
}
