//! Writes small ONNX files, right ones and wrong ones, and finds the library to run them.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::PathBuf;

use inference::Runtime;
use inference::runtime::FILE_NAME;

/// The runtime that `make bundle` brings, or the one that SPLITLINE_ONNXRUNTIME names. None where there is none, which CI does not allow.
pub fn runtime() -> Option<Runtime> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let bundle = std::env::var_os("SPLITLINE_BUNDLE")
        .map_or_else(|| root.join("dist/Splitline.ofx.bundle"), PathBuf::from);
    let folder = if cfg!(target_arch = "aarch64") { "Linux-aarch64" } else { "Linux-x86-64" };
    let runtime = Runtime::load(Some(&bundle.join("Contents").join(folder).join(FILE_NAME)));
    assert!(runtime.is_ok() || std::env::var_os("CI").is_none(), "{}", runtime.unwrap_err());
    runtime.ok()
}

/// A Protocol Buffers message that is being written.
#[derive(Clone, Default)]
pub struct Message(pub Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value > 127 {
            self.0.push(value as u8 | 128);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.as_ref().len() as u64);
        self.0.extend(bytes.as_ref());
        self
    }

    pub fn int(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3);
        self.varint(value.cast_unsigned());
        self
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

pub fn floats(name: &str, shape: &[i64], values: &[f32]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    let tensor = shape.iter().fold(Message::default(), |m, &s| m.int(1, s));
    tensor.int(2, 1).bytes(8, name).bytes(9, raw)
}

pub fn integers(name: &str, values: &[i64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    Message::default().int(1, values.len() as i64).int(2, 7).bytes(8, name).bytes(9, raw)
}

pub fn port(name: &str, shape: &[i64]) -> Message {
    let shape = shape.iter().fold(Message::default(), |m, &s| m.bytes(1, Message::default().int(1, s)));
    let kind = Message::default().bytes(1, Message::default().int(1, 1).bytes(2, shape));
    Message::default().bytes(1, name).bytes(2, kind)
}

pub fn node(operator: &str, inputs: &[&str], output: &str) -> Message {
    let node = inputs.iter().fold(Message::default(), |m, name| m.bytes(1, name));
    node.bytes(2, output).bytes(4, operator)
}

pub fn attribute(name: &str, value: i64) -> Message {
    Message::default().bytes(1, name).int(3, value).int(20, 2)
}

pub fn attribute_list(name: &str, values: &[i64]) -> Message {
    values.iter().fold(Message::default().bytes(1, name), |m, &v| m.int(8, v)).int(20, 7)
}

/// A model's parts, to be changed by a test before they are written.
#[derive(Clone)]
pub struct Parts {
    pub metadata: Vec<(String, String)>,
    pub nodes: Vec<Message>,
    pub tensors: Vec<Message>,
    pub inputs: Vec<Message>,
    pub outputs: Vec<Message>,
}

impl Parts {
    pub fn write(&self) -> Vec<u8> {
        let fold = |graph, field, all: &[Message]| all.iter().fold(graph, |g: Message, m| g.bytes(field, m));
        let graph = fold(Message::default(), 1, &self.nodes).bytes(2, "colours");
        let graph = fold(fold(fold(graph, 5, &self.tensors), 11, &self.inputs), 12, &self.outputs);
        let opset = Message::default().bytes(1, "").int(2, 17);
        let model = Message::default().int(1, 8).bytes(7, graph).bytes(8, opset);
        let entries = self.metadata.iter();
        entries.fold(model, |m, (key, value)| m.bytes(14, Message::default().bytes(1, key).bytes(2, value))).0
    }

    pub fn set(&mut self, key: &str, value: &str) {
        self.metadata.retain(|(k, _)| k != key);
        self.metadata.push((key.to_owned(), value.to_owned()));
    }
}

pub const SIZE: usize = 64;

/// A model that finds a red, a green and a blue patch: for each, the mean place of what has more of that colour than of the others.
pub fn colours() -> Parts {
    let n = SIZE as i64;
    let filter = [4., -4., -4., -4., 4., -4., -4., -4., 4.];
    let places: Vec<f32> =
        (0..SIZE * SIZE).flat_map(|i| [(i % SIZE) as f32 + 0.5, (i / SIZE) as f32 + 0.5]).collect();
    let metadata = [
        ("format", "splitline landmarks"),
        ("format_version", "1"),
        ("character", "Colours"),
        ("input_size", "64"),
        ("landmarks", "red\ngreen\nblue"),
        ("licence", "MIT OR Apache-2.0"),
    ];
    Parts {
        metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec(),
        nodes: vec![
            node("Conv", &["picture", "filter"], "heat"),
            node("Reshape", &["heat", "flat"], "rows"),
            node("Mul", &["rows", "sharp"], "sharp_rows"),
            node("Softmax", &["sharp_rows"], "weights").bytes(5, attribute("axis", -1)),
            node("MatMul", &["weights", "places"], "xy"),
            node("Sigmoid", &["rows"], "chances"),
            node("ReduceMax", &["chances"], "confidence")
                .bytes(5, attribute_list("axes", &[2]))
                .bytes(5, attribute("keepdims", 1)),
            node("Concat", &["xy", "confidence"], "landmarks").bytes(5, attribute("axis", 2)),
            node("ReduceMin", &["confidence"], "score")
                .bytes(5, attribute_list("axes", &[1]))
                .bytes(5, attribute("keepdims", 0)),
        ],
        tensors: vec![
            floats("filter", &[3, 3, 1, 1], &filter),
            integers("flat", &[1, 3, n * n]),
            floats("sharp", &[1], &[12.0]),
            floats("places", &[n * n, 2], &places),
        ],
        inputs: vec![port("picture", &[1, 3, n, n])],
        outputs: vec![port("landmarks", &[1, 3, 3]), port("score", &[1, 1])],
    }
}
