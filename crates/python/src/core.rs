//! The client, call by call.

use cloakroom_sdk::{Client, Error, MediaKind, MediaMessage, Receiver};
use pyo3::IntoPyObjectExt as _;
use pyo3::prelude::*;

use crate::answer::{Answer, Nothing, json};
use crate::download::Download;
use crate::error::{instance, value_error};
use crate::messages::Messages;
use crate::upload::{Source, Upload};

/// A client of one app.
#[pyclass(frozen, module = "cloakroom._core")]
pub(crate) struct Core {
    client: Client,
    answer: Answer,
}

impl Core {
    pub(crate) const fn new(client: Client, answer: Answer) -> Self {
        Self { client, answer }
    }
}

/// To whom: the attributes of `cloakroom.Receiver`.
#[derive(FromPyObject)]
struct To {
    kind: String,
    id: String,
}

fn receiver(To { kind, id }: To) -> PyResult<Receiver> {
    match kind.as_str() {
        "user" => Ok(Receiver::user(id)),
        "group" => Ok(Receiver::group(id)),
        _ => Err(value_error("a receiver is a user or a group")),
    }
}

#[pymethods]
impl Core {
    fn login<'py>(&self, py: Python<'py>, uid: String, key: String) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { json(&client.login(&uid, &key).await?) })
    }

    fn login_with_auth_token<'py>(
        &self,
        py: Python<'py>,
        auth_token: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { json(&client.login_with_auth_token(&auth_token).await?) })
    }

    fn logout<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { client.logout().await.map(|()| Nothing) })
    }

    // What follows asks nobody. The interpreter's lock is given up all the same: a clock of the
    // caller's takes it.

    fn logged_in_user(&self, py: Python<'_>) -> Option<String> {
        py.detach(|| self.client.logged_in_user().and_then(|user| json(&user).ok()))
    }

    fn fat(&self, py: Python<'_>) -> Option<String> {
        py.detach(|| self.client.fat().map(|fat| fat.as_str().to_owned()))
    }

    fn is_header_mode_enabled(&self, py: Python<'_>) -> bool {
        py.detach(|| self.client.is_header_mode_enabled())
    }

    fn requires_secure_access(&self, py: Python<'_>, url: &str) -> bool {
        py.detach(|| self.client.requires_secure_access(url))
    }

    fn secure_media_host(&self, py: Python<'_>) -> Option<String> {
        py.detach(|| self.client.secure_media_host())
    }

    fn forget_presigned_url(&self, py: Python<'_>, url: &str) {
        py.detach(|| self.client.forget_presigned_url(url));
    }

    fn media_url<'py>(&self, py: Python<'py>, url: String) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { Ok(client.media_url(&url).await) })
    }

    fn fetch_presigned_url<'py>(
        &self,
        py: Python<'py>,
        url: String,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { client.fetch_presigned_url(&url).await })
    }

    fn fetch_presigned_urls<'py>(
        &self,
        py: Python<'py>,
        urls: Vec<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move {
            let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
            let items = client.fetch_presigned_urls(&urls).await.into_iter();
            Ok(items.map(Item).collect::<Vec<_>>())
        })
    }

    fn messages(&self, with: To, limit: u32, starting_at: Option<String>) -> PyResult<Messages> {
        let request = self.client.messages(receiver(with)?).limit(limit);
        let request = match starting_at {
            Some(id) => request.starting_at(id),
            None => request,
        };
        Ok(Messages::new(request, self.answer))
    }

    fn message<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { json(&client.message(&id).await?) })
    }

    fn delete_message<'py>(&self, py: Python<'py>, id: String) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move { client.delete_message(&id).await.map(|()| Nothing) })
    }

    fn send_text<'py>(&self, py: Python<'py>, to: To, text: String) -> PyResult<Bound<'py, PyAny>> {
        let (client, to) = (self.client.clone(), receiver(to)?);
        self.answer.of(py, async move { json(&client.send_text(&to, &text).await?) })
    }

    fn send_media<'py>(
        &self,
        py: Python<'py>,
        to: To,
        kind: &str,
        files: Vec<Source>,
        uploaded: Vec<String>,
        caption: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let message = media_message(&receiver(to)?, kind, files, uploaded)?;
        let message = match caption {
            Some(caption) => message.caption(caption),
            None => message,
        };
        let client = self.client.clone();
        self.answer.of(py, async move { json(&client.send_media(&message).await?) })
    }

    fn download<'py>(
        &self,
        py: Python<'py>,
        url: String,
        first: u64,
        end: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (client, answer) = (self.client.clone(), self.answer);
        self.answer.of(py, async move {
            let download = match (first, end) {
                (0, None) => client.download(&url).await,
                (first, None) => client.download_range(&url, first..).await,
                (first, Some(end)) => client.download_range(&url, first..end).await,
            };
            download.map(|download| Download::new(download, answer))
        })
    }

    fn download_to_file<'py>(
        &self,
        py: Python<'py>,
        url: String,
        path: std::path::PathBuf,
    ) -> PyResult<Bound<'py, PyAny>> {
        let client = self.client.clone();
        self.answer.of(py, async move {
            let saved = client.download_to_file(&url, &path).await?;
            Ok((saved.size_bytes, saved.resumed_at_bytes, saved.content_type))
        })
    }

    fn upload(
        &self,
        to: To,
        file: Source,
        chunk_bytes: Option<usize>,
        resume: Option<String>,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<Upload> {
        let mut upload = self.client.upload(&receiver(to)?, file.into_upload()?);
        if let Some(chunk_bytes) = chunk_bytes {
            upload = upload.chunk_bytes(chunk_bytes);
        }
        if let Some(id) = resume {
            upload = upload.resume(id);
        }
        Ok(Upload::new(upload, on_progress, self.answer))
    }
}

/// A presigned URL, or the exception in its place.
struct Item(Result<String, Error>);

impl<'py> IntoPyObject<'py> for Item {
    type Target = PyAny;
    type Output = Bound<'py, PyAny>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        match self.0 {
            Ok(url) => url.into_bound_py_any(py),
            Err(error) => instance(py, &error),
        }
    }
}

fn media_message(
    to: &Receiver,
    kind: &str,
    files: Vec<Source>,
    uploaded: Vec<String>,
) -> PyResult<MediaMessage> {
    let kind = match kind {
        "audio" => MediaKind::Audio,
        "file" => MediaKind::File,
        "image" => MediaKind::Image,
        "video" => MediaKind::Video,
        _ => return Err(value_error("a message carries audio, file, image or video")),
    };
    let mut message = None;
    for file in files {
        let file = file.into_upload()?;
        message = Some(match message {
            None => MediaMessage::new(to.clone(), kind, file),
            Some(message) => MediaMessage::file(message, file),
        });
    }
    for attachment in uploaded {
        let attachment = serde_json::from_str(&attachment)
            .map_err(|_| value_error("an attachment is what upload() gave"))?;
        message = Some(match message {
            None => MediaMessage::of_uploaded(to.clone(), kind, &attachment),
            Some(message) => message.attachment(&attachment),
        });
    }
    message.ok_or_else(|| value_error("a media message carries at least one file"))
}
