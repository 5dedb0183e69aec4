use proptest::prelude::*;

use super::*;

fn node(operator: &str, attributes: &[(&str, &[i64])]) -> Node {
    let attribute = |values: &[i64]| match values {
        &[one] => Attribute::Int(one),
        many => Attribute::Ints(many.to_vec()),
    };
    Node {
        operator: operator.into(),
        attributes: attributes.iter().map(|(name, values)| ((*name).into(), attribute(values))).collect(),
        ..Node::default()
    }
}

/// The shape that a layer makes of inputs of these shapes, with numbers for the inputs behind them.
fn made(node: &Node, inputs: &[&[u64]], numbers: &[(usize, &[f64])]) -> Option<Shape> {
    let shapes: Vec<Shape> = inputs.iter().map(|s| s.to_vec()).collect();
    let given = |k| numbers.iter().find(|(at, _)| *at == k).map(|(_, numbers)| *numbers);
    rule(node, &shapes.iter().collect::<Vec<_>>(), &given).unwrap().map(|made| made.shape)
}

#[test]
fn windows_have_the_specified_sizes() {
    let conv = |attributes: &[(&str, &[i64])], filter: &[u64]| {
        made(&node("Conv", attributes), &[&[1, 3, 10, 13], filter], &[])
    };
    assert_eq!(conv(&[], &[8, 3, 3, 3]), Some(vec![1, 8, 8, 11]));
    assert_eq!(conv(&[("pads", &[1, 1, 1, 1]), ("strides", &[2, 2])], &[8, 3, 3, 3]), Some(vec![1, 8, 5, 7]));
    assert_eq!(conv(&[("dilations", &[2, 4])], &[8, 3, 3, 3]), Some(vec![1, 8, 6, 5]));
    assert_eq!(conv(&[("group", &[3])], &[6, 1, 1, 1]), Some(vec![1, 6, 10, 13]));
    assert_eq!(conv(&[], &[8, 4, 3, 3]), None);
    assert_eq!(conv(&[], &[8, 3, 11, 3]), None);
    assert_eq!(conv(&[("pads", &[-1, 0, 0, 0])], &[8, 3, 3, 3]), None);

    let up = node("ConvTranspose", &[("strides", &[2, 2]), ("pads", &[1, 1, 1, 1])]);
    assert_eq!(made(&up, &[&[1, 8, 5, 6], &[8, 4, 4, 4]], &[]), Some(vec![1, 4, 10, 12]));
    let pool =
        |ceil| node("MaxPool", &[("kernel_shape", &[2, 2]), ("strides", &[2, 2]), ("ceil_mode", &[ceil])]);
    assert_eq!(made(&pool(0), &[&[1, 4, 7, 8]], &[]), Some(vec![1, 4, 3, 4]));
    assert_eq!(made(&pool(1), &[&[1, 4, 7, 8]], &[]), Some(vec![1, 4, 4, 4]));
}

#[test]
fn shapes_are_changed_as_specified() {
    let plain = |operator| node(operator, &[]);
    assert_eq!(made(&plain("Add"), &[&[2, 1, 5], &[4, 1]], &[]), Some(vec![2, 4, 5]));
    assert_eq!(made(&plain("Add"), &[&[2, 3], &[2]], &[]), None);
    assert_eq!(made(&plain("MatMul"), &[&[7, 2, 3], &[3, 5]], &[]), Some(vec![7, 2, 5]));
    assert_eq!(made(&plain("MatMul"), &[&[2, 3], &[2, 3]], &[]), None);
    assert_eq!(made(&plain("Reshape"), &[&[2, 3, 4]], &[(1, &[0., -1.])]), Some(vec![2, 12]));
    assert_eq!(made(&plain("Reshape"), &[&[2, 3, 4]], &[(1, &[5., -1.])]), None);
    assert_eq!(made(&plain("Reshape"), &[&[2, 3, 4]], &[]), None);
    let twice = [(2, &[1., 1., 2., 2.][..])];
    assert_eq!(made(&plain("Resize"), &[&[1, 3, 4, 5], &[4]], &twice), Some(vec![1, 3, 8, 10]));
    assert_eq!(made(&plain("Transpose"), &[&[2, 3, 4]], &[]), Some(vec![4, 3, 2]));
    assert_eq!(made(&node("Transpose", &[("perm", &[0, 0, 1])]), &[&[2, 3, 4]], &[]), None);
    assert_eq!(
        made(&node("Concat", &[("axis", &[-1])]), &[&[1, 3, 2], &[1, 3, 1]], &[]),
        Some(vec![1, 3, 3])
    );
    assert_eq!(
        made(&node("ReduceMean", &[("keepdims", &[0])]), &[&[1, 3, 2]], &[(1, &[2.])]),
        Some(vec![1, 3])
    );
    assert_eq!(made(&plain("Unsqueeze"), &[&[3, 4]], &[(1, &[0., -1.])]), Some(vec![1, 3, 4, 1]));
    assert_eq!(made(&plain("Squeeze"), &[&[1, 3, 1]], &[(1, &[-1.])]), Some(vec![1, 3]));
    assert_eq!(made(&node("Gemm", &[("transB", &[1])]), &[&[2, 3], &[5, 3], &[5]], &[]), Some(vec![2, 5]));
    assert_eq!(made(&node("Cast", &[("to", &[8])]), &[&[2]], &[]), None);
}

proptest! {
    #[test]
    fn no_sizes_overflow(
        operator in prop::sample::select(vec![
            "Add", "AveragePool", "Concat", "Conv", "ConvTranspose", "Flatten", "Gemm", "GlobalMaxPool", "MatMul", "MaxPool",
            "ReduceSum", "Relu", "Reshape", "Resize", "Softmax", "Squeeze", "Transpose", "Unsqueeze",
        ]),
        shapes in prop::collection::vec(prop::collection::vec(0u64..=LONGEST, 0..5), 0..4),
        values in prop::collection::vec(any::<i64>(), 0..5),
        numbers in prop::collection::vec(any::<f64>(), 0..5),
    ) {
        let names = ["strides", "dilations", "pads", "kernel_shape", "group", "axis", "axes", "perm", "output_padding"];
        let attributes: Vec<(&str, &[i64])> = names.iter().map(|name| (*name, &*values)).collect();
        let shapes: Vec<&[u64]> = shapes.iter().map(Vec::as_slice).collect();
        let _ = made(&node(operator, &attributes), &shapes, &[(1, &numbers), (2, &numbers), (3, &numbers)]);
    }
}
