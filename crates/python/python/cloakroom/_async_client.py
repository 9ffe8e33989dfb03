"""The client for asyncio. `_client.py` is made of this file by `scripts/make_blocking.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike

from . import _core
from ._callbacks import on_loop
from ._errors import CloakroomError
from ._models import (
    Attachment,
    File,
    MediaKind,
    Message,
    Receiver,
    SavedFile,
    SecureMediaMode,
    User,
    _attachment,
    _message,
    _messages,
    _Settings,
    _user,
)


class AsyncDownload:
    """A file that the server has begun to send: iterate over it, or `read` it.

    A connection that breaks is replaced by another, which goes on at the byte where the first
    ended. Whoever may not read the file any more is told so then, by a `CloakroomError` with the
    reason.
    """

    def __init__(self, core: _core.AsyncDownload) -> None:
        self._core = core

    @property
    def content_type(self) -> str | None:
        """By content, such as `image/jpeg`."""
        return self._core.content_type

    @property
    def content_length(self) -> int | None:
        """How many bytes come in all, where the server says so."""
        return self._core.content_length

    @property
    def content_range(self) -> str | None:
        """Which part of how much this is; None for the whole file."""
        return self._core.content_range

    @property
    def etag(self) -> str | None:
        """Names these bytes: equal for equal content."""
        return self._core.etag

    def __aiter__(self) -> AsyncDownload:
        return self

    async def __anext__(self) -> bytes:
        chunk = await self._core.chunk()
        if chunk is None:
            raise StopAsyncIteration
        return chunk

    async def read(self) -> bytes:
        """All bytes at once. For small files: nothing bounds them here."""
        return b"".join([chunk async for chunk in self])


class AsyncMessagesRequest:
    """Reads a conversation page by page."""

    def __init__(self, core: _core.AsyncMessages) -> None:
        self._core = core

    async def fetch_previous(self) -> list[Message]:
        """The next page of older messages, oldest first; empty at the beginning."""
        return _messages(await self._core.fetch_previous())

    async def fetch_next(self) -> list[Message]:
        """The next page of newer messages, oldest first; empty while there are none."""
        return _messages(await self._core.fetch_next())


class AsyncUpload:
    """A file on its way to the server ahead of its message.

    It goes in chunks, each with its checksum, by tus 1.0.0. A chunk that does not come through is
    sent again where the server says that it stopped.
    """

    def __init__(self, core: _core.AsyncUpload) -> None:
        self._core = core

    @property
    def id(self) -> str | None:
        """What `resume` takes, also in another process; None until the server knows of it."""
        return self._core.id

    async def send(self) -> Attachment:
        """Sends the file. What comes back may be put into a message, once."""
        return _attachment(await self._core.send())

    def cancel(self) -> None:
        """Ends the upload: `send` raises, and the server forgets what has come."""
        self._core.cancel()


class AsyncClient:
    """A client of one app, with at most one logged-in user.

    Every call that asks the server may raise `CloakroomError`; its `code` says why.
    """

    def __init__(
        self,
        app_id: str,
        api_url: str,
        *,
        secure_media_mode: SecureMediaMode = SecureMediaMode.EMBEDDED,
        root_certificates_pem: Sequence[bytes] = (),
        redirect_to: Sequence[str] = (),
        on_session_expired: Callable[[], object] | None = None,
        clock: Callable[[], int] | None = None,
    ) -> None:
        """Makes the client; nothing is sent yet.

        Args:
            app_id: which app.
            api_url: where its REST API is, such as `https://api.example.com`.
            secure_media_mode: how media URLs of messages are made to open.
            root_certificates_pem: certificates to trust besides, such as a self-signed one.
            redirect_to: origins that the secure media host may send downloads on to.
            on_session_expired: called once for each session that ends otherwise than by `logout`.
            clock: tells seconds since 1970 UTC; this machine's clock unless said.
        """
        self._core = _core.async_core(
            _Settings(
                app_id,
                api_url,
                int(secure_media_mode),
                list(root_certificates_pem),
                list(redirect_to),
                on_loop(on_session_expired),
                clock,
            )
        )

    async def login(self, uid: str, auth_key: str) -> User:
        """Logs a user in with the app's auth key. For demos and tests: an app keeps its key in
        its own back end, which makes auth tokens for `login_with_auth_token`."""
        return _user(await self._core.login(uid, auth_key))

    async def login_with_auth_token(self, auth_token: str) -> User:
        """Logs in with an auth token that the app's back end made."""
        return _user(await self._core.login_with_auth_token(auth_token))

    async def logout(self) -> None:
        """Ends the session: here whatever happens, and at the server, if it can be reached."""
        await self._core.logout()

    def get_logged_in_user(self) -> User | None:
        """Who is logged in."""
        user = self._core.logged_in_user()
        return None if user is None else _user(user)

    def get_fat(self) -> str | None:
        """The File Access Token of the session; None if there is no valid one. Never log it."""
        return self._core.fat()

    def is_header_mode_enabled(self) -> bool:
        """Whether media has to be resolved by `fetch_presigned_url`: the mode is
        `HEADER_BASED`, a valid FAT exists and the secure media host is known."""
        return self._core.is_header_mode_enabled()

    def requires_secure_access(self, url: str) -> bool:
        """Whether `url` points to the secure media host. Parsed, never searched for."""
        return self._core.requires_secure_access(url)

    def get_secure_media_host(self) -> str | None:
        """The secure media host, such as `files-us.example.com`; None while none is known."""
        return self._core.secure_media_host()

    async def media_url(self, url: str) -> str:
        """What opens this medium in the mode of this client: in embedded mode the URL with a
        `?fat=` that is renewed before it expires, in header-based mode the URL itself."""
        return await self._core.media_url(url)

    async def fetch_presigned_url(self, url: str) -> str:
        """Resolves a media URL to one that opens without headers, for a limited time.

        Gives `url` back if there is nothing to resolve: it is no URL, points elsewhere, or
        protection is off. Answers are kept until they expire; calls at about the same time
        travel together.
        """
        return await self._core.fetch_presigned_url(url)

    async def fetch_presigned_urls(self, urls: Sequence[str]) -> list[str | CloakroomError]:
        """Resolves many URLs in one call for each 1000, in their order. What is refused has its
        exception in its place: nothing is raised for it."""
        return await self._core.fetch_presigned_urls(list(urls))

    def forget_presigned_url(self, url: str) -> None:
        """Drops a presigned URL from memory: to be called when it answered 401 or 403."""
        self._core.forget_presigned_url(url)

    def messages(
        self, receiver: Receiver, *, limit: int = 30, starting_at: str | None = None
    ) -> AsyncMessagesRequest:
        """The messages with a user or in a group, in pages of `limit` (1 to 100)."""
        return AsyncMessagesRequest(self._core.messages(receiver, limit, starting_at))

    async def message(self, message_id: str) -> Message:
        """One message."""
        return _message(await self._core.message(message_id))

    async def delete_message(self, message_id: str) -> None:
        """Deletes a message of one's own. Its files close at once."""
        await self._core.delete_message(message_id)

    async def send_text(self, receiver: Receiver, text: str) -> Message:
        """Sends a text."""
        return _message(await self._core.send_text(receiver, text))

    async def send_media(
        self,
        receiver: Receiver,
        kind: MediaKind,
        *files: File | Attachment,
        caption: str | None = None,
    ) -> Message:
        """Sends a message with files that travel in it, or that `upload` has sent before."""
        sources = [file for file in files if isinstance(file, File)]
        uploaded = [file._json for file in files if isinstance(file, Attachment)]
        sent = await self._core.send_media(receiver, kind, sources, uploaded, caption)
        return _message(sent)

    def upload(
        self,
        receiver: Receiver,
        file: File,
        *,
        chunk_bytes: int | None = None,
        resume: str | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> AsyncUpload:
        """Begins to send a file ahead of its message.

        Args:
            receiver: to whom the message will go.
            file: what is sent.
            chunk_bytes: bytes of one call; 4 MiB unless said.
            resume: goes on with an earlier upload of the same file, by its `id`.
            on_progress: called with the bytes that the server has stored, and all bytes.
        """
        upload = self._core.upload(receiver, file, chunk_bytes, resume, on_loop(on_progress))
        return AsyncUpload(upload)

    async def download(
        self, url: str, *, first: int = 0, end: int | None = None
    ) -> AsyncDownload:
        """Opens a medium and streams it; with `first` and `end` (not included), a part of it.

        Refused with 401 or 403, it is tried once more with a fresh FAT or presigned URL.
        """
        return AsyncDownload(await self._core.download(url, first, end))

    async def download_to_file(self, url: str, path: str | PathLike[str]) -> SavedFile:
        """Downloads a medium into a file, which appears under its name once it is whole.

        What a call that failed has left beside it, in a file that ends in `.part`, is gone on
        with if the server still has the same version.
        """
        return SavedFile(*await self._core.download_to_file(url, path))
