//! The instructions of a pickle that tensors in dictionaries need.
use super::super::ImportError;
use super::{Global, Id, Value};
use std::collections::HashMap;

fn damaged(reason: &str) -> ImportError {
    ImportError::Damaged(format!(
        "its `data.pkl` is damaged: {reason}. Copy or save the file again"
    ))
}

/// The stack machine of a pickle.
pub(super) struct Machine<'a> {
    rest: &'a [u8],
    values: Vec<Value>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    /// Before the first instruction.
    pub(super) fn new(program: &'a [u8]) -> Self {
        Self {
            rest: program,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    /// Every value made.
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// One instruction; the result, at the last one.
    pub(super) fn step(&mut self) -> Result<Option<Id>, ImportError> {
        match self.byte()? {
            // PROTO, FRAME.
            0x80 => self.skip(1)?,
            0x95 => self.skip(8)?,
            b'.' => return self.pop().map(Some),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => {
                self.pop()?;
            }
            b'1' => {
                self.above_mark()?;
            }
            // NONE, NEWTRUE, NEWFALSE, BINFLOAT.
            b'N' | 0x88 | 0x89 => self.push(Value::Plain),
            b'G' => {
                self.skip(8)?;
                self.push(Value::Plain);
            }
            b'K' => {
                let number = self.byte()?;
                self.push(Value::Integer(number.into()));
            }
            b'M' => {
                let number = u16::from_le_bytes(self.array()?);
                self.push(Value::Integer(number.into()));
            }
            b'J' => {
                let number = i32::from_le_bytes(self.array()?);
                self.push(Value::Integer(number.into()));
            }
            // LONG1.
            0x8a => {
                let length = self.byte()?;
                let bytes = self.take(length.into())?;
                let value = long(bytes).map_or(Value::Plain, Value::Integer);
                self.push(value);
            }
            // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8.
            0x8c => {
                let length = self.byte()?;
                self.text(length.into())?;
            }
            b'X' => {
                let length = u32::from_le_bytes(self.array()?);
                self.text(length.into())?;
            }
            0x8d => {
                let length = u64::from_le_bytes(self.array()?);
                self.text(length)?;
            }
            // SHORT_BINBYTES, BINBYTES: held in no tensor's description.
            b'C' => {
                let length = self.byte()?;
                self.skip(length.into())?;
                self.push(Value::Plain);
            }
            b'B' => {
                let length = u32::from_le_bytes(self.array()?);
                self.skip(length.into())?;
                self.push(Value::Plain);
            }
            b')' => self.push(Value::Tuple(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dictionary(Vec::new())),
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b't' => {
                let items = self.above_mark()?;
                self.push(Value::Tuple(items));
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.above_mark()?;
                self.append(items)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(vec![key, value])?;
            }
            b'u' => {
                let items = self.above_mark()?;
                self.set(items)?;
            }
            // BINPUT, LONG_BINPUT, MEMOIZE.
            b'q' => {
                let key = self.byte()?;
                self.remember(key.into())?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.remember(key)?;
            }
            0x94 => {
                let key =
                    u32::try_from(self.memo.len()).map_err(|_| damaged("it remembers too much"))?;
                self.remember(key)?;
            }
            b'h' => {
                let key = self.byte()?;
                self.recall(key.into())?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
            b'c' => {
                let module = self.line()?;
                let name = self.line()?;
                let global = Global::named(module, name)?;
                self.push(Value::Global(global));
            }
            // STACK_GLOBAL.
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let global = match (&self.values[module], &self.values[name]) {
                    (Value::Text(module), Value::Text(name)) => Global::named(module, name)?,
                    _ => return Err(damaged("a global without a name")),
                };
                self.push(Value::Global(global));
            }
            b'Q' => {
                let id = self.pop()?;
                self.push(Value::Persistent(id));
            }
            // REDUCE, NEWOBJ.
            b'R' | 0x81 => self.call()?,
            // BUILD: the attributes of an OrderedDict, which carry versions only.
            b'b' => {
                self.pop()?;
                let object = self.pop()?;
                self.stack.push(object);
            }
            other => {
                return Err(ImportError::Unsupported(format!(
                    "its `data.pkl` uses the pickle instruction 0x{other:02x}, which torch.save does not write for tensors in dictionaries. Save the weights alone: `torch.save(model.state_dict(), \"model.pt\")`"
                )));
            }
        }
        Ok(None)
    }

    fn call(&mut self) -> Result<(), ImportError> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let Value::Tuple(given) = &self.values[arguments] else {
            return Err(damaged("a call without its arguments"));
        };
        // No argument is copied: a short program could call a million times with a million arguments.
        match (&self.values[function], given.as_slice()) {
            (Value::Global(Global::OrderedDict), []) => self.push(Value::Dictionary(Vec::new())),
            (Value::Global(Global::RebuildTensor), _) => self.push(Value::Tensor(arguments)),
            // Both give back what they are given.
            (Value::Global(Global::RebuildParameter), &[value, ..])
            | (Value::Global(Global::Size), &[value]) => self.stack.push(value),
            _ => return Err(damaged("a call of what is no function")),
        }
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    fn pop(&mut self) -> Result<Id, ImportError> {
        // What lies below a mark is not to be reached.
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(damaged("it takes a value that is not there"));
        }
        self.stack
            .pop()
            .ok_or_else(|| damaged("it takes a value that is not there"))
    }

    fn above_mark(&mut self) -> Result<Vec<Id>, ImportError> {
        let mark = self
            .marks
            .pop()
            .ok_or_else(|| damaged("a mark is missing"))?;
        Ok(self.stack.split_off(mark))
    }

    fn tuple(&mut self, count: usize) -> Result<(), ImportError> {
        let mut items = Vec::with_capacity(count);
        for _ in 0..count {
            items.push(self.pop()?);
        }
        items.reverse();
        self.push(Value::Tuple(items));
        Ok(())
    }

    fn top(&mut self) -> Result<&mut Value, ImportError> {
        let id = self.pop()?;
        self.stack.push(id);
        Ok(&mut self.values[id])
    }

    fn append(&mut self, items: Vec<Id>) -> Result<(), ImportError> {
        match self.top()? {
            Value::List(list) => list.extend(items),
            _ => return Err(damaged("it appends to what is no list")),
        }
        Ok(())
    }

    fn set(&mut self, items: Vec<Id>) -> Result<(), ImportError> {
        let pairs = items.as_chunks::<2>();
        if !pairs.1.is_empty() {
            return Err(damaged("a key without its value"));
        }
        match self.top()? {
            Value::Dictionary(entries) => {
                entries.extend(pairs.0.iter().map(|&[key, value]| (key, value)));
            }
            _ => return Err(damaged("it sets a key of what is no dictionary")),
        }
        Ok(())
    }

    fn remember(&mut self, key: u32) -> Result<(), ImportError> {
        let id = self.pop()?;
        self.stack.push(id);
        self.memo.insert(key, id);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), ImportError> {
        let id = self.memo.get(&key).copied();
        let id = id.ok_or_else(|| damaged("it recalls a value it never kept"))?;
        self.stack.push(id);
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, ImportError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImportError> {
        let (first, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or_else(|| damaged("it ends too soon"))?;
        self.rest = rest;
        Ok(*first)
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], ImportError> {
        let split = usize::try_from(length)
            .ok()
            .and_then(|length| self.rest.split_at_checked(length));
        let (taken, rest) = split.ok_or_else(|| damaged("it ends too soon"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn skip(&mut self, length: u64) -> Result<(), ImportError> {
        self.take(length).map(|_| ())
    }

    fn line(&mut self) -> Result<&'a str, ImportError> {
        let end = self.rest.iter().position(|&byte| byte == b'\n');
        let line = self.take(end.ok_or_else(|| damaged("it ends too soon"))? as u64)?;
        self.byte()?;
        std::str::from_utf8(line).map_err(|_| damaged("a name is not UTF-8"))
    }

    fn text(&mut self, length: u64) -> Result<(), ImportError> {
        let text = std::str::from_utf8(self.take(length)?)
            .map_err(|_| damaged("a text is not UTF-8"))?
            .to_owned();
        self.push(Value::Text(text));
        Ok(())
    }
}

/// A whole number of any length, little-endian in two's complement; none beyond 64 bits.
fn long(bytes: &[u8]) -> Option<i64> {
    let mut extended = match bytes.last() {
        Some(last) if last & 0x80 != 0 => [0xff; 8],
        _ => [0; 8],
    };
    extended.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(extended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_length_are_read_where_they_fit() {
        assert_eq!(long(&[]), Some(0));
        assert_eq!(long(&[0xff]), Some(-1));
        assert_eq!(long(&[0, 1]), Some(256));
        assert_eq!(long(&[1; 9]), None);
    }
}
