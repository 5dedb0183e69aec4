//! An ONNX file as far as it must be known before a runtime may see it. What a landmark model has no use for and what could
//! reach outside of the file (data in other files, functions, graphs inside of nodes, operators of other domains) is refused here.
//! Source of the field numbers: `onnx.proto` of the ONNX project.

use std::collections::BTreeMap;

use crate::wire::{Fields, Malformed, Value};

/// Why a file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not ONNX at all, or damaged.
    #[error("it is no ONNX model, or is damaged")]
    Malformed,
    /// Something ONNX allows and a landmark model may not have.
    #[error("it has {0}, which a landmark model may not have")]
    Forbidden(String),
}

impl From<Malformed> for Refusal {
    fn from(Malformed: Malformed) -> Self {
        Refusal::Malformed
    }
}

fn forbidden<T>(what: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Forbidden(what.into()))
}

/// The file: what it says of itself, and its layers in the order in which they run.
#[derive(Debug, Default)]
pub struct Model {
    pub metadata: BTreeMap<String, String>,
    pub nodes: Vec<Node>,
    pub constants: BTreeMap<String, Constant>,
    pub inputs: Vec<Port>,
    pub outputs: Vec<String>,
}

/// A named input: its shape where it is fixed.
#[derive(Debug)]
pub struct Port {
    pub name: String,
    pub shape: Option<Vec<u64>>,
}

/// A tensor held in the file. `numbers` only where there are few of them, as in a list of axes.
#[derive(Debug, Clone)]
pub struct Constant {
    pub shape: Vec<u64>,
    pub numbers: Option<Vec<f64>>,
}

/// One layer.
#[derive(Debug, Default)]
pub struct Node {
    pub operator: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub attributes: BTreeMap<String, Attribute>,
}

/// What tunes a layer.
#[derive(Debug)]
pub enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Text(String),
    Tensor(Constant),
    /// Floats: no shape depends on them.
    Other,
}

/// A tensor with more elements has no `numbers`.
const FEW: usize = 16;
/// Most layers a file may have.
const MOST_NODES: usize = 4096;

impl Model {
    /// Reads the file's bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut model = Model::default();
        let mut seen_graph = false;
        for field in Fields::new(bytes) {
            match field? {
                (7, graph) if !seen_graph => {
                    seen_graph = true;
                    model.graph(graph.bytes()?)?;
                }
                (7, _) => return forbidden("two graphs"),
                (8, opset) => no_foreign_domain(opset.bytes()?, 1)?,
                (14, entry) => {
                    let (key, value) = entry_of(entry.bytes()?)?;
                    if model.metadata.insert(key, value).is_some() {
                        return forbidden("metadata twice");
                    }
                }
                (20, _) => return forbidden("training steps"),
                (25, _) => return forbidden("functions"),
                _ => {}
            }
        }
        if seen_graph { Ok(model) } else { Err(Refusal::Malformed) }
    }

    fn graph(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        let mut inputs = Vec::new();
        for field in Fields::new(bytes) {
            match field? {
                (1, node) => self.nodes.push(Node::parse(node.bytes()?)?),
                (5, tensor) => {
                    let (name, constant) = Constant::parse(tensor.bytes()?)?;
                    if self.constants.insert(name, constant).is_some() {
                        return forbidden("a tensor twice");
                    }
                }
                (11, port) => inputs.push(Port::parse(port.bytes()?)?),
                (12, port) => self.outputs.push(Port::parse(port.bytes()?)?.name),
                (14, _) => return forbidden("quantisation notes"),
                (15, _) => return forbidden("sparse tensors"),
                _ => {}
            }
            if self.nodes.len() > MOST_NODES {
                return forbidden(format!("more than {MOST_NODES} layers"));
            }
        }
        // Files of older versions list what the graph holds among its inputs too.
        self.inputs = inputs.into_iter().filter(|i| !self.constants.contains_key(&i.name)).collect();
        Ok(())
    }
}

impl Port {
    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let (mut name, mut shape) = (String::new(), None);
        for field in Fields::new(bytes) {
            match field? {
                (1, text) => name = text.text()?.to_owned(),
                (2, kind) if shape.is_none() => shape = Some(tensor_shape(kind.bytes()?)?),
                (2, _) => return forbidden("an input with two types"),
                _ => {}
            }
        }
        Ok(Self { name, shape: shape.flatten() })
    }
}

/// The shape in a TypeProto, if it is a tensor of fixed size.
fn tensor_shape(kind: &[u8]) -> Result<Option<Vec<u64>>, Refusal> {
    let only = |bytes, number| -> Result<Option<&[u8]>, Refusal> {
        let mut found = None;
        for field in Fields::new(bytes) {
            if let (n, value) = field?
                && n == number
                && found.replace(value.bytes()?).is_some()
            {
                return Err(Refusal::Malformed);
            }
        }
        Ok(found)
    };
    let Some(tensor) = only(kind, 1)? else { return Ok(None) };
    let Some(shape) = only(tensor, 2)? else { return Ok(None) };
    let mut sizes = Vec::new();
    for dimension in Fields::new(shape) {
        let (1, dimension) = dimension? else { continue };
        let mut size = None;
        for field in Fields::new(dimension.bytes()?) {
            match field? {
                (1, value) => size = u64::try_from(value.int()?).ok(),
                (2, _) => return Ok(None),
                _ => {}
            }
        }
        let Some(size) = size else { return Ok(None) };
        sizes.push(size);
    }
    Ok(Some(sizes))
}

impl Node {
    fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let mut node = Node::default();
        for field in Fields::new(bytes) {
            match field? {
                (1, name) => node.inputs.push(name.text()?.to_owned()),
                (2, name) => node.outputs.push(name.text()?.to_owned()),
                (4, name) => node.operator = name.text()?.to_owned(),
                (5, attribute) => {
                    let (name, attribute) = Attribute::parse(attribute.bytes()?)?;
                    if node.attributes.insert(name, attribute).is_some() {
                        return forbidden("an attribute twice");
                    }
                }
                (7, _) => no_foreign_domain(bytes, 7)?,
                (8, _) => return forbidden("overloaded operators"),
                _ => {}
            }
        }
        Ok(node)
    }

    /// The attribute's integer, or `default` where there is none.
    pub fn int(&self, name: &str, default: i64) -> Option<i64> {
        match self.attributes.get(name) {
            None => Some(default),
            Some(Attribute::Int(value)) => Some(*value),
            Some(_) => None,
        }
    }

    /// The attribute's integers, or none where there is no such attribute.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attributes.get(name) {
            None => Some(&[]),
            Some(Attribute::Ints(values)) => Some(values),
            Some(_) => None,
        }
    }

    /// The attribute's text, or an empty one where there is none.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attributes.get(name) {
            None => Some(""),
            Some(Attribute::Text(text)) => Some(text),
            Some(_) => None,
        }
    }
}

impl Attribute {
    fn parse(bytes: &[u8]) -> Result<(String, Self), Refusal> {
        let (mut name, mut kind) = (String::new(), 0);
        let (mut int, mut ints, mut text, mut tensors) = (0, Vec::new(), String::new(), Vec::new());
        for field in Fields::new(bytes) {
            match field? {
                (1, value) => name = value.text()?.to_owned(),
                (3, value) => int = value.int()?,
                (4, value) => text = String::from_utf8_lossy(value.bytes()?).into_owned(),
                (5, value) => tensors.push(Constant::parse(value.bytes()?)?.1),
                (8, value) => value.ints(&mut ints)?,
                (20, value) => kind = value.int()?,
                (6 | 10 | 11 | 14 | 22 | 23, _) => return forbidden("layers inside of layers"),
                (21, _) => return forbidden("references to attributes"),
                _ => {}
            }
        }
        let attribute = match kind {
            2 => Attribute::Int(int),
            3 => Attribute::Text(text),
            4 => match <[Constant; 1]>::try_from(tensors) {
                Ok([tensor]) => Attribute::Tensor(tensor),
                Err(_) => return Err(Refusal::Malformed),
            },
            7 => Attribute::Ints(ints),
            1 | 6 => Attribute::Other,
            _ => return forbidden("an attribute of an unknown kind"),
        };
        Ok((name, attribute))
    }
}

impl Constant {
    fn parse(bytes: &[u8]) -> Result<(String, Self), Refusal> {
        let (mut name, mut shape, mut kind, mut raw) = (String::new(), Vec::new(), 0, None);
        let (mut floats, mut ints) = (Vec::new(), Vec::new());
        for field in Fields::new(bytes) {
            match field? {
                (1, value) => value.ints(&mut shape)?,
                (2, value) => kind = value.int()?,
                (4, value) => value.floats(&mut floats)?,
                (5 | 7, value) => value.ints(&mut ints)?,
                (8, value) => name = value.text()?.to_owned(),
                (9, value) => raw = Some(value.bytes()?),
                (13, _) => return forbidden("data in another file"),
                (14, Value::Varint(0)) => {}
                (14, _) => return forbidden("data in another file"),
                (3 | 6 | 10 | 11, _) => return forbidden("a tensor of an unusual kind"),
                _ => {}
            }
        }
        let shape: Vec<u64> =
            shape.into_iter().map(u64::try_from).collect::<Result<_, _>>().map_err(|_| Refusal::Malformed)?;
        let size = match kind {
            1 | 6 => 4,
            7 => 8,
            10 => 2,
            _ => return forbidden("numbers that are neither float, half nor integer"),
        };
        let count = shape.iter().try_fold(1u64, |n, &s| n.checked_mul(s)).ok_or(Refusal::Malformed)?;
        let held = match raw {
            Some(raw) => raw.len() / size,
            None => floats.len().max(ints.len()),
        };
        if u64::try_from(held).ok() != Some(count) || raw.is_some_and(|raw| raw.len() % size != 0) {
            return Err(Refusal::Malformed);
        }
        let numbers = (held <= FEW).then(|| match (raw, kind) {
            (Some(raw), 1) => raw.as_chunks().0.iter().map(|&b| f64::from(f32::from_le_bytes(b))).collect(),
            (Some(raw), 6) => raw.as_chunks().0.iter().map(|&b| f64::from(i32::from_le_bytes(b))).collect(),
            (Some(raw), 7) => raw.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b) as f64).collect(),
            (None, 1) => floats.iter().map(|&f| f64::from(f)).collect(),
            (None, 6 | 7) => ints.iter().map(|&i| i as f64).collect(),
            _ => Vec::new(),
        });
        Ok((name, Self { shape, numbers }))
    }
}

/// Refuses a message whose field `number` names another domain than ONNX's own.
fn no_foreign_domain(bytes: &[u8], number: u64) -> Result<(), Refusal> {
    for field in Fields::new(bytes) {
        let (n, value) = field?;
        if n == number && !matches!(value.text()?, "" | "ai.onnx") {
            return forbidden(format!("operators of “{}”", value.text()?));
        }
    }
    Ok(())
}

/// Key and value of a StringStringEntryProto.
fn entry_of(bytes: &[u8]) -> Result<(String, String), Refusal> {
    let (mut key, mut text) = (String::new(), String::new());
    for field in Fields::new(bytes) {
        match field? {
            (1, value) => key = value.text()?.to_owned(),
            (2, value) => text = value.text()?.to_owned(),
            _ => {}
        }
    }
    Ok((key, text))
}
