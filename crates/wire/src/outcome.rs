//! What became of each of many.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ErrorBody;

/// What became of each uid of a call, by uid.
pub type Outcomes = BTreeMap<String, Outcome>;

/// What became of one uid of a call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[schema(example = json!({"success": true}))]
pub struct Outcome {
    /// Whether it is now as was asked.
    pub success: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

impl Outcome {
    /// It is as was asked.
    #[must_use]
    pub fn done() -> Self {
        Self { success: true, error: None }
    }

    /// It is not, and this is why.
    #[must_use]
    pub fn refused(error: ErrorBody) -> Self {
        Self { success: false, error: Some(error) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorCode;

    #[test]
    fn each_uid_has_an_outcome_of_its_own() {
        let error = ErrorBody { code: ErrorCode::UidNotFound, message: "m".into(), details: None };
        let outcomes: Outcomes =
            [("ann".into(), Outcome::done()), ("ben".into(), Outcome::refused(error))].into();
        let expected = json!({"ann": {"success": true},
            "ben": {"success": false, "error": {"code": "ERR_UID_NOT_FOUND", "message": "m"}}});
        assert_eq!(serde_json::to_value(&outcomes).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Outcomes>(expected).unwrap(), outcomes);
    }
}
