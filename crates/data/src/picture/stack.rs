//! Several images of one size in one file, as IDX and CIFAR have them.
//!
//! Their bytes stay as the file has them; an image becomes a [`Picture`] only while it is read.

use std::borrow::Cow;

use super::Picture;

/// The images of a file whose length has been checked against its header.
pub(crate) struct Stack<'a> {
    /// The whole file, gzip undone.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Bytes in front of the first image.
    pub(super) header: usize,
    /// Bytes in front of the pixels of each image; the last of them is its label.
    pub(super) lead: usize,
    pub(super) count: usize,
    /// Width and height, in pixels.
    pub(super) size: (usize, usize),
    /// Bytes a pixel: 1 or 3.
    pub(super) channels: usize,
    /// Whether the channels of an image follow one another; else those of a pixel do.
    pub(super) planes: bool,
}

impl Stack<'_> {
    /// How many images.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Width and height of each image, in pixels.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.size
    }

    /// The label in front of each image, if the format has one there.
    pub(crate) fn labels(&self) -> Option<Vec<u8>> {
        let last = self.lead.checked_sub(1)?;
        let labels = self.records().map(|record| record[last]);
        Some(labels.collect())
    }

    /// An image, counted from 0.
    pub(crate) fn picture(&self, at: usize) -> Picture {
        let (width, height) = self.size;
        let mut rgb = vec![0; 3 * width * height];
        let record = self.records().nth(at).unwrap_or_default();
        let pixels = record.get(self.lead..).unwrap_or_default();
        if self.channels == 1 {
            for (pixel, grey) in rgb.chunks_exact_mut(3).zip(pixels) {
                pixel.fill(*grey);
            }
        } else if self.planes {
            for (channel, plane) in pixels.chunks_exact(width * height).enumerate() {
                for (pixel, value) in rgb.chunks_exact_mut(3).zip(plane) {
                    pixel[channel] = *value;
                }
            }
        } else {
            for (to, from) in rgb.iter_mut().zip(pixels) {
                *to = *from;
            }
        }
        Picture { width, height, rgb }
    }

    /// Each image with the bytes in front of it.
    fn records(&self) -> std::slice::ChunksExact<'_, u8> {
        let (width, height) = self.size;
        let length = self.lead + width * height * self.channels;
        self.bytes[self.header..].chunks_exact(length)
    }
}
