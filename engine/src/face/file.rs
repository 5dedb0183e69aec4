//! The `.face` file: the keyed pictures of a character and the keys on them. No code, nothing derived.
//!
//! `SPLFACE1`, the length of a header (four bytes, low byte first), the header, then one PNG after the other. The header is
//! JSON: `{"format":"face","version":1,"name":..,"keyed":[{"label","source","origin":[x,y],"height","png":bytes,"document":{..}}]}`.

use std::sync::Arc;

use serde_json::{Value, json};
use shapes::Document;

use super::learned::{Face, FaceError, Keyed, MOST_EXAMPLES};
use crate::image::Colours;

const MAGIC: &[u8; 8] = b"SPLFACE1";
const VERSION: u64 = 1;
/// A keyed picture may have this many pixels, and all of a file together: more is taken for damage.
const MOST_PIXELS: (usize, usize) = (1 << 26, 1 << 28);

impl Face {
    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut pictures = Vec::new();
        let mut keyed = Vec::new();
        for k in &self.keyed {
            let png = encode(&k.picture);
            keyed.push(json!({
                "label": k.label, "source": k.source, "origin": k.origin, "height": k.height, "png": png.len(),
                "document": k.document,
            }));
            pictures.extend(png);
        }
        let header =
            json!({"format": "face", "version": VERSION, "name": self.name, "keyed": keyed}).to_string();
        let mut bytes = MAGIC.to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.into_bytes());
        bytes.extend(pictures);
        bytes
    }

    /// From a file; learns from its pictures (a fifth of a second for six), as long as nobody cancels.
    pub fn from_bytes(bytes: &[u8], cancel: &dyn Fn() -> bool) -> Result<Face, FaceError> {
        let damaged = |what: &str| FaceError::Format(what.to_owned());
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| damaged("it does not start as one"))?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("it ends early"))?;
        let length = u32::from_le_bytes(*length) as usize;
        let (header, mut pictures) = rest.split_at_checked(length).ok_or_else(|| damaged("it ends early"))?;
        let header: Value = serde_json::from_slice(header).map_err(|e| FaceError::Format(e.to_string()))?;
        match header["version"].as_u64() {
            Some(VERSION) if header["format"] == "face" => {}
            Some(newer) if newer > VERSION => return Err(FaceError::Newer(newer)),
            _ => return Err(damaged("its header has no version")),
        }
        let entries = header["keyed"].as_array().ok_or_else(|| damaged("it has no pictures"))?;
        if entries.len() > MOST_EXAMPLES {
            return Err(FaceError::TooMuch);
        }
        let mut keyed = Vec::new();
        let mut left = MOST_PIXELS.1;
        for entry in entries {
            if cancel() {
                return Err(FaceError::Cancelled);
            }
            let number = |v: &Value| v.as_f64().filter(|v| v.is_finite() && v.abs() < 1e6);
            let field = |v: &Value| number(v).ok_or_else(|| damaged("a number is missing"));
            let length = entry["png"].as_u64().and_then(|n| usize::try_from(n).ok());
            let length = length.ok_or_else(|| damaged("a picture has no length"))?;
            let (png, others) = pictures.split_at_checked(length).ok_or_else(|| damaged("it ends early"))?;
            pictures = others;
            let document = Document::from_json(&entry["document"].to_string());
            let picture = decode(png, left)?;
            left -= picture.data().len();
            keyed.push(Keyed {
                label: entry["label"].as_str().unwrap_or_default().to_owned(),
                source: entry["source"].as_str().unwrap_or_default().to_owned(),
                picture: Arc::new(picture),
                origin: [field(&entry["origin"][0])?, field(&entry["origin"][1])?],
                height: field(&entry["height"])?,
                document: document.map_err(|e| FaceError::Format(e.to_string()))?,
                here: false,
            });
        }
        Face::of(header["name"].as_str().unwrap_or_default(), keyed, None, cancel)
    }
}

fn encode(picture: &Colours) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width() as u32, picture.height() as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut w| w.write_image_data(picture.data().as_flattened()));
    if let Err(e) = written {
        log::error!("a keyed picture cannot be packed: {e}");
    }
    bytes
}

/// A picture of at most `left` pixels.
fn decode(bytes: &[u8], left: usize) -> Result<Colours, FaceError> {
    let damaged = |e: png::DecodingError| FaceError::Format(e.to_string());
    let limits = png::Limits { bytes: 4 * MOST_PIXELS.0 };
    let mut reader =
        png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits).read_info().map_err(damaged)?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let rgb = reader.output_color_type() == (png::ColorType::Rgb, png::BitDepth::Eight);
    let pixels = width.checked_mul(height).filter(|&p| rgb && p <= MOST_PIXELS.0.min(left));
    let pixels =
        pixels.ok_or_else(|| FaceError::Format("a picture is of another kind or too large".to_owned()))?;
    let mut data = vec![[0u8; 3]; pixels];
    reader.next_frame(data.as_flattened_mut()).map_err(damaged)?;
    Colours::from_vec(width, height, data).map_err(|e| FaceError::Format(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{example, face, picture};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_holds_all_of_a_face() {
        let face = face(3);
        let again = Face::from_bytes(&face.to_bytes(), &|| false).unwrap();
        assert_eq!((again.name(), &again.keyed), (face.name(), &face.keyed));
        assert!(matches!(Face::from_bytes(&face.to_bytes(), &|| true), Err(FaceError::Cancelled)));
    }

    #[test]
    fn a_newer_file_is_refused_with_its_version() {
        let mut bytes = face(2).to_bytes();
        let at = bytes.windows(11).position(|w| w == b"\"version\":1").unwrap();
        bytes[at + 10] = b'7';
        // The documents inside have versions as well; the face's own is the last in the header.
        let last = bytes.windows(11).rposition(|w| w.starts_with(b"\"version\":")).unwrap();
        bytes[last + 10] = b'7';
        assert!(matches!(
            Face::from_bytes(&bytes, &|| false),
            Err(FaceError::Newer(7) | FaceError::Format(_))
        ));
    }

    #[test]
    fn pictures_that_take_too_much_memory_are_refused() {
        let picture = picture(1);
        let png = encode(&picture);
        assert_eq!(decode(&png, picture.data().len()), Ok((*picture).clone()));
        assert!(matches!(decode(&png, picture.data().len() - 1), Err(FaceError::Format(_))));
    }

    #[test]
    fn learning_the_same_picture_again_takes_its_place() {
        let face = face(2);
        let again = face.with(&[example(1, 2.0)], &|| false).unwrap();
        assert_eq!(again.keyed.len(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_files_are_errors(cut in 0.0..1.0f64, at in 0.0..1.0f64, byte: u8) {
            let mut bytes = face(2).to_bytes();
            let i = (at * 0.2 * bytes.len() as f64) as usize;
            bytes[i] = byte;
            bytes.truncate((cut * 1.2 * bytes.len() as f64) as usize);
            let _ = Face::from_bytes(&bytes, &|| false);
        }
    }
}
