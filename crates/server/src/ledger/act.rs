//! Who asks and what is done, as a request says it on its way through the layers.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{MatchedPath, Request};
use axum::http::{Extensions, Method};
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

/// A request that may be an administrative act: its route, and whom or what its path names.
pub(crate) struct Act {
    asker: Asker,
    name: String,
    counts: bool,
    uid: Option<Uid>,
    media: Option<MediaId>,
    target: Option<String>,
    origin: Origin,
}

impl Act {
    /// Reads the request, and puts an [`Asker`] on its way.
    pub(crate) fn begin(recorder: &Recorder, request: &mut Request, address: IpAddr) -> Self {
        let asker = Asker::default();
        request.extensions_mut().insert(asker.clone());
        let route = request.extensions().get::<MatchedPath>();
        let route = route.map_or("/", MatchedPath::as_str).to_owned();
        let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
        let counts = !is_read || route.ends_with("/explain") || route.contains("/ledger");
        let mut act = Self {
            asker,
            name: format!("{} {route}", request.method()),
            counts,
            uid: None,
            media: None,
            target: None,
            origin: recorder.origin(request.headers(), address),
        };
        for (part, value) in route.split('/').zip(request.uri().path().split('/')) {
            match part {
                // A session stands in the ledger under a pseudonym alone.
                "{id}" if route.contains("/sessions/") || route.contains("/auth_tokens/") => {}
                "{uid}" => act.uid = Uid::parse(value).ok(),
                "{id}" if route.contains("/media/") => act.media = MediaId::parse(value).ok(),
                "{id}" | "{guid}" | "{app_id}" => act.target = plain(value),
                _ => {}
            }
        }
        let query = request.uri().query().unwrap_or_default();
        let of_query = query.split('&').find_map(|pair| pair.strip_prefix("uid="));
        act.uid = act.uid.or_else(|| of_query.and_then(|raw| Uid::parse(raw).ok()));
        act
    }

    /// Takes note of it, if it was one and somebody proved who asks.
    pub(crate) fn end(self, recorder: &Recorder, status: u16) {
        let asked =
            std::mem::take(&mut *self.asker.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (true, Some(by)) = (self.counts, asked.by) else { return };
        let acted = Acted {
            app: asked.app,
            by,
            act: self.name,
            uid: asked.uid.or(self.uid),
            media: asked.media.or(self.media),
            target: asked.target.or(self.target),
            status,
        };
        recorder.acted(acted, self.origin);
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
