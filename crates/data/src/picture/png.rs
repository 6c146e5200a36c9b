//! PNG files: every form of pixel brought to red, green and blue of eight bits, and values written as such a file.

use std::io::Cursor;

use ::png::{
    BitDepth, ColorType, Decoder, Encoder, EncodingError, Limits, Reader, Transformations,
};

use super::turn::{orientation, turned};
use super::{Colour, Fault, MOST_PIXELS, Picture, check_size, over_white};

fn opened(bytes: &[u8]) -> Result<Reader<Cursor<&[u8]>>, Fault> {
    // Eight bytes are the largest pixel.
    let limits = Limits {
        bytes: 8 * MOST_PIXELS,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    // The size stands first in the file: before it is known to be small, nothing else is read.
    let header = decoder.read_header_info().map_err(Fault::damaged)?;
    check_size(header.width as usize, header.height as usize)?;
    decoder.read_info().map_err(Fault::damaged)
}

fn turns(reader: &Reader<Cursor<&[u8]>>) -> u16 {
    orientation(reader.info().exif_metadata.as_deref().unwrap_or_default())
}

pub(super) fn dimensions(bytes: &[u8]) -> Result<(usize, usize), Fault> {
    let reader = opened(bytes)?;
    let size = (reader.info().width as usize, reader.info().height as usize);
    Ok(super::turn::dimensions(size, turns(&reader)))
}

pub(super) fn decode(bytes: &[u8]) -> Result<Picture, Fault> {
    let mut reader = opened(bytes)?;
    let turns = turns(&reader);
    let size = reader.output_buffer_size().ok_or(Fault::Large)?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).map_err(Fault::damaged)?;
    pixels.truncate(info.buffer_size());
    let rgb = match info.color_type {
        ColorType::Rgb => pixels,
        ColorType::Grayscale => pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => {
            let pixels = pixels.chunks_exact(2);
            pixels
                .flat_map(|pixel| [over_white(pixel[0], pixel[1]); 3])
                .collect()
        }
        ColorType::Rgba => {
            let pixels = pixels.chunks_exact(4);
            let over = |pixel: &[u8]| [0, 1, 2].map(|channel| over_white(pixel[channel], pixel[3]));
            pixels.flat_map(over).collect()
        }
        ColorType::Indexed => return Err(Fault::damaged("a palette that was not looked up")),
    };
    Ok(turned(
        Picture::new(info.width as usize, info.height as usize, rgb)?,
        turns,
    ))
}

/// A file of eight bits a channel; `pixels` are as many as the size says.
pub(super) fn encode(
    pixels: &[u8],
    (width, height): (u32, u32),
    colour: Colour,
) -> Result<Vec<u8>, EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(match colour {
        Colour::Grey => ColorType::Grayscale,
        Colour::Rgb => ColorType::Rgb,
    });
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}
