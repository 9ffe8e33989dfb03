//! How a file is opened: with which credential, and what is done when it is refused.

use std::ops::RangeBounds;

use cloakroom_wire::{ErrorCode, Refresh};
use reqwest::header::{HeaderValue, IF_RANGE, LOCATION, RANGE};
use reqwest::{Response, StatusCode};
use tracing::Instrument as _;
use url::Url;

use crate::api::refusal;
use crate::byte_range::{ByteRange, told};
use crate::{Client, Download, Error, Fat, SecureMediaMode};

/// Which bytes of a file are wanted.
#[derive(Debug, Default)]
pub(crate) struct Ask {
    /// `None`: all.
    pub(crate) range: Option<ByteRange>,
    /// Only of this version; of another, all.
    pub(crate) if_range: Option<String>,
}

impl Client {
    /// Opens a medium and streams it. Refused with 401 or 403, it is tried once more with a fresh
    /// FAT or presigned URL, unless the server says that this is in vain. A connection that breaks
    /// on the way is replaced.
    ///
    /// In embedded mode the FAT travels in a header, where it does not reach access logs. A URL of
    /// another host is fetched without any credential. Redirects are followed once, without
    /// credential, and only to the hosts of
    /// [`ClientBuilder::redirect_to`](crate::ClientBuilder::redirect_to).
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with reason and cure in its details, [`Error::InvalidUrl`] if the URL is
    /// none, or none of a file on the secure media host, [`Error::NotLoggedIn`],
    /// [`Error::Network`], [`Error::InvalidResponse`].
    pub async fn download(&self, url: &str) -> Result<Download, Error> {
        let answer = self.open(url, &Ask::default()).await?;
        Ok(Download::new(self.clone(), url, answer))
    }

    /// Opens a part of a medium, such as `0..1024` or `1_000_000..`.
    ///
    /// # Errors
    ///
    /// As [`Self::download`]; `ERR_RANGE_NOT_SATISFIABLE` if the part lies outside the file,
    /// [`Error::InvalidArgument`] if the range is empty.
    pub async fn download_range(
        &self,
        url: &str,
        range: impl RangeBounds<u64> + Send,
    ) -> Result<Download, Error> {
        let ask = Ask { range: Some(ByteRange::new(&range)?), if_range: None };
        let answer = self.open(url, &ask).await?;
        Ok(Download::new(self.clone(), url, answer))
    }

    /// Answers with 200, or with 206 for exactly the part that was asked for.
    pub(crate) async fn open(&self, url: &str, ask: &Ask) -> Result<Response, Error> {
        let Some(host) = self.sessions.host().filter(|host| host.serves(url)) else {
            return finish(self.get(url, None, ask).await?, ask).await;
        };
        let clean = host.clean(url).ok_or(Error::InvalidUrl)?;
        let file = clean.rsplit('/').next().unwrap_or_default();
        let span = tracing::debug_span!("cloakroom.open", file, range = ?ask.range);
        let opened = async {
            let opened = match self.mode {
                SecureMediaMode::Embedded => self.open_with_fat(&clean, ask).await,
                SecureMediaMode::HeaderBased => self.open_presigned(&clean, ask).await,
            };
            match &opened {
                Ok(answer) => tracing::debug!(status = answer.status().as_u16(), "opened"),
                Err(error) => tracing::debug!(code = %error.code(), "not opened"),
            }
            opened
        };
        opened.instrument(span).await
    }

    async fn open_with_fat(&self, url: &str, ask: &Ask) -> Result<Response, Error> {
        let ticket = self.sessions.ticket()?;
        let fat = self.sessions.fresh_fat().await?;
        let first = finish(self.get(url, fat.as_ref(), ask).await?, ask).await;
        let Err(error) = first else { return first };
        if error.refresh() == Refresh::Login {
            self.sessions.forget_fat(fat.as_ref());
            self.sessions.tell_expired(&ticket);
        }
        if !may_be_cured(&error) {
            return Err(error);
        }
        let fat = self.sessions.replace_fat(fat.as_ref()).await?;
        finish(self.get(url, fat.as_ref(), ask).await?, ask).await
    }

    async fn open_presigned(&self, url: &str, ask: &Ask) -> Result<Response, Error> {
        let ticket = self.sessions.ticket()?;
        let presigned_url = self.fetch_presigned_url(url).await?;
        let first = finish(self.get(&presigned_url, None, ask).await?, ask).await;
        let Err(error) = first else { return first };
        if is_denied(&error) {
            self.presigned.forget(url);
        }
        if error.refresh() == Refresh::Login {
            self.sessions.tell_expired(&ticket);
        }
        if !may_be_cured(&error) {
            return Err(error);
        }
        let presigned_url = self.fetch_presigned_url(url).await?;
        let second = finish(self.get(&presigned_url, None, ask).await?, ask).await;
        if second.as_ref().is_err_and(is_denied) {
            self.presigned.forget(url);
        }
        second
    }

    async fn get(&self, url: &str, fat: Option<&Fat>, ask: &Ask) -> Result<Response, Error> {
        let url = Url::parse(url).map_err(|_| Error::InvalidUrl)?;
        let answer = self.get_once(url.clone(), fat, ask).await?;
        match self.redirection(&url, &answer) {
            Some(elsewhere) => self.get_once(elsewhere, None, ask).await,
            None => Ok(answer),
        }
    }

    async fn get_once(&self, url: Url, fat: Option<&Fat>, ask: &Ask) -> Result<Response, Error> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Error::InvalidUrl);
        }
        let mut request = self.sessions.api.http.get(url);
        if let Some(fat) = fat {
            let mut value = HeaderValue::from_str(fat.as_str())
                .map_err(|_| Error::InvalidArgument("a token that no header may carry"))?;
            value.set_sensitive(true);
            request = request.header("fat", value);
        }
        if let Some(range) = ask.range {
            request = request.header(RANGE, range.header());
        }
        if let Some(etag) = &ask.if_range {
            request = request.header(IF_RANGE, etag);
        }
        request.send().await.map_err(Error::network)
    }

    /// Where the answer points to, if that is a host we were told of.
    fn redirection(&self, from: &Url, answer: &Response) -> Option<Url> {
        let is_redirect = matches!(answer.status().as_u16(), 302 | 303 | 307 | 308);
        let location = answer.headers().get(LOCATION).filter(|_| is_redirect)?;
        let to = from.join(location.to_str().ok()?).ok()?;
        self.redirect_to.contains(&to.origin()).then_some(to)
    }
}

/// The file, or why not.
async fn finish(answer: Response, ask: &Ask) -> Result<Response, Error> {
    let status = answer.status();
    let is_whole_welcome = ask.range.is_none() || ask.if_range.is_some();
    match (status, ask.range) {
        (StatusCode::OK, _) if is_whole_welcome => Ok(answer),
        (StatusCode::PARTIAL_CONTENT, Some(range)) => {
            let header = answer.headers().get(reqwest::header::CONTENT_RANGE);
            let part = header.and_then(|value| value.to_str().ok()).and_then(told);
            if part.is_some_and(|part| part.start == range.first) {
                Ok(answer)
            } else {
                Err(Error::InvalidResponse { status: 206, what: "another part than asked for" })
            }
        }
        // It is told by its status alone.
        (StatusCode::RANGE_NOT_SATISFIABLE, Some(_)) => Err(Error::Refused {
            code: ErrorCode::RangeNotSatisfiable,
            status: status.as_u16(),
            message: "the asked range lies outside the file".to_owned(),
            details: None,
            retry_after_seconds: None,
        }),
        _ if status.is_client_error() || status.is_server_error() => Err(refusal(answer).await),
        _ => Err(Error::InvalidResponse {
            status: status.as_u16(),
            what: "neither file nor refusal",
        }),
    }
}

fn is_denied(error: &Error) -> bool {
    matches!(
        error,
        Error::Refused { status: 401 | 403, .. } | Error::InvalidResponse { status: 401 | 403, .. }
    )
}

/// Whether a fresh FAT or presigned URL may help. A refusal without details may be a CDN's.
fn may_be_cured(error: &Error) -> bool {
    let says_no = matches!(error, Error::Refused { details: Some(details), .. }
        if !matches!(details.refresh, Refresh::Fat | Refresh::Presign));
    is_denied(error) && !says_no
}
