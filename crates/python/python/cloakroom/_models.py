"""What the server tells, as values."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal

Purpose = Literal["download", "export", "mail", "push"]
Disposition = Literal["attachment", "inline"]
MediaKind = Literal["audio", "file", "image", "video"]


class SecureMediaMode(enum.IntEnum):
    """How media URLs of messages are made to open."""

    EMBEDDED = 0
    """They carry `?fat=` and open as they are. The default."""
    HEADER_BASED = 1
    """They stay clean; `fetch_presigned_url` makes each open for a while."""


@dataclass(frozen=True)
class _Settings:
    """What the core makes a client of."""

    app_id: str
    api_url: str
    secure_media_mode: int
    root_certificates_pem: list[bytes]
    redirect_to: list[str]
    on_session_expired: Callable[..., None] | None
    clock: Callable[[], int] | None


@dataclass(frozen=True)
class Receiver:
    """To whom one writes."""

    kind: Literal["user", "group"]
    id: str

    @classmethod
    def user(cls, uid: str) -> Receiver:
        """A user, by its uid."""
        return cls("user", uid)

    @classmethod
    def group(cls, guid: str) -> Receiver:
        """A group, by its guid."""
        return cls("group", guid)


@dataclass(frozen=True)
class File:
    """A file to send: a path, or bytes with a name. It is read when it is sent."""

    path: str | PathLike[str] | None = None
    data: bytes | None = None
    name: str | None = None
    content_type: str | None = None


@dataclass(frozen=True)
class User:
    """A person of the chat app."""

    uid: str
    name: str
    avatar: str | None = None

    @classmethod
    def _of(cls, body: Mapping[str, Any]) -> User:
        return cls(body["uid"], body.get("name", ""), body.get("avatar"))


@dataclass(frozen=True)
class Attachment:
    """A file as it appears in a message. `raw` is all that the server said of it."""

    url: str
    name: str
    mime_type: str
    extension: str
    size: int
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnails: tuple[str, ...] = ()
    thumb_hash: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def _of(cls, body: Mapping[str, Any]) -> Attachment:
        return cls(
            url=body["url"],
            name=body.get("name", ""),
            mime_type=body.get("mimeType", ""),
            extension=body.get("extension", ""),
            size=body.get("size", 0),
            width=body.get("width"),
            height=body.get("height"),
            duration=body.get("duration"),
            thumbnails=tuple(body.get("thumbnails", ())),
            thumb_hash=body.get("thumbHash"),
            raw=body,
        )

    @property
    def _json(self) -> str:
        return json.dumps({"url": self.url, "name": self.name})


@dataclass(frozen=True)
class Message:
    """A message. `raw` is all that the server said of it."""

    id: str
    sender: str
    receiver: str
    receiver_type: str
    category: str
    type: str
    sent_at: int
    text: str | None
    attachments: tuple[Attachment, ...]
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def _of(cls, body: Mapping[str, Any]) -> Message:
        data: Mapping[str, Any] = body.get("data", {})
        return cls(
            id=str(body["id"]),
            sender=body.get("sender", ""),
            receiver=body.get("receiver", ""),
            receiver_type=body.get("receiverType", ""),
            category=body.get("category", ""),
            type=body.get("type", ""),
            sent_at=body.get("sentAt", 0),
            text=data.get("text"),
            attachments=tuple(Attachment._of(one) for one in data.get("attachments", ())),
            raw=body,
        )


@dataclass(frozen=True)
class SavedFile:
    """A file that `download_to_file` has written."""

    size_bytes: int
    resumed_at_bytes: int
    """How many of them an earlier call had left."""
    content_type: str | None


@dataclass(frozen=True)
class SignedUrl:
    """A presigned URL and its end, in seconds since 1970 UTC."""

    url: str
    expires_at: int


def _user(text: str) -> User:
    return User._of(json.loads(text))


def _message(text: str) -> Message:
    return Message._of(json.loads(text))


def _messages(text: str) -> list[Message]:
    return [Message._of(body) for body in json.loads(text)]


def _attachment(text: str) -> Attachment:
    return Attachment._of(json.loads(text))
