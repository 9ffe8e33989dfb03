//! The client: one app, at most one logged-in user.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cloakroom_wire::{
    ActionMessage, CursorMeta, Envelope, Message, NoMeta, Secret, SendData, SendMessage, User,
};
use reqwest::Method;
use url::Origin;

use crate::api::with_json;
use crate::embed::Embed;
use crate::media_message::MessageBody;
use crate::patience::Patience;
use crate::presign_batch::Presigned;
use crate::session::{Sessions, check_id};
use crate::{ClientBuilder, Error, Fat, MediaMessage, MessagesRequest, Receiver, SecureMediaMode};

/// A client of one app. Cheap to clone; clones share the session.
///
/// Its futures need a tokio runtime.
#[derive(Clone)]
pub struct Client {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) presigned: Arc<Presigned>,
    pub(crate) mode: SecureMediaMode,
    /// Where the secure media host may send downloads on to.
    pub(crate) redirect_to: Arc<[Origin]>,
    /// Before each further try of a transfer that makes no progress.
    pub(crate) retry_pauses: Arc<[Duration]>,
}

impl Client {
    /// Begins a client of the app `app_id`, whose REST API is at `api_url`.
    ///
    /// A full URL is taken as it is; of a bare `host[:port]`, loopback means http, else https.
    /// Without a path, `/v3` is added.
    pub fn builder(app_id: impl Into<String>, api_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(app_id.into(), api_url.into())
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience::new(Arc::clone(&self.retry_pauses))
    }

    /// Logs a user in with the app's auth key. For demos and tests: an app keeps its key in its
    /// own back end, which makes auth tokens for [`Self::login_with_auth_token`].
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's code, [`Error::Network`], [`Error::InvalidResponse`].
    pub async fn login(&self, uid: &str, auth_key: &str) -> Result<User, Error> {
        self.sessions.login(uid, &Secret::new(auth_key)).await
    }

    /// Logs in with an auth token that the app's back end made.
    ///
    /// # Errors
    ///
    /// As [`Self::login`]; `AUTH_ERR_AUTH_TOKEN_NOT_FOUND` if the token is unknown or over.
    pub async fn login_with_auth_token(&self, auth_token: &str) -> Result<User, Error> {
        self.sessions.login_with_auth_token(Secret::new(auth_token)).await
    }

    /// Who is logged in.
    #[must_use]
    pub fn logged_in_user(&self) -> Option<User> {
        self.sessions.user()
    }

    /// Ends the session: here whatever happens, and at the server, if it can be reached.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`] if there is none, [`Error::Network`] or [`Error::InvalidResponse`]
    /// if the server may not know of it.
    pub async fn logout(&self) -> Result<(), Error> {
        self.sessions.logout().await
    }

    /// The File Access Token of the session; `None` if there is no valid one.
    #[must_use]
    pub fn fat(&self) -> Option<Fat> {
        self.sessions.fat()
    }

    /// Whether media has to be resolved by [`Self::fetch_presigned_url`]: the mode is
    /// [`SecureMediaMode::HeaderBased`], a valid FAT exists and the secure media host is known.
    #[must_use]
    pub fn is_header_mode_enabled(&self) -> bool {
        self.mode == SecureMediaMode::HeaderBased
            && self.sessions.host().is_some()
            && self.fat().is_some()
    }

    /// Whether `url` points to the secure media host. Parsed, never searched for.
    #[must_use]
    pub fn requires_secure_access(&self, url: &str) -> bool {
        self.sessions.host().is_some_and(|host| host.serves(url))
    }

    /// The secure media host, such as `files-us.example.com`; `None` while none is known.
    #[must_use]
    pub fn secure_media_host(&self) -> Option<String> {
        self.sessions.host().map(|host| host.authority().to_owned())
    }

    /// What opens this medium in the mode of this client: in embedded mode the URL with a
    /// `?fat=` that is renewed before it expires, in header-based mode the URL itself.
    ///
    /// Gives `url` back unchanged if it is no media URL of this app, or no FAT is to be had.
    pub async fn media_url(&self, url: &str) -> String {
        let embed = self.embed().await;
        let mut url = url.to_owned();
        embed.apply(&mut url);
        url
    }

    /// Resolves a media URL to one that opens without headers, for a limited time.
    ///
    /// Gives `url` back unchanged if there is nothing to resolve: it is no URL, points elsewhere,
    /// or protection is off. Answers are kept until they expire; calls at about the same time
    /// travel together, and those for one URL share an answer.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`] if the session has ended, [`Error::Refused`] if the user may not
    /// read the file, [`Error::Network`] or [`Error::InvalidResponse`] if asking again may help.
    pub async fn fetch_presigned_url(&self, url: &str) -> Result<String, Error> {
        self.fetch_presigned_urls(&[url]).await.pop().unwrap_or_else(|| Ok(url.to_owned()))
    }

    /// Resolves many URLs in one call to the server (one for each 1000), in their order; each has
    /// its own error, as of [`Self::fetch_presigned_url`].
    pub async fn fetch_presigned_urls(&self, urls: &[&str]) -> Vec<Result<String, Error>> {
        let host = self.sessions.host();
        let clean = |url: &&str| host.as_ref().and_then(|host| host.clean(url));
        let cleaned: Vec<Option<String>> = urls.iter().map(clean).collect();
        let asked: Vec<String> = cleaned.iter().flatten().cloned().collect();
        if asked.is_empty() {
            return urls.iter().map(|&url| Ok(url.to_owned())).collect();
        }
        let mut answers = self.presigned.resolve(&self.sessions, &asked).await.into_iter();
        let answer = |(url, clean): (&&str, Option<String>)| match clean {
            Some(_) => answers.next().unwrap_or(Err(Error::NotLoggedIn)),
            None => Ok((*url).to_owned()),
        };
        urls.iter().zip(cleaned).map(answer).collect()
    }

    /// Drops the presigned URL of a medium from memory: to be called when it answered 401 or 403.
    pub fn forget_presigned_url(&self, url: &str) {
        if let Some(clean) = self.sessions.host().and_then(|host| host.clean(url)) {
            self.presigned.forget(&clean);
        }
    }

    /// The messages with a user or in a group.
    #[must_use]
    pub fn messages(&self, with: Receiver) -> MessagesRequest {
        MessagesRequest::new(self.clone(), with)
    }

    /// One message.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] (`ERR_MESSAGE_ID_NOT_FOUND`), [`Error::NotLoggedIn`],
    /// [`Error::Network`], [`Error::InvalidResponse`].
    pub async fn message(&self, id: &str) -> Result<Message, Error> {
        check_id(id)?;
        let ticket = self.sessions.ticket()?;
        let request = self.sessions.request(&ticket, Method::GET, &["messages", id], &[])?;
        let answer: Envelope<Message, NoMeta> = self.sessions.call(&ticket, request).await?;
        Ok(self.opened(answer.data).await)
    }

    /// Deletes a message of one's own. Its files close at once, unless another message carries them.
    ///
    /// # Errors
    ///
    /// As [`Self::message`].
    pub async fn delete_message(&self, id: &str) -> Result<(), Error> {
        check_id(id)?;
        let ticket = self.sessions.ticket()?;
        let request = self.sessions.request(&ticket, Method::DELETE, &["messages", id], &[])?;
        self.sessions.call::<ActionMessage, NoMeta>(&ticket, request).await.map(drop)
    }

    /// Sends a text.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the server's code, [`Error::NotLoggedIn`], [`Error::Network`],
    /// [`Error::InvalidResponse`].
    pub async fn send_text(&self, to: &Receiver, text: &str) -> Result<Message, Error> {
        let body = SendMessage {
            receiver: to.id().to_owned(),
            receiver_type: to.receiver_type(),
            category: "message".to_owned(),
            message_type: "text".to_owned(),
            data: SendData { text: Some(text.to_owned()), ..SendData::default() },
            caption: None,
            muid: None,
            tags: Vec::new(),
        };
        let ticket = self.sessions.ticket()?;
        let request = self.sessions.request(&ticket, Method::POST, &["messages"], &[])?;
        let request = with_json(request, &body)?;
        let answer: Envelope<Message, NoMeta> = self.sessions.call(&ticket, request).await?;
        Ok(self.opened(answer.data).await)
    }

    /// Sends a message with files, which are streamed, or with files that were uploaded before.
    ///
    /// # Errors
    ///
    /// As [`Self::send_text`]; [`Error::FileTooLarge`], [`Error::TooManyFiles`] and
    /// [`Error::UnreadableFile`] before anything is sent.
    pub async fn send_media(&self, message: &MediaMessage) -> Result<Message, Error> {
        let ticket = self.sessions.ticket()?;
        let (max_bytes, max_files) = self.sessions.limits();
        let body = message.body(max_bytes, max_files).await?;
        let request = self.sessions.request(&ticket, Method::POST, &["messages"], &[])?;
        let request = match body {
            MessageBody::Form(form) => request.multipart(form),
            MessageBody::Json(body) => with_json(request, &body)?,
        };
        let answer: Envelope<Message, NoMeta> = self.sessions.call(&ticket, request).await?;
        Ok(self.opened(answer.data).await)
    }

    pub(crate) async fn fetch_messages(
        &self,
        path: &[&str; 3],
        query: &[(&str, String)],
    ) -> Result<Envelope<Vec<Message>, CursorMeta>, Error> {
        check_id(path[1])?;
        let ticket = self.sessions.ticket()?;
        let request = self.sessions.request(&ticket, Method::GET, path, query)?;
        let mut page: Envelope<Vec<Message>, CursorMeta> =
            self.sessions.call(&ticket, request).await?;
        let embed = self.embed().await;
        page.data.iter_mut().for_each(|message| embed.apply_to_message(message));
        Ok(page)
    }

    async fn opened(&self, mut message: Message) -> Message {
        self.embed().await.apply_to_message(&mut message);
        message
    }

    async fn embed(&self) -> Embed {
        let fat = match self.mode {
            SecureMediaMode::Embedded => self.sessions.fresh_fat().await.ok().flatten(),
            SecureMediaMode::HeaderBased => None,
        };
        Embed::new(self.sessions.host().zip(fat))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("mode", &self.mode).finish_non_exhaustive()
    }
}
