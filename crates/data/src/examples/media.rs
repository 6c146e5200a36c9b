//! Sounds and images as examples: each file becomes one sequence, so that whatever reads sequences
//! reads them.
//!
//! A sound is a sequence of log-mel frames, an image one of its rows. What the files do not agree
//! on is inferred over all of them, told, and kept in [`Media`], so that files read later become
//! sequences of the same form.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{ExampleOptions, Examples, Inputs, Origin, Sequence, Sequences};
use crate::error::{DataError, Place};
use crate::picture::{self, Colour, Picture, Stack};
use crate::read::{Assumption, ending, read_file};
use crate::sound::{self, LogMel, RATES, Sound};
use crate::table::listed;

/// How sounds or images became sequences. The same values in [`ExampleOptions`] make the same sequences
/// of the same files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Sounds: dimensions are bands, steps are frames, as [`LogMel`] makes them.
    Sound {
        /// Samples a second (Hz), after resampling.
        rate: u32,
        /// Bands.
        bands: usize,
        /// How far below its loudest band (dB) a sound counts as silent, 0 where levels are absolute.
        range: u32,
    },
    /// Images: dimensions are the pixels of a row, steps are rows, as [`picture::Picture::rows`] makes
    /// them.
    Image {
        /// Width and height (pixels), after resizing.
        size: (usize, usize),
        /// Numbers a pixel.
        colour: Colour,
    },
}

impl Media {
    /// `wanted` with what was inferred, so that other files become sequences of the same form.
    #[must_use]
    pub fn options(self, wanted: ExampleOptions) -> ExampleOptions {
        match self {
            Media::Sound { rate, bands, range } => ExampleOptions {
                rate: Some(rate),
                bands: Some(bands),
                range: Some(range),
                ..wanted
            },
            Media::Image { size, colour } => ExampleOptions {
                size: Some(size),
                colour: Some(colour),
                ..wanted
            },
        }
    }
}

/// What a file is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// `.wav` or `.flac`.
    Sound,
    /// `.png`, `.jpg`, `.jpeg` or `.gif`.
    Image,
    /// Several images: IDX (`-idx3-ubyte`, `.idx3-ubyte`, `.idx`; also the labels, `idx1`) or the binary
    /// files of CIFAR (`.bin`), each with `.gz` or without.
    Stack,
}

impl MediaKind {
    /// The kind of a file of this name; `None` if it is none of them.
    pub fn of(file: &Path) -> Option<Self> {
        let name = file.file_name()?.to_string_lossy().to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        if matches!(ending(file).as_str(), "bin" | "idx")
            || (plain.ends_with("-ubyte") && plain.contains("idx"))
        {
            return Some(MediaKind::Stack);
        }
        match name.rsplit_once('.')?.1 {
            "wav" | "flac" => Some(MediaKind::Sound),
            "png" | "jpg" | "jpeg" | "gif" => Some(MediaKind::Image),
            _ => None,
        }
    }

    /// Whether a file of this name is one sound or one image.
    pub(super) fn is_one(file: &Path) -> bool {
        matches!(Self::of(file), Some(MediaKind::Sound | MediaKind::Image))
    }

    pub(super) fn plural(self) -> &'static str {
        match self {
            MediaKind::Sound => "sounds",
            MediaKind::Image | MediaKind::Stack => "images",
        }
    }
}

/// Bands of a sound where none are asked for.
const BANDS: usize = 40;
/// How far below its loudest band (dB) a sound counts as silent where nothing else is asked for.
const RANGE: u32 = 60;

/// Width and height of images of different or large sizes where none is asked for.
const SIZE: (usize, usize) = (28, 28);

/// The longest side that images of one size keep where none is asked for.
const LARGEST_KEPT: usize = 64;

/// The longest side that can be asked for.
const LARGEST: usize = 4_096;

/// A sound or an image to be read, its name beside others, and its class.
pub(super) struct Item<'a> {
    pub(super) file: PathBuf,
    pub(super) held: Held<'a>,
    /// What it is called in what is predicted.
    pub(super) id: String,
    pub(super) label: Option<String>,
}

/// Where an item is.
pub(super) enum Held<'a> {
    /// It is the file.
    OnDisk,
    /// It is the file, whose bytes are these.
    InMemory(&'a [u8]),
    /// It is this one of the images of the file, from 0; all of them are items, in order.
    Stack(Rc<Stack<'a>>, usize),
}

impl Item<'_> {
    fn kind(&self) -> Option<MediaKind> {
        match self.held {
            Held::OnDisk | Held::InMemory(_) => MediaKind::of(&self.file),
            Held::Stack(..) => Some(MediaKind::Image),
        }
    }

    fn bytes(&self) -> Result<Cow<'_, [u8]>, DataError> {
        match self.held {
            Held::InMemory(bytes) => Ok(Cow::Borrowed(bytes)),
            Held::OnDisk | Held::Stack(..) => read_file(&self.file).map(Cow::Owned),
        }
    }

    /// Width and height (pixels) of an image.
    fn dimensions(&self) -> Result<(usize, usize), DataError> {
        match &self.held {
            Held::Stack(stack, _) => Ok(stack.size()),
            _ => picture::dimensions(&self.file, &self.bytes()?),
        }
    }

    fn picture(&self) -> Result<Picture, DataError> {
        match &self.held {
            Held::Stack(stack, at) => Ok(stack.picture(*at)),
            _ => picture::decode(&self.file, &self.bytes()?),
        }
    }
}

/// The examples of files of one kind; at least one of them. They have classes if every one has.
pub(super) fn read(
    mut items: Vec<Item<'_>>,
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<Examples, DataError> {
    if options.skip_broken {
        leave_out_broken(&mut items, told)?;
    }
    let (Some(first), Some(kind)) = (items.first(), items.iter().find_map(Item::kind)) else {
        return Err(DataError::NoFile);
    };
    if let Some(other) = items.iter().find(|item| item.kind() != Some(kind)) {
        return Err(unfit(
            &other.file,
            format!(
                "of this file and {}, only one is among the {}",
                first.file.display(),
                kind.plural()
            ),
            "Give sounds alone, or images alone.",
        ));
    }
    refuse_columns(&first.file, kind, options)?;
    let (media, sequences) = match kind {
        MediaKind::Sound => sounds(&items, options, told)?,
        MediaKind::Image | MediaKind::Stack => images(&items, options, told)?,
    };
    let labels = items.iter().map(|item| item.label.clone()).collect();
    let (mut files, mut origins) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in items {
        let at = match item.held {
            Held::OnDisk | Held::InMemory(_) => 0,
            Held::Stack(_, at) => at,
        };
        if at == 0 {
            files.push(item.file);
        }
        origins.push(Origin {
            file: files.len() - 1,
            place: Place::Row(at + 1),
            id: Some(item.id),
        });
    }
    Ok(Examples {
        inputs: Inputs::Sequences(sequences),
        labels,
        origins,
        files,
        media: Some(media),
    })
}

/// Leaves out what cannot be read, and tells it.
///
/// # Errors
/// What is wrong with the first one, if none is left.
fn leave_out_broken(
    items: &mut Vec<Item<'_>>,
    told: &mut Vec<Assumption>,
) -> Result<(), DataError> {
    let (all, mut broken, mut first) = (items.len(), Vec::new(), None);
    items.retain(|item| {
        let read = match item.kind() {
            Some(MediaKind::Sound) => item
                .bytes()
                .and_then(|bytes| sound::decode(&item.file, &bytes))
                .map(|_| ()),
            _ => item.picture().map(|_| ()),
        };
        let Err(error) = read else { return true };
        broken.push(item.id.clone());
        first.get_or_insert(error);
        false
    });
    match first {
        None => Ok(()),
        Some(error) if items.is_empty() => Err(error),
        Some(error) => {
            let names = listed(&broken);
            let found = format!("{} of {all}: {names}; the first: {error}", broken.len());
            told.push(Assumption::new("left out, cannot be read", found));
            Ok(())
        }
    }
}

pub(super) fn unfit(file: &Path, problem: impl Into<String>, advice: &'static str) -> DataError {
    DataError::Unfit {
        file: file.to_owned(),
        problem: problem.into(),
        advice,
    }
}

/// Refuses what is said of sounds or images where the examples are neither.
pub(super) fn refuse_media_options(file: &Path, options: &ExampleOptions) -> Result<(), DataError> {
    let given = [
        (options.rate.is_some(), "a rate of samples"),
        (options.bands.is_some(), "a number of bands"),
        (options.range.is_some(), "a dynamic range"),
        (options.size.is_some(), "a size of images"),
        (options.colour.is_some(), "a colour of images"),
        (options.skip_broken, "leaving out broken files"),
    ];
    match given.iter().find(|(is_given, _)| *is_given) {
        None => Ok(()),
        Some((_, what)) => Err(unfit(
            file,
            format!("{what} was asked for, and the examples are neither sounds nor images"),
            "Leave it out.",
        )),
    }
}

/// Refuses what is said of columns, and of the other kind of files.
fn refuse_columns(file: &Path, kind: MediaKind, options: &ExampleOptions) -> Result<(), DataError> {
    let columns = options.text.is_some() || options.sequence.is_some() || options.dims.is_some();
    if columns {
        return Err(unfit(
            file,
            format!("columns were named, and {} have none", kind.plural()),
            "Leave the options about columns out.",
        ));
    }
    let foreign = match kind {
        MediaKind::Sound => options.size.is_some() || options.colour.is_some(),
        MediaKind::Image | MediaKind::Stack => {
            options.rate.is_some() || options.bands.is_some() || options.range.is_some()
        }
    };
    match (foreign, kind) {
        (false, _) => Ok(()),
        (true, MediaKind::Sound) => Err(unfit(
            file,
            "a size or colour of images was asked for, and the examples are sounds",
            "Leave it out.",
        )),
        (true, MediaKind::Image | MediaKind::Stack) => Err(unfit(
            file,
            "a rate, bands or a range of sounds were asked for, and the examples are images",
            "Leave them out.",
        )),
    }
}

fn sounds(
    items: &[Item<'_>],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<(Media, Sequences), DataError> {
    let decoded =
        |item: &Item<'_>| -> Result<Sound, DataError> { sound::decode(&item.file, &item.bytes()?) };
    let first = &items[0].file;
    let bands = options.bands.unwrap_or(BANDS);
    let rate = match options.rate {
        Some(rate) if RATES.contains(&rate) => rate,
        Some(rate) => {
            return Err(unfit(
                first,
                format!(
                    "a rate of {rate} samples a second was asked for: expected {} to {}",
                    RATES.start(),
                    RATES.end()
                ),
                "Give another one.",
            ));
        }
        // Every file is decoded twice rather than all of them kept.
        None => {
            let mut lowest = u32::MAX;
            for item in items {
                lowest = lowest.min(decoded(item)?.rate);
            }
            lowest
        }
    };
    let mel = LogMel::new(rate, bands).map_err(|wrong| {
        let advice = "Ask for fewer bands, or a higher rate.";
        unfit(first, format!("the sounds cannot have {wrong}"), advice)
    })?;
    let range = options.range.unwrap_or(RANGE);
    let mel = mel.with_range(range);
    let (mut others, mut mixed): (BTreeMap<u32, usize>, usize) = (BTreeMap::new(), 0);
    let mut sequences = Vec::with_capacity(items.len());
    for item in items {
        let sound = decoded(item)?;
        mixed += usize::from(sound.channels > 1);
        if sound.rate == rate {
            sequences.push(mel.sequence(&sound.samples));
            continue;
        }
        *others.entry(sound.rate).or_default() += 1;
        let length = sound.samples.len() as u64 * u64::from(rate) / u64::from(sound.rate);
        if length > sound::MOST_SAMPLES as u64 {
            return Err(unfit(
                &item.file,
                format!(
                    "at {rate} Hz it has more than {} samples",
                    sound::MOST_SAMPLES
                ),
                "Ask for a lower rate, or cut the recording into examples.",
            ));
        }
        let samples = sound::resample(&sound.samples, sound.rate, rate);
        sequences.push(mel.sequence(&samples));
    }
    if options.rate.is_none() || !others.is_empty() {
        let rates: Vec<String> = others
            .iter()
            .map(|(rate, count)| format!("{count} of {rate} Hz"))
            .collect();
        let found = match rates.is_empty() {
            true => format!("{rate} Hz"),
            false => format!("{rate} Hz; resampled: {}", rates.join(", ")),
        };
        told.push(Assumption::new("rate", found));
    }
    if mixed > 0 {
        let found = format!(
            "{mixed} of {} sounds have several: their mean is taken",
            items.len()
        );
        told.push(Assumption::new("channels", found));
    }
    if options.bands.is_none() {
        told.push(Assumption::new("bands", bands.to_string()));
    }
    Ok((
        Media::Sound { rate, bands, range },
        Sequences {
            dims: (1..=bands).map(|band| format!("mel_{band}")).collect(),
            items: sequences,
        },
    ))
}

fn images(
    items: &[Item<'_>],
    options: &ExampleOptions,
    told: &mut Vec<Assumption>,
) -> Result<(Media, Sequences), DataError> {
    let size = match options.size {
        Some(size @ (1..=LARGEST, 1..=LARGEST)) => size,
        Some((width, height)) => {
            return Err(unfit(
                &items[0].file,
                format!(
                    "images of {width}x{height} were asked for: expected sides of 1 to {LARGEST}"
                ),
                "Give another size.",
            ));
        }
        None => common_size(items, told)?,
    };
    let (width, height) = size;
    let mut coloured = 0;
    // Grey until one of them has a colour.
    let mut read_as = options.colour.unwrap_or(Colour::Grey);
    let mut sequences = Vec::with_capacity(items.len());
    for item in items {
        let picture = item.picture()?;
        if options.colour.is_none() && picture.has_colour() {
            coloured += 1;
            if read_as == Colour::Grey {
                read_as = Colour::Rgb;
                sequences.iter_mut().for_each(in_three_channels);
            }
        }
        sequences.push(picture.rows(width, height, read_as));
    }
    let colour = match options.colour {
        Some(colour) => colour,
        None if coloured > 0 => {
            let found = format!("rgb: {coloured} of {} images have some", items.len());
            told.push(Assumption::new("colour", found));
            Colour::Rgb
        }
        None => {
            told.push(Assumption::new("colour", "grey: no image has any"));
            Colour::Grey
        }
    };
    let pixels = 1..=width;
    let dims = match colour {
        Colour::Grey => pixels.map(|x| format!("pixel_{x}")).collect(),
        Colour::Rgb => pixels
            .flat_map(|x| ["red", "green", "blue"].map(|name| format!("{name}_{x}")))
            .collect(),
    };
    Ok((
        Media::Image { size, colour },
        Sequences {
            dims,
            items: sequences,
        },
    ))
}

/// A grey pixel as three equal channels.
fn in_three_channels(sequence: &mut Sequence) {
    let pixels = sequence.values.chunks_exact(sequence.steps.max(1));
    sequence.values = pixels.flat_map(|pixel| pixel.repeat(3)).collect();
}

/// The size of all images if it is one and small; otherwise the usual one.
fn common_size(
    items: &[Item<'_>],
    told: &mut Vec<Assumption>,
) -> Result<(usize, usize), DataError> {
    let mut sizes: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for item in items {
        *sizes.entry(item.dimensions()?).or_default() += 1;
    }
    let only = sizes.keys().next().filter(|_| sizes.len() == 1).copied();
    let (size, why) = match only {
        Some(size) if size.0.max(size.1) <= LARGEST_KEPT => {
            (size, "that of every image".to_owned())
        }
        Some((width, height)) => (SIZE, format!("every image is shrunk from {width}x{height}")),
        None => (
            SIZE,
            format!("images of {} sizes are stretched or shrunk", sizes.len()),
        ),
    };
    told.push(Assumption::new(
        "image size",
        format!("{}x{}: {why}", size.0, size.1),
    ));
    Ok(size)
}
