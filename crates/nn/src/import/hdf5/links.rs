//! What stands in a group: names and the addresses of their objects.
//!
//! Either a tree of nodes of names that lie in a heap (what libhdf5 writes unless told otherwise), or one
//! message for each link. Groups of very many links kept in a fractal heap are refused.
use super::super::ImportError;
use super::bytes::{Bytes, UNDEFINED, damaged, unsupported};
use super::header::Message;
use std::collections::HashSet;

const LINK_INFO: u16 = 0x02;
const LINK: u16 = 0x06;
const SYMBOL_TABLE: u16 = 0x11;
/// The longest name of a link that is believed.
const LONGEST_NAME: usize = 1024;

/// The hard links of a group; soft and external ones lead to nothing that is not found otherwise. None
/// for an object that is no group.
pub(super) fn links<'a>(
    file: Bytes<'a>,
    messages: &[Message<'a>],
) -> Result<Option<Vec<(&'a str, u64)>>, ImportError> {
    let mut found = Vec::new();
    let mut group = false;
    for message in messages {
        let mut cursor = file.over(message.data);
        match message.kind {
            SYMBOL_TABLE => {
                group = true;
                let (tree, heap) = (cursor.address()?, cursor.address()?);
                let names = heap_data(file, heap)?;
                tree_links(file, tree, None, names, &mut HashSet::new(), &mut found)?;
            }
            LINK_INFO => {
                group = true;
                cursor.skip(1)?;
                let flags = cursor.byte()?;
                if flags & 1 != 0 {
                    cursor.skip(8)?;
                }
                if cursor.address()? != UNDEFINED {
                    return Err(unsupported("a group whose links lie in a fractal heap"));
                }
            }
            LINK => {
                group = true;
                found.extend(link(file, message)?);
            }
            _ => {}
        }
    }
    Ok(group.then_some(found))
}

/// One link from its message; none where it is not a hard one.
fn link<'a>(file: Bytes<'a>, message: &Message<'a>) -> Result<Option<(&'a str, u64)>, ImportError> {
    let mut cursor = file.over(message.data);
    if cursor.byte()? != 1 {
        return Err(unsupported("an unknown version of links"));
    }
    let flags = cursor.byte()?;
    let kind = if flags & 8 != 0 { cursor.byte()? } else { 0 };
    if flags & 4 != 0 {
        cursor.skip(8)?;
    }
    if flags & 0x10 != 0 {
        cursor.skip(1)?;
    }
    let length = cursor.number(1 << (flags & 3))?;
    let length = usize::try_from(length).map_err(|_| damaged("a name without end"))?;
    let name = name(cursor.take(length)?)?;
    match kind {
        0 => Ok(Some((name, cursor.address()?))),
        _ => Ok(None),
    }
}

fn name(bytes: &[u8]) -> Result<&str, ImportError> {
    if bytes.len() > LONGEST_NAME {
        return Err(damaged("a name without end"));
    }
    std::str::from_utf8(bytes).map_err(|_| damaged("a name that is not UTF-8"))
}

/// The names of a local heap.
fn heap_data(file: Bytes<'_>, at: u64) -> Result<&[u8], ImportError> {
    let mut cursor = file.signed(at, b"HEAP")?;
    cursor.skip(4)?;
    let (size, _free, data) = (cursor.length()?, cursor.length()?, cursor.address()?);
    file.slice(data, size)
}

/// The links below a node of a tree of names, whose level must be one less than its parent's.
fn tree_links<'a>(
    file: Bytes<'a>,
    at: u64,
    parent: Option<u8>,
    names: &'a [u8],
    seen: &mut HashSet<u64>,
    found: &mut Vec<(&'a str, u64)>,
) -> Result<(), ImportError> {
    if !seen.insert(at) {
        return Err(damaged("a tree of names that turns back on itself"));
    }
    let mut cursor = file.signed(at, b"TREE")?;
    let (kind, level) = (cursor.byte()?, cursor.byte()?);
    if kind != 0 || parent.is_some_and(|parent| parent.checked_sub(1) != Some(level)) {
        return Err(damaged("a tree of names with a foreign node"));
    }
    let entries = cursor.two()?;
    let _siblings = (cursor.address()?, cursor.address()?);
    for _ in 0..entries {
        let _key = cursor.length()?;
        let child = cursor.address()?;
        if level > 0 {
            tree_links(file, child, Some(level), names, seen, found)?;
        } else if seen.insert(child) {
            node_links(file, child, names, found)?;
        }
    }
    Ok(())
}

/// The links of one node of symbols.
fn node_links<'a>(
    file: Bytes<'a>,
    at: u64,
    names: &'a [u8],
    found: &mut Vec<(&'a str, u64)>,
) -> Result<(), ImportError> {
    const SOFT: u32 = 2;
    let mut cursor = file.signed(at, b"SNOD")?;
    cursor.skip(2)?;
    for _ in 0..cursor.two()? {
        let (place, object) = (cursor.address()?, cursor.address()?);
        let kind = cursor.four()?;
        cursor.skip(20)?;
        let text = usize::try_from(place)
            .ok()
            .and_then(|place| names.get(place..));
        let text = text.ok_or_else(|| damaged("a name beyond its heap"))?;
        let text = &text[..text.len().min(LONGEST_NAME + 1)];
        let end = text.iter().position(|&byte| byte == 0);
        let end = end.ok_or_else(|| damaged("a name without end"))?;
        if kind != SOFT {
            found.push((name(&text[..end])?, object));
        }
    }
    Ok(())
}
