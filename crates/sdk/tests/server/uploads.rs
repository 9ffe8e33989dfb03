//! Uploads by tus: in chunks, over broken connections and restarts, to the end or cancelled.

use std::sync::{Arc, Mutex};

use cloakroom_sdk::SecureMediaMode::Embedded;
use cloakroom_sdk::{Attachment, Error, ErrorCode, MediaKind, MediaMessage, Receiver, Upload};
use cloakroom_test::{TestServer, png};
use reqwest::Method;

use crate::proxy::Way;
use crate::{Reached, client, noise};

const CHUNK: usize = 256 * 1024;

fn bob() -> Receiver {
    Receiver::user("bob")
}

/// Sends a message with the file and reads it as its receiver.
async fn received(
    server: &TestServer,
    sender: &cloakroom_sdk::Client,
    file: &Attachment,
) -> Vec<u8> {
    let message = MediaMessage::of_uploaded(bob(), MediaKind::File, file);
    let sent = sender.send_media(&message).await.unwrap();
    let reader = client(server, "bob", Embedded).await;
    reader.download(&sent.data.attachments[0].url).await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn a_file_goes_up_in_chunks_and_into_a_message() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let bytes = noise(3 * CHUNK + 5);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&seen);
    let upload = alice
        .upload(&bob(), Upload::bytes("notes ü.bin", bytes.clone()))
        .chunk_bytes(CHUNK)
        .on_progress(move |at| tell.lock().unwrap().push((at.stored_bytes, at.total_bytes)));
    let file = upload.send().await.unwrap();
    assert_eq!((&*file.name, file.size), ("notes ü.bin", 3 * 262_144 + 5));
    let total = file.size;
    let stored = [0, 262_144, 524_288, 786_432, total].map(|stored| (stored, total));
    assert_eq!(*seen.lock().unwrap(), stored);
    assert!(received(&server, &alice, &file).await == bytes);
}

#[tokio::test]
async fn a_picture_from_a_file_on_disk_comes_with_what_the_server_found() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dot.png");
    std::fs::write(&path, png()).unwrap();
    let file = alice.upload(&bob(), Upload::path(&path).content_type("image/png")).send().await;
    let file = file.unwrap();
    assert_eq!((&*file.mime_type, file.width, file.height), ("image/png", Some(1), Some(1)));
    assert_eq!(received(&server, &alice, &file).await, png());
}

#[tokio::test]
async fn a_chunk_that_breaks_off_is_sent_again() {
    let reached = Reached::start().await;
    let alice = client(&reached.server, "alice", Embedded).await;
    let bytes = noise(4 * CHUNK);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("noise.bin");
    std::fs::write(&path, &bytes).unwrap();
    reached.api.cut_after(Way::ToServer, &[300_000, 10, 280_000, 500_000]);
    let file = alice.upload(&bob(), Upload::path(&path)).chunk_bytes(CHUNK).send().await.unwrap();
    assert_eq!(reached.api.cuts_to_come(), 0);
    assert!(received(&reached.server, &alice, &file).await == bytes);
}

#[tokio::test]
async fn an_answer_that_is_lost_costs_nothing_twice() {
    let reached = Reached::start().await;
    let alice = client(&reached.server, "alice", Embedded).await;
    let bytes = noise(4 * CHUNK);
    // Answers break at their first byte: the server has done what it does not get to say. First
    // that it made the upload, then that it has the second chunk, and the third.
    reached.api.cut_after(Way::ToClient, &[1]);
    let (api, seen) = (reached.api.clone(), Arc::new(Mutex::new(Vec::new())));
    let tell = Arc::clone(&seen);
    let upload = alice.upload(&bob(), Upload::bytes("n.bin", bytes.clone())).chunk_bytes(CHUNK);
    let upload = upload.on_progress(move |at| {
        if (1..524_289).contains(&at.stored_bytes) {
            api.cut_after(Way::ToClient, &[1]);
        }
        tell.lock().unwrap().push(at.stored_bytes / 262_144);
    });
    let file = upload.send().await.unwrap();
    assert_eq!(reached.api.cuts_to_come(), 0);
    assert_eq!(*seen.lock().unwrap(), [0, 1, 2, 3, 4], "no chunk was sent twice");
    assert!(received(&reached.server, &alice, &file).await == bytes);
}

#[tokio::test]
async fn an_upload_survives_a_restart_of_the_server_and_of_the_caller() {
    let reached = Reached::start().await;
    let alice = client(&reached.server, "alice", Embedded).await;
    let bytes = noise(6 * CHUNK);
    let upload = Upload::bytes("noise.bin", bytes.clone());

    // The caller goes away after two chunks.
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let first = alice.upload(&bob(), upload.clone()).chunk_bytes(CHUNK);
    let first = first.on_progress(move |at| tell.send(at.stored_bytes).unwrap());
    let handle = first.handle();
    assert_eq!(handle.id(), None);
    let two_chunks = async { while told.recv().await.unwrap() < 2 * 262_144 {} };
    tokio::select! {
        biased;
        () = two_chunks => {}
        sent = first.send() => panic!("{sent:?}"),
    }
    let id = handle.id().unwrap();

    // The server stops and starts while the next caller asks how far it had come.
    let seen = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&seen);
    let rest = alice.upload(&bob(), upload).chunk_bytes(CHUNK).resume(id);
    let rest = rest.on_progress(move |at| tell.lock().unwrap().push(at.stored_bytes));
    let (file, reached) = tokio::join!(rest.send(), reached.restart());
    let file = file.unwrap();
    assert!(seen.lock().unwrap()[0] >= 2 * 262_144, "{seen:?}");
    assert!(received(&reached.server, &alice, &file).await == bytes);
}

#[tokio::test]
async fn a_cancelled_upload_is_forgotten_by_the_server() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let upload = alice.upload(&bob(), Upload::bytes("n.bin", noise(8 * CHUNK))).chunk_bytes(CHUNK);
    let handle = upload.handle();
    let cancel = handle.clone();
    let upload = upload.on_progress(move |at| {
        if at.stored_bytes > 0 {
            cancel.cancel();
        }
    });
    // As a task of its own: so it must be, and may go from thread to thread.
    let error = tokio::spawn(upload.send()).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Cancelled), "{error:?}");
    let again = alice.upload(&bob(), Upload::bytes("n.bin", noise(8 * CHUNK)));
    let error = again.resume(handle.id().unwrap()).send().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::UploadNotFound);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_the_reason() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let send = async |upload| alice.upload(&bob(), upload).send().await.unwrap_err();
    let missing = send(Upload::path("/no/such/file")).await;
    assert!(matches!(missing, Error::UnreadableFile(_)), "{missing:?}");
    assert_eq!(send(Upload::bytes("empty", Vec::new())).await.code(), ErrorCode::FileEmpty);
    let large = vec![0; 101 * 1024 * 1024];
    assert_eq!(send(Upload::bytes("large", large)).await.code(), ErrorCode::FileSizeExceeded);
    let no_picture = Upload::bytes("x.png", noise(100)).content_type("image/png");
    assert_eq!(send(no_picture).await.code(), ErrorCode::FileTypeRefused);
    let id = alice.upload(&bob(), Upload::bytes("x", "x")).resume("../../me").send().await;
    assert!(matches!(id, Err(Error::InvalidArgument(_))));
    let nobody = alice.upload(&Receiver::user("nobody"), Upload::bytes("x", "x")).send().await;
    assert_eq!(nobody.unwrap_err().code(), ErrorCode::UidNotFound);
}

#[tokio::test]
async fn another_file_does_not_go_on_with_an_upload() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let file = alice.upload(&bob(), Upload::bytes("a", noise(1000)));
    let handle = file.handle();
    file.send().await.unwrap();
    let other = alice.upload(&bob(), Upload::bytes("a", noise(999)));
    let error = other.resume(handle.id().unwrap()).send().await.unwrap_err();
    assert!(matches!(error, Error::InvalidArgument(_)), "{error:?}");
    let again = alice.upload(&bob(), Upload::bytes("a", noise(1000))).resume(handle.id().unwrap());
    assert_eq!(again.send().await.unwrap().size, 1000, "what is there already is not sent again");
}

#[tokio::test]
async fn files_and_uploaded_files_do_not_mix_in_one_message() {
    let server = TestServer::start().await;
    let alice = client(&server, "alice", Embedded).await;
    let file = alice.upload(&bob(), Upload::bytes("a", "abc")).send().await.unwrap();
    let both = MediaMessage::of_uploaded(bob(), MediaKind::File, &file);
    let both = both.file(Upload::bytes("b", "abc"));
    assert!(matches!(alice.send_media(&both).await, Err(Error::InvalidArgument(_))));
    let call = server.back_end(Method::GET, "/users/bob/messages").header("onbehalfof", "alice");
    let page = cloakroom_test::data(call.send().await.unwrap()).await;
    assert_eq!(page, serde_json::json!([]), "nothing was sent");
}
