//! One try: connects to an address that was checked, and keeps status and size of the reply.

use std::error::Error;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Certificate, Client, Response, header, redirect};
use url::Url;

use super::target::{TargetRefused, Targets};

/// What is read of a reply before it is thrown away.
const MOST_REPLY_BYTES: usize = 64 * 1024;

/// What [`Sender::new`] needs.
pub(crate) struct SenderOptions {
    pub(crate) targets: Targets,
    /// From the first packet to the end of the reply.
    pub(crate) time_limit: Duration,
    /// Authorities to trust beside the system's.
    pub(crate) authorities: Vec<Certificate>,
}

/// Sends signed bodies.
pub(crate) struct Sender {
    options: SenderOptions,
    /// Over TLS to public and listed addresses, and plainly to listed ones; made when needed.
    tls: OnceLock<Option<Client>>,
    plain: OnceLock<Option<Client>>,
}

/// What is kept of a try.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Reply {
    pub(super) status: Option<u16>,
    pub(super) size_bytes: Option<u64>,
    /// Why it failed, in one word.
    pub(super) error: Option<&'static str>,
}

/// What goes out beside the body.
pub(super) struct Signed<'a> {
    pub(super) id: &'a str,
    pub(super) timestamp: i64,
    pub(super) signatures: &'a str,
}

impl Sender {
    pub(crate) fn new(options: SenderOptions) -> Self {
        Self { options, tls: OnceLock::new(), plain: OnceLock::new() }
    }

    /// Tries once. Never follows a redirect. The URL may hold a secret and stands in no log.
    pub(super) async fn send(&self, raw: &str, signed: &Signed<'_>, body: String) -> Reply {
        let failed = |error| Reply { error: Some(error), ..Reply::default() };
        let url = match self.options.targets.parse(raw) {
            Ok(url) => url,
            Err(refused) => return failed(refused.word()),
        };
        let Some(client) = self.client(&url) else { return failed("tls_unavailable") };
        let request = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", signed.id)
            .header("webhook-timestamp", signed.timestamp)
            .header("webhook-signature", signed.signatures)
            .body(body);
        match request.send().await {
            Ok(response) => judge(response).await,
            Err(error) => failed(word(&error)),
        }
    }

    fn client(&self, url: &Url) -> Option<&Client> {
        let is_plain = url.scheme() == "http";
        let client = if is_plain { &self.plain } else { &self.tls };
        client.get_or_init(|| self.make(is_plain)).as_ref()
    }

    fn make(&self, is_plain: bool) -> Option<Client> {
        let made = Client::builder()
            .user_agent(concat!("cloakroom/", env!("CARGO_PKG_VERSION")))
            .timeout(self.options.time_limit)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .https_only(!is_plain)
            .tls_certs_merge(self.options.authorities.iter().cloned())
            .dns_resolver(Arc::new(self.options.targets.resolver(is_plain)))
            // A kept connection would outlive the check of its address.
            .pool_max_idle_per_host(0)
            .build();
        made.inspect_err(|error| tracing::error!(%error, "webhooks cannot be sent")).ok()
    }
}

/// Reads a bounded part of the reply; the status alone decides.
async fn judge(mut response: Response) -> Reply {
    let status = response.status();
    let mut size_bytes = 0;
    while size_bytes < MOST_REPLY_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        size_bytes = (size_bytes + chunk.len()).min(MOST_REPLY_BYTES);
    }
    let error = match status.as_u16() {
        200..=299 => None,
        300..=399 => Some("redirect"),
        410 => Some("gone"),
        _ => Some("status"),
    };
    Reply { status: Some(status.as_u16()), size_bytes: u64::try_from(size_bytes).ok(), error }
}

fn word(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "timeout";
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(refused) = cause.downcast_ref::<TargetRefused>() {
            return refused.word();
        }
        source = cause.source();
    }
    if error.is_connect() { "connect" } else { "no_reply" }
}
