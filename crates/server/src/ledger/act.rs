//! Who asks and what is done, as a request says it on its way through the layers.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use cloakroom_token::{AppId, KeyId, MediaId, Uid};

use super::recorder::{Acted, Origin, Recorder};

/// On whose authority something was done.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) enum By {
    /// An API key, by its id.
    ApiKey(KeyId),
    /// Somebody at the command line of the machine.
    CommandLine,
    /// An operator, by id.
    Operator(String),
    /// The server, as an app's policy says.
    Retention,
    /// Somebody who wants to be one.
    SignIn,
}

impl By {
    /// What it is called, and which.
    pub(super) fn named(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::ApiKey(id) => ("apiKey", Some(id.as_str())),
            Self::CommandLine => ("commandLine", None),
            Self::Operator(id) => ("operator", Some(id)),
            Self::Retention => ("retention", None),
            Self::SignIn => ("signIn", None),
        }
    }
}

/// A place in a request's extensions in which extractors and handlers write who asks and about whom.
#[derive(Clone, Default)]
pub(crate) struct Asker(Arc<Mutex<Asked>>);

#[derive(Default)]
struct Asked {
    app: Option<AppId>,
    by: Option<By>,
    uid: Option<Uid>,
    media: Option<MediaId>,
    target: Option<String>,
}

impl Asker {
    fn with(&self, change: impl FnOnce(&mut Asked)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes the app that is asked about.
    pub(crate) fn note_app(extensions: &Extensions, app: &AppId) {
        if let Some(asker) = extensions.get::<Self>() {
            asker.with(|asked| asked.app = Some(app.clone()));
        }
    }

    /// Notes who asks, once that is proven.
    pub(crate) fn note_by(extensions: &Extensions, by: By) {
        if let Some(asker) = extensions.get::<Self>() {
            asker.with(|asked| asked.by = Some(by));
        }
    }

    /// Notes the user it is about, where the path does not say so.
    pub(crate) fn about_user(&self, uid: Uid) {
        self.with(|asked| asked.uid = Some(uid));
    }

    /// Notes the file it is about.
    pub(crate) fn about_media(&self, media: MediaId) {
        self.with(|asked| asked.media = Some(media));
    }

    /// Notes what else it is about: a kind of thing, and its id unless that could be a secret.
    pub(crate) fn about(&self, kind: &str, id: Option<&str>) {
        let target = match id {
            None => kind.to_owned(),
            Some(id) => format!("{kind}/{}", plain(id).as_deref().unwrap_or("?")),
        };
        self.with(|asked| asked.target = Some(target));
    }
}

/// A request that may be an administrative act. Most are none, so what the ledger would say of it is
/// worked out only once it is known to be one.
pub(crate) struct Act {
    asker: Asker,
    method: Method,
    route: Option<MatchedPath>,
    uri: Uri,
    /// What the client says of itself: `sdk` and `User-Agent`.
    client: [Option<HeaderValue>; 2],
    address: IpAddr,
}

const CLIENT: [HeaderName; 2] = [HeaderName::from_static("sdk"), header::USER_AGENT];

impl Act {
    /// Keeps of the request what it takes, and puts an [`Asker`] on its way.
    pub(crate) fn begin(request: &mut Request, address: IpAddr) -> Self {
        let asker = Asker::default();
        request.extensions_mut().insert(asker.clone());
        Self {
            asker,
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            uri: request.uri().clone(),
            client: CLIENT.map(|name| request.headers().get(name).cloned()),
            address,
        }
    }

    /// Takes note of it, if it was one and somebody proved who asks.
    pub(crate) fn end(self, recorder: &Recorder, status: u16) {
        let asked =
            std::mem::take(&mut *self.asker.0.lock().unwrap_or_else(PoisonError::into_inner));
        let Some(by) = asked.by else { return };
        let route = self.route.as_ref().map_or("/", MatchedPath::as_str);
        let is_read = matches!(self.method, Method::GET | Method::HEAD);
        if is_read && !route.ends_with("/explain") && !route.contains("/ledger") {
            return;
        }
        let Named { uid, media, target } = Named::read(route, &self.uri);
        let acted = Acted {
            app: asked.app,
            by,
            act: format!("{} {route}", self.method),
            uid: asked.uid.or(uid),
            media: asked.media.or(media),
            target: asked.target.or(target),
            status,
        };
        let client = CLIENT.into_iter().zip(self.client);
        let client: HeaderMap = client.filter_map(|(name, value)| Some((name, value?))).collect();
        recorder.acted(acted, recorder.origin((&client).into(), self.address));
    }
}

/// Whom or what a path and query name.
#[derive(Default)]
struct Named {
    uid: Option<Uid>,
    media: Option<MediaId>,
    target: Option<String>,
}

impl Named {
    fn read(route: &str, uri: &Uri) -> Self {
        let mut named = Self::default();
        for (part, value) in route.split('/').zip(uri.path().split('/')) {
            match part {
                // A session stands in the ledger under a pseudonym alone.
                "{id}" if route.contains("/sessions/") || route.contains("/auth_tokens/") => {}
                "{uid}" => named.uid = Uid::parse(value).ok(),
                "{id}" if route.contains("/media/") => named.media = MediaId::parse(value).ok(),
                "{id}" | "{guid}" | "{app_id}" => named.target = plain(value),
                _ => {}
            }
        }
        let query = uri.query().unwrap_or_default();
        let of_query = query.split('&').find_map(|pair| pair.strip_prefix("uid="));
        named.uid = named.uid.or_else(|| of_query.and_then(|raw| Uid::parse(raw).ok()));
        named
    }
}

/// Takes note of a message that went by itself.
pub(crate) fn note_retention(recorder: &Recorder, app: &AppId, message: i64) {
    let acted = Acted {
        app: Some(app.clone()),
        by: By::Retention,
        act: "retention".to_owned(),
        uid: None,
        media: None,
        target: Some(format!("message/{message}")),
        status: 200,
    };
    recorder.acted(acted, Origin { client: "cloakroom".into(), address: None });
}

/// How secrets begin that somebody may send where an id belongs.
const SECRETS: [&str; 3] = ["ckr_", "whsec_", "eyJ"];

/// An id, unless it could be a secret.
fn plain(value: &str) -> Option<String> {
    let is_id = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    let is_short = (1..=100).contains(&value.len());
    let is_secret = SECRETS.iter().any(|begin| value.starts_with(begin));
    (is_short && value.bytes().all(is_id) && !is_secret).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_sent_where_an_id_belongs_does_not_stand_in_the_ledger() {
        let cases = [
            ("k7Qd2", "apiKey/k7Qd2"),
            ("ckr_key_AbCd", "apiKey/?"),
            ("whsec_AbCd", "apiKey/?"),
            ("eyJhbGciOiJFZERTQSJ9", "apiKey/?"),
            ("a b", "apiKey/?"),
            ("", "apiKey/?"),
        ];
        for (id, expected) in cases {
            let asker = Asker::default();
            asker.about("apiKey", Some(id));
            assert_eq!(asker.0.lock().unwrap().target.as_deref(), Some(expected), "{id}");
        }
    }
}
