//! A signed statement beside a file that has no place for one, a text above all: `FILE.mark.json`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Content, Finding, SOURCE_TYPE, Signed, Signer, Statement};
use crate::{MarkError, hex};

/// The name of the sidecar of a file: its own with `.mark.json` after it.
pub fn path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".mark.json");
    name.into()
}

/// The sidecar of some bytes, as JSON. The signature covers every byte: a text whose line ends were changed is another.
pub fn written(bytes: &[u8], model: &str, signer: &Signer) -> String {
    let content = Content::of_bytes(bytes);
    let signed = Signed::new(Statement::new(model, content), signer);
    let statement = &signed.statement;
    let value = json!({
        "statement": {
            "digital_source_type": SOURCE_TYPE,
            "model": statement.model,
            "program": statement.program,
            "sha256": hex::encoded(statement.content.digest()),
        },
        "public_key": hex::encoded(&signed.public_key),
        "signature": hex::encoded(&signed.signature),
    });
    format!("{value:#}\n")
}

/// Holds a sidecar against the bytes that it stands beside.
///
/// # Errors
/// [`MarkError::NotSidecar`] if it is not one.
pub fn verify(bytes: &[u8], sidecar: &str) -> Result<Finding, MarkError> {
    let signed = read(sidecar).ok_or(MarkError::NotSidecar)?;
    Ok(signed.checked(Content::of_bytes(bytes)))
}

fn read(sidecar: &str) -> Option<Signed> {
    let value: Value = serde_json::from_str(sidecar).ok()?;
    let text = |value: &Value, key: &str| Some(value.get(key)?.as_str()?.to_owned());
    let statement = value.get("statement")?;
    (text(statement, "digital_source_type")? == SOURCE_TYPE).then_some(())?;
    Some(Signed {
        statement: Statement {
            model: text(statement, "model")?,
            program: text(statement, "program")?,
            content: Content::Bytes(hex::decoded(&text(statement, "sha256")?)?),
        },
        public_key: hex::decoded(&text(&value, "public_key")?)?,
        signature: hex::decoded(&text(&value, "signature")?)?,
    })
}
