//! Object headers: the messages that say what a group or a dataset is.
use super::super::ImportError;
use super::bytes::{Bytes, Cursor, damaged, unsupported};

/// One message of an object header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) kind: u16,
    /// Kept elsewhere, and shared with other objects.
    pub(super) shared: bool,
    pub(super) data: &'a [u8],
}

const CONTINUATION: u16 = 0x10;

/// The messages of the object at `at`, those of its continuation blocks behind them.
pub(super) fn messages(file: Bytes<'_>, at: u64) -> Result<Vec<Message<'_>>, ImportError> {
    let mut cursor = file.cursor(at)?;
    let mut found = Vec::new();
    let (first, form) = if file.slice(at, 4)? == b"OHDR" {
        cursor.skip(4)?;
        if cursor.byte()? != 2 {
            return Err(unsupported("an unknown version of object headers"));
        }
        let flags = cursor.byte()?;
        if flags & 0x20 != 0 {
            cursor.skip(16)?;
        }
        if flags & 0x10 != 0 {
            cursor.skip(4)?;
        }
        let size = cursor.number(1 << (flags & 3))?;
        let size = usize::try_from(size).map_err(|_| damaged("a header beyond its end"))?;
        let ordered = flags & 4 != 0;
        (file.over(cursor.take(size)?), Form::New { ordered })
    } else {
        if cursor.byte()? != 1 {
            return Err(unsupported("an unknown version of object headers"));
        }
        cursor.skip(7)?;
        let size = cursor.four()? as usize;
        cursor.skip(4)?;
        (file.over(cursor.take(size)?), Form::Old)
    };
    // Blocks may not take more bytes than the file has: so those that name one another end.
    let mut left = file.all.len();
    let mut blocks = vec![first];
    while let Some(block) = blocks.pop() {
        left = left
            .checked_sub(block.left())
            .ok_or_else(|| damaged("an object header that never ends"))?;
        let start = found.len();
        form.read(block, &mut found)?;
        for message in &found[start..] {
            if message.kind == CONTINUATION {
                let mut cursor = file.over(message.data);
                let (at, length) = (cursor.address()?, cursor.length()?);
                blocks.push(form.continuation(file, at, length)?);
            }
        }
    }
    Ok(found)
}

/// How the messages of a header are laid out.
#[derive(Clone, Copy)]
enum Form {
    Old,
    New { ordered: bool },
}

impl Form {
    fn read<'a>(
        self,
        mut block: Cursor<'a>,
        found: &mut Vec<Message<'a>>,
    ) -> Result<(), ImportError> {
        let head = match self {
            Self::Old => 8,
            Self::New { ordered } => 4 + 2 * usize::from(ordered),
        };
        // What is too short for a message is a gap.
        while block.left() >= head {
            let (kind, size, flags) = match self {
                Self::Old => {
                    let head = (block.two()?, block.two()?, block.byte()?);
                    block.skip(3)?;
                    head
                }
                Self::New { ordered } => {
                    let head = (u16::from(block.byte()?), block.two()?, block.byte()?);
                    block.skip(2 * usize::from(ordered))?;
                    head
                }
            };
            found.push(Message {
                kind,
                shared: flags & 2 != 0,
                data: block.take(size.into())?,
            });
        }
        Ok(())
    }

    /// The messages of a continuation block.
    fn continuation<'a>(
        self,
        file: Bytes<'a>,
        at: u64,
        length: u64,
    ) -> Result<Cursor<'a>, ImportError> {
        let block = file.slice(at, length)?;
        match self {
            Self::Old => Ok(file.over(block)),
            // Four letters before the messages, a checksum behind.
            Self::New { .. } => block
                .strip_prefix(b"OCHK")
                .and_then(|rest| rest.get(..rest.len().checked_sub(4)?))
                .map(|rest| file.over(rest))
                .ok_or_else(|| damaged("no OCHK where one should be")),
        }
    }
}
