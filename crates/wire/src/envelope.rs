//! What surrounds every successful answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A successful answer. The official SDK never settles a promise without `data`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Envelope<T, M = NoMeta> {
    /// What was asked for.
    pub data: T,
    /// What is said about it: where in a list one is, what time it is.
    #[serde(default = "no_meta", skip_serializing_if = "Option::is_none")]
    pub meta: Option<M>,
}

/// The `meta` of an answer that has none; it is left out of the JSON.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct NoMeta {}

impl<T> Envelope<T> {
    /// Wraps an answer that says nothing about itself.
    pub fn new(data: T) -> Self {
        Self { data, meta: None }
    }
}

impl<T, M> Envelope<T, M> {
    /// Wraps an answer together with what is said about it.
    pub fn with_meta(data: T, meta: M) -> Self {
        Self { data, meta: Some(meta) }
    }
}

fn no_meta<M>() -> Option<M> {
    None
}

/// "Done", for calls that have nothing else to say.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"success": true}))]
pub struct Success {
    /// Always true: a failure is an error envelope.
    pub success: bool,
}

impl Success {
    /// The only value there is.
    pub const DONE: Self = Self { success: true };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn meta_is_left_out_when_there_is_none() {
        let plain = serde_json::to_value(Envelope::new(Success::DONE)).unwrap();
        assert_eq!(plain, json!({"data": {"success": true}}));
        let full = serde_json::to_value(Envelope::with_meta(1, crate::TimeMeta { server_time: 7 }));
        assert_eq!(full.unwrap(), json!({"data": 1, "meta": {"serverTime": 7}}));
    }

    #[test]
    fn meta_that_is_absent_or_unknown_is_no_error() {
        for text in [r#"{"data":1}"#, r#"{"data":1,"meta":null}"#, r#"{"data":1,"meta":{"x":1}}"#] {
            let read: Envelope<u8> = serde_json::from_str(text).unwrap();
            assert_eq!(read.data, 1, "{text}");
        }
        assert!(serde_json::from_str::<Envelope<u8>>(r#"{"meta":{}}"#).is_err());
    }
}
