//! Marks on what models make: a watermark in images, and a signed statement of origin in or beside every file.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use ressac_marks::credentials::{self, Finding, Signer, State, sidecar};
use ressac_marks::{Key, MarkError, Pixels, image};

use crate::failure::Failure;
use crate::opened::write;

/// Names the file of the signing key, instead of the usual place.
const KEY_FILE: &str = "RESSAC_SIGNING_KEY";

/// What marks are made with.
#[derive(Debug)]
pub(crate) struct Marker {
    signer: Signer,
    model: String,
    /// Images that are too small to carry a watermark.
    too_small: usize,
    watermarks: usize,
}

impl Marker {
    /// Marks as made by the model of this name, with the key of this machine's user, which is made where there is none.
    pub(crate) fn new(model: &str) -> Result<Self, Failure> {
        let file = key_file()?;
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| {
                Failure::failed(format!("cannot make `{}`: {error}", folder.display()))
            })?;
        }
        Ok(Self {
            signer: Signer::open_or_create(&file)?,
            model: model.to_owned(),
            too_small: 0,
            watermarks: 0,
        })
    }

    /// Writes a file that a model made: a PNG with a watermark where it is large enough and with a signed statement inside, anything else
    /// with the statement beside it. Gives the bytes written.
    pub(crate) fn write(&mut self, path: &Path, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        if !path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("png"))
        {
            write(path, bytes)?;
            let statement = sidecar::written(bytes, &self.model, &self.signer);
            write(&sidecar::path(path), statement.as_bytes())?;
            return Ok(bytes.to_vec());
        }
        let marked = match image::embed(&Pixels::decode(path, bytes)?, &Key::project()) {
            Ok(marked) => {
                self.watermarks += 1;
                marked.pixels.encode_png()
            }
            Err(MarkError::TooSmall { .. }) => {
                self.too_small += 1;
                bytes.to_vec()
            }
            Err(error) => return Err(error.into()),
        };
        let signed = credentials::attach(&marked, &self.model, &self.signer)?;
        write(path, &signed)?;
        Ok(signed)
    }

    /// What was marked, in words.
    pub(crate) fn told(&self) -> String {
        let watermark = match (self.watermarks, self.too_small) {
            (0, 0) => "a signed statement beside it",
            (_, 0) => "a signed statement and a watermark",
            (0, _) => "a signed statement; too small for a watermark",
            _ => "a signed statement, and a watermark where it is large enough",
        };
        format!(
            "marked with {watermark} (key {}); `ressac verify` finds it",
            self.signer.fingerprint()
        )
    }
}

/// Where the signing key lies.
fn key_file() -> Result<PathBuf, Failure> {
    if let Some(file) = std::env::var_os(KEY_FILE).filter(|file| !file.is_empty()) {
        return Ok(file.into());
    }
    let folder = |name: &str| std::env::var_os(name).filter(|folder| !folder.is_empty());
    let config = folder("XDG_CONFIG_HOME")
        .or_else(|| folder("APPDATA"))
        .map(PathBuf::from)
        .or_else(|| folder("HOME").map(|home| PathBuf::from(home).join(".config")));
    match config {
        Some(config) => Ok(config.join("ressac").join("signing-key")),
        None => Err(Failure::failed(format!(
            "there is no folder for the key that marks are signed with: name its file with {KEY_FILE}, or leave marks out with `--no-marks`"
        ))),
    }
}

/// What a file says of its origin.
pub(crate) struct Verified {
    /// For people, a line each.
    pub(crate) lines: Vec<String>,
    pub(crate) found: bool,
    pub(crate) json: Map<String, Value>,
}

/// Looks for every mark in a file.
pub(crate) fn verify(path: &Path) -> Result<Verified, Failure> {
    let unreadable = |error| Failure::failed(format!("cannot read `{}`: {error}", path.display()));
    let bytes = fs::read(path).map_err(unreadable)?;
    let beside = sidecar::path(path);
    let statement = match fs::read_to_string(&beside) {
        Ok(text) => sidecar::verify(&bytes, &text)
            .map_err(|error| Failure::failed(format!("{}: {error}", beside.display())))?,
        Err(_) => credentials::verify(path, &bytes)?,
    };
    let mut lines = vec![format!("statement: {statement}")];
    let mut json = Map::new();
    json.insert("file".into(), json!(path));
    json.insert("statement".into(), of_statement(&statement));
    let mut found = statement != Finding::Nothing;
    let is_image = path.extension().is_some_and(|end| {
        let end = end.to_string_lossy().to_lowercase();
        ["png", "jpg", "jpeg", "gif"].contains(&end.as_str())
    });
    if is_image {
        let (line, value, there) = watermark(path, &bytes)?;
        lines.push(format!("watermark: {line}"));
        json.insert("watermark".into(), value);
        found |= there;
    }
    Ok(Verified { lines, found, json })
}

fn of_statement(finding: &Finding) -> Value {
    match finding {
        Finding::Nothing => json!({ "state": "none" }),
        Finding::Unsigned => json!({ "state": "unsigned" }),
        Finding::Signed {
            statement,
            fingerprint,
            state,
        } => json!({
            "state": match state {
                State::Intact => "intact",
                State::Changed => "changed",
                State::Forged => "forged",
            },
            "model": statement.model,
            "program": statement.program,
            "key": fingerprint,
        }),
    }
}

/// What is said of the watermark of an image, and whether there is one.
fn watermark(path: &Path, bytes: &[u8]) -> Result<(String, Value, bool), Failure> {
    match image::detect(&Pixels::decode(path, bytes)?, &Key::project()) {
        Ok(detection) => {
            let bound = detection.log10_false_positive;
            let line = match detection.found {
                true => format!(
                    "found; an image without one looks like this with a probability of at most 1e{bound:.0}"
                ),
                false => format!(
                    "none found; it counts as found below a probability of 1e{:.0}",
                    image::THRESHOLD
                ),
            };
            let value = json!({ "found": detection.found, "log10_false_positive": bound });
            Ok((line, value, detection.found))
        }
        Err(MarkError::TooSmall { .. }) => Ok((
            format!(
                "too small to carry one: that takes {} pixels on each side",
                image::LEAST_MARKED
            ),
            json!({ "found": false, "too_small": true }),
            false,
        )),
        Err(error) => Err(error.into()),
    }
}
