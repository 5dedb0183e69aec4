//! Model files that lie, through the real runtime: each is an error, none takes the process along, none reaches another file.

mod onnx;

use inference::{Landmarker, ModelError, Picture};
use onnx::{Message, Parts, attribute, attribute_list, colours, floats, integers, node, port};
use proptest::prelude::*;

/// Opens the bytes and, where they open, runs them.
fn attempt(bytes: &[u8]) -> Result<(), ModelError> {
    let Some(runtime) = onnx::runtime() else { return Err(ModelError::OtherKind) };
    let model = Landmarker::from_bytes(&runtime, bytes)?;
    let rgb = vec![77; 40 * 30 * 3];
    model.run(&Picture::new(40, 30, &rgb).unwrap()).map(|_| ())
}

/// The sentence that a changed model is refused with.
fn refusal(change: impl FnOnce(&mut Parts)) -> String {
    let mut parts = colours();
    change(&mut parts);
    let error = attempt(&parts.write()).unwrap_err();
    let runtimes = matches!(error, ModelError::Failed(_) | ModelError::NoNumbers);
    assert!(!runtimes, "only the runtime noticed: {error}");
    error.to_string()
}

#[test]
fn every_truncation_is_an_error() {
    let whole = colours().write();
    for length in (0..whole.len()).step_by(331).chain(0..200).chain(whole.len() - 200..whole.len()) {
        assert!(attempt(&whole[..length]).is_err(), "{length} of {}", whole.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_an_error(bytes in prop::collection::vec(any::<u8>(), 0..4000)) {
        prop_assert!(attempt(&bytes).is_err());
    }

    #[test]
    fn flipped_bits_never_crash(flips in prop::collection::vec((any::<prop::sample::Index>(), 0..8u8), 1..6)) {
        let mut bytes = colours().write();
        for (index, bit) in flips {
            // Most bytes are the places' numbers; the others are worth more flips.
            let at = if bit % 2 == 0 { index.index(bytes.len()) } else { [index.index(700), bytes.len() - 1 - index.index(700)][usize::from(bit) / 4] };
            bytes[at] ^= 1 << bit;
        }
        let _ = attempt(&bytes);
    }

    #[test]
    fn changed_sizes_never_crash(which in 0..3usize, shape in prop::collection::vec(-2i64..70000, 0..5)) {
        let mut parts = colours();
        match which {
            0 => parts.tensors[0] = floats("filter", &shape, &[1.0; 27]),
            1 => parts.tensors[1] = integers("flat", &shape),
            _ => parts.outputs[0] = port("landmarks", &shape),
        }
        let _ = attempt(&parts.write());
    }
}

#[test]
fn data_in_other_files_is_refused() {
    for place in ["/etc/hostname", "../Cargo.toml", "Cargo.toml", "new.bin"] {
        let entry = Message::default().bytes(1, "location").bytes(2, place);
        let tensor = Message::default().int(1, 1).int(2, 1).bytes(8, "sharp").bytes(13, entry).int(14, 1);
        assert!(refusal(|parts| parts.tensors[2] = tensor.clone()).contains("data in another file"));
        let tensor = Message::default().int(1, 1).int(2, 1).int(14, 1);
        let constant = Message::default().bytes(1, "value").bytes(5, tensor).int(20, 4);
        let constant = Message::default().bytes(2, "sharp2").bytes(4, "Constant").bytes(5, constant);
        assert!(refusal(|parts| parts.nodes.insert(0, constant)).contains("data in another file"));
        assert!(!std::path::Path::new("new.bin").exists());
    }
}

#[test]
fn foreign_and_unknown_layers_are_refused() {
    let foreign = node("EPContext", &["picture"], "context").bytes(7, "com.microsoft");
    assert!(refusal(|parts| parts.nodes.push(foreign)).contains("com.microsoft"));
    let body = Message::default().bytes(1, "body").bytes(6, Message::default()).int(20, 5);
    let endless = node("Loop", &["", ""], "again").bytes(5, body);
    assert!(refusal(|parts| parts.nodes.push(endless)).contains("layers inside of layers"));
    for name in ["ConstantOfShape", "Expand", "Tile", "Range", "Scan", "Loop\u{1b}[2J"] {
        let sentence = refusal(|parts| parts.nodes.push(node(name, &["flat"], "more")));
        assert!(sentence.contains("a layer “") && !sentence.contains('\u{1b}'), "{sentence}");
    }
    let mut bytes = colours().write();
    bytes.extend(Message::default().bytes(25, "function").0);
    assert!(attempt(&bytes).unwrap_err().to_string().contains("functions"));
}

#[test]
fn sizes_without_bounds_are_refused() {
    let giant = |name: &str| [node("Transpose", &[name], "t"), node("MatMul", &["t", name], "square")];
    let row = vec![0.5; 1 << 16];
    let outer = refusal(|parts| {
        parts.tensors.push(floats("row", &[1, 1 << 16], &row));
        parts.nodes.extend(giant("row"));
    });
    assert!(outer.contains("take more than"), "{outer}");

    let resized = refusal(|parts| {
        parts.tensors.push(floats("by", &[4], &[1., 1., 2000., 2000.]));
        parts.nodes.push(node("Resize", &["heat", "", "by"], "large"));
    });
    assert!(resized.contains("take more than"), "{resized}");
    let resized = refusal(|parts| {
        parts.tensors.push(floats("by", &[4], &[1., 1., f32::NAN, 1e30]));
        parts.nodes.push(node("Resize", &["heat", "", "by"], "large"));
    });
    assert!(resized.contains("a layer Resize"), "{resized}");

    let heavy = refusal(|parts| {
        parts.tensors.push(floats("wide", &[64, 3, 31, 31], &vec![0.1; 64 * 3 * 31 * 31]));
        let pads = attribute_list("pads", &[15, 15, 15, 15]);
        parts.nodes.push(node("Conv", &["picture", "wide"], "a").bytes(5, pads.clone()));
        parts.tensors.push(floats("back", &[3, 64, 31, 31], &vec![0.1; 64 * 3 * 31 * 31]));
        for k in 0..20 {
            let (from, to) = (format!("a{}", "b".repeat(k)), format!("c{k}"));
            parts.nodes.push(node("Conv", &[&from, "back"], &to).bytes(5, pads.clone()));
            let next = format!("a{}", "b".repeat(k + 1));
            parts.nodes.push(node("Conv", &[&to, "wide"], &next).bytes(5, pads.clone()));
        }
    });
    assert!(heavy.contains("take more than"), "{heavy}");
    assert!(refusal(|parts| parts.inputs[0] = port("picture", &[1, 3, 1 << 40, 1 << 40])).contains("input"));
    let overflowing = [i64::MAX, i64::MAX, 2];
    assert!(refusal(|parts| parts.tensors[2] = floats("sharp", &overflowing, &[1.])).contains("damaged"));
}

#[test]
fn shapes_that_the_card_does_not_promise_are_refused() {
    assert!(refusal(|parts| parts.set("landmarks", "red\ngreen")).contains("landmarks"));
    assert!(refusal(|parts| parts.set("input_size", "96")).contains("input"));
    assert!(refusal(|parts| parts.set("format", "other")).contains("`format`"));
    assert!(refusal(|parts| parts.set("format_version", "7")).contains("update Splitline"));
    assert!(refusal(|parts| parts.outputs.truncate(1)).contains("score"));
    assert!(refusal(|parts| parts.inputs.push(port("another", &[1]))).contains("input"));
    let twice = attribute("axis", 2);
    assert!(refusal(|parts| parts.nodes[7] = parts.nodes[7].clone().bytes(5, twice)).contains("twice"));
}

#[test]
fn a_path_that_is_no_file_is_an_error() {
    let Some(runtime) = onnx::runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    assert!(matches!(Landmarker::open(&runtime, &path), Err(ModelError::Unreadable { .. })));
    assert!(matches!(Landmarker::open(&runtime, folder.path()), Err(ModelError::Unreadable { .. })));
    std::fs::File::create(&path).unwrap().set_len(65 << 20).unwrap();
    assert!(matches!(Landmarker::open(&runtime, &path), Err(ModelError::TooLarge(_))));
    std::fs::write(&path, colours().write()).unwrap();
    Landmarker::open(&runtime, &path).unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "the runtime wrote beside the model");
}
