//! How a file is opened: with which credential, and what is done when it is refused.

use std::ops::RangeBounds;

use cloakroom_wire::Refresh;
use reqwest::header::{CONTENT_RANGE, HeaderValue, RANGE};
use reqwest::{Response, StatusCode};
use url::Url;

use crate::api::media_refusal;
use crate::download::ByteRange;
use crate::{Client, Download, Error, Fat, SecureMediaMode};

impl Client {
    /// Opens a medium and streams it. Refused with 401 or 403, it is tried once more with a fresh
    /// FAT or presigned URL, unless the server says that this is in vain.
    ///
    /// In embedded mode the FAT travels in a header, where it does not reach access logs. A URL of
    /// another host is fetched without any credential. Redirects are not followed.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with reason and cure in its details, [`Error::InvalidUrl`] if the URL is
    /// none, or none of a file on the secure media host, [`Error::NotLoggedIn`],
    /// [`Error::Network`], [`Error::InvalidResponse`].
    pub async fn download(&self, url: &str) -> Result<Download, Error> {
        self.open(url, None).await
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
        let range = ByteRange::new(&range)?;
        self.open(url, Some(range)).await
    }

    async fn open(&self, url: &str, range: Option<ByteRange>) -> Result<Download, Error> {
        let Some(host) = self.sessions.host().filter(|host| host.serves(url)) else {
            let answer = self.get(url, None, range).await?;
            return finish(answer, range).await;
        };
        let clean = host.clean(url).ok_or(Error::InvalidUrl)?;
        match self.mode {
            SecureMediaMode::Embedded => self.open_with_fat(&clean, range).await,
            SecureMediaMode::HeaderBased => self.open_presigned(&clean, range).await,
        }
    }

    async fn open_with_fat(&self, url: &str, range: Option<ByteRange>) -> Result<Download, Error> {
        self.sessions.ticket()?;
        let fat = self.sessions.fresh_fat().await?;
        let first = finish(self.get(url, fat.as_ref(), range).await?, range).await;
        let Err(error) = first else { return first };
        if error.refresh() == Refresh::Login {
            self.sessions.forget_fat(fat.as_ref());
        }
        if !may_be_cured(&error) {
            return Err(error);
        }
        let fat = self.sessions.replace_fat(fat.as_ref()).await?;
        finish(self.get(url, fat.as_ref(), range).await?, range).await
    }

    async fn open_presigned(&self, url: &str, range: Option<ByteRange>) -> Result<Download, Error> {
        let presigned_url = self.fetch_presigned_url(url).await?;
        let first = finish(self.get(&presigned_url, None, range).await?, range).await;
        let Err(error) = first else { return first };
        if is_denied(&error) {
            self.presigned.forget(url);
        }
        if !may_be_cured(&error) {
            return Err(error);
        }
        let presigned_url = self.fetch_presigned_url(url).await?;
        let second = finish(self.get(&presigned_url, None, range).await?, range).await;
        if second.as_ref().is_err_and(is_denied) {
            self.presigned.forget(url);
        }
        second
    }

    async fn get(
        &self,
        url: &str,
        fat: Option<&Fat>,
        range: Option<ByteRange>,
    ) -> Result<Response, Error> {
        let url = Url::parse(url).map_err(|_| Error::InvalidUrl)?;
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
        if let Some(range) = range {
            request = request.header(RANGE, range.header());
        }
        request.send().await.map_err(Error::network)
    }
}

/// The file, or why not.
async fn finish(answer: Response, range: Option<ByteRange>) -> Result<Download, Error> {
    let status = answer.status();
    match (status, range) {
        (StatusCode::OK, None) => Ok(Download::new(answer)),
        (StatusCode::PARTIAL_CONTENT, Some(range)) => {
            let starts = format!("bytes {}-", range.first);
            let header = answer.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
            if header.is_some_and(|header| header.starts_with(&starts)) {
                Ok(Download::new(answer))
            } else {
                Err(Error::InvalidResponse { status: 206, what: "another part than asked for" })
            }
        }
        _ if status.is_client_error() || status.is_server_error() => {
            Err(media_refusal(answer).await)
        }
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
