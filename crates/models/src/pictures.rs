//! Images that a model has made, from their pixels to files: a sheet, a folder, an animation.
//!
//! Every image that `sample` writes passes [`Pictures::files`]: what is to be added to all of them belongs there.

use std::path::{Path, PathBuf};

use ressac_data::picture::{Colour, encode_gif, encode_png};

use crate::ModelError;
use crate::error::option_error;

/// Pixels between two images of a sheet.
const BETWEEN: usize = 2;

/// Hundredths of a second that an image of an animation is shown.
const SHOWN: u16 = 8;

/// Images of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Pictures {
    /// Values from 0 to 1, image after image, row after row, the channels of a pixel beside one another.
    values: Vec<f64>,
    size: [usize; 2],
    colour: Colour,
    /// What each is of; nothing where there is nothing to say.
    names: Vec<String>,
    /// Images side by side on a sheet.
    across: usize,
}

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureFile {
    /// Where.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
}

impl Pictures {
    /// Images from their pixels, 0 to 1, each of these heights, widths and channels.
    pub(crate) fn of(values: &[f32], [height, width, channels]: [usize; 3]) -> Self {
        let colour = match channels {
            3 => Colour::Rgb,
            _ => Colour::Grey,
        };
        let mut pictures = Self {
            values: values.iter().map(|value| f64::from(*value)).collect(),
            size: [height, width],
            colour,
            names: Vec::new(),
            across: 1,
        };
        pictures.across = (pictures.len() as f64).sqrt().ceil().max(1.0) as usize;
        pictures
    }

    /// The same with so many images side by side on a sheet.
    pub(crate) fn across(mut self, across: usize) -> Self {
        self.across = across.max(1);
        self
    }

    /// The same with what each image is of.
    pub(crate) fn named(mut self, names: Vec<String>) -> Self {
        self.names = names;
        self
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.values.len().checked_div(self.width()).unwrap_or(0)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers of an image.
    fn width(&self) -> usize {
        self.size[0] * self.size[1] * self.colour.channels()
    }

    fn image(&self, place: usize) -> &[f64] {
        &self.values[place * self.width()..][..self.width()]
    }

    /// The PNG file of one image.
    pub fn png(&self, place: usize) -> Vec<u8> {
        let [height, width] = self.size;
        encode_png(self.image(place), width, height, self.colour)
    }

    /// All of them on one PNG, side by side in rows, on white.
    ///
    /// # Errors
    /// More pixels than an image may have.
    pub fn sheet(&self) -> Result<Vec<u8>, ModelError> {
        let (across, down) = (self.across, self.len().div_ceil(self.across));
        let channels = self.colour.channels();
        let [height, width] = self.size;
        let pitch = [height + BETWEEN, width + BETWEEN];
        let size = [down * pitch[0] + BETWEEN, across * pitch[1] + BETWEEN];
        let pixels = size[0].saturating_mul(size[1]);
        if pixels > ressac_data::picture::MOST_PIXELS {
            return Err(option_error(
                "count",
                &format!(
                    "asks for a sheet of {}x{} pixels, which is too large: ask for fewer, or for a folder",
                    size[1], size[0]
                ),
            ));
        }
        let mut sheet = vec![1.0; pixels * channels];
        for place in 0..self.len() {
            let corner = [place / across, place % across];
            let [top, left] = [0, 1].map(|axis| corner[axis] * pitch[axis] + BETWEEN);
            let rows = self.image(place).chunks_exact(width * channels);
            for (y, row) in rows.enumerate() {
                let start = ((top + y) * size[1] + left) * channels;
                sheet[start..][..row.len()].copy_from_slice(row);
            }
        }
        Ok(encode_png(&sheet, size[1], size[0], self.colour))
    }

    /// All of them one after the other as an endless animation.
    fn gif(&self) -> Vec<u8> {
        let [height, width] = self.size;
        let frames: Vec<&[f64]> = (0..self.len()).map(|place| self.image(place)).collect();
        encode_gif(&frames, width, height, self.colour, SHOWN)
    }

    /// Whether a path is one that images are written to: a file that ends in `.png` or `.gif`, or a folder.
    pub fn are_asked_for(out: &Path) -> bool {
        let is_output = out == Path::new("-");
        !is_output && matches!(ending(out).as_deref(), None | Some("png" | "gif"))
    }

    /// The files that `out` asks for: a sheet for a name that ends in `.png`, an animation for `.gif`, else a folder with a file for
    /// each image.
    ///
    /// # Errors
    /// More pixels than an image may have.
    pub fn files(&self, out: &Path) -> Result<Vec<PictureFile>, ModelError> {
        let file = |bytes| PictureFile {
            path: out.to_path_buf(),
            bytes,
        };
        Ok(match ending(out).as_deref() {
            Some("png") => vec![file(self.sheet()?)],
            Some("gif") => vec![file(self.gif())],
            _ => self.folder(out),
        })
    }

    fn folder(&self, out: &Path) -> Vec<PictureFile> {
        let digits = self.len().to_string().len();
        let files = (0..self.len()).map(|place| {
            let class = self.names.get(place).filter(|name| !name.is_empty());
            // A class may be called anything; a file may not.
            let class = class.map(|name| {
                let fits = |letter: char| letter.is_alphanumeric() || "-_".contains(letter);
                let name: String = name.chars().filter(|letter| fits(*letter)).collect();
                format!("-{name}")
            });
            let name = format!("{:0digits$}{}.png", place + 1, class.unwrap_or_default());
            PictureFile {
                path: out.join(name),
                bytes: self.png(place),
            }
        });
        files.collect()
    }
}

/// The ending of a path in small letters.
fn ending(path: &Path) -> Option<String> {
    let ending = path.extension()?;
    Some(ending.to_string_lossy().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures() -> Pictures {
        let values: Vec<f32> = (0..3 * 4 * 5).map(|at| at as f32 / 60.0).collect();
        Pictures::of(&values, [4, 5, 1])
    }

    #[test]
    fn the_ending_says_whether_a_sheet_an_animation_or_a_folder_is_written() {
        let pictures = pictures().named(vec!["a/b".into(), String::new(), "c".into()]);
        let sheet = pictures.files("x.png".as_ref()).unwrap();
        let size = ressac_data::picture::dimensions("x.png".as_ref(), &sheet[0].bytes).unwrap();
        assert_eq!((sheet.len(), size), (1, (2 * 7 + 2, 2 * 6 + 2)));
        let gif = pictures.files("x.GIF".as_ref()).unwrap();
        let size = ressac_data::picture::dimensions("x.gif".as_ref(), &gif[0].bytes).unwrap();
        assert_eq!(size, (5, 4));
        let folder = pictures.files("made".as_ref()).unwrap();
        let names: Vec<String> = (folder.iter())
            .map(|file| file.path.display().to_string())
            .collect();
        assert_eq!(names, ["made/1-ab.png", "made/2.png", "made/3-c.png"]);
        assert!(Pictures::are_asked_for("made".as_ref()));
        assert!(
            !Pictures::are_asked_for("x.csv".as_ref()) && !Pictures::are_asked_for("-".as_ref())
        );
    }

    #[test]
    fn a_sheet_beyond_the_largest_image_is_refused() {
        let wide = Pictures::of(&vec![0.0; 8000 * 9000], [8000, 9000, 1]);
        let error = wide.sheet().unwrap_err().to_string();
        assert!(error.contains("`count`"), "{error}");
    }
}
