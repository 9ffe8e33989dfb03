//! Who uses something.

use cloakroom_token::{AppId, KeyId, SessionId, Uid};

/// An app as a whole, or one of those who act in it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Spender {
    /// All of the app together.
    App(AppId),
    /// Whoever has an API key.
    Key(AppId, KeyId),
    /// Those in it who do not say who they are, all together.
    Nobody(AppId),
    /// A session.
    Session(AppId, SessionId),
    /// A user in whose name the app's back end asks, or made a URL.
    User(AppId, Uid),
}
