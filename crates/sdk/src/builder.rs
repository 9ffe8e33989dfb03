//! How a client is made.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use url::{Host, Origin, Url};

use crate::api::Api;
use crate::clock::ServerClock;
use crate::patience::PAUSES;
use crate::session::{OnExpired, Sessions};
use crate::{Client, Clock, Error};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Between two reads: a slow download is no failure, a silent one is.
const READ_TIMEOUT: Duration = Duration::from_mins(1);

/// How media URLs of messages are made to open.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[repr(u8)]
pub enum SecureMediaMode {
    /// URLs of messages carry `?fat=`: they open as they are.
    #[default]
    Embedded = 0,
    /// URLs of messages stay clean; [`Client::fetch_presigned_url`] makes each open for a while.
    HeaderBased = 1,
}

/// Settings of a [`Client`], from [`Client::builder`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    app_id: String,
    api_url: String,
    mode: SecureMediaMode,
    clock: Clock,
    on_session_expired: Option<OnExpired>,
    redirect_to: Vec<String>,
    retry_pauses: Vec<Duration>,
    root_certificates_pem: Vec<Vec<u8>>,
}

impl ClientBuilder {
    pub(crate) fn new(app_id: String, api_url: String) -> Self {
        Self {
            app_id,
            api_url,
            mode: SecureMediaMode::default(),
            clock: Clock::system(),
            on_session_expired: None,
            redirect_to: Vec::new(),
            retry_pauses: PAUSES.to_vec(),
            root_certificates_pem: Vec::new(),
        }
    }

    /// How media URLs of messages are made to open; [`SecureMediaMode::Embedded`] unless said.
    pub const fn secure_media_mode(mut self, mode: SecureMediaMode) -> Self {
        self.mode = mode;
        self
    }

    /// Where the time comes from; the machine's clock unless said.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Calls `tell` once for each session that ends in another way than by
    /// [`Client::logout`]: it was revoked, it ran out, or the user was deactivated. Then the user
    /// has to log in again. It runs where the end is noticed, so it should be quick.
    pub fn on_session_expired(mut self, tell: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_session_expired = Some(Arc::new(tell));
        self
    }

    /// Lets the secure media host send downloads on to this origin, such as
    /// `https://files.s3.example.com`. Nothing else is ever redirected, and no credential goes
    /// along.
    pub fn redirect_to(mut self, origin: impl Into<String>) -> Self {
        self.redirect_to.push(origin.into());
        self
    }

    /// How long a download or upload that has begun waits before each further try, as long as it
    /// makes no progress; then it fails. At once, then after 250 ms, 500 ms, 1 s, 2 s and 4 s,
    /// unless said.
    pub fn retry_pauses(mut self, pauses: impl IntoIterator<Item = Duration>) -> Self {
        self.retry_pauses = pauses.into_iter().collect();
        self
    }

    /// Trusts this certificate too, such as the self-signed one of a server on this machine.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates_pem.push(pem.into());
        self
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidUrl`] if the API's URL or an origin is none, [`Error::InvalidArgument`] if the app id or
    /// a certificate is none, [`Error::Network`] if TLS cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
        let base = api_base(&self.api_url).ok_or(Error::InvalidUrl)?;
        let redirect_to = self.redirect_to.iter().map(|text| origin(text)).collect::<Option<_>>();
        let redirect_to: Vec<Origin> = redirect_to.ok_or(Error::InvalidUrl)?;
        let is_app_id = (4..=32).contains(&self.app_id.len())
            && self.app_id.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !is_app_id {
            return Err(Error::InvalidArgument("an app id is 4 to 32 of a-z and 0-9"));
        }
        let app_id = HeaderValue::from_str(&self.app_id)
            .map_err(|_| Error::InvalidArgument("an app id is 4 to 32 of a-z and 0-9"))?;
        // A redirect could carry a token to another host.
        let mut http = reqwest::Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT);
        for pem in &self.root_certificates_pem {
            let certificates = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
            if certificates.is_empty() {
                return Err(Error::InvalidArgument("a root certificate that is not PEM"));
            }
            http = http.tls_certs_merge(certificates);
        }
        let http = http.build().map_err(Error::network)?;
        let clock = ServerClock::new(self.clock);
        let api = Api::new(http, base, app_id);
        let sessions = Sessions::new(api, clock, self.app_id, self.on_session_expired);
        Ok(Client {
            sessions: Arc::new(sessions),
            presigned: Arc::default(),
            mode: self.mode,
            redirect_to: redirect_to.into(),
            retry_pauses: self.retry_pauses.into(),
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("app_id", &self.app_id)
            .field("api_url", &self.api_url)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

fn origin(text: &str) -> Option<Origin> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    Some(url.origin())
}

/// A full URL is taken as it is. A bare host means https, except a loopback host: http. Without a
/// path, `/v3` is added.
fn api_base(text: &str) -> Option<Url> {
    let text = text.trim();
    let is_full = text.contains("://");
    if text.starts_with('/') || text.is_empty() {
        return None;
    }
    let mut url = Url::parse(&if is_full { text.to_owned() } else { format!("https://{text}") });
    if !is_full && url.as_ref().is_ok_and(is_loopback) {
        url = Url::parse(&format!("http://{text}"));
    }
    let mut url = url.ok()?;
    let is_plain = matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain {
        return None;
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(if path.is_empty() { "/v3" } else { &path });
    Some(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_url_may_be_short_or_full() {
        let cases = [
            ("http://127.0.0.1:8081", Some("http://127.0.0.1:8081/v3")),
            ("127.0.0.1:8081", Some("http://127.0.0.1:8081/v3")),
            ("localhost:80", Some("http://localhost/v3")),
            ("api.test", Some("https://api.test/v3")),
            ("https://api.test/v3.0/", Some("https://api.test/v3.0")),
            ("https://api.test/chat/v3", Some("https://api.test/chat/v3")),
            ("ftp://api.test", None),
            ("https://u:p@api.test", None),
            ("https://api.test?x=1", None),
            ("/v3", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(api_base(text).as_ref().map(Url::as_str), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_app_id_or_certificate_is_refused_before_anything_is_sent() {
        for app_id in ["", "abc", "Demo", "demo app", "demo\r\nx", &"a".repeat(33)] {
            let built = Client::builder(app_id, "api.test").build();
            assert!(matches!(built, Err(Error::InvalidArgument(_))), "{app_id:?}");
        }
        let built = Client::builder("demoapp", "api.test").root_certificate_pem("junk").build();
        assert!(matches!(built, Err(Error::InvalidArgument(_))));
    }
}
