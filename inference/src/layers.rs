//! What a model's layers take, added up from their shapes before a runtime sees the file: so that no file, by mistake or on
//! purpose, takes the host's memory or keeps it waiting. Only layers with a rule here may be in a model.
//! Source of the rules: the operator pages of the ONNX specification, opsets 11 to 21.

use std::collections::BTreeMap;

use crate::graph::{Attribute, Constant, Model, Node, Refusal};

/// Multiply-adds of one run at most: about a second of one core.
const MOST_WORK: u64 = 20_000_000_000;
/// Numbers that all layers make in one run at most: 256 MB.
const MOST_NUMBERS: u64 = 64_000_000;
/// Longest side and most axes of any tensor.
const LONGEST: u64 = 1 << 20;
const MOST_AXES: usize = 6;

type Shape = Vec<u64>;

/// Shapes of the model's outputs, by name, where all its layers stay within the limits.
pub fn check(model: &Model) -> Result<BTreeMap<String, Shape>, Refusal> {
    let mut layers =
        Layers { shapes: BTreeMap::new(), constants: model.constants.clone(), work: 0, numbers: 0 };
    for (name, constant) in &model.constants {
        layers.put(name, constant.shape.clone())?;
    }
    for input in &model.inputs {
        let shape = input.shape.clone();
        layers.put(&input.name, shape.ok_or_else(|| say("an input without a fixed size"))?)?;
    }
    for node in &model.nodes {
        layers.node(node)?;
    }
    let shape = |name: &String| layers.shapes.get(name).cloned().map(|shape| (name.clone(), shape));
    model.outputs.iter().map(|name| shape(name).ok_or(Refusal::Malformed)).collect()
}

fn say(what: impl Into<String>) -> Refusal {
    Refusal::Forbidden(what.into())
}

struct Layers {
    shapes: BTreeMap<String, Shape>,
    constants: BTreeMap<String, Constant>,
    work: u64,
    numbers: u64,
}

impl Layers {
    fn put(&mut self, name: &str, shape: Shape) -> Result<(), Refusal> {
        if shape.len() > MOST_AXES || shape.iter().any(|&s| s > LONGEST) {
            return Err(say(format!("a tensor of size {shape:?}")));
        }
        self.spend(Some(0), count(&shape))?;
        if self.shapes.insert(name.to_owned(), shape).is_some() {
            return Err(say("two tensors of one name"));
        }
        Ok(())
    }

    fn spend(&mut self, work: Option<u64>, numbers: Option<u64>) -> Result<(), Refusal> {
        let sum = |a: u64, b: Option<u64>, most| a.checked_add(b?).filter(|&s| s <= most);
        let too_much =
            || say(format!("layers that take more than {MOST_WORK} steps or {MOST_NUMBERS} numbers"));
        self.work = sum(self.work, work, MOST_WORK).ok_or_else(too_much)?;
        self.numbers = sum(self.numbers, numbers, MOST_NUMBERS).ok_or_else(too_much)?;
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), Refusal> {
        let [output] = &*node.outputs else {
            return Err(say(format!("a layer {} with several outputs", node.operator)));
        };
        let input = |k: usize| node.inputs.get(k).filter(|name| !name.is_empty());
        let shapes: Option<Vec<&Shape>> =
            node.inputs.iter().filter(|name| !name.is_empty()).map(|name| self.shapes.get(name)).collect();
        let shapes = shapes.ok_or(Refusal::Malformed)?;
        let numbers = |k: usize| {
            let constant = self.constants.get(input(k)?)?;
            constant.numbers.as_deref()
        };
        let made = rule(node, &shapes, &numbers);
        let wrong = || say(format!("a layer {} whose sizes do not fit or are not fixed", node.operator));
        let Made { shape, work, scratch } = made?.ok_or_else(wrong)?;
        if let Some(Attribute::Tensor(constant)) = node.attributes.get("value")
            && node.operator == "Constant"
        {
            self.constants.insert(output.clone(), constant.clone());
        }
        self.spend(Some(work), Some(scratch))?;
        self.put(output, shape)
    }
}

/// What one layer makes and takes.
struct Made {
    shape: Shape,
    work: u64,
    /// Numbers that it needs room for while it runs, besides its output.
    scratch: u64,
}

fn plain(shape: Shape) -> Option<Made> {
    let work = count(&shape)?;
    Some(Made { shape, work, scratch: 0 })
}

/// `Ok(None)`: the inputs do not fit this layer. `numbers` gives a constant input of few elements.
fn rule<'a>(
    node: &Node,
    inputs: &[&Shape],
    numbers: &impl Fn(usize) -> Option<&'a [f64]>,
) -> Result<Option<Made>, Refusal> {
    let first = inputs.first().copied();
    Ok(match node.operator.as_str() {
        // Text would take room of another kind.
        "Cast" if !matches!(node.int("to", 0), Some(1 | 6 | 7 | 9 | 10)) => None,
        "Abs"
        | "BatchNormalization"
        | "Cast"
        | "Clip"
        | "Elu"
        | "Erf"
        | "Exp"
        | "HardSigmoid"
        | "HardSwish"
        | "Identity"
        | "InstanceNormalization"
        | "LeakyRelu"
        | "Log"
        | "LogSoftmax"
        | "Neg"
        | "Reciprocal"
        | "Relu"
        | "Sigmoid"
        | "Softmax"
        | "Softplus"
        | "Sqrt"
        | "Tanh" => first
            .cloned()
            .and_then(|shape| Some(Made { work: count(&shape)?.checked_mul(8)?, shape, scratch: 0 })),
        "Add" | "Div" | "Max" | "Min" | "Mul" | "PRelu" | "Pow" | "Sub" => {
            inputs.iter().try_fold(Shape::new(), |shape, next| broadcast(&shape, next)).and_then(plain)
        }
        "Conv" => convolution(node, inputs),
        "ConvTranspose" => transposed_convolution(node, inputs),
        "AveragePool" | "MaxPool" => pool(node, inputs),
        "GlobalAveragePool" | "GlobalMaxPool" => first.filter(|s| s.len() > 2).and_then(|s| {
            Some(Made { shape: [&s[..2], &vec![1; s.len() - 2]].concat(), work: count(s)?, scratch: 0 })
        }),
        "ReduceMax" | "ReduceMean" | "ReduceMin" | "ReduceSum" => reduce(node, first, numbers(1)),
        "Concat" => concat(node, inputs).and_then(plain),
        "Constant" => match node.attributes.get("value") {
            Some(Attribute::Tensor(constant)) => plain(constant.shape.clone()),
            _ => None,
        },
        "Flatten" => first.and_then(|s| {
            let at = usize::try_from(node.int("axis", 1)?).ok().filter(|&at| at <= s.len())?;
            plain(vec![count(&s[..at])?, count(&s[at..])?])
        }),
        "Gemm" => gemm(node, inputs),
        "MatMul" => matmul(inputs),
        "Reshape" => first.and_then(|s| reshape(node, s, numbers(1)?)).and_then(plain),
        "Resize" => first.and_then(|s| resize(s, inputs.len(), numbers)),
        "Squeeze" | "Unsqueeze" => squeeze(node, first, numbers(1)).and_then(plain),
        "Transpose" => first.and_then(|s| transpose(node, s)).and_then(plain),
        other => {
            let name: String = other.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            return Err(say(format!("a layer “{name}”")));
        }
    })
}

fn count(shape: &[u64]) -> Option<u64> {
    shape.iter().try_fold(1u64, |n, &s| n.checked_mul(s))
}

/// NumPy's rule: axes are aligned at the end, and one of 1 is repeated.
fn broadcast(a: &[u64], b: &[u64]) -> Option<Shape> {
    let axes = a.len().max(b.len());
    let at = |s: &[u64], k: usize| (k + s.len()).checked_sub(axes).map_or(1, |k| s[k]);
    (0..axes)
        .map(|k| match (at(a, k), at(b, k)) {
            (a, b) if a == b => Some(a),
            (1, other) | (other, 1) => Some(other),
            _ => None,
        })
        .collect()
}

/// How a window runs over a picture: one entry for rows, one for columns.
struct Window {
    kernel: [u64; 2],
    stride: [u64; 2],
    dilation: [u64; 2],
    /// Of both ends together.
    pad: [u64; 2],
    ceil: bool,
}

impl Window {
    fn of(node: &Node, kernel: &[u64]) -> Option<Self> {
        let pair = |name: &str| -> Option<[u64; 2]> {
            match node.ints(name)? {
                [] => Some([1, 1]),
                &[a, b] if (1..=64).contains(&a) && (1..=64).contains(&b) => Some([a as u64, b as u64]),
                _ => None,
            }
        };
        let pad = match node.ints("pads")? {
            [] => [0, 0],
            &[a, b, c, d] if [a, b, c, d].iter().all(|p| (0..=64).contains(p)) => {
                [(a + c) as u64, (b + d) as u64]
            }
            _ => return None,
        };
        let kernel = <[u64; 2]>::try_from(kernel).ok().filter(|k| k.iter().all(|n| (1..=64).contains(n)))?;
        let fixed = matches!(node.text("auto_pad")?, "" | "NOTSET");
        let ceil = node.int("ceil_mode", 0)? != 0;
        fixed.then_some(Self { kernel, stride: pair("strides")?, dilation: pair("dilations")?, pad, ceil })
    }

    fn out(&self, size: &[u64]) -> Option<[u64; 2]> {
        let side = |k: usize| {
            let room = (size[k] + self.pad[k]).checked_sub(self.dilation[k] * (self.kernel[k] - 1) + 1)?;
            Some(if self.ceil { room.div_ceil(self.stride[k]) } else { room / self.stride[k] } + 1)
        };
        Some([side(0)?, side(1)?])
    }
}

fn convolution(node: &Node, inputs: &[&Shape]) -> Option<Made> {
    let (&[n, c, h, w], &[filters, per_group, kh, kw]) =
        (inputs.first()?.as_slice(), inputs.get(1)?.as_slice())
    else {
        return None;
    };
    let groups = u64::try_from(node.int("group", 1)?).ok().filter(|&g| g > 0)?;
    if per_group.checked_mul(groups)? != c || !filters.is_multiple_of(groups) {
        return None;
    }
    let [oh, ow] = Window::of(node, &[kh, kw])?.out(&[h, w])?;
    let columns = count(&[per_group, kh, kw, oh, ow])?;
    Some(Made { shape: vec![n, filters, oh, ow], work: count(&[n, filters, columns])?, scratch: columns })
}

fn transposed_convolution(node: &Node, inputs: &[&Shape]) -> Option<Made> {
    let (&[n, c, h, w], &[from, per_group, kh, kw]) = (inputs.first()?.as_slice(), inputs.get(1)?.as_slice())
    else {
        return None;
    };
    let groups = u64::try_from(node.int("group", 1)?).ok().filter(|&g| g > 0)?;
    let window = Window::of(node, &[kh, kw])?;
    let more = match node.ints("output_padding")? {
        [] => [0, 0],
        &[a, b] if (0..64).contains(&a) && (0..64).contains(&b) => [a as u64, b as u64],
        _ => return None,
    };
    if from != c || !c.is_multiple_of(groups) || node.attributes.contains_key("output_shape") {
        return None;
    }
    let side = |k: usize, size: u64| {
        let reach = window.dilation[k] * (window.kernel[k] - 1) + 1;
        (window.stride[k].checked_mul(size.checked_sub(1)?)? + more[k] + reach).checked_sub(window.pad[k])
    };
    let columns = count(&[per_group, kh, kw, h, w])?;
    let shape = vec![n, per_group.checked_mul(groups)?, side(0, h)?, side(1, w)?];
    Some(Made { shape, work: count(&[n, c, columns])?, scratch: columns })
}

fn pool(node: &Node, inputs: &[&Shape]) -> Option<Made> {
    let &[n, c, h, w] = inputs.first()?.as_slice() else { return None };
    let kernel: Vec<u64> = node.ints("kernel_shape")?.iter().map(|&k| k.cast_unsigned()).collect();
    let window = Window::of(node, &kernel)?;
    let [oh, ow] = window.out(&[h, w])?;
    let shape = vec![n, c, oh, ow];
    Some(Made { work: count(&shape)?.checked_mul(count(&window.kernel)?)?, shape, scratch: 0 })
}

/// `axis` counted from the end where it is negative.
fn axis_of(axis: i64, axes: usize) -> Option<usize> {
    let axes = i64::try_from(axes).ok()?;
    usize::try_from(if axis < 0 { axis + axes } else { axis }).ok().filter(|&a| (a as i64) < axes)
}

/// Axes named by the attribute (older opsets) or by the second input.
fn axes_of(node: &Node, given: Option<&[f64]>, axes: usize) -> Option<Vec<usize>> {
    let listed: Vec<i64> = match given {
        Some(numbers) => numbers.iter().map(|&n| n as i64).collect(),
        None if node.inputs.len() > 1 => return None,
        None => node.ints("axes")?.to_vec(),
    };
    listed.into_iter().map(|axis| axis_of(axis, axes)).collect()
}

fn reduce(node: &Node, input: Option<&Shape>, given: Option<&[f64]>) -> Option<Made> {
    let shape = input?;
    let mut axes = axes_of(node, given, shape.len())?;
    if axes.is_empty() {
        axes = (0..shape.len()).collect();
    }
    let keep = node.int("keepdims", 1)? != 0;
    let work = count(shape)?;
    let shape = shape
        .iter()
        .enumerate()
        .filter_map(|(k, &s)| if axes.contains(&k) { keep.then_some(1) } else { Some(s) })
        .collect();
    Some(Made { shape, work, scratch: 0 })
}

fn concat(node: &Node, inputs: &[&Shape]) -> Option<Shape> {
    let (first, rest) = inputs.split_first()?;
    let Some(Attribute::Int(axis)) = node.attributes.get("axis") else { return None };
    let axis = axis_of(*axis, first.len())?;
    let mut shape = (*first).clone();
    for next in rest {
        let fits = next.len() == shape.len() && (0..shape.len()).all(|k| k == axis || shape[k] == next[k]);
        shape[axis] = shape[axis].checked_add(*next.get(axis)?).filter(|_| fits)?;
    }
    Some(shape)
}

fn gemm(node: &Node, inputs: &[&Shape]) -> Option<Made> {
    let (&[a0, a1], &[b0, b1]) = (inputs.first()?.as_slice(), inputs.get(1)?.as_slice()) else { return None };
    let (rows, inner) = if node.int("transA", 0)? != 0 { (a1, a0) } else { (a0, a1) };
    let (other, columns) = if node.int("transB", 0)? != 0 { (b1, b0) } else { (b0, b1) };
    (inner == other).then_some(())?;
    Some(Made { shape: vec![rows, columns], work: count(&[rows, inner, columns])?, scratch: 0 })
}

fn matmul(inputs: &[&Shape]) -> Option<Made> {
    let (a, b) = (inputs.first()?, inputs.get(1)?);
    let ((&[rows, inner], before), (&[other, columns], behind)) =
        (a.split_last_chunk().map(|(b, a)| (a, b))?, b.split_last_chunk().map(|(b, a)| (a, b))?);
    (inner == other).then_some(())?;
    let shape = [broadcast(before, behind)?, vec![rows, columns]].concat();
    Some(Made { work: count(&shape)?.checked_mul(inner)?, shape, scratch: 0 })
}

fn reshape(node: &Node, input: &[u64], wanted: &[f64]) -> Option<Shape> {
    if node.int("allowzero", 0)? != 0 {
        return None;
    }
    let mut shape = Shape::new();
    let mut open = None;
    for (k, &size) in wanted.iter().enumerate() {
        shape.push(match size as i64 {
            0 => *input.get(k)?,
            -1 if open.replace(k).is_none() => 1,
            size => u64::try_from(size).ok()?,
        });
    }
    if let Some(open) = open {
        shape[open] = count(input)?.checked_div(count(&shape)?)?;
    }
    (count(&shape)? == count(input)?).then_some(shape)
}

fn resize<'a>(input: &[u64], inputs: usize, numbers: &impl Fn(usize) -> Option<&'a [f64]>) -> Option<Made> {
    let sides: Vec<f64> = match (numbers(2), numbers(3)) {
        (_, Some(sizes)) if !sizes.is_empty() => sizes.to_vec(),
        (Some(scales), _) if inputs < 4 => input.iter().zip(scales).map(|(&s, f)| s as f64 * f).collect(),
        _ => return None,
    };
    (sides.len() == input.len() && sides.iter().all(|s| (1.0..=LONGEST as f64).contains(s))).then_some(())?;
    let shape: Shape = sides.iter().map(|s| s.floor() as u64).collect();
    Some(Made { work: count(&shape)?.checked_mul(16)?, scratch: count(&shape)?, shape })
}

fn squeeze(node: &Node, input: Option<&Shape>, given: Option<&[f64]>) -> Option<Shape> {
    let shape = input?;
    if node.operator == "Squeeze" {
        let axes = axes_of(node, given, shape.len())?;
        (!axes.is_empty() && axes.iter().all(|&a| shape[a] == 1)).then_some(())?;
        return Some(shape.iter().enumerate().filter(|(k, _)| !axes.contains(k)).map(|(_, &s)| s).collect());
    }
    let listed = given.map_or_else(|| node.ints("axes").map_or(0, <[i64]>::len), <[f64]>::len);
    let mut axes = axes_of(node, given, shape.len() + listed)?;
    axes.sort_unstable();
    let mut made = shape.clone();
    for axis in axes {
        (axis <= made.len()).then(|| made.insert(axis, 1))?;
    }
    Some(made)
}

fn transpose(node: &Node, input: &[u64]) -> Option<Shape> {
    let order: Vec<usize> = match node.ints("perm")? {
        [] => (0..input.len()).rev().collect(),
        order => order.iter().map(|&axis| usize::try_from(axis).ok()).collect::<Option<_>>()?,
    };
    let mut seen = order.clone();
    seen.sort_unstable();
    (seen.into_iter().eq(0..input.len())).then(|| order.iter().map(|&axis| input[axis]).collect())
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
