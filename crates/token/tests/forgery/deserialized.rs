//! No text becomes a grant, and none is there by default.
use cloakroom_token::ReadGrant;

fn from_text<T: serde::de::DeserializeOwned>() {}
fn by_default<T: Default>() {}

fn main() {
    from_text::<ReadGrant>();
    by_default::<ReadGrant>();
}
