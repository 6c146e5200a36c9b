//! Sounds and images: how they become sequences, as options say it and as a model keeps it.

use std::path::Path;

use ressac_data::examples::{ExampleOptions, Examples, Inputs, Labels, Media, MediaKind};
use ressac_data::picture::Colour;

use super::augment::Kind;
use super::choices::{Colours, LabelFrom};
use super::config::{ClassifyConfig, ClassifyOptions};
use crate::ModelError;
use crate::error::option_error;
use crate::model::{Fact, Source, Sources};

/// What the options say of sounds and images.
///
/// # Errors
/// A size or a rate that is none.
pub(super) fn options(
    of: &ClassifyOptions,
    into: ExampleOptions,
) -> Result<ExampleOptions, ModelError> {
    let label = match of.label_from {
        Some(LabelFrom::Folder) if of.label.is_some() => {
            return Err(option_error(
                "label_from",
                "and `label` say two places of the classes: give one of them",
            ));
        }
        Some(LabelFrom::Folder) if of.label_separator.is_some() => {
            return Err(option_error(
                "label_separator",
                "is for cells of a table, and with `label_from` each file has the one class of its folder: leave one of the two out",
            ));
        }
        Some(LabelFrom::Folder) => Labels::FromFolder,
        None => into.label.clone(),
    };
    Ok(ExampleOptions {
        label,
        file: of.file.as_deref().map(super::source::column),
        rate: of.rate.map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)),
        bands: of.bands,
        range: (of.dynamic_range).map(|range| u32::try_from(range).unwrap_or(u32::MAX)),
        size: of.size.as_deref().map(size).transpose()?,
        colour: of.colour.map(|colour| match colour {
            Colours::Grey => Colour::Grey,
            Colours::Rgb => Colour::Rgb,
        }),
        ..into
    })
}

/// `28x20` as width and height.
fn size(text: &str) -> Result<(usize, usize), ModelError> {
    let sides = text.split_once(['x', '×']);
    let sides = sides.and_then(|(w, h)| Some((w.trim().parse().ok()?, h.trim().parse().ok()?)));
    sides
        .filter(|(width, height)| *width > 0 && *height > 0)
        .ok_or_else(|| {
            option_error(
                "size",
                &format!("is `{text}`; write a width and a height in pixels, such as 28x28"),
            )
        })
}

/// What was inferred of the sounds or images trained on, as the configuration keeps it.
pub(super) fn keep(examples: &Examples, config: &mut ClassifyConfig) {
    match examples.media {
        Some(Media::Sound { rate, bands, range }) => {
            (config.rate, config.bands) = (Some(rate as usize), Some(bands));
            config.dynamic_range = Some(range as usize);
        }
        Some(Media::Image { size, colour }) => {
            config.size = Some(format!("{}x{}", size.0, size.1));
            config.colour = Some(match colour {
                Colour::Grey => Colours::Grey,
                Colour::Rgb => Colours::Rgb,
            });
        }
        None => {}
    }
}

/// What `show` tells of the sounds or images.
pub(super) fn fact(config: &ClassifyConfig) -> Option<Fact> {
    Some(match (config.rate, &config.size, config.colour) {
        (Some(rate), _, _) => Fact::new(
            "sounds",
            format!(
                "at {rate} Hz, in {} bands{}",
                config.bands.unwrap_or(0),
                match config.dynamic_range {
                    None | Some(0) => String::new(),
                    Some(range) => format!(", {range} dB down to silence"),
                }
            ),
        ),
        (None, Some(size), Some(colour)) => {
            Fact::new("images", format!("of {size} pixels, {colour}"))
        }
        _ => return None,
    })
}

/// What the sequences of a model are.
pub(super) fn kind(config: &ClassifyConfig) -> Kind {
    match (config.rate, config.colour) {
        (Some(_), _) => Kind::Sounds,
        (None, Some(Colours::Grey)) => Kind::Images(1),
        (None, Some(Colours::Rgb)) => Kind::Images(3),
        (None, None) => Kind::Numbers,
    }
}

/// What the sequences of examples are.
pub(super) fn kind_of(examples: &Examples) -> Kind {
    match examples.media {
        Some(Media::Sound { .. }) => Kind::Sounds,
        Some(Media::Image { colour, .. }) => Kind::Images(colour.channels()),
        None => Kind::Numbers,
    }
}

/// What examples are called.
pub(super) fn noun(examples: &Examples) -> &'static str {
    match (&examples.inputs, examples.media) {
        (Inputs::Texts(_), _) => "texts",
        (_, Some(Media::Sound { .. })) => "sounds",
        (_, Some(Media::Image { .. })) => "images",
        (Inputs::Sequences(_), None) => "sequences",
    }
}

/// Whether a model was trained on sounds or images.
pub(super) fn is_media(config: &ClassifyConfig) -> bool {
    config.rate.is_some() || config.size.is_some()
}

/// The paths of sources that lie on disk and may be folders, sounds, images or tables that name some: only a path says where
/// the files that a table names are. Nothing where some are in memory.
pub(super) fn paths(sources: &Sources) -> Option<Vec<std::path::PathBuf>> {
    let paths = sources.of.iter().map(|source| match source {
        Source::File(path) => Some(path.clone()),
        Source::Bytes { .. } | Source::Text(_) => None,
    });
    paths.collect()
}

/// Whether a path is a folder, a sound or an image.
pub(super) fn is_media_path(path: &Path) -> bool {
    path.is_dir() || MediaKind::of(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_width_and_a_height() {
        assert_eq!(size("28x20").unwrap(), (28, 20));
        for wrong in ["28", "0x3", "ax3", "3x"] {
            assert!(size(wrong).unwrap_err().to_string().contains("28x28"));
        }
    }
}
