//! What a model file says of itself, in ONNX's own `metadata_props`.

use std::collections::{BTreeMap, BTreeSet};

use crate::landmarker::ModelError;

/// `format` of the files that [`crate::Landmarker`] opens.
pub const FORMAT: &str = "splitline landmarks";
/// Newest `format_version` that is understood.
pub const VERSION: u32 = 1;
/// Smallest and largest side of a model's square input, in pixels.
pub const INPUT_SIZES: std::ops::RangeInclusive<u32> = 32..=512;
/// Most landmarks of a model, and most bytes of a name or a line of text.
pub const MOST_LANDMARKS: usize = 256;
const MOST_TEXT: usize = 400;

/// A model's metadata, checked: each is a key of the same name in the file, `landmarks` with one name a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Whom the model was trained on.
    pub character: String,
    /// Side of the square input, in pixels.
    pub input_size: u32,
    /// Names in the order of the output, each once.
    pub landmarks: Vec<String>,
    /// Of the weights, as its maker writes it.
    pub licence: String,
}

impl Card {
    pub(crate) fn of(metadata: &BTreeMap<String, String>) -> Result<Self, ModelError> {
        let text = |key: &'static str| -> Result<&str, ModelError> {
            let text = metadata.get(key).map(String::as_str).unwrap_or_default();
            let fits = !text.is_empty() && (key == "landmarks" || text.len() <= MOST_TEXT);
            fits.then_some(text).ok_or(ModelError::Card(key))
        };
        if metadata.get("format").map(String::as_str) != Some(FORMAT) {
            return Err(ModelError::OtherKind);
        }
        let version: u32 = text("format_version")?.parse().map_err(|_| ModelError::Card("format_version"))?;
        if version > VERSION {
            return Err(ModelError::Newer(version));
        }
        let input_size = text("input_size")?.parse().ok().filter(|size| INPUT_SIZES.contains(size));
        let landmarks: Vec<String> = text("landmarks")?.split('\n').map(str::to_owned).collect();
        let distinct: BTreeSet<&String> = landmarks.iter().collect();
        let named = landmarks.len() <= MOST_LANDMARKS
            && distinct.len() == landmarks.len()
            && landmarks
                .iter()
                .all(|n| !n.trim().is_empty() && n.len() <= MOST_TEXT && !n.chars().any(char::is_control));
        Ok(Self {
            character: text("character")?.to_owned(),
            input_size: input_size.ok_or(ModelError::Card("input_size"))?,
            landmarks: named.then_some(landmarks).ok_or(ModelError::Card("landmarks"))?,
            licence: text("licence")?.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let usual = [
            ("format", FORMAT),
            ("format_version", "1"),
            ("character", "Nobody"),
            ("input_size", "64"),
            ("landmarks", "nose\neye_L"),
            ("licence", "MIT"),
        ];
        let all = usual.iter().chain(changes);
        all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_whole_card_is_read() {
        let card = Card::of(&metadata(&[])).unwrap();
        assert_eq!((card.input_size, card.landmarks), (64, vec!["nose".to_owned(), "eye_L".to_owned()]));
    }

    #[test]
    fn each_fault_is_named() {
        let error = |key, value| Card::of(&metadata(&[(key, value)])).unwrap_err();
        assert!(matches!(error("format", "other"), ModelError::OtherKind));
        assert!(matches!(error("format_version", "2"), ModelError::Newer(2)));
        for size in ["", "0", "31", "513", "64.5", "-64", "99999999999"] {
            assert!(matches!(error("input_size", size), ModelError::Card("input_size")), "{size}");
        }
        for names in ["", "nose\nnose", "nose\n", "nose\n \n", "a\tb"] {
            assert!(matches!(error("landmarks", names), ModelError::Card("landmarks")), "{names:?}");
        }
        assert!(matches!(error("licence", ""), ModelError::Card("licence")));
        let many = vec!["x"; 300].iter().enumerate().map(|(k, x)| format!("{x}{k}\n")).collect::<String>();
        assert!(matches!(error("landmarks", many.trim_end()), ModelError::Card("landmarks")));
    }
}
