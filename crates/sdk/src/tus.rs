//! The calls of tus 1.0.0 (tus.io): creation, bytes with a checksum, offset, termination.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cloakroom_wire::{Envelope, NoMeta, UploadStatus};
use reqwest::header::{CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, RequestBuilder, Response};

use crate::messages::Receiver;
use crate::session::{Sessions, Ticket};
use crate::{Error, ErrorCode, Upload};

const RESUMABLE: (&str, &str) = ("tus-resumable", "1.0.0");
const OFFSET: &str = "upload-offset";

/// Announces an upload; gives its id.
pub(crate) async fn create(
    sessions: &Sessions,
    receiver: &Receiver,
    file: &Upload,
    size_bytes: u64,
) -> Result<String, Error> {
    let request = call(sessions, &sessions.ticket()?, Method::POST, None)?
        .header("upload-length", size_bytes)
        .header("upload-metadata", metadata(receiver, file)?);
    let answer = sessions.send(&sessions.ticket()?, request).await?;
    let status = answer.status().as_u16();
    // Only the id is taken: whatever the address says, the auth token goes to our API alone.
    let id = answer.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let id = id.and_then(|location| location.rsplit('/').next()).filter(|id| is_id(id));
    id.map(str::to_owned).ok_or(Error::InvalidResponse { status, what: "the id of an upload" })
}

/// Sends the bytes from `offset` on; gives the offset that the server has reached.
pub(crate) async fn append(
    sessions: &Sessions,
    id: &str,
    offset: u64,
    bytes: Bytes,
) -> Result<u64, Error> {
    let ticket = sessions.ticket()?;
    let request = call(sessions, &ticket, Method::PATCH, Some(id))?
        .header(OFFSET, offset)
        .header(CONTENT_TYPE, "application/offset+octet-stream")
        .header("upload-checksum", format!("sha256 {}", STANDARD.encode(digest(&SHA256, &bytes))))
        .body(bytes);
    offset_of(&sessions.send(&ticket, request).await?)
}

/// How many bytes the server has, and of how many.
pub(crate) async fn progress(sessions: &Sessions, id: &str) -> Result<(u64, u64), Error> {
    let ticket = sessions.ticket()?;
    let request = call(sessions, &ticket, Method::HEAD, Some(id))?;
    match sessions.send(&ticket, request).await {
        Ok(answer) => Ok((offset_of(&answer)?, number(&answer, "upload-length")?)),
        // An answer to HEAD cannot say why: ask in another way.
        Err(Error::InvalidResponse { status: 400..=499, .. }) => {
            let status = status(sessions, id).await?;
            refusal(&status).map_or(Ok((status.offset, status.size)), Err)
        }
        Err(error) => Err(error),
    }
}

/// Ends an upload: the server forgets what came of it.
pub(crate) async fn terminate(sessions: &Sessions, id: &str) -> Result<(), Error> {
    let ticket = sessions.ticket()?;
    let request = call(sessions, &ticket, Method::DELETE, Some(id))?;
    sessions.send(&ticket, request).await.map(drop)
}

/// What became of an upload.
pub(crate) async fn status(sessions: &Sessions, id: &str) -> Result<UploadStatus, Error> {
    let ticket = sessions.ticket()?;
    let request = sessions.request(&ticket, Method::GET, &["files", id], &[])?;
    let answer: Envelope<UploadStatus, NoMeta> = sessions.call(&ticket, request).await?;
    Ok(answer.data)
}

/// Why the file was refused, if it was.
pub(crate) fn refusal(status: &UploadStatus) -> Option<Error> {
    let code = serde_json::Value::String(status.refusal.clone()?);
    let code: ErrorCode = serde_json::from_value(code).unwrap_or(ErrorCode::Unrecognized);
    Some(Error::Refused {
        code,
        status: code.status(),
        message: "the file was refused".to_owned(),
        details: None,
        retry_after_seconds: None,
    })
}

/// Whether `id` is that of an upload: 32 hexadecimal digits.
pub(crate) fn is_id(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
}

fn call(
    sessions: &Sessions,
    ticket: &Ticket,
    method: Method,
    id: Option<&str>,
) -> Result<RequestBuilder, Error> {
    let path: Vec<&str> = ["files", "tus"].into_iter().chain(id).collect();
    let (name, version) = RESUMABLE;
    Ok(sessions.request(ticket, method, &path, &[])?.header(name, version))
}

fn metadata(receiver: &Receiver, file: &Upload) -> Result<HeaderValue, Error> {
    let pairs = [
        ("receiver", receiver.id()),
        ("receiverType", receiver.kind()),
        ("filename", file.name()),
        ("filetype", file.declared_type()),
    ];
    let pairs = pairs.map(|(name, value)| format!("{name} {}", STANDARD.encode(value)));
    HeaderValue::from_str(&pairs.join(",")).map_err(|_| Error::InvalidArgument("a file name"))
}

fn offset_of(answer: &Response) -> Result<u64, Error> {
    number(answer, OFFSET)
}

fn number(answer: &Response, name: &str) -> Result<u64, Error> {
    let text = answer.headers().get(name).and_then(|value| value.to_str().ok());
    let status = answer.status().as_u16();
    let what = "how many bytes have come";
    text.and_then(|text| text.parse().ok()).ok_or(Error::InvalidResponse { status, what })
}
