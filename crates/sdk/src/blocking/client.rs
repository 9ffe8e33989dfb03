//! The client, call by call.

use std::fmt;
use std::ops::RangeBounds;
use std::path::Path;

use cloakroom_wire::{Message, User};

use super::runtime::Runtime;
use super::{Download, MessagesRequest, ResumableUpload};
use crate::{ClientBuilder, Error, Fat, MediaMessage, Receiver, SavedFile, Upload};

/// A client of one app, as [`crate::Client`], whose calls wait. Cheap to clone; clones share the
/// session.
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Runtime,
}

impl Client {
    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// As [`ClientBuilder::build`].
    pub fn new(builder: ClientBuilder) -> Result<Self, Error> {
        Ok(Self { client: builder.build()?, runtime: Runtime::start()? })
    }

    /// The same client for async code: both share the session.
    #[must_use]
    pub const fn as_async(&self) -> &crate::Client {
        &self.client
    }

    /// Logs a user in with the app's auth key; see [`crate::Client::login`].
    ///
    /// # Errors
    ///
    /// As [`crate::Client::login`], and [`Error::BlockingInsideRuntime`], as all that follow.
    pub fn login(&self, uid: &str, auth_key: &str) -> Result<User, Error> {
        self.runtime.wait(self.client.login(uid, auth_key))
    }

    /// Logs in with an auth token that the app's back end made.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::login_with_auth_token`].
    pub fn login_with_auth_token(&self, auth_token: &str) -> Result<User, Error> {
        self.runtime.wait(self.client.login_with_auth_token(auth_token))
    }

    /// Who is logged in.
    #[must_use]
    pub fn logged_in_user(&self) -> Option<User> {
        self.client.logged_in_user()
    }

    /// Ends the session.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::logout`].
    pub fn logout(&self) -> Result<(), Error> {
        self.runtime.wait(self.client.logout())
    }

    /// The File Access Token of the session; `None` if there is no valid one.
    #[must_use]
    pub fn fat(&self) -> Option<Fat> {
        self.client.fat()
    }

    /// See [`crate::Client::is_header_mode_enabled`].
    #[must_use]
    pub fn is_header_mode_enabled(&self) -> bool {
        self.client.is_header_mode_enabled()
    }

    /// See [`crate::Client::requires_secure_access`].
    #[must_use]
    pub fn requires_secure_access(&self, url: &str) -> bool {
        self.client.requires_secure_access(url)
    }

    /// See [`crate::Client::secure_media_host`].
    #[must_use]
    pub fn secure_media_host(&self) -> Option<String> {
        self.client.secure_media_host()
    }

    /// See [`crate::Client::media_url`].
    ///
    /// # Errors
    ///
    /// [`Error::BlockingInsideRuntime`].
    pub fn media_url(&self, url: &str) -> Result<String, Error> {
        self.runtime.wait(async { Ok(self.client.media_url(url).await) })
    }

    /// Resolves a media URL; see [`crate::Client::fetch_presigned_url`].
    ///
    /// # Errors
    ///
    /// As [`crate::Client::fetch_presigned_url`].
    pub fn fetch_presigned_url(&self, url: &str) -> Result<String, Error> {
        self.runtime.wait(self.client.fetch_presigned_url(url))
    }

    /// Resolves many URLs in one call; see [`crate::Client::fetch_presigned_urls`].
    ///
    /// # Errors
    ///
    /// [`Error::BlockingInsideRuntime`]; each URL has its own besides.
    pub fn fetch_presigned_urls(&self, urls: &[&str]) -> Result<Vec<Result<String, Error>>, Error> {
        self.runtime.wait(async { Ok(self.client.fetch_presigned_urls(urls).await) })
    }

    /// See [`crate::Client::forget_presigned_url`].
    pub fn forget_presigned_url(&self, url: &str) {
        self.client.forget_presigned_url(url);
    }

    /// The messages with a user or in a group.
    #[must_use]
    pub fn messages(&self, with: Receiver) -> MessagesRequest {
        MessagesRequest::new(self.client.messages(with), self.runtime.clone())
    }

    /// One message.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::message`].
    pub fn message(&self, id: &str) -> Result<Message, Error> {
        self.runtime.wait(self.client.message(id))
    }

    /// Deletes a message of one's own.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::delete_message`].
    pub fn delete_message(&self, id: &str) -> Result<(), Error> {
        self.runtime.wait(self.client.delete_message(id))
    }

    /// Sends a text.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::send_text`].
    pub fn send_text(&self, to: &Receiver, text: &str) -> Result<Message, Error> {
        self.runtime.wait(self.client.send_text(to, text))
    }

    /// Sends a message with files.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::send_media`].
    pub fn send_media(&self, message: &MediaMessage) -> Result<Message, Error> {
        self.runtime.wait(self.client.send_media(message))
    }

    /// Begins to send a file ahead of its message; see [`crate::Client::upload`].
    pub fn upload(&self, receiver: &Receiver, file: Upload) -> ResumableUpload {
        ResumableUpload::new(self.client.upload(receiver, file), self.runtime.clone())
    }

    /// Opens a medium; see [`crate::Client::download`].
    ///
    /// # Errors
    ///
    /// As [`crate::Client::download`].
    pub fn download(&self, url: &str) -> Result<Download, Error> {
        let download = self.runtime.wait(self.client.download(url))?;
        Ok(Download::new(download, self.runtime.clone()))
    }

    /// Opens a part of a medium.
    ///
    /// # Errors
    ///
    /// As [`crate::Client::download_range`].
    pub fn download_range(
        &self,
        url: &str,
        range: impl RangeBounds<u64> + Send,
    ) -> Result<Download, Error> {
        let download = self.runtime.wait(self.client.download_range(url, range))?;
        Ok(Download::new(download, self.runtime.clone()))
    }

    /// Downloads a medium into a file; see [`crate::Client::download_to_file`].
    ///
    /// # Errors
    ///
    /// As [`crate::Client::download_to_file`].
    pub fn download_to_file(&self, url: &str, path: impl AsRef<Path>) -> Result<SavedFile, Error> {
        self.runtime.wait(self.client.download_to_file(url, path.as_ref()))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::Client").field(&self.client).finish()
    }
}
