//! Building a graph: nodes in the order in which they run, constants, inputs and outputs.
use super::proto::{
    AttributeProto, DimensionProto, DimensionValue, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto, TensorTypeProto,
    TypeProto, ValueInfoProto, attribute_type,
};
use super::tensor::{self, Element, Values};
use super::{IR_VERSION, OPSET};
use prost::Message;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A value in a graph, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value(String);

impl Value {
    /// What stands for an input that is left out.
    pub(super) fn absent() -> Self {
        Self(String::new())
    }

    /// Its name in the file.
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// The size of an axis of an input or output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Size {
    /// The same in every call.
    Fixed(usize),
    /// Another in every call; axes of one name agree.
    Any(&'static str),
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Any(name) => f.write_str(name),
        }
    }
}

/// An input or output as a user meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// The sizes of its axes.
    pub shape: Vec<Size>,
    /// What it holds: a sentence.
    pub holds: String,
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.shape.iter().map(Size::to_string).collect();
        write!(
            f,
            "{} {} [{}]",
            self.name,
            self.element.name(),
            sizes.join(", ")
        )
    }
}

/// An attribute of a node.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// A number.
    Int(i64),
    /// Numbers.
    Ints(Vec<i64>),
    /// A floating-point number.
    Float(f32),
    /// Floating-point numbers.
    Floats(Vec<f32>),
    /// A word.
    Text(&'static str),
    /// Words.
    Texts(Vec<&'static str>),
    /// An array of one element.
    Scalar(f32),
}

impl Attribute {
    fn message(&self, name: &str) -> AttributeProto {
        let empty = AttributeProto {
            name: name.to_owned(),
            ..AttributeProto::default()
        };
        match self {
            Self::Int(value) => AttributeProto {
                i: Some(*value),
                kind: attribute_type::INT,
                ..empty
            },
            Self::Ints(values) => AttributeProto {
                ints: values.clone(),
                kind: attribute_type::INTS,
                ..empty
            },
            Self::Float(value) => AttributeProto {
                f: Some(*value),
                kind: attribute_type::FLOAT,
                ..empty
            },
            Self::Floats(values) => AttributeProto {
                floats: values.clone(),
                kind: attribute_type::FLOATS,
                ..empty
            },
            Self::Text(value) => AttributeProto {
                s: Some(value.as_bytes().to_vec()),
                kind: attribute_type::STRING,
                ..empty
            },
            Self::Texts(values) => AttributeProto {
                strings: values
                    .iter()
                    .map(|value| value.as_bytes().to_vec())
                    .collect(),
                kind: attribute_type::STRINGS,
                ..empty
            },
            Self::Scalar(value) => AttributeProto {
                t: Some(tensor::message("", &[1], &Values::F32(vec![*value]))),
                kind: attribute_type::TENSOR,
                ..empty
            },
        }
    }
}

/// A graph in the making. A node is added after what it reads, so the order of the calls is the order in the
/// file; names are made from the scope and the operator, and are unique.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<NodeProto>,
    initializers: Vec<TensorProto>,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    properties: Vec<(String, String)>,
    scope: Vec<String>,
    used: BTreeMap<String, usize>,
    whole_numbers: BTreeMap<Vec<i64>, Value>,
}

impl Graph {
    /// An empty graph.
    pub fn new() -> Self {
        Self::default()
    }

    /// Names what `write` adds after `name`, for people who read the graph.
    pub fn within<T>(&mut self, name: &str, write: impl FnOnce(&mut Self) -> T) -> T {
        self.scope.push(name.to_owned());
        let written = write(self);
        self.scope.pop();
        written
    }

    fn unique(&mut self, name: &str) -> String {
        let mut path = self.scope.clone();
        path.push(name.to_owned());
        let path = path.join("/");
        let count = self.used.entry(path.clone()).or_insert(0);
        *count += 1;
        match *count {
            1 => path,
            count => format!("{path}_{count}"),
        }
    }

    /// An input of the graph. Its name is kept as it is.
    pub fn input(&mut self, port: Port) -> Value {
        self.used.insert(port.name.clone(), 1);
        let value = Value(port.name.clone());
        self.inputs.push(port);
        value
    }

    /// Makes `value` an output of the graph, under the name of `port`.
    pub fn output(&mut self, value: &Value, port: Port) {
        self.nodes.push(NodeProto {
            input: vec![value.0.clone()],
            output: vec![port.name.clone()],
            name: format!("output/{}", port.name),
            op_type: "Identity".into(),
            attribute: Vec::new(),
        });
        self.outputs.push(port);
    }

    /// The inputs, in the order in which they were added.
    pub fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    /// The outputs, in the order in which they were added.
    pub fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    /// Something a reader of the file should know, beside the graph.
    pub fn property(&mut self, key: &str, value: impl Into<String>) {
        self.properties.push((key.to_owned(), value.into()));
    }

    /// An array held in the file. There must be as many values as the shape says.
    pub fn constant(&mut self, name: &str, shape: &[usize], values: &Values) -> Value {
        let name = self.unique(name);
        self.initializers
            .push(tensor::message(&name, shape, values));
        Value(name)
    }

    /// Whole numbers in one axis, as many operators take for axes, bounds and shapes.
    pub fn whole_numbers(&mut self, values: &[i64]) -> Value {
        if let Some(value) = self.whole_numbers.get(values) {
            return value.clone();
        }
        let words: Vec<String> = values.iter().map(i64::to_string).collect();
        // Used from everywhere, so named after what it holds and not after where it was first needed.
        let scope = std::mem::take(&mut self.scope);
        let value = self.constant(
            &format!("numbers/{}", words.join(",")),
            &[values.len()],
            &Values::I64(values.to_vec()),
        );
        self.scope = scope;
        self.whole_numbers.insert(values.to_vec(), value.clone());
        value
    }

    /// A node with one output.
    pub fn node(
        &mut self,
        operator: &'static str,
        inputs: &[&Value],
        attributes: &[(&'static str, Attribute)],
    ) -> Value {
        let output = Value(self.unique(operator));
        self.push(operator, inputs, vec![output.0.clone()], attributes);
        output
    }

    /// A node whose outputs are named `parts`.
    pub fn node_of_parts<const N: usize>(
        &mut self,
        operator: &'static str,
        inputs: &[&Value],
        attributes: &[(&'static str, Attribute)],
        parts: [&str; N],
    ) -> [Value; N] {
        let base = self.unique(operator);
        let outputs = parts.map(|part| Value(format!("{base}/{part}")));
        let names = outputs.iter().map(|value| value.0.clone()).collect();
        self.push_named(base, operator, inputs, names, attributes);
        outputs
    }

    fn push(
        &mut self,
        operator: &'static str,
        inputs: &[&Value],
        outputs: Vec<String>,
        attributes: &[(&'static str, Attribute)],
    ) {
        let name = outputs[0].clone();
        self.push_named(name, operator, inputs, outputs, attributes);
    }

    fn push_named(
        &mut self,
        name: String,
        operator: &'static str,
        inputs: &[&Value],
        outputs: Vec<String>,
        attributes: &[(&'static str, Attribute)],
    ) {
        let mut inputs: Vec<String> = inputs.iter().map(|value| value.0.clone()).collect();
        while inputs.last().is_some_and(String::is_empty) {
            inputs.pop();
        }
        self.nodes.push(NodeProto {
            input: inputs,
            output: outputs,
            name,
            op_type: operator.to_owned(),
            attribute: attributes
                .iter()
                .map(|(name, attribute)| attribute.message(name))
                .collect(),
        });
    }

    /// The file: the graph under `name`, made by `producer` (program and version), which `about` describes.
    ///
    /// Constants that no node reads are left out; runtimes warn of them.
    pub fn into_bytes(mut self, name: &str, producer: (&str, &str), about: &str) -> Vec<u8> {
        let read: BTreeSet<&String> = self.nodes.iter().flat_map(|node| &node.input).collect();
        self.initializers
            .retain(|constant| read.contains(&constant.name));
        ModelProto {
            ir_version: IR_VERSION,
            producer_name: producer.0.to_owned(),
            producer_version: producer.1.to_owned(),
            doc_string: about.to_owned(),
            graph: Some(GraphProto {
                node: self.nodes,
                name: name.to_owned(),
                initializer: self.initializers,
                input: self.inputs.iter().map(port_message).collect(),
                output: self.outputs.iter().map(port_message).collect(),
            }),
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: OPSET,
            }],
            metadata_props: self
                .properties
                .into_iter()
                .map(|(key, value)| StringStringEntryProto { key, value })
                .collect(),
        }
        .encode_to_vec()
    }

    /// How many nodes run `operator`.
    pub fn count(&self, operator: &str) -> usize {
        let same = |node: &&NodeProto| node.op_type == operator;
        self.nodes.iter().filter(same).count()
    }
}

fn port_message(port: &Port) -> ValueInfoProto {
    let dim = port
        .shape
        .iter()
        .map(|size| DimensionProto {
            value: Some(match size {
                Size::Fixed(size) => DimensionValue::Size(tensor::size(*size)),
                Size::Any(name) => DimensionValue::Name((*name).to_owned()),
            }),
        })
        .collect();
    ValueInfoProto {
        name: port.name.clone(),
        kind: Some(TypeProto {
            tensor_type: Some(TensorTypeProto {
                elem_type: port.element.number(),
                shape: Some(TensorShapeProto { dim }),
            }),
        }),
        doc_string: port.holds.clone(),
    }
}
