//! 16-bit floats (IEEE 754 binary16), both ways.

/// The value of a half float's bits.
pub fn f32_from_f16(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let mantissa = u32::from(bits & 0x3ff);
    match (exponent, mantissa) {
        (0, _) => {
            // Zero and subnormals: mantissa times 2^-24, exact in f32.
            let magnitude = mantissa as f32 * (1.0 / 16_777_216.0);
            f32::from_bits(sign | magnitude.to_bits())
        }
        (31, _) => f32::from_bits(sign | 0x7f80_0000 | (mantissa << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (mantissa << 13)),
    }
}

/// The bits of the nearest half float (ties to even); what is too large becomes infinite.
pub fn f16_from_f32(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let magnitude = bits & 0x7fff_ffff;
    if magnitude > 0x7f80_0000 {
        return sign | 0x7e00;
    }
    // 65520 and above round to infinity.
    if magnitude >= 0x477f_f000 {
        return sign | 0x7c00;
    }
    // Below 2^-14: subnormal. Adding 0.5 aligns the mantissa so that f32's own rounding does the work.
    if magnitude < 0x3880_0000 {
        let aligned = (f32::from_bits(magnitude) + 0.5).to_bits() - 0.5f32.to_bits();
        return sign | aligned as u16;
    }
    let odd = (magnitude >> 13) & 1;
    let rounded = magnitude + 0xfff + odd;
    sign | ((rounded >> 13) - (112 << 10)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_the_round_trip() {
        for bits in 0..=u16::MAX {
            let value = f32_from_f16(bits);
            if value.is_nan() {
                assert!(f32_from_f16(f16_from_f32(value)).is_nan());
            } else {
                assert_eq!(f16_from_f32(value), bits, "{value}");
            }
        }
    }

    #[test]
    fn rounds_to_nearest_even_and_overflows() {
        assert_eq!(f16_from_f32(1.0), 0x3c00);
        assert_eq!(f16_from_f32(65504.0), 0x7bff);
        assert_eq!(f16_from_f32(65519.9), 0x7bff);
        assert_eq!(f16_from_f32(65520.0), 0x7c00);
        assert_eq!(f16_from_f32(-1e9), 0xfc00);
        // Half way between 1 and the next: to even.
        assert_eq!(f16_from_f32(1.0 + 0.000_488_281_25), 0x3c00);
        assert_eq!(f16_from_f32(1.0 + 3.0 * 0.000_488_281_25), 0x3c02);
        // Half of the smallest subnormal goes to zero, anything above it up.
        assert_eq!(f16_from_f32(2.0f32.powi(-25)), 0);
        assert_eq!(f16_from_f32(2.0f32.powi(-25) * 1.01), 1);
    }
}
