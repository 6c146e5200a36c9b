//! Bytes as hexadecimal digits, and back.

/// Two lower-case digits a byte.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `N` bytes that `digits` stand for, if they are just as many.
pub(crate) fn decoded<const N: usize>(digits: &str) -> Option<[u8; N]> {
    if digits.len() != 2 * N || !digits.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_back_and_nothing_else_is() {
        assert_eq!(encoded(&[0, 171, 255]), "00abff");
        assert_eq!(decoded("00abFF"), Some([0, 171, 255]));
        for wrong in ["", "00ab", "00abf", "00abf+", "é0ab0", "00abff00"] {
            assert_eq!(decoded::<3>(wrong), None, "{wrong}");
        }
    }
}
