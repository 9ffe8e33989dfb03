//! Logs in, lists messages and downloads one picture in both secure media modes.
//!
//! Runs against `cloakroom demo`, which prints the auth key:
//! `cargo run -p cloakroom-sdk --example chat_media -- <api url> <app id> <auth key> <uid> <other uid>`
#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use cloakroom_sdk::{Attachment, Client, Error, Message, Receiver, SecureMediaMode};

const USAGE: &str = "usage: chat_media <api url> <app id> <auth key> [uid] [other uid]";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(api_url), Some(app_id), Some(auth_key)) = (args.next(), args.next(), args.next())
    else {
        return Err(USAGE.into());
    };
    let uid = args.next().unwrap_or_else(|| "alice".to_owned());
    let other = args.next().unwrap_or_else(|| "bob".to_owned());

    for mode in [SecureMediaMode::Embedded, SecureMediaMode::HeaderBased] {
        println!("\n{mode:?}");
        let client = Client::builder(&app_id, &api_url).secure_media_mode(mode).build()?;
        let user = client.login(&uid, &auth_key).await?;
        println!("  logged in as {} ({})", user.name, user.uid);
        match client.secure_media_host() {
            Some(host) => println!("  media is protected, on {host}"),
            None => println!("  media is not protected: switch Token Based File Access on"),
        }
        let messages = client.messages(Receiver::user(&other)).fetch_previous().await?;
        println!("  {} messages with {other}", messages.len());
        match messages.iter().find_map(picture) {
            Some(picture) => show(&client, picture).await?,
            None => println!("  none of them carries a picture"),
        }
        client.logout().await?;
        println!("  logged out; a FAT is left: {}", client.fat().is_some());
    }
    Ok(())
}

fn picture(message: &Message) -> Option<&Attachment> {
    message.data.attachments.iter().find(|file| file.mime_type.starts_with("image/"))
}

async fn show(client: &Client, picture: &Attachment) -> Result<(), Error> {
    println!("  {}: {} bytes of {}", picture.name, picture.size, picture.mime_type);
    println!("    its URL carries a FAT: {}", cloakroom_sdk::has_fat_query_param(&picture.url));
    println!("    to be resolved first: {}", client.is_header_mode_enabled());
    let presigned_url = client.fetch_presigned_url(&picture.url).await?;
    println!("    its presigned URL has {} characters", presigned_url.len());
    let mut download = client.download(&picture.url).await?;
    let mut received = 0;
    while let Some(chunk) = download.chunk().await? {
        received += chunk.len();
    }
    println!("    received {received} bytes of {:?}", download.content_type().unwrap_or_default());
    let part = client.download_range(&picture.url, ..100).await?;
    println!("    the first 100: {:?}", part.content_range().unwrap_or_default());
    Ok(())
}
