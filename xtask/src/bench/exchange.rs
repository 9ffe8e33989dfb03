//! A request with a body and its answer, without a program that would have to be started for it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::answer::{Head, Target};

const BOUNDARY: &str = "cloakroom-bench";

/// A form (RFC 7578) of some fields and one file: its media type, and its body.
pub(super) fn form(fields: &[(&str, &str)], file: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("content-disposition: form-data; name=\"{name}\"\r\n\r\n{value}");
        body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n").as_bytes());
    }
    let name = file.file_name().context("a file has a name")?.display();
    let head = format!("content-disposition: form-data; name=\"files[]\"; filename=\"{name}\"");
    body.extend_from_slice(format!("--{BOUNDARY}\r\n{head}\r\n\r\n").as_bytes());
    body.extend_from_slice(&fs::read(file)?);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={BOUNDARY}"), body))
}

/// Asks on a connection of its own, and gives `data` of the answer.
///
/// # Errors
///
/// If the answer is not of status 2xx, or no JSON.
pub(super) fn exchange(target: &Target, request: &[u8]) -> anyhow::Result<Value> {
    let mut socket = TcpStream::connect(target.address)?;
    socket.write_all(request).context("the server hung up")?;
    let mut answer = Vec::new();
    let head = loop {
        if let Some(head) = Head::parse(&answer)?
            && (answer.len() - head.length) as u64 >= head.body_bytes
        {
            break head;
        }
        let mut more = [0; 4096];
        let got = socket.read(&mut more)?;
        ensure!(got > 0, "{} hung up in the middle of its answer", target.path);
        answer.extend_from_slice(&more[..got]);
    };
    let body = &answer[head.length..];
    let told = String::from_utf8_lossy(body);
    ensure!((200..300).contains(&head.status), "{}: {} {told}", target.path, head.status);
    let mut told: Value = serde_json::from_slice(body).with_context(|| told.into_owned())?;
    Ok(told["data"].take())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_form_has_its_fields_and_the_file_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bin");
        fs::write(&path, [0, 255]).unwrap();
        let (media_type, body) = form(&[("type", "file")], &path).unwrap();
        assert_eq!(media_type, "multipart/form-data; boundary=cloakroom-bench");
        let mut expected = b"--cloakroom-bench\r\n\
            content-disposition: form-data; name=\"type\"\r\n\r\nfile\r\n\
            --cloakroom-bench\r\n\
            content-disposition: form-data; name=\"files[]\"; filename=\"a.bin\"\r\n\r\n"
            .to_vec();
        expected.extend_from_slice(b"\0\xff\r\n--cloakroom-bench--\r\n");
        assert_eq!(body, expected);
    }

    #[test]
    fn an_answer_gives_its_data_and_a_refusal_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target =
            Target { address: listener.local_addr().unwrap(), path: "/v3/messages".to_owned() };
        let answering = thread::spawn(move || {
            for (status, body) in [("200 OK", r#"{"data":{"id":7}}"#), ("507 X", "{}")] {
                let (mut socket, _) = listener.accept().unwrap();
                let length = body.len();
                let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
                socket.write_all(format!("{head}{body}").as_bytes()).unwrap();
            }
        });
        assert_eq!(exchange(&target, b"").unwrap()["id"], 7);
        assert!(exchange(&target, b"").unwrap_err().to_string().contains("507"));
        answering.join().unwrap();
    }
}
