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
mod machine;

use super::ImportError;
use super::error::shown;
use machine::Machine;

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
        let mut machine = Machine::new(bytes);
        loop {
            if let Some(root) = machine.step()? {
                return Ok(Self {
                    values: machine.into_values(),
                    root,
                });
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
}
