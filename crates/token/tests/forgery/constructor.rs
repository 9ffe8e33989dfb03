//! The constructor is private.
use cloakroom_token::ReadGrant;

fn forge() {
    let _ = ReadGrant::new;
}

fn main() {}
