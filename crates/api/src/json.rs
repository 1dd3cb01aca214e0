//! What server functions answer, as bytes.

use serde::{Serialize, de::DeserializeOwned, de::Error};
use server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};

/// JSON, read as the text it is. Values that come with a page are read from text too: so the browser holds what reads a
/// type once, where the crate's own encoding, which reads bytes, would bring all of it a second time.
pub struct JsonText;

/// Arguments and answer as JSON.
pub type Json = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(value: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(value).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        let text = std::str::from_utf8(&bytes).map_err(Error::custom)?;
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_survives_the_wire() {
        let value = vec![Some("\u{e9}\"".to_owned()), None];
        let bytes = JsonText::encode(&value);
        let read: Option<Vec<Option<String>>> = bytes.ok().and_then(|b| JsonText::decode(b).ok());
        assert_eq!(read, Some(value));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let read: Result<String, _> = JsonText::decode(Bytes::from_static(b"\"\xff\""));
        assert!(read.is_err());
    }
}
