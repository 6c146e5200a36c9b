//! Sounds and images: how they become sequences, as options say it and as a model keeps it.

use std::path::Path;

use ressac_data::examples::{ExampleOptions, Examples, Inputs, Labels, Media, MediaKind};
use ressac_data::picture::Colour;

use super::column;
use crate::ModelError;
use crate::error::option_error;
use crate::model::{Fact, Source, Sources};
use crate::options::{from_text, options};
use crate::ranges;
use crate::words::words;

words! {
    /// Where the classes of files in folders are.
    LabelFrom: "place" {
        /// The name of the folder that a file lies in.
        Folder = "folder",
    }
}

words! {
    /// The numbers of a pixel.
    Colours: "colour" {
        /// One: how bright it is.
        Grey = "grey",
        /// Three: red, green and blue.
        Rgb = "rgb",
    }
}

from_text!(LabelFrom, "a place in quotes");
from_text!(Colours, "a colour in quotes");

options! {
    /// Options of sounds and images, shared by every family that reads some.
    pub MediaOptions => MediaConfig {
        "Sounds and images" {
            /// Where the classes of sounds and images in folders are: folder, the name of the folder that each lies in
            label_from "PLACE" ["looked for"]: LabelFrom => Option<LabelFrom>,
            /// Column that names sounds or images, relative to the table
            file "COL" ["looked for"]: String => Option<String>,
            /// Samples a second (Hz) that sounds are brought to
            rate "HZ" ["the lowest of the files"]: usize => Option<usize>,
            /// Bands of a sound's log-mel frames
            bands "N" ["40"]: usize => Option<usize>,
            /// How far below its loudest band (dB) a sound counts as silent; levels are relative to that band. 0 keeps absolute levels
            dynamic_range "DB" ["60"]: usize => Option<usize>,
            /// Width and height (pixels) that images are brought to
            size "WxH" ["their own if all have the same and no side is beyond 64, else 28x28"]: String => Option<String>,
            /// Numbers of a pixel: grey or rgb
            colour "COLOUR" ["grey if no image has a colour"]: Colours => Option<Colours>,
            /// Whether sounds and images that cannot be read are left out, and told
            skip_broken "yes|no" ["no: the first one is an error"]: bool => Option<bool>,
        }
    }
}

impl MediaOptions {
    /// What the options say of sounds and images, beside what `into` says of everything else.
    ///
    /// # Errors
    /// A size that is none; two places of the classes.
    pub(crate) fn add_to(&self, into: ExampleOptions) -> Result<ExampleOptions, ModelError> {
        let label = match (self.label_from, &into.label) {
            (Some(LabelFrom::Folder), Labels::Column(_)) => {
                return Err(option_error(
                    "label_from",
                    "and `label` say two places of the classes: give one of them",
                ));
            }
            (Some(LabelFrom::Folder), Labels::Several { .. }) => {
                return Err(option_error(
                    "label_separator",
                    "is for cells of a table, and with `label_from` each file has the one class of its folder: leave one of the two out",
                ));
            }
            (Some(LabelFrom::Folder), _) => Labels::FromFolder,
            (None, other) => other.clone(),
        };
        Ok(ExampleOptions {
            label,
            file: self.file.as_deref().map(column),
            rate: self
                .rate
                .map(|rate| u32::try_from(rate).unwrap_or(u32::MAX)),
            bands: self.bands,
            range: (self.dynamic_range).map(|range| u32::try_from(range).unwrap_or(u32::MAX)),
            size: self.size.as_deref().map(size).transpose()?,
            colour: self.colour.map(|colour| match colour {
                Colours::Grey => Colour::Grey,
                Colours::Rgb => Colour::Rgb,
            }),
            skip_broken: self.skip_broken.unwrap_or(false),
            ..into
        })
    }

    /// The options with what was inferred of the sounds or images trained on.
    ///
    /// # Errors
    /// A range of decibels that is none.
    pub(crate) fn resolve(&self, examples: &Examples) -> Result<MediaConfig, ModelError> {
        let mut config = MediaConfig {
            label_from: self.label_from,
            file: self.file.clone(),
            rate: self.rate,
            bands: self.bands,
            dynamic_range: self.dynamic_range,
            size: self.size.clone(),
            colour: self.colour,
            skip_broken: self.skip_broken,
        };
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
        config.check().map(|()| config)
    }
}

impl MediaConfig {
    /// Refuses values out of their range.
    ///
    /// # Errors
    /// [`ModelError::Options`] naming the key.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        match self.dynamic_range {
            Some(range) => ranges::whole("dynamic_range", range, 0..=200),
            None => Ok(()),
        }
    }

    /// The same as options, for files that are read again.
    pub(crate) fn as_options(&self) -> MediaOptions {
        MediaOptions {
            label_from: self.label_from,
            file: self.file.clone(),
            rate: self.rate,
            bands: self.bands,
            // Folders of earlier versions had absolute levels.
            dynamic_range: self.dynamic_range.or(self.rate.map(|_| 0)),
            size: self.size.clone(),
            colour: self.colour,
            skip_broken: self.skip_broken,
        }
    }

    /// Height, width and numbers a pixel of images; nothing for everything else.
    pub(crate) fn sides(&self) -> Option<[usize; 3]> {
        let (width, height) = self.size.as_deref()?.split_once('x')?;
        let channels = match self.colour? {
            Colours::Grey => 1,
            Colours::Rgb => 3,
        };
        Some([height.parse().ok()?, width.parse().ok()?, channels])
    }

    /// Whether a model was trained on sounds or images.
    pub(crate) fn is_there(&self) -> bool {
        self.rate.is_some() || self.size.is_some()
    }

    /// What `show` tells of the sounds or images.
    pub(crate) fn fact(&self) -> Option<Fact> {
        Some(match (self.rate, &self.size, self.colour) {
            (Some(rate), _, _) => Fact::new(
                "sounds",
                format!(
                    "at {rate} Hz, in {} bands{}",
                    self.bands.unwrap_or(0),
                    match self.dynamic_range {
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

/// What examples are called.
pub(crate) fn noun(examples: &Examples) -> &'static str {
    match (&examples.inputs, examples.media) {
        (Inputs::Texts(_), _) => "texts",
        (_, Some(Media::Sound { .. })) => "sounds",
        (_, Some(Media::Image { .. })) => "images",
        (Inputs::Sequences(of), None) if of.items.iter().all(|item| item.steps == 1) => "rows",
        (Inputs::Sequences(_), None) => "sequences",
    }
}

/// The paths of sources that lie on disk and may be folders, sounds, images or tables that name some: only a path says where
/// the files that a table names are. Nothing where some are in memory.
pub(crate) fn paths(sources: &Sources) -> Option<Vec<std::path::PathBuf>> {
    let paths = sources.of.iter().map(|source| match source {
        Source::File(path) => Some(path.clone()),
        Source::Bytes { .. } | Source::Text(_) => None,
    });
    paths.collect()
}

/// Whether a path is a folder, a sound or an image.
pub(crate) fn is_media_path(path: &Path) -> bool {
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
