//! Protocol Buffers' wire format, as far as a reader needs it that believes nothing.
//! Source: the encoding page of the Protocol Buffers documentation.

/// The bytes are no such message: cut short, or with a tag or length that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// One field's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
}

impl<'a> Value<'a> {
    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        if let Value::Bytes(bytes) = self { Ok(bytes) } else { Err(Malformed) }
    }

    pub fn text(self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Malformed)
    }

    pub fn int(self) -> Result<i64, Malformed> {
        if let Value::Varint(value) = self { Ok(value.cast_signed()) } else { Err(Malformed) }
    }

    /// A repeated integer: one element, or many packed ones.
    pub fn ints(self, into: &mut Vec<i64>) -> Result<(), Malformed> {
        match self {
            Value::Varint(value) => into.push(value.cast_signed()),
            Value::Bytes(mut rest) => {
                while !rest.is_empty() {
                    into.push(varint(&mut rest)?.cast_signed());
                }
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// A repeated float: one element, or many packed ones.
    pub fn floats(self, into: &mut Vec<f32>) -> Result<(), Malformed> {
        match self {
            Value::Fixed32(bytes) => into.push(f32::from_le_bytes(bytes)),
            Value::Bytes(bytes) if bytes.len() % 4 == 0 => {
                into.extend(bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)));
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }
}

/// The fields of a message in their order: `(number, value)`. Ends after the first error.
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), Malformed> {
        let tag = varint(&mut self.rest)?;
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut self.rest)?),
            1 => Value::Fixed64(*self.rest.split_off_chunk()?),
            2 => {
                let length = usize::try_from(varint(&mut self.rest)?).map_err(|_| Malformed)?;
                Value::Bytes(self.rest.split_off(..length).ok_or(Malformed)?)
            }
            5 => Value::Fixed32(*self.rest.split_off_chunk()?),
            _ => return Err(Malformed),
        };
        if tag >> 3 == 0 { Err(Malformed) } else { Ok((tag >> 3, value)) }
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

trait SplitOffChunk<'a> {
    fn split_off_chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed>;
}

impl<'a> SplitOffChunk<'a> for &'a [u8] {
    fn split_off_chunk<const N: usize>(&mut self) -> Result<&'a [u8; N], Malformed> {
        let (chunk, rest) = self.split_first_chunk().ok_or(Malformed)?;
        *self = rest;
        Ok(chunk)
    }
}

fn varint(rest: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *rest.split_off_first().ok_or(Malformed)?;
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_each_kind() {
        let message = [0x08, 0x96, 0x01, 0x12, 2, b'h', b'i', 0x1d, 0, 0, 0x80, 0x3f];
        let fields: Vec<_> = Fields::new(&message).map(Result::unwrap).collect();
        assert_eq!(
            fields,
            [(1, Value::Varint(150)), (2, Value::Bytes(b"hi")), (3, Value::Fixed32(1f32.to_le_bytes()))]
        );
    }

    #[test]
    fn a_length_past_the_end_is_malformed() {
        assert_eq!(Fields::new(&[0x12, 200, 1, 1]).collect::<Vec<_>>(), [Err(Malformed)]);
        assert_eq!(Fields::new(&[0xff; 12]).collect::<Vec<_>>(), [Err(Malformed)]);
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Fields::new(&bytes).count() <= bytes.len());
        }
    }
}
