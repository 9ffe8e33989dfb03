//! Sends a file by a resumable upload and downloads it again, without async code.
//!
//! Runs against `cloakroom demo`, which prints the auth key:
//! `cargo run -p cloakroom-sdk --example send_file -- <api url> <app id> <auth key> <uid> <other uid> <file>`
#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use cloakroom_sdk::blocking::Client;
use cloakroom_sdk::{MediaKind, MediaMessage, Receiver, Upload};

const USAGE: &str = "usage: send_file <api url> <app id> <auth key> <uid> <other uid> <file>";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [api_url, app_id, auth_key, uid, other, file] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let client = Client::new(cloakroom_sdk::Client::builder(app_id, api_url))?;
    client.login(uid, auth_key)?;
    let to = Receiver::user(other);

    let upload = client.upload(&to, Upload::path(file)).on_progress(|at| {
        println!("{} of {} bytes are safe", at.stored_bytes, at.total_bytes);
    });
    let uploaded = upload.send()?;
    let message = MediaMessage::of_uploaded(to, MediaKind::File, &uploaded).caption("as promised");
    let sent = client.send_media(&message)?;
    println!("sent as message {}", sent.id);

    let copy = std::env::temp_dir().join(&uploaded.name);
    let saved = client.download_to_file(&sent.data.attachments[0].url, &copy)?;
    println!("{} bytes came back, to {}", saved.size_bytes, copy.display());
    client.logout()?;
    Ok(())
}
