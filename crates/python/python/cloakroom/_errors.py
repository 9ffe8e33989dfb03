"""What can go wrong, as the caller sees it."""

from __future__ import annotations


class CloakroomError(Exception):
    """Why a call failed. `code` is stable; no text holds a token or a URL.

    Attributes:
        code: what to decide on, such as `ERR_NOT_PERMITTED`; the list is in `docs/api.md`.
        reason: for media, why it was refused, such as `session_ended`; else None.
        retry: whether the same call may succeed later without anybody doing anything.
        status: HTTP status of the answer that failed; None if there was none.
    """

    def __init__(
        self,
        message: str,
        code: str,
        reason: str | None = None,
        retry: bool = False,
        status: int | None = None,
    ) -> None:
        super().__init__(message, code, reason, retry, status)
        self.code = code
        self.reason = reason
        self.retry = retry
        self.status = status

    def __str__(self) -> str:
        message: object = self.args[0]
        return f"{message} [{self.code}]"


class NotLoggedInError(CloakroomError):
    """Nobody is logged in, or the session has ended: log in again."""


class NetworkError(CloakroomError):
    """The server could not be reached, or the connection broke."""


class UploadCancelledError(CloakroomError):
    """The caller ended the upload; the server has forgotten it."""


_BY_CODE: dict[str, type[CloakroomError]] = {
    "ERR_CANCELLED": UploadCancelledError,
    "ERR_NETWORK": NetworkError,
    "ERR_NOT_LOGGED_IN": NotLoggedInError,
}


def _made(
    message: str, code: str, reason: str | None, retry: bool, status: int | None
) -> CloakroomError:
    """Called by the core for each of its errors."""
    return _BY_CODE.get(code, CloakroomError)(message, code, reason, retry, status)
