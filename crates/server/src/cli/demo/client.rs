//! Calls the REST API in process, so that what the demo makes went the way everything goes.

use anyhow::{Context, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use serde_json::Value;
use tower::ServiceExt;

const BOUNDARY: &str = "cloakroom-demo-7d0f";
const MOST_ANSWER_BYTES: usize = 1024 * 1024;

/// The REST API as one caller sees it.
pub(crate) struct Client<'a> {
    pub(crate) router: &'a Router,
    pub(crate) host: &'a str,
    pub(crate) app_id: &'a str,
    /// `apikey` or `authtoken`, and its value.
    pub(crate) credential: (&'static str, &'a str),
}

/// One part of a multipart form: its name, its file name and type if it is a file, its bytes.
pub(crate) type Part<'a> = (&'a str, Option<(&'a str, &'a str)>, &'a [u8]);

impl Client<'_> {
    /// Sends JSON; gives `data`, or nothing if what was to be made is there already.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Option<Value>> {
        self.call(method, path, "application/json", body.to_string().into()).await
    }

    /// Posts a multipart form.
    pub(crate) async fn post_form(
        &self,
        path: &str,
        parts: &[Part<'_>],
    ) -> anyhow::Result<Option<Value>> {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            body.extend(
                format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"").bytes(),
            );
            if let Some((file_name, content_type)) = file {
                body.extend(
                    format!("; filename=\"{file_name}\"\r\ncontent-type: {content_type}").bytes(),
                );
            }
            body.extend(b"\r\n\r\n");
            body.extend(*bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.call(Method::POST, path, &content_type, body.into()).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Body,
    ) -> anyhow::Result<Option<Value>> {
        let request = Request::builder()
            .method(&method)
            .uri(path)
            .header(header::HOST, self.host)
            .header("appid", self.app_id)
            .header(self.credential.0, self.credential.1)
            .header(header::CONTENT_TYPE, content_type)
            .body(body)?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), MOST_ANSWER_BYTES).await?;
        let mut answer: Value = serde_json::from_slice(&bytes).context("an answer without JSON")?;
        match status {
            200..300 => Ok(Some(answer["data"].take())),
            409 => Ok(None),
            _ => bail!("{method} {path} answered {status}: {}", answer["error"]),
        }
    }
}
