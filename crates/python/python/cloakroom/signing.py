"""Presigning in an app's own back end with a delegated key, without a call to the server."""

from __future__ import annotations

import time

from ._core import Signer
from ._models import Disposition, Purpose, SignedUrl


class DelegatedSigner:
    """Presigns media URLs of one app on behalf of its users.

    A signature promises nothing: whether the user may read the file is decided at every fetch.
    `key_id`, `secret` and `generation` are what the server gave when the key was made.
    """

    def __init__(
        self, media_origin: str, app_id: str, key_id: str, secret: str, generation: int
    ) -> None:
        self._signer = Signer(media_origin, app_id, key_id, secret, generation)

    def known(self, generation: int) -> None:
        """Learns of a revocation: `seq` of its receipt. Say it whenever you revoke."""
        self._signer.known(generation)

    def sign(
        self,
        url: str,
        uid: str,
        *,
        lifetime_seconds: int,
        purpose: Purpose | None = None,
        views: int | None = None,
        disposition: Disposition | None = None,
        now: int | None = None,
    ) -> SignedUrl:
        """Presigns a media URL as `uid`, for at most `lifetime_seconds` (60 to 31 days).

        `now` counts seconds since 1970 UTC; this machine's clock unless said.

        Raises:
            CloakroomError: `ERR_INVALID_URL`, or `ERR_BAD_REQUEST` for what else is wrong.
        """
        at = int(time.time()) if now is None else now
        return SignedUrl(
            *self._signer.sign(url, uid, lifetime_seconds, at, purpose, views, disposition)
        )
