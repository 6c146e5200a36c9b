//! Where the windows of a pool lie, one axis at a time.
use super::{Images, Window};
use crate::error::ShapeError;
use std::ops::Range;

/// The windows along one axis of an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    /// Pixels.
    pub(super) size: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    /// Windows.
    pub(super) windows: usize,
}

impl Axis {
    fn new(
        name: &str,
        size: usize,
        [kernel, stride, padding]: [usize; 3],
    ) -> Result<Self, ShapeError> {
        let refused = |what: &str, expected: String, found: usize| {
            let argument = format!("image pooling: {what} ({name})");
            Err(ShapeError::new(argument, expected, found.to_string()))
        };
        for (what, value) in [("size", size), ("kernel", kernel), ("stride", stride)] {
            if value == 0 {
                return refused(what, "at least 1".to_owned(), 0);
            }
        }
        // So that every window has a real pixel.
        if padding > kernel / 2 {
            let most = kernel / 2;
            return refused("padding", format!("at most {most}, half a kernel"), padding);
        }
        let room = size.saturating_add(2 * padding);
        if kernel > room {
            let expected = format!("at most {room}, the image with its padding");
            return refused("kernel", expected, kernel);
        }
        Ok(Self {
            size,
            kernel,
            stride,
            padding,
            windows: (room - kernel) / stride + 1,
        })
    }

    /// The axes of an image: height, width.
    pub(super) fn both(images: Images, window: Window) -> Result<[Self; 2], ShapeError> {
        let of =
            |axis: usize| [window.kernel, window.stride, window.padding].map(|pair| pair[axis]);
        Ok([
            Self::new("height", images.height, of(0))?,
            Self::new("width", images.width, of(1))?,
        ])
    }

    /// The pixels of a window that are there.
    #[inline(always)]
    pub(super) fn pixels(self, window: usize) -> Range<usize> {
        // From the padding's first pixel.
        let start = window * self.stride;
        let end = (start + self.kernel - self.padding).min(self.size);
        start.saturating_sub(self.padding)..end
    }

    /// The windows that a pixel is in; there may be none where the stride is longer than the kernel, or at the end.
    #[inline(always)]
    pub(super) fn windows_over(self, pixel: usize) -> Range<usize> {
        let place = pixel + self.padding;
        let first = (place + 1)
            .saturating_sub(self.kernel)
            .div_ceil(self.stride);
        let end = (place / self.stride + 1).min(self.windows);
        first.min(end)..end
    }

    /// Pixels of a window, those of the padding with them.
    #[inline(always)]
    pub(super) fn kernel(self) -> usize {
        self.kernel
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_and_windows_are_two_views_of_one_relation() {
        for size in 1..9 {
            for kernel in 1..6 {
                for stride in 1..5 {
                    for padding in 0..=kernel / 2 {
                        let Ok(axis) = Axis::new("width", size, [kernel, stride, padding]) else {
                            assert!(kernel > size + 2 * padding);
                            continue;
                        };
                        assert_eq!(axis.windows, (size + 2 * padding - kernel) / stride + 1);
                        for window in 0..axis.windows {
                            assert!(!axis.pixels(window).is_empty());
                            for pixel in 0..size {
                                let first = (window * stride) as isize - padding as isize;
                                let there = pixel as isize - first;
                                let inside = (0..kernel as isize).contains(&there);
                                assert_eq!(axis.pixels(window).contains(&pixel), inside);
                                assert_eq!(axis.windows_over(pixel).contains(&window), inside);
                            }
                        }
                    }
                }
            }
        }
    }
}
