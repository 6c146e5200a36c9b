//! GIF files: the first image read, and animations written.

use std::num::NonZeroU64;

use ::gif::{
    ColorOutput, DecodeOptions, Decoder, Encoder, EncodingError, Frame, MemoryLimit, Repeat,
};

use super::{Colour, Fault, MOST_PIXELS, Picture, check_size, over_white};

fn opened(bytes: &[u8]) -> Result<Decoder<&[u8]>, Fault> {
    // The size stands first, and is looked at first.
    if let [_, _, _, _, _, _, a, b, c, d, ..] = bytes {
        let side = |low: u8, high: u8| usize::from(u16::from_le_bytes([low, high]));
        check_size(side(*a, *b), side(*c, *d))?;
    }
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::RGBA);
    options.check_frame_consistency(true);
    if let Some(limit) = NonZeroU64::new(4 * MOST_PIXELS as u64) {
        options.set_memory_limit(MemoryLimit::Bytes(limit));
    }
    options.read_info(bytes).map_err(Fault::damaged)
}

pub(super) fn dimensions(bytes: &[u8]) -> Result<(usize, usize), Fault> {
    let decoder = opened(bytes)?;
    Ok((usize::from(decoder.width()), usize::from(decoder.height())))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Fault> {
    let mut decoder = opened(bytes)?;
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let frame = decoder.read_next_frame().map_err(Fault::damaged)?;
    let frame = frame.ok_or_else(|| Fault::damaged("it holds no image"))?;
    // What the image leaves free of the canvas is transparent.
    let mut rgb = vec![255; 3 * width * height];
    let across = usize::from(frame.width).max(1);
    for (row, pixels) in frame.buffer.chunks_exact(4 * across).enumerate() {
        let start = 3 * ((usize::from(frame.top) + row) * width + usize::from(frame.left));
        let room = rgb.get_mut(start..start.saturating_add(3 * across));
        let Some(room) = room.filter(|_| usize::from(frame.left) + across <= width) else {
            return Err(Fault::damaged("an image that lies outside"));
        };
        for (to, from) in room.chunks_exact_mut(3).zip(pixels.chunks_exact(4)) {
            for (to, from_channel) in to.iter_mut().zip(from) {
                *to = over_white(*from_channel, from[3]);
            }
        }
    }
    Picture::new(width, height, rgb)
}

/// Levels of red, green and blue in the palette of colours: 252 of the 256 that there may be.
const LEVELS: [usize; 3] = [6, 7, 6];

/// The palette, red, green and blue of each entry.
fn palette(colour: Colour) -> Vec<u8> {
    let level = |at: usize, of: usize| (255 * at / (of - 1)) as u8;
    match colour {
        Colour::Grey => (0..=255).flat_map(|grey| [grey; 3]).collect(),
        Colour::Rgb => {
            let [red, green, blue] = LEVELS;
            let entries = (0..red * green * blue).map(|at| {
                [
                    level(at / (green * blue), red),
                    level(at / blue % green, green),
                    level(at % blue, blue),
                ]
            });
            entries.flatten().collect()
        }
    }
}

/// The entry of the palette that is nearest to a pixel.
fn entry(pixel: &[u8]) -> u8 {
    match pixel {
        [grey] => *grey,
        pixel => {
            let nearest = pixel.iter().zip(LEVELS).fold(0, |entry, (value, of)| {
                entry * of + (usize::from(*value) * (of - 1) + 127) / 255
            });
            nearest as u8
        }
    }
}

/// Writes frames of eight bits a channel as an endless animation, each shown for `delay` hundredths of a second.
pub(super) fn encode(
    frames: &[Vec<u8>],
    (width, height): (u16, u16),
    colour: Colour,
    delay: u16,
) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &palette(colour))?;
    encoder.set_repeat(Repeat::Infinite)?;
    for frame in frames {
        let pixels = frame.chunks_exact(colour.channels());
        let pixels: Vec<u8> = pixels.map(entry).collect();
        let mut frame = Frame::from_indexed_pixels(width, height, pixels, None);
        frame.delay = delay;
        encoder.write_frame(&frame)?;
    }
    drop(encoder);
    Ok(bytes)
}
