//! The operators an export is made of, one method for each.
//!
//! Axes, bounds and shapes are inputs where operator set 17 has them as inputs. Negative sizes in
//! [`Graph::reshape`] mean what they mean there: −1 is whatever is left.
use super::graph::{Attribute, Graph, Value};
use super::tensor::{Element, Values};

impl Graph {
    /// a + b, broadcast.
    pub fn add(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Add", &[a, b], &[])
    }

    /// a − b, broadcast.
    pub fn sub(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Sub", &[a, b], &[])
    }

    /// a · b, element by element, broadcast.
    pub fn mul(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Mul", &[a, b], &[])
    }

    /// a / b, broadcast; of whole numbers the quotient without its rest, towards zero.
    pub fn div(&mut self, a: &Value, b: &Value) -> Value {
        self.node("Div", &[a, b], &[])
    }

    /// `values` with other elements.
    pub fn cast(&mut self, values: &Value, element: Element) -> Value {
        let to = Attribute::Int(i64::from(element.number()));
        self.node("Cast", &[values], &[("to", to)])
    }

    /// Where `condition` holds `yes`, elsewhere `no`, broadcast.
    pub fn select(&mut self, condition: &Value, yes: &Value, no: &Value) -> Value {
        self.node("Where", &[condition, yes, no], &[])
    }

    /// Axis `k` of the result is axis `order[k]` of `values`.
    pub fn transpose(&mut self, values: &Value, order: &[i64]) -> Value {
        let order = Attribute::Ints(order.to_vec());
        self.node("Transpose", &[values], &[("perm", order)])
    }

    /// The same values in another shape; 0 keeps the size of that axis, −1 is what is left.
    pub fn reshape(&mut self, values: &Value, shape: &[i64]) -> Value {
        let shape = self.whole_numbers(shape);
        self.node("Reshape", &[values, &shape], &[])
    }

    /// With an axis of size one at each of `axes` of the result.
    pub fn unsqueeze(&mut self, values: &Value, axes: &[i64]) -> Value {
        let axes = self.whole_numbers(axes);
        self.node("Unsqueeze", &[values, &axes], &[])
    }

    /// Without `axes`, which have size one.
    pub fn squeeze(&mut self, values: &Value, axes: &[i64]) -> Value {
        let axes = self.whole_numbers(axes);
        self.node("Squeeze", &[values, &axes], &[])
    }

    /// Repeated along axes of size one until it has `shape`; 1 in `shape` leaves an axis as it is.
    pub fn expand(&mut self, values: &Value, shape: &[i64]) -> Value {
        let shape = self.whole_numbers(shape);
        self.node("Expand", &[values, &shape], &[])
    }

    /// One after another along `axis`; a single one is handed back.
    pub fn concat(&mut self, parts: &[Value], axis: i64) -> Value {
        if let [part] = parts {
            return part.clone();
        }
        let parts: Vec<&Value> = parts.iter().collect();
        self.node("Concat", &parts, &[("axis", Attribute::Int(axis))])
    }

    /// Places `from..to` of `axis`, both counted from the start.
    pub fn slice(&mut self, values: &Value, axis: i64, from: usize, to: usize) -> Value {
        let from = self.whole_numbers(&[super::tensor::size(from)]);
        let to = self.whole_numbers(&[super::tensor::size(to)]);
        let axis = self.whole_numbers(&[axis]);
        self.node("Slice", &[values, &from, &to, &axis], &[])
    }

    /// The mean along `axis`, which stays with size one.
    pub fn mean(&mut self, values: &Value, axis: i64) -> Value {
        let axes = Attribute::Ints(vec![axis]);
        let keep = Attribute::Int(1);
        self.node(
            "ReduceMean",
            &[values],
            &[("axes", axes), ("keepdims", keep)],
        )
    }

    /// A single 32-bit number.
    pub fn number(&mut self, name: &str, value: f32) -> Value {
        self.constant(name, &[], &Values::F32(vec![value]))
    }

    /// A single 64-bit whole number.
    pub fn whole_number(&mut self, name: &str, value: i64) -> Value {
        self.constant(name, &[], &Values::I64(vec![value]))
    }
}
