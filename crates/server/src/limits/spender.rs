//! Who uses something.

use cloakroom_token::AppId;

/// An app as a whole, or one of those who act in it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Spender {
    /// All of the app together.
    App(AppId),
    /// One in it, such as `s:` and a session or `u:` and a user.
    In(AppId, Box<str>),
}
