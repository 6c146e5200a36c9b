//! Arrays of the element types an export has, as ONNX holds them.
use super::proto::TensorProto;
use prost::Message;

/// The element type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// 32-bit integers.
    I32,
    /// 64-bit integers.
    I64,
    /// Truth values.
    Bool,
}

impl Element {
    /// Its number in `TensorProto.DataType`.
    pub(super) const fn number(self) -> i32 {
        match self {
            Self::F32 => 1,
            Self::F64 => 11,
            Self::I32 => 6,
            Self::I64 => 7,
            Self::Bool => 9,
        }
    }

    /// Its name as NumPy has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::F32 => "float32",
            Self::F64 => "float64",
            Self::I32 => "int32",
            Self::I64 => "int64",
            Self::Bool => "bool",
        }
    }
}

/// The values of an array, row after row.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// 32-bit floating point.
    F32(Vec<f32>),
    /// 64-bit floating point.
    F64(Vec<f64>),
    /// 32-bit integers.
    I32(Vec<i32>),
    /// 64-bit integers.
    I64(Vec<i64>),
    /// Truth values.
    Bool(Vec<bool>),
}

impl Values {
    /// Their type.
    pub const fn element(&self) -> Element {
        match self {
            Self::F32(_) => Element::F32,
            Self::F64(_) => Element::F64,
            Self::I32(_) => Element::I32,
            Self::I64(_) => Element::I64,
            Self::Bool(_) => Element::Bool,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::F32(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            Self::F64(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            Self::I32(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            Self::I64(values) => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            Self::Bool(values) => values.iter().map(|value| u8::from(*value)).collect(),
        }
    }
}

/// A size as ONNX writes it.
pub(super) fn size(size: usize) -> i64 {
    // No array in memory has more elements than an i64 counts.
    i64::try_from(size).unwrap_or(i64::MAX)
}

pub(super) fn message(name: &str, shape: &[usize], values: &Values) -> TensorProto {
    debug_assert_eq!(
        shape.iter().product::<usize>() * width(values.element()),
        values.to_bytes().len(),
        "{name}"
    );
    TensorProto {
        dims: shape.iter().map(|&length| size(length)).collect(),
        data_type: values.element().number(),
        name: name.to_owned(),
        raw_data: Some(values.to_bytes()),
    }
}

const fn width(element: Element) -> usize {
    match element {
        Element::F32 | Element::I32 => 4,
        Element::F64 | Element::I64 => 8,
        Element::Bool => 1,
    }
}

/// One array as the bytes of a `.pb` file, the form in which ONNX's own test data are kept
/// (`test_data_set_0/input_0.pb`); every runtime's test runner reads it.
pub fn tensor_file(name: &str, shape: &[usize], values: &Values) -> Vec<u8> {
    message(name, shape, values).encode_to_vec()
}
