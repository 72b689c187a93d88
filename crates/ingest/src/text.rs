//! Bytes of a raw file to text, in the declared encoding and no other, and the
//! place of the first byte that does not belong to it.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, GB18030, WINDOWS_1252};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the bytes of a file stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf_8")]
    Utf8,
    /// The Chinese national standard; GBK and GB 2312 are parts of it.
    #[serde(rename = "gb18030")]
    Gb18030,
    /// The western European code page of Windows.
    #[serde(rename = "windows_1252")]
    Windows1252,
}

impl Encoding {
    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Windows1252 => "windows-1252",
        }
    }
}

/// Bytes that are not text in the declared encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EncodingFault {
    #[error("byte {column} of the line (0x{byte:02X}) is not {encoding}")]
    Byte {
        /// Line in the file, from 1.
        line: u64,
        /// Byte in the line, from 1.
        column: usize,
        byte: u8,
        encoding: &'static str,
    },
    #[error("the file is UTF-16 text")]
    Utf16,
    #[error("the file is a workbook or another packed file, not text")]
    Packed,
    #[error("the file begins with the mark of UTF-8, but is declared as {encoding}")]
    MarkedUtf8 { encoding: &'static str },
}

impl EncodingFault {
    /// What to do about it.
    pub(crate) fn hint(&self) -> &'static str {
        match self {
            Self::Byte { .. } => {
                "declare the encoding in which the file was saved: `encoding: utf_8`, `gb18030` \
                 (Chinese) or `windows_1252` (western European)"
            }
            Self::Utf16 => "save it again as UTF-8 (in Excel: `CSV UTF-8`)",
            Self::Packed => "read a workbook with `kind: xlsx`",
            Self::MarkedUtf8 { .. } => "write `encoding: utf_8`",
        }
    }

    /// The line it is about, where it is about one.
    pub(crate) fn line(&self) -> Option<u64> {
        match self {
            Self::Byte { line, .. } => Some(*line),
            _ => None,
        }
    }
}

/// The text of a file, without a byte order mark.
pub(crate) fn decode(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, EncodingFault> {
    // so begins every packed file, also a workbook that was given another name
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(EncodingFault::Packed);
    }
    // the mark of UTF-16 in either order of bytes; in windows-1252 it would be read as
    // two odd letters
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(EncodingFault::Utf16);
    }
    let unmarked = bytes.strip_prefix(b"\xef\xbb\xbf");
    // read as declared, the mark would become three letters before the first header
    if unmarked.is_some() && encoding != Encoding::Utf8 {
        return Err(EncodingFault::MarkedUtf8 { encoding: encoding.name() });
    }
    match encoding {
        Encoding::Utf8 => {
            let bytes = unmarked.unwrap_or(bytes);
            let text = std::str::from_utf8(bytes);
            text.map(Cow::Borrowed).map_err(|fault| place(bytes, fault.valid_up_to(), encoding))
        }
        Encoding::Gb18030 => decode_with(GB18030, bytes, encoding).map(Cow::Owned),
        // the standard on the web maps every byte, also those that the code page leaves free
        Encoding::Windows1252 => match bytes.iter().position(|byte| is_free(*byte)) {
            Some(offset) => Err(place(bytes, offset, encoding)),
            None => decode_with(WINDOWS_1252, bytes, encoding).map(Cow::Owned),
        },
    }
}

fn is_free(byte: u8) -> bool {
    matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

fn decode_with(
    codec: &'static encoding_rs::Encoding,
    bytes: &[u8],
    encoding: Encoding,
) -> Result<String, EncodingFault> {
    // otherwise a mark at the beginning would change the encoding that was declared
    let mut decoder = codec.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let mut text = String::with_capacity(room.expect("invariant: files are far below the limit"));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, &mut text, true);
    match result {
        DecoderResult::InputEmpty => {
            // GB18030 has a mark of its own
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Ok(text)
        }
        DecoderResult::Malformed(length, after) => {
            // some bytes behind the wrong ones may have been read before they were known to be
            // wrong
            Err(place(bytes, read - usize::from(after) - usize::from(length), encoding))
        }
        DecoderResult::OutputFull => unreachable!("invariant: there is room for the longest text"),
    }
}

fn place(bytes: &[u8], offset: usize, encoding: Encoding) -> EncodingFault {
    let before = &bytes[..offset];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let breaks = before.iter().filter(|byte| **byte == b'\n').count();
    EncodingFault::Byte {
        line: breaks as u64 + 1,
        column: offset - line_start + 1,
        byte: bytes[offset],
        encoding: encoding.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_stripped_and_text_is_decoded() {
        let cases: [(&[u8], Encoding, &str); 6] = [
            (b"a,b", Encoding::Utf8, "a,b"),
            (b"\xef\xbb\xbfa,\xc3\xa9", Encoding::Utf8, "a,é"),
            (b"\xc5\xae,\xc4\xd0", Encoding::Gb18030, "女,男"),
            // the mark of GB18030 in front
            (b"\x84\x31\x95\x33\xc5\xae", Encoding::Gb18030, "女"),
            (b"caf\xe9 \x80", Encoding::Windows1252, "café €"),
            (b"", Encoding::Utf8, ""),
        ];
        for (bytes, encoding, text) in cases {
            assert_eq!(decode(bytes, encoding).expect("is text"), text);
        }
    }

    #[test]
    fn the_first_wrong_byte_is_named_with_its_line() {
        let cases: [(&[u8], Encoding, &str); 7] = [
            (b"sex\n\xd6\xd0\n", Encoding::Utf8, "byte 1 of the line (0xD6) is not UTF-8"),
            // a byte that begins no character, and below one whose second half is missing at
            // the end
            (b"a\r\nb,\xff\n", Encoding::Gb18030, "byte 3 of the line (0xFF) is not GB18030"),
            (b"a\nbc\xc5", Encoding::Gb18030, "byte 3 of the line (0xC5) is not GB18030"),
            (
                b"a\n\n b\x81",
                Encoding::Windows1252,
                "byte 3 of the line (0x81) is not windows-1252",
            ),
            (b"\xff\xfea\0", Encoding::Utf8, "the file is UTF-16 text"),
            (
                b"PK\x03\x04",
                Encoding::Utf8,
                "the file is a workbook or another packed file, not text",
            ),
            (
                b"\xef\xbb\xbfa",
                Encoding::Gb18030,
                "the file begins with the mark of UTF-8, but is declared as GB18030",
            ),
        ];
        for (bytes, encoding, message) in cases {
            assert_eq!(decode(bytes, encoding).expect_err("is no text").to_string(), message);
        }
        let fault = decode(b"a\n\n b\x81", Encoding::Windows1252).expect_err("is no text");
        assert_eq!(fault.line(), Some(3));
    }
}
