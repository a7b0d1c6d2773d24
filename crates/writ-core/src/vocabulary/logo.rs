//! A client's logo: a small image in a format without scripts and references.

/// Maximum size of a logo in bytes.
pub const MAX_BYTES: usize = 64 * 1024;

/// A validated image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The content of the file.
    pub image: Vec<u8>,
    /// The media type, detected from the content.
    pub media_type: &'static str,
}

impl Logo {
    /// Accepts PNG, JPEG and WebP up to 64 KiB. SVG is refused, because it can contain scripts.
    ///
    /// # Errors
    /// A sentence that names the broken rule.
    pub fn parse(image: Vec<u8>) -> Result<Self, String> {
        if image.len() > MAX_BYTES {
            return Err(format!("a logo has at most {MAX_BYTES} bytes, and this one has {}", image.len()));
        }
        let media_type = match image.as_slice() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            _ => return Err("a logo is a PNG, JPEG or WebP image".to_owned()),
        };
        Ok(Self { image, media_type })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_type_follows_the_first_bytes() {
        let media_type = |image: &[u8]| Logo::parse(image.to_vec()).map(|logo| logo.media_type);
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n and so on"), Ok("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Ok("image/jpeg"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Ok("image/webp"));
        for other in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"GIF89a", b"\x89PNG", b"", b"<!doctype html>"]
        {
            assert!(media_type(other).is_err(), "{other:?}");
        }
        let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
        large.resize(MAX_BYTES, 0);
        assert!(media_type(&large).is_ok());
        large.push(0);
        assert!(media_type(&large).is_err());
    }
}
