//! Who uses something.

use cloakroom_token::{AppId, KeyId, SessionId, Uid};

/// An app as a whole, or one of those who act in it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Spender {
    /// All of the app together.
    App(AppId),
    /// One in it, such as `s:` and a session or `u:` and a user.
    In(AppId, Box<str>),
    /// Whoever has an API key.
    Key(AppId, KeyId),
    /// A session.
    Session(AppId, SessionId),
    /// A user in whose name the app's back end asks.
    User(AppId, Uid),
}
