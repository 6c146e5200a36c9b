//! The pickles that `torch.save` writes of tensors in dictionaries, read without running anything.
//!
//! A pickle is a program for a small stack machine that may call any function of Python's. Here it may
//! name only what a state dictionary needs (dictionaries, the two functions that rebuild a tensor or
//! a parameter, the storages); any other name ends the reading with an error that tells it. Nothing is
//! ever executed: "calling" `_rebuild_tensor_v2` only keeps its arguments.
//!
//! Values live in one list and refer to one another by number, so values that hold themselves or are
//! nested without end neither leak nor exhaust the stack. Every instruction is at least a byte of the
//! file and makes at most one value, so the memory is bounded by the file.
use super::ImportError;
use super::error::shown;
use std::collections::HashMap;

/// The number of a value in [`Pickle`].
pub(super) type Id = usize;

/// A value of Python's.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// None, a truth value, a real number: what a checkpoint may hold beside its tensors.
    Plain,
    Integer(i64),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dictionary(Vec<(Id, Id)>),
    Global(Global),
    /// What a persistent identifier names: the arguments of it.
    Persistent(Id),
    /// `_rebuild_tensor_v2`: the tuple of its arguments.
    Tensor(Id),
}

/// The names of Python's that a state dictionary needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    /// A storage, by the name of its type.
    Storage(&'static str),
    /// `torch.Size`, a tuple.
    Size,
}

/// The storages of `torch`, by their names.
const STORAGES: [&str; 12] = [
    "FloatStorage",
    "DoubleStorage",
    "HalfStorage",
    "BFloat16Storage",
    "LongStorage",
    "IntStorage",
    "ShortStorage",
    "CharStorage",
    "ByteStorage",
    "BoolStorage",
    "ComplexFloatStorage",
    "ComplexDoubleStorage",
];

impl Global {
    fn named(module: &str, name: &str) -> Result<Self, ImportError> {
        match (module, name) {
            ("collections", "OrderedDict") => Ok(Self::OrderedDict),
            ("torch._utils", "_rebuild_tensor_v2") => Ok(Self::RebuildTensor),
            ("torch._utils", "_rebuild_parameter") => Ok(Self::RebuildParameter),
            ("torch", "Size") => Ok(Self::Size),
            _ => STORAGES
                .into_iter()
                .find(|storage| module == "torch" && *storage == name)
                .map(Self::Storage)
                .ok_or_else(|| {
                    ImportError::Unsupported(format!(
                        "it asks Python for {}, and only plain tensors in dictionaries are read: nothing in the file is ever run. Save the weights alone: `torch.save(model.state_dict(), \"model.pt\")`",
                        shown(&format!("{module}.{name}"))
                    ))
                }),
        }
    }
}

/// Every value of a pickle, and which of them is the result.
#[derive(Debug)]
pub(super) struct Pickle {
    values: Vec<Value>,
    root: Id,
}

impl Pickle {
    /// Runs the program to its end.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImportError> {
        let mut machine = Machine {
            rest: bytes,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        loop {
            if let Some(root) = machine.step()? {
                let values = machine.values;
                return Ok(Self { values, root });
            }
        }
    }

    pub(super) const fn root(&self) -> Id {
        self.root
    }

    pub(super) fn get(&self, id: Id) -> &Value {
        &self.values[id]
    }

    pub(super) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number that counts something.
    pub(super) fn size(&self, id: Id) -> Option<usize> {
        match self.get(id) {
            Value::Integer(number) => usize::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A tuple of numbers that count something.
    pub(super) fn sizes(&self, id: Id) -> Option<Vec<usize>> {
        let ids = self.tuple(id)?;
        ids.iter().map(|&id| self.size(id)).collect()
    }

    pub(super) fn tuple(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Value::Tuple(ids) => Some(ids),
            _ => None,
        }
    }
}

fn damaged(reason: &str) -> ImportError {
    ImportError::Damaged(format!(
        "its `data.pkl` is damaged: {reason}. Copy or save the file again"
    ))
}

struct Machine<'a> {
    rest: &'a [u8],
    values: Vec<Value>,
    stack: Vec<Id>,
    marks: Vec<usize>,
    memo: HashMap<u32, Id>,
}

impl<'a> Machine<'a> {
    /// One instruction; the result, at the last one.
    fn step(&mut self) -> Result<Option<Id>, ImportError> {
        match self.byte()? {
            // PROTO, FRAME.
            0x80 => drop(self.take(1)?),
            0x95 => drop(self.take(8)?),
            b'.' => return self.pop().map(Some),
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.from_mark()?),
            // NONE, NEWTRUE, NEWFALSE, BINFLOAT.
            b'N' | 0x88 | 0x89 => self.push(Value::Plain),
            b'G' => {
                self.take(8)?;
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
                self.take(length.into())?;
                self.push(Value::Plain);
            }
            b'B' => {
                let length = u32::from_le_bytes(self.array()?);
                self.take(length.into())?;
                self.push(Value::Plain);
            }
            b')' => self.push(Value::Tuple(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b'}' => self.push(Value::Dictionary(Vec::new())),
            0x85 => self.tuple(1)?,
            0x86 => self.tuple(2)?,
            0x87 => self.tuple(3)?,
            b't' => {
                let items = self.from_mark()?;
                self.push(Value::Tuple(items));
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.from_mark()?;
                self.append(items)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.set(vec![key, value])?;
            }
            b'u' => {
                let items = self.from_mark()?;
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
                let key = u32::try_from(self.memo.len())
                    .map_err(|_| damaged("it remembers too much"))?;
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

    fn from_mark(&mut self) -> Result<Vec<Id>, ImportError> {
        let mark = self.marks.pop().ok_or_else(|| damaged("a mark is missing"))?;
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

    fn refusal(bytes: &[u8]) -> String {
        Pickle::read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_call_of_anything_else_is_refused_by_name() {
        let message = refusal(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.");
        assert!(message.contains("`os.system`"), "{message}");
        assert!(message.contains("state_dict"), "{message}");
        let stacked = refusal(b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93.");
        assert!(stacked.contains("`builtins.eval`"), "{stacked}");
        assert!(refusal(b"\x80\x02ctorch\nload\n.").contains("`torch.load`"));
    }

    #[test]
    fn dictionaries_numbers_and_texts_are_read() {
        let pickle = Pickle::read(b"\x80\x02}(X\x01\x00\x00\x00aK\x05X\x01\x00\x00\x00bJ\xff\xff\xff\xffX\x01\x00\x00\x00c\x8a\x02\x00\x01u.").unwrap();
        let Value::Dictionary(entries) = pickle.get(pickle.root()) else {
            panic!("{pickle:?}")
        };
        let read: Vec<_> = entries
            .iter()
            .map(|&(key, value)| (pickle.text(key).unwrap(), pickle.get(value).clone()))
            .collect();
        assert!(matches!(
            read.as_slice(),
            [
                ("a", Value::Integer(5)),
                ("b", Value::Integer(-1)),
                ("c", Value::Integer(256))
            ]
        ));
    }

    #[test]
    fn programs_that_end_too_soon_or_take_what_is_not_there_are_damage() {
        for bytes in [
            &b""[..],
            b"\x80",
            b".",
            b"K",
            b"(K\x01t",
            b"t.",
            b"(0.",
            b"h\x05.",
            b"X\xff\xff\xff\xffa.",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffa.",
            b"K\x01K\x02s.",
            b"K\x01K\x02a.",
            b"}(K\x01u.",
            b"K\x01)R.",
            b"ccollections\nOrderedDict",
        ] {
            assert!(
                matches!(Pickle::read(bytes), Err(ImportError::Damaged(_))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn whole_numbers_of_any_length_are_read_where_they_fit() {
        assert_eq!(long(&[]), Some(0));
        assert_eq!(long(&[0xff]), Some(-1));
        assert_eq!(long(&[0, 1]), Some(256));
        assert_eq!(long(&[1; 9]), None);
    }
}
