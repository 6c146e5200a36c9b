//! Values kept in chunks of one shape, each perhaps shuffled and deflated, found through a tree.
use super::super::ImportError;
use super::super::numbers::count;
use super::super::zip::DEFLATE_RATIO;
use super::bytes::{Bytes, damaged, unsupported};
use super::dataset::Filter;
use std::collections::{HashMap, HashSet};

/// What is known of a chunked array.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunks<'a> {
    pub(super) shape: &'a [usize],
    pub(super) chunk: &'a [usize],
    /// Bytes of a value.
    pub(super) size: usize,
    pub(super) filters: &'a [Filter],
}

/// Where a chunk lies in the file, and which filters it went without.
#[derive(Debug, Clone, Copy)]
struct Stored {
    at: u64,
    length: u32,
    without: u32,
}

impl Chunks<'_> {
    /// The array's `wanted` bytes.
    pub(super) fn read(
        &self,
        file: Bytes<'_>,
        tree: u64,
        wanted: usize,
    ) -> Result<Vec<u8>, ImportError> {
        if self.chunk.len() != self.shape.len() || self.chunk.contains(&0) {
            return Err(damaged("chunks that do not fit their array"));
        }
        let inside = count(self.chunk).and_then(|count| count.checked_mul(self.size));
        let inside = inside
            .filter(|&bytes| bytes <= file.all.len().saturating_mul(DEFLATE_RATIO))
            .ok_or_else(|| damaged("a chunk larger than the file can hold"))?;
        let mut found = HashMap::new();
        self.collect(file, tree, None, &mut HashSet::new(), &mut found)?;
        let along = self.shape.iter().zip(self.chunk);
        let along: Vec<usize> = along.map(|(&size, &chunk)| size.div_ceil(chunk)).collect();
        if count(&along) != Some(found.len()) {
            return Err(damaged("an array that was not written in whole"));
        }
        let mut bytes = vec![0; wanted];
        for (corner, stored) in found {
            let content = self.content(file, stored, inside)?;
            self.put(&corner, &content, &mut bytes);
        }
        Ok(bytes)
    }

    /// The chunks below a node of the tree, by their first place along each axis.
    fn collect(
        &self,
        file: Bytes<'_>,
        at: u64,
        parent: Option<u8>,
        seen: &mut HashSet<u64>,
        found: &mut HashMap<Vec<usize>, Stored>,
    ) -> Result<(), ImportError> {
        if !seen.insert(at) {
            return Err(damaged("a tree of chunks that turns back on itself"));
        }
        let mut cursor = file.signed(at, b"TREE")?;
        let (kind, level) = (cursor.byte()?, cursor.byte()?);
        if kind != 1 || parent.is_some_and(|parent| parent.checked_sub(1) != Some(level)) {
            return Err(damaged("a tree of chunks with a foreign node"));
        }
        let entries = cursor.two()?;
        let _siblings = (cursor.address()?, cursor.address()?);
        for _ in 0..entries {
            let (length, without) = (cursor.four()?, cursor.four()?);
            let mut corner = Vec::with_capacity(self.shape.len());
            for (&size, &chunk) in self.shape.iter().zip(self.chunk) {
                let place = usize::try_from(cursor.number(8)?).ok();
                let place = place.filter(|&place| place < size && place % chunk == 0);
                corner.push(place.ok_or_else(|| damaged("a chunk outside its array"))?);
            }
            // Along the bytes of a value.
            cursor.skip(8)?;
            let child = cursor.address()?;
            if level > 0 {
                self.collect(file, child, Some(level), seen, found)?;
            } else {
                let stored = Stored {
                    at: child,
                    length,
                    without,
                };
                if found.insert(corner, stored).is_some() {
                    return Err(damaged("two chunks of one place"));
                }
            }
        }
        Ok(())
    }

    /// The `inside` bytes of a chunk, its filters undone.
    fn content(
        &self,
        file: Bytes<'_>,
        stored: Stored,
        inside: usize,
    ) -> Result<Vec<u8>, ImportError> {
        let mut content = file.slice(stored.at, stored.length.into())?.to_vec();
        for (index, filter) in self.filters.iter().enumerate().rev() {
            if index < 32 && stored.without & (1 << index) != 0 {
                continue;
            }
            content = match filter {
                Filter::Deflate => {
                    // A checksum may stand behind the values.
                    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&content, inside + 4)
                        .map_err(|error| {
                            damaged(format!("a chunk that cannot be unpacked: {error}"))
                        })?
                }
                Filter::Shuffle => unshuffle(&content, self.size),
                Filter::Checksum => {
                    let values = content.len().checked_sub(4);
                    content
                        .truncate(values.ok_or_else(|| damaged("a chunk without its checksum"))?);
                    content
                }
                Filter::Unknown(id) => {
                    return Err(unsupported(format!("the filter number {id} on its values")));
                }
            };
        }
        if content.len() == inside {
            Ok(content)
        } else {
            Err(damaged("a chunk of another size than its array's"))
        }
    }

    /// Copies a chunk, row by row along the last axis, to where it belongs; what reaches beyond the
    /// array is left.
    fn put(&self, corner: &[usize], content: &[u8], bytes: &mut [u8]) {
        let axes = self.shape.len();
        let Some(last) = axes.checked_sub(1) else {
            bytes.copy_from_slice(content);
            return;
        };
        let width = self.chunk[last].min(self.shape[last] - corner[last]) * self.size;
        let rows: usize = self.chunk[..last].iter().product();
        for row in 0..rows {
            let (mut left, mut place, mut stride) = (row, corner[last], self.shape[last]);
            let mut outside = false;
            for axis in (0..last).rev() {
                let index = corner[axis] + left % self.chunk[axis];
                left /= self.chunk[axis];
                outside |= index >= self.shape[axis];
                place += index * stride;
                stride *= self.shape[axis];
            }
            if !outside {
                let from = row * self.chunk[last] * self.size;
                let to = place * self.size;
                bytes[to..to + width].copy_from_slice(&content[from..from + width]);
            }
        }
    }
}

/// Puts the bytes of each value together again: first all first bytes stood, then all second ones.
fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let values = bytes.len() / size;
    let mut together = Vec::with_capacity(bytes.len());
    for value in 0..values {
        together.extend((0..size).map(|byte| bytes[byte * values + value]));
    }
    // What is less than a value stays where it is.
    together.extend_from_slice(&bytes[values * size..]);
    together
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_at_the_edges_are_cut_to_the_array() {
        let chunks = Chunks {
            shape: &[3, 3],
            chunk: &[2, 2],
            size: 1,
            filters: &[],
        };
        let mut bytes = vec![0; 9];
        for (corner, content) in [
            ([0, 0], [1, 2, 4, 5]),
            ([0, 2], [3, 99, 6, 99]),
            ([2, 0], [7, 8, 99, 99]),
            ([2, 2], [9, 99, 99, 99]),
        ] {
            chunks.put(&corner, &content, &mut bytes);
        }
        assert_eq!(bytes, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn shuffled_bytes_come_together_again() {
        assert_eq!(unshuffle(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
    }
}
